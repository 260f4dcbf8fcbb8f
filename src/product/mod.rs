//! Terms under which accounts are kept.

/// A product.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Product {
    /// The id.
    pub id: crate::id::ProductId,
}
