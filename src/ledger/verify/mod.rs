//! The check of the books against themselves: everything recomputed from the journal alone.
//!
//! A [`Verifier`] folds the records of the journal in order and then compares what they give with
//! the accounts and holds as the store has them, read from the same snapshot. What it finds are
//! [`Difference`]s.
//!
//! # What is not checked
//!
//! Counters of limits, because they may be cleared when their window has passed; names and words,
//! because they may be erased: the [seal](super::seal) covers those.
//!
//! # Memory
//!
//! | per | bytes, with the room a hash map leaves |
//! |---|---|
//! | account | 130 to 260 |
//! | hold | 60 to 130, and 72 per leg while it is open |
//! | reversal | 60 to 130 |
//! | row beside the ledger | 100 to 200 |
//! | transaction | 30 to 60; nothing for [`Verifier::bounded`] |

mod account;
mod difference;
mod entity;
mod found;
mod history;
mod hold;
mod key;
mod report;
mod sums;
#[cfg(test)]
mod tests;

use chrono::NaiveDate;
use hashbrown::HashMap;

pub use difference::Difference;
pub use key::KeyDifference;
pub use report::Report;
pub use sums::Totals;

use account::{Accounts, Effect, Opening};
use entity::Entities;
use found::Found;
use history::History;
use hold::Holds;
use sums::Sums;

use crate::id::UnitId;
use crate::ledger::{
    Account, Ended, EntityRef, Entry, GroupMark, Hold, Kind, Leg, Link, Operation, OperationRecord,
    Record, Transaction,
};
use crate::time::Timestamp;

/// An id as a key: 16 bytes that need no alignment of 16.
type Key = (u64, u64);

/// Recomputes the books from the journal.
///
/// Feed every record in the order of the journal to [`fold`](Self::fold), then every account and
/// every hold of the same snapshot, and then ask for the report.
#[derive(Debug)]
pub struct Verifier {
    position: u64,
    instant: Option<Timestamp>,
    closed_through: Option<NaiveDate>,
    accounts: Accounts,
    holds: Holds,
    history: History,
    /// Groups that are not complete yet, with how many of them were found.
    groups: HashMap<UnitId, (u32, u32)>,
    entities: Entities,
    keys: u64,
    totals: Sums,
    scratch: Sums,
    records: u64,
    transactions: u64,
    entries: u64,
    found: Found,
}

impl Default for Verifier {
    fn default() -> Self {
        Self::new()
    }
}

impl Verifier {
    /// A check of everything; memory grows with the number of transactions.
    #[must_use]
    pub fn new() -> Self {
        Self::with(History::complete())
    }

    /// A check that keeps nothing per transaction, for books that do not fit otherwise. It does
    /// not find [`Difference::TransactionRepeated`], [`Difference::UnknownOriginal`] and
    /// [`Difference::ReversalNotMirror`].
    #[must_use]
    pub fn bounded() -> Self {
        Self::with(History::default())
    }

    fn with(history: History) -> Self {
        Self {
            position: 0,
            instant: None,
            closed_through: None,
            accounts: Accounts::default(),
            holds: Holds::default(),
            history,
            groups: HashMap::new(),
            entities: Entities::default(),
            keys: 0,
            totals: Sums::default(),
            scratch: Sums::default(),
            records: 0,
            transactions: 0,
            entries: 0,
            found: Found::default(),
        }
    }

    /// Folds the next record of the journal.
    pub fn fold(&mut self, record: &Record) {
        self.place(record);
        match record {
            Record::Transaction(transaction) => self.transaction(transaction),
            Record::Operation(record) => self.operation(record),
        }
    }

    /// Compares an account, once the whole journal was folded.
    pub fn check_account(&mut self, account: &Account) {
        self.accounts.check(account, &mut self.found);
    }

    /// Compares a hold, once the whole journal was folded.
    pub fn check_hold(&mut self, hold: &Hold) {
        self.holds.check(hold, &mut self.found);
    }

