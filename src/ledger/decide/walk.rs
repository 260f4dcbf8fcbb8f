//! How the instructions of a request are decided one after another: single ones, and groups that
//! stand or fall together.

use super::desk::{Desk, clamp};
use super::{Decided, hold, post, replay, reverse, wanted};
use crate::ledger::facts::Plan;
use crate::ledger::{Batch, GroupMark, Instruction, Refusal};

/// The way of instructions over the desk.
pub(super) struct Walk<'a> {
    pub(super) desk: Desk<'a>,
    /// The next of [`Facts::slots`]: legs stand there in the order of the instructions.
    next_leg: usize,
    /// Of the request that is being decided.
    outcomes: Vec<Decided>,
}

impl<'a> Walk<'a> {
    pub(super) const fn new(desk: Desk<'a>) -> Self {
        Self { desk, next_leg: 0, outcomes: Vec::new() }
    }

    /// The offset that the next record of the plan will have.
    pub(super) fn next_record(&self) -> u32 {
        clamp(self.desk.plan.records())
    }

    /// Decides the instructions of a request, single ones and groups, in order.
    pub(super) fn request(&mut self, batch: &Batch) -> Vec<Decided> {
        self.outcomes = Vec::with_capacity(batch.len());
        let mut at = 0_usize;
        for &(start, length) in &batch.groups {
            self.singles(batch.instructions.get(at..start).unwrap_or_default());
            let end = start.saturating_add(length);
            self.group(batch.instructions.get(start..end).unwrap_or_default());
            at = end;
        }
        self.singles(batch.instructions.get(at..).unwrap_or_default());
        std::mem::take(&mut self.outcomes)
    }

    pub(super) fn finish(self) -> Plan {
        self.desk.finish()
    }

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
