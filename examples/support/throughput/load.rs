//! The load: callers that post transfers until their time is over.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll, Waker};
use std::time::{Duration, Instant};

use corebank::bank::{Bank, Context, Error, Order, Orders};
use corebank::id::{AccountId, IdSource, LimitId, SeededIds, TransactionId};
use corebank::ledger::{
    AccountClass, Batch, ChartCode, ChartNode, FloorPolicy, Kind, LimitRule, LimitScope, MAX_BATCH,
    NewAccount, NewTransaction, Side, Text, Window,
};
use corebank::money::{Currency, Money};
use corebank::time::Timestamp;
use cpu_time::{ProcessTime, ThreadTime};
use tokio::task::JoinSet;

use super::Result;
use super::machine::Random;
use super::options::Options;
use super::people;
use super::vault::Vault;

/// How often a call is repeated at once when the store was busy.
const MAX_REPEATS: u32 = 1_000;
/// Of how many calls latencies are kept, so that they do not count as memory.
const MAX_LATENCIES: usize = 1 << 16;

/// A bank with accounts, ready to be posted to.
pub(crate) struct Load {
    bank: Bank,
    accounts: Arc<Vec<AccountId>>,
    options: Options,
}

/// What callers did.
#[derive(Default)]
pub(crate) struct Worked {
    pub(crate) transfers: u64,
    pub(crate) calls: u64,
    /// Calls that the store told to come again, and that did.
    pub(crate) repeats: u64,
    /// Of the callers that are threads; of the whole process if they are tasks.
    pub(crate) cpu: Duration,
    /// The part of it that made the requests.
    pub(crate) making: Duration,
    pub(crate) latencies_us: Vec<f32>,
}

impl Load {
    /// Defines a chart and opens the accounts.
    pub(crate) async fn prepare(bank: Bank, options: &Options, vault: &Vault) -> Result<Self> {
        if options.customers {
            let accounts = people::move_in(&bank, options, vault).await?;
            return Ok(Self { bank, accounts: Arc::new(accounts), options: options.clone() });
        }
        let context = Context::system("throughput")?;
        let code = ChartCode::new("2100")?;
        let node = ChartNode::new(code, AccountClass::Liability, None, Text::new("Deposits")?);
        let _ = bank.define_chart(&context, &[node]).await?;
        if options.limit {
            let (id, scope) = (LimitId::from_u128(1), LimitScope::EachAccount(code));
            let daily = LimitRule::new(id, scope, Side::Debit, Currency::USD, Window::Day);
            let _ = bank.set_limit(&context, daily.with_amount(i64::MAX / 2)).await?;
        }
        let mut accounts = Vec::with_capacity(options.accounts);
        // Far from the floor, which is checked all the same.
        let account =
            NewAccount::new(code, Currency::USD).with_floor(FloorPolicy::Overdraft(i64::MAX / 2));
        while accounts.len() < options.accounts {
            let size = (options.accounts - accounts.len()).min(MAX_BATCH);
            let outcomes = bank.open_accounts(&context, &vec![account.clone(); size]).await?;
            accounts.extend(outcomes.into_iter().map(|outcome| outcome.into_inner()));
        }
        Ok(Self { bank, accounts: Arc::new(accounts), options: options.clone() })
    }

    /// Posts a history in the largest batches.
    pub(crate) async fn fill(&self, transfers: u64) -> Result<()> {
        let mut caller = Caller::new(self, 0, self.accounts.len(), 0)?;
        let mut left = transfers;
        while left > 0 {
            caller.size = usize::try_from(left)?.min(MAX_BATCH);
            caller.call().await?;
            left -= caller.size as u64;
        }
        Ok(())
    }

    /// Where the journal ends.
    pub(crate) async fn position(&self) -> Result<u64> {
        Ok(self.bank.head().await?.position)
    }

    /// Posts with all callers for the time that was asked for. `round` keeps ids apart.
    pub(crate) async fn measure(&self, round: u64) -> Result<Worked> {
        match self.options.callers {
            None => self.on_threads(round),
            Some(callers) => self.in_tasks(round, callers).await,
        }
    }

    /// Threads with accounts of their own, without a runtime: for a store that never waits.
    fn on_threads(&self, round: u64) -> Result<Worked> {
        let share = self.accounts.len() / self.options.threads;
        let mut workers = Vec::new();
        for thread in 0..self.options.threads {
            let seed = round + thread as u64;
            let caller = Caller::new(self, thread * share, share, seed)?;
            workers.push(std::thread::spawn(move || {
                let begun = ThreadTime::now();
                let mut worked = block_on(caller.work(false))?;
                worked.cpu = begun.elapsed().saturating_sub(worked.making);
                Ok::<_, super::Failure>(worked)
            }));
        }
        let mut all = Worked::default();
        for worker in workers {
            all.add(worker.join().map_err(|_| "a thread stopped")??);
        }
        Ok(all)
    }

    /// Tasks that share the runtime and all of the accounts.
    async fn in_tasks(&self, round: u64, callers: usize) -> Result<Worked> {
        let begun = ProcessTime::now();
        let mut tasks = JoinSet::new();
        for task in 0..callers {
            let seed = round + task as u64;
            tasks.spawn(Caller::new(self, 0, self.accounts.len(), seed)?.work(true));
        }
        let mut all = Worked::default();
        while let Some(worked) = tasks.join_next().await {
            all.add(worked??);
        }
        all.cpu = begun.elapsed().saturating_sub(all.making);
        Ok(all)
    }
}

