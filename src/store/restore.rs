//! Moving house: the rows of a whole bank, and how they enter an empty store.

use std::sync::Arc;

use crate::ledger::facts::KeyRecord;
use crate::ledger::seal::Block;
use crate::ledger::{Account, Book, Chart, Hold, IdempotencyKey, Record, Usage, UsageKey};

use super::{EntityRow, IndexEntry, StoreFuture};

/// The most rows of one call of [`Restore::put`].
pub const MAX_ROWS: usize = 4_096;

/// A row of a whole bank, in a form that every store can give and take.
///
/// What a store counts for itself means nothing here: `Book::version`, `AccountState::key` and
/// `version`, `Hold::version` and `Usage::version`. A store that takes a row gives it a handle and
/// a version of its own, as if the row had just been written for the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArchiveRow {
    /// Closed periods, limits and the chart; the first row, and only once.
    Book(Book, Arc<Chart>),
    /// An account as it stands: counters, number of entries, terms and profile.
    Account(Box<Account>),
    /// A record of the journal, with place and instant; they stay as they are.
    Record(Record),
    /// A sealed block.
    Block(Block),
    /// A hold as it stands, ended ones too.
    Hold(Box<Hold>),
    /// What an idempotency key was used for.
    Key((IdempotencyKey, u32), KeyRecord),
    /// A counter of a limit.
    Usage(UsageKey, Usage),
    /// A row beside the ledger with its keys. Its version stays as it is: the journal names it.
    Entity(Box<EntityRow>, Vec<IndexEntry>),
}

/// Writes a whole bank into an empty store. Nothing of it can be seen before it is finished, and
/// one that is dropped leaves no trace: a transaction of a database does both.
///
/// # Order of rows
///
/// The book; accounts by id; records by place, with a block right before the first record that it
/// seals; holds by place; keys by key and place of the instruction; counters by key; rows beside
/// the ledger by kind, as [`Entity::KINDS`](super::Entity::KINDS) has them, and id. A call brings
/// rows of one kind or of several that follow each other.
///
/// # What a store derives
///
/// Whatever it keeps to find things: which release ended a hold (a hold that is `Released`, by
/// its `ended`), which transaction reversed which (the link of the reversal), which holds are due
/// (those open with an expiry), its list of income and expense accounts (in the order of their
/// `AccountOpened` records). The head of the journal is the place and instant of the last record.
///
/// # What a store judges
///
/// Nothing of the rules: whoever restores has verified the rows. It refuses what it cannot keep,
/// such as an entry on an account that was not put, with
/// [`ErrorKind::Corrupt`](super::ErrorKind::Corrupt), and does not finish after that.
pub trait Restore: Send {
    /// Takes the next rows, at most [`MAX_ROWS`].
    fn put(&mut self, rows: Vec<ArchiveRow>) -> StoreFuture<'_, ()>;

    /// Makes all of it visible at once. [`ErrorKind::Conflict`](super::ErrorKind::Conflict) if
    /// somebody else wrote into the store meanwhile.
    fn finish(self: Box<Self>) -> StoreFuture<'static, ()>;
}
