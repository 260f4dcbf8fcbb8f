//! Group commit over a store that fails: the fault of one request is its alone, a fault of the
//! moment is everybody's, and whoever repeats under an id is posted once.

use corebank::bank::{Error, GroupCommit};
use corebank::ledger::{Kind, NewTransaction, Outcome};
use corebank::store::ErrorKind;
use tokio::task::JoinSet;

use crate::driver::{Driver, End, Work};
use crate::group_bank::{
    ALICE, BOB, CASH, Posted, bank_over, call, clerk, id, in_order, is_sound, ledger, lingering,
    open, pay, usd,
};
use crate::hooked::{Hooked, Hooks};

fn codes(outcomes: &[Posted]) -> Vec<&'static str> {
    let code = |one: &Posted| one.as_ref().map_or_else(Error::code, |_| "applied");
    outcomes.iter().map(code).collect()
}

#[tokio::test]
async fn a_request_that_the_store_cannot_carry_out_fails_alone() {
    for guilty in [vec![0], vec![7], vec![3, 4], vec![0, 2, 5, 9]] {
        let (store, bank) = bank_over(Hooks::default(), lingering()).await;
        store.hooks.corrupt.lock().unwrap().extend(guilty.iter().map(|at| id(*at)));
        let before = store.hooks.begun();
        let outcomes =
            in_order((0..10).map(|at| call(&bank, clerk(), pay(at, CASH, ALICE, 1))).collect());
        for (at, code) in (0..).zip(codes(&outcomes)) {
            assert_eq!(code, if guilty.contains(&at) { "corrupt" } else { "applied" }, "{at}");
        }
        assert_eq!(ledger(&bank, ALICE).await, 10 - i64::try_from(guilty.len()).unwrap());
        let places: Vec<u64> = outcomes.iter().flatten().map(|one| one.get().position).collect();
        assert!(places.is_sorted(), "halves keep the order: {places:?}");
        let units = store.hooks.begun() - before;
        assert!(units <= 1 + guilty.len() * 8, "{units} units");
        is_sound(&bank).await;
    }
}

/// Everyone gets an answer although whoever leads may die of the store, and only the one at whose
/// request it panics does.
#[tokio::test]
async fn a_panic_of_the_store_strikes_its_own_caller() {
    for seed in 0..40 {
        let options = [lingering(), lingering().with_rounds_in_flight(2).unwrap()];
        let options = options[usize::try_from(seed % 2).unwrap()];
        let (store, bank) = bank_over(Hooks::default(), options).await;
        store.hooks.suspend(true);
        store.hooks.panics.lock().unwrap().insert(id(4));
        let calls = (0..8).map(|at| call(&bank, clerk(), pay(at, CASH, ALICE, 1 << at)));
        let ended = Driver::new(seed, calls).finish();
        let panicked: Vec<usize> =
            (0..8).filter(|at| matches!(ended[*at], End::Panicked)).collect();
        // Whoever led the round that panicked first, and the one at fault.
        assert!(panicked.contains(&4) && panicked.len() <= 2, "{panicked:?}");
        for (at, end) in ended.iter().enumerate().filter(|(at, _)| !panicked.contains(at)) {
            assert!(matches!(end, End::Ready(Ok(Outcome::Applied(_)))), "{at}: {end:?}");
        }
        // A leader that panics does not know what became of its own request.
        let paid = ledger(&bank, ALICE).await;
        let missing: Vec<usize> = (0..8).filter(|at| paid & (1 << at) == 0).collect();
        assert!(missing.contains(&4) && missing.iter().all(|at| panicked.contains(at)));
        assert_eq!(bank.backlog().unwrap(), Default::default());
        is_sound(&bank).await;
    }
}

#[tokio::test]
async fn a_fault_of_the_moment_is_told_to_all_of_the_round() {
    let faults = [
        // A fault that passes is not told: the round walks again by itself.
        (ErrorKind::Unavailable, 3, false, "applied"),
        (ErrorKind::Unavailable, 4, false, "unavailable"),
        (ErrorKind::OutcomeUnknown, 3, false, "applied"),
        (ErrorKind::OutcomeUnknown, 4, false, "outcome_unknown"),
        // The answer was lost and the round had landed: walking again finds that out.
        (ErrorKind::OutcomeUnknown, 1, true, "applied"),
    ];
    for (kind, times, landed, code) in faults {
        let (store, bank) = bank_over(Hooks::default(), lingering()).await;
        *store.hooks.commits_fail.lock().unwrap() = vec![(kind, landed); times];
        let applied = code == "applied";
        let round = || (0..6).map(|at| call(&bank, clerk(), pay(at, CASH, ALICE, 1))).collect();
        assert_eq!(codes(&in_order(round())), [code; 6]);
        assert_eq!(ledger(&bank, ALICE).await, if applied { 6 } else { 0 });
        // Again, under the same ids.
        let again: Vec<Posted> = in_order(round());
        assert!(again.iter().flatten().all(|outcome| outcome.is_replayed() == applied));
        assert_eq!((codes(&again), ledger(&bank, ALICE).await), (vec!["applied"; 6], 6));
        is_sound(&bank).await;
    }
}

