//! Opening accounts.

use super::{
    AccountNumber, AccountStatus, CustomerAccount, Mandate, NumberScheme, Ownership, Refusal,
};
use crate::id::{AccountId, BranchId, CustomerId, ProductId};
use crate::ledger::facts::Moment;
use crate::ledger::{FloorPolicy, Labels, NewAccount, Text};
use crate::money::Currency;
use crate::product::{Product, ProductVersion};

/// The rules about customers' accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rules {
    /// How numbers are made and judged.
    pub scheme: NumberScheme,
    /// Whether an account is in use at once, or waits for its activation.
    pub activated_later: bool,
}

impl Rules {
    /// With a scheme of numbers.
    #[must_use]
    pub const fn with_scheme(mut self, scheme: NumberScheme) -> Self {
        self.scheme = scheme;
        self
    }

    /// Whether accounts wait for their activation.
    #[must_use]
    pub const fn with_activated_later(mut self, later: bool) -> Self {
        self.activated_later = later;
        self
    }
}

/// An account to be opened.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct NewCustomerAccount {
    /// The caller's id, which makes the request repeatable; `None` takes a fresh one.
    pub id: Option<AccountId>,
    /// The number; `None` lets the bank choose.
    pub number: Option<AccountNumber>,
    /// The product.
    pub product: ProductId,
    /// The currency.
    pub currency: Currency,
    /// Who owns it.
    pub ownership: Ownership,
    /// A finer kind, in the host's words.
    pub subtype: Option<Text>,
    /// The branch that keeps it.
    pub branch: Option<BranchId>,
    /// A floor that was agreed on; `None` takes that of the terms.
    pub floor: Option<FloorPolicy>,
}

impl NewCustomerAccount {
    /// An account of some owners.
    #[must_use]
    pub const fn new(product: ProductId, currency: Currency, ownership: Ownership) -> Self {
        let (id, number, subtype, branch, floor) = (None, None, None, None, None);
        Self { id, number, product, currency, ownership, subtype, branch, floor }
    }

    /// An account of one owner.
    #[must_use]
    pub fn individual(product: ProductId, currency: Currency, owner: CustomerId) -> Self {
        Self::new(product, currency, Ownership::individual(owner))
    }

    /// An account of two owners.
    #[must_use]
    pub fn joint(
        product: ProductId,
        currency: Currency,
        (primary, secondary): (CustomerId, CustomerId),
        mandate: Mandate,
    ) -> Self {
        Self::new(product, currency, Ownership::joint(primary, secondary, mandate))
    }

    /// With the caller's id.
    #[must_use]
    pub const fn with_id(mut self, id: AccountId) -> Self {
        self.id = Some(id);
        self
    }

    /// With a number.
    #[must_use]
    pub fn with_number(mut self, number: AccountNumber) -> Self {
        self.number = Some(number);
        self
    }

    /// With a finer kind.
    #[must_use]
    pub fn with_subtype(mut self, subtype: Text) -> Self {
        self.subtype = Some(subtype);
        self
    }

    /// Kept by a branch.
    #[must_use]
    pub const fn with_branch(mut self, branch: BranchId) -> Self {
        self.branch = Some(branch);
        self
    }

    /// With a floor that was agreed on.
    #[must_use]
    pub const fn with_floor(mut self, floor: FloorPolicy) -> Self {
        self.floor = Some(floor);
        self
    }
}

/// The most characters of a subtype (S1-028).
const MAX_SUBTYPE: usize = 50;

/// What an opening gives: the account, and the guarded ledger account behind it.
pub type Opening = (CustomerAccount, NewAccount);

/// Decides an opening. That the product is in force, whether the parties may have an account, and
/// whether the number is another's, is judged by who can see that.
///
/// # Errors
/// [`Refusal`]: the parties, the number, the subtype.
pub fn decide_opening(
    id: AccountId,
    number: AccountNumber,
    new: &NewCustomerAccount,
    (product, version): (&Product, &ProductVersion),
    rules: &Rules,
    moment: Moment,
) -> Result<Opening, Refusal> {
    new.ownership.judge()?;
    if !rules.scheme.fits(&number) {
        return Err(Refusal::AccountNumberInvalid { wants: rules.scheme.wants() });
    }
    if new.subtype.as_ref().is_some_and(|one| one.as_str().chars().count() > MAX_SUBTYPE) {
        return Err(Refusal::SubtypeTooLong { max: MAX_SUBTYPE });
    }
    let terms = &version.terms;
    let status = if rules.activated_later {
        AccountStatus::PendingActivation
    } else {
        AccountStatus::Active
    };
    let account = CustomerAccount {
        id,
        number,
        kind: product.kind,
        subtype: new.subtype.clone(),
        product: product.id,
        product_version: version.number,
        currency: new.currency,
        ownership: new.ownership.clone(),
        status,
        reason: None,
        branch: new.branch,
        opened_on: moment.today,
        closed_on: None,
        cover: None,
        last_activity: moment.today,
        dormant_after_days: terms.dormant_after_days,
        minimum: terms.minimum,
        maximum: terms.maximum,
        created_at: moment.now,
        updated_at: moment.now,
    };
    let labels = Labels {
        customer: account.ownership.primary().map(|primary| primary.as_uuid()),
        branch: new.branch.map(|branch| branch.as_uuid()),
    };
    let mut behind = NewAccount::new(terms.chart, new.currency)
        .with_id(id)
        .with_floor(new.floor.unwrap_or(terms.floor))
        .with_labels(labels)
        .with_guard();
    behind.ceiling = terms.ceiling;
    Ok((account, behind))
}
