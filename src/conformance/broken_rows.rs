//! What [`Broken`](super::Broken) stores do wrong with rows beside the ledger.

use std::sync::Arc;

use uuid::Uuid;

use super::broken::Fault;
use crate::account::{Access, CustomerAccount};
use crate::id::{AccountId, CustomerId};
use crate::kyc::Standing;
use crate::ledger::{EntityRef, Operation};
use crate::store::{
    Changes, Entities, Entity, EntityRow, EntityWanted, IndexEntry, IndexHit, IndexQuery, Store,
    StoreError, Unit,
};

type Row = Option<Arc<EntityRow>>;

/// Reads rows for a decision.
pub(super) async fn load(
    store: &impl Store,
    unit: &mut dyn Unit,
    fault: Fault,
    wanted: &EntityWanted,
    found: &mut Entities,
) -> Result<(), StoreError> {
    match fault {
        Fault::LooseRows => {
            let rest = EntityWanted {
                exclusive: wanted.exclusive.clone(),
                unique: wanted.unique.clone(),
                ..EntityWanted::default()
            };
            unit.load_entities(&rest, found).await?;
            let rows = store.entities(&wanted.shared).await?.into_iter().flatten();
            found.rows.extend(rows.map(|row| (row.entity, row)));
            loose_copies(store, wanted, found).await?;
            Ok(())
        }
        Fault::ForgottenAbsence => {
            let mut there = wanted.clone();
            there.shared = existing(store, &wanted.shared).await?;
            there.exclusive = existing(store, &wanted.exclusive).await?;
            there.unique = Vec::new();
            for key in &wanted.unique {
                if owner(store, key).await?.is_some() {
                    there.unique.push(key.clone());
                }
            }
            unit.load_entities(&there, found).await
        }
        _ => unit.load_entities(wanted, found).await,
    }
}

/// What orders ask for, as it is at the moment.
async fn loose_copies(
    store: &impl Store,
    wanted: &EntityWanted,
    found: &mut Entities,
) -> Result<(), StoreError> {
    let account = |id: &AccountId| EntityRef::new(CustomerAccount::KIND, id.as_uuid());
    let accounts: Vec<EntityRef> = wanted.access.iter().map(account).collect();
    for row in store.entities(&accounts).await? {
        found.access.push(match row.as_deref().map(|row| row.value.as_ref()) {
            Some(Entity::Account(account)) => Some(Access::of(account)),
            _ => None,
        });
    }
    let standing = |id: &CustomerId| EntityRef::new(Standing::KIND, id.as_uuid());
    let standings: Vec<EntityRef> = wanted.standings.iter().map(standing).collect();
    for row in store.entities(&standings).await? {
        found.standings.push(match row.as_deref().map(|row| row.value.as_ref()) {
            Some(Entity::Standing(standing)) => Some(standing.clone()),
            _ => None,
        });
    }
    Ok(())
}

async fn existing(store: &impl Store, refs: &[EntityRef]) -> Result<Vec<EntityRef>, StoreError> {
    let rows = store.entities(refs).await?;
    Ok(rows.into_iter().flatten().map(|row| row.entity).collect())
}

async fn owner(store: &impl Store, key: &IndexEntry) -> Result<Option<EntityRef>, StoreError> {
    let hits = store.index_list(&IndexQuery::exact(key.index, key.key.clone()), None, 1).await?;
    Ok(hits.first().map(|hit: &IndexHit| EntityRef::new(hit.kind, hit.id)))
}

/// Spoils what is to be written.
pub(super) async fn spoil(
    store: &impl Store,
    fault: Fault,
    changes: &mut Changes,
) -> Result<(), StoreError> {
    match fault {
        Fault::NoRowVersions => {
            for change in &mut changes.entities {
                let there: Vec<Row> = store.entities(&[change.row.entity]).await?;
                let there = there.into_iter().flatten().next();
                change.row.version = there.map_or(0, |row| row.version);
            }
        }
        Fault::KeysOfMany => {
            for change in &mut changes.entities {
                let mut free = Vec::new();
                for key in change.keys.iter().flatten() {
                    let taken = key.index.is_unique()
                        && owner(store, key).await?.is_some_and(|one| one != change.row.entity);
                    if !taken {
                        free.push(key.clone());
                    }
                }
                change.keys = change.keys.as_ref().map(|_| free);
            }
        }
        Fault::KeptKeys => {
            for change in changes.entities.iter_mut().filter(|one| one.row.version > 0) {
                if let Some(keys) = &mut change.keys {
                    keys.extend(keys_of(store, change.row.entity).await?);
                    keys.sort_unstable();
                    keys.dedup();
                }
            }
        }
        Fault::ForgottenDigest => {
            for planned in &mut changes.plan.operations {
                if let Operation::EntityWritten(written) = &mut planned.operation {
                    written.digest = [0; 32];
                }
            }
        }
        // A unit without any record would write nothing at all.
        Fault::UnrecordedRow if changes.plan.operations.len() > 1 => {
            let last = changes.plan.operations.last().map(|planned| &planned.operation);
            if matches!(last, Some(Operation::EntityWritten(_))) {
                changes.plan.operations.pop();
            }
        }
        _ => {}
    }
    Ok(())
}

async fn keys_of(store: &impl Store, entity: EntityRef) -> Result<Vec<IndexEntry>, StoreError> {
    let before = Uuid::from_u128(entity.id.as_u128().saturating_sub(1));
    let rows = store.entity_list(entity.kind, Some(before), 1).await?;
    let row = rows.into_iter().find(|(row, _)| row.entity == entity);
    Ok(row.map(|(_, keys)| keys).unwrap_or_default())
}
