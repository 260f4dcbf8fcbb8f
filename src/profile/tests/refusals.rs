//! Every refusal, with a row or a state that meets it.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::samples::one;
use super::wrong::{number, text, wrong_in_000_and_001, wrong_in_002_to_004};
use super::*;
use crate::account::{AccountStatus, Mandate, Ownership, OwnershipKind, Role};
use crate::id::{AccountId, CustomerId};
use crate::ledger::{Kind, Side, Text};
use crate::money::Money;
use crate::product::AccountType;

#[test]
fn rows_that_are_wrong_are_refused() {
    let mut met = BTreeSet::new();
    for (profile, table, column, value, code) in
        wrong_in_000_and_001().into_iter().chain(wrong_in_002_to_004())
    {
        let row = one(profile, table).with(column, value);
        let refused = again(profile, &row).unwrap_err();
        assert_eq!(refused.code(), code, "{profile} {table}.{column}: {refused}");
        met.insert(code);
    }
    let elsewhere = Row::new("somewhere");
    let refused = Profile::S0.import_customer(&elsewhere, now()).unwrap_err();
    assert_eq!(refused.code(), "profile_table_unknown");
    let missing = one(Profile::S4, "ACCOUNT").without("branch_code");
    let missing = again(Profile::S4, &missing.without("account_number")).unwrap_err();
    assert_eq!(missing.code(), "profile_column_missing");
    let mut twice = one(Profile::S4, "ACCOUNT");
    twice.columns.push(("branch_code".to_owned(), text("B1")));
    assert_eq!(again(Profile::S4, &twice).unwrap_err().code(), "profile_column_unknown");
    met.extend(["profile_table_unknown", "profile_column_missing"]);
    let rest: Vec<&&str> = Refusal::ALL.iter().filter(|code| !met.contains(**code)).collect();
    assert_eq!(
        rest,
        [
            &"profile_entity_unsayable",
            &"profile_state_unsayable",
            &"profile_name_unsayable",
            &"profile_ownership_unsayable",
            &"profile_amount_out_of_bounds",
            &"profile_shape_unsayable",
        ]
    );
}

#[test]
fn a_wrong_label_says_which_there_are() {
    let row = one(Profile::S2, "accounts").with("account_type", "CHECKING");
    let refused = again(Profile::S2, &row).unwrap_err();
    let possible = "SAVINGS, CURRENT, LOAN".to_owned();
    assert_eq!(refused, Refusal::LabelUnknown { what: "account_type", possible });
}

#[test]
fn columns_that_are_not_given_hold_their_defaults() {
    let mut row = one(Profile::S1, "customers");
    for column in ["kyc_status", "aml_status", "pep_status", "risk_level", "status"] {
        row = row.without(column);
    }
    for column in
        ["customer_segment", "preferred_language", "marketing_consent", "created_at", "phone"]
    {
        row = row.without(column);
    }
    let back = again(Profile::S1, &row).unwrap().row;
    for (column, value) in [
        ("kyc_status", text("pending")),
        ("aml_status", text("clear")),
        ("pep_status", text("clear")),
        ("risk_level", text("medium")),
        ("status", text("active")),
        ("customer_segment", text("retail")),
        ("preferred_language", text("en")),
        ("marketing_consent", Value::Bool(false)),
        ("created_at", Value::Timestamp(now().now)),
        ("phone", Value::Null),
    ] {
        assert_eq!(back.get(column), Some(&value), "{column}");
    }
    let row =
        one(Profile::S3, "accounts").without("currency").without("balance").without("is_active");
    let parts = Profile::S3.import_account(&row, now()).unwrap();
    assert_eq!(parts.ledger, Some(Money::zero(Currency::USD)));
    assert_eq!(parts.status, AccountStatus::Active);
}

fn account(kind: AccountType, ownership: Ownership) -> AccountParts {
    let (id, owner) = (AccountId::from_u128(1), CustomerId::from_u128(2));
    let mut parts = AccountParts::individual(id, kind, owner, now().today);
    parts.ownership = ownership;
    parts.number = Some("9000000000000001".parse().unwrap());
    parts.branch_code = Some(crate::party::Code::new("B1").unwrap());
    let zero = Some(Money::zero(Currency::USD));
    (parts.ledger, parts.available, parts.pending) = (zero, zero, zero);
    (parts.created_at, parts.updated_at) = (Some(now().now), Some(now().now));
    parts
}

