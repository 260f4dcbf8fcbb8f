//! The journal in its order. Units are numbered before they are put in order, so a walk goes by
//! the positions of units, and only then by the places within them.
//!
//! Records are read by the list of their places, never by ranges: a planner knows how many rows a
//! list gives, and takes a range between two columns for a ninth of the table.

use super::engine::{Arg, Column, Engine, Row};
use super::place::{first_place, offset_of};
use super::read::{int, int_of, text};
use super::records::{Placed, complete, record_columns, record_tables};
use crate::ledger::query::Direction;
use crate::ledger::{Kind, Record, Transaction};
use crate::store::StoreError;

/// The most units that one statement of a walk reads.
const MAX_UNITS: usize = if cfg!(test) { 16 } else { 8_192 };
/// The most records that one statement reads.
pub(super) const MAX_ROUND: usize = if cfg!(test) { 64 } else { 1_024 };
/// The most records that one round sifts by their booking days.
pub(super) const MAX_SIFTED: usize = if cfg!(test) { 256 } else { 65_536 };

/// A run of records of one unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// The place of the first record.
    pub(super) low: i64,
    /// The position of the first record.
    pub(super) position: i64,
    /// How many records.
    pub(super) records: i64,
}

impl Span {
    /// One record.
    pub(super) fn one(place: i64, first_position: i64) -> Self {
        let position = first_position.saturating_add(offset_of(place));
        Self { low: place, position, records: 1 }
    }

    /// What of it stands behind a position, in a direction.
    pub(super) fn behind(self, direction: Direction, bound: i64) -> Option<Self> {
        let (skipped, records) = match direction {
            Direction::Forward => {
                let skipped = bound.saturating_add(1).saturating_sub(self.position).max(0);
                (skipped, self.records.saturating_sub(skipped))
            }
            Direction::Backward => (0, self.records.min(bound.saturating_sub(self.position))),
        };
        (records > 0).then(|| Self {
            low: self.low.saturating_add(skipped),
            position: self.position.saturating_add(skipped),
            records,
        })
    }

    /// At most so many records of it: the first ones in a direction.
    fn cut(self, direction: Direction, records: i64) -> Self {
        let skipped = match direction {
            Direction::Forward => 0,
            Direction::Backward => self.records.saturating_sub(records).max(0),
        };
        Self {
            low: self.low.saturating_add(skipped),
            position: self.position.saturating_add(skipped),
            records: self.records.min(records),
        }
    }

    /// The bound behind which the next span begins, in a direction.
    pub(super) const fn bound(&self, direction: Direction) -> i64 {
        match direction {
            Direction::Forward => self.position.saturating_add(self.records).saturating_sub(1),
            Direction::Backward => self.position,
        }
    }

    /// Behind the place of the last record.
    pub(super) const fn high(&self) -> i64 {
        self.low.saturating_add(self.records)
    }
}

/// The bound before the first record, in a direction.
pub(super) fn bound_of(direction: Direction, after: Option<u64>) -> i64 {
    let start = match direction {
        Direction::Forward => 0,
        Direction::Backward => i64::MAX,
    };
    after.map_or(start, |after| i64::try_from(after).unwrap_or(i64::MAX))
}

/// Takes at most so many records from the front of spans, and cuts the last one taken.
pub(super) fn take(
    spans: impl Iterator<Item = Span>,
    direction: Direction,
    records: usize,
) -> Vec<Span> {
    let mut room = i64::try_from(records).unwrap_or(i64::MAX);
    let mut taken = Vec::new();
    for span in spans {
        if room <= 0 {
            break;
        }
        taken.push(span.cut(direction, room));
        room = room.saturating_sub(span.records);
    }
    taken
}

macro_rules! units {
    (forward $($filter:literal)?) => {
        concat!("SELECT u.number, u.first_position, u.records FROM ~unit AS u \
             WHERE u.first_position >= (SELECT COALESCE(MAX(p.first_position), 0) \
             FROM ~unit AS p WHERE p.first_position <= $1) ",
             $($filter,)? " ORDER BY u.first_position LIMIT $2")
    };
    (backward $($filter:literal)?) => {
        concat!("SELECT u.number, u.first_position, u.records FROM ~unit AS u \
             WHERE u.first_position < $1 ",
             $($filter,)? " ORDER BY u.first_position DESC LIMIT $2")
    };
}

/// The next units behind a position that hold a kind, if one is given: at most so many records.
/// Empty at the end of the journal.
pub(super) async fn walk<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    direction: Direction,
    bound: i64,
    records: usize,
    kind: Option<Kind>,
) -> Result<Vec<Span>, StoreError> {
    let sql = match (direction, kind) {
        (Direction::Forward, None) => units!(forward),
        (Direction::Backward, None) => units!(backward),
        (Direction::Forward, Some(_)) => {
            units!(forward "AND (u.kind = $3 OR EXISTS \
                (SELECT 1 FROM ~unit_kind AS k WHERE k.kind = $3 AND k.unit = u.number))")
        }
        (Direction::Backward, Some(_)) => {
            units!(backward "AND (u.kind = $3 OR EXISTS \
                (SELECT 1 FROM ~unit_kind AS k WHERE k.kind = $3 AND k.unit = u.number))")
        }
    };
    let first = match direction {
        Direction::Forward => bound.saturating_add(1),
        Direction::Backward => bound,
    };
    // One more: the first may end where the walk begins.
    let units = records.min(MAX_UNITS).saturating_add(1);
    let mut args = vec![int(first), int_of(units)];
    args.extend(kind.map(|kind| text(kind.as_str())));
    let rows = engine.fetch(link, sql, args).await?;
    let spans = rows.iter().map(span).collect::<Result<Vec<_>, _>>()?;
    let spans = spans.into_iter().flatten().filter_map(|span| span.behind(direction, bound));
    Ok(take(spans, direction, records))
}

