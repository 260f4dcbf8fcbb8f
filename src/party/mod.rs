//! Who the customers are.

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Customer {
    /// The id.
    pub id: crate::id::CustomerId,
}

/// A branch.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Branch {
    /// The id.
    pub id: crate::id::BranchId,
}

/// A merchant.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Merchant {
    /// The id.
    pub id: crate::id::MerchantId,
}

/// An organisation.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Organisation {
    /// The id.
    pub id: crate::id::OrganisationId,
}
