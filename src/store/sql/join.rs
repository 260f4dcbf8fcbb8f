//! Joining the host's transaction: the host's rows and the money commit together or not at all.

use std::fmt;
use std::sync::Arc;

use tokio::sync::{Mutex, OwnedMutexGuard};

use super::engine::Engine;
use super::store::SqlStore;
use crate::store::{ErrorKind, StoreError};

/// A transaction that host and bank share.
#[allow(unreachable_pub, reason = "named by a field of a public type")]
pub struct Shared<E: Engine> {
    transaction: Option<E::Transaction>,
    /// A unit was dropped: its savepoint must be rolled back before anything else.
    abandoned: bool,
}

impl<E: Engine> fmt::Debug for Shared<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("open", &self.transaction.is_some()).finish_non_exhaustive()
    }
}

impl<E: Engine> Shared<E> {
    pub(super) fn link(&mut self) -> Result<&mut E::Link, StoreError> {
        let over = "the host's transaction is over; join another";
        let transaction = self.transaction.as_mut();
        Ok(&mut **transaction.ok_or(StoreError::new(ErrorKind::Misuse, over))?)
    }

    /// Undoes what a dropped unit left behind.
    pub(super) async fn tidy(&mut self, engine: &E) -> Result<(), StoreError> {
        if self.abandoned {
            // Both may be dropped half way: the first can be done again, the second left undone.
            engine.script(self.link()?, "ROLLBACK TO SAVEPOINT corebank_unit").await?;
            self.abandoned = false;
            engine.script(self.link()?, "RELEASE SAVEPOINT corebank_unit").await?;
        }
        Ok(())
    }
}

/// A unit's hold on the shared transaction: everything behind its savepoint is the unit's.
#[derive(Debug)]
pub(super) struct Savepoint<E: Engine> {
    shared: OwnedMutexGuard<Shared<E>>,
    open: bool,
}

impl<E: Engine> Savepoint<E> {
    pub(super) async fn begin(
        engine: &E,
        joined: &Arc<Mutex<Shared<E>>>,
    ) -> Result<Self, StoreError> {
        let mut shared = Arc::clone(joined).lock_owned().await;
        shared.tidy(engine).await?;
        engine.script(shared.link()?, "SAVEPOINT corebank_unit").await?;
        Ok(Self { shared, open: true })
    }

    pub(super) fn link(&mut self) -> Result<&mut E::Link, StoreError> {
        self.shared.link()
    }

    /// Keeps what the unit wrote, for the host to commit.
    pub(super) async fn keep(mut self, engine: &E) -> Result<(), StoreError> {
        // From here on it is kept, even if the caller goes away before the answer is there: a
        // savepoint that was released cannot be rolled back to.
        self.open = false;
        let released = engine.script(self.link()?, "RELEASE SAVEPOINT corebank_unit").await;
        self.open = released.is_err();
        released
    }
}

impl<E: Engine> Drop for Savepoint<E> {
    fn drop(&mut self) {
        if self.open {
            self.shared.abandoned = true;
        }
    }
}

/// A transaction of the host in which a bank works.
///
/// Open a bank over [`Joined::store`] with [`Bank::over`](crate::Bank::over), post, write rows of
/// the host's own through [`Joined::lend`], then [`commit`](Joined::commit). Dropped, nothing of
/// either was written. What a posting did is final only with the commit: if its answer is lost,
/// repeat the whole under the same ids.
///
/// Accounts that were posted to stay locked until the commit, so commit soon, and post to accounts
/// in one order everywhere: of two transactions that wait for each other one ends in
/// [`ErrorKind::Unavailable`], and its host rolls back and repeats all of it. Receipts of a bank
/// that joined say position 0 where the place in the journal is settled after the commit.
#[derive(Debug)]
pub struct Joined<E: Engine> {
    store: SqlStore<E>,
    shared: Arc<Mutex<Shared<E>>>,
}

impl<E: Engine> Joined<E> {
    /// The store to open a bank over.
    #[must_use]
    pub fn store(&self) -> SqlStore<E> {
        self.store.clone()
    }

    /// Ends the sharing and gives the transaction back, for the host to commit or roll back.
    ///
    /// # Errors
    /// [`ErrorKind::Misuse`] after it was given back; a fault of the database when a unit of the
    /// bank could not be undone.
    pub async fn into_transaction(self) -> Result<E::Transaction, StoreError> {
        let mut shared = self.shared.lock().await;
        shared.tidy(&self.store.core.engine).await?;
        let over = "the host's transaction is over; join another";
        shared.transaction.take().ok_or(StoreError::new(ErrorKind::Misuse, over))
    }

    /// Commits the host's rows and the money.
    ///
    /// # Errors
    /// As of any commit; [`ErrorKind::OutcomeUnknown`] when the answer was lost.
    pub async fn commit(self) -> Result<(), StoreError> {
        E::commit(self.into_transaction().await?).await
    }

    /// Lends the connection for the host's own statements.
    ///
    /// # Errors
    /// [`ErrorKind::Misuse`] after the transaction was given back.
    pub async fn lend(&self) -> Result<Lent<E>, StoreError> {
        let mut shared = Arc::clone(&self.shared).lock_owned().await;
        shared.tidy(&self.store.core.engine).await?;
        shared.link()?;
        Ok(Lent { shared })
    }
}

/// The connection of a shared transaction, lent to the host. The bank waits until it is dropped.
#[derive(Debug)]
pub struct Lent<E: Engine> {
    shared: OwnedMutexGuard<Shared<E>>,
}

impl<E: Engine> Lent<E> {
    /// The connection, inside the transaction.
    ///
    /// # Errors
    /// [`ErrorKind::Misuse`] after the transaction was given back.
    pub fn connection(&mut self) -> Result<&mut E::Link, StoreError> {
        self.shared.link()
    }
}

impl<E: Engine> SqlStore<E> {
    /// Shares a transaction that the host has begun. Later reads and units of the bank that is
    /// opened over [`Joined::store`] are part of it.
    #[must_use]
    pub fn join(&self, transaction: E::Transaction) -> Joined<E> {
        let shared = Shared { transaction: Some(transaction), abandoned: false };
        let shared = Arc::new(Mutex::new(shared));
        let core = Arc::clone(&self.core);
        let store = Self { core, joined: Some(Arc::clone(&shared)) };
        Joined { store, shared }
    }

    /// Begins a transaction to share with the host.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn begin_joined(&self) -> Result<Joined<E>, StoreError> {
        Ok(self.join(self.core.engine.begin().await?))
    }
}
