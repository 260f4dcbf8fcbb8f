//! The memory store: the reference that every other store must agree with.
//!
//! One lock guards the rows. A unit takes it shared for each read and exclusively for its commit,
//! never in between: decisions run in parallel, and versions show at commit whether another unit
//! came first. Rows are numbered in 32 bits, with room for two billion entries.
//!
//! What bounds it is memory: 56 bytes for a transaction, 32 for an entry, about 14 for an id in the
//! index; words and links come on top where there are any.

mod column;
mod commit;
mod copies;
mod entities;
mod index;
mod intern;
mod list;
mod marks;
mod reading;
mod restore;
mod rows;
mod state;
mod unit;

use std::future;
use std::sync::{
    Arc, LockResult, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard, TryLockError,
    TryLockResult,
};

use chrono::NaiveDate;
use uuid::Uuid;

use crate::id::{AccountId, HoldId, TransactionId};
use crate::ledger::facts::KeyRecord;
use crate::ledger::outbox::Mark;
use crate::ledger::query::{AccountQuery, AsOf, EntryKey, EntryQuery, HoldQuery, TransactionQuery};
use crate::ledger::seal::Block;
use crate::ledger::{
    Account, Book, Chart, EntityKind, EntityRef, Entry, Hold, IdempotencyKey, Record, Subscriber,
    Transaction, Usage, UsageKey,
};
use crate::store::{
    EntityRow, ErrorKind, Head, IndexEntry, IndexHit, IndexQuery, Restore, Store, StoreError,
    StoreFuture, Unit,
};
use crate::time::Timestamp;

use marks::Marks;
use reading::{Reading, fit};
use state::State;

/// A bank in memory. A clone is another handle to the same books.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    state: RwLock<State>,
    /// Locked after `state`, never before.
    reading: Mutex<Reading>,
    /// Readers' marks: a lock of their own, because posting has nothing to do with them.
    marks: Mutex<Marks>,
}

impl MemoryStore {
    /// Empty books.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

/// The store never waits: its futures are ready when they are made.
fn ready<'a, T: Send + 'a>(result: Result<T, StoreError>) -> StoreFuture<'a, T> {
    Box::pin(future::ready(result))
}

fn poisoned<E>(_: E) -> StoreError {
    StoreError::new(ErrorKind::Corrupt, "a thread stopped while it changed the memory store")
}

impl Inner {
    fn read(&self) -> Result<RwLockReadGuard<'_, State>, StoreError> {
        spin(|| self.state.try_read()).unwrap_or_else(|| self.state.read()).map_err(poisoned)
    }

    fn write(&self) -> Result<RwLockWriteGuard<'_, State>, StoreError> {
        spin(|| self.state.try_write()).unwrap_or_else(|| self.state.write()).map_err(poisoned)
    }

    fn reading(&self) -> Result<MutexGuard<'_, Reading>, StoreError> {
        self.reading.lock().map_err(poisoned)
    }

    fn marks(&self) -> Result<MutexGuard<'_, Marks>, StoreError> {
        self.marks.lock().map_err(poisoned)
    }

    fn balance_of(&self, state: &State, row: u32, as_of: AsOf) -> Result<i64, StoreError> {
        if let (AsOf::Now, Some(account)) = (as_of, state.accounts.get(row as usize)) {
            let normal = account.state.class.normal_side();
            return Ok(account.state.balance.ledger(normal));
        }
        fit(self.reading()?.account(state, row).balance(state, as_of))
    }
}

/// Tries for as long as a thread would take to fall asleep and wake up again: locks are held for
/// microseconds, and sleeping is what made two threads slower than one. `None` gives up.
fn spin<G>(attempt: impl Fn() -> TryLockResult<G>) -> Option<LockResult<G>> {
    for round in 0..SPINS {
        match attempt() {
            Ok(guard) => return Some(Ok(guard)),
            Err(TryLockError::Poisoned(poisoned)) => return Some(Err(poisoned)),
            Err(TryLockError::WouldBlock) if round < SPINS / 2 => {
                (0..16).for_each(|_| std::hint::spin_loop());
            }
            // Whoever holds the lock may be waiting for this very core.
            Err(TryLockError::WouldBlock) => std::thread::yield_now(),
        }
    }
    None
}

