//! Group commit: many callers, one unit of work, each its own outcome and origin; and nothing is
//! posted twice when callers go away or the store fails.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use crate::bank::{Bank, Context, Error, GroupCommit};
use crate::id::{HoldId, SeededIds};
use crate::ledger::query::EntryQuery;
use crate::ledger::{
    Actor, Channel, Correlation, Instruction, Kind, NewCapture, NewRelease, NewTransaction,
    Outcome, Receipt,
};
use crate::store::Store;
use crate::time::ManualClock;

use super::Scenario;
use super::bench::{ALICE, BOB, Bench, CASH, Checked, ensure, found, same, usd};
use super::failing::{Failing, Odds};
use super::yielding::Yielding;

pub(super) const ALL: &[Scenario] = &[
    Scenario { name: "group_commit/one_round", play: |bench| Box::pin(one_round(bench)) },
    Scenario { name: "group_commit/callers_go_away", play: |bench| Box::pin(go_away(bench)) },
    Scenario { name: "group_commit/faults", play: |bench| Box::pin(faults(bench)) },
    Scenario { name: "group_commit/closing", play: |bench| Box::pin(closing(bench)) },
];

type Posted = Result<Outcome<Receipt>, Error>;
type Call = Pin<Box<dyn Future<Output = Posted> + Send>>;

async fn grouped(bench: &Bench, store: impl Store, options: GroupCommit) -> Checked<Bank> {
    let clock: Arc<ManualClock> = Arc::clone(&bench.clock);
    // No two banks give out the same ids.
    let seed = bench.transaction_id().as_u128() & 0xffff_ffff;
    let ids = SeededIds::new(u64::try_from(seed)?);
    let bank = Bank::builder(store).shared_clock(clock).ids(ids);
    Ok(bank.group_commit(options).open().await?)
}

fn call(bank: &Bank, context: &Context, instruction: impl Into<Instruction>) -> Call {
    let (bank, context, instruction) = (bank.clone(), context.clone(), instruction.into());
    Box::pin(async move { bank.instruct(&context, instruction).await })
}

