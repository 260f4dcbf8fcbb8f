//! Random callers, by seed, over a store that suspends before every call and fails by chance.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::Duration;

use crate::bank::{Bank, Context, Error, GroupCommit, ItemOutcome};
use crate::id::{AccountId, HoldId, SeededIds, TransactionId};
use crate::ledger::query::{AccountQuery, MAX_PAGE};
use crate::ledger::{
    AccountChange, Batch, Block, IdempotencyKey, Instruction, Kind, NewCapture, NewHold,
    NewRelease, NewReversal, NewTransaction, Outcome, Subject,
};
use crate::store::Store;
use crate::time::ManualClock;

use super::audit::{Tally, audit};
use super::bench::{ALICE, BOB, Bench, CASH, Checked, FEES, Found, SHOP, ensure, found, same, usd};
use super::executor::{Caller, Turns, block_on, drive};
use super::failing::{Failing, Odds};
use super::forward::Shared;
use super::random::Random;
use super::yielding::{Yielding, suspend};

const CALLERS: u64 = 6;
const REQUESTS: u64 = 14;
/// How often a caller repeats a request before it gives up: far more than chance needs.
const PATIENCE: u32 = 2_000;
const POOL: [AccountId; 5] = [ALICE, BOB, SHOP, CASH, FEES];

/// What a simulation did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SimReport {
    /// The seed.
    pub seed: u64,
    /// How often a caller was polled.
    pub polls: u64,
    /// Instructions that took effect.
    pub applied: u64,
    /// Instructions that turned out to have taken effect in an earlier try.
    pub replayed: u64,
    /// Instructions that were refused.
    pub refused: u64,
    /// Tries that ended in a transient fault of the store and were repeated.
    pub repeated: u64,
    /// Records of the journal at the end.
    pub records: u64,
    /// Entries at the end.
    pub entries: u64,
}

/// Plays several callers over a fresh, empty store and audits the books.
///
/// Everything happens on this thread, in an order that the seed decides, so that a seed that fails
/// fails again. Each caller repeats a request under the same id until it gets an answer. The store
/// must not wait for anything outside: its futures are polled until they are ready. For one that
/// does see [`simulate_waiting`].
///
/// # Errors
/// What was found, with the seed.
pub fn simulate(seed: u64, store: impl Store) -> Result<SimReport, String> {
    block_on(play(seed, Shared::new(store), Turns::AtOnce))
        .and_then(|played| played)
        .map_err(|Found(what)| format!("seed {seed}: {what}"))
}

/// The same for a store that waits for a disk or a server, on the executor that it needs. How
/// callers interleave depends on their answers too, so that a seed need not repeat exactly.
///
/// # Errors
/// As of [`simulate`].
pub async fn simulate_waiting(seed: u64, store: impl Store) -> Result<SimReport, String> {
    let played = play(seed, Shared::new(store), Turns::WhenWoken).await;
    played.map_err(|Found(what)| format!("seed {seed}: {what}"))
}

async fn play(seed: u64, store: Shared, turns: Turns) -> Checked<SimReport> {
    let bench = Bench::open(store.clone()).await?;
    fund(&bench).await?;
    let harsh = Yielding::new(Failing::new(store, seed, Odds::BAD_DAY));
    let bank = open(&bench, seed, &harsh).await?;
    let mut callers: Vec<Caller<Log>> = Vec::new();
    for number in 0..CALLERS {
        let mut random = Random::new(seed.wrapping_mul(31).wrapping_add(number));
        let _ = random.next();
        let teller = Teller {
            number,
            bank: bank.clone(),
            clock: Arc::<ManualClock>::clone(&bench.clock),
            context: bench.context.clone(),
            random,
            requests: 0,
            known: Vec::new(),
            holds: Vec::new(),
            log: Log::default(),
        };
        callers.push(Box::pin(teller.work()));
    }
    let (logs, polls) = drive(callers, Random::new(seed), turns).await?;
    let tally = audit(&bench.bank).await?;
    floors(&bench.bank, &tally).await?;
    judge(seed, polls, &logs, &tally)
}

/// Two seeds in three play with group commit, one of them with two rounds in flight.
fn group_commit(seed: u64) -> Checked<Option<GroupCommit>> {
    let small = GroupCommit::new().with_max_items(5)?.with_queue(3)?;
    Ok(match seed.checked_rem(3) {
        Some(1) => Some(small),
        Some(2) => Some(small.with_rounds_in_flight(2)?.with_linger(1)?),
        _ => None,
    })
}

