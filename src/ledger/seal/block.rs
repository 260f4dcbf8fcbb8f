//! Blocks and the chain they form.

use sha2::{Digest, Sha256};

use super::merkle_root;
use crate::time::Timestamp;

/// The most records of one block.
pub const MAX_BLOCK: usize = 8_192;

const BLOCK_DOMAIN: &[u8] = b"corebank.block.v1";

/// A run of journal records sealed under a Merkle root, chained to the block before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Block {
    /// Its number: 1, 2, 3, without gaps.
    pub number: u64,
    /// The place in the journal of its first record.
    pub first_position: u64,
    /// How many records it seals, 1 to [`MAX_BLOCK`].
    pub count: u32,
    /// The Merkle root over its records.
    #[serde(with = "crate::support::serde_hex")]
    pub root: [u8; 32],
    /// The hash of the block before it; zeros for the first one.
    #[serde(with = "crate::support::serde_hex")]
    pub previous: [u8; 32],
    /// When it was sealed.
    pub sealed_at: Timestamp,
    /// The hash over all the other fields.
    #[serde(with = "crate::support::serde_hex")]
    pub hash: [u8; 32],
}

impl Block {
    /// Seals leaves, made by [`record_hash`](super::record_hash), behind a previous block. The
    /// caller gives 1 to [`MAX_BLOCK`] leaves and begins where the previous block ends, at 1 for
    /// the first one: else the block is not [consistent](Self::is_consistent).
    #[must_use]
    pub fn build(
        previous: Option<&Self>,
        first_position: u64,
        leaves: &[[u8; 32]],
        sealed_at: Timestamp,
    ) -> Self {
        let mut block = Self {
            number: previous.map_or(0, |previous| previous.number).saturating_add(1),
            first_position,
            count: u32::try_from(leaves.len()).unwrap_or(u32::MAX),
            root: merkle_root(leaves),
            previous: previous.map_or([0; 32], |previous| previous.hash),
            sealed_at,
            hash: [0; 32],
        };
        block.hash = block.computed_hash();
        block
    }

    /// The hash that the other fields give.
    pub(super) fn computed_hash(&self) -> [u8; 32] {
        let Self { number, first_position, count, root, previous, sealed_at, hash: _ } = self;
        // A fixed number of fields of fixed width: no two blocks are written alike.
        Sha256::new()
            .chain_update(BLOCK_DOMAIN)
            .chain_update(number.to_be_bytes())
            .chain_update(first_position.to_be_bytes())
            .chain_update(count.to_be_bytes())
            .chain_update(root)
            .chain_update(previous)
            .chain_update(sealed_at.as_nanos().to_be_bytes())
            .finalize()
            .into()
    }

    /// The place in the journal behind its last record.
    #[must_use]
    pub const fn end(&self) -> u64 {
        self.first_position.saturating_add(self.count as u64)
    }

    pub(super) fn size_is_valid(&self) -> bool {
        usize::try_from(self.count).is_ok_and(|count| (1..=MAX_BLOCK).contains(&count))
    }

    /// Whether the block is whole in itself and follows the previous one; `None` says that it is
    /// the first of its chain.
    #[must_use]
    pub fn is_consistent(&self, previous: Option<&Self>) -> bool {
        let (number, first, hash) = previous
            .map_or((0, 1, [0; 32]), |previous| (previous.number, previous.end(), previous.hash));
        self.hash == self.computed_hash()
            && self.size_is_valid()
            && Some(self.number) == number.checked_add(1)
            && self.first_position == first
            && self.previous == hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(nanos: i64) -> Timestamp {
        Timestamp::from_nanos(nanos)
    }

    #[test]
    fn a_chain_is_consistent_and_every_change_breaks_it() {
        let first = Block::build(None, 1, &[[1; 32], [2; 32]], at(10));
        let second = Block::build(Some(&first), 3, &[[3; 32]], at(20));
        assert!(first.is_consistent(None) && second.is_consistent(Some(&first)));
        assert!(!second.is_consistent(None) && !first.is_consistent(Some(&second)));
        assert_eq!((second.number, second.end()), (2, 4));
        let changes: [fn(&mut Block); 7] = [
            |block| block.number ^= 1,
            |block| block.first_position ^= 1,
            |block| block.count ^= 2,
            |block| block.root[31] ^= 1,
            |block| block.previous[0] ^= 1,
            |block| block.sealed_at = at(21),
            |block| block.hash[16] ^= 1,
        ];
        for change in changes {
            let mut altered = second;
            change(&mut altered);
            assert!(!altered.is_consistent(Some(&first)), "{altered:?}");
            let mut before = first;
            change(&mut before);
            before.hash = before.computed_hash();
            assert!(before.hash == first.hash || !second.is_consistent(Some(&before)));
        }
    }

    #[test]
    fn sizes_and_places_are_bounded() {
        assert!(!Block::build(None, 1, &[], at(0)).is_consistent(None));
        assert!(!Block::build(None, 2, &[[0; 32]], at(0)).is_consistent(None));
        let most = vec![[0; 32]; MAX_BLOCK];
        assert!(Block::build(None, 1, &most, at(0)).is_consistent(None));
        let more = vec![[0; 32]; MAX_BLOCK + 1];
        assert!(!Block::build(None, 1, &more, at(0)).is_consistent(None));
        let mut edge = Block::build(None, 1, &[[0; 32]], at(0));
        edge.number = u64::MAX;
        assert!(!Block::build(Some(&edge), 2, &[[0; 32]], at(0)).is_consistent(Some(&edge)));
    }
}
