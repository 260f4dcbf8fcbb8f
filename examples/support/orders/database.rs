//! A database for one run, with the shop's own tables.

use super::Failure;

/// The shop's tables, beside those of the bank.
const TABLES: [&str; 3] = [
    "CREATE TABLE stock (book TEXT PRIMARY KEY, copies BIGINT NOT NULL CHECK (copies >= 0))",
    "CREATE TABLE orders (number BIGINT PRIMARY KEY, book TEXT NOT NULL REFERENCES stock)",
    "INSERT INTO stock VALUES ('Atlas', 5), ('Bestseller', 0), ('Cookbook', 5)",
];

/// A SQLite file.
#[cfg(feature = "sqlite")]
pub(crate) struct Sqlite {
    file: std::path::PathBuf,
    pub(crate) store: corebank::store::sqlite::SqliteStore,
}

#[cfg(feature = "sqlite")]
impl Sqlite {
    pub(crate) async fn open() -> Result<Self, Failure> {
        let file = format!("orders_{}.sqlite", uuid::Uuid::now_v7().simple());
        let file = std::env::temp_dir().join(file);
        let store = corebank::store::sqlite::SqliteStore::open(&file).await?;
        for table in TABLES {
            sqlx::query(table).execute(store.writer()).await?;
        }
        Ok(Self { file, store })
    }

    pub(crate) async fn remove(self) -> Result<(), Failure> {
        self.store.close().await;
        Ok(std::fs::remove_file(self.file)?)
    }
}

/// A schema for the shop and one for the bank, over a pool that is the shop's.
#[cfg(feature = "postgres")]
pub(crate) struct Postgres {
    schema: String,
    pub(crate) store: corebank::store::postgres::PostgresStore,
}

#[cfg(feature = "postgres")]
impl Postgres {
    pub(crate) async fn open(address: &str) -> Result<Self, Failure> {
        use corebank::store::postgres::PostgresOptions;
        use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

        let schema = format!("orders_{}", uuid::Uuid::now_v7().simple());
        let address: PgConnectOptions = address.parse()?;
        let address = address.options([("search_path", &schema)]);
        let pool = PgPoolOptions::new().max_connections(4).connect_with(address).await?;
        let create = sqlx::AssertSqlSafe(format!("CREATE SCHEMA {schema}"));
        sqlx::query(create).execute(&pool).await?;
        for table in TABLES {
            sqlx::query(table).execute(&pool).await?;
        }
        let options = PostgresOptions::new().schema(format!("{schema}_bank"));
        Ok(Self { schema, store: options.open_over(pool).await? })
    }

    pub(crate) async fn remove(self) -> Result<(), Failure> {
        let schema = self.schema;
        let drop = format!("DROP SCHEMA {schema}, {schema}_bank CASCADE");
        sqlx::query(sqlx::AssertSqlSafe(drop)).execute(self.store.pool()).await?;
        self.store.close().await;
        Ok(())
    }
}
