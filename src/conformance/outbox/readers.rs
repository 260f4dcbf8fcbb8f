//! Readers that race, die, come late and lose answers, over a store that suspends and fails.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::bank::{Bank, Claim, Context, Error, Start};
use crate::id::{AccountId, HoldId, TransactionId};
use crate::ledger::{
    Instruction, Kind, NewCapture, NewHold, NewRelease, NewTransaction, Subscriber, Worker,
};
use crate::store::Store;
use crate::time::ManualClock;

use super::super::bench::{ALICE, BOB, Bench, CASH, Checked, FEES, Found, SHOP, found, usd};
use super::super::executor::{Caller, Turns, block_on, drive};
use super::super::failing::{Failing, Odds};
use super::super::forward::Shared;
use super::super::races::together;
use super::super::random::Random;
use super::super::simulation::open;
use super::super::yielding::{Yielding, suspend};
use super::verdict::{Log, judge};

const READERS: u64 = 4;
const POSTINGS: u64 = 40;
/// How often anything is tried before it is given up, while nobody else gets on: far more than
/// chance needs. On a busy machine a store may take long over what another does.
const PATIENCE: u32 = 20_000;
const LEASE: Duration = Duration::from_millis(100);
const SIZES: [u16; 6] = [1, 2, 3, 5, 16, 64];

/// What racing readers did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadReport {
    /// The seed.
    pub seed: u64,
    /// The number of partitions.
    pub partitions: u16,
    /// Claims that a reader got.
    pub claims: u64,
    /// Events within them.
    pub delivered: u64,
    /// Events that were delivered again, because a lease was lost.
    pub repeated: u64,
    /// Acknowledgements and renewals that came too late.
    pub lost: u64,
}

/// Plays several readers and a teller over a fresh, empty store: readers stop half way, come late,
/// give back and lose answers, and the store suspends and fails. Every event must be handled in
/// the order of its account, and none twice unless a lease was lost.
///
/// Repeats exactly for a seed. The store must not wait for anything outside: its futures are
/// polled until they are ready. For one that does see [`simulate_readers_waiting`].
///
/// # Errors
/// What was found, with the seed.
pub fn simulate_readers(seed: u64, store: impl Store) -> Result<ReadReport, String> {
    block_on(play(seed, Shared::new(store), Turns::AtOnce))
        .and_then(|played| played)
        .map_err(|Found(what)| format!("seed {seed}: {what}"))
}

/// The same for a store that waits for a disk or a server, on the executor that it needs. A seed
/// need not repeat exactly.
///
/// # Errors
/// As of [`simulate_readers`].
pub async fn simulate_readers_waiting(seed: u64, store: impl Store) -> Result<ReadReport, String> {
    let played = play(seed, Shared::new(store), Turns::WhenWoken).await;
    played.map_err(|Found(what)| format!("seed {seed}: {what}"))
}

async fn play(seed: u64, store: Shared, turns: Turns) -> Checked<ReadReport> {
    let bench = Bench::open(store).await?;
    let crew = Crew::hire(&bench, seed).await?;
    let _ = drive(crew.calls, Random::new(seed), turns).await?;
    let log = std::mem::take(&mut *locked(&crew.log));
    judge(&bench, crew.subscriber, seed, &log).await
}

/// The same with whatever executor the suite runs on.
pub(super) async fn race(bench: Bench) -> Checked {
    for seed in 0..2 {
        let crew = Crew::hire(&bench, seed).await?;
        together(crew.calls).await?;
        let log = std::mem::take(&mut *locked(&crew.log));
        judge(&bench, crew.subscriber, seed, &log).await?;
    }
    Ok(())
}

pub(super) fn locked(log: &Mutex<Log>) -> MutexGuard<'_, Log> {
    log.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Readers, each with a bank of its own as in processes of their own, and a teller.
struct Crew {
    subscriber: Subscriber,
    calls: Vec<Caller<u32>>,
    log: Arc<Mutex<Log>>,
}

