//! The server is killed in the middle of batches, and started again.

use std::collections::{BTreeMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::books::{Place, Random, insist, is_passing, is_sound};
use super::script::{CALLERS, Request};
use crate::server::{Options, Server};

/// Requests that were answered, and those that ended in an error that passes.
#[derive(Debug, Default)]
struct Ends {
    answered: Vec<Request>,
    failed: BTreeMap<&'static str, Vec<Request>>,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_loses_and_doubles_nothing() {
    let server = Server::start(Options { durable: true, ..Options::default() });
    let url = server.fresh_database();
    let place = Place::postgres(&url).filled().await;
    let mut random = Random::new();
    println!("seed {}", random.0);
    let mut answered: Vec<Request> = Vec::new();
    for life in 0..4 {
        let books = place.open_as(life % 2 == 1).await.unwrap();
        let ends = ask_until_killed(&server, &books.bank, life, &mut random).await;
        println!("{} answered, failed: {:?}", ends.answered.len(), ends.failed);
        assert!(!ends.answered.is_empty() && !ends.failed.is_empty());
        server.start_again();
        // The same handle: its pool connects again.
        for request in ends.failed.into_values().flatten() {
            insist(|| request.ask(&books.bank)).await;
            answered.push(request);
        }
        answered.extend(ends.answered);
        let told = is_sound(&books.bank).await;
        let posted: HashSet<_> = answered.iter().flat_map(|request| request.posts()).collect();
        assert_eq!(told.transactions, posted);
        let holds = answered.iter().filter(|request| request.places().is_some()).count();
        assert_eq!(told.holds, holds);
        books.close().await;
    }
}

async fn ask_until_killed(
    server: &Server,
    bank: &corebank::Bank,
    life: u64,
    random: &mut Random,
) -> Ends {
    let ends = Arc::new(Mutex::new(Ends::default()));
    let down = Arc::new(AtomicBool::new(false));
    let caller = |caller| {
        let (bank, ends, down) = (bank.clone(), Arc::clone(&ends), Arc::clone(&down));
        tokio::spawn(async move {
            let mut request = Request { life, caller, turn: 0 };
            while !down.load(Ordering::SeqCst) {
                match request.ask(&bank).await {
                    Ok(()) => ends.lock().unwrap().answered.push(request),
                    Err(error) => {
                        assert!(is_passing(&error), "{}: {error:?}", error.code());
                        let mut ends = ends.lock().unwrap();
                        ends.failed.entry(error.code()).or_default().push(request);
                        return;
                    }
                }
                request = request.next();
            }
        })
    };
    let callers: Vec<_> = (0..CALLERS).map(caller).collect();
    tokio::time::sleep(Duration::from_millis(100 + random.below(300))).await;
    server.kill_postmaster();
    // Long enough that everybody has noticed.
    tokio::time::sleep(Duration::from_millis(300)).await;
    down.store(true, Ordering::SeqCst);
    for caller in callers {
        caller.await.expect("a caller sees only errors that pass");
    }
    Arc::into_inner(ends).expect("all have ended").into_inner().unwrap()
}
