//! The store that is measured: fresh, its size on disk, what it promises, and gone afterwards.

use std::time::Duration;

use super::options::Options;
use super::place::{Kept, Place};
use super::{Result, machine};

/// The store of a run.
pub(crate) struct Vault {
    place: Place,
    pub(crate) kept: Kept,
    keep: bool,
    /// The server's first process, if it runs here.
    postmaster: Option<u32>,
}

impl Vault {
    pub(crate) async fn open(options: &Options) -> Result<Self> {
        let place = options.place.clone();
        // What is there already may be somebody's bank.
        if let Place::Sqlite(file) = &place
            && !options.keep
            && file.exists()
        {
            let file = file.display();
            return Err(format!("{file} exists: remove it, or post on top of it: --keep").into());
        }
        #[cfg(feature = "postgres")]
        if let Place::Postgres(address, schema) = &place
            && !options.keep
            && postgres::exists(address, schema).await?
        {
            return Err(format!("schema {schema} exists: drop it, or use it: --keep").into());
        }
        let kept = place.open(options.connections).await?;
        let postmaster = match &kept {
            #[cfg(feature = "postgres")]
            Kept::Postgres(store) => postgres::postmaster(store).await?,
            _ => None,
        };
        Ok(Self { place, kept, keep: options.keep, postmaster })
    }

    /// What a commit that was acknowledged survives, in the words of the database.
    pub(crate) async fn durability(&self) -> Result<String> {
        match &self.kept {
            Kept::Memory(_) => Ok("none".to_owned()),
            #[cfg(feature = "sqlite")]
            Kept::Sqlite(store) => sqlite::durability(store).await,
            #[cfg(feature = "postgres")]
            Kept::Postgres(store) => postgres::durability(store).await,
        }
    }

    /// Bytes on disk, indexes included; nothing for memory.
    pub(crate) async fn bytes(&self) -> Result<u64> {
        match &self.kept {
            Kept::Memory(_) => Ok(0),
            #[cfg(feature = "sqlite")]
            Kept::Sqlite(store) => sqlite::bytes(store).await,
            #[cfg(feature = "postgres")]
            Kept::Postgres(store) => postgres::bytes(store).await,
        }
    }

    /// The processor time of the server so far; none where it cannot be read, and zero where
    /// there is no server.
    pub(crate) fn server_time(&self) -> Option<Duration> {
        match self.place {
            Place::Postgres(..) => machine::server_time(self.postmaster?),
            _ => Some(Duration::ZERO),
        }
    }

    /// Removes what the run made.
    pub(crate) async fn clear(self) -> Result<()> {
        match self.kept {
            Kept::Memory(_) => {}
            #[cfg(feature = "sqlite")]
            Kept::Sqlite(store) => {
                store.close().await;
                if let Place::Sqlite(file) = &self.place
                    && !self.keep
                {
                    sqlite::remove(file)?;
                }
            }
            #[cfg(feature = "postgres")]
            Kept::Postgres(store) => {
                if !self.keep {
                    postgres::drop_schema(&store).await?;
                }
                store.close().await;
            }
        }
        if self.keep {
            eprintln!("kept in {}", self.place);
        }
        Ok(())
    }
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use std::path::Path;

    use corebank::store::sqlite::SqliteStore;
    use sqlx::Row;

    use super::Result;

    pub(super) async fn durability(store: &SqliteStore) -> Result<String> {
        let mode = "SELECT journal_mode FROM pragma_journal_mode";
        let mode: String = sqlx::query_scalar(mode).fetch_one(store.writer()).await?;
        let level = "SELECT synchronous FROM pragma_synchronous";
        let level: i64 = sqlx::query_scalar(level).fetch_one(store.writer()).await?;
        let level = ["OFF", "NORMAL", "FULL", "EXTRA"].get(level as usize).unwrap_or(&"?");
        Ok(format!("journal_mode={mode} synchronous={level}"))
    }

    /// The file, after everything was moved into it from the write-ahead log.
    pub(super) async fn bytes(store: &SqliteStore) -> Result<u64> {
        let checkpoint = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)");
        let done = checkpoint.fetch_one(store.writer()).await?;
        if done.try_get::<i64, _>(0)? != 0 {
            return Err("the write-ahead log could not be emptied: somebody reads it".into());
        }
        let size = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
        let size: i64 = sqlx::query_scalar(size).fetch_one(store.writer()).await?;
        Ok(u64::try_from(size)?)
    }

    pub(super) fn remove(file: &Path) -> Result<()> {
        std::fs::remove_file(file)?;
        for part in ["-wal", "-shm"] {
            let mut name = file.as_os_str().to_owned();
            name.push(part);
            // Closing the last connection has removed them.
            let _ = std::fs::remove_file(name);
        }
        Ok(())
    }
}

#[cfg(feature = "postgres")]
mod postgres {
    use corebank::store::postgres::PostgresStore;
    use sqlx::{AssertSqlSafe, Connection, PgConnection};

    use super::{Result, machine};

    pub(super) async fn exists(address: &str, schema: &str) -> Result<bool> {
        let mut link = PgConnection::connect(address).await?;
        let count = "SELECT count(*) FROM pg_namespace WHERE nspname = $1";
        let count: i64 = sqlx::query_scalar(count).bind(schema).fetch_one(&mut link).await?;
        link.close().await?;
        Ok(count > 0)
    }

    pub(super) async fn postmaster(store: &PostgresStore) -> Result<Option<u32>> {
        let own = sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(store.pool()).await?;
        let own: i32 = own;
        Ok(u32::try_from(own).ok().and_then(machine::postmaster))
    }

    pub(super) async fn durability(store: &PostgresStore) -> Result<String> {
        let names = ["fsync", "synchronous_commit", "full_page_writes", "wal_sync_method"];
        let mut words = Vec::new();
        for name in names {
            let value = sqlx::query_scalar("SELECT current_setting($1)").bind(name);
            let value: String = value.fetch_one(store.pool()).await?;
            words.push(format!("{name}={value}"));
        }
        Ok(words.join(" "))
    }

    pub(super) async fn bytes(store: &PostgresStore) -> Result<u64> {
        let size = "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint \
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
            WHERE n.nspname = $1 AND c.relkind = 'r'";
        let size = sqlx::query_scalar(size).bind(store.schema().to_owned());
        let size: i64 = size.fetch_one(store.pool()).await?;
        Ok(u64::try_from(size)?)
    }

    pub(super) async fn drop_schema(store: &PostgresStore) -> Result<()> {
        let drop = format!("DROP SCHEMA \"{}\" CASCADE", store.schema());
        sqlx::query(AssertSqlSafe(drop)).execute(store.pool()).await?;
        Ok(())
    }
}
