//! Holds as the journal leaves them.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashMap};

use super::Key;
use super::account::{Accounts, Effect};
use super::difference::Difference;
use super::found::Found;
use crate::id::HoldId;
use crate::ledger::{
    Ended, Entry, Hold, HoldLeg, HoldPlaced, HoldState, OperationRecord, Transaction,
};

/// A hold: about 50 bytes, and its legs while it is open.
#[derive(Debug)]
struct HoldFold {
    /// A hash of what was asked for besides the legs.
    terms: u64,
    /// Once it has ended, a hash of its legs and of how it ended.
    ending: u64,
    /// The legs while it is open.
    open: Option<Box<[HoldLeg]>>,
    state: HoldState,
    checked: bool,
}

/// All holds of the journal.
#[derive(Debug, Default)]
pub(super) struct Holds {
    rows: HashMap<Key, HoldFold>,
    hasher: DefaultHashBuilder,
    checked: u64,
}

fn key(hold: HoldId) -> Key {
    hold.as_uuid().as_u64_pair()
}

impl Holds {
    pub(super) const fn checked(&self) -> u64 {
        self.checked
    }

    fn ending_hash(&self, legs: &[HoldLeg], ended: Option<Ended>) -> u64 {
        let ended = ended.map(|Ended { by, position, at, group }| (by, position, at, group));
        self.hasher.hash_one((legs, ended))
    }

    pub(super) fn place(
        &mut self,
        record: &OperationRecord,
        placed: &HoldPlaced,
        accounts: &mut Accounts,
        found: &mut Found,
    ) {
        let (hold, position) = (placed.hold, record.position);
        if self.rows.contains_key(&key(hold)) {
            found.report(Difference::HoldRepeated { hold });
            return;
        }
        let mut suspect = false;
        for leg in &placed.legs {
            let account = leg.account;
            let Some(fold) = accounts.get_mut(account) else {
                found.report(Difference::UnknownAccount { account });
                continue;
            };
            if fold.admits(*leg, position, found)
                && fold.balance.reserve(leg.side, leg.money.minor()).is_none()
            {
                found.report(Difference::Overflow { account, position });
            }
            suspect |= fold.is_out_of_bounds();
        }
        if suspect {
            accounts.judge(&placed.legs, Effect::Reserved, position, found);
        }
        let legs = placed.legs.iter();
        let open = legs.map(|leg| HoldLeg { leg: *leg, captured: 0, open: leg.money.minor() });
        let terms = self.hasher.hash_one((
            (placed.kind, placed.expires_at, placed.relates_to),
            (placed.booking_date, placed.value_date, placed.group),
            (position, record.at, &record.origin),
            placed.notes.as_ref().map(|notes| notes.digest),
        ));
        let fold = HoldFold {
            terms,
            ending: 0,
            open: Some(open.collect()),
            state: HoldState::Open,
            checked: false,
        };
        self.rows.insert(key(hold), fold);
    }

    /// Takes what a capture moves from the legs of its hold, before its entries are posted.
    pub(super) fn capture(
        &mut self,
        hold: HoldId,
        last: bool,
        capture: &Transaction,
        accounts: &mut Accounts,
        found: &mut Found,
    ) {
        let Some(fold) = self.rows.get_mut(&key(hold)) else {
            found.report(Difference::UnknownHold { hold });
            return;
        };
        let Some(legs) = fold.open.as_deref_mut() else {
            found.report(Difference::HoldNotOpen { hold, position: capture.position });
            return;
        };
        for entry in &capture.entries {
            let excess = take(legs, entry, accounts);
            if excess > 0 {
                let (transaction, account) = (capture.id, entry.account);
                let broken = Difference::CaptureExceedsHold { hold, transaction, account, excess };
                found.report(broken);
            }
        }
        if last || legs.iter().all(|leg| leg.open == 0) {
            let (position, at, group) = (capture.position, capture.posted_at, capture.group);
            let ended = Ended { by: Some(capture.id), position, at, group };
            self.finish(hold, HoldState::Captured, ended, accounts);
        }
    }

