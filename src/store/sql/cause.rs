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
