//! Moving house: a whole bank into an empty schema, in one transaction.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::engine::{Arg, Column, Engine, missing};
use super::head::{self, HeadRow};
use super::holds::{self, NewRow};
use super::load::one;
use super::place::{MAX_RECORDS, first_place};
use super::post::{Details, Entries, Records, insert_all};
use super::store::Core;
use super::{values, write};
use crate::id::AccountId;
use crate::ledger::facts::{Extra, PlannedEntry, PlannedTransaction};
use crate::ledger::{Account, Book, Chart, Hold, Operation, Origin, Record, Transaction};
use crate::store::{ArchiveRow, ErrorKind, Restore, StoreError, StoreFuture};

/// A bank that is being written.
struct SqlRestore<E: Engine> {
    core: Arc<Core<E>>,
    transaction: E::Transaction,
    head: HeadRow,
    /// Key and latest days of each account.
    accounts: HashMap<AccountId, Known>,
    /// First position and first place of each unit, ascending.
    units: Vec<(i64, i64)>,
}

struct Known {
    key: i64,
    days: (i64, i64),
}

/// Begins, if the books are empty.
pub(super) async fn begin<E: Engine>(core: &Arc<Core<E>>) -> Result<Box<dyn Restore>, StoreError> {
    let mut transaction = core.engine.begin().await?;
    // Held to the end: nobody posts meanwhile.
    let head = head::lock(&core.engine, &mut transaction).await?;
    if head.position != 0 || head.accounts != 0 || head.book_version != 0 {
        let taken = "a bank is restored into an empty store only; choose another schema or file";
        return Err(StoreError::new(ErrorKind::Misuse, taken));
    }
    let core = Arc::clone(core);
    let (accounts, units) = (HashMap::new(), Vec::new());
    Ok(Box::new(SqlRestore { core, transaction, head, accounts, units }))
}

impl<E: Engine> Restore for SqlRestore<E> {
    fn put(&mut self, rows: Vec<ArchiveRow>) -> StoreFuture<'_, ()> {
        Box::pin(self.put_all(rows))
    }

    fn finish(self: Box<Self>) -> StoreFuture<'static, ()> {
        Box::pin(async move {
            const FINISH: &str = "UPDATE ~head SET position = $1, instant = $2, units = $3, \
                accounts = $4, book_version = $5 WHERE one = 1";
            const BOOK: &str = "UPDATE ~book SET version = $1 WHERE one = 1";
            let Self { core, mut transaction, head, .. } = *self;
            let HeadRow { position, instant, units, accounts, book_version, .. } = head;
            let all = [position, instant, units, accounts, book_version];
            let args = all.into_iter().map(one).collect();
            core.engine.execute(&mut transaction, FINISH, args).await?;
            core.engine.execute(&mut transaction, BOOK, vec![one(book_version)]).await?;
            E::commit(transaction).await
        })
    }
}

/// Rows of one put, by kind.
#[derive(Default)]
struct Sorted {
    accounts: Vec<Account>,
    records: Vec<Record>,
    blocks: Vec<crate::ledger::seal::Block>,
    holds: Vec<Hold>,
    keys: Vec<((crate::ledger::IdempotencyKey, u32), crate::ledger::facts::KeyRecord)>,
    usage: Vec<(crate::ledger::UsageKey, crate::ledger::Usage)>,
    entities: Vec<(crate::store::EntityRow, Vec<crate::store::IndexEntry>)>,
}

impl<E: Engine> SqlRestore<E> {
    async fn put_all(&mut self, rows: Vec<ArchiveRow>) -> Result<(), StoreError> {
        let mut sorted = Sorted::default();
        for row in rows {
            match row {
                ArchiveRow::Book(book, chart) => self.put_book(&book, &chart).await?,
                ArchiveRow::Account(account) => sorted.accounts.push(*account),
                ArchiveRow::Record(record) => sorted.records.push(record),
                ArchiveRow::Block(block) => sorted.blocks.push(block),
                ArchiveRow::Hold(hold) => sorted.holds.push(*hold),
                ArchiveRow::Key(key, record) => sorted.keys.push((key, record)),
                ArchiveRow::Usage(key, usage) => sorted.usage.push((key, usage)),
                ArchiveRow::Entity(row, keys) => sorted.entities.push((*row, keys)),
            }
        }
        self.put_accounts(sorted.accounts).await?;
        self.put_records(&sorted.records).await?;
        for block in &sorted.blocks {
            write::insert_block(&self.core.engine, &mut self.transaction, block).await?;
        }
        self.put_holds(&sorted.holds).await?;
        let (engine, link) = (&self.core.engine, &mut *self.transaction);
        write::write_keys(engine, link, &sorted.keys).await?;
        let fresh = |(key, usage)| (key, crate::ledger::Usage { version: 0, ..usage });
        let usage: Vec<_> = sorted.usage.into_iter().map(fresh).collect();
        write::write_usage(engine, link, &usage).await?;
        if sorted.entities.is_empty() {
            return Ok(());
        }
        super::entities::restore(engine, link, &sorted.entities).await
    }

