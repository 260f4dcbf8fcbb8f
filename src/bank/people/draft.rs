//! Putting together what a decision about rows beside the ledger writes: the rows, and for each a
//! record of the journal, so that neither can be there without the other.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::id::AccountId;
use crate::ledger::decide::Supply;
use crate::ledger::facts::{Facts, Plan, PlannedOperation};
use crate::ledger::{EntityRef, EntityWritten, EventCode, FieldChange, Operation};
use crate::store::{Committed, Entity, EntityChange, EntityRow, Fingerprint};

use super::index::entries_of;
use crate::bank::corridor::Decision;

/// What is to be written.
#[derive(Debug)]
pub(in crate::bank) struct Draft {
    plan: Plan,
    entities: Vec<EntityChange>,
}

impl Draft {
    /// Nothing yet, relying on the book that was read.
    pub(in crate::bank) fn new(facts: &Facts) -> Self {
        Self::on(Plan { book_version: facts.book.version, ..Plan::default() })
    }

    /// On top of what the ledger decided.
    pub(in crate::bank) const fn on(plan: Plan) -> Self {
        Self { plan, entities: Vec::new() }
    }

    /// Whether nothing is to be written.
    pub(in crate::bank) const fn is_empty(&self) -> bool {
        self.plan.is_empty()
    }

    /// Writes a new row, and returns it. `request` is what was asked for, to recognise a repetition.
    pub(in crate::bank) fn create(
        &mut self,
        value: Entity,
        event: EventCode,
        request: &impl serde::Serialize,
        supply: &mut dyn Supply,
    ) -> EntityRow {
        let (entity, salt) = (super::index::ref_of(&value), supply.salt());
        let request = Fingerprint::of(request, &salt);
        let row = EntityRow { entity, version: 0, salt, request, value: Arc::new(value) };
        self.write(row.clone(), event, Vec::new(), true);
        row
    }

    /// Writes a row as it is now.
    pub(in crate::bank) fn update(
        &mut self,
        before: &EntityRow,
        value: Entity,
        event: EventCode,
        changes: Vec<FieldChange>,
    ) {
        let (old, new) = (entries_of(&before.value), entries_of(&value));
        let row = EntityRow { value: Arc::new(value), ..before.clone() };
        self.write(row, event, changes, old != new);
    }

    fn write(
        &mut self,
        row: EntityRow,
        event: EventCode,
        changes: Vec<FieldChange>,
        keys_changed: bool,
    ) {
        let after = u32::try_from(self.plan.transactions.len()).unwrap_or(u32::MAX);
        let written = EntityWritten {
            entity: row.entity,
            version: row.version.saturating_add(1),
            event,
            changes,
            account: account_of(&row),
            digest: row.digest(),
        };
        let operation = Operation::EntityWritten(Box::new(written));
        self.plan.operations.push(PlannedOperation { after, operation });
        let keys = keys_changed.then(|| entries_of(&row.value));
        self.entities.push(EntityChange { row, keys });
    }

    /// The decision, with what the caller gets.
    pub(in crate::bank) fn decided<T>(
        self,
        answer: impl FnOnce(Committed) -> T + Send + 'static,
    ) -> Decision<T> {
        Decision { plan: self.plan, entities: self.entities, answer: Box::new(answer) }
    }
}

fn account_of(row: &EntityRow) -> Option<AccountId> {
    matches!(*row.value, Entity::Account(_)).then(|| AccountId::from_uuid(row.entity.id))
}

/// The row of a kind and id, if it was read.
pub(in crate::bank) fn row_of(
    known: &crate::store::Entities,
    entity: EntityRef,
) -> Option<&EntityRow> {
    known.rows.get(&entity).map(std::convert::AsRef::as_ref)
}

/// The first field in which a request differs from the one that created a row; none if it is the
/// same request again.
pub(in crate::bank) fn repeated(
    row: &EntityRow,
    request: &impl serde::Serialize,
) -> Option<String> {
    row.request.differs(&Fingerprint::of(request, &row.salt))
}

/// The id that belongs to an idempotency key: the same key of the same operation gives the same id,
/// so that a repetition finds what was created.
pub(in crate::bank) fn id_of_key(operation: &str, key: &str) -> Uuid {
    let mut hash = Sha256::new();
    hash.update(b"corebank.key.v1");
    hash.update(operation.as_bytes());
    hash.update([0]);
    hash.update(key.as_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    let id = digest.first_chunk::<16>().copied().unwrap_or_default();
    uuid::Builder::from_bytes(id).with_version(uuid::Version::Custom).into_uuid()
}
