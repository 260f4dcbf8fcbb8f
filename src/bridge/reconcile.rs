//! Whether the clearing accounts of the two books mirror each other.

use std::collections::BTreeMap;

use crate::bank::{Bank, Error};
use crate::id::{AccountId, TransactionId};
use crate::ledger::query::{AsOf, EntryQuery};
use crate::ledger::{Refusal, Side, Transaction};
use crate::money::{Currency, Money};
use crate::time::Timestamp;

use super::error::{BridgeError, Stage};
use super::order::bridge_id;
use super::recover::{OpenHolds, of_hold};
use super::{BookEnd, BookName, Bridge, BridgeId};

/// How many entries are read at a time.
const PAGE: usize = 200;

/// What one book says of the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClearingPosition {
    /// The book.
    pub book: BookName,
    /// Its clearing account.
    pub account: AccountId,
    /// What the other book owes it, by its clearing account; below zero what it owes the other.
    pub claim: Money,
    /// The state of the book that this is.
    pub as_of: Timestamp,
}

/// A transfer that is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InFlight {
    /// The transfer.
    pub id: BridgeId,
    /// The book that pays.
    pub from: BookName,
    /// How much.
    pub money: Money,
    /// [`Stage::Held`] or [`Stage::Arrived`].
    pub stage: Stage,
    /// Since when it is held.
    pub held_since: Timestamp,
}

/// The two clearing positions side by side.
///
/// Each book is seen as of an instant of its own, and what was under way between the two is
/// counted exactly, so that a difference is one even while transfers go on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a reconciliation may show a difference"]
pub struct Reconciliation {
    /// The currency of the bridge.
    pub currency: Currency,
    /// The first end.
    pub first: ClearingPosition,
    /// The second end.
    pub second: ClearingPosition,
    /// The transfers under way, the oldest first, those of the first book before the others.
    pub in_flight: Vec<InFlight>,
    /// What had arrived in one book and was not yet taken in the other, in minor units.
    pub arrived: i128,
    /// What nothing explains, in minor units: the sum of the two claims less `arrived`. Not zero
    /// when a net position was settled in one book and not yet in the other, somebody else posted
    /// to a clearing account, or another hand ended a hold of the bridge.
    pub difference: i128,
}

impl Reconciliation {
    /// Whether the books agree.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.difference == 0
    }
}

impl Bridge {
    /// Compares the clearing accounts, transfers under way counted. Reads only; others may go on.
    ///
    /// # Errors
    /// [`BridgeError::Refused`] when a clearing account does not exist; [`BridgeError::Setup`]
    /// when the two are kept in different currencies; [`BridgeError::Store`].
    pub async fn reconcile(&self) -> Result<Reconciliation, BridgeError> {
        let first = position(&self.first).await?;
        let second = position(&self.second).await?;
        let currency = first.claim.currency();
        if currency != second.claim.currency() {
            let what = "the clearing accounts of a bridge are kept in the same currency";
            return Err(BridgeError::Setup { what });
        }
        let there =
            Cut { from: &self.first, to: &self.second, paid: first.as_of, got: second.as_of };
        let back =
            Cut { from: &self.second, to: &self.first, paid: second.as_of, got: first.as_of };
        let mut in_flight = Vec::new();
        let mut arrived = 0_i128;
        for cut in [there, back] {
            arrived = arrived.saturating_add(cut.arrived(&mut in_flight).await?);
        }
        let claims = i128::from(first.claim.minor()).saturating_add(second.claim.minor().into());
        let difference = claims.saturating_sub(arrived);
        Ok(Reconciliation { currency, first, second, in_flight, arrived, difference })
    }
}

