//! The vault door. Below it there is no rule: a store begins a unit, reads sets, writes
//! [`Changes`], commits, and answers reads.
//!
//! # The promise
//!
//! *What a unit read holds until it commits, or it fails with [`ErrorKind::Conflict`]; a dropped
//! unit leaves no trace.* Not only rows that were found: that an id, a key, a release or a
//! reversal was absent holds as well, and so does the [`Book`] that was read (closed periods and
//! limits), and, if [`Plan::structure`](crate::ledger::facts::Plan) is set, the list of accounts.
//!
//! # What a store does at commit
//!
//! 1. It checks that promise.
//! 2. It settles places and instants: record `n` of the changes gets place `head + 1 + n` and
//!    instant `max(not_before, last instant + 1) + n` nanoseconds.
//! 3. It writes all of the [`Changes`], or nothing.
//!
//! # Order of locks
//!
//! A store that locks takes rows beside the ledger, then accounts, then holds, then counters, each
//! ascending by key: see [`in_key_order`].

mod changes;
mod copied;
mod entity;
mod error;
pub mod memory;
mod origins;
mod page;
#[cfg(feature = "postgres")]
pub mod postgres;
mod restore;
#[cfg(any(feature = "archive", feature = "conformance"))]
pub(crate) mod rows;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod sql;
#[cfg(feature = "sqlite")]
pub mod sqlite;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use chrono::NaiveDate;
use uuid::Uuid;

pub use changes::{Changes, in_key_order};
pub use entity::{
    Entities, Entity, EntityChange, EntityRow, EntityWanted, Fingerprint, Index, IndexEntry,
    IndexHit, IndexQuery,
};
pub use error::{ErrorKind, StoreError};
pub use origins::Origins;
pub use page::{Cursor, CursorError, Page};
pub use restore::{ArchiveRow, MAX_ROWS, Restore};
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub use sql::{Joined, Lent, PendingMigration, SqlStore};

use crate::id::{AccountId, HoldId, TransactionId};
use crate::ledger::facts::{Facts, KeyRecord, Wanted};
use crate::ledger::outbox::Mark;
use crate::ledger::query::{AccountQuery, AsOf, EntryKey, EntryQuery, HoldQuery, TransactionQuery};
use crate::ledger::seal::Block;
use crate::ledger::{
    Account, Book, Chart, EntityKind, EntityRef, Entry, Hold, IdempotencyKey, Record, Subscriber,
    Transaction, Usage, UsageKey,
};
use crate::time::Timestamp;

/// What a store returns: a future on the heap, so that stores can be chosen at run time.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Where the journal ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Head {
    /// The place of the last record; 0 for an empty book.
    pub position: u64,
    /// The instant of the last record.
    pub instant: Timestamp,
}

/// Where a unit took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    /// The place of the first record of the unit.
    pub first_position: u64,
    /// The instant of the first record; each next one is a nanosecond later.
    pub first_instant: Timestamp,
}

