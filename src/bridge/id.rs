//! Names of transfers and books, and the ids of the steps that follow from them.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use crate::id::{AccountId, HoldId, IdError, TransactionId};
use crate::ledger::TextError;

/// Names a transfer between two books. Chosen by the caller, it is the idempotency key of the
/// transfer, within its direction: from one book to the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BridgeId(Uuid);

impl BridgeId {
    /// Takes any UUID. One of version 7 keeps the ids of the steps in the order of time as well.
    #[must_use]
    pub const fn from_uuid(id: Uuid) -> Self {
        Self(id)
    }

    /// Takes a 128-bit number, big-endian.
    #[must_use]
    pub const fn from_u128(id: u128) -> Self {
        Self(Uuid::from_u128(id))
    }

    /// The UUID itself.
    #[must_use]
    pub const fn as_uuid(&self) -> Uuid {
        self.0
    }

    /// The ids of the steps of this transfer when it goes from one book to another.
    ///
    /// Each is a UUID of version 8: the first 48 bits of the transfer's own id (the milliseconds
    /// of a version 7 id), and behind them the bits 48 to 127 of SHA-256 over `corebank.bridge.1`,
    /// the name of the book that pays, the name of the book that is paid, the 16 bytes of the
    /// transfer's id and the name of the step, each preceded by its length in one byte; the bits
    /// of version and variant are set over it. The names of the steps are `hold`, `post`,
    /// `capture`, `fence` and `release`. This never changes.
    #[must_use]
    pub fn steps(&self, from: &BookName, to: &BookName) -> StepIds {
        let id = |step| self.step(from, to, step);
        StepIds {
            hold: HoldId::from_uuid(id("hold")),
            post: TransactionId::from_uuid(id("post")),
            capture: TransactionId::from_uuid(id("capture")),
            fence: HoldId::from_uuid(id("fence")),
            release: TransactionId::from_uuid(id("release")),
        }
    }

    fn step(&self, from: &BookName, to: &BookName, step: &str) -> Uuid {
        let own = self.0.as_bytes();
        let mut hasher = Sha256::new();
        let parts: [&[u8]; 5] = [
            b"corebank.bridge.1",
            from.as_str().as_bytes(),
            to.as_str().as_bytes(),
            own,
            step.as_bytes(),
        ];
        for part in parts {
            // Names are at most 32 bytes long.
            hasher.update([u8::try_from(part.len()).unwrap_or(u8::MAX)]);
            hasher.update(part);
        }
        let digest: [u8; 32] = hasher.finalize().into();
        let mut bytes = [0_u8; 16];
        let heads = own.iter().take(6).chain(digest.iter().skip(6));
        bytes.iter_mut().zip(heads).for_each(|(byte, head)| *byte = *head);
        Builder::from_custom_bytes(bytes).into_uuid()
    }
}

impl fmt::Display for BridgeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.0.as_hyphenated(), f)
    }
}

impl FromStr for BridgeId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        text.parse::<TransactionId>().map(|id| Self(id.as_uuid()))
    }
}

/// The ids under which the steps of one transfer stand in the two books: what an auditor looks up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StepIds {
    /// In the book that pays: the hold on the payer's account.
    pub hold: HoldId,
    /// In the book that is paid: the posting to the payee; or, if the transfer was turned back,
    /// the release of the fence. The ledger gives it to one of the two, once: this is the verdict.
    pub post: TransactionId,
    /// In the book that pays: the capture of the hold, once the money has arrived.
    pub capture: TransactionId,
    /// In the book that is paid: a hold without effect that exists only to be released under the
    /// id of the posting.
    pub fence: HoldId,
    /// In the book that pays: the release of the hold, once the posting has become impossible.
    pub release: TransactionId,
}

/// The name of a book within a bridge: lower-case ASCII letters, digits, `_`, `-` and `.`, at most
/// 32 characters. It enters the ids of the steps, so it never changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BookName(Arc<str>);

impl BookName {
    /// The greatest length in characters.
    pub const MAX_LEN: usize = 32;

    /// Parses a name.
    ///
    /// # Errors
    /// [`TextError`] when it is empty, too long, or holds another character.
    pub fn new(text: &str) -> Result<Self, TextError> {
        let what = "book name";
        let allowed = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-' | b'.')
        };
        if text.is_empty() {
            return Err(TextError::Empty { what });
        }
        if let Some(at) = text.bytes().position(|byte| !allowed(byte)) {
            return Err(TextError::Character { what, position: at.saturating_add(1) });
        }
        if text.len() > Self::MAX_LEN {
            return Err(TextError::TooLong { what, max: Self::MAX_LEN });
        }
        Ok(Self(Arc::from(text)))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for BookName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// An account in one of the two books.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BookAccount {
    /// The book.
    pub book: BookName,
    /// The account in it.
    pub account: AccountId,
}

impl BookAccount {
    /// An account in a book.
    #[must_use]
    pub const fn new(book: BookName, account: AccountId) -> Self {
        Self { book, account }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn name(text: &str) -> BookName {
        BookName::new(text).unwrap()
    }

    #[test]
    fn the_ids_of_the_steps_never_change() {
        let id: BridgeId = "0190c3f1-7a5e-7bcd-8ef0-0123456789ab".parse().unwrap();
        let steps = id.steps(&name("north"), &name("south"));
        let texts = [
            steps.hold.to_string(),
            steps.post.to_string(),
            steps.capture.to_string(),
            steps.fence.to_string(),
            steps.release.to_string(),
        ];
        assert_eq!(
            texts,
            [
                "0190c3f1-7a5e-8971-8af6-b27239cd09f2",
                "0190c3f1-7a5e-833d-b7d3-ac93cd931319",
                "0190c3f1-7a5e-873d-9626-066b6b676519",
                "0190c3f1-7a5e-8def-98a5-3b756a369856",
                "0190c3f1-7a5e-87c1-b4f8-644fda6ce00d",
            ]
        );
    }

    #[test]
    fn every_transfer_direction_and_step_has_an_id_of_its_own() {
        let mut seen = BTreeSet::new();
        for number in 0..50 {
            for (from, to) in [("a", "b"), ("b", "a"), ("ab", "c"), ("a", "bc")] {
                let steps = BridgeId::from_u128(number).steps(&name(from), &name(to));
                seen.insert(steps.hold.as_uuid());
                seen.insert(steps.post.as_uuid());
                seen.insert(steps.capture.as_uuid());
                seen.insert(steps.fence.as_uuid());
                seen.insert(steps.release.as_uuid());
            }
        }
        assert_eq!(seen.len(), 50 * 4 * 5);
        assert!(seen.iter().all(|id| id.get_version_num() == 8));
    }

    #[test]
    fn names_are_parsed_strictly() {
        for text in ["", "North", "a b", "a/b", "é", &"x".repeat(33)] {
            assert!(BookName::new(text).is_err(), "{text}");
        }
        assert_eq!(name("north-1.eu_2").to_string(), "north-1.eu_2");
    }
}
