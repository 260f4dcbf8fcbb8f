//! What can be read, and in which order.

use chrono::NaiveDate;

use crate::ledger::{AccountId, ChartCode, Correlation, HoldState, Kind, Reference, Refusal};
use crate::money::Money;
use crate::time::Timestamp;

/// The most rows of one page.
pub const MAX_PAGE: usize = 10_000;

/// The state of the books that a balance is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AsOf {
    /// All that was posted up to now.
    Now,
    /// All that was posted at or before an instant. A later, back-dated posting never changes it.
    Instant(Timestamp),
    /// All that is booked on or before a day, whenever it was posted.
    BookingDate(NaiveDate),
    /// All that counts for interest on or before a day, whenever it was posted.
    ValueDate(NaiveDate),
}

/// Which of the three times of an entry a query goes by.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EntryOrder {
    /// In the order of posting, which is the order of the numbers.
    #[default]
    Posted,
    /// By booking date, then number.
    BookingDate,
    /// By value date, then number.
    ValueDate,
}

/// Which end comes first.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Direction {
    /// Oldest first.
    #[default]
    Forward,
    /// Newest first.
    Backward,
}

/// Entries of one account. Bounds are inclusive.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct EntryQuery {
    /// The account.
    pub account: AccountId,
    /// By which time.
    pub order: EntryOrder,
    /// Which end first.
    pub direction: Direction,
    /// From this day on (of the booking or value date; of the posted instant in UTC).
    pub from: Option<NaiveDate>,
    /// Up to and including this day.
    pub to: Option<NaiveDate>,
}

impl EntryQuery {
    /// All entries of an account in the order of posting.
    #[must_use]
    pub const fn new(account: AccountId) -> Self {
        let (order, direction) = (EntryOrder::Posted, Direction::Forward);
        Self { account, order, direction, from: None, to: None }
    }

    /// Goes by another time.
    #[must_use]
    pub const fn ordered_by(mut self, order: EntryOrder) -> Self {
        self.order = order;
        self
    }

    /// Newest first.
    #[must_use]
    pub const fn newest_first(mut self) -> Self {
        self.direction = Direction::Backward;
        self
    }

    /// Only the days from `from` to `to`, both included.
    #[must_use]
    pub const fn between(mut self, from: NaiveDate, to: NaiveDate) -> Self {
        (self.from, self.to) = (Some(from), Some(to));
        self
    }

    /// Judges the range.
    ///
    /// # Errors
    /// [`Refusal::InvalidTerms`] when it ends before it begins.
    pub fn judge(&self) -> Result<(), Refusal> {
        judge_range(self.from, self.to)
    }
}

fn judge_range<T: PartialOrd>(from: Option<T>, to: Option<T>) -> Result<(), Refusal> {
    match from.zip(to) {
        Some((from, to)) if from > to => {
            Err(Refusal::InvalidTerms { what: "a range ends before it begins; swap its ends" })
        }
        _ => Ok(()),
    }
}

/// Where a page of entries ended: the next one begins behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct EntryKey {
    /// The day it is ordered by; unused in the order of posting.
    pub day: NaiveDate,
    /// The number of the entry.
    pub number: u64,
}

/// Transactions of the whole book, by journal position. Everything given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct TransactionQuery {
    /// With this reference.
    pub reference: Option<Reference>,
    /// Caused by this request of the host.
    pub correlation: Option<Correlation>,
    /// Of this kind.
    pub kind: Option<Kind>,
    /// With an entry on this account.
    pub account: Option<AccountId>,
    /// With an entry of at least this amount, in its currency.
    pub at_least: Option<Money>,
    /// With an entry of at most this amount, in its currency; the same entry as `at_least`.
    pub at_most: Option<Money>,
    /// Booked from this day on.
    pub from: Option<NaiveDate>,
    /// Booked up to and including this day.
    pub to: Option<NaiveDate>,
    /// Which end first.
    pub direction: Direction,
}

impl TransactionQuery {
    /// All transactions, oldest first.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only those with a reference.
    #[must_use]
    pub fn with_reference(mut self, reference: Reference) -> Self {
        self.reference = Some(reference);
        self
    }

    /// Only those that one request of the host caused.
    #[must_use]
    pub fn with_correlation(mut self, correlation: Correlation) -> Self {
        self.correlation = Some(correlation);
        self
    }

    /// Only those of a kind.
    #[must_use]
    pub const fn of_kind(mut self, kind: Kind) -> Self {
        self.kind = Some(kind);
        self
    }

