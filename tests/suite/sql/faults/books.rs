//! A small bank over a SQL store, and what must hold of it after every fault.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use corebank::bank::{Bank, Context, Error, GroupCommit};
use corebank::id::{AccountId, TransactionId};
use corebank::ledger::query::AsOf;
use corebank::ledger::{
    AccountClass, ChartCode, ChartNode, FloorPolicy, Kind, NewAccount, NewTransaction, Operation,
    Record, Text,
};
use corebank::money::{Currency, Money};
use corebank::store::postgres::{PostgresOptions, PostgresStore};
use corebank::store::sqlite::{SqliteOptions, SqliteStore};
use corebank::store::{Store, StoreError};
use corebank::time::Timestamp;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use crate::sql::places;

/// Accounts without a floor, so that no order of postings is refused.
pub(super) const ACCOUNTS: u64 = 8;

/// Where books are kept.
#[derive(Debug, Clone)]
pub(super) enum Place {
    Sqlite(PathBuf),
    Postgres { url: String, schema: String },
}

impl Place {
    pub(super) fn sqlite() -> Self {
        Self::Sqlite(places::fresh_path())
    }

    pub(super) fn postgres(url: &str) -> Self {
        let schema = format!("bank_{}_{}", std::process::id(), places::fresh_number());
        Self::Postgres { url: url.to_owned(), schema }
    }

    /// As text that another process reads.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite {}", path.display()),
            Self::Postgres { url, schema } => format!("{url} {schema}"),
        }
    }

    pub(super) fn from_words(words: &str) -> Self {
        let (first, second) = words.split_once(' ').expect("two words");
        match first {
            "sqlite" => Self::Sqlite(Path::new(second).to_owned()),
            url => Self::Postgres { url: url.to_owned(), schema: second.to_owned() },
        }
    }

    /// Opens them over few connections.
    pub(super) async fn open(&self) -> Result<Books, StoreError> {
        self.open_as(false).await
    }

    pub(super) async fn open_as(&self, group_commit: bool) -> Result<Books, StoreError> {
        let handle = match self {
            Self::Sqlite(path) => Handle::Sqlite(sqlite_at(path).await?),
            Self::Postgres { url, schema } => Handle::Postgres(postgres_at(url, schema).await?),
        };
        Books::over(handle, group_commit).await
    }

    /// Runs statements on a connection of their own, as somebody would who goes around the
    /// library; `~` stands before the names of tables. The error is the code of the database.
    pub(super) async fn run(&self, sql: &str) -> Result<(), String> {
        let text = AssertSqlSafe(sql.replace('~', &self.prefix()));
        let done = match self {
            Self::Sqlite(path) => {
                let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
                let mut link = options.connect().await.unwrap();
                let done = sqlx::raw_sql(text).execute(&mut link).await.map(drop);
                link.close().await.unwrap();
                done
            }
            Self::Postgres { url, .. } => {
                let mut link = PgConnection::connect(url).await.unwrap();
                let done = sqlx::raw_sql(text).execute(&mut link).await.map(drop);
                link.close().await.unwrap();
                done
            }
        };
        let code = |error: sqlx::Error| {
            let code = error.as_database_error().and_then(|error| error.code());
            code.map_or_else(|| error.to_string(), Into::into)
        };
        done.map_err(code)
    }

    fn prefix(&self) -> String {
        match self {
            Self::Sqlite(_) => "corebank_".to_owned(),
            Self::Postgres { schema, .. } => format!("\"{schema}\"."),
        }
    }

    /// An id as SQL.
    pub(super) fn literal(&self, id: u128) -> String {
        match self {
            Self::Sqlite(_) => format!("x'{id:032x}'"),
            Self::Postgres { .. } => format!("'{id:032x}'::uuid"),
        }
    }

    /// New books with their accounts.
    pub(super) async fn filled(self) -> Self {
        let books = self.open().await.expect("new books open");
        fill(&books.bank).await;
        books.close().await;
        self
    }
}

pub(super) async fn sqlite_at(path: &Path) -> Result<SqliteStore, StoreError> {
    let options = SqliteOptions::new(path).readers(2).cache_kib(4096);
    // Others on the machine may keep the disk busy.
    options.busy_timeout(Duration::from_secs(20)).open().await
}

pub(super) async fn postgres_at(url: &str, schema: &str) -> Result<PostgresStore, StoreError> {
    PostgresOptions::new().schema(schema).connections(6).open(url).await
}

/// A store of either kind.
pub(super) enum Handle {
    Sqlite(SqliteStore),
    Postgres(PostgresStore),
}

/// Books that are open.
pub(super) struct Books {
    pub(super) bank: Bank,
    pub(super) store: Arc<dyn Store>,
    handle: Handle,
}

