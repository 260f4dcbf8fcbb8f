//! The port to the master keys, and where random bytes come from.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use super::{PrivacyError, Sensitive};
use crate::id::DataKeyId;

/// What a port returns: a future on the heap, so that ports can be chosen at run time.
pub type PortFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, PrivacyError>> + Send + 'a>>;

/// A data key as a port wrapped it. `Debug` prints no bytes.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Wrapped {
    /// The name of the master key at the port, such as a KMS reference. Never the key.
    pub master: String,
    /// The bytes that the port gave out, in hexadecimal digits.
    pub bytes: String,
}

impl fmt::Debug for Wrapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wrapped({} digits by {})", self.bytes.len(), self.master)
    }
}

/// Where the master keys are: an HSM or a KMS of the host's, a file, memory. The bank asks it when
/// it is opened and when keys are rotated, never when a customer is read.
pub trait KeyPort: Send + Sync + fmt::Debug {
    /// Wraps a data key, bound to its id.
    fn wrap_key<'a>(
        &'a self,
        key: &'a Sensitive<[u8; 32]>,
        id: DataKeyId,
    ) -> PortFuture<'a, Wrapped>;

    /// Unwraps a data key.
    fn unwrap_key<'a>(
        &'a self,
        wrapped: &'a Wrapped,
        id: DataKeyId,
    ) -> PortFuture<'a, Sensitive<[u8; 32]>>;
}

/// Random bytes of the operating system.
///
/// # Errors
/// [`PrivacyError::PortUnavailable`] when it has none.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], PrivacyError> {
    let mut bytes = [0_u8; N];
    getrandom::fill(&mut bytes).map_err(|_| PrivacyError::PortUnavailable)?;
    Ok(bytes)
}
