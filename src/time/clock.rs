//! Where the present comes from.

use std::fmt::Debug;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{Duration, FixedOffset, NaiveDate, NaiveTime};

use crate::time::Timestamp;

/// Tells the instant, and the day in the bank's books to which an instant belongs.
pub trait Clock: Send + Sync + Debug {
    /// The present instant. It may step back; see [`HighWater`].
    fn now(&self) -> Timestamp;

    /// The business date of an instant: the date in UTC, unless the clock knows better.
    fn business_date(&self, now: Timestamp) -> NaiveDate {
        now.date_utc()
    }
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> Timestamp {
        (**self).now()
    }

    fn business_date(&self, now: Timestamp) -> NaiveDate {
        (**self).business_date(now)
    }
}

/// The machine's clock.
///
/// The business date is the date at a fixed offset from UTC (zero by default). With a cut-off
/// time, an instant at or after the cut-off belongs to the next date. Weekends and holidays are
/// not skipped here: that is for a [`Calendar`](crate::time::Calendar). A place with summer time
/// has no fixed offset; its host implements [`Clock`].
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock {
    /// Seconds east of UTC.
    offset: i32,
    cut_off: Option<NaiveTime>,
}

impl SystemClock {
    /// The machine's clock with business dates in UTC, ending at midnight.
    #[must_use]
    pub const fn new() -> Self {
        Self { offset: 0, cut_off: None }
    }

    /// The machine's clock with business dates at a fixed offset from UTC, ending at midnight.
    #[must_use]
    pub const fn with_offset(offset: FixedOffset) -> Self {
        Self { offset: offset.local_minus_utc(), cut_off: None }
    }

    /// Ends each business date at this local time; what comes at or after it is of the next date.
    ///
    /// Midnight is the start of a date, so a cut-off at midnight would move every instant to the
    /// next date; it is taken as no cut-off.
    #[must_use]
    pub fn with_cut_off(mut self, cut_off: NaiveTime) -> Self {
        self.cut_off = Some(cut_off).filter(|time| *time != NaiveTime::MIN);
        self
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        // A machine set before 1970 or after 2262 gets the nearest instant that can be told.
        let nanos = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_nanos()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_nanos())
                .map_or(i64::MIN, |nanos| nanos.saturating_neg()),
        };
        Timestamp::from_nanos(nanos)
    }

    fn business_date(&self, now: Timestamp) -> NaiveDate {
        // Instants end in 2262 and dates in 262142, so that neither step below can fail.
        let utc = now.to_datetime().naive_utc();
        let local =
            utc.checked_add_signed(Duration::seconds(i64::from(self.offset))).unwrap_or(utc);
        let date = local.date();
        match self.cut_off {
            Some(cut_off) if local.time() >= cut_off => date.succ_opt().unwrap_or(date),
            _ => date,
        }
    }
}

/// A clock that stands still until it is moved: for tests and simulation.
///
/// Share it behind an `Arc` and move it through any reference.
#[derive(Debug)]
pub struct ManualClock {
    now: AtomicI64,
    business_date: Mutex<Option<NaiveDate>>,
}

impl ManualClock {
    /// A clock that stands at `now`, with business dates in UTC.
    #[must_use]
    pub const fn new(now: Timestamp) -> Self {
        Self { now: AtomicI64::new(now.as_nanos()), business_date: Mutex::new(None) }
    }

    /// A clock that stands at noon UTC of a day; at the epoch if no instant is that far away.
    #[must_use]
    pub fn at_noon(day: NaiveDate) -> Self {
        let noon = day.and_hms_opt(12, 0, 0).map(|noon| noon.and_utc());
        let noon = noon.and_then(|noon| Timestamp::from_datetime(noon).ok());
        Self::new(noon.unwrap_or(Timestamp::EPOCH))
    }

    /// Moves to an instant, forwards or back.
    pub fn set(&self, now: Timestamp) {
        self.now.store(now.as_nanos(), Ordering::SeqCst);
    }

    /// Moves by a duration (back if it is negative), stopping at the ends of the range, and
    /// returns the new instant.
    pub fn advance(&self, by: Duration) -> Timestamp {
        let end = if by < Duration::zero() { Timestamp::MIN } else { Timestamp::MAX };
        let step = |nanos| Timestamp::from_nanos(nanos).checked_add(by).unwrap_or(end).as_nanos();
        let mut seen = self.now.load(Ordering::SeqCst);
        loop {
            // Ends: a failed exchange means that another thread moved the clock.
            let next = step(seen);
            match self.now.compare_exchange_weak(seen, next, Ordering::SeqCst, Ordering::SeqCst) {
                Ok(_) => return Timestamp::from_nanos(next),
                Err(current) => seen = current,
            }
        }
    }

