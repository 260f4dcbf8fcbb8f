//! The account of a customer.

use chrono::NaiveDate;

use super::{AccountNumber, AccountStatus, Ownership};
use crate::id::{AccountId, BranchId, CustomerId, ProductId};
use crate::ledger::{EntityKind, Text};
use crate::money::Currency;
use crate::product::AccountType;
use crate::time::Timestamp;

/// The account of a customer. Its money stands in the ledger account of the same id.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct CustomerAccount {
    /// The id, of this and of the ledger account behind it.
    pub id: AccountId,
    /// The number by which the world knows it.
    pub number: AccountNumber,
    /// What kind of account.
    pub kind: AccountType,
    /// A finer kind, in the host's words, at most 50 characters (S1-028).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subtype: Option<Text>,
    /// The product.
    pub product: ProductId,
    /// The version of the product whose terms are in force for it.
    pub product_version: u32,
    /// The currency.
    pub currency: Currency,
    /// Who owns it.
    pub ownership: Ownership,
    /// Its status.
    pub status: AccountStatus,
    /// Why it has this status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Text>,
    /// The branch that keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<BranchId>,
    /// The business date on which it was opened.
    pub opened_on: NaiveDate,
    /// The business date on which it was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_on: Option<NaiveDate>,
    /// The account from which what is missing is moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cover: Option<AccountId>,
    /// The latest business date on which a customer is known to have used it: that of its opening
    /// or activation, or what the last sweep found in the ledger.
    pub last_activity: NaiveDate,
    /// After how many days without use it is dormant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dormant_after_days: Option<u32>,
    /// The least of one movement on a customer's word, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<i64>,
    /// The most of one movement on a customer's word, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<i64>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was changed last, money aside.
    pub updated_at: Timestamp,
}

impl CustomerAccount {
    /// What the journal calls it.
    pub const KIND: EntityKind = EntityKind::known("account");

    /// The primary owner. Every account has one: it was judged when it was opened.
    #[must_use]
    #[inline]
    pub fn primary(&self) -> CustomerId {
        self.ownership.primary().unwrap_or(CustomerId::from_u128(0))
    }
}
