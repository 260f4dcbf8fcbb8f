//! What a lease is good for: parts of a claim, the end of a lease, and who may still speak.

use std::sync::Arc;
use std::time::Duration;

use crate::bank::{Bank, Start};
use crate::id::SeededIds;
use crate::ledger::query::MAX_PAGE;
use crate::ledger::{Subscriber, Worker};
use crate::time::{ManualClock, Timestamp};

use super::super::bench::{ALICE, Bench, Checked, ensure, found, refused, same};
use super::{MINUTE, places};

pub(super) async fn parts(bench: Bench) -> Checked {
    let subscriber = bench.subscribed("parts", 1, Start::Now).await?;
    let first = bench.position().await?.saturating_add(1);
    for minor in 1..=5 {
        bench.fund(ALICE, minor).await?;
    }
    let all: Vec<u64> = (first..).take(5).collect();
    let claim = bench.due(subscriber, "one", 4).await?;
    same(places(&claim), all.iter().take(4).copied().collect(), "the first four")?;
    same((claim.after, claim.through), (first.saturating_sub(1), first.saturating_add(3)), "from")?;
    same(bench.claim(subscriber, "two", 4).await?, None, "the partition is on lease")?;
    bench.ack(&claim, first).await?;
    bench.ack(&claim, first).await?;
    bench.ack(&claim, first.saturating_sub(1)).await?;
    let mark = bench.bank.subscription(subscriber).await?;
    same((mark.handled(), mark.lag()), (first, 4), "the mark after a part")?;
    same(bench.claim(subscriber, "two", 4).await?, None, "a part keeps the lease")?;
    bench.bank.release_lease(&bench.context, &claim).await?;
    bench.bank.release_lease(&bench.context, &claim).await?;
    let second = bench.due(subscriber, "two", 10).await?;
    same(places(&second), all.iter().skip(1).copied().collect(), "what was not acknowledged")?;
    ensure(second.fence > claim.fence, "the fence grows")?;
    bench.ack(&second, second.through).await?;
    // The answer was lost and the call is repeated, although the partition was given back with it.
    bench.ack(&second, second.through).await?;
    bench.ack(&second, second.after).await?;
    same(bench.claim(subscriber, "two", 4).await?, None, "all is acknowledged")?;
    same(bench.bank.subscription(subscriber).await?.lag(), 0, "all is acknowledged")
}

pub(super) async fn leases(bench: Bench) -> Checked {
    let subscriber = bench.subscribed("leases", 1, Start::Now).await?;
    for minor in 1..=3 {
        bench.fund(ALICE, minor).await?;
    }
    let lost = |result| refused(result, "lease_lost");
    let (bank, context) = (&bench.bank, &bench.context);
    let first = bench.due(subscriber, "dies", 2).await?;
    bench.clock.advance(chrono::Duration::nanoseconds(59_999_999_999));
    same(bench.claim(subscriber, "heir", 2).await?, None, "a nanosecond before the end")?;
    bench.clock.advance(chrono::Duration::nanoseconds(1));
    let second = bench.due(subscriber, "heir", 3).await?;
    same(places(&second).get(..2), Some(places(&first).as_slice()), "the same events again")?;
    lost(bank.ack(context, &first, first.through).await)?;
    lost(bank.ack(context, &first, first.after.saturating_add(1)).await)?;
    refused(bank.renew_lease(context, &first, MINUTE).await, "lease_lost")?;
    lost(bank.release_lease(context, &first).await)?;
    // Renewed half way, it runs for as long as asked from then on.
    bench.clock.advance(chrono::Duration::seconds(30));
    let until = bank.renew_lease(context, &second, MINUTE).await?;
    same(until, bench.bank.moment().now.saturating_add_nanos(60_000_000_000), "the new end")?;
    bench.clock.advance(chrono::Duration::seconds(59));
    same(bench.claim(subscriber, "third", 2).await?, None, "it was renewed")?;
    bench.clock.advance(chrono::Duration::seconds(1));
    // It has run out, and nobody has taken it.
    bench.ack(&second, second.after.saturating_add(1)).await?;
    bank.renew_lease(context, &second, MINUTE).await?;
    bench.ack(&second, second.through).await?;
    lost(bank.renew_lease(context, &second, MINUTE).await.map(|_| ()))?;
    // Given back, not acknowledged: the holder has no say any more.
    bench.fund(ALICE, 9).await?;
    let third = bench.due(subscriber, "third", 1).await?;
    bank.release_lease(context, &third).await?;
    lost(bank.ack(context, &third, third.through).await)?;
    same(bank.subscription(subscriber).await?.lag(), 1, "it was not acknowledged")?;
    let fourth = bench.due(subscriber, "fourth", 1).await?;
    let _ = bank.unsubscribe(context, subscriber).await?;
    refused(bank.ack(context, &fourth, fourth.through).await, "unknown_subscription")?;
    let _ = bank.subscribe(context, subscriber, 1, Start::Beginning).await?;
    lost(bank.ack(context, &fourth, fourth.through).await)
}

