//! What a unit read of rows beside the ledger that no lock keeps: that a row was absent, that a
//! unique key was free, or whose it was.
//!
//! What the unit writes itself, the primary keys keep. The rest is looked up once more at its
//! commit, under the lock of the head: every unit that writes such rows takes that lock before it
//! commits, so nothing comes in between. A posting relies on none of it and pays nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::engine::Engine;
use super::entities::{owners, refs};
use crate::ledger::EntityRef;
use crate::store::{Entities, EntityChange, EntityWanted, IndexEntry, StoreError};

/// What must be as it was read.
#[derive(Debug, Default)]
pub(super) struct Relied {
    absent: BTreeSet<EntityRef>,
    keys: BTreeMap<IndexEntry, Option<EntityRef>>,
}

impl Relied {
    /// Takes in what was asked for, once it was read. What orders ask for is left out: see
    /// [`EntityWanted::access`].
    pub(super) fn note(&mut self, wanted: &EntityWanted, found: &Entities) {
        let rows = wanted.shared.iter().chain(&wanted.exclusive);
        self.absent.extend(rows.filter(|one| !found.rows.contains_key(*one)));
        for key in &wanted.unique {
            let owner = found.taken.get(key).copied();
            // Rows are locked before keys are read: those of a locked row stay what they are.
            if owner.is_none_or(|owner| !found.rows.contains_key(&owner)) {
                self.keys.entry(key.clone()).or_insert(owner);
            }
        }
    }

    /// What is left of it once the primary keys of what is written have had their say.
    pub(super) fn without(&self, written: &[EntityChange]) -> Self {
        let (mut absent, mut keys) = (self.absent.clone(), self.keys.clone());
        for EntityChange { row, keys: own } in written {
            absent.remove(&row.entity);
            for key in own.iter().flatten() {
                keys.remove(key);
            }
        }
        Self { absent, keys }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.absent.is_empty() && self.keys.is_empty()
    }

    /// Looks again. The head must be locked.
    pub(super) async fn check<E: Engine>(
        &self,
        engine: &E,
        link: &mut E::Link,
    ) -> Result<(), StoreError> {
        const THERE: &str = "SELECT 1 FROM {rows 1,2 AS w(id,kind)} \
            {beside ~entity e WHERE e.id = w.id AND e.kind = w.kind} LIMIT 1";
        if !self.absent.is_empty() {
            let absent: Vec<EntityRef> = self.absent.iter().copied().collect();
            if !engine.fetch(link, THERE, refs(&absent)).await?.is_empty() {
                return Err(StoreError::conflict());
            }
        }
        let mut now = Entities::default();
        let keys: Vec<IndexEntry> = self.keys.keys().cloned().collect();
        owners(engine, link, &keys, &mut now).await?;
        let same = self.keys.iter().all(|(key, owner)| now.taken.get(key) == owner.as_ref());
        if same { Ok(()) } else { Err(StoreError::conflict()) }
    }
}
