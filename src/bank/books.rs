//! The books as a whole: periods, years, limits, and the reports on them.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::accounts::applied_or_replayed;
use super::corridor::{Decision, Operation, Read};
use super::{Action, Bank, Context, Error};
use crate::ledger::decide::{
    Setting, Supply, decide_close_period, decide_close_year, decide_limit_removed, decide_limit_set,
};
use crate::ledger::facts::{Facts, Moment, Plan, Wanted};
use crate::ledger::query::{AccountQuery, AsOf, MAX_PAGE};
use crate::ledger::report::{
    AccountLine, BalanceSheet, BalanceSheetBuilder, IncomeStatement, IncomeStatementBuilder,
    TrialBalance, TrialBalanceBuilder,
};
use crate::ledger::{
    Account, AccountId, Book, LimitId, LimitRule, Outcome, Refusal, TransactionId,
};
use crate::money::Money;

/// The balance of an account at some state of the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct BalanceAt {
    /// The account.
    pub account: AccountId,
    /// The ledger balance, positive on the normal side.
    pub ledger: Money,
    /// What holds leave of it, for [`AsOf::Now`]; `None` for a state in the past, because holds
    /// are not part of it.
    pub available: Option<Money>,
}

/// How a year was closed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct YearClosed {
    /// The last day of the year.
    pub through: NaiveDate,
    /// The transactions that brought income and expenses to zero.
    pub transactions: Vec<TransactionId>,
}

impl Bank {
    /// Closes the books through a day, for good: nothing can be booked on or before it any more,
    /// except the close of the year.
    ///
    /// # Errors
    /// [`Error`]; see the table there.
    pub async fn close_period(
        &self,
        context: &Context,
        through: NaiveDate,
    ) -> Result<Outcome<()>, Error> {
        self.walk(context, &ClosePeriod { through }).await
    }

    /// Closes a year: brings every income and expense account to zero as of its last day against
    /// the retained earnings account of its currency, and closes the books through that day. The
    /// months before may be closed already, the last one too. One unit. The day is its identity:
    /// a repetition is recognised by it, and an idempotency key is ignored.
    ///
    /// # Errors
    /// [`Error`]; see the table there.
    pub async fn close_year(
        &self,
        context: &Context,
        through: NaiveDate,
        retained_earnings: &[AccountId],
    ) -> Result<Outcome<YearClosed>, Error> {
        self.walk(context, &CloseYear { through, retained_earnings }).await
    }

    /// Sets a limit, or replaces the one of the same id. What was used so far counts on if the
    /// window is the same.
    ///
    /// # Errors
    /// [`Error`]; see the table there.
    pub async fn set_limit(
        &self,
        context: &Context,
        rule: LimitRule,
    ) -> Result<Outcome<()>, Error> {
        self.walk(context, &SetLimit { rule }).await
    }

    /// Removes a limit.
    ///
    /// # Errors
    /// [`Error`]; see the table there.
    pub async fn remove_limit(&self, context: &Context, limit: LimitId) -> Result<(), Error> {
        self.walk(context, &RemoveLimit { limit }).await
    }

    /// Closed periods and limits.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn book(&self) -> Result<Book, Error> {
        Ok(self.inner.store.book().await?)
    }

    /// Balances of accounts at a state of the books, in the order asked for.
    ///
    /// # Errors
    /// [`Refusal::UnknownAccount`] for the first that does not exist; [`Error::Store`].
    pub async fn balances(
        &self,
        accounts: &[AccountId],
        as_of: AsOf,
    ) -> Result<Vec<BalanceAt>, Error> {
        let found = self.known_accounts(accounts).await?;
        if as_of == AsOf::Now {
            return Ok(found.iter().map(present_balance).collect());
        }
        let balances = self.inner.store.balances(accounts, as_of).await?;
        let lines = found.iter().zip(balances).map(|(account, balance)| BalanceAt {
            account: account.id(),
            ledger: Money::new(balance.unwrap_or(0), account.state.currency),
            available: None,
        });
        Ok(lines.collect())
    }

    /// The balance of an account now.
    ///
    /// # Errors
    /// [`Refusal::UnknownAccount`]; [`Error::Store`].
    pub async fn balance(&self, account: AccountId) -> Result<BalanceAt, Error> {
        let balances = self.balances(&[account], AsOf::Now).await?;
        Ok(balances.into_iter().next().ok_or(Refusal::UnknownAccount { account })?)
    }

    /// The trial balance: zero in every currency, always, if nothing posts meanwhile; of a past
    /// state also while others post.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn trial_balance(&self, as_of: AsOf) -> Result<TrialBalance, Error> {
        let chart = self.inner.store.chart().await?;
        let mut report = TrialBalanceBuilder::new(&chart);
        let mut after = None;
        while let Some(lines) = self.account_lines(&mut after, as_of).await? {
            lines.into_iter().for_each(|line| report.add(line));
        }
        Ok(report.finish())
    }

    /// The balance sheet, with what was earned since the last year close on a line of its own.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn balance_sheet(&self, as_of: AsOf) -> Result<BalanceSheet, Error> {
        let chart = self.inner.store.chart().await?;
        let mut report = BalanceSheetBuilder::new(&chart);
        let mut after = None;
        while let Some(lines) = self.account_lines(&mut after, as_of).await? {
            lines.into_iter().for_each(|line| report.add(line));
        }
        Ok(report.finish())
    }

    /// The income statement between two booking dates, both included; closing a year does not
    /// empty it.
    ///
    /// # Errors
    /// [`Refusal::InvalidTerms`] when the range ends before it begins; [`Error::Store`].
    pub async fn income_statement(
        &self,
        from: NaiveDate,
        to: NaiveDate,
    ) -> Result<IncomeStatement, Error> {
        if from > to {
            let what = "a range ends before it begins; swap its ends";
            return Err(Refusal::InvalidTerms { what }.into());
        }
        let chart = self.inner.store.chart().await?;
        let mut report = IncomeStatementBuilder::new(&chart);
        for (account, earned) in self.inner.store.earnings(from, to).await? {
            report.add(line(&account, earned));
        }
        Ok(report.finish())
    }

    /// The next accounts with their balances, in the order of their ids.
    async fn account_lines(
        &self,
        after: &mut Option<AccountId>,
        as_of: AsOf,
    ) -> Result<Option<Vec<AccountLine>>, Error> {
        let store = &self.inner.store;
        let accounts = store.account_list(&AccountQuery::new(), *after, MAX_PAGE).await?;
        let Some(last) = accounts.last() else { return Ok(None) };
        *after = Some(last.id());
        let ids: Vec<AccountId> = accounts.iter().map(Account::id).collect();
        // Read again at one go, because the present changes between two reads.
        let balances = store.balances(&ids, as_of).await?;
        let lines = accounts.iter().zip(balances);
        Ok(Some(lines.map(|(account, balance)| line(account, balance.unwrap_or(0))).collect()))
    }
}

