//! Know your customer: documents, review, derived status, screening, and the gate.
//!
//! # Terms
//!
//! - **File** ([`KycFile`]): what a customer handed in and what screenings answered. The bytes of a
//!   document are kept behind a port ([`DocumentStorage`]), never in the books.
//! - **Policy** ([`KycPolicy`]): which documents must be there, in groups of alternatives.
//! - **Derived status** ([`derive()`]): what file, policy and day say of the customer; nobody sets it.
//! - **Standing** ([`Standing`]): the few statuses that are read with every movement of money.
//! - **Gate** ([`Gate`]): the matrix of action and status; it says whether an action may pass.
//!
//! # States
//!
//! ```text
//! document   PENDING ── approve ──▶ APPROVED ── revoke ──▶ REJECTED
//!               │  └── reject ────────────────────────────▶   ▲
//!               └─────── the expiry day is over ──▶ EXPIRED ◀── from APPROVED too
//! aml        CLEAR ⇄ FLAGGED ⇄ BLOCKED, CLEAR ─▶ BLOCKED      (never BLOCKED ─▶ CLEAR at once)
//! pep        CLEAR ⇄ MATCH ⇄ REJECTED                         (each step is seen by somebody)
//! ```
//!
//! # Invariants
//!
//! - A document is valid *through* its expiry day, and so is the status that rests on it.
//! - A status read on a day does not depend on whether the sweep ran before.
//! - An answer of a screening only tightens a standing; loosening is a decision of staff.
//! - A file holds at most [`KycFile::MAX_DOCUMENTS`] documents and [`KycFile::MAX_SCREENINGS`]
//!   screenings; the URI, hash and bytes of a document never change, a new one replaces it.
//! - Which refusal of the gate is returned is fixed: the order of [`Dimension::ALL`].

mod decide;
mod derive;
mod document;
mod file;
mod gate;
mod policy;
mod presets;
mod refusal;
mod screening;
mod standing;
mod status;
mod storage;
#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]
mod tests;
mod words;

pub use decide::{
    Decided, Review, Screened, StandingChange, Upload, Verdict, decide_expiry, decide_legal_hold,
    decide_review, decide_screening, decide_standing_change, decide_upload, follow_documents,
};
pub use derive::{Derived, derive};
pub use document::{Document, DocumentKind, DocumentNumber};
pub use file::KycFile;
pub use gate::{Dimension, Gate, GateAction, GateStatus};
pub use policy::{KycPolicies, KycPolicy, Requirement};
pub use refusal::Refusal;
pub use screening::{
    PortFuture, Score, Screener, ScreenerError, Screening, ScreeningAnswer, ScreeningKind,
    ScreeningOutcome, ScreeningSubject,
};
pub use standing::Standing;
pub use status::{AmlStatus, KycStatus, PepStatus, RiskLevel};
pub use storage::{DocumentStorage, MemoryDocuments, StorageError, StoredDocument};
pub use words::{DocumentCode, DocumentUri, KycTextError, MaskedNumber, MimeType};

#[cfg(feature = "object-store")]
pub use crate::support::ObjectDocuments;
#[cfg(feature = "object-store")]
pub(crate) use storage::{hash_of, path_of, verified};
