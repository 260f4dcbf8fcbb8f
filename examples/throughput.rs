//! How fast is it here? One JSON line per run, for anyone to repeat.
//!
//! ```text
//! cargo run --release --example throughput -- --store memory --accounts 10000 --batch 8190 \
//!     --threads 1 --seconds 5 --json
//! ```
//!
//! Posts two-leg transfers between uniformly random customer accounts through the public front
//! door: idempotent ids, floors, running balances, audit and outbox are on, because they cannot
//! be turned off. With more than one thread each has accounts of its own. `floor_us_per_transfer`
//! is a loop in the same run that only bumps two counters and appends 128 bytes to fresh memory.
//! CPU time is that of the posting threads alone. In batches of 100 and more it is that of the
//! calls, and what making the requests took stands beside it as `making_us_per_transfer`; in
//! smaller ones, where reading a clock would weigh, it is all of it together.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "a measurement: its figures are no money, and it may stop"
)]

use std::error::Error;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, Waker};
use std::time::{Duration, Instant};

use corebank::bank::{Bank, Context};
use corebank::id::{AccountId, IdSource, SeededIds, TransactionId};
use corebank::ledger::{
    AccountClass, Batch, ChartCode, ChartNode, FloorPolicy, Kind, NewAccount, NewTransaction, Text,
};
use corebank::money::{Currency, Money};
use corebank::store::memory::MemoryStore;
use corebank::time::Timestamp;
use cpu_time::ThreadTime;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

#[derive(Debug, Clone)]
struct Options {
    store: String,
    accounts: usize,
    batch: usize,
    threads: usize,
    seconds: f64,
    json: bool,
}

fn main() -> Result<()> {
    let options = options()?;
    let floor = floor_us(options.accounts);
    let run = run(&options)?;
    let per_transfer = |total: f64| total / run.transfers.max(1) as f64;
    let cpu = per_transfer(run.cpu.as_secs_f64() * 1e6);
    let making = per_transfer(run.making.as_secs_f64() * 1e6);
    let rate = run.transfers as f64 / run.wall.as_secs_f64();
    let bytes = per_transfer(run.rss_bytes as f64);
    let Options { store, accounts, batch, threads, .. } = &options;
    if options.json {
        println!(
            "{{\"store\":\"{store}\",\"accounts\":{accounts},\"batch\":{batch},\
             \"threads\":{threads},\"transfers\":{},\"transfers_per_s\":{rate:.0},\
             \"cpu_us_per_transfer\":{cpu:.3},\"p50_us\":{:.1},\"p99_us\":{:.1},\
             \"floor_us_per_transfer\":{floor:.3},\"floor_ratio\":{:.1},\
             \"rss_bytes_per_transfer\":{bytes:.0},\"making_us_per_transfer\":{making:.3}}}",
            run.transfers,
            run.p50_us,
            run.p99_us,
            cpu / floor,
        );
    } else {
        println!(
            "{store}, {accounts} accounts, batches of {batch}, {threads} threads: {rate:.0} \
             transfers/s, {cpu:.3} us CPU each ({:.1} x the floor of {floor:.3}), {bytes:.0} bytes \
             each, p50 {:.1} us, p99 {:.1} us per call",
            cpu / floor,
            run.p50_us,
            run.p99_us,
        );
    }
    Ok(())
}

fn options() -> Result<Options> {
    let mut options = Options {
        store: "memory".into(),
        accounts: 10_000,
        batch: 8_190,
        threads: 1,
        seconds: 5.0,
        json: false,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        if name == "--json" {
            options.json = true;
            continue;
        }
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--store" => options.store = value,
            "--accounts" => options.accounts = value.parse()?,
            "--batch" => options.batch = value.parse()?,
            "--threads" => options.threads = value.parse()?,
            "--seconds" => options.seconds = value.parse()?,
            _ => return Err(format!("unknown option {name}").into()),
        }
    }
    if options.store != "memory" {
        return Err("--store knows only `memory` so far".into());
    }
    let most = corebank::ledger::MAX_BATCH;
    if options.batch == 0 || options.batch > most {
        return Err(format!("--batch is 1 to {most}").into());
    }
    if options.threads == 0 || options.accounts < 2 * options.threads {
        return Err("every thread needs two accounts of its own".into());
    }
    Ok(options)
}

struct Run {
    transfers: u64,
    wall: Duration,
    cpu: Duration,
    making: Duration,
    p50_us: f64,
    p99_us: f64,
    rss_bytes: u64,
}

