//! A bank on PostgreSQL, in a schema that the host names.
//!
//! Units run at READ COMMITTED and lock the accounts that they touch, in the order of their keys,
//! and nothing wider until their last step; see `store/sql/head.rs` for how the journal gets its
//! order. Any number of processes may share the books. Nothing relies on advisory locks, on the
//! state of a session, or on sequences.

mod engine;
mod fault;

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

use super::sql::engine::{Arg, Engine, Row as _, Value};
use super::sql::text::Names;
use super::sql::{Dialect, Schema, counted, statements};
use super::sql::{Joined, Migration, SqlStore, migrations};
use super::{ErrorKind, StoreError};
pub use engine::PostgresEngine;
use fault::fault;

/// A bank on PostgreSQL. A clone is another handle to the same books.
pub type PostgresStore = SqlStore<PostgresEngine>;

/// A transaction of PostgreSQL that host and bank share.
pub type PostgresJoined = Joined<PostgresEngine>;

impl Schema for PostgresEngine {
    const MIGRATIONS: &'static [Migration] = migrations! {
        1 "0001_ledger"
        2 "0002_append_only"
        3 "0003_entities"
    };
    const EXCLUDE: &'static str = "LOCK TABLE ~migration IN ACCESS EXCLUSIVE MODE";

    const DIALECT: Dialect = Dialect::Postgres;

    fn prologue(&self) -> String {
        create_schema(&self.schema)
    }

    fn views(&self, profile: &str) -> (String, String) {
        let schema = format!("{}_{profile}", self.schema);
        (create_schema(&schema), format!("\"{schema}\"."))
    }

    async fn has_table(&self, link: &mut Self::Link) -> Result<bool, StoreError> {
        const COUNT: &str = "SELECT COUNT(*) FROM information_schema.tables \
            WHERE table_schema = $1 AND table_name = 'migration'";
        let schema = Arg::One(Value::Text((&*self.schema).into()));
        counted(&self.fetch(link, COUNT, vec![schema]).await?)
    }
}

fn create_schema(name: &str) -> String {
    format!("CREATE SCHEMA IF NOT EXISTS \"{name}\"")
}

