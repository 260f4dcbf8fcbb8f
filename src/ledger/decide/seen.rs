//! The transactions of a plan, found again by id.

use hashbrown::HashMap;

use super::desk::clamp;
use crate::ledger::TransactionId;

/// Where a transaction of the plan stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Planned {
    pub(crate) transaction: u32,
    pub(crate) first_entry: u32,
    pub(crate) offset: u32,
}

/// Ids of one source ascend, and then the last one answers nearly every question. Only when one
/// comes out of order are they hashed.
#[derive(Debug, Default)]
pub(super) struct Seen {
    rows: Vec<(TransactionId, Planned)>,
    index: Option<HashMap<TransactionId, u32>>,
}

impl Seen {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self { rows: Vec::with_capacity(capacity), index: None }
    }

    pub(super) fn get(&self, id: TransactionId) -> Option<Planned> {
        let at = match &self.index {
            Some(index) => *index.get(&id)? as usize,
            None if self.rows.last().is_none_or(|last| last.0 < id) => return None,
            None => self.rows.binary_search_by_key(&id, |row| row.0).ok()?,
        };
        self.rows.get(at).map(|row| row.1)
    }

    /// Adds a transaction that is not there yet.
    pub(super) fn push(&mut self, id: TransactionId, planned: Planned) {
        let ascends = self.rows.last().is_none_or(|last| last.0 < id);
        if !ascends && self.index.is_none() {
            let ids = self.rows.iter().map(|row| row.0).zip(0..);
            self.index = Some(ids.collect());
        }
        if let Some(index) = &mut self.index {
            index.insert(id, clamp(self.rows.len()));
        }
        self.rows.push((id, planned));
    }

    /// Takes back all but the first `len`.
    pub(super) fn truncate(&mut self, len: usize) {
        if let Some(index) = &mut self.index {
            for (id, _) in self.rows.get(len..).unwrap_or_default() {
                index.remove(id);
            }
        }
        self.rows.truncate(len);
    }
}
