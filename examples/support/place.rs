//! Where a bank is kept: `memory`, `sqlite:FILE`, or `postgres://..` with `?schema=NAME`.

use std::fmt;
use std::path::PathBuf;

use corebank::bank::{Bank, BankBuilder};
use corebank::store::memory::MemoryStore;
#[cfg(feature = "postgres")]
use corebank::store::postgres::{PostgresOptions, PostgresStore};
#[cfg(feature = "sqlite")]
use corebank::store::sqlite::{SqliteOptions, SqliteStore};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The value of `--store`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Memory,
    Sqlite(PathBuf),
    /// An address without the schema, and the schema.
    Postgres(String, String),
}

impl Place {
    /// `unnamed` is the schema of an address that names none.
    pub(crate) fn parse(text: &str, unnamed: &str) -> Result<Self, Failure> {
        if text == "memory" {
            return Ok(Self::Memory);
        }
        if let Some(file) = text.strip_prefix("sqlite:").filter(|file| !file.is_empty()) {
            return Ok(Self::Sqlite(file.into()));
        }
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err("--store is memory, sqlite:FILE or postgres://..[?schema=NAME]".into());
        }
        // The schema is ours; whatever else stands behind the question mark is the driver's.
        let (address, query) = text.split_once('?').unwrap_or((text, ""));
        let (ours, others): (Vec<_>, Vec<_>) =
            query.split('&').partition(|one| one.starts_with("schema="));
        let schema = ours.first().and_then(|one| one.strip_prefix("schema=")).unwrap_or(unnamed);
        let others = others.join("&");
        let mark = if others.is_empty() { "" } else { "?" };
        Ok(Self::Postgres(format!("{address}{mark}{others}"), schema.to_owned()))
    }

    /// Opens what is there, or makes it.
    #[allow(unused_variables, clippy::unused_async, reason = "a build without databases")]
    pub(crate) async fn open(&self, connections: u32) -> Result<Kept, Failure> {
        #[cfg(any(feature = "sqlite", feature = "postgres"))]
        let patience = std::time::Duration::from_secs(60);
        match self {
            Self::Memory => Ok(Kept::Memory(MemoryStore::new())),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(file) => {
                let options = SqliteOptions::new(file).busy_timeout(patience);
                Ok(Kept::Sqlite(options.open().await?))
            }
            #[cfg(feature = "postgres")]
            Self::Postgres(address, schema) => {
                let options = PostgresOptions::new().schema(schema).connections(connections);
                Ok(Kept::Postgres(options.acquire_timeout(patience).open(address).await?))
            }
            #[cfg(not(all(feature = "sqlite", feature = "postgres")))]
            _ => Err("this build has no such store; build with --features sqlite,postgres".into()),
        }
    }
}

impl fmt::Display for Place {
    /// An address may hold a password, so it is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("memory: it ends with this process"),
            Self::Sqlite(file) => write!(f, "the SQLite file {}", file.display()),
            Self::Postgres(_, schema) => write!(f, "PostgreSQL, schema {schema}"),
        }
    }
}

/// A store that is open.
#[derive(Debug)]
pub(crate) enum Kept {
    Memory(MemoryStore),
    #[cfg(feature = "sqlite")]
    Sqlite(SqliteStore),
    #[cfg(feature = "postgres")]
    Postgres(PostgresStore),
}

impl Kept {
    /// Starts to open a bank over it.
    pub(crate) fn builder(&self) -> BankBuilder {
        match self {
            Self::Memory(store) => Bank::builder(store.clone()),
            #[cfg(feature = "sqlite")]
            Self::Sqlite(store) => Bank::builder(store.clone()),
            #[cfg(feature = "postgres")]
            Self::Postgres(store) => Bank::builder(store.clone()),
        }
    }
}
