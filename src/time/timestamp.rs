//! A point in time.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Duration, NaiveDate, SecondsFormat, Utc};

use crate::time::TimeError;

/// A point on the UTC line: nanoseconds since 1970-01-01T00:00:00Z, in eight bytes.
///
/// Written and read as RFC 3339 with nine fractional digits, which sorts as the instants do.
/// Reading accepts any offset and keeps the instant, not the offset.
///
/// ```
/// use corebank::time::Timestamp;
///
/// let instant: Timestamp = "2026-01-31T23:30:00+02:00".parse()?;
/// assert_eq!(instant.to_string(), "2026-01-31T21:30:00.000000000Z");
/// # Ok::<(), corebank::time::TimeError>(())
/// ```
#[derive(Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);
    /// The earliest instant, in the year 1677.
    pub const MIN: Self = Self(i64::MIN);
    /// The latest instant, in the year 2262.
    pub const MAX: Self = Self(i64::MAX);

    /// The instant that many nanoseconds after 1970 began in UTC; negative means before.
    #[must_use]
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since 1970 began in UTC.
    #[must_use]
    pub const fn as_nanos(&self) -> i64 {
        self.0
    }

    /// The same instant as a `chrono` type. Every instant has one.
    #[must_use]
    pub const fn to_datetime(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_nanos(self.0)
    }

    /// The same instant from a `chrono` type.
    ///
    /// # Errors
    ///
    /// [`TimeError::OutOfRange`] outside the years 1677 to 2262.
    pub fn from_datetime(datetime: DateTime<Utc>) -> Result<Self, TimeError> {
        datetime.timestamp_nanos_opt().map(Self).ok_or(TimeError::OutOfRange)
    }

    /// The instant that much later, or `None` outside the range. A negative duration goes back.
    #[must_use]
    pub fn checked_add(self, duration: Duration) -> Option<Self> {
        // A duration may be longer than 64 bits of nanoseconds, and the sum still be in range.
        let seconds = i128::from(duration.num_seconds());
        let nanos = seconds
            .checked_mul(1_000_000_000)?
            .checked_add(i128::from(duration.subsec_nanos()))?
            .checked_add(i128::from(self.0))?;
        i64::try_from(nanos).ok().map(Self)
    }

    /// The instant that many nanoseconds later, or the nearest one in range.
    #[must_use]
    pub const fn saturating_add_nanos(self, nanos: i64) -> Self {
        Self(self.0.saturating_add(nanos))
    }

    /// How long after `earlier` this is; negative if it is before.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        // Each fits, and so does their difference: a duration reaches 292 million years.
        Duration::nanoseconds(self.0)
            .checked_sub(&Duration::nanoseconds(earlier.0))
            .unwrap_or(Duration::MAX)
    }

    /// The date in UTC. The bank's own date may differ: ask its [`Clock`](crate::time::Clock).
    #[must_use]
    pub fn date_utc(&self) -> NaiveDate {
        self.to_datetime().date_naive()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_datetime().to_rfc3339_opts(SecondsFormat::Nanos, true))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Timestamp {
    type Err = TimeError;

    /// Reads RFC 3339.
    ///
    /// # Errors
    ///
    /// [`TimeError::Malformed`] for another form or for more than nine fractional digits, which
    /// would have to be cut; [`TimeError::OutOfRange`] outside the years 1677 to 2262.
    fn from_str(text: &str) -> Result<Self, TimeError> {
        // 2026-01-31T12:00:00.123456789+00:00 is the longest.
        if text.len() > 35 {
            return Err(TimeError::Malformed);
        }
        let fraction = text.split_once('.').map_or("", |(_, rest)| rest);
        if fraction.bytes().take_while(u8::is_ascii_digit).count() > 9 {
            return Err(TimeError::Malformed);
        }
        let parsed = DateTime::parse_from_rfc3339(text).map_err(|_| TimeError::Malformed)?;
        Self::from_datetime(parsed.to_utc())
    }
}

impl TryFrom<DateTime<Utc>> for Timestamp {
    type Error = TimeError;

    fn try_from(datetime: DateTime<Utc>) -> Result<Self, TimeError> {
        Self::from_datetime(datetime)
    }
}

impl From<Timestamp> for DateTime<Utc> {
    fn from(timestamp: Timestamp) -> Self {
        timestamp.to_datetime()
    }
}

