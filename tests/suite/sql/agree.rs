//! The same random commands on the memory store, on SQLite and on PostgreSQL: the same outcomes,
//! refusals, balances, lists, reports and archive, to the byte.
//!
//! `COREBANK_COMMANDS` says how many commands, `COREBANK_SEED` with which seed to begin.

mod acts;
mod reads;
pub(super) mod words;

use std::collections::BTreeMap;
use std::fmt::{Debug, Display};
use std::future::Future;
use std::sync::Arc;

use corebank::Bank;
use corebank::bank::Error;
use corebank::ledger::query::AsOf;
use corebank::ledger::{
    AccountClass, ChartCode, ChartNode, Labels, NewAccount, Outcome, Refusal, Text,
};
use corebank::store::Store;
use corebank::store::memory::MemoryStore;
use corebank::store::postgres::PostgresStore;
use corebank::store::sqlite::SqliteStore;
use corebank::time::{ManualClock, Timestamp};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::model::{ACCOUNTS, EUR, Line, START, USD, account_id, builder_over, currency};
use crate::model_test::next;

use super::places;
use words::Random;

/// How many commands one history has at most.
const HISTORY: u64 = 1_500;
/// How many moves lie between two looks at the books.
const LOOK: u64 = 12;
const NAMES: [&str; 3] = ["memory", "SQLite", "PostgreSQL"];

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

#[tokio::test(flavor = "multi_thread")]
async fn random_commands_have_the_same_outcome_in_every_store() {
    let mut left = number("COREBANK_COMMANDS", HISTORY);
    let mut seed = number("COREBANK_SEED", 1);
    let mut seen = BTreeMap::new();
    while left > 0 {
        let done = play(seed, left.min(HISTORY), &mut seen).await;
        left = left.saturating_sub(done);
        seed += 1;
    }
    println!("{seen:#?}");
    // What the histories do must be worth comparing.
    for what in ["post", "hold", "capture", "reverse", "replayed", "seal", "expired"] {
        assert!(seen.contains_key(what), "no {what} in {seen:?}");
    }
}

