//! Writing and reading rows column by column, with an account of what is lost.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::labels::Labels;
use super::{ColumnType, Refusal, Row, Table, Value};
use crate::time::Timestamp;

/// How something was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LossKind {
    /// The profile has no column for it.
    LeftOut,
    /// The profile says a word that means something near; which, is documented.
    FellBack,
}

/// What a row does not say as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Loss {
    /// The field of the model, or the column that fell back.
    pub field: &'static str,
    /// How.
    pub kind: LossKind,
}

/// A row, and what it does not say.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exported {
    /// The row.
    pub row: Row,
    /// What it does not say as it is.
    pub losses: Vec<Loss>,
}

impl Exported {
    /// Whether the row says all.
    #[must_use]
    pub const fn is_exact(&self) -> bool {
        self.losses.is_empty()
    }
}

/// Writes a row.
pub(super) struct Writer {
    table: &'static Table,
    row: Row,
    losses: Vec<Loss>,
}

impl Writer {
    pub(super) fn new(table: &'static Table) -> Self {
        Self { table, row: Row::new(table.name), losses: Vec::new() }
    }

    pub(super) fn put(&mut self, column: &'static str, value: impl Into<Value>) {
        self.row.set(column, value);
    }

    /// Says a state; a flag says it as yes or no.
    pub(super) fn say<T: Copy + PartialEq>(
        &mut self,
        column: &'static str,
        labels: Option<&'static Labels<T>>,
        state: T,
    ) -> Result<(), Refusal> {
        let Some(labels) = labels else { return Ok(()) };
        let (label, exact) = labels.say(state)?;
        let flag = self.table.column(column).is_some_and(|one| one.takes == ColumnType::Bool);
        if flag {
            self.put(column, label == "true");
        } else {
            self.put(column, label.into_owned());
        }
        self.fell_back(!exact, column);
        Ok(())
    }

    pub(super) fn left_out(&mut self, is: bool, field: &'static str) {
        if is {
            self.losses.push(Loss { field, kind: LossKind::LeftOut });
        }
    }

    pub(super) fn fell_back(&mut self, is: bool, field: &'static str) {
        if is {
            self.losses.push(Loss { field, kind: LossKind::FellBack });
        }
    }

    /// The row, each value judged, columns in the order of the table.
    pub(super) fn finish(self) -> Result<Exported, Refusal> {
        let mut row = Row::new(self.table.name);
        for column in self.table.columns {
            let value = self.row.get(column.name).cloned().unwrap_or(Value::Null);
            self.table.judge(column, &value)?;
            row.columns.push((column.name.to_owned(), value));
        }
        let mut losses = self.losses;
        losses.sort_unstable();
        losses.dedup();
        Ok(Exported { row, losses })
    }
}

/// An error that has a stable code.
pub(super) trait Coded {
    fn why(&self) -> &'static str;
}

macro_rules! coded {
    ($($type:ty),*) => {$(
        impl Coded for $type {
            fn why(&self) -> &'static str {
                self.code()
            }
        }
    )*};
}

coded!(
    crate::party::PartyTextError,
    crate::kyc::KycTextError,
    crate::ledger::TextError,
    crate::locale::LocaleError
);

impl Coded for crate::account::InvalidAccountNumber {
    fn why(&self) -> &'static str {
        "account_number_malformed"
    }
}

/// Reads a row that was taken in.
pub(super) struct Reader {
    table: &'static Table,
    row: Row,
}

macro_rules! getters {
    ($($get:ident, $need:ident, $variant:ident: $type:ty, $copy:expr;)*) => {$(
        pub(super) fn $get(&self, column: &'static str) -> Option<$type> {
            match self.row.get(column) {
                Some(Value::$variant(value)) => Some($copy(value)),
                _ => None,
            }
        }

        pub(super) fn $need(&self, column: &'static str) -> Result<$type, Refusal> {
            self.$get(column).ok_or(Refusal::ValueMissing { table: self.table.name, column })
        }
    )*};
}

impl Reader {
    pub(super) fn new(table: &'static Table, row: &Row, now: Timestamp) -> Result<Self, Refusal> {
        Ok(Self { table, row: table.take(row, now)? })
    }

    getters! {
        uuid, uuid_of, Uuid: Uuid, |value: &Uuid| *value;
        date, date_of, Date: NaiveDate, |value: &NaiveDate| *value;
        timestamp, timestamp_of, Timestamp: Timestamp, |value: &Timestamp| *value;
        decimal, decimal_of, Decimal: Decimal, |value: &Decimal| *value;
        flag, flag_of, Bool: bool, |value: &bool| *value;
        int, int_of, Int: i64, |value: &i64| *value;
        bytes, bytes_of, Bytes: Vec<u8>, |value: &Vec<u8>| value.clone();
        text, text_of, Text: String, |value: &String| value.clone();
    }

    pub(super) fn json(&self, column: &'static str) -> Option<serde_json::Value> {
        match self.row.get(column) {
            Some(Value::Json(value)) => Some(value.clone()),
            _ => None,
        }
    }

    pub(super) const fn malformed(&self, column: &'static str, why: &'static str) -> Refusal {
        Refusal::ValueMalformed { table: self.table.name, column, why }
    }

    pub(super) const fn foreign(&self, column: &'static str) -> Refusal {
        Refusal::IdentifierForeign { table: self.table.name, column }
    }

    /// A text, parsed.
    pub(super) fn parse<T, E: Coded>(
        &self,
        column: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Refusal> {
        let Some(Value::Text(text)) = self.row.get(column) else { return Ok(None) };
        parse(text).map(Some).map_err(|error| self.malformed(column, error.why()))
    }

    /// A text that must be there, parsed.
    pub(super) fn parse_of<T, E: Coded>(
        &self,
        column: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, Refusal> {
        let table = self.table.name;
        self.parse(column, parse)?.ok_or(Refusal::ValueMissing { table, column })
    }

    /// What a label means; `None` where nothing stands or the document has no such column.
    pub(super) fn state<T: Copy + PartialEq>(
        &self,
        column: &'static str,
        labels: Option<&'static Labels<T>>,
    ) -> Result<Option<T>, Refusal> {
        let Some(labels) = labels else { return Ok(None) };
        match self.row.get(column) {
            Some(Value::Text(label)) => labels.read(label).map(Some),
            Some(Value::Bool(flag)) => labels.read(if *flag { "true" } else { "false" }).map(Some),
            _ => Ok(None),
        }
    }

    /// What a label means that must be there.
    pub(super) fn state_of<T: Copy + PartialEq>(
        &self,
        column: &'static str,
        labels: Option<&'static Labels<T>>,
    ) -> Result<T, Refusal> {
        let table = self.table.name;
        self.state(column, labels)?.ok_or(Refusal::ValueMissing { table, column })
    }
}

/// Two hexadecimal digits for each byte.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// 32 bytes of 64 lower-case hexadecimal digits.
pub(super) fn unhex(text: &str) -> Option<[u8; 32]> {
    let digits: Option<Vec<u8>> = text
        .bytes()
        .map(|one| match one {
            b'0'..=b'9' => Some(one.saturating_sub(b'0')),
            b'a'..=b'f' => Some(one.saturating_sub(b'a').saturating_add(10)),
            _ => None,
        })
        .collect();
    let bytes: Vec<u8> = digits?
        .chunks(2)
        .filter_map(|pair| match pair {
            [high, low] => Some((high << 4) | low),
            _ => None,
        })
        .collect();
    (text.len() == 64).then(|| bytes.try_into().ok()).flatten()
}
