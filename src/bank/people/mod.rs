//! Customers, their documents, products and accounts: one file per kind of operation.

mod accounts;
mod cover;
mod customers;
mod draft;
mod identifiers;
pub(in crate::bank) mod index;
mod keys;
mod money;
mod onboard;
mod opening;
mod order;
mod orders;
mod products;
pub(super) mod refs;
mod rotation;
mod screens;
mod standing;
mod sweep;
mod write;

pub use customers::MAX_PEOPLE;
pub(super) use keys::Keys;
pub use money::Movement;
pub use onboard::{Onboard, Onboarded};
pub use opening::OpenedAccount;
pub use order::Order;
pub use orders::{Orders, SIGNERS};
pub use rotation::Resealed;
pub use screens::{AccountOverview, AccountSearch, CustomerOverview, CustomerSearch};
pub use sweep::Swept;
