//! The proof that one record is in one block.

use super::merkle::root_of_path;
use super::{Block, inclusion_path, record_hash, words_match};
use crate::ledger::Record;

/// Shows that a record stands in a block, to anyone who trusts the hash of that block.
///
/// It holds no word of the record and no other record, so it can be handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The hash of the record: [`record_hash`].
    pub leaf: [u8; 32],
    /// The place of the record within the block, from 0.
    pub index: u32,
    /// The hashes beside the way from the leaf to the root, lowest first.
    pub path: Vec<[u8; 32]>,
    /// The block.
    pub block: Block,
}

/// Why a proof does not show what it claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The hash of the block is not the one that is trusted.
    #[error("the proof is for another block than the trusted one, or that block was altered")]
    BlockNotTrusted,
    /// The fields of the block do not give its hash.
    #[error("block {block} was altered: its fields do not give its hash")]
    BlockAltered {
        /// The number of the block.
        block: u64,
    },
    /// The block has no such place.
    #[error("the proof names place {index} of a block of {count}")]
    IndexOutside {
        /// The place, from 0.
        index: u32,
        /// The number of records of the block.
        count: u32,
    },
    /// The record stands elsewhere in the journal.
    #[error("the proof is for journal position {proven}, the record stands at {found}")]
    PositionDiffers {
        /// The position that is proven.
        proven: u64,
        /// The position of the record.
        found: u64,
    },
    /// The record is not the one that was sealed.
    #[error("the record at journal position {position} is not the one that was sealed")]
    RecordDiffers {
        /// The position of the record.
        position: u64,
    },
    /// The words of the record are not those that were sealed.
    #[error("the words of the record at journal position {position} were altered")]
    NotesDiffer {
        /// The position of the record.
        position: u64,
    },
    /// The path does not lead from the record to the root of the block.
    #[error("the path does not lead from the record to the root of block {block}")]
    PathDiffers {
        /// The number of the block.
        block: u64,
    },
}

impl ProofError {
    /// The stable code of the error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::BlockNotTrusted => "proof_block_not_trusted",
            Self::BlockAltered { .. } => "proof_block_altered",
            Self::IndexOutside { .. } => "proof_index_outside",
            Self::PositionDiffers { .. } => "proof_position_differs",
            Self::RecordDiffers { .. } => "proof_record_differs",
            Self::NotesDiffer { .. } => "proof_notes_differ",
            Self::PathDiffers { .. } => "proof_path_differs",
        }
    }
}

impl Proof {
    /// The proof of a leaf of a block, given all of them. `None` when there is no such leaf.
    #[must_use]
    pub fn build(block: Block, leaves: &[[u8; 32]], index: u32) -> Option<Self> {
        let at = usize::try_from(index).ok()?;
        let (leaf, path) = (*leaves.get(at)?, inclusion_path(leaves, at)?);
        Some(Self { leaf, index, path, block })
    }

    /// Checks that `record` is the one that was sealed, in the block whose hash is trusted.
    ///
    /// # Errors
    /// The first [`ProofError`] that applies, in the order of its variants.
    pub fn verify(&self, record: &Record, trusted_block_hash: &[u8; 32]) -> Result<(), ProofError> {
        let Self { leaf, index, path, block } = self;
        let (index, number, position) = (*index, block.number, record.position());
        if block.hash != *trusted_block_hash {
            return Err(ProofError::BlockNotTrusted);
        }
        if block.hash != block.computed_hash() {
            return Err(ProofError::BlockAltered { block: number });
        }
        if index >= block.count {
            return Err(ProofError::IndexOutside { index, count: block.count });
        }
        let proven = block.first_position.saturating_add(u64::from(index));
        if proven != position {
            return Err(ProofError::PositionDiffers { proven, found: position });
        }
        if *leaf != record_hash(record) {
            return Err(ProofError::RecordDiffers { position });
        }
        if !words_match(record) {
            return Err(ProofError::NotesDiffer { position });
        }
        if root_of_path(*leaf, index, block.count, path) != Some(block.root) {
            return Err(ProofError::PathDiffers { block: number });
        }
        Ok(())
    }
}
