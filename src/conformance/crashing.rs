//! A store that breaks at one chosen call, so that a test can break at every call in turn.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::ledger::Record;
use crate::ledger::facts::{Facts, Wanted};
use crate::store::{Changes, Committed, ErrorKind, Store, StoreError, StoreFuture, Unit};

use super::forward::forward_reads;

/// What becomes of the call at which a fuse blows. Calls that are no commits do nothing and
/// report [`ErrorKind::Unavailable`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cut {
    /// It does nothing and says so: [`ErrorKind::Unavailable`].
    Before,
    /// A commit does nothing and nobody knows: [`ErrorKind::OutcomeUnknown`].
    Lost,
    /// A commit takes effect and nobody knows: [`ErrorKind::OutcomeUnknown`].
    Landed,
}

impl Cut {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Before, Self::Lost, Self::Landed];
}

/// Counts the calls of all stores that it was given to, and breaks one of them.
#[derive(Debug, Clone)]
pub struct Fuse {
    calls: Arc<AtomicU64>,
    at: u64,
    cut: Cut,
    dead: bool,
}

/// What a call may do.
enum Current {
    Flows,
    Blows,
    Gone,
}

impl Fuse {
    /// Never blows: it only counts.
    #[must_use]
    pub fn never() -> Self {
        Self { calls: Arc::new(AtomicU64::new(0)), at: u64::MAX, cut: Cut::Before, dead: false }
    }

    /// Breaks call `at`, counted from 1, and every call behind it: a process that died there.
    #[must_use]
    pub fn dying_at(at: u64, cut: Cut) -> Self {
        Self { at, cut, dead: true, ..Self::never() }
    }

    /// Breaks call `at`, counted from 1, and no other: a connection that was lost there.
    #[must_use]
    pub fn failing_at(at: u64, cut: Cut) -> Self {
        Self { at, cut, dead: false, ..Self::never() }
    }

    /// How many calls were made.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }

    fn next(&self) -> Current {
        let call = self.calls.fetch_add(1, Ordering::SeqCst).saturating_add(1);
        match call.cmp(&self.at) {
            std::cmp::Ordering::Less => Current::Flows,
            std::cmp::Ordering::Equal => Current::Blows,
            std::cmp::Ordering::Greater if self.dead => Current::Gone,
            std::cmp::Ordering::Greater => Current::Flows,
        }
    }

    fn reach(&self) -> Result<(), StoreError> {
        match self.next() {
            Current::Flows => Ok(()),
            Current::Blows | Current::Gone => Err(away()),
        }
    }

    /// A call that takes effect: whether it is made, and whether it is told of.
    async fn write<T>(&self, write: StoreFuture<'_, T>) -> Result<T, StoreError> {
        match (self.next(), self.cut) {
            (Current::Flows, _) => write.await,
            (Current::Gone, _) | (Current::Blows, Cut::Before) => Err(away()),
            (Current::Blows, Cut::Lost) => Err(unknown()),
            (Current::Blows, Cut::Landed) => {
                write.await?;
                Err(unknown())
            }
        }
    }
}

fn away() -> StoreError {
    StoreError::new(ErrorKind::Unavailable, "the store is away, as the test wants it")
}

fn unknown() -> StoreError {
    StoreError::new(ErrorKind::OutcomeUnknown, "the connection was lost, as the test wants it")
}

/// Wraps a store so that it breaks where a fuse says. Clones of a fuse count together: one fuse
/// over several stores breaks at the n-th call to any of them.
#[derive(Debug, Clone)]
pub struct Crashing<S> {
    inner: S,
    fuse: Fuse,
}

impl<S> Crashing<S> {
    /// Wraps a store.
    #[must_use]
    pub const fn new(inner: S, fuse: Fuse) -> Self {
        Self { inner, fuse }
    }

    async fn reach(&self) -> Result<(), StoreError>
    where
        S: Sync,
    {
        self.fuse.reach()
    }
}

impl<S: Store> Store for Crashing<S> {
    fn begin(&self) -> StoreFuture<'_, Box<dyn Unit>> {
        Box::pin(async move {
            self.fuse.reach()?;
            let inner = self.inner.begin().await?;
            Ok(Box::new(CrashingUnit { inner, fuse: self.fuse.clone() }) as Box<dyn Unit>)
        })
    }

    fn journal(&self, after: u64, limit: usize) -> StoreFuture<'_, Vec<Record>> {
        Box::pin(async move {
            self.fuse.reach()?;
            self.inner.journal(after, limit).await
        })
    }

    fn usages(
        &self,
        after: Option<crate::ledger::UsageKey>,
        limit: usize,
    ) -> StoreFuture<'_, Vec<(crate::ledger::UsageKey, crate::ledger::Usage)>> {
        Box::pin(async move {
            self.fuse.reach()?;
            self.inner.usages(after, limit).await
        })
    }

    fn restore(&self) -> StoreFuture<'_, Box<dyn crate::store::Restore>> {
        Box::pin(async move {
            self.fuse.reach()?;
            self.inner.restore().await
        })
    }

    fn put_marks<'a>(&'a self, marks: &'a [crate::ledger::outbox::Mark]) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.fuse.reach()?;
            self.inner.put_marks(marks).await
        })
    }

    forward_reads!(reach);
}

struct CrashingUnit {
    inner: Box<dyn Unit>,
    fuse: Fuse,
}

impl Unit for CrashingUnit {
    fn load_entities<'a>(
        &'a mut self,
        wanted: &'a crate::store::EntityWanted,
        found: &'a mut crate::store::Entities,
    ) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.fuse.reach()?;
            self.inner.load_entities(wanted, found).await
        })
    }

    fn load<'a>(&'a mut self, wanted: &'a Wanted, facts: &'a mut Facts) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.fuse.reach()?;
            self.inner.load(wanted, facts).await
        })
    }

    fn apply(&mut self, changes: Changes) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            self.fuse.reach()?;
            self.inner.apply(changes).await
        })
    }

    fn commit(self: Box<Self>) -> StoreFuture<'static, Committed> {
        let Self { inner, fuse } = *self;
        Box::pin(async move { fuse.write(inner.commit()).await })
    }
}
