//! Decisions about accounts, the chart, limits and periods: what moves no money.

use chrono::{Datelike, NaiveDate};

use super::setting::{Setting, Supply};
use crate::ledger::facts::{Facts, KeyRecord, KeySubject, Plan, PlannedOperation};
use crate::ledger::{
    Account, AccountChange, AccountId, AccountProfile, AccountState, Balance, Block, ChartNode,
    FloorPolicy, LimitId, LimitRule, NewAccount, OpenedAs, Operation, Refusal, Window,
};
use crate::money::Money;

/// What was decided about a list of accounts.
#[derive(Debug)]
pub struct AccountDecision {
    /// The account of each request, in order, and whether it existed before.
    pub accounts: Vec<(AccountId, bool)>,
    /// What is to be written.
    pub plan: Plan,
}

fn plan(facts: &Facts, operations: Vec<Operation>) -> Plan {
    let operations = operations.into_iter();
    Plan {
        book_version: facts.book.version,
        operations: operations.map(|operation| PlannedOperation { after: 0, operation }).collect(),
        ..Plan::default()
    }
}

/// Decides the opening of accounts: all or none.
///
/// # Errors
/// [`Refusal::IdReused`], [`Refusal::UnknownChartCode`], [`Refusal::UnknownCurrency`],
/// [`Refusal::InvalidTerms`].
pub fn decide_accounts(
    requests: &[NewAccount],
    setting: Setting<'_>,
    supply: &mut dyn Supply,
    facts: &Facts,
) -> Result<AccountDecision, Refusal> {
    let mut decision =
        AccountDecision { accounts: Vec::with_capacity(requests.len()), plan: plan(facts, vec![]) };
    for request in requests {
        judge_floor(request.floor)?;
        judge_ceiling(request.ceiling)?;
    }
    let mut fresh = hashbrown::HashMap::new();
    for (index, request) in (0_u32..).zip(requests) {
        let (id, by_key) = identify(index, request, setting, supply, facts)?;
        if let Some(earlier) = facts.profiles.get(&id) {
            reused(earlier, request)?;
            decision.accounts.push((id, true));
        } else if let Some(earlier) = fresh.get(&id) {
            if *earlier != request {
                return Err(Refusal::IdReused { field: "account" });
            }
            decision.accounts.push((id, true));
        } else {
            open(id, request, setting, facts, &mut decision.plan)?;
            fresh.insert(id, request);
            if let Some(key) = setting.key.filter(|_| by_key) {
                let subject = KeySubject::Account(id);
                let record = KeyRecord { operation: "open_account", subject };
                decision.plan.keys.push(((key.clone(), index), record));
            }
            decision.accounts.push((id, false));
        }
    }
    Ok(decision)
}

fn identify(
    index: u32,
    request: &NewAccount,
    setting: Setting<'_>,
    supply: &mut dyn Supply,
    facts: &Facts,
) -> Result<(AccountId, bool), Refusal> {
    if let Some(id) = request.id {
        return Ok((id, false));
    }
    let key = setting.key.map(|key| (key.clone(), index));
    match key.and_then(|key| facts.keys.get(&key)) {
        None => Ok((AccountId::from_uuid(supply.id()), true)),
        Some(KeyRecord { subject: KeySubject::Account(id), .. }) => Ok((*id, false)),
        Some(_) => Err(Refusal::IdReused { field: "operation" }),
    }
}

/// Compares a repeated request with the first one, whatever the account has become since.
fn reused(earlier: &Account, request: &NewAccount) -> Result<(), Refusal> {
    let (state, profile) = (&earlier.state, &earlier.profile);
    let floor = request.floor.unwrap_or_else(|| FloorPolicy::default_for(state.class));
    let field = (profile.code != request.code)
        .then_some("chart code")
        .or_else(|| (state.currency != request.currency).then_some("currency"))
        .or_else(|| (profile.opened_as.floor != floor).then_some("floor"))
        .or_else(|| (profile.opened_as.ceiling != request.ceiling).then_some("ceiling"))
        .or_else(|| (profile.labels != request.labels).then_some("labels"))
        .or_else(|| (profile.name != request.name).then_some("name"))
        .or_else(|| (state.guarded != request.guarded).then_some("guard"));
    field.map_or(Ok(()), |field| Err(Refusal::IdReused { field }))
}