async fn position(end: &BookEnd) -> Result<ClearingPosition, BridgeError> {
    let as_of = end.bank.head().await?.instant;
    let normal = end.bank.account(end.clearing).await?.state.class.normal_side();
    let balances = end.bank.balances(&[end.clearing], AsOf::Instant(as_of)).await?;
    let unknown = Refusal::UnknownAccount { account: end.clearing };
    let ledger = balances.into_iter().next().ok_or(unknown)?.ledger;
    let claim = match normal {
        Side::Debit => ledger,
        // A counter never reaches the one value whose mirror does not fit.
        Side::Credit => Money::new(ledger.minor().saturating_neg(), ledger.currency()),
    };
    Ok(ClearingPosition { book: end.name.clone(), account: end.clearing, claim, as_of })
}

/// One direction, seen as of an instant in each book.
struct Cut<'a> {
    from: &'a BookEnd,
    to: &'a BookEnd,
    paid: Timestamp,
    got: Timestamp,
}

impl Cut<'_> {
    /// What had arrived by `got` and was not taken by `paid`, less what was taken by `paid` and
    /// had not arrived by `got`. Only transfers whose hold is open, or that took a step since, can
    /// be either: the holds first, because a hold that ends later leaves an entry behind.
    async fn arrived(&self, in_flight: &mut Vec<InFlight>) -> Result<i128, BridgeError> {
        let mut suspects = BTreeMap::new();
        let start = in_flight.len();
        let mut holds = OpenHolds::of(self.from);
        while let Some(page) = holds.next().await? {
            for hold in page {
                let Some(transfer) = of_hold(self.from, self.to, &hold) else { continue };
                let (id, money) = (transfer.id(), transfer.money());
                suspects.insert(id, money.minor());
                let (from, held_since) = (self.from.name.clone(), hold.placed_at);
                in_flight.push(InFlight { id, from, money, stage: Stage::Held, held_since });
            }
        }
        let steps = |id: BridgeId| id.steps(&self.from.name, &self.to.name);
        latest(self.from, self.paid, |id| steps(id).capture, &mut suspects).await?;
        latest(self.to, self.got, |id| steps(id).post, &mut suspects).await?;
        let mut sum = 0_i128;
        for (id, minor) in suspects {
            let got = stands(&self.to.bank, steps(id).post, self.got).await?;
            let paid = stands(&self.from.bank, steps(id).capture, self.paid).await?;
            let minor = i128::from(minor);
            match (got, paid) {
                (true, false) => sum = sum.saturating_add(minor),
                (false, true) => sum = sum.saturating_sub(minor),
                _ => {}
            }
            let listed = in_flight.get_mut(start..).unwrap_or_default();
            if let Some(flying) = listed.iter_mut().find(|one| got && one.id == id) {
                flying.stage = Stage::Arrived;
            }
        }
        Ok(sum)
    }
}

/// Adds the transfers that made a step on the clearing account of an end after an instant.
async fn latest(
    end: &BookEnd,
    after: Timestamp,
    step: impl Fn(BridgeId) -> TransactionId,
    suspects: &mut BTreeMap<BridgeId, i64>,
) -> Result<(), BridgeError> {
    let query = EntryQuery::new(end.clearing).newest_first();
    let mut cursor = None;
    loop {
        let page = end.bank.entries(&query, PAGE, cursor).await?;
        let recent = page.items.iter().take_while(|entry| entry.posted_at > after);
        let mut count = 0_usize;
        for entry in recent {
            count = count.saturating_add(1);
            let posted = end.bank.transaction(entry.transaction).await?;
            if let Some(id) = of_transaction(&posted).filter(|id| step(*id) == posted.id) {
                suspects.insert(id, entry.money.minor());
            }
        }
        cursor = page.next.filter(|_| count == page.items.len());
        if cursor.is_none() {
            return Ok(());
        }
    }
}

fn of_transaction(posted: &Transaction) -> Option<BridgeId> {
    posted.words().and_then(bridge_id)
}

/// Whether a transaction was posted at or before an instant.
async fn stands(bank: &Bank, id: TransactionId, as_of: Timestamp) -> Result<bool, BridgeError> {
    match bank.transaction(id).await {
        Ok(posted) => Ok(posted.posted_at <= as_of),
        Err(Error::Refused(Refusal::UnknownTransaction { .. })) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
