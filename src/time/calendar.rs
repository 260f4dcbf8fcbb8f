//! Which dates are business days, and how a date moves to one.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::Arc;

use chrono::{Datelike, NaiveDate, Weekday};

use crate::time::TimeError;

/// How many dates a search looks at before it gives up: two years.
pub const MAX_SEARCH_DAYS: u32 = 366 * 2;

/// How many business days can be added at once, in either direction: more than a century.
pub const MAX_BUSINESS_DAYS: u32 = 36_600;

/// Knows on which dates the bank works.
pub trait Calendar: Send + Sync + Debug {
    /// Whether the bank works on this date.
    fn is_business_day(&self, date: NaiveDate) -> bool;
}

impl<C: Calendar + ?Sized> Calendar for Arc<C> {
    fn is_business_day(&self, date: NaiveDate) -> bool {
        (**self).is_business_day(date)
    }
}

/// A calendar of weekends alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Weekends {
    /// One bit per weekday, Monday lowest.
    days: u8,
}

impl Weekends {
    /// No weekend: every date is a business day.
    pub const NONE: Self = Self { days: 0 };
    /// The weekend of most of the world; the default.
    pub const SATURDAY_SUNDAY: Self = Self { days: 0b110_0000 };
    /// The weekend of much of the Middle East.
    pub const FRIDAY_SATURDAY: Self = Self { days: 0b011_0000 };

    /// A weekend of these weekdays. With all seven there is no business day at all, and every
    /// search ends in [`TimeError::NoBusinessDay`].
    #[must_use]
    pub fn new(days: &[Weekday]) -> Self {
        Self { days: days.iter().fold(0, |bits, day| bits | bit(*day)) }
    }

    /// Whether this weekday belongs to the weekend.
    #[must_use]
    pub const fn contains(self, day: Weekday) -> bool {
        self.days & bit(day) != 0
    }
}

const fn bit(day: Weekday) -> u8 {
    match day {
        Weekday::Mon => 1,
        Weekday::Tue => 1 << 1,
        Weekday::Wed => 1 << 2,
        Weekday::Thu => 1 << 3,
        Weekday::Fri => 1 << 4,
        Weekday::Sat => 1 << 5,
        Weekday::Sun => 1 << 6,
    }
}

impl Default for Weekends {
    fn default() -> Self {
        Self::SATURDAY_SUNDAY
    }
}

impl Calendar for Weekends {
    fn is_business_day(&self, date: NaiveDate) -> bool {
        !self.contains(date.weekday())
    }
}

/// Another calendar without these dates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HolidayCalendar<C = Weekends> {
    base: C,
    holidays: BTreeSet<NaiveDate>,
}

impl<C: Calendar> HolidayCalendar<C> {
    /// The calendar `base` without the given dates. A holiday on a weekend changes nothing.
    #[must_use]
    pub fn new(base: C, holidays: impl IntoIterator<Item = NaiveDate>) -> Self {
        Self { base, holidays: holidays.into_iter().collect() }
    }

    /// Adds a holiday; false if it was there already.
    pub fn add(&mut self, holiday: NaiveDate) -> bool {
        self.holidays.insert(holiday)
    }

    /// The holidays, oldest first.
    pub fn holidays(&self) -> impl Iterator<Item = NaiveDate> + '_ {
        self.holidays.iter().copied()
    }
}

impl<C: Calendar> Calendar for HolidayCalendar<C> {
    fn is_business_day(&self, date: NaiveDate) -> bool {
        !self.holidays.contains(&date) && self.base.is_business_day(date)
    }
}

/// What becomes of a date that is not a business day, in ISDA's terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
pub enum BusinessDayConvention {
    /// The next business day.
    Following,
    /// The next business day, unless it falls in the next month: then the previous one.
    #[default]
    ModifiedFollowing,
    /// The previous business day.
    Preceding,
    /// The previous business day, unless it falls in the month before: then the next one.
    ModifiedPreceding,
    /// The date stays.
    Unadjusted,
}

#[derive(Clone, Copy)]
enum Direction {
    Forward,
    Backward,
}

