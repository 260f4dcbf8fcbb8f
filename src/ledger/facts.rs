//! What a decision reads, and what it writes: plain data, the only language between the rules
//! and a store.

use std::sync::Arc;

use chrono::NaiveDate;
use hashbrown::HashMap;

use crate::id::{AccountId, HoldId, LimitId, TransactionId};
use crate::ledger::{
    Account, AccountChange, AccountProfile, AccountState, Book, Chart, ChartCode, ChartNode,
    Defaulted, GroupMark, Hold, IdempotencyKey, Kind, Labels, LimitRule, Link, Operation,
    SaltedNotes, Side, Subject, Transaction, Usage, UsageKey,
};
use crate::time::Timestamp;

/// The slot of an account that does not exist; see [`Facts::slots`].
pub const NO_SLOT: u32 = u32::MAX;

/// What a decision wants to read. Sets, so that a store answers each with one statement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Accounts in the order of the legs; the same one may stand there many times.
    pub accounts: Vec<AccountId>,
    /// Transactions that may exist: ids of requests, and originals of reversals.
    pub transactions: Vec<TransactionId>,
    /// Holds that may exist.
    pub holds: Vec<HoldId>,
    /// Originals whose reversal is asked for.
    pub reversals_of: Vec<TransactionId>,
    /// Idempotency keys, with the place of the instruction within the request.
    pub keys: Vec<(IdempotencyKey, u32)>,
    /// Counters of limits.
    pub usage: Vec<UsageKey>,
    /// Whether [`Facts::labels`] is wanted for every account.
    pub labels: bool,
    /// Whether the chart is wanted.
    pub chart: bool,
    /// Full accounts, for requests to open that may be repetitions.
    pub profiles: Vec<AccountId>,
    /// Whether the income and expense accounts are wanted, with their balances on this booking
    /// date.
    pub temporary_accounts: Option<NaiveDate>,
}

impl Wanted {
    /// Nothing but the book.
    pub(crate) const EMPTY: Self = Self {
        accounts: Vec::new(),
        transactions: Vec::new(),
        holds: Vec::new(),
        reversals_of: Vec::new(),
        keys: Vec::new(),
        usage: Vec::new(),
        labels: false,
        chart: false,
        profiles: Vec::new(),
        temporary_accounts: None,
    };
}

/// The labels that limits are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScopeLabels {
    /// Customer and branch.
    pub labels: Labels,
    /// The node of the chart.
    pub code: ChartCode,
}

/// What was read. A store appends to it with every load of the same unit.
#[derive(Debug, Default)]
pub struct Facts {
    /// The distinct accounts read so far.
    pub accounts: Vec<AccountState>,
    /// For every account asked for, in order, its place in [`Facts::accounts`], or [`NO_SLOT`].
    pub slots: Vec<u32>,
    /// Labels in the order of [`Facts::accounts`], if wanted.
    pub labels: Vec<ScopeLabels>,
    /// The transactions that exist among those asked for.
    pub transactions: HashMap<TransactionId, Transaction>,
    /// The holds that exist among those asked for.
    pub holds: HashMap<HoldId, Hold>,
    /// The releases that exist among the transaction ids asked for, with their hold.
    pub releases: HashMap<TransactionId, HoldId>,
    /// The reversals that exist, by their original.
    pub reversals: HashMap<TransactionId, TransactionId>,
    /// The keys that were used before, and for what.
    pub keys: HashMap<(IdempotencyKey, u32), KeyRecord>,
    /// The counters asked for; those without a row stand there as zero.
    pub usage: HashMap<UsageKey, Usage>,
    /// The book.
    pub book: Book,
    /// The chart, if wanted.
    pub chart: Option<Arc<Chart>>,
    /// The full accounts asked for that exist.
    pub profiles: HashMap<AccountId, Account>,
    /// Income and expense accounts by slot, with the balance on the date asked for.
    pub temporary_accounts: Vec<(u32, i64)>,
    /// Grows when accounts are opened: guards a list of accounts against new ones.
    pub structure: u64,
}

/// What an idempotency key was used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct KeyRecord {
    /// The operation, one of [`KeyRecord::OPERATIONS`].
    pub operation: &'static str,
    /// The id that was given out under it.
    pub subject: KeySubject,
}

impl KeyRecord {
    /// The operations that use keys.
    pub const OPERATIONS: [&'static str; 8] = [
        "post",
        "hold",
        "capture",
        "release",
        "reverse",
        "open_account",
        "change_account",
        "close_year",
    ];

    /// The operation of a name, as a store or an archive reads it back; `None` for another name.
    #[must_use]
    pub fn operation_named(name: &str) -> Option<&'static str> {
        Self::OPERATIONS.into_iter().find(|known| *known == name)
    }
}

// By hand: derived, it would read only from text that lives for ever, as the name of the operation
// does.
impl<'de> serde::Deserialize<'de> for KeyRecord {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(serde::Deserialize)]
        #[serde(rename = "KeyRecord")]
        struct Wire {
            operation: String,
            subject: KeySubject,
        }
        let Wire { operation, subject } = Wire::deserialize(from)?;
        match Self::operation_named(&operation) {
            Some(operation) => Ok(Self { operation, subject }),
            None => Err(serde::de::Error::custom("no operation of this name uses keys")),
        }
    }
}

