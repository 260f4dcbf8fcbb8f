//! What each operation costs through the front door, on the memory store and, with feature
//! `sqlite`, on a file.
//!
//! `cargo bench` prints time per element; prefer ratios within one run, and
//! `examples/throughput.rs` for CPU time and memory.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing
)]

use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context as TaskContext, Poll, Waker};
use std::time::Duration;

use chrono::NaiveDate;
use corebank::bank::{Bank, Context};
use corebank::id::AccountId;
use corebank::ledger::query::{AsOf, EntryQuery};
use corebank::ledger::{
    AccountClass, Batch, ChartCode, ChartNode, FloorPolicy, Instruction, Kind, NewAccount,
    NewCapture, NewHold, NewTransaction, Text,
};
use corebank::money::{Currency, Money};
use corebank::store::memory::MemoryStore;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

const ACCOUNTS: usize = 10_000;
const HISTORY: usize = 500_000;

/// The memory store never waits.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut task = TaskContext::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut task) {
            return output;
        }
    }
}

struct Fixture {
    bank: Bank,
    context: Context,
    accounts: Vec<AccountId>,
    next: AtomicUsize,
}

impl Fixture {
    fn new(history: usize) -> Self {
        let bank = block_on(Bank::open(MemoryStore::new())).unwrap();
        block_on(Self::over(bank, ACCOUNTS, history))
    }

    async fn over(bank: Bank, count: usize, history: usize) -> Self {
        let context = Context::system("bench").unwrap();
        let code = ChartCode::new("2100").unwrap();
        let name = Text::new("Deposits").unwrap();
        let node = ChartNode::new(code, AccountClass::Liability, None, name);
        let _ = bank.define_chart(&context, &[node]).await.unwrap();
        let account =
            NewAccount::new(code, Currency::USD).with_floor(FloorPolicy::Overdraft(i64::MAX / 2));
        let mut accounts = Vec::new();
        while accounts.len() < count {
            let some = vec![account.clone(); (count - accounts.len()).min(5_000)];
            let opened = bank.open_accounts(&context, &some).await.unwrap();
            accounts.extend(opened.into_iter().map(|outcome| outcome.into_inner()));
        }
        let fixture = Self { bank, context, accounts, next: AtomicUsize::new(0) };
        for _ in 0..history / 5_000 {
            fixture.post(&fixture.batch(5_000)).await;
        }
        fixture
    }

    fn pair(&self) -> (AccountId, AccountId) {
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        let count = self.accounts.len();
        let from = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) % count;
        (self.accounts[from], self.accounts[(from + 1 + n % 797) % count])
    }

    fn transfer(&self) -> NewTransaction {
        let (from, to) = self.pair();
        NewTransaction::transfer(Kind::TRANSFER, from, to, Money::new(1, Currency::USD))
    }

    fn batch(&self, size: usize) -> Batch {
        (0..size).map(|_| self.transfer()).collect()
    }

    async fn post(&self, batch: &Batch) {
        let outcomes = self.bank.post_many(&self.context, batch).await.unwrap();
        assert!(outcomes.iter().all(Result::is_ok));
    }
}

