//! A store that suspends before every call, so that tasks on one thread interleave at every point
//! at which they could.

use std::future::poll_fn;
use std::task::Poll;

use crate::ledger::facts::{Facts, Wanted};
use crate::ledger::outbox::Mark;
use crate::ledger::{Record, Usage, UsageKey};
use crate::store::{ArchiveRow, Changes, Committed, Restore, Store, StoreError, StoreFuture, Unit};

use super::forward::forward_reads;

/// Wraps a store so that every call returns `Pending` once, after it has woken its task, before it
/// does anything.
///
/// A store in memory never waits by itself: without this wrapper no two units overlap on one
/// thread, and a store that forgot to check versions looks right.
#[derive(Debug, Clone)]
pub struct Yielding<S> {
    inner: S,
}

impl<S> Yielding<S> {
    /// Wraps a store.
    #[must_use]
    pub const fn new(inner: S) -> Self {
        Self { inner }
    }

    async fn pause(&self) -> Result<(), StoreError>
    where
        S: Sync,
    {
        suspend().await;
        Ok(())
    }
}

/// Suspends once.
pub(super) async fn suspend() {
    let mut suspended = false;
    poll_fn(|task| {
        if suspended {
            return Poll::Ready(());
        }
        suspended = true;
        task.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

impl<S: Store> Store for Yielding<S> {
    fn begin(&self) -> StoreFuture<'_, Box<dyn Unit>> {
        Box::pin(async move {
            suspend().await;
            let inner = self.inner.begin().await?;
            Ok(Box::new(YieldingUnit { inner }) as Box<dyn Unit>)
        })
    }

    fn journal(&self, after: u64, limit: usize) -> StoreFuture<'_, Vec<Record>> {
        Box::pin(async move {
            suspend().await;
            self.inner.journal(after, limit).await
        })
    }

    fn usages(
        &self,
        after: Option<UsageKey>,
        limit: usize,
    ) -> StoreFuture<'_, Vec<(UsageKey, Usage)>> {
        Box::pin(async move {
            suspend().await;
            self.inner.usages(after, limit).await
        })
    }

    fn restore(&self) -> StoreFuture<'_, Box<dyn Restore>> {
        Box::pin(async move {
            suspend().await;
            let inner = self.inner.restore().await?;
            Ok(Box::new(YieldingRestore { inner }) as Box<dyn Restore>)
        })
    }

    fn put_marks<'a>(&'a self, marks: &'a [Mark]) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            suspend().await;
            self.inner.put_marks(marks).await
        })
    }

    forward_reads!(pause);
}

struct YieldingRestore {
    inner: Box<dyn Restore>,
}

impl Restore for YieldingRestore {
    fn put(&mut self, rows: Vec<ArchiveRow>) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            suspend().await;
            self.inner.put(rows).await
        })
    }

    fn finish(self: Box<Self>) -> StoreFuture<'static, ()> {
        Box::pin(async move {
            suspend().await;
            self.inner.finish().await
        })
    }
}

struct YieldingUnit {
    inner: Box<dyn Unit>,
}

impl Unit for YieldingUnit {
    fn load_entities<'a>(
        &'a mut self,
        wanted: &'a crate::store::EntityWanted,
        found: &'a mut crate::store::Entities,
    ) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            suspend().await;
            self.inner.load_entities(wanted, found).await
        })
    }

    fn load<'a>(&'a mut self, wanted: &'a Wanted, facts: &'a mut Facts) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            suspend().await;
            self.inner.load(wanted, facts).await
        })
    }

    fn apply(&mut self, changes: Changes) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            suspend().await;
            self.inner.apply(changes).await
        })
    }

    fn commit(self: Box<Self>) -> StoreFuture<'static, Committed> {
        Box::pin(async move {
            suspend().await;
            self.inner.commit().await
        })
    }
}
