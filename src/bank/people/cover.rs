//! What another account moves so that an order can be carried out (S1-030).

use super::money::actions;
use super::order::Order;
use super::orders::Orders;
use super::refs::{account_in, account_ref, standing_ref};
use crate::account::{AccountStatus, cover_amount};
use crate::bank::corridor::{Decision, Operation, Read};
use crate::bank::guard;
use crate::bank::posting::moved;
use crate::bank::{Action, Bank, Context, Error, Movement};
use crate::id::AccountId;
use crate::ledger::decide::{Setting, Supply, decide_batch, first_wanted, more_wanted};
use crate::ledger::facts::{Facts, Moment, NO_SLOT, Wanted};
use crate::ledger::{Channel, IdempotencyKey, Instruction, Kind, NewTransaction, Refusal, Text};
use crate::money::Money;
use crate::store::{Entities, EntityWanted};

impl Bank {
    /// Carries out an order that was refused as short, with what is missing from the account that
    /// covers; if there is none, or it has too little, the refusal stands.
    pub(super) async fn cover(&self, context: &Context, order: Order, short: Refusal) -> Movement {
        let Refusal::InsufficientFunds { account, needed, .. } = short else {
            return Err(short.into());
        };
        let rows = self.inner.store.entities(&[account_ref(account)]).await?;
        let found = rows.into_iter().flatten().next();
        let covering = found.as_deref().and_then(|row| match row.value.as_ref() {
            crate::store::Entity::Account(found) => found.cover,
            _ => None,
        });
        let Some(covering) = covering else { return Err(short.into()) };
        let placeholder = Money::new(1, needed.currency());
        let moves = cover_of(covering, account, placeholder);
        let mut orders = Orders::new();
        orders.push_group([moves, order]);
        let (key, channel) = (context.idempotency_key.as_ref(), context.channel);
        let covered = Covered { bank: self, orders, account, covering, short, key, channel };
        self.walk(context, &covered).await?
    }
}

/// On the bank's word: the owner agreed to it when the cover was set.
fn cover_of(from: AccountId, to: AccountId, money: Money) -> Order {
    let mut transaction = NewTransaction::transfer(Kind::COVER, from, to, money);
    if let Ok(text) = Text::new("overdraft cover") {
        transaction = transaction.with_description(text);
    }
    Order::of(transaction).by_bank()
}

/// A group of two: what is missing, then the order.
struct Covered<'a> {
    bank: &'a Bank,
    orders: Orders,
    account: AccountId,
    covering: AccountId,
    short: Refusal,
    key: Option<&'a IdempotencyKey>,
    channel: Channel,
}

impl Covered<'_> {
    /// What is missing, as the accounts stand in this unit.
    fn missing(&self, facts: &Facts) -> Option<i64> {
        let state = |account: AccountId| facts.accounts.iter().find(|one| one.id == account);
        let left = |account: AccountId| {
            let one = state(account)?;
            let floor = i128::from(one.floor.minimum()?);
            let left = one.balance.available(one.class.normal_side()).saturating_sub(floor);
            i64::try_from(left.max(0)).ok()
        };
        let Refusal::InsufficientFunds { needed, .. } = &self.short else { return None };
        cover_amount(left(self.account)?, needed.minor(), left(self.covering)?)
    }
}

impl Operation for Covered<'_> {
    type Output = Movement;

    fn actions(&self) -> std::collections::BTreeSet<Action> {
        // The cover itself is no act of the caller's.
        let guards = self.orders.guards.get(1..).unwrap_or_default();
        let order = self.orders.batch.instructions().get(1).cloned();
        actions(&order.into_iter().collect(), guards)
    }

    fn is_repeatable(&self, _: &Context) -> bool {
        let order = self.orders.batch.instructions().get(1);
        self.key.is_some() || order.is_some_and(Instruction::has_id)
    }

    fn wanted_entities(&self, known: &Entities, round: u32) -> Option<EntityWanted> {
        let both = std::iter::once((&self.orders.batch, self.orders.guards.as_slice()));
        let mut wanted = guard::wanted(both, known, round)?;
        if round == 0 {
            wanted.shared.extend([self.account, self.covering].map(account_ref));
        } else {
            let owner = account_in(known, self.covering).map(|found| standing_ref(found.primary()));
            wanted.shared.extend(owner);
        }
        Some(wanted)
    }

    fn wanted(&self, facts: &Facts, moment: Moment, round: u32) -> Option<Wanted> {
        if round == 0 {
            return Some(first_wanted(&self.orders.batch, self.key));
        }
        more_wanted(&self.orders.batch, facts, moment, self.channel)
    }

    fn decide(
        &self,
        setting: Setting<'_>,
        supply: &mut dyn Supply,
        read: Read,
    ) -> Result<Decision<Self::Output>, Error> {
        let Read { facts, entities } = read;
        let usable = account_in(&entities, self.covering)
            .is_some_and(|found| found.status == AccountStatus::Active);
        let linked = account_in(&entities, self.account)
            .is_some_and(|found| found.cover == Some(self.covering));
        let missing = self.missing(&facts).filter(|_| usable && linked);
        debug_assert!(!facts.slots.contains(&NO_SLOT) || missing.is_none());
        let Some(missing) = missing else { return Err(self.short.clone().into()) };
        let mut batch = self.orders.batch.clone();
        if let Some(Instruction::Post(moves)) = batch.instructions.first_mut() {
            for leg in &mut moves.legs {
                leg.money = Money::new(missing, leg.money.currency());
            }
        }
        let (rules, today) = (&self.bank.inner.rules, setting.moment.today);
        let guards = self.orders.guards.as_slice();
        guard::steady(std::iter::once((&batch, guards)), &facts, &entities)?;
        let mut at = guard::Cursor::default();
        let said = guard::judge(&batch, guards, &entities, &mut at, rules, today);
        let setting = Setting { passes: &said.passes, ..setting };
        let decided = decide_batch(&batch, setting, supply, facts)?;
        // Whatever refuses the order, or the cover, refuses both: nothing is written then.
        let committed =
            crate::store::Committed { first_position: 0, first_instant: setting.moment.now };
        let tried = moved(decided.outcomes.clone(), &said, committed);
        if let Some(Err(error)) = tried.into_iter().nth(1) {
            let whole = matches!(error, Error::Refused(Refusal::GroupFailed { .. }));
            return Err(if whole { self.short.clone().into() } else { error });
        }
        let (outcomes, short) = (decided.outcomes, self.short.clone());
        Ok(Decision::of_ledger(decided.plan, move |committed| {
            moved(outcomes, &said, committed).into_iter().nth(1).unwrap_or(Err(short.into()))
        }))
    }
}
