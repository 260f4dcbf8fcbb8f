//! The SQL stores.

mod conformance;
pub mod places;
