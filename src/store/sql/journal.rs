//! The journal in its order. Units are numbered before they are put in order, so a walk goes by
//! the positions of units, and only then by the places within them.

use super::engine::{Arg, Column, Engine, Row};
use super::place::{first_place, offset_of, unit_of};
use super::read::{int, int_of, text};
use super::records::{Placed, complete, record_columns, record_tables};
use crate::ledger::query::Direction;
use crate::ledger::{Kind, Record, Transaction};
use crate::store::StoreError;

/// The most units that one statement of a walk reads.
const MAX_UNITS: usize = 4_096;

/// A run of records of one unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// The place of the first record.
    pub(super) low: i64,
    /// Behind the place of the last record; up to the next unit nothing else stands there.
    pub(super) high: i64,
    /// The position of the first record.
    pub(super) position: i64,
    /// How many records.
    pub(super) records: i64,
}

impl Span {
    /// The records `from..to` of a unit, by their offsets; `None` without any.
    fn new(unit: i64, first_position: i64, from: i64, to: i64, records: i64) -> Option<Self> {
        let (from, to) = (from.max(0), to.min(records));
        let first = first_place(unit).ok()?;
        let end = if to == records {
            first_place(unit.saturating_add(1)).ok()?
        } else {
            first.saturating_add(to)
        };
        (from < to).then(|| Self {
            low: first.saturating_add(from),
            high: end,
            position: first_position.saturating_add(from),
            records: to.saturating_sub(from),
        })
    }

    /// One record.
    pub(super) fn one(place: i64, first_position: i64) -> Self {
        let position = first_position.saturating_add(offset_of(place));
        Self { low: place, high: place.saturating_add(1), position, records: 1 }
    }

    /// What of it stands behind a position, in a direction.
    pub(super) fn behind(self, direction: Direction, bound: i64) -> Option<Self> {
        let offset = offset_of(self.low);
        let (first, last) =
            (self.position.saturating_sub(offset), offset.saturating_add(self.records));
        let at = bound.saturating_sub(first);
        let (from, to) = match direction {
            Direction::Forward => (offset.max(at.saturating_add(1)), last),
            Direction::Backward => (offset, last.min(at)),
        };
        // Where it is not cut it may reach up to the next unit, as before.
        let cut = Self::new(unit_of(self.low), first, from, to, i64::MAX)?;
        Some(if to == last { Self { high: self.high, ..cut } } else { cut })
    }

    /// The bound behind which the next span begins, in a direction.
    pub(super) const fn bound(&self, direction: Direction) -> i64 {
        match direction {
            Direction::Forward => self.position.saturating_add(self.records).saturating_sub(1),
            Direction::Backward => self.position,
        }
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
        let bound = match direction {
            Direction::Forward => span.position.saturating_add(room),
            Direction::Backward => {
                span.position.saturating_add(span.records).saturating_sub(room).saturating_sub(1)
            }
        };
        let opposite = match direction {
            Direction::Forward => Direction::Backward,
            Direction::Backward => Direction::Forward,
        };
        let kept = if span.records > room { span.behind(opposite, bound) } else { Some(span) };
        taken.extend(kept);
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

/// A whole unit from its number, first position and count.
pub(super) fn span(row: &impl Row) -> Result<Option<Span>, StoreError> {
    let records = row.int(2)?;
    Ok(Span::new(row.int(0)?, row.int(1)?, 0, records, records))
}

/// Spans as two sets, with neighbours joined.
pub(super) fn bounds(spans: &[Span]) -> Vec<Arg> {
    let mut spans: Vec<(i64, i64)> = spans.iter().map(|span| (span.low, span.high)).collect();
    spans.sort_unstable();
    let (mut low, mut high): (Vec<i64>, Vec<i64>) = (Vec::new(), Vec::new());
    for (from, to) in spans {
        match high.last_mut().filter(|end| **end >= from) {
            Some(end) => *end = to.max(*end),
            None => {
                low.push(from);
                high.push(to);
            }
        }
    }
    vec![Arg::Set(Column::Ints(low)), Arg::Set(Column::Ints(high))]
}

macro_rules! records_within {
    ($($filter:literal)?) => {
        concat!("SELECT ", record_columns!(),
            " FROM {rows 1,2 AS w(low,high)} CROSS JOIN ~record AS r ", record_tables!(),
            " WHERE r.place >= w.low AND r.place < w.high", $($filter)?)
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
        let room = limit.saturating_sub(records.len());
        let spans = walk(engine, link, direction, bound, room, None).await?;
        let Some(last) = spans.last() else { break };
        bound = last.bound(direction);
        let rows = engine.fetch(link, records_within!(), bounds(&spans)).await?;
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

/// Transactions within spans, by position, in a direction.
pub(super) async fn transactions_within<E: Engine>(
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
    let mut args = bounds(spans);
    args.extend([int(filter.from), int(filter.to)]);
    let sql = match filter.kind {
        None => {
            records_within!(
                " AND r.kind IS NOT NULL AND r.booking_day >= $3 AND r.booking_day <= $4"
            )
        }
        Some(kind) => {
            args.push(text(kind.as_str()));
            records_within!(" AND r.booking_day >= $3 AND r.booking_day <= $4 AND r.kind = $5")
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
