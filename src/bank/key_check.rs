//! Whether rows beside the ledger are found by the keys that their values have, and by no others.
//!
//! First every index is summed up twice, from the values of the rows and as the store lists it:
//! neither is held in memory, and where the sums agree no row is looked at again. Only where they
//! do not, or a row has other keys than the store lists with it, each key is looked up by itself.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::people::index::entries_of;
use super::proof::{STEP, goes_on};
use super::{Bank, Error};
use crate::ledger::EntityRef;
use crate::ledger::verify::{KeyDifference, Verifier};
use crate::store::{Entity, EntityRow, Index, IndexEntry, IndexHit, IndexQuery};

/// Keys of an index: how many, and the sum of their digests, which no order changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Sum {
    keys: u64,
    digests: u128,
}

impl Sum {
    fn add(&mut self, key: &[u8], row: EntityRef) {
        let mut hash = Sha256::new();
        hash.update(row.id.as_bytes());
        hash.update([0]);
        hash.update(row.kind.as_str());
        hash.update([0]);
        hash.update(key);
        let digest: [u8; 32] = hash.finalize().into();
        let digest = digest.first_chunk::<16>().copied().unwrap_or_default();
        self.keys = self.keys.saturating_add(1);
        self.digests = self.digests.wrapping_add(u128::from_be_bytes(digest));
    }
}

/// What the values of the rows say that their keys are.
#[derive(Debug, Default)]
pub(super) struct KeyCheck {
    sums: BTreeMap<Index, Sum>,
    /// Whether the store lists other keys with a row than it has.
    odd: bool,
}

impl KeyCheck {
    /// Takes in a row with the keys that the store lists with it.
    pub(super) fn row(&mut self, row: &EntityRow, kept: &[IndexEntry]) {
        let own = entries_of(&row.value);
        self.odd |= own != kept;
        for entry in &own {
            self.sums.entry(entry.index).or_default().add(&entry.key, row.entity);
        }
    }

    /// How many keys there should be.
    pub(super) fn keys(&self) -> u64 {
        self.sums.values().map(|sum| sum.keys).sum()
    }
}

/// Where a key of a row leads.
enum Leads {
    ToIt,
    Nowhere,
    To(EntityRef),
}

/// What is wrong with the keys, in short.
#[derive(Debug)]
pub(super) struct Suspects(BTreeSet<Index>);

impl Bank {
    /// The indexes that hold other keys than the rows have; none if all is well.
    pub(super) async fn suspect_keys(&self, check: &KeyCheck) -> Result<Option<Suspects>, Error> {
        let mut odd = BTreeSet::new();
        for index in Index::ALL {
            let (mut sum, mut after) = (Sum::default(), None);
            while let Some((hits, last)) = self.keys_behind(*index, after).await? {
                hits.iter().for_each(|hit| sum.add(&hit.key, row_of(hit)));
                after = Some(last);
            }
            if check.sums.get(index).copied().unwrap_or_default() != sum {
                odd.insert(*index);
            }
        }
        Ok((check.odd || !odd.is_empty()).then_some(Suspects(odd)))
    }

    /// The next keys of an index, and the last of them.
    async fn keys_behind(
        &self,
        index: Index,
        after: Option<IndexHit>,
    ) -> Result<Option<(Vec<IndexHit>, IndexHit)>, Error> {
        let all = IndexQuery::prefix(index, []);
        let hits = self.inner.store.index_list(&all, after.as_ref(), STEP).await?;
        let place = |hit: &IndexHit| (hit.key.clone(), hit.id);
        let mut before = after.as_ref().map(place);
        for hit in &hits {
            // Behind the one before it: then no key is there twice, and the walk ends.
            let next = Some(place(hit));
            goes_on(before < next)?;
            before = next;
        }
        let last = hits.last().cloned();
        Ok(last.map(|last| (hits, last)))
    }

