//! Faults by result code, never by the words of a message. See sqlite.org/rescode.html.

use sqlx::Error;

use crate::store::sql::cause::because;
use crate::store::{ErrorKind, StoreError};

/// The fault of a statement: nothing of the unit is committed.
pub(in crate::store) fn fault(error: Error) -> StoreError {
    let (kind, what) = match &error {
        Error::Database(database) => by_code(code_of(&**database)),
        Error::Io(_) | Error::PoolTimedOut | Error::PoolClosed | Error::BeginFailed => {
            (ErrorKind::Unavailable, BUSY)
        }
        Error::WorkerCrashed => (ErrorKind::Unavailable, "the connection to the file was lost"),
        Error::Configuration(_) => (ErrorKind::Misuse, "the path of the file makes no sense"),
        _ => (ErrorKind::Corrupt, "a row does not hold what the schema says; run verify"),
    };
    because(kind, what, &error)
}

/// The fault of a commit: if the file could not be synced, only reading it again will tell.
pub(in crate::store) fn at_commit(error: Error) -> StoreError {
    let known = match &error {
        Error::Database(database) => code_of(&**database) & 0xff != IOERR,
        _ => false,
    };
    if known {
        return fault(error);
    }
    let what = "the answer to a commit was lost; repeat the request under the same id";
    because(ErrorKind::OutcomeUnknown, what, &error)
}

const BUSY: &str = "another connection holds the file for longer than the busy time-out; repeat it";
const IOERR: i64 = 10;

fn code_of(error: &dyn sqlx::error::DatabaseError) -> i64 {
    error.code().and_then(|code| code.parse().ok()).unwrap_or(0)
}

fn by_code(code: i64) -> (ErrorKind, &'static str) {
    use ErrorKind::{Conflict, Corrupt, Misuse, Unavailable};
    match (code & 0xff, code) {
        // Of a primary key, a unique index, a row id.
        (_, 1555 | 2067 | 2579) => (Conflict, "another unit changed what this one had read"),
        // SQLITE_BUSY_SNAPSHOT: a host's transaction that began with a read.
        (_, 517) => (Conflict, "the host's transaction read before another wrote; BEGIN IMMEDIATE"),
        // SQLITE_CONSTRAINT_TRIGGER
        (_, 1811) => (Misuse, "history is append-only: it was not written by this library"),
        (19, _) => (Corrupt, "the file refused a row that breaks a constraint; run verify"),
        (5 | 6, _) => (Unavailable, BUSY),
        (13, _) => (Unavailable, "the disk is full; make room and repeat"),
        (8, _) => (Unavailable, "the file is read-only; open it where it can be written"),
        (10, _) => (Unavailable, "the file could not be read or written; repeat it"),
        (14, _) => (Unavailable, "the file cannot be opened; look at its path and permissions"),
        (11 | 26, _) => (Corrupt, "the file is damaged or no SQLite database; restore a backup"),
        (1, _) => (Misuse, "the schema is not that of a bank of this version; migrate it first"),
        _ => (Misuse, "SQLite refused a statement"),
    }
}
