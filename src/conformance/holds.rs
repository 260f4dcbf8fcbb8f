//! Holds: what they reserve, how they end, and what they give back.

use chrono::Duration;

use crate::id::{HoldId, LimitId};
use crate::ledger::{
    AccountChange, Block, HoldState, Kind, Leg, LimitRule, LimitScope, NewCapture, NewHold,
    NewRelease, Side, Window,
};
use crate::money::Currency;

use super::Scenario;
use super::bench::{
    ALICE, BOB, Bench, CASH, Checked, FEES, SHOP, ensure, found, refused, same, usd,
};

pub(super) const ALL: &[Scenario] = &[
    Scenario { name: "holds/reserve", play: |bench| Box::pin(reserve(bench)) },
    Scenario { name: "holds/partial_captures", play: |bench| Box::pin(partial(bench)) },
    Scenario { name: "holds/last_capture_frees_the_rest", play: |bench| Box::pin(last(bench)) },
    Scenario { name: "holds/release", play: |bench| Box::pin(release(bench)) },
    Scenario { name: "holds/expiry", play: |bench| Box::pin(expiry(bench)) },
    Scenario { name: "holds/many_legs", play: |bench| Box::pin(many_legs(bench)) },
    Scenario { name: "holds/clock_steps_back", play: |bench| Box::pin(clock_back(bench)) },
    Scenario { name: "holds/usage_given_back", play: |bench| Box::pin(usage(bench)) },
    Scenario { name: "holds/capture_skips_floor_not_blocks", play: |bench| Box::pin(floor(bench)) },
];

async fn place(bench: &Bench, hold: NewHold) -> Checked<HoldId> {
    bench.applied(hold).await?.hold().ok_or_else(|| found("a hold gave no hold"))
}

async fn state(bench: &Bench, id: HoldId, state: HoldState, open: i64, captured: i64) -> Checked {
    let hold = bench.bank.hold_by_id(id).await?;
    let first = hold.legs.first().map(|leg| (leg.open, leg.captured));
    same((hold.state, first), (state, Some((open, captured))), "a hold's first leg")
}

async fn reserve(bench: Bench) -> Checked {
    bench.fund(ALICE, 1_000).await?;
    let id = place(&bench, bench.reserve(ALICE, SHOP, 600)).await?;
    bench.balance(ALICE, 1_000, 400, "a hold leaves less available").await?;
    bench.balance(SHOP, 0, 0, "what a hold announces is not available").await?;
    state(&bench, id, HoldState::Open, 600, 0).await?;
    bench.refused(bench.pay(ALICE, BOB, 401), "insufficient_funds").await?;
    bench.refused(bench.reserve(ALICE, BOB, 401), "insufficient_funds").await?;
    bench.refused(bench.pay(SHOP, BOB, 1), "insufficient_funds").await?;
    bench.applied(bench.pay(ALICE, BOB, 400)).await?;
    bench.balance(ALICE, 600, 0, "all that is left is reserved").await
}

async fn partial(bench: Bench) -> Checked {
    bench.fund(ALICE, 1_000).await?;
    let id = place(&bench, bench.reserve(ALICE, SHOP, 600)).await?;
    let part = |minor| NewCapture::amount(Kind::PAYMENT, id, usd(minor)).keeping_rest();
    bench.applied(part(100)).await?;
    bench.balance(ALICE, 900, 400, "a capture takes what was reserved").await?;
    bench.balance(SHOP, 100, 100, "a capture arrives").await?;
    state(&bench, id, HoldState::Open, 500, 100).await?;
    bench.applied(part(200)).await?;
    bench.refused(part(301), "capture_exceeds_hold").await?;
    state(&bench, id, HoldState::Open, 300, 300).await?;
    // Nothing is left: it ends, although the rest was to be kept.
    bench.applied(part(300)).await?;
    state(&bench, id, HoldState::Captured, 0, 600).await?;
    bench.balance(ALICE, 400, 400, "all was captured").await?;
    bench.balance(SHOP, 600, 600, "all arrived").await?;
    bench.refused(part(1), "hold_not_open").await?;
    bench.refused(NewRelease::new(id), "hold_not_open").await?;
    Ok(())
}

async fn last(bench: Bench) -> Checked {
    bench.fund(ALICE, 1_000).await?;
    let id = place(&bench, bench.reserve(ALICE, SHOP, 600)).await?;
    let receipt = bench.applied(NewCapture::amount(Kind::PAYMENT, id, usd(250))).await?;
    state(&bench, id, HoldState::Captured, 0, 250).await?;
    bench.balance(ALICE, 750, 750, "the rest is free").await?;
    let ended = bench.bank.hold_by_id(id).await?.ended.ok_or_else(|| found("no ending"))?;
    same(ended.by, receipt.transaction(), "what ended the hold")?;
    same((ended.position, ended.at), (receipt.position, receipt.posted_at), "its place")?;
    let id = place(&bench, bench.reserve(ALICE, SHOP, 500)).await?;
    bench.applied(NewCapture::amount(Kind::PAYMENT, id, usd(200)).keeping_rest()).await?;
    bench.applied(NewCapture::rest(Kind::PAYMENT, id)).await?;
    state(&bench, id, HoldState::Captured, 0, 500).await?;
    bench.balance(SHOP, 750, 750, "both holds arrived").await
}

