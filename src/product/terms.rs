//! Products, their versions and terms.

use std::fmt;

use chrono::NaiveDate;

use super::{AccountType, WindowLimit};
use crate::id::ProductId;
use crate::ledger::{ChartCode, EntityKind, FloorPolicy, Kind, Text};
use crate::money::Currency;
use crate::time::Timestamp;

/// A rate in thousandths of a per cent: 1.5 % is 1,500; 0 to 99.999 % (S1-087).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(try_from = "u32", into = "u32")]
pub struct Percent3(u32);

impl Percent3 {
    /// The greatest, 99.999 %.
    pub const MAX: u32 = 99_999;

    /// A rate of so many thousandths of a per cent; `None` above 99.999 %.
    #[must_use]
    pub const fn new(thousandths: u32) -> Option<Self> {
        if thousandths <= Self::MAX { Some(Self(thousandths)) } else { None }
    }

    /// In thousandths of a per cent.
    #[must_use]
    pub const fn thousandths(self) -> u32 {
        self.0
    }
}

impl TryFrom<u32> for Percent3 {
    type Error = &'static str;

    fn try_from(thousandths: u32) -> Result<Self, Self::Error> {
        Self::new(thousandths).ok_or("a rate is at most 99999 thousandths of a per cent")
    }
}

impl From<Percent3> for u32 {
    fn from(rate: Percent3) -> Self {
        rate.0
    }
}

impl fmt::Display for Percent3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0.checked_div(1_000), self.0.checked_rem(1_000));
        write!(f, "{}.{:03} %", whole.unwrap_or(0), part.unwrap_or(0))
    }
}

/// The code of a product: 1 to 20 lower-case ASCII letters, digits, `-` and `_`.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct ProductCode(String);

impl ProductCode {
    /// Parses a code; `None` for what is not one.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let is_code =
            |one: u8| one.is_ascii_lowercase() || one.is_ascii_digit() || b"-_".contains(&one);
        let fits = (1..=20).contains(&text.len()) && text.bytes().all(is_code);
        fits.then(|| Self(text.to_owned()))
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ProductCode {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(&text).ok_or("a product code has 1 to 20 lower-case letters, digits, - and _")
    }
}

impl From<ProductCode> for String {
    fn from(code: ProductCode) -> Self {
        code.0
    }
}

/// A fee, in minor units of the account's currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Fee {
    /// What it is for; the kind of its transaction.
    pub kind: Kind,
    /// How much.
    pub amount: i64,
}

/// When interest is posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Posting {
    /// At the end of each day.
    Daily,
    /// At the end of each month.
    Monthly,
    /// At the end of each quarter.
    Quarterly,
    /// At the end of each year.
    Yearly,
}

/// How interest is reckoned (C43): recorded with the version, so that nobody has to guess later.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct InterestTerms {
    /// The rate for a year.
    pub rate: Percent3,
    /// The convention of days, such as `act_365` or `30e_360`.
    pub day_count: Kind,
    /// Whether posted interest bears interest.
    pub compounds: bool,
    /// When it is posted.
    pub posting: Posting,
}

/// Terms. Amounts are minor units of the account's currency.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Terms {
    /// In which currencies accounts are kept.
    pub currencies: Vec<Currency>,
    /// The node of the chart under which their ledger accounts stand.
    pub chart: ChartCode,
    /// How far below zero the available balance may go (C03).
    pub floor: FloorPolicy,
    /// The balance that is asked for at least; falling below it costs a fee, no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum_balance: Option<i64>,
    /// The balance that is allowed at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ceiling: Option<i64>,
    /// The least of one movement on a customer's word (S1-081).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<i64>,
    /// The most of one movement on a customer's word (S1-081).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<i64>,
    /// What may be moved within a time, for each account by itself (C06, S4-066).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<WindowLimit>,
    /// Interest that the bank pays or takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interest: Option<InterestTerms>,
    /// The annual percentage rate that is told (S1-030).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annual_percentage_rate: Option<Percent3>,
    /// Fees.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fees: Vec<Fee>,
    /// Whether another account may cover it (S1-030 `overdraft_protection`).
    pub cover: bool,
    /// After how many days without the customer's doing it is dormant; none means never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dormant_after_days: Option<u32>,
}

