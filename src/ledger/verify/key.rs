//! What a check of the books can find in the indexes of a store.

use crate::ledger::EntityRef;

/// One way in which the keys of a row beside the ledger are not those that its value has. Keys may
/// be names and addresses: no difference says one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyDifference {
    /// A row is not found by a key that it has.
    #[error("{} {} is not found by a key that it has in {index}", entity.kind, entity.id)]
    Missing {
        /// The row.
        entity: EntityRef,
        /// The code of the index.
        index: &'static str,
    },
    /// The unique key of a row leads to another one.
    #[error("a key of {} {} in {index} leads to {} {}", entity.kind, entity.id, owner.kind, owner.id)]
    Taken {
        /// The row that has the key.
        entity: EntityRef,
        /// The code of the index.
        index: &'static str,
        /// The row that it leads to.
        owner: EntityRef,
    },
    /// A row is found by a key that it does not have.
    #[error("{} {} is found by a key that it does not have in {index}", entity.kind, entity.id)]
    TooMany {
        /// The row.
        entity: EntityRef,
        /// The code of the index.
        index: &'static str,
    },
    /// A key leads to a row that does not exist.
    #[error("a key in {index} leads to {} {}, which does not exist", entity.kind, entity.id)]
    WithoutRow {
        /// The row that it leads to.
        entity: EntityRef,
        /// The code of the index.
        index: &'static str,
    },
}