    /// Fixes the business date of every instant, or with `None` goes back to the date in UTC.
    pub fn set_business_date(&self, date: Option<NaiveDate>) {
        *self.business_date.lock().unwrap_or_else(PoisonError::into_inner) = date;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_nanos(self.now.load(Ordering::SeqCst))
    }

    fn business_date(&self, now: Timestamp) -> NaiveDate {
        let fixed = *self.business_date.lock().unwrap_or_else(PoisonError::into_inner);
        fixed.unwrap_or_else(|| now.date_utc())
    }
}

/// The highest instant seen so far: makes any sequence of instants one that never steps back.
#[derive(Debug)]
pub struct HighWater(AtomicI64);

impl HighWater {
    /// Nothing seen yet.
    #[must_use]
    pub const fn new() -> Self {
        Self::starting_at(Timestamp::MIN)
    }

    /// As if `seen` had been observed, such as the last instant found in a store.
    #[must_use]
    pub const fn starting_at(seen: Timestamp) -> Self {
        Self(AtomicI64::new(seen.as_nanos()))
    }

    /// Takes note of `now` and returns the greater of it and the highest instant seen before.
    pub fn observe(&self, now: Timestamp) -> Timestamp {
        let before = self.0.fetch_max(now.as_nanos(), Ordering::SeqCst);
        Timestamp::from_nanos(before.max(now.as_nanos()))
    }

    /// As [`observe`](Self::observe), but takes note only of steps of 100 microseconds, so that
    /// threads that ask all the time do not wait for each other's note. A clock that steps back by
    /// less is not noticed.
    pub fn observe_roughly(&self, now: Timestamp) -> Timestamp {
        const STEP: i64 = 100_000;
        let seen = self.0.load(Ordering::Relaxed);
        if now.as_nanos() < seen {
            return Timestamp::from_nanos(seen);
        }
        if now.as_nanos().saturating_sub(seen) >= STEP {
            return self.observe(now);
        }
        now
    }

    /// As [`observe`](Self::observe), but each answer is later than every answer before it, by a
    /// nanosecond where `now` is not. Only at [`Timestamp::MAX`] does it stand still.
    pub fn tick(&self, now: Timestamp) -> Timestamp {
        let mut seen = self.0.load(Ordering::SeqCst);
        loop {
            // Ends: a failed exchange means that another thread got its answer.
            let next = now.as_nanos().max(seen.saturating_add(1));
            match self.0.compare_exchange_weak(seen, next, Ordering::SeqCst, Ordering::SeqCst) {
                Ok(_) => return Timestamp::from_nanos(next),
                Err(current) => seen = current,
            }
        }
    }

    /// The highest instant seen; [`Timestamp::MIN`] if none was.
    #[must_use]
    pub fn highest(&self) -> Timestamp {
        Timestamp::from_nanos(self.0.load(Ordering::SeqCst))
    }
}

impl Default for HighWater {
    fn default() -> Self {
        Self::new()
    }
}

/// Another clock that never steps back: while it lags, this one stands still.
#[derive(Debug)]
pub struct MonotonicClock<C> {
    clock: C,
    high: HighWater,
}

impl<C: Clock> MonotonicClock<C> {
    /// Wraps a clock.
    #[must_use]
    pub const fn new(clock: C) -> Self {
        Self { clock, high: HighWater::new() }
    }

    /// Wraps a clock and never tells an instant before `seen`.
    #[must_use]
    pub const fn starting_at(clock: C, seen: Timestamp) -> Self {
        Self { clock, high: HighWater::starting_at(seen) }
    }
}

impl<C: Clock> Clock for MonotonicClock<C> {
    fn now(&self) -> Timestamp {
        self.high.observe(self.clock.now())
    }