/// A store: the one trait to implement. No method has a default, so that a wrapper forgets none.
///
/// Reads outside a unit see committed units only, and each sees a unit whole or not at all.
pub trait Store: Send + Sync + std::fmt::Debug + 'static {
    /// Begins a unit of work.
    fn begin(&self) -> StoreFuture<'_, Box<dyn Unit>>;

    /// Where the journal ends.
    fn head(&self) -> StoreFuture<'_, Head>;

    /// The book: closed periods and limits.
    fn book(&self) -> StoreFuture<'_, Book>;

    /// The chart of accounts.
    fn chart(&self) -> StoreFuture<'_, Arc<Chart>>;

    /// Accounts by id, in the order asked for.
    fn accounts<'a>(&'a self, ids: &'a [AccountId]) -> StoreFuture<'a, Vec<Option<Account>>>;

    /// Accounts that pass a filter, by id, behind `after`.
    fn account_list<'a>(
        &'a self,
        query: &'a AccountQuery,
        after: Option<AccountId>,
        limit: usize,
    ) -> StoreFuture<'a, Vec<Account>>;

    /// Ledger balances of accounts, positive on the normal side, in the order asked for; `None`
    /// for an account that does not exist.
    fn balances<'a>(
        &'a self,
        accounts: &'a [AccountId],
        as_of: AsOf,
    ) -> StoreFuture<'a, Vec<Option<i64>>>;

    /// Transactions by id, in the order asked for.
    fn transactions<'a>(
        &'a self,
        ids: &'a [TransactionId],
    ) -> StoreFuture<'a, Vec<Option<Transaction>>>;

    /// Transactions that pass a filter, by place in the journal, behind `after`.
    fn transaction_list<'a>(
        &'a self,
        query: &'a TransactionQuery,
        after: Option<u64>,
        limit: usize,
    ) -> StoreFuture<'a, Vec<Transaction>>;

    /// Entries of an account that pass a filter, in its order, behind `after`.
    fn entry_list<'a>(
        &'a self,
        query: &'a EntryQuery,
        after: Option<EntryKey>,
        limit: usize,
    ) -> StoreFuture<'a, Vec<Entry>>;

    /// Holds by id, in the order asked for.
    fn holds<'a>(&'a self, ids: &'a [HoldId]) -> StoreFuture<'a, Vec<Option<Hold>>>;

    /// Holds that pass a filter, by place in the journal, behind `after`.
    fn hold_list<'a>(
        &'a self,
        query: &'a HoldQuery,
        after: Option<u64>,
        limit: usize,
    ) -> StoreFuture<'a, Vec<Hold>>;

    /// Open holds that expire at or before an instant, the earliest first.
    fn holds_due(&self, as_of: Timestamp, limit: usize) -> StoreFuture<'_, Vec<HoldId>>;

    /// Records of the journal behind a place, in order.
    fn journal(&self, after: u64, limit: usize) -> StoreFuture<'_, Vec<Record>>;

    /// Sealed blocks behind a number, in order; numbers start at 1.
    fn blocks(&self, after: u64, limit: usize) -> StoreFuture<'_, Vec<Block>>;

    /// The last sealed block.
    fn last_block(&self) -> StoreFuture<'_, Option<Block>>;

    /// The movement of every income and expense account between two booking dates, both included,
    /// without the transactions that closed a year; positive on the normal side, zero left out.
    fn earnings(&self, from: NaiveDate, to: NaiveDate) -> StoreFuture<'_, Vec<(Account, i64)>>;

    /// Idempotency keys with the place of the instruction, and what they were used for, behind
    /// `after`. In the order of the bytes of the key, whatever the language of a database, and
    /// then of the place.
    fn keys(
        &self,
        after: Option<(IdempotencyKey, u32)>,
        limit: usize,
    ) -> StoreFuture<'_, Vec<((IdempotencyKey, u32), KeyRecord)>>;

    /// Counters of limits, by key, behind `after`: all that have a row.
    fn usages(
        &self,
        after: Option<UsageKey>,
        limit: usize,
    ) -> StoreFuture<'_, Vec<(UsageKey, Usage)>>;

    /// Begins to write a whole bank into this store, which is to be empty: see [`Restore`].
    /// [`ErrorKind::Misuse`] if it is not.
    fn restore(&self) -> StoreFuture<'_, Box<dyn Restore>>;

    /// Rows beside the ledger, in the order asked for.
    fn entities<'a>(
        &'a self,
        refs: &'a [EntityRef],
    ) -> StoreFuture<'a, Vec<Option<Arc<EntityRow>>>>;

    /// Entries of an index that pass a filter, by key and then id, behind `after`.
    fn index_list<'a>(
        &'a self,
        query: &'a IndexQuery,
        after: Option<&'a IndexHit>,
        limit: usize,
    ) -> StoreFuture<'a, Vec<IndexHit>>;

    /// Rows of a kind beside the ledger with their keys in their order, by id, behind `after`.
    fn entity_list(
        &self,
        kind: EntityKind,
        after: Option<Uuid>,
        limit: usize,
    ) -> StoreFuture<'_, Vec<(Arc<EntityRow>, Vec<IndexEntry>)>>;

    /// All marks of a subscription, ascending by partition; none when it does not exist. They
    /// are seen as of one moment: a call of [`Store::put_marks`] whole or not at all.
    fn marks<'a>(&'a self, subscriber: &'a Subscriber) -> StoreFuture<'a, Vec<Mark>>;

    /// Writes marks by compare and swap: all of them, or none and [`ErrorKind::Conflict`].
    ///
    /// A mark is named by its subscriber and partition. One that is given with version 0 must not
    /// exist yet; another must stand with exactly the version given. Each is stored as given, with
    /// its version plus one; worker, token and end of the lease may each be there or not, by
    /// themselves. No mark stands in a call twice, and a call without marks does nothing. Marks are no part of the journal: the head does not move, and no
    /// unit of work conflicts with them.
    fn put_marks<'a>(&'a self, marks: &'a [Mark]) -> StoreFuture<'a, ()>;

    /// Removes all marks of a subscription; whether there were any.
    fn drop_marks<'a>(&'a self, subscriber: &'a Subscriber) -> StoreFuture<'a, bool>;
}

/// A unit of work: what it read holds until it commits.
pub trait Unit: Send {
    /// Reads rows beside the ledger and appends them to what was found; may be called several
    /// times, always before [`Unit::load`]. Rows that were found stay as they are until the unit
    /// has ended, rows and keys that were not stay absent.
    fn load_entities<'a>(
        &'a mut self,
        wanted: &'a EntityWanted,
        found: &'a mut Entities,
    ) -> StoreFuture<'a, ()>;

    /// Reads sets and appends them to the facts; may be called several times.
    fn load<'a>(&'a mut self, wanted: &'a Wanted, facts: &'a mut Facts) -> StoreFuture<'a, ()>;

    /// Takes the changes to be written. Called at most once; nothing is visible before commit.
    fn apply(&mut self, changes: Changes) -> StoreFuture<'_, ()>;

    /// Commits: all of it, or nothing and an error.
    fn commit(self: Box<Self>) -> StoreFuture<'static, Committed>;
}
