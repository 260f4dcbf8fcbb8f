//! The rows of the memory store, and how they become what a read returns.

use chrono::{Datelike, NaiveDate};

use crate::id::{HoldId, TransactionId};
use crate::ledger::facts::Extra;
use crate::ledger::{
    AccountState, Defaulted, Entry, Kind, Operation, OperationRecord, Origin, Record, Side,
    Transaction,
};
use crate::money::Money;
use crate::time::Timestamp;

use super::state::State;

/// No row.
pub(super) const NONE: u32 = u32::MAX;

#[derive(Debug)]
pub(super) struct AccountRow {
    pub(super) state: AccountState,
    /// The row of its latest entry.
    pub(super) last_entry: u32,
}

/// 56 bytes; what few transactions have stands elsewhere.
#[derive(Debug, Clone, Copy)]
pub(super) struct TransactionRow {
    pub(super) id: TransactionId,
    pub(super) posted_at: Timestamp,
    pub(super) first_entry: u32,
    pub(super) booking_day: i32,
    pub(super) value_day: i32,
    pub(super) origin: u32,
    pub(super) extra: u32,
    pub(super) entries: u16,
    pub(super) kind: u16,
    pub(super) flags: u8,
}

impl TransactionRow {
    pub(super) const fn flags_of(defaulted: Defaulted) -> u8 {
        (defaulted.booking_date as u8)
            | ((defaulted.value_date as u8) << 1)
            | ((defaulted.amount as u8) << 2)
    }

    pub(super) const fn defaulted(self) -> Defaulted {
        Defaulted {
            booking_date: self.flags & 1 != 0,
            value_date: self.flags & 2 != 0,
            amount: self.flags & 4 != 0,
        }
    }
}

/// 32 bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct EntryRow {
    pub(super) amount: i64,
    pub(super) balance_after: i64,
    pub(super) account: u32,
    pub(super) transaction: u32,
    /// The number within the account, and the side in the highest bit.
    numbered: u32,
    /// The row of the account's entry before.
    pub(super) previous: u32,
}

const CREDIT_BIT: u32 = 1 << 31;

impl EntryRow {
    /// `None` if the account has more entries than the store can number.
    pub(super) fn new(
        planned: &crate::ledger::facts::PlannedEntry,
        account: u32,
        transaction: u32,
        previous: u32,
    ) -> Option<Self> {
        let number =
            u32::try_from(planned.number).ok().filter(|number| number & CREDIT_BIT == 0)?;
        let side = if planned.side == Side::Credit { CREDIT_BIT } else { 0 };
        Some(Self {
            amount: planned.amount,
            balance_after: planned.balance_after,
            account,
            transaction,
            numbered: number | side,
            previous,
        })
    }

    pub(super) const fn side(&self) -> Side {
        if self.numbered & CREDIT_BIT == 0 { Side::Debit } else { Side::Credit }
    }

    pub(super) const fn number(&self) -> u32 {
        self.numbered & !CREDIT_BIT
    }

    /// What it adds to the ledger balance.
    pub(super) fn movement(&self, normal: Side) -> i128 {
        let amount = i128::from(self.amount);
        if self.side() == normal { amount } else { amount.saturating_neg() }
    }
}

#[derive(Debug)]
pub(super) struct OperationRow {
    pub(super) position: u64,
    pub(super) at: Timestamp,
    pub(super) origin: u32,
    pub(super) operation: Operation,
}

pub(super) fn day_of(date: NaiveDate) -> i32 {
    date.num_days_from_ce()
}

pub(super) fn date_of(day: i32) -> NaiveDate {
    NaiveDate::from_num_days_from_ce_opt(day).unwrap_or(NaiveDate::MIN)
}

impl State {
    pub(super) fn entry(&self, row: &EntryRow) -> Option<Entry> {
        let account = &self.accounts.get(row.account as usize)?.state;
        let transaction = self.transactions.get(row.transaction as usize)?;
        Some(Entry {
            transaction: transaction.id,
            account: account.id,
            side: row.side(),
            money: Money::new(row.amount, account.currency),
            number: u64::from(row.number()),
            balance_after: row.balance_after,
            booking_date: date_of(transaction.booking_day),
            value_date: date_of(transaction.value_day),
            posted_at: transaction.posted_at,
        })
    }

