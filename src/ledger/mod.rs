//! The double-entry kernel. It knows no customer, cheque, product or store.
//!
//! # Terms
//!
//! | term | meaning |
//! |---|---|
//! | account | one currency, one class and so one normal side, a floor, a ceiling, a block |
//! | transaction | at least two entries that balance in every currency; never changed |
//! | entry | a line of an account, numbered without gaps, with the balance after it |
//! | hold | a whole transaction that reserves now and moves later |
//! | balance | four counters; everything else is derived from them |
//! | journal | one record per thing that happened, in the order of commit |
//! | block | a run of journal records sealed under a Merkle root |
//!
//! # Invariants
//!
//! * `L1` debits equal credits, per currency, in every transaction: [`BalancedEntries`].
//! * `L2` the available balance never falls below the floor: `decide::post::judge_bounds`.
//! * `L3` entries of an account are numbered 1, 2, 3 and each carries the balance after it.
//! * `L4` a hold's leg is `captured + open + freed`, and the pending counters of an account are
//!   the sum of what its holds have open.
//! * `L5` what was posted is never changed; a mistake is reversed, at most once.
//! * `L6` an id stands for one content for ever.
//! * `L7` instants strictly increase along the journal.
//!
//! # Absences
//!
//! No clock, no randomness, no store, no `await`, no float: see [`decide`].

mod account;
mod balance;
mod book;
mod chart;
pub mod decide;
mod encode;
mod entity;
mod entry;
pub mod facts;
mod hold;
mod instruction;
mod journal;
mod limit;
pub mod outbox;
pub mod query;
mod refusal;
pub mod report;
pub mod seal;
mod side;
mod text;
pub(crate) mod transaction;
pub mod verify;

pub use account::{
    Account, AccountChange, AccountProfile, AccountState, Block, FloorPolicy, Labels, NewAccount,
    OpenedAs,
};
pub use balance::Balance;
pub use book::{Book, DateBounds};
pub use chart::{Chart, ChartNode, MAX_CHART_NODES};
pub use entity::{EntityRef, EntityWritten, FieldChange};
pub use entry::{BalancedEntries, Entry, Leg, MAX_LEGS};
pub use hold::{
    CaptureAmount, Ended, Hold, HoldLeg, HoldState, HoldUsage, NewCapture, NewHold, NewRelease,
};
pub use instruction::{Batch, Instruction, MAX_BATCH, NewReversal, Outcome, Receipt, Subject};
pub use journal::{HoldPlaced, Operation, OperationRecord, Record};
pub use limit::{LimitRule, LimitScope, Limits, Usage, UsageKey, Window};
pub use refusal::Refusal;
pub use side::{AccountClass, Side};
pub use text::{
    Actor, Channel, ChartCode, Correlation, EntityKind, EventCode, FieldName, IdempotencyKey, Kind,
    Metadata, Reference, StateCode, Subscriber, Text, TextError, Worker,
};
pub use transaction::{
    Defaulted, GroupMark, Link, NewTransaction, Notes, Origin, SaltedNotes, Transaction,
};

pub(crate) use crate::id::{AccountId, HoldId, LimitId, TransactionId};
