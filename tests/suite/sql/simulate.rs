//! Random callers and readers over the SQL stores, which suspend and fail by seed, and the naive
//! model beside them.
//!
//! `COREBANK_SQL_SEEDS` says how many seeds each store gets, `COREBANK_SEED` the first.

use std::future::Future;

use corebank::conformance::{simulate_readers_waiting, simulate_waiting};
use corebank::store::{Store, StoreError};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, TestRunner};

use crate::model::Sim;
use crate::model_test::next;

use super::places;

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn seeds() -> std::ops::Range<u64> {
    let first = number("COREBANK_SEED", 1);
    first..first + number("COREBANK_SQL_SEEDS", 3)
}

async fn callers<S, F>(store: impl Fn() -> F)
where
    S: Store + Clone,
    F: Future<Output = Result<S, StoreError>>,
{
    for seed in seeds() {
        let report = simulate_waiting(seed, store().await.unwrap()).await.unwrap();
        // Most faults of the store are met by the corridor, which repeats by itself.
        assert!(report.applied > 10, "{report:?}");
        println!("{report:?}");
    }
}

async fn readers<S, F>(store: impl Fn() -> F)
where
    S: Store + Clone,
    F: Future<Output = Result<S, StoreError>>,
{
    for seed in seeds() {
        let report = simulate_readers_waiting(seed, store().await.unwrap()).await.unwrap();
        assert!(report.delivered >= 40, "{report:?}");
        println!("{report:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn random_callers_leave_sound_books_in_sqlite() {
    callers(places::sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn random_callers_leave_sound_books_in_postgres() {
    callers(places::postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn racing_readers_get_every_event_from_sqlite() {
    readers(places::sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn racing_readers_get_every_event_from_postgres() {
    readers(places::postgres).await;
}

/// The walk of the model test, over fewer and shorter histories: `PROPTEST_CASES / 64` of them.
fn agrees_with_the_model<S, F>(store: impl Fn() -> F)
where
    S: Store + Clone,
    F: Future<Output = Result<S, StoreError>>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let _entered = runtime.enter();
    let moves = proptest::collection::vec(next(), 25..=50);
    let probes = proptest::collection::vec((0..3_u8, proptest::num::i64::ANY), 4);
    let mut runner = TestRunner::new(Config::default());
    for case in 0..Config::default().cases.div_ceil(64) {
        let moves = moves.new_tree(&mut runner).unwrap().current();
        let mut sim = Sim::over(runtime.block_on(store()).unwrap());
        for (at, next) in moves.iter().enumerate() {
            println!("case {case}, move {at}: {next:?}");
            sim.walk(next);
        }
        sim.finish(&probes.new_tree(&mut runner).unwrap().current());
    }
}

#[test]
fn sqlite_agrees_with_the_naive_model() {
    agrees_with_the_model(places::sqlite);
}

#[test]
fn postgres_agrees_with_the_naive_model() {
    agrees_with_the_model(places::postgres);
}
