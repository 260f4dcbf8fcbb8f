//! Writing what was decided: one statement per table, over whole sets.

use std::sync::Arc;

use super::engine::{Arg, Column, Columns, Engine, Value, missing};
use super::head::{self, HeadRow, UnitRow};
use super::left::Left;
use super::load::{Seen, one};
use super::place::{MAX_RECORDS, first_place};
use super::post::{Written, write_records};
use super::{holds, read, values};
use crate::ledger::facts::{KeyRecord, Plan};
use crate::ledger::{IdempotencyKey, Kind, LimitRule, Operation, Usage, UsageKey};
use crate::store::{Changes, Committed, ErrorKind, Origins, StoreError};
use crate::time::Timestamp;

/// Writes all of a plan but its place, or fails and leaves the transaction to be undone.
pub(super) async fn apply<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    seen: &Seen,
    changes: Changes,
) -> Result<Left, StoreError> {
    let Changes { plan, origins, not_before, block, entities } = changes;
    if let Some(block) = &block {
        let last = read::last_block(engine, link).await?;
        let next = last.map_or(1, |last| last.number.saturating_add(1));
        if block.number != next || !block.is_consistent(last.as_ref()) {
            return Err(StoreError::conflict());
        }
        insert_block(engine, link, block).await?;
    }
    if plan.is_empty() {
        let head = head::read(engine, link).await?;
        let first_position = u64::try_from(head.position).map_err(|_| missing())?;
        let first_instant = Timestamp::from_nanos(head.instant);
        return Ok(Left::Nothing(Committed { first_position, first_instant }));
    }
    if plan.records() > MAX_RECORDS {
        let large = "a unit of work has at most 16,384 records; do it in parts";
        return Err(StoreError::new(ErrorKind::Misuse, large));
    }
    let structural = is_structural(&plan);
    let mut head = seen.head.ok_or_else(missing)?;
    if structural {
        head = lock_books(engine, link, &plan).await?;
    } else if i64::try_from(plan.book_version) != Ok(head.book_version) {
        return Err(StoreError::conflict());
    }
    let number = engine.unit_number(link, head.units).await?;
    let place = first_place(number)?;
    let unit = unit_row(number, &plan, &origins, not_before.as_nanos());
    write_accounts(engine, link, seen, &plan, &head, place).await?;
    let written = write_records(engine, link, seen, &plan, place).await?;
    finish_accounts(engine, link, &plan, written).await?;
    holds::write(engine, link, seen, &plan, place).await?;
    if !entities.is_empty() {
        super::entities::write(engine, link, &entities).await?;
    }
    write_usage(engine, link, &plan.usage).await?;
    write_keys(engine, link, &plan.keys).await?;
    if unit.asked.is_none() {
        write_origins(engine, link, &origins, place).await?;
    }
    if unit.kind.is_none() {
        let kinds = plan.transactions.iter().map(|one| one.kind).collect();
        write_kinds(engine, link, kinds, number).await?;
    }
    if structural {
        head.book_version = write_books(engine, link, &plan, &head).await?;
    }
    let relied = seen.relied.without(&entities);
    Ok(Left::Settle { unit, book_version: head.book_version, not_before, structural, relied })
}

/// Whether a plan changes or relies on what all units share.
const fn is_structural(plan: &Plan) -> bool {
    !plan.opened.is_empty()
        || !plan.chart.is_empty()
        || !plan.limits_set.is_empty()
        || !plan.limits_removed.is_empty()
        || plan.close_through.is_some()
        || plan.structure.is_some()
}

/// Locks book and head, in this order, and compares what the plan relies on.
async fn lock_books<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    plan: &Plan,
) -> Result<HeadRow, StoreError> {
    const BOOK: &str = "SELECT b.version FROM ~book b WHERE b.one = 1 {lock b}";
    engine.fetch(link, BOOK, Vec::new()).await?;
    let head = head::lock(engine, link).await?;
    let same_list = plan.structure.is_none_or(|seen| i64::try_from(seen) == Ok(head.accounts));
    if i64::try_from(plan.book_version) != Ok(head.book_version) || !same_list {
        return Err(StoreError::conflict());
    }
    Ok(head)
}

