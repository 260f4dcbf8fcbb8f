//! The check of all blocks against all records.

use super::merkle::Peaks;
use super::{Block, record_hash_in, words_match};
use crate::ledger::Record;

/// The most faults that a report names; the rest is counted.
const MAX_FAULTS: usize = 1_000;

/// What is wrong with the seals of a journal.
///
/// A root tells that a record of its block was altered, not which one; where a position is known,
/// it is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealFault {
    /// The fields of a block do not give its hash.
    #[error("block {block} was altered: its fields do not give its hash")]
    BlockAltered {
        /// The block.
        block: u64,
    },
    /// The next block does not have the next number: one is missing, or one was put in.
    #[error("block {expected} should follow, block {found} does")]
    BlockNumber {
        /// The number that should follow.
        expected: u64,
        /// The number that does.
        found: u64,
    },
    /// A block does not carry the hash of the one before it.
    #[error("block {block} is not chained to the block before it")]
    BrokenChain {
        /// The block.
        block: u64,
    },
    /// A block does not begin where the one before it ended.
    #[error("block {block} begins at position {found}, not at {expected}")]
    BlockStart {
        /// The block.
        block: u64,
        /// Where it should begin.
        expected: u64,
        /// Where it does.
        found: u64,
    },
    /// A block seals no records, or more than a block may.
    #[error("block {block} claims {count} records, which no block has")]
    BlockSize {
        /// The block.
        block: u64,
        /// The number of records that it claims.
        count: u32,
    },
    /// At least one record of a block is not the one that was sealed.
    #[error("block {block}: a record from position {first} to {last} was altered")]
    Altered {
        /// The block.
        block: u64,
        /// The position of its first record.
        first: u64,
        /// The position of its last record.
        last: u64,
    },
    /// Sealed records are gone.
    #[error("block {block}: the records from position {first} to {last} are missing")]
    Missing {
        /// The block.
        block: u64,
        /// The first position that is missing.
        first: u64,
        /// The last one.
        last: u64,
    },
    /// There is a record that the block has no place for.
    #[error("block {block}: a record at position {position} was put in")]
    Inserted {
        /// The block.
        block: u64,
        /// The position that the record claims.
        position: u64,
    },
    /// Records that no block seals stand before a block, although a later one is sealed.
    #[error("{count} records from position {first} on stand before a block and in none")]
    NotSealed {
        /// The position of the first.
        first: u64,
        /// How many.
        count: u64,
    },
    /// The words of a record are not those that were sealed.
    #[error("the words of the record at position {position} were altered")]
    NotesAltered {
        /// The block, if the record is sealed already.
        block: Option<u64>,
        /// The position.
        position: u64,
    },
    /// A block is not the one that was written down outside.
    #[error("block {block} is not the one that was written down")]
    AnchorDiffers {
        /// The block.
        block: u64,
    },
    /// The block that was written down outside is gone.
    #[error("block {block} was written down, but is missing")]
    AnchorMissing {
        /// The block.
        block: u64,
    },
}

/// What a check of the seals found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealReport {
    /// How many blocks were checked.
    pub blocks: u64,
    /// How many sealed records were checked.
    pub records: u64,
    /// How many records at the end of the journal are not sealed yet.
    pub unsealed: u64,
    /// The last block: what a host should write down outside.
    pub last: Option<Block>,
    /// What is wrong, in the order of the journal.
    pub faults: Vec<SealFault>,
    /// How many more faults there are than are named.
    pub more: u64,
}

impl SealReport {
    /// Whether nothing is wrong.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.faults.is_empty() && self.more == 0
    }
}

impl std::fmt::Display for SealReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let faults = (self.faults.len() as u64).saturating_add(self.more);
        write!(
            f,
            "{} blocks, {} sealed records, {} unsealed: {faults} faults",
            self.blocks, self.records, self.unsealed,
        )?;
        self.faults.iter().try_for_each(|fault| write!(f, "\n  {fault}"))?;
        if self.more > 0 {
            write!(f, "\n  and {} more", self.more)?;
        }
        Ok(())
    }
}

/// Checks blocks against records as they stream by, in constant memory.
///
/// Feed the first block, then its records in the order of their positions, then the next block,
/// and so on; records behind the last block are those that are not sealed yet.
#[derive(Debug)]
pub struct SealVerifier {
    /// The last block fed, or the trusted one that the check began behind.
    previous: Option<Block>,
    /// Whether the records of `previous` are to be checked.
    open: bool,
    anchor: Option<(u64, [u8; 32])>,
    peaks: Peaks,
    /// The position that the next record should have.
    next: u64,
    /// Whether a record of the open block was missing, so that its root cannot be judged.
    torn: bool,
    /// The first record behind the last block, and how many there are.
    behind: Option<(u64, u64)>,
    buffer: Vec<u8>,
    report: SealReport,
}

