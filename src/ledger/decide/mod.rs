//! The decision: facts in, plan or refusal out. No clock, no store, no randomness, no `await`.
//!
//! Every instruction passes the same stages, and a stage looks at all legs before the next one
//! begins, so that the refusal returned is always the first of [`Refusal`]'s order:
//!
//! ```text
//! structure ▶ identity ▶ references ▶ dates ▶ state ▶ arithmetic ▶ floor, ceiling ▶ limits ▶ write
//!                 └─ same id, same content ▶ replayed          (whatever has changed since)
//! ```
//!
//! A refused instruction is taken back whole by an undo list, and so is a group of which one
//! instruction was refused.

mod account;
mod desk;
mod hold;
mod limits;
mod post;
mod replay;
mod reverse;
mod seen;
mod setting;
mod walk;
mod wanted;
mod year;

pub use account::{
    AccountDecision, decide_accounts, decide_change, decide_chart, decide_close_period,
    decide_limit_removed, decide_limit_set,
};
pub use setting::{Pass, Setting, Supply};
pub(crate) use wanted::{first_wanted, first_wanted_of, more_wanted, more_wanted_of, want_release};
pub use year::decide_close_year;

use std::ops::Range;

use desk::Desk;
use walk::Walk;

use crate::ledger::facts::{Facts, Plan};
use crate::ledger::{Batch, HoldId, IdempotencyKey, MAX_BATCH, Origin, Receipt, Refusal, Subject};

/// How one instruction ended within a plan; places in the journal are not settled yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decided {
    /// It takes effect as record `offset` of the plan.
    Applied {
        /// What it acted on.
        subject: Subject,
        /// The record, from 0.
        offset: u32,
    },
    /// An earlier instruction of the same batch took effect as record `offset` of the plan.
    Repeated {
        /// What it acted on.
        subject: Subject,
        /// The record, from 0.
        offset: u32,
    },
    /// It took effect in an earlier unit.
    Replayed(Receipt),
    /// It was refused.
    Refused(Refusal),
}

/// A decided batch.
#[derive(Debug)]
pub struct BatchDecision {
    /// One outcome per instruction, in order.
    pub outcomes: Vec<Decided>,
    /// What is to be written.
    pub plan: Plan,
}

/// Decides a batch of instructions.
///
/// # Errors
/// [`Refusal::EmptyBatch`] and [`Refusal::BatchTooLarge`]; every other refusal concerns one
/// instruction and stands in its outcome.
pub fn decide_batch(
    batch: &Batch,
    setting: Setting<'_>,
    supply: &mut dyn Supply,
    facts: Facts,
) -> Result<BatchDecision, Refusal> {
    judge_size(batch)?;
    let mut walk = Walk::new(Desk::new(setting, supply, facts, batch.len()));
    let outcomes = walk.request(batch);
    Ok(BatchDecision { outcomes, plan: walk.finish() })
}

/// What one caller asks for in a round: instructions, who asks, under which key.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The instructions.
    pub batch: &'a Batch,
    /// Who asks, on which way.
    pub origin: &'a Origin,
    /// The key under which the caller repeats the request.
    pub key: Option<&'a IdempotencyKey>,
    /// What the rules above the ledger say of each instruction; see [`Setting::passes`].
    pub passes: &'a [Pass],
}

/// A decided round.
#[derive(Debug)]
pub struct RoundDecision {
    /// Request by request, one outcome per instruction, in order.
    pub outcomes: Vec<Vec<Decided>>,
    /// Request by request, the records of the plan that it adds.
    pub records: Vec<Range<u32>>,
    /// What is to be written.
    pub plan: Plan,
}

/// Decides the requests of several callers, in order, for one unit: each sees the ones before it,
/// as if they had been posted one after another, and keeps its own origin and key. The origin and
/// the key and the passes of `setting` are not used. Each batch must have passed [`judge_size`].
pub fn decide_round<'a>(
    requests: &[Request<'a>],
    setting: Setting<'a>,
    supply: &'a mut dyn Supply,
    facts: Facts,
) -> RoundDecision {
    let count = requests.iter().map(|request| request.batch.len()).sum();
    let mut desk = Desk::new(setting, supply, facts, count);
    desk.share();
    let mut walk = Walk::new(desk);
    let mut outcomes = Vec::with_capacity(requests.len());
    let mut records = Vec::with_capacity(requests.len());
    for request in requests {
        let first = walk.next_record();
        let setting = &mut walk.desk.setting;
        (setting.origin, setting.key) = (request.origin, request.key);
        setting.passes = request.passes;
        outcomes.push(walk.request(request.batch));
        records.push(first..walk.next_record());
    }
    RoundDecision { outcomes, records, plan: walk.finish() }
}

/// Judges a batch by its size alone, before anything is read.
///
/// # Errors
/// [`Refusal::EmptyBatch`], [`Refusal::BatchTooLarge`].
pub fn judge_size(batch: &Batch) -> Result<(), Refusal> {
    match batch.len() {
        0 => Err(Refusal::EmptyBatch),
        count if count > MAX_BATCH => Err(Refusal::BatchTooLarge { count, max: MAX_BATCH }),
        _ => Ok(()),
    }
}

/// Decides the expiry of holds whose time has passed; those that changed meanwhile are left out.
/// Returns the plan and the holds that it expires.
pub fn decide_expiry(
    due: &[HoldId],
    setting: Setting<'_>,
    supply: &mut dyn Supply,
    facts: Facts,
) -> (Plan, Vec<HoldId>) {
    let mut desk = Desk::new(setting, supply, facts, 0);
    let mut expired = Vec::new();
    for id in due {
        let mark = desk.settle();
        match hold::expire(&mut desk, *id) {
            Ok(true) => expired.push(*id),
            Ok(false) => {}
            // A counter that does not hold what the hold says: leave it for `verify` to name.
            Err(_) => desk.take_back(mark),
        }
    }
    (desk.finish(), expired)
}
