//! Terms under which accounts are kept.
//!
//! # Terms
//!
//! - **Product** ([`Product`]): what a bank offers, under a code: `giro`, `savings-plus`.
//! - **Version** ([`ProductVersion`]): its terms from a day on. Versions are added, never changed;
//!   each begins later than the one before.
//! - **Terms** ([`Terms`]): currencies, node of the chart, floor, bounds, rates, fees, limits.
//!
//! # Invariants
//!
//! - On any day at most one version is in force: the latest that has begun.
//! - Rates are whole thousandths of a per cent, 0 to 99.999 (S1-087, C43). No float.
//! - An account keeps the version under which it was opened until it is moved to another.

mod decide;
mod kind;
mod limits;
mod refusal;
mod terms;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]
mod tests;

pub use decide::{NewProduct, decide_product, decide_retirement, decide_version};
pub use kind::AccountType;
pub use limits::{WindowLimit, limit_rules};
pub use refusal::Refusal;
pub use terms::{
    Fee, InterestTerms, Percent3, Posting, Product, ProductCode, ProductVersion, Terms,
};
