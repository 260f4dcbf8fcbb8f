//! A bank in a SQLite file.
//!
//! One connection writes and the others read beside it (write-ahead log), so reports never hold up
//! a posting. Every commit reaches the disk before it is acknowledged (`synchronous = FULL`).
//! Threads queue for the writer in the order in which they came; a second process waits for it up
//! to the busy time-out. The host's own tables may stand in the same file: all of ours begin with
//! `corebank_`.

mod engine;
mod fault;
mod row;

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection};

use super::sql::engine::{Engine, Row as _};
use super::sql::text::Names;
use super::sql::{Dialect, Schema, counted, statements};
use super::sql::{Joined, Migration, SqlStore, migrations};
use super::{ErrorKind, StoreError};
pub use engine::SqliteEngine;
use fault::fault;

/// A bank in a SQLite file. A clone is another handle to the same books.
pub type SqliteStore = SqlStore<SqliteEngine>;

/// A transaction of SQLite that host and bank share.
pub type SqliteJoined = Joined<SqliteEngine>;

impl Schema for SqliteEngine {
    const MIGRATIONS: &'static [Migration] = migrations! {
        1 "0001_ledger"
        2 "0002_append_only"
        3 "0003_entities"
    };
    const EXCLUDE: &'static str = "";

    const DIALECT: Dialect = Dialect::Sqlite;

    fn prologue(&self) -> String {
        String::new()
    }

    fn views(&self, profile: &str) -> (String, String) {
        (String::new(), format!("corebank_{profile}_"))
    }

    async fn has_table(&self, link: &mut Self::Link) -> Result<bool, StoreError> {
        const COUNT: &str = "SELECT COUNT(*) FROM sqlite_schema \
            WHERE type = 'table' AND name = 'corebank_migration'";
        counted(&self.fetch(link, COUNT, Vec::new()).await?)
    }
}

/// How a file is opened.
#[derive(Debug, Clone)]
#[must_use = "options open nothing until `open` is awaited"]
pub struct SqliteOptions {
    path: PathBuf,
    readers: u32,
    busy_timeout: Duration,
    cache_kib: u32,
    create: bool,
    migrate: bool,
}

impl SqliteOptions {
    /// A file with four readers, a busy time-out of five seconds, 64 MiB of page cache for the
    /// writer; it is created if it is not there, and its schema is brought up to date.
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self {
            path: path.as_ref().to_owned(),
            readers: 4,
            busy_timeout: Duration::from_secs(5),
            cache_kib: 64 * 1024,
            create: true,
            migrate: true,
        }
    }

    /// Sets how many connections read, at least one.
    pub fn readers(mut self, readers: u32) -> Self {
        self.readers = readers.max(1);
        self
    }

    /// Sets how long a call waits for another process, or for the connection of another task.
    pub const fn busy_timeout(mut self, wait: Duration) -> Self {
        self.busy_timeout = wait;
        self
    }

    /// Sets the page cache of the writer, in KiB.
    pub const fn cache_kib(mut self, kib: u32) -> Self {
        self.cache_kib = kib;
        self
    }

    /// Opens only a file that is there, of this version: neither creates nor migrates.
    pub const fn as_it_is(mut self) -> Self {
        (self.create, self.migrate) = (false, false);
        self
    }

    /// The statements that make the tables, without a file: for those who run them by hand and open
    /// it [`as_it_is`](Self::as_it_is).
    #[must_use]
    pub fn print_sql(&self) -> String {
        let names = Names::new("corebank_".to_owned());
        statements(&names, "PRAGMA foreign_keys = ON", SqliteEngine::MIGRATIONS)
    }

    fn connect(&self) -> SqliteConnectOptions {
        SqliteConnectOptions::new()
            .filename(&self.path)
            .create_if_missing(self.create)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(self.busy_timeout)
            .statement_cache_capacity(400)
            .row_buffer_size(4096)
            .pragma("temp_store", "memory")
            // 32 MiB: a page that many batches change is written back once for all of them.
            .pragma("wal_autocheckpoint", "8000")
            .pragma("journal_size_limit", "67108864")
    }

    /// Opens the store.
    ///
    /// # Errors
    /// [`ErrorKind::Unavailable`] when the file cannot be opened; [`ErrorKind::Misuse`] when its
    /// schema is newer, somebody else's, or behind and not to be migrated;
    /// [`ErrorKind::Corrupt`] when it is no SQLite file.
    pub async fn open(self) -> Result<SqliteStore, StoreError> {
        // A full disk ends a transaction of SQLite by itself, which the driver does not notice:
        // such a connection would refuse every later transaction.
        let pool = || {
            let options = SqlitePoolOptions::new().acquire_timeout(self.busy_timeout);
            options.before_acquire(|link, _| {
                let idle = !link.is_in_transaction();
                Box::pin(async move { Ok(idle) })
            })
        };
        let cache = format!("-{}", self.cache_kib);
        let writing = self.connect().pragma("cache_size", cache);
        let writer = pool()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(writing)
            .await
            .map_err(fault)?;
        let reading = self.connect().create_if_missing(false).pragma("query_only", "on");
        let readers = pool().max_connections(self.readers).connect_with(reading).await;
        let store = SqlStore::over(SqliteEngine::new(writer, readers.map_err(fault)?));
        if self.migrate {
            store.migrate().await?;
        } else {
            store.check_schema().await?;
        }
        Ok(store)
    }
}

