//! What caused a fault, without the values that a driver may put into its details.

use crate::store::{ErrorKind, StoreError};

/// The code and the words of a driver.
#[derive(Debug, thiserror::Error)]
#[error("{code}: {words}")]
pub(in crate::store) struct Cause {
    code: String,
    words: String,
}

/// A fault of a kind, with its cause.
pub(in crate::store) fn because(
    kind: ErrorKind,
    what: &'static str,
    error: &sqlx::Error,
) -> StoreError {
    let (code, words) = match error {
        sqlx::Error::Database(error) => {
            (error.code().unwrap_or_default().into_owned(), error.message().to_owned())
        }
        other => (String::from("driver"), other.to_string()),
    };
    StoreError::new(kind, what).with_source(Cause { code, words })
}

/// Whether a fault has this code of the driver.
pub(in crate::store) fn has_code(error: &StoreError, code: &str) -> bool {
    let cause = error.cause().map(|cause| -> &(dyn std::error::Error + 'static) { cause });
    let cause = cause.and_then(|cause| cause.downcast_ref::<Cause>());
    cause.is_some_and(|cause| cause.code == code)
}

/// What a deadlock is in a transaction of the host. Walking again frees none of its locks, so
/// that the two would wait for each other for ever: the host must give way.
pub(in crate::store) fn in_joined(error: StoreError) -> StoreError {
    const DEADLOCK: &str = "40P01";
    let cause = error.cause().map(|cause| -> &(dyn std::error::Error + 'static) { cause });
    let cause = cause.and_then(|cause| cause.downcast_ref::<Cause>());
    match cause.filter(|cause| cause.code == DEADLOCK) {
        None => error,
        Some(cause) => {
            let (code, words) = (cause.code.clone(), cause.words.clone());
            let what = "this transaction and another wait for each other; roll it back and repeat \
                        all of it";
            StoreError::new(ErrorKind::Unavailable, what).with_source(Cause { code, words })
        }
    }
}
