//! Rows beside the ledger: typed values by kind and id, unique keys, and lists in the order of keys.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use hashbrown::HashMap;
use uuid::Uuid;

use super::copies::Copies;
use crate::account::Access;
use crate::kyc::Standing;
use crate::ledger::{EntityKind, EntityRef};
use crate::store::{
    Entities, EntityChange, EntityRow, EntityWanted, Index, IndexEntry, IndexHit, IndexQuery,
    StoreError,
};

#[derive(Debug)]
struct Kept {
    row: Arc<EntityRow>,
    keys: Vec<IndexEntry>,
}

/// All rows beside the ledger.
#[derive(Debug, Default)]
pub(super) struct Rows {
    rows: HashMap<EntityRef, Kept>,
    by_id: BTreeMap<EntityRef, ()>,
    /// In the order of keys, because a check of the books walks them.
    unique: BTreeMap<IndexEntry, EntityRef>,
    lists: BTreeMap<(Index, Vec<u8>, Uuid), EntityKind>,
    access: Copies<Access>,
    standings: Copies<Standing>,
    /// How often any was written.
    written: u64,
}

/// What a unit read of them: versions (0 for what was absent) and whose the keys were.
#[derive(Debug, Default)]
pub(super) struct SeenRows {
    rows: Vec<(EntityRef, u64)>,
    access: Vec<(Uuid, u64)>,
    standings: Vec<(Uuid, u64)>,
    keys: Vec<(IndexEntry, Option<EntityRef>)>,
    /// How often rows had been written when the first was read. They change rarely and money often:
    /// mostly nothing was written since, and no row has to be looked at again.
    since: Option<u64>,
}

impl SeenRows {
    /// Whether all is as it was read.
    pub(super) fn still_stands(&self, rows: &Rows) -> bool {
        if self.since.is_none_or(|since| since == rows.written) {
            return true;
        }
        self.rows.iter().all(|(entity, version)| rows.version(*entity) == *version)
            && self.access.iter().all(|(id, version)| rows.access.version(*id) == *version)
            && self.standings.iter().all(|(id, version)| rows.standings.version(*id) == *version)
            && self.keys.iter().all(|(key, owner)| rows.unique.get(key) == owner.as_ref())
    }
}

impl Rows {
    fn version(&self, entity: EntityRef) -> u64 {
        self.rows.get(&entity).map_or(0, |kept| kept.row.version)
    }

    pub(super) fn load(&self, wanted: &EntityWanted, found: &mut Entities, seen: &mut SeenRows) {
        seen.since.get_or_insert(self.written);
        found.rows.reserve(wanted.shared.len().min(self.rows.len()));
        for entity in wanted.shared.iter().chain(&wanted.exclusive) {
            if found.rows.contains_key(entity) {
                continue;
            }
            match self.rows.get(entity) {
                Some(kept) => {
                    seen.rows.push((*entity, kept.row.version));
                    found.rows.insert(*entity, Arc::clone(&kept.row));
                }
                None => seen.rows.push((*entity, 0)),
            }
        }
        let asked = wanted.access.iter().map(|id| id.as_uuid());
        self.access.answer(asked, &mut found.access, &mut seen.access);
        let asked = wanted.standings.iter().map(|id| id.as_uuid());
        self.standings.answer(asked, &mut found.standings, &mut seen.standings);
        for key in &wanted.unique {
            let owner = self.unique.get(key).copied();
            seen.keys.push((key.clone(), owner));
            found.taken.extend(owner.map(|owner| (key.clone(), owner)));
        }
    }

    /// Whether changes can be written: versions are as read, and no unique key is another's.
    pub(super) fn check(&self, changes: &[EntityChange]) -> Result<(), StoreError> {
        for change in changes {
            let EntityChange { row, keys } = change;
            let taken = |key: &&IndexEntry| {
                key.index.is_unique()
                    && self.unique.get(*key).is_some_and(|owner| *owner != row.entity)
            };
            let clash = keys.iter().flatten().find(taken).is_some();
            if clash || self.version(row.entity) != row.version {
                return Err(StoreError::conflict());
            }
        }
        Ok(())
    }

