//! Rows in the words of each document, drawn at random: by the type of the column, with its width,
//! and by what a column means where the type does not say it.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

use crate::profile::{Column, ColumnType, Profile, Row, Table, Value};
use crate::time::Timestamp;

fn text(pattern: &'static str) -> BoxedStrategy<Value> {
    pattern.prop_map(Value::from).boxed()
}

fn of(values: &'static [&'static str]) -> BoxedStrategy<Value> {
    proptest::sample::select(values).prop_map(Value::from).boxed()
}

fn instant() -> BoxedStrategy<Value> {
    (946_684_800_i64..1_900_000_000)
        .prop_map(|seconds| Value::from(Timestamp::from_nanos(seconds * 1_000_000_000)))
        .boxed()
}

fn midnight() -> BoxedStrategy<Value> {
    (10_957_i64..30_000)
        .prop_map(|day| Value::from(Timestamp::from_nanos(day * 86_400_000_000_000)))
        .boxed()
}

/// What a column means where its type does not say it.
fn special(table: &Table, column: &str) -> Option<BoxedStrategy<Value>> {
    let positive = (1_i64..=999_999_999).prop_map(|minor| Value::from(Decimal::new(minor, 2)));
    let pairs = prop_oneof![
        Just(Value::Null),
        Just(Value::from(json!({ "origin": "batch", "run": "7" }))),
        Just(Value::from(json!({ "a": "b" }))),
    ];
    Some(match (table.name, column) {
        (_, "email") => text("[a-z]{1,20}@[a-z]{1,12}\\.(com|org|in)"),
        (_, "phone" | "phone_number") => of(&["+14155552671", "+442071838750", "+919876543210"]),
        (_, "first_name" | "last_name" | "middle_name") => text("[A-Z][a-z]{0,99}"),
        (_, "full_name") => text("[A-Z][a-z]{0,30} [A-Z][a-z]{0,167}"),
        ("customers", "address") => text("[A-Z][a-z]{1,20}( 7\n[A-Z][a-z]{1,20}){0,3}"),
        (_, "street_address") => text("[A-Z][a-z]{1,240} [0-9]{1,3}"),
        (_, "address_line1" | "address_line2") => text("[A-Z][a-z]{1,99}"),
        (_, "city" | "state" | "state_province" | "occupation") => text("[A-Z][a-z]{0,99}"),
        (_, "income_range") => text("[a-z]{1,50}"),
        (_, "postal_code" | "zip_code") => text("[A-Z0-9]{1,8}"),
        (_, "country_code") => of(&["US", "IN", "DE", "FR", "GB"]),
        (_, "country") => of(&["India", "Germany", "Atlantis", "France"]),
        (_, "preferred_language") => of(&["en", "fr", "hi", "pt-BR", "zh-Hant"]),
        (_, "customer_number") => text("[A-Z0-9]{1,20}"),
        (_, "password_hash") => text("\\$2b\\$12\\$[A-Za-z0-9./]{53}"),
        (_, "ssn_hash") => text("[0-9a-f]{64}"),
        (_, "ssn_encrypted") => any::<[u8; 32]>()
            .prop_map(|body| {
                // Form, key, nonce; then the ciphertext with its tag.
                let head = [1_u8].into_iter().chain([7; 28]);
                Value::from(head.chain(body).collect::<Vec<u8>>())
            })
            .boxed(),
        (_, "pan") => text("[0-9a-f]{16}"),
        (_, "aadhaar_hash" | "sha256") => {
            any::<[u8; 32]>().prop_map(|hash| Value::from(hash.to_vec())).boxed()
        }
        (_, "communication_preferences" | "metadata") => pairs.boxed(),
        (_, "tags") => prop_oneof![Just(Value::Null), Just(Value::from(json!(["a", "b"])))].boxed(),
        (_, "account_number") => text("[A-Z0-9]{16,20}"),
        (_, "branch_code") => text("[A-Z0-9]{1,20}"),
        (_, "account_subtype" | "category") => text("[a-z]{1,50}"),
        (_, "currency" | "currency_code") => of(&["USD", "EUR", "INR", "GBP"]),
        ("KYC_DOCUMENT", "document_type") => of(&["PAN", "AADHAAR", "PASSPORT", "VISA"]),
        ("TRANSACTION", "txn_type") => of(&["TRANSFER", "BILL_PAYMENT", "CHEQUE", "SALARY"]),
        (_, "document_number" | "id_document_number") => text("\\*{4,20}[0-9]{4}|[A-Z]{2}[0-9]{6}"),
        (_, "file_path" | "uri") => text("s3://kyc/[a-z0-9]{1,480}"),
        (_, "mime") => of(&["image/jpeg", "application/pdf"]),
        (_, "size" | "version") => (1_i64..1_000_000).prop_map(Value::from).boxed(),
        (_, "expires_at") => midnight(),
        (_, "rejection_reason" | "description") => text("[a-z ]{1,255}"),
        (_, "merchant_category_code") => text("[0-9]{4}"),
        (_, "reference" | "reference_number" | "transaction_id" | "correlation_id")
            if column != "transaction_id" || table.column("from_account_id").is_some() =>
        {
            text("[A-Za-z0-9-]{1,50}")
        }
        (_, "counterparty_name" | "counterparty_bank_name" | "merchant_name")
        | (_, "merchant_location") => text("[A-Z][a-z]{1,254}"),
        // Amounts have a direction of their own here.
        ("transactions" | "entries", "amount") => positive.boxed(),
        ("TRANSACTION", "amount") => (any::<bool>(), 1_i64..=999_999_999)
            .prop_map(|(out, minor)| Value::from(Decimal::new(if out { -minor } else { minor }, 2)))
            .boxed(),
        _ => return None,
    })
}

