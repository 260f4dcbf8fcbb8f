//! Every record reaches whom it concerns, in order and in turn.

use std::collections::BTreeSet;

use crate::bank::{Event, Start};
use crate::id::{AccountId, LimitId};
use crate::ledger::query::MAX_PAGE;
use crate::ledger::{
    Batch, Kind, Leg, LimitRule, LimitScope, NewCapture, NewHold, NewRelease, NewTransaction,
    Record, Side, Window,
};
use crate::money::Currency;

use super::super::bench::{ALICE, BOB, Bench, CASH, Checked, SHOP, ensure, found, same, usd};
use super::places;

/// Everything there is, for one partition, for a few and for the most.
pub(super) async fn every(bench: Bench) -> Checked {
    for minor in 1..=20 {
        let to = if minor % 3 == 0 { SHOP } else { ALICE };
        bench.fund(to, minor).await?;
    }
    let journal = bench.bank.journal(0, MAX_PAGE).await?;
    for (name, partitions, limit) in
        [("one", 1, 7), ("one-by-one", 1, 1), ("three", 3, 2), ("most", 64, 5), ("all", 64, 10_000)]
    {
        let subscriber = bench.subscribed(name, partitions, Start::Beginning).await?;
        let events = bench.drain(subscriber, limit).await?;
        let mut once = BTreeSet::new();
        let mut last = vec![0; usize::from(partitions)];
        for (partition, event) in &events {
            ensure(*partition < partitions, format!("{name}: no such partition"))?;
            let (place, at) = (event.position(), usize::from(*partition));
            let before = last.get_mut(at).ok_or_else(|| found("no such partition"))?;
            ensure(*before < place, format!("{name}: {place} after {before}"))?;
            *before = place;
            ensure(once.insert((place, *partition)), format!("{name}: {place} came twice"))?;
            let at = usize::try_from(place.saturating_sub(1)).unwrap_or(usize::MAX);
            same(Some(&event.record), journal.get(at), format!("{name}: record {place}"))?;
        }
        let seen: BTreeSet<u64> = once.iter().map(|(place, _)| *place).collect();
        let all: BTreeSet<u64> = journal.iter().map(Record::position).collect();
        same(&seen, &all, format!("{name}: places that were delivered"))?;
        let leading: Vec<u64> = events
            .iter()
            .filter(|(_, event)| event.leads)
            .map(|(_, event)| event.position())
            .collect();
        same(leading.len(), journal.len(), format!("{name}: events that lead"))?;
        same(
            leading.into_iter().collect(),
            all,
            format!("{name}: records that have a leading event"),
        )?;
        if partitions == 1 {
            same(events.len(), journal.len(), format!("{name}: events"))?;
        }
    }
    Ok(())
}

