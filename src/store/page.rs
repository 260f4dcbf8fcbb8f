//! Pages and the cursors between them.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

/// A page of rows, and where the next one begins.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page begins; `None` after the last row.
    pub next: Option<Cursor>,
}

/// A place between two pages. It is opaque, stays valid while rows are added, and is bound to the
/// query that gave it out: another query refuses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cursor {
    query: u64,
    key: [u8; 16],
}

/// A text that is no cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a cursor; use one that a page returned, unchanged")]
pub struct CursorError;

impl Cursor {
    pub(crate) fn new(query: &impl Hash, key: [u8; 16]) -> Self {
        Self { query: fingerprint(query), key }
    }

    /// The key behind which the page begins, if the cursor belongs to the query.
    pub(crate) fn open(self, query: &impl Hash) -> Option<[u8; 16]> {
        (self.query == fingerprint(query)).then_some(self.key)
    }
}

/// Not a secret and not a defence: it tells queries apart, the same in every process.
fn fingerprint(query: &impl Hash) -> u64 {
    let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
    query.hash(&mut hasher);
    hasher.0
}

/// FNV-1a: stable over processes and versions of the standard library, unlike its own hashers.
struct Fnv(u64);

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{:032x}", self.query, u128::from_be_bytes(self.key))
    }
}

impl FromStr for Cursor {
    type Err = CursorError;

    fn from_str(text: &str) -> Result<Self, CursorError> {
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() != 48 || !text.bytes().all(hex) {
            return Err(CursorError);
        }
        let (query, key) = text.split_at_checked(16).ok_or(CursorError)?;
        let query = u64::from_str_radix(query, 16).map_err(|_| CursorError)?;
        let key = u128::from_str_radix(key, 16).map_err(|_| CursorError)?;
        Ok(Self { query, key: key.to_be_bytes() })
    }
}

impl serde::Serialize for Cursor {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Cursor {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
