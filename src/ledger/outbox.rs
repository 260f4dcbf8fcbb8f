//! Readers of the journal outside the bank: how far each has come, and who may read next.
//!
//! The journal itself is the log of events: a posted transaction is its own event, and places have
//! no gaps. So nothing is stored but the readers' marks.
//!
//! # Terms
//!
//! | term | meaning |
//! |---|---|
//! | subscription | a named reading of the whole journal, split into a fixed number of partitions |
//! | partition | a share of the accounts, by [`partition_of`]; its events come in order |
//! | mark | the place through which a partition was handled, and who has it on lease |
//! | lease | the right of one worker to move a mark, until an instant or until it is given back |

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::id::{AccountId, HoldId};
use crate::ledger::{
    Hold, Link, Operation, OperationRecord, Record, Subscriber, Transaction, Worker,
};
use crate::time::Timestamp;

/// The greatest number of partitions of a subscription.
pub const MAX_PARTITIONS: u16 = 64;

/// How far one partition of a subscription was handled, and who has it on lease.
///
/// Stores keep it as it is and look into nothing but `subscriber`, `partition` and `version`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The subscription.
    pub subscriber: Subscriber,
    /// The partition, from 0.
    pub partition: u16,
    /// The number of partitions of the subscription: the same on all of its marks.
    pub partitions: u16,
    /// Every event of the partition at or before this place of the journal was handled.
    pub acknowledged: u64,
    /// The worker that took it last; it stays when the lease ends.
    pub worker: Option<Worker>,
    /// What the lease is known by; it stays until another takes the partition, so that a repeated
    /// acknowledgement is recognised.
    pub token: Option<Uuid>,
    /// When the lease runs out; none when the partition is free.
    pub until: Option<Timestamp>,
    /// When it was served last: the least recently served goes first. At least a nanosecond apart
    /// from that of other partitions, even if the clock stands still.
    pub served_at: Timestamp,
    /// Grows by one with every write; 0 for a mark that is not stored yet.
    pub version: u64,
}

impl Mark {
    /// The mark of a partition that nobody has served yet.
    #[must_use]
    pub const fn new(
        subscriber: Subscriber,
        partition: u16,
        partitions: u16,
        acknowledged: u64,
        created_at: Timestamp,
    ) -> Self {
        Self {
            subscriber,
            partition,
            partitions,
            acknowledged,
            worker: None,
            token: None,
            until: None,
            served_at: created_at,
            version: 0,
        }
    }

    /// Whether a worker may take it: its lease was given back or has run out.
    #[must_use]
    pub fn is_free(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| until <= now)
    }

    /// Whether this token took it last, whether or not the lease still stands.
    #[must_use]
    pub fn was_taken_by(&self, token: Uuid) -> bool {
        self.token == Some(token)
    }

    /// Whether the lease of this token stands. One that has run out still stands as long as no
    /// other worker has taken the partition: nobody has seen its events since.
    #[must_use]
    pub fn is_held_by(&self, token: Uuid) -> bool {
        self.was_taken_by(token) && self.until.is_some()
    }

    /// How many records of the journal lie behind it, whosever they are.
    #[must_use]
    pub const fn lag(&self, head: u64) -> u64 {
        head.saturating_sub(self.acknowledged)
    }
}

/// The free marks that something may be behind, in the order in which they are served: the least
/// recently served first, then the one longest behind.
#[must_use]
pub fn serving_order(marks: &[Mark], head: u64, now: Timestamp) -> Vec<Mark> {
    let due = marks.iter().filter(|mark| mark.acknowledged < head && mark.is_free(now));
    let mut order: Vec<Mark> = due.cloned().collect();
    order.sort_by_key(|mark| (mark.served_at, mark.acknowledged, mark.partition));
    order
}

/// The partition of an account: the first eight bytes, big-endian, of the SHA-256 of the sixteen
/// bytes of its id, modulo the number of partitions. It never changes.
///
/// ```
/// use corebank::id::AccountId;
/// use corebank::ledger::outbox::partition_of;
///
/// assert_eq!(partition_of(AccountId::from_u128(1), 64), 59);
/// ```
#[must_use]
pub fn partition_of(account: AccountId, partitions: u16) -> u16 {
    let [a, b, c, d, e, f, g, h, ..]: [u8; 32] =
        Sha256::digest(account.as_uuid().as_bytes()).into();
    let number = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
    let partition = number.checked_rem(u64::from(partitions)).unwrap_or(0);
    u16::try_from(partition).unwrap_or(0)
}

/// The hold that must be known to say whom a record concerns: of a release or an expiry, which
/// name no account, and of a last capture, which also frees legs that it does not move.
#[must_use]
pub const fn hold_behind(record: &Record) -> Option<HoldId> {
    match record {
        Record::Transaction(Transaction {
            link: Some(Link::Captures { hold, last: true }),
            ..
        }) => Some(*hold),
        Record::Operation(OperationRecord {
            operation: Operation::HoldEnded { hold, .. }, ..
        }) => Some(*hold),
        _ => None,
    }
}

/// The accounts whose balance or terms a record changed, each once, ascending. None for the chart,
/// limits and periods: those belong to partition 0.
#[must_use]
pub fn accounts_of(record: &Record, hold: Option<&Hold>) -> Vec<AccountId> {
    let mut accounts: Vec<AccountId> = match record {
        Record::Transaction(moved) => moved.entries.iter().map(|entry| entry.account).collect(),
        Record::Operation(done) => match &done.operation {
            Operation::AccountOpened { account, .. }
            | Operation::AccountChanged { account, .. } => {
                vec![*account]
            }
            Operation::HoldPlaced(placed) => placed.legs.iter().map(|leg| leg.account).collect(),
            Operation::HoldEnded { .. }
            | Operation::ChartDefined(_)
            | Operation::LimitSet(_)
            | Operation::LimitRemoved(_)
            | Operation::PeriodClosed { .. } => Vec::new(),
            Operation::EntityWritten(written) => written.account.into_iter().collect(),
        },
    };
    accounts.extend(hold.into_iter().flat_map(|hold| &hold.legs).map(|leg| leg.leg.account));
    accounts.sort_unstable();
    accounts.dedup();
    accounts
}
