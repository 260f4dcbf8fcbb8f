//! Accounts of customers: what they are, who owns them, what may be done with them.

/// The account of a customer.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CustomerAccount {
    /// The id.
    pub id: crate::id::AccountId,
}
