//! Document 004 (S4-025, S4-032, S4-033), and KYC_DOCUMENT, which it names without a table: its
//! columns are those of document 002 with what A3 adds.

use super::super::schema::{ColumnDefault, ColumnType, Table};
use super::{boolean, date, label, of, text, timestamp, uuid, varchar};

pub(in super::super) static CUSTOMER: Table = Table::of(
    "CUSTOMER",
    &[
        uuid("customer_id").not_null(),
        varchar("full_name", 200, "VARCHAR(200)").not_null(),
        date("dob"),
        varchar("pan", 16, "VARCHAR(16)").not_null(),
        of("aadhaar_hash", ColumnType::Bytes(Some(64)), "VARBINARY(64)").not_null(),
        varchar("phone", 20, "VARCHAR(20)").not_null(),
        varchar("email", 254, "VARCHAR(254)").not_null(),
        varchar("preferred_language", 10, "VARCHAR(10)").or(ColumnDefault::Text("en")),
        varchar("onboarding_status", 30, "VARCHAR(30)").not_null().one_of(&[
            "PENDING_APPROVAL",
            "APPROVED",
            "REJECTED",
            "SUSPENDED",
        ]),
        timestamp("created_at").not_null(),
        timestamp("updated_at").not_null(),
    ],
);

pub(in super::super) static ACCOUNT: Table = Table::of(
    "ACCOUNT",
    &[
        uuid("account_id").not_null(),
        uuid("customer_id").not_null(),
        varchar("account_number", 30, "VARCHAR(30)").not_null(),
        varchar("account_type", 20, "VARCHAR(20)").not_null().one_of(&["SAVINGS", "CURRENT"]),
        varchar("branch_code", 20, "VARCHAR(20)").not_null(),
        of("currency", ColumnType::Fixed(3), "CHAR(3)").not_null(),
        varchar("status", 20, "VARCHAR(20)").not_null().one_of(&["ACTIVE", "CLOSED", "FROZEN"]),
        date("opened_at").not_null(),
        date("closed_at"),
    ],
);

/// The set of types is open ("etc."), so the column takes any code.
pub(in super::super) static TRANSACTION: Table = Table::of(
    "TRANSACTION",
    &[
        uuid("txn_id").not_null(),
        uuid("account_id").not_null(),
        varchar("txn_type", 30, "VARCHAR(30)").not_null(),
        of("amount", ColumnType::Decimal(18, 2), "DECIMAL(18,2)").not_null(),
        of("currency", ColumnType::Fixed(3), "CHAR(3)").not_null(),
        timestamp("posted_at").not_null(),
        date("value_date").not_null(),
        varchar("status", 20, "VARCHAR(20)").not_null().one_of(&["POSTED", "REVERSED"]),
        varchar("reference", 64, "VARCHAR(64)"),
        varchar("channel", 20, "VARCHAR(20)").not_null().one_of(&["WEB", "ADMIN", "SYSTEM"]),
        varchar("correlation_id", 64, "VARCHAR(64)"),
    ],
);

pub(in super::super) static KYC_DOCUMENT: Table = Table::of(
    "KYC_DOCUMENT",
    &[
        uuid("id").not_null(),
        uuid("customer_id").not_null(),
        varchar("document_type", 30, "VARCHAR(30)").not_null(),
        varchar("document_number", 100, "VARCHAR(100)"),
        varchar("uri", 500, "VARCHAR(500)").not_null(),
        of("sha256", ColumnType::Bytes(Some(32)), "VARBINARY(32)").not_null(),
        varchar("mime", 127, "VARCHAR(127)").not_null(),
        of("size", ColumnType::Int, "BIGINT").not_null(),
        label("status", "VARCHAR(20)", &["PENDING", "APPROVED", "REJECTED", "EXPIRED"]).not_null(),
        uuid("verified_by"),
        text("rejection_reason"),
        timestamp("expires_at"),
        uuid("uploaded_by"),
        timestamp("reviewed_at"),
        of("version", ColumnType::Int, "INT").not_null(),
        boolean("legal_hold").not_null(),
        date("retain_until"),
        timestamp("created_at").not_null(),
    ],
);
