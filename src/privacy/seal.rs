//! Ciphertexts that open in one place only.

use std::fmt;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
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
        let mut bytes = b"corebank.sealed.v1".to_vec();
        for part in [self.kind.as_bytes(), self.id.as_bytes(), self.field.as_bytes()] {
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
    /// [`PrivacyError::Malformed`] if it is too short or of another form.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, PrivacyError> {
        let whole = bytes.first() == Some(&FORM) && bytes.len() >= HEAD.saturating_add(TAG);
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
        let digits: String = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        to.serialize_str(&digits)
    }
}

impl<'de> serde::Deserialize<'de> for Sealed {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(from)?;
        let bytes = super::key::bytes_of(&text).ok_or(PrivacyError::Malformed);
        bytes.and_then(Self::from_bytes).map_err(serde::de::Error::custom)
    }
}

/// Encrypts with a key of 32 bytes.
pub(super) fn encrypt(
    key: &[u8; 32],
    nonce: [u8; NONCE],
    aad: &[u8],
    plain: &[u8],
) -> Result<Vec<u8>, PrivacyError> {
    let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key));
    cipher
        .encrypt(&Nonce::from(nonce), Payload { msg: plain, aad })
        .map_err(|_| PrivacyError::TooLong)
}

/// Decrypts with a key of 32 bytes.
pub(super) fn decrypt(
    key: &[u8; 32],
    nonce: [u8; NONCE],
    aad: &[u8],
    cipher: &[u8],
) -> Result<Sensitive<Vec<u8>>, PrivacyError> {
    let aes = Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key));
    let plain = aes.decrypt(&Nonce::from(nonce), Payload { msg: cipher, aad });
    plain.map(Sensitive::new).map_err(|_| PrivacyError::Tampered)
}

/// Seals a value in its place.
pub(super) fn seal(
    key: (DataKeyId, &[u8; 32]),
    nonce: [u8; NONCE],
    place: &Place<'_>,
    plain: &[u8],
) -> Result<Sealed, PrivacyError> {
    if plain.len() > MAX {
        return Err(PrivacyError::TooLong);
    }
    let (id, key) = key;
    let mut bytes = Vec::with_capacity(HEAD.saturating_add(plain.len()).saturating_add(TAG));
    bytes.push(FORM);
    bytes.extend_from_slice(id.as_uuid().as_bytes());
    bytes.extend_from_slice(&nonce);
    bytes.extend(encrypt(key, nonce, &place.bytes(), plain)?);
    Ok(Sealed(bytes))
}

/// Opens a value in its place.
pub(super) fn open(
    key: &[u8; 32],
    sealed: &Sealed,
    place: &Place<'_>,
) -> Result<Sensitive<Vec<u8>>, PrivacyError> {
    let nonce = sealed.0.get(17..HEAD).and_then(|nonce| <[u8; NONCE]>::try_from(nonce).ok());
    let (nonce, cipher) = nonce.zip(sealed.0.get(HEAD..)).ok_or(PrivacyError::Malformed)?;
    decrypt(key, nonce, &place.bytes(), cipher)
}
