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
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
mod tests {
    use BusinessDayConvention::{
        Following, ModifiedFollowing, ModifiedPreceding, Preceding, Unadjusted,
    };
    use chrono::Days;
    use proptest::prelude::*;

    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn weekends_are_what_they_say() {
        // 2026-05-01 is a Friday.
        let week = date("2026-05-01").iter_days().take(7).collect::<Vec<_>>();
        let open = |calendar: Weekends| {
            week.iter().map(|day| calendar.is_business_day(*day)).collect::<Vec<_>>()
        };
        assert_eq!(open(Weekends::default()), [true, false, false, true, true, true, true]);
        assert_eq!(open(Weekends::FRIDAY_SATURDAY), [false, false, true, true, true, true, true]);
        assert_eq!(open(Weekends::NONE), [true; 7]);
        assert_eq!(Weekends::new(&[Weekday::Sun, Weekday::Sat]), Weekends::SATURDAY_SUNDAY);
        assert_eq!(Weekends::new(&[Weekday::Fri, Weekday::Sat]), Weekends::FRIDAY_SATURDAY);
        assert!(Weekends::default().contains(Weekday::Sun));
    }

    #[test]
    fn each_convention_moves_its_way() {
        let weekends = Weekends::default();
        // Saturday, 31 January 2026; Sunday, 1 March 2026; Saturday, 14 March 2026; a Monday.
        for (from, convention, to) in [
            ("2026-01-31", Following, "2026-02-02"),
            ("2026-01-31", ModifiedFollowing, "2026-01-30"),
            ("2026-01-31", Preceding, "2026-01-30"),
            ("2026-01-31", ModifiedPreceding, "2026-01-30"),
            ("2026-01-31", Unadjusted, "2026-01-31"),
            ("2026-03-01", Preceding, "2026-02-27"),
            ("2026-03-01", ModifiedPreceding, "2026-03-02"),
            ("2026-03-01", ModifiedFollowing, "2026-03-02"),
            ("2026-03-14", ModifiedFollowing, "2026-03-16"),
            ("2026-03-14", ModifiedPreceding, "2026-03-13"),
            ("2026-03-16", Following, "2026-03-16"),
            ("2026-03-16", Preceding, "2026-03-16"),
        ] {
            assert_eq!(adjust(date(from), convention, &weekends), Ok(date(to)), "{convention:?}");
        }
    }

    #[test]
    fn holidays_extend_a_weekend() {
        // Good Friday and Easter Monday 2026.
        let mut calendar =
            HolidayCalendar::new(Weekends::default(), [date("2026-04-03"), date("2026-04-06")]);
        assert_eq!(next_business_day(date("2026-04-02"), &calendar), Ok(date("2026-04-07")));
        assert_eq!(previous_business_day(date("2026-04-07"), &calendar), Ok(date("2026-04-02")));
        assert_eq!(add_business_days(date("2026-04-02"), 2, &calendar), Ok(date("2026-04-08")));
        assert_eq!(add_business_days(date("2026-04-08"), -2, &calendar), Ok(date("2026-04-02")));
        assert_eq!(add_business_days(date("2026-04-04"), 0, &calendar), Ok(date("2026-04-04")));
        assert_eq!(add_business_days(date("2026-04-04"), 1, &calendar), Ok(date("2026-04-07")));
        assert!(calendar.add(date("2026-04-07")) && !calendar.add(date("2026-04-07")));
        assert_eq!(calendar.holidays().count(), 3);
        assert_eq!(next_business_day(date("2026-04-02"), &calendar), Ok(date("2026-04-08")));
    }

    #[test]
    fn a_calendar_without_business_days_is_an_error_and_not_a_hang() {
        let never = Weekends { days: 0b111_1111 };
        let from = date("2026-04-02");
        let none = Err(TimeError::NoBusinessDay { from });
        assert_eq!(next_business_day(from, &never), none);
        assert_eq!(previous_business_day(from, &never), none);
        for convention in [Following, ModifiedFollowing, Preceding, ModifiedPreceding] {
            assert_eq!(adjust(from, convention, &never), none);
        }
        assert_eq!(adjust(from, Unadjusted, &never), Ok(from));
        assert_eq!(add_business_days(from, 1, &never), none);
        assert_eq!(add_business_days(from, 0, &never), Ok(from));
    }

    #[test]
    fn the_last_date_of_the_bound_is_still_found() {
        let from = date("2026-01-01");
        let closed = from.iter_days().take(732);
        let calendar = HolidayCalendar::new(Weekends::NONE, closed);
        let open = from + Days::new(732);
        assert_eq!(next_business_day(from, &calendar), Ok(open));
        let closed = from.iter_days().take(733);
        let calendar = HolidayCalendar::new(Weekends::NONE, closed);
        assert_eq!(next_business_day(from, &calendar), Err(TimeError::NoBusinessDay { from }));
    }

    #[test]
    fn the_ends_of_dates_and_the_bound_of_days_are_errors() {
        let calendar = Weekends::default();
        assert_eq!(next_business_day(NaiveDate::MAX, &calendar), Err(TimeError::OutOfRange));
        assert_eq!(previous_business_day(NaiveDate::MIN, &calendar), Err(TimeError::OutOfRange));
        for days in [i32::MIN, -36_601, 36_601, i32::MAX] {
            let refused = Err(TimeError::TooManyDays { days });
            assert_eq!(add_business_days(date("2026-01-01"), days, &calendar), refused);
        }
        assert!(add_business_days(date("2026-01-01"), 36_600, &calendar).is_ok());
    }

    #[test]
    fn a_convention_travels_as_a_word() {
        assert_eq!(serde_json::to_string(&ModifiedFollowing).unwrap(), "\"modified_following\"");
    }

    fn any_calendar() -> impl Strategy<Value = (NaiveDate, HolidayCalendar)> {
        let date = (0_u64..20_000).prop_map(|days| date("2000-01-01") + Days::new(days));
        (date, 0_u8..0b111_1111, proptest::collection::btree_set(-20_i64..20, 0..15)).prop_map(
            |(date, days, near)| {
                let holidays = near.into_iter().map(|by| date + chrono::Duration::days(by));
                (date, HolidayCalendar::new(Weekends { days }, holidays))
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_found_is_the_nearest_business_day((date, calendar) in any_calendar()) {
            let next = next_business_day(date, &calendar).unwrap();
            prop_assert!(next > date && calendar.is_business_day(next));
            let between = date.iter_days().skip(1).take_while(|day| *day < next);
            prop_assert_eq!(between.filter(|day| calendar.is_business_day(*day)).count(), 0);
            let previous = previous_business_day(date, &calendar).unwrap();
            prop_assert!(previous < date && calendar.is_business_day(previous));
            prop_assert_eq!(next_business_day(previous, &calendar).unwrap() >= date, true);
        }

        #[test]
        fn adjusting_twice_is_adjusting_once((date, calendar) in any_calendar()) {
            for convention in
                [Following, ModifiedFollowing, Preceding, ModifiedPreceding, Unadjusted]
            {
                let once = adjust(date, convention, &calendar).unwrap();
                prop_assert_eq!(adjust(once, convention, &calendar), Ok(once));
            }
        }

        #[test]
        fn days_add_up((date, calendar) in any_calendar(), a in 1_i32..50, b in 1_i32..50) {
            let first = add_business_days(date, a, &calendar).unwrap();
            let sum = add_business_days(date, a + b, &calendar).unwrap();
            prop_assert_eq!(add_business_days(first, b, &calendar), Ok(sum));
            prop_assert_eq!(add_business_days(sum, -b, &calendar), Ok(first));
        }
    }
}