fn open(
    id: AccountId,
    request: &NewAccount,
    setting: Setting<'_>,
    facts: &Facts,
    plan: &mut Plan,
) -> Result<(), Refusal> {
    let unknown = Refusal::UnknownChartCode { code: request.code };
    let node = facts.chart.as_deref().and_then(|chart| chart.get(request.code)).ok_or(unknown)?;
    if !setting.currencies.knows(request.currency) {
        return Err(Refusal::UnknownCurrency { currency: request.currency });
    }
    let floor = request.floor.unwrap_or_else(|| FloorPolicy::default_for(node.class));
    let profile = AccountProfile {
        code: request.code,
        labels: request.labels,
        name: request.name.clone(),
        opened_at: setting.moment.now,
        opened_as: OpenedAs { floor, ceiling: request.ceiling },
    };
    let state = AccountState {
        id,
        key: 0,
        version: 0,
        balance: Balance::default(),
        entries: 0,
        floor,
        ceiling: request.ceiling,
        currency: request.currency,
        class: node.class,
        block: Block::None,
        closed: false,
        guarded: request.guarded,
    };
    plan.operations.push(PlannedOperation {
        after: 0,
        operation: Operation::AccountOpened {
            account: id,
            class: node.class,
            currency: request.currency,
            floor,
            ceiling: request.ceiling,
            profile: Box::new(profile.clone()),
            guarded: request.guarded,
        },
    });
    plan.opened.push((state, profile));
    Ok(())
}

fn judge_floor(floor: Option<FloorPolicy>) -> Result<(), Refusal> {
    match floor {
        Some(FloorPolicy::Overdraft(limit) | FloorPolicy::CreditLimit(limit)) if limit < 0 => {
            Err(Refusal::InvalidTerms { what: "an overdraft or credit limit is not negative" })
        }
        _ => Ok(()),
    }
}

fn judge_ceiling(ceiling: Option<i64>) -> Result<(), Refusal> {
    match ceiling {
        Some(minor) if minor < 0 => {
            Err(Refusal::InvalidTerms { what: "a ceiling is not negative" })
        }
        _ => Ok(()),
    }
}

/// Decides a change of an account. `None` when the account is so already, or the change was made
/// under the same key before.
///
/// # Errors
/// [`Refusal::InvalidTerms`], [`Refusal::IdReused`], [`Refusal::UnknownAccount`],
/// [`Refusal::AccountClosed`], [`Refusal::BalanceNotZero`], [`Refusal::HoldsOpen`].
pub fn decide_change(
    id: AccountId,
    change: AccountChange,
    setting: Setting<'_>,
    facts: &mut Facts,
) -> Result<Option<Plan>, Refusal> {
    match change {
        AccountChange::Floor(floor) => judge_floor(Some(floor))?,
        AccountChange::Ceiling(ceiling) => judge_ceiling(ceiling)?,
        _ => {}
    }
    let key = setting.key.map(|key| (key.clone(), 0));
    if let Some(record) = key.as_ref().and_then(|key| facts.keys.get(key)) {
        return match record.subject {
            KeySubject::Change(account, earlier) if (account, earlier) == (id, change) => Ok(None),
            KeySubject::Change(account, _) if account == id => {
                Err(Refusal::IdReused { field: "change" })
            }
            KeySubject::Change(..) => Err(Refusal::IdReused { field: "account" }),
            _ => Err(Refusal::IdReused { field: "operation" }),
        };
    }
    let slot = facts.slots.first().copied().unwrap_or(u32::MAX);
    let Some(account) = facts.accounts.get_mut(slot as usize) else {
        return Err(Refusal::UnknownAccount { account: id });
    };
    if !apply(account, change)? {
        return Ok(None);
    }
    let mut plan = plan(facts, vec![Operation::AccountChanged { account: id, change }]);
    plan.accounts = std::mem::take(&mut facts.accounts);
    plan.touched = vec![slot];
    if let Some(key) = key {
        let subject = KeySubject::Change(id, change);
        plan.keys.push((key, KeyRecord { operation: "change_account", subject }));
    }
    Ok(Some(plan))
}

/// Changes an account; `false` if it is so already.
fn apply(account: &mut AccountState, change: AccountChange) -> Result<bool, Refusal> {
    let id = account.id;
    if account.closed && !matches!(change, AccountChange::Close | AccountChange::Reopen) {
        return Err(Refusal::AccountClosed { account: id });
    }
    Ok(match change {
        AccountChange::Block(block) => std::mem::replace(&mut account.block, block) != block,
        AccountChange::Floor(floor) => std::mem::replace(&mut account.floor, floor) != floor,
        AccountChange::Ceiling(most) => std::mem::replace(&mut account.ceiling, most) != most,
        AccountChange::Reopen => std::mem::replace(&mut account.closed, false),
        AccountChange::Close => {
            let balance = account.balance.ledger(account.class.normal_side());
            if balance != 0 {
                let balance = Money::new(balance, account.currency);
                return Err(Refusal::BalanceNotZero { account: id, balance });
            }
            if account.balance.has_holds() {
                return Err(Refusal::HoldsOpen { account: id });
            }
            !std::mem::replace(&mut account.closed, true)
        }
    })
}