async fn release(bench: Bench) -> Checked {
    bench.fund(ALICE, 1_000).await?;
    let id = place(&bench, bench.reserve(ALICE, SHOP, 600)).await?;
    bench.applied(NewCapture::amount(Kind::PAYMENT, id, usd(100)).keeping_rest()).await?;
    let receipt = bench.applied(NewRelease::new(id).with_id(bench.transaction_id())).await?;
    same(receipt.hold(), Some(id), "what a release ended")?;
    state(&bench, id, HoldState::Released, 0, 100).await?;
    bench.balance(ALICE, 900, 900, "the rest is free").await?;
    bench.refused(NewRelease::new(id), "hold_not_open").await?;
    bench.refused(NewCapture::rest(Kind::PAYMENT, id), "hold_not_open").await?;
    // A release works on a closed or blocked account too: it takes nothing.
    let id = place(&bench, bench.reserve(ALICE, SHOP, 100)).await?;
    bench.change(ALICE, AccountChange::Block(Block::All)).await?;
    bench.applied(NewRelease::new(id)).await?;
    bench.balance(ALICE, 900, 900, "a release passes a block").await
}

async fn expiry(bench: Bench) -> Checked {
    bench.fund(ALICE, 1_000).await?;
    let soon = bench.clock.advance(Duration::seconds(0)).saturating_add_nanos(60_000_000_000);
    let late = soon.saturating_add_nanos(60_000_000_000);
    let first = place(&bench, bench.reserve(ALICE, SHOP, 100).expiring_at(soon)).await?;
    let second = place(&bench, bench.reserve(ALICE, SHOP, 200).expiring_at(soon)).await?;
    let third = place(&bench, bench.reserve(ALICE, SHOP, 300).expiring_at(late)).await?;
    let forever = place(&bench, bench.reserve(ALICE, SHOP, 50)).await?;
    same(bench.bank.expire_holds(&bench.context, 10).await?, vec![], "nothing is due yet")?;
    bench.clock.set(soon);
    // At its instant it is over, swept or not.
    bench.refused(NewCapture::rest(Kind::PAYMENT, first), "hold_expired").await?;
    bench.balance(ALICE, 1_000, 350, "until the sweep it is reserved").await?;
    let swept = bench.bank.expire_holds(&bench.context, 1).await?;
    same(swept.len(), 1, "a sweep of one")?;
    let rest = bench.bank.expire_holds(&bench.context, 10).await?;
    let mut both = [swept, rest].concat();
    both.sort_unstable();
    same(both, vec![first, second], "those that were due")?;
    same(bench.bank.expire_holds(&bench.context, 10).await?, vec![], "none is left")?;
    state(&bench, first, HoldState::Expired, 0, 0).await?;
    state(&bench, third, HoldState::Open, 300, 0).await?;
    bench.balance(ALICE, 1_000, 650, "the sweep freed them").await?;
    let ended = bench.bank.hold_by_id(first).await?.ended.ok_or_else(|| found("no ending"))?;
    same(ended.by, None, "nobody ends a hold by expiry")?;
    bench.refused(NewCapture::rest(Kind::PAYMENT, first), "hold_not_open").await?;
    bench.applied(NewCapture::rest(Kind::PAYMENT, third)).await?;
    bench.clock.advance(Duration::days(3_000));
    bench.applied(NewCapture::rest(Kind::PAYMENT, forever)).await?;
    same(bench.bank.expire_holds(&bench.context, 10).await?, vec![], "captured is not due")
}

async fn many_legs(bench: Bench) -> Checked {
    bench.fund(ALICE, 1_000).await?;
    let legs = |alice, shop, fee| {
        vec![
            Leg::new(ALICE, Side::Debit, usd(alice)),
            Leg::new(SHOP, Side::Credit, usd(shop)),
            Leg::new(FEES, Side::Credit, usd(fee)),
        ]
    };
    let hold = legs(500, 450, 50).into_iter().fold(NewHold::new(Kind::PAYMENT), NewHold::leg);
    let id = place(&bench, hold.with_id(bench.hold_id())).await?;
    bench.refused(NewCapture::amount(Kind::PAYMENT, id, usd(1)), "capture_needs_legs").await?;
    let part = NewCapture::legs(Kind::PAYMENT, id, legs(100, 80, 20)).keeping_rest();
    let receipt = bench.applied(part.with_id(bench.transaction_id())).await?;
    let posted = receipt.transaction().ok_or_else(|| found("no transaction"))?;
    let posted = bench.bank.transaction(posted).await?;
    let link = crate::ledger::Link::Captures { hold: id, last: false };
    same(posted.link, Some(link), "the link of a capture")?;
    bench.balance(ALICE, 900, 500, "a part was captured").await?;
    bench.balance(FEES, 20, 20, "the fee arrived").await?;
    let over = NewCapture::legs(
        Kind::PAYMENT,
        id,
        legs(31, 0, 31).into_iter().filter(|leg| leg.money.is_positive()).collect(),
    );
    bench.refused(over, "capture_exceeds_hold").await?;
    let stranger = vec![Leg::new(ALICE, Side::Debit, usd(1)), Leg::new(BOB, Side::Credit, usd(1))];
    bench.refused(NewCapture::legs(Kind::PAYMENT, id, stranger), "not_a_leg_of_hold").await?;
    bench.applied(NewCapture::rest(Kind::PAYMENT, id)).await?;
    bench.balance(SHOP, 450, 450, "the shop has all").await?;
    bench.balance(FEES, 50, 50, "the fee is whole").await?;
    bench.balance(ALICE, 500, 500, "nothing is reserved any more").await
}