impl Default for SealVerifier {
    fn default() -> Self {
        Self::new()
    }
}

impl SealVerifier {
    /// A check of the whole journal, from the first block on.
    #[must_use]
    pub fn new() -> Self {
        let report = SealReport {
            blocks: 0,
            records: 0,
            unsealed: 0,
            last: None,
            faults: Vec::new(),
            more: 0,
        };
        Self {
            previous: None,
            open: false,
            anchor: None,
            peaks: Peaks::default(),
            next: 1,
            torn: false,
            behind: None,
            buffer: Vec::new(),
            report,
        }
    }

    /// A check that begins behind a block that is trusted already.
    #[must_use]
    pub fn after(trusted: &Block) -> Self {
        let mut verifier = Self::new();
        verifier.previous = Some(*trusted);
        verifier.report.last = Some(*trusted);
        verifier.next = trusted.end();
        verifier
    }

    /// Also checks that the block of this number, one of those that will be fed, has this hash,
    /// as written down outside the database. Only this finds a chain that was cut short or
    /// written anew as a whole.
    #[must_use]
    pub const fn anchored(mut self, number: u64, hash: [u8; 32]) -> Self {
        self.anchor = Some((number, hash));
        self
    }

    /// Feeds the next block.
    pub fn block(&mut self, block: &Block) {
        self.close();
        if let Some((first, count)) = self.behind.take() {
            self.fault(SealFault::NotSealed { first, count });
        }
        self.chain(block);
        (self.previous, self.open, self.torn) = (Some(*block), true, false);
        self.next = block.first_position;
        self.report.blocks = self.report.blocks.saturating_add(1);
        self.report.last = Some(*block);
    }

    /// Feeds the next record.
    pub fn record(&mut self, record: &Record) {
        let position = record.position();
        let (number, end) = self.previous.map_or((0, 1), |block| (block.number, block.end()));
        if !words_match(record) {
            let block = (position < end).then_some(number);
            self.fault(SealFault::NotesAltered { block, position });
        }
        if position >= end {
            let (first, count) = self.behind.unwrap_or((position, 0));
            self.behind = Some((first, count.saturating_add(1)));
            return;
        }
        if position < self.next {
            // Of several records at one place the first is taken for the sealed one.
            self.fault(SealFault::Inserted { block: number, position });
            return;
        }
        self.skip_to(number, position);
        let leaf = record_hash_in(record, &mut self.buffer);
        self.peaks.push(leaf);
        self.next = position.saturating_add(1);
        self.report.records = self.report.records.saturating_add(1);
    }

    /// The report, once all blocks and records were fed.
    #[must_use]
    pub fn finish(mut self) -> SealReport {
        self.close();
        self.report.unsealed = self.behind.map_or(0, |(_, count)| count);
        if let Some((block, _)) = self.anchor {
            self.fault(SealFault::AnchorMissing { block });
        }
        self.report
    }

    fn chain(&mut self, block: &Block) {
        let (before, start, hash) = self
            .previous
            .map_or((0, 1, [0; 32]), |previous| (previous.number, previous.end(), previous.hash));
        let (number, expected) = (block.number, before.saturating_add(1));
        if number != expected {
            self.fault(SealFault::BlockNumber { expected, found: number });
        }
        if block.hash != block.computed_hash() {
            self.fault(SealFault::BlockAltered { block: number });
        }
        if block.previous != hash {
            self.fault(SealFault::BrokenChain { block: number });
        }
        if block.first_position != start {
            let found = block.first_position;
            self.fault(SealFault::BlockStart { block: number, expected: start, found });
        }
        if !block.size_is_valid() {
            self.fault(SealFault::BlockSize { block: number, count: block.count });
        }
        if let Some((_, hash)) = self.anchor.take_if(|anchor| anchor.0 == number)
            && hash != block.hash
        {
            self.fault(SealFault::AnchorDiffers { block: number });
        }
    }

    /// Ends the open block: all its records were fed.
    fn close(&mut self) {
        let Some(block) = self.previous.filter(|_| std::mem::take(&mut self.open)) else { return };
        self.skip_to(block.number, block.end());
        if !self.torn && self.peaks.root() != block.root {
            let (first, last) = (block.first_position, block.end().saturating_sub(1));
            self.fault(SealFault::Altered { block: block.number, first, last });
        }
        self.peaks.clear();
    }

    /// Notes the records that are missing before a position.
    fn skip_to(&mut self, block: u64, position: u64) {
        if self.next < position {
            let (first, last) = (self.next, position.saturating_sub(1));
            self.fault(SealFault::Missing { block, first, last });
            self.torn = true;
        }
    }

    fn fault(&mut self, fault: SealFault) {
        if self.report.faults.len() < MAX_FAULTS {
            self.report.faults.push(fault);
        } else {
            self.report.more = self.report.more.saturating_add(1);
        }
    }
}