fn run(options: &Options) -> Result<Run> {
    let bank = block_on(Bank::open(MemoryStore::new()))?;
    let accounts = Arc::new(open_accounts(&bank, options.accounts)?);
    let before = rss_bytes();
    let start = Instant::now();
    let share = accounts.len() / options.threads;
    let workers: Vec<_> = (0..options.threads)
        .map(|thread| {
            let (bank, accounts, options) = (bank.clone(), Arc::clone(&accounts), options.clone());
            std::thread::spawn(move || {
                let own = accounts.get(thread * share..(thread + 1) * share).unwrap_or_default();
                post(&bank, own, &options, thread as u64)
            })
        })
        .collect();
    let mut done = Worked::default();
    for worker in workers {
        let worked = worker.join().map_err(|_| "a thread stopped")??;
        done.transfers += worked.transfers;
        done.cpu += worked.cpu;
        done.making += worked.making;
        done.latencies_us.extend(worked.latencies_us);
    }
    let wall = start.elapsed();
    let rss = rss_bytes().saturating_sub(before);
    done.latencies_us.sort_by(f32::total_cmp);
    let quantile = |part: f64| {
        let at = (done.latencies_us.len() as f64 * part) as usize;
        done.latencies_us.get(at).copied().unwrap_or_default().into()
    };
    let (p50_us, p99_us) = (quantile(0.5), quantile(0.99));
    let Worked { transfers, cpu, making, .. } = done;
    Ok(Run { transfers, wall, cpu, making, p50_us, p99_us, rss_bytes: rss })
}

fn open_accounts(bank: &Bank, count: usize) -> Result<Vec<AccountId>> {
    let context = Context::system("throughput")?;
    let code = ChartCode::new("2100")?;
    let node = ChartNode::new(code, AccountClass::Liability, None, Text::new("Deposits")?);
    let _ = block_on(bank.define_chart(&context, &[node]))?;
    let mut opened = Vec::with_capacity(count);
    // Far from the floor, which is checked all the same.
    let account =
        NewAccount::new(code, Currency::USD).with_floor(FloorPolicy::Overdraft(i64::MAX / 2));
    while opened.len() < count {
        let size = (count - opened.len()).min(corebank::ledger::MAX_BATCH);
        let outcomes = block_on(bank.open_accounts(&context, &vec![account.clone(); size]))?;
        opened.extend(outcomes.into_iter().map(|outcome| outcome.into_inner()));
    }
    Ok(opened)
}

#[derive(Default)]
struct Worked {
    transfers: u64,
    cpu: Duration,
    making: Duration,
    latencies_us: Vec<f32>,
}

fn post(bank: &Bank, accounts: &[AccountId], options: &Options, thread: u64) -> Result<Worked> {
    let context = Context::system("throughput")?;
    let ids = SeededIds::new(thread + 1);
    let mut random = Random(0x9e37_79b9 + thread);
    let mut worked = Worked::default();
    // Latencies are kept for the last calls only, so that they do not count as memory.
    worked.latencies_us.reserve_exact(1 << 16);
    let mut batch = Batch::with_capacity(options.batch);
    let deadline = Duration::from_secs_f64(options.seconds);
    let apart = options.batch >= 100;
    let begun = ThreadTime::now();
    let started = Instant::now();
    while started.elapsed() < deadline {
        batch.clear();
        // The time in the ids is that of the batch.
        let now = bank.moment().now;
        for _ in 0..options.batch {
            batch.push(transfer(accounts, &ids, &mut random, now));
        }
        let cpu = apart.then(ThreadTime::now);
        let called = Instant::now();
        let outcomes = block_on(bank.post_many(&context, &batch))?;
        let latency = called.elapsed().as_secs_f32() * 1e6;
        worked.cpu += cpu.map_or(Duration::ZERO, |cpu| cpu.elapsed());
        if worked.latencies_us.len() < 1 << 16 {
            worked.latencies_us.push(latency);
        }
        if let Some(refused) = outcomes.into_iter().find_map(std::result::Result::err) {
            return Err(refused.into());
        }
        worked.transfers += options.batch as u64;
    }
    if apart {
        worked.making = begun.elapsed().saturating_sub(worked.cpu);
    } else {
        worked.cpu = begun.elapsed();
    }
    Ok(worked)
}

fn transfer(
    accounts: &[AccountId],
    ids: &SeededIds,
    random: &mut Random,
    now: Timestamp,
) -> NewTransaction {
    let count = accounts.len() as u64;
    let from = random.below(count);
    let to = (from + 1 + random.below(count - 1)) % count;
    let amount = Money::new(1 + random.below(10_000) as i64, Currency::USD);
    NewTransaction::transfer(Kind::TRANSFER, accounts[from as usize], accounts[to as usize], amount)
        .with_id(TransactionId::from_uuid(ids.next_id(now)))
}

/// The least that a ledger of any kind does: two counters, 128 bytes.
fn floor_us(accounts: usize) -> f64 {
    const TRANSFERS: usize = 2_000_000;
    let mut counters = vec![0_i64; accounts];
    let mut log: Vec<[u8; 128]> = Vec::with_capacity(TRANSFERS);
    let mut random = Random(7);
    let before = ThreadTime::now();
    for number in 0..TRANSFERS {
        let (from, to) = (random.below(accounts as u64), random.below(accounts as u64));
        counters[from as usize] -= 1;
        counters[to as usize] += 1;
        log.push([number as u8; 128]);
    }
    let spent = before.elapsed();
    std::hint::black_box((&counters, &log));
    spent.as_secs_f64() * 1e6 / TRANSFERS as f64
}

/// xorshift64*: fast, and the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d);
        ((u128::from(drawn) * u128::from(bound)) >> 64) as u64
    }
}

/// The resident memory of this process in bytes; zero where it cannot be read.
fn rss_bytes() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or(0) * 4_096
}

/// The memory store never waits, so a future is polled until it is ready.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut task = TaskContext::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut task) {
            return output;
        }
    }
}