async fn clock_back(bench: Bench) -> Checked {
    bench.fund(ALICE, 1_000).await?;
    let now = bench.clock.advance(Duration::seconds(0));
    let soon = now.saturating_add_nanos(60_000_000_000);
    let id = place(&bench, bench.reserve(ALICE, SHOP, 100).expiring_at(soon)).await?;
    bench.clock.set(soon);
    bench.refused(NewCapture::rest(Kind::PAYMENT, id), "hold_expired").await?;
    // The bank saw the later instant: stepping back revives nothing, and no instant repeats.
    bench.clock.set(now.saturating_add_nanos(-3_600_000_000_000));
    bench.refused(NewCapture::rest(Kind::PAYMENT, id), "hold_expired").await?;
    let before = bench.bank.head().await?.instant;
    let receipt = bench.applied(bench.pay(ALICE, BOB, 1)).await?;
    ensure(receipt.posted_at > before, "an instant stepped back with the clock")
}

async fn usage(bench: Bench) -> Checked {
    bench.fund(ALICE, 10_000).await?;
    let rule = LimitRule::new(
        LimitId::from_u128(0x11),
        LimitScope::Account(ALICE),
        Side::Debit,
        Currency::USD,
        Window::Day,
    );
    let _ = bench.bank.set_limit(&bench.context, rule.with_amount(1_000).with_count(3)).await?;
    let id = place(&bench, bench.reserve(ALICE, SHOP, 800)).await?;
    bench.refused(bench.pay(ALICE, BOB, 201), "limit_amount_exceeded").await?;
    bench.applied(NewRelease::new(id)).await?;
    // Amount and number came back.
    let id = place(&bench, bench.reserve(ALICE, SHOP, 1_000)).await?;
    bench.applied(NewCapture::amount(Kind::PAYMENT, id, usd(300))).await?;
    bench.refused(bench.pay(ALICE, BOB, 701), "limit_amount_exceeded").await?;
    let soon = bench.clock.advance(Duration::seconds(0)).saturating_add_nanos(1_000_000_000);
    place(&bench, bench.reserve(ALICE, SHOP, 700).expiring_at(soon)).await?;
    bench.refused(bench.pay(ALICE, BOB, 1), "limit_amount_exceeded").await?;
    bench.clock.advance(Duration::seconds(2));
    same(bench.bank.expire_holds(&bench.context, 10).await?.len(), 1, "one expired")?;
    bench.applied(bench.pay(ALICE, BOB, 100)).await?;
    bench.applied(bench.pay(ALICE, BOB, 100)).await?;
    // The capture and two payments: what was captured counts, what was freed does not.
    bench.refused(bench.pay(ALICE, BOB, 100), "limit_count_exceeded").await?;
    bench.clock.advance(Duration::days(1));
    bench.applied(bench.pay(ALICE, BOB, 1_000)).await?;
    refused(
        bench.bank.remove_limit(&bench.context, LimitId::from_u128(0x12)).await,
        "unknown_limit",
    )?;
    bench.bank.remove_limit(&bench.context, LimitId::from_u128(0x11)).await?;
    bench.applied(bench.pay(ALICE, BOB, 1_001)).await?;
    Ok(())
}

async fn floor(bench: Bench) -> Checked {
    let deposit = bench.fund(ALICE, 1_000).await?;
    let id = place(&bench, bench.reserve(ALICE, SHOP, 600)).await?;
    // Brought below its floor by force, it still pays what it had promised.
    bench.refused(crate::ledger::NewReversal::new(deposit), "insufficient_funds").await?;
    bench.applied(crate::ledger::NewReversal::new(deposit).forced()).await?;
    bench.balance(ALICE, 0, -600, "a forced reversal breaks the floor").await?;
    bench.applied(bench.pay(CASH, ALICE, 100)).await?;
    bench.change(ALICE, AccountChange::Block(Block::Debits)).await?;
    bench.refused(NewCapture::rest(Kind::PAYMENT, id), "account_blocked").await?;
    bench.change(ALICE, AccountChange::Block(Block::None)).await?;
    bench.applied(NewCapture::rest(Kind::PAYMENT, id)).await?;
    bench.balance(ALICE, -500, -500, "a capture skips the floor").await
}