fn unit_row(number: i64, plan: &Plan, origins: &Origins, not_before: i64) -> UnitRow {
    let mut kinds = plan.transactions.iter().map(|transaction| transaction.kind);
    let kind = kinds.next().filter(|first| kinds.all(|kind| kind == *first));
    let single = origins.single();
    let text = |text: &str| Arc::from(text);
    UnitRow {
        number,
        records: i64::try_from(plan.records()).unwrap_or(i64::MAX),
        not_before,
        kind: kind.map(|kind| text(kind.as_str())),
        asked: single.map(|one| (text(one.actor.as_str()), text(one.channel.as_str()))),
        correlation: single.and_then(|one| one.correlation.as_ref()).map(|one| text(one.as_str())),
    }
}

async fn write_origins<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    origins: &Origins,
    place: i64,
) -> Result<(), StoreError> {
    let (mut places, mut actors, mut channels) = (Vec::new(), Vec::new(), Vec::new());
    let mut correlations: Vec<Option<Arc<str>>> = Vec::new();
    for (offset, origin) in origins.runs() {
        places.push(place.saturating_add(i64::from(offset)));
        actors.push(Arc::from(origin.actor.as_str()));
        channels.push(Arc::from(origin.channel.as_str()));
        correlations.push(origin.correlation.as_ref().map(|one| Arc::from(one.as_str())));
    }
    let columns = vec![
        ("place", Column::Ints(places)),
        ("actor", Column::Texts(actors)),
        ("channel", Column::Texts(channels)),
        ("correlation", Column::OptTexts(correlations)),
    ];
    engine.insert(link, "origin", columns).await
}

/// The kinds of a unit that has several.
pub(super) async fn write_kinds<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    mut kinds: Vec<Kind>,
    number: i64,
) -> Result<(), StoreError> {
    kinds.sort_unstable();
    kinds.dedup();
    if kinds.is_empty() {
        return Ok(());
    }
    let units = vec![number; kinds.len()];
    let kinds = kinds.iter().map(|kind| Arc::from(kind.as_str())).collect();
    let columns = vec![("kind", Column::Texts(kinds)), ("unit", Column::Ints(units))];
    engine.insert(link, "unit_kind", columns).await
}

/// New accounts: their keys follow those that the head has counted.
async fn write_accounts<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    seen: &Seen,
    plan: &Plan,
    head: &HeadRow,
    place: i64,
) -> Result<(), StoreError> {
    debug_assert!(seen.days.len() >= plan.accounts.len(), "every slot was read");
    if plan.opened.is_empty() {
        return Ok(());
    }
    // Records of the accounts stand in the order of the list.
    let mut offsets = Vec::with_capacity(plan.opened.len());
    let mut transactions = 0_u32;
    for (at, planned) in plan.operations.iter().enumerate() {
        transactions = transactions.max(planned.after);
        if matches!(planned.operation, Operation::AccountOpened { .. }) {
            let at = i64::try_from(at).unwrap_or(i64::MAX);
            offsets.push(at.saturating_add(i64::from(transactions)));
        }
    }
    let columns = values::account_columns(&plan.opened, head.accounts, place, &offsets);
    engine.insert(link, "account", columns).await
}