/// By hand: which accounts each record concerns. Of 64 partitions each of the four has its own.
pub(super) async fn concerns(bench: Bench) -> Checked {
    let subscriber = bench.subscribed("whom", 64, Start::Now).await?;
    let first = bench.position().await?.saturating_add(1);
    let mut expected: Vec<Vec<AccountId>> = Vec::new();
    bench.fund(ALICE, 900).await?;
    expected.push(vec![CASH, ALICE]);
    bench.fund(SHOP, 900).await?;
    expected.push(vec![CASH, SHOP]);
    let leg = |account, side| Leg::new(account, side, usd(10));
    let hold = NewHold::new(Kind::PAYMENT)
        .leg(leg(ALICE, Side::Debit))
        .leg(leg(BOB, Side::Credit))
        .leg(leg(SHOP, Side::Debit))
        .leg(leg(CASH, Side::Credit));
    let placed = bench.applied(hold.clone().with_id(bench.hold_id())).await?;
    let placed = placed.hold().ok_or_else(|| found("no hold"))?;
    expected.push(vec![CASH, ALICE, BOB, SHOP]);
    let two = [leg(ALICE, Side::Debit), leg(BOB, Side::Credit)];
    // A capture moves two legs; the last one frees the other two as well.
    let one_each = |money| {
        let legs = two.iter().map(|leg| Leg::new(leg.account, leg.side, money)).collect();
        NewCapture::legs(Kind::PAYMENT, placed, legs)
    };
    bench.applied(one_each(usd(3)).keeping_rest().with_id(bench.transaction_id())).await?;
    expected.push(vec![ALICE, BOB]);
    bench.applied(one_each(usd(4)).with_id(bench.transaction_id())).await?;
    expected.push(vec![CASH, ALICE, BOB, SHOP]);
    let other = bench.applied(hold.with_id(bench.hold_id())).await?;
    let other = other.hold().ok_or_else(|| found("no hold"))?;
    expected.push(vec![CASH, ALICE, BOB, SHOP]);
    bench.applied(NewRelease::new(other).with_id(bench.transaction_id())).await?;
    expected.push(vec![CASH, ALICE, BOB, SHOP]);
    let soon = bench.bank.moment().now.saturating_add_nanos(1_000);
    bench.applied(bench.reserve(ALICE, SHOP, 5).expiring_at(soon)).await?;
    expected.push(vec![ALICE, SHOP]);
    bench.clock.advance(chrono::Duration::seconds(1));
    same(bench.bank.expire_holds(&bench.context, 10).await?.len(), 1, "holds that expired")?;
    expected.push(vec![ALICE, SHOP]);
    let (id, scope) = (LimitId::from_u128(5), LimitScope::Account(ALICE));
    let rule = LimitRule::new(id, scope, Side::Debit, Currency::USD, Window::Day);
    let _ = bench.bank.set_limit(&bench.context, rule.with_maximum(5)).await?;
    expected.push(Vec::new());

    let events = bench.drain(subscriber, 100).await?;
    let partition = |account: &AccountId| match *account {
        CASH => 8,
        ALICE => 18,
        BOB => 24,
        _ => 37,
    };
    let mut should: BTreeSet<(u64, u16, Vec<AccountId>)> = BTreeSet::new();
    for (place, accounts) in (first..).zip(&expected) {
        let own = accounts.iter().map(|account| (place, partition(account), vec![*account]));
        should.extend(own);
        if accounts.is_empty() {
            should.insert((place, 0, Vec::new()));
        }
    }
    let is = events.into_iter().map(|(at, event)| (event.position(), at, event.accounts));
    same(is.collect(), should, "places, partitions and accounts")
}

pub(super) async fn starts(bench: Bench) -> Checked {
    bench.fund(ALICE, 1).await?;
    let before = bench.position().await?;
    let now = bench.subscribed("now", 2, Start::Now).await?;
    let after = bench.subscribed("after", 2, Start::After(before.saturating_sub(1))).await?;
    let beginning = bench.subscribed("beginning", 1, Start::After(0)).await?;
    same(bench.claim(now, "w", 10).await?, None, "nothing is new yet")?;
    bench.fund(ALICE, 2).await?;
    let places = |events: Vec<(u16, Event)>| -> BTreeSet<u64> {
        events.iter().map(|(_, event)| event.position()).collect()
    };
    let next = before.saturating_add(1);
    same(places(bench.drain(now, 10).await?), [next].into(), "from now on")?;
    same(places(bench.drain(after, 10).await?), [before, next].into(), "behind a place")?;
    same(places(bench.drain(beginning, 10).await?), (1..=next).collect(), "from the beginning")?;
    // Asked for again it stays where it is.
    let again = bench.bank.subscribe(&bench.context, now, 2, Start::Beginning).await?;
    ensure(again.is_replayed(), "it exists already")?;
    same(bench.claim(now, "w", 10).await?, None, "subscribing again moves nothing")?;
    let _ = bench.bank.unsubscribe(&bench.context, now).await?;
    let gone = bench.bank.unsubscribe(&bench.context, now).await?;
    ensure(gone.is_replayed(), "it was gone already")?;
    bench.subscribed("now", 5, Start::Beginning).await?;
    Ok(())
}

/// The clock stands still: every partition is served once before any is served twice.
pub(super) async fn fair(bench: Bench) -> Checked {
    let subscriber = bench.subscribed("fair", 64, Start::Now).await?;
    for _ in 0..6 {
        let spread = [(CASH, ALICE), (CASH, SHOP), (CASH, BOB)];
        for (debit, credit) in spread {
            let new = NewTransaction::transfer(Kind::DEPOSIT, debit, credit, usd(1));
            bench.applied(new.with_id(bench.transaction_id())).await?;
        }
    }
    let mut turns = Vec::new();
    for _ in 0..12 {
        let claim = bench.due(subscriber, "w", 1).await?;
        turns.push(claim.partition);
        // Every second turn ends without an acknowledgement.
        match turns.len() % 8 {
            0..4 => bench.ack(&claim, claim.through).await?,
            _ => bench.bank.release_lease(&bench.context, &claim).await?,
        }
    }
    for round in turns.chunks(4) {
        let each: BTreeSet<u16> = round.iter().copied().collect();
        same(each, [8, 18, 24, 37].into(), format!("turns {turns:?}"))?;
    }
    Ok(())
}

