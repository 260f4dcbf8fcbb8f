//! Accounts: what they are, how far they may go, and what blocks them.

use uuid::Uuid;

use crate::id::AccountId;
use crate::ledger::{AccountClass, Balance, ChartCode, Side, Text};
use crate::money::Currency;
use crate::time::Timestamp;

/// How far below zero the available balance may go (C03). Amounts are minor units of the
/// account's currency and never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FloorPolicy {
    /// Never below zero; the default for liabilities, that is, for customer deposits.
    NonNegative,
    /// Down to minus the agreed overdraft.
    Overdraft(i64),
    /// Down to minus the credit limit of a card or a credit line.
    CreditLimit(i64),
    /// No floor: the bank's own accounts.
    Unbounded,
}

impl FloorPolicy {
    /// The lowest available balance allowed, in minor units; `None` without a floor.
    #[must_use]
    pub const fn minimum(self) -> Option<i64> {
        match self {
            Self::NonNegative => Some(0),
            Self::Overdraft(limit) | Self::CreditLimit(limit) => Some(0_i64.saturating_sub(limit)),
            Self::Unbounded => None,
        }
    }

    /// The policy of an account of a class when none is asked for.
    #[must_use]
    pub const fn default_for(class: AccountClass) -> Self {
        match class {
            AccountClass::Liability => Self::NonNegative,
            _ => Self::Unbounded,
        }
    }
}

/// Which entries an account refuses.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Block {
    /// Refuses nothing.
    #[default]
    None,
    /// Refuses debits.
    Debits,
    /// Refuses credits.
    Credits,
    /// Refuses both.
    All,
}

impl Block {
    /// Whether the block refuses an entry on a side.
    #[must_use]
    pub const fn refuses(self, side: Side) -> bool {
        matches!(
            (self, side),
            (Self::All, _) | (Self::Debits, Side::Debit) | (Self::Credits, Side::Credit)
        )
    }

    /// The stable code of the block.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Debits => "debits",
            Self::Credits => "credits",
            Self::All => "all",
        }
    }
}

/// What the ledger knows of the people and places behind an account: opaque ids, so that limits
/// can be counted per customer and per branch.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct Labels {
    /// The customer, if the account is a customer's.
    pub customer: Option<Uuid>,
    /// The branch that keeps the account.
    pub branch: Option<Uuid>,
}

/// A request to open an account.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct NewAccount {
    /// The caller's id, which makes the request repeatable; `None` takes a fresh one.
    pub id: Option<AccountId>,
    /// The node of the chart of accounts; it gives the class.
    pub code: ChartCode,
    /// The one currency of the account.
    pub currency: Currency,
    /// The floor; `None` is [`FloorPolicy::default_for`] the class.
    pub floor: Option<FloorPolicy>,
    /// The highest balance allowed on the normal side, in minor units, incoming holds counted.
    pub ceiling: Option<i64>,
    /// Customer and branch, for limits and searches.
    pub labels: Labels,
    /// A name for the bank's own accounts, such as `Cash in vault`.
    pub name: Option<Text>,
    /// Whether rules above the ledger guard it: see [`AccountState::guarded`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub guarded: bool,
}

impl NewAccount {
    /// An account under a chart code, in a currency, with the defaults of its class.
    #[must_use]
    pub const fn new(code: ChartCode, currency: Currency) -> Self {
        Self {
            id: None,
            code,
            currency,
            floor: None,
            ceiling: None,
            labels: Labels { customer: None, branch: None },
            name: None,
            guarded: false,
        }
    }

    /// Sets the caller's id.
    #[must_use]
    pub const fn with_id(mut self, id: AccountId) -> Self {
        self.id = Some(id);
        self
    }

    /// Sets the floor.
    #[must_use]
    pub const fn with_floor(mut self, floor: FloorPolicy) -> Self {
        self.floor = Some(floor);
        self
    }

    /// Sets the ceiling, in minor units.
    #[must_use]
    pub const fn with_ceiling(mut self, ceiling: i64) -> Self {
        self.ceiling = Some(ceiling);
        self
    }

    /// Sets customer and branch.
    #[must_use]
    pub const fn with_labels(mut self, labels: Labels) -> Self {
        self.labels = labels;
        self
    }

    /// Guards it: postings and holds on it must have passed the rules above the ledger.
    #[must_use]
    pub const fn with_guard(mut self) -> Self {
        self.guarded = true;
        self
    }

    /// Sets the name.
    #[must_use]
    pub fn with_name(mut self, name: Text) -> Self {
        self.name = Some(name);
        self
    }
}

/// What a decision reads of an account and a store writes back: the part that changes with every
/// posting and what it is judged by.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct AccountState {
    /// The account.
    pub id: AccountId,
    /// The store's own handle of the row; meaningless to anyone else, 0 for a new account.
    pub key: u64,
    /// Grows with every change of the row; what a unit read holds as long as it is unchanged.
    pub version: u64,
    /// The four counters.
    pub balance: Balance,
    /// The number of entries so far, and so the number of the latest one.
    pub entries: u64,
    /// The floor.
    pub floor: FloorPolicy,
    /// The ceiling in minor units.
    pub ceiling: Option<i64>,
    /// The currency.
    pub currency: Currency,
    /// The class.
    pub class: AccountClass,
    /// The block.
    pub block: Block,
    /// Whether the account is closed.
    pub closed: bool,
    /// Whether it is a customer's, so that new postings and holds on it must have passed the rules
    /// about people: who may sign, what the gate lets through. Never changes.
    pub guarded: bool,
}

/// What never changes after opening, and limits and searches need.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct AccountProfile {
    /// The node of the chart.
    pub code: ChartCode,
    /// Customer and branch.
    pub labels: Labels,
    /// The name.
    pub name: Option<Text>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// What was asked for at opening, kept to recognise a repeated request whatever the account
    /// has become since.
    pub opened_as: OpenedAs,
}

/// The terms as first asked for; see [`AccountProfile::opened_as`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct OpenedAs {
    /// The floor.
    pub floor: FloorPolicy,
    /// The ceiling.
    pub ceiling: Option<i64>,
}

/// An account as a read returns it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Account {
    /// Counters and terms.
    pub state: AccountState,
    /// What does not change.
    pub profile: AccountProfile,
}

impl Account {
    /// The id.
    #[must_use]
    pub const fn id(&self) -> AccountId {
        self.state.id
    }
}

/// A change of an account's terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub enum AccountChange {
    /// Sets the block.
    Block(Block),
    /// Sets the floor. The present balance may be below it: then nothing that lowers it further
    /// passes.
    Floor(FloorPolicy),
    /// Sets or removes the ceiling, in minor units.
    Ceiling(Option<i64>),
    /// Closes the account: needs a zero balance and no holds.
    Close,
    /// Opens a closed account again.
    Reopen,
}