/// The id that was given out under an idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum KeySubject {
    /// By an instruction.
    Instruction(Subject),
    /// By opening an account.
    Account(AccountId),
    /// By releasing a hold: the id of the release.
    Release(TransactionId),
    /// By changing an account: what was changed, to compare a repetition with.
    Change(AccountId, AccountChange),
}

/// The moment of a decision: an argument, never looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The instant.
    pub now: Timestamp,
    /// The business date.
    pub today: NaiveDate,
}

/// An entry to be written; its account is a slot of [`Plan::accounts`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedEntry {
    /// The account.
    pub slot: u32,
    /// The side.
    pub side: Side,
    /// The amount in minor units.
    pub amount: i64,
    /// Its number within the account.
    pub number: u64,
    /// The ledger balance after it.
    pub balance_after: i64,
}

/// A transaction to be written; its entries follow each other in [`Plan::entries`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedTransaction {
    /// The id.
    pub id: TransactionId,
    /// What it is for.
    pub kind: Kind,
    /// The booking date.
    pub booking_date: NaiveDate,
    /// The value date.
    pub value_date: NaiveDate,
    /// What the request left to the bank.
    pub defaulted: Defaulted,
    /// How many entries.
    pub entries: u32,
    /// Whether the id was given out by this plan, so that nobody has looked whether it exists.
    pub fresh: bool,
    /// Link, group and words, if any.
    pub extra: Option<Box<Extra>>,
}

/// What few transactions have.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Extra {
    /// What it came from.
    pub link: Option<Link>,
    /// Its place in an atomic group.
    pub group: Option<GroupMark>,
    /// What it says in words.
    pub notes: Option<SaltedNotes>,
}

/// An operation to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedOperation {
    /// How many transactions of the plan come before it in the journal.
    pub after: u32,
    /// What happened.
    pub operation: Operation,
}

/// A record of a plan, by its place in the list it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlannedRecord {
    /// The next of [`Plan::transactions`].
    Transaction(usize),
    /// The next of [`Plan::operations`].
    Operation(usize),
}

/// What a decision wants written, relative to what it read. It holds no instants and no places
/// in the journal: the store settles those at commit, record by record.
#[derive(Debug, Default)]
pub struct Plan {
    /// The accounts as read, brought to their state after the plan.
    pub accounts: Vec<AccountState>,
    /// The slots of accounts that changed, ascending.
    pub touched: Vec<u32>,
    /// New accounts, in the order of their operations.
    pub opened: Vec<(AccountState, AccountProfile)>,
    /// The transactions.
    pub transactions: Vec<PlannedTransaction>,
    /// Their entries.
    pub entries: Vec<PlannedEntry>,
    /// The operations, in order.
    pub operations: Vec<PlannedOperation>,
    /// Holds as they are afterwards. The store settles the places and instants of those placed or
    /// ended by this plan: record `n` of the plan gets the place `first_position + n` and the
    /// instant `first_instant + n` nanoseconds.
    pub holds: Vec<HoldChange>,
    /// Counters of limits as they are afterwards, with the version read.
    pub usage: Vec<(UsageKey, Usage)>,
    /// Keys used.
    pub keys: Vec<((IdempotencyKey, u32), KeyRecord)>,
    /// New nodes of the chart.
    pub chart: Vec<ChartNode>,
    /// The books are closed through this day.
    pub close_through: Option<NaiveDate>,
    /// Limits set.
    pub limits_set: Vec<LimitRule>,
    /// Limits removed.
    pub limits_removed: Vec<LimitId>,
    /// The version of the book that the plan relies on.
    pub book_version: u64,
    /// The list of accounts that the plan relies on, if it does; see [`Facts::structure`].
    pub structure: Option<u64>,
}

/// What happened to a hold in a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldChange {
    /// The hold as it is afterwards.
    pub hold: Hold,
    /// The record (offset within the plan) that placed it, if this plan did.
    pub placed_by: Option<u32>,
    /// The record (offset within the plan) that ended it, if this plan did.
    pub ended_by: Option<u32>,
}

impl Plan {
    /// The number of records that the plan adds to the journal.
    #[must_use]
    pub const fn records(&self) -> usize {
        self.transactions.len().saturating_add(self.operations.len())
    }

    /// The records in the order of the journal.
    pub fn records_in_order(&self) -> impl Iterator<Item = PlannedRecord> + '_ {
        let (mut transaction, mut operation) = (0_usize, 0_usize);
        std::iter::from_fn(move || {
            let due = self.operations.get(operation);
            if due.is_some_and(|due| u32::try_from(transaction).is_ok_and(|at| due.after <= at)) {
                operation = operation.saturating_add(1);
                return Some(PlannedRecord::Operation(operation.saturating_sub(1)));
            }
            if transaction >= self.transactions.len() {
                return None;
            }
            transaction = transaction.saturating_add(1);
            Some(PlannedRecord::Transaction(transaction.saturating_sub(1)))
        })
    }

    /// Whether nothing is to be written.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.records() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_back_with_a_known_operation_only() -> Result<(), serde_json::Error> {
        let subject = KeySubject::Release(TransactionId::from_u128(1));
        for operation in KeyRecord::OPERATIONS {
            let record = KeyRecord { operation, subject };
            let text = serde_json::to_string(&record)?;
            assert_eq!(serde_json::from_str::<KeyRecord>(&text)?, record);
            let other = text.replace(operation, "mint_money");
            assert!(serde_json::from_str::<KeyRecord>(&other).is_err());
        }
        Ok(())
    }
}
