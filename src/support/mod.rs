//! Implementations of other crates' traits, one file per trait.
//!
//! Nothing here holds a rule: each file only carries a type of this crate over to a type that a
//! host may already use, and back. Conversions either keep every digit or are refused.

#[cfg(feature = "object-store")]
mod object_store;
mod parsed_text;
mod refusals;
pub(crate) mod serde_hex;
pub(crate) mod serde_text;
#[cfg(feature = "time")]
mod time_crate;

#[cfg(feature = "object-store")]
pub use object_store::ObjectDocuments;
pub(crate) use parsed_text::{debug_as_length, wire_as_text};
pub(crate) use refusals::refusals;
#[cfg(feature = "time")]
pub use time_crate::{date_from_time, date_to_time};
