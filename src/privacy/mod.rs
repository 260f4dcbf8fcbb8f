//! Sensitive data: how it is held, encrypted, looked up and shown.
//!
//! # Terms
//!
//! - **Sensitive** ([`Sensitive`]): a value that is wiped when it is dropped and never printed.
//! - **Data key**: a random 256-bit key. It encrypts values (AES-256-GCM, NIST SP 800-38D), or it
//!   makes blind indexes. It is kept *wrapped*, encrypted by a master key ([`StoredKey`]).
//! - **Master key**: never seen here. It stays behind a [`KeyPort`]: an HSM or KMS of the host's,
//!   a file ([`FileKeys`]), or memory ([`MemoryKeys`]).
//! - **Sealed** ([`Sealed`]): a ciphertext that names its data key. It is bound to the row and field
//!   it stands in ([`Place`]), so that it opens nowhere else.
//! - **Blind index** ([`BlindIndex`]): the keyed hash (HMAC-SHA-256) of a normalised value, by which
//!   equal values are found without being known. A bare hash of a nine-digit number can be guessed
//!   in seconds (C18).
//!
//! # The life of a data key
//!
//! ```text
//!   ACTIVE ── rotated, at least every 90 days (S1-102) ──▶ DECRYPT_ONLY ── nothing left ──▶ DESTROYED
//! ```
//!
//! # Invariants
//!
//! - A ring has exactly one active key that encrypts and one that indexes.
//! - What was sealed under a key opens as long as the key is not destroyed.
//! - A ciphertext opens in its own place only: same kind of row, same row, same field.
//! - No error, `Debug` or `Display` of this room holds a value or a key.

mod card;
mod digits;
mod error;
mod file;
mod hex;
mod iin;
mod index;
mod key;
mod mask;
mod memory;
mod not_a_card;
mod port;
mod ring;
mod seal;
mod sensitive;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]
mod tests;

pub use card::find_card_number;
pub use error::PrivacyError;
pub use file::FileKeys;
pub use index::BlindIndex;
pub use key::{KeyPurpose, KeyState, ROTATE_AFTER_DAYS, StoredKey};
pub use mask::{mask_card, mask_email, mask_phone, mask_tail};
pub use memory::MemoryKeys;
pub use port::{KeyPort, PortFuture, Wrapped, random_bytes};
pub use ring::KeyRing;
pub use seal::{Place, Sealed};
pub use sensitive::Sensitive;
