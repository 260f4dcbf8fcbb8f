//! The journal: one record per thing that happened, in the order of commit.
//!
//! A posted transaction carries who asked and on which way, so it is its own audit record and its
//! own outbox event. Only what posts nothing has a record of its own, an [`Operation`]. Audit and
//! outbox are two readings of this one journal.

use chrono::NaiveDate;

use crate::id::{AccountId, HoldId, LimitId, TransactionId};
use crate::ledger::{
    AccountChange, AccountClass, AccountProfile, ChartNode, EntityWritten, Entry, FloorPolicy,
    GroupMark, HoldState, HoldUsage, Kind, Leg, LimitRule, Origin, SaltedNotes, Transaction,
};
use crate::money::Currency;
use crate::time::Timestamp;

/// A record of the journal.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Record {
    /// Money moved.
    Transaction(Transaction),
    /// Something else happened.
    Operation(OperationRecord),
}

impl Record {
    /// Its place in the journal.
    #[must_use]
    pub const fn position(&self) -> u64 {
        match self {
            Self::Transaction(transaction) => transaction.position,
            Self::Operation(record) => record.position,
        }
    }

    /// Its instant, strictly increasing along the journal.
    #[must_use]
    pub const fn posted_at(&self) -> Timestamp {
        match self {
            Self::Transaction(transaction) => transaction.posted_at,
            Self::Operation(record) => record.at,
        }
    }

    /// Who asked, on which way.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        match self {
            Self::Transaction(transaction) => &transaction.origin,
            Self::Operation(record) => &record.origin,
        }
    }

    /// Its entries; none for an operation.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        match self {
            Self::Transaction(transaction) => &transaction.entries,
            Self::Operation(_) => &[],
        }
    }
}

/// An operation with its place in the journal.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct OperationRecord {
    /// Its place in the journal.
    pub position: u64,
    /// Its instant.
    pub at: Timestamp,
    /// Who asked, on which way.
    pub origin: Origin,
    /// What happened.
    pub operation: Operation,
}

/// What happened without money moving.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum Operation {
    /// A node was added to the chart.
    ChartDefined(ChartNode),
    /// An account was opened.
    AccountOpened {
        /// The account.
        account: AccountId,
        /// Its class.
        class: AccountClass,
        /// Its currency.
        currency: Currency,
        /// Its floor.
        floor: FloorPolicy,
        /// Its ceiling.
        ceiling: Option<i64>,
        /// Chart code, labels and name.
        profile: Box<AccountProfile>,
        /// Whether rules above the ledger guard it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        guarded: bool,
    },
    /// The terms of an account changed.
    AccountChanged {
        /// The account.
        account: AccountId,
        /// What changed.
        change: AccountChange,
    },
    /// A hold was placed.
    HoldPlaced(Box<HoldPlaced>),
    /// A hold ended other than by its last capture.
    HoldEnded {
        /// The hold.
        hold: HoldId,
        /// Released or expired.
        state: HoldState,
        /// The id of the release; none for an expiry.
        by: Option<TransactionId>,
        /// The place of a release in an atomic group.
        group: Option<GroupMark>,
    },
    /// A limit was set.
    LimitSet(LimitRule),
    /// A limit was removed.
    LimitRemoved(LimitId),
    /// The books were closed.
    PeriodClosed {
        /// Through this day.
        through: NaiveDate,
    },
    /// A row beside the ledger was written.
    EntityWritten(Box<EntityWritten>),
}

/// What a hold reserved.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct HoldPlaced {
    /// The hold.
    pub hold: HoldId,
    /// What it is for.
    pub kind: Kind,
    /// What it reserves.
    pub legs: Vec<Leg>,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
    /// The booking date asked for.
    pub booking_date: Option<NaiveDate>,
    /// The value date asked for.
    pub value_date: Option<NaiveDate>,
    /// What it relates to.
    pub relates_to: Option<TransactionId>,
    /// What it counts against limits.
    pub usage: Vec<HoldUsage>,
    /// Its place in an atomic group.
    pub group: Option<GroupMark>,
    /// What it says in words.
    pub notes: Option<SaltedNotes>,
}
