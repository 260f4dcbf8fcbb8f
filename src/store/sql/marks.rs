//! How far the readers of the outbox are: rows under compare and swap.

use std::sync::Arc;

use super::engine::{Arg, Column, Engine, Row, Value, missing};
use super::values;
use crate::ledger::outbox::Mark;
use crate::ledger::{Subscriber, Worker};
use crate::store::StoreError;
use crate::time::Timestamp;

/// The marks of a subscription by partition.
pub(super) async fn of<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    subscriber: &Subscriber,
) -> Result<Vec<Mark>, StoreError> {
    const MARKS: &str = "SELECT part, parts, version, acknowledged, worker, token, until, served_at \
        FROM ~mark WHERE subscriber = $1 ORDER BY part";
    let rows = engine.fetch(link, MARKS, vec![name(subscriber)]).await?;
    rows.iter().map(|row| mark(row, subscriber)).collect()
}

fn name(subscriber: &Subscriber) -> Arg {
    Arg::One(Value::Text(Arc::from(subscriber.as_str())))
}

fn mark(row: &impl Row, subscriber: &Subscriber) -> Result<Mark, StoreError> {
    let part = |at| u16::try_from(row.int(at)?).map_err(|_| missing());
    let count = |at| u64::try_from(row.int(at)?).map_err(|_| missing());
    let worker = row.opt_text(4)?.map(Worker::new).transpose().map_err(|_| missing())?;
    Ok(Mark {
        subscriber: *subscriber,
        partition: part(0)?,
        partitions: part(1)?,
        acknowledged: count(3)?,
        worker,
        token: row.opt_uuid(5)?,
        until: row.opt_int(6)?.map(Timestamp::from_nanos),
        served_at: Timestamp::from_nanos(row.int(7)?),
        version: count(2)?,
    })
}

/// Writes marks that nobody has written since they were read.
pub(super) async fn put<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    marks: &[Mark],
) -> Result<(), StoreError> {
    const SWAP: &str = "UPDATE ~mark AS m SET version = m.version + 1, parts = w.parts, \
        acknowledged = w.acknowledged, worker = w.worker, token = w.token, until = w.until, \
        served_at = w.served_at FROM {rows 1,2,3,4,5,6,7,8,9 AS \
        w(subscriber,part,parts,version,acknowledged,worker,token,until,served_at)} \
        WHERE m.subscriber = w.subscriber AND m.part = w.part AND m.version = w.version";
    // In one order, so that two callers never wait for each other.
    let mut sorted: Vec<&Mark> = marks.iter().collect();
    sorted.sort_by(|a, b| (&a.subscriber, a.partition).cmp(&(&b.subscriber, b.partition)));
    let (new, old): (Vec<&Mark>, Vec<&Mark>) = sorted.into_iter().partition(|one| one.version == 0);
    if !new.is_empty() {
        engine.insert(link, "mark", columns(&new, 1)).await?;
    }
    if !old.is_empty() {
        let args = columns(&old, 0).into_iter().map(|(_, column)| Arg::Set(column)).collect();
        let expected = u64::try_from(old.len()).unwrap_or(u64::MAX);
        if engine.execute(link, SWAP, args).await? != expected {
            return Err(StoreError::conflict());
        }
    }
    Ok(())
}

fn columns(marks: &[&Mark], more: u64) -> super::engine::Columns {
    let text = |text: &str| -> Arc<str> { Arc::from(text) };
    let ints = |f: &dyn Fn(&Mark) -> i64| Column::Ints(marks.iter().map(|one| f(one)).collect());
    let worker = |one: &&Mark| one.worker.as_ref().map(|worker| text(worker.as_str()));
    let until = |one: &&Mark| one.until.map(|until| until.as_nanos());
    vec![
        ("subscriber", Column::Texts(marks.iter().map(|m| text(m.subscriber.as_str())).collect())),
        ("part", ints(&|one| i64::from(one.partition))),
        ("parts", ints(&|one| i64::from(one.partitions))),
        ("version", ints(&|one| values::int(one.version.saturating_add(more)))),
        ("acknowledged", ints(&|one| values::int(one.acknowledged))),
        ("worker", Column::OptTexts(marks.iter().map(worker).collect())),
        ("token", Column::OptUuids(marks.iter().map(|one| one.token).collect())),
        ("until", Column::OptInts(marks.iter().map(until).collect())),
        ("served_at", ints(&|one| one.served_at.as_nanos())),
    ]
}

/// Forgets a subscription; whether there was one.
pub(super) async fn drop_of<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    subscriber: &Subscriber,
) -> Result<bool, StoreError> {
    const DROP: &str = "DELETE FROM ~mark WHERE subscriber = $1";
    Ok(engine.execute(link, DROP, vec![name(subscriber)]).await? > 0)
}
