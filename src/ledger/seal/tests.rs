//! Proofs and the check of all seals, against every kind of tampering.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation
)]

use proptest::prelude::*;

use super::*;
use crate::ledger::encode::tests::{at, notes, transaction};
use crate::ledger::{Metadata, Reference, Text};

fn records(count: u64) -> Vec<Record> {
    let record = |position| {
        let mut transaction = transaction(position);
        transaction.id = crate::id::TransactionId::from_u128(u128::from(position));
        Record::Transaction(transaction)
    };
    (1..=count).map(record).collect()
}

fn leaves(records: &[Record]) -> Vec<[u8; 32]> {
    records.iter().map(record_hash).collect()
}

fn chain(records: &[Record], size: usize) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for run in records.chunks(size) {
        let (previous, first) = (blocks.last(), run[0].position());
        let block = Block::build(previous, first, &leaves(run), at(i64::from(previous.is_some())));
        blocks.push(block);
    }
    blocks
}

/// Feeds blocks and records as a host does: records by position, behind their block.
fn feed(mut verifier: SealVerifier, blocks: &[Block], records: &[Record]) -> SealReport {
    let mut rest = records.iter().peekable();
    for (at, block) in blocks.iter().enumerate() {
        verifier.block(block);
        let last = at + 1 == blocks.len();
        while let Some(record) = rest.next_if(|record| last || record.position() < block.end()) {
            verifier.record(record);
        }
    }
    rest.for_each(|record| verifier.record(record));
    verifier.finish()
}

fn check(blocks: &[Block], records: &[Record]) -> SealReport {
    feed(SealVerifier::new(), blocks, records)
}

fn edit(record: &mut Record, change: impl FnOnce(&mut crate::ledger::Transaction)) {
    if let Record::Transaction(transaction) = record {
        change(transaction);
    }
}

#[test]
fn a_whole_journal_is_clean() {
    let all = records(10);
    let blocks = chain(&all[..9], 4);
    let report = check(&blocks, &all);
    assert!(report.is_clean(), "{report:?}");
    assert_eq!((report.blocks, report.records, report.unsealed), (3, 9, 1));
    assert_eq!(report.last, blocks.last().copied());
    let later = feed(SealVerifier::after(&blocks[0]), &blocks[1..], &all[4..]);
    assert!(later.is_clean() && later.records == 5, "{later:?}");
    assert!(check(&[], &[]).is_clean());
    let none = check(&[], &all);
    assert!(none.is_clean() && none.unsealed == 10);
}

#[test]
fn altered_missing_and_inserted_records_are_found() {
    let all = records(10);
    let blocks = chain(&all, 4);
    let faults = |records: &[Record]| check(&blocks, records).faults;
    let mut altered = all.clone();
    edit(&mut altered[5], |t| t.entries[0].balance_after += 1);
    assert_eq!(faults(&altered), [SealFault::Altered { block: 2, first: 5, last: 8 }]);
    let mut swapped = all.clone();
    swapped.swap(0, 1);
    let expected = [
        SealFault::Missing { block: 1, first: 1, last: 1 },
        SealFault::Inserted { block: 1, position: 1 },
    ];
    assert_eq!(faults(&swapped), expected);
    for gone in 0..10_usize {
        let mut fewer = all.clone();
        let position = fewer.remove(gone).position();
        let block = gone as u64 / 4 + 1;
        let missing = SealFault::Missing { block, first: position, last: position };
        assert_eq!(faults(&fewer), [missing]);
        let mut more = all.clone();
        more.insert(gone, all[gone].clone());
        assert_eq!(faults(&more), [SealFault::Inserted { block, position }]);
    }
    let missing = SealFault::Missing { block: 3, first: 9, last: 10 };
    assert_eq!(faults(&all[..8]), [missing]);
}

#[test]
fn a_record_put_in_by_moving_the_others_is_found() {
    let all = records(8);
    let blocks = chain(&all, 4);
    let mut moved = all.clone();
    let mut extra = all[2].clone();
    edit(&mut extra, |t| t.entries[0].number = 99);
    moved.insert(2, extra);
    for (position, record) in (1..).zip(&mut moved) {
        edit(record, |t| t.position = position);
    }
    let report = check(&blocks, &moved);
    let altered = |block, first, last| SealFault::Altered { block, first, last };
    assert_eq!(report.faults, [altered(1, 1, 4), altered(2, 5, 8)]);
    assert_eq!(report.unsealed, 1);
}

