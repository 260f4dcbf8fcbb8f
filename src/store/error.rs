//! What can go wrong below the vault door.

use std::error::Error as StdError;
use std::sync::Arc;

/// What kind of fault it was, and so what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Another unit changed what this one had read. The corridor walks again by itself, within
    /// bounds; a host that sees this repeats the request.
    Conflict,
    /// The store cannot be reached or has no room at the moment. Repeat the request later.
    Unavailable,
    /// The connection was lost after commit was sent. Repeat the request under the same id: it is
    /// applied now or replayed.
    OutcomeUnknown,
    /// What was read makes no sense. Run `verify` before anything else.
    Corrupt,
    /// The store was used against its contract, or has another schema.
    Misuse,
}

impl ErrorKind {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::Unavailable => "unavailable",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::Corrupt => "corrupt",
            Self::Misuse => "misuse",
        }
    }
}

/// A fault of a store.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{what}")]
pub struct StoreError {
    kind: ErrorKind,
    what: &'static str,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl StoreError {
    /// A fault in words that hold no data.
    #[must_use]
    pub const fn new(kind: ErrorKind, what: &'static str) -> Self {
        Self { kind, what, source: None }
    }

    /// Adds what caused it.
    #[must_use]
    pub fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// What caused it, if the store said so.
    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    pub(in crate::store) fn cause(&self) -> Option<&(dyn StdError + Send + Sync + 'static)> {
        self.source.as_deref()
    }

    /// Another unit came first.
    #[must_use]
    pub const fn conflict() -> Self {
        Self::new(ErrorKind::Conflict, "another unit changed what this one had read")
    }

    /// The kind.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Whether the same request may succeed when repeated.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::Conflict | ErrorKind::Unavailable | ErrorKind::OutcomeUnknown
        )
    }

    /// Whether the request may have taken effect: repeat it under the same id to find out.
    #[must_use]
    pub const fn may_have_applied(&self) -> bool {
        matches!(self.kind, ErrorKind::OutcomeUnknown)
    }
}
