//! One test binary. Every file in this folder is a module of it.

// A test may stop the program: that is how it says no.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    unreachable_pub,
    missing_docs,
    missing_debug_implementations
)]

#[cfg(feature = "archive")]
mod archive;
#[cfg(feature = "conformance")]
mod bridge;
#[cfg(feature = "conformance")]
mod conformance;
mod coverage;
mod driver;
mod group_bank;
mod group_cancel;
mod group_commit;
mod group_faults;
mod hooked;
mod keys;
mod model;
mod model_test;
mod outbox;
mod planted;
mod properties;
mod rules;
mod server;
#[cfg(all(feature = "conformance", feature = "sqlite", feature = "postgres"))]
mod sql;
mod tidy;
