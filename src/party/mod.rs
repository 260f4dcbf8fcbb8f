//! Who the customers are: persons and organisations, how they are reached, what identifies them;
//! and the branches, merchants and organisations that other rows refer to.
//!
//! # Terms
//!
//! - **Customer** ([`Customer`]): who somebody is. Where they stand (onboarding, lifecycle, KYC) is
//!   kept apart, because it is read with every movement of money: see
//!   [`kyc::Standing`](crate::kyc::Standing).
//! - **Identifier** ([`IdentityNumber`]): a national number, validated by its published rules, kept
//!   as a ciphertext and a blind index, never in clear (C18).
//!
//! # States
//!
//! ```text
//! onboarding   PENDING_APPROVAL ──▶ APPROVED
//!                   ▲    └────────▶ REJECTED ──▶ PENDING_APPROVAL      (asks again)
//! lifecycle    ACTIVE ⇄ INACTIVE ⇄ SUSPENDED ⇄ ACTIVE,  any ──▶ CLOSED      (for good)
//! ```
//!
//! # Invariants
//!
//! - Texts are normalised (NFC), trimmed, bounded in characters, and free of control characters, of
//!   marks that turn the direction of writing, and of card numbers.
//! - A consent is never rewritten: it is withdrawn, and another one given.
//! - A number of Aadhaar is never kept, not even encrypted; its blind index is.
//! - What a rule asks for at registration, no amendment can take away.

mod address;
mod amend;
mod branch;
mod consent;
mod contact;
mod customer;
mod fold;
mod identity;
mod lifecycle;
mod name;
mod number;
mod preferences;
mod refusal;
mod register;
mod rules;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]
mod tests;
mod text;

pub use address::{Address, Country};
pub use amend::{CustomerChange, decide_amendment};
pub use branch::{Branch, BranchStatus, Merchant, Organisation};
pub use consent::{Consent, ConsentChange};
pub use contact::{Email, Phone};
pub use customer::{Customer, Gender, PartyKind, Segment};
pub use fold::words_of;
pub use identity::{IdScheme, IdentityNumber, NationalId};
pub use lifecycle::{Lifecycle, Onboarding};
pub use name::PersonName;
pub use number::CustomerNumber;
pub use preferences::{Notifications, Preferences};
pub use refusal::Refusal;
pub use register::{NewCustomer, decide_registration};
pub use rules::{Required, Rules};
pub use text::{
    City, Code, Line, PartOfName, PartyTextError, PostalCode, Region, Short, WholeName,
};
