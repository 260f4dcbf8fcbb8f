//! corebank
pub mod bank;
pub mod id;
pub mod ledger;
pub mod money;
pub mod store;
pub mod time;
pub use bank::Bank;
