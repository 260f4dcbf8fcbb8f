//! The chart and the accounts.

use std::collections::BTreeSet;

use super::corridor::{Decision, Operation, Read};
use super::{Action, Bank, Context, Error};
use crate::ledger::decide::{Setting, Supply, decide_accounts, decide_change, decide_chart};
use crate::ledger::facts::{Facts, KeySubject, Moment, Plan, Wanted};
use crate::ledger::{
    AccountChange, AccountId, ChartNode, IdempotencyKey, MAX_BATCH, NewAccount, Outcome, Refusal,
};

impl Bank {
    /// Adds nodes to the chart of accounts, all or none; a parent comes before its children.
    /// Nodes that stand there already as they are are left alone.
    ///
    /// # Errors
    /// [`Error`]; see the table there.
    pub async fn define_chart(
        &self,
        context: &Context,
        nodes: &[ChartNode],
    ) -> Result<Outcome<()>, Error> {
        self.walk(context, &DefineChart { nodes }).await
    }

    /// Opens an account.
    ///
    /// # Errors
    /// [`Error`]; see the table there.
    pub async fn open_account(
        &self,
        context: &Context,
        account: NewAccount,
    ) -> Result<Outcome<AccountId>, Error> {
        let opened = self.open_accounts(context, std::slice::from_ref(&account)).await?;
        Ok(opened.into_iter().next().ok_or(Refusal::EmptyBatch)?)
    }

    /// Opens accounts, all or none, at most [`MAX_BATCH`] at a time.
    ///
    /// # Errors
    /// [`Error`]; see the table there.
    pub async fn open_accounts(
        &self,
        context: &Context,
        accounts: &[NewAccount],
    ) -> Result<Vec<Outcome<AccountId>>, Error> {
        match accounts.len() {
            0 => return Err(Refusal::EmptyBatch.into()),
            count if count > MAX_BATCH => {
                return Err(Refusal::BatchTooLarge { count, max: MAX_BATCH }.into());
            }
            _ => {}
        }
        let key = context.idempotency_key.as_ref();
        self.walk(context, &OpenAccounts { accounts, key }).await
    }

    /// Changes the block, floor or ceiling of an account, closes it or opens it again. A change
    /// to what the account is already is [`Outcome::Replayed`].
    ///
    /// # Errors
    /// [`Error`]; see the table there.
    pub async fn change_account(
        &self,
        context: &Context,
        account: AccountId,
        change: AccountChange,
    ) -> Result<Outcome<()>, Error> {
        let key = context.idempotency_key.as_ref();
        self.walk(context, &ChangeAccount { account, change, key }).await
    }
}

/// A plan that may not be needed, as an outcome without a value.
pub(super) fn applied_or_replayed(plan: Option<Plan>) -> Decision<Outcome<()>> {
    let applied = plan.is_some();
    let answer = move |_| if applied { Outcome::Applied(()) } else { Outcome::Replayed(()) };
    Decision::of_ledger(plan.unwrap_or_default(), answer)
}

struct DefineChart<'a> {
    nodes: &'a [ChartNode],
}

impl Operation for DefineChart<'_> {
    type Output = Outcome<()>;

    fn actions(&self) -> BTreeSet<Action> {
        BTreeSet::from([Action::DefineChart])
    }

    fn is_repeatable(&self, _: &Context) -> bool {
        true
    }

    fn wanted(&self, _: &Facts, _: Moment, round: u32) -> Option<Wanted> {
        (round == 0).then(|| Wanted { chart: true, ..Wanted::default() })
    }

    fn decide(
        &self,
        _: Setting<'_>,
        _: &mut dyn Supply,
        Read { facts, .. }: Read,
    ) -> Result<Decision<Outcome<()>>, Error> {
        decide_chart(self.nodes, &facts).map(applied_or_replayed).map_err(Error::from)
    }
}

struct OpenAccounts<'a> {
    accounts: &'a [NewAccount],
    key: Option<&'a IdempotencyKey>,
}

impl Operation for OpenAccounts<'_> {
    type Output = Vec<Outcome<AccountId>>;

    fn actions(&self) -> BTreeSet<Action> {
        BTreeSet::from([Action::OpenAccount])
    }

    fn is_repeatable(&self, context: &Context) -> bool {
        context.idempotency_key.is_some() || self.accounts.iter().all(|new| new.id.is_some())
    }

    fn wanted(&self, facts: &Facts, _: Moment, round: u32) -> Option<Wanted> {
        match round {
            0 => {
                let nameless = (0_u32..).zip(self.accounts).filter(|(_, new)| new.id.is_none());
                let keys = self.key.map(|key| nameless.map(|(at, _)| (key.clone(), at)).collect());
                Some(Wanted {
                    chart: true,
                    profiles: self.accounts.iter().filter_map(|new| new.id).collect(),
                    keys: keys.unwrap_or_default(),
                    ..Wanted::default()
                })
            }
            1 if !facts.keys.is_empty() => {
                let profiles = facts.keys.values().filter_map(|record| match record.subject {
                    KeySubject::Account(id) => Some(id),
                    _ => None,
                });
                Some(Wanted { profiles: profiles.collect(), ..Wanted::default() })
            }
            _ => None,
        }
    }

    fn decide(
        &self,
        setting: Setting<'_>,
        supply: &mut dyn Supply,
        Read { facts, .. }: Read,
    ) -> Result<Decision<Vec<Outcome<AccountId>>>, Error> {
        let decided = decide_accounts(self.accounts, setting, supply, &facts)?;
        let accounts = decided.accounts.into_iter().map(|(id, existed)| {
            if existed { Outcome::Replayed(id) } else { Outcome::Applied(id) }
        });
        let accounts: Vec<_> = accounts.collect();
        Ok(Decision::of_ledger(decided.plan, |_| accounts))
    }
}

struct ChangeAccount<'a> {
    account: AccountId,
    change: AccountChange,
    key: Option<&'a IdempotencyKey>,
}

impl Operation for ChangeAccount<'_> {
    type Output = Outcome<()>;

    fn actions(&self) -> BTreeSet<Action> {
        BTreeSet::from([Action::ChangeAccount])
    }

    fn is_repeatable(&self, context: &Context) -> bool {
        context.idempotency_key.is_some()
    }

    fn wanted(&self, _: &Facts, _: Moment, round: u32) -> Option<Wanted> {
        (round == 0).then(|| Wanted {
            accounts: vec![self.account],
            keys: self.key.map(|key| (key.clone(), 0)).into_iter().collect(),
            ..Wanted::default()
        })
    }

    fn decide(
        &self,
        setting: Setting<'_>,
        _: &mut dyn Supply,
        Read { mut facts, .. }: Read,
    ) -> Result<Decision<Outcome<()>>, Error> {
        decide_change(self.account, self.change, setting, &mut facts)
            .map(applied_or_replayed)
            .map_err(Error::from)
    }
}