#[test]
fn altered_blocks_and_broken_chains_are_found() {
    let all = records(12);
    let blocks = chain(&all, 4);
    let changes: [fn(&mut Block); 7] = [
        |block| block.number += 1,
        |block| block.first_position += 1,
        |block| block.count -= 1,
        |block| block.root[0] ^= 1,
        |block| block.previous[0] ^= 1,
        |block| block.sealed_at = at(99),
        |block| block.hash[0] ^= 1,
    ];
    for (change, at) in changes.iter().flat_map(|change| [(change, 0), (change, 1), (change, 2)]) {
        let mut bent = blocks.clone();
        change(&mut bent[at]);
        let report = check(&bent, &all);
        let altered = SealFault::BlockAltered { block: bent[at].number };
        assert!(report.faults.contains(&altered), "{report:?}");
        // Making the hash fit again breaks the chain, or the root, or the numbering.
        bent[at].hash = bent[at].computed_hash();
        // Only the instant of the last block can be forged: nothing follows that vouches for it.
        let last_instant = at == 2 && bent[at].sealed_at != blocks[at].sealed_at;
        assert!(bent == blocks || last_instant || !check(&bent, &all).is_clean());
    }
    let gone = [blocks[0], blocks[2]];
    let faults = check(&gone, &all).faults;
    for fault in [
        SealFault::BlockNumber { expected: 2, found: 3 },
        SealFault::BrokenChain { block: 3 },
        SealFault::BlockStart { block: 3, expected: 5, found: 9 },
        SealFault::Inserted { block: 3, position: 5 },
    ] {
        assert!(faults.contains(&fault), "{faults:?} without {fault}");
    }
    let mut early = SealVerifier::new();
    early.block(&blocks[0]);
    all[..8].iter().for_each(|record| early.record(record));
    early.block(&blocks[2]);
    all[8..].iter().for_each(|record| early.record(record));
    let not_sealed = SealFault::NotSealed { first: 5, count: 4 };
    assert!(early.finish().faults.contains(&not_sealed));
    let empty = Block::build(None, 1, &[], at(1));
    assert_eq!(check(&[empty], &[]).faults, [SealFault::BlockSize { block: 1, count: 0 }]);
}

#[test]
fn an_anchor_finds_a_chain_written_anew() {
    let all = records(8);
    let blocks = chain(&all, 4);
    let anchored = || SealVerifier::new().anchored(2, blocks[1].hash);
    assert!(feed(anchored(), &blocks, &all).is_clean());
    let cut = feed(anchored(), &blocks[..1], &all[..4]);
    assert_eq!(cut.faults, [SealFault::AnchorMissing { block: 2 }]);
    let mut forged = all;
    edit(&mut forged[0], |t| t.entries[0].balance_after += 1);
    let anew = chain(&forged, 4);
    assert!(check(&anew, &forged).is_clean(), "consistent with itself");
    let report = feed(anchored(), &anew, &forged);
    assert_eq!(report.faults, [SealFault::AnchorDiffers { block: 2 }]);
}

#[test]
fn words_are_checked_while_they_are_there() {
    let mut all = records(3);
    let blocks = chain(&all[..2], 2);
    edit(&mut all[0], |t| t.notes.as_mut().unwrap().notes = None);
    assert!(check(&blocks, &all).is_clean(), "erased");
    for at in [1_usize, 2] {
        let mut altered = all.clone();
        let words = notes("other").notes;
        edit(&mut altered[at], |t| t.notes.as_mut().unwrap().notes = words);
        let (block, position) = ((at == 1).then_some(1), at as u64 + 1);
        let report = check(&blocks, &altered);
        assert_eq!(report.faults, [SealFault::NotesAltered { block, position }]);
    }
}

#[test]
fn faults_beyond_a_thousand_are_counted() {
    let all = records(3_000);
    let twice: Vec<Record> = all.iter().flat_map(|one| [one.clone(), one.clone()]).collect();
    let report = check(&chain(&all, MAX_BLOCK), &twice);
    assert_eq!((report.faults.len(), report.more), (1_000, 2_000));
    assert!(!report.is_clean());
}

