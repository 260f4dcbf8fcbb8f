//! Stores with one planted fault each: the proof that the suite bites. Every one of them must
//! fail [`run_all`](super::run_all).

use std::collections::HashMap;
use std::sync::Arc;

use crate::id::AccountId;
use crate::ledger::facts::{Facts, Wanted};
use crate::ledger::outbox::Mark;
use crate::ledger::{Account, Block, FloorPolicy, Record, Usage, UsageKey};
use crate::store::{
    ArchiveRow, Changes, Committed, Entities, EntityWanted, IndexHit, IndexQuery, Restore, Store,
    StoreError, StoreFuture, Unit,
};

use super::broken_rows;
use super::forward::forward_reads;

/// What is wrong with a [`Broken`] store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// It checks no versions: a commit reads every version afresh and overwrites what came first.
    NoVersionCheck,
    /// It hands out accounts without their floor.
    ForgottenFloor,
    /// It hands out accounts without their ceiling.
    LostCeiling,
    /// It does not find transactions of closed or blocked accounts, so that a repetition is
    /// refused for the state of today: replay loses to state.
    ReplayLosesToState,
    /// Every seventh record is missing from the journal that it hands out.
    LostOutboxRow,
    /// It keeps no idempotency keys.
    ForgottenKeys,
    /// It counts nothing against limits.
    ForgottenUsage,
    /// It forgets that the books are closed.
    ReopenedPeriod,
    /// It does not know which transactions were reversed.
    ForgottenReversals,
    /// It forgets the release of a hold, so that the repetition is refused.
    ForgottenReleases,
    /// It keeps one origin for all records of a unit.
    OneOrigin,
    /// It compares no versions of marks, so that two workers take the same partition.
    OverwrittenMarks,
    /// It writes only the first of several marks.
    HalfWrittenMarks,
    /// It takes a bank that moves in without its idempotency keys.
    HalfMovedIn,
    /// It gives a bank that moves out without its counters of limits.
    HalfMovedOut,
    /// It writes rows beside the ledger over whatever version is there.
    NoRowVersions,
    /// It does not mind that a unique key is another row's.
    KeysOfMany,
    /// It finds a row by the keys that it had before, too.
    KeptKeys,
    /// Its journal does not have the digests of rows.
    ForgottenDigest,
    /// It writes the last row of a unit without its record in the journal.
    UnrecordedRow,
    /// Rows that are only read may change before the unit has ended.
    LooseRows,
    /// Rows and keys that were absent may be there before the unit has ended.
    ForgottenAbsence,
    /// It lists an index page by page, and each page backwards.
    UnorderedIndex,
}

impl Fault {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::NoVersionCheck,
        Self::ForgottenFloor,
        Self::LostCeiling,
        Self::ReplayLosesToState,
        Self::LostOutboxRow,
        Self::ForgottenKeys,
        Self::ForgottenUsage,
        Self::ReopenedPeriod,
        Self::ForgottenReversals,
        Self::ForgottenReleases,
        Self::OneOrigin,
        Self::OverwrittenMarks,
        Self::HalfWrittenMarks,
        Self::HalfMovedIn,
        Self::HalfMovedOut,
        Self::NoRowVersions,
        Self::KeysOfMany,
        Self::KeptKeys,
        Self::ForgottenDigest,
        Self::UnrecordedRow,
        Self::LooseRows,
        Self::ForgottenAbsence,
        Self::UnorderedIndex,
    ];
}

/// Wraps a sound store and adds a fault.
#[derive(Debug)]
pub struct Broken<S> {
    inner: Arc<S>,
    fault: Fault,
}

impl<S> Broken<S> {
    /// Breaks a store.
    #[must_use]
    pub fn new(inner: S, fault: Fault) -> Self {
        Self { inner: Arc::new(inner), fault }
    }

    async fn straight(&self) -> Result<(), StoreError>
    where
        S: Send + Sync,
    {
        Ok(())
    }
}

