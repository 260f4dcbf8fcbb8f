//! How a span of dates becomes a fraction of a year.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};

use crate::time::TimeError;

/// An exact fraction, in lowest terms, with a denominator above zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Fraction {
    /// What stands above the line; never negative in a year fraction.
    pub numerator: i64,
    /// What stands below the line; at least one.
    pub denominator: i64,
}

impl Fraction {
    /// Nothing.
    pub const ZERO: Self = Self { numerator: 0, denominator: 1 };

    /// A fraction in lowest terms, or `None` for a denominator below one or a numerator of
    /// `i64::MIN`.
    #[must_use]
    pub fn new(numerator: i64, denominator: i64) -> Option<Self> {
        if denominator < 1 {
            return None;
        }
        // Euclid: halves at least every second round, so that it ends within 128.
        let (mut divisor, mut rest) = (numerator.checked_abs()?, denominator);
        while rest != 0 {
            (divisor, rest) = (rest, divisor.checked_rem(rest)?);
        }
        Some(Self {
            numerator: numerator.checked_div(divisor)?,
            denominator: denominator.checked_div(divisor)?,
        })
    }
}

/// The rule by which interest counts days, as in the 2006 ISDA definitions, section 4.16.
///
/// A span begins on its first day and ends before its last: from a date to itself is nothing.
///
/// ```
/// use chrono::NaiveDate;
/// use corebank::time::{DayCount, Fraction};
///
/// let (start, end) = (NaiveDate::from_ymd_opt(2026, 1, 1), NaiveDate::from_ymd_opt(2026, 7, 1));
/// let year = start.zip(end).map(|(start, end)| DayCount::Actual360.year_fraction(start, end));
/// assert_eq!(year, Some(Ok(Fraction::new(181, 360).unwrap())));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DayCount {
    /// Actual/360 (4.16(e)): calendar days over 360. Usual for money markets in USD and EUR.
    Actual360,
    /// Actual/365 (Fixed) (4.16(d)): calendar days over 365, in leap years too. Usual in GBP.
    Actual365Fixed,
    /// Actual/Actual ISDA (4.16(b)): days in leap years over 366 plus the other days over 365.
    ActualActualIsda,
    /// 30/360, bond basis (4.16(f)): every month has 30 days; a span that starts on the 30th or
    /// the 31st and ends on a 31st ends on the 30th. The rule of some US markets that also
    /// stretches the end of February is not part of it.
    Thirty360Us,
    /// 30E/360, Eurobond basis (4.16(g)): every month has 30 days; each 31st is a 30th.
    ThirtyE360,
}

impl DayCount {
    /// Every day count.
    pub const ALL: [Self; 5] = [
        Self::Actual360,
        Self::Actual365Fixed,
        Self::ActualActualIsda,
        Self::Thirty360Us,
        Self::ThirtyE360,
    ];

    /// The stable code, also its serialised form.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Actual360 => "ACT/360",
            Self::Actual365Fixed => "ACT/365F",
            Self::ActualActualIsda => "ACT/ACT.ISDA",
            Self::Thirty360Us => "30/360",
            Self::ThirtyE360 => "30E/360",
        }
    }

    /// How many days the rule counts from `start` up to but without `end`. Below zero never.
    ///
    /// # Errors
    ///
    /// [`TimeError::EndBeforeStart`].
    pub fn days(self, start: NaiveDate, end: NaiveDate) -> Result<i64, TimeError> {
        if end < start {
            return Err(TimeError::EndBeforeStart { start, end });
        }
        let (last, first) = match self {
            Self::Actual360 | Self::Actual365Fixed | Self::ActualActualIsda => {
                return Ok(end.signed_duration_since(start).num_days());
            }
            Self::Thirty360Us => {
                let first = start.day().min(30);
                let last = if first == 30 { end.day().min(30) } else { end.day() };
                (last, first)
            }
            Self::ThirtyE360 => (end.day().min(30), start.day().min(30)),
        };
        // Years stay below 300,000, so that no step comes near the bounds of 64 bits.
        let ordinal = |date: NaiveDate, day: u32| {
            i64::from(date.year())
                .saturating_mul(360)
                .saturating_add(i64::from(date.month()).saturating_mul(30))
                .saturating_add(i64::from(day))
        };
        Ok(ordinal(end, last).saturating_sub(ordinal(start, first)))
    }

    /// The exact fraction of a year from `start` up to but without `end`.
    ///
    /// # Errors
    ///
    /// [`TimeError::EndBeforeStart`].
    pub fn year_fraction(self, start: NaiveDate, end: NaiveDate) -> Result<Fraction, TimeError> {
        let days = self.days(start, end)?;
        let (numerator, denominator) = match self {
            Self::Actual360 | Self::Thirty360Us | Self::ThirtyE360 => (days, 360),
            Self::Actual365Fixed => (days, 365),
            Self::ActualActualIsda => {
                let leap = leap_days_before(end).saturating_sub(leap_days_before(start));
                let common = days.saturating_sub(leap);
                // leap / 366 + common / 365; days stay below 200 million.
                let sum = leap.saturating_mul(365).saturating_add(common.saturating_mul(366));
                (sum, 366 * 365)
            }
        };
        Fraction::new(numerator, denominator).ok_or(TimeError::OutOfRange)
    }
}

impl fmt::Display for DayCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl FromStr for DayCount {
    type Err = TimeError;

    /// Reads the [`code`](DayCount::code).
    ///
    /// # Errors
    ///
    /// [`TimeError::UnknownDayCount`].
    fn from_str(text: &str) -> Result<Self, TimeError> {
        Self::ALL.into_iter().find(|rule| rule.code() == text).ok_or(TimeError::UnknownDayCount)
    }
}

#[cfg(feature = "serde")]
crate::support::serde_text::serde_as_text!(DayCount, "the code of a day count, such as ACT/360");

/// How many of the days before `date` fall in leap years, counted from year 1 (negative before).
fn leap_days_before(date: NaiveDate) -> i64 {
    let year = i64::from(date.year()).saturating_sub(1);
    let leap_years = year
        .div_euclid(4)
        .saturating_sub(year.div_euclid(100))
        .saturating_add(year.div_euclid(400));
    let this_year = if date.leap_year() { i64::from(date.ordinal0()) } else { 0 };
    leap_years.saturating_mul(366).saturating_add(this_year)
}
