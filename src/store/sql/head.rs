//! The one row that says where the journal ends, and the order of what was committed.
//!
//! Units are written side by side, each holding only the accounts that it touches. The last thing
//! before its commit is to take the next positions from the head row, so positions and instants
//! follow the order of commits and have no gaps.
//!
//! A unit that joined a host's transaction must not hold the head row for as long as the host
//! likes. It leaves its positions open, with a turn behind every unsettled unit that it can see;
//! the next unit or reader after the host's commit settles them in the order of their turns. Two
//! units that touch the same row see each other (the second waited for the first), so the order of
//! turns is the order in which they took effect.

use std::sync::Arc;

use super::engine::{Arg, Column, Engine, Row, Value, missing};
use crate::store::{Committed, StoreError};
use crate::time::Timestamp;

/// The head row.
#[derive(Debug, Clone, Copy)]
pub(super) struct HeadRow {
    pub(super) position: i64,
    pub(super) instant: i64,
    /// The last number of a unit, where units are numbered by this row.
    pub(super) units: i64,
    /// How many accounts there are.
    pub(super) accounts: i64,
    pub(super) book_version: i64,
    pub(super) closed_through: Option<i64>,
    /// Whether units wait to be settled.
    pub(super) behind: bool,
}

const READ: &str = "SELECT h.position, h.instant, h.units, h.accounts, h.book_version, \
    h.closed_through, (SELECT COUNT(*) FROM ~unit WHERE first_position IS NULL) \
    FROM ~head h WHERE h.one = 1";
const LOCK: &str = "SELECT h.position, h.instant, h.units, h.accounts, h.book_version, \
    h.closed_through, 0 FROM ~head h WHERE h.one = 1 {lock h}";

fn head_row(row: &impl Row) -> Result<HeadRow, StoreError> {
    Ok(HeadRow {
        position: row.int(0)?,
        instant: row.int(1)?,
        units: row.int(2)?,
        accounts: row.int(3)?,
        book_version: row.int(4)?,
        closed_through: row.opt_int(5)?,
        behind: row.int(6)? != 0,
    })
}

/// Reads the head.
pub(super) async fn read<E: Engine>(engine: &E, link: &mut E::Link) -> Result<HeadRow, StoreError> {
    head_row(engine.fetch(link, READ, Vec::new()).await?.first().ok_or_else(missing)?)
}

/// Reads the head and keeps everybody else from moving it.
pub(super) async fn lock<E: Engine>(engine: &E, link: &mut E::Link) -> Result<HeadRow, StoreError> {
    head_row(engine.fetch(link, LOCK, Vec::new()).await?.first().ok_or_else(missing)?)
}

/// What a unit says of itself.
#[derive(Debug, Clone)]
pub(super) struct UnitRow {
    pub(super) number: i64,
    pub(super) records: i64,
    pub(super) not_before: i64,
    /// The kind of all its transactions, if they have one.
    pub(super) kind: Option<Arc<str>>,
    /// Actor and channel, if all its records have the same.
    pub(super) asked: Option<(Arc<str>, Arc<str>)>,
    pub(super) correlation: Option<Arc<str>>,
}

impl UnitRow {
    fn values(&self) -> Vec<Arg> {
        let (actor, channel) = self.asked.clone().unzip();
        let all = [
            Value::Int(self.number),
            Value::Int(self.records),
            Value::Int(self.not_before),
            Value::OptText(self.kind.clone()),
            Value::OptText(actor),
            Value::OptText(channel),
            Value::OptText(self.correlation.clone()),
        ];
        all.into_iter().map(Arg::One).collect()
    }
}

const SETTLE_AT_ONCE: &str = "WITH h AS (UPDATE ~head SET position = position + $2, \
    instant = GREATEST($3, instant + 1) + $2 - 1 \
    WHERE one = 1 AND book_version = $8 \
    AND NOT EXISTS (SELECT 1 FROM ~unit WHERE first_position IS NULL) \
    RETURNING position, instant) \
    INSERT INTO ~unit (number, first_position, first_instant, not_before, records, turn, kind, \
    actor, channel, correlation) \
    SELECT $1, h.position - $2 + 1, h.instant - $2 + 1, $3, $2, 0, $4, $5, $6, $7 FROM h \
    RETURNING first_position, first_instant";