    async fn put_book(&mut self, book: &Book, chart: &Chart) -> Result<(), StoreError> {
        const CLOSE: &str = "UPDATE ~head SET closed_through = $1 WHERE one = 1";
        let (engine, link) = (&self.core.engine, &mut *self.transaction);
        let mut nodes: Vec<_> = chart.nodes().cloned().collect();
        // A node must not come before its parent.
        nodes.sort_by_key(|node| chart.ancestors(node.code).count());
        if !nodes.is_empty() {
            engine.insert(link, "chart_node", values::chart_columns(&nodes)).await?;
        }
        if !book.limits.is_empty() {
            write::insert_limits(engine, link, &book.limits).await?;
        }
        if let Some(day) = book.closed_through {
            engine.execute(link, CLOSE, vec![one(values::day_of(day))]).await?;
        }
        self.head.book_version = 1;
        Ok(())
    }

    async fn put_accounts(&mut self, accounts: Vec<Account>) -> Result<(), StoreError> {
        if accounts.is_empty() {
            return Ok(());
        }
        let rows: Vec<_> = accounts.into_iter().map(|one| (one.state, one.profile)).collect();
        // The record that opened each is not there yet: it brings its place.
        let offsets = vec![0; rows.len()];
        let columns = values::account_columns(&rows, self.head.accounts, 0, &offsets);
        self.core.engine.insert(&mut self.transaction, "account", columns).await?;
        for (state, _) in rows {
            self.head.accounts = self.head.accounts.saturating_add(1);
            let known = Known { key: self.head.accounts, days: (values::NO_DAY, values::NO_DAY) };
            self.accounts.insert(state.id, known);
        }
        Ok(())
    }

    async fn put_records(&mut self, all: &[Record]) -> Result<(), StoreError> {
        let mut left = all;
        while !left.is_empty() {
            let (run, rest) = left.split_at_checked(run_length(left)).ok_or_else(missing)?;
            self.put_unit(run).await?;
            left = rest;
        }
        Ok(())
    }

    /// Records that can stand in one unit: one origin, places and instants that follow.
    async fn put_unit(&mut self, run: &[Record]) -> Result<(), StoreError> {
        let first = run.first().ok_or_else(missing)?;
        let number = self.core.engine.unit_number(&mut self.transaction, self.head.units).await?;
        let place = first_place(number)?;
        let mut records = Records::with_capacity(run.len());
        let (mut details, mut entries) = (Details::default(), Entries::with_capacity(0, vec![]));
        let mut opened: Vec<(i64, i64)> = Vec::new();
        let mut touched = BTreeSet::new();
        for (place, record) in (place..).zip(run) {
            match record {
                Record::Transaction(transaction) => {
                    let planned = planned(transaction);
                    records.transaction(place, &planned);
                    if let Some(extra) = &planned.extra {
                        details.transaction(place, extra)?;
                    }
                    entries.of(place, transaction.booking_date, transaction.value_date);
                    for entry in &transaction.entries {
                        let known = self.accounts.get_mut(&entry.account).ok_or_else(missing)?;
                        known.days = entries.add(known.key, known.days, &planned_entry(entry));
                        touched.insert((known.key, entry.account));
                    }
                }
                Record::Operation(record) => {
                    records.operation(place, &record.operation);
                    details.operation(place, &record.operation)?;
                    if let Operation::AccountOpened { account, .. } = &record.operation {
                        let known = self.accounts.get(account).ok_or_else(missing)?;
                        opened.push((known.key, place));
                    }
                }
            }
        }
        let (engine, link) = (&self.core.engine, &mut *self.transaction);
        insert_all(engine, link, records, details, entries).await?;
        note_opened(engine, link, opened).await?;
        let days = touched.iter().filter_map(|(key, id)| Some((*key, self.accounts.get(id)?.days)));
        note_days(engine, link, days.collect()).await?;
        let unit = unit_of(number, first.origin(), run);
        let (position, instant) = (values::int(first.position()), first.posted_at().as_nanos());
        head::insert(engine, link, &unit, position, instant).await?;
        if unit.kind.is_none() {
            let kinds = run.iter().filter_map(kind_of).collect();
            write::write_kinds(engine, link, kinds, number).await?;
        }
        self.units.push((position, place));
        let last = unit.records.saturating_sub(1);
        self.head.position = position.saturating_add(last);
        self.head.instant = instant.saturating_add(last);
        self.head.units = number;
        Ok(())
    }

