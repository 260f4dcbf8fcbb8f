//! How a span of dates becomes a fraction of a year.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};

use crate::time::TimeError;

/// An exact fraction, in lowest terms, with a denominator above zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
mod tests {
    use chrono::Days;
    use proptest::prelude::*;

    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn fraction(numerator: i64, denominator: i64) -> Fraction {
        Fraction::new(numerator, denominator).unwrap()
    }

    /// a / 365 + b / 366.
    fn mixed(a: i64, b: i64) -> Fraction {
        fraction(a * 366 + b * 365, 365 * 366)
    }

    /// ISDA's memorandum "EMU and market conventions" of 1998, and those after it.
    #[test]
    fn actual_actual_agrees_with_the_published_examples() {
        for (start, end, common, leap) in [
            ("2003-11-01", "2004-05-01", 61, 121),
            ("1999-02-01", "1999-07-01", 150, 0),
            ("1999-07-01", "2000-07-01", 184, 182),
            ("2002-08-15", "2003-07-15", 334, 0),
            ("2003-07-15", "2004-01-15", 170, 14),
            ("1999-07-30", "2000-01-30", 155, 29),
            ("2000-01-30", "2000-06-30", 0, 152),
            ("1999-11-30", "2000-04-30", 32, 120),
        ] {
            let found = DayCount::ActualActualIsda.year_fraction(date(start), date(end));
            assert_eq!(found, Ok(mixed(common, leap)), "{start}");
        }
    }

    /// The worksheet "30/360" that ISDA published with the 2006 definitions:
    /// start, end, days by bond basis, days by Eurobond basis.
    #[test]
    fn thirty_360_agrees_with_the_published_examples() {
        for (start, end, bond, euro) in [
            ("2006-08-20", "2007-02-20", 180, 180),
            ("2007-02-20", "2007-08-20", 180, 180),
            ("2008-08-20", "2009-02-20", 180, 180),
            ("2006-08-31", "2007-02-28", 178, 178),
            ("2007-02-28", "2007-08-31", 183, 182),
            ("2007-08-31", "2008-02-29", 179, 179),
            ("2008-02-29", "2008-08-31", 182, 181),
            ("2008-08-31", "2009-02-28", 178, 178),
            ("2009-02-28", "2009-08-31", 183, 182),
            ("2006-01-31", "2006-02-28", 28, 28),
            ("2006-01-30", "2006-02-28", 28, 28),
            ("2006-02-28", "2006-03-03", 5, 5),
            ("2006-02-14", "2006-02-28", 14, 14),
            ("2006-09-30", "2006-10-31", 30, 30),
            ("2006-10-31", "2006-11-28", 28, 28),
            ("2007-08-31", "2008-02-28", 178, 178),
            ("2008-02-28", "2008-08-28", 180, 180),
            ("2008-02-28", "2008-08-30", 182, 182),
            ("2008-02-28", "2008-08-31", 183, 182),
            ("2007-02-26", "2008-02-28", 362, 362),
            ("2007-02-26", "2008-02-29", 363, 363),
            ("2008-02-29", "2009-02-28", 359, 359),
            ("2008-02-28", "2008-03-30", 32, 32),
            ("2008-02-28", "2008-03-31", 33, 32),
        ] {
            let (start, end) = (date(start), date(end));
            assert_eq!(DayCount::Thirty360Us.days(start, end), Ok(bond), "{start} {end}");
            assert_eq!(DayCount::ThirtyE360.days(start, end), Ok(euro), "{start} {end}");
            let year = DayCount::Thirty360Us.year_fraction(start, end);
            assert_eq!(year, Ok(fraction(bond, 360)));
        }
    }

    #[test]
    fn calendar_days_over_a_fixed_year() {
        let (start, end) = (date("2023-11-01"), date("2024-05-01"));
        assert_eq!(DayCount::Actual360.year_fraction(start, end), Ok(fraction(182, 360)));
        assert_eq!(DayCount::Actual365Fixed.year_fraction(start, end), Ok(fraction(182, 365)));
        let leap_year =
            DayCount::Actual365Fixed.year_fraction(date("2024-01-01"), date("2025-01-01"));
        assert_eq!(leap_year, Ok(fraction(366, 365)));
    }

