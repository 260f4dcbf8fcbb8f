//! To and from the `time` crate.
//!
//! Instants keep every nanosecond. A `time::OffsetDateTime` also holds an offset, which an instant
//! does not: coming back, it is in UTC. Dates of the `time` crate end with the year 9999 (unless
//! the host turns on its `large-dates`), those of `chrono` reach further, so that both directions
//! may be refused with [`TimeError::OutOfRange`].

use ::time::{Date, Month, OffsetDateTime};
use chrono::{Datelike, NaiveDate};

use crate::time::{TimeError, Timestamp};

impl From<Timestamp> for OffsetDateTime {
    /// The same instant, in UTC.
    fn from(timestamp: Timestamp) -> Self {
        // The range of an instant lies well within that of the `time` crate: it cannot fail.
        Self::from_unix_timestamp_nanos(i128::from(timestamp.as_nanos()))
            .unwrap_or(Self::UNIX_EPOCH)
    }
}

impl TryFrom<OffsetDateTime> for Timestamp {
    type Error = TimeError;

    /// The same instant; the offset is not kept.
    fn try_from(datetime: OffsetDateTime) -> Result<Self, TimeError> {
        i64::try_from(datetime.unix_timestamp_nanos())
            .map(Self::from_nanos)
            .map_err(|_| TimeError::OutOfRange)
    }
}

/// The same date as a type of the `time` crate.
///
/// # Errors
///
/// [`TimeError::OutOfRange`] beyond the years -9999 to 9999.
pub fn date_to_time(date: NaiveDate) -> Result<Date, TimeError> {
    let out = |_| TimeError::OutOfRange;
    let month = u8::try_from(date.month()).map_err(|_| TimeError::OutOfRange)?;
    let day = u8::try_from(date.day()).map_err(|_| TimeError::OutOfRange)?;
    let month = Month::try_from(month).map_err(out)?;
    Date::from_calendar_date(date.year(), month, day).map_err(out)
}

/// The same date as a type of `chrono`.
///
/// # Errors
///
/// [`TimeError::OutOfRange`] beyond the years that `chrono` knows, which only a host with the
/// `large-dates` feature of `time` can reach.
pub fn date_from_time(date: Date) -> Result<NaiveDate, TimeError> {
    let (year, month, day) = date.to_calendar_date();
    NaiveDate::from_ymd_opt(year, u32::from(u8::from(month)), u32::from(day))
        .ok_or(TimeError::OutOfRange)
}
