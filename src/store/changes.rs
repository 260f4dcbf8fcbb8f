//! All that a store writes.

use crate::ledger::facts::Plan;
use crate::ledger::seal::Block;
use crate::store::{EntityChange, Origins};
use crate::time::Timestamp;

/// What a unit writes: a plan with who asked for it, or a sealed block. Audit and outbox are
/// readings of the journal records that it adds, so they commit with the money or not at all.
#[derive(Debug)]
pub struct Changes {
    /// What was decided.
    pub plan: Plan,
    /// Who asked for which record, on which way: part of every record.
    pub origins: Origins,
    /// The instant of the decision: no record gets an earlier one.
    pub not_before: Timestamp,
    /// A block to append. It conflicts unless it follows the last one.
    pub block: Option<Block>,
    /// Rows beside the ledger; each has its record in the plan.
    pub entities: Vec<EntityChange>,
}

/// Sorts and dedups keys: the one order in which a store that locks takes its locks.
#[must_use]
pub fn in_key_order<K: Ord + Copy>(keys: &[K]) -> Vec<K> {
    let mut sorted = keys.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    sorted
}
