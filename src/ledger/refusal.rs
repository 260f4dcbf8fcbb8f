//! Every reason for which the ledger refuses, in the order in which they are looked for.

use chrono::NaiveDate;

use crate::id::{AccountId, HoldId, LimitId, TransactionId};
use crate::ledger::{ChartCode, Side, Subscriber};
use crate::money::{Currency, Money};
use crate::time::Timestamp;

crate::support::refusals! {
    /// Why the ledger refused, with what a host needs to act on it.
    ///
    /// The order of the variants is the order of precedence: when several apply, the first
    /// is returned. Codes are stable and never used again for anything else.
    Refusal;
    // ---- the request by itself
    /// A batch without instructions.
    EmptyBatch = "empty_batch", false, "the batch is empty; give at least one instruction";
    /// A batch with too many instructions.
    BatchTooLarge {
        /// How many were given.
        count: usize,
        /// How many are allowed.
        max: usize,
    } = "batch_too_large", false, "the batch has {count} instructions, {max} are allowed; split it";
    /// A transaction without legs.
    NoEntries = "no_entries", false, "a transaction needs at least two legs and this has none";
    /// A transaction with a single leg.
    OneLegged = "one_legged", false, "a transaction needs at least two legs and this has one";
    /// A transaction with too many legs.
    TooManyLegs {
        /// How many were given.
        count: usize,
        /// How many are allowed.
        max: usize,
    } = "too_many_legs", false, "the transaction has {count} legs, {max} are allowed; post a group of several";
    /// An amount of zero or below.
    AmountNotPositive {
        /// The first such leg, from 0.
        leg: usize,
    } = "amount_not_positive", false, "the amount of leg {leg} is not above zero; turn its side round instead";
    /// Debits and credits differ.
    Unbalanced {
        /// In this currency.
        currency: Currency,
        /// The sum of debits, in minor units.
        debits: i128,
        /// The sum of credits, in minor units.
        credits: i128,
    } = "unbalanced", false, "debits of {debits} and credits of {credits} minor units of {currency} differ";
    /// A limit, floor, ceiling, range or page size that makes no sense.
    InvalidTerms {
        /// What is wrong, in words.
        what: &'static str,
    } = "invalid_terms", false, "{what}";

    // ---- identity
    /// The id or key was used before for something else.
    IdReused {
        /// The first field that differs.
        field: &'static str,
    } = "id_reused", false, "the id was used before with another {field}; use a fresh id for a new request";
    /// Part of a group was posted before, but not as this group.
    GroupDiffers {
        /// The first instruction that does not fit, from 0, within the batch.
        index: usize,
    } = "group_differs", false, "instruction {index} was not posted before as part of this same group; repeat the whole group as it was";

    // ---- what the rules above the ledger say
    /// A rule about people or their accounts does not let it through.
    Barred {
        /// The code of that rule's refusal.
        because: &'static str,
    } = "barred", true, "a rule above the ledger does not let it through: {because}";

    // ---- what the request refers to
    /// A hold that does not exist.
    UnknownHold {
        /// The hold.
        hold: HoldId,
    } = "unknown_hold", true, "hold {hold} does not exist";
    /// A capture by amount of a hold with more than two legs.
    CaptureNeedsLegs {
        /// The hold.
        hold: HoldId,
    } = "capture_needs_legs", false, "hold {hold} has more than two legs; say which legs to capture";
    /// A captured leg that the hold does not have.
    NotALegOfHold {
        /// The hold.
        hold: HoldId,
        /// The account of the leg.
        account: AccountId,
    } = "not_a_leg_of_hold", false, "hold {hold} has no such leg on account {account}";
    /// A chart with too many nodes.
    ChartTooLarge {
        /// How many are allowed.
        max: usize,
    } = "chart_too_large", false, "a chart has at most {max} nodes";
    /// A chart node that stands there already with another content.
    ChartNodeDiffers {
        /// The code.
        code: ChartCode,
    } = "chart_node_differs", false, "chart code {code} is defined already with other content; use another code";
    /// A parent that is not in the chart.
    ChartParentUnknown {
        /// The code.
        code: ChartCode,
        /// The parent asked for.
        parent: ChartCode,
    } = "chart_parent_unknown", true, "the parent {parent} of chart code {code} is not defined; define it first";
    /// A parent of another class.
    ChartClassDiffers {
        /// The code.
        code: ChartCode,
        /// The parent.
        parent: ChartCode,
    } = "chart_class_differs", false, "chart code {code} has another class than its parent {parent}";
    /// A chart code that is not defined.
    UnknownChartCode {
        /// The code.
        code: ChartCode,
    } = "unknown_chart_code", true, "chart code {code} is not defined; define it first";
    /// A currency that the bank does not know.
    UnknownCurrency {
        /// The currency.
        currency: Currency,
    } = "unknown_currency", true, "the bank does not know {currency}; register it when the bank is opened";
    /// An account that does not exist.
    UnknownAccount {
        /// The account.
        account: AccountId,
    } = "unknown_account", true, "account {account} does not exist";
    /// An amount in another currency than its account.
    CurrencyMismatch {
        /// The account.
        account: AccountId,
        /// Its currency.
        expected: Currency,
        /// The currency given.
        given: Currency,
    } = "currency_mismatch", false, "account {account} is kept in {expected}, not in {given}";
    /// A transaction that does not exist.
    UnknownTransaction {
        /// The transaction.
        transaction: TransactionId,
    } = "unknown_transaction", true, "transaction {transaction} does not exist";
    /// A limit that does not exist.
    UnknownLimit {
        /// The limit.
        limit: LimitId,
    } = "unknown_limit", true, "limit {limit} does not exist";

    // ---- dates
    /// A booking date in a closed period.
    PeriodClosed {
        /// The booking date.
        booking_date: NaiveDate,
        /// The last closed day.
        closed_through: NaiveDate,
    } = "period_closed", false, "the books are closed through {closed_through}; book on a later day than {booking_date}";
    /// A booking date outside its bounds.
    BookingDateOutOfBounds {
        /// The booking date.
        booking_date: NaiveDate,
        /// The earliest allowed today.
        earliest: NaiveDate,
        /// The latest allowed today.
        latest: NaiveDate,
    } = "booking_date_out_of_bounds", false, "booking date {booking_date} is not within {earliest} to {latest}";
    /// A value date outside its bounds.
    ValueDateOutOfBounds {
        /// The value date.
        value_date: NaiveDate,
        /// The earliest allowed for the booking date.
        earliest: NaiveDate,
        /// The latest allowed for the booking date.
        latest: NaiveDate,
    } = "value_date_out_of_bounds", false, "value date {value_date} is not within {earliest} to {latest}";
    /// A period to close that is not over, or closed already further.
    PeriodNotClosable {
        /// The day asked for.
        through: NaiveDate,
        /// The latest day that may be closed today.
        latest: NaiveDate,
        /// The last closed day.
        closed_through: Option<NaiveDate>,
    } = "period_not_closable", false, "the books can be closed through {latest} at the latest and never be reopened; {through} is not possible";

    // ---- the state of what it refers to
    /// A reversal of a reversal.
    ReversalOfReversal {
        /// The reversal.
        original: TransactionId,
    } = "reversal_of_reversal", false, "{original} is itself a reversal; post a new transaction instead";
    /// A second reversal.
    AlreadyReversed {
        /// The original.
        original: TransactionId,
        /// Its reversal.
        reversal: TransactionId,
    } = "already_reversed", false, "{original} was reversed before by {reversal}";
    /// A hold whose expiry lies in the past already.
    ExpiryInPast {
        /// The expiry asked for.
        expires_at: Timestamp,
    } = "expiry_in_past", false, "the hold would expire at {expires_at}, which is not in the future";
    /// A hold that has ended.
    HoldNotOpen {
        /// The hold.
        hold: HoldId,
        /// How it ended: `captured`, `released` or `expired`.
        state: &'static str,
    } = "hold_not_open", false, "hold {hold} is {state}";
    /// A hold whose time has passed.
    HoldExpired {
        /// The hold.
        hold: HoldId,
        /// Since when.
        expires_at: Timestamp,
    } = "hold_expired", false, "hold {hold} expired at {expires_at}; place a new one";
    /// A capture of more than is left.
    CaptureExceedsHold {
        /// The hold.
        hold: HoldId,
        /// What is left on the leg.
        left: Money,
        /// What was to be captured of it.
        asked: Money,
    } = "capture_exceeds_hold", false, "hold {hold} has {left} left, not {asked}";
    /// A plain posting or hold on the account of a customer.
    AccountGuarded {
        /// The account.
        account: AccountId,
    } = "account_guarded", false, "account {account} is a customer's; move its money by the operations for customers' accounts, which ask who may";
    /// A closed account.
    AccountClosed {
        /// The account.
        account: AccountId,
    } = "account_closed", true, "account {account} is closed";
    /// A blocked account.
    AccountBlocked {
        /// The account.
        account: AccountId,
        /// The side that is refused.
        side: Side,
    } = "account_blocked", true, "account {account} is blocked on this side";
    /// Closing an account that has a balance.
    BalanceNotZero {
        /// The account.
        account: AccountId,
        /// Its ledger balance.
        balance: Money,
    } = "balance_not_zero", true, "account {account} has a balance of {balance}; move it first";
    /// Closing an account that has holds.
    HoldsOpen {
        /// The account.
        account: AccountId,
    } = "holds_open", true, "account {account} has open holds; capture or release them first";

    // ---- arithmetic
    /// A counter would leave the range of 64 bits.
    Overflow {
        /// The account.
        account: AccountId,
    } = "overflow", false, "a counter of account {account} would exceed its range";

    // ---- how far an account may go
    /// The available balance would fall below the floor.
    InsufficientFunds {
        /// The account.
        account: AccountId,
        /// What is available, down to the floor.
        available: Money,
        /// What the transaction would take, net.
        needed: Money,
    } = "insufficient_funds", true, "account {account} has {available} available and {needed} is needed";
    /// The balance would rise above the ceiling.
    CeilingExceeded {
        /// The account.
        account: AccountId,
        /// The ceiling.
        ceiling: Money,
    } = "ceiling_exceeded", true, "account {account} may hold at most {ceiling}";

    // ---- limits
    /// Less than the least per transaction.
    BelowMinimum {
        /// The limit.
        limit: LimitId,
        /// The least.
        minimum: Money,
    } = "below_minimum", false, "limit {limit} asks for at least {minimum} per transaction";
    /// More than the most per transaction.
    AboveMaximum {
        /// The limit.
        limit: LimitId,
        /// The most.
        maximum: Money,
    } = "above_maximum", false, "limit {limit} allows at most {maximum} per transaction";
    /// More than the most within the window.
    LimitAmountExceeded {
        /// The limit.
        limit: LimitId,
        /// The most within the window.
        allowed: Money,
        /// What is used already.
        used: Money,
    } = "limit_amount_exceeded", true, "limit {limit} allows {allowed} in its window and {used} is used";
    /// More transactions than allowed within the window.
    LimitCountExceeded {
        /// The limit.
        limit: LimitId,
        /// The number allowed.
        allowed: u32,
    } = "limit_count_exceeded", true, "limit {limit} allows {allowed} transactions in its window";

    // ---- the company it is in
    /// Another instruction of the same group was refused.
    GroupFailed {
        /// Which, from 0, within the batch.
        index: usize,
        /// Why: the code of its refusal.
        because: &'static str,
    } = "group_failed", true, "nothing of the group took effect, because instruction {index} was refused: {because}";

    // ---- reads
    /// A cursor that was given out by another query.
    CursorMismatch = "cursor_mismatch", false, "the cursor belongs to another query; start again without one";
    /// A proof of something that is not in a sealed block yet.
    NotSealed {
        /// Its place in the journal.
        position: u64,
    } = "not_sealed", true, "journal position {position} is not sealed yet; seal first";

    // ---- readers of the journal
    /// A subscription that does not exist.
    UnknownSubscription {
        /// The subscription.
        subscriber: Subscriber,
    } = "unknown_subscription", true, "subscription {subscriber} does not exist; subscribe first";
    /// A subscription that exists with another number of partitions.
    SubscriptionDiffers {
        /// The subscription.
        subscriber: Subscriber,
        /// The number that it has.
        partitions: u16,
    } = "subscription_differs", false, "subscription {subscriber} has {partitions} partitions; ask for as many, or take another name";
    /// A claim whose partition was given back or taken by another worker.
    LeaseLost {
        /// The subscription.
        subscriber: Subscriber,
        /// The partition.
        partition: u16,
    } = "lease_lost", false, "the lease on partition {partition} of {subscriber} is lost; drop the claim and claim again";
}

#[cfg(test)]
mod tests {
    use super::Refusal;

    #[test]
    fn codes_are_unique() {
        let mut codes = Refusal::ALL.to_vec();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Refusal::ALL.len());
    }

    #[test]
    fn a_refusal_is_small_enough_to_return_by_value() {
        assert!(size_of::<Refusal>() <= 80, "{}", size_of::<Refusal>());
    }
}