/// How a bank on PostgreSQL is opened.
#[derive(Debug, Clone)]
#[must_use = "options open nothing until `open` is awaited"]
pub struct PostgresOptions {
    schema: String,
    connections: u32,
    acquire_timeout: Duration,
    statement_timeout: Duration,
    migrate: bool,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl PostgresOptions {
    /// Schema `corebank`, eight connections, five seconds to wait for one, thirty for a statement;
    /// the schema is brought up to date.
    pub fn new() -> Self {
        Self {
            schema: "corebank".to_owned(),
            connections: 8,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(30),
            migrate: true,
        }
    }

    /// Sets the schema: 1 to 63 lower-case ASCII letters, digits and `_`, a letter first. Banks in
    /// different schemas of one database do not touch each other.
    pub fn schema(mut self, name: impl Into<String>) -> Self {
        self.schema = name.into();
        self
    }

    /// Sets the most connections, at least two. One more serves what is done beside units.
    pub fn connections(mut self, most: u32) -> Self {
        self.connections = most.max(2);
        self
    }

    /// Sets how long a call waits for a connection.
    pub const fn acquire_timeout(mut self, wait: Duration) -> Self {
        self.acquire_timeout = wait;
        self
    }

    /// Sets how long a statement may take, lock waits included; zero for no limit.
    pub const fn statement_timeout(mut self, wait: Duration) -> Self {
        self.statement_timeout = wait;
        self
    }

    /// Opens only a schema of this version: does not migrate.
    pub const fn as_it_is(mut self) -> Self {
        self.migrate = false;
        self
    }

    /// The statements that make the schema, without a database: for those who run them by hand and
    /// open it [`as_it_is`](Self::as_it_is).
    ///
    /// # Errors
    /// [`ErrorKind::Misuse`] for a name that is no plain identifier.
    pub fn print_sql(&self) -> Result<String, StoreError> {
        judge_name(&self.schema)?;
        let names = Names::new(format!("\"{}\".", self.schema));
        Ok(statements(&names, &create_schema(&self.schema), PostgresEngine::MIGRATIONS))
    }

    /// Opens the store at an address such as `postgres://user@host/database`.
    ///
    /// # Errors
    /// [`ErrorKind::Misuse`] for an address or schema name that makes no sense, and for a schema
    /// that is newer, somebody else's, or behind and not to be migrated;
    /// [`ErrorKind::Unavailable`] when the server cannot be reached.
    pub async fn open(self, url: &str) -> Result<PostgresStore, StoreError> {
        let timeout = self.statement_timeout.as_millis().to_string();
        // With tables that grow by the thousand between two analyses, a plan that was made when
        // they were empty must still go by the indexes.
        let settings = [
            ("statement_timeout", timeout.as_str()),
            ("enable_seqscan", "off"),
            ("enable_hashjoin", "off"),
            ("enable_mergejoin", "off"),
            ("jit", "off"),
        ];
        let address: PgConnectOptions = url.parse().map_err(fault)?;
        let pool = PgPoolOptions::new()
            .max_connections(self.connections)
            .acquire_timeout(self.acquire_timeout)
            .connect_with(address.options(settings).statement_cache_capacity(400))
            .await
            .map_err(fault)?;
        self.open_over(pool).await
    }

    /// Opens the store over a pool of the host's.
    ///
    /// # Errors
    /// As of [`open`](Self::open).
    pub async fn open_over(self, pool: PgPool) -> Result<PostgresStore, StoreError> {
        judge_name(&self.schema)?;
        let store = SqlStore::over(PostgresEngine::new(pool, &self.schema));
        if self.migrate {
            store.migrate_together().await?;
        } else {
            store.check_schema().await?;
        }
        Ok(store)
    }
}

fn judge_name(schema: &str) -> Result<(), StoreError> {
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let plain = schema.len() <= 63
        && schema.bytes().next().is_some_and(|first| first.is_ascii_lowercase())
        && schema.bytes().all(letters)
        && !schema.starts_with("pg_");
    let name = "a schema is named with 1 to 63 lower-case letters, digits and _";
    if plain { Ok(()) } else { Err(StoreError::new(ErrorKind::Misuse, name)) }
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
    /// Whether it can be written to: a standby cannot.
    pub writable: bool,
}

impl SqlStore<PostgresEngine> {
    /// Opens the books in schema `corebank` of a database, with the defaults of
    /// [`PostgresOptions::new`].
    ///
    /// # Errors
    /// As of [`PostgresOptions::open`].
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        PostgresOptions::new().open(url).await
    }

    /// The pool, for a host that begins a transaction to [`join`](Self::join).
    #[must_use]
    pub fn pool(&self) -> &PgPool {
        &self.core.engine.pool
    }

    /// The schema that the books are in.
    #[must_use]
    pub fn schema(&self) -> &str {
        &self.core.engine.schema
    }

    /// Several processes that open at once meet at `CREATE SCHEMA IF NOT EXISTS`, which is not
    /// atomic: the second finds the row of the first.
    async fn migrate_together(&self) -> Result<(), StoreError> {
        let mut tries = 0_u32;
        loop {
            match self.migrate().await {
                Err(error) if error.kind() == ErrorKind::Conflict && tries < 10 => {
                    tries = tries.saturating_add(1);
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                done => return done.map(|_| ()),
            }
        }
    }

    /// Whether the server answers and takes writes.
    ///
    /// # Errors
    /// The fault that keeps it from being read.
    pub async fn health(&self) -> Result<Health, StoreError> {
        const STANDBY: &str =
            "SELECT (pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on')::int";
        let engine = &self.core.engine;
        let mut link = engine.lease().await?;
        let rows = engine.fetch(&mut link, STANDBY, Vec::new()).await?;
        let writable = rows.first().map(|row| row.int(0)).transpose()? == Some(0);
        drop(link);
        let head = crate::store::Store::head(self).await?;
        let idle = u32::try_from(engine.pool.num_idle()).unwrap_or(u32::MAX);
        let connections = engine.pool.size();
        Ok(Health { position: head.position, connections, idle, writable })
    }

    /// Closes all connections, after what runs on them has ended.
    pub async fn close(&self) {
        self.core.engine.pool.close().await;
        self.core.engine.side.close().await;
    }
}
