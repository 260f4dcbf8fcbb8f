//! Holds: money reserved now, moved later, whole, in part or in several parts.

use smallvec::SmallVec;

use crate::id::{AccountId, HoldId, LimitId, TransactionId};
use crate::ledger::transaction::{Terms, relation_setter, terms_setters};
use crate::ledger::{GroupMark, Kind, Leg, Origin, SaltedNotes, Side};
use crate::money::Money;
use crate::time::Timestamp;
use uuid::Uuid;

/// A hold as asked for: a whole transaction that reserves now and moves later.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct NewHold {
    pub(crate) id: Option<HoldId>,
    pub(crate) legs: SmallVec<[Leg; 2]>,
    pub(crate) expires_at: Option<Timestamp>,
    #[serde(flatten)]
    pub(crate) terms: Terms,
}

impl NewHold {
    /// A hold without legs yet.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        Self { id: None, legs: SmallVec::new(), expires_at: None, terms: Terms::new(kind) }
    }

    /// Reserves `money` for a later debit of one account and credit of another.
    #[must_use]
    pub fn transfer(kind: Kind, debit: AccountId, credit: AccountId, money: Money) -> Self {
        Self::new(kind).leg(Leg::new(debit, Side::Debit, money)).leg(Leg::new(
            credit,
            Side::Credit,
            money,
        ))
    }

    /// Adds a leg.
    #[must_use]
    pub fn leg(mut self, leg: Leg) -> Self {
        self.legs.push(leg);
        self
    }

    /// Sets the caller's id, by which a repetition is recognised.
    #[must_use]
    pub const fn with_id(mut self, id: HoldId) -> Self {
        self.id = Some(id);
        self
    }

    /// Sets the instant from which on it can no longer be captured; by default it never expires.
    #[must_use]
    pub const fn expiring_at(mut self, at: Timestamp) -> Self {
        self.expires_at = Some(at);
        self
    }
}
terms_setters!(NewHold);
relation_setter!(NewHold);

/// How much of a hold is captured.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CaptureAmount {
    /// All that is left.
    Rest,
    /// An amount on both legs of a two-legged hold.
    Amount(Money),
    /// Legs of the hold with the amounts to move; they must balance.
    Legs(Vec<Leg>),
}

/// A capture as asked for.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct NewCapture {
    pub(crate) id: Option<TransactionId>,
    pub(crate) hold: HoldId,
    pub(crate) amount: CaptureAmount,
    pub(crate) last: bool,
    #[serde(flatten)]
    pub(crate) terms: Terms,
}

impl NewCapture {
    /// Captures all that is left.
    #[must_use]
    pub const fn rest(kind: Kind, hold: HoldId) -> Self {
        let terms = Terms::new(kind);
        Self { id: None, hold, amount: CaptureAmount::Rest, last: true, terms }
    }

    /// Captures an amount of a two-legged hold and frees the rest.
    #[must_use]
    pub const fn amount(kind: Kind, hold: HoldId, money: Money) -> Self {
        let terms = Terms::new(kind);
        Self { id: None, hold, amount: CaptureAmount::Amount(money), last: true, terms }
    }

    /// Captures these legs of a hold and frees the rest.
    #[must_use]
    pub const fn legs(kind: Kind, hold: HoldId, legs: Vec<Leg>) -> Self {
        let terms = Terms::new(kind);
        Self { id: None, hold, amount: CaptureAmount::Legs(legs), last: true, terms }
    }

    /// Keeps the rest of the hold open for further captures.
    #[must_use]
    pub const fn keeping_rest(mut self) -> Self {
        self.last = false;
        self
    }

    /// Sets the caller's id, by which a repetition is recognised.
    #[must_use]
    pub const fn with_id(mut self, id: TransactionId) -> Self {
        self.id = Some(id);
        self
    }
}
terms_setters!(NewCapture);

/// The release of a hold, as asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct NewRelease {
    pub(crate) id: Option<TransactionId>,
    pub(crate) hold: HoldId,
}

impl NewRelease {
    /// Frees what is left of a hold.
    #[must_use]
    pub const fn new(hold: HoldId) -> Self {
        Self { id: None, hold }
    }

    /// Sets the caller's id, by which a repetition is recognised.
    #[must_use]
    pub const fn with_id(mut self, id: TransactionId) -> Self {
        self.id = Some(id);
        self
    }
}

/// Where a hold stands.
///
/// ```text
///            ┌─ capture, rest kept ─┐
///            ▼                      │
/// place ─▶ Open ─────────────────────┘
///            ├─ last capture, or nothing left ─▶ Captured
///            ├─ release ───────────────────────▶ Released
///            └─ expire (at or after expires_at) ▶ Expired
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum HoldState {
    /// Something is still reserved.
    Open,
    /// Captured; what was left is free.
    Captured,
    /// Released by request.
    Released,
    /// Freed by the sweep after its time had passed.
    Expired,
}

impl HoldState {
    /// The stable code of the state.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Captured => "captured",
            Self::Released => "released",
            Self::Expired => "expired",
        }
    }
}

/// A leg of a hold: `money = captured + open + freed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct HoldLeg {
    /// What was reserved.
    pub leg: Leg,
    /// What was captured so far, in minor units.
    pub captured: i64,
    /// What is still reserved, in minor units; zero once the hold has ended.
    pub open: i64,
}

/// A hold as it stands.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Hold {
    /// The id.
    pub id: HoldId,
    /// Grows with every change; see [`AccountState::version`](crate::ledger::AccountState).
    pub version: u64,
    /// Its place in the journal.
    pub position: u64,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// From when on it cannot be captured.
    pub expires_at: Option<Timestamp>,
    /// What it is for.
    pub kind: Kind,
    /// Where it stands.
    pub state: HoldState,
    /// The legs.
    pub legs: Vec<HoldLeg>,
    /// What it counts against limits, given back when it is freed.
    pub usage: Vec<HoldUsage>,
    /// Which transaction or release ended it, and when; nobody for an expiry.
    pub ended: Option<Ended>,
    /// What was asked for besides the legs, to recognise a repetition.
    pub relates_to: Option<TransactionId>,
    /// The booking date asked for, which captures take over.
    pub booking_date: Option<chrono::NaiveDate>,
    /// The value date asked for, which captures take over.
    pub value_date: Option<chrono::NaiveDate>,
    /// Its place in an atomic group.
    pub group: Option<GroupMark>,
    /// What it says in words.
    pub notes: Option<SaltedNotes>,
    /// Who placed it.
    pub origin: Origin,
}

/// How a hold ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Ended {
    /// The last capture, or the id of the release; none for an expiry.
    pub by: Option<TransactionId>,
    /// The place of the ending in the journal.
    pub position: u64,
    /// When.
    pub at: Timestamp,
    /// The place in an atomic group of a release.
    pub group: Option<GroupMark>,
}

/// What a leg of a hold counts against a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct HoldUsage {
    /// The limit.
    pub limit: LimitId,
    /// Whose counter.
    pub subject: Uuid,
    /// Which bucket of the window.
    pub bucket: i64,
    /// Which leg of the hold is counted, from 0: what is freed of it is given back.
    pub leg: u32,
    /// Whether this leg counted the hold as one transaction.
    pub counted: bool,
}
