//! Moving house: a whole bank written to a file, and read back into an empty store of any kind.
//!
//! # The file
//!
//! JSON lines in UTF-8: each line is an object with one field, which names the kind of the line.
//!
//! | kind | lines | order |
//! |---|---|---|
//! | `corebank_archive` | one, the first: [`VERSION`] | |
//! | `book` | one: the last closed day | |
//! | `chart_node` | the chart | by depth, then by code |
//! | `limit` | the limits in force | by id |
//! | `account` | accounts as they stand | by id |
//! | `record` | the journal | by place |
//! | `block` | sealed blocks | each right before the first record that it seals |
//! | `hold` | holds as they stand, ended ones too | by place |
//! | `key` | idempotency keys | by key, then by place of the instruction |
//! | `usage` | counters of limits | by limit, subject, bucket |
//! | `trailer` | one, the last: counts, head of the journal, SHA-256 over all bytes before it | |
//!
//! There is one form of each line, without spaces, its fields in a fixed order, and it ends with a
//! line feed. What a store counts for itself (handles and versions of rows) is left out. So the
//! same bank gives the same bytes, whatever store it lives in and whenever it is exported.
//!
//! # What an import proves
//!
//! Before anything can be seen in the new store: the checksum; the counts; the order; that the
//! accounts and holds are what the journal gives, as [`Bank::verify`](crate::bank::Bank::verify)
//! does; that chart, limits and closed day are what the journal gives; and every seal, as
//! [`Bank::verify_seals`](crate::bank::Bank::verify_seals) does. Idempotency keys, counters of
//! limits, what holds count against them, and names of accounts rest on the checksum alone. A
//! checksum finds damage, not a forger: compare the last block with what was written down where
//! the old bank could not reach.
//!
//! # Memory
//!
//! Export holds a thousand rows at a time. Import holds [`MAX_ROWS`](crate::store::MAX_ROWS) rows
//! or [`MAX_CHUNK`] bytes of them, whichever is less, every account (about 300 bytes), and what
//! the [verification](crate::ledger::verify) keeps.
//!
//! # Waiting
//!
//! Reading and writing the file blocks the thread. On a server, let it be a thread of its own.

mod check;
mod error;
mod export;
mod import;
mod line;

pub use error::ArchiveError;

use crate::ledger::seal::SealReport;
use crate::ledger::verify::Report;
use crate::store::Head;

/// The version of the file that is written, and the only one that is read.
pub const VERSION: u32 = 1;

/// The longest line, in bytes. A transaction of 4,096 legs has about two million.
pub const MAX_LINE: usize = 64 << 20;

/// How many bytes of lines an import reads before it hands rows to the store.
pub const MAX_CHUNK: usize = 8 << 20;

/// How many lines of each kind an archive has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Counts {
    /// Nodes of the chart.
    pub chart_nodes: u64,
    /// Limits in force.
    pub limits: u64,
    /// Accounts, closed ones too.
    pub accounts: u64,
    /// Records of the journal.
    pub records: u64,
    /// Sealed blocks.
    pub blocks: u64,
    /// Holds, ended ones too.
    pub holds: u64,
    /// Idempotency keys.
    pub keys: u64,
    /// Counters of limits.
    pub usages: u64,
    /// Rows beside the ledger; not written where there are none.
    #[serde(default, skip_serializing_if = "is_none")]
    pub entities: u64,
}

/// What was exported.
#[must_use = "compare the checksum on the other side"]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// How many lines of each kind.
    pub counts: Counts,
    /// The last record.
    pub head: Head,
    /// SHA-256 over all bytes before the trailer.
    pub sha256: [u8; 32],
    /// The length of the file in bytes.
    pub bytes: u64,
}

/// What was imported. Both reports are clean, or it would not have been.
#[must_use = "compare the checksum with that of the export"]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// How many lines of each kind.
    pub counts: Counts,
    /// The last record.
    pub head: Head,
    /// SHA-256 over all bytes before the trailer.
    pub sha256: [u8; 32],
    /// The books, recomputed.
    pub books: Report,
    /// The seals, recomputed. Compare the last block with the one written down outside.
    pub seals: SealReport,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature is that of serde")]
const fn is_none(count: &u64) -> bool {
    *count == 0
}
