//! Clocks that step back, and clocks that disagree.

use std::sync::Arc;

use chrono::{Duration, NaiveDate};
use corebank::bank::Bank;
use corebank::time::{Clock, ManualClock, Timestamp};

use super::books::{Place, clerk, fill, is_sound, pay, postgres_at, read_journal, sqlite_at};
use crate::sql::places;

async fn bank(place: &Place, clock: &Arc<ManualClock>) -> Bank {
    let clock = Arc::clone(clock) as Arc<dyn Clock>;
    let opened = match place {
        Place::Sqlite(path) => Bank::builder(sqlite_at(path).await.unwrap()),
        Place::Postgres { url, schema } => Bank::builder(postgres_at(url, schema).await.unwrap()),
    };
    opened.shared_clock(clock).open().await.unwrap()
}

fn noon() -> Arc<ManualClock> {
    Arc::new(ManualClock::at_noon(NaiveDate::from_ymd_opt(2026, 3, 16).unwrap()))
}

async fn instants_increase(place: Place) {
    let clock = noon();
    let one = bank(&place, &clock).await;
    fill(&one).await;
    for number in 0..10 {
        clock.advance(Duration::seconds(if number % 2 == 0 { 5 } else { -60 }));
        let _ = one.post(clerk(), pay(number)).await.unwrap();
    }
    let highest = read_journal(&one).await.last.1;
    // A process that starts anew with a clock that was set back.
    clock.advance(Duration::hours(-2));
    let again = bank(&place, &clock).await;
    assert!(clock.now() < highest && again.moment().now >= highest);
    let _ = again.post(clerk(), pay(10)).await.unwrap();
    // Two with clocks an hour apart, in turns and side by side.
    let ahead = noon();
    ahead.advance(Duration::hours(1));
    let other = bank(&place, &ahead).await;
    for number in 20..40 {
        let (first, second) = if number % 2 == 0 { (&again, &other) } else { (&other, &again) };
        let _ = first.post(clerk(), pay(number)).await.unwrap();
        let (one, two) =
            tokio::join!(async { first.post(clerk(), pay(100 + number)).await }, async {
                second.post(clerk(), pay(200 + number)).await
            },);
        let (_, _) = (one.unwrap(), two.unwrap());
    }
    again.seal(clerk()).await.unwrap();
    other.seal(clerk()).await.unwrap();
    // Every instant is after the one before: of that the journal is asked as well.
    let told = is_sound(&again).await;
    assert_eq!(told.transactions.len(), 71);
    assert!(told.last.1 >= ahead.now());
}

#[tokio::test(flavor = "multi_thread")]
async fn instants_increase_in_a_file_whatever_the_clocks_say() {
    instants_increase(Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn instants_increase_on_a_server_whatever_the_clocks_say() {
    instants_increase(Place::postgres(places::database())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_at_the_beginning_of_time_does_not_stop_a_bank() {
    let clock = Arc::new(ManualClock::at_noon(NaiveDate::from_ymd_opt(1970, 1, 1).unwrap()));
    let place = Place::sqlite().filled().await;
    let bank = bank(&place, &clock).await;
    let _ = bank.post(clerk(), pay(0)).await.unwrap();
    clock.set(Timestamp::from_nanos(-1));
    let _ = bank.post(clerk(), pay(1)).await.unwrap();
    assert_eq!(is_sound(&bank).await.transactions.len(), 2);
}