/// How a store is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// Where the journal ends.
    pub position: u64,
    /// How many connections are open.
    pub connections: u32,
    /// How many of them are idle.
    pub idle: u32,
    /// Whether it can be written to now.
    pub writable: bool,
}

impl SqlStore<SqliteEngine> {
    /// Opens a file with the defaults of [`SqliteOptions::new`].
    ///
    /// # Errors
    /// As of [`SqliteOptions::open`].
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        SqliteOptions::new(path).open().await
    }

    /// The pool of the one connection that writes, for a host that begins a transaction to
    /// [`join`](Self::join): begin it with `BEGIN IMMEDIATE`.
    #[must_use]
    pub fn writer(&self) -> &SqlitePool {
        &self.core.engine.writer
    }

    /// Whether the file can be read and written.
    ///
    /// # Errors
    /// The fault that keeps it from being read.
    pub async fn health(&self) -> Result<Health, StoreError> {
        let head = crate::store::Store::head(self).await?;
        let engine = &self.core.engine;
        let writable = match engine.begin().await {
            Ok(transaction) => transaction.rollback().await.is_ok(),
            Err(_) => false,
        };
        let connections = engine.readers.size().saturating_add(engine.writer.size());
        let idle = engine.readers.num_idle().saturating_add(engine.writer.num_idle());
        let idle = u32::try_from(idle).unwrap_or(u32::MAX);
        Ok(Health { position: head.position, connections, idle, writable })
    }

    /// Writes a copy of the whole file, as of now, while others post: a consistent snapshot that
    /// [`open`](Self::open) opens. The path must not exist.
    ///
    /// # Errors
    /// [`ErrorKind::Misuse`] when the path exists or is not UTF-8; faults of the disk.
    pub async fn backup(&self, to: impl AsRef<Path>) -> Result<(), StoreError> {
        let to = to.as_ref();
        let path = to.to_str().filter(|_| !to.exists());
        let taken = "a backup goes to a new file with a name in UTF-8; choose another path";
        let path = path.ok_or(StoreError::new(ErrorKind::Misuse, taken))?;
        // VACUUM INTO reads one snapshot; it writes to the new file only. A connection that may
        // only query refuses even that, so it has one of its own.
        let options = self.core.engine.readers.connect_options();
        let options = options.as_ref().clone().pragma("query_only", "off");
        let mut link = options.connect().await.map_err(fault)?;
        sqlx::query("VACUUM INTO ?").bind(path).execute(&mut link).await.map_err(fault)?;
        link.close().await.map_err(fault)
    }

    /// Asks SQLite to check every page and index of the file.
    ///
    /// # Errors
    /// [`ErrorKind::Corrupt`] when it finds damage; then restore a backup.
    pub async fn check_file(&self) -> Result<(), StoreError> {
        const CHECK: &str = "PRAGMA integrity_check(1)";
        let mut link = self.core.engine.lease().await?;
        let rows = self.core.engine.fetch(&mut link, CHECK, Vec::new()).await?;
        let sound = rows.first().map(|row| row.text(0)).transpose()? == Some("ok");
        let damaged = "the file is damaged; restore a backup";
        if sound { Ok(()) } else { Err(StoreError::new(ErrorKind::Corrupt, damaged)) }
    }

    /// Closes all connections, after what runs on them has ended.
    pub async fn close(&self) {
        self.core.engine.readers.close().await;
        self.core.engine.writer.close().await;
    }
}
