//! Group commit as callers see it: each its own outcome, in the order of the queue, with its own
//! origin, in far fewer units than requests.

use std::collections::BTreeMap;
use std::sync::Arc;

use corebank::bank::{Action, Bank, Context, Denied, Error, GroupCommit, Policy};
use corebank::id::{HoldId, LimitId};
use corebank::ledger::{
    Actor, Batch, Channel, Correlation, IdempotencyKey, Instruction, Kind, LimitRule, LimitScope,
    NewCapture, NewHold, NewRelease, NewReversal, NewTransaction, Origin, Outcome, Refusal, Side,
    Window,
};
use corebank::money::Currency;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::driver::{Driver, End, Work};
use crate::group_bank::{
    ALICE, BOB, CASH, Posted, bank_over, call, clerk, fill, id, in_order, is_sound, ledger,
    lingering, pay, usd,
};
use crate::hooked::{Hooked, Hooks};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thousands_of_callers_share_one_hot_account() {
    const CALLERS: u64 = 4_000;
    let (store, bank) = bank_over(Hooks::default(), GroupCommit::new()).await;
    store.hooks.suspend(true);
    let fund = pay(0, CASH, ALICE, 30_000);
    let _ = bank.post(&clerk(), fund).await.unwrap();
    let before = store.hooks.begun();
    let mut callers = JoinSet::new();
    for number in 1..=CALLERS {
        let bank = bank.clone();
        // Money for three thousand of the payments, and as many small deposits.
        let new = match number % 4 {
            0 => NewTransaction::transfer(Kind::DEPOSIT, CASH, BOB, usd(1)),
            _ => NewTransaction::transfer(Kind::TRANSFER, ALICE, BOB, usd(11)),
        };
        callers.spawn(async move { (number, bank.post(&clerk(), new.with_id(id(number))).await) });
    }
    let mut applied: BTreeMap<bool, u64> = BTreeMap::new();
    let mut refused = 0;
    while let Some(ended) = callers.join_next().await {
        match ended.unwrap() {
            (number, Ok(Outcome::Applied(receipt))) => {
                assert_eq!(receipt.transaction(), Some(id(number)));
                let posted = bank.transaction(id(number)).await.unwrap();
                assert_eq!(
                    (posted.position, posted.posted_at),
                    (receipt.position, receipt.posted_at)
                );
                *applied.entry(number % 4 == 0).or_default() += 1;
            }
            (number, Err(Error::Refused(Refusal::InsufficientFunds { .. }))) => {
                assert_ne!(number % 4, 0);
                refused += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    // 30,000 pays for 2,727 of the 3,000 payments of 11.
    assert_eq!((applied[&true], applied[&false], refused), (1_000, 2_727, 273));
    assert_eq!(ledger(&bank, ALICE).await, 30_000 - 2_727 * 11);
    assert_eq!(ledger(&bank, BOB).await, 1_000 + 2_727 * 11);
    let units = store.hooks.begun() - before;
    assert!(units * 4 < 4_000, "{units} units for 4,000 requests");
    is_sound(&bank).await;
}

#[tokio::test]
async fn a_round_is_decided_in_the_order_of_the_queue() {
    let (store, bank) = bank_over(Hooks::default(), lingering()).await;
    let _ = bank.post(&clerk(), pay(0, CASH, ALICE, 100)).await.unwrap();
    let before = store.hooks.begun();
    let amounts = [60, 50, 30, 20, 10, 1];
    let calls =
        (1..).zip(amounts).map(|(at, minor)| call(&bank, clerk(), pay(at, ALICE, BOB, minor)));
    let outcomes = in_order(calls.collect());
    let codes: Vec<&str> =
        outcomes.iter().map(|one| one.as_ref().map_or_else(Error::code, |_| "applied")).collect();
    let no = "insufficient_funds";
    assert_eq!(codes, ["applied", no, "applied", no, "applied", no]);
    assert_eq!(store.hooks.begun() - before, 1, "one unit for all");
    let places: Vec<u64> = outcomes.iter().flatten().map(|one| one.get().position).collect();
    assert_eq!(places, [places[0], places[0] + 1, places[0] + 2]);
    assert_eq!(ledger(&bank, ALICE).await, 0);
    is_sound(&bank).await;
}

#[tokio::test]
async fn every_record_keeps_the_origin_of_its_request() {
    let (store, bank) = bank_over(Hooks::default(), lingering()).await;
    let _ = bank.post(&clerk(), pay(0, CASH, ALICE, 1_000)).await.unwrap();
    let start = bank.head().await.unwrap().position;
    let before = store.hooks.begun();
    let channels = [Channel::API, Channel::SYSTEM];
    let contexts: Vec<Context> = (0..8)
        .map(|at: usize| {
            let actor = Actor::new(&format!("user:{}", at / 3)).unwrap();
            let context = Context::new(actor, channels[at % 2]);
            let correlation = Correlation::new(&format!("request-{at}")).unwrap();
            if at == 5 { context } else { context.with_correlation(correlation) }
        })
        .collect();
    let calls = (1..).zip(&contexts).map(|(at, context)| {
        let hold = NewHold::transfer(Kind::PAYMENT, ALICE, BOB, usd(2));
        let hold = hold.with_id(HoldId::from_u128(u128::from(at)));
        let group = [pay(100 + at, ALICE, BOB, 3).into(), pay(200 + at, BOB, ALICE, 1).into()];
        // Too much: it leaves no record, and no origin.
        let refused = pay(300 + at, ALICE, BOB, 5_000);
        let instruction: Instruction = match at % 4 {
            0 => hold.into(),
            1 => refused.into(),
            _ => pay(at, ALICE, BOB, 1).into(),
        };
        let (bank, context) = (bank.clone(), context.clone());
        let work: Work<Vec<u64>> = Box::pin(async move {
            let mut batch = Batch::new();
            batch.push(instruction).push_group(if at % 4 == 3 { group.to_vec() } else { vec![] });
            let outcomes = bank.post_many(&context, &batch).await.unwrap();
            outcomes.iter().flatten().map(|one| one.get().position).collect()
        });
        work
    });
    let told = in_order(calls.collect());
    assert_eq!(store.hooks.begun() - before, 1);
    let records = bank.journal(start, 100).await.unwrap();
    assert_eq!(records.len(), told.iter().map(Vec::len).sum::<usize>());
    for (context, places) in contexts.iter().zip(&told) {
        for place in places {
            let record = records.iter().find(|record| record.position() == *place).unwrap();
            let Origin { actor, channel, correlation } = record.origin();
            assert_eq!((actor, *channel), (&context.actor, context.channel));
            assert_eq!(*correlation, context.correlation);
        }
    }
    is_sound(&bank).await;
}

#[tokio::test]
async fn limits_by_channel_measure_each_request_on_its_own() {
    let (_, bank) = bank_over(Hooks::default(), lingering()).await;
    let _ = bank.post(&clerk(), pay(0, CASH, ALICE, 1_000)).await.unwrap();
    let scope = LimitScope::Channel(Channel::API);
    let rule =
        LimitRule::new(LimitId::from_u128(1), scope, Side::Debit, Currency::USD, Window::Day);
    let _ = bank.set_limit(&clerk(), rule.with_amount(50)).await.unwrap();
    let api = Context::new(Actor::new("user:1").unwrap(), Channel::API);
    let contexts = [&api, &clerk(), &api, &api];
    let calls = (1..)
        .zip(contexts)
        .map(|(at, context)| call(&bank, context.clone(), pay(at, ALICE, BOB, 30)));
    let outcomes = in_order(calls.collect());
    let codes: Vec<&str> =
        outcomes.iter().map(|one| one.as_ref().map_or_else(Error::code, |_| "applied")).collect();
    let no = "limit_amount_exceeded";
    assert_eq!(codes, ["applied", "applied", no, no]);
    // What was used is read for every channel of a round, not only for the first one's.
    let late = vec![
        call(&bank, clerk(), pay(10, ALICE, BOB, 30)),
        call(&bank, api, pay(11, ALICE, BOB, 30)),
    ];
    let late = in_order(late);
    assert!(late[0].is_ok());
    assert_eq!(late[1].as_ref().unwrap_err().code(), no);
    is_sound(&bank).await;
}

/// What one request of a round does, the next one sees: holds, captures, reversals, keys.
#[tokio::test]
async fn requests_of_a_round_see_the_ones_before() {
    let (store, bank) = bank_over(Hooks::default(), lingering()).await;
    let hold = HoldId::from_u128(9);
    let keyed = clerk().with_idempotency_key(IdempotencyKey::new("twice").unwrap());
    let nameless = || NewTransaction::transfer(Kind::TRANSFER, ALICE, BOB, usd(7));
    let before = store.hooks.begun();
    let calls = vec![
        call(&bank, clerk(), pay(1, CASH, ALICE, 100)),
        call(&bank, clerk(), NewHold::transfer(Kind::PAYMENT, ALICE, BOB, usd(40)).with_id(hold)),
        call(&bank, clerk(), NewCapture::amount(Kind::PAYMENT, hold, usd(10)).keeping_rest()),
        call(&bank, clerk(), NewRelease::new(hold)),
        call(&bank, keyed.clone(), nameless()),
        call(&bank, keyed.clone(), nameless()),
        call(&bank, keyed, NewRelease::new(hold)),
        call(&bank, clerk(), nameless()),
        call(&bank, clerk(), NewReversal::new(id(1)).forced()),
        call(&bank, clerk(), pay(1, CASH, ALICE, 100)),
        call(&bank, clerk(), pay(1, CASH, ALICE, 101)),
    ];
    let outcomes = in_order(calls);
    assert_eq!(store.hooks.begun() - before, 1);
    let codes: Vec<&str> = outcomes
        .iter()
        .map(|one| match one {
            Ok(Outcome::Applied(_)) => "applied",
            Ok(Outcome::Replayed(_)) => "replayed",
            Err(error) => error.code(),
        })
        .collect();
    let (yes, again, no) = ("applied", "replayed", "id_reused");
    assert_eq!(codes, [yes, yes, yes, yes, yes, again, no, yes, yes, again, no]);
    let [fifth, sixth] = [4, 5].map(|at| *outcomes[at].as_ref().unwrap().get());
    assert_eq!(fifth, sixth, "a key that comes twice in a round stands for one transaction");
    assert_eq!(ledger(&bank, BOB).await, 10 + 7 + 7);
    assert_eq!(ledger(&bank, ALICE).await, -24);
    is_sound(&bank).await;
    // And so does a later round.
    let keyed = clerk().with_idempotency_key(IdempotencyKey::new("twice").unwrap());
    assert_eq!(bank.post(&keyed, nameless()).await.unwrap(), Outcome::Replayed(fifth));
}

/// A key of a refused request is free for the next one of the same round.
#[tokio::test]
async fn a_refused_request_gives_its_key_back() {
    let (_, bank) = bank_over(Hooks::default(), lingering()).await;
    let keyed = || clerk().with_idempotency_key(IdempotencyKey::new("key").unwrap());
    let nameless = || NewTransaction::transfer(Kind::TRANSFER, ALICE, BOB, usd(7));
    let group = {
        let bank = bank.clone();
        let work: Work<Posted> = Box::pin(async move {
            let mut batch = Batch::new();
            batch.push_group([nameless().into(), pay(1, BOB, ALICE, 50).into()]);
            let outcomes = bank.post_many(&keyed(), &batch).await?;
            let first: Posted = outcomes.into_iter().next().unwrap().map_err(Error::Refused);
            first
        });
        work
    };
    let calls = vec![
        call(&bank, keyed(), nameless()),
        call(&bank, clerk(), pay(2, CASH, ALICE, 10)),
        group,
        call(&bank, keyed(), nameless()),
    ];
    let outcomes = in_order(calls);
    let codes: Vec<&str> =
        outcomes.iter().map(|one| one.as_ref().map_or_else(Error::code, |_| "applied")).collect();
    assert_eq!(codes, ["insufficient_funds", "applied", "group_failed", "applied"]);
    assert!(!outcomes[3].as_ref().unwrap().is_replayed());
    assert!(bank.post(&keyed(), nameless()).await.unwrap().is_replayed(), "kept under its key");
    assert_eq!(ledger(&bank, BOB).await, 7);
    is_sound(&bank).await;
}

#[tokio::test]
async fn a_full_queue_makes_callers_wait_and_fails_none() {
    let hooks = Hooks { gate: Some(Semaphore::new(100)), ..Hooks::default() };
    let options = GroupCommit::new().with_queue(3).unwrap().with_max_items(2).unwrap();
    let (store, bank) = bank_over(hooks, options).await;
    let gate = store.hooks.gate.as_ref().unwrap();
    gate.forget_permits(gate.available_permits());
    let calls = (1..=20).map(|at| call(&bank, clerk(), pay(at, CASH, ALICE, 1)));
    let mut driver = Driver::new(1, calls);
    (0..20).for_each(|at| driver.poll(at));
    while driver.step() {}
    let backlog = bank.backlog().unwrap();
    assert_eq!((backlog.rounds, backlog.queued, backlog.waiting), (1, 3, 16));
    // A place is taken by whoever waited longest; who goes away leaves no hole.
    driver.drop_task(2);
    driver.drop_task(10);
    let backlog = bank.backlog().unwrap();
    assert_eq!((backlog.queued, backlog.waiting), (3, 14));
    gate.add_permits(100);
    let ended = driver.finish();
    let applied = ended.iter().filter(|end| matches!(end, End::Ready(Ok(Outcome::Applied(_)))));
    assert_eq!(applied.count(), 18);
    assert_eq!(ledger(&bank, ALICE).await, 18);
    let mut places = Vec::new();
    for at in (1..=20).filter(|at| ![3, 11].contains(at)) {
        places.push(bank.transaction(id(at)).await.unwrap().position);
    }
    assert!(places.is_sorted(), "the order of the queue: {places:?}");
    assert_eq!(bank.backlog().unwrap(), Default::default());
}

#[tokio::test]
async fn rounds_carry_as_much_and_are_as_many_as_was_set() {
    let hooks = Hooks { gate: Some(Semaphore::new(100)), ..Hooks::default() };
    let options = GroupCommit::new().with_rounds_in_flight(2).unwrap().with_max_items(2).unwrap();
    let (store, bank) = bank_over(hooks, options).await;
    let gate = store.hooks.gate.as_ref().unwrap();
    gate.forget_permits(gate.available_permits());
    let before = store.hooks.begun();
    let calls = (0..8).map(|at| call(&bank, clerk(), pay(at, CASH, ALICE, 1)));
    let mut driver = Driver::new(1, calls);
    (0..8).for_each(|at| driver.poll(at));
    let under_way = || {
        let backlog = bank.backlog().unwrap();
        (backlog.rounds, backlog.queued, store.hooks.begun() - before)
    };
    assert_eq!(under_way(), (2, 6, 2));
    // Both end before anybody else looks; the second conflicts, and comes to the gate again.
    gate.add_permits(2);
    driver.poll(0);
    driver.poll(1);
    assert_eq!(under_way().0, 1);
    gate.add_permits(1);
    driver.poll(1);
    assert_eq!(under_way(), (0, 6, 3));
    while driver.step() {}
    assert_eq!(under_way(), (2, 2, 5));
    gate.add_permits(100);
    let ended = driver.finish();
    assert!(ended.iter().all(|end| matches!(end, End::Ready(Ok(Outcome::Applied(_))))));
    is_sound(&bank).await;
}

#[tokio::test]
async fn a_dry_run_and_large_batches_go_by_themselves() {
    let options = lingering().with_max_request(3).unwrap();
    let (store, bank) = bank_over(Hooks::default(), options).await;
    let before = store.hooks.begun();
    let batch: Batch = (1..=3).map(|at| pay(at, CASH, ALICE, 1)).collect();
    let large: Batch = (4..=7).map(|at| pay(at, CASH, ALICE, 1)).collect();
    let post = |bank: &Bank, batch: &Batch| {
        let (bank, batch) = (bank.clone(), batch.clone());
        let work: Work<usize> =
            Box::pin(async move { bank.post_many(&clerk(), &batch).await.unwrap().len() });
        work
    };
    // One transaction of eight legs weighs four.
    let heavy = {
        let new = (0..4).fold(NewTransaction::new(Kind::TRANSFER), |new, _| {
            new.debit(CASH, usd(1)).credit(ALICE, usd(1))
        });
        call(&bank, clerk(), new.with_id(id(40)))
    };
    let dry = bank.dry_run();
    let ended = in_order(vec![
        post(&bank, &batch),
        post(&dry, &batch),
        post(&bank, &large),
        post(&bank, &(20..=21).map(|at| pay(at, CASH, ALICE, 1)).collect()),
    ]);
    assert_eq!(ended, [3, 3, 4, 2]);
    let heavy = in_order(vec![heavy, call(&bank, clerk(), pay(41, CASH, BOB, 1))]);
    assert!(heavy.iter().all(Result::is_ok), "{heavy:?}");
    // Two rounds, a large batch, a heavy transaction, a dry run.
    assert_eq!((store.hooks.begun() - before, ledger(&bank, ALICE).await), (5, 13));
    let _ = bank.post(&clerk(), pay(30, ALICE, BOB, 13)).await.unwrap();
    let foretold = dry.post(&clerk(), pay(31, BOB, ALICE, 100)).await.unwrap_err();
    assert_eq!(foretold.code(), "insufficient_funds");
    // A dry run closes nothing.
    dry.close().await;
    assert!(!bank.backlog().unwrap().closed);
}

/// Refuses to whoever is called so.
#[derive(Debug)]
struct NotFor(&'static str);

impl Policy for NotFor {
    fn authorise(&self, context: &Context, action: Action) -> Result<(), Denied> {
        if context.actor.as_str() == self.0 && action == Action::Post {
            return Err(Denied { action: action.code(), why: "not for you" });
        }
        Ok(())
    }
}

#[tokio::test]
async fn every_request_is_authorised_before_it_is_queued() {
    let store = Hooked::new(Hooks::default());
    let builder = Bank::builder(store.clone()).policy(NotFor("user:bad"));
    let bank = builder.group_commit(lingering()).open().await.unwrap();
    fill(&bank).await;
    let bad = Context::new(Actor::new("user:bad").unwrap(), Channel::API);
    let calls = vec![
        call(&bank, clerk(), pay(1, CASH, ALICE, 1)),
        call(&bank, bad.clone(), pay(2, CASH, ALICE, 1)),
        call(&bank, clerk(), pay(3, CASH, ALICE, 1)),
    ];
    let outcomes = in_order(calls);
    assert!(outcomes[0].is_ok() && outcomes[2].is_ok());
    assert_eq!(outcomes[1].as_ref().unwrap_err().code(), "denied");
    let batch: Batch = [pay(4, CASH, ALICE, 1)].into_iter().collect();
    assert_eq!(bank.post_many(&bad, &batch).await.unwrap_err().code(), "denied");
    assert_eq!(ledger(&bank, ALICE).await, 2);
    assert_eq!(Arc::strong_count(&store.hooks), 2, "no unit was left behind");
}
