//! How fast is it here? One JSON line per run, for anyone to repeat.
//!
//! ```text
//! cargo run --release --example throughput -- --store memory --accounts 10000 --batch 8190 \
//!     --threads 1 --seconds 5 --json
//! cargo run --release --features sqlite,postgres --example throughput -- \
//!     --store sqlite:FILE --batch 1 --concurrency 16 --group --json
//! cargo run --release --features sqlite,postgres --example throughput -- \
//!     --store 'postgres://user@host/database' --batch 1 --concurrency 16 --hot --json
//! ```
//!
//! Posts two-leg transfers between uniformly random customer accounts through the public front
//! door: idempotent ids, floors, running balances, audit and outbox are on, because they cannot
//! be turned off. `floor_us_per_transfer` is a loop in the same run that only bumps two counters
//! and appends 128 bytes to fresh memory.
//!
//! - Callers are threads with accounts of their own; with `--concurrency C`, and over a database,
//!   they are tasks on a runtime of `--threads` threads that share all accounts. Each posts
//!   `--batch` transfers in a call and calls again when it has the answer.
//! - `--customers`: accounts are those of customers, one each, and transfers are orders that pass
//!   gate, status, bounds and mandate; how long it took to open them is said on standard error.
//!   `--identify`: each has a national identifier, sealed and found by blind index.
//! - `--limit`: with a daily limit on each account.
//! - `--hot`: all post from one account. `--group`: through group commit.
//! - `--history N`: measures twice, before and after N transfers were posted untimed;
//!   `history_ratio` is the second rate by the first, `history_cpu_ratio` the same of CPU times.
//! - `cpu_us_per_transfer` is that of the callers, of the whole process if they are tasks (SQLite
//!   runs in it). In batches of 100 and more what making the requests took is taken out and stands
//!   beside it as `making_us_per_transfer`; in smaller ones, where reading a clock would weigh, it
//!   is all of it together. `server_us_per_transfer` is that of all processes of a PostgreSQL
//!   server on this machine, background included; `null` where it cannot be read.
//! - `bytes_per_transfer` is the growth on disk, indexes included: the SQLite file after a
//!   checkpoint, or the relations of the schema.
//! - `repeats` counts calls that the store told to come again. Latencies are per call.
//!
//! A SQLite file and a schema must be new, and are removed at the end, unless `--keep` is given.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "a measurement: its figures are no money, and it may stop"
)]

#[path = "support/throughput/figures.rs"]
mod figures;
#[path = "support/throughput/load.rs"]
mod load;
#[path = "support/throughput/machine.rs"]
mod machine;
#[path = "support/throughput/options.rs"]
mod options;
#[path = "support/throughput/people.rs"]
mod people;
#[path = "support/place.rs"]
mod place;
#[path = "support/throughput/vault.rs"]
mod vault;

use std::time::Instant;

use corebank::bank::GroupCommit;
use figures::{Figures, Stretch};
use load::Load;
use options::Options;
use vault::Vault;

type Failure = Box<dyn std::error::Error + Send + Sync>;
type Result<T> = std::result::Result<T, Failure>;

fn main() -> Result<()> {
    let options = Options::read()?;
    let figures = match options.callers {
        None => load::block_on(run(&options))?,
        Some(_) => {
            let mut runtime = tokio::runtime::Builder::new_multi_thread();
            runtime.worker_threads(options.threads).enable_all().build()?.block_on(run(&options))?
        }
    };
    println!("{}", if options.json { figures.json(&options) } else { figures.words(&options) });
    Ok(())
}

async fn run(options: &Options) -> Result<Figures> {
    let vault = Vault::open(options).await?;
    let figures = figures(options, &vault).await;
    // Also after a failure, so that the next run begins afresh.
    vault.clear().await?;
    figures
}

async fn figures(options: &Options, vault: &Vault) -> Result<Figures> {
    let floor_us = machine::floor_us(options.accounts);
    let durability = vault.durability().await?;
    let mut builder = vault.kept.builder();
    if options.group {
        builder = builder.group_commit(GroupCommit::new());
    }
    let bank = builder.rules(people::rules()).open().await?;
    let load = Load::prepare(bank, options, vault).await?;
    let mut empty = None;
    if options.history > 0 {
        empty = Some(stretch(&load, vault, 1_000_000).await?);
        load.fill(options.history).await?;
    }
    let last = stretch(&load, vault, 0).await?;
    Ok(Figures { floor_us, durability, last, empty })
}

/// Measures once. The size on disk is read outside of what is timed.
async fn stretch(load: &Load, vault: &Vault, round: u64) -> Result<Stretch> {
    let bytes = vault.bytes().await?;
    let position = load.position().await?;
    let (rss, server, start) = (machine::rss_bytes(), vault.server_time(), Instant::now());
    let mut worked = load.measure(round).await?;
    let wall = start.elapsed();
    let server = vault.server_time().zip(server).map(|(now, then)| now.saturating_sub(then));
    let rss_bytes = machine::rss_bytes().saturating_sub(rss);
    let bytes = vault.bytes().await?.saturating_sub(bytes);
    // What was acknowledged is what stands in the journal, one record each.
    if load.position().await? - position != worked.transfers {
        return Err("the journal did not grow by what was posted".into());
    }
    worked.latencies_us.sort_by(f32::total_cmp);
    Ok(Stretch { worked, wall, server, bytes, rss_bytes })
}