#[test]
fn owners_that_a_document_has_no_columns_for_are_refused() {
    let (one, two, three) =
        (CustomerId::from_u128(2), CustomerId::from_u128(3), CustomerId::from_u128(4));
    let joint = Ownership::joint(one, two, Mandate::Either);
    let trust = Ownership::of(OwnershipKind::Trust, one).with_party(two, Role::Trustee);
    for profile in [Profile::S0, Profile::S2, Profile::S3, Profile::S4] {
        for ownership in [joint.clone(), trust.clone(), Ownership::of(OwnershipKind::Business, one)]
        {
            let refused =
                profile.export_account(&account(AccountType::Savings, ownership)).unwrap_err();
            assert_eq!(refused.code(), "profile_ownership_unsayable", "{profile}");
        }
    }
    // 001 has two columns (S1-031): a third owner is refused, trustees are left out.
    let three = joint.clone().with_party(three, Role::Secondary);
    let mut joint = account(AccountType::Savings, joint);
    joint.branch_code = None;
    let said = Profile::S1.export_account(&joint).unwrap();
    assert!(said.is_exact(), "{:?}", said.losses);
    let refused = Profile::S1.export_account(&account(AccountType::Savings, three)).unwrap_err();
    assert_eq!(refused.code(), "profile_ownership_unsayable");
    let trusted = Profile::S1.export_account(&account(AccountType::Savings, trust)).unwrap();
    let lost: Vec<&str> = trusted.losses.iter().map(|loss| loss.field).collect();
    assert_eq!(lost, ["branch", "ownership.parties"]);
}

/// The two holes in 001's check of joint accounts (S1-078), and the rule that it implies (S1-080).
#[test]
fn one_person_is_not_both_owners() {
    let row = one(Profile::S1, "accounts").with("ownership_type", "joint");
    let owner = row.get("primary_owner").cloned().unwrap();
    let both = row.clone().with("secondary_owner", owner);
    let none = row.clone().with("secondary_owner", Value::Null);
    let alone =
        row.with("ownership_type", "individual").with("secondary_owner", Uuid::from_u128(5));
    for row in [both, none, alone] {
        assert_eq!(again(Profile::S1, &row).unwrap_err().code(), "profile_constraint_broken");
    }
}

#[test]
fn only_a_credit_card_stands_below_zero_in_001() {
    let mut parts = account(AccountType::Checking, Ownership::individual(CustomerId::from_u128(2)));
    parts.ledger = Some(Money::new(-1, Currency::USD));
    let refused = Profile::S1.export_account(&parts).unwrap_err();
    assert_eq!(refused, Refusal::ConstraintBroken { table: "accounts", rule: "S1-077" });
    parts.kind = AccountType::CreditCard;
    assert!(Profile::S1.export_account(&parts).is_ok());
}

#[test]
fn currencies_without_two_decimals_are_refused_by_all() {
    for profile in Profile::ALL {
        for code in ["JPY", "KWD"] {
            let mut parts =
                account(AccountType::Savings, Ownership::individual(CustomerId::from_u128(2)));
            parts.currency = Currency::iso(code).unwrap();
            let refused = profile.export_account(&parts).unwrap_err();
            assert_eq!(refused.code(), "profile_currency_unsayable", "{profile} {code}");
        }
    }
    // Without a column for it, only US dollars (C20).
    for (profile, fits) in [
        (Profile::S0, false),
        (Profile::S1, false),
        (Profile::S2, true),
        (Profile::S3, true),
        (Profile::S4, true),
    ] {
        let mut parts =
            account(AccountType::Savings, Ownership::individual(CustomerId::from_u128(2)));
        parts.currency = Currency::EUR;
        (parts.ledger, parts.available, parts.pending) = (None, None, None);
        let code = profile.export_account(&parts).err().map(|refused| refused.code());
        assert_eq!(code, (!fits).then_some("profile_currency_unsayable"), "{profile}");
    }
}

#[test]
fn what_a_document_has_no_table_for_is_refused() {
    let link = one(Profile::S0, "TRANSFER_METADATA");
    let document = one(Profile::S2, "kyc_documents");
    let account = account(AccountType::Savings, Ownership::individual(CustomerId::from_u128(2)));
    let entry = one(Profile::S0, "TRANSACTION");
    for refused in [
        Profile::S1.import_link(&link, now()).unwrap_err(),
        Profile::S0.import_document(&document, now()).unwrap_err(),
        Profile::S4.export_balance(&account, now().now).unwrap_err(),
        Profile::S2.import_entry(&entry, Currency::USD, now()).unwrap_err(),
        Profile::S3.import_transfer(&entry, now()).unwrap_err(),
        Profile::S3.import_ledger_entry(&entry, Currency::USD, now()).unwrap_err(),
    ] {
        assert_eq!(refused.code(), "profile_entity_unsayable");
    }
}

