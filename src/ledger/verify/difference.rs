//! What a check of the books can find.

use chrono::NaiveDate;

use super::KeyDifference;
use crate::id::{AccountId, HoldId, TransactionId, UnitId};
use crate::ledger::{Balance, EntityRef, HoldState, Side};
use crate::money::Currency;
use crate::time::Timestamp;

/// One way in which the books contradict themselves. `expected` is what follows from the journal,
/// `found` what stands in the books.
///
/// A run of entries that is off by the same amount is named once, at its first entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Difference {
    /// The journal does not go on with the next position.
    #[error("journal position {expected} should follow, {found} does")]
    PositionGap {
        /// The position that should follow.
        expected: u64,
        /// The one that does.
        found: u64,
    },
    /// An instant is not after the one before it.
    #[error("position {position}: the instant is not after the one before it")]
    InstantNotIncreasing {
        /// The position.
        position: u64,
        /// The instant before.
        previous: Timestamp,
        /// The instant of the record.
        found: Timestamp,
    },
    /// An id was used for a second transaction.
    #[error("transaction {transaction} stands in the journal twice")]
    TransactionRepeated {
        /// The transaction.
        transaction: TransactionId,
    },
    /// A transaction has fewer than two entries.
    #[error("transaction {transaction} has {found} entries; two are the least")]
    TooFewEntries {
        /// The transaction.
        transaction: TransactionId,
        /// The number of its entries.
        found: usize,
    },
    /// Debits and credits of a transaction differ.
    #[error("transaction {transaction} is unbalanced in {currency}: {debits} and {credits}")]
    Unbalanced {
        /// The transaction.
        transaction: TransactionId,
        /// The currency.
        currency: Currency,
        /// The sum of its debits.
        debits: i128,
        /// The sum of its credits.
        credits: i128,
    },
    /// An entry does not repeat the id, dates or instant of its transaction.
    #[error("an entry on account {account} differs from the head of transaction {transaction}")]
    EntryHead {
        /// The transaction.
        transaction: TransactionId,
        /// The account.
        account: AccountId,
    },
    /// An entry does not have the next number of its account.
    #[error("account {account}: entry {expected} should follow, {found} does")]
    EntryNumber {
        /// The account.
        account: AccountId,
        /// The number that should follow.
        expected: u64,
        /// The one that does.
        found: u64,
    },
    /// The balance after an entry is not the sum of the entries.
    #[error("account {account}, entry {number}: balance {expected} expected, {found} found")]
    RunningBalance {
        /// The account.
        account: AccountId,
        /// The number of the entry.
        number: u64,
        /// The balance that follows from the entries.
        expected: i64,
        /// The balance that the entry carries.
        found: i64,
    },
    /// An entry or a leg is in another currency than its account.
    #[error("position {position}: account {account} is kept in {expected}, not in {found}")]
    EntryCurrency {
        /// The account.
        account: AccountId,
        /// The position.
        position: u64,
        /// The currency of the account.
        expected: Currency,
        /// The currency of the entry.
        found: Currency,
    },
    /// An amount is zero or negative.
    #[error("position {position}: the amount {found} on account {account} is not positive")]
    AmountNotPositive {
        /// The account.
        account: AccountId,
        /// The position.
        position: u64,
        /// The amount in minor units.
        found: i64,
    },
    /// The counters of an account leave their range.
    #[error("position {position}: account {account} overflows")]
    Overflow {
        /// The account.
        account: AccountId,
        /// The position.
        position: u64,
    },
    /// A record or a row names an account that was never opened.
    #[error("account {account} was never opened")]
    UnknownAccount {
        /// The account.
        account: AccountId,
    },
    /// An account was opened, or read, twice.
    #[error("account {account} stands there twice")]
    AccountRepeated {
        /// The account.
        account: AccountId,
    },
    /// A closed or blocked account was posted to, or a hold placed on it.
    #[error("position {position}: account {account} is closed or blocked on the {} side", side.code())]
    AccountRefuses {
        /// The account.
        account: AccountId,
        /// The position.
        position: u64,
        /// The side.
        side: Side,
    },
    /// A transaction or hold took an account below its floor.
    #[error("position {position}: account {account} has {available} available, floor {floor}")]
    FloorBroken {
        /// The account.
        account: AccountId,
        /// The position.
        position: u64,
        /// The floor.
        floor: i64,
        /// What was available afterwards.
        available: i128,
    },
    /// A transaction or hold took an account above its ceiling.
    #[error("position {position}: account {account} stands at {expected}, ceiling {ceiling}")]
    CeilingBroken {
        /// The account.
        account: AccountId,
        /// The position.
        position: u64,
        /// The ceiling.
        ceiling: i64,
        /// What it stood at afterwards, incoming holds counted.
        expected: i128,
    },
    /// The counters of an account are not what its entries and open holds give.
    #[error("account {account}: counters {expected:?} expected, {found:?} found")]
    AccountBalance {
        /// The account.
        account: AccountId,
        /// What follows from the journal.
        expected: Balance,
        /// What the row says.
        found: Balance,
    },
    /// An account counts more or fewer entries than the journal has.
    #[error("account {account}: {expected} entries expected, {found} counted")]
    AccountEntries {
        /// The account.
        account: AccountId,
        /// The entries of the journal.
        expected: u64,
        /// What the row says.
        found: u64,
    },
    /// A term of an account is not what the journal made it.
    #[error("account {account}: its {field} is not what the journal says")]
    AccountTerms {
        /// The account.
        account: AccountId,
        /// The term.
        field: &'static str,
    },
    /// The journal knows an account that was not among those read.
    #[error("account {account} is missing")]
    AccountMissing {
        /// The account.
        account: AccountId,
    },
    /// A record or a row names a hold that was never placed.
    #[error("hold {hold} was never placed")]
    UnknownHold {
        /// The hold.
        hold: HoldId,
    },
    /// A hold was placed, or read, twice.
    #[error("hold {hold} stands there twice")]
    HoldRepeated {
        /// The hold.
        hold: HoldId,
    },
    /// The legs of a hold do not balance.
    #[error("hold {hold} is unbalanced in {currency}: {debits} and {credits}")]
    HoldUnbalanced {
        /// The hold.
        hold: HoldId,
        /// The currency.
        currency: Currency,
        /// The sum of its debits.
        debits: i128,
        /// The sum of its credits.
        credits: i128,
    },
    /// A hold was captured or ended after it had ended.
    #[error("position {position}: hold {hold} had ended already")]
    HoldNotOpen {
        /// The hold.
        hold: HoldId,
        /// The position.
        position: u64,
    },
    /// A capture took more than was left, or from a leg that the hold does not have.
    #[error("transaction {transaction} captures {excess} more on {account} than hold {hold} has")]
    CaptureExceedsHold {
        /// The hold.
        hold: HoldId,
        /// The capture.
        transaction: TransactionId,
        /// The account.
        account: AccountId,
        /// How much too much, in minor units.
        excess: i64,
    },
    /// A hold stands where the journal does not leave it.
    #[error("hold {hold} should be {}, it is {}", expected.code(), found.code())]
    HoldState {
        /// The hold.
        hold: HoldId,
        /// Where the journal leaves it.
        expected: HoldState,
        /// Where it stands.
        found: HoldState,
    },
    /// A leg of an open hold has more or less left than the journal leaves it.
    #[error("hold {hold}, leg {leg}: {expected} open expected, {found} found")]
    HoldOpen {
        /// The hold.
        hold: HoldId,
        /// The leg, from 0.
        leg: usize,
        /// What should be open, in minor units.
        expected: i64,
        /// What is.
        found: i64,
    },
    /// The legs of a hold are others, or others were captured.
    #[error("hold {hold}: its legs are not what the journal says")]
    HoldLegs {
        /// The hold.
        hold: HoldId,
    },
    /// A hold ended otherwise: by another record, at another instant, or with other legs.
    #[error("hold {hold}: its ending is not what the journal says")]
    HoldEnding {
        /// The hold.
        hold: HoldId,
    },
    /// What a hold was asked to carry is not what the journal says.
    #[error("hold {hold}: its terms are not what the journal says")]
    HoldTerms {
        /// The hold.
        hold: HoldId,
    },
    /// The journal knows a hold that was not among those read.
    #[error("hold {hold} is missing")]
    HoldMissing {
        /// The hold.
        hold: HoldId,
    },
    /// A transaction was reversed a second time.
    #[error("transaction {original} was reversed by {first} and again by {second}")]
    DoubleReversal {
        /// The original.
        original: TransactionId,
        /// Its first reversal.
        first: TransactionId,
        /// Its second one.
        second: TransactionId,
    },
    /// A reversal was reversed.
    #[error("transaction {transaction} reverses {original}, a reversal itself")]
    ReversalOfReversal {
        /// The second reversal.
        transaction: TransactionId,
        /// The first one.
        original: TransactionId,
    },
    /// The entries of a reversal are not the mirror of its original's.
    #[error("transaction {reversal} is not the mirror of {original}")]
    ReversalNotMirror {
        /// The reversal.
        reversal: TransactionId,
        /// The original.
        original: TransactionId,
    },
    /// A transaction or hold is linked to a transaction that is not before it in the journal.
    #[error("position {position}: transaction {original} is not before it in the journal")]
    UnknownOriginal {
        /// The position of the link.
        position: u64,
        /// What it names.
        original: TransactionId,
    },
    /// An atomic group was not posted whole.
    #[error("group {group} has {expected} instructions, {found} were posted")]
    GroupIncomplete {
        /// The group.
        group: UnitId,
        /// Its size.
        expected: u32,
        /// How many of it stand in the journal.
        found: u32,
    },
    /// A member of an atomic group stands at another place than its mark says.
    #[error("position {position}: not member {expected} of group {group}, but {found}")]
    GroupOrder {
        /// The group.
        group: UnitId,
        /// The position.
        position: u64,
        /// The index that should follow.
        expected: u32,
        /// The index that does.
        found: u32,
    },
    /// A transaction is booked in a period that was closed before.
    #[error("transaction {transaction} is booked on {booking_date}, closed through {closed}")]
    BookedInClosedPeriod {
        /// The transaction.
        transaction: TransactionId,
        /// Its booking date.
        booking_date: NaiveDate,
        /// The last closed day at that time.
        closed: NaiveDate,
    },
    /// A row beside the ledger was written out of turn.
    #[error("position {position}: {} {} is written as version {found} behind {before}", entity.kind, entity.id)]
    EntityVersion {
        /// The row.
        entity: EntityRef,
        /// The position.
        position: u64,
        /// The version before.
        before: u64,
        /// The version written.
        found: u64,
    },
    /// A row beside the ledger of which the journal knows nothing.
    #[error("{} {} stands beside the ledger and was never written", entity.kind, entity.id)]
    UnknownEntity {
        /// The row.
        entity: EntityRef,
    },
    /// A row beside the ledger is not what was written last: another version or other content.
    #[error("{} {} is not as it was written last", entity.kind, entity.id)]
    EntityDiffers {
        /// The row.
        entity: EntityRef,
    },
    /// A row beside the ledger is missing.
    #[error("{} {} is missing beside the ledger", entity.kind, entity.id)]
    EntityMissing {
        /// The row.
        entity: EntityRef,
    },
    /// A key of a row beside the ledger is not where it should be.
    #[error(transparent)]
    Key(#[from] KeyDifference),
    /// The books were closed through an earlier day than before.
    #[error("position {position}: closed through {found}, before that through {previous}")]
    PeriodReopened {
        /// The position.
        position: u64,
        /// The last closed day before.
        previous: NaiveDate,
        /// The last closed day now.
        found: NaiveDate,
    },
}
