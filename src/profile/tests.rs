//! Tests of the room as a whole, by subject.

mod documents;
mod labels;
mod losses;
mod refusals;
mod rows;
mod samples;
mod schema;
mod wrong;

use super::*;
use crate::ledger::facts::Moment;
use crate::money::Currency;

/// Noon of a day.
pub(super) fn now() -> Moment {
    Moment { now: "2026-02-01T12:00:00Z".parse().unwrap(), today: "2026-02-01".parse().unwrap() }
}

/// A row read and written again, with what was lost on the way.
pub(super) fn again(profile: Profile, row: &Row) -> Result<Exported, Refusal> {
    let (at, today) = (now(), now().today);
    match (profile, row.table.as_str()) {
        (_, "CUSTOMER" | "customers" | "users") => {
            profile.export_customer(&profile.import_customer(row, at)?, today)
        }
        (_, "ACCOUNT" | "accounts") => profile.export_account(&profile.import_account(row, at)?),
        (Profile::S2, "transactions") => {
            profile.export_transfer(&profile.import_transfer(row, at)?)
        }
        (_, "TRANSACTION" | "transactions") => {
            let currency = match row.get("currency").or_else(|| row.get("currency_code")) {
                Some(Value::Text(code)) => Currency::iso(code).unwrap_or(Currency::USD),
                _ => Currency::USD,
            };
            profile.export_entry(&profile.import_entry(row, currency, at)?)
        }
        (_, "TRANSFER_METADATA") => profile.export_link(&profile.import_link(row, at)?),
        (_, "entries") => {
            profile.export_ledger_entry(&profile.import_ledger_entry(row, Currency::USD, at)?)
        }
        (_, "KYC_DOCUMENT" | "kyc_documents") => {
            profile.export_document(&profile.import_document(row, at)?)
        }
        (_, "balances") => {
            let id = match row.get("account_id") {
                Some(Value::Uuid(id)) => *id,
                _ => uuid::Uuid::from_u128(1),
            };
            let owner = crate::id::CustomerId::from_u128(9);
            let kind = crate::product::AccountType::Savings;
            let id = crate::id::AccountId::from_uuid(id);
            let account = AccountParts::individual(id, kind, owner, at.today);
            let updated = match row.get("updated_at") {
                Some(Value::Timestamp(updated)) => *updated,
                _ => at.now,
            };
            profile.export_balance(&profile.import_balance(row, account, at)?, updated)
        }
        (_, other) => panic!("no such table: {other}"),
    }
}