    /// Ends a hold by its release or expiry.
    pub(super) fn end(
        &mut self,
        hold: HoldId,
        state: HoldState,
        ended: Ended,
        accounts: &mut Accounts,
        found: &mut Found,
    ) {
        match self.rows.get(&key(hold)) {
            None => found.report(Difference::UnknownHold { hold }),
            Some(fold) if fold.open.is_none() => {
                found.report(Difference::HoldNotOpen { hold, position: ended.position });
            }
            Some(_) => self.finish(hold, state, ended, accounts),
        }
    }

    /// Frees what is left and keeps hashes only.
    fn finish(&mut self, hold: HoldId, state: HoldState, ended: Ended, accounts: &mut Accounts) {
        let open = self.rows.get_mut(&key(hold)).and_then(|fold| fold.open.take());
        let mut legs = open.unwrap_or_default();
        for leg in &mut legs {
            free(accounts, leg, leg.open);
            leg.open = 0;
        }
        let ending = self.ending_hash(&legs, Some(ended));
        if let Some(fold) = self.rows.get_mut(&key(hold)) {
            (fold.state, fold.ending) = (state, ending);
        }
    }

    pub(super) fn check(&mut self, row: &Hold, found: &mut Found) {
        let hold = row.id;
        self.checked = self.checked.saturating_add(1);
        let ending = self.ending_hash(&row.legs, row.ended);
        let terms = self.hasher.hash_one((
            (row.kind, row.expires_at, row.relates_to),
            (row.booking_date, row.value_date, row.group),
            (row.position, row.placed_at, &row.origin),
            row.notes.as_ref().map(|notes| notes.digest),
        ));
        let Some(fold) = self.rows.get_mut(&key(hold)) else {
            found.report(Difference::UnknownHold { hold });
            return;
        };
        if std::mem::replace(&mut fold.checked, true) {
            found.report(Difference::HoldRepeated { hold });
        }
        if fold.terms != terms {
            found.report(Difference::HoldTerms { hold });
        }
        if fold.state != row.state {
            let (expected, state) = (fold.state, row.state);
            found.report(Difference::HoldState { hold, expected, found: state });
        }
        match &fold.open {
            Some(legs) => {
                compare(hold, legs, &row.legs, found);
                if row.ended.is_some() {
                    found.report(Difference::HoldEnding { hold });
                }
            }
            None if fold.ending != ending => found.report(Difference::HoldEnding { hold }),
            None => {}
        }
    }

    /// The holds that were never checked, in order.
    pub(super) fn unchecked(&self) -> Vec<HoldId> {
        let missing = self.rows.iter().filter(|(_, fold)| !fold.checked);
        let mut missing: Vec<HoldId> = missing
            .map(|(&(high, low), _)| HoldId::from_uuid(uuid::Uuid::from_u64_pair(high, low)))
            .collect();
        missing.sort_unstable();
        missing
    }
}

/// Takes an entry from the legs on the same account and side, in order. Returns what is too much.
fn take(legs: &mut [HoldLeg], entry: &Entry, accounts: &mut Accounts) -> i64 {
    let mut left = entry.money.minor().max(0);
    for leg in legs {
        if (leg.leg.account, leg.leg.side) == (entry.account, entry.side) {
            let part = left.min(leg.open).max(0);
            free(accounts, leg, part);
            leg.open = leg.open.saturating_sub(part);
            leg.captured = leg.captured.saturating_add(part);
            left = left.saturating_sub(part);
        }
    }
    left
}

fn free(accounts: &mut Accounts, leg: &HoldLeg, amount: i64) {
    if amount > 0
        && let Some(fold) = accounts.get_mut(leg.leg.account)
    {
        // Less is pending only where placing the hold overflowed, which was reported then.
        let _ = fold.balance.free(leg.leg.side, amount);
    }
}

fn compare(hold: HoldId, expected: &[HoldLeg], rows: &[HoldLeg], found: &mut Found) {
    let same =
        |(ours, row): (&HoldLeg, &HoldLeg)| (ours.leg, ours.captured) == (row.leg, row.captured);
    if expected.len() != rows.len() || !expected.iter().zip(rows).all(same) {
        found.report(Difference::HoldLegs { hold });
    }
    for (leg, (ours, row)) in expected.iter().zip(rows).enumerate() {
        if ours.open != row.open {
            let (expected, open) = (ours.open, row.open);
            found.report(Difference::HoldOpen { hold, leg, expected, found: open });
        }
    }
}