    /// Compares a row beside the ledger by its version and digest, once the whole journal was
    /// folded.
    pub fn check_entity(&mut self, entity: EntityRef, version: u64, digest: &[u8; 32]) {
        self.entities.check(entity, version, digest, &mut self.found);
    }

    /// Takes in what was found where the journal has nothing to compare with: in the indexes.
    #[cold]
    pub(crate) fn note(&mut self, difference: KeyDifference) {
        self.found.report(difference.into());
    }

    /// How many keys were held against the indexes.
    pub(crate) const fn count_keys(&mut self, keys: u64) {
        self.keys = keys;
    }

    /// Whether nothing that was fed so far contradicts.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.found.differences.is_empty()
    }

    /// The report, once all accounts and holds were compared; those that were not are missing.
    #[must_use]
    pub fn finish(mut self) -> Report {
        let mut groups: Vec<_> = self.groups.drain().collect();
        groups.sort_unstable();
        for (group, (expected, found)) in groups {
            self.found.report(Difference::GroupIncomplete { group, expected, found });
        }
        for account in self.accounts.unchecked() {
            self.found.report(Difference::AccountMissing { account });
        }
        for hold in self.holds.unchecked() {
            self.found.report(Difference::HoldMissing { hold });
        }
        for entity in self.entities.unchecked() {
            self.found.report(Difference::EntityMissing { entity });
        }
        let mut totals = self.totals.totals;
        totals.sort_unstable_by_key(|total| total.currency);
        Report {
            records: self.records,
            transactions: self.transactions,
            entries: self.entries,
            accounts: self.accounts.checked(),
            holds: self.holds.checked(),
            entities: self.entities.checked(),
            keys: self.keys,
            differences: self.found.differences,
            more: self.found.more,
            totals,
        }
    }

    /// Judges place and instant of a record.
    fn place(&mut self, record: &Record) {
        self.records = self.records.saturating_add(1);
        let (position, at) = (record.position(), record.posted_at());
        let expected = self.position.saturating_add(1);
        if position != expected {
            self.found.report(Difference::PositionGap { expected, found: position });
        }
        if let Some(previous) = self.instant.filter(|previous| at <= *previous) {
            let broken = Difference::InstantNotIncreasing { position, previous, found: at };
            self.found.report(broken);
        }
        (self.position, self.instant) = (position, Some(at));
    }

    fn transaction(&mut self, transaction: &Transaction) {
        self.transactions = self.transactions.saturating_add(1);
        self.entries = self.entries.saturating_add(transaction.entries.len() as u64);
        self.date(transaction);
        self.balance(transaction);
        if let Some(Link::Captures { hold, last }) = transaction.link {
            let (accounts, found) = (&mut self.accounts, &mut self.found);
            self.holds.capture(hold, last, transaction, accounts, found);
        }
        let mut suspect = false;
        for entry in &transaction.entries {
            self.head(transaction, entry);
            self.totals.add(entry.side, entry.money);
            suspect |= self.accounts.enter(entry, transaction.position, &mut self.found);
        }
        if suspect && keeps_bounds(transaction) {
            let legs: Vec<Leg> = transaction.entries.iter().map(leg_of).collect();
            let position = transaction.position;
            self.accounts.judge(&legs, Effect::Posted, position, &mut self.found);
        }
        self.history.add(transaction, &mut self.found);
        self.group(transaction.group, transaction.position);
    }

    /// Judges that the booking date was open. A year's close books on the very day it closes.
    fn date(&mut self, transaction: &Transaction) {
        let Transaction { id, booking_date, kind, .. } = *transaction;
        let shut = |closed: &NaiveDate| match kind {
            Kind::YEAR_CLOSE => booking_date < *closed,
            _ => booking_date <= *closed,
        };
        if let Some(closed) = self.closed_through.filter(shut) {
            let broken = Difference::BookedInClosedPeriod { transaction: id, booking_date, closed };
            self.found.report(broken);
        }
    }

    fn balance(&mut self, transaction: &Transaction) {
        match transaction.entries.as_slice() {
            // The common shape, proved without a list.
            [a, b] if a.side != b.side && a.money == b.money => return,
            [] | [_] => {
                let (transaction, found) = (transaction.id, transaction.entries.len());
                self.found.report(Difference::TooFewEntries { transaction, found });
            }
            _ => {}
        }
        let legs = transaction.entries.iter().map(leg_of);
        for Totals { currency, debits, credits } in self.scratch.unbalanced(legs) {
            let transaction = transaction.id;
            self.found.report(Difference::Unbalanced { transaction, currency, debits, credits });
        }
    }

    /// Judges what an entry repeats of its transaction.
    fn head(&mut self, head: &Transaction, entry: &Entry) {
        if entry.transaction != head.id
            || entry.booking_date != head.booking_date
            || entry.value_date != head.value_date
            || entry.posted_at != head.posted_at
        {
            let (transaction, account) = (head.id, entry.account);
            self.found.report(Difference::EntryHead { transaction, account });
        }
    }

    /// Counts a member of a group. Its members stand in order, each once.
    fn group(&mut self, mark: Option<GroupMark>, position: u64) {
        let Some(GroupMark { group, index, size }) = mark else { return };
        let member = self.groups.entry(group).or_insert((size, 0));
        let expected = member.1;
        if index != expected || size != member.0 {
            self.found.report(Difference::GroupOrder { group, position, expected, found: index });
        }
        member.1 = expected.saturating_add(1);
        if member.1 >= member.0 {
            self.groups.remove(&group);
        }
    }

    fn operation(&mut self, record: &OperationRecord) {
        let (position, at, found) = (record.position, record.at, &mut self.found);
        match &record.operation {
            Operation::AccountOpened {
                account,
                class,
                currency,
                floor,
                ceiling,
                profile,
                guarded,
            } => {
                let opening = Opening {
                    account: *account,
                    class: *class,
                    currency: *currency,
                    floor: *floor,
                    ceiling: *ceiling,
                    profile,
                    guarded: *guarded,
                };
                self.accounts.open(&opening, found);
            }
            Operation::AccountChanged { account, change } => {
                self.accounts.change(*account, *change, found);
            }
            Operation::HoldPlaced(placed) => {
                for total in self.scratch.unbalanced(placed.legs.iter().copied()) {
                    let (hold, Totals { currency, debits, credits }) = (placed.hold, total);
                    found.report(Difference::HoldUnbalanced { hold, currency, debits, credits });
                }
                if let Some(original) = placed.relates_to {
                    self.history.refer(original, position, found);
                }
                self.holds.place(record, placed, &mut self.accounts, found);
                self.group(placed.group, position);
            }
            Operation::HoldEnded { hold, state, by, group } => {
                let ended = Ended { by: *by, position, at, group: *group };
                self.holds.end(*hold, *state, ended, &mut self.accounts, found);
                self.group(*group, position);
            }
            Operation::PeriodClosed { through } => {
                let previous = self.closed_through.replace(*through);
                if let Some(previous) = previous.filter(|previous| through <= previous) {
                    let found = *through;
                    let broken = Difference::PeriodReopened { position, previous, found };
                    self.found.report(broken);
                }
            }
            Operation::ChartDefined(_) | Operation::LimitSet(_) | Operation::LimitRemoved(_) => {}
            Operation::EntityWritten(written) => {
                self.entities.write(written, position, &mut self.found);
            }
        }
    }
}

const fn leg_of(entry: &Entry) -> Leg {
    Leg { account: entry.account, side: entry.side, money: entry.money }
}

/// Whether floors and ceilings bind a transaction: a capture moves what was reserved under them,
/// and a forced reversal may break them.
const fn keeps_bounds(transaction: &Transaction) -> bool {
    !matches!(transaction.link, Some(Link::Captures { .. } | Link::Reverses { forced: true, .. }))
}