#[test]
fn directions_and_states_of_entries() {
    let money = Money::new(500, Currency::USD);
    let entry = |side, kind| {
        EntryParts::new(Uuid::from_u128(1), AccountId::from_u128(1), (side, money), kind, now().now)
    };
    // Signed as the customer sees it (C07).
    for profile in [Profile::S0, Profile::S3, Profile::S4] {
        for (side, amount) in [(Side::Debit, -500), (Side::Credit, 500)] {
            let mut parts = entry(side, Kind::TRANSFER);
            parts.description = Some(Text::new("rent").unwrap());
            let row = profile.export_entry(&parts).unwrap().row;
            assert_eq!(row.get("amount"), Some(&number(amount, 2)), "{profile}");
            let back = profile.import_entry(&row, Currency::USD, now()).unwrap();
            assert_eq!((back.side, back.money), (side, money));
        }
    }
    // Positive, with the direction in the type; or in the metadata, where the type does not tell.
    for (side, kind) in
        [(Side::Credit, Kind::TRANSFER), (Side::Debit, Kind::INTEREST), (Side::Debit, Kind::FEE)]
    {
        let row = Profile::S1.export_entry(&entry(side, kind)).unwrap().row;
        assert_eq!(row.get("amount"), Some(&number(500, 2)));
        let back = Profile::S1.import_entry(&row, Currency::USD, now()).unwrap();
        assert_eq!((back.side, back.kind), (side, kind));
    }
    // A kind without a label is said by its side in 001, and refused by 000.
    let reversal = entry(Side::Debit, Kind::REVERSAL);
    let said = Profile::S1.export_entry(&reversal).unwrap();
    assert_eq!(said.row.get("transaction_type"), Some(&text("debit")));
    assert!(!said.is_exact());
    assert_eq!(Profile::S0.export_entry(&reversal).unwrap_err().code(), "profile_state_unsayable");
    let mut pending = entry(Side::Debit, Kind::TRANSFER);
    pending.state = PostingState::Pending;
    for profile in [Profile::S0, Profile::S4] {
        let refused = profile.export_entry(&pending).unwrap_err();
        assert_eq!(refused.code(), "profile_state_unsayable", "{profile}: S4-062");
    }
    let other = Profile::S4.export_entry(&entry(Side::Debit, Kind::FEE)).unwrap().row;
    let refused = Profile::S4.import_entry(&other, Currency::EUR, now()).unwrap_err();
    assert_eq!(refused.code(), "profile_currency_unsayable", "not the account's currency (C20)");
}

/// S1-081 bounds what customers move; the bank's own postings are exempt (C06).
#[test]
fn customers_amounts_are_bounded_in_001() {
    let usd = |minor| Money::new(minor, Currency::USD);
    for (minor, fits) in [(0, false), (1, true), (99_999_999, true), (100_000_000, false)] {
        let code = Profile::S1.judge_amount(usd(minor)).err().map(|one| one.code());
        assert_eq!(code, (!fits).then_some("profile_amount_out_of_bounds"), "{minor}");
    }
    assert!(Profile::S4.judge_amount(usd(i64::MAX)).is_ok());
}

#[test]
fn payer_and_payee_are_those_of_the_kind() {
    let row = one(Profile::S2, "transactions");
    let account = || Value::from(Uuid::from_u128(1));
    for (kind, from, to, fits) in [
        ("DEPOSIT", Value::Null, account(), true),
        ("DEPOSIT", account(), account(), false),
        ("WITHDRAWAL", account(), Value::Null, true),
        ("WITHDRAWAL", Value::Null, account(), false),
        ("TRANSFER", account(), Value::from(Uuid::from_u128(2)), true),
        ("TRANSFER", account(), account(), false),
        ("TRANSFER", account(), Value::Null, false),
        ("FEE", account(), Value::Null, true),
        ("FEE", Value::Null, Value::Null, false),
    ] {
        let row = row.clone().with("transaction_type", kind);
        let row = row.with("from_account_id", from).with("to_account_id", to);
        assert_eq!(again(Profile::S2, &row).is_ok(), fits, "{kind}: S2-040");
    }
}

#[test]
fn no_refusal_and_no_row_prints_a_value() {
    let secret = "Ada Lovelace 4111";
    for profile in Profile::ALL {
        for table in profile.tables() {
            for column in table.columns {
                let row = one(*profile, table.name).with(column.name, secret);
                assert!(!format!("{row:?}").contains(secret));
                if let Err(refused) = again(*profile, &row) {
                    let (said, shown) = (refused.to_string(), format!("{refused:?}"));
                    assert!(!said.contains("Ada") && !shown.contains("Ada"), "{said}");
                }
            }
        }
    }
}
