//! Data keys as they are kept: wrapped.

use std::fmt;

use chrono::{Days, NaiveDate};

use super::Wrapped;
use crate::id::DataKeyId;
use crate::time::Timestamp;

/// After how many days a data key is rotated at the latest (S1-102).
pub const ROTATE_AFTER_DAYS: u64 = 90;

/// What a data key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum KeyPurpose {
    /// Encrypts values.
    Data,
    /// Makes blind indexes. It is not rotated with the others: all indexes change with it.
    Index,
}

/// Where a data key is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum KeyState {
    /// Encrypts and decrypts.
    Active,
    /// Decrypts what it encrypted once.
    DecryptOnly,
    /// Gone, and with it all that it encrypted.
    Destroyed,
}

impl KeyState {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::DecryptOnly => "decrypt_only",
            Self::Destroyed => "destroyed",
        }
    }

    /// Whether it may come next.
    #[must_use]
    pub const fn may_become(self, to: Self) -> bool {
        matches!(
            (self, to),
            (Self::Active, Self::DecryptOnly) | (Self::DecryptOnly, Self::Destroyed)
        )
    }
}

/// A data key, wrapped by a master key that stays behind a [`KeyPort`](super::KeyPort).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct StoredKey {
    /// The id.
    pub id: DataKeyId,
    /// What it is for.
    pub purpose: KeyPurpose,
    /// The key, wrapped, and by which master key. Empty once it is destroyed.
    pub wrapped: Wrapped,
    /// Where it is in its life.
    pub state: KeyState,
    /// Since when it exists.
    pub created_at: Timestamp,
    /// The day by which it is to be rotated.
    pub rotate_by: NaiveDate,
}

impl StoredKey {
    /// A new key.
    #[must_use]
    pub fn new(
        id: DataKeyId,
        purpose: KeyPurpose,
        wrapped: Wrapped,
        created_at: Timestamp,
        today: NaiveDate,
    ) -> Self {
        let rotate_by = today.checked_add_days(Days::new(ROTATE_AFTER_DAYS)).unwrap_or(today);
        Self { id, purpose, wrapped, state: KeyState::Active, created_at, rotate_by }
    }

    /// Whether it is to be rotated on a day.
    #[must_use]
    pub fn is_due(&self, today: NaiveDate) -> bool {
        self.state == KeyState::Active
            && self.purpose == KeyPurpose::Data
            && self.rotate_by <= today
    }

    /// The key in its next state: a key that is destroyed is emptied. `None` where the state may
    /// not come next.
    #[must_use]
    pub fn moved_to(mut self, state: KeyState) -> Option<Self> {
        if !self.state.may_become(state) {
            return None;
        }
        if state == KeyState::Destroyed {
            self.wrapped.bytes.clear();
        }
        self.state = state;
        Some(self)
    }
}

impl fmt::Display for KeyPurpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Data => "data",
            Self::Index => "index",
        })
    }
}