/// Writes the accounts that changed: counters, and terms where an operation changed them.
async fn finish_accounts<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    plan: &Plan,
    written: Written,
) -> Result<(), StoreError> {
    if plan.touched.is_empty() {
        return Ok(());
    }
    let touched = || plan.touched.iter().filter_map(|slot| plan.accounts.get(*slot as usize));
    let days = || plan.touched.iter().filter_map(|slot| written.days.get(*slot as usize));
    let mut columns: Columns = vec![
        ("key", Column::Ints(touched().map(|one| values::int(one.key)).collect())),
        ("debits_posted", Column::Ints(touched().map(|one| one.balance.debits_posted).collect())),
        ("credits_posted", Column::Ints(touched().map(|one| one.balance.credits_posted).collect())),
        ("entries", Column::Ints(touched().map(|one| values::int(one.entries)).collect())),
        ("booked", Column::Ints(days().map(|(booked, _)| *booked).collect())),
        ("valued", Column::Ints(days().map(|(_, valued)| *valued).collect())),
    ];
    let changed = |planned: &crate::ledger::facts::PlannedOperation| {
        matches!(planned.operation, Operation::AccountChanged { .. })
    };
    let terms = plan.operations.iter().any(changed);
    if terms || !plan.holds.is_empty() {
        let debits = touched().map(|one| one.balance.debits_pending).collect();
        let credits = touched().map(|one| one.balance.credits_pending).collect();
        columns.push(("debits_pending", Column::Ints(debits)));
        columns.push(("credits_pending", Column::Ints(credits)));
    }
    if terms {
        let floor = |one: &crate::ledger::AccountState| values::floor_code(one.floor);
        columns.push(("floor", Column::Ints(touched().map(|one| floor(one).0).collect())));
        columns.push(("floor_amount", Column::Ints(touched().map(|one| floor(one).1).collect())));
        columns.push(("ceiling", Column::OptInts(touched().map(|one| one.ceiling).collect())));
        let blocks = touched().map(|one| values::block_code(one.block)).collect();
        columns.push(("block", Column::Ints(blocks)));
        columns.push(("closed", Column::Ints(touched().map(|one| one.closed.into()).collect())));
    }
    let expected = u64::try_from(plan.touched.len()).unwrap_or(u64::MAX);
    if engine.update(link, "account", columns).await? != expected {
        return Err(missing());
    }
    Ok(())
}

/// Counters, with the version that was read compared.
pub(super) async fn write_usage<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    usage: &[(UsageKey, Usage)],
) -> Result<(), StoreError> {
    const COUNT: &str = "UPDATE ~usage AS g SET version = g.version + 1, amount = w.amount, \
        times = w.times FROM {rows 1,2,3,4,5,6 AS w(limit_id,subject,bucket,version,amount,times)} \
        WHERE g.limit_id = w.limit_id AND g.subject = w.subject AND g.bucket = w.bucket \
        AND g.version = w.version";
    let (new, old): (Vec<_>, Vec<_>) = usage.iter().partition(|(_, usage)| usage.version == 0);
    let columns = |rows: &[&(UsageKey, Usage)], version: i64| {
        let version = |usage: &Usage| {
            if version > 0 { version } else { values::int(usage.version) }
        };
        vec![
            ("limit_id", Column::Uuids(rows.iter().map(|row| row.0.limit.as_uuid()).collect())),
            ("subject", Column::Uuids(rows.iter().map(|row| row.0.subject).collect())),
            ("bucket", Column::Ints(rows.iter().map(|row| row.0.bucket).collect())),
            ("version", Column::Ints(rows.iter().map(|row| version(&row.1)).collect())),
            ("amount", Column::Ints(rows.iter().map(|row| row.1.amount).collect())),
            ("times", Column::Ints(rows.iter().map(|row| i64::from(row.1.count)).collect())),
        ]
    };
    if !new.is_empty() {
        engine.insert(link, "usage", columns(&new, 1)).await?;
    }
    if !old.is_empty() {
        let args = columns(&old, 0).into_iter().map(|(_, column)| Arg::Set(column)).collect();
        let expected = u64::try_from(old.len()).unwrap_or(u64::MAX);
        if engine.execute(link, COUNT, args).await? != expected {
            return Err(StoreError::conflict());
        }
    }
    Ok(())
}