impl<S: Store> Store for Broken<S> {
    fn begin(&self) -> StoreFuture<'_, Box<dyn Unit>> {
        Box::pin(async move {
            let unit = BrokenUnit {
                inner: self.inner.begin().await?,
                store: Arc::clone(&self.inner),
                fault: self.fault,
                terms: HashMap::new(),
                wanted: Vec::new(),
                changes: None,
            };
            Ok(Box::new(unit) as Box<dyn Unit>)
        })
    }

    fn journal(&self, after: u64, limit: usize) -> StoreFuture<'_, Vec<Record>> {
        Box::pin(async move {
            let mut records = self.inner.journal(after, limit).await?;
            if self.fault == Fault::LostOutboxRow {
                records.retain(|record| record.position().checked_rem(7) != Some(0));
            }
            Ok(records)
        })
    }

    fn index_list<'a>(
        &'a self,
        query: &'a IndexQuery,
        after: Option<&'a IndexHit>,
        limit: usize,
    ) -> StoreFuture<'a, Vec<IndexHit>> {
        Box::pin(async move {
            let mut hits = self.inner.index_list(query, after, limit).await?;
            if self.fault == Fault::UnorderedIndex {
                hits.reverse();
            }
            Ok(hits)
        })
    }

    fn usages(
        &self,
        after: Option<UsageKey>,
        limit: usize,
    ) -> StoreFuture<'_, Vec<(UsageKey, Usage)>> {
        let limit = if self.fault == Fault::HalfMovedOut { 0 } else { limit };
        self.inner.usages(after, limit)
    }

    fn restore(&self) -> StoreFuture<'_, Box<dyn Restore>> {
        Box::pin(async move {
            let inner = self.inner.restore().await?;
            Ok(Box::new(BrokenRestore { inner, fault: self.fault }) as Box<dyn Restore>)
        })
    }

    fn put_marks<'a>(&'a self, marks: &'a [Mark]) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            match (self.fault, marks) {
                (Fault::OverwrittenMarks, _) => overwrite_marks(&*self.inner, marks).await,
                (Fault::HalfWrittenMarks, [first, _, ..]) => {
                    self.inner.put_marks(std::slice::from_ref(first)).await
                }
                _ => self.inner.put_marks(marks).await,
            }
        })
    }

    forward_reads!(straight but index_list);
}

struct BrokenRestore {
    inner: Box<dyn Restore>,
    fault: Fault,
}

impl Restore for BrokenRestore {
    fn put(&mut self, mut rows: Vec<ArchiveRow>) -> StoreFuture<'_, ()> {
        rows.retain(|row| self.fault != Fault::HalfMovedIn || !matches!(row, ArchiveRow::Key(..)));
        self.inner.put(rows)
    }

    fn finish(self: Box<Self>) -> StoreFuture<'static, ()> {
        self.inner.finish()
    }
}

struct BrokenUnit<S> {
    inner: Box<dyn Unit>,
    store: Arc<S>,
    fault: Fault,
    /// Floors and ceilings as they are, to be written back unchanged.
    terms: HashMap<AccountId, (FloorPolicy, Option<i64>)>,
    wanted: Vec<Wanted>,
    changes: Option<Changes>,
}

impl<S: Store> BrokenUnit<S> {
    async fn spoil(&mut self, facts: &mut Facts) -> Result<(), StoreError> {
        match self.fault {
            Fault::ForgottenFloor | Fault::LostCeiling => {
                for account in &mut facts.accounts {
                    self.terms.entry(account.id).or_insert((account.floor, account.ceiling));
                    if self.fault == Fault::ForgottenFloor {
                        account.floor = FloorPolicy::Unbounded;
                    } else {
                        account.ceiling = None;
                    }
                }
            }
            Fault::ReplayLosesToState => hide(&*self.store, facts).await?,
            Fault::ForgottenKeys => facts.keys.clear(),
            Fault::ForgottenUsage => {
                for usage in facts.usage.values_mut() {
                    (usage.amount, usage.count) = (0, 0);
                }
            }
            Fault::ReopenedPeriod => facts.book.closed_through = None,
            Fault::ForgottenReversals => facts.reversals.clear(),
            Fault::ForgottenReleases => facts.releases.clear(),
            Fault::NoVersionCheck
            | Fault::LostOutboxRow
            | Fault::OneOrigin
            | Fault::OverwrittenMarks
            | Fault::HalfWrittenMarks
            | Fault::HalfMovedIn
            | Fault::HalfMovedOut
            | Fault::NoRowVersions
            | Fault::KeysOfMany
            | Fault::KeptKeys
            | Fault::ForgottenDigest
            | Fault::UnrecordedRow
            | Fault::LooseRows
            | Fault::ForgottenAbsence
            | Fault::UnorderedIndex => {}
        }
        Ok(())
    }

