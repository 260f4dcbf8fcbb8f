//! Posting, holds, reversals: one instruction at a time, or a batch.

use std::collections::BTreeSet;

use super::corridor::{Decision, Operation, Read};
use super::guard::Verdicts;
use super::{Action, Bank, Context, Error};
use crate::ledger::decide::{
    Decided, Setting, Supply, decide_batch, decide_expiry, first_wanted, judge_size, more_wanted,
    want_release,
};
use crate::ledger::facts::{Facts, Moment, Wanted};
use crate::ledger::{
    Batch, Channel, HoldId, IdempotencyKey, Instruction, MAX_BATCH, NewCapture, NewHold,
    NewRelease, NewReversal, NewTransaction, Outcome, Receipt, Refusal,
};
use crate::store::Committed;

/// How one instruction of a batch ended.
pub type ItemOutcome = Result<Outcome<Receipt>, Refusal>;

/// One outcome per instruction, groups flattened, in the order given.
pub type BatchOutcomes = Vec<ItemOutcome>;

impl Bank {
    /// Posts a transaction.
    ///
    /// # Errors
    /// [`Error`]; see the table there.
    pub async fn post(
        &self,
        context: &Context,
        transaction: NewTransaction,
    ) -> Result<Outcome<Receipt>, Error> {
        self.instruct(context, transaction.into()).await
    }

    /// Places a hold: reserves now, to move later.
    ///
    /// # Errors
    /// [`Error`]; see the table there.
    pub async fn hold(&self, context: &Context, hold: NewHold) -> Result<Outcome<Receipt>, Error> {
        self.instruct(context, hold.into()).await
    }

    /// Captures a hold, whole or in part.
    ///
    /// # Errors
    /// [`Error`]; see the table there.
    pub async fn capture(
        &self,
        context: &Context,
        capture: NewCapture,
    ) -> Result<Outcome<Receipt>, Error> {
        self.instruct(context, capture.into()).await
    }

    /// Releases what is left of a hold.
    ///
    /// # Errors
    /// [`Error`]; see the table there.
    pub async fn release(
        &self,
        context: &Context,
        release: NewRelease,
    ) -> Result<Outcome<Receipt>, Error> {
        self.instruct(context, release.into()).await
    }

    /// Reverses a transaction.
    ///
    /// # Errors
    /// [`Error`]; see the table there.
    pub async fn reverse(
        &self,
        context: &Context,
        reversal: NewReversal,
    ) -> Result<Outcome<Receipt>, Error> {
        self.instruct(context, reversal.into()).await
    }

    /// Carries out one instruction.
    ///
    /// # Errors
    /// [`Error`]; see the table there.
    pub async fn instruct(
        &self,
        context: &Context,
        instruction: Instruction,
    ) -> Result<Outcome<Receipt>, Error> {
        let batch = Batch { instructions: vec![instruction], groups: Vec::new() };
        let outcomes = match self.queue().filter(|queue| queue.takes(&batch)) {
            Some(queue) => {
                self.authorise_batch(context, &batch)?;
                plain(Box::pin(self.join(queue, context, batch, Vec::new())).await?)
            }
            None => self.post_many(context, &batch).await?,
        };
        // One instruction, one outcome.
        let outcome = outcomes.into_iter().next().ok_or(Refusal::EmptyBatch)?;
        Ok(outcome?)
    }

    /// Carries out a batch of at most [`MAX_BATCH`] instructions in one unit: independent ones
    /// and atomic groups. Each has its own outcome; one that is refused does not disturb the
    /// others, except within its group.
    ///
    /// # Errors
    /// [`Error`] when the batch as a whole could not be carried out: it is empty or too large,
    /// the policy denies an action in it, or the store failed. Then nothing of it took effect.
    pub async fn post_many(
        &self,
        context: &Context,
        batch: &Batch,
    ) -> Result<BatchOutcomes, Error> {
        judge_size(batch)?;
        let mut beside = None;
        if let Some(queue) = self.queue() {
            if queue.takes(batch) {
                self.authorise_batch(context, batch)?;
                let joined = self.join(queue, context, batch.clone(), Vec::new());
                return Ok(plain(Box::pin(joined).await?));
            }
            beside = Some(queue.pass()?);
        }
        let (key, channel) = (context.idempotency_key.as_ref(), context.channel);
        let walked = self.walk(context, &Posting { batch, key, channel }).await;
        drop(beside);
        walked
    }

    /// Before a batch is queued: in the corridor of its round nobody asks again.
    fn authorise_batch(&self, context: &Context, batch: &Batch) -> Result<(), Error> {
        let mut actions = actions_of(batch).into_iter();
        actions.try_for_each(|action| self.authorise(context, action))
    }

    /// Expires open holds whose time had passed at the moment of the call, at most `limit` of
    /// them (and at most [`MAX_BATCH`]), the earliest first. Returns those that it expired; call
    /// again until there are none.
    ///
    /// # Errors
    /// [`Error`]; see the table there.
    pub async fn expire_holds(
        &self,
        context: &Context,
        limit: usize,
    ) -> Result<Vec<HoldId>, Error> {
        let now = self.moment().now;
        let due = self.inner.store.holds_due(now, limit.min(MAX_BATCH)).await?;
        self.walk(context, &Expiry { due }).await
    }
}

