//! Many more callers than connections: units wait for a connection, never for each other's.

use std::time::Duration;

use corebank::bank::{Bank, Context, Error};
use corebank::id::AccountId;
use corebank::ledger::{
    AccountClass, ChartCode, ChartNode, Kind, NewAccount, NewTransaction, Text,
};
use corebank::money::{Currency, Money};
use corebank::store::postgres::{PostgresOptions, PostgresStore};

use super::places::{database, fresh_number};

const CALLERS: usize = 32;

struct Scene {
    store: PostgresStore,
    bank: Bank,
    clerk: Context,
    accounts: Vec<AccountId>,
}

/// A pool that gives up long before a test would.
async fn scene() -> Scene {
    let schema = format!("pool_{}_{}", std::process::id(), fresh_number());
    let options = PostgresOptions::new().schema(schema).connections(3);
    let options = options.acquire_timeout(Duration::from_secs(20));
    let store = options.open(database()).await.unwrap();
    let bank = Bank::open(store.clone()).await.unwrap();
    let clerk = Context::system("pool").unwrap();
    let code = ChartCode::new("1000").unwrap();
    let node = ChartNode::new(code, AccountClass::Asset, None, Text::new("Cash").unwrap());
    let _ = bank.define_chart(&clerk, &[node]).await.unwrap();
    let mut accounts = Vec::new();
    for _ in 0..CALLERS {
        let opened = bank.open_account(&clerk, NewAccount::new(code, Currency::USD)).await;
        accounts.push(opened.unwrap().into_inner());
    }
    Scene { store, bank, clerk, accounts }
}

fn transfer(scene: &Scene, caller: usize) -> NewTransaction {
    let (from, to) = (scene.accounts[caller], scene.accounts[(caller + 1) % CALLERS]);
    NewTransaction::transfer(Kind::TRANSFER, from, to, Money::new(1, Currency::USD))
}

/// All callers at once; how many transfers were posted.
async fn play(scene: Scene, rounds: usize, joined_every: usize) -> u64 {
    let scene = std::sync::Arc::new(scene);
    let before = scene.bank.head().await.unwrap().position;
    let callers: Vec<_> = (0..CALLERS)
        .map(|caller| {
            let scene = scene.clone();
            tokio::spawn(async move {
                for round in 0..rounds {
                    let new = transfer(&scene, caller);
                    if joined_every > 0 && (caller + round) % joined_every == 0 {
                        let joined = scene.store.begin_joined().await?;
                        let _ = scene.bank.over(joined.store()).post(&scene.clerk, new).await?;
                        joined.commit().await?;
                    } else {
                        let _ = scene.bank.post(&scene.clerk, new).await?;
                    }
                }
                Ok::<(), Error>(())
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap().unwrap();
    }
    assert!(scene.bank.verify().await.unwrap().is_clean());
    scene.bank.head().await.unwrap().position - before
}

/// Numbers of units come in ranges of some hundred, and this takes several.
#[tokio::test(flavor = "multi_thread")]
async fn units_never_wait_for_a_second_connection_while_they_hold_one() {
    assert_eq!(play(scene().await, 40, 0).await, 40 * CALLERS as u64);
}

/// Every unit of a bank that follows a joined one settles its place first.
#[tokio::test(flavor = "multi_thread")]
async fn joined_units_are_settled_without_a_second_connection() {
    assert_eq!(play(scene().await, 32, 3).await, 32 * CALLERS as u64);
}
