//! Accounts of customers: what they are, who owns them, what may be done with them.
//!
//! # Terms
//!
//! - **Account** ([`CustomerAccount`]): what a customer has. Its money stands in the ledger account
//!   of the same id, which is opened in the same unit of work and guarded: no plain posting reaches
//!   it.
//! - **Ownership** ([`Ownership`]): the parties and their roles; exactly one is the primary owner.
//! - **Mandate** ([`Mandate`]): how many of those who may sign must, for money to go out.
//! - **Status** ([`AccountStatus`]): one machine (C01) and one table of what each state allows.
//! - **Cover**: another account of the same owner from which what is missing is moved (S1-030).
//!
//! # States
//!
//! ```text
//! PENDING_ACTIVATION ─▶ ACTIVE ⇄ INACTIVE, DORMANT, SUSPENDED, FROZEN      any but frozen ─▶ CLOSED
//! ```
//!
//! # Invariants
//!
//! - Parties are distinct; joint accounts have a second owner. (The check of S1-078 passes where the
//!   kind of ownership is NULL, and where one person is both owners: this one refuses both.)
//! - What the status does not allow, the block of the ledger account refuses as well.
//! - A mandate never asks for more signatures than there are parties who may sign.
//! - Closed is for good, and only with a zero balance and no holds.

mod access;
mod balances;
mod change;
mod cover;
mod customer_account;
mod number;
mod open;
mod ownership;
mod refusal;
mod status;
#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]
mod tests;

pub use access::Access;
pub use balances::AccountBalance;
pub use change::{
    Changed, decide_cover, decide_ownership, decide_status, is_customer_activity, is_dormant,
};
pub use cover::cover_amount;
pub use customer_account::CustomerAccount;
pub use number::{AccountNumber, InvalidAccountNumber, NumberScheme};
pub use open::{NewCustomerAccount, Opening, Rules, decide_opening};
pub use ownership::{Mandate, Ownership, OwnershipKind, Party, Role};
pub use refusal::Refusal;
pub use status::{AccountStatus, Operation};
