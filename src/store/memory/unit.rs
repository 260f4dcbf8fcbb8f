//! A unit of work: optimistic. It reads under a shared lock, decides under none, and checks at
//! commit that what it read still stands.

use std::sync::Arc;

use hashbrown::HashMap;

use crate::ledger::facts::{Facts, NO_SLOT, ScopeLabels, Wanted};
use crate::ledger::query::AsOf;
use crate::ledger::{Account, AccountId, HoldId, Usage, UsageKey};
use crate::store::{
    Changes, Committed, Entities, EntityWanted, ErrorKind, StoreError, StoreFuture, Unit,
};

use super::commit::ReadSet;
use super::rows::NONE;
use super::state::State;
use super::{Inner, ready};

/// Below this many accounts a scan beats a table.
const SCAN: usize = 16;

#[derive(Debug)]
pub(super) struct MemoryUnit {
    inner: Arc<Inner>,
    work: Work,
    changes: Option<Changes>,
}

/// What a unit remembers of its reads.
#[derive(Debug, Default)]
struct Work {
    /// The row of each slot handed out.
    rows: Vec<u32>,
    slots: Option<HashMap<u32, u32>>,
    /// Whether the ledger was read.
    loaded: bool,
    read: ReadSet,
}

impl MemoryUnit {
    pub(super) fn new(inner: Arc<Inner>) -> Self {
        Self { inner, work: Work::default(), changes: None }
    }
}

impl Work {
    fn load(
        &mut self,
        inner: &Inner,
        wanted: &Wanted,
        facts: &mut Facts,
    ) -> Result<(), StoreError> {
        let state = inner.read()?;
        self.steady(&state, facts)?;
        self.loaded = true;
        facts.book = state.book.clone();
        facts.structure = state.structure;
        let known = facts.accounts.len();
        self.load_accounts(&state, &wanted.accounts, facts);
        if let Some(through) = wanted.temporary_accounts {
            let rows = state.temporary_accounts.clone();
            for row in rows {
                let balance = inner.balance_of(&state, row, AsOf::BookingDate(through))?;
                let slot = self.slot(&state, row, facts);
                facts.temporary_accounts.push((slot, balance));
            }
        }
        if wanted.labels || known > 0 && facts.labels.len() == known {
            self.load_labels(&state, facts);
        }
        self.load_rest(&state, wanted, facts);
        Ok(())
    }

    fn load_entities(
        &mut self,
        inner: &Inner,
        wanted: &EntityWanted,
        found: &mut Entities,
    ) -> Result<(), StoreError> {
        let state = inner.read()?;
        match self.read.commits {
            Some(commits) if commits == state.commits => {}
            // Nothing but such rows was read so far.
            _ if self.read.entities.still_stands(&state.entities_beside) => {
                self.read.commits = Some(state.commits);
            }
            _ => return Err(StoreError::conflict()),
        }
        state.entities_beside.load(wanted, found, &mut self.read.entities);
        Ok(())
    }

    /// A second read must see the books as the first one did.
    fn steady(&mut self, state: &State, facts: &Facts) -> Result<(), StoreError> {
        match self.read.commits {
            None => self.read.commits = Some(state.commits),
            Some(commits) if commits == state.commits => {}
            // Before the first read of the ledger there is no book to compare.
            Some(_) if !self.loaded && self.read.entities.still_stands(&state.entities_beside) => {
                self.read.commits = Some(state.commits);
            }
            Some(_) if self.read.still_stands(state, &facts.accounts, facts.book.version) => {
                self.read.commits = Some(state.commits);
            }
            Some(_) => return Err(StoreError::conflict()),
        }
        Ok(())
    }

    fn load_accounts(&mut self, state: &State, asked: &[AccountId], facts: &mut Facts) {
        // First all lookups, then all rows: independent misses overlap.
        let rows: Vec<u32> =
            asked.iter().map(|id| state.find_account(*id).unwrap_or(NONE)).collect();
        facts.slots.reserve_exact(rows.len());
        if rows.len() > SCAN {
            let distinct = rows.len().min(state.accounts.len());
            facts.accounts.reserve(distinct);
            self.rows.reserve(distinct);
            let slots =
                self.slots.get_or_insert_with(|| self.rows.iter().copied().zip(0..).collect());
            slots.reserve(distinct);
        }
        for row in rows {
            let slot = if row == NONE { NO_SLOT } else { self.slot(state, row, facts) };
            facts.slots.push(slot);
        }
    }