/// Gives a unit its place in the journal, as the last thing before its commit.
pub(super) async fn settle<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    unit: &UnitRow,
    book_version: i64,
) -> Result<Committed, StoreError> {
    if E::CONCURRENT {
        let mut args = unit.values();
        args.push(Arg::One(Value::Int(book_version)));
        if let Some(row) = engine.fetch(link, SETTLE_AT_ONCE, args).await?.first() {
            return committed(row.int(0)?, row.int(1)?);
        }
    }
    let head = lock(engine, link).await?;
    if head.book_version != book_version {
        return Err(StoreError::conflict());
    }
    let head = if E::CONCURRENT { settle_waiting(engine, link, head).await? } else { head };
    let first_position = head.position.saturating_add(1);
    let first_instant = unit.not_before.max(head.instant.saturating_add(1));
    insert(engine, link, unit, first_position, first_instant).await?;
    let last = unit.records.saturating_sub(1);
    let moved = HeadRow {
        position: first_position.saturating_add(last),
        instant: first_instant.saturating_add(last),
        units: unit.number,
        ..head
    };
    move_to(engine, link, moved).await?;
    committed(first_position, first_instant)
}

const INSERT: &str = "INSERT INTO ~unit (number, first_position, first_instant, not_before, \
    records, turn, kind, actor, channel, correlation) \
    VALUES ($1, $8, $9, $3, $2, 0, $4, $5, $6, $7)";

/// Writes a unit with its place.
pub(super) async fn insert<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    unit: &UnitRow,
    first_position: i64,
    first_instant: i64,
) -> Result<(), StoreError> {
    let mut args = unit.values();
    args.push(Arg::One(Value::Int(first_position)));
    args.push(Arg::One(Value::Int(first_instant)));
    engine.execute(link, INSERT, args).await?;
    Ok(())
}

const MOVE: &str = "UPDATE ~head SET position = $1, instant = $2, units = $3 WHERE one = 1";

async fn move_to<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    head: HeadRow,
) -> Result<(), StoreError> {
    let all = [head.position, head.instant, head.units];
    let args = all.into_iter().map(|value| Arg::One(Value::Int(value))).collect();
    engine.execute(link, MOVE, args).await?;
    Ok(())
}

fn committed(first_position: i64, first_instant: i64) -> Result<Committed, StoreError> {
    let first_position = u64::try_from(first_position).map_err(|_| missing())?;
    Ok(Committed { first_position, first_instant: Timestamp::from_nanos(first_instant) })
}

const SHARE_BOOK: &str = "SELECT b.version FROM ~book b WHERE b.one = 1 {lock b SHARE}";
const LEAVE_OPEN: &str = "INSERT INTO ~unit (number, first_position, first_instant, not_before, \
    records, turn, kind, actor, channel, correlation) \
    SELECT $1, NULL, NULL, $3, $2, COALESCE(MAX(turn), 0) + 1, $4, $5, $6, $7 \
    FROM ~unit WHERE first_position IS NULL";

/// Leaves the place of a unit open until its host has committed.
pub(super) async fn leave_open<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    unit: &UnitRow,
    book_version: i64,
) -> Result<(), StoreError> {
    // The book stays as it is until the host commits.
    let rows = engine.fetch(link, SHARE_BOOK, Vec::new()).await?;
    if rows.first().ok_or_else(missing)?.int(0)? != book_version {
        return Err(StoreError::conflict());
    }
    engine.execute(link, LEAVE_OPEN, unit.values()).await?;
    Ok(())
}

const WAITING: &str = "SELECT number, records, not_before FROM ~unit \
    WHERE first_position IS NULL ORDER BY turn, number";
const GIVE_PLACES: &str = "UPDATE ~unit AS u SET first_position = w.position, \
    first_instant = w.instant FROM {rows 1,2,3 AS w(number,position,instant)} \
    WHERE u.number = w.number";

/// Settles the units that wait, under the lock of the head.
pub(super) async fn settle_waiting<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    mut head: HeadRow,
) -> Result<HeadRow, StoreError> {
    let rows = engine.fetch(link, WAITING, Vec::new()).await?;
    if rows.is_empty() {
        return Ok(head);
    }
    let (mut numbers, mut positions, mut instants) = (Vec::new(), Vec::new(), Vec::new());
    for row in &rows {
        let (records, not_before) = (row.int(1)?, row.int(2)?);
        let first = not_before.max(head.instant.saturating_add(1));
        numbers.push(row.int(0)?);
        positions.push(head.position.saturating_add(1));
        instants.push(first);
        head.position = head.position.saturating_add(records);
        head.instant = first.saturating_add(records).saturating_sub(1);
    }
    let sets = [numbers, positions, instants];
    let args = sets.into_iter().map(|set| Arg::Set(Column::Ints(set))).collect();
    engine.execute(link, GIVE_PLACES, args).await?;
    move_to(engine, link, head).await?;
    Ok(head)
}

/// Settles the units that wait, in a transaction of its own. A standby cannot: there they stay
/// outside the journal.
pub(super) async fn catch_up<E: Engine>(engine: &E) -> Result<(), StoreError> {
    let mut transaction = engine.begin().await?;
    let head = lock(engine, &mut transaction).await?;
    settle_waiting(engine, &mut transaction, head).await?;
    E::commit(transaction).await
}
