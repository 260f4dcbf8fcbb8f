//! Ciphertexts that open in one place only.

use std::fmt;

use aes_gcm::aead::{Aead, AeadInOut, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use uuid::Uuid;

use super::{PrivacyError, Sensitive};
use crate::id::DataKeyId;

/// The version of the form: the first byte of every ciphertext.
const FORM: u8 = 1;
const NONCE: usize = 12;
const TAG: usize = 16;
/// Form, key, nonce.
const HEAD: usize = 1 + 16 + NONCE;
/// The longest value that is sealed, in bytes.
const MAX: usize = 65_536;

/// Where a value stands. It is authenticated with the ciphertext, which opens nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// What kind of row.
    pub kind: &'a str,
    /// Which row.
    pub id: Uuid,
    /// Which field of it.
    pub field: &'a str,
}

impl Place<'_> {
    /// The associated data: every part with its length, so that no two places are written alike.
    fn bytes(&self) -> Vec<u8> {
        const FORM: &[u8] = b"corebank.sealed.v1";
        let parts = [self.kind.as_bytes(), self.id.as_bytes(), self.field.as_bytes()];
        let length = parts.iter().map(|part| part.len().saturating_add(8)).sum::<usize>();
        let mut bytes = Vec::with_capacity(FORM.len().saturating_add(length));
        bytes.extend_from_slice(FORM);
        for part in parts {
            bytes.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            bytes.extend_from_slice(part);
        }
        bytes
    }
}

/// A ciphertext: form, data key, nonce, AES-256-GCM ciphertext and tag. Written in hexadecimal
/// digits; `Debug` prints the key and the length.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// Takes in a ciphertext as it was stored.
    ///
    /// # Errors
    /// [`PrivacyError::Malformed`] if it is too short, too long or of another form.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, PrivacyError> {
        let around = HEAD.saturating_add(TAG);
        let length = around..=around.saturating_add(MAX);
        let whole = bytes.first() == Some(&FORM) && length.contains(&bytes.len());
        if whole { Ok(Self(bytes)) } else { Err(PrivacyError::Malformed) }
    }

    /// The bytes as they are stored.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The data key that sealed it.
    #[must_use]
    pub fn key(&self) -> DataKeyId {
        let id = self.0.get(1..17).and_then(|bytes| Uuid::from_slice(bytes).ok());
        DataKeyId::from_uuid(id.unwrap_or_default())
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes under {})", self.0.len(), self.key())
    }
}

impl serde::Serialize for Sealed {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&super::hex::digits_of(&self.0))
    }
}

impl<'de> serde::Deserialize<'de> for Sealed {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(from)?;
        let bytes = super::hex::bytes_of(&text).ok_or(PrivacyError::Malformed);
        bytes.and_then(Self::from_bytes).map_err(serde::de::Error::custom)
    }
}

/// A key made ready: its schedule is computed once. It is wiped when it is dropped.
pub(super) struct Cipher(Aes256Gcm);

impl Cipher {
    pub(super) fn new(key: &Sensitive<[u8; 32]>) -> Self {
        Self(Aes256Gcm::new(key.expose().into()))
    }

    /// Appends ciphertext and tag.
    pub(super) fn encrypt_onto(
        &self,
        bytes: &mut Vec<u8>,
        nonce: [u8; NONCE],
        aad: &[u8],
        plain: &[u8],
    ) -> Result<(), PrivacyError> {
        let from = bytes.len();
        // Grown before the value is in it: a buffer that moves leaves the value behind.
        bytes.reserve_exact(plain.len().saturating_add(TAG));
        bytes.extend_from_slice(plain);
        let buffer = bytes.get_mut(from..).unwrap_or_default();
        let sealed = self.0.encrypt_inout_detached(&Nonce::from(nonce), aad, buffer.into());
        let tag = sealed.map_err(|_| PrivacyError::TooLong)?;
        bytes.extend_from_slice(&tag);
        Ok(())
    }

    /// The value; the tag is checked before anything is decrypted.
    pub(super) fn decrypt(
        &self,
        nonce: [u8; NONCE],
        aad: &[u8],
        cipher: &[u8],
    ) -> Result<Sensitive<Vec<u8>>, PrivacyError> {
        let plain = self.0.decrypt(&Nonce::from(nonce), Payload { msg: cipher, aad });
        plain.map(Sensitive::new).map_err(|_| PrivacyError::Tampered)
    }

    /// Seals a value in its place, under the name of this key.
    pub(super) fn seal(
        &self,
        id: DataKeyId,
        nonce: [u8; NONCE],
        place: &Place<'_>,
        plain: &[u8],
    ) -> Result<Sealed, PrivacyError> {
        if plain.len() > MAX {
            return Err(PrivacyError::TooLong);
        }
        let mut bytes = Vec::with_capacity(HEAD.saturating_add(plain.len()).saturating_add(TAG));
        bytes.push(FORM);
        bytes.extend_from_slice(id.as_uuid().as_bytes());
        bytes.extend_from_slice(&nonce);
        self.encrypt_onto(&mut bytes, nonce, &place.bytes(), plain)?;
        Ok(Sealed(bytes))
    }

    /// Opens a value in its place.
    pub(super) fn open(
        &self,
        sealed: &Sealed,
        place: &Place<'_>,
    ) -> Result<Sensitive<Vec<u8>>, PrivacyError> {
        let nonce = sealed.0.get(17..HEAD).and_then(|nonce| <[u8; NONCE]>::try_from(nonce).ok());
        let (nonce, cipher) = nonce.zip(sealed.0.get(HEAD..)).ok_or(PrivacyError::Malformed)?;
        self.decrypt(nonce, &place.bytes(), cipher)
    }
}