    /// The slot of a row; a new one copies the account.
    fn slot(&mut self, state: &State, row: u32, facts: &mut Facts) -> u32 {
        let next = u32::try_from(self.rows.len()).unwrap_or(NO_SLOT);
        if self.slots.is_none() {
            if let Some(at) = self.rows.iter().position(|known| *known == row) {
                return u32::try_from(at).unwrap_or(NO_SLOT);
            }
            if self.rows.len() >= SCAN {
                let pairs = self.rows.iter().copied().zip(0_u32..);
                self.slots = Some(pairs.collect());
            }
        }
        if let Some(slots) = &mut self.slots {
            let slot = *slots.entry(row).or_insert(next);
            if slot != next {
                return slot;
            }
        }
        self.rows.push(row);
        if let Some(account) = state.accounts.get(row as usize) {
            facts.accounts.push(account.state.clone());
        }
        next
    }

    fn load_labels(&self, state: &State, facts: &mut Facts) {
        let from = facts.labels.len();
        for row in self.rows.get(from..).unwrap_or_default() {
            if let Some(profile) = state.profiles.get(*row as usize) {
                facts.labels.push(ScopeLabels { labels: profile.labels, code: profile.code });
            }
        }
    }

    fn load_rest(&mut self, state: &State, wanted: &Wanted, facts: &mut Facts) {
        for id in &wanted.transactions {
            if let Some(found) = state.find_transaction(*id).and_then(|row| state.transaction(row))
            {
                facts.transactions.insert(*id, found);
            } else if let Some(hold) = state.releases.get(id).filter(|_| !state.releases.is_empty())
            {
                facts.releases.insert(*id, *hold);
                self.load_hold(state, *hold, facts);
            }
        }
        for id in &wanted.holds {
            self.load_hold(state, *id, facts);
        }
        for id in &wanted.reversals_of {
            facts.reversals.extend(state.reversals.get(id).map(|reversal| (*id, *reversal)));
        }
        for key in &wanted.keys {
            facts.keys.extend(state.keys.get(key).map(|record| (key.clone(), *record)));
        }
        facts.usage.reserve(wanted.usage.len());
        self.read.usage.reserve(wanted.usage.len());
        for key in &wanted.usage {
            let usage = state.usage.get(key).copied().unwrap_or_default();
            self.read.usage.push((*key, usage.version));
            facts.usage.insert(*key, usage);
        }
        if wanted.chart {
            facts.chart = Some(Arc::clone(&state.chart));
        }
        for id in &wanted.profiles {
            if let Some(row) = state.find_account(*id) {
                facts.profiles.extend(state.account(row).map(|account: Account| (*id, account)));
            }
        }
    }

    fn load_hold(&mut self, state: &State, id: HoldId, facts: &mut Facts) {
        if let Some(hold) = state.holds.get(&id) {
            self.read.holds.push((id, hold.version));
            facts.holds.insert(id, hold.clone());
        } else {
            // Versions of rows start at 1: this says that there was none.
            self.read.holds.push((id, 0));
        }
    }
}

impl Unit for MemoryUnit {
    fn load_entities<'a>(
        &'a mut self,
        wanted: &'a EntityWanted,
        found: &'a mut Entities,
    ) -> StoreFuture<'a, ()> {
        ready(self.work.load_entities(&self.inner, wanted, found))
    }

    fn load<'a>(&'a mut self, wanted: &'a Wanted, facts: &'a mut Facts) -> StoreFuture<'a, ()> {
        ready(self.work.load(&self.inner, wanted, facts))
    }

    fn apply(&mut self, changes: Changes) -> StoreFuture<'_, ()> {
        let twice = self.changes.replace(changes).is_some();
        let misuse = StoreError::new(ErrorKind::Misuse, "changes are applied once per unit");
        ready(if twice { Err(misuse) } else { Ok(()) })
    }

    fn commit(mut self: Box<Self>) -> StoreFuture<'static, Committed> {
        let misuse = StoreError::new(ErrorKind::Misuse, "there is nothing to commit");
        let committed = self.changes.take().ok_or(misuse).and_then(|changes| {
            let mut state = self.inner.write()?;
            state.commit(changes, &self.work.read)
        });
        ready(committed)
    }
}

/// Two counters of the same key are never read differently within a unit.
pub(super) type SeenUsage = (UsageKey, u64);

/// The version of a counter without a row.
pub(super) const fn version_of(usage: Option<&Usage>) -> u64 {
    match usage {
        Some(usage) => usage.version,
        None => 0,
    }
}