impl Worked {
    fn add(&mut self, other: Self) {
        self.transfers += other.transfers;
        self.calls += other.calls;
        self.repeats += other.repeats;
        self.cpu += other.cpu;
        self.making += other.making;
        self.latencies_us.extend(other.latencies_us);
    }
}

struct Caller {
    bank: Bank,
    context: Context,
    accounts: Arc<Vec<AccountId>>,
    /// Its own part of the accounts.
    first: usize,
    count: usize,
    /// All callers post from the first account of all.
    hot: bool,
    size: usize,
    time: Duration,
    ids: SeededIds,
    random: Random,
    batch: Batch,
    /// The same as orders, if the accounts are customers'.
    orders: Orders,
    customers: bool,
    worked: Worked,
}

impl Caller {
    fn new(load: &Load, first: usize, count: usize, seed: u64) -> Result<Self> {
        let options = &load.options;
        let mut worked = Worked::default();
        let callers = options.callers.unwrap_or(options.threads);
        worked.latencies_us.reserve_exact(MAX_LATENCIES / callers);
        Ok(Self {
            bank: load.bank.clone(),
            context: Context::system("throughput")?,
            accounts: Arc::clone(&load.accounts),
            first,
            count,
            hot: options.hot,
            size: options.batch,
            time: Duration::from_secs_f64(options.seconds),
            ids: SeededIds::new(seed + 1),
            random: Random(0x9e37_79b9 + seed),
            batch: Batch::with_capacity(options.batch),
            orders: Orders::new(),
            customers: options.customers,
            worked,
        })
    }

    /// Tasks let others go first after every call: the memory store never waits, and the first
    /// task would keep the runtime to itself.
    async fn work(mut self, is_task: bool) -> Result<Worked> {
        let started = Instant::now();
        while started.elapsed() < self.time {
            self.call().await?;
            if is_task {
                tokio::task::yield_now().await;
            }
        }
        Ok(self.worked)
    }

    async fn call(&mut self) -> Result<()> {
        self.apart(Self::make);
        let called = Instant::now();
        let mut repeats = 0;
        let refused = loop {
            match self.carry().await {
                Ok(refused) => break refused,
                Err(error) if error.is_transient() && repeats < MAX_REPEATS => repeats += 1,
                Err(error) => return Err(error.into()),
            }
        };
        let latency = called.elapsed().as_secs_f32() * 1e6;
        self.worked.repeats += u64::from(repeats);
        self.apart(|this| {
            if this.worked.latencies_us.len() < this.worked.latencies_us.capacity() {
                this.worked.latencies_us.push(latency);
            }
            this.worked.calls += 1;
            this.worked.transfers += this.size as u64;
        });
        refused.map_or(Ok(()), |refused| Err(refused.into()))
    }

    /// Sends them; the first that was refused.
    async fn carry(&self) -> std::result::Result<Option<Error>, Error> {
        if self.customers {
            let ended = self.bank.carry_out_many(&self.context, &self.orders).await?;
            return Ok(ended.into_iter().find_map(std::result::Result::err));
        }
        let ended = self.bank.post_many(&self.context, &self.batch).await?;
        Ok(ended.into_iter().find_map(std::result::Result::err).map(Error::from))
    }

    /// Counts as making; in small batches, where reading a clock would weigh, it is not measured.
    fn apart<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let begun = (self.size >= 100).then(ThreadTime::now);
        let done = work(self);
        self.worked.making += begun.map_or(Duration::ZERO, |begun| begun.elapsed());
        done
    }

    fn make(&mut self) {
        self.batch.clear();
        self.orders = Orders::with_capacity(if self.customers { self.size } else { 0 });
        // The time in the ids is that of the batch.
        let now = self.bank.moment().now;
        for _ in 0..self.size {
            let transfer = self.transfer(now);
            if self.customers {
                let payer = transfer.legs().first().map(|leg| people::owner_of(leg.account));
                let order = Order::of(transfer);
                self.orders.push(payer.into_iter().fold(order, Order::signed_by));
            } else {
                self.batch.push(transfer);
            }
        }
    }

    fn transfer(&mut self, now: Timestamp) -> NewTransaction {
        let count = self.count as u64;
        let own = self.accounts.get(self.first..self.first + self.count).unwrap_or_default();
        let from = self.random.below(count);
        let to = (from + 1 + self.random.below(count - 1)) % count;
        let (mut from, to) = (own[from as usize], own[to as usize]);
        let hot = self.accounts[0];
        if self.hot && to != hot {
            from = hot;
        }
        let amount = Money::new(1 + self.random.below(10_000) as i64, Currency::USD);
        NewTransaction::transfer(Kind::TRANSFER, from, to, amount)
            .with_id(TransactionId::from_uuid(self.ids.next_id(now)))
    }
}

/// The memory store never waits, so a future is polled until it is ready.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut task = TaskContext::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut task) {
            return output;
        }
    }
}
