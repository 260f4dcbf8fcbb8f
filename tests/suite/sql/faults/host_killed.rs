//! The process of the host is killed, at any moment, again and again.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use corebank::id::TransactionId;

use super::books::{Place, Random, insist, is_sound};
use super::offspring::{Offspring, Task, answered};
use super::script::{CALLERS, Request};
use crate::server::{Options, Server};

/// How many kills: 4, or what `COREBANK_KILLS` says.
fn kills() -> u64 {
    std::env::var("COREBANK_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(4)
}

/// Lives of a process on the same books; then they begin anew, or reading them all after each
/// kill would take most of the time.
const LIVES: u64 = 20;

/// What was seen over all lives.
#[derive(Debug, Default)]
struct Seen {
    kills: u64,
    answered: u64,
    in_flight: u64,
    landed: u64,
    posted: u64,
}

/// What the books must hold by now.
#[derive(Debug, Default)]
struct Expected {
    transactions: HashSet<TransactionId>,
    holds: usize,
}

impl Expected {
    fn add(&mut self, request: Request) {
        self.transactions.extend(request.posts());
        self.holds += usize::from(request.places().is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_host_loses_and_doubles_nothing_in_a_file() {
    let seen = kill_again_and_again(Place::sqlite).await;
    println!("SQLite: {seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_host_loses_and_doubles_nothing_on_a_server() {
    let server = Server::start(Options { durable: true, ..Options::default() });
    let url = server.fresh_database();
    let seen = kill_again_and_again(|| Place::postgres(&url)).await;
    println!("PostgreSQL: {seen:?}");
}

async fn kill_again_and_again(fresh: impl Fn() -> Place) -> Seen {
    let mut random = Random::new();
    println!("seed {}", random.0);
    let mut seen = Seen::default();
    while seen.kills < kills() {
        let place = fresh().filled().await;
        let mut expected = Expected::default();
        for life in 0..LIVES.min(kills() - seen.kills) {
            live_and_die(&place, life, &mut random, &mut expected, &mut seen).await;
        }
        seen.posted += expected.transactions.len() as u64;
    }
    assert!(seen.answered > seen.kills, "the children did next to nothing: {seen:?}");
    seen
}

async fn live_and_die(
    place: &Place,
    life: u64,
    random: &mut Random,
    expected: &mut Expected,
    seen: &mut Seen,
) {
    let group_commit = random.below(2) == 1;
    let child = Offspring::start(place, &Task::Ask { life, turns: u64::MAX, group_commit });
    child.wait_for_a_word();
    tokio::time::sleep(Duration::from_millis(5 + random.below(396))).await;
    let answered = answered(&child.kill());
    seen.kills += 1;
    seen.answered += answered.len() as u64;
    let mut next: BTreeMap<u64, Request> =
        (0..CALLERS).map(|caller| (caller, Request { life, caller, turn: 0 })).collect();
    for request in &answered {
        expected.add(*request);
        assert_eq!(next.insert(request.caller, request.next()), Some(*request), "not in order");
    }

    let books = place.open().await.expect("the books open after a kill");
    for request in &answered {
        assert_ne!(present(&books, *request).await, Some(false), "{request:?} was answered");
    }
    // A server may still be at work on what a dead process sent: then it waits for us or we for it.
    for request in next.into_values() {
        seen.in_flight += 1;
        seen.landed += u64::from(present(&books, request).await == Some(true));
        insist(|| request.ask(&books.bank)).await;
        assert_ne!(present(&books, request).await, Some(false), "{request:?} was repeated");
        expected.add(request);
    }
    let told = is_sound(&books.bank).await;
    assert_eq!(told.transactions, expected.transactions);
    assert_eq!(told.holds, expected.holds);
    books.close().await;
}

/// Whether its transactions stand there, all or none; `None` if it posts nothing.
async fn present(books: &super::books::Books, request: Request) -> Option<bool> {
    let ids = request.posts();
    let found = books.store.transactions(&ids).await.expect("they can be read");
    let found = found.iter().flatten().count();
    assert!(found == 0 || found == ids.len(), "half of {request:?} stands there");
    (!ids.is_empty()).then_some(found > 0)
}