/// What an instruction needs.
pub(super) const fn action_of(instruction: &Instruction) -> Action {
    match instruction {
        Instruction::Post(_) => Action::Post,
        Instruction::Hold(_) => Action::Hold,
        Instruction::Capture(_) => Action::Capture,
        Instruction::Release(_) => Action::Release,
        Instruction::Reverse(new) if new.force => Action::ForceReversal,
        Instruction::Reverse(_) => Action::Reverse,
    }
}

/// Each action once; neighbours of thousands are mostly the same.
pub(super) fn distinct(actions: impl Iterator<Item = Action>) -> BTreeSet<Action> {
    let mut last = None;
    actions.filter(|action| last.replace(*action) != Some(*action)).collect()
}

pub(super) fn actions_of(batch: &Batch) -> BTreeSet<Action> {
    distinct(batch.instructions().iter().map(action_of))
}

struct Posting<'a> {
    batch: &'a Batch,
    key: Option<&'a IdempotencyKey>,
    channel: Channel,
}

impl Operation for Posting<'_> {
    type Output = BatchOutcomes;

    fn actions(&self) -> BTreeSet<Action> {
        actions_of(self.batch)
    }

    fn is_repeatable(&self, _: &Context) -> bool {
        self.key.is_some() || self.batch.instructions().iter().all(Instruction::has_id)
    }

    fn wanted(&self, facts: &Facts, moment: Moment, round: u32) -> Option<Wanted> {
        if round == 0 {
            return Some(first_wanted(self.batch, self.key));
        }
        more_wanted(self.batch, facts, moment, self.channel)
    }

    fn decide(
        &self,
        setting: Setting<'_>,
        supply: &mut dyn Supply,
        Read { facts, .. }: Read,
    ) -> Result<Decision<BatchOutcomes>, Error> {
        let decided = decide_batch(self.batch, setting, supply, facts)?;
        let answer = |committed| settled(decided.outcomes, committed);
        Ok(Decision::of_ledger(decided.plan, answer))
    }
}

/// How the instructions of a request ended, where rules above the ledger may have refused them.
pub(super) type Movements = Vec<Result<Outcome<Receipt>, Error>>;

/// Outcomes of a request about customers' accounts.
pub(super) fn moved(decided: Vec<Decided>, said: &Verdicts, committed: Committed) -> Movements {
    let ended = decided.into_iter().map(|one| outcome(one, committed)).enumerate();
    let why = |(index, ended): (usize, ItemOutcome)| match ended {
        Err(Refusal::Barred { because }) => {
            Err(said.refusal_of(index).cloned().unwrap_or(Refusal::Barred { because }.into()))
        }
        ended => ended.map_err(Error::from),
    };
    ended.map(why).collect()
}

/// The same of plain instructions: only the ledger refuses them.
fn plain(movements: Movements) -> BatchOutcomes {
    let refusal = |error: Error| match error {
        Error::Refused(refusal) => refusal,
        other => Refusal::Barred { because: other.code() },
    };
    movements.into_iter().map(|one| one.map_err(refusal)).collect()
}

/// Outcomes, once the places of their records are known.
pub(super) fn settled(decided: Vec<Decided>, committed: Committed) -> BatchOutcomes {
    decided.into_iter().map(|one| outcome(one, committed)).collect()
}

fn outcome(decided: Decided, committed: Committed) -> ItemOutcome {
    let receipt = |subject, offset: u32| Receipt {
        subject,
        position: committed.first_position.saturating_add(u64::from(offset)),
        posted_at: committed.first_instant.saturating_add_nanos(i64::from(offset)),
    };
    match decided {
        Decided::Applied { subject, offset } => Ok(Outcome::Applied(receipt(subject, offset))),
        Decided::Repeated { subject, offset } => Ok(Outcome::Replayed(receipt(subject, offset))),
        Decided::Replayed(receipt) => Ok(Outcome::Replayed(receipt)),
        Decided::Refused(refusal) => Err(refusal),
    }
}

struct Expiry {
    due: Vec<HoldId>,
}

impl Operation for Expiry {
    type Output = Vec<HoldId>;

    fn actions(&self) -> BTreeSet<Action> {
        BTreeSet::from([Action::ExpireHolds])
    }

    fn is_repeatable(&self, _: &Context) -> bool {
        false
    }

    fn wanted(&self, facts: &Facts, _: Moment, round: u32) -> Option<Wanted> {
        match round {
            0 => Some(Wanted { holds: self.due.clone(), ..Wanted::default() }),
            1 => Some(want_release(facts)),
            _ => None,
        }
    }

    fn decide(
        &self,
        setting: Setting<'_>,
        supply: &mut dyn Supply,
        Read { facts, .. }: Read,
    ) -> Result<Decision<Vec<HoldId>>, Error> {
        let (plan, expired) = decide_expiry(&self.due, setting, supply, facts);
        Ok(Decision::of_ledger(plan, |_| expired))
    }
}
