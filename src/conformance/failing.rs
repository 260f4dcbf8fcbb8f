//! A store that fails by seed: before a call, at a commit, or after one that took effect.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::ledger::facts::{Facts, Wanted};
use crate::ledger::outbox::Mark;
use crate::ledger::{Record, Usage, UsageKey};
use crate::store::{
    ArchiveRow, Changes, Committed, ErrorKind, Restore, Store, StoreError, StoreFuture, Unit,
};

use super::forward::forward_reads;

/// How often calls fail, each in calls per thousand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Odds {
    /// Any call, before it does anything: [`ErrorKind::Unavailable`].
    pub unavailable: u64,
    /// A commit, before it does anything: [`ErrorKind::Conflict`].
    pub conflict: u64,
    /// A commit, after it took effect: [`ErrorKind::OutcomeUnknown`].
    pub unknown: u64,
}

impl Odds {
    /// Never.
    pub const NEVER: Self = Self { unavailable: 0, conflict: 0, unknown: 0 };
    /// A bad day: every thirtieth call, and every eighth commit.
    pub const BAD_DAY: Self = Self { unavailable: 30, conflict: 60, unknown: 60 };
}

/// Wraps a store so that its calls fail by chance, repeatably for a seed.
///
/// A commit that reports an unknown outcome took effect: the caller must find that out by
/// repeating its request under the same id.
#[derive(Debug, Clone)]
pub struct Failing<S> {
    inner: S,
    dice: Dice,
}

#[derive(Debug, Clone)]
struct Dice {
    odds: Odds,
    state: Arc<AtomicU64>,
}

impl<S> Failing<S> {
    /// Wraps a store.
    #[must_use]
    pub fn new(inner: S, seed: u64, odds: Odds) -> Self {
        Self { inner, dice: Dice { odds, state: Arc::new(AtomicU64::new(seed)) } }
    }

    async fn reach(&self) -> Result<(), StoreError>
    where
        S: Sync,
    {
        self.dice.reach()
    }
}

impl Dice {
    fn falls(&self, per_thousand: u64) -> bool {
        let state = self.state.fetch_add(super::random::STEP, Ordering::SeqCst);
        let rolled = super::random::mix(state).checked_rem(1_000).unwrap_or(0);
        rolled < per_thousand
    }

    fn reach(&self) -> Result<(), StoreError> {
        if self.falls(self.odds.unavailable) {
            return Err(StoreError::new(ErrorKind::Unavailable, "the store is away, by chance"));
        }
        Ok(())
    }

    fn before_write(&self) -> Result<(), StoreError> {
        self.reach()?;
        if self.falls(self.odds.conflict) { Err(StoreError::conflict()) } else { Ok(()) }
    }

    fn after_write(&self) -> Result<(), StoreError> {
        if self.falls(self.odds.unknown) {
            let lost = "the connection was lost after commit, by chance";
            return Err(StoreError::new(ErrorKind::OutcomeUnknown, lost));
        }
        Ok(())
    }
}

impl<S: Store> Store for Failing<S> {
    fn begin(&self) -> StoreFuture<'_, Box<dyn Unit>> {
        Box::pin(async move {
            self.dice.reach()?;
            let inner = self.inner.begin().await?;
            Ok(Box::new(FailingUnit { inner, dice: self.dice.clone() }) as Box<dyn Unit>)
        })
    }

    fn journal(&self, after: u64, limit: usize) -> StoreFuture<'_, Vec<Record>> {
        Box::pin(async move {
            self.dice.reach()?;
            self.inner.journal(after, limit).await
        })
    }

    fn usages(
        &self,
        after: Option<UsageKey>,
        limit: usize,
    ) -> StoreFuture<'_, Vec<(UsageKey, Usage)>> {
        Box::pin(async move {
            self.dice.reach()?;
            self.inner.usages(after, limit).await
        })
    }

    fn restore(&self) -> StoreFuture<'_, Box<dyn Restore>> {
        Box::pin(async move {
            self.dice.reach()?;
            let inner = self.inner.restore().await?;
            Ok(Box::new(FailingRestore { inner, dice: self.dice.clone() }) as Box<dyn Restore>)
        })
    }

    fn put_marks<'a>(&'a self, marks: &'a [Mark]) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.dice.before_write()?;
            self.inner.put_marks(marks).await?;
            self.dice.after_write()
        })
    }

    forward_reads!(reach);
}

struct FailingRestore {
    inner: Box<dyn Restore>,
    dice: Dice,
}

impl Restore for FailingRestore {
    fn put(&mut self, rows: Vec<ArchiveRow>) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            self.dice.reach()?;
            self.inner.put(rows).await
        })
    }

    fn finish(self: Box<Self>) -> StoreFuture<'static, ()> {
        let Self { inner, dice } = *self;
        Box::pin(async move {
            dice.before_write()?;
            inner.finish().await?;
            dice.after_write()
        })
    }
}

struct FailingUnit {
    inner: Box<dyn Unit>,
    dice: Dice,
}

impl Unit for FailingUnit {
    fn load_entities<'a>(
        &'a mut self,
        wanted: &'a crate::store::EntityWanted,
        found: &'a mut crate::store::Entities,
    ) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.dice.reach()?;
            self.inner.load_entities(wanted, found).await
        })
    }

    fn load<'a>(&'a mut self, wanted: &'a Wanted, facts: &'a mut Facts) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.dice.reach()?;
            self.inner.load(wanted, facts).await
        })
    }

    fn apply(&mut self, changes: Changes) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            self.dice.reach()?;
            self.inner.apply(changes).await
        })
    }

    fn commit(self: Box<Self>) -> StoreFuture<'static, Committed> {
        let Self { inner, dice } = *self;
        Box::pin(async move {
            dice.before_write()?;
            let committed = inner.commit().await?;
            dice.after_write()?;
            Ok(committed)
        })
    }
}