fn line(account: &Account, balance: i64) -> AccountLine {
    AccountLine {
        account: account.id(),
        code: account.profile.code,
        class: account.state.class,
        currency: account.state.currency,
        balance,
    }
}

fn present_balance(account: &Account) -> BalanceAt {
    let state = &account.state;
    let normal = state.class.normal_side();
    let available = state.balance.available(normal);
    let available = i64::try_from(available).unwrap_or(i64::MIN);
    BalanceAt {
        account: state.id,
        ledger: Money::new(state.balance.ledger(normal), state.currency),
        available: Some(Money::new(available, state.currency)),
    }
}

struct ClosePeriod {
    through: NaiveDate,
}

impl Operation for ClosePeriod {
    type Output = Outcome<()>;

    fn actions(&self) -> BTreeSet<Action> {
        BTreeSet::from([Action::ClosePeriod])
    }

    fn is_repeatable(&self, _: &Context) -> bool {
        true
    }

    fn wanted(&self, _: &Facts, _: Moment, round: u32) -> Option<Wanted> {
        (round == 0).then(Wanted::default)
    }

    fn decide(
        &self,
        setting: Setting<'_>,
        _: &mut dyn Supply,
        Read { facts, .. }: Read,
    ) -> Result<Decision<Outcome<()>>, Error> {
        decide_close_period(self.through, setting, &facts)
            .map(applied_or_replayed)
            .map_err(Error::from)
    }
}

struct CloseYear<'a> {
    through: NaiveDate,
    retained_earnings: &'a [AccountId],
}

impl Operation for CloseYear<'_> {
    type Output = Outcome<YearClosed>;

    fn actions(&self) -> BTreeSet<Action> {
        BTreeSet::from([Action::ClosePeriod])
    }

    fn is_repeatable(&self, _: &Context) -> bool {
        true
    }

    fn wanted(&self, _: &Facts, _: Moment, round: u32) -> Option<Wanted> {
        (round == 0).then(|| Wanted {
            accounts: self.retained_earnings.to_vec(),
            temporary_accounts: Some(self.through),
            ..Wanted::default()
        })
    }

    fn decide(
        &self,
        setting: Setting<'_>,
        supply: &mut dyn Supply,
        Read { facts, .. }: Read,
    ) -> Result<Decision<Outcome<YearClosed>>, Error> {
        let through = self.through;
        let closed = decide_close_year(through, self.retained_earnings, setting, supply, facts)?;
        let applied = closed.is_some();
        let (plan, transactions) = closed.unwrap_or_default();
        let year = YearClosed { through, transactions };
        let answer =
            move |_| if applied { Outcome::Applied(year) } else { Outcome::Replayed(year) };
        Ok(Decision::of_ledger(plan, answer))
    }
}

struct SetLimit {
    rule: LimitRule,
}

impl Operation for SetLimit {
    type Output = Outcome<()>;

    fn actions(&self) -> BTreeSet<Action> {
        BTreeSet::from([Action::ChangeLimits])
    }

    fn is_repeatable(&self, _: &Context) -> bool {
        // Another may have set it differently meanwhile.
        false
    }

    fn wanted(&self, _: &Facts, _: Moment, round: u32) -> Option<Wanted> {
        (round == 0).then(Wanted::default)
    }

    fn decide(
        &self,
        setting: Setting<'_>,
        _: &mut dyn Supply,
        Read { facts, .. }: Read,
    ) -> Result<Decision<Outcome<()>>, Error> {
        decide_limit_set(&self.rule, setting, &facts).map(applied_or_replayed).map_err(Error::from)
    }
}

struct RemoveLimit {
    limit: LimitId,
}

impl Operation for RemoveLimit {
    type Output = ();

    fn actions(&self) -> BTreeSet<Action> {
        BTreeSet::from([Action::ChangeLimits])
    }

    fn is_repeatable(&self, _: &Context) -> bool {
        false
    }

    fn wanted(&self, _: &Facts, _: Moment, round: u32) -> Option<Wanted> {
        (round == 0).then(Wanted::default)
    }

    fn decide(
        &self,
        _: Setting<'_>,
        _: &mut dyn Supply,
        Read { facts, .. }: Read,
    ) -> Result<Decision<()>, Error> {
        let plan: Plan = decide_limit_removed(self.limit, &facts)?;
        Ok(Decision::of_ledger(plan, |_| ()))
    }
}