impl Crew {
    async fn hire(bench: &Bench, seed: u64) -> Checked<Self> {
        let subscriber = Subscriber::new(&format!("readers-{seed}"))?;
        let partitions = Random::new(seed).pick(&SIZES, 4);
        let (bank, context) = (&bench.bank, bench.context.clone());
        let _ = bank.subscribe(&context, subscriber, partitions, Start::Beginning).await?;
        let log = Arc::new(Mutex::new(Log::default()));
        let (posted, steps) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let mut calls: Vec<Caller<u32>> = Vec::new();
        for number in 0..=READERS {
            let store = Yielding::new(Failing::new(
                bench.store.clone(),
                seed.wrapping_mul(97).wrapping_add(number),
                Odds::BAD_DAY,
            ));
            let one = One {
                bank: open(bench, seed.wrapping_mul(1_000).wrapping_add(number), &store).await?,
                clock: Arc::clone(&bench.clock),
                context: context.clone(),
                random: Random::new(seed.wrapping_mul(31).wrapping_add(number)),
                subscriber,
                worker: Worker::new(&format!("reader-{number}"))?,
                log: Arc::clone(&log),
                posted: Arc::clone(&posted),
                steps: Arc::clone(&steps),
            };
            let first = u128::from(seed).wrapping_mul(1 << 20).wrapping_add(0xa000_0000_0000);
            calls.push(match number {
                READERS => Box::pin(one.post(first)),
                _ => Box::pin(one.read()),
            });
        }
        Ok(Self { subscriber, calls, log })
    }
}

/// A reader, or the teller.
struct One {
    bank: Bank,
    clock: Arc<ManualClock>,
    context: Context,
    random: Random,
    subscriber: Subscriber,
    worker: Worker,
    log: Arc<Mutex<Log>>,
    posted: Arc<AtomicU64>,
    /// Grows whenever anybody gets on.
    steps: Arc<AtomicU64>,
}

impl One {
    /// Posts, places, captures and releases while the others read.
    async fn post(mut self, first: u128) -> Checked<u32> {
        let pool: [AccountId; 5] = [ALICE, BOB, SHOP, FEES, CASH];
        let mut hold: Option<HoldId> = None;
        for number in 0..POSTINGS {
            let id = first.wrapping_add(u128::from(number));
            let transaction = TransactionId::from_u128(id);
            let credit = self.random.pick(&pool, BOB);
            let debit = if credit == CASH { FEES } else { CASH };
            let instruction: Instruction = match (self.random.below(4), hold.take()) {
                (0, None) => {
                    let new = NewHold::transfer(Kind::PAYMENT, CASH, credit, usd(5));
                    let own = (credit != CASH).then(|| HoldId::from_u128(id));
                    hold = own;
                    new.with_id(own.unwrap_or_else(|| HoldId::from_u128(id))).into()
                }
                (1, Some(open)) => NewRelease::new(open).with_id(transaction).into(),
                (2, Some(open)) => {
                    let part = NewCapture::amount(Kind::PAYMENT, open, usd(2));
                    part.with_id(transaction).into()
                }
                (_, open) => {
                    hold = open;
                    let new = NewTransaction::transfer(Kind::TRANSFER, debit, credit, usd(1));
                    new.with_id(transaction).into()
                }
            };
            self.instruct(instruction).await?;
            self.steps.fetch_add(1, Ordering::SeqCst);
            for _ in 0..self.random.below(12) {
                suspend().await;
            }
        }
        self.posted.store(1, Ordering::SeqCst);
        Ok(0)
    }

    async fn instruct(&self, instruction: Instruction) -> Checked {
        for _ in 0..PATIENCE {
            match self.bank.instruct(&self.context, instruction.clone()).await {
                Ok(_) | Err(Error::Refused(_)) => return Ok(()),
                Err(error) if error.is_transient() => suspend().await,
                Err(error) => return Err(error.into()),
            }
        }
        Err(found("the teller got no answer"))
    }

