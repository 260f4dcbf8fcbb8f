//! Limits beyond the floor: bounds per transaction, and amount and count per window, by scope.

use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use uuid::Uuid;

use crate::id::{AccountId, LimitId};
use crate::ledger::{Channel, ChartCode, Kind, Side};
use crate::money::Currency;
use crate::time::Timestamp;

/// Whose transactions a limit measures (C06).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LimitScope {
    /// All together: one counter for the bank.
    Global,
    /// One branch.
    Branch(Uuid),
    /// Each branch by itself.
    EachBranch,
    /// One customer, over all of the customer's accounts.
    Customer(Uuid),
    /// Each customer by itself, over all of the customer's accounts.
    EachCustomer,
    /// One account.
    Account(AccountId),
    /// Each account under a chart code by itself.
    EachAccount(ChartCode),
    /// All transactions that come in on a channel.
    Channel(Channel),
    /// All transactions of a kind.
    Kind(Kind),
}

/// The window over which amount and count are summed.
///
/// Days and months are business dates. A rolling window of hours is measured in whole hours of
/// UTC, and its oldest hour counts until it has left the window completely: it errs on the side
/// of refusing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Window {
    /// The business date.
    Day,
    /// The calendar month of the business date.
    Month,
    /// The last `n` business dates, today included; 1 to 366.
    RollingDays(u16),
    /// The last `n` hours; 1 to 744.
    RollingHours(u16),
}

impl Window {
    /// Buckets from the oldest that counts to the present one.
    #[must_use]
    pub fn buckets(self, today: NaiveDate, now: Timestamp) -> std::ops::RangeInclusive<i64> {
        let day = i64::from(today.num_days_from_ce());
        let hour = now.as_nanos().div_euclid(3_600_000_000_000);
        match self {
            Self::Day => day..=day,
            Self::Month => {
                let month = i64::from(today.year())
                    .saturating_mul(12)
                    .saturating_add(i64::from(today.month0()));
                month..=month
            }
            Self::RollingDays(n) => day.saturating_sub(i64::from(n).saturating_sub(1))..=day,
            // One bucket more than hours, so that the oldest counts until wholly outside.
            Self::RollingHours(n) => hour.saturating_sub(i64::from(n))..=hour,
        }
    }
}

/// A limit. Amounts are minor units of `currency`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct LimitRule {
    /// The id; setting a limit again under its id replaces it.
    pub id: LimitId,
    /// Whose transactions.
    pub scope: LimitScope,
    /// Which legs are measured: those on this side, of accounts in scope.
    pub side: Side,
    /// In this currency; legs in others are not measured.
    pub currency: Currency,
    /// Only transactions of these kinds; empty means all.
    pub kinds: Vec<Kind>,
    /// The least that one transaction may measure.
    pub minimum: Option<i64>,
    /// The most that one transaction may measure.
    pub maximum: Option<i64>,
    /// Over which window amount and count are summed.
    pub window: Window,
    /// The most that may be measured within the window.
    pub amount: Option<i64>,
    /// The most transactions within the window.
    pub count: Option<u32>,
}

impl LimitRule {
    /// A limit on a scope that bounds nothing yet.
    #[must_use]
    pub const fn new(
        id: LimitId,
        scope: LimitScope,
        side: Side,
        currency: Currency,
        window: Window,
    ) -> Self {
        Self {
            id,
            scope,
            side,
            currency,
            kinds: Vec::new(),
            minimum: None,
            maximum: None,
            window,
            amount: None,
            count: None,
        }
    }

    /// Bounds one transaction from below.
    #[must_use]
    pub const fn with_minimum(mut self, minor: i64) -> Self {
        self.minimum = Some(minor);
        self
    }

    /// Bounds one transaction from above.
    #[must_use]
    pub const fn with_maximum(mut self, minor: i64) -> Self {
        self.maximum = Some(minor);
        self
    }

    /// Bounds the sum within the window.
    #[must_use]
    pub const fn with_amount(mut self, minor: i64) -> Self {
        self.amount = Some(minor);
        self
    }

    /// Bounds the number within the window.
    #[must_use]
    pub const fn with_count(mut self, count: u32) -> Self {
        self.count = Some(count);
        self
    }

    /// Measures transactions of these kinds only.
    #[must_use]
    pub fn for_kinds(mut self, kinds: impl IntoIterator<Item = Kind>) -> Self {
        self.kinds = kinds.into_iter().collect();
        self
    }
}

/// The limits in force, by id. A clone shares them; a bank without limits shares nothing, so that
/// threads do not meet at a counter of references.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits(Option<Arc<[LimitRule]>>);

impl From<Vec<LimitRule>> for Limits {
    fn from(rules: Vec<LimitRule>) -> Self {
        Self((!rules.is_empty()).then(|| Arc::from(rules)))
    }
}

impl serde::Serialize for Limits {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.iter())
    }
}

impl<'de> serde::Deserialize<'de> for Limits {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let rules: Vec<LimitRule> = serde::Deserialize::deserialize(from)?;
        if rules.is_sorted_by(|one, next| one.id < next.id) {
            return Ok(Self::from(rules));
        }
        Err(serde::de::Error::custom("limits stand in the order of their ids, each once"))
    }
}

impl std::ops::Deref for Limits {
    type Target = [LimitRule];

    fn deref(&self) -> &[LimitRule] {
        self.0.as_deref().unwrap_or_default()
    }
}

/// Which counter of which limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct UsageKey {
    /// The limit.
    pub limit: LimitId,
    /// Whose counter; nil for a scope that has only one.
    pub subject: Uuid,
    /// Which bucket: a day since 0001-01-01, a month, or an hour since 1970.
    pub bucket: i64,
}

// Field by field, as it would be derived, but ids as numbers and not byte by byte: thousands of
// keys are sorted in a batch.
impl Ord for UsageKey {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let order = |key: &Self| (key.limit.as_u128(), key.subject.as_u128(), key.bucket);
        order(self).cmp(&order(other))
    }
}

impl PartialOrd for UsageKey {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// What was used so far in one bucket.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Usage {
    /// Grows with every change; 0 when there is no row yet.
    pub version: u64,
    /// The sum, in minor units.
    pub amount: i64,
    /// The number of transactions.
    pub count: u32,
}
