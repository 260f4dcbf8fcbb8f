//! A store for tests: it counts units, suspends, waits at a gate before commit, and fails or
//! panics on purpose.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use chrono::NaiveDate;
use corebank::id::{AccountId, HoldId, TransactionId};
use corebank::ledger::facts::{Facts, Wanted};
use corebank::ledger::query::{
    AccountQuery, AsOf, EntryKey, EntryQuery, HoldQuery, TransactionQuery,
};
use corebank::ledger::seal::Block;
use corebank::ledger::{Account, Book, Chart, Entry, Hold, Record, Transaction};
use corebank::store::memory::MemoryStore;
use corebank::store::{
    Changes, Committed, ErrorKind, Head, Index, IndexHit, IndexQuery, Store, StoreError,
    StoreFuture, Unit,
};
use corebank::time::Timestamp;
use tokio::sync::Semaphore;

#[derive(Debug, Default)]
pub(crate) struct Hooks {
    /// Units begun.
    pub(crate) begun: AtomicUsize,
    /// Units committed.
    pub(crate) committed: AtomicUsize,
    /// Suspends before every call of a unit, and after its commit.
    pub(crate) suspends: AtomicBool,
    /// A commit takes a permit before it does anything.
    pub(crate) gate: Option<Semaphore>,
    /// Ids that the store finds corrupt.
    pub(crate) corrupt: Mutex<HashSet<TransactionId>>,
    /// Ids at which the store panics.
    pub(crate) panics: Mutex<HashSet<TransactionId>>,
    /// What the next commits end in; the flag says whether they take effect before.
    pub(crate) commits_fail: Mutex<Vec<(ErrorKind, bool)>>,
    /// Keys that stand in an index and lead nowhere.
    pub(crate) strays: Mutex<Vec<(Index, IndexHit)>>,
}

impl Hooks {
    pub(crate) fn begun(&self) -> usize {
        self.begun.load(Ordering::SeqCst)
    }

    pub(crate) fn committed(&self) -> usize {
        self.committed.load(Ordering::SeqCst)
    }

    pub(crate) fn suspend(&self, on: bool) {
        self.suspends.store(on, Ordering::SeqCst);
    }

    async fn pause(&self) {
        if self.suspends.load(Ordering::SeqCst) {
            suspend().await;
        }
    }
}

/// Suspends once.
pub(crate) async fn suspend() {
    let mut suspended = false;
    std::future::poll_fn(|task| {
        if suspended {
            return std::task::Poll::Ready(());
        }
        suspended = true;
        task.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Hooked {
    pub(crate) inner: MemoryStore,
    pub(crate) hooks: Arc<Hooks>,
}

impl Hooked {
    pub(crate) fn new(hooks: Hooks) -> Self {
        Self { inner: MemoryStore::new(), hooks: Arc::new(hooks) }
    }
}

struct HookedUnit {
    inner: Box<dyn Unit>,
    hooks: Arc<Hooks>,
}

impl Unit for HookedUnit {
    fn load_entities<'a>(
        &'a mut self,
        wanted: &'a corebank::store::EntityWanted,
        found: &'a mut corebank::store::Entities,
    ) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.hooks.pause().await;
            self.inner.load_entities(wanted, found).await
        })
    }

    fn load<'a>(&'a mut self, wanted: &'a Wanted, facts: &'a mut Facts) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.hooks.pause().await;
            let asked = |ids: &Mutex<HashSet<TransactionId>>| {
                let ids = ids.lock().unwrap();
                wanted.transactions.iter().any(|id| ids.contains(id))
            };
            if asked(&self.hooks.corrupt) {
                return Err(StoreError::new(ErrorKind::Corrupt, "a row that cannot be"));
            }
            assert!(!asked(&self.hooks.panics), "the store panics, as it was told to");
            self.inner.load(wanted, facts).await
        })
    }

    fn apply(&mut self, changes: Changes) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            self.hooks.pause().await;
            self.inner.apply(changes).await
        })
    }

    fn commit(self: Box<Self>) -> StoreFuture<'static, Committed> {
        let Self { inner, hooks } = *self;
        Box::pin(async move {
            hooks.pause().await;
            if let Some(gate) = &hooks.gate {
                gate.acquire().await.unwrap().forget();
            }
            let fails = hooks.commits_fail.lock().unwrap().pop();
            if let Some((kind, false)) = fails {
                return Err(StoreError::new(kind, "as it was told"));
            }
            let committed = inner.commit().await?;
            hooks.committed.fetch_add(1, Ordering::SeqCst);
            hooks.pause().await;
            match fails {
                Some((kind, _)) => Err(StoreError::new(kind, "as it was told")),
                None => Ok(committed),
            }
        })
    }
}

