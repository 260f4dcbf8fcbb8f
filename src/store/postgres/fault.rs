//! Faults by SQLSTATE, never by the words of a message. See appendix A of the PostgreSQL manual.

use sqlx::Error;

use crate::store::sql::cause::because;
use crate::store::{ErrorKind, StoreError};

/// The fault of a statement: nothing of the unit is committed.
pub(in crate::store) fn fault(error: Error) -> StoreError {
    let (kind, what) = match &error {
        Error::Database(database) => by_state(database.code().as_deref().unwrap_or_default()),
        Error::Io(_)
        | Error::Tls(_)
        | Error::Protocol(_)
        | Error::PoolTimedOut
        | Error::PoolClosed
        | Error::WorkerCrashed
        | Error::BeginFailed => (ErrorKind::Unavailable, UNREACHABLE),
        Error::Configuration(_) => {
            (ErrorKind::Misuse, "the address of the database makes no sense; correct it")
        }
        _ => (ErrorKind::Corrupt, "a row does not hold what the schema says; run verify"),
    };
    because(kind, what, &error)
}

/// The fault of a commit: only an answer of the server says that nothing was committed.
pub(in crate::store) fn at_commit(error: Error) -> StoreError {
    if let Error::Database(database) = &error {
        let state = database.code();
        let state = state.as_deref().unwrap_or_default();
        // The server may have said so while it went down, after the commit was written.
        if !(state.starts_with("57") || state.starts_with("08") || state == "40003") {
            return fault(error);
        }
    }
    let what = "the answer to a commit was lost; repeat the request under the same id";
    because(ErrorKind::OutcomeUnknown, what, &error)
}

const UNREACHABLE: &str = "the database cannot be reached; repeat the request later";

fn by_state(state: &str) -> (ErrorKind, &'static str) {
    use ErrorKind::{Conflict, Corrupt, Misuse, Unavailable};
    let class = state.get(..2).unwrap_or_default();
    match (class, state) {
        // Unique violation; serialization failure, deadlock, lock not available.
        (_, "23505" | "40001" | "40P01" | "55P03") => {
            (Conflict, "another unit changed what this one had read")
        }
        (_, "23001") => (Misuse, "history is append-only: it was not written by this library"),
        ("23", _) => (Corrupt, "the database refused a row that breaks a constraint; run verify"),
        (_, "25006") => {
            (Unavailable, "the database is a read-only standby; repeat it on the primary")
        }
        ("08", _) => (Unavailable, UNREACHABLE),
        (_, "53100") => (Unavailable, "the disk of the database is full; make room and repeat"),
        ("53", _) => (Unavailable, "the database has no resources left; repeat the request later"),
        (_, "57014") => (Unavailable, "a statement took too long and was cancelled; repeat it"),
        ("57", _) => (Unavailable, UNREACHABLE),
        ("58" | "XX", _) => (Corrupt, "the database reports damage; restore it or run verify"),
        ("3F" | "42", _) => {
            (Misuse, "the schema is not that of a bank of this version; migrate it first")
        }
        (_, "22003") => (Corrupt, "amounts add up to more than 64 bits; run verify"),
        ("28" | "3D", _) => (Misuse, "the database refused the user or does not exist"),
        _ => (Misuse, "the database refused a statement"),
    }
}
