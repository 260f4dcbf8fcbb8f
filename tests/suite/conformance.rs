//! The conformance suite over the memory store, and the proof that the suite bites.

use corebank::conformance::{Broken, Failing, Fault, Odds, Report, Yielding, run_all, simulate};
use corebank::store::memory::MemoryStore;

fn passes(report: &Report) {
    assert!(report.is_pass(), "{report}");
}

#[tokio::test]
async fn the_memory_store_passes() {
    passes(&run_all(|| async { Ok(MemoryStore::new()) }).await);
}

#[tokio::test]
async fn the_memory_store_passes_when_it_suspends_before_every_call() {
    passes(&run_all(|| async { Ok(Yielding::new(MemoryStore::new())) }).await);
}

#[tokio::test]
async fn a_failing_store_that_never_fails_passes() {
    let factory = || async { Ok(Failing::new(MemoryStore::new(), 1, Odds::NEVER)) };
    passes(&run_all(factory).await);
}

#[tokio::test]
async fn every_planted_fault_is_found() {
    let mut missed = Vec::new();
    for fault in Fault::ALL {
        let report = run_all(|| async { Ok(Broken::new(MemoryStore::new(), *fault)) }).await;
        println!("{fault:?}: {report}");
        if report.is_pass() {
            missed.push(fault);
        }
    }
    assert!(missed.is_empty(), "these faults passed the suite: {missed:?}");
}

/// How many seeds: 200, or what `COREBANK_SEEDS` says.
fn seeds() -> u64 {
    std::env::var("COREBANK_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(200)
}

#[test]
fn random_callers_over_a_store_that_suspends_and_fails_leave_sound_books() {
    for seed in 0..seeds() {
        let report = simulate(seed, MemoryStore::new());
        assert!(report.is_ok(), "{}", report.err().unwrap_or_default());
    }
}

#[test]
fn a_simulation_repeats_exactly() {
    let play = || simulate(42, MemoryStore::new());
    assert_eq!(play(), play());
}

#[test]
fn a_simulation_finds_a_store_without_versions() {
    let found = (0..20).any(|seed| {
        simulate(seed, Broken::new(MemoryStore::new(), Fault::NoVersionCheck)).is_err()
    });
    assert!(found, "lost updates went unseen in 20 seeds");
}
