//! Commit: check that what was read still stands, settle places and instants, write.
//!
//! Everything that can fail is checked first; what follows cannot stop half way.

use std::sync::Arc;

use crate::id::HoldId;
use crate::ledger::facts::{HoldChange, Plan, PlannedRecord, PlannedTransaction};
use crate::ledger::{AccountState, Ended, HoldState, LimitRule, Limits, Operation, Usage};
use crate::store::{Changes, Committed, ErrorKind, Head, Origins, StoreError};
use crate::time::Timestamp;

use super::entities::SeenRows;
use super::intern::Rows;
use super::rows::{AccountRow, EntryRow, NONE, OperationRow, TransactionRow, day_of};
use super::state::State;
use super::unit::{SeenUsage, version_of};

/// What a unit read, besides the accounts, which the plan brings back with their versions.
#[derive(Debug, Default)]
pub(super) struct ReadSet {
    /// The number of commits when it last read; `None` before the first read.
    pub(super) commits: Option<u64>,
    pub(super) holds: Vec<(HoldId, u64)>,
    pub(super) usage: Vec<SeenUsage>,
    pub(super) entities: SeenRows,
}

impl ReadSet {
    /// Whether accounts, holds, counters and the book are as they were read.
    pub(super) fn still_stands(&self, state: &State, accounts: &[AccountState], book: u64) -> bool {
        let account = |seen: &AccountState| {
            usize::try_from(seen.key)
                .ok()
                .and_then(|row| state.accounts.get(row))
                .is_some_and(|row| row.state.version == seen.version && row.state.id == seen.id)
        };
        state.book.version == book
            && self.entities.still_stands(&state.entities_beside)
            && accounts.iter().all(account)
            && self
                .holds
                .iter()
                .all(|(id, version)| state.holds.get(id).map_or(0, |hold| hold.version) == *version)
            && self.usage.iter().all(|(key, version)| version_of(state.usage.get(key)) == *version)
    }
}

impl State {
    pub(super) fn commit(
        &mut self,
        changes: Changes,
        read: &ReadSet,
    ) -> Result<Committed, StoreError> {
        let Changes { plan, origins, not_before, block, entities } = changes;
        // A unit that read nothing relies on nothing.
        let unchanged = read.commits.is_none_or(|commits| commits == self.commits);
        if !unchanged && !read.still_stands(self, &plan.accounts, plan.book_version) {
            return Err(StoreError::conflict());
        }
        self.entities_beside.check(&entities)?;
        self.check_absent(&plan, unchanged)?;
        self.check_room(&plan, &origins)?;
        if let Some(block) = &block {
            let last = self.blocks.last();
            let next = last.map_or(1, |last| last.number.saturating_add(1));
            if block.number != next || !block.is_consistent(last) {
                return Err(StoreError::conflict());
            }
        }
        let first_position = self.head.position.saturating_add(1);
        let first_instant = not_before.max(self.head.instant.saturating_add_nanos(1));
        let committed = Committed { first_position, first_instant };
        self.blocks.extend(block);
        self.write(plan, origins, committed);
        self.entities_beside.write(entities);
        self.commits = self.commits.saturating_add(1);
        Ok(committed)
    }

    /// What must not exist yet: ids of transactions, accounts and holds, keys, releases,
    /// reversals; and the list of accounts, if the plan relies on it.
    fn check_absent(&self, plan: &Plan, unchanged: bool) -> Result<(), StoreError> {
        // What was looked for and absent is absent still, if nothing has changed.
        let posted = |row: &PlannedTransaction| {
            (row.fresh || !unchanged) && self.find_transaction(row.id).is_some()
        };
        let released = |row: &PlannedTransaction| {
            !self.releases.is_empty() && self.releases.contains_key(&row.id)
        };
        let reversed = |row: &PlannedTransaction| {
            let link = row.extra.as_deref().and_then(|extra| extra.link);
            matches!(link, Some(crate::ledger::Link::Reverses { original, .. })
                if self.reversals.contains_key(&original))
        };
        let hold_taken = |change: &HoldChange| {
            change.placed_by.is_some() && self.holds.contains_key(&change.hold.id)
        };
        let release_taken = |change: &HoldChange| {
            released_by(change).is_some_and(|id| {
                self.releases.contains_key(&id) || self.find_transaction(id).is_some()
            })
        };
        let taken = plan.transactions.iter().any(posted)
            || plan.transactions.iter().any(released)
            || plan.transactions.iter().any(reversed)
            || plan.holds.iter().any(|change| hold_taken(change) || release_taken(change))
            || plan.keys.iter().any(|(key, _)| self.keys.contains_key(key))
            || plan.opened.iter().any(|(account, _)| self.find_account(account.id).is_some())
            || plan.structure.is_some_and(|structure| structure != self.structure);
        if taken { Err(StoreError::conflict()) } else { Ok(()) }
    }

