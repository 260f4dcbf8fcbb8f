//! A whole bank written into an empty memory store: built aside, and put in place at the end.

use std::sync::Arc;

use crate::ledger::facts::{Extra, PlannedEntry, PlannedTransaction};
use crate::ledger::{
    Account, AccountClass, AccountState, Book, Chart, Hold, HoldState, Operation, OperationRecord,
    Record, Transaction, Usage,
};
use crate::store::{ArchiveRow, ErrorKind, Head, MAX_ROWS, Restore, StoreError, StoreFuture};

use super::commit::row_number;
use super::reading::Reading;
use super::rows::{AccountRow, NONE, OperationRow};
use super::state::State;
use super::{Inner, ready};

/// The version of a row that was just written.
const FIRST: u64 = 1;

#[derive(Debug)]
pub(super) struct MemoryRestore {
    inner: Arc<Inner>,
    state: State,
    /// Whether a row was refused, and so what was built is not whole.
    torn: bool,
}

fn corrupt(what: &'static str) -> StoreError {
    StoreError::new(ErrorKind::Corrupt, what)
}

impl MemoryRestore {
    pub(super) fn begin(inner: Arc<Inner>) -> Result<Box<dyn Restore>, StoreError> {
        if !inner.read()?.is_empty() {
            let what = "the store is not empty; restore into a new one";
            return Err(StoreError::new(ErrorKind::Misuse, what));
        }
        Ok(Box::new(Self { inner, state: State::default(), torn: false }))
    }

    fn take(&mut self, rows: Vec<ArchiveRow>) -> Result<(), StoreError> {
        if rows.len() > MAX_ROWS {
            return Err(StoreError::new(ErrorKind::Misuse, "too many rows at a time"));
        }
        // Until all rows are in, they are not.
        let torn = std::mem::replace(&mut self.torn, true);
        rows.into_iter().try_for_each(|row| self.state.restore(row))?;
        self.torn = torn;
        Ok(())
    }

    fn put_in_place(self) -> Result<(), StoreError> {
        if self.torn {
            let what = "a row was refused; begin the restore again";
            return Err(StoreError::new(ErrorKind::Misuse, what));
        }
        let mut state = self.inner.write()?;
        if !state.is_empty() {
            return Err(StoreError::conflict());
        }
        let mut reading = self.inner.reading()?;
        // A unit that began before has read other books.
        let commits = state.commits.saturating_add(1);
        *state = State { commits, ..self.state };
        *reading = Reading::default();
        Ok(())
    }
}

impl Restore for MemoryRestore {
    fn put(&mut self, rows: Vec<ArchiveRow>) -> StoreFuture<'_, ()> {
        ready(self.take(rows))
    }

    fn finish(self: Box<Self>) -> StoreFuture<'static, ()> {
        ready(self.put_in_place())
    }
}

impl State {
    fn is_empty(&self) -> bool {
        self.head.position == 0 && self.accounts.len() == 0 && self.book.version == 0
    }

    fn restore(&mut self, row: ArchiveRow) -> Result<(), StoreError> {
        match row {
            ArchiveRow::Book(book, chart) => self.restore_book(book, chart),
            ArchiveRow::Account(account) => self.restore_account(*account)?,
            ArchiveRow::Record(record) => self.restore_record(record)?,
            ArchiveRow::Block(block) => self.blocks.push(block),
            ArchiveRow::Hold(hold) => self.restore_hold(*hold),
            ArchiveRow::Key(key, record) => {
                self.keys.insert(key, record);
            }
            ArchiveRow::Usage(key, usage) => {
                self.usage.insert(key, Usage { version: FIRST, ..usage });
            }
            ArchiveRow::Entity(row, keys) => self.entities_beside.put(*row, keys),
        }
        Ok(())
    }

    fn restore_book(&mut self, book: Book, chart: Arc<Chart>) {
        self.book = Book { version: FIRST, ..book };
        self.chart = chart;
    }

    fn restore_account(&mut self, account: Account) -> Result<(), StoreError> {
        self.has_room(1, 0, 0, 0)?;
        let Account { mut state, profile } = account;
        if self.find_account(state.id).is_some() {
            return Err(corrupt("an account stands among the rows twice"));
        }
        let row = row_number(self.accounts.len());
        (state.key, state.version) = (u64::from(row), FIRST);
        self.structure = FIRST;
        self.account_index.insert(state.id.as_uuid(), row);
        self.accounts_by_id.insert(state.id, row);
        self.accounts.push(AccountRow { state, last_entry: NONE });
        self.profiles.push(profile);
        Ok(())
    }