/// Partitions without events come along, and one that is far behind is not held up by them.
pub(super) async fn quiet(bench: Bench) -> Checked {
    let subscriber = bench.subscribed("quiet", 64, Start::Now).await?;
    let first = bench.position().await?;
    for minor in 1..=10 {
        bench.fund(ALICE, minor).await?;
    }
    let head = bench.position().await?;
    // The least recently served goes first: until Cash and Alice come up, the others move on.
    let claim = bench.due(subscriber, "w", 100).await?;
    let other = bench.due(subscriber, "w", 100).await?;
    let both: BTreeSet<u16> = [claim.partition, other.partition].into();
    same(both, [8, 18].into(), "the partitions with events")?;
    same((claim.events.len(), other.events.len()), (10, 10), "all of their events")?;
    same(bench.claim(subscriber, "w", 100).await?, None, "nothing for anybody else")?;
    for mark in bench.bank.subscription(subscriber).await?.marks {
        let quiet = ![8, 18].contains(&mark.partition);
        let should = if quiet { head } else { first };
        same(mark.acknowledged, should, format!("the mark of partition {}", mark.partition))?;
        ensure(mark.until.is_some() != quiet, "a quiet partition is on lease to nobody")?;
    }
    bench.ack(&claim, claim.through).await?;
    bench.ack(&other, other.through).await?;
    let before = bench.bank.subscription(subscriber).await?;
    same(before.lag(), 0, "all have come along")?;
    same(bench.claim(subscriber, "w", 100).await?, None, "nothing is new")?;
    let after = bench.bank.subscription(subscriber).await?;
    same(after, before, "a claim at the end of the journal writes nothing")
}

/// One that is far behind gets its turn although others have something new at every moment.
pub(super) async fn far_behind(bench: Bench) -> Checked {
    let subscriber = bench.subscribed("far-behind", 64, Start::Now).await?;
    for minor in 1..=3 {
        bench.applied(bench.pay(CASH, SHOP, minor)).await?;
    }
    // Shop is served, and left where it is.
    loop {
        let claim = bench.due(subscriber, "w", 1).await?;
        if claim.partition == 37 {
            bench.bank.release_lease(&bench.context, &claim).await?;
            break;
        }
        bench.ack(&claim, claim.through).await?;
    }
    let mut turns = Vec::new();
    for minor in 1..=6 {
        bench.applied(bench.pay(CASH, ALICE, minor)).await?;
        let claim = bench.due(subscriber, "w", 1).await?;
        turns.push(claim.partition);
        bench.ack(&claim, claim.through).await?;
    }
    same(turns, vec![8, 18, 37, 8, 18, 37], "turns of three with something to do")
}

/// What comes next lies behind a long run that is for others, who are at it.
pub(super) async fn long_run(bench: Bench) -> Checked {
    let subscriber = bench.subscribed("long-run", 64, Start::Now).await?;
    let payments = |count: usize| (0..count).map(|_| bench.pay(CASH, ALICE, 1)).collect::<Batch>();
    bench.batch(&payments(1)).await?;
    let held = [bench.due(subscriber, "a", 1).await?, bench.due(subscriber, "b", 1).await?];
    for _ in 0..3 {
        bench.batch(&payments(100)).await?;
    }
    bench.applied(bench.pay(CASH, SHOP, 1)).await?;
    let claim = bench.due(subscriber, "c", 1).await?;
    same((claim.partition, places(&claim)), (37, vec![bench.position().await?]), "the one event")?;
    bench.ack(&claim, claim.through).await?;
    for claim in held {
        bench.bank.release_lease(&bench.context, &claim).await?;
    }
    let rest = bench.drain(subscriber, 1_000).await?;
    same(rest.len(), 301 + 302, "events of Cash, and of Alice")
}