pub(super) async fn resumed(bench: Bench) -> Checked {
    let subscriber = bench.subscribed("resumed", 1, Start::Beginning).await?;
    bench.fund(ALICE, 5).await?;
    let claim = bench.due(subscriber, "w", 3).await?;
    bench.ack(&claim, 2).await?;
    let held = bench.bank.subscription(subscriber).await?;
    let clock: Arc<ManualClock> = Arc::clone(&bench.clock);
    let builder = Bank::builder(bench.store.clone()).shared_clock(clock);
    let bank = builder.ids(SeededIds::new(9)).open().await?;
    let mut again = bench.clone();
    again.bank = bank;
    same(
        again.bank.subscription(subscriber).await?,
        held,
        "marks after the bank was opened again",
    )?;
    same(again.claim(subscriber, "w", 3).await?, None, "the lease outlives the bank")?;
    again.ack(&claim, 3).await?;
    let head = again.position().await?;
    let rest: Vec<u64> =
        again.drain(subscriber, 4).await?.iter().map(|(_, event)| event.position()).collect();
    same(rest, (4..=head).collect(), "what was left, once")
}

pub(super) async fn dry_run(bench: Bench) -> Checked {
    let (trial, context) = (bench.bank.dry_run(), &bench.context);
    let (subscriber, worker) = (Subscriber::new("trial")?, Worker::new("w")?);
    let _ = trial.subscribe(context, subscriber, 3, Start::Beginning).await?;
    refused(bench.bank.subscription(subscriber).await, "unknown_subscription")?;
    bench.subscribed("trial", 3, Start::Beginning).await?;
    let before = bench.bank.subscription(subscriber).await?;
    let claim = trial.claim(context, subscriber, &worker, MINUTE, 5).await?;
    let claim = claim.ok_or_else(|| found("there is something to claim"))?;
    refused(trial.ack(context, &claim, claim.through).await, "lease_lost")?;
    let _ = trial.unsubscribe(context, subscriber).await?;
    same(bench.bank.subscription(subscriber).await?, before, "marks after dry runs")?;
    let real = bench.due(subscriber, "w", 5).await?;
    same((real.partition, real.events.clone()), (claim.partition, claim.events), "the same claim")?;
    let held = bench.bank.subscription(subscriber).await?;
    trial.ack(context, &real, real.through).await?;
    same(bench.bank.subscription(subscriber).await?, held, "marks after a dry acknowledgement")
}

pub(super) async fn refusals(bench: Bench) -> Checked {
    let (bank, context) = (&bench.bank, &bench.context);
    let (subscriber, worker) = (Subscriber::new("refused")?, Worker::new("w")?);
    let claim = |lease, limit| bank.claim(context, subscriber, &worker, lease, limit);
    refused(claim(MINUTE, 1).await, "unknown_subscription")?;
    refused(bank.subscription(subscriber).await, "unknown_subscription")?;
    for partitions in [0, 65, u16::MAX] {
        let asked = bank.subscribe(context, subscriber, partitions, Start::Now).await;
        refused(asked, "invalid_terms")?;
    }
    let beyond = Start::After(bench.position().await?.saturating_add(1));
    refused(bank.subscribe(context, subscriber, 2, beyond).await, "invalid_terms")?;
    refused(bank.subscription(subscriber).await, "unknown_subscription")?;
    bench.subscribed("refused", 2, Start::Beginning).await?;
    for partitions in [1, 3, 64] {
        let asked = bank.subscribe(context, subscriber, partitions, Start::Beginning).await;
        refused(asked, "subscription_differs")?;
    }
    refused(claim(MINUTE, 0).await, "invalid_terms")?;
    refused(claim(MINUTE, MAX_PAGE.saturating_add(1)).await, "invalid_terms")?;
    refused(claim(Duration::ZERO, 1).await, "invalid_terms")?;
    let held = bench.due(subscriber, "w", 2).await?;
    let beyond = held.through.saturating_add(1);
    refused(bank.ack(context, &held, beyond).await, "invalid_terms")?;
    refused(bank.renew_lease(context, &held, Duration::ZERO).await, "invalid_terms")?;
    bench.ack(&held, held.through).await?;
    bench.fund(ALICE, 1).await?;
    let later = bench.drain(subscriber, 10).await?;
    ensure(!later.is_empty(), "there was more")?;
    refused(bank.ack(context, &held, held.through).await, "lease_lost")?;
    // The longest lease there is.
    bench.fund(ALICE, 1).await?;
    let long = claim(Duration::MAX, 1).await?.ok_or_else(|| found("there is something"))?;
    same(long.until, Timestamp::MAX, "the end of the longest lease")
}
