//! Transfers: the link between two rows (000), and headers with payer and payee (002).

use uuid::Uuid;

use super::{EntryParts, PostingState, Refusal};
use crate::id::{AccountId, TransactionId};
use crate::ledger::{Kind, Reference, Side, Text, Transaction};
use crate::money::Money;
use crate::time::Timestamp;

/// The link between the two rows of a transfer (S0-004, S0-009, C08).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkParts {
    /// The id: that of the transaction.
    pub id: Uuid,
    /// The row of the account that paid.
    pub from: Uuid,
    /// The row of the account that was paid.
    pub to: Uuid,
    /// When it was asked for.
    pub initiated_at: Timestamp,
    /// When it was posted.
    pub completed_at: Option<Timestamp>,
}

impl LinkParts {
    /// The link of a posted transaction between two of the customers' accounts; `None` if it is
    /// none.
    #[must_use]
    pub fn of(transaction: &Transaction, is_customers: impl Fn(AccountId) -> bool) -> Option<Self> {
        let place = |side: Side| {
            let mut own = (0_u32..)
                .zip(&transaction.entries)
                .filter(|(_, one)| one.side == side && is_customers(one.account));
            match (own.next(), own.next()) {
                (Some((at, _)), None) => Some(EntryParts::id_of(transaction.position, at)),
                _ => None,
            }
        };
        let (initiated_at, completed_at) = (transaction.posted_at, Some(transaction.posted_at));
        let (from, to) = (place(Side::Debit)?, place(Side::Credit)?);
        Some(Self { id: transaction.id.as_uuid(), from, to, initiated_at, completed_at })
    }
}

/// What document 002 calls a transaction: a header with payer and payee (C08).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransferParts {
    /// The id.
    pub id: TransactionId,
    /// The reference by which it is found; without it, the id.
    pub reference: Option<Reference>,
    /// The customer's account that paid; none if it came from outside.
    pub from: Option<AccountId>,
    /// The customer's account that was paid; none if it went outside.
    pub to: Option<AccountId>,
    /// The amount, greater than zero.
    pub money: Money,
    /// What it is for.
    pub kind: Kind,
    /// The description.
    pub description: Option<Text>,
    /// How far it is.
    pub state: PostingState,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it was posted.
    pub processed_at: Option<Timestamp>,
}

impl TransferParts {
    /// The header of a posted transaction.
    ///
    /// # Errors
    /// [`Refusal::ShapeUnsayable`] with several payers or payees among the customers' accounts, with
    /// none at all, or if payer and payee have different amounts.
    pub fn of(
        transaction: &Transaction,
        is_customers: impl Fn(AccountId) -> bool,
    ) -> Result<Self, Refusal> {
        let only = |side: Side| {
            let own = |one: &&crate::ledger::Entry| one.side == side && is_customers(one.account);
            let mut entries = transaction.entries.iter().filter(own);
            match (entries.next(), entries.next()) {
                (one, None) => Ok(one),
                _ => Err(Refusal::ShapeUnsayable),
            }
        };
        let (from, to) = (only(Side::Debit)?, only(Side::Credit)?);
        let money = match (from, to) {
            (Some(from), Some(to)) if from.money != to.money => {
                return Err(Refusal::ShapeUnsayable);
            }
            (Some(one), _) | (None, Some(one)) => one.money,
            (None, None) => return Err(Refusal::ShapeUnsayable),
        };
        let words = transaction.words();
        Ok(Self {
            id: transaction.id,
            reference: words.and_then(|words| words.reference.clone()),
            from: from.map(|one| one.account),
            to: to.map(|one| one.account),
            money,
            kind: transaction.kind,
            description: words.and_then(|words| words.description.clone()),
            state: PostingState::Posted,
            created_at: transaction.posted_at,
            processed_at: Some(transaction.posted_at),
        })
    }
}