    /// Only those that touch an account.
    #[must_use]
    pub const fn touching(mut self, account: AccountId) -> Self {
        self.account = Some(account);
        self
    }

    /// Only those with an entry between two amounts of one currency, both included.
    #[must_use]
    pub const fn with_amount_between(mut self, least: Money, most: Money) -> Self {
        (self.at_least, self.at_most) = (Some(least), Some(most));
        self
    }

    /// Only those booked between two days, both included.
    #[must_use]
    pub const fn booked_between(mut self, from: NaiveDate, to: NaiveDate) -> Self {
        (self.from, self.to) = (Some(from), Some(to));
        self
    }

    /// Newest first.
    #[must_use]
    pub const fn newest_first(mut self) -> Self {
        self.direction = Direction::Backward;
        self
    }

    /// Judges the filter.
    ///
    /// # Errors
    /// [`Refusal::InvalidTerms`] when a range ends before it begins or mixes currencies.
    pub fn judge(&self) -> Result<(), Refusal> {
        judge_range(self.from, self.to)?;
        if let Some((least, most)) = self.at_least.zip(self.at_most) {
            if least.currency() != most.currency() {
                return Err(Refusal::InvalidTerms { what: "a range of amounts has one currency" });
            }
            judge_range(Some(least.minor()), Some(most.minor()))?;
        }
        Ok(())
    }

    /// Whether a transaction passes the filter.
    #[must_use]
    pub fn admits(&self, transaction: &crate::ledger::Transaction) -> bool {
        let words = transaction.words();
        let within = |money: &Money| {
            let above = self.at_least.is_none_or(|least| {
                money.currency() == least.currency() && money.minor() >= least.minor()
            });
            above
                && self.at_most.is_none_or(|most| {
                    money.currency() == most.currency() && money.minor() <= most.minor()
                })
        };
        self.kind.is_none_or(|kind| kind == transaction.kind)
            && self.from.is_none_or(|from| transaction.booking_date >= from)
            && self.to.is_none_or(|to| transaction.booking_date <= to)
            && self.correlation.as_ref().is_none_or(|correlation| {
                transaction.origin.correlation.as_ref() == Some(correlation)
            })
            && self.reference.as_ref().is_none_or(|reference| {
                words.and_then(|words| words.reference.as_ref()) == Some(reference)
            })
            && self.account.is_none_or(|account| {
                transaction.entries.iter().any(|entry| entry.account == account)
            })
            && transaction.entries.iter().any(|entry| within(&entry.money))
    }
}

/// Holds, by journal position. Everything given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct HoldQuery {
    /// With a leg on this account.
    pub account: Option<AccountId>,
    /// In this state.
    pub state: Option<HoldState>,
}

impl HoldQuery {
    /// All holds.
    #[must_use]
    pub const fn new() -> Self {
        Self { account: None, state: None }
    }

    /// Only those on an account.
    #[must_use]
    pub const fn touching(mut self, account: AccountId) -> Self {
        self.account = Some(account);
        self
    }

    /// Only those in a state.
    #[must_use]
    pub const fn in_state(mut self, state: HoldState) -> Self {
        self.state = Some(state);
        self
    }

    /// Whether a hold passes the filter.
    #[must_use]
    pub fn admits(&self, hold: &crate::ledger::Hold) -> bool {
        self.state.is_none_or(|state| state == hold.state)
            && self
                .account
                .is_none_or(|account| hold.legs.iter().any(|leg| leg.leg.account == account))
    }
}

/// Accounts, in the order of their ids.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct AccountQuery {
    /// Under this chart code.
    pub code: Option<ChartCode>,
    /// Of this customer.
    pub customer: Option<uuid::Uuid>,
}

impl AccountQuery {
    /// All accounts.
    #[must_use]
    pub const fn new() -> Self {
        Self { code: None, customer: None }
    }

    /// Only those under a chart code.
    #[must_use]
    pub const fn under(mut self, code: ChartCode) -> Self {
        self.code = Some(code);
        self
    }

    /// Only those of a customer.
    #[must_use]
    pub const fn of_customer(mut self, customer: uuid::Uuid) -> Self {
        self.customer = Some(customer);
        self
    }

    /// Whether an account passes the filter.
    #[must_use]
    pub fn admits(&self, account: &crate::ledger::Account) -> bool {
        self.code.is_none_or(|code| account.profile.code == code)
            && self.customer.is_none_or(|one| account.profile.labels.customer == Some(one))
    }
}