    fn business_date(&self, now: Timestamp) -> NaiveDate {
        self.clock.business_date(now)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_system_clock_tells_the_present() {
        let clock = SystemClock::new();
        let first = clock.now();
        assert!(first > at("2025-01-01T00:00:00Z") && first < Timestamp::MAX);
        assert_eq!(clock.business_date(first), first.date_utc());
    }

    #[test]
    fn the_business_date_follows_offset_and_cut_off() {
        let evening = at("2026-01-31T21:30:00Z");
        let utc = SystemClock::new();
        let east = SystemClock::with_offset(FixedOffset::east_opt(3 * 3600).unwrap());
        let west = SystemClock::with_offset(FixedOffset::west_opt(5 * 3600).unwrap());
        assert_eq!(utc.business_date(evening), date("2026-01-31"));
        assert_eq!(east.business_date(evening), date("2026-02-01"));
        assert_eq!(west.business_date(at("2026-02-01T04:59:59Z")), date("2026-01-31"));

        let five = NaiveTime::from_hms_opt(17, 0, 0).unwrap();
        let cut = west.with_cut_off(five);
        assert_eq!(cut.business_date(at("2026-01-31T21:59:59.999999999Z")), date("2026-01-31"));
        assert_eq!(cut.business_date(at("2026-01-31T22:00:00Z")), date("2026-02-01"));
        assert_eq!(utc.with_cut_off(NaiveTime::MIN).business_date(evening), date("2026-01-31"));
        for instant in [Timestamp::MIN, Timestamp::MAX] {
            let days = cut.business_date(instant).signed_duration_since(instant.date_utc());
            assert!(days.num_days().abs() <= 1);
        }
    }

    #[test]
    fn a_manual_clock_moves_only_by_hand() {
        let clock = Arc::new(ManualClock::new(Timestamp::EPOCH));
        let seen: Arc<dyn Clock> = clock.clone();
        assert_eq!(clock.advance(Duration::seconds(1)), Timestamp::from_nanos(1_000_000_000));
        assert_eq!(seen.now(), Timestamp::from_nanos(1_000_000_000));
        assert_eq!(clock.advance(Duration::seconds(-2)), Timestamp::from_nanos(-1_000_000_000));
        assert_eq!(clock.advance(Duration::MAX), Timestamp::MAX);
        assert_eq!(clock.advance(Duration::MIN), Timestamp::MIN);
        clock.set(at("2026-01-31T21:30:00Z"));
        assert_eq!(seen.business_date(seen.now()), date("2026-01-31"));
        clock.set_business_date(Some(date("2026-02-02")));
        assert_eq!(seen.business_date(seen.now()), date("2026-02-02"));
        clock.set_business_date(None);
        assert_eq!(seen.business_date(seen.now()), date("2026-01-31"));
    }

    #[test]
    fn high_water_never_falls() {
        let high = HighWater::default();
        assert_eq!(high.highest(), Timestamp::MIN);
        let five = Timestamp::from_nanos(5);
        assert_eq!(high.observe(five), five);
        assert_eq!(high.observe(Timestamp::from_nanos(3)), five);
        assert_eq!(high.tick(Timestamp::from_nanos(3)), Timestamp::from_nanos(6));
        assert_eq!(high.tick(Timestamp::from_nanos(9)), Timestamp::from_nanos(9));
        assert_eq!(high.highest(), Timestamp::from_nanos(9));
        assert_eq!(high.tick(Timestamp::MAX), Timestamp::MAX);
        assert_eq!(high.tick(Timestamp::EPOCH), Timestamp::MAX);
    }

    #[test]
    fn ticks_are_unique_across_threads() {
        let high = HighWater::new();
        let run = || (0..5_000).map(|_| high.tick(Timestamp::EPOCH)).collect::<Vec<_>>();
        let mut all: Vec<Timestamp> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(run)).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        all.sort_unstable();
        assert!(all.is_sorted_by(|a, b| a < b));
        assert_eq!(high.highest(), Timestamp::from_nanos(19_999));
    }

    #[test]
    fn a_monotonic_clock_stands_while_the_other_lags() {
        let hand = Arc::new(ManualClock::new(Timestamp::from_nanos(10)));
        let clock = MonotonicClock::starting_at(hand.clone(), Timestamp::from_nanos(20));
        assert_eq!(clock.now(), Timestamp::from_nanos(20));
        hand.set(Timestamp::from_nanos(30));
        assert_eq!(clock.now(), Timestamp::from_nanos(30));
        hand.set(Timestamp::EPOCH);
        assert_eq!(clock.now(), Timestamp::from_nanos(30));
        hand.set_business_date(Some(date("2026-02-02")));
        assert_eq!(clock.business_date(Timestamp::EPOCH), date("2026-02-02"));
        assert_eq!(MonotonicClock::new(hand).now(), Timestamp::EPOCH);
    }
}
