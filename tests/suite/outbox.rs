//! Readers of the journal: random interleavings against a model, threads, and who may.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use corebank::bank::{Action, Bank, Claim, Context, Denied, Error, Event, Policy, Start};
use corebank::id::{AccountId, SeededIds};
use corebank::ledger::outbox::{MAX_PARTITIONS, Mark, partition_of};
use corebank::ledger::{
    AccountClass, Batch, ChartCode, ChartNode, Kind, NewAccount, NewTransaction, Subscriber, Text,
    Worker,
};
use corebank::money::{Currency, Money};
use corebank::store::Store;
use corebank::store::memory::MemoryStore;
use corebank::time::{ManualClock, Timestamp};
use proptest::prelude::*;

const ACCOUNTS: u128 = 6;

fn context() -> Context {
    Context::system("outbox").unwrap()
}

fn webhooks() -> Subscriber {
    Subscriber::new("webhooks").unwrap()
}

fn worker(number: usize) -> Worker {
    Worker::new(&format!("worker-{number}")).unwrap()
}

fn account(number: u128) -> AccountId {
    AccountId::from_u128(0x0ac0_0000 + number)
}

fn transfer(debit: AccountId, credit: AccountId) -> NewTransaction {
    NewTransaction::transfer(Kind::TRANSFER, debit, credit, Money::new(1, Currency::USD))
}

/// Polls until it is ready: the memory store waits for nothing but other threads.
fn now<F: Future>(future: F) -> F::Output {
    let mut task = std::task::Context::from_waker(std::task::Waker::noop());
    let mut future = std::pin::pin!(future);
    loop {
        if let std::task::Poll::Ready(output) = future.as_mut().poll(&mut task) {
            return output;
        }
    }
}

fn claim(bank: &Bank, number: usize, limit: usize) -> Result<Option<Claim>, Error> {
    now(bank.claim(&context(), webhooks(), &worker(number), LEASE, limit))
}

fn open(store: &MemoryStore, clock: &Arc<ManualClock>, seed: u64) -> Bank {
    let builder = Bank::builder(store.clone()).shared_clock(clock.clone());
    now(builder.ids(SeededIds::new(seed)).open()).unwrap()
}

/// A bank with an unbounded account for each number, so that everything posts.
fn filled(store: &MemoryStore, clock: &Arc<ManualClock>) -> Bank {
    let bank = open(store, clock, 1);
    let code = ChartCode::new("1000").unwrap();
    let node = ChartNode::new(code, AccountClass::Asset, None, Text::new("Cash").unwrap());
    let _ = now(bank.define_chart(&context(), &[node])).unwrap();
    let new = |number| NewAccount::new(code, Currency::USD).with_id(account(number));
    let new: Vec<NewAccount> = (0..ACCOUNTS).map(new).collect();
    let _ = now(bank.open_accounts(&context(), &new)).unwrap();
    bank
}

fn places(claim: &Claim) -> Vec<u64> {
    claim.events.iter().map(Event::position).collect()
}

// ---- against a model

#[derive(Debug, Clone)]
enum Step {
    Post(u128, u128),
    /// A worker claims up to so many.
    Claim(usize, usize),
    /// The claim picked is acknowledged through its event picked.
    AckPart(prop::sample::Index, prop::sample::Index),
    AckAll(prop::sample::Index),
    Release(prop::sample::Index),
    Renew(prop::sample::Index),
    Advance(i64),
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let any = any::<prop::sample::Index>;
    prop_oneof![
        5 => (0..ACCOUNTS, 1..ACCOUNTS).prop_map(|(a, by)| Step::Post(a, (a + by) % ACCOUNTS)),
        5 => (0..3_usize, 1..5_usize).prop_map(|(worker, limit)| Step::Claim(worker, limit)),
        2 => (any(), any()).prop_map(|(claim, event)| Step::AckPart(claim, event)),
        3 => any().prop_map(Step::AckAll),
        1 => any().prop_map(Step::Release),
        1 => any().prop_map(Step::Renew),
        2 => (1..80_i64).prop_map(Step::Advance),
        1 => Just(Step::Reopen),
    ]
}

/// A lease of 100 milliseconds.
const LEASE: Duration = Duration::from_millis(100);
const LEASE_NANOS: i64 = 100_000_000;

#[derive(Debug, Clone, Copy, Default)]
struct Partition {
    acknowledged: u64,
    /// The claim that took it last.
    taken_by: Option<usize>,
    /// When its lease runs out; none when it was given back.
    until: Option<Timestamp>,
}

