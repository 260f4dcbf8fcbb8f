//! What holds for the whole book: closed periods, limits, bounds of dates.

use chrono::{Days, NaiveDate};

use crate::ledger::{Limits, Refusal};

/// How far dates may lie from the business date. In days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DateBounds {
    /// How long before today a booking date may lie.
    pub booking_past: u64,
    /// How long after today a booking date may lie.
    pub booking_future: u64,
    /// How long before its booking date a value date may lie.
    pub value_past: u64,
    /// How long after its booking date a value date may lie.
    pub value_future: u64,
}

impl DateBounds {
    /// Bookings up to a year back and never in the future, values within a year.
    pub const STANDARD: Self =
        Self { booking_past: 366, booking_future: 0, value_past: 366, value_future: 366 };

    /// Sets how far from today a booking date may lie, in days back and ahead.
    #[must_use]
    pub const fn with_booking(mut self, past: u64, future: u64) -> Self {
        (self.booking_past, self.booking_future) = (past, future);
        self
    }

    /// Sets how far from its booking date a value date may lie, in days back and ahead.
    #[must_use]
    pub const fn with_value(mut self, past: u64, future: u64) -> Self {
        (self.value_past, self.value_future) = (past, future);
        self
    }
}

impl Default for DateBounds {
    fn default() -> Self {
        Self::STANDARD
    }
}

/// The days around a day, cut off at the ends of the calendar.
pub(crate) fn around(day: NaiveDate, past: u64, future: u64) -> (NaiveDate, NaiveDate) {
    (
        day.checked_sub_days(Days::new(past)).unwrap_or(NaiveDate::MIN),
        day.checked_add_days(Days::new(future)).unwrap_or(NaiveDate::MAX),
    )
}

/// What every posting reads of the book, and what it must find unchanged at commit.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Book {
    /// Grows when a period is closed or a limit changes.
    pub version: u64,
    /// The last closed day.
    pub closed_through: Option<NaiveDate>,
    /// The limits in force.
    pub limits: Limits,
}

impl Book {
    /// Judges a booking and a value date on a business date.
    ///
    /// # Errors
    /// [`Refusal::PeriodClosed`], [`Refusal::BookingDateOutOfBounds`],
    /// [`Refusal::ValueDateOutOfBounds`], in this order.
    pub fn admit(
        &self,
        bounds: DateBounds,
        today: NaiveDate,
        booking_date: NaiveDate,
        value_date: NaiveDate,
    ) -> Result<(), Refusal> {
        if let Some(closed_through) = self.closed_through.filter(|day| booking_date <= *day) {
            return Err(Refusal::PeriodClosed { booking_date, closed_through });
        }
        if booking_date == today && value_date == today {
            return Ok(());
        }
        let (earliest, latest) = around(today, bounds.booking_past, bounds.booking_future);
        if booking_date < earliest || booking_date > latest {
            return Err(Refusal::BookingDateOutOfBounds { booking_date, earliest, latest });
        }
        let (earliest, latest) = around(booking_date, bounds.value_past, bounds.value_future);
        if value_date < earliest || value_date > latest {
            return Err(Refusal::ValueDateOutOfBounds { value_date, earliest, latest });
        }
        Ok(())
    }
}
