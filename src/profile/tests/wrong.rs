//! Values that are wrong, column by column, with the code of the refusal.

use rust_decimal::Decimal;
use uuid::Uuid;

use super::{Profile, Value};

/// What is wrong with a row, and the code of the refusal.
pub(super) type Wrong = (Profile, &'static str, &'static str, Value, &'static str);

pub(super) fn text(text: &str) -> Value {
    Value::from(text)
}

pub(super) fn number(minor: i64, scale: u32) -> Value {
    Value::from(Decimal::new(minor, scale))
}

fn bytes(count: usize) -> Value {
    Value::from(vec![7_u8; count])
}

pub(super) fn wrong_in_000_and_001() -> Vec<Wrong> {
    use Profile::{S0, S1};
    let id = Value::from(Uuid::from_u128(77));
    vec![
        (S0, "ACCOUNT", "nickname", text("x"), "profile_column_unknown"),
        (S0, "ACCOUNT", "customer_id", Value::Null, "profile_value_missing"),
        (S0, "ACCOUNT", "balance", text("1"), "profile_value_type"),
        // numeric(14,2): twelve digits before the point, two after it (S0-024).
        (S0, "ACCOUNT", "balance", number(100_000_000_000_000, 2), "profile_value_too_precise"),
        (S0, "ACCOUNT", "balance", number(1_001, 3), "profile_value_too_precise"),
        (S0, "ACCOUNT", "account_type", text("CURRENT"), "profile_label_unknown"),
        (S0, "ACCOUNT", "status", text("dormant"), "profile_label_unknown"),
        (S0, "CUSTOMER", "email", text("not an address"), "profile_value_malformed"),
        (S0, "TRANSACTION", "amount", number(0, 2), "profile_amount_zero"),
        (S1, "customers", "first_name", text(&"a".repeat(101)), "profile_value_too_long"),
        (S1, "customers", "gender", text("male"), "profile_value_too_long"),
        (S1, "customers", "gender", text("X"), "profile_label_unknown"),
        (S1, "customers", "gender", text(""), "profile_value_type"),
        (S1, "customers", "kyc_status", text("PENDING"), "profile_label_unknown"),
        (S1, "customers", "country_code", text("XX"), "profile_value_malformed"),
        (S1, "customers", "ssn_encrypted", bytes(40), "profile_identifier_foreign"),
        (S1, "customers", "ssn_hash", text("123-45-6789"), "profile_identifier_foreign"),
        (S1, "customers", "id_document_type", Value::Null, "profile_value_missing"),
        (S1, "customers", "street_address", Value::Null, "profile_value_missing"),
        (
            S1,
            "customers",
            "communication_preferences",
            Value::from(serde_json::json!([1])),
            "profile_value_malformed",
        ),
        (S1, "accounts", "account_number", text("123456789012345"), "profile_constraint_broken"),
        (S1, "accounts", "account_number", text(&"1".repeat(21)), "profile_value_too_long"),
        (S1, "accounts", "ownership_type", Value::Null, "profile_constraint_broken"),
        (S1, "accounts", "customer_id", id, "profile_constraint_broken"),
        (S1, "accounts", "interest_rate", number(100_000, 3), "profile_value_too_precise"),
        (S1, "accounts", "interest_rate", number(-1, 3), "profile_value_malformed"),
        (S1, "transactions", "amount", number(-5, 2), "profile_amount_sign"),
        (S1, "transactions", "currency_code", text("JPY"), "profile_currency_unsayable"),
        (S1, "transactions", "currency_code", text("ZZZ"), "profile_currency_unsayable"),
        (S1, "transactions", "transaction_type", text("REFUND"), "profile_label_unknown"),
        (
            S1,
            "transactions",
            "transaction_fee",
            number(100_000_000_000, 2),
            "profile_value_too_precise",
        ),
        (
            S1,
            "transactions",
            "metadata",
            Value::from(serde_json::json!({ "corebank_side": "up" })),
            "profile_value_malformed",
        ),
    ]
}

pub(super) fn wrong_in_002_to_004() -> Vec<Wrong> {
    use Profile::{S2, S3, S4};
    vec![
        (S2, "customers", "status", text("CLOSED"), "profile_label_unknown"),
        (S2, "customers", "kyc_status", text("EXPIRED"), "profile_label_unknown"),
        (S2, "customers", "customer_number", text("A B"), "profile_value_malformed"),
        (S2, "accounts", "account_type", text("CHECKING"), "profile_label_unknown"),
        (S2, "accounts", "currency", text("KWD"), "profile_currency_unsayable"),
        (S2, "kyc_documents", "document_type", text("PAN"), "profile_label_unknown"),
        (S2, "kyc_documents", "file_path", text("a b"), "profile_value_malformed"),
        (S2, "balances", "ledger_balance", number(10_i64.pow(15), 2), "profile_value_too_precise"),
        (S2, "transactions", "amount", number(0, 2), "profile_amount_sign"),
        (S2, "transactions", "status", text("POSTED"), "profile_label_unknown"),
        (S2, "transactions", "transaction_id", text(&"r".repeat(51)), "profile_value_too_long"),
        (S2, "entries", "entry_type", text("debit"), "profile_label_unknown"),
        (S2, "entries", "amount", number(-1, 2), "profile_amount_sign"),
        (S3, "users", "password_hash", Value::Null, "profile_value_missing"),
        (S3, "users", "phone_number", text("555 1234"), "profile_value_malformed"),
        (S3, "accounts", "account_type", text("CURRENT"), "profile_label_unknown"),
        (S3, "transactions", "description", Value::Null, "profile_value_missing"),
        (S3, "transactions", "type", text("FEE"), "profile_label_unknown"),
        (S3, "transactions", "amount", number(0, 2), "profile_amount_zero"),
        (S4, "CUSTOMER", "aadhaar_hash", bytes(64), "profile_identifier_foreign"),
        (S4, "CUSTOMER", "aadhaar_hash", bytes(65), "profile_value_too_long"),
        (S4, "CUSTOMER", "pan", text("no token"), "profile_identifier_foreign"),
        (S4, "CUSTOMER", "onboarding_status", text("active"), "profile_label_unknown"),
        (
            S4,
            "CUSTOMER",
            "email",
            text(&format!("{}@x.com", "a".repeat(249))),
            "profile_value_too_long",
        ),
        (S4, "ACCOUNT", "account_type", text("LOAN"), "profile_label_unknown"),
        (S4, "ACCOUNT", "branch_code", Value::Null, "profile_value_missing"),
        (S4, "TRANSACTION", "status", text("PENDING"), "profile_label_unknown"),
        (S4, "TRANSACTION", "channel", text("MOBILE"), "profile_label_unknown"),
        (S4, "TRANSACTION", "txn_type", text("transfer"), "profile_label_unknown"),
        (S4, "KYC_DOCUMENT", "size", Value::from(-1_i64), "profile_value_malformed"),
        (S4, "KYC_DOCUMENT", "sha256", bytes(31), "profile_value_malformed"),
    ]
}