    fn check_room(&self, plan: &Plan, origins: &Origins) -> Result<(), StoreError> {
        let (accounts, transactions) = (plan.opened.len(), plan.transactions.len());
        self.has_room(accounts, transactions, plan.entries.len(), origins.run_count())
    }

    /// Rows are numbered in 32 bits.
    pub(super) fn has_room(
        &self,
        accounts: usize,
        transactions: usize,
        entries: usize,
        origins: usize,
    ) -> Result<(), StoreError> {
        let fits = |have: usize, more: usize| have.saturating_add(more) < NONE as usize;
        let room = fits(self.entries.len(), entries)
            && fits(self.transactions.len(), transactions)
            && fits(self.accounts.len(), accounts)
            && fits(self.extras.len(), transactions)
            && fits(self.origins.len(), origins)
            && fits(self.kind_index.len().saturating_mul(65_536), 65_536)
            // Numbers count entries of one account, so there are fewer than entries in all.
            && self.entries.len().saturating_add(entries) < 1 << 31;
        let full = "the memory store is full: it numbers rows in 32 bits; use an SQL store";
        if room { Ok(()) } else { Err(StoreError::new(ErrorKind::Unavailable, full)) }
    }

    fn write(&mut self, mut plan: Plan, origins: Origins, committed: Committed) {
        let count = plan.records();
        if count > 0 {
            let last = u64::try_from(count).unwrap_or(u64::MAX).saturating_sub(1);
            self.head = Head {
                position: committed.first_position.saturating_add(last),
                instant: settle(committed, last).1,
            };
            let origins = self.intern(origins);
            self.write_book(&mut plan);
            self.write_accounts(&mut plan, committed);
            if plan.operations.is_empty() {
                self.write_transactions(&mut plan, origins, committed);
            } else {
                self.write_records(&mut plan, origins, committed);
            }
        }
        self.write_holds(plan.holds, committed);
        for (key, usage) in plan.usage {
            let version = usage.version.saturating_add(1);
            self.usage.insert(key, Usage { version, ..usage });
        }
        self.keys.extend(plan.keys);
    }

    fn write_book(&mut self, plan: &mut Plan) {
        if !plan.chart.is_empty() {
            // Judged when it was decided, against this very chart: it cannot be refused here.
            let defined = Arc::make_mut(&mut self.chart).define(&plan.chart);
            debug_assert!(defined.is_ok(), "the chart was judged before");
            self.book.version = self.book.version.saturating_add(1);
        }
        if plan.close_through.is_some() {
            self.book.closed_through = plan.close_through;
            self.book.version = self.book.version.saturating_add(1);
        }
        if plan.limits_set.is_empty() && plan.limits_removed.is_empty() {
            return;
        }
        let gone = |id| {
            plan.limits_removed.contains(&id) || plan.limits_set.iter().any(|rule| rule.id == id)
        };
        let kept = self.book.limits.iter().filter(|rule| !gone(rule.id)).cloned();
        let mut rules: Vec<LimitRule> = kept.collect();
        rules.append(&mut plan.limits_set);
        rules.sort_by_key(|rule| rule.id);
        self.book.limits = Limits::from(rules);
        self.book.version = self.book.version.saturating_add(1);
    }

    fn write_accounts(&mut self, plan: &mut Plan, committed: Committed) {
        for slot in &plan.touched {
            let Some(after) = plan.accounts.get(*slot as usize) else { continue };
            let row = usize::try_from(after.key).ok().and_then(|row| self.accounts.get_mut(row));
            if let Some(row) = row {
                let version = after.version.saturating_add(1);
                row.state = AccountState { version, ..after.clone() };
            }
        }
        if !plan.opened.is_empty() {
            self.structure = self.structure.saturating_add(1);
        }
        for (offset, (mut state, mut profile)) in (0_u64..).zip(plan.opened.drain(..)) {
            let row = row_number(self.accounts.len());
            (state.key, state.version) = (u64::from(row), 1);
            profile.opened_at = settle(committed, offset).1;
            self.account_index.insert(state.id.as_uuid(), row);
            self.accounts_by_id.insert(state.id, row);
            if state.class.is_temporary() {
                self.temporary_accounts.push(row);
            }
            self.accounts.push(AccountRow { state, last_entry: NONE });
            self.profiles.push(profile);
        }
    }

    /// The common case: transactions only.
    fn write_transactions(&mut self, plan: &mut Plan, mut origins: Rows, committed: Committed) {
        let mut entry = 0_usize;
        for (offset, row) in (0_u64..).zip(plan.transactions.drain(..)) {
            let count = row.entries as usize;
            let origin = origins.of_next(offset);
            self.write_transaction(row, origin, settle(committed, offset).1);
            let until = entry.saturating_add(count);
            self.write_entries(&plan.accounts, plan.entries.get(entry..until).unwrap_or_default());
            entry = until;
        }
    }

