//! Document 002 (S2-016 to S2-024). It says which columns are unique and which may be empty only
//! for some: keys, and what its workflows fill in, must be there.

use super::super::schema::{Column, Table};
use super::{date, money15, text, timestamp, uuid, varchar};

const fn label(name: &'static str, labels: &'static [&'static str]) -> Column {
    super::label(name, "ENUM", labels)
}

pub(in super::super) static CUSTOMERS: Table = Table::of(
    "customers",
    &[
        uuid("id").not_null(),
        varchar("customer_number", 20, "VARCHAR(20)").not_null(),
        varchar("first_name", 100, "VARCHAR(100)").not_null(),
        varchar("last_name", 100, "VARCHAR(100)").not_null(),
        varchar("email", 255, "VARCHAR(255)"),
        varchar("phone", 20, "VARCHAR(20)"),
        date("date_of_birth"),
        text("address"),
        varchar("city", 100, "VARCHAR(100)"),
        varchar("country", 100, "VARCHAR(100)"),
        varchar("occupation", 100, "VARCHAR(100)"),
        varchar("income_range", 50, "VARCHAR(50)"),
        label("kyc_status", &["PENDING", "APPROVED", "REJECTED"]).not_null(),
        label("status", &["ACTIVE", "INACTIVE", "SUSPENDED"]).not_null(),
        timestamp("created_at").not_null(),
        timestamp("updated_at").not_null(),
    ],
);

pub(in super::super) static ACCOUNTS: Table = Table::of(
    "accounts",
    &[
        uuid("id").not_null(),
        varchar("account_number", 20, "VARCHAR(20)").not_null(),
        uuid("customer_id").not_null(),
        label("account_type", &["SAVINGS", "CURRENT", "LOAN"]).not_null(),
        varchar("currency", 3, "VARCHAR(3)").not_null(),
        label("status", &["ACTIVE", "INACTIVE", "SUSPENDED", "CLOSED"]).not_null(),
        timestamp("created_at").not_null(),
        timestamp("updated_at").not_null(),
    ],
);

pub(in super::super) static KYC_DOCUMENTS: Table = Table::of(
    "kyc_documents",
    &[
        uuid("id").not_null(),
        uuid("customer_id").not_null(),
        label(
            "document_type",
            &["NATIONAL_ID", "PASSPORT", "DRIVERS_LICENSE", "UTILITY_BILL", "BANK_STATEMENT"],
        )
        .not_null(),
        varchar("document_number", 100, "VARCHAR(100)"),
        varchar("file_path", 500, "VARCHAR(500)").not_null(),
        label("status", &["PENDING", "APPROVED", "REJECTED", "EXPIRED"]).not_null(),
        uuid("verified_by"),
        text("rejection_reason"),
        timestamp("expires_at"),
        timestamp("created_at").not_null(),
        timestamp("updated_at").not_null(),
    ],
);

pub(in super::super) static BALANCES: Table = Table::of(
    "balances",
    &[
        uuid("account_id").not_null(),
        money15("ledger_balance").not_null(),
        money15("available_balance").not_null(),
        timestamp("updated_at").not_null(),
    ],
);

pub(in super::super) static TRANSACTIONS: Table = Table::of(
    "transactions",
    &[
        uuid("id").not_null(),
        varchar("transaction_id", 50, "VARCHAR(50)").not_null(),
        uuid("from_account_id"),
        uuid("to_account_id"),
        money15("amount").not_null(),
        varchar("currency", 3, "VARCHAR(3)").not_null(),
        label("transaction_type", &["DEPOSIT", "WITHDRAWAL", "TRANSFER", "FEE", "INTEREST"])
            .not_null(),
        text("description"),
        label("status", &["PENDING", "COMPLETED", "FAILED", "CANCELLED"]).not_null(),
        timestamp("created_at").not_null(),
        timestamp("processed_at"),
    ],
);

pub(in super::super) static ENTRIES: Table = Table::of(
    "entries",
    &[
        uuid("id").not_null(),
        uuid("transaction_id").not_null(),
        uuid("account_id").not_null(),
        label("entry_type", &["DEBIT", "CREDIT"]).not_null(),
        money15("amount").not_null(),
        timestamp("created_at").not_null(),
    ],
);
