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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;
    use smallvec::SmallVec;

    use super::*;
    use crate::account::{AccountNumber, Mandate, OwnershipKind, Party, Role};
    use crate::id::{BranchId, ProductId};
    use crate::ledger::Text;
    use crate::product::AccountType;
    use crate::time::Timestamp;

    const ROLES: &[Role] = Role::ALL;

    fn ownership() -> impl Strategy<Value = Ownership> {
        let mandate = prop_oneof![
            Just(Mandate::Either),
            Just(Mandate::All),
            (0_u8..4).prop_map(Mandate::AnyOf)
        ];
        let others = proptest::collection::vec((2_u128..6, proptest::sample::select(ROLES)), 0..3);
        let kind = proptest::sample::select(OwnershipKind::ALL);
        (kind, others, mandate).prop_map(|(kind, others, mandate)| {
            let mut parties: SmallVec<[Party; 2]> = others
                .into_iter()
                .map(|(id, role)| Party { customer: customer(id), role })
                .collect();
            parties.insert(0, Party { customer: customer(1), role: Role::Primary });
            Ownership { kind, parties, mandate }
        })
    }

    const fn customer(id: u128) -> CustomerId {
        CustomerId::from_u128(id)
    }

    /// Every field that an account can have is there, or none of those that it need not have.
    fn account(full: bool, ownership: Ownership, bounds: (i64, i64)) -> CustomerAccount {
        let day = chrono::NaiveDate::MIN;
        let text = || Some(Text::new("why").unwrap()).filter(|_| full);
        CustomerAccount {
            id: AccountId::from_u128(7),
            number: AccountNumber::new("1234567890123456").unwrap(),
            kind: AccountType::Checking,
            subtype: text(),
            product: ProductId::from_u128(8),
            product_version: 3,
            currency: Currency::EUR,
            ownership,
            status: AccountStatus::Active,
            reason: text(),
            branch: Some(BranchId::from_u128(9)).filter(|_| full),
            opened_on: day,
            closed_on: Some(day).filter(|_| full),
            cover: Some(AccountId::from_u128(10)).filter(|_| full),
            last_activity: day,
            dormant_after_days: Some(365).filter(|_| full),
            minimum: Some(bounds.0).filter(|_| full),
            maximum: Some(bounds.1).filter(|_| full),
            created_at: Timestamp::from_nanos(1),
            updated_at: Timestamp::from_nanos(2),
        }
    }

    proptest! {
        /// What is read without the rest of the row is what the whole row says.
        #[test]
        fn a_kept_account_gives_the_same_access(
            full in any::<bool>(), owners in ownership(), least in 0_i64..9, most in 0_i64..9,
        ) {
            let account = account(full, owners, (least, most));
            let text = serde_json::to_string(&account).unwrap();
            prop_assert_eq!(Access::from_json(&text), Some(Access::of(&account)));
        }

        /// The short way to judge signatures answers as the ownership does, refusals included.
        #[test]
        fn signatures_are_judged_as_the_ownership_says(
            owners in ownership(), signers in proptest::collection::vec(1_u128..6, 0..4),
        ) {
            let signers: Vec<CustomerId> = signers.into_iter().map(customer).collect();
            let account = account(false, owners, (0, 0));
            let judged =
                Access::of(&account).judge(Operation::Debit, Money::new(1, Currency::EUR), &signers);
            prop_assert_eq!(judged, account.ownership.signed(&signers));
        }
    }

    /// A bound whose name was damaged must not vanish.
    #[test]
    fn a_field_that_no_account_has_is_noticed() {
        let whole = account(true, Ownership::individual(customer(1)), (1, 5));
        let text = serde_json::to_string(&whole).unwrap();
        let fields: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&text).unwrap();
        for name in fields.keys() {
            let damaged = text.replacen(&format!("\"{name}\":"), &format!("\"{name}x\":"), 1);
            assert_eq!(Access::from_json(&damaged), None, "{name}");
        }
    }
}