impl Books {
    async fn over(handle: Handle, group_commit: bool) -> Result<Self, StoreError> {
        let (builder, store): (_, Arc<dyn Store>) = match &handle {
            Handle::Sqlite(store) => (Bank::builder(store.clone()), Arc::new(store.clone())),
            Handle::Postgres(store) => (Bank::builder(store.clone()), Arc::new(store.clone())),
        };
        let builder = match group_commit {
            true => builder.group_commit(GroupCommit::new()),
            false => builder,
        };
        Ok(Self { bank: builder.open().await?, store, handle })
    }

    pub(super) async fn close(self) {
        match self.handle {
            Handle::Sqlite(store) => store.close().await,
            Handle::Postgres(store) => store.close().await,
        }
    }
}

pub(super) fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

pub(super) fn clerk() -> &'static Context {
    static CLERK: OnceLock<Context> = OnceLock::new();
    CLERK.get_or_init(|| Context::system("faults").unwrap())
}

pub(super) const fn account(number: u64) -> AccountId {
    AccountId::from_u128(0x1000 + (number % ACCOUNTS) as u128)
}

pub(super) const fn id(number: u64) -> TransactionId {
    TransactionId::from_u128(0x7000_0000_0000 + number as u128)
}

/// From one account to the next.
pub(super) fn pay(number: u64) -> NewTransaction {
    let minor = 1 + (number % 97) as i64;
    let (from, to) = (account(number), account(number + 1));
    NewTransaction::transfer(Kind::TRANSFER, from, to, usd(minor)).with_id(id(number))
}

pub(super) fn code(text: &str) -> ChartCode {
    ChartCode::new(text).unwrap()
}

pub(super) async fn fill(bank: &Bank) {
    let name = Text::new("Deposits").unwrap();
    let node = ChartNode::new(code("2000"), AccountClass::Liability, None, name);
    let _ = bank.define_chart(clerk(), &[node]).await.unwrap();
    let of = |number| {
        let new = NewAccount::new(code("2000"), Currency::USD).with_id(account(number));
        new.with_floor(FloorPolicy::Unbounded)
    };
    let accounts: Vec<_> = (0..ACCOUNTS).map(of).collect();
    bank.open_accounts(clerk(), &accounts).await.unwrap();
}

/// What stands in the journal: its transactions, each once.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) transactions: HashSet<TransactionId>,
    pub(super) holds: usize,
    pub(super) last: (u64, Timestamp),
}

/// Reads the journal behind a place: no gaps, no step back, nothing twice.
pub(super) async fn read_journal(bank: &Bank) -> Told {
    let mut told = Told { last: (0, Timestamp::MIN), ..Told::default() };
    loop {
        let records = bank.journal(told.last.0, 4_000).await.unwrap();
        if records.is_empty() {
            let head = bank.head().await.unwrap();
            assert!(head.position == told.last.0, "the head is not the end of the journal");
            return told;
        }
        for record in &records {
            let (position, instant) = (record.position(), record.posted_at());
            assert_eq!(position, told.last.0 + 1, "a gap in the journal");
            assert!(instant > told.last.1, "the instant of record {position} steps back");
            told.last = (position, instant);
            match record {
                Record::Transaction(posted) => {
                    assert!(told.transactions.insert(posted.id), "{} is doubled", posted.id);
                }
                Record::Operation(record) => {
                    told.holds += usize::from(matches!(record.operation, Operation::HoldPlaced(_)));
                }
            }
        }
    }
}

/// Everything agrees: journal, balances, holds, seals.
pub(super) async fn is_sound(bank: &Bank) -> Told {
    let told = read_journal(bank).await;
    assert!(bank.trial_balance(AsOf::Now).await.unwrap().is_zero(), "the trial balance is off");
    let report = bank.verify().await.unwrap();
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.transactions, told.transactions.len() as u64);
    let seals = bank.verify_seals().await.unwrap();
    assert!(seals.is_clean(), "{seals:?}");
    told
}

/// What a fault of the world may look like to a caller: never that the books are damaged or the
/// library was misused.
pub(super) fn is_passing(error: &Error) -> bool {
    let known = ["conflict", "unavailable", "outcome_unknown"].contains(&error.code());
    known && error.is_transient()
}

/// Chance that repeats.
#[derive(Debug, Clone)]
pub(super) struct Random(pub(super) u64);

impl Random {
    /// Another one in every run.
    pub(super) fn new() -> Self {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        Self(since.as_nanos() as u64)
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut value = self.0;
        value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (value ^ (value >> 31)) % bound
    }
}

/// Repeats a call until it succeeds, under errors that pass.
pub(super) async fn insist<T, F: Future<Output = Result<T, Error>>>(call: impl Fn() -> F) -> T {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        match call().await {
            Ok(done) => return done,
            Err(error) if is_passing(&error) && Instant::now() < end => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(error) => panic!("{}: {error:?}", error.code()),
        }
    }
}
