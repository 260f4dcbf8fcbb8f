//! Defining products and adding versions.

use chrono::NaiveDate;

use super::{AccountType, Product, ProductCode, ProductVersion, Refusal, Terms};
use crate::id::ProductId;
use crate::ledger::facts::Moment;
use crate::ledger::{FieldChange, FieldName, FloorPolicy, StateCode, Text};

/// A product to be defined.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct NewProduct {
    /// The caller's id, which makes the request repeatable; `None` takes a fresh one.
    pub id: Option<ProductId>,
    /// The code.
    pub code: ProductCode,
    /// The name.
    pub name: Text,
    /// What kind of account it gives.
    pub kind: AccountType,
    /// The terms of the first version.
    pub terms: Terms,
    /// The first day on which they are in force; none means the business date.
    pub effective_from: Option<NaiveDate>,
}

impl NewProduct {
    /// A product that is in force at once.
    #[must_use]
    pub const fn new(code: ProductCode, name: Text, kind: AccountType, terms: Terms) -> Self {
        Self { id: None, code, name, kind, terms, effective_from: None }
    }

    /// With the caller's id.
    #[must_use]
    pub const fn with_id(mut self, id: ProductId) -> Self {
        self.id = Some(id);
        self
    }

    /// In force from a day on.
    #[must_use]
    pub const fn from(mut self, day: NaiveDate) -> Self {
        self.effective_from = Some(day);
        self
    }
}

/// Decides a new product.
///
/// # Errors
/// [`Refusal::InvalidProductTerms`].
pub fn decide_product(id: ProductId, new: &NewProduct, moment: Moment) -> Result<Product, Refusal> {
    judge(&new.terms)?;
    let effective_from = new.effective_from.unwrap_or(moment.today);
    let first = ProductVersion { number: 1, effective_from, terms: new.terms.clone() };
    Ok(Product {
        id,
        code: new.code.clone(),
        name: new.name.clone(),
        kind: new.kind,
        versions: vec![first],
        retired: false,
        created_at: moment.now,
    })
}

/// Decides a new version. `None` if the latest one is this one already.
///
/// # Errors
/// [`Refusal::InvalidProductTerms`], [`Refusal::VersionNotLater`], [`Refusal::TooManyVersions`].
pub fn decide_version(
    product: &Product,
    terms: &Terms,
    effective_from: NaiveDate,
    moment: Moment,
) -> Result<Option<(Product, Vec<FieldChange>)>, Refusal> {
    judge(terms)?;
    let last = product.versions.last();
    if last.is_some_and(|one| one.terms == *terms && one.effective_from == effective_from) {
        return Ok(None);
    }
    let after = last.map(|one| one.effective_from.succ_opt().unwrap_or(one.effective_from));
    let earliest = after.map_or(moment.today, |day| day.max(moment.today));
    if effective_from < earliest {
        return Err(Refusal::VersionNotLater { product: product.id, earliest });
    }
    if last.is_some_and(|one| one.terms.chart != terms.chart) {
        let what = "all versions of a product keep their accounts under one node of the chart";
        return Err(Refusal::InvalidProductTerms { what });
    }
    if product.versions.len() >= Product::MAX_VERSIONS {
        return Err(Refusal::TooManyVersions { max: Product::MAX_VERSIONS });
    }
    let number = last.map_or(0, |one| one.number).saturating_add(1);
    let mut new = product.clone();
    new.versions.push(ProductVersion { number, effective_from, terms: terms.clone() });
    Ok(Some((new, vec![FieldChange::of(FieldName::known("versions"))])))
}

/// Decides that no more accounts are opened under a product, or that they are again. `None` if it
/// is so already.
#[must_use]
pub fn decide_retirement(product: &Product, retired: bool) -> Option<(Product, Vec<FieldChange>)> {
    if product.retired == retired {
        return None;
    }
    let code = |retired| StateCode::known(if retired { "retired" } else { "offered" });
    let change = FieldChange::between(FieldName::known("status"), code(!retired), code(retired));
    let mut new = product.clone();
    new.retired = retired;
    Some((new, vec![change]))
}

fn judge(terms: &Terms) -> Result<(), Refusal> {
    let invalid = |what| Err(Refusal::InvalidProductTerms { what });
    if terms.currencies.is_empty() {
        return invalid("a product is offered in one currency at least");
    }
    for (at, one) in terms.currencies.iter().enumerate() {
        if terms.currencies.iter().skip(at.saturating_add(1)).any(|two| two == one) {
            return invalid("a product names each of its currencies once");
        }
    }
    let negative = |amount: Option<i64>| amount.is_some_and(|amount| amount < 0);
    if let FloorPolicy::Overdraft(limit) | FloorPolicy::CreditLimit(limit) = terms.floor
        && limit < 0
    {
        return invalid("an overdraft or credit limit is not negative");
    }
    if negative(terms.minimum_balance) || negative(terms.ceiling) {
        return invalid("a least or greatest balance is not negative");
    }
    if negative(terms.minimum) || negative(terms.maximum) {
        return invalid("bounds of a movement are not negative");
    }
    if terms.minimum.zip(terms.maximum).is_some_and(|(least, most)| least > most) {
        return invalid("the least of a movement is not above the most");
    }
    if terms.limits.len() > 16 || terms.fees.len() > 64 {
        return invalid("a product has at most 16 limits and 64 fees");
    }
    if terms
        .limits
        .iter()
        .any(|one| negative(one.amount) || one.amount.is_none() && one.count.is_none())
    {
        return invalid("a limit bounds an amount that is not negative, or a count");
    }
    if terms.fees.iter().any(|fee| fee.amount <= 0) {
        return invalid("a fee is above zero");
    }
    Ok(())
}
