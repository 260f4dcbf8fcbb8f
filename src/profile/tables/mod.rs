//! The tables of the five documents, spelled as they spell them. Data only.

pub(super) mod s0;
pub(super) mod s1;
pub(super) mod s2;
pub(super) mod s3;
pub(super) mod s4;

use super::schema::{Column, ColumnDefault, ColumnType};

/// A column: what it takes, and how the document writes it.
const fn of(name: &'static str, takes: ColumnType, sql: &'static str) -> Column {
    Column::new(name, takes, sql)
}

const fn uuid(name: &'static str) -> Column {
    of(name, ColumnType::Uuid, "UUID")
}

const fn varchar(name: &'static str, width: usize, sql: &'static str) -> Column {
    of(name, ColumnType::Text(Some(width)), sql)
}

const fn text(name: &'static str) -> Column {
    of(name, ColumnType::Text(None), "TEXT")
}

const fn label(name: &'static str, sql: &'static str, labels: &'static [&'static str]) -> Column {
    of(name, ColumnType::Text(None), sql).one_of(labels)
}

const fn date(name: &'static str) -> Column {
    of(name, ColumnType::Date, "DATE")
}

const fn timestamp(name: &'static str) -> Column {
    of(name, ColumnType::Timestamp, "TIMESTAMP")
}

const fn boolean(name: &'static str) -> Column {
    of(name, ColumnType::Bool, "BOOLEAN")
}

const fn money15(name: &'static str) -> Column {
    of(name, ColumnType::Decimal(15, 2), "DECIMAL(15,2)")
}