struct Model {
    /// The present by the clock of the bank.
    now: Timestamp,
    partitions: Vec<Partition>,
    /// Every record, with the partitions that it concerns.
    journal: Vec<(u64, BTreeSet<usize>)>,
    claims: Vec<Claim>,
    delivered: BTreeMap<(usize, u64), u32>,
}

impl Model {
    fn pending(&self, partition: usize) -> Vec<u64> {
        let after = self.partitions[partition].acknowledged;
        let own = self.journal.iter().filter(|(_, of)| of.contains(&partition));
        own.map(|(place, _)| *place).filter(|place| *place > after).collect()
    }

    fn is_free(&self, partition: usize) -> bool {
        self.partitions[partition].until.is_none_or(|until| until <= self.now)
    }

    fn claimed(&mut self, claim: Option<Claim>, limit: usize) {
        let Some(claim) = claim else {
            for partition in 0..self.partitions.len() {
                let due = self.is_free(partition) && !self.pending(partition).is_empty();
                assert!(!due, "partition {partition} was due and nobody got it");
            }
            return;
        };
        let at = usize::from(claim.partition);
        assert!(self.is_free(at), "partition {at} was taken out of a lease");
        let pending = self.pending(at);
        let first: Vec<u64> = pending.iter().copied().take(limit).collect();
        assert_eq!(places(&claim), first, "the first events of partition {at}");
        assert!(claim.through >= *first.last().unwrap());
        assert!(pending.get(limit).is_none_or(|next| claim.through < *next), "read too far");
        for event in &claim.events {
            let own = |one: &AccountId| usize::from(partition_of(*one, self.size())) == at;
            assert!(event.accounts.iter().all(own));
            assert_eq!(
                event.accounts.is_empty(),
                event.record.entries().is_empty() && {
                    !matches!(&event.record, corebank::ledger::Record::Operation(done)
                    if matches!(done.operation, corebank::ledger::Operation::AccountOpened { .. }))
                }
            );
            *self.delivered.entry((at, event.position())).or_default() += 1;
        }
        let before = self.claims.iter().filter(|one| one.partition == claim.partition);
        assert!(before.into_iter().all(|one| one.fence < claim.fence), "the fence grows");
        self.partitions[at].taken_by = Some(self.claims.len());
        self.partitions[at].until = Some(claim.until);
        assert_eq!(claim.until, self.now.saturating_add_nanos(LEASE_NANOS));
        self.claims.push(claim);
    }

    fn size(&self) -> u16 {
        u16::try_from(self.partitions.len()).unwrap()
    }

    /// What an acknowledgement must answer, and what it does.
    fn acknowledged(&mut self, picked: usize, through: u64) -> Result<(), &'static str> {
        let claim = &self.claims[picked];
        let mark = &mut self.partitions[usize::from(claim.partition)];
        if mark.taken_by != Some(picked) || (mark.until.is_none() && mark.acknowledged < through) {
            return Err("lease_lost");
        }
        if mark.acknowledged < through {
            mark.acknowledged = through;
            if through == claim.through {
                mark.until = None;
            }
        }
        Ok(())
    }

    fn released(&mut self, picked: usize) -> Result<(), &'static str> {
        let mark = &mut self.partitions[usize::from(self.claims[picked].partition)];
        if mark.taken_by != Some(picked) {
            return Err("lease_lost");
        }
        mark.until = None;
        Ok(())
    }

    fn renewed(&mut self, picked: usize) -> Result<(), &'static str> {
        let until = self.now.saturating_add_nanos(LEASE_NANOS);
        let mark = &mut self.partitions[usize::from(self.claims[picked].partition)];
        if mark.taken_by != Some(picked) || mark.until.is_none() {
            return Err("lease_lost");
        }
        mark.until = Some(until);
        Ok(())
    }
}

fn told<T>(result: Result<T, Error>) -> Result<(), &'static str> {
    result.map(drop).map_err(|error| error.code())
}