    pub(super) fn transaction(&self, at: u32) -> Option<Transaction> {
        let row = self.transactions.get(at as usize)?;
        let extra = self.extra(row.extra);
        let entries = self.entries.iter_from(row.first_entry as usize);
        Some(Transaction {
            id: row.id,
            position: self.position_of(at),
            posted_at: row.posted_at,
            kind: self.kind(row.kind)?,
            booking_date: date_of(row.booking_day),
            value_date: date_of(row.value_day),
            defaulted: row.defaulted(),
            link: extra.and_then(|extra| extra.link),
            group: extra.and_then(|extra| extra.group),
            notes: extra.and_then(|extra| extra.notes.clone()),
            origin: self.origin(row.origin)?.clone(),
            entries: entries
                .take(usize::from(row.entries))
                .filter_map(|entry| self.entry(entry))
                .collect(),
        })
    }

    pub(super) fn operation(&self, row: &OperationRow) -> Option<Record> {
        Some(Record::Operation(OperationRecord {
            position: row.position,
            at: row.at,
            origin: self.origin(row.origin)?.clone(),
            operation: row.operation.clone(),
        }))
    }

    pub(super) fn extra(&self, at: u32) -> Option<&Extra> {
        self.extras.get(at as usize)
    }

    pub(super) fn kind(&self, at: u16) -> Option<Kind> {
        self.kinds.get(usize::from(at)).copied()
    }

    pub(super) fn origin(&self, at: u32) -> Option<&Origin> {
        self.origins.get(at as usize)
    }

    pub(super) fn find_account(&self, id: crate::id::AccountId) -> Option<u32> {
        self.account_index.find(id.as_uuid(), |row| {
            self.accounts.get(row as usize).is_some_and(|account| account.state.id == id)
        })
    }

    pub(super) fn find_transaction(&self, id: TransactionId) -> Option<u32> {
        self.transaction_index.find(id.as_uuid(), |row| {
            self.transactions.get(row as usize).is_some_and(|transaction| transaction.id == id)
        })
    }

    /// The place of a transaction in the journal: its row, moved by the operations before it.
    /// Places count from 1, rows from 0.
    pub(super) fn position_of(&self, transaction: u32) -> u64 {
        let row = u64::from(transaction);
        let before = partition(self.operations.len(), |at| {
            // The operation at index `at` has `position - 1 - at` transactions before it.
            self.operations.get(at).is_some_and(|operation| {
                operation.position.saturating_sub(1).saturating_sub(at as u64) <= row
            })
        });
        row.saturating_add(before as u64).saturating_add(1)
    }

    /// The records behind a place, in order.
    pub(super) fn records_after(&self, after: u64, limit: usize) -> Vec<Record> {
        let mut operation = partition(self.operations.len(), |at| {
            self.operations.get(at).is_some_and(|operation| operation.position <= after)
        });
        let transactions = after.saturating_sub(operation as u64);
        let mut transaction = u32::try_from(transactions).unwrap_or(NONE);
        let mut records = Vec::new();
        let mut position = after.saturating_add(1);
        while records.len() < limit && position <= self.head.position {
            let due = self.operations.get(operation).filter(|row| row.position == position);
            if let Some(row) = due {
                records.extend(self.operation(row));
                operation = operation.saturating_add(1);
            } else {
                records.extend(self.transaction(transaction).map(Record::Transaction));
                transaction = transaction.saturating_add(1);
            }
            position = position.saturating_add(1);
        }
        records
    }

    /// The row of the transaction at a place, if a transaction stands there; and otherwise of the
    /// first one behind it.
    pub(super) fn first_transaction_after(&self, position: u64) -> u32 {
        let operations = partition(self.operations.len(), |at| {
            self.operations.get(at).is_some_and(|operation| operation.position <= position)
        });
        u32::try_from(position.saturating_sub(operations as u64)).unwrap_or(NONE)
    }

    pub(super) fn hold_at(&self, position: u64) -> Option<HoldId> {
        self.holds_by_position.get(&position).copied()
    }
}

/// The first index for which `before` is false.
pub(super) fn partition(len: usize, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0_usize, len);
    while low < high {
        let middle = low.midpoint(high);
        if before(middle) {
            low = middle.saturating_add(1);
        } else {
            high = middle;
        }
    }
    low
}