/// Opening a bank reads the store too, and is repeated like everything else.
pub(super) async fn open(
    bench: &Bench,
    seed: u64,
    store: &Yielding<Failing<Shared>>,
) -> Checked<Bank> {
    for _ in 0..PATIENCE {
        let clock: Arc<ManualClock> = Arc::clone(&bench.clock);
        let builder = Bank::builder(store.clone()).shared_clock(clock);
        let builder = match group_commit(seed)? {
            Some(options) => builder.group_commit(options),
            None => builder,
        };
        match builder.ids(SeededIds::new(seed ^ 0x51)).open().await {
            Err(error) if error.is_transient() => suspend().await,
            opened => return Ok(opened?),
        }
    }
    Err(found("the bank does not open"))
}

async fn fund(bench: &Bench) -> Checked {
    for account in [ALICE, BOB, SHOP] {
        bench.fund(account, 5_000).await?;
    }
    Ok(())
}

/// What a caller was told.
#[derive(Debug, Default)]
struct Log {
    posted: Vec<TransactionId>,
    placed: Vec<HoldId>,
    released: Vec<TransactionId>,
    /// Ids that were refused and never asked for again: they must not be there.
    refused: Vec<Instruction>,
    applied: u64,
    replayed: u64,
    repeated: u64,
}

struct Teller {
    number: u64,
    bank: Bank,
    clock: Arc<ManualClock>,
    context: Context,
    random: Random,
    requests: u64,
    known: Vec<TransactionId>,
    holds: Vec<HoldId>,
    log: Log,
}

impl Teller {
    async fn work(mut self) -> Checked<Log> {
        for _ in 0..REQUESTS {
            match self.random.below(12) {
                0 => self.change().await?,
                1 => self.expire().await?,
                2..=4 => {
                    let batch = self.batch();
                    self.submit(&batch).await?;
                }
                _ => {
                    let instruction = self.instruction();
                    self.submit(&Batch::from_iter([instruction])).await?;
                }
            }
            self.clock.advance(Duration::milliseconds(20));
        }
        Ok(self.log)
    }

    /// An id that no other request has: the caller, then a number.
    fn fresh(&mut self) -> u128 {
        self.requests = self.requests.saturating_add(1);
        let caller = u128::from(self.number.saturating_add(1)) << 32;
        0x9000_0000_0000_0000_u128.saturating_add(caller).saturating_add(u128::from(self.requests))
    }

    fn two(&mut self) -> (AccountId, AccountId) {
        let debit = self.random.pick(&POOL, CASH);
        let others: Vec<AccountId> = POOL.into_iter().filter(|one| *one != debit).collect();
        (debit, self.random.pick(&others, FEES))
    }

    fn instruction(&mut self) -> Instruction {
        let id = TransactionId::from_u128(self.fresh());
        let (debit, credit) = self.two();
        let money = usd(i64::try_from(self.random.below(900)).unwrap_or(0).saturating_add(1));
        let hold = self.holds.get(self.random.below(self.holds.len())).copied();
        let known = self.known.get(self.random.below(self.known.len())).copied();
        match (self.random.below(10), hold, known) {
            (0 | 1, ..) => {
                let hold = NewHold::transfer(Kind::PAYMENT, debit, credit, money);
                let hold = hold.with_id(HoldId::from_u128(id.as_u128()));
                let now = self.bank.moment().now;
                match self.random.below(2) {
                    0 => hold.expiring_at(now.saturating_add_nanos(100_000_000)).into(),
                    _ => hold.into(),
                }
            }
            (2, Some(hold), _) => NewCapture::rest(Kind::PAYMENT, hold).with_id(id).into(),
            (3, Some(hold), _) => {
                NewCapture::amount(Kind::PAYMENT, hold, usd(7)).keeping_rest().with_id(id).into()
            }
            (4, Some(hold), _) => NewRelease::new(hold).with_id(id).into(),
            (5, _, Some(known)) => NewReversal::new(known).with_id(id).into(),
            _ => NewTransaction::transfer(Kind::TRANSFER, debit, credit, money).with_id(id).into(),
        }
    }

    fn batch(&mut self) -> Batch {
        let mut batch = Batch::new();
        for _ in 0..self.random.below(3) {
            batch.push(self.instruction());
        }
        let group: Vec<Instruction> =
            (0..=self.random.below(3)).map(|_| self.instruction()).collect();
        batch.push_group(group);
        batch
    }

    /// Repeats a batch under its ids until there is an answer.
    async fn submit(&mut self, batch: &Batch) -> Checked {
        for _ in 0..PATIENCE {
            match self.bank.post_many(&self.context, batch).await {
                Ok(outcomes) => {
                    same(outcomes.len(), batch.len(), "outcomes of a batch")?;
                    for (instruction, outcome) in batch.instructions().iter().zip(&outcomes) {
                        self.note(instruction, outcome);
                    }
                    return Ok(());
                }
                Err(Error::Store(error)) if error.is_transient() => self.wait().await,
                Err(error) => return Err(error.into()),
            }
        }
        Err(found("a caller got no answer"))
    }

