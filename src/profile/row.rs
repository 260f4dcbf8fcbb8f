//! Rows as a document's tables have them.

use std::fmt;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::time::Timestamp;

/// A value of a column.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// None.
    Null,
    /// A text or a label.
    Text(String),
    /// A whole number.
    Int(i64),
    /// A number, exact.
    Decimal(Decimal),
    /// Yes or no.
    Bool(bool),
    /// A day.
    Date(NaiveDate),
    /// An instant, in UTC (C29), in nanoseconds: a database that keeps microseconds cuts it.
    Timestamp(Timestamp),
    /// Bytes.
    Bytes(Vec<u8>),
    /// An id.
    Uuid(Uuid),
    /// A JSON document.
    Json(serde_json::Value),
}

impl Value {
    /// Whether it is none.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    const fn name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Text(_) => "text",
            Self::Int(_) => "int",
            Self::Decimal(_) => "decimal",
            Self::Bool(_) => "bool",
            Self::Date(_) => "date",
            Self::Timestamp(_) => "timestamp",
            Self::Bytes(_) => "bytes",
            Self::Uuid(_) => "uuid",
            Self::Json(_) => "json",
        }
    }
}

/// Rows hold personal data: the type is printed, never the value.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

macro_rules! into_value {
    ($($type:ty => $variant:ident,)*) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        }
    )*};
}

into_value! {
    &str => Text, String => Text, i64 => Int, Decimal => Decimal, bool => Bool, NaiveDate => Date,
    Timestamp => Timestamp, Vec<u8> => Bytes, Uuid => Uuid, serde_json::Value => Json,
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A row of a named table: its columns in order. `Debug` prints names and types only.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Row {
    /// The table, as the document spells it.
    pub table: String,
    /// The columns, as the document spells them, with their values.
    pub columns: Vec<(String, Value)>,
}

impl Row {
    /// A row without columns yet.
    #[must_use]
    pub fn new(table: impl Into<String>) -> Self {
        Self { table: table.into(), columns: Vec::new() }
    }

    /// With a column, or with another value of one that is there.
    #[must_use]
    pub fn with(mut self, column: &str, value: impl Into<Value>) -> Self {
        self.set(column, value);
        self
    }

    /// Without a column.
    #[must_use]
    pub fn without(mut self, column: &str) -> Self {
        self.columns.retain(|(name, _)| name != column);
        self
    }

    /// Sets a column.
    pub fn set(&mut self, column: &str, value: impl Into<Value>) {
        let value = value.into();
        match self.columns.iter_mut().find(|(name, _)| name == column) {
            Some((_, old)) => *old = value,
            None => self.columns.push((column.to_owned(), value)),
        }
    }

    /// The value of a column.
    #[must_use]
    pub fn get(&self, column: &str) -> Option<&Value> {
        self.columns.iter().find(|(name, _)| name == column).map(|(_, value)| value)
    }
}
