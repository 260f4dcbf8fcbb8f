//! Accounts of customers: changed, closed.

use std::marker::PhantomData;

use super::draft::{Draft, row_of};
use super::opening::count_accounts;
use super::products::outcome;
use super::refs::{account_in, account_ref, product_in, product_ref, standing_in, standing_ref};
use super::write::Write;
use crate::account::{self, AccountStatus, Changed, CustomerAccount, Ownership};
use crate::bank::corridor::Read;
use crate::bank::{Action, Bank, Context, Error};
use crate::id::{AccountId, CustomerId};
use crate::kyc::GateAction;
use crate::ledger::decide::{Setting, Supply, decide_change};
use crate::ledger::facts::{Facts, Wanted};
use crate::ledger::{AccountChange, EventCode, Outcome, Text};
use crate::party;
use crate::store::{Entities, Entity, EntityRow, EntityWanted};

impl Bank {
    /// Freezes, suspends, activates or puts aside an account, with the reason. The block of the
    /// ledger account follows in the same unit.
    ///
    /// # Errors
    /// [`account::Refusal`]; see [`Error`]. To close one, see [`Bank::close_customer_account`].
    pub async fn set_account_status(
        &self,
        context: &Context,
        account: AccountId,
        to: AccountStatus,
        reason: Option<Text>,
    ) -> Result<Outcome<()>, Error> {
        if to == AccountStatus::Closed {
            return self.close_customer_account(context, account, reason).await;
        }
        let change = |found: &CustomerAccount, _: &Entities, setting: Setting<'_>| {
            Ok(account::decide_status(found, to, reason.clone(), setting.moment)?)
        };
        let action = Action::ChangeCustomerAccount;
        self.change_customer_account(context, action, account, None, change).await
    }

    /// Closes an account: its balance must be zero, it must have no holds, and no other account may
    /// still be covered by it without noticing: such a cover just gives nothing any more.
    ///
    /// # Errors
    /// [`account::Refusal`], [`Refusal::BalanceNotZero`](crate::ledger::Refusal),
    /// [`Refusal::HoldsOpen`](crate::ledger::Refusal); see [`Error`].
    pub async fn close_customer_account(
        &self,
        context: &Context,
        account: AccountId,
        reason: Option<Text>,
    ) -> Result<Outcome<()>, Error> {
        let to = AccountStatus::Closed;
        let change = |found: &CustomerAccount, _: &Entities, setting: Setting<'_>| {
            Ok(account::decide_status(found, to, reason.clone(), setting.moment)?)
        };
        let action = Action::CloseCustomerAccount;
        self.change_customer_account(context, action, account, None, change).await
    }

    /// Changes owners and mandate of an account, but not its primary owner. Every new party must
    /// pass the gate for opening an account.
    ///
    /// # Errors
    /// [`account::Refusal`], [`kyc::Refusal`](crate::kyc::Refusal), [`party::Refusal`]; see
    /// [`Error`].
    pub async fn set_ownership(
        &self,
        context: &Context,
        account: AccountId,
        ownership: &Ownership,
    ) -> Result<Outcome<()>, Error> {
        ownership.judge()?;
        let change = |found: &CustomerAccount, known: &Entities, setting: Setting<'_>| {
            let changed = account::decide_ownership(found, ownership, setting.moment)?;
            if changed.is_some() {
                for customer in joined(found, ownership) {
                    let unknown = party::Refusal::UnknownCustomer { customer };
                    let standing = standing_in(known, customer).ok_or(unknown)?;
                    let today = setting.moment.today;
                    self.inner.rules.gate.judge(GateAction::OpenAccount, standing, today)?;
                }
            }
            Ok(changed)
        };
        let action = Action::ChangeCustomerAccount;
        self.change_customer_account(context, action, account, Some(ownership), change).await
    }

    /// Says from which account of the same owner and currency what is missing is moved, or from
    /// none (S1-030).
    ///
    /// # Errors
    /// [`account::Refusal`]; see [`Error`].
    pub async fn set_cover(
        &self,
        context: &Context,
        account: AccountId,
        cover: Option<AccountId>,
    ) -> Result<Outcome<()>, Error> {
        let wanted = |known: &Entities, round| match round {
            0 => Some(EntityWanted {
                shared: cover.map(account_ref).into_iter().collect(),
                exclusive: vec![account_ref(account)],
                ..EntityWanted::default()
            }),
            1 => account_in(known, account).map(|found| EntityWanted {
                shared: vec![product_ref(found.product)],
                ..EntityWanted::default()
            }),
            _ => None,
        };
        let decide = |setting: Setting<'_>, _: &mut dyn Supply, read: Read| {
            let (row, found) = known_account(&read.entities, account)?;
            let by = match cover {
                None => None,
                Some(id) => Some(known_account(&read.entities, id)?.1),
            };
            let terms = product_in(&read.entities, found.product)
                .and_then(|product| product.version(found.product_version));
            let offered = terms.is_some_and(|version| version.terms.cover);
            let changed = account::decide_cover(found, by, offered, setting.moment)?;
            let (mut draft, applied) = (Draft::new(&read.facts), changed.is_some());
            if let Some(Changed { account, event, changes }) = changed {
                draft.update(row, Entity::Account(account), event, changes);
            }
            Ok(draft.decided(move |_| outcome(applied)))
        };
        let (action, output) = (Action::ChangeCustomerAccount, PhantomData);
        let ledger = Wanted::default();
        let write = Write { action, wanted, ledger, repeatable: true, decide, output };
        self.walk(context, &write).await
    }

    /// Changes an account, the block or closing of the ledger account behind it, and how many
    /// accounts its parties have.
    pub(super) async fn change_customer_account(
        &self,
        context: &Context,
        action: Action,
        account: AccountId,
        ownership: Option<&Ownership>,
        change: impl Fn(&CustomerAccount, &Entities, Setting<'_>) -> Result<Option<Changed>, Error>
        + Sync,
    ) -> Result<Outcome<()>, Error> {
        let closes = action == Action::CloseCustomerAccount;
        let wanted = |known: &Entities, round| match round {
            0 => Some(EntityWanted {
                exclusive: vec![account_ref(account)],
                ..EntityWanted::default()
            }),
            // The counts of those who join and leave, or of all at the end.
            1 if closes || ownership.is_some() => account_in(known, account).map(|found| {
                let new = ownership.iter().flat_map(|one| &one.parties);
                let all = found.ownership.parties.iter().chain(new);
                let exclusive = all.map(|party| standing_ref(party.customer)).collect();
                EntityWanted { exclusive, ..EntityWanted::default() }
            }),
            _ => None,
        };
        let ledger = Wanted { accounts: vec![account], ..Wanted::default() };
        let decide = |setting: Setting<'_>, _: &mut dyn Supply, mut read: Read| {
            let (row, found) = known_account(&read.entities, account)?;
            let changed = change(found, &read.entities, setting)?;
            let Some(changed) = changed else {
                return Ok(Draft::new(&read.facts).decided(|_| outcome(false)));
            };
            let mut draft = follow_ledger(found, &changed.account, setting, &mut read.facts)?;
            let (before, after) = (found.ownership.clone(), changed.account.ownership.clone());
            let closed = changed.account.status == AccountStatus::Closed;
            let value = Entity::Account(changed.account);
            draft.update(row, value, changed.event, changed.changes);
            recount(&mut draft, &read.entities, &before, &after, closed);
            Ok(draft.decided(|_| outcome(true)))
        };
        let output = PhantomData;
        let write = Write { action, wanted, ledger, repeatable: true, decide, output };
        self.walk(context, &write).await
    }
}

