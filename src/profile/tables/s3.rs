//! Document 003 (S3-013 to S3-015). The flags `is_active` have no labels: they are booleans.

use super::super::schema::{Column, ColumnType, Table};
use super::{ColumnDefault, boolean, money15, of, text, uuid, varchar};

const fn at(name: &'static str) -> Column {
    of(name, ColumnType::Timestamp, "TIMESTAMP WITH TIME ZONE").or(ColumnDefault::Now)
}

pub(in super::super) static USERS: Table = Table::of(
    "users",
    &[
        uuid("id").not_null(),
        varchar("email", 255, "VARCHAR(255)").not_null(),
        varchar("password_hash", 255, "VARCHAR(255)").not_null(),
        varchar("first_name", 100, "VARCHAR(100)").not_null(),
        varchar("last_name", 100, "VARCHAR(100)").not_null(),
        varchar("phone_number", 20, "VARCHAR(20)"),
        boolean("is_active").or(ColumnDefault::Bool(true)),
        at("created_at"),
        at("updated_at"),
    ],
);

pub(in super::super) static ACCOUNTS: Table = Table::of(
    "accounts",
    &[
        uuid("id").not_null(),
        uuid("user_id").not_null(),
        varchar("account_number", 20, "VARCHAR(20)").not_null(),
        varchar("account_type", 20, "VARCHAR(20)").not_null().one_of(&[
            "CHECKING",
            "SAVINGS",
            "INVESTMENT",
            "CREDIT",
        ]),
        money15("balance").or(ColumnDefault::Zero),
        varchar("currency", 3, "VARCHAR(3)").or(ColumnDefault::Text("USD")),
        boolean("is_active").or(ColumnDefault::Bool(true)),
        at("created_at"),
        at("updated_at"),
    ],
);

pub(in super::super) static TRANSACTIONS: Table = Table::of(
    "transactions",
    &[
        uuid("id").not_null(),
        uuid("account_id").not_null(),
        money15("amount").not_null(),
        varchar("type", 20, "VARCHAR(20)").not_null().one_of(&[
            "DEPOSIT",
            "WITHDRAWAL",
            "TRANSFER",
            "PAYMENT",
            "REFUND",
        ]),
        text("description").not_null(),
        varchar("category", 50, "VARCHAR(50)"),
        varchar("status", 20, "VARCHAR(20)").or(ColumnDefault::Text("PENDING")).one_of(&[
            "PENDING",
            "COMPLETED",
            "FAILED",
            "CANCELLED",
        ]),
        varchar("reference", 100, "VARCHAR(100)"),
        of("metadata", ColumnType::Json, "JSONB"),
        at("created_at"),
    ],
);
