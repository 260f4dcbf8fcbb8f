//! The check of an archive, line by line as it streams by.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;

use super::line::{BookLine, Line, Trailer, by_depth};
use super::{ArchiveError, Counts, Imported};
use crate::bank::people::index::entries_of;
use crate::id::{AccountId, LimitId};
use crate::ledger::seal::{SealVerifier, notes_digest};
use crate::ledger::verify::Verifier;
use crate::ledger::{
    Account, Book, Chart, ChartCode, ChartNode, Hold, IdempotencyKey, LimitRule, Limits,
    MAX_CHART_NODES, Operation, Record, UsageKey,
};
use crate::store::{ArchiveRow, Head};

/// Where a line stands. Places only grow; nodes of the chart are compared when all are known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Header,
    Book,
    ChartNode,
    Limit(LimitId),
    Account(AccountId),
    /// A block before the record with which it begins: position, whether it is a record, number.
    Journal(u64, bool, u64),
    Hold(u64),
    Key(IdempotencyKey, u32),
    Usage(UsageKey),
    Entity(usize, uuid::Uuid),
    Trailer,
}

/// Chart, limits and closed day: as the archive says, or as its journal gives.
#[derive(Debug, Default, PartialEq)]
struct Rules {
    chart: BTreeMap<ChartCode, ChartNode>,
    limits: BTreeMap<LimitId, LimitRule>,
    closed_through: Option<NaiveDate>,
}

#[derive(Debug)]
pub(super) struct Check {
    place: Place,
    counts: Counts,
    head: Head,
    nodes: Vec<ChartNode>,
    said: Rules,
    given: Rules,
    /// By id, until the journal was folded.
    accounts: Vec<Account>,
    books: Verifier,
    seals: SealVerifier,
}

impl Check {
    pub(super) fn new() -> Self {
        Self {
            place: Place::Header,
            counts: Counts::default(),
            head: Head::default(),
            nodes: Vec::new(),
            said: Rules::default(),
            given: Rules::default(),
            accounts: Vec::new(),
            books: Verifier::new(),
            seals: SealVerifier::new(),
        }
    }

    /// Judges a line and appends what a store is to take of it. The trailer is judged in
    /// [`Check::finish`].
    pub(super) fn take(
        &mut self,
        line: Line,
        number: u64,
        rows: &mut Vec<ArchiveRow>,
    ) -> Result<(), ArchiveError> {
        self.step(place_of(&line), number, rows)?;
        let row = match line {
            Line::CorebankArchive(_) | Line::Trailer(_) => return Ok(()),
            Line::Book(BookLine { closed_through }) => {
                self.said.closed_through = closed_through;
                return Ok(());
            }
            Line::ChartNode(node) => {
                if self.nodes.len() >= MAX_CHART_NODES {
                    return Err(ArchiveError::BookDiffers);
                }
                self.nodes.push(node);
                return Ok(());
            }
            Line::Limit(rule) => {
                self.said.limits.insert(rule.id, rule);
                return Ok(());
            }
            Line::Account(account) => {
                let account = Account::from(*account);
                self.accounts.push(account.clone());
                count(&mut self.counts.accounts);
                ArchiveRow::Account(Box::new(account))
            }
            Line::Record(record) => {
                self.record(&record, number)?;
                ArchiveRow::Record(record)
            }
            Line::Block(block) => {
                self.seals.block(&block);
                count(&mut self.counts.blocks);
                ArchiveRow::Block(block)
            }
            Line::Hold(hold) => {
                let hold = Hold::from(*hold);
                self.hold(&hold, number)?;
                ArchiveRow::Hold(Box::new(hold))
            }
            Line::Key(key) => {
                let (key, record) =
                    key.into_row().ok_or(ArchiveError::Malformed { line: number })?;
                count(&mut self.counts.keys);
                ArchiveRow::Key(key, record)
            }
            Line::Usage(usage) => {
                let (key, usage) = usage.row();
                count(&mut self.counts.usages);
                ArchiveRow::Usage(key, usage)
            }
            Line::Entity(line) => {
                let row = line.into_row().ok_or(ArchiveError::Malformed { line: number })?;
                self.books.check_entity(row.entity, row.version, &row.digest());
                count(&mut self.counts.entities);
                self.sound(number)?;
                let keys = entries_of(&row.value);
                ArchiveRow::Entity(Box::new(row), keys)
            }
        };
        rows.push(row);
        Ok(())
    }

    /// Goes on to a place, and does what is due on the way there.
    fn step(
        &mut self,
        next: Place,
        number: u64,
        rows: &mut Vec<ArchiveRow>,
    ) -> Result<(), ArchiveError> {
        let many = self.place == Place::ChartNode && next == Place::ChartNode;
        // Behind the header comes the book, which is never left out.
        let skipped = self.place == Place::Header && next != Place::Book;
        if skipped || !many && next <= self.place {
            return Err(ArchiveError::OutOfOrder { line: number });
        }
        let before = std::mem::replace(&mut self.place, next);
        let passes = |place: &Place| before < *place && *place <= self.place;
        let first_account = Place::Account(AccountId::from_u128(0));
        let (rules_read, journal_read) = (passes(&first_account), passes(&Place::Hold(0)));
        if rules_read {
            rows.push(self.rules(number)?);
        }
        if journal_read {
            self.end_of_journal(number)?;
        }
        Ok(())
    }

