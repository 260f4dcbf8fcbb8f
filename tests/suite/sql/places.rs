//! Fresh, empty stores: a file of its own, a schema of its own.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use corebank::store::StoreError;
use corebank::store::postgres::{PostgresOptions, PostgresStore};
use corebank::store::sqlite::{SqliteOptions, SqliteStore};

use crate::server::Server;

static NEXT: AtomicU64 = AtomicU64::new(0);

/// A number that no other test of this process has.
pub fn fresh_number() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A directory of this process, removed at its end as far as that goes.
pub fn directory() -> PathBuf {
    let path = std::env::temp_dir().join(format!("corebank-suite-{}", std::process::id()));
    std::fs::create_dir_all(&path).expect("the temporary directory can be written");
    path
}

/// A path at which no file is.
pub fn fresh_path() -> PathBuf {
    directory().join(format!("bank-{}.sqlite", fresh_number()))
}

/// A bank in a new file. Its readers are few, because a test has many stores.
pub async fn sqlite() -> Result<SqliteStore, StoreError> {
    SqliteOptions::new(fresh_path()).readers(2).cache_kib(4096).open().await
}

/// The database that the tests of this process share.
pub fn database() -> &'static str {
    static URL: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    URL.get_or_init(|| Server::shared().fresh_database())
}

/// A bank in a new schema of the shared database.
pub async fn postgres() -> Result<PostgresStore, StoreError> {
    let schema = format!("bank_{}_{}", std::process::id(), fresh_number());
    PostgresOptions::new().schema(schema).connections(4).open(database()).await
}
