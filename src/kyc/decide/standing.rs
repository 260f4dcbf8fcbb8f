//! Changes of where a customer stands: by staff, and after documents changed.

use chrono::NaiveDate;

use super::Decided;
use crate::kyc::{
    AmlStatus, Dimension, KycFile, KycPolicy, PepStatus, Refusal, RiskLevel, Standing, derive,
};
use crate::ledger::{EventCode, FieldChange, FieldName, StateCode};
use crate::party::{Lifecycle, Onboarding};

/// A status that staff sets. That of the documents is derived and nobody sets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StandingChange {
    /// What anti-money-laundering says.
    Aml(AmlStatus),
    /// Whether the customer is politically exposed.
    Pep(PepStatus),
    /// The risk.
    Risk(RiskLevel),
    /// The lifecycle.
    Lifecycle(Lifecycle),
    /// The onboarding.
    Onboarding(Onboarding),
    /// Deleted, or restored.
    Deleted(bool),
}

/// Sets a status. `None` if it is so already.
///
/// # Errors
/// [`Refusal::StandingTransition`] for what is not a step, [`Refusal::CustomerAccountsOpen`] for
/// closing or deleting a customer with open accounts.
pub fn decide_standing_change(
    standing: &Standing,
    change: StandingChange,
) -> Result<Option<Decided<Standing>>, Refusal> {
    let mut new = standing.clone();
    let (dimension, from, to, allowed, event) = match change {
        StandingChange::Aml(to) => {
            new.aml = to;
            let allowed = standing.aml.may_become(to);
            (Dimension::Aml, standing.aml.code(), to.code(), allowed, "standing.aml_changed")
        }
        StandingChange::Pep(to) => {
            new.pep = to;
            let allowed = standing.pep.may_become(to);
            (Dimension::Pep, standing.pep.code(), to.code(), allowed, "standing.pep_changed")
        }
        StandingChange::Risk(to) => {
            new.risk = to;
            (Dimension::Risk, standing.risk.code(), to.code(), true, "standing.risk_changed")
        }
        StandingChange::Lifecycle(to) => {
            new.lifecycle = to;
            let (from, allowed) = (standing.lifecycle, standing.lifecycle.may_become(to));
            (Dimension::Lifecycle, from.code(), to.code(), allowed, "standing.lifecycle_changed")
        }
        StandingChange::Onboarding(to) => {
            new.onboarding = to;
            let (from, allowed) = (standing.onboarding, standing.onboarding.may_become(to));
            (Dimension::Onboarding, from.code(), to.code(), allowed, "standing.onboarding_changed")
        }
        StandingChange::Deleted(to) => {
            new.deleted = to;
            let event = if to { "standing.deleted" } else { "standing.restored" };
            (Dimension::Lifecycle, "", "", true, event)
        }
    };
    if new == *standing {
        return Ok(None);
    }
    let customer = standing.customer;
    if !allowed {
        return Err(Refusal::StandingTransition { customer, dimension, from, to });
    }
    let leaves = matches!(
        change,
        StandingChange::Deleted(true) | StandingChange::Lifecycle(Lifecycle::Closed)
    );
    if leaves && standing.open_accounts > 0 {
        return Err(Refusal::CustomerAccountsOpen { customer, open: standing.open_accounts });
    }
    Ok(changed(standing, new, EventCode::known(event)))
}

/// Brings the standing in line with file and policy on a day. `None` if it is already.
#[must_use]
pub fn follow_documents(
    standing: &Standing,
    file: &KycFile,
    policy: &KycPolicy,
    today: NaiveDate,
) -> Option<Decided<Standing>> {
    let derived = derive(file, policy, today);
    let new = standing.clone().with_kyc(derived.status, derived.until);
    changed(standing, new, EventCode::known("standing.kyc_changed"))
}

/// What differs between two standings, as codes.
pub(super) fn changed(
    old: &Standing,
    new: Standing,
    event: EventCode,
) -> Option<Decided<Standing>> {
    let flag = |set: bool| if set { "true" } else { "false" };
    let codes = [
        ("lifecycle", old.lifecycle.code(), new.lifecycle.code()),
        ("onboarding", old.onboarding.code(), new.onboarding.code()),
        ("aml", old.aml.code(), new.aml.code()),
        ("pep", old.pep.code(), new.pep.code()),
        ("kyc", old.kyc.code(), new.kyc.code()),
        ("risk", old.risk.code(), new.risk.code()),
        ("deleted", flag(old.deleted), flag(new.deleted)),
    ];
    let mut changes: Vec<FieldChange> = codes
        .into_iter()
        .filter(|(_, from, to)| from != to)
        .map(|(field, from, to)| {
            let (from, to) = (StateCode::known(from), StateCode::known(to));
            FieldChange::between(FieldName::known(field), from, to)
        })
        .collect();
    if old.kyc_until != new.kyc_until {
        changes.push(FieldChange::of(FieldName::known("kyc_until")));
    }
    (!changes.is_empty()).then_some(Decided { new, event, changes })
}
