//! The entries of an account: by number, or by day and number. Entries whose day is not earlier
//! than any before them follow each other in both orders; late ones stand in an index of their
//! own, and the two are merged.

use std::cmp::Reverse;

use super::codes::{count_of, date_of, day_of};
use super::engine::{Arg, Engine, Row, Value};
use super::read::{int, int_of};
use super::records::side_of;
use super::rows::{Currencies, instant_of};
use super::search::{By, counts};
use crate::id::{AccountId, TransactionId};
use crate::ledger::Entry;
use crate::ledger::query::{Direction, EntryKey, EntryOrder, EntryQuery};
use crate::money::{Currency, Money};
use crate::store::StoreError;
use chrono::NaiveDate;

/// An account as its entries need it.
struct Account {
    id: AccountId,
    key: i64,
    entries: i64,
    currency: Currency,
}

async fn account<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    id: AccountId,
) -> Result<Option<Account>, StoreError> {
    let sql = "SELECT a.key, a.entries, a.currency, a.exponent FROM ~account AS a WHERE a.id = $1";
    let rows = engine.fetch(link, sql, vec![Arg::One(Value::Uuid(id.as_uuid()))]).await?;
    let account = |row: &E::Row| {
        let currency = Currencies::default().parse(row.text(2)?, row.int(3)?)?;
        Ok(Account { id, key: row.int(0)?, entries: row.int(1)?, currency })
    };
    rows.first().map(account).transpose()
}

/// Columns of [`entry`], of an entry with its record and its settled unit.
macro_rules! entries {
    () => {
        "SELECT e.seq, e.number, e.amount, e.balance_after, COALESCE(e.late_booked, e.booked) \
         AS booked, COALESCE(e.late_valued, e.valued) AS valued, r.id, u.first_instant \
         FROM ~entry AS e JOIN ~record AS r ON r.place = (e.seq >> 12) \
         JOIN ~unit AS u ON u.number = (e.seq >> 26) AND u.first_position IS NOT NULL \
         WHERE e.account = $1 "
    };
}

fn entry(row: &impl Row, account: &Account) -> Result<Entry, StoreError> {
    let (side, amount) = side_of(row.int(2)?)?;
    let first = row.int(7)?;
    Ok(Entry {
        transaction: TransactionId::from_uuid(row.uuid(6)?),
        account: account.id,
        side,
        money: Money::new(amount, account.currency),
        number: count_of(row.int(1)?)?,
        balance_after: row.int(3)?,
        booking_date: date_of(row.int(4)?)?,
        value_date: date_of(row.int(5)?)?,
        posted_at: instant_of(super::place::place_of_entry(row.int(0)?), Some(first), first),
    })
}

/// Entries of an account that pass a filter, in its order, behind `after`.
pub(super) async fn entry_list<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    query: &EntryQuery,
    after: Option<EntryKey>,
    limit: usize,
) -> Result<Vec<Entry>, StoreError> {
    let Some(account) = account(engine, link, query.account).await? else {
        return Ok(Vec::new());
    };
    let rows = match query.order {
        EntryOrder::Posted => by_number(engine, link, &account, query, after, limit).await?,
        EntryOrder::BookingDate | EntryOrder::ValueDate => {
            by_day(engine, link, &account, query, after, limit).await?
        }
    };
    let entries: Result<Vec<Entry>, StoreError> =
        rows.iter().map(|row| entry(row, &account)).collect();
    let mut entries = entries?;
    let key = |entry: &Entry| match query.order {
        EntryOrder::Posted => (NaiveDate::MIN, entry.number),
        EntryOrder::BookingDate => (entry.booking_date, entry.number),
        EntryOrder::ValueDate => (entry.value_date, entry.number),
    };
    match query.direction {
        Direction::Forward => entries.sort_unstable_by_key(key),
        Direction::Backward => entries.sort_unstable_by_key(|entry| Reverse(key(entry))),
    }
    entries.truncate(limit);
    Ok(entries)
}

/// The instant before a day begins in UTC, or the nearest one there is.
fn before(day: NaiveDate) -> i64 {
    let nanos = i128::from(day_of(day)).saturating_mul(86_400_000_000_000).saturating_sub(1);
    let nearest = if nanos < 0 { i64::MIN } else { i64::MAX };
    i64::try_from(nanos).unwrap_or(nearest)
}

