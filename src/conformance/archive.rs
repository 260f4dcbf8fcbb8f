//! Moving house: what a store gives as rows is the whole bank, and what it takes as rows behaves
//! as the bank did that they came from. The other side is always the memory store.

mod life;

use std::sync::Arc;

use crate::bank::Bank;
use crate::id::SeededIds;
use crate::ledger::facts::KeyRecord;
use crate::ledger::{IdempotencyKey, UsageKey};
use crate::store::memory::MemoryStore;
use crate::store::rows::Rows;
use crate::store::{ArchiveRow, ErrorKind, MAX_ROWS, Store};
use crate::time::{ManualClock, Timestamp};

use super::Scenario;
use super::bench::{Bench, Checked, ensure, found, same};
use super::forward::Shared;

pub(super) const ALL: &[Scenario] = &[
    Scenario { name: "archive/out", play: |bench| Box::pin(out(bench)) },
    Scenario { name: "archive/pages", play: |bench| Box::pin(pages(bench)) },
    Scenario { name: "archive/not_empty", play: |bench| Box::pin(not_empty(bench)) },
];

/// The store under test moves out into memory.
async fn out(bench: Bench) -> Checked {
    life::fill(&bench).await?;
    let memory = Shared::new(MemoryStore::new());
    copy(&bench.store, &memory).await?;
    alike(&bench.store, &memory).await?;
    live_on(&bench, &bench.store, &memory).await
}

/// A bank in memory moves into the store under test, which is fresh and empty.
pub(super) async fn back(store: Shared) -> Checked {
    let bench = Bench::open(Shared::new(MemoryStore::new())).await?;
    life::fill(&bench).await?;
    // One that is dropped leaves no trace, however far it came.
    let mut rows = Rows::of(&bench.store).await?;
    let mut restore = store.restore().await?;
    while let Some(rows) = rows.next().await? {
        restore.put(rows).await?;
    }
    drop(restore);
    same(store.head().await?.position, 0, "the head after a restore that was dropped")?;
    same(store.book().await?.version, 0, "the book after a restore that was dropped")?;
    ensure(store.chart().await?.is_empty(), "a restore that was dropped left a chart")?;
    let query = crate::ledger::query::AccountQuery::new();
    same(store.account_list(&query, None, 9).await?, vec![], "accounts of a dropped restore")?;
    copy(&bench.store, &store).await?;
    let again = store.restore().await.err().map(|error| error.kind());
    same(again, Some(ErrorKind::Misuse), "a restore into a store that has books now")?;
    alike(&bench.store, &store).await?;
    live_on(&bench, &bench.store, &store).await?;
    let bank = Bank::builder(store).open().await?;
    super::audit::audit(&bank).await?;
    let seals = bank.verify_seals().await?;
    ensure(seals.is_clean(), format!("the seals after a move: {seals}"))
}

async fn not_empty(bench: Bench) -> Checked {
    let refused = bench.store.restore().await.err().map(|error| error.kind());
    same(refused, Some(ErrorKind::Misuse), "a restore into a store with books")
}

/// Keys and counters come in order, in pages of any size.
async fn pages(bench: Bench) -> Checked {
    life::fill(&bench).await?;
    let keys = bench.store.keys(None, 1_000).await?;
    let usages = bench.store.usages(None, 1_000).await?;
    ensure(keys.len() > 4 && usages.len() > 2, "keys and counters are there to be listed")?;
    ensure(keys.is_sorted_by(|(one, _), (next, _)| one < next), "keys are in order, each once")?;
    ensure(usages.is_sorted_by(|(one, _), (next, _)| one < next), "so are counters")?;
    for size in 1..4 {
        let mut listed: Vec<((IdempotencyKey, u32), KeyRecord)> = Vec::new();
        loop {
            let after = listed.last().map(|(key, _)| key.clone());
            let page = bench.store.keys(after, size).await?;
            ensure(page.len() <= size, "a page of keys is too long")?;
            if page.is_empty() {
                break;
            }
            listed.extend(page);
        }
        ensure(listed == keys, format!("keys in pages of {size}"))?;
        let mut counted: Vec<UsageKey> = Vec::new();
        loop {
            let page = bench.store.usages(counted.last().copied(), size).await?;
            ensure(page.len() <= size, "a page of counters is too long")?;
            if page.is_empty() {
                break;
            }
            counted.extend(page.iter().map(|(key, _)| *key));
        }
        let all = usages.iter().map(|(key, _)| *key);
        same(counted, all.collect(), format!("counters in pages of {size}"))?;
    }
    Ok(())
}

/// Moves a whole bank.
async fn copy(from: &Shared, to: &Shared) -> Checked {
    let mut rows = Rows::of(from).await?;
    let mut restore = to.restore().await?;
    while let Some(rows) = rows.next().await? {
        ensure(rows.len() <= MAX_ROWS, "more rows than a store takes at a time")?;
        restore.put(rows).await?;
    }
    Ok(restore.finish().await?)
}

/// Both stores give the same rows, but for what each counts for itself.
async fn alike(one: &Shared, other: &Shared) -> Checked {
    let (ours, theirs) = (all_rows(one).await?, all_rows(other).await?);
    same(ours.len(), theirs.len(), "rows of the two stores")?;
    for (at, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
        ensure(ours == theirs, format!("row {at} differs: {ours:?} and {theirs:?}"))?;
    }
    let (ours, theirs) = (one.head().await?, other.head().await?);
    same(ours, theirs, "the heads of the two stores")
}

async fn all_rows(store: &Shared) -> Checked<Vec<ArchiveRow>> {
    let mut all = Vec::new();
    let mut rows = Rows::of(store).await?;
    while let Some(rows) = rows.next().await? {
        all.extend(rows.into_iter().map(without_versions));
    }
    Ok(all)
}

fn without_versions(mut row: ArchiveRow) -> ArchiveRow {
    match &mut row {
        ArchiveRow::Book(book, _) => book.version = 0,
        ArchiveRow::Account(account) => (account.state.key, account.state.version) = (0, 0),
        ArchiveRow::Hold(hold) => hold.version = 0,
        ArchiveRow::Usage(_, usage) => usage.version = 0,
        ArchiveRow::Record(_)
        | ArchiveRow::Block(_)
        | ArchiveRow::Key(..)
        | ArchiveRow::Entity(..) => {}
    }
    row
}

/// The same life goes on in both: the same answers, and the same rows in the end.
async fn live_on(bench: &Bench, one: &Shared, other: &Shared) -> Checked {
    let mut lives = Vec::new();
    for store in [one, other] {
        let clock = Arc::new(ManualClock::new(bench.bank.moment().now));
        let bank = Bank::builder(store.clone())
            .shared_clock(Arc::<ManualClock>::clone(&clock))
            .ids(SeededIds::new(77))
            .open()
            .await?;
        let story = life::go_on(&bank, &clock, &bench.context).await?;
        lives.push((story, clock.advance(chrono::Duration::zero())));
    }
    let [(ours, at), (theirs, then)] = lives.as_slice() else { return Err(found("two lives")) };
    same::<Timestamp>(*at, *then, "the clocks of the two lives")?;
    for (ours, theirs) in ours.iter().zip(theirs) {
        ensure(ours == theirs, format!("the lives differ: {ours} and {theirs}"))?;
    }
    same(ours.len(), theirs.len(), "the lengths of the two lives")?;
    alike(one, other).await
}
