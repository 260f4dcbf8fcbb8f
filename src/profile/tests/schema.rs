//! The tables as data: what they say of themselves must agree with the labels.

use super::*;

type Words = fn(Profile) -> Option<Vec<&'static str>>;

#[test]
fn columns_take_the_labels_that_the_words_have() {
    let labels: [(&str, Words); 14] = [
        ("account_type", |one| Some(one.account_type()?.pairs.iter().map(|pair| pair.0).collect())),
        ("ownership_type", |one| Some(one.ownership()?.pairs.iter().map(|pair| pair.0).collect())),
        ("kyc_status", |one| Some(one.customer_kyc()?.pairs.iter().map(|pair| pair.0).collect())),
        ("aml_status", |one| Some(one.aml_status()?.pairs.iter().map(|pair| pair.0).collect())),
        ("pep_status", |one| Some(one.pep_status()?.pairs.iter().map(|pair| pair.0).collect())),
        ("risk_level", |one| Some(one.risk_level()?.pairs.iter().map(|pair| pair.0).collect())),
        ("gender", |one| Some(one.gender()?.pairs.iter().map(|pair| pair.0).collect())),
        ("customer_segment", |one| Some(one.segment()?.pairs.iter().map(|pair| pair.0).collect())),
        ("id_document_type", |one| {
            Some(one.document_kind()?.pairs.iter().map(|pair| pair.0).collect())
        }),
        ("document_type", |one| {
            Some(one.document_kind()?.pairs.iter().map(|pair| pair.0).collect())
        }),
        ("transaction_type", |one| {
            Some(one.transaction_kind()?.pairs.iter().map(|pair| pair.0).collect())
        }),
        ("type", |one| Some(one.transaction_kind()?.pairs.iter().map(|pair| pair.0).collect())),
        ("onboarding_status", |one| {
            Some(one.customer_status()?.pairs.iter().map(|pair| pair.0).collect())
        }),
        ("entry_type", |one| Some(one.entry_type()?.pairs.iter().map(|pair| pair.0).collect())),
    ];
    let mut seen = 0;
    for profile in Profile::ALL {
        for table in profile.tables() {
            for column in table.columns.iter().filter(|one| !one.labels.is_empty()) {
                let Some((_, of)) = labels.iter().find(|(name, _)| *name == column.name) else {
                    continue;
                };
                let mut words = of(*profile).unwrap();
                let mut own = column.labels.to_vec();
                words.sort_unstable();
                own.sort_unstable();
                assert_eq!(own, words, "{profile} {} {}", table.name, column.name);
                seen += 1;
            }
        }
    }
    assert!(seen >= 20, "{seen}");
}

/// The column `status` means another thing in each table.
#[test]
fn the_column_of_statuses_takes_what_the_words_have() {
    let status = |profile: Profile, table| {
        profile.table(table).unwrap().column("status").unwrap().labels.to_vec()
    };
    let words = |profile: Profile| -> Vec<&str> {
        profile.account_status().unwrap().pairs.iter().map(|pair| pair.0).collect()
    };
    for (profile, table) in [
        (Profile::S0, "ACCOUNT"),
        (Profile::S1, "accounts"),
        (Profile::S2, "accounts"),
        (Profile::S4, "ACCOUNT"),
    ] {
        assert_eq!(status(profile, table), words(profile), "{profile}");
    }
    for (profile, table) in [
        (Profile::S1, "transactions"),
        (Profile::S2, "transactions"),
        (Profile::S3, "transactions"),
        (Profile::S4, "TRANSACTION"),
    ] {
        let words: Vec<&str> =
            profile.transaction_status().unwrap().pairs.iter().map(|pair| pair.0).collect();
        assert_eq!(status(profile, table), words, "{profile}");
    }
    for profile in [Profile::S1, Profile::S2] {
        let words: Vec<&str> =
            profile.customer_status().unwrap().pairs.iter().map(|pair| pair.0).collect();
        assert_eq!(status(profile, "customers"), words, "{profile}");
    }
}

#[test]
fn tables_have_as_many_columns_as_the_documents_count() {
    let counts: Vec<(&str, &str, usize)> = Profile::ALL
        .iter()
        .flat_map(|profile| {
            profile.tables().iter().map(|one| (profile.code(), one.name, one.columns.len()))
        })
        .collect();
    assert_eq!(
        counts,
        [
            ("000", "CUSTOMER", 12),
            ("000", "ACCOUNT", 7),
            ("000", "TRANSACTION", 6),
            ("000", "TRANSFER_METADATA", 5),
            ("001", "customers", 31),
            ("001", "accounts", 21),
            ("001", "transactions", 23),
            ("002", "customers", 16),
            ("002", "accounts", 8),
            ("002", "kyc_documents", 11),
            ("002", "balances", 4),
            ("002", "transactions", 11),
            ("002", "entries", 6),
            ("003", "users", 9),
            ("003", "accounts", 9),
            ("003", "transactions", 10),
            ("004", "CUSTOMER", 11),
            ("004", "ACCOUNT", 9),
            ("004", "TRANSACTION", 11),
            ("004", "KYC_DOCUMENT", 18),
        ]
    );
}

#[test]
fn rules_are_those_of_the_documents() {
    use crate::account::NumberScheme;
    use crate::kyc::Gate;
    use crate::ledger::FloorPolicy;
    use crate::product::AccountType;
    let one = Profile::S1.rules();
    assert_eq!(one.bounds, Some((1, 99_999_999)), "S1-081");
    assert_eq!(one.account.scheme, NumberScheme::Strict16to20, "S1-083");
    assert_eq!((one.party.min_age, one.party.unique_email), (18, true), "S1-076, S1-079");
    assert_eq!(one.gate, Gate::SEED_001);
    assert_eq!(one.currency, Some(Currency::USD));
    let four = Profile::S4.rules();
    assert_eq!((four.party.unique_email, four.currency), (false, None));
    assert!(four.party.required.phone && !four.party.required.date_of_birth);
    assert_eq!(four.party.identities.len(), 2, "PAN and Aadhaar");
    assert_eq!(four.kyc.person, crate::kyc::KycPolicy::seed_004());
    let overdraft = FloorPolicy::Overdraft(5);
    assert_eq!(Profile::S1.floor(AccountType::Checking, overdraft), FloorPolicy::NonNegative);
    assert_eq!(Profile::S4.floor(AccountType::Checking, overdraft), overdraft);
    let limit = FloorPolicy::CreditLimit(5);
    assert_eq!(Profile::S1.floor(AccountType::CreditCard, limit), limit);
    let chart = crate::ledger::ChartCode::new("2000").unwrap();
    let terms = crate::product::Terms::new(chart, Currency::USD);
    assert_eq!(one.bound(terms.clone()).maximum, Some(99_999_999));
    assert_eq!(one.bound(terms.clone().with_bounds(5, 6)).maximum, Some(6));
    assert_eq!(four.bound(terms).maximum, None);
}