    fn restore_record(&mut self, record: Record) -> Result<(), StoreError> {
        let (position, instant) = (record.position(), record.posted_at());
        // Places of transactions are not kept: they follow from the order of rows.
        if position != self.head.position.saturating_add(1) {
            return Err(corrupt("a record does not have the next place of the journal"));
        }
        if position > 1 && instant <= self.head.instant {
            return Err(corrupt("the instant of a record is not after the one before it"));
        }
        match record {
            Record::Transaction(transaction) => self.restore_transaction(transaction)?,
            Record::Operation(record) => self.restore_operation(record)?,
        }
        self.head = Head { position, instant };
        Ok(())
    }

    fn restore_operation(&mut self, record: OperationRecord) -> Result<(), StoreError> {
        let OperationRecord { position, at, origin, operation } = record;
        if let Operation::AccountOpened { account, class, .. } = &operation {
            let row = self.find_account(*account);
            let row = row.ok_or_else(|| corrupt("a record opens an account that is not there"))?;
            if AccountClass::is_temporary(*class) {
                self.temporary_accounts.push(row);
            }
        }
        let origin = self.intern_origin(origin);
        self.operations.push(OperationRow { position, at, origin, operation });
        Ok(())
    }

    fn restore_transaction(&mut self, transaction: Transaction) -> Result<(), StoreError> {
        let count = transaction.entries.len();
        self.has_room(0, 1, count, 1)?;
        if self.find_transaction(transaction.id).is_some() {
            return Err(corrupt("a transaction stands among the rows twice"));
        }
        let (accounts, entries) = self.planned(&transaction)?;
        let Transaction { id, kind, booking_date, value_date, defaulted, posted_at, .. } =
            transaction;
        let Transaction { link, group, notes, origin, .. } = transaction;
        let bare = link.is_none() && group.is_none() && notes.is_none();
        let row = PlannedTransaction {
            id,
            kind,
            booking_date,
            value_date,
            defaulted,
            entries: u32::from(u16::try_from(count).map_err(|_| corrupt(TOO_MANY))?),
            fresh: false,
            extra: (!bare).then(|| Box::new(Extra { link, group, notes })),
        };
        let origin = self.intern_origin(origin);
        self.write_transaction(row, origin, posted_at);
        self.write_entries(&accounts, &entries);
        Ok(())
    }

    /// Entries as a plan has them, each on an account of its own slot.
    fn planned(
        &self,
        transaction: &Transaction,
    ) -> Result<(Vec<AccountState>, Vec<PlannedEntry>), StoreError> {
        let mut accounts = Vec::with_capacity(transaction.entries.len());
        let mut entries = Vec::with_capacity(transaction.entries.len());
        for (slot, entry) in (0_u32..).zip(&transaction.entries) {
            let row = self.find_account(entry.account);
            let account = row.and_then(|row| self.accounts.get(row as usize));
            let account = account.ok_or_else(|| corrupt("an entry has no account"))?;
            // The rest of an entry is read from its account and its transaction.
            if entry.money.currency() != account.state.currency || entry.number >= TOO_HIGH {
                return Err(corrupt("an entry does not fit its account"));
            }
            accounts.push(account.state.clone());
            entries.push(PlannedEntry {
                slot,
                side: entry.side,
                amount: entry.money.minor(),
                number: entry.number,
                balance_after: entry.balance_after,
            });
        }
        Ok((accounts, entries))
    }

    fn restore_hold(&mut self, mut hold: Hold) {
        hold.version = FIRST;
        self.holds_by_position.insert(hold.position, hold.id);
        for leg in &hold.legs {
            self.holds_by_account.entry(leg.leg.account).or_default().insert(hold.position);
        }
        let release = hold.ended.and_then(|ended| ended.by);
        if let (HoldState::Released, Some(release)) = (hold.state, release) {
            self.releases.insert(release, hold.id);
        }
        if let (HoldState::Open, Some(expires_at)) = (hold.state, hold.expires_at) {
            self.holds_due.insert((expires_at, hold.id));
        }
        self.holds.insert(hold.id, hold);
    }
}

const TOO_MANY: &str = "a transaction has more entries than a memory store can keep";
/// The memory store numbers entries in 31 bits.
const TOO_HIGH: u64 = 1 << 31;