    pub(super) fn write(&mut self, changes: Vec<EntityChange>) {
        for EntityChange { mut row, keys } in changes {
            row.version = row.version.saturating_add(1);
            let keys = keys.unwrap_or_else(|| self.keys_of(row.entity).to_vec());
            self.put(row, keys);
        }
    }

    /// Puts a row as it is.
    pub(super) fn put(&mut self, row: EntityRow, keys: Vec<IndexEntry>) {
        self.written = self.written.saturating_add(1);
        let entity = row.entity;
        self.access.put(row.version, &row.value);
        self.standings.put(row.version, &row.value);
        if let Some(before) = self.rows.remove(&entity)
            && before.keys != keys
        {
            for key in before.keys {
                if key.index.is_unique() {
                    self.unique.remove(&key);
                } else {
                    self.lists.remove(&(key.index, key.key, entity.id));
                }
            }
        }
        for key in &keys {
            if key.index.is_unique() {
                self.unique.insert(key.clone(), entity);
            } else {
                self.lists.insert((key.index, key.key.clone(), entity.id), entity.kind);
            }
        }
        self.by_id.insert(entity, ());
        self.rows.insert(entity, Kept { row: Arc::new(row), keys });
    }

    fn keys_of(&self, entity: EntityRef) -> &[IndexEntry] {
        self.rows.get(&entity).map(|kept| kept.keys.as_slice()).unwrap_or_default()
    }

    pub(super) fn get(&self, entity: EntityRef) -> Option<Arc<EntityRow>> {
        self.rows.get(&entity).map(|kept| Arc::clone(&kept.row))
    }

    pub(super) fn list(
        &self,
        query: &IndexQuery,
        after: Option<&IndexHit>,
        limit: usize,
    ) -> Vec<IndexHit> {
        let IndexQuery { index, from, until } = query;
        let inside = |key: &[u8]| until.as_ref().is_none_or(|until| key < until.as_slice());
        if index.is_unique() {
            let key = after.map_or(from, |after| from.max(&after.key)).clone();
            let behind = |key: &[u8], id: Uuid| {
                after.is_none_or(|after| (key, id) > (after.key.as_slice(), after.id))
            };
            return self
                .unique
                .range(IndexEntry { index: *index, key }..)
                .take_while(|(entry, _)| entry.index == *index && inside(&entry.key))
                .filter(|(entry, owner)| behind(&entry.key, owner.id))
                .take(limit)
                .map(|(entry, owner)| hit(&entry.key, owner.id, owner.kind))
                .collect();
        }
        let begin = match after {
            Some(after) => Bound::Excluded((*index, after.key.clone(), after.id)),
            None => Bound::Included((*index, from.clone(), Uuid::nil())),
        };
        self.lists
            .range((begin, Bound::Unbounded))
            .take_while(|((at, key, _), _)| at == index && inside(key))
            .take(limit)
            .map(|((_, key, id), kind)| hit(key, *id, *kind))
            .collect()
    }

    pub(super) fn page(
        &self,
        kind: EntityKind,
        after: Option<Uuid>,
        limit: usize,
    ) -> Vec<(Arc<EntityRow>, Vec<IndexEntry>)> {
        let begin = match after {
            Some(id) => Bound::Excluded(EntityRef::new(kind, id)),
            None => Bound::Included(EntityRef::new(kind, Uuid::nil())),
        };
        self.by_id
            .range((begin, Bound::Unbounded))
            .take_while(|(entity, ())| entity.kind == kind)
            .take(limit)
            .filter_map(|(entity, ())| self.rows.get(entity))
            .map(|kept| (Arc::clone(&kept.row), kept.keys.clone()))
            .collect()
    }
}

fn hit(key: &[u8], id: Uuid, kind: EntityKind) -> IndexHit {
    IndexHit { key: key.to_vec(), id, kind }
}
