//! Blind indexes: equal values are found without being known.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// HMAC-SHA-256 (RFC 2104) of a purpose and a normalised value. `Debug` prints four bytes.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct BlindIndex(#[serde(with = "crate::support::serde_hex")] [u8; 32]);

impl BlindIndex {
    /// Takes in an index as it was stored.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes as they are stored.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for BlindIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, ..] = self.0;
        write!(f, "BlindIndex({a:02x}{b:02x}{c:02x}{d:02x}..)")
    }
}

/// The plain HMAC-SHA-256.
pub(super) fn hmac(key: &[u8], parts: &[&[u8]]) -> Option<[u8; 32]> {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).ok()?;
    for part in parts {
        mac.update(part);
    }
    Some(mac.finalize().into_bytes().into())
}

/// The index of a value: purposes are told apart, so that the same number under two schemes has
/// two indexes.
pub(super) fn index(key: &[u8; 32], purpose: &str, value: &str) -> Option<BlindIndex> {
    let length = u64::try_from(purpose.len()).ok()?.to_be_bytes();
    let parts: [&[u8]; 4] = [b"corebank.index.v1", &length, purpose.as_bytes(), value.as_bytes()];
    hmac(key, &parts).map(BlindIndex)
}
