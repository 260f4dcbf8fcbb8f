//! Tamper evidence: the journal sealed in blocks, after commit.
//!
//! A [`Block`] holds the Merkle root (RFC 6962, SHA-256) over a run of journal records and the
//! hash of the block before it, so that the hash of the last block stands for the whole journal.
//! A [`Proof`] shows that one record is in one block; a [`SealVerifier`] finds what was altered,
//! taken out or put in.
//!
//! # What a seal cannot do
//!
//! Who can rewrite records *and* all later blocks leaves a chain that is consistent with itself.
//! So a host should write down the number and hash of the last block, every night, where the
//! database cannot reach: see [`SealVerifier::anchored`].
//!
//! Words are sealed by their salted digest. Words that are gone count as erased, which is
//! allowed; words that are there must match. Names of accounts are not sealed at all.

mod block;
mod merkle;
mod proof;
mod verifier;

pub use block::{Block, MAX_BLOCK};
pub use merkle::{inclusion_path, merkle_root};
pub use proof::{Proof, ProofError};
pub use verifier::{SealFault, SealReport, SealVerifier};

use sha2::{Digest, Sha256};

use crate::ledger::encode::encode_record;
use crate::ledger::{Notes, Operation, Record, SaltedNotes};

const NOTES_DOMAIN: &str = "corebank.notes.v1";

/// The leaf of a record in a Merkle tree: the hash of its canonical bytes.
#[must_use]
pub fn record_hash(record: &Record) -> [u8; 32] {
    record_hash_in(record, &mut Vec::with_capacity(512))
}

/// As [`record_hash`], with a buffer that is used again and again.
fn record_hash_in(record: &Record, buffer: &mut Vec<u8>) -> [u8; 32] {
    buffer.clear();
    encode_record(record, buffer);
    merkle::leaf_hash(buffer)
}

/// SHA-256 over the salt and every word: what a seal knows of notes. Without the salt nobody can
/// find short words by trying.
#[must_use]
pub fn notes_digest(salt: &[u8; 16], notes: &Notes) -> [u8; 32] {
    let Notes { description, reference, metadata } = notes;
    let mut digest = Sha256::new();
    word(&mut digest, NOTES_DOMAIN);
    digest.update(salt);
    optional(&mut digest, description.as_ref().map(crate::ledger::Text::as_str));
    optional(&mut digest, reference.as_ref().map(crate::ledger::Reference::as_str));
    digest.update((metadata.iter().count() as u64).to_be_bytes());
    for (key, value) in metadata.iter() {
        word(&mut digest, key);
        word(&mut digest, value);
    }
    digest.finalize().into()
}

fn word(digest: &mut Sha256, word: &str) {
    digest.update((word.len() as u64).to_be_bytes());
    digest.update(word);
}

fn optional(digest: &mut Sha256, text: Option<&str>) {
    digest.update([u8::from(text.is_some())]);
    if let Some(text) = text {
        word(digest, text);
    }
}

/// Whether the words of a record are the sealed ones, as far as they are still there.
fn words_match(record: &Record) -> bool {
    let notes = match record {
        Record::Transaction(transaction) => transaction.notes.as_ref(),
        Record::Operation(record) => match &record.operation {
            Operation::HoldPlaced(placed) => placed.notes.as_ref(),
            _ => None,
        },
    };
    notes.is_none_or(|SaltedNotes { notes, salt, digest }| {
        notes.as_ref().is_none_or(|notes| notes_digest(salt, notes) == *digest)
    })
}

#[cfg(test)]
mod tests;
