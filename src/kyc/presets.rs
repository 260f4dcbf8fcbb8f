//! Gates that are ready to be used: the standard one, and what each requirement document asks for.

use super::{AmlStatus, Gate, GateAction, GateStatus, KycStatus, PepStatus, RiskLevel};
use crate::party::{Lifecycle, Onboarding};

use GateAction::{AddBeneficiary, Credit, Debit, ExternalTransfer, OpenAccount};

const NOT_ACTIVE: &[GateStatus] = &[
    GateStatus::Lifecycle(Lifecycle::Inactive),
    GateStatus::Lifecycle(Lifecycle::Suspended),
    GateStatus::Lifecycle(Lifecycle::Closed),
];
const CLOSED: &[GateStatus] = &[GateStatus::Lifecycle(Lifecycle::Closed)];
const NOT_ACCEPTED: &[GateStatus] = &[
    GateStatus::Onboarding(Onboarding::PendingApproval),
    GateStatus::Onboarding(Onboarding::Rejected),
];
const NOT_PROVEN: &[GateStatus] = &[
    GateStatus::Kyc(KycStatus::Pending),
    GateStatus::Kyc(KycStatus::Rejected),
    GateStatus::Kyc(KycStatus::Expired),
];
const NEVER_PROVEN: &[GateStatus] =
    &[GateStatus::Kyc(KycStatus::Pending), GateStatus::Kyc(KycStatus::Rejected)];
const BLOCKED: &[GateStatus] = &[GateStatus::Aml(AmlStatus::Blocked)];
const NOT_CLEAR: &[GateStatus] =
    &[GateStatus::Aml(AmlStatus::Flagged), GateStatus::Aml(AmlStatus::Blocked)];
const PEP_REFUSED: &[GateStatus] = &[GateStatus::Pep(PepStatus::Rejected)];
const PEP_OPEN: &[GateStatus] =
    &[GateStatus::Pep(PepStatus::Match), GateStatus::Pep(PepStatus::Rejected)];
const TOO_RISKY: &[GateStatus] = &[GateStatus::Risk(RiskLevel::Critical)];

const ALL: &[GateAction] = &GateAction::ALL;
const ALL_BUT_CREDIT: &[GateAction] = &[OpenAccount, Debit, ExternalTransfer, AddBeneficiary];
const OUTWARD: &[GateAction] = &[OpenAccount, ExternalTransfer, AddBeneficiary];

impl Gate {
    /// The standard gate.
    ///
    /// Whatever is done needs an accepted customer whom anti-money-laundering does not block and
    /// whom the bank does not refuse as politically exposed. Money may come in as long as the
    /// customer is not closed and was proven once. Anything else needs an active customer whose
    /// proof holds today; and a new account, a transfer to another bank or a new beneficiary also
    /// needs that nothing is being looked into and the risk is not critical.
    pub const STANDARD: Self = Self::OPEN
        .closing(ALL, NOT_ACCEPTED)
        .closing(ALL, BLOCKED)
        .closing(ALL, PEP_REFUSED)
        .closing(&[Credit], CLOSED)
        .closing(&[Credit], NEVER_PROVEN)
        .closing(ALL_BUT_CREDIT, NOT_ACTIVE)
        .closing(ALL_BUT_CREDIT, NOT_PROVEN)
        .closing(OUTWARD, NOT_CLEAR)
        .closing(OUTWARD, TOO_RISKY)
        .closing(&[OpenAccount], PEP_OPEN);

    /// Of document 000, which knows no status of a customer: all is open.
    pub const SEED_000: Self = Self::OPEN;

    /// Of document 001 (C13): money goes out only if the documents are approved and
    /// anti-money-laundering does not block. The document itself gates nothing in its tables;
    /// customers must be active, or for money that comes in at least not closed.
    pub const SEED_001: Self = Self::OPEN
        .closing(&[Credit], CLOSED)
        .closing(ALL_BUT_CREDIT, NOT_ACTIVE)
        .closing(&[Debit, ExternalTransfer], NOT_PROVEN)
        .closing(&[Debit, ExternalTransfer], BLOCKED);

    /// Of document 002 (S2-047, C13): an account only after the documents are approved; customers
    /// must be active.
    pub const SEED_002: Self =
        Self::OPEN.closing(ALL, NOT_ACTIVE).closing(&[OpenAccount], NOT_PROVEN);

    /// Of document 003 (S3-040): no gate, but the customer must be active.
    pub const SEED_003: Self = Self::OPEN.closing(ALL, NOT_ACTIVE);

    /// Of document 004 (S4-069, C13): approval before access; suspended customers have none.
    pub const SEED_004: Self = Self::OPEN.closing(ALL, NOT_ACTIVE).closing(ALL, NOT_ACCEPTED);

    /// The standard gate, [`Gate::STANDARD`].
    #[must_use]
    pub const fn standard() -> Self {
        Self::STANDARD
    }
}