/// A whole unit from its number, first position and count; `None` before it is settled.
pub(super) fn span(row: &impl Row) -> Result<Option<Span>, StoreError> {
    let (low, records) = (first_place(row.int(0)?)?, row.int(2)?);
    Ok(row.opt_int(1)?.map(|position| Span { low, position, records }))
}

/// The places of spans.
fn places(spans: &[Span]) -> Arg {
    let places = spans.iter().flat_map(|span| span.low..span.high());
    Arg::Set(Column::Ints(places.collect()))
}

macro_rules! records_at {
    ($($filter:literal)?) => {
        concat!("SELECT ", record_columns!(), " FROM ~record AS r ", record_tables!(),
            " WHERE r.place {in 1}", $($filter)?)
    };
}

/// Records behind a place, in order.
pub(super) async fn journal<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    after: u64,
    limit: usize,
) -> Result<Vec<Record>, StoreError> {
    let direction = Direction::Forward;
    let mut bound = bound_of(direction, Some(after));
    let mut records: Vec<Record> = Vec::new();
    while records.len() < limit {
        let room = limit.saturating_sub(records.len()).min(MAX_ROUND);
        let spans = walk(engine, link, direction, bound, room, None).await?;
        let Some(last) = spans.last() else { break };
        bound = last.bound(direction);
        let rows = engine.fetch(link, records_at!(), vec![places(&spans)]).await?;
        let mut found = complete(engine, link, rows, |_| true).await?;
        found.sort_by_key(|(_, record)| record.position());
        records.extend(found.into_iter().map(|(_, record)| record));
    }
    Ok(records)
}

/// What a statement looks at before it reads entries.
#[derive(Debug, Clone, Copy)]
pub(super) struct Filter {
    /// The kind.
    pub(super) kind: Option<Kind>,
    /// From this booking day on.
    pub(super) from: i64,
    /// Up to and including this booking day.
    pub(super) to: i64,
}

/// Transactions of spans that pass a filter, by position, in a direction.
pub(super) async fn transactions_at<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    spans: &[Span],
    direction: Direction,
    filter: Filter,
    wanted: impl Fn(&Transaction) -> bool + Send,
) -> Result<Vec<Transaction>, StoreError> {
    if spans.is_empty() {
        return Ok(Vec::new());
    }
    let mut args = vec![places(spans), int(filter.from), int(filter.to)];
    let sql = match filter.kind {
        None => {
            records_at!(" AND r.kind IS NOT NULL AND r.booking_day >= $2 AND r.booking_day <= $3")
        }
        // Not a plain column: SQLite would build an index of all kinds for the moment.
        Some(kind) => {
            args.push(text(kind.as_str()));
            records_at!(
                " AND r.booking_day >= $2 AND r.booking_day <= $3 AND COALESCE(r.kind, '') = $4"
            )
        }
    };
    let rows = engine.fetch(link, sql, args).await?;
    let found: Vec<Placed> = complete(engine, link, rows, wanted).await?;
    let transaction = |(_, record)| match record {
        Record::Transaction(transaction) => Some(transaction),
        Record::Operation(_) => None,
    };
    let mut found: Vec<Transaction> = found.into_iter().filter_map(transaction).collect();
    found.sort_by_key(|transaction| transaction.position);
    if direction == Direction::Backward {
        found.reverse();
    }
    Ok(found)
}

/// The places of spans as few ranges, each for a statement of its own. Units whose numbers are
/// close share one; what else stands between them is left out by its position.
pub(super) fn ranges(spans: &[Span]) -> Vec<(i64, i64)> {
    let mut spans: Vec<(i64, i64)> = spans.iter().map(|span| (span.low, span.high())).collect();
    spans.sort_unstable();
    let mut ranges: Vec<(i64, i64)> = Vec::new();
    for (low, high) in spans {
        match ranges.last_mut().filter(|(_, end)| low.saturating_sub(*end) < CLOSE) {
            Some((_, end)) => *end = high,
            None => ranges.push((low, high)),
        }
    }
    ranges
}

/// As far apart as numbers lie that a process takes at a time.
const CLOSE: i64 = 256 << 14;

const BOOKED: &str = "SELECT r.place FROM ~record AS r WHERE r.place >= $1 AND r.place < $2 \
     AND r.kind IS NOT NULL AND r.booking_day >= $3 AND r.booking_day <= $4";

/// The transactions of spans that are booked on the days of a filter, as spans of one record
/// each, in the order of the list. For spans that follow each other: it reads ranges.
pub(super) async fn booked<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    spans: &[Span],
    direction: Direction,
    filter: Filter,
) -> Result<Vec<Span>, StoreError> {
    let mut sorted = spans.to_vec();
    sorted.sort_unstable_by_key(|span| span.low);
    let mut found = Vec::new();
    for (low, high) in ranges(spans) {
        let args = [low, high, filter.from, filter.to].map(int).to_vec();
        for row in engine.fetch(link, BOOKED, args).await? {
            let place = row.int(0)?;
            let at = sorted.partition_point(|span| span.high() <= place);
            if let Some(span) = sorted.get(at).filter(|span| span.low <= place) {
                let position = span.position.saturating_add(place.saturating_sub(span.low));
                found.push(Span { low: place, position, records: 1 });
            }
        }
    }
    found.sort_unstable_by_key(|span| span.position);
    if direction == Direction::Backward {
        found.reverse();
    }
    Ok(found)
}
