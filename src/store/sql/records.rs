//! Records of the journal: a row of its own, what few of them have, who asked, and entries.

use std::collections::HashMap;

use super::codes::{count_of, date_of, defaulted_of, flag_of};
use super::engine::{Arg, Column, Engine, Row, missing};
use super::place::{first_entry, place_of_entry, unit_of};
use super::rows::{Currencies, bytes, instant_of, json, position_of};
use crate::id::{AccountId, HoldId, TransactionId, UnitId};
use crate::ledger::{
    Actor, Channel, Correlation, Entry, GroupMark, Kind, Link, Operation, OperationRecord, Origin,
    Record, SaltedNotes, Side, Transaction,
};
use crate::money::Money;
use crate::store::StoreError;

/// Columns of [`complete`], of [`record_tables`].
macro_rules! record_columns {
    () => {
        "r.place, r.id, r.booking_day, r.value_day, r.defaulted, r.kind, u.first_position, \
         u.first_instant, u.not_before, u.actor, u.channel, u.correlation, d.link, d.linked, \
         d.marked, d.group_id, d.group_index, d.group_size, d.words, d.salt, d.digest, d.operation"
    };
}
pub(super) use record_columns;

/// What is behind a record, given `record AS r`.
macro_rules! record_tables {
    () => {
        "JOIN ~unit AS u ON u.number = (r.place >> 14) \
         LEFT JOIN ~detail AS d ON d.place = r.place AND r.detailed = 1"
    };
}
pub(super) use record_tables;

/// A record with its place.
pub(super) type Placed = (i64, Record);

/// Turns rows into records, and reads the entries of those that `wanted` lets pass before it
/// knows their entries. The order of the rows is kept.
pub(super) async fn complete<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    rows: Vec<E::Row>,
    wanted: impl Fn(&Transaction) -> bool + Send,
) -> Result<Vec<Placed>, StoreError> {
    let mut split = Vec::new();
    for row in &rows {
        if row.opt_text(9)?.is_none() {
            split.push(row.int(0)?);
        }
    }
    let split = origins(engine, link, split).await?;
    let mut last = None;
    let mut found: Vec<Placed> = Vec::with_capacity(rows.len());
    for row in rows {
        let place = row.int(0)?;
        let origin = match split.get(&place) {
            Some(origin) => origin.clone(),
            None => origin_at(&row, 9, &mut last)?,
        };
        let record = record(&row, place, origin)?;
        if !matches!(&record, Record::Transaction(transaction) if !wanted(transaction)) {
            found.push((place, record));
        }
    }
    attach_entries(engine, link, &mut found).await?;
    Ok(found)
}

const ORIGINS: &str = "SELECT t.place, t.at, o.actor, o.channel, o.correlation FROM \
     (SELECT w.place AS place, (SELECT MAX(p.place) FROM ~origin AS p WHERE p.place <= w.place) \
     AS at FROM {rows 1 AS w(place)}) AS t JOIN ~origin AS o ON o.place = t.at";

/// Who asked for the records at these places, in units of many requests.
async fn origins<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    places: Vec<i64>,
) -> Result<HashMap<i64, Origin>, StoreError> {
    if places.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = engine.fetch(link, ORIGINS, vec![Arg::Set(Column::Ints(places))]).await?;
    let (mut origins, mut last) = (HashMap::with_capacity(rows.len()), None);
    for row in rows {
        let place = row.int(0)?;
        // The run of another unit says nothing of this one.
        if unit_of(row.int(1)?) == unit_of(place) {
            origins.insert(place, origin_at(&row, 2, &mut last)?);
        }
    }
    Ok(origins)
}

/// Actor, channel and correlation in three columns. Neighbours share them, and so their texts.
fn origin_at(row: &impl Row, at: usize, last: &mut Option<Origin>) -> Result<Origin, StoreError> {
    let actor = row.text(at)?;
    let channel = row.text(at.saturating_add(1))?;
    let correlation = row.opt_text(at.saturating_add(2))?;
    if let Some(last) = last.as_ref()
        && last.actor.as_str() == actor
        && last.channel.as_str() == channel
        && last.correlation.as_ref().map(Correlation::as_str) == correlation
    {
        return Ok(last.clone());
    }
    let correlation = correlation.map(Correlation::new).transpose();
    let origin = Origin {
        actor: Actor::new(actor).map_err(|_| missing())?,
        channel: Channel::new(channel).map_err(|_| missing())?,
        correlation: correlation.map_err(|_| missing())?,
    };
    *last = Some(origin.clone());
    Ok(origin)
}

fn record(row: &impl Row, place: i64, origin: Origin) -> Result<Record, StoreError> {
    let position = position_of(place, row.opt_int(6)?)?;
    let at = instant_of(place, row.opt_int(7)?, row.int(8)?);
    let Some(kind) = row.opt_text(5)? else {
        let mut operation: Operation = json(row.text(21)?)?;
        if let Operation::AccountOpened { profile, .. } = &mut operation {
            profile.opened_at = at;
        }
        return Ok(Record::Operation(OperationRecord { position, at, origin, operation }));
    };
    Ok(Record::Transaction(Transaction {
        id: TransactionId::from_uuid(row.uuid(1)?),
        position,
        posted_at: at,
        kind: Kind::new(kind).map_err(|_| missing())?,
        booking_date: date_of(row.int(2)?)?,
        value_date: date_of(row.int(3)?)?,
        defaulted: defaulted_of(row.int(4)?)?,
        link: link_of(row)?,
        group: group_of(row)?,
        notes: notes_of(row)?,
        origin,
        entries: Vec::new(),
    }))
}

