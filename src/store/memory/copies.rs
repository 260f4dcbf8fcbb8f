//! What every movement of money asks of the rows beside the ledger, in columns of its own: a row
//! of its own size, found in one step, where the whole row is an order of magnitude larger.

use uuid::Uuid;

use super::column::Column;
use super::index::IdIndex;
use crate::store::Entity;
use crate::store::copied::Copied;

/// A copy, with the version of the row that it was made of.
#[derive(Debug)]
struct Kept<T> {
    version: u64,
    copy: T,
}

/// The copies of one kind.
#[derive(Debug)]
pub(super) struct Copies<T> {
    index: IdIndex,
    rows: Column<Kept<T>>,
}

impl<T> Default for Copies<T> {
    fn default() -> Self {
        Self { index: IdIndex::default(), rows: Column::default() }
    }
}

impl<T: Copied> Copies<T> {
    fn find(&self, id: Uuid) -> Option<u32> {
        let is =
            |row: u32| self.rows.get(row as usize).is_some_and(|kept| kept.copy.row_id() == id);
        self.index.find(id, is)
    }

    fn kept(&self, id: Uuid) -> Option<&Kept<T>> {
        self.rows.get(self.find(id)? as usize)
    }

    /// The version of the row; 0 if there is none.
    pub(super) fn version(&self, id: Uuid) -> u64 {
        self.kept(id).map_or(0, |kept| kept.version)
    }

    /// Puts the copy of a row as it is now, if it is one of these.
    pub(super) fn put(&mut self, version: u64, value: &Entity) {
        let Some(copy) = T::of(value) else { return };
        let id = copy.row_id();
        let known = self.find(id).and_then(|row| self.rows.get_mut(row as usize));
        match known {
            Some(kept) => *kept = Kept { version, copy },
            // A store of more rows than 32 bits number is full long before.
            None => {
                if let Ok(row) = u32::try_from(self.rows.push(Kept { version, copy })) {
                    self.index.insert(id, row);
                }
            }
        }
    }

    /// Answers in the order of the questions, and notes which versions were seen.
    pub(super) fn answer(
        &self,
        asked: impl ExactSizeIterator<Item = Uuid> + Clone,
        found: &mut Vec<Option<T>>,
        seen: &mut Vec<(Uuid, u64)>,
    ) {
        found.reserve(asked.len());
        seen.reserve(asked.len());
        // First all lookups, then all rows: so independent misses of the cache overlap. A row that
        // is another's, because 32 bits of a hash agree, is looked up again.
        let guesses: Vec<Option<u32>> =
            asked.clone().map(|id| self.index.find(id, |_| true)).collect();
        for (id, guess) in asked.zip(guesses) {
            let guessed = guess.and_then(|row| self.rows.get(row as usize));
            let kept = match guessed {
                Some(kept) if kept.copy.row_id() != id => self.kept(id),
                guessed => guessed,
            };
            seen.push((id, kept.map_or(0, |kept| kept.version)));
            found.push(kept.map(|kept| kept.copy.clone()));
        }
    }
}
