//! By which keys rows beside the ledger are found. Pure: the same row has the same keys.

use chrono::Datelike;

use crate::ledger::EntityRef;
use crate::party::{Customer, words_of};
use crate::privacy::BlindIndex;
use crate::store::{Entity, Index, IndexEntry};

/// The reference of a row.
pub(in crate::bank) fn ref_of(value: &Entity) -> EntityRef {
    let id = match value {
        Entity::Customer(one) => one.id.as_uuid(),
        Entity::Standing(one) => one.customer.as_uuid(),
        Entity::KycFile(one) => one.customer.as_uuid(),
        Entity::Account(one) => one.id.as_uuid(),
        Entity::Product(one) => one.id.as_uuid(),
        Entity::Branch(one) => one.id.as_uuid(),
        Entity::Merchant(one) => one.id.as_uuid(),
        Entity::Organisation(one) => one.id.as_uuid(),
        Entity::DataKey(one) => one.id.as_uuid(),
    };
    EntityRef::new(value.kind(), id)
}

/// All keys of a row, in order.
pub(in crate::bank) fn entries_of(value: &Entity) -> Vec<IndexEntry> {
    let mut entries = match value {
        Entity::Customer(one) => of_customer(one),
        Entity::Standing(one) => vec![
            IndexEntry::new(Index::Onboarding, one.onboarding.code()),
            IndexEntry::new(Index::KycStatus, one.kyc.code()),
            IndexEntry::new(Index::Lifecycle, one.lifecycle.code()),
        ],
        Entity::KycFile(one) => {
            let statuses = one.document_statuses().into_iter();
            let mut entries: Vec<_> = statuses
                .map(|status| IndexEntry::new(Index::DocumentStatus, status.code()))
                .collect();
            entries.extend(one.due_on().map(|day| IndexEntry::new(Index::KycDue, day_key(day))));
            entries
        }
        Entity::Account(one) => {
            let mut entries = vec![
                IndexEntry::new(Index::AccountNumber, one.number.as_str()),
                IndexEntry::new(Index::AccountStatus, one.status.code()),
            ];
            let parties = one.ownership.parties.iter();
            entries.extend(parties.map(|party| {
                IndexEntry::new(Index::AccountsOf, party.customer.as_uuid().as_bytes().as_slice())
            }));
            if let Some(branch) = one.branch {
                let key = branch.as_uuid().as_bytes().to_vec();
                entries.push(IndexEntry::new(Index::AccountsOfBranch, key));
            }
            if one.status == crate::account::AccountStatus::Active
                && one.dormant_after_days.is_some()
            {
                entries.push(IndexEntry::new(Index::LastActivity, day_key(one.last_activity)));
            }
            entries
        }
        Entity::Product(one) => {
            let charts = one.versions.iter().map(|version| version.terms.chart);
            let charts = charts.map(|chart| IndexEntry::new(Index::ProductChart, chart.as_str()));
            let code = IndexEntry::new(Index::ProductCode, one.code.as_str());
            charts.chain([code]).collect()
        }
        Entity::Branch(one) => {
            one.code.iter().map(|code| IndexEntry::new(Index::BranchCode, code.as_str())).collect()
        }
        Entity::Merchant(one) => words_of(one.name.as_str())
            .into_iter()
            .map(|word| IndexEntry::new(Index::MerchantName, word))
            .collect(),
        Entity::Organisation(_) | Entity::DataKey(_) => Vec::new(),
    };
    entries.sort_unstable();
    entries.dedup();
    entries
}

fn of_customer(one: &Customer) -> Vec<IndexEntry> {
    let mut entries = vec![IndexEntry::new(Index::CustomerNumber, one.number.as_str())];
    let words = words_of(&one.full_name()).into_iter();
    entries.extend(words.map(|word| IndexEntry::new(Index::CustomerName, word)));
    if let Some(email) = &one.email {
        entries.push(IndexEntry::new(Index::Email, email.key()));
        if one.unique_email {
            entries.push(IndexEntry::new(Index::UniqueEmail, email.key()));
        }
    }
    entries.extend(one.phone.iter().map(|phone| IndexEntry::new(Index::Phone, phone.as_str())));
    entries.extend(one.identities.iter().map(|identity| identifier(identity.index)));
    entries
}

/// The key of an identifier: its blind index, which tells schemes apart by itself.
pub(in crate::bank) fn identifier(index: BlindIndex) -> IndexEntry {
    IndexEntry::new(Index::Identifier, index.as_bytes().as_slice())
}

/// A day as a key that is in the order of days, from the year 0 on.
pub(in crate::bank) fn day_key(day: chrono::NaiveDate) -> [u8; 4] {
    u32::try_from(day.num_days_from_ce()).unwrap_or(0).to_be_bytes()
}
