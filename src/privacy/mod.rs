//! Sensitive data: how it is held, encrypted, looked up and shown.

/// A data key, wrapped.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StoredKey {
    /// The id.
    pub id: crate::id::DataKeyId,
}
