//! Vocabulary profiles: the words of five published schemas over the one model.
//!
//! # Terms
//!
//! - **Profile** ([`Profile`]): the labels, widths, required fields, defaults and limits of one
//!   requirement document, `000` to `004`.
//! - **Row** ([`Row`]): a row as a table of the document has it, column by column.
//! - **Export** and **import**: from the one model to a row, and back.
//! - **Loss** ([`Loss`]): what a row does not say. Every export names what it left out and where it
//!   fell back on a word that means something near.
//!
//! # Invariants
//!
//! - Import is total within a profile: what is written in its words is taken in, and exporting it
//!   again gives the same row (with defaults filled in and texts normalised).
//! - Export is exact, or says what it lost, or is refused ([`Refusal`]). Nothing is lost in silence.
//! - A label of another document is refused, and the refusal says which labels there are.
//! - No amount is rounded. A currency without two decimals is refused by every profile (C05).
//! - `Debug` of a row prints names and types, never a value.

mod account;
mod customer;
mod document;
mod export;
mod labels;
mod money;
mod moved;
mod refusal;
mod row;
mod rules;
mod s0;
mod s1;
mod s2;
mod s3;
mod s4;
mod schema;
mod tables;
#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic
)]
mod tests;
mod transaction;
mod transfer;
mod which;
mod words;

pub use account::AccountParts;
pub use customer::CustomerParts;
pub use document::DocumentParts;
pub use export::{Exported, Loss, LossKind};
pub use labels::Labels;
pub use refusal::Refusal;
pub use row::{Row, Value};
pub use rules::ProfileRules;
pub use s2::LedgerEntryParts;
pub use s3::{Attachment, Device, ExportedJson, Geolocation, TransactionContext, UserDocument};
pub use schema::{Column, ColumnDefault, ColumnType, Table};
pub use transaction::{EntryParts, MerchantParts, PostingState};
pub use transfer::{LinkParts, TransferParts};
pub use which::Profile;
pub use words::CustomerState;
