//! The gate: which action passes at which status (C13).

use chrono::NaiveDate;

use super::{AmlStatus, KycStatus, PepStatus, Refusal, RiskLevel, Standing};
use crate::party::{Lifecycle, Onboarding};

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum GateAction {
    /// Open an account.
    OpenAccount,
    /// Take money in.
    Credit,
    /// Let money out of an account, within the bank or in cash.
    Debit,
    /// Let money out to another bank.
    ExternalTransfer,
    /// Name somebody to send money to.
    AddBeneficiary,
}

impl GateAction {
    /// All.
    pub const ALL: [Self; 5] = [
        Self::OpenAccount,
        Self::Credit,
        Self::Debit,
        Self::ExternalTransfer,
        Self::AddBeneficiary,
    ];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::OpenAccount => "open_account",
            Self::Credit => "credit",
            Self::Debit => "debit",
            Self::ExternalTransfer => "external_transfer",
            Self::AddBeneficiary => "add_beneficiary",
        }
    }
}

/// Which of a customer's statuses. The order is that in which they are looked at.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Dimension {
    /// The lifecycle; a deleted customer is refused here.
    Lifecycle,
    /// Whether the bank accepted the customer.
    Onboarding,
    /// What anti-money-laundering checks say.
    Aml,
    /// Whether the customer is politically exposed.
    Pep,
    /// What the documents say.
    Kyc,
    /// The risk that the bank sees.
    Risk,
}

impl Dimension {
    /// All, in the order in which they are looked at.
    pub const ALL: [Self; 6] =
        [Self::Lifecycle, Self::Onboarding, Self::Aml, Self::Pep, Self::Kyc, Self::Risk];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Lifecycle => "lifecycle",
            Self::Onboarding => "onboarding",
            Self::Aml => "aml",
            Self::Pep => "pep",
            Self::Kyc => "kyc",
            Self::Risk => "risk",
        }
    }
}

macro_rules! gate_statuses {
    ($($dimension:ident($type:ident) { $($variant:ident = $bit:literal,)* })*) => {
        /// A status in one of the dimensions: a row of the matrix.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum GateStatus { $(#[doc = concat!("Of the dimension ", stringify!($dimension), ".")] $dimension($type),)* }

        impl GateStatus {
            /// All rows, in the order in which they are looked at.
            pub const ALL: &'static [Self] = &[$($(Self::$dimension($type::$variant),)*)*];

            /// The dimension.
            #[must_use]
            pub const fn dimension(self) -> Dimension {
                match self { $(Self::$dimension(_) => Dimension::$dimension,)* }
            }

            /// The stable code of the status.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$dimension(status) => status.code(),)* }
            }

            /// Its bit: lower bits are looked at first.
            const fn bit(self) -> u32 {
                match self { $($(Self::$dimension($type::$variant) => 1 << $bit,)*)* }
            }
        }
    };
}

gate_statuses! {
    Lifecycle(Lifecycle) { Active = 0, Inactive = 1, Suspended = 2, Closed = 3, }
    Onboarding(Onboarding) { PendingApproval = 4, Approved = 5, Rejected = 6, }
    Aml(AmlStatus) { Clear = 7, Flagged = 8, Blocked = 9, }
    Pep(PepStatus) { Clear = 10, Match = 11, Rejected = 12, }
    Kyc(KycStatus) { Pending = 13, Approved = 14, Rejected = 15, Expired = 16, }
    Risk(RiskLevel) { Low = 17, Medium = 18, High = 19, Critical = 20, }
}

/// The matrix of action and status, as one word of bits for each action: a set bit is a closed
/// cell. It is copied, compared and asked in nanoseconds.
///
/// An action passes if none of the customer's statuses is in a closed cell. If several are, the
/// refusal names the first in the order of [`Dimension::ALL`]. A deleted customer never passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Gate {
    open_account: u32,
    credit: u32,
    debit: u32,
    external_transfer: u32,
    add_beneficiary: u32,
}

impl Gate {
    /// A gate in which every cell is open.
    pub const OPEN: Self =
        Self { open_account: 0, credit: 0, debit: 0, external_transfer: 0, add_beneficiary: 0 };