    fn write_records(&mut self, plan: &mut Plan, mut origins: Rows, committed: Committed) {
        let order: Vec<PlannedRecord> = plan.records_in_order().collect();
        let mut transactions = std::mem::take(&mut plan.transactions).into_iter();
        let mut operations = std::mem::take(&mut plan.operations).into_iter();
        let mut entry = 0_usize;
        for (offset, record) in (0_u64..).zip(order) {
            let (position, at) = settle(committed, offset);
            let origin = origins.of_next(offset);
            match record {
                PlannedRecord::Transaction(_) => {
                    let Some(row) = transactions.next() else { continue };
                    let until = entry.saturating_add(row.entries as usize);
                    self.write_transaction(row, origin, at);
                    let entries = plan.entries.get(entry..until).unwrap_or_default();
                    self.write_entries(&plan.accounts, entries);
                    entry = until;
                }
                PlannedRecord::Operation(_) => {
                    let Some(row) = operations.next() else { continue };
                    let mut operation = row.operation;
                    if let Operation::AccountOpened { profile, .. } = &mut operation {
                        profile.opened_at = at;
                    }
                    self.operations.push(OperationRow { position, at, origin, operation });
                }
            }
        }
    }

    pub(super) fn write_transaction(
        &mut self,
        row: PlannedTransaction,
        origin: u32,
        posted_at: Timestamp,
    ) {
        let at = row_number(self.transactions.len());
        let extra = match row.extra {
            None => NONE,
            Some(extra) => {
                if let Some(crate::ledger::Link::Reverses { original, .. }) = extra.link {
                    self.reversals.insert(original, row.id);
                }
                row_number(self.extras.push(*extra))
            }
        };
        let kind = self.intern_kind(row.kind);
        self.transaction_index.insert(row.id.as_uuid(), at);
        self.transactions.push(TransactionRow {
            id: row.id,
            posted_at,
            first_entry: row_number(self.entries.len()),
            booking_day: day_of(row.booking_date),
            value_day: day_of(row.value_date),
            origin,
            extra,
            entries: u16::try_from(row.entries).unwrap_or(u16::MAX),
            kind,
            flags: TransactionRow::flags_of(row.defaulted),
        });
    }

    pub(super) fn write_entries(
        &mut self,
        accounts: &[AccountState],
        entries: &[crate::ledger::facts::PlannedEntry],
    ) {
        let transaction = row_number(self.transactions.len()).saturating_sub(1);
        for planned in entries {
            let key = accounts.get(planned.slot as usize).map_or(u64::MAX, |account| account.key);
            let row = u32::try_from(key).unwrap_or(NONE);
            let at = row_number(self.entries.len());
            let Some(account) = self.accounts.get_mut(row as usize) else { continue };
            let previous = std::mem::replace(&mut account.last_entry, at);
            // Numbers were checked in `check_room`.
            if let Some(entry) = EntryRow::new(planned, row, transaction, previous) {
                self.entries.push(entry);
            }
        }
    }

    fn write_holds(&mut self, changes: Vec<HoldChange>, committed: Committed) {
        for HoldChange { mut hold, placed_by, ended_by } in changes {
            hold.version = hold.version.saturating_add(1);
            if let Some(offset) = placed_by {
                (hold.position, hold.placed_at) = settle(committed, u64::from(offset));
                self.holds_by_position.insert(hold.position, hold.id);
                for leg in &hold.legs {
                    let of_account = self.holds_by_account.entry(leg.leg.account).or_default();
                    of_account.insert(hold.position);
                }
            }
            if let Some(offset) = ended_by {
                let (position, at) = settle(committed, u64::from(offset));
                hold.ended = hold.ended.map(|ended| Ended { position, at, ..ended });
                if let (HoldState::Released, Some(Ended { by: Some(id), .. })) =
                    (hold.state, hold.ended)
                {
                    self.releases.insert(id, hold.id);
                }
            }
            if let Some(expires_at) = hold.expires_at {
                let due = (expires_at, hold.id);
                match hold.state {
                    HoldState::Open => self.holds_due.insert(due),
                    _ => self.holds_due.remove(&due),
                };
            }
            self.holds.insert(hold.id, hold);
        }
    }
}

/// The id of the release that ended a hold in this plan.
fn released_by(change: &HoldChange) -> Option<crate::id::TransactionId> {
    let ended = change.hold.ended.filter(|_| change.ended_by.is_some())?;
    ended.by.filter(|_| change.hold.state == HoldState::Released)
}

fn settle(committed: Committed, offset: u64) -> (u64, Timestamp) {
    let nanos = i64::try_from(offset).unwrap_or(i64::MAX);
    (
        committed.first_position.saturating_add(offset),
        committed.first_instant.saturating_add_nanos(nanos),
    )
}

pub(super) fn row_number(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(NONE)
}