#[tokio::test]
async fn a_round_walks_again_after_a_conflict_and_gives_up_in_the_end() {
    let (store, bank) = bank_over(Hooks::default(), lingering()).await;
    let most = usize::try_from(corebank::bank::MAX_ATTEMPTS).unwrap();
    for (conflicts, code) in [(3, "applied"), (most - 1, "applied"), (most, "conflict")] {
        *store.hooks.commits_fail.lock().unwrap() = vec![(ErrorKind::Conflict, false); conflicts];
        let first = u64::try_from(conflicts).unwrap() * 100;
        let calls = (first..first + 4).map(|at| call(&bank, clerk(), pay(at, CASH, ALICE, 1)));
        assert_eq!(codes(&in_order(calls.collect())), [code; 4]);
        assert!(store.hooks.commits_fail.lock().unwrap().is_empty());
    }
    assert_eq!(ledger(&bank, ALICE).await, 8);
}

/// Two banks, two queues, one store: rounds conflict, and nothing is lost or applied twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_banks_over_one_store() {
    let store = Hooked::new(Hooks::default());
    let options = GroupCommit::new().with_rounds_in_flight(2).unwrap().with_max_items(50).unwrap();
    let banks = [open(&store, options, 1).await, open(&store, GroupCommit::new(), 2).await];
    crate::group_bank::fill(&banks[0]).await;
    let _ = banks[0].post(&clerk(), pay(0, CASH, ALICE, 5_000)).await.unwrap();
    store.hooks.suspend(true);
    let mut callers = JoinSet::new();
    for number in 1..=1_200_u64 {
        let bank = banks[usize::try_from(number % 2).unwrap()].clone();
        callers.spawn(async move {
            loop {
                match bank.post(&clerk(), pay(number, ALICE, BOB, 5)).await {
                    Err(Error::Store(error)) if error.is_transient() => {}
                    ended => return ended.map(|outcome| outcome.is_replayed()),
                }
            }
        });
    }
    let mut counts = [0; 2];
    while let Some(ended) = callers.join_next().await {
        match ended.unwrap() {
            Ok(replayed) => {
                assert!(!replayed);
                counts[0] += 1;
            }
            Err(error) => {
                assert_eq!(error.code(), "insufficient_funds");
                counts[1] += 1;
            }
        }
    }
    assert_eq!(counts, [1_000, 200]);
    assert_eq!((ledger(&banks[1], ALICE).await, ledger(&banks[1], BOB).await), (0, 5_000));
    is_sound(&banks[0]).await;
}

