//! Group commit when callers go away at any moment, and when the bank is closed: nobody hangs,
//! nothing is applied twice, nothing acknowledged is lost.

use corebank::bank::{Bank, GroupCommit};
use corebank::ledger::query::EntryQuery;
use corebank::ledger::{Batch, IdempotencyKey, Instruction, Kind, NewTransaction, Outcome};
use tokio::sync::Semaphore;

use crate::driver::{Driver, End, Work};
use crate::group_bank::{
    ALICE, BOB, CASH, Posted, bank_over, call, clerk, is_sound, ledger, lingering, pay, usd,
};
use crate::hooked::{Hooked, Hooks};
use crate::model::run;

const CALLERS: usize = 6;

fn options() -> [GroupCommit; 4] {
    let new = GroupCommit::new();
    [
        new,
        lingering(),
        new.with_max_items(2).unwrap().with_queue(2).unwrap(),
        new.with_rounds_in_flight(2).unwrap().with_max_items(2).unwrap(),
    ]
}

/// Caller `at` pays in two to the power of `at`: under an id of its own, under a key, or neither.
fn deposit(at: usize) -> (corebank::Context, NewTransaction) {
    let minor = 1 << at;
    let nameless = NewTransaction::transfer(Kind::DEPOSIT, CASH, ALICE, usd(minor));
    match at % 3 {
        0 => (clerk(), pay(u64::try_from(at).unwrap(), CASH, ALICE, minor)),
        1 => (clerk(), nameless),
        _ => {
            let key = IdempotencyKey::new(&format!("key-{at}")).unwrap();
            (clerk().with_idempotency_key(key), nameless)
        }
    }
}

fn deposits(bank: &Bank) -> Vec<Work<Posted>> {
    (0..CALLERS)
        .map(|at| {
            let (context, new) = deposit(at);
            call(bank, context, new)
        })
        .collect()
}

fn open(options: GroupCommit) -> (Hooked, Bank) {
    let (store, bank) = run(bank_over(Hooks::default(), options));
    store.hooks.suspend(true);
    (store, bank)
}

/// What was paid in, each amount at most once.
fn paid_in(bank: &Bank) -> Vec<usize> {
    let page = run(bank.entries(&EntryQuery::new(ALICE), 1_000, None)).unwrap();
    let mut paid: Vec<usize> =
        page.items.iter().map(|entry| entry.money.minor().trailing_zeros() as usize).collect();
    paid.sort_unstable();
    assert!(paid.is_sorted_by(|one, two| one < two), "paid in twice: {paid:?}");
    paid
}

/// Those who stayed have an answer, and it is true.
fn judge(bank: &Bank, ended: &[End<Posted>]) {
    let paid = paid_in(bank);
    for (at, end) in ended.iter().enumerate() {
        match end {
            End::Ready(Ok(outcome)) => {
                assert!(paid.contains(&at), "{at} was told {outcome:?}");
                // An id that the bank gave out is nobody's repetition.
                assert!(at % 3 != 1 || matches!(outcome, Outcome::Applied(_)), "{outcome:?}");
            }
            End::Ready(Err(error)) => {
                assert_eq!(error.code(), "closed");
                assert!(!paid.contains(&at));
            }
            End::Dropped => {}
            End::Panicked => panic!("{at} panicked"),
        }
    }
    assert_eq!(run(ledger(bank, ALICE)), paid.iter().map(|at| 1 << at).sum::<i64>());
    run(is_sound(bank));
}

/// Every caller dropped at every step, one at a time.
#[test]
fn any_caller_may_go_away_at_any_poll() {
    let mut cases = 0;
    for options in options() {
        for seed in 0..3 {
            for dropped in 0..CALLERS {
                for step in 0.. {
                    let (store, bank) = open(options);
                    let mut driver = Driver::new(seed, deposits(&bank));
                    while driver.steps < step && driver.step() {}
                    let over = driver.has_ended(dropped);
                    driver.drop_task(dropped);
                    judge(&bank, &driver.finish());
                    let backlog = bank.backlog().unwrap();
                    assert_eq!(backlog, Default::default(), "{dropped} at {step}");
                    // The chart, the accounts, and at most one for each.
                    assert!(store.hooks.committed() <= CALLERS + 2);
                    cases += 1;
                    if over {
                        break;
                    }
                }
            }
        }
    }
    assert!(cases > 1_000, "only {cases} cases");
}

