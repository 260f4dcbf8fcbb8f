//! What can be wrong with instants and dates.

use chrono::NaiveDate;

/// Why an instant or a date could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum TimeError {
    /// The instant or the date lies outside what can be represented.
    #[error("the date or time is outside the supported range")]
    OutOfRange,
    /// The text is not an RFC 3339 date and time, or has more than nine fractional digits.
    #[error("the text is not a date and time such as 2026-01-31T12:00:00Z")]
    Malformed,
    /// The calendar has no business day within the bound of the search.
    #[error("no business day near {from}; check the holiday calendar")]
    NoBusinessDay {
        /// The date from which the search began.
        from: NaiveDate,
    },
    /// More business days were to be added than the bound allows.
    #[error("{days} business days are more than can be added at once")]
    TooManyDays {
        /// How many were asked for; negative means backwards.
        days: i32,
    },
    /// The text is not the code of a day count.
    #[error("unknown day count")]
    UnknownDayCount,
    /// A span of dates ends before it begins.
    #[error("the period ends on {end}, before it begins on {start}")]
    EndBeforeStart {
        /// The first day of the span.
        start: NaiveDate,
        /// The day after the last day of the span.
        end: NaiveDate,
    },
}

impl TimeError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::OutOfRange => "time_out_of_range",
            Self::Malformed => "time_malformed",
            Self::NoBusinessDay { .. } => "no_business_day",
            Self::TooManyDays { .. } => "too_many_business_days",
            Self::UnknownDayCount => "unknown_day_count",
            Self::EndBeforeStart { .. } => "end_before_start",
        }
    }
}