macro_rules! forward {
    ($($method:ident($($arg:ident: $type:ty),*) -> $output:ty;)*) => {$(
        fn $method<'a>(&'a self, $($arg: $type),*) -> StoreFuture<'a, $output> {
            self.inner.$method($($arg),*)
        }
    )*};
}

impl Store for Hooked {
    fn begin(&self) -> StoreFuture<'_, Box<dyn Unit>> {
        Box::pin(async move {
            self.hooks.begun.fetch_add(1, Ordering::SeqCst);
            self.hooks.pause().await;
            let (inner, hooks) = (self.inner.begin().await?, Arc::clone(&self.hooks));
            Ok(Box::new(HookedUnit { inner, hooks }) as Box<dyn Unit>)
        })
    }

    fn index_list<'a>(
        &'a self,
        query: &'a IndexQuery,
        after: Option<&'a IndexHit>,
        limit: usize,
    ) -> StoreFuture<'a, Vec<IndexHit>> {
        Box::pin(async move {
            let mut hits = self.inner.index_list(query, after, limit).await?;
            let inside = |(index, hit): &&(Index, IndexHit)| {
                *index == query.index
                    && hit.key >= query.from
                    && query.until.as_ref().is_none_or(|until| hit.key < *until)
                    && after.is_none_or(|after| (&hit.key, hit.id) > (&after.key, after.id))
            };
            let strays = self.hooks.strays.lock().unwrap();
            hits.extend(strays.iter().filter(inside).map(|(_, hit)| hit.clone()));
            hits.sort_unstable();
            hits.truncate(limit);
            Ok(hits)
        })
    }

    forward! {
        head() -> Head;
        book() -> Book;
        chart() -> Arc<Chart>;
        accounts(ids: &'a [AccountId]) -> Vec<Option<Account>>;
        account_list(query: &'a AccountQuery, after: Option<AccountId>, limit: usize)
            -> Vec<Account>;
        balances(accounts: &'a [AccountId], as_of: AsOf) -> Vec<Option<i64>>;
        transactions(ids: &'a [TransactionId]) -> Vec<Option<Transaction>>;
        transaction_list(query: &'a TransactionQuery, after: Option<u64>, limit: usize)
            -> Vec<Transaction>;
        entry_list(query: &'a EntryQuery, after: Option<EntryKey>, limit: usize) -> Vec<Entry>;
        holds(ids: &'a [HoldId]) -> Vec<Option<Hold>>;
        hold_list(query: &'a HoldQuery, after: Option<u64>, limit: usize) -> Vec<Hold>;
        holds_due(as_of: Timestamp, limit: usize) -> Vec<HoldId>;
        journal(after: u64, limit: usize) -> Vec<Record>;
        blocks(after: u64, limit: usize) -> Vec<Block>;
        last_block() -> Option<Block>;
        earnings(from: NaiveDate, to: NaiveDate) -> Vec<(Account, i64)>;
        keys(after: Option<(corebank::ledger::IdempotencyKey, u32)>, limit: usize)
            -> Vec<((corebank::ledger::IdempotencyKey, u32), corebank::ledger::facts::KeyRecord)>;
        usages(after: Option<corebank::ledger::UsageKey>, limit: usize)
            -> Vec<(corebank::ledger::UsageKey, corebank::ledger::Usage)>;
        restore() -> Box<dyn corebank::store::Restore>;
        marks(subscriber: &'a corebank::ledger::Subscriber)
            -> Vec<corebank::ledger::outbox::Mark>;
        put_marks(marks: &'a [corebank::ledger::outbox::Mark]) -> ();
        drop_marks(subscriber: &'a corebank::ledger::Subscriber) -> bool;
        entities(refs: &'a [corebank::ledger::EntityRef])
            -> Vec<Option<Arc<corebank::store::EntityRow>>>;
        entity_list(kind: corebank::ledger::EntityKind, after: Option<uuid::Uuid>, limit: usize)
            -> Vec<(Arc<corebank::store::EntityRow>, Vec<corebank::store::IndexEntry>)>;
    }
}