    async fn read(mut self) -> Checked<u32> {
        let (mut left, mut known) = (PATIENCE, 0);
        while left > 0 {
            let steps = self.steps.load(Ordering::SeqCst);
            left = if steps == known { left.saturating_sub(1) } else { PATIENCE };
            known = steps;
            let pause = i64::try_from(self.random.below(20)).unwrap_or(0);
            self.clock.advance(chrono::Duration::milliseconds(pause));
            let limit = self.random.below(6).saturating_add(1);
            let (bank, context) = (self.bank.clone(), self.context.clone());
            match bank.claim(&context, self.subscriber, &self.worker, LEASE, limit).await {
                Ok(Some(claim)) => {
                    locked(&self.log).claimed(&claim, bank.moment().now);
                    self.handle(&claim).await?;
                }
                Ok(None) => {
                    suspend().await;
                    if self.posted.load(Ordering::SeqCst) == 1 && self.is_done().await? {
                        return Ok(1);
                    }
                }
                Err(error) if error.is_transient() => suspend().await,
                Err(error) => return Err(error.into()),
            }
        }
        Err(found("a reader does not come to an end"))
    }

    async fn is_done(&self) -> Checked<bool> {
        match self.bank.subscription(self.subscriber).await {
            Ok(subscription) => Ok(subscription.lag() == 0),
            Err(error) if error.is_transient() => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Handles a claim, in one of the ways in which readers do.
    async fn handle(&mut self, claim: &Claim) -> Checked {
        let habit = self.random.below(10);
        let stop = match habit {
            0 => 0,
            1 | 2 => self.random.below(claim.events.len().saturating_add(1)),
            _ => claim.events.len(),
        };
        for event in claim.events.iter().take(stop) {
            suspend().await;
            locked(&self.log).handled(event);
            self.steps.fetch_add(1, Ordering::SeqCst);
            if matches!(habit, 1 | 3) && !self.ack(claim, event.position()).await? {
                return Ok(());
            }
            if habit == 4 {
                self.renew(claim).await?;
            }
        }
        match habit {
            // It died.
            0 | 1 => return Ok(()),
            2 => return self.give_back(claim).await,
            // It slept, and comes late.
            5 => {
                for _ in 0..self.random.below(30) {
                    self.clock.advance(chrono::Duration::milliseconds(10));
                    suspend().await;
                }
            }
            _ => {}
        }
        self.ack(claim, claim.through).await?;
        Ok(())
    }

    /// Repeats an acknowledgement until there is an answer: whether the lease still stands.
    async fn ack(&self, claim: &Claim, through: u64) -> Checked<bool> {
        if through == claim.through {
            locked(&self.log).given_back(claim);
        }
        for _ in 0..PATIENCE {
            match self.bank.ack(&self.context, claim, through).await {
                Ok(()) => {
                    locked(&self.log).acknowledged(claim, through);
                    return Ok(true);
                }
                Err(error) if error.code() == "lease_lost" => {
                    locked(&self.log).lost();
                    return Ok(false);
                }
                Err(error) if error.is_transient() => suspend().await,
                Err(error) => return Err(error.into()),
            }
        }
        Err(found("a reader got no answer"))
    }

    async fn renew(&self, claim: &Claim) -> Checked {
        match self.bank.renew_lease(&self.context, claim, LEASE).await {
            Ok(until) => locked(&self.log).renewed(claim, until),
            Err(error) if error.code() == "lease_lost" => locked(&self.log).lost(),
            Err(error) if error.is_transient() => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    async fn give_back(&self, claim: &Claim) -> Checked {
        locked(&self.log).given_back(claim);
        match self.bank.release_lease(&self.context, claim).await {
            Err(error) if error.code() != "lease_lost" && !error.is_transient() => {
                Err(error.into())
            }
            _ => Ok(()),
        }
    }
}
