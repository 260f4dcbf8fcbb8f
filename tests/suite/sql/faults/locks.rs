//! Locks on a server: who waits for whom, and that nobody waits in a circle.

use std::time::Duration;

use corebank::bank::{Bank, Error};
use corebank::id::HoldId;
use corebank::ledger::query::AsOf;
use corebank::ledger::{Kind, NewCapture, NewHold, NewReversal, NewTransaction};
use corebank::store::postgres::PostgresStore;

use super::books::{
    Place, Random, account, clerk, fill, id, insist, is_passing, is_sound, postgres_at, usd,
};
use crate::server::Server;

/// A database of its own, so that its counters are those of one test.
async fn own_database() -> (String, PostgresStore, Bank) {
    let url = Server::shared().fresh_database();
    let Place::Postgres { schema, .. } = Place::postgres(&url) else { unreachable!() };
    let store = postgres_at(&url, &schema).await.unwrap();
    let bank = Bank::open(store.clone()).await.unwrap();
    fill(&bank).await;
    (url, store, bank)
}

fn deadlocks(url: &str) -> u64 {
    let count = "SELECT pg_stat_clear_snapshot(), deadlocks FROM pg_stat_database \
        WHERE datname = current_database()";
    let said = Server::shared().psql(url, count);
    said.trim_start_matches('|').parse().expect("a number")
}

fn between(number: u64, from: u64, to: u64) -> NewTransaction {
    let (from, to) = (account(from), account(to));
    NewTransaction::transfer(Kind::TRANSFER, from, to, usd(5)).with_id(id(number))
}

