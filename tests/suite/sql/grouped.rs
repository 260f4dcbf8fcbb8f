//! Group commit over the SQL stores: many callers, few units.

use std::future::Future;

use corebank::Bank;
use corebank::bank::{Context, Error, GroupCommit};
use corebank::ledger::query::TransactionQuery;
use corebank::ledger::{Actor, Channel, Correlation, NewTransaction, Outcome};
use corebank::store::{Store, StoreError};
use tokio::task::JoinSet;

use crate::group_bank::{ALICE, BOB, CASH, clerk, fill, id, is_sound, ledger, pay};

use super::places;

const TASKS: u64 = 200;

fn caller(number: u64) -> Context {
    let actor = Actor::new(&format!("user:{number}")).unwrap();
    let correlation = Correlation::new(&format!("call {number}")).unwrap();
    Context::new(actor, Channel::MOBILE).with_correlation(correlation)
}

async fn grouped(store: impl Store, options: GroupCommit) -> Bank {
    let bank = Bank::builder(store).group_commit(options).open().await.unwrap();
    fill(&bank).await;
    bank
}

/// What a caller asks for, and how it must end: every fifth is poison of one kind or another.
fn asked(number: u64) -> (NewTransaction, Option<&'static str>) {
    match number % 20 {
        4 => (pay(number, ALICE, BOB, 1_000_000), Some("insufficient_funds")),
        9 => (pay(number, CASH, corebank::id::AccountId::from_u128(9), 1), Some("unknown_account")),
        14 => (pay(number, CASH, ALICE, 0), Some("amount_not_positive")),
        // An id that somebody had before the others came, for another amount.
        19 => (pay(1_000, CASH, ALICE, 77), Some("id_reused")),
        _ => (pay(number, CASH, ALICE, 2), None),
    }
}

async fn everybody_on_one_account<S, F>(store: impl Fn() -> F, options: GroupCommit)
where
    S: Store + Clone,
    F: Future<Output = Result<S, StoreError>>,
{
    let store = store().await.unwrap();
    let bank = grouped(store.clone(), options).await;
    let _ = bank.post(&clerk(), pay(1_000, CASH, ALICE, 5)).await.unwrap();
    let before = units(&bank).await;
    let mut tasks = JoinSet::new();
    for number in 0..TASKS {
        let bank = bank.clone();
        tasks.spawn(async move {
            let (new, code) = asked(number);
            let ended = bank.post(&caller(number), new.clone()).await;
            match (&ended, code) {
                (Ok(Outcome::Applied(receipt)), None) => assert!(receipt.position > 0),
                (Err(Error::Refused(refusal)), Some(code)) => assert_eq!(refusal.code(), code),
                other => panic!("{number}: {other:?}"),
            }
            // Whoever asks again is answered as before.
            if number % 7 == 0 {
                let again = bank.post(&caller(number), new).await;
                assert_eq!(again.is_ok(), ended.is_ok());
                assert!(again.is_err() || again.unwrap().is_replayed());
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
    let good = (0..TASKS).filter(|number| asked(*number).1.is_none()).count() as i64;
    assert_eq!(ledger(&bank, ALICE).await, 5 + good * 2);
    let rounds = units(&bank).await - before;
    println!("{good} postings in at most {rounds} units");
    assert!(rounds * 2 < good as u64, "{good} postings in {rounds} units");
    // Each under the name of the one who asked.
    for number in 0..TASKS {
        let found = bank.transaction(id(number)).await;
        let (_, code) = asked(number);
        assert_eq!(found.is_ok(), code.is_none(), "{number}");
        if let Ok(found) = found {
            let expected = caller(number);
            assert_eq!(found.origin.actor, expected.actor);
            assert_eq!(found.origin.channel, Channel::MOBILE);
            assert_eq!(found.origin.correlation, expected.correlation);
            let query = TransactionQuery::new().with_correlation(expected.correlation.unwrap());
            let listed = bank.transactions(&query, 10, None).await.unwrap().items;
            assert_eq!(listed, [found]);
        }
    }
    is_sound(&bank).await;
    closes(&bank).await;
    // Another handle to the books goes on.
    let next = Bank::open(store).await.unwrap();
    assert!(next.post(&caller(0), asked(0).0).await.unwrap().is_replayed());
    let _ = next.post(&clerk(), pay(5_000, CASH, ALICE, 1)).await.unwrap();
}

/// Records of one unit stand a nanosecond apart: what is further is another unit. (Two units may
/// stand so close only where the clock stood still.)
async fn units(bank: &Bank) -> u64 {
    let journal = bank.journal(0, 10_000).await.unwrap();
    let apart = |pair: &[corebank::ledger::Record]| {
        pair[1].posted_at().as_nanos() - pair[0].posted_at().as_nanos() > 1
    };
    journal.windows(2).filter(|pair| apart(pair)).count() as u64
}

/// What was accepted before the bank was closed has an answer, and nothing is accepted behind it.
async fn closes(bank: &Bank) {
    let mut tasks = JoinSet::new();
    for number in 2_000..2_060_u64 {
        let bank = bank.clone();
        tasks.spawn(async move {
            let ended = bank.post(&caller(number), pay(number, CASH, BOB, 1)).await;
            match ended {
                Ok(_) => Some(number),
                Err(Error::Closed) => None,
                Err(error) => panic!("{number}: {error:?}"),
            }
        });
    }
    tokio::task::yield_now().await;
    bank.close().await;
    let late = bank.post(&clerk(), pay(3_000, CASH, BOB, 1)).await.unwrap_err();
    assert_eq!(late.code(), "closed");
    let mut taken = 0;
    while let Some(ended) = tasks.join_next().await {
        taken += i64::from(ended.unwrap().is_some());
    }
    assert_eq!(ledger(bank, BOB).await, taken);
    let backlog = bank.backlog().unwrap();
    assert!(backlog.closed && backlog.queued == 0 && backlog.rounds == 0, "{backlog:?}");
    is_sound(bank).await;
}

fn two_rounds() -> GroupCommit {
    let small = GroupCommit::new().with_max_items(30).unwrap().with_queue(50).unwrap();
    small.with_rounds_in_flight(2).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_on_one_account_in_sqlite() {
    everybody_on_one_account(places::sqlite, GroupCommit::new()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_on_one_account_in_postgres() {
    everybody_on_one_account(places::postgres, GroupCommit::new()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_rounds_in_flight_in_sqlite() {
    everybody_on_one_account(places::sqlite, two_rounds()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_rounds_in_flight_in_postgres() {
    everybody_on_one_account(places::postgres, two_rounds()).await;
}
