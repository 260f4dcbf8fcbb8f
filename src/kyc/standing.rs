//! Where a customer stands: the few statuses that the gate asks for whenever money moves.

use chrono::NaiveDate;

use super::{AmlStatus, KycStatus, PepStatus, RiskLevel};
use crate::id::CustomerId;
use crate::ledger::EntityKind;
use crate::party::{Lifecycle, Onboarding};

/// Where a customer stands. Small, because it is read with every movement of money; its fields
/// hold no personal data.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Standing {
    /// The customer.
    pub customer: CustomerId,
    /// Whether the bank accepted the customer (C11).
    pub onboarding: Onboarding,
    /// Where the customer is in life with the bank (C11).
    pub lifecycle: Lifecycle,
    /// What documents said when they were last looked at. On a day, ask [`Self::kyc_on`].
    pub kyc: KycStatus,
    /// The last day on which an approval holds; none if it has no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kyc_until: Option<NaiveDate>,
    /// What anti-money-laundering checks say.
    pub aml: AmlStatus,
    /// Whether the customer is politically exposed.
    pub pep: PepStatus,
    /// The risk that the bank sees.
    pub risk: RiskLevel,
    /// How many accounts of the customer are not closed.
    pub open_accounts: u32,
    /// Whether the customer was deleted; nothing passes the gate any more.
    pub deleted: bool,
}

impl Standing {
    /// What the journal calls it.
    pub const KIND: EntityKind = EntityKind::known("standing");

    /// The standing of a new customer: active, approval pending, nothing proven, nothing known
    /// against, medium risk (S1-051 to S1-054).
    #[must_use]
    pub fn new(customer: CustomerId) -> Self {
        Self {
            customer,
            onboarding: Onboarding::PendingApproval,
            lifecycle: Lifecycle::Active,
            kyc: KycStatus::default(),
            kyc_until: None,
            aml: AmlStatus::default(),
            pep: PepStatus::default(),
            risk: RiskLevel::default(),
            open_accounts: 0,
            deleted: false,
        }
    }

    /// With this onboarding.
    #[must_use]
    pub const fn with_onboarding(mut self, onboarding: Onboarding) -> Self {
        self.onboarding = onboarding;
        self
    }

    /// With this lifecycle.
    #[must_use]
    pub const fn with_lifecycle(mut self, lifecycle: Lifecycle) -> Self {
        self.lifecycle = lifecycle;
        self
    }

    /// With this status, which holds through a day if it is an approval.
    #[must_use]
    pub const fn with_kyc(mut self, kyc: KycStatus, until: Option<NaiveDate>) -> Self {
        self.kyc = kyc;
        self.kyc_until = until;
        self
    }

    /// With these findings.
    #[must_use]
    pub const fn with_findings(mut self, aml: AmlStatus, pep: PepStatus, risk: RiskLevel) -> Self {
        self.aml = aml;
        self.pep = pep;
        self.risk = risk;
        self
    }

    /// With one open account more.
    #[must_use]
    pub const fn with_account_opened(mut self) -> Self {
        self.open_accounts = self.open_accounts.saturating_add(1);
        self
    }

    /// With one open account less.
    #[must_use]
    pub const fn with_account_closed(mut self) -> Self {
        self.open_accounts = self.open_accounts.saturating_sub(1);
        self
    }

    /// The status on a day, whether the sweep ran or not: an approval holds through
    /// [`Self::kyc_until`] and is expired from the day after.
    #[must_use]
    #[inline]
    pub fn kyc_on(&self, today: NaiveDate) -> KycStatus {
        match self.kyc {
            KycStatus::Approved if self.kyc_until.is_some_and(|last| last < today) => {
                KycStatus::Expired
            }
            status => status,
        }
    }
}
