//! The connection is cut before and after a COMMIT was sent.

use corebank::bank::{Bank, GroupCommit};
use corebank::ledger::{Batch, Kind, NewHold, NewTransaction, Outcome};

use super::books::{Place, account, clerk, fill, id, insist, is_sound, pay, postgres_at, usd};
use crate::server::{Mode, Proxy, Server};

struct Scene {
    proxy: Proxy,
    bank: Bank,
    /// The same books, not by way of the proxy.
    direct: Bank,
}

async fn scene(group_commit: bool) -> Scene {
    let server = Server::shared();
    let place = Place::postgres(&server.fresh_database());
    let Place::Postgres { url, schema } = &place else { unreachable!() };
    let direct = Bank::open(postgres_at(url, schema).await.unwrap()).await.unwrap();
    fill(&direct).await;
    let proxy = Proxy::start(server.address());
    let store = postgres_at(&proxy.url(url), schema).await.unwrap();
    let mut builder = Bank::builder(store);
    if group_commit {
        builder = builder.group_commit(GroupCommit::new());
    }
    let bank = builder.open().await.unwrap();
    // Warm: no other COMMIT is sent than that of the next posting.
    let _ = insist(|| bank.post(clerk(), pay(1_000))).await;
    Scene { proxy, bank, direct }
}

/// How the same request ends when it is repeated.
fn is_replayed(landed: bool) -> &'static str {
    if landed { "replayed" } else { "applied" }
}

fn code_of<T>(outcome: &Outcome<T>) -> &'static str {
    if outcome.is_replayed() { "replayed" } else { "applied" }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_posting_whose_commit_is_cut_is_repeated_once() {
    for (mode, landed) in [(Mode::CutBeforeCommit, false), (Mode::CutAfterCommit, true)] {
        let Scene { proxy, bank, direct } = scene(false).await;
        for number in 0..5 {
            proxy.set(mode);
            // The request has an id: the corridor repeats it and finds out which of the two it was.
            let told = bank.post(clerk(), pay(number)).await.unwrap();
            assert_eq!(proxy.mode(), Mode::Pass, "no commit was cut");
            assert_eq!(code_of(&told), is_replayed(landed));
            assert!(direct.transaction(id(number)).await.is_ok());
            assert!(insist(|| bank.post(clerk(), pay(number))).await.is_replayed());
        }
        assert_eq!(is_sound(&direct).await.transactions.len(), 6);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_without_an_id_is_told_that_nobody_knows() {
    for (mode, landed) in [(Mode::CutBeforeCommit, false), (Mode::CutAfterCommit, true)] {
        let Scene { proxy, bank, direct } = scene(false).await;
        let nameless = NewTransaction::transfer(Kind::TRANSFER, account(1), account(2), usd(5));
        proxy.set(mode);
        let error = bank.post(clerk(), nameless).await.unwrap_err();
        assert_eq!(proxy.mode(), Mode::Pass, "no commit was cut");
        assert_eq!(error.code(), "outcome_unknown", "{error:?}");
        assert!(error.is_transient() && error.may_have_applied());
        assert_eq!(is_sound(&direct).await.transactions.len(), 1 + usize::from(landed));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_whose_commit_is_cut_stands_whole_or_not_at_all() {
    for (mode, landed) in [(Mode::CutBeforeCommit, false), (Mode::CutAfterCommit, true)] {
        let Scene { proxy, bank, direct } = scene(false).await;
        let batch: Batch = (0..200).map(pay).collect();
        proxy.set(mode);
        for outcome in bank.post_many(clerk(), &batch).await.unwrap() {
            assert_eq!(code_of(&outcome.unwrap()), is_replayed(landed));
        }
        let hold = NewHold::transfer(Kind::TRANSFER, account(1), account(2), usd(5));
        let hold = hold.with_id(corebank::id::HoldId::from_u128(9));
        proxy.set(mode);
        let held = bank.hold(clerk(), hold.clone()).await.unwrap();
        assert_eq!((code_of(&held), proxy.mode()), (is_replayed(landed), Mode::Pass));
        assert!(insist(|| bank.hold(clerk(), hold.clone())).await.is_replayed());
        let told = is_sound(&direct).await;
        assert_eq!((told.transactions.len(), told.holds), (201, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_of_group_commit_that_is_cut_applies_each_once() {
    for mode in [Mode::CutBeforeCommit, Mode::CutAfterCommit] {
        let Scene { proxy, bank, direct } = scene(true).await;
        proxy.set(mode);
        let callers: Vec<_> = (0..20)
            .map(|number| {
                let bank = bank.clone();
                tokio::spawn(async move { insist(|| bank.post(clerk(), pay(number))).await })
            })
            .collect();
        for caller in callers {
            let _ = caller.await.unwrap();
        }
        assert_eq!((proxy.mode(), proxy.cuts() > 0), (Mode::Pass, true));
        assert_eq!(is_sound(&direct).await.transactions.len(), 21);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_cannot_be_reached_is_unavailable_and_then_there_again() {
    let Scene { proxy, bank, direct } = scene(false).await;
    proxy.set(Mode::CutNow);
    let error = bank.post(clerk(), pay(0)).await.unwrap_err();
    assert_eq!(error.code(), "unavailable", "{error:?}");
    assert!(!error.may_have_applied());
    proxy.set(Mode::Pass);
    let again = insist(|| bank.post(clerk(), pay(0))).await;
    assert!(!again.is_replayed());
    assert_eq!(is_sound(&direct).await.transactions.len(), 2);
}
