//! Languages and countries.
//!
//! # Terms
//!
//! - **Language tag** ([`LanguageTag`]): in which language, script and region a customer is written
//!   to, as in BCP 47.
//! - **Country code** ([`CountryCode`]): a country or territory, by ISO 3166-1.
//!
//! # Invariants
//!
//! - Both are plain `Copy` values with one text form each, so that equal meaning is equal text.
//! - A [`CountryCode`] is always officially assigned; a [`LanguageTag`] is always well-formed, but
//!   its subtags are not looked up in the IANA registry.
//!
//! # Bounds
//!
//! A language tag has up to [`MAX_TAG_BYTES`] characters, all ASCII; a country code has two.

mod country;
mod country_table;
mod error;
mod language;

pub use country::CountryCode;
pub use error::LocaleError;
pub use language::{LanguageTag, MAX_TAG_BYTES};
