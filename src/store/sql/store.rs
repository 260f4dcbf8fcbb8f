//! A bank in a database: the store, and where its connections come from.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;

use super::cause::has_code;
use super::engine::Engine;
use super::head::{self, HeadRow};
use super::join::Shared;
use crate::ledger::{Book, Chart};
use crate::store::StoreError;

/// The code of a write in a read-only transaction (PostgreSQL).
const READ_ONLY: &str = "25006";

/// A bank in a database. A clone is another handle to the same books.
///
/// Use it as [`SqliteStore`](crate::store::sqlite::SqliteStore) or
/// [`PostgresStore`](crate::store::postgres::PostgresStore).
#[derive(Debug)]
pub struct SqlStore<E: Engine> {
    pub(in crate::store) core: Arc<Core<E>>,
    /// The host's transaction, if this handle works in one.
    pub(super) joined: Option<Arc<tokio::sync::Mutex<Shared<E>>>>,
}

impl<E: Engine> Clone for SqlStore<E> {
    fn clone(&self) -> Self {
        Self { core: Arc::clone(&self.core), joined: self.joined.clone() }
    }
}

/// What the handles of a process share.
#[derive(Debug)]
pub(in crate::store) struct Core<E> {
    pub(in crate::store) engine: E,
    /// The book of one version: limits change seldom and are wanted by every posting.
    book: Mutex<Option<Book>>,
    /// The chart of one version of the book.
    chart: Mutex<Option<(i64, Arc<Chart>)>>,
}

impl<E> Core<E> {
    /// The book, if it was read at this version.
    pub(super) fn known_book(&self, head: &HeadRow) -> Option<Book> {
        let book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        book.as_ref().filter(|book| i64::try_from(book.version) == Ok(head.book_version)).cloned()
    }

    pub(super) fn keep_book(&self, book: &Book) {
        *self.book.lock().unwrap_or_else(PoisonError::into_inner) = Some(book.clone());
    }

    /// The chart, if it was read at this version of the book.
    pub(super) fn known_chart(&self, head: &HeadRow) -> Option<Arc<Chart>> {
        let chart = self.chart.lock().unwrap_or_else(PoisonError::into_inner);
        let known = chart.as_ref().filter(|(version, _)| *version == head.book_version);
        known.map(|(_, chart)| Arc::clone(chart))
    }

    pub(super) fn keep_chart(&self, head: &HeadRow, chart: &Arc<Chart>) {
        let known = Some((head.book_version, Arc::clone(chart)));
        *self.chart.lock().unwrap_or_else(PoisonError::into_inner) = known;
    }
}

/// A connection to read on: of the pool, or the host's.
#[derive(Debug)]
pub(super) enum Link<E: Engine> {
    Pooled(E::Lease),
    Joined(OwnedMutexGuard<Shared<E>>),
}

impl<E: Engine> Link<E> {
    pub(super) fn get(&mut self) -> Result<&mut E::Link, StoreError> {
        match self {
            Self::Pooled(lease) => Ok(&mut *lease),
            Self::Joined(shared) => shared.link(),
        }
    }
}

impl<E: Engine> SqlStore<E> {
    pub(in crate::store) fn over(engine: E) -> Self {
        let core = Core { engine, book: Mutex::default(), chart: Mutex::default() };
        Self { core: Arc::new(core), joined: None }
    }

    pub(super) fn engine(&self) -> &E {
        &self.core.engine
    }

    /// A connection as it is.
    pub(super) async fn link(&self) -> Result<Link<E>, StoreError> {
        match &self.joined {
            None => Ok(Link::Pooled(self.engine().lease().await?)),
            Some(joined) => {
                let mut shared = Arc::clone(joined).lock_owned().await;
                shared.tidy(self.engine()).await?;
                Ok(Link::Joined(shared))
            }
        }
    }

    /// A connection on which the journal holds all that was committed, with the head.
    pub(super) async fn settled(&self) -> Result<(Link<E>, HeadRow), StoreError> {
        let mut link = self.link().await?;
        let engine = self.engine();
        let mut row = head::read(engine, link.get()?).await?;
        if E::CONCURRENT && row.behind {
            if self.joined.is_some() {
                // Its own units are among them: only this transaction sees those.
                row = head::lock(engine, link.get()?).await?;
                row = head::settle_waiting(engine, link.get()?, row).await?;
                return Ok((link, row));
            }
            drop(link);
            match head::catch_up(engine).await {
                // On a standby they stay outside the journal until the primary settles them.
                Err(error) if has_code(&error, READ_ONLY) => {}
                done => done?,
            }
            link = self.link().await?;
            row = head::read(engine, link.get()?).await?;
        }
        Ok((link, row))
    }
}
