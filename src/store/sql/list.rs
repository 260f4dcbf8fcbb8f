//! Lists of transactions, in the order of the journal.

use super::codes::day_of;
use super::engine::{Arg, Engine, Row, Value};
use super::journal::{
    Filter, MAX_ROUND, MAX_SIFTED, Span, booked, bound_of, span, take, transactions_at, walk,
};
use super::place::offset_of;
use super::read::{int, int_of, text};
use super::search::{By, counts};
use crate::id::AccountId;
use crate::ledger::query::{Direction, TransactionQuery};
use crate::ledger::{Correlation, Kind, Transaction};
use crate::store::StoreError;

/// Up to so many rows that match, sorting them all beats a walk along the journal.
pub(super) const FEW: usize = if cfg!(test) { 24 } else { 4_096 };

/// Where the candidates of a list come from.
enum Source<'a> {
    /// All records, or all units that hold a kind.
    Journal(Option<Kind>),
    /// The records of these spans, in the order of the list.
    Spans(Vec<Span>),
    /// Records with a reference.
    Reference(&'a str),
    /// Records with an entry of an account; the number of the last entry seen.
    Account(i64, i64),
}

/// A list on its way.
struct Walk<'a> {
    direction: Direction,
    bound: i64,
    source: Source<'a>,
}

/// Transactions that pass a filter, by place in the journal, behind `after`.
pub(super) async fn transaction_list<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    query: &TransactionQuery,
    after: Option<u64>,
    limit: usize,
) -> Result<Vec<Transaction>, StoreError> {
    let direction = query.direction;
    let bound = bound_of(direction, after);
    let source = match (&query.reference, &query.correlation, query.account, query.kind) {
        (Some(reference), ..) => Source::Reference(reference.as_str()),
        (None, Some(correlation), ..) => {
            Source::Spans(of_correlation(engine, link, correlation).await?)
        }
        (None, None, Some(account), _) => {
            of_account(engine, link, account, direction, bound).await?
        }
        (None, None, None, Some(kind)) => of_kind(engine, link, kind).await?,
        (None, None, None, None) => Source::Journal(None),
    };
    let mut walk = Walk { direction, bound, source };
    walk.sort();
    let filter = Filter {
        kind: query.kind,
        from: query.from.map_or(i64::MIN, day_of),
        to: query.to.map_or(i64::MAX, day_of),
    };
    // Entries are not known yet; all else that is asked for can be judged without.
    let wanted = |found: &Transaction| {
        let words = found.words().and_then(|words| words.reference.as_ref());
        query.reference.as_ref().is_none_or(|reference| words == Some(reference))
            && query
                .correlation
                .as_ref()
                .is_none_or(|correlation| found.origin.correlation.as_ref() == Some(correlation))
    };
    let mut listed: Vec<Transaction> = Vec::new();
    // Days alone have no index: the journal is sifted by them, in long rounds.
    let dated = query.from.is_some() || query.to.is_some();
    let sift = dated && matches!(walk.source, Source::Journal(None));
    let mut round = limit;
    while listed.len() < limit {
        let most = if sift { MAX_SIFTED } else { MAX_ROUND };
        let Some(mut spans) = walk.next(engine, link, round.min(most)).await? else { break };
        if sift {
            spans = booked(engine, link, &spans, direction, filter).await?;
        }
        for spans in spans.chunks(MAX_ROUND) {
            if listed.len() < limit {
                let found = transactions_at(engine, link, spans, direction, filter, wanted).await?;
                listed.extend(found.into_iter().filter(|found| query.admits(found)));
            }
        }
        round = round.saturating_mul(2);
    }
    listed.truncate(limit);
    Ok(listed)
}

macro_rules! reference {
    ($test:literal, $order:literal) => {
        concat!(
            "SELECT d.place, u.first_position FROM ~detail AS d \
             JOIN ~unit AS u ON u.number = (d.place >> 14) \
             WHERE d.reference = $1 AND u.first_position + (d.place & 16383) ",
            $test,
            " $2 ORDER BY u.first_position ",
            $order,
            ", d.place ",
            $order,
            " LIMIT $3"
        )
    };
}

macro_rules! account {
    ($test:literal, $order:literal) => {
        concat!(
            "SELECT e.seq >> 12, u.first_position, e.number FROM ~entry AS e \
             JOIN ~unit AS u ON u.number = (e.seq >> 26) AND u.first_position IS NOT NULL \
             WHERE e.account = $1 AND e.number ",
            $test,
            " $2 ORDER BY e.number ",
            $order,
            " LIMIT $3"
        )
    };
}

