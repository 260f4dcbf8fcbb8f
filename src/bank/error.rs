//! What a call to the bank can end in besides its outcome.

use super::Rule;
use crate::ledger::Refusal;
use crate::store::{ErrorKind, StoreError};

/// Why a call had no outcome. What the caller does:
///
/// | error | what happened | what to do |
/// |---|---|---|
/// | [`Denied`](Error::Denied) | the policy says no | nothing, or ask somebody who may |
/// | [`Refused`](Error::Refused), [`is_passing`](Refusal::is_passing) | not now | repeat later, under the same id |
/// | [`Refused`](Error::Refused), otherwise | never as it is | correct the request |
/// | [`Rule`](Error::Rule), [`is_passing`](Rule::is_passing) | not now: a document, a signature, a status is missing | put that right, repeat under the same id |
/// | [`Rule`](Error::Rule), otherwise | never as it is | correct the request |
/// | [`Store`](Error::Store), [`is_transient`](StoreError::is_transient) | the store was busy or away | repeat, under the same id |
/// | [`Store`](Error::Store), [`may_have_applied`](StoreError::may_have_applied) | unknown | repeat, under the same id: applied now or replayed |
/// | [`Store`](Error::Store), otherwise | a fault | stop and look |
/// | `Archive` (feature `archive`) | the file is damaged, or not for this store | get the whole file, or an empty store |
/// | [`Closed`](Error::Closed) | the bank is being shut down | repeat elsewhere, or after a restart, under the same id |
///
/// In every case but an unknown outcome nothing was changed.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The policy denies it.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// A rule refuses it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A rule about people, products or customers' accounts refuses it.
    #[error(transparent)]
    Rule(#[from] Rule),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An archive could not be written or was not taken.
    #[cfg(feature = "archive")]
    #[error(transparent)]
    Archive(#[from] super::archive::ArchiveError),
    /// The bank was closed; see [`Bank::close`](crate::bank::Bank::close).
    #[error(
        "the bank is closed to new postings; repeat the request, under the same id, where it is open"
    )]
    Closed,
}

impl Error {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Denied(_) => "denied",
            Self::Refused(refusal) => refusal.code(),
            Self::Rule(rule) => rule.code(),
            Self::Store(error) => error.kind().code(),
            #[cfg(feature = "archive")]
            Self::Archive(error) => error.code(),
            Self::Closed => "closed",
        }
    }

    /// The refusal, if it is one.
    #[must_use]
    pub const fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// The rule about people, products or customers' accounts that refuses, if it is one.
    #[must_use]
    pub const fn rule(&self) -> Option<&Rule> {
        match self {
            Self::Rule(rule) => Some(rule),
            _ => None,
        }
    }

    /// Whether the same request may succeed when repeated under the same id.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Denied(_) | Self::Closed => false,
            Self::Refused(refusal) => refusal.is_passing(),
            Self::Rule(rule) => rule.is_passing(),
            Self::Store(error) => error.is_transient(),
            #[cfg(feature = "archive")]
            Self::Archive(_) => false,
        }
    }

    /// Whether it may have taken effect all the same.
    #[must_use]
    pub const fn may_have_applied(&self) -> bool {
        matches!(self, Self::Store(error) if matches!(error.kind(), ErrorKind::OutcomeUnknown))
    }
}

/// What a policy answers when it says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{action} is not allowed: {why}")]
pub struct Denied {
    /// What was asked for: the code of an [`Action`](crate::bank::Action).
    pub action: &'static str,
    /// Why not, in words that hold no personal data.
    pub why: &'static str,
}
