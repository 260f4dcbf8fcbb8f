//! Carrying out orders: the guards and the ledger in one unit of work.

use std::collections::BTreeSet;

use super::order::Order;
use super::orders::Orders;
use crate::bank::corridor::{Decision, Operation, Read};
use crate::bank::guard::{self, Guard};
use crate::bank::posting::{Movements, action_of, distinct, moved};
use crate::bank::{Action, Bank, Context, Error};
use crate::id::{AccountId, CustomerId};
use crate::ledger::decide::{Setting, Supply, decide_batch, first_wanted, judge_size, more_wanted};
use crate::ledger::facts::{Facts, Moment, Wanted};
use crate::ledger::{Batch, Channel, IdempotencyKey, Instruction, Outcome, Receipt, Refusal};
use crate::money::Money;
use crate::store::{Entities, EntityWanted};

/// How one order ended.
pub type Movement = Result<Outcome<Receipt>, Error>;

impl Bank {
    /// Pays money of the bank's own account (cash, a clearing account) into a customer's.
    ///
    /// # Errors
    /// [`Error`]; see the table there.
    pub async fn deposit(
        &self,
        context: &Context,
        from: AccountId,
        to: AccountId,
        money: Money,
    ) -> Movement {
        self.carry_out(context, Order::deposit(from, to, money)).await
    }

    /// Pays a customer's money out over an account of the bank's, on the word of `signers`.
    ///
    /// # Errors
    /// [`Error`]; see the table there.
    pub async fn withdraw(
        &self,
        context: &Context,
        from: AccountId,
        to: AccountId,
        money: Money,
        signers: &[CustomerId],
    ) -> Movement {
        let order = Order::withdrawal(from, to, money);
        self.carry_out(context, signed(order, signers)).await
    }

    /// Moves money from a customer's account to another account of the bank, on the word of
    /// `signers`.
    ///
    /// # Errors
    /// [`Error`]; see the table there.
    pub async fn transfer(
        &self,
        context: &Context,
        from: AccountId,
        to: AccountId,
        money: Money,
        signers: &[CustomerId],
    ) -> Movement {
        self.carry_out(context, signed(Order::transfer(from, to, money), signers)).await
    }

    /// Carries out an order. If the account is short and another one covers it, what is missing is
    /// moved from there in the same unit of work (S1-030).
    ///
    /// # Errors
    /// [`Error`]; see the table there.
    pub async fn carry_out(&self, context: &Context, order: Order) -> Movement {
        let orders = Orders::from(order.clone());
        let ended = self.carry_out_uncovered(context, &orders).await?;
        let ended = ended.into_iter().next().ok_or(Refusal::EmptyBatch)?;
        match ended {
            Err(Error::Refused(short @ Refusal::InsufficientFunds { .. })) => {
                self.cover(context, order, short).await
            }
            ended => ended,
        }
    }

    /// Carries out many orders in one unit of work: each has its own outcome, and one that is
    /// refused does not disturb the others, except within its group. An order of its own that is
    /// short, on an account that another one covers, is carried out after the others, in a unit of
    /// its own.
    ///
    /// # Errors
    /// [`Error`] when the whole could not be carried out; then nothing of it took effect.
    pub async fn carry_out_many(
        &self,
        context: &Context,
        orders: &Orders,
    ) -> Result<Vec<Movement>, Error> {
        let mut ended = self.carry_out_uncovered(context, orders).await?;
        let groups = &orders.batch.groups;
        let grouped = |at: usize| {
            groups.iter().any(|(start, length)| at >= *start && at < start.saturating_add(*length))
        };
        for (at, movement) in ended.iter_mut().enumerate() {
            let Err(Error::Refused(short @ Refusal::InsufficientFunds { .. })) = movement else {
                continue;
            };
            let (instruction, guard) = (orders.batch.instructions().get(at), orders.guards.get(at));
            if let (Some(instruction), Some(guard), false) = (instruction, guard, grouped(at)) {
                let order = Order { instruction: instruction.clone(), guard: guard.clone() };
                *movement = self.cover(context, order, short.clone()).await;
            }
        }
        Ok(ended)
    }

    async fn carry_out_uncovered(
        &self,
        context: &Context,
        orders: &Orders,
    ) -> Result<Movements, Error> {
        let (batch, guards) = (&orders.batch, &orders.guards);
        judge_size(batch)?;
        let mut beside = None;
        if let Some(queue) = self.queue() {
            if queue.takes(batch) {
                for action in actions(batch, guards) {
                    self.authorise(context, action)?;
                }
                let joined = self.join(queue, context, batch.clone(), guards.clone());
                return Box::pin(joined).await;
            }
            beside = Some(queue.pass()?);
        }
        let (key, channel) = (context.idempotency_key.as_ref(), context.channel);
        let walked =
            self.walk(context, &Ordering { bank: self, batch, guards, key, channel }).await;
        drop(beside);
        walked
    }
}

fn signed(order: Order, signers: &[CustomerId]) -> Order {
    signers.iter().fold(order, |order, signer| order.signed_by(*signer))
}

/// What orders need: their own actions where customers or the bank give their word, and those of
/// the ledger for captures, releases and reversals.
pub(super) fn actions(batch: &Batch, guards: &[Guard]) -> BTreeSet<Action> {
    let both = batch.instructions().iter().zip(guards);
    distinct(both.map(|(instruction, guard)| match (instruction, guard) {
        (Instruction::Post(_) | Instruction::Hold(_), Guard::Customers { .. }) => Action::CarryOut,
        (Instruction::Post(_) | Instruction::Hold(_), Guard::Bank) => Action::PostForBank,
        (other, _) => action_of(other),
    }))
}

struct Ordering<'a> {
    bank: &'a Bank,
    batch: &'a Batch,
    guards: &'a [Guard],
    key: Option<&'a IdempotencyKey>,
    channel: Channel,
}

impl Operation for Ordering<'_> {
    type Output = Movements;

    fn actions(&self) -> BTreeSet<Action> {
        actions(self.batch, self.guards)
    }

    fn is_repeatable(&self, _: &Context) -> bool {
        self.key.is_some() || self.batch.instructions().iter().all(Instruction::has_id)
    }

    fn wanted_entities(&self, known: &Entities, round: u32) -> Option<EntityWanted> {
        guard::wanted(std::iter::once((self.batch, self.guards)), known, round)
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
        read: Read,
    ) -> Result<Decision<Movements>, Error> {
        let Read { facts, entities } = read;
        let (rules, today) = (&self.bank.inner.rules, setting.moment.today);
        guard::steady(std::iter::once((self.batch, self.guards)), &facts, &entities)?;
        let mut at = guard::Cursor::default();
        let said = guard::judge(self.batch, self.guards, &entities, &mut at, rules, today);
        let setting = Setting { passes: &said.passes, ..setting };
        let decided = decide_batch(self.batch, setting, supply, facts)?;
        let outcomes = decided.outcomes;
        Ok(Decision::of_ledger(decided.plan, move |committed| moved(outcomes, &said, committed)))
    }
}
