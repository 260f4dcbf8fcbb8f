//! The data keys of a bank, unwrapped, in memory.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use super::seal::Cipher;
use super::{BlindIndex, KeyPurpose, KeyState, Place, PrivacyError, Sealed, Sensitive, StoredKey};
use crate::id::DataKeyId;

/// The data keys of a bank. Cheap to clone; sealing and opening wait for nobody.
#[derive(Clone)]
pub struct KeyRing(Arc<Keys>);

struct Keys {
    all: HashMap<DataKeyId, Entry>,
    active: DataKeyId,
    index: Sensitive<[u8; 32]>,
}

/// A data key; none once it is destroyed, or as long as no port unwraps it.
struct Entry {
    state: KeyState,
    cipher: Option<Cipher>,
}

impl KeyRing {
    /// A ring of keys as they are stored, each with what a port unwrapped; none for those that
    /// were destroyed.
    ///
    /// # Errors
    /// [`PrivacyError::InvalidKeys`] unless exactly one key of each purpose is active, and no two
    /// keys have one id.
    pub fn new(
        keys: impl IntoIterator<Item = (StoredKey, Option<Sensitive<[u8; 32]>>)>,
    ) -> Result<Self, PrivacyError> {
        let (mut all, mut ids, mut active, mut index) =
            (HashMap::new(), HashSet::new(), Vec::new(), Vec::new());
        for (stored, key) in keys {
            if !ids.insert(stored.id) {
                return Err(PrivacyError::InvalidKeys);
            }
            let live = stored.state == KeyState::Active;
            match (stored.purpose, key) {
                (KeyPurpose::Index, Some(key)) if live => index.push(key),
                (KeyPurpose::Index, _) => {}
                (KeyPurpose::Data, key) => {
                    if live && key.is_some() {
                        active.push(stored.id);
                    }
                    let key = key.filter(|_| stored.state != KeyState::Destroyed);
                    let cipher = key.as_ref().map(Cipher::new);
                    all.insert(stored.id, Entry { state: stored.state, cipher });
                }
            }
        }
        let (Some(index), [active]) = (index.pop().filter(|_| index.is_empty()), active.as_slice())
        else {
            return Err(PrivacyError::InvalidKeys);
        };
        Ok(Self(Arc::new(Keys { all, active: *active, index })))
    }

    /// The key that encrypts.
    #[must_use]
    pub fn active(&self) -> DataKeyId {
        self.0.active
    }

    /// Seals a value in its place. Never use a nonce twice: give twelve random bytes. With those a
    /// key is good for 2^32 values (NIST SP 800-38D, 8.3); rotate it before.
    ///
    /// # Errors
    /// [`PrivacyError::TooLong`] above 64 KiB.
    pub fn seal(
        &self,
        plain: &[u8],
        nonce: [u8; 12],
        place: &Place<'_>,
    ) -> Result<Sealed, PrivacyError> {
        self.cipher(self.0.active)?.seal(self.0.active, nonce, place, plain)
    }

    /// Opens a value in its place.
    ///
    /// # Errors
    /// [`PrivacyError::UnknownKey`], [`PrivacyError::KeyDestroyed`], [`PrivacyError::Tampered`],
    /// [`PrivacyError::Malformed`].
    pub fn open(
        &self,
        sealed: &Sealed,
        place: &Place<'_>,
    ) -> Result<Sensitive<Vec<u8>>, PrivacyError> {
        self.cipher(sealed.key())?.open(sealed, place)
    }

    /// Whether a value is sealed under a key that encrypts no more.
    #[must_use]
    pub fn is_stale(&self, sealed: &Sealed) -> bool {
        sealed.key() != self.0.active
    }

    /// What is to be sealed again after a rotation, sealed under the active key; `None` for what
    /// is. It stays in its place.
    ///
    /// # Errors
    /// As for [`KeyRing::open`].
    pub fn reseal(
        &self,
        sealed: &Sealed,
        nonce: [u8; 12],
        place: &Place<'_>,
    ) -> Result<Option<Sealed>, PrivacyError> {
        if !self.is_stale(sealed) {
            return Ok(None);
        }
        let plain = self.open(sealed, place)?;
        self.seal(plain.expose(), nonce, place).map(Some)
    }

    /// The blind index of a normalised value, for a purpose such as `identity.ssn`.
    ///
    /// # Errors
    /// [`PrivacyError::InvalidKeys`], which a ring that was made does not give.
    pub fn index(&self, purpose: &str, value: &str) -> Result<BlindIndex, PrivacyError> {
        super::index::index(self.0.index.expose(), purpose, value).ok_or(PrivacyError::InvalidKeys)
    }

    fn cipher(&self, id: DataKeyId) -> Result<&Cipher, PrivacyError> {
        let entry = self.0.all.get(&id).ok_or(PrivacyError::UnknownKey { key: id })?;
        match (&entry.cipher, entry.state) {
            (_, KeyState::Destroyed) => Err(PrivacyError::KeyDestroyed { key: id }),
            (Some(cipher), _) => Ok(cipher),
            (None, _) => Err(PrivacyError::UnknownKey { key: id }),
        }
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyRing({} keys, {} active)", self.0.all.len(), self.0.active)
    }
}