fn play(partitions: u16, steps: Vec<Step>) {
    let store = MemoryStore::new();
    let clock = Arc::new(ManualClock::new("2026-03-02T10:00:00Z".parse().unwrap()));
    let mut bank = filled(&store, &clock);
    let _ = now(bank.subscribe(&context(), webhooks(), partitions, Start::Beginning)).unwrap();
    let whose = |accounts: &[AccountId]| -> BTreeSet<usize> {
        accounts.iter().map(|one| usize::from(partition_of(*one, partitions))).collect()
    };
    let opened = (0..ACCOUNTS).map(|number| (number as u64 + 2, whose(&[account(number)])));
    let mut model = Model {
        now: bank.moment().now,
        partitions: vec![Partition::default(); usize::from(partitions)],
        journal: std::iter::once((1, BTreeSet::from([0]))).chain(opened).collect(),
        claims: Vec::new(),
        delivered: BTreeMap::new(),
    };
    for (number, step) in steps.into_iter().enumerate() {
        model.now = bank.moment().now;
        let picked = |index: prop::sample::Index, model: &Model| {
            (!model.claims.is_empty()).then(|| index.index(model.claims.len()))
        };
        match step {
            Step::Post(debit, credit) => {
                let (debit, credit) = (account(debit), account(credit));
                let receipt = now(bank.post(&context(), transfer(debit, credit))).unwrap();
                model.journal.push((receipt.into_inner().position, whose(&[debit, credit])));
            }
            Step::Claim(number, limit) => {
                model.claimed(claim(&bank, number, limit).unwrap(), limit);
            }
            Step::AckPart(claim, event) => {
                let Some(at) = picked(claim, &model) else { continue };
                let claim = model.claims[at].clone();
                let through = places(&claim)[event.index(claim.events.len())];
                let answer = told(now(bank.ack(&context(), &claim, through)));
                assert_eq!(answer, model.acknowledged(at, through));
            }
            Step::AckAll(claim) => {
                let Some(at) = picked(claim, &model) else { continue };
                let claim = model.claims[at].clone();
                let answer = told(now(bank.ack(&context(), &claim, claim.through)));
                assert_eq!(answer, model.acknowledged(at, claim.through));
            }
            Step::Release(claim) => {
                let Some(at) = picked(claim, &model) else { continue };
                let answer = told(now(bank.release_lease(&context(), &model.claims[at])));
                assert_eq!(answer, model.released(at));
            }
            Step::Renew(claim) => {
                let Some(at) = picked(claim, &model) else { continue };
                let answer = told(now(bank.renew_lease(&context(), &model.claims[at], LEASE)));
                assert_eq!(answer, model.renewed(at));
            }
            Step::Advance(millis) => {
                clock.advance(chrono::Duration::milliseconds(millis));
            }
            Step::Reopen => bank = open(&store, &clock, 100 + number as u64),
        }
        let marks = now(bank.subscription(webhooks())).unwrap().marks;
        for (at, mark) in marks.iter().enumerate() {
            let known = model.partitions[at];
            assert_eq!(mark.until, known.until);
            // Where there is nothing for a partition its mark moves on by itself, past nothing.
            assert!(mark.acknowledged >= known.acknowledged, "it went back");
            let skipped = model.pending(at).iter().any(|place| *place <= mark.acknowledged);
            assert!(!skipped, "it moved past an event that nobody acknowledged");
            model.partitions[at].acknowledged = mark.acknowledged;
        }
    }
    // Everybody dies; one comes and reads the rest.
    clock.advance(chrono::Duration::seconds(1));
    model.now = bank.moment().now;
    while let Some(claim) = claim(&bank, 9, 3).unwrap() {
        let through = claim.through;
        model.claimed(Some(claim), 3);
        let at = model.claims.len() - 1;
        let answer = told(now(bank.ack(&context(), &model.claims[at], through)));
        assert_eq!(answer, model.acknowledged(at, through));
    }
    assert_eq!(now(bank.subscription(webhooks())).unwrap().lag(), 0);
    for (place, of) in &model.journal {
        for partition in of {
            assert!(model.delivered.contains_key(&(*partition, *place)), "{place} was missed");
        }
    }
    let expected: usize = model.journal.iter().map(|(_, of)| of.len()).sum();
    assert_eq!(model.delivered.len(), expected, "nobody got what is not his");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_interleaving_of_workers_agrees_with_the_model(
        partitions in prop_oneof![Just(1_u16), Just(2), Just(3), Just(8), Just(64)],
        steps in prop::collection::vec(step(), 1..120),
    ) {
        play(partitions, steps);
    }

    #[test]
    fn a_partition_is_within_bounds_and_spread(seed: u64, partitions in 1..=MAX_PARTITIONS) {
        let ids = (0..640_u128).map(|n| AccountId::from_u128((u128::from(seed) << 64) + n));
        let mut counts = vec![0_u32; usize::from(partitions)];
        ids.for_each(|id| counts[usize::from(partition_of(id, partitions))] += 1);
        let fair = 640 / u32::from(partitions);
        prop_assert!(counts.iter().all(|count| *count <= fair * 3 + 16), "{counts:?}");
    }
}

