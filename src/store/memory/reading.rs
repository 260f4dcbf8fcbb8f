//! Indexes that the readers build. Posting pays nothing for them: each remembers how far it has
//! read and catches up when it is asked, so that every entry is looked at once in its life.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash;

use hashbrown::HashMap;

use chrono::NaiveDate;

use crate::ledger::query::AsOf;
use crate::ledger::{Correlation, IdempotencyKey, Kind, Reference, UsageKey};
use crate::store::StoreError;

use super::rows::{NONE, day_of, partition};
use super::state::State;

#[derive(Debug, Default)]
pub(super) struct Reading {
    accounts: HashMap<u32, AccountReading>,
    journal: JournalReading,
    pub(super) keys: Sorted<(IdempotencyKey, u32)>,
    pub(super) usage: Sorted<UsageKey>,
}

/// The keys of a table in order.
#[derive(Debug)]
pub(super) struct Sorted<K>(Vec<K>);

impl<K> Default for Sorted<K> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Ord + Clone + Hash> Sorted<K> {
    /// The rows behind a key, in order.
    pub(super) fn behind<V: Copy>(
        &mut self,
        rows: &HashMap<K, V>,
        after: Option<&K>,
        limit: usize,
    ) -> Vec<(K, V)> {
        // Rows are added and changed, never taken out: as many keys are the same keys.
        if self.0.len() != rows.len() {
            self.0 = rows.keys().cloned().collect();
            self.0.sort_unstable();
        }
        let from = after.map_or(0, |after| self.0.partition_point(|key| key <= after));
        let keys = self.0.iter().skip(from).take(limit);
        keys.filter_map(|key| Some((key.clone(), *rows.get(key)?))).collect()
    }
}

/// The entries of one account.
#[derive(Debug, Default)]
pub(super) struct AccountReading {
    /// Entry rows by number, from 1.
    pub(super) rows: Vec<u32>,
    /// Net movement per booking day.
    booked: BTreeMap<i32, i128>,
    /// Net movement per value day.
    valued: BTreeMap<i32, i128>,
    /// Net movement per booking day by year-close transactions, which are part of `booked` too.
    closed: BTreeMap<i32, i128>,
    /// Booking day and number of every entry.
    pub(super) by_booking: BTreeSet<(i32, u32)>,
    /// Value day and number of every entry.
    pub(super) by_value: BTreeSet<(i32, u32)>,
}

/// The transactions of the whole book.
#[derive(Debug, Default)]
struct JournalReading {
    read: usize,
    by_reference: HashMap<Reference, Vec<u32>>,
    by_correlation: HashMap<Correlation, Vec<u32>>,
    by_kind: HashMap<Kind, Vec<u32>>,
}

impl Reading {
    /// The entries of an account, caught up.
    pub(super) fn account(&mut self, state: &State, row: u32) -> &AccountReading {
        let reading = self.accounts.entry(row).or_default();
        reading.catch_up(state, row);
        reading
    }

    /// The rows of the transactions that a selective filter allows, ascending; `None` if it
    /// allows any.
    pub(super) fn candidates(
        &mut self,
        state: &State,
        query: &crate::ledger::query::TransactionQuery,
    ) -> Option<&[u32]> {
        if query.reference.is_none() && query.correlation.is_none() && query.kind.is_none() {
            return None;
        }
        self.journal.catch_up(state);
        let journal = &self.journal;
        let found = match (&query.reference, &query.correlation, &query.kind) {
            (Some(reference), ..) => journal.by_reference.get(reference),
            (None, Some(correlation), _) => journal.by_correlation.get(correlation),
            (None, None, Some(kind)) => journal.by_kind.get(kind),
            (None, None, None) => None,
        };
        Some(found.map(Vec::as_slice).unwrap_or_default())
    }
}

