//! Rows as they come, or many of them packed into one text.
//!
//! The driver hands every row from the thread of the connection to that of the caller, which costs
//! more than reading it. Where thousands are read for one posting, the statement joins them into
//! one text, and they are taken apart here.

use sqlx::sqlite::{Sqlite, SqliteRow};
use sqlx::{Decode, Row as _, ValueRef};
use uuid::Uuid;

use super::fault::fault;
use crate::store::StoreError;
use crate::store::sql::engine::{Row, missing};

/// A row that was read.
#[derive(Debug)]
#[allow(unreachable_pub, reason = "part of a sealed trait")]
pub enum FileRow {
    /// As the driver gave it.
    Whole(SqliteRow),
    /// Taken out of a text.
    Unpacked(Vec<Cell>),
}

/// A column of a row that was packed.
#[derive(Debug)]
#[allow(unreachable_pub, reason = "part of a sealed trait")]
pub enum Cell {
    /// A number or none.
    Int(Option<i64>),
    /// An id or none.
    Uuid(Option<Uuid>),
    /// A text.
    Text(Box<str>),
}

/// The shape of a statement that is packed: a letter per column, `i` a number or none, `u` an id
/// or none, `t` a code or JSON: a text without control characters, of which two are the separators.
pub(super) fn packing(sql: &str) -> Option<&str> {
    let (shape, _) = sql.strip_prefix("{pack ")?.split_once('}')?;
    Some(shape)
}

/// The statement that joins all rows of another into one text.
pub(super) fn packed(select: &str, shape: &str) -> String {
    let (mut names, mut values) = (String::new(), String::new());
    for (at, letter) in shape.chars().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        names.push_str(&format!("{comma}c{at}"));
        let value = match letter {
            'u' => format!("hex(c{at})"),
            'i' => format!("ifnull(c{at},'')"),
            _ => format!("c{at}"),
        };
        values.push_str(&format!(",{value}"));
    }
    format!(
        "WITH r({names}) AS ({select}) SELECT group_concat(concat_ws(char(31){values}), char(30)) FROM r"
    )
}

/// Takes packed rows apart.
pub(super) fn unpack(
    rows: &[SqliteRow],
    shape: &str,
    found: &mut Vec<FileRow>,
) -> Result<(), StoreError> {
    let Some(row) = rows.first() else { return Ok(()) };
    let value = row.try_get_raw(0).map_err(fault)?;
    if value.is_null() {
        return Ok(());
    }
    let text = <&str as Decode<Sqlite>>::decode(value).map_err(|_| missing())?;
    for line in text.split('\u{1e}') {
        let mut cells = Vec::with_capacity(shape.len());
        for (letter, field) in shape.chars().zip(line.split('\u{1f}')) {
            cells.push(match letter {
                'u' if field.is_empty() => Cell::Uuid(None),
                'u' => Cell::Uuid(Some(Uuid::try_parse(field).map_err(|_| missing())?)),
                'i' if field.is_empty() => Cell::Int(None),
                'i' => Cell::Int(Some(field.parse().map_err(|_| missing())?)),
                _ => Cell::Text(field.into()),
            });
        }
        if cells.len() != shape.len() {
            return Err(missing());
        }
        found.push(FileRow::Unpacked(cells));
    }
    Ok(())
}

impl Row for FileRow {
    fn opt_int(&self, at: usize) -> Result<Option<i64>, StoreError> {
        let row = match self {
            Self::Whole(row) => row,
            Self::Unpacked(cells) => match cells.get(at) {
                Some(Cell::Int(number)) => return Ok(*number),
                _ => return Err(missing()),
            },
        };
        let value = row.try_get_raw(at).map_err(fault)?;
        if value.is_null() {
            return Ok(None);
        }
        <i64 as Decode<Sqlite>>::decode(value).map(Some).map_err(|_| missing())
    }

    fn opt_text(&self, at: usize) -> Result<Option<&str>, StoreError> {
        let row = match self {
            Self::Whole(row) => row,
            Self::Unpacked(cells) => match cells.get(at) {
                Some(Cell::Text(text)) => return Ok(Some(text)),
                _ => return Err(missing()),
            },
        };
        let value = row.try_get_raw(at).map_err(fault)?;
        if value.is_null() {
            return Ok(None);
        }
        <&str as Decode<Sqlite>>::decode(value).map(Some).map_err(|_| missing())
    }

    fn opt_bytes(&self, at: usize) -> Result<Option<&[u8]>, StoreError> {
        let row = match self {
            Self::Whole(row) => row,
            Self::Unpacked(cells) => match cells.get(at) {
                Some(Cell::Uuid(id)) => return Ok(id.as_ref().map(|id| id.as_bytes().as_slice())),
                _ => return Err(missing()),
            },
        };
        let value = row.try_get_raw(at).map_err(fault)?;
        if value.is_null() {
            return Ok(None);
        }
        <&[u8] as Decode<Sqlite>>::decode(value).map(Some).map_err(|_| missing())
    }
}
