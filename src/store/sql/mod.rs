//! What the SQL stores share: everything but the dialect.
//!
//! ```text
//! load    head, accounts (locked in the order of their keys), transactions, holds, counters, ..
//! apply   one statement per table, over whole sets
//! settle  the next positions of the journal, in the same transaction, as its last step
//! commit
//! ```
//!
//! PostgreSQL keeps the promise with row locks on accounts and counters, versions of holds, unique
//! indexes for what was absent, and the version of the book, compared under the lock of the head
//! row. SQLite has one writer at a time.

mod as_of;
pub(in crate::store) mod cause;
mod codes;
mod copies;
pub(in crate::store) mod engine;
mod entities;
mod head;
mod hold_list;
mod holds;
mod join;
mod journal;
mod left;
mod list;
mod load;
mod marks;
mod migrate;
mod place;
mod post;
mod read;
mod records;
mod relied;
mod restore;
mod rows;
mod search;
mod statement;
mod store;
mod stored;
pub(in crate::store) mod text;
mod unit;
mod values;
mod views;
mod write;

pub use join::{Joined, Lent};
pub use migrate::PendingMigration;
pub(in crate::store) use migrate::{Migration, Schema, counted, migrations, statements};
pub use store::SqlStore;
pub(in crate::store) use views::Dialect;