/// Callers dropped by chance, many of them, and the bank closed in the middle by somebody who may
/// go away as well.
#[test]
fn callers_and_closers_may_go_away_by_chance() {
    let mut ends = [0_u32; 3];
    for seed in 1..600_u64 {
        let options = options()[usize::try_from(seed % 4).unwrap()];
        let (store, bank) = open(options);
        let mut tasks: Vec<Work<Option<Posted>>> = Vec::new();
        for posting in deposits(&bank) {
            tasks.push(Box::pin(async move { Some(posting.await) }));
        }
        for delay in [seed % 40, seed % 7 * 100] {
            let bank = bank.clone();
            tasks.push(Box::pin(async move {
                for _ in 0..delay {
                    crate::hooked::suspend().await;
                }
                bank.close().await;
                None
            }));
        }
        let count = tasks.len();
        let mut driver = Driver::new(seed, tasks);
        let (mut random, mut closed_at) = (seed, None);
        loop {
            if closed_at.is_none() && (CALLERS..count).any(|at| driver.has_ready(at)) {
                closed_at = Some(store.hooks.begun());
                let (backlog, paid) = (bank.backlog().unwrap(), paid_in(&bank));
                assert_eq!((backlog.queued, backlog.rounds, backlog.waiting), (0, 0, 0));
                assert!(backlog.closed && paid.len() <= CALLERS);
            }
            if !driver.step() {
                break;
            }
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            if (random >> 40) % 30 == 0 {
                driver.drop_task(usize::try_from((random >> 8) % count as u64).unwrap());
            }
        }
        // Nothing begins after the end.
        assert!(closed_at.is_none_or(|units| units == store.hooks.begun()));
        let ended = driver.finish().into_iter().take(CALLERS).map(|end| match end {
            End::Ready(posted) => End::Ready(posted.unwrap()),
            End::Dropped => End::Dropped,
            End::Panicked => End::Panicked,
        });
        let ended: Vec<End<Posted>> = ended.collect();
        for end in &ended {
            match end {
                End::Ready(Ok(_)) => ends[0] += 1,
                End::Ready(Err(_)) => ends[1] += 1,
                _ => ends[2] += 1,
            }
        }
        judge(&bank, &ended);
    }
    assert!(ends.iter().all(|count| *count > 100), "{ends:?}");
}

#[test]
fn a_request_that_is_dropped_in_the_queue_is_never_posted() {
    let hooks = Hooks { gate: Some(Semaphore::new(10)), ..Hooks::default() };
    let (store, bank) = run(bank_over(hooks, GroupCommit::new()));
    let gate = store.hooks.gate.as_ref().unwrap();
    gate.forget_permits(gate.available_permits());
    let mut driver = Driver::new(1, deposits(&bank));
    (0..CALLERS).for_each(|at| driver.poll(at));
    // The first is at the gate; one of the others goes away before its round.
    driver.drop_task(3);
    assert_eq!(bank.backlog().unwrap().queued, CALLERS - 2);
    gate.add_permits(10);
    judge(&bank, &driver.finish());
    assert_eq!(paid_in(&bank), [0, 1, 2, 4, 5]);
}

#[test]
fn a_request_that_is_dropped_in_a_round_is_carried_out() {
    let hooks = Hooks { gate: Some(Semaphore::new(10)), ..Hooks::default() };
    let (store, bank) = run(bank_over(hooks, lingering()));
    let gate = store.hooks.gate.as_ref().unwrap();
    gate.forget_permits(gate.available_permits());
    let mut driver = Driver::new(1, deposits(&bank));
    (0..CALLERS).for_each(|at| driver.poll(at));
    while driver.step() {}
    driver.drop_task(3);
    gate.add_permits(10);
    judge(&bank, &driver.finish());
    // Its caller repeats it under its id and learns what became of it.
    let (context, new) = deposit(3);
    gate.add_permits(10);
    assert!(run(bank.post(&context, new)).unwrap().is_replayed());
    assert_eq!(paid_in(&bank).len(), CALLERS);
}

