//! Documents of customers in any backend of the `object_store` crate.

use std::fmt;
use std::sync::Arc;

use ::object_store::path::Path;
use ::object_store::{Error as Fault, GetOptions, ObjectStore, PutMode, PutOptions, PutPayload};

use crate::id::CustomerId;
use crate::kyc::{
    DocumentStorage, DocumentUri, MimeType, PortFuture, StorageError, StoredDocument,
};
use crate::kyc::{hash_of, path_of, verified};
use crate::privacy::Sensitive;

/// The storage of documents in an object store: S3, GCS, Azure, files or memory.
///
/// An object lies at `<root><customer>/<SHA-256>`, and its URI is that path behind a base of the
/// host, such as `s3://kyc-documents/`. Paths follow from the content, so that nothing is ever
/// written over with something else. Encryption at rest and access are the backend's to set.
pub struct ObjectDocuments {
    store: Arc<dyn ObjectStore>,
    base: String,
    max_size: u64,
}

impl ObjectDocuments {
    /// Documents in a store, with URIs that begin with a base. The base is part of every URI that
    /// is recorded: choose one that stays. At most `max_size` bytes are taken or handed out.
    #[must_use]
    pub fn new(store: Arc<dyn ObjectStore>, base: &str, max_size: u64) -> Self {
        Self { store, base: base.to_owned(), max_size }
    }

    async fn store(&self, owner: CustomerId, bytes: &[u8]) -> Result<StoredDocument, StorageError> {
        let size = self.bounded(u64::try_from(bytes.len()).unwrap_or(u64::MAX))?;
        let sha256 = hash_of(bytes);
        let path = path_of(owner, &sha256);
        let uri = DocumentUri::new(&format!("{}{path}", self.base))
            .map_err(|_| StorageError::ForeignUri)?;
        let path = Path::parse(path).map_err(|_| StorageError::ForeignUri)?;
        match self.write(&path, bytes, PutMode::Create).await {
            // The same content is there already.
            Ok(()) | Err(Fault::AlreadyExists { .. }) => {}
            // A backend that cannot say "only if new" writes the same bytes again.
            Err(Fault::NotImplemented { .. } | Fault::NotSupported { .. }) => {
                self.write(&path, bytes, PutMode::Overwrite).await.map_err(|fault| said(&fault))?;
            }
            Err(fault) => return Err(said(&fault)),
        }
        Ok(StoredDocument { uri, sha256, size })
    }

    async fn write(&self, path: &Path, bytes: &[u8], mode: PutMode) -> Result<(), Fault> {
        let payload = PutPayload::from(bytes.to_vec());
        self.store.put_opts(path, payload, PutOptions::from(mode)).await.map(drop)
    }

    async fn read(
        &self,
        uri: &DocumentUri,
        sha256: &[u8; 32],
    ) -> Result<Sensitive<Vec<u8>>, StorageError> {
        let path = uri.as_str().strip_prefix(&self.base).ok_or(StorageError::ForeignUri)?;
        let path = Path::parse(path).map_err(|_| StorageError::ForeignUri)?;
        let fault = |fault| said(&fault);
        let found = self.store.get_opts(&path, GetOptions::default()).await.map_err(fault)?;
        let _ = self.bounded(found.meta.size)?;
        verified(found.bytes().await.map_err(fault)?.to_vec(), sha256)
    }

    const fn bounded(&self, size: u64) -> Result<u64, StorageError> {
        if size <= self.max_size {
            Ok(size)
        } else {
            Err(StorageError::TooLarge { max: self.max_size })
        }
    }
}

/// What a fault means; its text may name paths and is not passed on.
const fn said(fault: &Fault) -> StorageError {
    match fault {
        Fault::NotFound { .. } => StorageError::NotFound,
        Fault::InvalidPath { .. } => StorageError::ForeignUri,
        _ => StorageError::Unavailable,
    }
}

impl DocumentStorage for ObjectDocuments {
    fn put<'a>(
        &'a self,
        owner: CustomerId,
        bytes: &'a [u8],
        _mime: &'a MimeType,
    ) -> PortFuture<'a, Result<StoredDocument, StorageError>> {
        Box::pin(self.store(owner, bytes))
    }

    fn get<'a>(
        &'a self,
        uri: &'a DocumentUri,
        sha256: &'a [u8; 32],
    ) -> PortFuture<'a, Result<Sensitive<Vec<u8>>, StorageError>> {
        Box::pin(self.read(uri, sha256))
    }
}

impl fmt::Debug for ObjectDocuments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObjectDocuments({})", self.base)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use ::object_store::memory::InMemory;

    use super::*;

    fn jpeg() -> MimeType {
        MimeType::new("image/jpeg").unwrap()
    }

    fn fault<T>(result: Result<T, StorageError>) -> StorageError {
        result.map(drop).unwrap_err()
    }

    #[tokio::test]
    async fn bytes_come_back_as_they_were_or_not_at_all() {
        let backend = Arc::new(InMemory::new());
        let storage = ObjectDocuments::new(backend.clone(), "s3://kyc/", 8);
        let (one, two) = (CustomerId::from_u128(1), CustomerId::from_u128(2));
        let stored = storage.put(one, b"scan", &jpeg()).await.unwrap();
        assert!(stored.uri.as_str().starts_with(&format!("s3://kyc/{one}/")));
        assert_eq!(storage.put(one, b"scan", &jpeg()).await.unwrap(), stored);
        assert_ne!(storage.put(two, b"scan", &jpeg()).await.unwrap().uri, stored.uri);
        let read = storage.get(&stored.uri, &stored.sha256).await.unwrap();
        assert_eq!(read.expose(), b"scan");
        assert_eq!(fault(storage.get(&stored.uri, &[0; 32]).await), StorageError::HashMismatch);

        // Exchanged behind our back.
        let path = stored.uri.as_str().strip_prefix("s3://kyc/").unwrap();
        let path = Path::parse(path).unwrap();
        storage.write(&path, b"scam", PutMode::Overwrite).await.unwrap();
        let read = storage.get(&stored.uri, &stored.sha256).await;
        assert_eq!(fault(read), StorageError::HashMismatch);
        storage.write(&path, b"too long!", PutMode::Overwrite).await.unwrap();
        let read = storage.get(&stored.uri, &stored.sha256).await;
        assert_eq!(fault(read), StorageError::TooLarge { max: 8 });
    }

    #[tokio::test]
    async fn places_that_are_not_ours_are_refused() {
        let storage = ObjectDocuments::new(Arc::new(InMemory::new()), "s3://kyc/", 8);
        assert_eq!(
            fault(storage.put(CustomerId::from_u128(1), b"too long!", &jpeg()).await),
            StorageError::TooLarge { max: 8 }
        );
        for (uri, expected) in [
            ("s3://kyc/nowhere", StorageError::NotFound),
            ("s3://other/a", StorageError::ForeignUri),
            ("s3://kyc/../secrets", StorageError::ForeignUri),
            ("s3://kyc/a//b", StorageError::ForeignUri),
        ] {
            let uri = DocumentUri::new(uri).unwrap();
            assert_eq!(fault(storage.get(&uri, &[0; 32]).await), expected, "{uri:?}");
        }
    }
}
