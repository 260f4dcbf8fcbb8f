//! Readers' marks, asked of the store itself: kept as they are, compared and swapped, all or none.

use uuid::Uuid;

use crate::ledger::outbox::{MAX_PARTITIONS, Mark};
use crate::ledger::{Subscriber, Worker};
use crate::store::{ErrorKind, Store, StoreError};
use crate::time::Timestamp;

use super::Scenario;
use super::bench::{Bench, Checked, ensure, found, same};

pub(super) const ALL: &[Scenario] = &[
    Scenario { name: "marks/kept_as_they_are", play: |bench| Box::pin(kept(bench)) },
    Scenario { name: "marks/compare_and_swap", play: |bench| Box::pin(swapped(bench)) },
    Scenario { name: "marks/all_or_none", play: |bench| Box::pin(all_or_none(bench)) },
    Scenario { name: "marks/dropped", play: |bench| Box::pin(dropped(bench)) },
];

fn name(text: &str) -> Checked<Subscriber> {
    Ok(Subscriber::new(text)?)
}

fn fresh(subscriber: Subscriber, partition: u16, partitions: u16) -> Mark {
    Mark {
        subscriber,
        partition,
        partitions,
        acknowledged: 0,
        worker: None,
        token: None,
        until: None,
        served_at: Timestamp::EPOCH,
        version: 0,
    }
}

/// As the store must hand it out after it was written with the version before.
fn written(mark: &Mark) -> Mark {
    Mark { version: mark.version.saturating_add(1), ..mark.clone() }
}

fn conflicts(result: Result<(), StoreError>, what: &str) -> Checked {
    match result {
        Err(error) if error.kind() == ErrorKind::Conflict => Ok(()),
        other => Err(found(format!("{what}: should conflict, is {other:?}"))),
    }
}

async fn kept(bench: Bench) -> Checked {
    let store = &bench.store;
    let (longest, other) =
        (name("abcdefghijklmnopqrstuvwxyz-_.012")?, name("abcdefghijklmnopqrstuvwxyz-_.013")?);
    same(store.marks(&longest).await?, Vec::new(), "marks that nobody wrote")?;
    let head = bench.bank.head().await?;
    let mut marks: Vec<Mark> = Vec::new();
    for partition in 0..MAX_PARTITIONS {
        let mut mark = fresh(longest, partition, MAX_PARTITIONS);
        mark.served_at = Timestamp::from_nanos(i64::from(partition).saturating_sub(7));
        mark.acknowledged = u64::from(partition).saturating_mul(1 << 40);
        // Each of the three may stand by itself.
        let bits = partition % 8;
        mark.worker = (bits & 1 != 0).then(|| Worker::new("wörker ' \" 3")).transpose()?;
        mark.token = (bits & 2 != 0).then(|| Uuid::from_u128(u128::MAX ^ u128::from(partition)));
        mark.until = (bits & 4 != 0).then_some(Timestamp::from_nanos(1_772_445_600_123_456_789));
        marks.push(mark);
    }
    let mixed: Vec<Mark> = marks.iter().rev().cloned().collect();
    store.put_marks(&mixed).await?;
    store.put_marks(&[fresh(other, 0, 1)]).await?;
    store.put_marks(&[]).await?;
    let kept: Vec<Mark> = marks.iter().map(written).collect();
    same(store.marks(&longest).await?, kept, "all fields, ascending by partition")?;
    same(store.marks(&other).await?.len(), 1, "marks of a name that differs at its end")?;
    same(bench.bank.head().await?, head, "the head: marks are no part of the journal")
}

async fn swapped(bench: Bench) -> Checked {
    let (store, subscriber) = (&bench.store, name("webhooks")?);
    let first = fresh(subscriber, 0, 1);
    store.put_marks(std::slice::from_ref(&first)).await?;
    conflicts(store.put_marks(std::slice::from_ref(&first)).await, "a mark that exists already")?;
    let unknown = Mark { version: 1, ..fresh(name("unheard-of")?, 0, 1) };
    conflicts(store.put_marks(&[unknown]).await, "a mark that does not exist")?;
    let mut mark = written(&first);
    for step in 1..=3_u64 {
        mark.acknowledged = step;
        store.put_marks(std::slice::from_ref(&mark)).await?;
        let stale = Mark { acknowledged: 99, ..mark.clone() };
        conflicts(store.put_marks(&[stale]).await, "a version that was overtaken")?;
        let early = Mark { version: mark.version.saturating_add(2), ..mark.clone() };
        conflicts(store.put_marks(&[early]).await, "a version that is still to come")?;
        mark = written(&mark);
        same(store.marks(&subscriber).await?, vec![mark.clone()], "the mark after a swap")?;
    }
    // Back as well: what a mark says is not the store's business.
    mark.acknowledged = 0;
    store.put_marks(std::slice::from_ref(&mark)).await?;
    same(store.marks(&subscriber).await?, vec![written(&mark)], "a mark that was set back")
}

async fn all_or_none(bench: Bench) -> Checked {
    let (store, subscriber) = (&bench.store, name("projection")?);
    let three: Vec<Mark> = (0..3).map(|partition| fresh(subscriber, partition, 3)).collect();
    store.put_marks(&three).await?;
    let before = store.marks(&subscriber).await?;
    same(before.len(), 3, "marks written at once")?;
    for late in 0..3_usize {
        let mut marks = before.clone();
        for (at, mark) in marks.iter_mut().enumerate() {
            mark.acknowledged = 7;
            mark.version = if at == late { 9 } else { mark.version };
        }
        conflicts(store.put_marks(&marks).await, "one of three was overtaken")?;
        same(store.marks(&subscriber).await?, before.clone(), "marks after a conflict")?;
    }
    let also_new = [before.clone(), vec![fresh(subscriber, 0, 3)]].concat();
    conflicts(store.put_marks(also_new.get(1..).unwrap_or_default()).await, "one exists")?;
    same(store.marks(&subscriber).await?, before, "marks after a conflict with a new one")
}

async fn dropped(bench: Bench) -> Checked {
    let (store, gone, stays) = (&bench.store, name("gone")?, name("gone-not")?);
    ensure(!store.drop_marks(&gone).await?, "there was nothing to drop")?;
    for subscriber in [gone, stays] {
        store.put_marks(&[fresh(subscriber, 0, 2), fresh(subscriber, 1, 2)]).await?;
    }
    let old = store.marks(&gone).await?;
    ensure(store.drop_marks(&gone).await?, "there was something to drop")?;
    same(store.marks(&gone).await?, Vec::new(), "marks that were dropped")?;
    same(store.marks(&stays).await?.len(), 2, "marks of another subscription")?;
    conflicts(store.put_marks(&old).await, "marks that were dropped")?;
    ensure(!store.drop_marks(&gone).await?, "they were dropped before")?;
    store.put_marks(&[fresh(gone, 0, 1)]).await?;
    same(store.marks(&gone).await?.len(), 1, "a subscription under a name that was freed")
}
