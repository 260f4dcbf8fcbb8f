//! The SQL stores.

mod agree;
mod bridge;
mod conformance;
mod faults;
mod moving;
pub mod places;
mod privileges;
mod simulate;
