//! A master key in memory: for tests, examples and banks that are gone with the process.

use super::hex::{bytes_of, digits_of};
use super::seal::Cipher;
use super::{KeyPort, PortFuture, PrivacyError, Sensitive, Wrapped, random_bytes};
use crate::id::DataKeyId;

/// A master key in memory. Another one made later does not open what this one wrapped.
#[derive(Debug, Clone)]
pub struct MemoryKeys {
    name: String,
    master: Sensitive<[u8; 32]>,
}

impl MemoryKeys {
    /// A new random master key.
    ///
    /// # Errors
    /// [`PrivacyError::PortUnavailable`] when the operating system has no random bytes.
    pub fn new() -> Result<Self, PrivacyError> {
        Ok(Self::of("memory", random_bytes()?))
    }

    /// A master key that the caller has.
    #[must_use]
    pub fn of(name: &str, master: [u8; 32]) -> Self {
        Self { name: name.to_owned(), master: Sensitive::new(master) }
    }

    fn wrap_now(&self, key: &Sensitive<[u8; 32]>, id: DataKeyId) -> Result<Wrapped, PrivacyError> {
        let nonce: [u8; 12] = random_bytes()?;
        let mut bytes = nonce.to_vec();
        Cipher::new(&self.master).encrypt_onto(
            &mut bytes,
            nonce,
            &bound(&self.name, id),
            key.expose(),
        )?;
        Ok(Wrapped { master: self.name.clone(), bytes: digits_of(&bytes) })
    }

    fn unwrap_now(
        &self,
        wrapped: &Wrapped,
        id: DataKeyId,
    ) -> Result<Sensitive<[u8; 32]>, PrivacyError> {
        if wrapped.master != self.name {
            return Err(PrivacyError::PortRefused);
        }
        let bytes = bytes_of(&wrapped.bytes).ok_or(PrivacyError::PortRefused)?;
        let (nonce, cipher) = bytes.split_first_chunk::<12>().ok_or(PrivacyError::PortRefused)?;
        let plain = Cipher::new(&self.master)
            .decrypt(*nonce, &bound(&self.name, id), cipher)
            .map_err(|_| PrivacyError::PortRefused)?;
        let key = <[u8; 32]>::try_from(plain.expose().as_slice());
        key.map(Sensitive::new).map_err(|_| PrivacyError::PortRefused)
    }
}

fn bound(name: &str, id: DataKeyId) -> Vec<u8> {
    let mut bytes = b"corebank.wrapped.v1".to_vec();
    bytes.extend_from_slice(id.as_uuid().as_bytes());
    bytes.extend_from_slice(name.as_bytes());
    bytes
}

impl KeyPort for MemoryKeys {
    fn wrap_key<'a>(
        &'a self,
        key: &'a Sensitive<[u8; 32]>,
        id: DataKeyId,
    ) -> PortFuture<'a, Wrapped> {
        Box::pin(std::future::ready(self.wrap_now(key, id)))
    }

    fn unwrap_key<'a>(
        &'a self,
        wrapped: &'a Wrapped,
        id: DataKeyId,
    ) -> PortFuture<'a, Sensitive<[u8; 32]>> {
        Box::pin(std::future::ready(self.unwrap_now(wrapped, id)))
    }
}