    async fn wait(&mut self) {
        self.log.repeated = self.log.repeated.saturating_add(1);
        suspend().await;
    }

    fn note(&mut self, instruction: &Instruction, outcome: &ItemOutcome) {
        let receipt = match outcome {
            Err(_) => return self.log.refused.push(instruction.clone()),
            Ok(Outcome::Applied(receipt)) => {
                self.log.applied = self.log.applied.saturating_add(1);
                receipt
            }
            Ok(Outcome::Replayed(receipt)) => {
                self.log.replayed = self.log.replayed.saturating_add(1);
                receipt
            }
        };
        match (receipt.subject, instruction) {
            (Subject::Transaction(id), _) => {
                self.known.push(id);
                self.log.posted.push(id);
            }
            (Subject::Hold(_), Instruction::Release(release)) => {
                self.log.released.extend(release.id);
            }
            (Subject::Hold(id), _) => {
                self.holds.push(id);
                self.log.placed.push(id);
            }
        }
    }

    /// Blocks, closes and opens, under a key, until there is an answer.
    async fn change(&mut self) -> Checked {
        let changes = [
            AccountChange::Block(Block::Debits),
            AccountChange::Block(Block::None),
            AccountChange::Block(Block::None),
            AccountChange::Close,
            AccountChange::Reopen,
            AccountChange::Reopen,
        ];
        let account = self.random.pick(&[ALICE, BOB, SHOP], BOB);
        let change = self.random.pick(&changes, AccountChange::Reopen);
        let fresh = self.fresh();
        let key = IdempotencyKey::new(&format!("change-{fresh:x}"))?;
        let context = self.context.clone().with_idempotency_key(key);
        for _ in 0..PATIENCE {
            match self.bank.change_account(&context, account, change).await {
                Ok(_) | Err(Error::Refused(_)) => return Ok(()),
                Err(Error::Store(error)) if error.is_transient() => self.wait().await,
                Err(error) => return Err(error.into()),
            }
        }
        Err(found("a caller got no answer"))
    }

    async fn expire(&mut self) -> Checked {
        for _ in 0..PATIENCE {
            match self.bank.expire_holds(&self.context, 3).await {
                Ok(_) => return Ok(()),
                Err(Error::Store(error)) if error.is_transient() => self.wait().await,
                Err(error) => return Err(error.into()),
            }
        }
        Err(found("a caller got no answer"))
    }
}

/// No account is below its floor, and none ever was.
async fn floors(bank: &Bank, tally: &Tally) -> Checked {
    for account in bank.accounts(&AccountQuery::new(), MAX_PAGE, None).await?.items {
        let Some(least) = account.state.floor.minimum() else { continue };
        let normal = account.state.class.normal_side();
        let available = account.state.balance.available(normal);
        let lowest = tally.lowest(account.id());
        let kept = available >= i128::from(least) && lowest >= least;
        ensure(kept, format!("floor of {}: {available} now, {lowest} once", account.id()))?;
    }
    Ok(())
}

/// Everything acknowledged is there once, and nothing that was refused.
fn judge(seed: u64, polls: u64, logs: &[Log], tally: &Tally) -> Checked<SimReport> {
    let mut report = SimReport { seed, polls, ..SimReport::default() };
    (report.records, report.entries) = (tally.records, tally.entries);
    for log in logs {
        report.applied = report.applied.saturating_add(log.applied);
        report.replayed = report.replayed.saturating_add(log.replayed);
        report.repeated = report.repeated.saturating_add(log.repeated);
        let refused = u64::try_from(log.refused.len()).unwrap_or(u64::MAX);
        report.refused = report.refused.saturating_add(refused);
        for id in log.posted.iter().collect::<HashSet<_>>() {
            same(tally.transactions.get(id), Some(&1), format!("times that {id} was posted"))?;
        }
        for id in log.placed.iter().collect::<HashSet<_>>() {
            same(tally.holds.get(id), Some(&1), format!("times that {id} was placed"))?;
        }
        for id in &log.released {
            same(tally.releases.get(id), Some(&1), format!("times that {id} released"))?;
        }
        for refused in &log.refused {
            let there = match refused {
                Instruction::Post(new) => new.id.and_then(|id| tally.transactions.get(&id)),
                Instruction::Capture(new) => new.id.and_then(|id| tally.transactions.get(&id)),
                Instruction::Reverse(new) => new.id.and_then(|id| tally.transactions.get(&id)),
                Instruction::Hold(new) => new.id.and_then(|id| tally.holds.get(&id)),
                Instruction::Release(new) => new.id.and_then(|id| tally.releases.get(&id)),
            };
            same(there, None, format!("what was refused stands in the journal: {refused:?}"))?;
        }
    }
    let twice = tally.transactions.values().chain(tally.holds.values()).any(|times| *times != 1);
    ensure(!twice, "an id stands in the journal twice")?;
    Ok(report)
}
