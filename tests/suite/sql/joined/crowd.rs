//! Many transactions of hosts at the same time, on the same accounts.

use std::collections::HashMap;
use std::time::Duration;

use corebank::Bank;
use corebank::id::TransactionId;
use corebank::ledger::query::{EntryQuery, TransactionQuery};
use corebank::ledger::{Outcome, Record};

use super::house::{Files, House, SAFE, Server, VAULT};
use super::sound;
use crate::group_bank::{ALICE, BOB, CASH, clerk, id, ledger, pay};

/// Tasks, and transactions of each.
const TASKS: u64 = 12;
const EACH: u64 = 6;

fn chance(seed: u64) -> u64 {
    let value = (seed.wrapping_add(1)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (value ^ (value >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 33
}

/// One transaction of a host: two postings and a row; the accounts ascend, so that none waits for
/// another in a circle. Whether it committed.
async fn one<H: House>(house: &H, bank: &Bank, number: u64) -> bool {
    let joined = house.begin().await;
    let inner = bank.over(H::store_of(&joined));
    let dice = chance(number);
    let (first, second) = (pay(number * 2, CASH, ALICE, 3), pay(number * 2 + 1, ALICE, BOB, 2));
    for new in [first, second] {
        match inner.post(&clerk(), new).await {
            Ok(outcome) => assert!(!outcome.is_replayed()),
            // The host rolls back, as it would.
            Err(error) if error.is_transient() => return false,
            Err(error) => panic!("{number}: {error:?}"),
        }
    }
    H::note(&joined, number as i64).await;
    tokio::time::sleep(Duration::from_millis(dice % 6)).await;
    let commits = !dice.is_multiple_of(4);
    H::give_back(joined, commits).await;
    commits
}

/// Every account that a later transaction uses was changed by it after the earlier one: numbers of
/// entries ascend with places in the journal.
async fn order_is_kept(bank: &Bank) {
    for account in [CASH, ALICE, BOB, VAULT, SAFE] {
        let entries = bank.entries(&EntryQuery::new(account), 10_000, None).await.unwrap().items;
        let ids: Vec<TransactionId> = entries.iter().map(|entry| entry.transaction).collect();
        let all = bank.transactions(&TransactionQuery::new(), 10_000, None).await.unwrap().items;
        let places: HashMap<TransactionId, u64> =
            all.iter().map(|one| (one.id, one.position)).collect();
        let places: Vec<u64> = ids.iter().map(|id| places[id]).collect();
        assert!(places.is_sorted(), "entries of {account} in the order {places:?}");
        assert!(entries.is_sorted_by(|a, b| a.number < b.number));
    }
}

async fn many_hosts<H: House + Clone>() {
    let house = H::open().await;
    let bank = house.bank().await;
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..TASKS {
        let (house, bank) = (house.clone(), bank.clone());
        tasks.spawn(async move {
            let mut committed = Vec::new();
            for turn in 0..EACH {
                let number = 1_000 + task * EACH + turn;
                // Now and then a posting of the bank's own, between the hosts'.
                if task % 3 == 0 {
                    let own = pay(900_000 + number, CASH, BOB, 1);
                    let _: Outcome<_> = bank.post(&clerk(), own).await.unwrap();
                }
                if one(&house, &bank, number).await {
                    committed.push(number);
                }
                if turn == 3 {
                    // A reader in between finds no gap.
                    let head = bank.head().await.unwrap().position;
                    let seen = bank.journal(0, 10_000).await.unwrap();
                    let places: Vec<u64> = seen.iter().map(Record::position).collect();
                    assert_eq!(places, (1..=places.len() as u64).collect::<Vec<_>>());
                    assert!(places.len() as u64 >= head);
                }
            }
            committed
        });
    }
    let mut committed = Vec::new();
    while let Some(done) = tasks.join_next().await {
        committed.extend(done.unwrap());
    }
    let count = committed.len() as i64;
    assert!(count > 20, "{count}");
    assert_eq!(house.notes().await, count, "as many rows of the host as transactions");
    for number in 1_000..1_000 + TASKS * EACH {
        for part in [number * 2, number * 2 + 1] {
            let there = bank.transaction(id(part)).await.is_ok();
            assert_eq!(there, committed.contains(&number), "{number}");
        }
    }
    let own = (TASKS.div_ceil(3) * EACH) as i64;
    assert_eq!(ledger(&bank, ALICE).await, count);
    assert_eq!(ledger(&bank, BOB).await, count * 2 + own);
    sound(&bank).await;
    order_is_kept(&bank).await;
    let _ = bank.seal(&clerk()).await.unwrap();
    assert!(bank.verify_seals().await.unwrap().is_clean());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_hosts_on_the_same_accounts_in_postgres() {
    many_hosts::<Server>().await;
}

/// A unit of the host and the close of the period that it books into: one of them comes first.
async fn a_close_races<H: House + Clone>() {
    let house = H::open().await;
    let bank = house.bank().await;
    let mut ends = [0_u32; 2];
    for turn in 0..12_u64 {
        let day = bank.moment().today - chrono::Days::new(20 - turn);
        let joined = house.begin().await;
        let inner = bank.over(H::store_of(&joined));
        let close = {
            let bank = bank.clone();
            move || tokio::spawn(async move { bank.close_period(&clerk(), day).await })
        };
        let new = pay(turn, CASH, ALICE, 1).with_booking_date(day);
        let (posted, closing) = match turn % 3 {
            // The close comes first, where it can while a transaction of a host is open.
            0 if H::SETTLES_LATER => {
                let _ = bank.close_period(&clerk(), day).await.unwrap();
                (inner.post(&clerk(), new).await, None)
            }
            // The posting comes first: the close waits for the host.
            1 => {
                let posted = inner.post(&clerk(), new).await;
                assert!(posted.is_ok());
                let closing = close();
                tokio::time::sleep(Duration::from_millis(15)).await;
                assert!(!closing.is_finished(), "the close waits for the host");
                (posted, Some(closing))
            }
            _ => {
                let closing = close();
                tokio::time::sleep(Duration::from_micros(chance(turn) % 3_000)).await;
                (inner.post(&clerk(), new).await, Some(closing))
            }
        };
        H::commit(joined).await;
        if let Some(closing) = closing {
            assert!(!closing.await.unwrap().unwrap().is_replayed());
        }
        match posted {
            Ok(_) => {
                ends[0] += 1;
                let place = bank.transaction(id(turn)).await.unwrap().position;
                let last = bank.head().await.unwrap().position;
                assert!(place < last, "the close is behind what it lets stand");
            }
            Err(error) => {
                ends[1] += 1;
                assert_eq!(error.code(), "period_closed");
            }
        }
    }
    println!("posted, refused: {ends:?}");
    assert!(ends[0] > 0, "{ends:?}");
    sound(&bank).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_period_closes_beside_a_host_in_postgres() {
    a_close_races::<Server>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_period_closes_behind_a_host_in_sqlite() {
    a_close_races::<Files>().await;
}

/// Two hosts that take two accounts the other way about: one gives way, soon, and both can end.
#[tokio::test(flavor = "multi_thread")]
async fn hosts_that_wait_for_each_other_come_to_an_end() {
    let house = Server::open().await;
    let bank = house.bank().await;
    let orders = [[10_u64, 20], [20, 10]];
    let mut tasks = tokio::task::JoinSet::new();
    let barrier = std::sync::Arc::new(tokio::sync::Barrier::new(2));
    for (host, order) in orders.into_iter().enumerate() {
        let (house, bank, barrier) = (house.clone(), bank.clone(), barrier.clone());
        tasks.spawn(async move {
            let joined = house.begin().await;
            let inner = bank.over(Server::store_of(&joined));
            let mut met = false;
            for which in order {
                let (debit, credit) = if which == 10 { (CASH, VAULT) } else { (SAFE, SAFE) };
                let new = pay(which + host as u64, debit, credit, 1);
                if let Err(error) = inner.post(&clerk(), new).await {
                    assert!(error.is_transient(), "{error:?}");
                    return false;
                }
                if !met {
                    met = true;
                    barrier.wait().await;
                }
            }
            Server::commit(joined).await;
            true
        });
    }
    let begun = std::time::Instant::now();
    let mut committed = 0;
    while let Some(done) = tasks.join_next().await {
        committed += u32::from(done.unwrap());
    }
    let took = begun.elapsed();
    println!("{committed} committed after {took:?}");
    assert!(committed >= 1);
    assert!(took < Duration::from_secs(12), "waiting for ever helps nobody: {took:?}");
    sound(&bank).await;
}