/// Those who are parties now and were not before.
fn joined(before: &CustomerAccount, after: &Ownership) -> Vec<CustomerId> {
    let was = |customer| before.ownership.parties.iter().any(|one| one.customer == customer);
    after.parties.iter().map(|one| one.customer).filter(|one| !was(*one)).collect()
}

/// The row and value of a customer's account.
pub(super) fn known_account(
    known: &Entities,
    account: AccountId,
) -> Result<(&EntityRow, &CustomerAccount), account::Refusal> {
    let row = row_of(known, account_ref(account));
    let unknown = account::Refusal::UnknownCustomerAccount { account };
    row.zip(account_in(known, account)).ok_or(unknown)
}

/// What the ledger account must become with the status: blocked, open or closed.
fn follow_ledger(
    before: &CustomerAccount,
    after: &CustomerAccount,
    setting: Setting<'_>,
    facts: &mut Facts,
) -> Result<Draft, Error> {
    let setting = Setting { key: None, ..setting };
    let change = if after.status == AccountStatus::Closed {
        AccountChange::Close
    } else if before.status.block() == after.status.block() {
        return Ok(Draft::new(facts));
    } else {
        AccountChange::Block(after.status.block())
    };
    let plan = decide_change(after.id, change, setting, facts)?;
    Ok(plan.map_or_else(|| Draft::new(facts), Draft::on))
}

/// One account less.
fn discount_account(draft: &mut Draft, known: &Entities, customer: CustomerId) {
    let found = row_of(known, standing_ref(customer)).zip(standing_in(known, customer));
    let Some((row, standing)) = found else { return };
    let after = standing.clone().with_account_closed();
    let event = EventCode::known("standing.account_closed");
    draft.update(row, Entity::Standing(after), event, Vec::new());
}

fn recount(
    draft: &mut Draft,
    known: &Entities,
    before: &Ownership,
    after: &Ownership,
    closed: bool,
) {
    let has = |one: &Ownership, customer| one.parties.iter().any(|p| p.customer == customer);
    for party in &after.parties {
        if !has(before, party.customer) && !closed {
            count_accounts(draft, known, party.customer, 1);
        }
    }
    for party in &before.parties {
        if closed || !has(after, party.customer) {
            discount_account(draft, known, party.customer);
        }
    }
}
