//! How a transfer ends, and what can keep it from ending.

use std::fmt;

use crate::bank::{Denied, Error};
use crate::id::TransactionId;
use crate::ledger::Refusal;
use crate::store::{ErrorKind, StoreError};

use super::{BookName, BridgeId};

/// How a transfer ended, for good: the same call under the same id gives the same answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a transfer may have been turned back"]
pub enum BridgeOutcome {
    /// The payee has the money and the payer has not.
    Settled(Settled),
    /// The payer has the money again, free of any hold, and the payee never got it.
    TurnedBack(TurnedBack),
}

impl BridgeOutcome {
    /// Whether the payee has the money.
    #[must_use]
    pub const fn is_settled(&self) -> bool {
        matches!(self, Self::Settled(_))
    }

    /// The transfer.
    #[must_use]
    pub const fn id(&self) -> BridgeId {
        match self {
            Self::Settled(settled) => settled.id,
            Self::TurnedBack(back) => back.id,
        }
    }
}

/// A transfer that went through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    /// The transfer.
    pub id: BridgeId,
    /// The transaction in the book that paid.
    pub paid: TransactionId,
    /// The transaction in the book that was paid.
    pub arrived: TransactionId,
}

/// A transfer that was turned back. Its id is used up: another attempt takes a fresh one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TurnedBack {
    /// The transfer.
    pub id: BridgeId,
    /// Why: the code of the refusal (see [`Refusal::ALL`]), `denied`, or `withdrawn` when it was
    /// turned back by request or by age. `unknown` if the words of the fence were erased.
    pub because: &'static str,
    /// The refusal itself, in the answer of the call that met it; a repetition knows its code
    /// only.
    pub refusal: Option<Refusal>,
}

/// How far a transfer came that has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// The hold was asked for, and it is not known to stand.
    Asked,
    /// The money is held in the book that pays; whether it arrived is not decided, or not known.
    Held,
    /// The payee has the money; the hold is still to be captured.
    Arrived,
    /// It can never arrive; the hold is still to be released.
    Fenced,
}

impl Stage {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Held => "held",
            Self::Arrived => "arrived",
            Self::Fenced => "fenced",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// Why a call had no outcome.
///
/// | error | what happened | what to do |
/// |---|---|---|
/// | [`Refused`](Self::Refused), [`Denied`](Self::Denied) | the book that pays says no; nothing is held | as for [`Error`] |
/// | [`Pending`](Self::Pending) | a step had no answer, or cannot be made now | the same call under the same id, or [`recover`](super::Bridge::recover) |
/// | [`Torn`](Self::Torn) | another hand ended the hold | look at the transfer in both books, correct by a posting |
/// | [`Store`](Self::Store) | a read failed; nothing was changed | ask again |
/// | the others | the request does not fit the bridge | correct it |
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum BridgeError {
    /// The book that pays refuses, and nothing is held. No id is used up.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The policy of the book that pays denies the hold; nothing is held.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The transfer has begun, or may have, and has not ended.
    #[error(
        "transfer {id} is {stage} and has not ended: {source}; ask again under the same id, or run recover"
    )]
    Pending {
        /// The transfer.
        id: BridgeId,
        /// How far it is known to have come.
        stage: Stage,
        /// What came between.
        source: Error,
    },
    /// The hold of a transfer was ended by another hand, against what the other book decided.
    #[error(
        "the hold of transfer {id} was ended by another hand ({what}); correct it by a posting"
    )]
    Torn {
        /// The transfer.
        id: BridgeId,
        /// What does not fit, in words.
        what: &'static str,
    },
    /// The bridge has no such book.
    #[error("the bridge has no book {book}")]
    UnknownBook {
        /// The book.
        book: BookName,
    },
    /// The book that pays has no such transfer.
    #[error("no transfer {id} was begun in this direction")]
    UnknownTransfer {
        /// The transfer.
        id: BridgeId,
    },
    /// The ends do not make a bridge.
    #[error("{what}")]
    Setup {
        /// What is wrong, in words.
        what: &'static str,
    },
    /// A read failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BridgeError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Denied(_) => "denied",
            Self::Pending { .. } => "bridge_pending",
            Self::Torn { .. } => "bridge_torn",
            Self::UnknownBook { .. } => "bridge_unknown_book",
            Self::UnknownTransfer { .. } => "bridge_unknown_transfer",
            Self::Setup { .. } => "bridge_setup",
            Self::Store(error) => error.kind().code(),
        }
    }

    /// Whether the same call may end otherwise when repeated.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::Refused(refusal) => refusal.is_passing(),
            Self::Pending { source, .. } => source.is_transient(),
            Self::UnknownTransfer { .. } => true,
            Self::Store(error) => error.is_transient(),
            _ => false,
        }
    }

    /// How far the transfer came, if it has begun and not ended.
    #[must_use]
    pub const fn stage(&self) -> Option<Stage> {
        match self {
            Self::Pending { stage, .. } => Some(*stage),
            _ => None,
        }
    }

    /// Whether a store was away, so that the next transfer would fare no better.
    pub(super) const fn is_store_fault(&self) -> bool {
        matches!(self, Self::Store(_) | Self::Pending { source: Error::Store(_), .. })
    }
}

impl From<Error> for BridgeError {
    fn from(error: Error) -> Self {
        match error {
            Error::Denied(denied) => Self::Denied(denied),
            Error::Refused(refusal) => Self::Refused(refusal),
            Error::Rule(rule) => Self::Refused(Refusal::Barred { because: rule.code() }),
            Error::Store(error) => Self::Store(error),
            // Neither is answered to a posting: a closed bank is away, and no archive is read.
            Error::Closed => Self::Store(StoreError::new(ErrorKind::Unavailable, CLOSED)),
            #[cfg(feature = "archive")]
            Error::Archive(_) => Self::Store(StoreError::new(ErrorKind::Misuse, CLOSED)),
        }
    }
}

const CLOSED: &str = "a bank of the bridge is closed; run recover where it is open";
