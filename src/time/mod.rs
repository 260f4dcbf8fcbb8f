//! Instants, clocks, business days and day counts.
//!
//! # Terms
//!
//! - **Instant** ([`Timestamp`]): a point on the UTC line, in nanoseconds since 1970.
//! - **Business date**: the day in the bank's books to which an instant belongs. It depends on the
//!   bank's offset from UTC and on its cut-off time, so only a [`Clock`] can tell it.
//! - **Business day**: a date on which the bank, by its [`Calendar`], works.
//! - **Day count** ([`DayCount`]): how a span of dates becomes a fraction of a year for interest.
//!
//! # Invariants
//!
//! - Nothing below reads the machine's clock, except [`SystemClock`]; rooms get their instants as
//!   arguments.
//! - No function here uses floating point, wraps, panics or loops without bound: a search for a
//!   business day looks at no more than [`MAX_SEARCH_DAYS`] dates.
//! - A year fraction is exact: a reduced [`Fraction`] of integers.
//!
//! # Bounds
//!
//! A [`Timestamp`] lies between 1677-09-21 and 2262-04-11 (UTC). Leap seconds have no instant of
//! their own: as on Unix, 23:59:60 is the first second of the next day.

mod calendar;
mod clock;
mod day_count;
mod error;
mod timestamp;

pub use calendar::{
    BusinessDayConvention, Calendar, HolidayCalendar, MAX_BUSINESS_DAYS, MAX_SEARCH_DAYS, Weekends,
    add_business_days, adjust, next_business_day, previous_business_day,
};
pub use clock::{Clock, HighWater, ManualClock, MonotonicClock, SystemClock};
pub use day_count::{DayCount, Fraction};
pub use error::TimeError;
pub use timestamp::Timestamp;
