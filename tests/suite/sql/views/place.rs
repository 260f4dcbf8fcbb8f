//! A database with a bank in it, asked by plain statements.

use corebank::profile::{Column, ColumnType, Profile};
use corebank::store::postgres::PostgresStore;
use corebank::store::sqlite::SqliteStore;
use sqlx::{AssertSqlSafe, Row};

use crate::sql::places;

pub enum Place {
    Sqlite(SqliteStore),
    Postgres(PostgresStore),
}

impl Place {
    pub async fn sqlite() -> (Self, SqliteStore) {
        let store = places::sqlite().await.unwrap();
        (Self::Sqlite(store.clone()), store)
    }

    pub async fn postgres() -> (Self, PostgresStore) {
        let store = places::postgres().await.unwrap();
        (Self::Postgres(store.clone()), store)
    }

    pub async fn create(&self, profile: Profile) -> Vec<String> {
        match self {
            Self::Sqlite(store) => store.create_views(profile).await.unwrap(),
            Self::Postgres(store) => store.create_views(profile).await.unwrap(),
        }
    }

    pub async fn drop(&self, profile: Profile) {
        match self {
            Self::Sqlite(store) => store.drop_views(profile).await.unwrap(),
            Self::Postgres(store) => store.drop_views(profile).await.unwrap(),
        }
    }

    pub async fn exists(&self, view: &str) -> bool {
        let sql = AssertSqlSafe(format!("SELECT COUNT(*) FROM {view}"));
        match self {
            Self::Sqlite(store) => sqlx::query(sql).fetch_one(store.writer()).await.is_ok(),
            Self::Postgres(store) => sqlx::query(sql).fetch_one(store.pool()).await.is_ok(),
        }
    }

    /// All rows of a view, each column as text: instants to the second, bytes in hexadecimal, of
    /// JSON only that it is there.
    pub async fn rows(&self, view: &str, columns: &[Column]) -> Vec<Vec<Option<String>>> {
        let shown: Vec<String> = columns.iter().map(|column| self.shown(column)).collect();
        let sql = AssertSqlSafe(format!("SELECT {} FROM {view}", shown.join(", ")));
        let count = columns.len();
        macro_rules! texts {
            ($pool:expr) => {{
                let rows = sqlx::query(sql).fetch_all($pool).await;
                let rows = rows.unwrap_or_else(|error| panic!("{view}: {error}"));
                let texts = |row| {
                    let text = |at| Row::get::<Option<String>, _>(row, at);
                    (0..count).map(text).collect()
                };
                rows.iter().map(texts).collect()
            }};
        }
        match self {
            Self::Sqlite(store) => texts!(store.writer()),
            Self::Postgres(store) => texts!(store.pool()),
        }
    }

    fn shown(&self, column: &Column) -> String {
        let name = column.name;
        match (self, column.takes) {
            (_, ColumnType::Json) => format!("CASE WHEN {name} IS NOT NULL THEN 'json' END"),
            (Self::Sqlite(_), ColumnType::Bytes(_)) => {
                format!("CASE WHEN {name} IS NOT NULL THEN lower(hex({name})) END")
            }
            (Self::Postgres(_), ColumnType::Bytes(_)) => format!("encode({name}, 'hex')"),
            (Self::Sqlite(_), ColumnType::Timestamp) => format!("substr({name}, 1, 19)"),
            (Self::Postgres(_), ColumnType::Timestamp) => {
                let zoned = column.sql.ends_with("ZONE");
                let utc =
                    if zoned { format!("{name} AT TIME ZONE 'UTC'") } else { name.to_owned() };
                format!("to_char({utc}, 'YYYY-MM-DD\"T\"HH24:MI:SS')")
            }
            _ => format!("CAST({name} AS TEXT)"),
        }
    }
}
