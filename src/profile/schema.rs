//! Tables as the documents have them, and what every row of them must keep to.

use rust_decimal::Decimal;

use super::{Refusal, Row, Value};
use crate::time::Timestamp;

/// What a column takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColumnType {
    /// An id.
    Uuid,
    /// Text of a greatest number of characters; none where the document gives no width.
    Text(Option<usize>),
    /// Text of exactly so many characters.
    Fixed(usize),
    /// A number of so many digits, so many of them after the point.
    Decimal(u32, u32),
    /// A whole number.
    Int,
    /// Yes or no.
    Bool,
    /// A day.
    Date,
    /// An instant.
    Timestamp,
    /// Bytes, at most so many where the document says how many.
    Bytes(Option<usize>),
    /// A JSON document.
    Json,
}

/// What a column holds if nothing is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColumnDefault {
    /// A text or label.
    Text(&'static str),
    /// Yes or no.
    Bool(bool),
    /// Zero.
    Zero,
    /// The present instant.
    Now,
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Column {
    /// The name, as the document spells it.
    pub name: &'static str,
    /// What it takes.
    pub takes: ColumnType,
    /// The type as the document writes it; empty where it gives none (S0-025).
    pub sql: &'static str,
    /// Whether it may be empty.
    pub nullable: bool,
    /// What it holds if nothing is given.
    pub default: Option<ColumnDefault>,
    /// The labels that it takes; empty if it takes any value of its type.
    pub labels: &'static [&'static str],
}

impl Column {
    /// A column that may be empty.
    #[must_use]
    pub const fn new(name: &'static str, takes: ColumnType, sql: &'static str) -> Self {
        Self { name, takes, sql, nullable: true, default: None, labels: &[] }
    }

    /// Must not be empty.
    #[must_use]
    pub const fn not_null(mut self) -> Self {
        self.nullable = false;
        self
    }

    /// Holds this if nothing is given.
    #[must_use]
    pub const fn or(mut self, default: ColumnDefault) -> Self {
        self.default = Some(default);
        self
    }

    /// Takes these labels and no others.
    #[must_use]
    pub const fn one_of(mut self, labels: &'static [&'static str]) -> Self {
        self.labels = labels;
        self
    }
}

/// A table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Table {
    /// The name, as the document spells it.
    pub name: &'static str,
    /// The columns, in its order.
    pub columns: &'static [Column],
}

impl Table {
    pub(super) const fn of(name: &'static str, columns: &'static [Column]) -> Self {
        Self { name, columns }
    }

    /// A column by its name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Takes a row in as a database would: every column once, in order, defaults where nothing is
    /// given, each value judged.
    ///
    /// # Errors
    /// [`Refusal`]: the table, the columns that are unknown or missing, the values in their order.
    pub fn take(&'static self, row: &Row, now: Timestamp) -> Result<Row, Refusal> {
        let table = self.name;
        if row.table != table {
            return Err(Refusal::TableUnknown { table });
        }
        for (at, (name, _)) in row.columns.iter().enumerate() {
            let twice = row.columns.iter().skip(at.saturating_add(1)).any(|(two, _)| two == name);
            if twice || self.column(name).is_none() {
                return Err(Refusal::ColumnUnknown { table, column: name.clone() });
            }
        }
        let mut whole = Row::new(table);
        for column in self.columns {
            let value = match (row.get(column.name), column.default) {
                (Some(value), _) => value.clone(),
                (None, Some(default)) => column.default_value(default, now),
                (None, None) if column.nullable => Value::Null,
                (None, None) => {
                    return Err(Refusal::ColumnMissing { table, column: column.name });
                }
            };
            self.judge(column, &value)?;
            whole.columns.push((column.name.to_owned(), value));
        }
        Ok(whole)
    }

    /// Judges a value of a column.
    ///
    /// # Errors
    /// [`Refusal`]: none where there must be one, the type, the width, the precision, the label.
    pub fn judge(&'static self, of: &'static Column, value: &Value) -> Result<(), Refusal> {
        let (table, column, wants) = (self.name, of.name, of.wants());
        match (of.takes, value) {
            (_, Value::Null) if of.nullable => return Ok(()),
            (_, Value::Null) => return Err(Refusal::ValueMissing { table, column }),
            (ColumnType::Text(max), Value::Text(text)) => {
                if let Some(max) = max.filter(|max| text.chars().count() > *max) {
                    return Err(Refusal::ValueTooLong { table, column, max });
                }
            }
            (ColumnType::Fixed(width), Value::Text(text)) => {
                let count = text.chars().count();
                if count > width {
                    return Err(Refusal::ValueTooLong { table, column, max: width });
                }
                // A fixed column pads with blanks: what comes back would be another text.
                if count < width {
                    return Err(Refusal::ValueType { table, column, wants });
                }
            }
            (ColumnType::Decimal(precision, scale), Value::Decimal(number)) => {
                if !fits(*number, precision, scale) {
                    return Err(Refusal::ValueTooPrecise { table, column, precision, scale });
                }
            }
            (ColumnType::Bytes(max), Value::Bytes(bytes)) => {
                if let Some(max) = max.filter(|max| bytes.len() > *max) {
                    return Err(Refusal::ValueTooLong { table, column, max });
                }
            }
            (ColumnType::Uuid, Value::Uuid(_))
            | (ColumnType::Int, Value::Int(_))
            | (ColumnType::Bool, Value::Bool(_))
            | (ColumnType::Date, Value::Date(_))
            | (ColumnType::Timestamp, Value::Timestamp(_))
            | (ColumnType::Json, Value::Json(_)) => {}
            _ => return Err(Refusal::ValueType { table, column, wants }),
        }
        match value {
            Value::Text(text) if !of.labels.is_empty() && !of.labels.contains(&text.as_str()) => {
                Err(Refusal::LabelUnknown { what: column, possible: of.labels.join(", ") })
            }
            _ => Ok(()),
        }
    }
}

impl Column {
    fn default_value(&self, default: ColumnDefault, now: Timestamp) -> Value {
        match (default, self.takes) {
            (ColumnDefault::Text(text), _) => Value::from(text),
            (ColumnDefault::Bool(flag), _) => Value::Bool(flag),
            (ColumnDefault::Zero, ColumnType::Int) => Value::Int(0),
            (ColumnDefault::Zero, _) => Value::Decimal(Decimal::ZERO),
            (ColumnDefault::Now, _) => Value::Timestamp(now),
        }
    }

    /// The type as the document writes it, or in words where it gives none.
    const fn wants(&self) -> &'static str {
        if !self.sql.is_empty() {
            return self.sql;
        }
        match self.takes {
            ColumnType::Uuid => "a UUID",
            ColumnType::Text(_) | ColumnType::Fixed(_) => "text",
            ColumnType::Decimal(..) => "a decimal number",
            ColumnType::Int => "a whole number",
            ColumnType::Bool => "yes or no",
            ColumnType::Date => "a day",
            ColumnType::Timestamp => "an instant",
            ColumnType::Bytes(_) => "bytes",
            ColumnType::Json => "JSON",
        }
    }
}

/// Whether a number has so many digits at most, so many of them after the point. Zeros at the end
/// do not count.
fn fits(number: Decimal, precision: u32, scale: u32) -> bool {
    let number = number.normalize();
    let whole = precision.saturating_sub(scale);
    let bound = 10_u128.checked_pow(whole).unwrap_or(u128::MAX);
    number.scale() <= scale && number.trunc().mantissa().unsigned_abs() < bound
}