/// Far more than it takes, and far less than a test that hangs.
async fn in_time<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), work).await.expect("it waits for a lock")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_transaction_of_a_host_holds_up_only_its_accounts() {
    let (_url, store, bank) = own_database().await;
    let joined = store.begin_joined().await.unwrap();
    let inner = bank.over(joined.store());
    let _ = inner.post(clerk(), between(0, 0, 1)).await.unwrap();
    // Left open.
    in_time(async {
        for number in 1..20 {
            let (from, to) = (2 + number % 3, 5 + number % 3);
            let _ = bank.post(clerk(), between(number, from, to)).await.unwrap();
        }
        let hold = NewHold::transfer(Kind::TRANSFER, account(2), account(3), usd(5));
        let _ = bank.hold(clerk(), hold.with_id(HoldId::from_u128(1))).await.unwrap();
        bank.seal(clerk()).await.unwrap();
        assert_eq!(bank.balance(account(0)).await.unwrap().ledger, usd(0));
        assert!(bank.trial_balance(AsOf::Now).await.unwrap().is_zero());
        assert_eq!(is_sound(&bank).await.transactions.len(), 19);
    })
    .await;
    // Its own account waits, and goes on once the host has committed.
    let waiting = {
        let bank = bank.clone();
        tokio::spawn(async move { bank.post(clerk(), between(30, 1, 2)).await })
    };
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!waiting.is_finished(), "a posting passed one that is not committed");
    drop(inner);
    joined.commit().await.unwrap();
    let _ = in_time(waiting).await.unwrap().unwrap();
    let told = is_sound(&bank).await;
    assert_eq!(told.transactions.len(), 21);
    assert_eq!(bank.balance(account(1)).await.unwrap().ledger, usd(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hosts_that_wait_in_a_circle_are_told_to_repeat() {
    let (_url, store, bank) = own_database().await;
    let (one, two) = (store.begin_joined().await.unwrap(), store.begin_joined().await.unwrap());
    let (first, second) = (bank.over(one.store()), bank.over(two.store()));
    let _ = first.post(clerk(), between(0, 0, 1)).await.unwrap();
    let _ = second.post(clerk(), between(1, 2, 3)).await.unwrap();
    let (a, b) = in_time(async {
        tokio::join!(
            async {
                let done = first.post(clerk(), between(2, 2, 3)).await;
                drop(first);
                if done.is_ok() {
                    one.commit().await.unwrap()
                } else {
                    drop(one)
                }
                done
            },
            async {
                let done = second.post(clerk(), between(3, 0, 1)).await;
                drop(second);
                if done.is_ok() {
                    two.commit().await.unwrap()
                } else {
                    drop(two)
                }
                done
            },
        )
    })
    .await;
    // Two accounts in opposite order, across calls: that only the hosts can avoid.
    let failed: Vec<&Error> = [&a, &b].into_iter().filter_map(|end| end.as_ref().err()).collect();
    assert_eq!(failed.len(), 1, "{a:?} {b:?}");
    assert_eq!(failed[0].code(), "unavailable", "{:?}", failed[0]);
    assert!(is_passing(failed[0]) && failed[0].to_string().contains("roll it back"));
    assert_eq!(is_sound(&bank).await.transactions.len(), 2);
}

/// Distinct legs in any order, balanced by the first.
fn many_legs(random: &mut Random, number: u64) -> NewTransaction {
    let start = random.below(8);
    let step = [1, 3, 5, 7][random.below(4) as usize];
    let legs = 2 + random.below(5);
    let debits = (1..legs).fold(NewTransaction::new(Kind::TRANSFER), |sum, leg| {
        sum.debit(account(start + leg * step), usd(3))
    });
    debits.credit(account(start), usd(3 * (legs - 1) as i64)).with_id(id(number))
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_postings_never_wait_in_a_circle() {
    let (url, _store, bank) = own_database().await;
    let mut random = Random::new();
    println!("seed {}", random.0);
    let callers: Vec<_> = (0..8_u64)
        .map(|caller| {
            let (bank, mut random) = (bank.clone(), Random(random.below(u64::MAX)));
            tokio::spawn(async move {
                for number in 0..40 {
                    let new = many_legs(&mut random, caller * 1_000 + number);
                    let _ = bank.post(clerk(), new).await.unwrap();
                }
            })
        })
        .collect();
    for caller in callers {
        in_time(caller).await.unwrap();
    }
    assert_eq!(is_sound(&bank).await.transactions.len(), 320);
    // A server counts a little later.
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!(deadlocks(&url), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_mixed_ends_and_no_caller_hears_of_a_deadlock() {
    let (url, _store, bank) = own_database().await;
    let mut random = Random::new();
    println!("seed {}", random.0);
    let callers: Vec<_> = (0..8_u64)
        .map(|caller| {
            let (bank, random) = (bank.clone(), Random(random.below(u64::MAX)));
            tokio::spawn(mix(bank, random, caller))
        })
        .collect();
    for caller in callers {
        tokio::time::timeout(Duration::from_secs(60), caller).await.unwrap().unwrap();
    }
    is_sound(&bank).await;
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    println!("deadlocks that were resolved by repeating: {}", deadlocks(&url));
}

async fn mix(bank: Bank, mut random: Random, caller: u64) {
    for number in (0..24).map(|number| caller * 1_000 + number * 10) {
        let new = many_legs(&mut random, number);
        let hold = HoldId::from_u128(u128::from(number) + 1);
        let (from, to) = (account(random.below(8)), account(number));
        let batch: corebank::ledger::Batch =
            (1..4).map(|at| many_legs(&mut random, number + at)).collect();
        let _ = bank.post(clerk(), new).await.unwrap();
        for outcome in bank.post_many(clerk(), &batch).await.unwrap() {
            let _ = outcome.unwrap();
        }
        if from != to {
            let new = NewHold::transfer(Kind::TRANSFER, from, to, usd(9)).with_id(hold);
            let _ = bank.hold(clerk(), new).await.unwrap();
            let capture = NewCapture::rest(Kind::TRANSFER, hold).with_id(id(number + 5));
            let _ = bank.capture(clerk(), capture).await.unwrap();
        }
        // Of another caller as well, who may do the same: one of the two is refused.
        for original in [number, (caller + 1) % 8 * 1_000 + number % 1_000] {
            let reversal = NewReversal::new(id(original));
            match bank.reverse(clerk(), reversal).await {
                Ok(_) => {}
                Err(error) => assert!(error.refusal().is_some(), "{}: {error:?}", error.code()),
            }
        }
        if number % 50 == 0 {
            let _ = insist(|| bank.seal(clerk())).await;
        }
    }
}