    #[test]
    fn a_span_backwards_is_refused_and_the_longest_one_counts() {
        let (start, end) = (date("2026-01-02"), date("2026-01-01"));
        for rule in DayCount::ALL {
            let refused = Err(TimeError::EndBeforeStart { start, end });
            assert_eq!(rule.year_fraction(start, end), refused);
            let longest = rule.year_fraction(NaiveDate::MIN, NaiveDate::MAX).unwrap();
            let years = longest.numerator / longest.denominator;
            assert!((524_000..540_000).contains(&years), "{rule} {years}");
        }
    }

    #[test]
    fn fractions_are_in_lowest_terms() {
        assert_eq!(fraction(180, 360), Fraction { numerator: 1, denominator: 2 });
        assert_eq!(fraction(-6, 4), Fraction { numerator: -3, denominator: 2 });
        assert_eq!(fraction(0, 7), Fraction::ZERO);
        assert_eq!(Fraction::new(1, 0), None);
        assert_eq!(Fraction::new(1, -1), None);
        assert_eq!(Fraction::new(i64::MIN, 1), None);
        assert_eq!(fraction(i64::MAX, i64::MAX), fraction(1, 1));
    }

    #[test]
    fn codes_read_back() {
        for rule in DayCount::ALL {
            assert_eq!(rule.to_string().parse(), Ok(rule));
        }
        assert_eq!("act/360".parse::<DayCount>(), Err(TimeError::UnknownDayCount));
    }

    #[test]
    fn it_travels_as_its_code() {
        assert_eq!(serde_json::to_string(&DayCount::ThirtyE360).unwrap(), "\"30E/360\"");
        let read: DayCount = serde_json::from_str("\"ACT/ACT.ISDA\"").unwrap();
        assert_eq!(read, DayCount::ActualActualIsda);
    }

    proptest! {
        /// Day by day, as the definition says it.
        #[test]
        fn actual_actual_agrees_with_counting(from in 0_u64..40_000, length in 0_u64..3_000) {
            let start = date("1890-01-01") + Days::new(from);
            let end = start + Days::new(length);
            let days = || start.iter_days().take_while(|day| *day < end);
            let leap = i64::try_from(days().filter(NaiveDate::leap_year).count()).unwrap();
            let all = i64::try_from(length).unwrap();
            let found = DayCount::ActualActualIsda.year_fraction(start, end);
            prop_assert_eq!(found, Ok(mixed(all - leap, leap)));
        }

        #[test]
        fn actual_counts_add_up(from in 0_u64..40_000, a in 0_u64..3_000, b in 0_u64..3_000) {
            let start = date("1890-01-01") + Days::new(from);
            let (middle, end) = (start + Days::new(a), start + Days::new(a + b));
            for rule in [DayCount::Actual360, DayCount::Actual365Fixed, DayCount::ActualActualIsda] {
                let parts = [
                    rule.year_fraction(start, middle).unwrap(),
                    rule.year_fraction(middle, end).unwrap(),
                    rule.year_fraction(start, end).unwrap(),
                ];
                let [x, y, z] = parts.map(|part| (i128::from(part.numerator), i128::from(part.denominator)));
                prop_assert_eq!((x.0 * y.1 + y.0 * x.1) * z.1, z.0 * x.1 * y.1);
            }
        }

        #[test]
        fn no_rule_counts_below_zero(from in 0_u64..40_000, length in 0_u64..3_000) {
            let start = date("1890-01-01") + Days::new(from);
            let end = start + Days::new(length);
            for rule in DayCount::ALL {
                let year = rule.year_fraction(start, end).unwrap();
                prop_assert!(year.numerator >= 0 && year.denominator >= 1);
                prop_assert_eq!(Fraction::new(year.numerator, year.denominator), Some(year));
            }
        }
    }
}
