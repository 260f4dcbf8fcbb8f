//! What the account rows of all profiles have in common.

use chrono::NaiveDate;

use super::export::{Exported, Writer};
use super::{Profile, Refusal, Row, s0, s1, s2, s3, s4};
use crate::account::{
    AccountBalance, AccountNumber, AccountStatus, CustomerAccount, Mandate, Ownership,
    OwnershipKind, Role,
};
use crate::id::{AccountId, CustomerId, ProductId};
use crate::ledger::facts::Moment;
use crate::ledger::{FloorPolicy, Text};
use crate::money::{Currency, Money};
use crate::party::{Branch, Code};
use crate::product::{AccountType, Percent3, Terms};
use crate::time::Timestamp;

/// All that the documents' account rows say: the account, its balances, the terms that are told.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccountParts {
    /// The id.
    pub id: AccountId,
    /// The number; document 000 has none.
    pub number: Option<AccountNumber>,
    /// What kind of account.
    pub kind: AccountType,
    /// A finer kind.
    pub subtype: Option<Text>,
    /// The currency.
    pub currency: Currency,
    /// Who owns it. A trust that was read from a row names no trustees yet: no document has a
    /// column for them.
    pub ownership: Ownership,
    /// Its status.
    pub status: AccountStatus,
    /// The code of its branch (S4-032).
    pub branch_code: Option<Code>,
    /// The business date on which it was opened.
    pub opened_on: NaiveDate,
    /// The business date on which it was closed.
    pub closed_on: Option<NaiveDate>,
    /// When it was opened.
    pub created_at: Option<Timestamp>,
    /// When it was changed last.
    pub updated_at: Option<Timestamp>,
    /// What was posted, positive on the normal side: the outstanding amount of a loan is positive
    /// (C03, C04).
    pub ledger: Option<Money>,
    /// What may be paid out.
    pub available: Option<Money>,
    /// What is to come in less what is to go out (S1-122).
    pub pending: Option<Money>,
    /// The credit limit (S1-029).
    pub credit_limit: Option<Money>,
    /// The rate of interest for a year (S1-030).
    pub interest_rate: Option<Percent3>,
    /// The annual percentage rate that is told (S1-030).
    pub annual_percentage_rate: Option<Percent3>,
    /// The balance that is asked for at least (S1-030).
    pub minimum_balance: Option<Money>,
    /// Whether another account covers it (S1-030).
    pub overdraft_protection: bool,
}

impl AccountParts {
    /// An account of one owner in US dollars, in use, of which no more is known.
    #[must_use]
    pub fn individual(
        id: AccountId,
        kind: AccountType,
        owner: CustomerId,
        opened_on: NaiveDate,
    ) -> Self {
        Self {
            id,
            number: None,
            kind,
            subtype: None,
            currency: Currency::USD,
            ownership: Ownership::individual(owner),
            status: AccountStatus::Active,
            branch_code: None,
            opened_on,
            closed_on: None,
            created_at: None,
            updated_at: None,
            ledger: None,
            available: None,
            pending: None,
            credit_limit: None,
            interest_rate: None,
            annual_percentage_rate: None,
            minimum_balance: None,
            overdraft_protection: false,
        }
    }

    /// An account with its balances.
    #[must_use]
    pub fn of(account: &CustomerAccount, balance: &AccountBalance) -> Self {
        let primary = account.primary();
        let mut parts = Self::individual(account.id, account.kind, primary, account.opened_on);
        parts.number = Some(account.number.clone());
        parts.subtype.clone_from(&account.subtype);
        parts.currency = account.currency;
        parts.ownership = account.ownership.clone();
        (parts.status, parts.closed_on) = (account.status, account.closed_on);
        (parts.created_at, parts.updated_at) = (Some(account.created_at), Some(account.updated_at));
        parts.ledger = Some(balance.ledger);
        parts.available = Some(balance.available);
        parts.pending = Some(balance.pending());
        parts.overdraft_protection = account.cover.is_some();
        parts
    }

    /// With the terms that are told: rates, minimum balance, and the credit limit of the floor.
    #[must_use]
    pub fn with_terms(mut self, terms: &Terms, floor: FloorPolicy) -> Self {
        let money = |minor| Money::new(minor, self.currency);
        self.credit_limit = match floor {
            FloorPolicy::CreditLimit(minor) => Some(money(minor)),
            _ => None,
        };
        self.minimum_balance = terms.minimum_balance.map(money);
        self.interest_rate = terms.interest.as_ref().map(|one| one.rate);
        self.annual_percentage_rate = terms.annual_percentage_rate;
        self
    }

    /// With its branch.
    #[must_use]
    pub fn with_branch(mut self, branch: &Branch) -> Self {
        self.branch_code.clone_from(&branch.code);
        self
    }

