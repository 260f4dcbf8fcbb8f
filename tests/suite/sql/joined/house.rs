//! A host with a table of its own in the database of the bank.

use corebank::Bank;
use corebank::bank::Context;
use corebank::id::AccountId;
use corebank::ledger::{ChartCode, NewAccount};
use corebank::money::Currency;
use corebank::store::Store;
use corebank::store::postgres::{PostgresJoined, PostgresStore};
use corebank::store::sqlite::{SqliteJoined, SqliteStore};
use sqlx::AssertSqlSafe;

use crate::group_bank::{clerk, fill};
use crate::sql::places;

/// Two more accounts, both without a floor.
pub const VAULT: AccountId = AccountId::from_u128(0x1002);
pub const SAFE: AccountId = AccountId::from_u128(0x1003);

/// What the tests need of a store and its host.
pub trait House: Sized + Send + Sync + 'static {
    type Store: Store + Clone;
    type Joined: Send + Sync + 'static;
    /// Whether places are given after the commit.
    const SETTLES_LATER: bool;
    /// Whether others read beside a transaction that is open.
    const READS_BESIDE: bool = true;

    fn open() -> impl Future<Output = Self> + Send;
    fn store(&self) -> Self::Store;
    fn begin(&self) -> impl Future<Output = Self::Joined> + Send;
    /// Joins a transaction that the host has begun by itself.
    fn begin_own(&self) -> impl Future<Output = Self::Joined> + Send;
    fn store_of(joined: &Self::Joined) -> Self::Store;
    /// Writes a row of the host.
    fn note(joined: &Self::Joined, row: i64) -> impl Future<Output = ()> + Send;
    fn commit(joined: Self::Joined) -> impl Future<Output = ()> + Send;
    /// Gives the transaction back to the host, who commits it or rolls it back.
    fn give_back(joined: Self::Joined, commits: bool) -> impl Future<Output = ()> + Send;
    /// How many rows the host has.
    fn notes(&self) -> impl Future<Output = i64> + Send;

    fn bank(&self) -> impl Future<Output = Bank> + Send {
        let store = self.store();
        async move { Bank::open(store).await.unwrap() }
    }
}

async fn furnish(store: impl Store) {
    let bank = Bank::open(store).await.unwrap();
    fill(&bank).await;
    let context: Context = clerk();
    for account in [VAULT, SAFE] {
        let new = NewAccount::new(ChartCode::new("1000").unwrap(), Currency::USD);
        let _ = bank.open_account(&context, new.with_id(account)).await.unwrap();
    }
}

/// SQLite.
#[derive(Clone)]
pub struct Files(SqliteStore, std::path::PathBuf);

impl House for Files {
    type Store = SqliteStore;
    type Joined = SqliteJoined;
    const SETTLES_LATER: bool = false;

    async fn open() -> Self {
        let path = places::fresh_path();
        let store = SqliteStore::open(&path).await.unwrap();
        furnish(store.clone()).await;
        let create = "CREATE TABLE host_note (id INTEGER PRIMARY KEY)";
        sqlx::query(create).execute(store.writer()).await.unwrap();
        Self(store, path)
    }

    fn store(&self) -> SqliteStore {
        self.0.clone()
    }

    async fn begin(&self) -> SqliteJoined {
        self.0.begin_joined().await.unwrap()
    }

    async fn begin_own(&self) -> SqliteJoined {
        self.0.join(self.0.writer().begin_with("BEGIN IMMEDIATE").await.unwrap())
    }

    fn store_of(joined: &SqliteJoined) -> SqliteStore {
        joined.store()
    }

    async fn note(joined: &SqliteJoined, row: i64) {
        let mut lent = joined.lend().await.unwrap();
        let insert = sqlx::query("INSERT INTO host_note VALUES (?)").bind(row);
        insert.execute(lent.connection().unwrap()).await.unwrap();
    }

    async fn commit(joined: SqliteJoined) {
        joined.commit().await.unwrap();
    }

    async fn give_back(joined: SqliteJoined, commits: bool) {
        let transaction = joined.into_transaction().await.unwrap();
        if commits { transaction.commit().await } else { transaction.rollback().await }.unwrap();
    }

    async fn notes(&self) -> i64 {
        // On a connection of the host's own.
        let url = format!("sqlite://{}", self.1.display());
        let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
        let count = "SELECT COUNT(*) FROM host_note";
        let count = sqlx::query_scalar(count).fetch_one(&pool).await.unwrap();
        pool.close().await;
        count
    }
}

/// PostgreSQL.
#[derive(Clone)]
pub struct Server(PostgresStore);

impl Server {
    fn table(store: &PostgresStore) -> String {
        format!("{}.host_note", store.schema())
    }
}

/// A transaction, and where the host's table is.
pub struct Begun(PostgresJoined, String);

impl House for Server {
    type Store = PostgresStore;
    type Joined = Begun;
    const SETTLES_LATER: bool = true;

    async fn open() -> Self {
        let schema = format!("joined_{}_{}", std::process::id(), places::fresh_number());
        let options = corebank::store::postgres::PostgresOptions::new().schema(schema);
        let store = options.connections(12).open(places::database()).await.unwrap();
        furnish(store.clone()).await;
        let create = format!("CREATE TABLE {} (id BIGINT PRIMARY KEY)", Self::table(&store));
        sqlx::query(AssertSqlSafe(create)).execute(store.pool()).await.unwrap();
        Self(store)
    }

    fn store(&self) -> PostgresStore {
        self.0.clone()
    }

    async fn begin(&self) -> Begun {
        Begun(self.0.begin_joined().await.unwrap(), Self::table(&self.0))
    }

    async fn begin_own(&self) -> Begun {
        Begun(self.0.join(self.0.pool().begin().await.unwrap()), Self::table(&self.0))
    }

    fn store_of(joined: &Begun) -> PostgresStore {
        joined.0.store()
    }

    async fn note(joined: &Begun, row: i64) {
        let mut lent = joined.0.lend().await.unwrap();
        let insert = format!("INSERT INTO {} VALUES ($1)", joined.1);
        let insert = sqlx::query(AssertSqlSafe(insert)).bind(row);
        insert.execute(lent.connection().unwrap()).await.unwrap();
    }

    async fn commit(joined: Begun) {
        joined.0.commit().await.unwrap();
    }

    async fn give_back(joined: Begun, commits: bool) {
        let transaction = joined.0.into_transaction().await.unwrap();
        if commits { transaction.commit().await } else { transaction.rollback().await }.unwrap();
    }

    async fn notes(&self) -> i64 {
        let count = format!("SELECT COUNT(*) FROM {}", Self::table(&self.0));
        sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(self.0.pool()).await.unwrap()
    }
}
