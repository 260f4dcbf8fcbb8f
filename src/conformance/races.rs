//! Callers that overlap: every call suspends, so that each unit meets the others half way.

use std::future::Future;
use std::pin::Pin;
use std::task::Poll;

use crate::bank::Bank;
use crate::id::SeededIds;
use crate::ledger::{Kind, NewTransaction, Outcome};

use super::Scenario;
use super::bench::{ALICE, BOB, Bench, CASH, Checked, Found, SHOP, found, same, usd};
use super::yielding::Yielding;

pub(super) const ALL: &[Scenario] = &[
    Scenario { name: "races/one_account", play: |bench| Box::pin(one_account(bench)) },
    Scenario { name: "races/one_id", play: |bench| Box::pin(one_id(bench)) },
    Scenario { name: "races/one_key", play: |bench| Box::pin(one_key(bench)) },
    Scenario { name: "races/ring", play: |bench| Box::pin(ring(bench)) },
];

pub(super) type Call = Pin<Box<dyn Future<Output = Checked<u32>> + Send>>;

/// The sum of what all calls return, polled in turn until each has ended.
pub(super) async fn together(mut calls: Vec<Call>) -> Checked<u32> {
    let mut sum = 0_u32;
    std::future::poll_fn(move |task| {
        let mut failed = None;
        calls.retain_mut(|call| match call.as_mut().poll(task) {
            Poll::Pending => true,
            Poll::Ready(Ok(count)) => {
                sum = sum.saturating_add(count);
                false
            }
            Poll::Ready(Err(Found(what))) => {
                failed = Some(Found(what));
                false
            }
        });
        match failed {
            Some(what) => Poll::Ready(Err(what)),
            None if calls.is_empty() => Poll::Ready(Ok(sum)),
            None => Poll::Pending,
        }
    })
    .await
}

async fn slow(bench: &Bench) -> Checked<Bank> {
    let clock: std::sync::Arc<crate::time::ManualClock> = std::sync::Arc::clone(&bench.clock);
    let bank = Bank::builder(Yielding::new(bench.store.clone())).shared_clock(clock);
    Ok(bank.ids(SeededIds::new(8)).open().await?)
}

/// A post as often as it takes: 1 if it applied, 0 if it was refused or there already.
fn post(bank: &Bank, bench: &Bench, new: NewTransaction) -> Call {
    let (bank, context) = (bank.clone(), bench.context.clone());
    Box::pin(async move {
        for _ in 0..100 {
            match bank.post(&context, new.clone()).await {
                Ok(Outcome::Applied(_)) => return Ok(1),
                Ok(Outcome::Replayed(_)) | Err(crate::bank::Error::Refused(_)) => return Ok(0),
                Err(error) if error.is_transient() => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(found("callers hold each other up for ever"))
    })
}

async fn one_account(bench: Bench) -> Checked {
    bench.fund(ALICE, 100).await?;
    let bank = slow(&bench).await?;
    let calls = (0..12).map(|_| post(&bank, &bench, bench.pay(ALICE, BOB, 30))).collect();
    same(together(calls).await?, 3, "payments of 30 out of 100")?;
    bench.balance(ALICE, 10, 10, "three of thirty").await
}

async fn one_id(bench: Bench) -> Checked {
    let bank = slow(&bench).await?;
    let payment = bench.pay(CASH, BOB, 30);
    let calls = (0..8).map(|_| post(&bank, &bench, payment.clone())).collect();
    same(together(calls).await?, 1, "the same payment, eight times at once")?;
    bench.balance(BOB, 30, 30, "paid once").await
}

async fn one_key(bench: Bench) -> Checked {
    let bank = slow(&bench).await?;
    let mut keyed = bench.clone();
    keyed.context = bench.keyed("at-once")?;
    let new = || NewTransaction::transfer(Kind::TRANSFER, CASH, BOB, usd(30));
    let calls = (0..8).map(|_| post(&bank, &keyed, new())).collect();
    same(together(calls).await?, 1, "the same key, eight times at once")?;
    bench.balance(BOB, 30, 30, "paid once").await
}

/// Transfers in both directions of a ring: none may wait for another for ever.
async fn ring(bench: Bench) -> Checked {
    for account in [ALICE, BOB, SHOP] {
        bench.fund(account, 100).await?;
    }
    let bank = slow(&bench).await?;
    let pairs =
        [(ALICE, BOB), (BOB, SHOP), (SHOP, ALICE), (BOB, ALICE), (SHOP, BOB), (ALICE, SHOP)];
    let calls: Vec<Call> =
        pairs.into_iter().map(|(from, to)| post(&bank, &bench, bench.pay(from, to, 10))).collect();
    same(together(calls).await?, 6, "transfers around a ring")?;
    for account in [ALICE, BOB, SHOP] {
        bench.balance(account, 100, 100, "as much in as out").await?;
    }
    Ok(())
}