/// Keys, with what they were used for.
pub(super) async fn write_keys<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    used: &[((IdempotencyKey, u32), KeyRecord)],
) -> Result<(), StoreError> {
    if used.is_empty() {
        return Ok(());
    }
    let keys = used.iter().map(|((key, _), _)| Arc::from(key.as_str())).collect();
    let at = used.iter().map(|((_, at), _)| i64::from(*at)).collect();
    let records: Result<Vec<Arc<str>>, StoreError> =
        used.iter().map(|(_, record)| values::json(record)).collect();
    let columns = vec![
        ("key", Column::Texts(keys)),
        ("at", Column::Ints(at)),
        ("used_for", Column::Texts(records?)),
    ];
    engine.insert(link, "idempotency", columns).await
}

/// Chart, limits, closed day, number of accounts. Returns the version of the book afterwards.
async fn write_books<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    plan: &Plan,
    head: &HeadRow,
) -> Result<i64, StoreError> {
    const HEAD: &str = "UPDATE ~head SET accounts = accounts + $1, book_version = $2, \
        closed_through = COALESCE($3, closed_through) WHERE one = 1";
    const BOOK: &str = "UPDATE ~book SET version = $1 WHERE one = 1";
    let mut version = head.book_version;
    if !plan.chart.is_empty() {
        engine.insert(link, "chart_node", values::chart_columns(&plan.chart)).await?;
        version = version.saturating_add(1);
    }
    if plan.close_through.is_some() {
        version = version.saturating_add(1);
    }
    if !plan.limits_set.is_empty() || !plan.limits_removed.is_empty() {
        write_limits(engine, link, plan).await?;
        version = version.saturating_add(1);
    }
    let opened = i64::try_from(plan.opened.len()).unwrap_or(i64::MAX);
    let closed = Arg::One(Value::OptInt(plan.close_through.map(values::day_of)));
    engine.execute(link, HEAD, vec![one(opened), one(version), closed]).await?;
    if version != head.book_version {
        engine.execute(link, BOOK, vec![one(version)]).await?;
    }
    Ok(version)
}

async fn write_limits<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    plan: &Plan,
) -> Result<(), StoreError> {
    const REMOVE: &str = "DELETE FROM ~limit_rule WHERE id {in 1}";
    let mut gone: Vec<_> = plan.limits_removed.iter().map(|id| id.as_uuid()).collect();
    gone.extend(plan.limits_set.iter().map(|rule| rule.id.as_uuid()));
    engine.execute(link, REMOVE, vec![Arg::Set(Column::Uuids(gone))]).await?;
    if plan.limits_set.is_empty() {
        return Ok(());
    }
    insert_limits(engine, link, &plan.limits_set).await
}

/// New limits.
pub(super) async fn insert_limits<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    limits: &[LimitRule],
) -> Result<(), StoreError> {
    let ids = limits.iter().map(|rule| rule.id.as_uuid()).collect();
    let rules: Result<Vec<Arc<str>>, StoreError> = limits.iter().map(values::json).collect();
    let columns = vec![("id", Column::Uuids(ids)), ("rule", Column::Texts(rules?))];
    engine.insert(link, "limit_rule", columns).await
}

/// A sealed block.
pub(super) async fn insert_block<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    block: &crate::ledger::seal::Block,
) -> Result<(), StoreError> {
    let bytes = |hash: &[u8; 32]| Column::OptBytes(vec![Some(hash.to_vec())]);
    let columns = vec![
        ("number", Column::Ints(vec![values::int(block.number)])),
        ("first_position", Column::Ints(vec![values::int(block.first_position)])),
        ("records", Column::Ints(vec![i64::from(block.count)])),
        ("root", bytes(&block.root)),
        ("previous", bytes(&block.previous)),
        ("sealed_at", Column::Ints(vec![block.sealed_at.as_nanos()])),
        ("hash", bytes(&block.hash)),
    ];
    engine.insert(link, "block", columns).await
}
