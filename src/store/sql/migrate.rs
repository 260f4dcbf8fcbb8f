//! Migrations: numbered, embedded, written down in a table of our own.

use sha2::{Digest, Sha256};

use super::engine::{Arg, Engine, Row, Value, missing};
use super::store::SqlStore;
use super::text::Names;
use crate::store::{ErrorKind, StoreError};

/// A step of the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migration {
    /// Its number: 1, 2, 3, the same on every engine.
    pub version: u32,
    /// What it brings.
    pub name: &'static str,
    pub(in crate::store) sql: &'static str,
}

/// A migration that the database has not seen yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingMigration {
    /// Its number.
    pub version: u32,
    /// What it brings.
    pub name: &'static str,
}

/// The migrations of a folder.
macro_rules! migrations {
    ($($version:literal $name:literal)*) => {
        &[$(crate::store::sql::Migration {
            version: $version,
            name: $name,
            sql: include_str!(concat!("migrations/", $name, ".sql")),
        }),*]
    };
}
pub(in crate::store) use migrations;

impl Migration {
    /// What tells its text from every other: it must not change once it was released.
    fn checksum(&self) -> String {
        let hash = Sha256::digest(self.sql.as_bytes());
        hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

const TABLE: &str = "CREATE TABLE IF NOT EXISTS ~migration (\
    version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)";
const DONE: &str = "SELECT version, checksum FROM ~migration ORDER BY version";
const NOTE: &str = "INSERT INTO ~migration (version, name, checksum) \
    VALUES (CAST($1 AS INTEGER), $2, $3)";

/// What a dialect says of its schema.
#[allow(
    unreachable_pub,
    reason = "the trait is a bound of public methods, and sealed by its module"
)]
pub trait Schema: Engine {
    /// The migrations in order.
    const MIGRATIONS: &'static [Migration];
    /// Which dialect the views of profiles are written in.
    const DIALECT: super::views::Dialect;
    /// What must stand before the first table, if anything: the schema.
    fn prologue(&self) -> String;
    /// What must stand before the views of a profile, and how their names begin.
    fn views(&self, profile: &str) -> (String, String);
    /// Keeps others from migrating until the transaction ends.
    const EXCLUDE: &'static str;
    /// Counts the tables of migrations that are there: 0 or 1.
    fn has_table(
        &self,
        link: &mut Self::Link,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

async fn pending<E: Schema>(
    engine: &E,
    link: &mut E::Link,
) -> Result<Vec<&'static Migration>, StoreError> {
    if !engine.has_table(link).await? {
        return Ok(E::MIGRATIONS.iter().collect());
    }
    let rows = engine.fetch(link, DONE, Vec::new()).await?;
    for (at, row) in rows.iter().enumerate() {
        let Some(known) = E::MIGRATIONS.get(at) else {
            let newer = "the schema is newer than this version of the library; use a newer one";
            return Err(StoreError::new(ErrorKind::Misuse, newer));
        };
        let same = row.int(0)? == i64::from(known.version) && row.text(1)? == known.checksum();
        if !same {
            let foreign = "the tables are not those of this library; choose another schema or file";
            return Err(StoreError::new(ErrorKind::Misuse, foreign));
        }
    }
    Ok(E::MIGRATIONS.get(rows.len()..).unwrap_or_default().iter().collect())
}

impl<E: Schema> SqlStore<E> {
    /// Brings the schema to this version of the library: each migration whole or not at all, and
    /// two callers one after the other. Returns those that it carried out.
    ///
    /// # Errors
    /// [`ErrorKind::Misuse`] for a schema that is newer or somebody else's; faults of the database.
    pub async fn migrate(&self) -> Result<Vec<PendingMigration>, StoreError> {
        let engine = &self.core.engine;
        let mut done = Vec::new();
        loop {
            let mut transaction = engine.begin().await?;
            engine.script(&mut transaction, &engine.prologue()).await?;
            engine.script(&mut transaction, TABLE).await?;
            engine.script(&mut transaction, E::EXCLUDE).await?;
            let Some(next) = pending(engine, &mut transaction).await?.first().copied() else {
                E::commit(transaction).await?;
                return Ok(done);
            };
            engine.script(&mut transaction, next.sql).await?;
            let text = |text: &str| Arg::One(Value::Text(text.into()));
            let version = Arg::One(Value::Int(i64::from(next.version)));
            let row = vec![version, text(next.name), text(&next.checksum())];
            engine.execute(&mut transaction, NOTE, row).await?;
            E::commit(transaction).await?;
            done.push(PendingMigration { version: next.version, name: next.name });
        }
    }

    /// The migrations that [`migrate`](Self::migrate) would carry out; changes nothing.
    ///
    /// # Errors
    /// As of [`migrate`](Self::migrate).
    pub async fn pending_migrations(&self) -> Result<Vec<PendingMigration>, StoreError> {
        let mut link = self.link().await?;
        let pending = pending(&self.core.engine, link.get()?).await?;
        let name = |one: &Migration| PendingMigration { version: one.version, name: one.name };
        Ok(pending.into_iter().map(name).collect())
    }

    /// The statements of all migrations, to read, or to run by hand where a bank may not change
    /// its schema itself.
    #[must_use]
    pub fn print_sql(&self) -> String {
        let engine = &self.core.engine;
        statements(engine.names(), &engine.prologue(), E::MIGRATIONS)
    }

    /// Refuses a schema that is not of this version.
    pub(in crate::store) async fn check_schema(&self) -> Result<(), StoreError> {
        if self.pending_migrations().await?.is_empty() {
            return Ok(());
        }
        let behind = "the schema is behind this version of the library; call migrate";
        Err(StoreError::new(ErrorKind::Misuse, behind))
    }
}

/// The text of all migrations.
pub(in crate::store) fn statements(names: &Names, prologue: &str, all: &[Migration]) -> String {
    let mut text = format!("{prologue};\n{};\n", names.fill(TABLE));
    for one in all {
        text.push_str(&format!("\n-- {} {}\n\n", one.version, one.name));
        text.push_str(&names.fill(one.sql));
        let (version, name, checksum) = (one.version, one.name, one.checksum());
        let note = format!("INSERT INTO ~migration VALUES ({version}, '{name}', '{checksum}');");
        text.push_str(&names.fill(&note));
        text.push('\n');
    }
    text
}

/// Whether a count of one row says that something is there.
pub(in crate::store) fn counted<R: Row>(rows: &[R]) -> Result<bool, StoreError> {
    Ok(rows.first().ok_or_else(missing)?.int(0)? > 0)
}