    /// The chart and the limits were read.
    fn rules(&mut self, number: u64) -> Result<ArchiveRow, ArchiveError> {
        let mut chart = Chart::default();
        let defined = chart.define(&self.nodes);
        let in_order = by_depth(&chart).into_iter().eq(&self.nodes);
        if defined.is_err() || !in_order {
            return Err(ArchiveError::OutOfOrder { line: number });
        }
        self.counts.chart_nodes = length(self.nodes.len());
        self.counts.limits = length(self.said.limits.len());
        let nodes = std::mem::take(&mut self.nodes).into_iter();
        self.said.chart = nodes.map(|node| (node.code, node)).collect();
        let rules: Vec<LimitRule> = self.said.limits.values().cloned().collect();
        let closed_through = self.said.closed_through;
        let book = Book { version: 0, closed_through, limits: Limits::from(rules) };
        Ok(ArchiveRow::Book(book, Arc::new(chart)))
    }

    fn record(&mut self, record: &Record, number: u64) -> Result<(), ArchiveError> {
        self.head = Head { position: record.position(), instant: record.posted_at() };
        count(&mut self.counts.records);
        self.books.fold(record);
        self.seals.record(record);
        if let Record::Operation(record) = record {
            match &record.operation {
                // Every entry is on an account that was opened before: so the store has it.
                Operation::AccountOpened { account, .. } => {
                    let known = self.accounts.binary_search_by_key(account, Account::id);
                    known.map_err(|_| ArchiveError::Unsound { line: number })?;
                }
                Operation::ChartDefined(node) => {
                    self.given.chart.insert(node.code, node.clone());
                }
                Operation::LimitSet(rule) => {
                    self.given.limits.insert(rule.id, rule.clone());
                }
                Operation::LimitRemoved(limit) => {
                    self.given.limits.remove(limit);
                }
                Operation::PeriodClosed { through } => {
                    self.given.closed_through = Some(*through);
                }
                _ => {}
            }
        }
        self.sound(number)
    }

    fn hold(&mut self, hold: &Hold, number: u64) -> Result<(), ArchiveError> {
        count(&mut self.counts.holds);
        self.books.check_hold(hold);
        // The journal has the digest under seal; the words stand here a second time.
        let kept = hold.notes.as_ref();
        let words = kept.and_then(|kept| Some((kept, kept.notes.as_ref()?)));
        if words.is_some_and(|(kept, words)| notes_digest(&kept.salt, words) != kept.digest) {
            return Err(ArchiveError::Unsound { line: number });
        }
        self.sound(number)
    }

    /// The journal was read: what follows from it must be what the archive says.
    fn end_of_journal(&mut self, number: u64) -> Result<(), ArchiveError> {
        for account in std::mem::take(&mut self.accounts) {
            self.books.check_account(&account);
        }
        if self.said != self.given {
            return Err(ArchiveError::BookDiffers);
        }
        self.sound(number)
    }

    /// Stops before a store is given what contradicts itself.
    const fn sound(&self, line: u64) -> Result<(), ArchiveError> {
        if self.books.is_clean() { Ok(()) } else { Err(ArchiveError::Unsound { line }) }
    }

    /// The last judgement, once the checksum is known to fit.
    pub(super) fn finish(
        self,
        trailer: Trailer,
        sha256: [u8; 32],
        line: u64,
    ) -> Result<Imported, ArchiveError> {
        let Self { counts, head, books, seals, .. } = self;
        let Head { position, instant } = head;
        if trailer != (Trailer { counts, position, instant, sha256 }) {
            return Err(ArchiveError::Counts);
        }
        let (books, seals) = (books.finish(), seals.finish());
        if !books.is_clean() {
            return Err(ArchiveError::Unsound { line });
        }
        if !seals.is_clean() {
            let faults = length(seals.faults.len()).saturating_add(seals.more);
            return Err(ArchiveError::SealsBroken { faults });
        }
        Ok(Imported { counts, head, sha256, books, seals })
    }
}

fn place_of(line: &Line) -> Place {
    match line {
        Line::CorebankArchive(_) => Place::Header,
        Line::Book(_) => Place::Book,
        Line::ChartNode(_) => Place::ChartNode,
        Line::Limit(rule) => Place::Limit(rule.id),
        Line::Account(account) => Place::Account(account.id),
        Line::Record(record) => Place::Journal(record.position(), true, 0),
        Line::Block(block) => Place::Journal(block.first_position, false, block.number),
        Line::Hold(hold) => Place::Hold(hold.position),
        Line::Key(key) => Place::Key(key.key.clone(), key.index),
        Line::Usage(usage) => Place::Usage(usage.row().0),
        Line::Entity(row) => {
            let (kind, id) = row.place();
            Place::Entity(kind, id)
        }
        Line::Trailer(_) => Place::Trailer,
    }
}

fn count(counter: &mut u64) {
    *counter = counter.saturating_add(1);
}

fn length(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
