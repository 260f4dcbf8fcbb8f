//! A unit of work in a database.

use std::sync::Arc;

use super::cause::in_joined;
use super::engine::Engine;
use super::head;
use super::join::Savepoint;
use super::left::Left;
use super::load::Seen;
use super::store::{Core, SqlStore};
use super::write;
use crate::ledger::facts::{Facts, Wanted};
use crate::store::{
    Changes, Committed, Entities, EntityWanted, ErrorKind, StoreError, StoreFuture, Unit,
};

/// A unit of work; dropped, it leaves no trace.
pub(super) struct SqlUnit<E: Engine> {
    core: Arc<Core<E>>,
    hold: Hold<E>,
    seen: Seen,
    left: Option<Left>,
}

/// What a unit writes in: a transaction of its own, or a part of the host's.
pub(super) enum Hold<E: Engine> {
    Own(E::Transaction),
    Joined(Savepoint<E>),
    /// Between two transactions.
    Ended,
}

const ENDED: &str = "the unit of work was cut off between two transactions; repeat the request";

impl<E: Engine> Hold<E> {
    pub(super) fn link(&mut self) -> Result<&mut E::Link, StoreError> {
        match self {
            Self::Own(transaction) => Ok(&mut **transaction),
            Self::Joined(savepoint) => savepoint.link(),
            Self::Ended => Err(StoreError::new(ErrorKind::Unavailable, ENDED)),
        }
    }

    /// Commits, or keeps it for the host to commit.
    pub(super) async fn commit(self, engine: &E) -> Result<(), StoreError> {
        match self {
            Self::Own(transaction) => E::commit(transaction).await,
            Self::Joined(savepoint) => savepoint.keep(engine).await,
            Self::Ended => Err(StoreError::new(ErrorKind::Unavailable, ENDED)),
        }
    }
}

impl<E: Engine> SqlStore<E> {
    /// Begins to write.
    pub(super) async fn begin_write(&self) -> Result<Hold<E>, StoreError> {
        let engine = &self.core.engine;
        engine.prepare().await?;
        Ok(match &self.joined {
            None => Hold::Own(engine.begin().await?),
            Some(joined) => Hold::Joined(Savepoint::begin(engine, joined).await?),
        })
    }

    pub(super) async fn begin_unit(&self) -> Result<Box<dyn Unit>, StoreError> {
        let hold = self.begin_write().await?;
        let core = Arc::clone(&self.core);
        Ok(Box::new(SqlUnit { core, hold, seen: Seen::default(), left: None }))
    }
}

impl<E: Engine> SqlUnit<E> {
    const fn is_joined(&self) -> bool {
        matches!(self.hold, Hold::Joined(_))
    }

    /// What waits for its place is settled before anything is read.
    async fn begin_reading(&mut self) -> Result<(), StoreError> {
        let joined = self.is_joined();
        if E::CONCURRENT && !joined && self.seen.head.is_none() {
            let row = head::read(&self.core.engine, self.hold.link()?).await?;
            if row.behind {
                self.catch_up().await?;
            } else {
                self.seen.head = Some(row);
            }
        }
        Ok(())
    }

    async fn load_all(&mut self, wanted: &Wanted, facts: &mut Facts) -> Result<(), StoreError> {
        let joined = self.is_joined();
        self.begin_reading().await?;
        self.seen.load(&self.core, self.hold.link()?, joined, wanted, facts).await
    }

    /// Settles what waits in this transaction, which has read nothing yet, and begins another:
    /// the unit must not hold the head from its beginning, nor a second connection.
    async fn catch_up(&mut self) -> Result<(), StoreError> {
        let engine = &self.core.engine;
        let head = head::lock(engine, self.hold.link()?).await?;
        head::settle_waiting(engine, self.hold.link()?, head).await?;
        if let Hold::Own(transaction) = std::mem::replace(&mut self.hold, Hold::Ended) {
            E::commit(transaction).await?;
        }
        self.hold = Hold::Own(engine.begin().await?);
        Ok(())
    }

    async fn write(&mut self, changes: Changes) -> Result<(), StoreError> {
        if self.left.is_some() {
            let twice = "changes were applied twice to one unit of work";
            return Err(StoreError::new(ErrorKind::Misuse, twice));
        }
        let link = self.hold.link()?;
        self.left = Some(write::apply(&self.core.engine, link, &self.seen, changes).await?);
        Ok(())
    }
}

impl<E: Engine> Unit for SqlUnit<E> {
    fn load_entities<'a>(
        &'a mut self,
        wanted: &'a EntityWanted,
        found: &'a mut Entities,
    ) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let joined = self.is_joined();
            let loaded = async {
                self.begin_reading().await?;
                let link = self.hold.link()?;
                super::entities::load(&self.core.engine, link, wanted, found).await?;
                if E::CONCURRENT {
                    self.seen.relied.note(wanted, found);
                }
                Ok(())
            };
            loaded.await.map_err(|error| if joined { in_joined(error) } else { error })
        })
    }

    fn load<'a>(&'a mut self, wanted: &'a Wanted, facts: &'a mut Facts) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let joined = self.is_joined();
            let loaded = self.load_all(wanted, facts).await;
            loaded.map_err(|error| if joined { in_joined(error) } else { error })
        })
    }

    fn apply(&mut self, changes: Changes) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            let joined = self.is_joined();
            let written = self.write(changes).await;
            written.map_err(|error| if joined { in_joined(error) } else { error })
        })
    }

    fn commit(self: Box<Self>) -> StoreFuture<'static, Committed> {
        Box::pin(async move {
            let Self { core, mut hold, left, .. } = *self;
            let nothing = "a unit of work was committed without changes";
            let left = left.ok_or(StoreError::new(ErrorKind::Misuse, nothing))?;
            let joined = E::CONCURRENT && matches!(hold, Hold::Joined(_));
            let committed = left.finish(&core.engine, hold.link()?, joined).await;
            let committed =
                committed.map_err(|error| if joined { in_joined(error) } else { error })?;
            hold.commit(&core.engine).await?;
            Ok(committed)
        })
    }
}