const SPINS: u32 = 64;

impl MemoryStore {
    fn with<T>(&self, f: impl FnOnce(&State) -> T) -> Result<T, StoreError> {
        self.inner.read().map(|state| f(&state))
    }

    fn balances_now(
        &self,
        accounts: &[AccountId],
        as_of: AsOf,
    ) -> Result<Vec<Option<i64>>, StoreError> {
        let state = self.inner.read()?;
        let balance = |id: &AccountId| {
            let row = state.find_account(*id);
            row.map(|row| self.inner.balance_of(&state, row, as_of)).transpose()
        };
        accounts.iter().map(balance).collect()
    }

    fn earnings_now(
        &self,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<Vec<(Account, i64)>, StoreError> {
        let state = self.inner.read()?;
        let mut reading = self.inner.reading()?;
        let mut lines = Vec::new();
        for row in &state.temporary_accounts {
            let earned = fit(reading.account(&state, *row).earned(from, to))?;
            if let Some(account) = state.account(*row).filter(|_| earned != 0) {
                lines.push((account, earned));
            }
        }
        Ok(lines)
    }
}

impl Store for MemoryStore {
    fn begin(&self) -> StoreFuture<'_, Box<dyn Unit>> {
        ready(Ok(Box::new(unit::MemoryUnit::new(Arc::clone(&self.inner))) as Box<dyn Unit>))
    }

