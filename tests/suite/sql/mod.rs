//! The SQL stores.

mod agree;
mod bridge;
mod conformance;
mod faults;
mod grouped;
mod joined;
mod moving;
mod people;
pub mod places;
mod pool;
mod privileges;
mod simulate;
mod views;
