//! Changing an account: its status, its owners, its cover.

use chrono::{Days, NaiveDate};

use super::{AccountStatus, CustomerAccount, Operation, Ownership, Refusal};
use crate::ledger::facts::Moment;
use crate::ledger::{Channel, EventCode, FieldChange, FieldName, Kind, Text};

/// An account as it is to be, what happened, and what changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The account.
    pub account: CustomerAccount,
    /// What happened.
    pub event: EventCode,
    /// What changed.
    pub changes: Vec<FieldChange>,
}

/// Decides a change of status. `None` if it has it already. Closing has preconditions that only
/// the ledger can see: a zero balance and no holds.
///
/// # Errors
/// [`Refusal::StatusReasonMissing`], [`Refusal::StatusTransition`].
pub fn decide_status(
    account: &CustomerAccount,
    to: AccountStatus,
    reason: Option<Text>,
    moment: Moment,
) -> Result<Option<Changed>, Refusal> {
    let from = account.status;
    if from == to {
        return Ok(None);
    }
    let harsh = matches!(to, AccountStatus::Frozen | AccountStatus::Suspended)
        || from == AccountStatus::Frozen;
    if harsh && reason.is_none() {
        return Err(Refusal::StatusReasonMissing { account: account.id });
    }
    if !from.may_become(to) {
        let (account, from, to) = (account.id, from.code(), to.code());
        return Err(Refusal::StatusTransition { account, from, to });
    }
    let mut after = account.clone();
    (after.status, after.reason, after.updated_at) = (to, reason, moment.now);
    match to {
        AccountStatus::Closed => after.closed_on = Some(moment.today),
        // Its owner has come back: the days are counted anew.
        AccountStatus::Active => after.last_activity = moment.today,
        _ => {}
    }
    let event = EventCode::known(match to {
        AccountStatus::PendingActivation => "account.opened",
        AccountStatus::Active if from == AccountStatus::Frozen => "account.unfrozen",
        AccountStatus::Active => "account.activated",
        AccountStatus::Inactive => "account.inactivated",
        AccountStatus::Dormant => "account.fell_dormant",
        AccountStatus::Suspended => "account.suspended",
        AccountStatus::Frozen => "account.frozen",
        AccountStatus::Closed => "account.closed",
    });
    let change = FieldChange::between(FieldName::known("status"), from.state(), to.state());
    Ok(Some(Changed { account: after, event, changes: vec![change] }))
}

/// Decides a change of owners or mandate. `None` if it is so already. The primary owner stays: an
/// account with another owner is another account.
///
/// # Errors
/// What [`Ownership::judge`] refuses, [`Refusal::StatusForbids`].
pub fn decide_ownership(
    account: &CustomerAccount,
    ownership: &Ownership,
    moment: Moment,
) -> Result<Option<Changed>, Refusal> {
    ownership.judge()?;
    if account.ownership == *ownership {
        return Ok(None);
    }
    amendable(account)?;
    if ownership.primary() != account.ownership.primary() {
        return Err(Refusal::PrimaryNotOne);
    }
    let mut after = account.clone();
    (after.ownership, after.updated_at) = (ownership.clone(), moment.now);
    let changes = [
        (account.ownership.kind != ownership.kind, "ownership.kind"),
        (account.ownership.parties != ownership.parties, "ownership.parties"),
        (account.ownership.mandate != ownership.mandate, "ownership.mandate"),
    ];
    let changes = changes.into_iter().filter(|(differs, _)| *differs);
    let changes = changes.map(|(_, field)| FieldChange::of(FieldName::known(field))).collect();
    let event = EventCode::known("account.owners_changed");
    Ok(Some(Changed { account: after, event, changes }))
}

/// Decides from which account what is missing is moved, or from none. `None` if it is so already.
///
/// # Errors
/// [`Refusal::CoverNotOffered`], [`Refusal::CoverDoesNotFit`], [`Refusal::CoverCurrency`],
/// [`Refusal::StatusForbids`].
pub fn decide_cover(
    account: &CustomerAccount,
    cover: Option<&CustomerAccount>,
    offered: bool,
    moment: Moment,
) -> Result<Option<Changed>, Refusal> {
    let id = cover.map(|cover| cover.id);
    if account.cover == id {
        return Ok(None);
    }
    amendable(account)?;
    if let Some(cover) = cover {
        if !offered {
            return Err(Refusal::CoverNotOffered { account: account.id });
        }
        let misfit = |what| Err(Refusal::CoverDoesNotFit { cover: cover.id, what });
        if cover.id == account.id {
            return misfit("it is the account itself");
        }
        if cover.currency != account.currency {
            return Err(Refusal::CoverCurrency { cover: cover.id, currency: cover.currency });
        }
        if cover.primary() != account.primary() {
            return misfit("it has another primary owner");
        }
        if cover.cover.is_some() {
            return misfit("it is covered itself, and cover is not chained");
        }
        if cover.status != AccountStatus::Active {
            return misfit("it is not active");
        }
    }
    let mut after = account.clone();
    (after.cover, after.updated_at) = (id, moment.now);
    let changes = vec![FieldChange::of(FieldName::known("cover"))];
    Ok(Some(Changed { account: after, event: EventCode::known("account.cover_changed"), changes }))
}

fn amendable(account: &CustomerAccount) -> Result<(), Refusal> {
    let (status, operation) = (account.status, Operation::Amend);
    if status.allows(operation) {
        return Ok(());
    }
    Err(Refusal::StatusForbids { account: account.id, operation, status: status.code() })
}

/// Whether an account is dormant: its owner has not used it for so many days. On the last of them
/// it is not yet.
#[must_use]
pub fn is_dormant(account: &CustomerAccount, last_activity: NaiveDate, today: NaiveDate) -> bool {
    let Some(days) = account.dormant_after_days else { return false };
    let since = last_activity.checked_add_days(Days::new(u64::from(days)));
    account.status == AccountStatus::Active && since.is_some_and(|last| last < today)
}

/// Whether a transaction shows that a customer used the account: what the bank books by itself does
/// not.
#[must_use]
pub fn is_customer_activity(kind: Kind, channel: Channel) -> bool {
    let banks = [Kind::INTEREST, Kind::FEE, Kind::REVERSAL, Kind::ADJUSTMENT, Kind::COVER];
    channel != Channel::SYSTEM && !banks.contains(&kind)
}