/// The first business day from `date` on, `date` included, in one direction.
fn search(
    date: NaiveDate,
    first: NaiveDate,
    direction: Direction,
    calendar: &dyn Calendar,
) -> Result<NaiveDate, TimeError> {
    let mut candidate = first;
    for _ in 0..MAX_SEARCH_DAYS {
        if calendar.is_business_day(candidate) {
            return Ok(candidate);
        }
        candidate = step(candidate, direction)?;
    }
    Err(TimeError::NoBusinessDay { from: date })
}

fn step(date: NaiveDate, direction: Direction) -> Result<NaiveDate, TimeError> {
    match direction {
        Direction::Forward => date.succ_opt(),
        Direction::Backward => date.pred_opt(),
    }
    .ok_or(TimeError::OutOfRange)
}

/// The first business day after `date`.
///
/// # Errors
///
/// [`TimeError::NoBusinessDay`] if none of the next [`MAX_SEARCH_DAYS`] dates is one;
/// [`TimeError::OutOfRange`] at the end of dates.
pub fn next_business_day(date: NaiveDate, calendar: &dyn Calendar) -> Result<NaiveDate, TimeError> {
    search(date, step(date, Direction::Forward)?, Direction::Forward, calendar)
}

/// The last business day before `date`.
///
/// # Errors
///
/// [`TimeError::NoBusinessDay`] if none of the [`MAX_SEARCH_DAYS`] dates before is one;
/// [`TimeError::OutOfRange`] at the beginning of dates.
pub fn previous_business_day(
    date: NaiveDate,
    calendar: &dyn Calendar,
) -> Result<NaiveDate, TimeError> {
    search(date, step(date, Direction::Backward)?, Direction::Backward, calendar)
}

/// Moves a date to a business day by a convention. A business day stays where it is.
///
/// Where a modified convention finds its whole month without a business day, the date moves to the
/// other side all the same, and so into a neighbouring month.
///
/// # Errors
///
/// [`TimeError::NoBusinessDay`] if the search looks at [`MAX_SEARCH_DAYS`] dates in vain;
/// [`TimeError::OutOfRange`] at the ends of dates.
pub fn adjust(
    date: NaiveDate,
    convention: BusinessDayConvention,
    calendar: &dyn Calendar,
) -> Result<NaiveDate, TimeError> {
    use BusinessDayConvention as Convention;
    use Direction::{Backward, Forward};

    let same_month =
        |other: NaiveDate| other.month() == date.month() && other.year() == date.year();
    let (first, then) = match convention {
        Convention::Unadjusted => return Ok(date),
        Convention::Following => return search(date, date, Forward, calendar),
        Convention::Preceding => return search(date, date, Backward, calendar),
        Convention::ModifiedFollowing => (Forward, Backward),
        Convention::ModifiedPreceding => (Backward, Forward),
    };
    // A first search that runs out of dates has left the month as well.
    match search(date, date, first, calendar) {
        Ok(found) if same_month(found) => Ok(found),
        _ => search(date, date, then, calendar),
    }
}

/// The date that many business days later, or earlier if `days` is negative. Zero days leave the
/// date as it is, even where it is not a business day.
///
/// # Errors
///
/// [`TimeError::TooManyDays`] beyond [`MAX_BUSINESS_DAYS`]; [`TimeError::NoBusinessDay`] where
/// [`MAX_SEARCH_DAYS`] dates in a row are none; [`TimeError::OutOfRange`] at the ends of dates.
pub fn add_business_days(
    date: NaiveDate,
    days: i32,
    calendar: &dyn Calendar,
) -> Result<NaiveDate, TimeError> {
    if days.unsigned_abs() > MAX_BUSINESS_DAYS {
        return Err(TimeError::TooManyDays { days });
    }
    let direction = if days < 0 { Direction::Backward } else { Direction::Forward };
    let mut date = date;
    for _ in 0..days.unsigned_abs() {
        date = search(date, step(date, direction)?, direction, calendar)?;
    }
    Ok(date)
}
