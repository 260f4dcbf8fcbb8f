//! Lists in the order of their keys.

use std::ops::Bound;

use crate::id::AccountId;
use crate::ledger::query::{
    AccountQuery, Direction, EntryKey, EntryOrder, EntryQuery, HoldQuery, TransactionQuery,
};
use crate::ledger::{Account, Entry, Hold, Transaction};

use super::reading::{AccountReading, Reading};
use super::rows::{day_of, partition};
use super::state::State;

impl State {
    pub(super) fn account(&self, row: u32) -> Option<Account> {
        let state = self.accounts.get(row as usize)?.state.clone();
        let profile = self.profiles.get(row as usize)?.clone();
        Some(Account { state, profile })
    }

    pub(super) fn account_list(
        &self,
        query: &AccountQuery,
        after: Option<AccountId>,
        limit: usize,
    ) -> Vec<Account> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let rows = self.accounts_by_id.range((from, Bound::Unbounded));
        let accounts = rows.filter_map(|(_, row)| self.account(*row));
        accounts.filter(|account| query.admits(account)).take(limit).collect()
    }

    pub(super) fn hold_list(
        &self,
        query: &HoldQuery,
        after: Option<u64>,
        limit: usize,
    ) -> Vec<Hold> {
        let range = (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        let admitted = |id| self.holds.get(&id).filter(|hold| query.admits(hold)).cloned();
        match query.account {
            None => {
                let ids = self.holds_by_position.range(range).map(|(_, id)| *id);
                ids.filter_map(admitted).take(limit).collect()
            }
            Some(account) => {
                let positions = self.holds_by_account.get(&account);
                let positions = positions.into_iter().flat_map(|all| all.range(range));
                let ids = positions.filter_map(|position| self.hold_at(*position));
                ids.filter_map(admitted).take(limit).collect()
            }
        }
    }

    pub(super) fn transaction_list(
        &self,
        reading: &mut Reading,
        query: &TransactionQuery,
        after: Option<u64>,
        limit: usize,
    ) -> Vec<Transaction> {
        let end = u32::try_from(self.transactions.len()).unwrap_or(u32::MAX);
        // Rows and places are in the same order, so a place bounds rows.
        let (low, high) = match (query.direction, after) {
            (_, None) => (0, end),
            (Direction::Forward, Some(after)) => {
                (self.first_transaction_after(after).min(end), end)
            }
            (Direction::Backward, Some(after)) => {
                (0, self.first_transaction_after(after.saturating_sub(1)).min(end))
            }
        };
        let of_account;
        let candidates: Option<&[u32]> = match query
            .account
            .filter(|_| query.reference.is_none() && query.correlation.is_none())
        {
            Some(id) => {
                of_account = self.transactions_of(reading, id);
                Some(&of_account)
            }
            None => reading.candidates(self, query),
        };
        let read = |row: u32| self.transaction(row).filter(|found| query.admits(found));
        match (candidates, query.direction) {
            (None, Direction::Forward) => (low..high).filter_map(read).take(limit).collect(),
            (None, Direction::Backward) => (low..high).rev().filter_map(read).take(limit).collect(),
            (Some(rows), direction) => {
                let from = partition(rows.len(), |at| rows.get(at).is_some_and(|row| *row < low));
                let to = partition(rows.len(), |at| rows.get(at).is_some_and(|row| *row < high));
                let rows = rows.get(from..to).unwrap_or_default().iter().copied();
                match direction {
                    Direction::Forward => rows.filter_map(read).take(limit).collect(),
                    Direction::Backward => rows.rev().filter_map(read).take(limit).collect(),
                }
            }
        }
    }

    /// The rows of the transactions that touch an account, ascending.
    fn transactions_of(&self, reading: &mut Reading, id: AccountId) -> Vec<u32> {
        let Some(row) = self.find_account(id) else { return Vec::new() };
        let entries = &reading.account(self, row).rows;
        let entries = entries.iter().filter_map(|at| self.entries.get(*at as usize));
        let mut rows: Vec<u32> = entries.map(|entry| entry.transaction).collect();
        rows.dedup();
        rows
    }

    pub(super) fn entry_list(
        &self,
        reading: &mut Reading,
        query: &EntryQuery,
        after: Option<EntryKey>,
        limit: usize,
    ) -> Vec<Entry> {
        let Some(row) = self.find_account(query.account) else { return Vec::new() };
        let account = reading.account(self, row);
        let numbers: Vec<u32> = match query.order {
            EntryOrder::Posted => self.by_number(account, query, after, limit),
            EntryOrder::BookingDate => by_day(&account.by_booking, query, after, limit),
            EntryOrder::ValueDate => by_day(&account.by_value, query, after, limit),
        };
        let entry = |number: u32| {
            let at = (number as usize).checked_sub(1)?;
            self.entry(self.entries.get(*account.rows.get(at)? as usize)?)
        };
        numbers.into_iter().filter_map(entry).collect()
    }

    fn by_number(
        &self,
        account: &AccountReading,
        query: &EntryQuery,
        after: Option<EntryKey>,
        limit: usize,
    ) -> Vec<u32> {
        let count = account.rows.len();
        let day = |at| account.posted_at(self, at).map(|at| at.date_utc());
        let from = query
            .from
            .map_or(0, |from| partition(count, |at| day(at).is_some_and(|day| day < from)));
        let to = query
            .to
            .map_or(count, |to| partition(count, |at| day(at).is_some_and(|day| day <= to)));
        let number = after.and_then(|key| usize::try_from(key.number).ok());
        let (from, to) = match (query.direction, number) {
            (_, None) => (from, to),
            (Direction::Forward, Some(number)) => (from.max(number), to),
            (Direction::Backward, Some(number)) => (from, to.min(number.saturating_sub(1))),
        };
        // An index counts from 0 and a number from 1.
        let numbers = (from..to).filter_map(|at| u32::try_from(at.saturating_add(1)).ok());
        match query.direction {
            Direction::Forward => numbers.take(limit).collect(),
            Direction::Backward => numbers.rev().take(limit).collect(),
        }
    }
}

fn by_day(
    days: &std::collections::BTreeSet<(i32, u32)>,
    query: &EntryQuery,
    after: Option<EntryKey>,
    limit: usize,
) -> Vec<u32> {
    let key = after.map(|key| (day_of(key.day), u32::try_from(key.number).unwrap_or(u32::MAX)));
    let mut low = Bound::Included((query.from.map_or(i32::MIN, day_of), 0));
    let mut high = Bound::Included((query.to.map_or(i32::MAX, day_of), u32::MAX));
    match (query.direction, key) {
        (_, None) => {}
        (Direction::Forward, Some(key)) => low = Bound::Excluded(key),
        (Direction::Backward, Some(key)) => high = Bound::Excluded(key),
    }
    // A cursor at the end of its range leaves nothing, which a range must not be asked for.
    let (
        Bound::Included(first) | Bound::Excluded(first),
        Bound::Included(last) | Bound::Excluded(last),
    ) = (low, high)
    else {
        return Vec::new();
    };
    if first > last
        || first == last && (low != Bound::Included(first) || high != Bound::Included(last))
    {
        return Vec::new();
    }
    let found = days.range((low, high)).map(|(_, number)| *number);
    match query.direction {
        Direction::Forward => found.take(limit).collect(),
        Direction::Backward => found.rev().take(limit).collect(),
    }
}
