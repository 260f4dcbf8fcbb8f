//! The suite that every store must pass, a host's own too.
//!
//! A test of a store is one call of [`run_all`] with a function that gives a fresh, empty store.
//! There are no subsets: a store that passes a part is not a store.
//!
//! | part | what it asks |
//! |---|---|
//! | refusals | every refusal, each in a request that has every later fault too: the order holds |
//! | holds | parts, last captures, many legs, releases, expiry, limits given back |
//! | identity | a repetition is answered by what was asked for then, whatever has changed since |
//! | groups | all or none |
//! | reads | every order, direction and size of page; balances as of any state |
//! | books | closing of periods and years, reports |
//! | dry run | the same answer, and nothing changed |
//! | isolation | of two units that read the same, one conflicts; a dropped one leaves no trace |
//! | origins | a unit with the requests of many callers keeps the origin of each |
//! | races | callers that overlap at every call, over [`Yielding`] |
//! | group commit | requests of many callers in one unit; callers that go away; a clean end |
//! | seals | blocks follow each other, two callers do not fork the chain, proofs hold |
//! | outbox | every record reaches whom it concerns; leases, parts, starts, turns |
//! | marks | readers' marks are kept as they are, compared and swapped, all or none |
//! | people | rows beside the ledger; registration, documents, the gate, accounts, mandates, orders, and what overlaps |
//! | archive | the whole bank moves out as rows and into a fresh store, and lives on as it did |
//!
//! After each scenario the books are audited: trial balance, journal, entries, holds, `verify`.
//!
//! [`simulate`] plays random callers by seed over a store that suspends and fails, and
//! [`simulate_waiting`] does where the store has a world to wait for. [`Broken`] stores, each with one planted fault, show that the suite bites.

mod archive;
mod audit;
mod bench;
mod books;
mod broken;
mod broken_rows;
mod crashing;
mod dry_run;
mod executor;
mod failing;
mod forward;
mod group_commit;
mod groups;
mod holds;
mod identity;
mod isolation;
mod marks;
mod origins;
mod outbox;
mod overlap;
mod people;
mod races;
mod random;
mod reads;
mod refusals;
mod seals;
mod simulation;
mod yielding;

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use crate::store::{Store, StoreError};

pub use broken::{Broken, Fault};
pub use crashing::{Crashing, Cut, Fuse};
pub use failing::{Failing, Odds};
pub use outbox::{ReadReport, simulate_readers, simulate_readers_waiting};
pub use simulation::{SimReport, simulate, simulate_waiting};
pub use yielding::Yielding;

use bench::{Bench, Checked, Found};
use forward::Shared;

/// How a scenario plays out.
type Play = Pin<Box<dyn Future<Output = Checked> + Send>>;

/// A scenario: it gets a bench over a fresh store.
struct Scenario {
    name: &'static str,
    play: fn(Bench) -> Play,
}

/// How the suite ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use = "a report says whether the store passed"]
pub struct Report {
    /// The scenarios that passed.
    pub passed: Vec<&'static str>,
    /// The scenarios that did not.
    pub failed: Vec<Failure>,
}

/// A scenario that failed, and what it saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The scenario.
    pub scenario: &'static str,
    /// What it saw.
    pub what: String,
}

impl Report {
    /// Whether every scenario passed.
    #[must_use]
    pub const fn is_pass(&self) -> bool {
        self.failed.is_empty() && !self.passed.is_empty()
    }

    fn note(&mut self, scenario: &'static str, played: Checked) {
        match played {
            Ok(()) => self.passed.push(scenario),
            Err(Found(what)) => self.failed.push(Failure { scenario, what }),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.passed.len().saturating_add(self.failed.len());
        writeln!(f, "{} of {all} scenarios passed", self.passed.len())?;
        for Failure { scenario, what } in &self.failed {
            writeln!(f, "FAILED {scenario}: {what}")?;
        }
        Ok(())
    }
}

/// Runs every scenario, each on a fresh, empty store from `factory`.
///
/// It never panics; what went wrong stands in the report.
pub async fn run_all<F, Fut, S>(factory: F) -> Report
where
    F: Fn() -> Fut + Send + Sync,
    Fut: Future<Output = Result<S, StoreError>> + Send,
    S: Store,
{
    let parts = [
        refusals::ALL,
        holds::ALL,
        identity::ALL,
        groups::ALL,
        reads::ALL,
        books::ALL,
        dry_run::ALL,
        isolation::ALL,
        origins::ALL,
        races::ALL,
        group_commit::ALL,
        seals::ALL,
        marks::ALL,
        outbox::ALL,
        archive::ALL,
        people::ALL,
    ];
    let mut report = Report::default();
    for scenario in parts.into_iter().flatten() {
        let played = match factory().await {
            Ok(store) => play(scenario, Shared::new(store)).await,
            Err(error) => Err(none(&error)),
        };
        report.note(scenario.name, played);
    }
    // A bank moves into a store without books only, and a bench has some.
    let moved = match factory().await {
        Ok(store) => archive::back(Shared::new(store)).await,
        Err(error) => Err(none(&error)),
    };
    report.note("archive/back", moved);
    report
}

fn none(error: &StoreError) -> Found {
    Found(format!("the factory gave no store: {error}"))
}

async fn play(scenario: &Scenario, store: Shared) -> Checked {
    let bench = Bench::open(store).await?;
    (scenario.play)(bench.clone()).await?;
    audit::audit(&bench.bank).await?;
    Ok(())
}