async fn by_number<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    account: &Account,
    query: &EntryQuery,
    after: Option<EntryKey>,
    limit: usize,
) -> Result<Vec<E::Row>, StoreError> {
    let from = query.from.map(before);
    let to = query.to.map(|to| to.succ_opt().map_or(i64::MAX, before));
    let days: Vec<i64> = from.into_iter().chain(to).collect();
    let counts = counts(engine, link, account.key, By::Instant, &days).await?;
    let count = |bound: &i64| counts.get(bound).copied();
    let mut low = from.as_ref().and_then(count).unwrap_or(0);
    let mut high = to.as_ref().and_then(count).unwrap_or(i64::MAX);
    let after = after.map(|key| i64::try_from(key.number).unwrap_or(i64::MAX));
    let sql = match query.direction {
        Direction::Forward => {
            low = low.max(after.unwrap_or(0));
            concat!(entries!(), "AND e.number > $2 AND e.number <= $3 ORDER BY e.number LIMIT $4")
        }
        Direction::Backward => {
            high = high.min(after.map_or(i64::MAX, |number| number.saturating_sub(1)));
            concat!(
                entries!(),
                "AND e.number > $2 AND e.number <= $3 ORDER BY e.number DESC LIMIT $4"
            )
        }
    };
    let args = vec![int(account.key), int(low), int(high), int_of(limit)];
    engine.fetch(link, sql, args).await
}

/// The two streams of an order by day, between two keys that they exclude: `$4, $5` and `$6, $7`.
/// Numbers above `$2` and up to `$3` bound the first one.
macro_rules! merged {
    ($day:literal, $late:literal, $order:literal) => {
        concat!(
            "SELECT * FROM (",
            entries!(),
            "AND e.",
            $late,
            " IS NULL \
             AND e.number > $2 AND e.number <= $3 \
             AND (e.",
            $day,
            " > $4 OR e.",
            $day,
            " = $4 AND e.number > $5) \
             AND (e.",
            $day,
            " < $6 OR e.",
            $day,
            " = $6 AND e.number < $7) \
             ORDER BY e.number ",
            $order,
            " LIMIT $8) AS prompt \
             UNION ALL SELECT * FROM (",
            entries!(),
            "AND e.",
            $late,
            " IS NOT NULL \
             AND e.",
            $late,
            " >= $4 AND e.",
            $late,
            " <= $6 \
             AND (e.",
            $late,
            ", e.number) > ($4, $5) AND (e.",
            $late,
            ", e.number) < ($6, $7) \
             ORDER BY e.",
            $late,
            " ",
            $order,
            ", e.number ",
            $order,
            " LIMIT $8) AS late"
        )
    };
}

async fn by_day<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    account: &Account,
    query: &EntryQuery,
    after: Option<EntryKey>,
    limit: usize,
) -> Result<Vec<E::Row>, StoreError> {
    let sql = match (query.order, query.direction) {
        (EntryOrder::ValueDate, Direction::Forward) => merged!("valued", "late_valued", "ASC"),
        (EntryOrder::ValueDate, Direction::Backward) => merged!("valued", "late_valued", "DESC"),
        (_, Direction::Forward) => merged!("booked", "late_booked", "ASC"),
        (_, Direction::Backward) => merged!("booked", "late_booked", "DESC"),
    };
    let by = if query.order == EntryOrder::ValueDate { By::Valued } else { By::Booked };
    let after = after.map(|key| (day_of(key.day), i64::try_from(key.number).unwrap_or(i64::MAX)));
    // Numbers begin at 1: behind number 0 of a day is all of it.
    let mut low = (query.from.map_or(NO_DAY_BEFORE, day_of), 0);
    let mut high = (query.to.map_or(NO_DAY_BEHIND, day_of), i64::MAX);
    match query.direction {
        Direction::Forward => low = after.map_or(low, |key| low.max(key)),
        Direction::Backward => high = after.map_or(high, |key| high.min(key)),
    }
    let (above, up_to) = numbers(engine, link, account, by, low, high).await?;
    let args = [account.key, above, up_to, low.0, low.1, high.0, high.1];
    let args = args.into_iter().map(int).chain([int_of(limit)]);
    engine.fetch(link, sql, args.collect()).await
}

const NO_DAY_BEFORE: i64 = i64::MIN;
const NO_DAY_BEHIND: i64 = i64::MAX;

/// Above which number, and up to which, the entries in order lie that stand between two keys.
async fn numbers<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    account: &Account,
    by: By,
    low: (i64, i64),
    high: (i64, i64),
) -> Result<(i64, i64), StoreError> {
    let mut bounds = Vec::with_capacity(4);
    for (day, _) in [low, high] {
        if day != NO_DAY_BEFORE && day != NO_DAY_BEHIND {
            bounds.extend([day.saturating_sub(1), day]);
        }
    }
    bounds.sort_unstable();
    bounds.dedup();
    let counts = counts(engine, link, account.key, by, &bounds).await?;
    // Entries of the day itself have the numbers between the two counts.
    let within = |day: i64, number: i64| {
        let first = counts.get(&day.saturating_sub(1)).copied()?;
        let last = counts.get(&day).copied()?;
        Some(number.min(last).max(first))
    };
    let above = within(low.0, low.1).unwrap_or(0);
    let up_to = within(high.0, high.1.saturating_sub(1)).unwrap_or(i64::MAX);
    // What is posted between the two statements stands behind the last number known: days decide.
    Ok((above, if up_to >= account.entries { i64::MAX } else { up_to }))
}
