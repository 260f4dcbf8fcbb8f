//! Where the bytes of documents are kept: a port, and an implementation in memory (S4-020).

use std::collections::HashMap;
use std::fmt;
use std::future::ready;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use super::{DocumentUri, MimeType, PortFuture};
use crate::id::CustomerId;
use crate::privacy::Sensitive;

/// What was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDocument {
    /// Where.
    pub uri: DocumentUri,
    /// The SHA-256 of the bytes.
    pub sha256: [u8; 32],
    /// How many bytes.
    pub size: u64,
}

/// Why bytes were not stored or not handed out. It names no document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// Nothing lies there.
    #[error("there is no document at this place")]
    NotFound,
    /// The place is not one of this storage.
    #[error("the URI does not belong to this storage")]
    ForeignUri,
    /// The bytes are not those that were stored.
    #[error("the bytes do not match their hash; the document was damaged or exchanged")]
    HashMismatch,
    /// More bytes than are allowed.
    #[error("the document has more than {max} bytes")]
    TooLarge {
        /// How many are allowed.
        max: u64,
    },
    /// The storage cannot be reached or failed.
    #[error("the storage of documents cannot be reached; try again later")]
    Unavailable,
}

impl StorageError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "storage_not_found",
            Self::ForeignUri => "storage_foreign_uri",
            Self::HashMismatch => "storage_hash_mismatch",
            Self::TooLarge { .. } => "storage_too_large",
            Self::Unavailable => "storage_unavailable",
        }
    }

    /// Whether the same request may succeed later.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable)
    }
}

/// The port to the storage of documents.
///
/// What was stored at a URI never changes: storing the same bytes of the same customer again
/// answers the same URI, and other bytes get another. Bytes are stored before the unit of work that
/// records them; those that no file refers to are the host's to sweep.
pub trait DocumentStorage: Send + Sync + fmt::Debug {
    /// Stores bytes. Customers are kept apart, so that erasing one leaves the others whole.
    ///
    /// # Errors
    /// [`StorageError::TooLarge`] or [`StorageError::Unavailable`].
    fn put<'a>(
        &'a self,
        owner: CustomerId,
        bytes: &'a [u8],
        mime: &'a MimeType,
    ) -> PortFuture<'a, Result<StoredDocument, StorageError>>;

    /// The bytes of a URI, which are those of the hash or are not handed out.
    ///
    /// # Errors
    /// [`StorageError`] if there are none, or others.
    fn get<'a>(
        &'a self,
        uri: &'a DocumentUri,
        sha256: &'a [u8; 32],
    ) -> PortFuture<'a, Result<Sensitive<Vec<u8>>, StorageError>>;
}

/// The SHA-256 of bytes.
pub(crate) fn hash_of(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Hands out bytes only if they have the hash.
pub(crate) fn verified(
    bytes: Vec<u8>,
    sha256: &[u8; 32],
) -> Result<Sensitive<Vec<u8>>, StorageError> {
    let bytes = Sensitive::new(bytes);
    if hash_of(bytes.expose()) == *sha256 { Ok(bytes) } else { Err(StorageError::HashMismatch) }
}

/// The path of bytes below any root: by owner and content, so that it is never written twice.
pub(crate) fn path_of(owner: CustomerId, sha256: &[u8; 32]) -> String {
    let digits: String = sha256.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{owner}/{digits}")
}

/// Documents in memory, for tests and examples; they are gone with the process.
#[derive(Default)]
pub struct MemoryDocuments {
    kept: Mutex<HashMap<DocumentUri, Vec<u8>>>,
}

impl MemoryDocuments {
    /// An empty storage.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn store(&self, owner: CustomerId, bytes: &[u8]) -> Result<StoredDocument, StorageError> {
        let sha256 = hash_of(bytes);
        let uri = DocumentUri::new(&format!("memory:{}", path_of(owner, &sha256)))
            .map_err(|_| StorageError::ForeignUri)?;
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.entry(uri.clone()).or_insert_with(|| bytes.to_vec());
        Ok(StoredDocument { uri, sha256, size })
    }

    fn read(
        &self,
        uri: &DocumentUri,
        sha256: &[u8; 32],
    ) -> Result<Sensitive<Vec<u8>>, StorageError> {
        if !uri.as_str().starts_with("memory:") {
            return Err(StorageError::ForeignUri);
        }
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = kept.get(uri).cloned().ok_or(StorageError::NotFound)?;
        verified(bytes, sha256)
    }
}

impl DocumentStorage for MemoryDocuments {
    fn put<'a>(
        &'a self,
        owner: CustomerId,
        bytes: &'a [u8],
        _mime: &'a MimeType,
    ) -> PortFuture<'a, Result<StoredDocument, StorageError>> {
        Box::pin(ready(self.store(owner, bytes)))
    }

    fn get<'a>(
        &'a self,
        uri: &'a DocumentUri,
        sha256: &'a [u8; 32],
    ) -> PortFuture<'a, Result<Sensitive<Vec<u8>>, StorageError>> {
        Box::pin(ready(self.read(uri, sha256)))
    }
}

impl fmt::Debug for MemoryDocuments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        write!(f, "MemoryDocuments({} documents)", kept.len())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn bytes_come_back_as_they_were_or_not_at_all() {
        let (one, two) = (CustomerId::from_u128(1), CustomerId::from_u128(2));
        let (storage, jpeg) = (MemoryDocuments::new(), MimeType::new("image/jpeg").unwrap());
        let stored = storage.put(one, b"scan", &jpeg).await.unwrap();
        assert_eq!(storage.put(one, b"scan", &jpeg).await.unwrap(), stored);
        assert_ne!(storage.put(two, b"scan", &jpeg).await.unwrap().uri, stored.uri);
        assert_eq!(stored.size, 4);
        let read = storage.get(&stored.uri, &stored.sha256).await.unwrap();
        assert_eq!(read.expose(), b"scan");
        let damaged = |result: Result<_, StorageError>| result.map(drop).unwrap_err();
        let other = storage.get(&stored.uri, &[0; 32]).await;
        assert_eq!(damaged(other), StorageError::HashMismatch);
        storage.kept.lock().unwrap().insert(stored.uri.clone(), b"scam".to_vec());
        let exchanged = storage.get(&stored.uri, &stored.sha256).await;
        assert_eq!(damaged(exchanged), StorageError::HashMismatch);
        let nowhere = DocumentUri::new("memory:nowhere").unwrap();
        assert_eq!(damaged(storage.get(&nowhere, &[0; 32]).await), StorageError::NotFound);
        let foreign = DocumentUri::new("s3://elsewhere").unwrap();
        assert_eq!(damaged(storage.get(&foreign, &[0; 32]).await), StorageError::ForeignUri);
    }
}
