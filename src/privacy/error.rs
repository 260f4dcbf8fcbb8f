//! What can go wrong with keys and ciphertexts. No error holds a value or a key.

use crate::id::DataKeyId;

/// Why a value could not be sealed, opened or indexed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PrivacyError {
    /// The bank was not unlocked.
    #[error("the bank has no data keys; unlock it with a key port")]
    NoKeys,
    /// The key that sealed it is not in the ring.
    #[error("data key {key} is not in the ring; load it from the store")]
    UnknownKey {
        /// The key.
        key: DataKeyId,
    },
    /// The key that sealed it was destroyed: the value is gone, as was intended.
    #[error("data key {key} was destroyed; what it sealed cannot be read any more")]
    KeyDestroyed {
        /// The key.
        key: DataKeyId,
    },
    /// The key seals no more, because another one was made: what is new is sealed under that.
    #[error("data key {key} seals no more; load the keys from the store and seal the value again")]
    KeyRetired {
        /// The key.
        key: DataKeyId,
    },
    /// The key seals or makes indexes, so that it cannot be destroyed.
    #[error("data key {key} is active; only one that was rotated out can be destroyed")]
    KeyActive {
        /// The key.
        key: DataKeyId,
    },
    /// Something is sealed under the key, so that it cannot be destroyed.
    #[error("data key {key} is needed still; seal again what it sealed, then repeat")]
    KeyInUse {
        /// The key.
        key: DataKeyId,
    },
    /// The ciphertext is too short to be one, or not written as one.
    #[error("the ciphertext is cut off or not a ciphertext")]
    Malformed,
    /// The ciphertext was changed, or stands in another row or field than it was sealed for.
    #[error("the ciphertext was changed or belongs to another row or field")]
    Tampered,
    /// The value is too long to be sealed.
    #[error("the value is too long to be sealed")]
    TooLong,
    /// A data key that does not have 32 bytes, or no active key of a purpose.
    #[error("the ring needs one active key for data and one for indexes, of 32 bytes each")]
    InvalidKeys,
    /// The port could not be reached.
    #[error("the key port cannot be reached; repeat later")]
    PortUnavailable,
    /// The port does not know the master key, or the wrapped key was changed.
    #[error("the key port does not open this data key; check which master key it has")]
    PortRefused,
    /// The file of the master key cannot be used.
    #[error("the master key file {what}")]
    KeyFile {
        /// What is wrong, in words.
        what: &'static str,
    },
    /// There is no file of the master key at the path.
    #[error("there is no master key file at this path; check the path, or make one with `create`")]
    KeyFileMissing,
    /// There is a file at the path at which a master key was to be made.
    #[error("there is a file at this path already; open it, or choose another path for a new key")]
    KeyFileExists,
}

impl PrivacyError {
    /// The codes of all errors.
    pub const ALL: &'static [&'static str] = &[
        "privacy_no_keys",
        "privacy_unknown_key",
        "privacy_key_destroyed",
        "privacy_key_retired",
        "privacy_key_active",
        "privacy_key_in_use",
        "privacy_malformed",
        "privacy_tampered",
        "privacy_too_long",
        "privacy_invalid_keys",
        "privacy_port_unavailable",
        "privacy_port_refused",
        "privacy_key_file",
        "privacy_key_file_missing",
        "privacy_key_file_exists",
    ];

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoKeys => "privacy_no_keys",
            Self::UnknownKey { .. } => "privacy_unknown_key",
            Self::KeyDestroyed { .. } => "privacy_key_destroyed",
            Self::KeyRetired { .. } => "privacy_key_retired",
            Self::KeyActive { .. } => "privacy_key_active",
            Self::KeyInUse { .. } => "privacy_key_in_use",
            Self::Malformed => "privacy_malformed",
            Self::Tampered => "privacy_tampered",
            Self::TooLong => "privacy_too_long",
            Self::InvalidKeys => "privacy_invalid_keys",
            Self::PortUnavailable => "privacy_port_unavailable",
            Self::PortRefused => "privacy_port_refused",
            Self::KeyFile { .. } => "privacy_key_file",
            Self::KeyFileMissing => "privacy_key_file_missing",
            Self::KeyFileExists => "privacy_key_file_exists",
        }
    }

    /// Whether the same call may succeed later.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::PortUnavailable
                | Self::UnknownKey { .. }
                | Self::KeyRetired { .. }
                | Self::KeyInUse { .. }
                | Self::NoKeys
        )
    }
}
