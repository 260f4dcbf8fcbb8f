//! Refusals: one row per code, in the order of [`Refusal::ALL`]. The request of a row has the
//! fault of the row and the later faults that can stand beside it, so that a store or a rule
//! which looks for them in another order is caught. All rows play in one [`World`], and as all are
//! refused, the world is the same after them.

use std::future::Future;
use std::pin::Pin;

use crate::bank::Error;
use crate::ledger::Refusal;

use super::Scenario;
use super::bench::{Bench, Checked, Found, ensure, found, same};
use world::World;

mod accounts;
mod batches;
mod dates;
mod postings;
mod structure;
mod world;

/// Codes without a row of their own, and the scenario that provokes them.
const ELSEWHERE: &[(&str, &str)] = &[
    ("unknown_subscription", "outbox/refusals"),
    ("subscription_differs", "outbox/refusals"),
    ("lease_lost", "outbox/refusals"),
    // Seen by the caller as the refusal of the rule that is behind it.
    ("barred", "people/batches"),
    ("account_guarded", "people/guarded"),
];

pub(super) const ALL: &[Scenario] = &[
    Scenario { name: "refusals/rows", play: |bench| Box::pin(rows(bench)) },
    Scenario {
        name: "refusals/id_reused_names_the_field",
        play: |bench| Box::pin(structure::fields(bench)),
    },
    Scenario { name: "refusals/floor_to_the_unit", play: |bench| Box::pin(postings::floor(bench)) },
    Scenario {
        name: "refusals/ceiling_to_the_unit",
        play: |bench| Box::pin(postings::ceiling(bench)),
    },
    Scenario { name: "refusals/blocks_by_side", play: |bench| Box::pin(postings::blocks(bench)) },
    Scenario {
        name: "refusals/closing_accounts",
        play: |bench| Box::pin(accounts::closing(bench)),
    },
    Scenario {
        name: "refusals/limits_within_a_batch",
        play: |bench| Box::pin(batches::limits(bench)),
    },
    Scenario { name: "refusals/limits_by_scope", play: |bench| Box::pin(batches::scopes(bench)) },
    Scenario {
        name: "refusals/overflow_at_the_end",
        play: |bench| Box::pin(postings::overflow(bench)),
    },
];

/// What a row's request ended in: whatever it gave, or why not.
type Answer = Pin<Box<dyn Future<Output = Result<String, Error>> + Send>>;

/// A row: the code that must come back, and the request that provokes it.
struct Row {
    code: &'static str,
    ask: fn(World) -> Answer,
}

async fn rows(bench: Bench) -> Checked {
    let world = World::build(bench.clone()).await?;
    let rows: Vec<&Row> =
        [structure::ROWS, accounts::ROWS, dates::ROWS, postings::ROWS, batches::ROWS]
            .into_iter()
            .flatten()
            .collect();
    let head = bench.bank.head().await?;
    let mut wrong = Vec::new();
    for row in &rows {
        match (row.ask)(world.clone()).await {
            Err(Error::Refused(refusal)) if refusal.code() == row.code => {}
            Err(error) => wrong.push(format!("{}: was {}: {error}", row.code, error.code())),
            Ok(outcome) => wrong.push(format!("{}: was not refused: {outcome}", row.code)),
        }
    }
    ensure(wrong.is_empty(), format!("rows with another answer: {}", wrong.join("; ")))?;
    same(bench.bank.head().await?, head, "the head after nothing but refusals")?;
    covered(&rows)
}

/// Every code has a row or stands in [`ELSEWHERE`], never both.
fn covered(rows: &[&Row]) -> Checked {
    for code in Refusal::ALL {
        let row = rows.iter().any(|row| row.code == *code);
        let elsewhere = ELSEWHERE.iter().any(|(other, _)| other == code);
        ensure(row != elsewhere, format!("{code} has no row, or stands elsewhere too"))?;
    }
    let unknown = rows.iter().find(|row| !Refusal::ALL.contains(&row.code));
    match unknown {
        Some(row) => Err(found(format!("{} is no code of a refusal", row.code))),
        None => Ok(()),
    }
}

/// Turns an outcome into words.
fn told<T: std::fmt::Debug>(result: Result<T, Error>) -> Result<String, Error> {
    result.map(|outcome| format!("{outcome:?}"))
}

/// A fault of the suite itself, as an answer that no row expects.
fn broken(found: Found) -> Result<String, Error> {
    Ok(format!("the row could not be asked: {}", found.0))
}