    /// Names every key that is missing, too many, or another's.
    pub(super) async fn name_keys(
        &self,
        suspects: &Suspects,
        verifier: &mut Verifier,
    ) -> Result<(), Error> {
        for kind in Entity::KINDS {
            let mut after = None;
            loop {
                let rows = self.inner.store.entity_list(*kind, after, STEP).await?;
                let Some((last, _)) = rows.last() else { break };
                goes_on(after < Some(last.entity.id))?;
                after = Some(last.entity.id);
                for (row, kept) in &rows {
                    self.name_keys_of(row, kept, suspects, verifier).await?;
                }
            }
        }
        for index in &suspects.0 {
            let mut after = None;
            while let Some((hits, last)) = self.keys_behind(*index, after).await? {
                self.name_hits(*index, &hits, verifier).await?;
                after = Some(last);
            }
        }
        Ok(())
    }

    /// From a row to its keys.
    async fn name_keys_of(
        &self,
        row: &EntityRow,
        kept: &[IndexEntry],
        suspects: &Suspects,
        verifier: &mut Verifier,
    ) -> Result<(), Error> {
        let (own, entity) = (entries_of(&row.value), row.entity);
        for entry in &own {
            let index = entry.index.code();
            match self.leads(entry, entity, suspects).await? {
                Leads::ToIt if kept.contains(entry) => {}
                Leads::ToIt | Leads::Nowhere => {
                    verifier.note(KeyDifference::Missing { entity, index });
                }
                Leads::To(owner) => {
                    verifier.note(KeyDifference::Taken { entity, index, owner });
                }
            }
        }
        for entry in kept.iter().filter(|entry| !own.contains(entry)) {
            // What the index itself leads here by is named where the index is walked.
            let listed = suspects.0.contains(&entry.index)
                && matches!(self.leads(entry, entity, suspects).await?, Leads::ToIt);
            if !listed {
                let index = entry.index.code();
                verifier.note(KeyDifference::TooMany { entity, index });
            }
        }
        Ok(())
    }

    /// From keys to their rows.
    async fn name_hits(
        &self,
        index: Index,
        hits: &[IndexHit],
        verifier: &mut Verifier,
    ) -> Result<(), Error> {
        let refs: Vec<EntityRef> = hits.iter().map(row_of).collect();
        let rows = self.inner.store.entities(&refs).await?;
        for ((hit, entity), row) in hits.iter().zip(refs).zip(rows) {
            let entry = IndexEntry { index, key: hit.key.clone() };
            let index = index.code();
            match row {
                None => verifier.note(KeyDifference::WithoutRow { entity, index }),
                Some(row) if !entries_of(&row.value).contains(&entry) => {
                    verifier.note(KeyDifference::TooMany { entity, index });
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Where the index leads by a key of a row. Indexes whose sum is right need no look.
    async fn leads(
        &self,
        entry: &IndexEntry,
        entity: EntityRef,
        suspects: &Suspects,
    ) -> Result<Leads, Error> {
        if !suspects.0.contains(&entry.index) {
            return Ok(Leads::ToIt);
        }
        let exact = IndexQuery::exact(entry.index, entry.key.clone());
        let before = Uuid::from_u128(entity.id.as_u128().saturating_sub(1));
        // A list may have thousands of rows under a key: begin right before this one.
        let after = IndexHit { key: entry.key.clone(), id: before, kind: entity.kind };
        let after = Some(&after).filter(|_| !entry.index.is_unique());
        let hits = self.inner.store.index_list(&exact, after, 1).await?;
        Ok(match hits.first().map(row_of) {
            Some(found) if found == entity => Leads::ToIt,
            Some(owner) if entry.index.is_unique() => Leads::To(owner),
            _ => Leads::Nowhere,
        })
    }
}

const fn row_of(hit: &IndexHit) -> EntityRef {
    EntityRef::new(hit.kind, hit.id)
}