fn posting(c: &mut Criterion) {
    let fixture = Fixture::new(0);
    let mut group = c.benchmark_group("post");
    for size in [1, 100, 8_190] {
        group.throughput(Throughput::Elements(size as u64));
        group.bench_function(format!("batch of {size}"), |b| {
            b.iter_batched(
                || fixture.batch(size),
                |batch| block_on(fixture.post(&batch)),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

fn holds(c: &mut Criterion) {
    let fixture = Fixture::new(0);
    let mut group = c.benchmark_group("holds");
    group.throughput(Throughput::Elements(1));
    group.bench_function("place and capture", |b| {
        b.iter(|| {
            let (from, to) = fixture.pair();
            let hold = NewHold::transfer(Kind::PAYMENT, from, to, Money::new(5, Currency::USD));
            let receipt = block_on(fixture.bank.hold(&fixture.context, hold)).unwrap();
            let hold = receipt.get().hold().unwrap();
            let capture = Instruction::from(NewCapture::rest(Kind::PAYMENT, hold));
            let _ = block_on(fixture.bank.instruct(&fixture.context, capture)).unwrap();
        });
    });
    group.finish();
}

fn reads(c: &mut Criterion) {
    let fixture = Fixture::new(HISTORY);
    let bank = &fixture.bank;
    let mut group = c.benchmark_group("read");
    group.bench_function("balance", |b| {
        b.iter(|| block_on(bank.balance(fixture.pair().0)).unwrap());
    });
    group.bench_function("newest 50 entries", |b| {
        b.iter(|| {
            let query = EntryQuery::new(fixture.pair().0).newest_first();
            black_box(block_on(bank.entries(&query, 50, None)).unwrap())
        });
    });
    let instant = block_on(bank.head()).unwrap().instant;
    let day = NaiveDate::from_ymd_opt(2999, 1, 1).unwrap();
    for (name, as_of) in [
        ("instant", AsOf::Instant(instant)),
        ("booking date", AsOf::BookingDate(day)),
        ("value date", AsOf::ValueDate(day)),
    ] {
        group.bench_function(format!("balance as of {name}"), |b| {
            b.iter(|| block_on(bank.balances(&[fixture.pair().0], as_of)).unwrap());
        });
    }
    group.finish();
}

fn proofs(c: &mut Criterion) {
    let fixture = Fixture::new(HISTORY);
    let mut group = c.benchmark_group("proof");
    group.sample_size(10).measurement_time(Duration::from_secs(10));
    group.throughput(Throughput::Elements(2 * HISTORY as u64));
    group.bench_function("verify, per entry", |b| {
        b.iter(|| assert!(block_on(fixture.bank.verify()).unwrap().is_clean()));
    });
    group.throughput(Throughput::Elements(HISTORY as u64));
    // A dry run does all of the work of sealing and appends nothing.
    let dry = fixture.bank.dry_run();
    group.bench_function("seal, per record", |b| {
        b.iter(|| block_on(dry.seal(&fixture.context)).unwrap());
    });
    let _ = block_on(fixture.bank.seal(&fixture.context)).unwrap();
    group.bench_function("verify seals, per record", |b| {
        b.iter(|| assert!(block_on(fixture.bank.verify_seals()).unwrap().is_clean()));
    });
    group.finish();
}

/// Every commit reaches the disk, so these say as much about it.
#[cfg(feature = "sqlite")]
fn sqlite(c: &mut Criterion) {
    use corebank::store::sqlite::SqliteStore;

    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let file = std::env::temp_dir().join(format!("bench_{}.sqlite", uuid::Uuid::now_v7().simple()));
    let store = runtime.block_on(SqliteStore::open(&file)).unwrap();
    let bank = runtime.block_on(Bank::open(store.clone())).unwrap();
    let fixture = runtime.block_on(Fixture::over(bank, 1_000, 50_000));
    let mut group = c.benchmark_group("sqlite");
    group.sample_size(10).measurement_time(Duration::from_secs(3));
    for size in [1, 1_000] {
        group.throughput(Throughput::Elements(size as u64));
        group.bench_function(format!("batch of {size}"), |b| {
            b.iter_batched(
                || fixture.batch(size),
                |batch| runtime.block_on(fixture.post(&batch)),
                BatchSize::PerIteration,
            );
        });
    }
    group.throughput(Throughput::Elements(1));
    group.bench_function("newest 50 entries", |b| {
        b.iter(|| {
            let query = EntryQuery::new(fixture.pair().0).newest_first();
            black_box(runtime.block_on(fixture.bank.entries(&query, 50, None)).unwrap())
        });
    });
    group.finish();
    runtime.block_on(store.close());
    std::fs::remove_file(file).unwrap();
}

#[cfg(not(feature = "sqlite"))]
fn sqlite(_: &mut Criterion) {}

criterion_group!(benches, posting, holds, reads, proofs, sqlite);
criterion_main!(benches);