#[test]
fn closing_finishes_what_was_accepted_and_refuses_the_rest() {
    let hooks = Hooks { gate: Some(Semaphore::new(10)), ..Hooks::default() };
    let options = GroupCommit::new().with_queue(2).unwrap().with_max_request(3).unwrap();
    let (store, bank) = run(bank_over(hooks, options));
    let gate = store.hooks.gate.as_ref().unwrap();
    gate.forget_permits(gate.available_permits());
    let mut tasks = deposits(&bank);
    let closer = bank.clone();
    tasks.push(Box::pin(async move {
        closer.close().await;
        closer.post(&clerk(), pay(99, CASH, ALICE, 64)).await
    }));
    // Beside the queue, and accepted all the same.
    let large: Batch = (200..204).map(|at| pay(at, CASH, BOB, 1)).collect();
    let beside = bank.clone();
    tasks.push(Box::pin(async move {
        let outcomes = beside.post_many(&clerk(), &large).await?;
        outcomes.into_iter().next().unwrap().map_err(Into::into)
    }));
    let mut driver = Driver::new(1, tasks);
    // One leads, two are queued, three wait; a batch goes beside; then the bank is closed.
    (0..CALLERS).for_each(|at| driver.poll(at));
    driver.poll(CALLERS + 1);
    driver.poll(CALLERS);
    while driver.step() {}
    assert!(!driver.has_ended(CALLERS));
    gate.add_permits(1);
    while driver.step() {}
    assert!(!driver.has_ended(CALLERS), "somebody is still at the gate");
    gate.add_permits(10);
    let ended = driver.finish();
    let is_closed = |end: &End<Posted>| match end {
        End::Ready(Ok(_)) => false,
        End::Ready(Err(error)) => error.code() == "closed",
        _ => panic!("{end:?}"),
    };
    let closed: Vec<bool> = ended.iter().map(is_closed).collect();
    assert_eq!(closed, [false, false, false, true, true, true, true, false]);
    assert_eq!((run(ledger(&bank, ALICE)), run(ledger(&bank, BOB))), (1 + 2 + 4, 4));
    let small: Batch = [pay(98, CASH, BOB, 1)].into_iter().collect();
    let large: Batch = (300..304).map(|at| pay(at, CASH, BOB, 1)).collect();
    for batch in [small, large] {
        assert_eq!(run(bank.post_many(&clerk(), &batch)).unwrap_err().code(), "closed");
    }
    // The day can be sealed, and what would happen can still be asked.
    gate.add_permits(10);
    assert!(run(bank.seal(&clerk())).unwrap().last.is_some());
    assert!(run(bank.dry_run().post(&clerk(), pay(97, CASH, BOB, 1))).is_ok());
    run(bank.close());
}

/// A large batch beside the queue is waited for as well, until it ends or goes away.
#[test]
fn closing_waits_for_what_goes_beside_the_queue() {
    for goes_away in [false, true] {
        let hooks = Hooks { gate: Some(Semaphore::new(2)), ..Hooks::default() };
        let options = GroupCommit::new().with_max_request(3).unwrap();
        let (store, bank) = run(bank_over(hooks, options));
        let large: Batch = (0..4).map(|at| pay(at, CASH, BOB, 1)).collect();
        let (beside, closer) = (bank.clone(), bank.clone());
        let tasks: Vec<Work<usize>> = vec![
            Box::pin(async move { beside.post_many(&clerk(), &large).await.unwrap().len() }),
            Box::pin(async move {
                closer.close().await;
                0
            }),
        ];
        let mut driver = Driver::new(1, tasks);
        driver.poll(0);
        while driver.step() {}
        assert!(!driver.has_ended(1), "it closed although a batch is at the gate");
        if goes_away {
            driver.drop_task(0);
        }
        store.hooks.gate.as_ref().unwrap().add_permits(1);
        let ended = driver.finish();
        assert_eq!(ended[1], End::Ready(0));
        assert_eq!(run(ledger(&bank, BOB)), if goes_away { 0 } else { 4 });
    }
}

/// Closing does the work itself when the callers are not polled any more.
#[test]
fn closing_needs_no_help() {
    let (store, bank) = open(lingering());
    let mut driver = Driver::new(1, deposits(&bank));
    (0..CALLERS).for_each(|at| driver.poll(at));
    // It would lead; with it goes its request.
    driver.drop_task(0);
    run(bank.close());
    assert_eq!(paid_in(&bank), [1, 2, 3, 4, 5]);
    judge(&bank, &driver.finish());
    assert!(store.hooks.begun() > 0);
}

/// What a bank without group commit does: nothing.
#[test]
fn a_bank_without_group_commit_has_nothing_to_close() {
    let bank = crate::model::open_bank().0;
    assert_eq!(bank.backlog(), None);
    run(bank.close());
    let batch: Batch = Vec::<Instruction>::new().into_iter().collect();
    let context = crate::model::context(0);
    assert_eq!(run(bank.post_many(&context, &batch)).unwrap_err().code(), "empty_batch");
}