/// The failing store of the conformance suite, with requests repeated under the same id.
#[cfg(feature = "conformance")]
#[test]
fn repeated_requests_over_a_failing_store_are_posted_once() {
    use corebank::conformance::{Failing, Odds, Yielding};
    use corebank::id::{HoldId, SeededIds};
    use corebank::ledger::query::EntryQuery;
    use corebank::ledger::{Batch, NewHold};

    for seed in 1..60_u64 {
        let memory = corebank::store::memory::MemoryStore::new();
        let plain = crate::model::run(corebank::Bank::builder(memory.clone()).open()).unwrap();
        crate::model::run(crate::group_bank::fill(&plain));
        let odds = Odds { unavailable: 40, conflict: 150, unknown: 150 };
        let harsh = Yielding::new(Failing::new(memory, seed, odds));
        let options = GroupCommit::new().with_max_items(5).unwrap();
        let bank = crate::model::run(async {
            loop {
                let builder = corebank::Bank::builder(harsh.clone()).ids(SeededIds::new(seed));
                if let Ok(bank) = builder.group_commit(options).open().await {
                    return bank;
                }
            }
        });
        let tasks = (0..24).map(|at| {
            let bank = bank.clone();
            let work: Work<(u32, bool)> = Box::pin(async move {
                let mut batch = Batch::new();
                if at % 2 == 0 {
                    batch.push(pay(at, CASH, ALICE, 1));
                } else {
                    let hold = NewHold::transfer(Kind::PAYMENT, CASH, BOB, usd(1));
                    let hold = hold.with_id(HoldId::from_u128(u128::from(at)));
                    batch.push_group([pay(at, CASH, ALICE, 1).into(), hold.into()]);
                }
                for tries in 0.. {
                    match bank.post_many(&clerk(), &batch).await {
                        Ok(outcomes) => {
                            let replayed =
                                outcomes.iter().map(|one| one.as_ref().unwrap().is_replayed());
                            let replayed: Vec<bool> = replayed.collect();
                            assert!(replayed.iter().all(|one| *one == replayed[0]));
                            return (tries, replayed[0]);
                        }
                        Err(error) => assert!(error.is_transient(), "{error}"),
                    }
                }
                unreachable!()
            });
            work
        });
        let ended = Driver::new(seed, tasks).finish();
        // A repetition may be that of the corridor, after an answer was lost.
        let honest = |end: &End<(u32, bool)>| matches!(end, End::Ready(_));
        assert!(ended.iter().all(honest), "{ended:?}");
        let page = crate::model::run(plain.entries(&EntryQuery::new(ALICE), 100, None)).unwrap();
        assert_eq!((page.items.len(), crate::model::run(ledger(&plain, ALICE))), (24, 24));
        crate::model::run(is_sound(&plain));
    }
}

/// A round of the requests of several callers is as if they had come one after another.
mod law {
    use corebank::bank::GroupCommit;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::{Driver, End, Work};
    use crate::model::{self, Item, Verdict};
    use crate::properties::{books, config, item, verdicts};

    proptest! {
        #![proptest_config(config())]

        #[test]
        fn one_round_is_as_one_after_another(requests in vec(vec(item(), 1..3), 1..10)) {
            let single = model::open_bank().0;
            let mut apart: Vec<Vec<Verdict>> = Vec::new();
            for (at, items) in requests.iter().enumerate() {
                let context = model::context(u8::try_from(at % 2).unwrap());
                apart.push(verdicts(model::run(single.post_many(&context, &model::batch(items))).unwrap()));
            }
            let options = GroupCommit::new().with_linger(1).unwrap();
            let bank = model::open_bank_with(|builder| builder.group_commit(options)).0;
            let work = |(at, items): (usize, &Vec<Item>)| {
                let (bank, batch) = (bank.clone(), model::batch(items));
                let context = model::context(u8::try_from(at % 2).unwrap());
                let work: Work<Vec<Verdict>> =
                    Box::pin(async move { verdicts(bank.post_many(&context, &batch).await.unwrap()) });
                work
            };
            let mut driver = Driver::new(1, requests.iter().enumerate().map(work));
            (0..requests.len()).for_each(|at| driver.poll(at));
            let together: Vec<Vec<Verdict>> = driver.finish().into_iter().map(|end| match end {
                End::Ready(verdicts) => verdicts,
                other => panic!("{other:?}"),
            }).collect();
            prop_assert_eq!(apart, together);
            prop_assert_eq!(books(&single), books(&bank));
        }
    }
}

/// An id that the bank gave out is fixed before the first round: a request whose round was lost
/// after it took effect is found again, and its caller knows nothing of it.
#[tokio::test]
async fn a_lost_round_is_found_again_under_the_ids_given_out() {
    let (store, bank) = bank_over(Hooks::default(), lingering()).await;
    store.hooks.suspend(true);
    let nameless = || NewTransaction::transfer(Kind::DEPOSIT, CASH, ALICE, usd(1));
    let mut lost = 0;
    for step in 0..20 {
        let before = ledger(&bank, ALICE).await;
        let calls = (0..3).map(|_| call(&bank, clerk(), nameless()));
        let mut driver = Driver::new(1, calls);
        (0..3).for_each(|at| driver.poll(at));
        for _ in 0..step {
            let _ = driver.step();
        }
        if !driver.has_ended(0) && ledger(&bank, ALICE).await > before {
            lost += 1;
        }
        driver.drop_task(0);
        for end in &driver.finish()[1..] {
            assert!(matches!(end, End::Ready(Ok(Outcome::Applied(_)))), "{end:?}");
        }
        let paid = ledger(&bank, ALICE).await - before;
        assert!(paid == 2 || paid == 3, "{paid} of three");
    }
    assert!(lost > 0, "no round was lost between its effect and its answer");
    is_sound(&bank).await;
}