impl AccountReading {
    fn catch_up(&mut self, state: &State, row: u32) {
        let Some(account) = state.accounts.get(row as usize) else { return };
        let known = self.rows.len();
        let mut fresh = Vec::new();
        let mut at = account.last_entry;
        while let Some(entry) = state.entries.get(at as usize).filter(|_| at != NONE) {
            if entry.number() as usize <= known {
                break;
            }
            fresh.push(at);
            at = entry.previous;
        }
        let normal = account.state.class.normal_side();
        for at in fresh.into_iter().rev() {
            self.rows.push(at);
            let Some(entry) = state.entries.get(at as usize) else { continue };
            let Some(transaction) = state.transactions.get(entry.transaction as usize) else {
                continue;
            };
            let movement = entry.movement(normal);
            let (booked, valued) = (transaction.booking_day, transaction.value_day);
            bump(&mut self.booked, booked, movement);
            bump(&mut self.valued, valued, movement);
            if state.kind(transaction.kind) == Some(Kind::YEAR_CLOSE) {
                bump(&mut self.closed, booked, movement);
            }
            self.by_booking.insert((booked, entry.number()));
            self.by_value.insert((valued, entry.number()));
        }
    }

    /// The ledger balance at an instant or at the end of a day.
    pub(super) fn balance(&self, state: &State, as_of: AsOf) -> i128 {
        match as_of {
            AsOf::Now => self.after(state, self.rows.len()),
            AsOf::Instant(instant) => {
                let entries = partition(self.rows.len(), |at| {
                    self.posted_at(state, at).is_some_and(|posted_at| posted_at <= instant)
                });
                self.after(state, entries)
            }
            AsOf::BookingDate(date) => sum(&self.booked, NaiveDate::MIN, date),
            AsOf::ValueDate(date) => sum(&self.valued, NaiveDate::MIN, date),
        }
    }

    pub(super) fn posted_at(&self, state: &State, at: usize) -> Option<crate::time::Timestamp> {
        let entry = state.entries.get(*self.rows.get(at)? as usize)?;
        Some(state.transactions.get(entry.transaction as usize)?.posted_at)
    }

    /// The balance after the first `entries` entries.
    fn after(&self, state: &State, entries: usize) -> i128 {
        let last = entries.checked_sub(1).and_then(|at| self.rows.get(at));
        let entry = last.and_then(|row| state.entries.get(*row as usize));
        entry.map_or(0, |entry| i128::from(entry.balance_after))
    }

    /// What was earned or spent between two booking dates, year closes left out.
    pub(super) fn earned(&self, from: NaiveDate, to: NaiveDate) -> i128 {
        sum(&self.booked, from, to).saturating_sub(sum(&self.closed, from, to))
    }
}

fn bump(days: &mut BTreeMap<i32, i128>, day: i32, movement: i128) {
    let sum = days.entry(day).or_default();
    *sum = sum.saturating_add(movement);
}

fn sum(days: &BTreeMap<i32, i128>, from: NaiveDate, to: NaiveDate) -> i128 {
    let (from, to) = (day_of(from), day_of(to));
    if from > to {
        return 0;
    }
    days.range(from..=to).fold(0_i128, |sum, (_, movement)| sum.saturating_add(*movement))
}

impl JournalReading {
    fn catch_up(&mut self, state: &State) {
        for (at, row) in (self.read..).zip(state.transactions.iter_from(self.read)) {
            let Ok(at) = u32::try_from(at) else { break };
            if let Some(kind) = state.kind(row.kind) {
                self.by_kind.entry(kind).or_default().push(at);
            }
            let origin = state.origin(row.origin);
            if let Some(correlation) = origin.and_then(|origin| origin.correlation.clone()) {
                self.by_correlation.entry(correlation).or_default().push(at);
            }
            let words = state.extra(row.extra).and_then(|extra| extra.notes.as_ref());
            let words = words.and_then(|notes| notes.notes.as_ref());
            if let Some(reference) = words.and_then(|words| words.reference.clone()) {
                self.by_reference.entry(reference).or_default().push(at);
            }
        }
        self.read = state.transactions.len();
    }
}

/// A balance of a book that `verify` finds clean fits; another is reported, not wrapped.
pub(super) fn fit(balance: i128) -> Result<i64, StoreError> {
    let corrupt = "the movements of an account add up to more than 64 bits; run verify";
    i64::try_from(balance).map_err(|_| StoreError::new(crate::store::ErrorKind::Corrupt, corrupt))
}