impl Walk<'_> {
    /// Spans in the order of the list.
    fn sort(&mut self) {
        if let Source::Spans(spans) = &mut self.source {
            spans.sort_unstable_by_key(|span| span.position);
            if self.direction == Direction::Backward {
                spans.reverse();
            }
        }
    }

    /// The next candidates, at most so many records; `None` at the end.
    async fn next<E: Engine>(
        &mut self,
        engine: &E,
        link: &mut E::Link,
        records: usize,
    ) -> Result<Option<Vec<Span>>, StoreError> {
        let (direction, bound) = (self.direction, self.bound);
        let forward = direction == Direction::Forward;
        let spans = match &mut self.source {
            Source::Journal(kind) => walk(engine, link, direction, bound, records, *kind).await?,
            Source::Spans(spans) => {
                let behind = spans.iter().filter_map(|span| span.behind(direction, bound));
                take(behind, direction, records)
            }
            Source::Reference(reference) => {
                let sql = if forward { reference!(">", "ASC") } else { reference!("<", "DESC") };
                let args = vec![text(reference), int(bound), int_of(records)];
                let rows = engine.fetch(link, sql, args).await?;
                places(&rows)?
            }
            Source::Account(key, number) => {
                let sql = if forward { account!(">", "ASC") } else { account!("<", "DESC") };
                let args = vec![int(*key), int(*number), int_of(records)];
                let rows = engine.fetch(link, sql, args).await?;
                if let Some(row) = rows.last() {
                    *number = row.int(2)?;
                }
                let mut spans = places(&rows)?;
                spans.dedup();
                // The last transaction of the round before may have had more entries.
                let fresh = |span: &Span| span.behind(direction, bound).is_some();
                if spans.last().is_some_and(|last| !fresh(last)) {
                    return Ok(Some(Vec::new()));
                }
                spans.retain(fresh);
                spans
            }
        };
        let Some(last) = spans.last() else { return Ok(None) };
        self.bound = last.bound(direction);
        Ok(Some(spans))
    }
}

fn places<R: Row>(rows: &[R]) -> Result<Vec<Span>, StoreError> {
    rows.iter().map(|row| Ok(Span::one(row.int(0)?, row.int(1)?))).collect()
}

/// Behind which entry of an account the list begins.
async fn of_account<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    account: AccountId,
    direction: Direction,
    bound: i64,
) -> Result<Source<'static>, StoreError> {
    let sql = "SELECT a.key FROM ~account AS a WHERE a.id = $1";
    let rows = engine.fetch(link, sql, vec![Arg::One(Value::Uuid(account.as_uuid()))]).await?;
    let Some(row) = rows.first() else { return Ok(Source::Spans(Vec::new())) };
    let key = row.int(0)?;
    let number = match direction {
        Direction::Forward if bound == 0 => 0,
        Direction::Forward => count(engine, link, key, bound).await?,
        Direction::Backward if bound == i64::MAX => i64::MAX,
        Direction::Backward => {
            count(engine, link, key, bound.saturating_sub(1)).await?.saturating_add(1)
        }
    };
    Ok(Source::Account(key, number))
}

/// How many entries of an account stand up to a position.
async fn count<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    account: i64,
    position: i64,
) -> Result<i64, StoreError> {
    let found = counts(engine, link, account, By::Position, &[position]).await?;
    Ok(found.get(&position).copied().unwrap_or(0))
}

/// The records that one request of the host caused: whole units, and runs within units.
async fn of_correlation<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    correlation: &Correlation,
) -> Result<Vec<Span>, StoreError> {
    let units = "SELECT u.number, u.first_position, u.records FROM ~unit AS u \
         WHERE u.correlation = $1 AND u.first_position IS NOT NULL";
    let rows = engine.fetch(link, units, vec![text(correlation.as_str())]).await?;
    let spans = rows.iter().map(span).collect::<Result<Vec<_>, _>>()?;
    let mut spans: Vec<Span> = spans.into_iter().flatten().collect();
    let runs = "SELECT u.number, u.first_position, u.records, o.place, (SELECT MIN(n.place) \
         FROM ~origin AS n WHERE n.place > o.place AND n.place < ((u.number + 1) << 14)) \
         FROM ~origin AS o JOIN ~unit AS u ON u.number = (o.place >> 14) \
         WHERE o.correlation = $1 AND u.first_position IS NOT NULL";
    for row in engine.fetch(link, runs, vec![text(correlation.as_str())]).await? {
        let first = row.int(1)?;
        let position = |place: i64| first.saturating_add(offset_of(place));
        let run = span(&row)?;
        let run = run.and_then(|run| {
            run.behind(Direction::Forward, position(row.int(3).ok()?).saturating_sub(1))
        });
        let run = match (run, row.opt_int(4)?) {
            (Some(run), Some(next)) => run.behind(Direction::Backward, position(next)),
            (run, _) => run,
        };
        spans.extend(run);
    }
    Ok(spans)
}

/// The units that hold a kind, if they are few.
async fn of_kind<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    kind: Kind,
) -> Result<Source<'static>, StoreError> {
    let pure = "SELECT u.number, u.first_position, u.records FROM ~unit AS u \
         WHERE u.kind = $1 LIMIT $2";
    let mixed = "SELECT u.number, u.first_position, u.records FROM ~unit_kind AS k \
         JOIN ~unit AS u ON u.number = k.unit WHERE k.kind = $1 LIMIT $2";
    let mut spans = Vec::new();
    for sql in [pure, mixed] {
        let args = vec![text(kind.as_str()), int_of(FEW)];
        let rows = engine.fetch(link, sql, args).await?;
        if rows.len() >= FEW {
            return Ok(Source::Journal(Some(kind)));
        }
        for row in &rows {
            spans.extend(span(row)?);
        }
    }
    Ok(Source::Spans(spans))
}
