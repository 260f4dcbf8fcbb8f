//! Know your customer: documents, review, status, screening, and the gate.

/// Where a customer stands.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Standing {
    /// The id.
    pub id: crate::id::CustomerId,
}

/// The file of a customer.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct KycFile {
    /// The id.
    pub id: crate::id::CustomerId,
}