    /// The request that opens it under a product. A branch is looked up by its code and set by the
    /// caller.
    #[must_use]
    pub fn request(&self, product: ProductId) -> crate::account::NewCustomerAccount {
        let ownership = self.ownership.clone();
        let mut new = crate::account::NewCustomerAccount::new(product, self.currency, ownership)
            .with_id(self.id);
        new.number.clone_from(&self.number);
        new.subtype.clone_from(&self.subtype);
        new.floor = self.credit_limit.map(|limit| FloorPolicy::CreditLimit(limit.minor()));
        new
    }

    /// Notes what the profile does not say of it.
    pub(super) fn losses(&self, to: &mut Writer, said: &[&str]) {
        let fields = [
            (self.number.is_some(), "number"),
            (self.subtype.is_some(), "subtype"),
            (self.branch_code.is_some(), "branch"),
            (self.created_at.is_some(), "created_at"),
            (self.updated_at.is_some(), "updated_at"),
            (self.opened_on != NaiveDate::default(), "opened_on"),
            (self.closed_on.is_some(), "closed_on"),
            (self.ledger.is_some(), "ledger"),
            (self.available.is_some(), "available"),
            (self.pending.is_some(), "pending"),
            (self.credit_limit.is_some(), "credit_limit"),
            (self.interest_rate.is_some(), "interest_rate"),
            (self.annual_percentage_rate.is_some(), "annual_percentage_rate"),
            (self.minimum_balance.is_some(), "minimum_balance"),
            (self.overdraft_protection, "cover"),
            (self.ownership.mandate != Mandate::Either, "ownership.mandate"),
        ];
        // Every document says on what day an account was opened, or the instant of it.
        let dated = self.created_at.is_some() || !said.contains(&"created_at");
        for (is, field) in fields {
            let said = said.contains(&field) || (field == "opened_on" && dated);
            to.left_out(is && !said, field);
        }
        let others = [Role::Trustee, Role::Signatory, Role::Beneficiary];
        let has = |role| self.ownership.parties.iter().any(|one| one.role == role);
        to.left_out(others.into_iter().any(has), "ownership.parties");
    }
}

/// The one owner of an account in a profile that has one column for it: a joint account, a trust or
/// the account of a business would read there as that of one person, so it is refused (C21).
pub(super) fn owner(parts: &AccountParts) -> Result<CustomerId, Refusal> {
    let ownership = &parts.ownership;
    let unsayable = Refusal::OwnershipUnsayable { kind: ownership.kind.code() };
    match ownership.primary() {
        Some(primary) if ownership.kind == OwnershipKind::Individual => Ok(primary),
        _ => Err(unsayable),
    }
}

impl Profile {
    /// Exports an account.
    ///
    /// # Errors
    /// [`Refusal`]: what the profile cannot say.
    pub fn export_account(self, parts: &AccountParts) -> Result<Exported, Refusal> {
        match self {
            Self::S0 => s0::export_account(parts),
            Self::S1 => s1::account::export(parts),
            Self::S2 => s2::export_account(parts),
            Self::S3 => s3::export_account(parts),
            Self::S4 => s4::export_account(parts),
        }
    }

    /// Imports an account. Columns that are not given hold their defaults.
    ///
    /// # Errors
    /// [`Refusal`]: what the table does not take, or the model does not know.
    pub fn import_account(self, row: &Row, moment: Moment) -> Result<AccountParts, Refusal> {
        match self {
            Self::S0 => s0::import_account(row, moment),
            Self::S1 => s1::account::import(row, moment),
            Self::S2 => s2::import_account(row, moment),
            Self::S3 => s3::import_account(row, moment),
            Self::S4 => s4::import_account(row, moment),
        }
    }

    /// Exports the row of 002's table `balances`, which stands beside the account (S2-011).
    ///
    /// # Errors
    /// [`Refusal::EntityUnsayable`] in other profiles, which have columns for them or derive them.
    pub fn export_balance(self, parts: &AccountParts, at: Timestamp) -> Result<Exported, Refusal> {
        match self {
            Self::S2 => s2::export_balance(parts, at),
            _ => Err(self.has_no("balances")),
        }
    }

    /// Imports a row of 002's table `balances` into the account that it belongs to.
    ///
    /// # Errors
    /// [`Refusal::EntityUnsayable`] in other profiles; [`Refusal::ConstraintBroken`] if the row is
    /// another account's.
    pub fn import_balance(
        self,
        row: &Row,
        parts: AccountParts,
        moment: Moment,
    ) -> Result<AccountParts, Refusal> {
        match self {
            Self::S2 => s2::import_balance(row, parts, moment),
            _ => Err(self.has_no("balances")),
        }
    }

    pub(super) const fn has_no(self, what: &'static str) -> Refusal {
        Refusal::EntityUnsayable { profile: self.code(), what }
    }
}