#[test]
fn every_word_enters_the_digest() {
    let salt = [1; 16];
    let metadata = |pairs: &[(&str, &str)]| {
        let mut metadata = Metadata::default();
        for (key, value) in pairs {
            metadata.insert(key, value).unwrap();
        }
        metadata
    };
    let all = [
        Notes::default(),
        Notes { description: Some(Text::new("ab").unwrap()), ..Notes::default() },
        Notes { description: Some(Text::new("a").unwrap()), ..Notes::default() },
        Notes { reference: Some(Reference::new("ab").unwrap()), ..Notes::default() },
        Notes { metadata: metadata(&[("a", "b")]), ..Notes::default() },
        Notes { metadata: metadata(&[("ab", "b")]), ..Notes::default() },
        Notes { metadata: metadata(&[("a", "bb")]), ..Notes::default() },
        Notes { metadata: metadata(&[("a", "b"), ("c", "d")]), ..Notes::default() },
    ];
    let digests: std::collections::HashSet<_> =
        all.iter().map(|notes| notes_digest(&salt, notes)).collect();
    assert_eq!(digests.len(), all.len());
    assert!(!digests.contains(&notes_digest(&[2; 16], &all[1])), "the salt counts");
}

#[test]
fn a_proof_says_what_differs() {
    let all = records(5);
    let blocks = chain(&all, 5);
    let (block, leaves, trusted) = (blocks[0], leaves(&all), blocks[0].hash);
    let proof = Proof::build(block, &leaves, 2).unwrap();
    assert_eq!(proof.verify(&all[2], &trusted), Ok(()));
    assert_eq!(Proof::build(block, &leaves, 5), None);
    assert_eq!(proof.verify(&all[2], &[0; 32]), Err(ProofError::BlockNotTrusted));
    let elsewhere = ProofError::PositionDiffers { proven: 3, found: 4 };
    assert_eq!(proof.verify(&all[3], &trusted), Err(elsewhere));
    let mut altered = all[2].clone();
    edit(&mut altered, |t| t.entries[0].number = 9);
    assert_eq!(proof.verify(&altered, &trusted), Err(ProofError::RecordDiffers { position: 3 }));
    let mut reworded = all[2].clone();
    let words = notes("other").notes;
    edit(&mut reworded, |t| t.notes.as_mut().unwrap().notes = words);
    assert_eq!(proof.verify(&reworded, &trusted), Err(ProofError::NotesDiffer { position: 3 }));
    let bent = |change: fn(&mut Proof)| {
        let mut bent = proof.clone();
        change(&mut bent);
        bent.verify(&all[2], &trusted)
    };
    assert_eq!(bent(|p| p.block.root[0] ^= 1), Err(ProofError::BlockAltered { block: 1 }));
    assert_eq!(bent(|p| p.path[0][0] ^= 1), Err(ProofError::PathDiffers { block: 1 }));
    assert_eq!(bent(|p| p.leaf[0] ^= 1), Err(ProofError::RecordDiffers { position: 3 }));
    assert_eq!(bent(|p| p.index = 5), Err(ProofError::IndexOutside { index: 5, count: 5 }));
    assert_eq!(bent(|p| p.index = 1), Err(ProofError::PositionDiffers { proven: 2, found: 3 }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_proof_verifies_and_any_flipped_bit_is_caught(
        count in 1_u64..40, seed: usize, bit in 0_usize..256, place: usize,
    ) {
        let all = records(count);
        let index = seed % all.len();
        let block = chain(&all, all.len())[0];
        let proof = Proof::build(block, &leaves(&all), index as u32).unwrap();
        prop_assert_eq!(proof.verify(&all[index], &block.hash), Ok(()));
        let flip = |hash: &mut [u8; 32]| hash[bit / 8] ^= 1 << (bit % 8);
        let mut bent = vec![proof.clone(); 5];
        flip(&mut bent[0].leaf);
        flip(&mut bent[1].block.root);
        flip(&mut bent[2].block.previous);
        flip(&mut bent[3].block.hash);
        if proof.path.is_empty() {
            bent.truncate(4);
        } else {
            flip(&mut bent[4].path[place % proof.path.len()]);
        }
        for proof in bent {
            prop_assert!(proof.verify(&all[index], &block.hash).is_err());
        }
        let mut trusted = block.hash;
        flip(&mut trusted);
        prop_assert!(proof.verify(&all[index], &trusted).is_err());
    }

    #[test]
    fn any_altered_record_is_found(count in 1_u64..30, size in 1_usize..9, seed: usize) {
        let all = records(count);
        let blocks = chain(&all, size);
        prop_assert!(check(&blocks, &all).is_clean());
        let mut altered = all.clone();
        edit(&mut altered[seed % all.len()], |t| t.entries[1].balance_after ^= 1);
        prop_assert!(!check(&blocks, &altered).is_clean());
    }
}