/// The hash is written down, because marks that are stored rely on it for ever.
#[test]
fn the_partition_of_an_account_never_changes() {
    // First eight bytes of the SHA-256 of the id, from another program.
    let known = [
        (0x1, 8_952_255_631_054_521_211_u64),
        (0x1001, 13_223_787_530_403_865_992),
        (0x2001, 15_220_559_140_809_361_042),
        (0x2002, 4_469_537_081_783_570_904),
        (0x2003, 9_936_274_098_281_810_853),
    ];
    for (id, number) in known {
        for partitions in 1..=MAX_PARTITIONS {
            let expected = number % u64::from(partitions);
            assert_eq!(u64::from(partition_of(AccountId::from_u128(id), partitions)), expected);
        }
    }
}

// ---- at once

#[test]
fn threads_that_read_and_post_at_once_handle_everything_once() {
    let store = MemoryStore::new();
    let clock = Arc::new(ManualClock::new("2026-03-02T10:00:00Z".parse().unwrap()));
    let bank = filled(&store, &clock);
    let _ = now(bank.subscribe(&context(), webhooks(), 8, Start::Now)).unwrap();
    let before = now(bank.head()).unwrap().position;
    let handled = std::sync::Mutex::new(Vec::<(AccountId, u64)>::new());
    const POSTINGS: u64 = 600;
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for n in 0..POSTINGS / 2 {
                    let debit = u128::from(n) % ACCOUNTS;
                    let credit = (debit + 1 + u128::from(n * 7) % (ACCOUNTS - 1)) % ACCOUNTS;
                    let new = transfer(account(debit), account(credit));
                    let _ = now(bank.post(&context(), new)).unwrap();
                }
            });
        }
        for number in 0..4 {
            let (store, clock, handled) = (&store, &clock, &handled);
            scope.spawn(move || {
                let bank = open(store, clock, 10 + number as u64);
                loop {
                    let Some(claim) = claim(&bank, number, 16).unwrap() else {
                        let seen = now(bank.subscription(webhooks())).unwrap();
                        if seen.handled() == before + POSTINGS {
                            return;
                        }
                        std::thread::yield_now();
                        continue;
                    };
                    let accounts = claim.events.iter().flat_map(|event| {
                        event.accounts.iter().map(|account| (*account, event.position()))
                    });
                    handled.lock().unwrap().extend(accounts);
                    now(bank.ack(&context(), &claim, claim.through)).unwrap();
                }
            });
        }
    });
    let handled = handled.into_inner().unwrap();
    assert_eq!(handled.len() as u64, POSTINGS * 2, "two accounts each, once: no lease ran out");
    let mut last = BTreeMap::new();
    for (account, place) in handled {
        let before = last.insert(account, place);
        assert!(before.is_none_or(|before| before < place), "{account}: {place} after {before:?}");
    }
}

// ---- who may

#[derive(Debug)]
struct ReadersOnly;

impl Policy for ReadersOnly {
    fn authorise(&self, context: &Context, action: Action) -> Result<(), Denied> {
        let reader = context.actor.as_str() == "service:reader";
        match action {
            Action::ConsumeEvents if reader => Ok(()),
            Action::Subscribe if !reader => Ok(()),
            Action::Subscribe | Action::ConsumeEvents => {
                Err(Denied { action: action.code(), why: "not of this actor" })
            }
            _ => Ok(()),
        }
    }
}

#[test]
fn subscribing_and_reading_are_asked_for() {
    let bank = now(Bank::builder(MemoryStore::new()).policy(ReadersOnly).open()).unwrap();
    let (operator, reader) = (context(), Context::system("reader").unwrap());
    let denied = |error: Error| assert_eq!(error.code(), "denied");
    denied(now(bank.subscribe(&reader, webhooks(), 1, Start::Beginning)).unwrap_err());
    denied(now(bank.unsubscribe(&reader, webhooks())).unwrap_err());
    let _ = now(bank.subscribe(&operator, webhooks(), 1, Start::Beginning)).unwrap();
    let node = ChartNode::new(
        ChartCode::new("1").unwrap(),
        AccountClass::Asset,
        None,
        Text::new("Cash").unwrap(),
    );
    let _ = now(bank.define_chart(&operator, &[node])).unwrap();
    denied(now(bank.claim(&operator, webhooks(), &worker(1), LEASE, 1)).unwrap_err());
    let claim = now(bank.claim(&reader, webhooks(), &worker(1), LEASE, 1)).unwrap().unwrap();
    denied(now(bank.ack(&operator, &claim, claim.through)).unwrap_err());
    denied(now(bank.renew_lease(&operator, &claim, LEASE)).unwrap_err());
    denied(now(bank.release_lease(&operator, &claim)).unwrap_err());
    now(bank.ack(&reader, &claim, claim.through)).unwrap();
}