/// Polls all calls in turn until each has ended. The call at `dropped` goes away after the given
/// number of turns.
async fn in_turn(calls: Vec<Call>, dropped: Option<(usize, u32)>) -> Vec<Option<Posted>> {
    let mut ended: Vec<Option<Posted>> = calls.iter().map(|_| None).collect();
    let mut calls: Vec<Option<Call>> = calls.into_iter().map(Some).collect();
    let mut turn = 0_u32;
    std::future::poll_fn(|task| {
        for (at, (slot, end)) in calls.iter_mut().zip(&mut ended).enumerate() {
            if dropped.is_some_and(|(who, when)| who == at && when <= turn) {
                *slot = None;
            }
            let Some(call) = slot else { continue };
            if let Poll::Ready(posted) = call.as_mut().poll(task) {
                (*end, *slot) = (Some(posted), None);
            }
        }
        turn = turn.saturating_add(1);
        if calls.iter().all(Option::is_none) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    ended
}

fn caller(at: u32) -> Checked<Context> {
    let context = Context::new(Actor::new(&format!("user:{at}"))?, Channel::API);
    Ok(context.with_correlation(Correlation::new(&format!("request-{at}"))?))
}

fn code(posted: Option<&Posted>) -> &'static str {
    match posted {
        None => "gone",
        Some(Ok(Outcome::Applied(_))) => "applied",
        Some(Ok(Outcome::Replayed(_))) => "replayed",
        Some(Err(error)) => error.code(),
    }
}

/// Each sees the ones before it, is told its own outcome, and keeps its own origin.
async fn one_round(bench: Bench) -> Checked {
    let start = bench.position().await?;
    let bank = grouped(&bench, bench.store.clone(), GroupCommit::new().with_linger(1)?).await?;
    let hold = bench.reserve(ALICE, BOB, 60);
    let held = hold.id.ok_or_else(|| found("no id"))?;
    let twice = bench.pay(ALICE, BOB, 10);
    let nameless = || NewTransaction::transfer(Kind::TRANSFER, ALICE, BOB, usd(5));
    let asked: Vec<Instruction> = vec![
        bench.pay(CASH, ALICE, 100).into(),
        hold.into(),
        bench.pay(ALICE, BOB, 41).into(),
        twice.clone().into(),
        NewCapture::amount(Kind::PAYMENT, held, usd(20)).keeping_rest().into(),
        NewRelease::new(held).into(),
        twice.into(),
        bench.pay(ALICE, BOB, 71).into(),
        nameless().into(),
        nameless().into(),
        NewRelease::new(HoldId::from_u128(0xdead)).into(),
    ];
    let mut calls = Vec::new();
    for (at, instruction) in (0_u32..).zip(asked) {
        calls.push(call(&bank, &caller(at)?, instruction));
    }
    let ended = in_turn(calls, None).await;
    let told: Vec<&str> = ended.iter().map(|one| code(one.as_ref())).collect();
    let (yes, no) = ("applied", "insufficient_funds");
    let should = vec![yes, yes, no, yes, yes, yes, "replayed", no, yes, yes, "unknown_hold"];
    same(told, should, "outcomes of one round")?;
    let records = bench.bank.journal(start, 100).await?;
    same(records.len(), 7, "records of one round")?;
    for (at, posted) in (0_u32..).zip(&ended) {
        let Some(Ok(Outcome::Applied(receipt))) = posted else { continue };
        let there = records.iter().find(|record| record.position() == receipt.position);
        let there = there.ok_or_else(|| found("a receipt without a record"))?;
        same(there.origin(), &caller(at)?.origin(), format!("who asked for request {at}"))?;
        same(there.posted_at(), receipt.posted_at, format!("when request {at} was posted"))?;
    }
    bench.balance(ALICE, 60, 60, "100 in; 10, 20, 5 and 5 out").await
}

/// Whoever goes away, at whatever moment, the others are posted once, and it at most once.
async fn go_away(bench: Bench) -> Checked {
    let options = [GroupCommit::new(), GroupCommit::new().with_linger(1)?];
    let mut paid = 0_i64;
    for turn in 0..14 {
        for (who, options) in [(0, options[0]), (0, options[1]), (1, options[0])] {
            let bank = grouped(&bench, Yielding::new(bench.store.clone()), options).await?;
            let nameless = NewTransaction::transfer(Kind::DEPOSIT, CASH, ALICE, usd(1));
            let mut calls = vec![call(&bank, &bench.context, bench.pay(CASH, ALICE, 1))];
            calls.push(call(&bank, &bench.context, bench.pay(CASH, ALICE, 1)));
            calls.push(call(&bank, &bench.context, nameless));
            let ended = in_turn(calls, Some((who, turn))).await;
            for (at, posted) in ended.iter().enumerate().filter(|(at, _)| *at != who) {
                let done = matches!(posted, Some(Ok(_)));
                ensure(done, format!("caller {at} when {who} goes at {turn}: {posted:?}"))?;
            }
            let before = paid;
            paid = bench.bank.balance(ALICE).await?.ledger.minor();
            let new = paid.saturating_sub(before);
            let lost = ended.get(who).is_some_and(Option::is_none);
            ensure(new == 3 || new == 2 && lost, format!("{new} of 3 when {who} goes at {turn}"))?;
        }
    }
    Ok(())
}

/// Requests that are repeated under their ids until there is an answer are posted once.
async fn faults(bench: Bench) -> Checked {
    for seed in 0..6 {
        let odds = Odds { unavailable: 0, conflict: 100, unknown: 300 };
        let harsh = Yielding::new(Failing::new(bench.store.clone(), seed, odds));
        let bank = grouped(&bench, harsh, GroupCommit::new().with_max_items(3)?).await?;
        let calls = (0..9).map(|_| {
            let (bank, context, new) =
                (bank.clone(), bench.context.clone(), bench.pay(CASH, BOB, 1));
            let call: Call = Box::pin(async move {
                loop {
                    match bank.post(&context, new.clone()).await {
                        Err(error) if error.is_transient() => {}
                        ended => return ended,
                    }
                }
            });
            call
        });
        let ended = in_turn(calls.collect(), None).await;
        let done = ended.iter().all(|posted| matches!(posted, Some(Ok(_))));
        ensure(done, format!("all are answered: {ended:?}"))?;
    }
    let entries = bench.bank.entries(&EntryQuery::new(BOB), 100, None).await?;
    same(entries.items.len(), 54, "payments of nine callers, six times")?;
    bench.balance(BOB, 54, 54, "each once").await
}

async fn closing(bench: Bench) -> Checked {
    let bank = grouped(&bench, Yielding::new(bench.store.clone()), GroupCommit::new()).await?;
    let mut calls: Vec<Call> =
        (0..6).map(|_| call(&bank, &bench.context, bench.pay(CASH, ALICE, 1))).collect();
    let (closing, context, late) =
        (bank.clone(), bench.context.clone(), bench.pay(CASH, ALICE, 100));
    calls.push(Box::pin(async move {
        closing.close().await;
        closing.post(&context, late).await
    }));
    let ended = in_turn(calls, None).await;
    let told: Vec<&str> = ended.iter().map(|one| code(one.as_ref())).collect();
    let yes = "applied";
    same(told, vec![yes, yes, yes, yes, yes, yes, "closed"], "accepted, then closed")?;
    bench.balance(ALICE, 6, 6, "what was accepted").await
}