    fn head(&self) -> StoreFuture<'_, Head> {
        ready(self.with(|state| state.head))
    }

    fn book(&self) -> StoreFuture<'_, Book> {
        ready(self.with(|state| state.book.clone()))
    }

    fn chart(&self) -> StoreFuture<'_, Arc<Chart>> {
        ready(self.with(|state| Arc::clone(&state.chart)))
    }

    fn accounts<'a>(&'a self, ids: &'a [AccountId]) -> StoreFuture<'a, Vec<Option<Account>>> {
        ready(self.with(|state| {
            let account =
                |id: &AccountId| state.find_account(*id).and_then(|row| state.account(row));
            ids.iter().map(account).collect()
        }))
    }

    fn account_list<'a>(
        &'a self,
        query: &'a AccountQuery,
        after: Option<AccountId>,
        limit: usize,
    ) -> StoreFuture<'a, Vec<Account>> {
        ready(self.with(|state| state.account_list(query, after, limit)))
    }

    fn balances<'a>(
        &'a self,
        accounts: &'a [AccountId],
        as_of: AsOf,
    ) -> StoreFuture<'a, Vec<Option<i64>>> {
        ready(self.balances_now(accounts, as_of))
    }

    fn transactions<'a>(
        &'a self,
        ids: &'a [TransactionId],
    ) -> StoreFuture<'a, Vec<Option<Transaction>>> {
        ready(self.with(|state| {
            let find = |id: &TransactionId| {
                state.find_transaction(*id).and_then(|row| state.transaction(row))
            };
            ids.iter().map(find).collect()
        }))
    }

    fn transaction_list<'a>(
        &'a self,
        query: &'a TransactionQuery,
        after: Option<u64>,
        limit: usize,
    ) -> StoreFuture<'a, Vec<Transaction>> {
        let listed = self.inner.read().and_then(|state| {
            let mut reading = self.inner.reading()?;
            Ok(state.transaction_list(&mut reading, query, after, limit))
        });
        ready(listed)
    }

    fn entry_list<'a>(
        &'a self,
        query: &'a EntryQuery,
        after: Option<EntryKey>,
        limit: usize,
    ) -> StoreFuture<'a, Vec<Entry>> {
        let listed = self.inner.read().and_then(|state| {
            let mut reading = self.inner.reading()?;
            Ok(state.entry_list(&mut reading, query, after, limit))
        });
        ready(listed)
    }

    fn holds<'a>(&'a self, ids: &'a [HoldId]) -> StoreFuture<'a, Vec<Option<Hold>>> {
        ready(self.with(|state| ids.iter().map(|id| state.holds.get(id).cloned()).collect()))
    }

    fn hold_list<'a>(
        &'a self,
        query: &'a HoldQuery,
        after: Option<u64>,
        limit: usize,
    ) -> StoreFuture<'a, Vec<Hold>> {
        ready(self.with(|state| state.hold_list(query, after, limit)))
    }

    fn holds_due(&self, as_of: Timestamp, limit: usize) -> StoreFuture<'_, Vec<HoldId>> {
        ready(self.with(|state| {
            let due = state.holds_due.iter().take_while(|(at, _)| *at <= as_of);
            due.take(limit).map(|(_, id)| *id).collect()
        }))
    }

    fn journal(&self, after: u64, limit: usize) -> StoreFuture<'_, Vec<Record>> {
        ready(self.with(|state| state.records_after(after, limit)))
    }

    fn blocks(&self, after: u64, limit: usize) -> StoreFuture<'_, Vec<Block>> {
        ready(self.with(|state| {
            let from = usize::try_from(after).unwrap_or(usize::MAX);
            let blocks = state.blocks.get(from..).unwrap_or_default();
            blocks.iter().take(limit).cloned().collect()
        }))
    }

    fn last_block(&self) -> StoreFuture<'_, Option<Block>> {
        ready(self.with(|state| state.blocks.last().cloned()))
    }

    fn earnings(&self, from: NaiveDate, to: NaiveDate) -> StoreFuture<'_, Vec<(Account, i64)>> {
        ready(self.earnings_now(from, to))
    }

    fn keys(
        &self,
        after: Option<(IdempotencyKey, u32)>,
        limit: usize,
    ) -> StoreFuture<'_, Vec<((IdempotencyKey, u32), KeyRecord)>> {
        let listed = self.inner.read().and_then(|state| {
            let mut reading = self.inner.reading()?;
            Ok(reading.keys.behind(&state.keys, after.as_ref(), limit))
        });
        ready(listed)
    }

    fn usages(
        &self,
        after: Option<UsageKey>,
        limit: usize,
    ) -> StoreFuture<'_, Vec<(UsageKey, Usage)>> {
        let listed = self.inner.read().and_then(|state| {
            let mut reading = self.inner.reading()?;
            Ok(reading.usage.behind(&state.usage, after.as_ref(), limit))
        });
        ready(listed)
    }

    fn restore(&self) -> StoreFuture<'_, Box<dyn Restore>> {
        ready(restore::MemoryRestore::begin(Arc::clone(&self.inner)))
    }

    fn entities<'a>(
        &'a self,
        refs: &'a [EntityRef],
    ) -> StoreFuture<'a, Vec<Option<Arc<EntityRow>>>> {
        ready(self.with(|state| refs.iter().map(|one| state.entities_beside.get(*one)).collect()))
    }

    fn index_list<'a>(
        &'a self,
        query: &'a IndexQuery,
        after: Option<&'a IndexHit>,
        limit: usize,
    ) -> StoreFuture<'a, Vec<IndexHit>> {
        ready(self.with(|state| state.entities_beside.list(query, after, limit)))
    }

    fn entity_list(
        &self,
        kind: EntityKind,
        after: Option<Uuid>,
        limit: usize,
    ) -> StoreFuture<'_, Vec<(Arc<EntityRow>, Vec<IndexEntry>)>> {
        ready(self.with(|state| state.entities_beside.page(kind, after, limit)))
    }

    fn marks<'a>(&'a self, subscriber: &'a Subscriber) -> StoreFuture<'a, Vec<Mark>> {
        ready(self.inner.marks().map(|marks| marks.of(subscriber)))
    }

    fn put_marks<'a>(&'a self, marks: &'a [Mark]) -> StoreFuture<'a, ()> {
        ready(self.inner.marks().and_then(|mut kept| kept.put(marks)))
    }

    fn drop_marks<'a>(&'a self, subscriber: &'a Subscriber) -> StoreFuture<'a, bool> {
        ready(self.inner.marks().map(|mut marks| marks.remove(subscriber)))
    }
}