impl Terms {
    /// Deposit accounts in one currency under a node of the chart: never below zero.
    #[must_use]
    pub fn new(chart: ChartCode, currency: Currency) -> Self {
        Self {
            currencies: vec![currency],
            chart,
            floor: FloorPolicy::NonNegative,
            minimum_balance: None,
            ceiling: None,
            minimum: None,
            maximum: None,
            limits: Vec::new(),
            interest: None,
            annual_percentage_rate: None,
            fees: Vec::new(),
            cover: false,
            dormant_after_days: None,
        }
    }

    /// In another currency too.
    #[must_use]
    pub fn with_currency(mut self, currency: Currency) -> Self {
        self.currencies.push(currency);
        self
    }

    /// With a floor.
    #[must_use]
    pub const fn with_floor(mut self, floor: FloorPolicy) -> Self {
        self.floor = floor;
        self
    }

    /// With bounds for one movement, in minor units.
    #[must_use]
    pub const fn with_bounds(mut self, minimum: i64, maximum: i64) -> Self {
        self.minimum = Some(minimum);
        self.maximum = Some(maximum);
        self
    }

    /// With a limit within a time.
    #[must_use]
    pub fn with_limit(mut self, limit: WindowLimit) -> Self {
        self.limits.push(limit);
        self
    }

    /// With interest.
    #[must_use]
    pub fn with_interest(mut self, interest: InterestTerms) -> Self {
        self.interest = Some(interest);
        self
    }

    /// With a fee.
    #[must_use]
    pub fn with_fee(mut self, fee: Fee) -> Self {
        self.fees.push(fee);
        self
    }

    /// With cover from another account.
    #[must_use]
    pub const fn with_cover(mut self) -> Self {
        self.cover = true;
        self
    }

    /// Dormant after so many days.
    #[must_use]
    pub const fn with_dormancy(mut self, days: u32) -> Self {
        self.dormant_after_days = Some(days);
        self
    }

    /// With a balance that is asked for at least, in minor units.
    #[must_use]
    pub const fn with_minimum_balance(mut self, minor: i64) -> Self {
        self.minimum_balance = Some(minor);
        self
    }

    /// With a balance that is allowed at most, in minor units.
    #[must_use]
    pub const fn with_ceiling(mut self, minor: i64) -> Self {
        self.ceiling = Some(minor);
        self
    }

    /// With an annual percentage rate.
    #[must_use]
    pub const fn with_annual_percentage_rate(mut self, rate: Percent3) -> Self {
        self.annual_percentage_rate = Some(rate);
        self
    }
}

/// Terms from a day on.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ProductVersion {
    /// 1, 2, 3.
    pub number: u32,
    /// The first day on which it is in force.
    pub effective_from: NaiveDate,
    /// The terms.
    pub terms: Terms,
}

/// A product.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Product {
    /// The id.
    pub id: ProductId,
    /// The code, unique in the bank.
    pub code: ProductCode,
    /// The name.
    pub name: Text,
    /// What kind of account it gives.
    pub kind: AccountType,
    /// Its versions, the oldest first.
    pub versions: Vec<ProductVersion>,
    /// Whether no more accounts are opened under it.
    pub retired: bool,
    /// When it was defined.
    pub created_at: Timestamp,
}

impl Product {
    /// What the journal calls it.
    pub const KIND: EntityKind = EntityKind::known("product");
    /// The most versions.
    pub const MAX_VERSIONS: usize = 512;

    /// The version in force on a day; none before the first.
    #[must_use]
    pub fn version_on(&self, day: NaiveDate) -> Option<&ProductVersion> {
        self.versions.iter().rev().find(|version| version.effective_from <= day)
    }

    /// A version by its number.
    #[must_use]
    pub fn version(&self, number: u32) -> Option<&ProductVersion> {
        self.versions.iter().find(|version| version.number == number)
    }
}