fn link_of(row: &impl Row) -> Result<Option<Link>, StoreError> {
    let Some(code) = row.opt_int(12)? else { return Ok(None) };
    let linked = row.uuid(13)?;
    let link = match code {
        0 => Link::Reverses {
            original: TransactionId::from_uuid(linked),
            forced: flag_of(row.int(14)?)?,
        },
        1 => Link::Captures { hold: HoldId::from_uuid(linked), last: flag_of(row.int(14)?)? },
        2 => Link::RelatesTo(TransactionId::from_uuid(linked)),
        _ => return Err(missing()),
    };
    Ok(Some(link))
}

fn group_of(row: &impl Row) -> Result<Option<GroupMark>, StoreError> {
    let Some(group) = row.opt_uuid(15)? else { return Ok(None) };
    let number = |at| row.int(at).and_then(|one| u32::try_from(one).map_err(|_| missing()));
    let (index, size) = (number(16)?, number(17)?);
    Ok(Some(GroupMark { group: UnitId::from_uuid(group), index, size }))
}

fn notes_of(row: &impl Row) -> Result<Option<SaltedNotes>, StoreError> {
    if row.opt_bytes(20)?.is_none() {
        return Ok(None);
    }
    let notes = row.opt_text(18)?.map(json).transpose()?;
    // The salt goes with the words.
    let salt = if row.opt_bytes(19)?.is_some() { bytes(row, 19)? } else { [0; 16] };
    Ok(Some(SaltedNotes { notes, salt, digest: bytes(row, 20)? }))
}

const ENTRIES: &str = "SELECT e.seq, e.number, e.amount, e.balance_after, a.id, a.currency, \
     a.exponent, COALESCE(e.late_booked, e.booked), COALESCE(e.late_valued, e.valued) \
     FROM ~entry AS e JOIN ~account AS a ON a.key = e.account WHERE e.seq {in 1}";

/// Up to which leg each round asks: nearly all transactions have two, and the third tells so.
const LEGS: [i64; 5] = [3, 15, 63, 511, 4_096];

/// Reads entries by the list of their sequences. How many there are of a transaction shows where
/// they end: a round asks on for those that did not end yet.
async fn attach_entries<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    found: &mut [Placed],
) -> Result<(), StoreError> {
    let mut currencies = Currencies::default();
    let mut open: HashMap<i64, &mut Transaction> = HashMap::with_capacity(found.len());
    for (place, record) in found {
        if let Record::Transaction(transaction) = record {
            open.insert(*place, transaction);
        }
    }
    let mut from = 0;
    for until in LEGS {
        if open.is_empty() {
            break;
        }
        let legs = |place: &i64| {
            let first = first_entry(*place);
            first.saturating_add(from)..first.saturating_add(until)
        };
        let mut asked: Vec<i64> = open.keys().flat_map(legs).collect();
        asked.sort_unstable();
        let mut rows = Vec::with_capacity(asked.len());
        for row in engine.fetch(link, ENTRIES, vec![Arg::Set(Column::Ints(asked))]).await? {
            rows.push((row.int(0)?, row));
        }
        rows.sort_unstable_by_key(|(seq, _)| *seq);
        for (seq, row) in &rows {
            let transaction = open.get_mut(&place_of_entry(*seq)).ok_or_else(missing)?;
            let entry = entry(row, transaction, &mut currencies)?;
            transaction.entries.push(entry);
        }
        open.retain(|_, transaction| i64::try_from(transaction.entries.len()) == Ok(until));
        from = until;
    }
    Ok(())
}

fn entry(
    row: &impl Row,
    transaction: &Transaction,
    currencies: &mut Currencies,
) -> Result<Entry, StoreError> {
    let (side, amount) = side_of(row.int(2)?)?;
    Ok(Entry {
        transaction: transaction.id,
        account: AccountId::from_uuid(row.uuid(4)?),
        side,
        money: Money::new(amount, currencies.parse(row.text(5)?, row.int(6)?)?),
        number: count_of(row.int(1)?)?,
        balance_after: row.int(3)?,
        // Its own days, not those of its transaction: verify compares them.
        booking_date: date_of(row.int(7)?)?,
        value_date: date_of(row.int(8)?)?,
        posted_at: transaction.posted_at,
    })
}

/// The side and the amount of what an entry moves: debits are positive.
pub(super) fn side_of(amount: i64) -> Result<(Side, i64), StoreError> {
    let side = if amount > 0 { Side::Debit } else { Side::Credit };
    let amount = amount.checked_abs().filter(|amount| *amount > 0).ok_or_else(missing)?;
    Ok((side, amount))
}
