//! Closing a year: every income and expense account is brought to zero against retained earnings
//! by ordinary transactions, and the books are closed through the last day.

use chrono::NaiveDate;

use super::account::judge_closable;
use super::desk::{Desk, SlottedLeg};
use super::post::{Dates, Identity, Written, judge_bounds, judge_state, move_money, write};
use super::setting::{Setting, Supply};
use crate::ledger::facts::{Facts, Plan};
use crate::ledger::transaction::Terms;
use crate::ledger::{
    AccountClass, AccountId, BalancedEntries, Defaulted, Kind, Leg, MAX_LEGS, Operation, Refusal,
    Side, TransactionId,
};
use crate::money::{Currency, Money};

/// Decides the close of a year. `None` when the books are closed through that day already and
/// nothing is left on income and expenses.
///
/// # Errors
/// [`Refusal::InvalidTerms`] when a currency has no retained earnings account, or what was given
/// is no equity account; [`Refusal::UnknownAccount`]; [`Refusal::PeriodNotClosable`];
/// [`Refusal::AccountClosed`], [`Refusal::AccountBlocked`], [`Refusal::Overflow`],
/// [`Refusal::InsufficientFunds`].
pub fn decide_close_year(
    through: NaiveDate,
    retained: &[AccountId],
    setting: Setting<'_>,
    supply: &mut dyn Supply,
    mut facts: Facts,
) -> Result<Option<(Plan, Vec<TransactionId>)>, Refusal> {
    let open = std::mem::take(&mut facts.temporary_accounts);
    let structure = facts.structure;
    let done = facts.book.closed_through == Some(through);
    let targets = targets(retained, &open, &facts)?;
    judge_closable(through, setting, &facts)?;
    // The day is what a repetition is recognised by. A key was not read, and one key cannot stand
    // for a transaction of each currency.
    let mut desk = Desk::new(Setting { key: None, ..setting }, supply, facts, 1);
    let mut posted = Vec::new();
    for (currency, target) in targets {
        let lines: Vec<SlottedLeg> = open
            .iter()
            .filter_map(|(slot, balance)| closing_leg(&desk, *slot, *balance))
            .filter(|line| line.leg.money.currency() == currency)
            .collect();
        for chunk in lines.chunks(MAX_LEGS.saturating_sub(1)) {
            posted.push(close_chunk(&mut desk, through, target, chunk)?);
        }
    }
    if done && posted.is_empty() {
        return Ok(None);
    }
    if !done {
        desk.write_operation(Operation::PeriodClosed { through });
    }
    let mut plan = desk.finish();
    plan.close_through = (!done).then_some(through);
    plan.structure = Some(structure);
    Ok(Some((plan, posted)))
}

/// The retained earnings account of each currency, as a slot; every currency with something to
/// close has one.
fn targets(
    retained: &[AccountId],
    open: &[(u32, i64)],
    facts: &Facts,
) -> Result<Vec<(Currency, u32)>, Refusal> {
    let mut targets: Vec<(Currency, u32)> = Vec::new();
    let mut unknown = None;
    for (account, slot) in retained.iter().zip(&facts.slots) {
        let Some(state) = facts.accounts.get(*slot as usize) else {
            unknown = unknown.or(Some(*account));
            continue;
        };
        if state.class != AccountClass::Equity {
            return Err(Refusal::InvalidTerms { what: "retained earnings are an equity account" });
        }
        if targets.iter().any(|(currency, _)| *currency == state.currency) {
            let what = "give one retained earnings account per currency";
            return Err(Refusal::InvalidTerms { what });
        }
        targets.push((state.currency, *slot));
    }
    if let Some(account) = unknown {
        return Err(Refusal::UnknownAccount { account });
    }
    let open = open.iter().filter(|(_, balance)| *balance != 0);
    for account in open.filter_map(|(slot, _)| facts.accounts.get(*slot as usize)) {
        if !targets.iter().any(|(currency, _)| *currency == account.currency) {
            let what = "every currency with income or expenses needs a retained earnings account";
            return Err(Refusal::InvalidTerms { what });
        }
    }
    targets.sort_unstable();
    Ok(targets)
}

/// The leg that brings an account to zero.
fn closing_leg(desk: &Desk<'_>, slot: u32, balance: i64) -> Option<SlottedLeg> {
    let account = desk.account(slot).filter(|_| balance != 0)?;
    let normal = account.class.normal_side();
    let side = if balance > 0 { normal.opposite() } else { normal };
    // A ledger balance lies within ±i64::MAX, so its size exists.
    let money = Money::new(balance.checked_abs()?, account.currency);
    Some(SlottedLeg { slot, leg: Leg { account: account.id, side, money } })
}

fn close_chunk(
    desk: &mut Desk<'_>,
    through: NaiveDate,
    target: u32,
    lines: &[SlottedLeg],
) -> Result<TransactionId, Refusal> {
    let mut legs = lines.to_vec();
    if let Some(counter) = counter_leg(desk, target, lines)? {
        legs.push(counter);
    }
    let plain: Vec<Leg> = legs.iter().map(|leg| leg.leg).collect();
    // A single account whose counter-leg nets to zero cannot occur: it would have no balance.
    let proven = BalancedEntries::new(&plain)?;
    judge_state(desk, &legs)?;
    let mark = desk.mark();
    move_money(desk, &legs)?;
    judge_bounds(desk, mark)?;
    let id = TransactionId::from_uuid(desk.supply.id());
    let dates =
        Dates { booking_date: through, value_date: through, defaulted: Defaulted::default() };
    let written = Written { kind: Kind::YEAR_CLOSE, dates, link: None, all: false };
    let identity = Identity { id, fresh: true };
    let terms = Terms::new(Kind::YEAR_CLOSE);
    write(desk, 0, identity, "close_year", written, &terms, proven.legs().len());
    Ok(id)
}

/// What retained earnings take: the difference of the lines. `None` if they balance among
/// themselves.
fn counter_leg(
    desk: &Desk<'_>,
    target: u32,
    lines: &[SlottedLeg],
) -> Result<Option<SlottedLeg>, Refusal> {
    let Some(account) = desk.account(target) else { return Ok(None) };
    let net = lines.iter().fold(0_i128, |net, line| {
        let minor = i128::from(line.leg.money.minor());
        match line.leg.side {
            Side::Debit => net.saturating_add(minor),
            Side::Credit => net.saturating_sub(minor),
        }
    });
    if net == 0 {
        return Ok(None);
    }
    let side = if net > 0 { Side::Credit } else { Side::Debit };
    let size =
        i64::try_from(net.unsigned_abs()).map_err(|_| Refusal::Overflow { account: account.id })?;
    let money = Money::new(size, account.currency);
    Ok(Some(SlottedLeg { slot: target, leg: Leg { account: account.id, side, money } }))
}
