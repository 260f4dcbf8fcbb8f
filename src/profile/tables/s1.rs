//! Document 001 (S1-019 to S1-037).

use super::super::schema::{Column, ColumnType, Table};
use super::{ColumnDefault, boolean, date, of, timestamp, uuid, varchar};

const fn label(name: &'static str, labels: &'static [&'static str]) -> Column {
    super::label(name, "ENUM", labels)
}

const fn money(name: &'static str) -> Column {
    of(name, ColumnType::Decimal(15, 2), "DECIMAL(15, 2)")
}

const fn rate(name: &'static str) -> Column {
    of(name, ColumnType::Decimal(5, 3), "DECIMAL(5, 3)")
}

const fn json(name: &'static str) -> Column {
    of(name, ColumnType::Json, "JSONB")
}

pub(in super::super) static CUSTOMERS: Table = Table::of(
    "customers",
    &[
        uuid("customer_id").not_null(),
        varchar("email", 255, "VARCHAR(255)").not_null(),
        varchar("phone", 20, "VARCHAR(20)"),
        varchar("first_name", 100, "VARCHAR(100)").not_null(),
        varchar("last_name", 100, "VARCHAR(100)").not_null(),
        varchar("middle_name", 100, "VARCHAR(100)"),
        date("date_of_birth").not_null(),
        of("gender", ColumnType::Fixed(1), "CHAR(1)").one_of(&["M", "F", "O", "N"]),
        varchar("street_address", 255, "VARCHAR(255)").not_null(),
        varchar("city", 100, "VARCHAR(100)").not_null(),
        varchar("state_province", 100, "VARCHAR(100)"),
        varchar("postal_code", 20, "VARCHAR(20)").not_null(),
        of("country_code", ColumnType::Fixed(2), "CHAR(2)").not_null(),
        label("kyc_status", &["pending", "approved", "rejected", "expired"])
            .or(ColumnDefault::Text("pending")),
        timestamp("kyc_verification_date"),
        label("aml_status", &["clear", "flagged", "blocked"]).or(ColumnDefault::Text("clear")),
        label("pep_status", &["clear", "match", "rejected"]).or(ColumnDefault::Text("clear")),
        label("risk_level", &["low", "medium", "high", "critical"])
            .or(ColumnDefault::Text("medium")),
        of("ssn_encrypted", ColumnType::Bytes(None), "BYTEA").not_null(),
        varchar("ssn_hash", 256, "VARCHAR(256)").not_null(),
        label("id_document_type", &["passport", "drivers_license", "national_id"]),
        varchar("id_document_number", 50, "VARCHAR(50)"),
        date("id_expiry_date"),
        label("status", &["active", "inactive", "suspended", "closed"])
            .or(ColumnDefault::Text("active")),
        label("customer_segment", &["retail", "sme", "corporate"])
            .or(ColumnDefault::Text("retail")),
        timestamp("created_at").or(ColumnDefault::Now),
        timestamp("updated_at").or(ColumnDefault::Now),
        timestamp("deleted_at"),
        varchar("preferred_language", 10, "VARCHAR(10)").or(ColumnDefault::Text("en")),
        boolean("marketing_consent").or(ColumnDefault::Bool(false)),
        json("communication_preferences"),
    ],
);

pub(in super::super) static ACCOUNTS: Table = Table::of(
    "accounts",
    &[
        uuid("account_id").not_null(),
        uuid("customer_id").not_null(),
        varchar("account_number", 20, "VARCHAR(20)").not_null(),
        label(
            "account_type",
            &["checking", "savings", "money_market", "credit_card", "loan", "investment"],
        )
        .not_null(),
        varchar("account_subtype", 50, "VARCHAR(50)"),
        money("balance").not_null().or(ColumnDefault::Zero),
        money("available_balance").not_null().or(ColumnDefault::Zero),
        money("pending_balance").not_null().or(ColumnDefault::Zero),
        money("credit_limit"),
        rate("interest_rate"),
        rate("annual_percentage_rate"),
        money("minimum_balance"),
        boolean("overdraft_protection").or(ColumnDefault::Bool(false)),
        uuid("primary_owner").not_null(),
        uuid("secondary_owner"),
        label("ownership_type", &["individual", "joint", "trust", "business"]),
        label("status", &["active", "closed", "suspended", "dormant"])
            .or(ColumnDefault::Text("active")),
        date("opened_date").not_null(),
        date("closed_date"),
        timestamp("created_at").or(ColumnDefault::Now),
        timestamp("updated_at").or(ColumnDefault::Now),
    ],
);

pub(in super::super) static TRANSACTIONS: Table = Table::of(
    "transactions",
    &[
        uuid("transaction_id").not_null(),
        uuid("account_id").not_null(),
        label(
            "transaction_type",
            &["debit", "credit", "transfer", "payment", "withdrawal", "deposit", "fee", "interest"],
        )
        .not_null(),
        money("amount").not_null(),
        of("currency_code", ColumnType::Fixed(3), "CHAR(3)").or(ColumnDefault::Text("USD")),
        uuid("counterparty_account_id"),
        varchar("counterparty_name", 255, "VARCHAR(255)"),
        varchar("counterparty_bank_name", 255, "VARCHAR(255)"),
        uuid("merchant_id"),
        varchar("merchant_name", 255, "VARCHAR(255)"),
        varchar("merchant_category_code", 10, "VARCHAR(10)"),
        varchar("merchant_location", 255, "VARCHAR(255)"),
        label("status", &["pending", "completed", "failed", "reversed", "scheduled"])
            .or(ColumnDefault::Text("pending")),
        timestamp("initiated_at").not_null().or(ColumnDefault::Now),
        timestamp("processed_at"),
        date("settlement_date"),
        of("transaction_fee", ColumnType::Decimal(10, 2), "DECIMAL(10, 2)").or(ColumnDefault::Zero),
        varchar("reference_number", 50, "VARCHAR(50)"),
        varchar("description", 255, "VARCHAR(255)"),
        json("tags"),
        json("metadata"),
        timestamp("created_at").or(ColumnDefault::Now),
        timestamp("updated_at").or(ColumnDefault::Now),
    ],
);