#[test]
fn marks_that_are_incomplete_are_noticed() {
    let store = MemoryStore::new();
    let bank = now(Bank::open(store.clone())).unwrap();
    now(store.put_marks(&[Mark::new(webhooks(), 1, 2, 0, Timestamp::EPOCH)])).unwrap();
    assert_eq!(now(bank.subscription(webhooks())).unwrap_err().code(), "corrupt");
    assert_eq!(claim(&bank, 1, 1).unwrap_err().code(), "corrupt");
}

#[test]
fn a_large_journal_is_read_in_chunks_by_every_partition() {
    let store = MemoryStore::new();
    let clock = Arc::new(ManualClock::new("2026-03-02T10:00:00Z".parse().unwrap()));
    let bank = filled(&store, &clock);
    // Two accounts only, and so at least 62 partitions that get nothing.
    for _ in 0..3 {
        let batch: Batch = (0..4_000).map(|_| transfer(account(0), account(1))).collect();
        let _ = now(bank.post_many(&context(), &batch)).unwrap();
    }
    let _ = now(bank.subscribe(&context(), webhooks(), 64, Start::After(7))).unwrap();
    let mut events = 0;
    while let Some(claim) = claim(&bank, 1, 10_000).unwrap() {
        assert!(claim.events.len() <= 4_096);
        events += claim.events.len();
        now(bank.ack(&context(), &claim, claim.through)).unwrap();
    }
    assert_eq!(events, 24_000);
    assert_eq!(now(bank.subscription(webhooks())).unwrap().lag(), 0);
}

#[cfg(feature = "conformance")]
mod over_other_stores {
    use corebank::conformance::{Broken, Fault, ReadReport, simulate_readers};

    use super::*;

    /// How many seeds: 100, or what `COREBANK_SEEDS` says.
    fn seeds() -> u64 {
        std::env::var("COREBANK_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(100)
    }

    #[test]
    fn readers_that_die_over_a_store_that_suspends_and_fails_miss_nothing() {
        let mut sum = ReadReport::default();
        for seed in 0..seeds() {
            let report =
                simulate_readers(seed, MemoryStore::new()).unwrap_or_else(|e| panic!("{e}"));
            sum.claims += report.claims;
            sum.delivered += report.delivered;
            sum.repeated += report.repeated;
            sum.lost += report.lost;
        }
        println!("{sum:?}");
        assert!(sum.repeated > 0 && sum.lost > 0, "no lease was ever lost: {sum:?}");
    }

    #[test]
    fn a_simulation_of_readers_repeats_exactly() {
        let play = || simulate_readers(7, MemoryStore::new());
        assert_eq!(play(), play());
    }

    #[test]
    fn a_simulation_finds_marks_that_are_overwritten() {
        let broken = || Broken::new(MemoryStore::new(), Fault::OverwrittenMarks);
        let found = (0..20).any(|seed| simulate_readers(seed, broken()).is_err());
        assert!(found, "two workers had the same partition and nobody saw it in 20 seeds");
    }

    /// Every seventh record is missing: the reader stops before it.
    #[test]
    fn no_reader_steps_over_a_gap() {
        let store = MemoryStore::new();
        let clock = Arc::new(ManualClock::new("2026-03-02T10:00:00Z".parse().unwrap()));
        let bank = filled(&store, &clock);
        for _ in 0..4 {
            let _ = now(bank.post(&context(), transfer(account(0), account(1)))).unwrap();
        }
        let gappy = Broken::new(store, Fault::LostOutboxRow);
        let bank = now(Bank::builder(gappy).shared_clock(clock).open()).unwrap();
        let _ = now(bank.subscribe(&context(), webhooks(), 1, Start::Beginning)).unwrap();
        let first = claim(&bank, 1, 10).unwrap().unwrap();
        assert_eq!((places(&first), first.through), ((1..=6).collect(), 6));
        now(bank.ack(&context(), &first, 6)).unwrap();
        assert_eq!(claim(&bank, 1, 10).unwrap_err().code(), "corrupt");
        assert_eq!(now(bank.subscription(webhooks())).unwrap().handled(), 6);
    }
}
