//! What repeats from record to record is kept once: kinds, and who asked.

use crate::ledger::{Kind, Origin};
use crate::store::Origins;

use super::commit::row_number;
use super::rows::NONE;
use super::state::State;

/// The rows of the origins of a unit, handed out record by record.
#[derive(Debug)]
pub(super) struct Rows {
    row: u32,
    /// The first record of the next run; nearly always there is none.
    until: u64,
    rest: std::vec::IntoIter<(u32, u32)>,
    next: u32,
}

impl Rows {
    fn new(first: u32, more: Vec<(u32, u32)>) -> Self {
        let mut rows = Self { row: first, until: 0, rest: more.into_iter(), next: first };
        rows.advance();
        rows
    }

    fn advance(&mut self) {
        self.row = self.next;
        match self.rest.next() {
            Some((offset, row)) => (self.until, self.next) = (u64::from(offset), row),
            None => self.until = u64::MAX,
        }
    }

    /// The row of who asked for a record; offsets ascend.
    pub(super) fn of_next(&mut self, offset: u64) -> u32 {
        while offset >= self.until {
            self.advance();
        }
        self.row
    }
}

impl State {
    pub(super) fn intern(&mut self, origins: Origins) -> Rows {
        let mut first = NONE;
        let mut more = Vec::with_capacity(origins.run_count().saturating_sub(1));
        for (offset, origin) in origins.into_runs() {
            let row = self.intern_origin(origin);
            if offset == 0 {
                first = row;
            } else {
                more.push((offset, row));
            }
        }
        Rows::new(first, more)
    }

    pub(super) fn intern_origin(&mut self, origin: Origin) -> u32 {
        let last = self.origins.len().checked_sub(1);
        if last.and_then(|at| self.origins.get(at)) == Some(&origin) {
            return last.map_or(NONE, row_number);
        }
        let at = row_number(self.origins.len());
        // One with a correlation is as good as never seen again.
        if origin.correlation.is_none() {
            if let Some(known) = self.origin_index.get(&origin) {
                return *known;
            }
            self.origin_index.insert(origin.clone(), at);
        }
        self.origins.push(origin);
        at
    }

    pub(super) fn intern_kind(&mut self, kind: Kind) -> u16 {
        // Nearly every transaction is of the kind of one of the first.
        let near = self.kinds.iter().take(8).position(|known| *known == kind);
        if let Some(at) = near.and_then(|at| u16::try_from(at).ok()) {
            return at;
        }
        if let Some(at) = self.kind_index.get(&kind) {
            return *at;
        }
        let at = u16::try_from(self.kinds.len()).unwrap_or(u16::MAX);
        self.kinds.push(kind);
        self.kind_index.insert(kind, at);
        at
    }
}