    async fn put_holds(&mut self, all: &[Hold]) -> Result<(), StoreError> {
        if all.is_empty() {
            return Ok(());
        }
        let mut rows = Vec::with_capacity(all.len());
        for hold in all {
            let ids: BTreeSet<_> = hold.legs.iter().map(|leg| leg.leg.account).collect();
            let key = |id| self.accounts.get(&id).map(|known| known.key).ok_or_else(missing);
            rows.push(NewRow {
                place: self.place_of(hold.position)?,
                ended: hold.ended.map(|ended| self.place_of(ended.position)).transpose()?,
                hold,
                accounts: ids.into_iter().map(key).collect::<Result<_, StoreError>>()?,
            });
        }
        holds::insert(&self.core.engine, &mut self.transaction, &rows).await
    }

    /// The place of a position that was put.
    fn place_of(&self, position: u64) -> Result<i64, StoreError> {
        let position = values::int(position);
        let behind = self.units.partition_point(|(first, _)| *first <= position);
        let unit = behind.checked_sub(1).and_then(|at| self.units.get(at)).ok_or_else(missing)?;
        Ok(unit.1.saturating_add(position.saturating_sub(unit.0)))
    }
}

/// How many of the first records can stand in one unit.
fn run_length(records: &[Record]) -> usize {
    let follows = |pair: &[Record]| match pair {
        [a, b] => {
            b.position() == a.position().saturating_add(1)
                && b.posted_at() == a.posted_at().saturating_add_nanos(1)
                && a.origin() == b.origin()
        }
        _ => false,
    };
    let pairs = records.windows(2).take(MAX_RECORDS.saturating_sub(1));
    pairs.take_while(|pair| follows(pair)).count().saturating_add(1)
}

fn planned(transaction: &Transaction) -> PlannedTransaction {
    let Transaction { link, group, notes, .. } = transaction;
    let plain = link.is_none() && group.is_none() && notes.is_none();
    let extra = || Box::new(Extra { link: *link, group: *group, notes: notes.clone() });
    PlannedTransaction {
        id: transaction.id,
        kind: transaction.kind,
        booking_date: transaction.booking_date,
        value_date: transaction.value_date,
        defaulted: transaction.defaulted,
        entries: u32::try_from(transaction.entries.len()).unwrap_or(u32::MAX),
        fresh: false,
        extra: (!plain).then(extra),
    }
}

fn planned_entry(entry: &crate::ledger::Entry) -> PlannedEntry {
    PlannedEntry {
        slot: 0,
        side: entry.side,
        amount: entry.money.minor(),
        number: entry.number,
        balance_after: entry.balance_after,
    }
}

fn kind_of(record: &Record) -> Option<crate::ledger::Kind> {
    match record {
        Record::Transaction(transaction) => Some(transaction.kind),
        Record::Operation(_) => None,
    }
}

fn unit_of(number: i64, origin: &Origin, run: &[Record]) -> head::UnitRow {
    let mut kinds = run.iter().filter_map(kind_of);
    let kind = kinds.next().filter(|first| kinds.all(|kind| kind == *first));
    let text = |text: &str| -> Arc<str> { Arc::from(text) };
    head::UnitRow {
        number,
        records: i64::try_from(run.len()).unwrap_or(i64::MAX),
        not_before: run.first().map_or(0, |first| first.posted_at().as_nanos()),
        kind: kind.map(|kind| text(kind.as_str())),
        asked: Some((text(origin.actor.as_str()), text(origin.channel.as_str()))),
        correlation: origin.correlation.as_ref().map(|one| text(one.as_str())),
    }
}

async fn note_opened<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    opened: Vec<(i64, i64)>,
) -> Result<(), StoreError> {
    const OPENED: &str = "UPDATE ~account AS a SET opened = w.place \
        FROM {rows 1,2 AS w(key,place)} WHERE a.key = w.key";
    if opened.is_empty() {
        return Ok(());
    }
    let (keys, places) = opened.into_iter().unzip();
    let args = vec![Arg::Set(Column::Ints(keys)), Arg::Set(Column::Ints(places))];
    engine.execute(link, OPENED, args).await.map(|_| ())
}

async fn note_days<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    days: Vec<(i64, (i64, i64))>,
) -> Result<(), StoreError> {
    const DAYS: &str = "UPDATE ~account AS a SET booked = w.booked, valued = w.valued \
        FROM {rows 1,2,3 AS w(key,booked,valued)} WHERE a.key = w.key";
    if days.is_empty() {
        return Ok(());
    }
    let args = vec![
        Arg::Set(Column::Ints(days.iter().map(|one| one.0).collect())),
        Arg::Set(Column::Ints(days.iter().map(|one| one.1.0).collect())),
        Arg::Set(Column::Ints(days.iter().map(|one| one.1.1).collect())),
    ];
    engine.execute(link, DAYS, args).await.map(|_| ())
}