/// Decides new nodes of the chart. `None` when they all stand there already.
///
/// # Errors
/// Those of [`Chart::define`](crate::ledger::Chart::define).
pub fn decide_chart(nodes: &[ChartNode], facts: &Facts) -> Result<Option<Plan>, Refusal> {
    let mut chart = facts.chart.as_deref().cloned().unwrap_or_default();
    let added = chart.define(nodes)?;
    if added.is_empty() {
        return Ok(None);
    }
    let mut plan = plan(facts, added.iter().cloned().map(Operation::ChartDefined).collect());
    plan.chart = added;
    Ok(Some(plan))
}

/// Decides a limit. `None` when it stands there already as it is.
///
/// # Errors
/// [`Refusal::InvalidTerms`], [`Refusal::UnknownCurrency`].
pub fn decide_limit_set(
    rule: &LimitRule,
    setting: Setting<'_>,
    facts: &Facts,
) -> Result<Option<Plan>, Refusal> {
    judge_limit(rule)?;
    if !setting.currencies.knows(rule.currency) {
        return Err(Refusal::UnknownCurrency { currency: rule.currency });
    }
    if facts.book.limits.contains(rule) {
        return Ok(None);
    }
    let mut plan = plan(facts, vec![Operation::LimitSet(rule.clone())]);
    plan.limits_set.push(rule.clone());
    Ok(Some(plan))
}

fn judge_limit(rule: &LimitRule) -> Result<(), Refusal> {
    let bounds = [rule.minimum, rule.maximum, rule.amount];
    if bounds.iter().flatten().any(|bound| *bound < 0) {
        return Err(Refusal::InvalidTerms { what: "the bounds of a limit are not negative" });
    }
    if rule.count.is_none() && bounds.iter().all(Option::is_none) {
        return Err(Refusal::InvalidTerms { what: "a limit bounds something; set at least one" });
    }
    if rule.minimum.zip(rule.maximum).is_some_and(|(least, most)| least > most) {
        return Err(Refusal::InvalidTerms { what: "a minimum is not above its maximum" });
    }
    match rule.window {
        Window::RollingDays(n) if !(1..=366).contains(&n) => {
            Err(Refusal::InvalidTerms { what: "a rolling window has 1 to 366 days" })
        }
        Window::RollingHours(n) if !(1..=744).contains(&n) => {
            Err(Refusal::InvalidTerms { what: "a rolling window has 1 to 744 hours" })
        }
        _ => Ok(()),
    }
}

/// Decides the removal of a limit.
///
/// # Errors
/// [`Refusal::UnknownLimit`].
pub fn decide_limit_removed(limit: LimitId, facts: &Facts) -> Result<Plan, Refusal> {
    if !facts.book.limits.iter().any(|rule| rule.id == limit) {
        return Err(Refusal::UnknownLimit { limit });
    }
    let mut plan = plan(facts, vec![Operation::LimitRemoved(limit)]);
    plan.limits_removed.push(limit);
    Ok(plan)
}

/// Decides the closing of the books through a day, for good. `None` when they are closed through
/// that very day already.
///
/// # Errors
/// [`Refusal::PeriodNotClosable`] when the day is not over yet, or before the last closed day.
pub fn decide_close_period(
    through: NaiveDate,
    setting: Setting<'_>,
    facts: &Facts,
) -> Result<Option<Plan>, Refusal> {
    let closed_through = facts.book.closed_through;
    if closed_through == Some(through) {
        return Ok(None);
    }
    judge_closable(through, setting, facts)?;
    let mut plan = plan(facts, vec![Operation::PeriodClosed { through }]);
    plan.close_through = Some(through);
    Ok(Some(plan))
}

/// A day can be closed when it is over and not before the last closed day.
pub(super) fn judge_closable(
    through: NaiveDate,
    setting: Setting<'_>,
    facts: &Facts,
) -> Result<(), Refusal> {
    let closed_through = facts.book.closed_through;
    let latest = setting.moment.today.pred_opt().unwrap_or(NaiveDate::MIN);
    // The calendar of the stores ends with four-digit years.
    let sane = (1..=9_999).contains(&through.year());
    if through > latest || !sane || closed_through.is_some_and(|closed| through < closed) {
        return Err(Refusal::PeriodNotClosable { through, latest, closed_through });
    }
    Ok(())
}
