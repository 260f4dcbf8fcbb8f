//! Document 000. It gives no types but one, and says nothing of nullability (S0-025): ids, days and
//! instants are taken for such, and only keys and names must be there.

use super::super::schema::{Column, ColumnDefault, ColumnType, Table};
use super::of;

const fn id(name: &'static str) -> Column {
    of(name, ColumnType::Uuid, "").not_null()
}

const fn text(name: &'static str) -> Column {
    of(name, ColumnType::Text(None), "")
}

const fn at(name: &'static str) -> Column {
    of(name, ColumnType::Timestamp, "")
}

pub(in super::super) static CUSTOMER: Table = Table::of(
    "CUSTOMER",
    &[
        id("customer_id"),
        text("first_name").not_null(),
        text("last_name").not_null(),
        text("email"),
        text("phone"),
        text("address_line1"),
        text("address_line2"),
        text("city"),
        text("state"),
        text("zip_code"),
        at("created_at").or(ColumnDefault::Now),
        at("updated_at").or(ColumnDefault::Now),
    ],
);

pub(in super::super) static ACCOUNT: Table = Table::of(
    "ACCOUNT",
    &[
        id("account_id"),
        id("customer_id"),
        text("account_type").not_null().one_of(&["checking", "savings", "loan"]),
        of("balance", ColumnType::Decimal(14, 2), "numeric(14,2)"),
        text("status").not_null().one_of(&["active", "closed", "frozen"]),
        of("opened_at", ColumnType::Date, "").not_null(),
        of("closed_at", ColumnType::Date, ""),
    ],
);

/// The amount has the width of the balance that it adds to.
pub(in super::super) static TRANSACTION: Table = Table::of(
    "TRANSACTION",
    &[
        id("transaction_id"),
        id("account_id"),
        of("amount", ColumnType::Decimal(14, 2), "").not_null(),
        text("transaction_type").not_null().one_of(&["deposit", "withdrawal", "transfer"]),
        text("description"),
        at("created_at").not_null(),
    ],
);

pub(in super::super) static TRANSFER_METADATA: Table = Table::of(
    "TRANSFER_METADATA",
    &[
        id("transfer_id"),
        id("from_transaction_id"),
        id("to_transaction_id"),
        at("initiated_at").not_null(),
        at("completed_at"),
    ],
);
