//! What the journal says of the rows that stand beside the ledger: customers, files of documents,
//! products, accounts of customers. The ledger knows them as opaque references only.
//!
//! A record of such a row holds no personal data: what kind of row, which one, what happened to
//! it, which fields changed, and a salted digest of the row as it was written. The salt stands in
//! the row, so that erasing the row leaves the seal of the journal whole and the digest mute.

use uuid::Uuid;

use crate::id::AccountId;
use crate::ledger::{EntityKind, EventCode, FieldName, StateCode};

/// Names a row beside the ledger.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct EntityRef {
    /// What kind of row.
    pub kind: EntityKind,
    /// Which one.
    pub id: Uuid,
}

impl EntityRef {
    /// A reference.
    #[must_use]
    pub const fn new(kind: EntityKind, id: Uuid) -> Self {
        Self { kind, id }
    }
}

/// A field that changed. Of a field that may hold personal data only the name is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FieldChange {
    /// The field.
    pub field: FieldName,
    /// Its value before, if it is a code that says nothing of a person.
    pub from: Option<StateCode>,
    /// Its value after, likewise.
    pub to: Option<StateCode>,
}

impl FieldChange {
    /// A field whose values are not said.
    #[must_use]
    pub const fn of(field: FieldName) -> Self {
        Self { field, from: None, to: None }
    }

    /// A field that went from one code to another.
    #[must_use]
    pub const fn between(field: FieldName, from: StateCode, to: StateCode) -> Self {
        Self { field, from: Some(from), to: Some(to) }
    }
}

/// A row beside the ledger was written.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct EntityWritten {
    /// Which row.
    pub entity: EntityRef,
    /// Its version after this: 1 when it is new, one more with every change.
    pub version: u64,
    /// What happened, such as `customer.registered`.
    pub event: EventCode,
    /// What changed; empty for a new row.
    pub changes: Vec<FieldChange>,
    /// The account that it concerns, if it is one: its events stay in order with the account's.
    pub account: Option<AccountId>,
    /// The salted SHA-256 of the row as written.
    #[serde(with = "crate::support::serde_hex")]
    pub digest: [u8; 32],
}
