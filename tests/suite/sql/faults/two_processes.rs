//! Several processes and several handles over the same books, posting and sealing at once.

use std::collections::HashSet;
use std::time::Duration;

use corebank::bank::Bank;
use corebank::store::sqlite::SqliteOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use super::books::{Place, clerk, insist, is_sound, pay};
use super::offspring::{Offspring, Task, answered};
use super::script::{CALLERS, Request};
use crate::sql::places;

/// Two rounds of the script and a bit.
const TURNS: u64 = 20;

async fn ask_side_by_side(place: Place) {
    let place = place.filled().await;
    let children: Vec<Offspring> = [(0, false), (1, true)]
        .into_iter()
        .map(|(life, group_commit)| {
            Offspring::start(&place, &Task::Ask { life, turns: TURNS, group_commit })
        })
        .collect();
    let mut callers = Vec::new();
    let (one, two) = (place.open().await.unwrap(), place.open_as(true).await.unwrap());
    for (life, books) in [(2, &one), (3, &two)] {
        for caller in 0..CALLERS {
            let bank = books.bank.clone();
            callers.push(tokio::spawn(async move {
                for turn in 0..TURNS {
                    let request = Request { life, caller, turn };
                    insist(|| request.ask(&bank)).await;
                }
            }));
        }
    }
    for caller in callers {
        caller.await.unwrap();
    }
    for child in children {
        assert_eq!(answered(&child.finish()).len() as u64, CALLERS * TURNS);
    }
    let mut posted = HashSet::new();
    for life in 0..4 {
        for caller in 0..CALLERS {
            for turn in 0..TURNS {
                posted.extend(Request { life, caller, turn }.posts());
            }
        }
    }
    // One journal without gaps, one chain of blocks.
    let told = is_sound(&one.bank).await;
    assert_eq!(told.transactions, posted);
    let (here, there) = tokio::join!(one.bank.seal(clerk()), two.bank.seal(clerk()));
    assert_eq!(here.unwrap().last, two.bank.seal(clerk()).await.unwrap().last);
    there.unwrap();
    let seals = two.bank.verify_seals().await.unwrap();
    assert!(seals.is_clean() && seals.unsealed == 0 && seals.blocks > 1, "{seals:?}");
    one.close().await;
    two.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_share_a_file() {
    ask_side_by_side(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_share_a_server() {
    ask_side_by_side(Place::postgres(places::database())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_another_holds_is_unavailable_until_it_lets_go() {
    let Place::Sqlite(path) = Place::sqlite().filled().await else { unreachable!() };
    let options = SqliteOptions::new(&path).busy_timeout(Duration::from_millis(200));
    let bank = Bank::open(options.open().await.unwrap()).await.unwrap();
    let mut other = SqliteConnectOptions::new().filename(&path).connect().await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let error = bank.post(clerk(), pay(0)).await.unwrap_err();
    assert_eq!(error.code(), "unavailable", "{error:?}");
    assert!(error.is_transient() && !error.may_have_applied());
    assert!(error.to_string().contains("busy time-out"), "{error}");
    // Reads go on.
    assert!(is_sound(&bank).await.transactions.is_empty());
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    other.close().await.unwrap();
    assert!(!bank.post(clerk(), pay(0)).await.unwrap().is_replayed());
    assert_eq!(is_sound(&bank).await.transactions.len(), 1);
}
