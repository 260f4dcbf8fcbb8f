//! corebank
pub mod bank;
pub mod id;
pub mod locale;
pub mod ledger;
pub mod money;
pub mod store;
#[cfg(feature = "time")]
pub mod support;
#[cfg(not(feature = "time"))]
mod support;
pub mod time;
pub use bank::Bank;
