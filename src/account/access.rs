//! What stands between an order and the ledger, on the side of the account. No allocation, a few
//! nanoseconds: every movement of money passes here.

use std::sync::Arc;

use serde::de::IgnoredAny;

use super::{AccountStatus, CustomerAccount, Operation, Ownership, Refusal};
use crate::id::{AccountId, CustomerId};
use crate::money::{Currency, Money};

/// What a movement asks of an account: its status, the bounds of its terms, and whose word moves
/// its money. A copy of a few fields of [`CustomerAccount`], small because stores hand it out with
/// every movement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    account: AccountId,
    primary: CustomerId,
    minimum: i64,
    maximum: i64,
    /// Who may sign; none where the primary owner does, alone.
    owners: Option<Arc<Ownership>>,
    currency: Currency,
    status: AccountStatus,
}

/// The fields of a kept account. All are named, so that one that is not of an account is noticed.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "named so that others are not let through")]
struct Kept {
    id: AccountId,
    number: IgnoredAny,
    kind: IgnoredAny,
    #[serde(default)]
    subtype: IgnoredAny,
    product: IgnoredAny,
    product_version: IgnoredAny,
    currency: Currency,
    ownership: Ownership,
    status: AccountStatus,
    #[serde(default)]
    reason: IgnoredAny,
    #[serde(default)]
    branch: IgnoredAny,
    opened_on: IgnoredAny,
    #[serde(default)]
    closed_on: IgnoredAny,
    #[serde(default)]
    cover: IgnoredAny,
    last_activity: IgnoredAny,
    #[serde(default)]
    dormant_after_days: IgnoredAny,
    #[serde(default)]
    minimum: Option<i64>,
    #[serde(default)]
    maximum: Option<i64>,
    created_at: IgnoredAny,
    updated_at: IgnoredAny,
}

impl Access {
    /// Of an account.
    #[must_use]
    pub fn of(account: &CustomerAccount) -> Self {
        let owners = &account.ownership;
        Self {
            account: account.id,
            primary: account.primary(),
            minimum: account.minimum.unwrap_or(i64::MIN),
            maximum: account.maximum.unwrap_or(i64::MAX),
            owners: (!owners.primary_signs_alone()).then(|| Arc::new(owners.clone())),
            currency: account.currency,
            status: account.status,
        }
    }

    /// Of an account as a store keeps it: without the time that reading all of it takes. None if
    /// the text is not that of an account.
    #[must_use]
    pub fn from_json(text: &str) -> Option<Self> {
        let Kept { id, currency, ownership, status, minimum, maximum, .. } =
            serde_json::from_str(text).ok()?;
        Some(Self {
            account: id,
            primary: ownership.primary()?,
            minimum: minimum.unwrap_or(i64::MIN),
            maximum: maximum.unwrap_or(i64::MAX),
            owners: (!ownership.primary_signs_alone()).then(|| Arc::new(ownership)),
            currency,
            status,
        })
    }

    /// The account.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// The primary owner.
    #[must_use]
    pub const fn primary(&self) -> CustomerId {
        self.primary
    }

    /// Judges a movement on a customer's word: status, bounds of the terms, and for money that
    /// goes out the mandate.
    ///
    /// # Errors
    /// [`Refusal::StatusForbids`], [`Refusal::BelowTerms`], [`Refusal::AboveTerms`], and what the
    /// mandate refuses.
    #[inline]
    pub fn judge(
        &self,
        operation: Operation,
        money: Money,
        signers: &[CustomerId],
    ) -> Result<(), Refusal> {
        self.judge_status(operation)?;
        let (account, minor) = (self.account, money.minor());
        if minor < self.minimum {
            let minimum = Money::new(self.minimum, self.currency);
            return Err(Refusal::BelowTerms { account, minimum });
        }
        if minor > self.maximum {
            let maximum = Money::new(self.maximum, self.currency);
            return Err(Refusal::AboveTerms { account, maximum });
        }
        match operation {
            Operation::Debit | Operation::Hold => self.signed(signers),
            _ => Ok(()),
        }
    }

    /// Judges a movement on the bank's own word: the status only. Bounds and mandate are the
    /// customer's; fees, interest and corrections are exempt by their explicit origin (C06).
    ///
    /// # Errors
    /// [`Refusal::StatusForbids`].
    #[inline]
    pub fn judge_bank(&self, operation: Operation) -> Result<(), Refusal> {
        self.judge_status(operation)
    }

    #[inline]
    fn judge_status(&self, operation: Operation) -> Result<(), Refusal> {
        if self.status.allows(operation) {
            return Ok(());
        }
        let (account, status) = (self.account, self.status.code());
        Err(Refusal::StatusForbids { account, operation, status })
    }

    #[inline]
    fn signed(&self, signers: &[CustomerId]) -> Result<(), Refusal> {
        match (&self.owners, signers) {
            (None, [only]) if *only == self.primary => Ok(()),
            // What is not the usual case is told apart in one place.
            (None, _) => Ownership::individual(self.primary).signed(signers),
            (Some(owners), _) => owners.signed(signers),
        }
    }
}
