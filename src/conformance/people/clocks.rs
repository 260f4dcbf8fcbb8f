//! Banks in places with summer time: where a day of the bank begins and ends, to the second, and
//! what that does to limits and to ages. Such a host brings a clock of its own; this is one.

use std::sync::Arc;

use chrono::NaiveDate;

use super::hall::{ANNA, FIRST, GIRO, Hall, no, out, person};
use crate::account::Ownership;
use crate::bank::{Bank, Rules};
use crate::conformance::bench::{Bench, Checked, day, same};
use crate::id::{CustomerId, SeededIds};
use crate::ledger::query::{EntryOrder, EntryQuery};
use crate::ledger::{Side, Window};
use crate::product::WindowLimit;
use crate::time::{Clock, ManualClock, Timestamp};

/// From an instant on (in seconds since 1970) the offset east of UTC, in hours.
type Changes = &'static [(i64, i64)];

/// Europe/Berlin, by directive 2000/84/EC: 2026-03-29 and 2026-10-25, both at 01:00 UTC.
const BERLIN: Changes = &[(i64::MIN, 1), (1_774_746_000, 2), (1_792_890_000, 1)];

/// America/New York, by the Energy Policy Act of 2005: 2026-03-08 at 07:00 UTC, 2026-11-01 at
/// 06:00 UTC.
const NEW_YORK: Changes = &[(i64::MIN, -5), (1_772_953_200, -4), (1_793_512_800, -5)];

/// The clock of a host in a place with summer time.
#[derive(Debug)]
struct Local {
    clock: Arc<ManualClock>,
    changes: Changes,
}

impl Clock for Local {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn business_date(&self, now: Timestamp) -> NaiveDate {
        let seconds = now.as_nanos().div_euclid(1_000_000_000);
        let hours = self.changes.iter().rev().find(|(from, _)| *from <= seconds);
        let hours = hours.map_or(0, |(_, hours)| *hours);
        let local = now.checked_add(chrono::Duration::hours(hours)).unwrap_or(now);
        local.date_utc()
    }
}

/// The same books, kept in that place.
async fn local(bench: &Bench, changes: Changes, seed: u64) -> Checked<Bench> {
    let clock = Arc::new(Local { clock: Arc::clone(&bench.clock), changes });
    let bank = Bank::builder(bench.store.clone()).shared_clock(clock);
    let bank = bank.ids(SeededIds::new(seed)).open().await?;
    let mut bench = bench.clone();
    bench.bank = bank;
    Ok(bench)
}

fn set(hall: &Hall, now: &str) -> Checked {
    hall.bench.clock.set(now.parse()?);
    Ok(())
}

/// 100 cents a day, and 150 within two days.
async fn hall(bench: &Bench, changes: Changes, seed: u64) -> Checked<Hall> {
    let limit = |window, amount| WindowLimit {
        side: Side::Debit,
        window,
        amount: Some(amount),
        count: None,
    };
    let (daily, rolling) = (limit(Window::Day, 100), limit(Window::RollingDays(2), 150));
    let terms = |terms: crate::product::Terms| terms.with_limit(daily).with_limit(rolling);
    let hall = Hall::with(local(bench, changes, seed).await?, Rules::default(), terms).await?;
    same(hall.bank().apply_product_limits(hall.me(), GIRO).await?, 2, "two limits")?;
    hall.welcome(ANNA, "Anna").await?;
    hall.account(FIRST, Ownership::individual(ANNA)).await?;
    hall.deposit(FIRST, 10_000).await?;
    Ok(hall)
}

