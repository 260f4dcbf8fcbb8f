//! Finishing what somebody else has begun, from the two books alone.

use chrono::Duration;

use crate::id::HoldId;
use crate::ledger::query::{HoldQuery, MAX_PAGE};
use crate::ledger::{Hold, HoldState};
use crate::store::Page;
use crate::time::Timestamp;

use super::error::{BridgeError, BridgeOutcome, TurnedBack};
use super::steps::Walk;
use super::{BookEnd, BookName, Bridge, BridgeId, NewBridgeTransfer};

/// How many holds are read at a time.
const PAGE: usize = 200;
const _: () = assert!(PAGE <= MAX_PAGE);

/// A transfer that has begun and not ended: the money is held in the book that pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingTransfer {
    /// The transfer, as it was asked for.
    pub transfer: NewBridgeTransfer,
    /// The hold.
    pub hold: HoldId,
    /// Since when the money is held.
    pub held_since: Timestamp,
}

/// How [`Bridge::recover`] goes about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a way to recover does nothing until it is given to `recover`"]
pub struct Recovery {
    limit: usize,
    turn_back_after: Option<Duration>,
}

impl Recovery {
    /// Ends at most `limit` transfers, all forward: what can still arrive arrives.
    pub const fn forward(limit: usize) -> Self {
        Self { limit, turn_back_after: None }
    }

    /// Turns back what has not arrived although it is held for longer than `age`, by the clock of
    /// the book that pays.
    pub const fn turning_back_after(mut self, age: Duration) -> Self {
        self.turn_back_after = Some(age);
        self
    }
}

/// What a recovery did.
#[derive(Debug, Clone, Default)]
#[must_use = "a recovery may have left transfers pending"]
pub struct Recovered {
    /// Transfers that were settled.
    pub settled: Vec<BridgeId>,
    /// Transfers that were turned back.
    pub turned_back: Vec<TurnedBack>,
    /// Why transfers are pending still, and which reads failed. When a store is away, the rest of
    /// that direction is left for the next call.
    pub faults: Vec<BridgeError>,
    /// Open holds on a clearing account that are no transfer of this bridge: placed by another
    /// hand, or their words were erased.
    pub strangers: Vec<HoldId>,
}

impl Recovered {
    /// How many transfers were ended.
    #[must_use]
    pub const fn ended(&self) -> usize {
        self.settled.len().saturating_add(self.turned_back.len())
    }

    fn note(&mut self, ended: BridgeOutcome) {
        match ended {
            BridgeOutcome::Settled(settled) => self.settled.push(settled.id),
            BridgeOutcome::TurnedBack(back) => self.turned_back.push(back),
        }
    }
}

impl Bridge {
    /// Transfers from a book that have begun and not ended, the oldest first, at most `limit`.
    /// Only that book is read: the other one may be away for hours, and this is where the money
    /// stands meanwhile.
    ///
    /// # Errors
    /// [`BridgeError::UnknownBook`]; [`BridgeError::Refused`] when the clearing account does not
    /// exist; [`BridgeError::Store`].
    pub async fn pending(
        &self,
        from: &BookName,
        limit: usize,
    ) -> Result<Vec<PendingTransfer>, BridgeError> {
        let (from, to) = self.ends(from)?;
        let mut pending = Vec::new();
        let mut holds = OpenHolds::of(from);
        while pending.len() < limit
            && let Some(page) = holds.next().await?
        {
            let found = page.iter().filter_map(|hold| {
                let transfer = of_hold(from, to, hold)?;
                Some(PendingTransfer { transfer, hold: hold.id, held_since: hold.placed_at })
            });
            pending.extend(found);
        }
        pending.truncate(limit);
        Ok(pending)
    }

    /// Finishes transfers that have begun and not ended, whoever began them: those that arrived
    /// are captured, the others go forward, or back where they are refused or too old. Safe at any
    /// time, also while the transfers are still under way and others recover too.
    pub async fn recover(&self, recovery: Recovery) -> Recovered {
        let mut recovered = Recovered::default();
        for (from, to) in [(&self.first, &self.second), (&self.second, &self.first)] {
            if let Err(error) = recover_from(from, to, recovery, &mut recovered).await {
                recovered.faults.push(error);
            }
        }
        recovered
    }
}

async fn recover_from(
    from: &BookEnd,
    to: &BookEnd,
    recovery: Recovery,
    recovered: &mut Recovered,
) -> Result<(), BridgeError> {
    let mut holds = OpenHolds::of(from);
    while let Some(page) = holds.next().await? {
        for hold in page {
            if recovered.ended() >= recovery.limit {
                return Ok(());
            }
            let Some(transfer) = of_hold(from, to, &hold) else {
                recovered.strangers.push(hold.id);
                continue;
            };
            let age = from.bank.moment().now.since(hold.placed_at);
            let walk = Walk { from, to, transfer: &transfer };
            let ended = if recovery.turn_back_after.is_some_and(|most| age > most) {
                walk.withdraw().await
            } else {
                walk.forward(true).await
            };
            match ended {
                Ok(ended) => recovered.note(ended),
                Err(error) if error.is_store_fault() => return Err(error),
                Err(error) => recovered.faults.push(error),
            }
        }
    }
    Ok(())
}

/// The transfer of this bridge that a hold stands for.
pub(super) fn of_hold(from: &BookEnd, to: &BookEnd, hold: &Hold) -> Option<NewBridgeTransfer> {
    let transfer = NewBridgeTransfer::of_hold(&from.name, hold)?;
    (transfer.to.book == to.name).then_some(transfer)
}

/// The open holds on the clearing account of an end, page by page, the oldest first.
pub(super) struct OpenHolds<'a> {
    end: &'a BookEnd,
    cursor: Option<crate::store::Cursor>,
    over: bool,
}

impl<'a> OpenHolds<'a> {
    pub(super) const fn of(end: &'a BookEnd) -> Self {
        Self { end, cursor: None, over: false }
    }

    pub(super) async fn next(&mut self) -> Result<Option<Vec<Hold>>, BridgeError> {
        if self.over {
            return Ok(None);
        }
        let open = HoldQuery::new().touching(self.end.clearing).in_state(HoldState::Open);
        let Page { items, next } = self.end.bank.holds(&open, PAGE, self.cursor).await?;
        (self.cursor, self.over) = (next, next.is_none());
        Ok(Some(items))
    }
}