    const fn closed(&self, action: GateAction) -> u32 {
        match action {
            GateAction::OpenAccount => self.open_account,
            GateAction::Credit => self.credit,
            GateAction::Debit => self.debit,
            GateAction::ExternalTransfer => self.external_transfer,
            GateAction::AddBeneficiary => self.add_beneficiary,
        }
    }

    /// With one cell open or closed.
    #[must_use]
    pub const fn with(mut self, action: GateAction, status: GateStatus, open: bool) -> Self {
        let word = match action {
            GateAction::OpenAccount => &mut self.open_account,
            GateAction::Credit => &mut self.credit,
            GateAction::Debit => &mut self.debit,
            GateAction::ExternalTransfer => &mut self.external_transfer,
            GateAction::AddBeneficiary => &mut self.add_beneficiary,
        };
        if open {
            *word &= !status.bit();
        } else {
            *word |= status.bit();
        }
        self
    }

    /// With these cells of some actions closed.
    #[must_use]
    pub const fn closing(mut self, actions: &[GateAction], statuses: &[GateStatus]) -> Self {
        let mut actions = actions;
        while let [action, more @ ..] = actions {
            let mut rest = statuses;
            while let [status, more @ ..] = rest {
                self = self.with(*action, *status, false);
                rest = more;
            }
            actions = more;
        }
        self
    }

    /// Whether a cell is open.
    #[must_use]
    pub const fn is_open(&self, action: GateAction, status: GateStatus) -> bool {
        self.closed(action) & status.bit() == 0
    }

    /// Every cell: action, status, and whether it is open.
    pub fn cells(self) -> impl Iterator<Item = (GateAction, GateStatus, bool)> {
        GateAction::ALL.into_iter().flat_map(move |action| {
            GateStatus::ALL
                .iter()
                .map(move |status| (action, *status, self.is_open(action, *status)))
        })
    }

    /// Whether an action passes on a day.
    ///
    /// # Errors
    /// [`Refusal::GateClosed`] with the first dimension that does not let it pass.
    #[inline]
    pub fn judge(
        &self,
        action: GateAction,
        standing: &Standing,
        today: NaiveDate,
    ) -> Result<(), Refusal> {
        let own = GateStatus::Lifecycle(standing.lifecycle).bit()
            | GateStatus::Onboarding(standing.onboarding).bit()
            | GateStatus::Aml(standing.aml).bit()
            | GateStatus::Pep(standing.pep).bit()
            | GateStatus::Kyc(standing.kyc_on(today)).bit()
            | GateStatus::Risk(standing.risk).bit();
        let hit = own & self.closed(action);
        if hit == 0 && !standing.deleted {
            return Ok(());
        }
        Err(refusal(action, standing, hit))
    }

    /// The matrix as a Markdown table: a row for each status, a column for each action.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut table = String::from("| dimension | status |");
        for action in GateAction::ALL {
            table.push_str(&format!(" {} |", action.code()));
        }
        table.push_str("\n|---|---|---|---|---|---|---|\n");
        for status in GateStatus::ALL {
            table.push_str(&format!("| {} | {} |", status.dimension().code(), status.code()));
            for action in GateAction::ALL {
                table.push_str(if self.is_open(action, *status) { " yes |" } else { " no |" });
            }
            table.push('\n');
        }
        table
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self::STANDARD
    }
}

#[cold]
fn refusal(action: GateAction, standing: &Standing, hit: u32) -> Refusal {
    let first = GateStatus::ALL.iter().find(|status| status.bit() & hit != 0);
    let (dimension, status) = match first {
        Some(status) if !standing.deleted => (status.dimension(), status.code()),
        _ => (Dimension::Lifecycle, "deleted"),
    };
    Refusal::GateClosed { customer: standing.customer, action, dimension, status }
}

macro_rules! displayed_by_code {
    ($($name:ident),*) => {$(
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.code())
            }
        }
    )*};
}

displayed_by_code!(GateAction, Dimension, GateStatus);
