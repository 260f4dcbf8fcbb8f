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
mod wanted;
mod year;

pub use account::{
    AccountDecision, decide_accounts, decide_change, decide_chart, decide_close_period,
    decide_limit_removed, decide_limit_set,
};
pub use setting::{Setting, Supply};
pub(crate) use wanted::{first_wanted, more_wanted, want_release};
pub use year::decide_close_year;

use desk::{Desk, clamp};

use crate::ledger::facts::{Facts, Plan};
use crate::ledger::{Batch, GroupMark, HoldId, Instruction, MAX_BATCH, Receipt, Refusal, Subject};

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
    let count = batch.instructions.len();
    let mut walk = Walk {
        desk: Desk::new(setting, supply, facts, count),
        next_leg: 0,
        outcomes: Vec::with_capacity(count),
    };
    let mut at = 0_usize;
    for &(start, length) in &batch.groups {
        walk.singles(batch.instructions.get(at..start).unwrap_or_default());
        let end = start.saturating_add(length);
        walk.group(batch.instructions.get(start..end).unwrap_or_default());
        at = end;
    }
    walk.singles(batch.instructions.get(at..).unwrap_or_default());
    Ok(BatchDecision { outcomes: walk.outcomes, plan: walk.desk.finish() })
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

struct Walk<'a> {
    desk: Desk<'a>,
    /// The next of [`Facts::slots`]: legs stand there in the order of the instructions.
    next_leg: usize,
    outcomes: Vec<Decided>,
}

impl Walk<'_> {
    fn singles(&mut self, instructions: &[Instruction]) {
        for instruction in instructions {
            let mark = self.desk.settle();
            let decided = self.instruct(instruction).unwrap_or_else(|refusal| {
                self.desk.take_back(mark);
                Decided::Refused(refusal)
            });
            self.outcomes.push(decided);
        }
    }

    /// All or none; and a repetition of a group is a repetition of all of it.
    fn group(&mut self, instructions: &[Instruction]) {
        let start = self.outcomes.len();
        let mark = self.desk.settle();
        let fresh = self.desk.fresh_group(instructions.len());
        let (mut failed, mut applied, mut replayed) = (None, false, None);
        for (index, instruction) in instructions.iter().enumerate() {
            if failed.is_some() {
                self.skip(instruction);
                continue;
            }
            self.desk.group = Some(GroupMark { index: clamp(index), ..fresh });
            match self.instruct(instruction) {
                Ok(decided) => {
                    applied |= matches!(decided, Decided::Applied { .. });
                    if !matches!(decided, Decided::Applied { .. }) {
                        replayed = replayed.or(Some(index));
                    }
                    self.outcomes.push(decided);
                }
                Err(refusal) => failed = Some((index, refusal)),
            }
        }
        self.desk.group = None;
        if failed.is_none() {
            failed = self.torn(instructions, start, applied, replayed);
        }
        if let Some((index, refusal)) = failed {
            self.desk.take_back(mark);
            self.fail(start, instructions.len(), index, refusal);
        }
    }

    /// A group of which some was posted before and some was not, or not as this group.
    fn torn(
        &self,
        instructions: &[Instruction],
        start: usize,
        applied: bool,
        replayed: Option<usize>,
    ) -> Option<(usize, Refusal)> {
        let index = replayed?;
        if applied {
            return Some((index, Refusal::GroupDiffers { index: start.saturating_add(index) }));
        }
        let outcomes = self.outcomes.get(start..).unwrap_or_default();
        let marks: Vec<_> = instructions
            .iter()
            .zip(outcomes)
            .map(|(instruction, outcome)| replay::group_of(&self.desk, instruction, outcome))
            .collect();
        let first = marks.first().copied().flatten();
        let fits = |(at, mark): (usize, &Option<GroupMark>)| {
            mark.is_some_and(|mark| {
                Some(mark.group) == first.map(|first| first.group)
                    && mark.index as usize == at
                    && mark.size as usize == instructions.len()
            })
        };
        let index = marks.iter().enumerate().position(|pair| !fits(pair))?;
        Some((index, Refusal::GroupDiffers { index: start.saturating_add(index) }))
    }

    fn fail(&mut self, start: usize, length: usize, index: usize, refusal: Refusal) {
        let because = refusal.code();
        let at = start.saturating_add(index);
        self.outcomes.truncate(start);
        for place in 0..length {
            self.outcomes.push(if place == index {
                Decided::Refused(refusal.clone())
            } else {
                Decided::Refused(Refusal::GroupFailed { index: at, because })
            });
        }
    }

    /// Passes over the legs of an instruction that is not decided any more.
    fn skip(&mut self, instruction: &Instruction) {
        let legs = wanted::legs_of(instruction).len();
        self.next_leg = self.next_leg.saturating_add(legs);
    }

    fn instruct(&mut self, instruction: &Instruction) -> Result<Decided, Refusal> {
        let first = self.next_leg;
        self.skip(instruction);
        // The index of the instruction within the request, for its idempotency key.
        let index = clamp(self.outcomes.len());
        match instruction {
            Instruction::Post(new) => post::post(&mut self.desk, index, first, new),
            Instruction::Hold(new) => hold::place(&mut self.desk, index, first, new),
            Instruction::Capture(new) => hold::capture(&mut self.desk, index, new),
            Instruction::Release(new) => hold::release(&mut self.desk, index, *new),
            Instruction::Reverse(new) => reverse::reverse(&mut self.desk, index, new),
        }
    }
}