fn by_type(column: &Column) -> BoxedStrategy<Value> {
    match column.takes {
        ColumnType::Uuid => any::<u128>().prop_map(|id| Value::from(Uuid::from_u128(id))).boxed(),
        ColumnType::Decimal(precision, scale) => {
            let most = 10_i64.pow(precision.min(18)) - 1;
            (0..=most).prop_map(move |minor| Value::from(Decimal::new(minor, scale))).boxed()
        }
        ColumnType::Bool => any::<bool>().prop_map(Value::from).boxed(),
        ColumnType::Date => (0_u32..20_000)
            .prop_map(|days| {
                let day = chrono::NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();
                Value::from(day + chrono::Days::new(u64::from(days)))
            })
            .boxed(),
        ColumnType::Timestamp => instant(),
        other => panic!("{}: {other:?} has no sample", column.name),
    }
}

fn column(table: &'static Table, column: &'static Column) -> BoxedStrategy<Value> {
    let value = match special(table, column.name) {
        Some(strategy) => strategy,
        None if !column.labels.is_empty() => of(column.labels),
        None => by_type(column),
    };
    if column.nullable && column.default.is_none() {
        prop_oneof![1 => Just(Value::Null), 4 => value].boxed()
    } else {
        value
    }
}

/// A row of a table, in the words of its document.
pub(super) fn row(profile: Profile, table: &'static Table) -> BoxedStrategy<Row> {
    let columns: Vec<BoxedStrategy<Value>> =
        table.columns.iter().map(|one| column(table, one)).collect();
    columns
        .prop_map(move |values| {
            let mut row = Row::new(table.name);
            for (column, value) in table.columns.iter().zip(values) {
                row.columns.push((column.name.to_owned(), value));
            }
            settle(profile, table, row)
        })
        .boxed()
}

/// What columns of a row ask of each other.
fn settle(profile: Profile, table: &Table, mut row: Row) -> Row {
    let is = |row: &Row, column: &str, text: &str| row.get(column) == Some(&Value::from(text));
    match (profile, table.name) {
        (Profile::S0, "CUSTOMER") if row.get("address_line1") == Some(&Value::Null) => {
            row.set("address_line2", Value::Null);
        }
        (Profile::S1, "customers") if row.get("id_document_type") == Some(&Value::Null) => {
            row = row.with("id_document_number", Value::Null).with("id_expiry_date", Value::Null);
        }
        (Profile::S1, "accounts") => {
            if row.get("ownership_type") == Some(&Value::Null) {
                row.set("ownership_type", "individual");
            }
            let owner = row.get("primary_owner").cloned().unwrap();
            row.set("customer_id", owner);
            let second = Uuid::from_u128(u128::MAX);
            let joint = is(&row, "ownership_type", "joint");
            row.set("secondary_owner", joint.then_some(second));
        }
        (Profile::S2, "transactions") => {
            let (from, to) = (Uuid::from_u128(1), Uuid::from_u128(2));
            let (out, into) = (
                is(&row, "transaction_type", "DEPOSIT"),
                is(&row, "transaction_type", "WITHDRAWAL"),
            );
            row.set("from_account_id", (!out).then_some(from));
            row.set("to_account_id", (!into).then_some(to));
        }
        (Profile::S3, "transactions") => {
            let Some(Value::Decimal(amount)) = row.get("amount").cloned() else { return row };
            if is(&row, "type", "WITHDRAWAL") {
                row.set("amount", Decimal::ZERO - amount);
            }
        }
        _ => {}
    }
    row
}

/// One row, the same each time, in which nothing is empty that need not be.
pub(super) fn one(profile: Profile, table: &str) -> Row {
    let table = profile.table(table).unwrap();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut fill = |column: &'static Column| loop {
        let value = self::column(table, column).new_tree(&mut runner).unwrap().current();
        if !value.is_null() {
            return value;
        }
    };
    let mut row = Row::new(table.name);
    for column in table.columns {
        row.columns.push((column.name.to_owned(), fill(column)));
    }
    settle(profile, table, row)
}