/// What is tried at an instant: cents, and whether they go out.
type Step = (&'static str, i64, bool);

async fn walk(hall: &Hall, steps: &[Step]) -> Checked {
    for (now, minor, passes) in steps {
        set(hall, now)?;
        let ended = hall.carry(out(FIRST, *minor).signed_by(ANNA)).await;
        match (ended, passes) {
            (Ok(_), true) => {}
            (ended, true) => same(ended.map(|_| ()).map_err(|one| one.code()), Ok(()), *now)?,
            (ended, false) => no(ended, "limit_amount_exceeded")?,
        }
    }
    Ok(())
}

/// How much went out on each of some business dates.
async fn booked(hall: &Hall, expected: &[(NaiveDate, i64)]) -> Checked {
    for (date, minor) in expected {
        let query = EntryQuery::new(FIRST).ordered_by(EntryOrder::BookingDate);
        let page = hall.bank().entries(&query.between(*date, *date), 100, None).await?;
        let gone = page.items.iter().filter(|one| one.side == Side::Debit);
        let gone = gone.map(|one| one.money.minor()).fold(0, i64::saturating_add);
        same(gone, *minor, format!("booked on {date}"))?;
    }
    Ok(())
}

/// Berlin: 29 March has 23 hours, from 23:00 to 22:00 UTC; 25 October has 25, from 22:00 to 23:00
/// UTC. Limits hold to the cent on both, across both midnights and the hour that comes twice.
pub(super) async fn berlin(bench: Bench) -> Checked {
    let hall = hall(&bench, BERLIN, 31).await?;
    walk(
        &hall,
        &[
            // The last second of the 28th, and the first of the 29th.
            ("2026-03-28T22:59:59Z", 100, true),
            ("2026-03-28T22:59:59Z", 1, false),
            ("2026-03-28T23:00:00Z", 51, false),
            ("2026-03-28T23:00:00Z", 50, true),
            // 01:59:59, then 03:00:00.
            ("2026-03-29T00:59:59Z", 1, false),
            ("2026-03-29T01:00:00Z", 1, false),
            // The 29th ends after 23 hours; of two days 50 are gone, not the 100 of the 28th.
            ("2026-03-29T21:59:59Z", 1, false),
            ("2026-03-29T22:00:00Z", 101, false),
            ("2026-03-29T22:00:00Z", 100, true),
            ("2026-03-29T23:00:00Z", 1, false),
        ],
    )
    .await?;
    booked(&hall, &[(day(2026, 3, 28)?, 100), (day(2026, 3, 29)?, 50), (day(2026, 3, 30)?, 100)])
        .await?;
    walk(
        &hall,
        &[
            ("2026-10-24T21:59:59Z", 1, true),
            ("2026-10-24T22:00:00Z", 60, true),
            // 02:30, and 02:30 once more.
            ("2026-10-25T00:30:00Z", 30, true),
            ("2026-10-25T01:30:00Z", 11, false),
            ("2026-10-25T01:30:00Z", 10, true),
            // After 24 hours it is still the 25th.
            ("2026-10-25T22:00:00Z", 1, false),
            ("2026-10-25T22:59:59Z", 1, false),
            ("2026-10-25T23:00:00Z", 51, false),
            ("2026-10-25T23:00:00Z", 50, true),
        ],
    )
    .await?;
    booked(&hall, &[(day(2026, 10, 25)?, 100), (day(2026, 10, 26)?, 50)]).await
}

/// New York, west of UTC: 8 March has 23 hours, from 05:00 to 04:00 UTC; 1 November has 25, from
/// 04:00 to 05:00 UTC.
pub(super) async fn new_york(bench: Bench) -> Checked {
    let hall = hall(&bench, NEW_YORK, 32).await?;
    walk(
        &hall,
        &[
            ("2026-03-08T04:59:59Z", 50, true),
            ("2026-03-08T05:00:00Z", 100, true),
            ("2026-03-08T06:59:59Z", 1, false),
            ("2026-03-08T07:00:00Z", 1, false),
            ("2026-03-09T03:59:59Z", 1, false),
            ("2026-03-09T04:00:00Z", 51, false),
            ("2026-03-09T04:00:00Z", 50, true),
            ("2026-11-01T03:59:59Z", 99, true),
            ("2026-11-01T03:59:59Z", 1, true),
            ("2026-11-01T04:00:00Z", 50, true),
            // 01:30 twice.
            ("2026-11-01T05:30:00Z", 1, false),
            ("2026-11-01T06:30:00Z", 1, false),
            ("2026-11-02T04:59:59Z", 1, false),
            ("2026-11-02T05:00:00Z", 100, true),
        ],
    )
    .await?;
    let days = [(day(2026, 3, 7)?, 50), (day(2026, 3, 8)?, 100), (day(2026, 3, 9)?, 50)];
    booked(&hall, &days).await?;
    let days = [(day(2026, 10, 31)?, 100), (day(2026, 11, 1)?, 50), (day(2026, 11, 2)?, 100)];
    booked(&hall, &days).await
}

/// Of age by the day of the bank where it stands, not by that of UTC; born on a leap day, on
/// 1 March of a common year and on 29 February of a leap year.
pub(super) async fn of_age(bench: Bench) -> Checked {
    let east = Hall::open(local(&bench, BERLIN, 33).await?).await?;
    let west = Hall { bench: local(&bench, NEW_YORK, 34).await? };
    let leapling = day(2012, 2, 29)?;
    let tries = |hall: &Hall, id: u128| {
        let (bank, me) = (hall.bank().clone(), hall.me().clone());
        async move {
            let new = person(CustomerId::from_u128(id), "Kim");
            let new = new.map(|new| new.with_date_of_birth(leapling));
            Checked::Ok(bank.register_customer(&me, new?).await)
        }
    };
    // 2030 is a common year. At 22:59:59 UTC it is 28 February everywhere.
    set(&east, "2030-02-28T22:59:59Z")?;
    no(tries(&east, 0xf001).await?, "under_age")?;
    no(tries(&west, 0xf001).await?, "under_age")?;
    // A second later 1 March has begun in Berlin.
    set(&east, "2030-02-28T23:00:00Z")?;
    let _ = tries(&east, 0xf001).await??;
    no(tries(&west, 0xf002).await?, "under_age")?;
    // In New York it begins at 05:00 UTC.
    set(&east, "2030-03-01T04:59:59Z")?;
    no(tries(&west, 0xf002).await?, "under_age")?;
    set(&east, "2030-03-01T05:00:00Z")?;
    let _ = tries(&west, 0xf002).await??;
    // Twenty years old in a leap year: on the day itself.
    let strict = crate::party::Rules::default().with_min_age(20);
    let mut strict_hall = east.clone();
    strict_hall.bench.bank = east.bank().with_rules(Rules::default().with_party(strict));
    set(&east, "2032-02-28T22:59:59Z")?;
    no(tries(&strict_hall, 0xf003).await?, "under_age")?;
    set(&east, "2032-02-28T23:00:00Z")?;
    let _ = tries(&strict_hall, 0xf003).await??;
    Ok(())
}