/// Plays a history, and returns how many commands it had.
#[allow(clippy::future_not_send, reason = "a generator of proptest stays on its thread")]
async fn play(seed: u64, commands: u64, seen: &mut BTreeMap<&'static str, u64>) -> u64 {
    let mut three = Three::open(seed).await;
    let mut bytes = [0_u8; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let (mut runner, moves) = (TestRunner::new_with_rng(Config::default(), rng), next());
    let mut at = 0;
    while three.commands < commands {
        if three.random.once_in(2) {
            three.act().await;
        } else {
            let next = moves.new_tree(&mut runner).expect("a move").current();
            three.walk(&next).await;
        }
        three.heads().await;
        at += 1;
        if at % LOOK == 0 {
            three.look().await;
        }
    }
    three.look_at_all().await;
    three.end().await;
    for (what, count) in std::mem::take(&mut three.seen) {
        *seen.entry(what).or_default() += count;
    }
    three.commands
}

/// Three banks that must not differ.
struct Three {
    seed: u64,
    banks: [Bank; 3],
    stores: [Arc<dyn Store>; 3],
    sql: (SqliteStore, PostgresStore),
    clock: Arc<ManualClock>,
    now: i64,
    random: Random,
    drafts: crate::model::Drafts,
    /// The lines of holds that were placed.
    holds: BTreeMap<u16, Vec<Line>>,
    /// Accounts that were opened since the beginning, among those that reads ask for.
    accounts: Vec<corebank::id::AccountId>,
    commands: u64,
    seen: BTreeMap<&'static str, u64>,
}

impl Three {
    async fn open(seed: u64) -> Self {
        let (memory, sqlite, postgres) = (
            MemoryStore::new(),
            places::sqlite().await.unwrap(),
            places::postgres().await.unwrap(),
        );
        let clock = Arc::new(ManualClock::new(Timestamp::from_nanos(START)));
        let banks = [
            open_bank(memory.clone(), &clock, seed).await,
            open_bank(sqlite.clone(), &clock, seed).await,
            open_bank(postgres.clone(), &clock, seed).await,
        ];
        let mut three = Self {
            seed,
            banks,
            stores: [Arc::new(memory), Arc::new(sqlite.clone()), Arc::new(postgres.clone())],
            sql: (sqlite, postgres),
            clock,
            now: START,
            random: Random(seed),
            drafts: crate::model::Drafts::new(),
            holds: BTreeMap::new(),
            accounts: Vec::new(),
            commands: 0,
            seen: BTreeMap::new(),
        };
        three.found().await;
        three
    }

    /// The accounts of the model, and some for income, expense, equity and customers.
    async fn found(&mut self) {
        let context = &crate::model::context(0);
        let chart = chart();
        let nodes = &chart;
        let defined =
            self.same("chart", |bank| async move { bank.define_chart(context, nodes).await });
        assert!(!defined.await.unwrap().is_replayed());
        let accounts = first_accounts();
        let new = &accounts;
        let opened =
            self.same("accounts", |bank| async move { bank.open_accounts(context, new).await });
        opened.await.unwrap();
        self.accounts = accounts.iter().filter_map(|new| new.id).collect();
    }

    /// Asks all three the same, and insists on one answer.
    async fn same<T, F>(&self, what: impl Display, ask: impl Fn(Bank) -> F) -> Result<T, Refusal>
    where
        T: PartialEq + Debug,
        F: Future<Output = Result<T, Error>>,
    {
        let [a, b, c] = self.banks.clone();
        let (a, b, c) = tokio::join!(ask(a), ask(b), ask(c));
        let plain = |answer: Result<T, Error>, at: usize| match answer {
            Ok(answer) => Ok(answer),
            Err(Error::Refused(refusal)) => Err(refusal),
            Err(error) => panic!("seed {}: {} on {what}: {error:?}", self.seed, NAMES[at]),
        };
        let (a, b, c) = (plain(a, 0), plain(b, 1), plain(c, 2));
        self.equal(&what, &a, [&b, &c]);
        a
    }

    /// The same of the stores.
    async fn same_of_stores<T, F>(&self, what: impl Display, ask: impl Fn(Arc<dyn Store>) -> F) -> T
    where
        T: PartialEq + Debug,
        F: Future<Output = T>,
    {
        let [a, b, c] = self.stores.clone();
        let (a, b, c) = tokio::join!(ask(a), ask(b), ask(c));
        self.equal(&what, &a, [&b, &c]);
        a
    }

    fn equal<T: PartialEq + Debug>(&self, what: &impl Display, memory: &T, others: [&T; 2]) {
        for (name, other) in NAMES[1..].iter().zip(others) {
            assert!(
                other == memory,
                "seed {}, command {}, {what}\nmemory: {memory:#?}\n{name}: {other:#?}",
                self.seed,
                self.commands
            );
        }
    }

    async fn heads(&self) {
        self.same("head", |bank| async move { bank.head().await }).await.unwrap();
    }

    fn note(&mut self, what: &'static str) {
        self.commands += 1;
        *self.seen.entry(what).or_default() += 1;
    }

    fn note_outcome<T>(&mut self, what: &'static str, outcome: &Result<Outcome<T>, Refusal>) {
        self.note(match outcome {
            Ok(Outcome::Applied(_)) => what,
            Ok(Outcome::Replayed(_)) => "replayed",
            Err(refusal) => refusal.code(),
        });
    }

    /// The whole of it: books and seals are clean, and the archives are the same to the byte.
    async fn end(&self) {
        let context = &crate::model::context(0);
        self.same("seal", |bank| async move { bank.seal(context).await }).await.unwrap();
        let books = self.same("verify", |bank| async move { bank.verify().await }).await.unwrap();
        assert!(books.is_clean(), "{books:#?}");
        let seals = self.same("seals", |bank| async move { bank.verify_seals().await }).await;
        assert!(seals.unwrap().is_clean());
        assert!(self.banks[0].trial_balance(AsOf::Now).await.unwrap().is_zero());
        let mut files = Vec::new();
        for bank in &self.banks {
            let mut file = Vec::new();
            let exported = bank.export(context, &mut file).await.unwrap();
            files.push((exported, file));
        }
        for (name, (exported, file)) in NAMES.iter().zip(&files).skip(1) {
            let lines = |file: &[u8]| String::from_utf8(file.to_vec()).unwrap();
            let (memory, other) = (lines(&files[0].1), lines(file));
            let differs = memory.lines().zip(other.lines()).find(|(a, b)| a != b);
            assert_eq!(differs, None, "seed {}: memory, then {name}", self.seed);
            assert_eq!(*exported, files[0].0, "seed {}: {name}", self.seed);
        }
        self.sql.0.close().await;
        self.sql.1.close().await;
    }
}

async fn open_bank(store: impl Store, clock: &Arc<ManualClock>, seed: u64) -> Bank {
    builder_over(store, clock, seed).open().await.unwrap()
}

fn code(text: &str) -> ChartCode {
    ChartCode::new(text).unwrap()
}

fn chart() -> Vec<ChartNode> {
    let node = |at: &str, class, parent: Option<&str>, name: &str| {
        ChartNode::new(code(at), class, parent.map(code), Text::new(name).unwrap())
    };
    vec![
        node("1000", AccountClass::Asset, None, "Assets"),
        node("2000", AccountClass::Liability, None, "Deposits"),
        node("1900", AccountClass::Liability, Some("2000"), "Customers' \"é\""),
        node("3000", AccountClass::Equity, None, "Equity"),
        node("4000", AccountClass::Income, None, "Income"),
        node("4100", AccountClass::Income, Some("4000"), "Fees"),
        node("5000", AccountClass::Expense, None, "Expenses"),
    ]
}

/// Behind the accounts of the model: number, chart code, currency.
const MORE: [(u8, &str, u8); 8] = [
    (0x10, "4000", USD),
    (0x11, "4100", USD),
    (0x12, "4100", EUR),
    (0x13, "5000", USD),
    (0x14, "3000", USD),
    (0x15, "3000", EUR),
    (0x16, "1900", USD),
    (0x17, "1900", USD),
];

fn first_accounts() -> Vec<NewAccount> {
    let mut accounts = crate::model::accounts();
    assert_eq!(accounts.len(), usize::from(ACCOUNTS));
    for (at, of, money) in MORE {
        let new = NewAccount::new(code(of), currency(money)).with_id(account_id(at));
        let customer = (of == "1900").then(|| uuid::Uuid::from_u128(0xc0));
        let labels = Labels { customer, branch: customer };
        accounts.push(new.with_labels(labels).with_name(Text::new("näme").unwrap()));
    }
    accounts
}
