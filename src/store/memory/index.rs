//! From ids to rows: a table of row numbers, so that an id is stored once, in its row.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};
use uuid::Uuid;

/// A row with 32 bits of the hash of its id: growing the table reads no row, and a lookup reads
/// one only when those bits agree.
#[derive(Debug, Clone, Copy)]
struct Slot {
    hash: u32,
    row: u32,
}

#[derive(Debug, Default)]
pub(super) struct IdIndex {
    table: HashTable<Slot>,
    // Seeded at random: callers choose ids, and must not be able to make them collide.
    hasher: DefaultHashBuilder,
}

/// Spreads 32 bits over the 64 that the table takes its two parts from.
const fn spread(hash: u32) -> u64 {
    (hash as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

impl IdIndex {
    fn hash(&self, id: Uuid) -> u32 {
        // The upper half; the lower one would do as well.
        let [a, b, c, d, ..] = self.hasher.hash_one(id.as_u128()).to_be_bytes();
        u32::from_be_bytes([a, b, c, d])
    }

    /// The row of an id, if `is` confirms that the row has it.
    #[inline]
    pub(super) fn find(&self, id: Uuid, is: impl Fn(u32) -> bool) -> Option<u32> {
        let hash = self.hash(id);
        self.table.find(spread(hash), |slot| slot.hash == hash && is(slot.row)).map(|slot| slot.row)
    }

    /// Adds an id that is known to be absent.
    #[inline]
    pub(super) fn insert(&mut self, id: Uuid, row: u32) {
        let hash = self.hash(id);
        self.table.insert_unique(spread(hash), Slot { hash, row }, |slot| spread(slot.hash));
    }
}
