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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
mod tests {
    use ::time::UtcOffset;
    use chrono::Days;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_ends_of_both_ranges() {
        for instant in [Timestamp::MIN, Timestamp::EPOCH, Timestamp::MAX] {
            assert_eq!(Timestamp::try_from(OffsetDateTime::from(instant)), Ok(instant));
        }
        let after =
            OffsetDateTime::from(Timestamp::MAX).saturating_add(::time::Duration::NANOSECOND);
        assert_eq!(Timestamp::try_from(after), Err(TimeError::OutOfRange));
        assert_eq!(date_to_time(NaiveDate::MAX), Err(TimeError::OutOfRange));
        assert_eq!(date_to_time(NaiveDate::MIN), Err(TimeError::OutOfRange));
        for date in [Date::MIN, Date::MAX] {
            assert_eq!(date_to_time(date_from_time(date).unwrap()), Ok(date));
        }
    }

    #[test]
    fn the_instant_stays_where_the_offset_goes() {
        let instant: Timestamp = "2026-01-31T21:30:00.000000001Z".parse().unwrap();
        let utc = OffsetDateTime::from(instant);
        assert_eq!((utc.year(), utc.hour(), utc.nanosecond()), (2026, 21, 1));
        let east = utc.to_offset(UtcOffset::from_hms(3, 0, 0).unwrap());
        assert_eq!(Timestamp::try_from(east), Ok(instant));
    }

    proptest! {
        #[test]
        fn instants_go_there_and_back(nanos: i64) {
            let instant = Timestamp::from_nanos(nanos);
            let there = OffsetDateTime::from(instant);
            prop_assert_eq!(there.unix_timestamp_nanos(), i128::from(nanos));
            prop_assert_eq!(Timestamp::try_from(there), Ok(instant));
        }

        #[test]
        fn dates_go_there_and_back(days in 0_u64..3_000_000) {
            let date = NaiveDate::from_ymd_opt(1, 1, 1).unwrap() + Days::new(days);
            let there = date_to_time(date).unwrap();
            prop_assert_eq!(date_from_time(there), Ok(date));
            prop_assert_eq!(there.to_string(), date.to_string());
        }
    }
}