    fn mend(&self, changes: &mut Changes) {
        for account in &mut changes.plan.accounts {
            let Some((floor, ceiling)) = self.terms.get(&account.id) else { continue };
            if self.fault == Fault::ForgottenFloor && account.floor == FloorPolicy::Unbounded {
                account.floor = *floor;
            }
            if self.fault == Fault::LostCeiling && account.ceiling.is_none() {
                account.ceiling = *ceiling;
            }
        }
        if self.fault == Fault::ForgottenKeys {
            changes.plan.keys.clear();
        }
        if self.fault == Fault::OneOrigin {
            changes.origins = changes.origins.of(0).clone().into();
        }
    }

    /// Commits on what is there now, whatever was read.
    async fn overwrite(self, mut changes: Changes) -> Result<Committed, StoreError> {
        let mut unit = self.store.begin().await?;
        let mut facts = Facts::default();
        for wanted in &self.wanted {
            unit.load(wanted, &mut facts).await?;
        }
        if self.wanted.is_empty() {
            unit.load(&Wanted::default(), &mut facts).await?;
        }
        let plan = &mut changes.plan;
        plan.book_version = facts.book.version;
        plan.structure = plan.structure.map(|_| facts.structure);
        let versions: HashMap<AccountId, u64> =
            facts.accounts.iter().map(|account| (account.id, account.version)).collect();
        for account in &mut plan.accounts {
            account.version = versions.get(&account.id).copied().unwrap_or(account.version);
        }
        for change in &mut plan.holds {
            let now = facts.holds.get(&change.hold.id);
            change.hold.version = now.map_or(change.hold.version, |hold| hold.version);
        }
        for (key, usage) in &mut plan.usage {
            usage.version = facts.usage.get(key).map_or(usage.version, |now| now.version);
        }
        unit.apply(changes).await?;
        unit.commit().await
    }
}

/// Writes marks over whatever is there.
async fn overwrite_marks(store: &impl Store, marks: &[Mark]) -> Result<(), StoreError> {
    let mut current = marks.to_vec();
    for mark in &mut current {
        let there = store.marks(&mark.subscriber).await?;
        let there = there.iter().find(|there| there.partition == mark.partition);
        mark.version = there.map_or(0, |there| there.version);
    }
    store.put_marks(&current).await
}

/// Forgets what was posted on accounts that are shut now.
async fn hide(store: &impl Store, facts: &mut Facts) -> Result<(), StoreError> {
    let posted = facts.transactions.values();
    let entries = posted.flat_map(|posted| posted.entries.iter());
    let ids: Vec<AccountId> = entries.map(|entry| entry.account).collect();
    let accounts = store.accounts(&ids).await?;
    let shut = |account: &&Account| account.state.closed || account.state.block != Block::None;
    let shut: Vec<AccountId> = accounts.iter().flatten().filter(shut).map(Account::id).collect();
    facts
        .transactions
        .retain(|_, posted| !posted.entries.iter().any(|entry| shut.contains(&entry.account)));
    Ok(())
}

impl<S: Store> Unit for BrokenUnit<S> {
    fn load_entities<'a>(
        &'a mut self,
        wanted: &'a EntityWanted,
        found: &'a mut Entities,
    ) -> StoreFuture<'a, ()> {
        let Self { inner, store, fault, .. } = self;
        Box::pin(broken_rows::load(&**store, &mut **inner, *fault, wanted, found))
    }

    fn load<'a>(&'a mut self, wanted: &'a Wanted, facts: &'a mut Facts) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.inner.load(wanted, facts).await?;
            self.wanted.push(wanted.clone());
            self.spoil(facts).await
        })
    }

    fn apply(&mut self, mut changes: Changes) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            self.mend(&mut changes);
            broken_rows::spoil(&*self.store, self.fault, &mut changes).await?;
            if self.fault == Fault::NoVersionCheck {
                self.changes = Some(changes);
                return Ok(());
            }
            self.inner.apply(changes).await
        })
    }

    fn commit(mut self: Box<Self>) -> StoreFuture<'static, Committed> {
        Box::pin(async move {
            match self.changes.take() {
                Some(changes) => self.overwrite(changes).await,
                None => self.inner.commit().await,
            }
        })
    }
}