crate::support::serde_text::serde_as_text!(Timestamp, "an RFC 3339 date and time");

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_text_form_is_rfc_3339_with_nanoseconds() {
        let text = "2026-01-31T21:30:00.000000001Z";
        let instant: Timestamp = text.parse().unwrap();
        assert_eq!(instant.to_string(), text);
        assert_eq!(format!("{instant:?}"), text);
        assert_eq!("2026-01-31T23:30:00.000000001+02:00".parse(), Ok(instant));
        assert_eq!(Timestamp::EPOCH.to_string(), "1970-01-01T00:00:00.000000000Z");
        assert_eq!(Timestamp::MIN.to_string(), "1677-09-21T00:12:43.145224192Z");
        assert_eq!(Timestamp::MAX.to_string(), "2262-04-11T23:47:16.854775807Z");
        assert_eq!("2016-12-31T23:59:60Z".parse(), "2017-01-01T00:00:00Z".parse::<Timestamp>());
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "2026-01-31",
            "2026-01-31T21:30:00",
            "2026-02-30T21:30:00Z",
            "2026-01-31T24:00:00Z",
            "2026-01-31T21:30:00.0000000001Z",
            "2026-01-31T21:30:00.000000001Z  ",
            "1769895000",
        ] {
            assert_eq!(text.parse::<Timestamp>(), Err(TimeError::Malformed), "{text}");
        }
        for text in ["2262-04-11T23:47:16.854775808Z", "1677-09-21T00:12:43.145224191Z"] {
            assert_eq!(text.parse::<Timestamp>(), Err(TimeError::OutOfRange), "{text}");
        }
        assert_eq!(Timestamp::from_datetime(DateTime::<Utc>::MAX_UTC), Err(TimeError::OutOfRange));
        assert_eq!(Timestamp::from_datetime(DateTime::<Utc>::MIN_UTC), Err(TimeError::OutOfRange));
    }

    #[test]
    fn adding_stays_in_range_or_is_refused() {
        assert_eq!(Timestamp::MAX.checked_add(Duration::nanoseconds(1)), None);
        assert_eq!(Timestamp::MIN.checked_add(Duration::nanoseconds(-1)), None);
        assert_eq!(Timestamp::EPOCH.checked_add(Duration::MAX), None);
        assert_eq!(Timestamp::EPOCH.checked_add(Duration::MIN), None);
        // Longer than 64 bits of nanoseconds, and yet between two instants.
        let whole = Timestamp::MAX.since(Timestamp::MIN);
        assert_eq!(whole.num_nanoseconds(), None);
        assert_eq!(Timestamp::MIN.checked_add(whole), Some(Timestamp::MAX));
        assert_eq!(Timestamp::MAX.checked_add(-whole), Some(Timestamp::MIN));
        assert_eq!(Timestamp::MAX.saturating_add_nanos(1), Timestamp::MAX);
        assert_eq!(Timestamp::MIN.saturating_add_nanos(-1), Timestamp::MIN);
    }

    #[test]
    fn it_travels_as_text() {
        let text = "\"2026-01-31T21:30:00.000000001Z\"";
        let instant: Timestamp = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&instant).unwrap(), text);
        assert!(serde_json::from_str::<Timestamp>("1").is_err());
    }

    proptest! {
        #[test]
        fn every_instant_goes_there_and_back(nanos: i64) {
            let instant = Timestamp::from_nanos(nanos);
            prop_assert_eq!(instant.as_nanos(), nanos);
            prop_assert_eq!(Timestamp::from_datetime(instant.to_datetime()), Ok(instant));
            prop_assert_eq!(instant.to_string().parse(), Ok(instant));
            prop_assert_eq!(instant.date_utc().to_string(), instant.to_string()[..10].to_owned());
        }

        #[test]
        fn addition_agrees_with_wide_integers(nanos: i64, by: i64) {
            let sum = i128::from(nanos) + i128::from(by);
            let exact = i64::try_from(sum).ok().map(Timestamp::from_nanos);
            let start = Timestamp::from_nanos(nanos);
            prop_assert_eq!(start.checked_add(Duration::nanoseconds(by)), exact);
            prop_assert_eq!(Timestamp::from_nanos(by).since(start),
                Duration::nanoseconds(by) - Duration::nanoseconds(nanos));
            if let Some(end) = exact {
                prop_assert_eq!(start.saturating_add_nanos(by), end);
                prop_assert_eq!(end.since(start), Duration::nanoseconds(by));
            }
        }

        #[test]
        fn order_is_the_order_of_texts(a: i64, b: i64) {
            let (a, b) = (Timestamp::from_nanos(a), Timestamp::from_nanos(b));
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
        }
    }
}
