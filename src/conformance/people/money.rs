//! Money of customers: mandates, bounds, cover, and that no plain posting reaches it.

use super::hall::{ANNA, BEN, CARLA, FIRST, GIRO, Hall, SECOND, THIRD, joint, no, out};
use crate::account::{AccountStatus, Mandate, Ownership, Role};
use crate::bank::{Error, Order, Orders, Rules};
use crate::conformance::bench::{Bench, CASH, Checked, FEES, ensure, found, same, usd};
use crate::kyc::{AmlStatus, StandingChange};
use crate::ledger::{Batch, Kind, NewCapture, NewTransaction, Outcome, Side, Text, Window};
use crate::product::WindowLimit;

/// Either, both, any two of three; each signature once, and only of those who may.
pub(super) async fn mandates(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    for (id, first) in [(ANNA, "Anna"), (BEN, "Ben"), (CARLA, "Carla")] {
        hall.welcome(id, first).await?;
    }
    let three = |mandate| joint(mandate).with_party(CARLA, Role::Secondary);
    let heir = joint(Mandate::Either).with_party(CARLA, Role::Beneficiary);
    for (account, ownership) in
        [(FIRST, three(Mandate::All)), (SECOND, three(Mandate::AnyOf(2))), (THIRD, heir)]
    {
        hall.account(account, ownership).await?;
        hall.deposit(account, 100).await?;
    }
    let by = |account, signers: &[crate::id::CustomerId]| {
        signers.iter().fold(out(account, 1), |order, signer| order.signed_by(*signer))
    };
    let refused: [(_, &[_], _); 9] = [
        (FIRST, &[], "signatures_missing"),
        (FIRST, &[ANNA, BEN], "signatures_missing"),
        (FIRST, &[ANNA, ANNA, BEN], "signer_repeated"),
        (SECOND, &[ANNA], "signatures_missing"),
        (SECOND, &[ANNA, ANNA], "signer_repeated"),
        (SECOND, &[ANNA, crate::id::CustomerId::from_u128(1)], "signer_unknown"),
        (THIRD, &[], "signatures_missing"),
        (THIRD, &[CARLA], "signer_unknown"),
        (THIRD, &[ANNA, CARLA], "signer_unknown"),
    ];
    for (account, signers, code) in refused {
        no(hall.carry(by(account, signers)).await, code)?;
    }
    let allowed: [(_, &[_]); 6] = [
        (FIRST, &[ANNA, BEN, CARLA]),
        (SECOND, &[ANNA, CARLA]),
        (SECOND, &[CARLA, BEN]),
        (SECOND, &[ANNA, BEN, CARLA]),
        (THIRD, &[BEN]),
        (THIRD, &[ANNA, BEN]),
    ];
    for (account, signers) in allowed {
        let _ = hall.carry(by(account, signers)).await?;
    }
    // Money that comes in needs nobody's word.
    hall.deposit(FIRST, 1).await?;
    // A signer who is blocked signs for nobody.
    hall.stand(BEN, StandingChange::Aml(AmlStatus::Blocked)).await?;
    no(hall.carry(by(THIRD, &[BEN])).await, "gate_closed")?;
    let _ = hall.carry(by(THIRD, &[ANNA])).await?;
    hall.balance(SECOND, 97, "three withdrawals").await
}

/// What the rules were not asked about reaches no customer's account.
pub(super) async fn guarded(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    hall.two(100).await?;
    let plain = hall.bench.pay(FIRST, SECOND, 1);
    hall.bench.refused(plain.clone(), "account_guarded").await?;
    hall.bench.refused(hall.bench.pay(CASH, FIRST, 1), "account_guarded").await?;
    hall.bench.refused(hall.bench.reserve(FIRST, CASH, 1), "account_guarded").await?;
    let many = hall.bench.batch(&Batch::from_iter([plain, hall.bench.pay(CASH, FEES, 1)])).await?;
    ensure(many.first().is_some_and(Result::is_err), "one of a batch")?;
    ensure(many.last().is_some_and(Result::is_ok), "its neighbour")?;
    // An order may touch several, each judged.
    let split = NewTransaction::new(Kind::PAYMENT)
        .debit(FIRST, usd(10))
        .credit(SECOND, usd(9))
        .credit(FEES, usd(1));
    no(hall.carry(Order::of(split.clone())).await, "signatures_missing")?;
    let _ = hall.carry(Order::of(split).signed_by(ANNA)).await?;
    // A hold that was let through is captured as any.
    let hold = hall.bench.reserve(FIRST, CASH, 30);
    let id = hold.id.ok_or_else(|| found("no id"))?;
    no(hall.carry(Order::hold(hold.clone())).await, "signatures_missing")?;
    let _ = hall.carry(Order::hold(hold).signed_by(ANNA)).await?;
    hall.bench.applied(NewCapture::rest(Kind::PAYMENT, id)).await?;
    hall.balance(FIRST, 60, "a payment and a capture").await?;
    // Frozen: not even the bank's own postings pass by the ledger.
    let why = Text::new("by order").ok();
    let set = hall.bank().set_account_status(hall.me(), FIRST, AccountStatus::Frozen, why);
    let _ = set.await?;
    let fee = Order::of(NewTransaction::transfer(Kind::FEE, FIRST, FEES, usd(1))).by_bank();
    no(hall.carry(fee).await, "status_forbids")?;
    same(hall.bench.state(FIRST).await?.block, crate::ledger::Block::Debits, "the ledger's block")
}

/// Bounds of the terms, to the cent, on customers' words only (S1-081, C06).
pub(super) async fn bounds(bench: Bench) -> Checked {
    let terms = |terms: crate::product::Terms| terms.with_bounds(1, 99_999_999);
    let hall = Hall::with(bench, Rules::default(), terms).await?;
    hall.two(99_999_999).await?;
    no(hall.carry(Order::deposit(CASH, FIRST, usd(100_000_000))).await, "above_terms")?;
    let _ = hall.carry(out(FIRST, 99_999_999).signed_by(ANNA)).await?;
    let _ = hall.carry(Order::deposit(CASH, FIRST, usd(1))).await?;
    let large = NewTransaction::transfer(Kind::INTEREST, CASH, FIRST, usd(100_000_000));
    let _ = hall.carry(Order::of(large).by_bank()).await?;
    hall.balance(FIRST, 100_000_001, "exempt by its origin").await
}

/// Limits of the product within a day of the bank: at the cent, and across its midnight.
pub(super) async fn limits(bench: Bench) -> Checked {
    let limit =
        WindowLimit { side: Side::Debit, window: Window::Day, amount: Some(100), count: Some(3) };
    let hall = Hall::with(bench, Rules::default(), |terms| terms.with_limit(limit)).await?;
    let (bank, me) = (hall.bank(), hall.me());
    same(bank.apply_product_limits(me, GIRO).await?, 1, "set")?;
    same(bank.apply_product_limits(me, GIRO).await?, 0, "set already")?;
    hall.two(1_000).await?;
    let take = |minor| hall.carry(out(FIRST, minor).signed_by(ANNA));
    let _ = take(60).await?;
    no(take(41).await, "limit_amount_exceeded")?;
    let _ = take(40).await?;
    no(take(1).await, "limit_amount_exceeded")?;
    // Another account has its own; the bank's fee counts for nothing.
    let _ = hall.carry(out(SECOND, 100).signed_by(BEN)).await?;
    let fee = Order::of(NewTransaction::transfer(Kind::FEE, FIRST, FEES, usd(5))).by_bank();
    let _ = hall.carry(fee).await?;
    hall.bench.clock.advance(chrono::Duration::hours(14));
    for _ in 0..3 {
        let _ = take(1).await?;
    }
    no(take(1).await, "limit_count_exceeded")
}

/// Many orders in one unit: each its own outcome; a group stands or falls.
pub(super) async fn batches(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    hall.two(100).await?;
    let mut orders = Orders::new();
    orders
        .push(out(FIRST, 10).signed_by(ANNA))
        .push(out(FIRST, 10))
        .push(Order::transfer(FIRST, SECOND, usd(20)).signed_by(ANNA))
        .push_group([
            Order::transfer(FIRST, SECOND, usd(5)).signed_by(ANNA),
            Order::transfer(SECOND, FIRST, usd(5)),
        ])
        .push(out(FIRST, 1_000).signed_by(ANNA));
    let ended = hall.bank().carry_out_many(hall.me(), &orders).await?;
    let codes: Vec<_> =
        ended.iter().map(|one| one.as_ref().map_or_else(Error::code, |_| "applied")).collect();
    let expected = vec![
        "applied",
        "signatures_missing",
        "applied",
        "group_failed",
        "signatures_missing",
        "insufficient_funds",
    ];
    same(codes, expected, "outcomes")?;
    hall.balance(FIRST, 70, "two of six").await?;
    hall.balance(SECOND, 120, "one of six").await
}

/// A repetition is answered as before, whatever has happened to the account since.
pub(super) async fn replayed(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    hall.two(100).await?;
    let order = || out(FIRST, 10).signed_by(ANNA).with_id(crate::id::TransactionId::from_u128(77));
    ensure(!hall.carry(order()).await?.is_replayed(), "applied")?;
    hall.stand(ANNA, StandingChange::Aml(AmlStatus::Blocked)).await?;
    let why = Text::new("by order").ok();
    let set = hall.bank().set_account_status(hall.me(), FIRST, AccountStatus::Frozen, why);
    let _ = set.await?;
    match hall.carry(order()).await? {
        Outcome::Replayed(_) => {}
        Outcome::Applied(_) => return Err(found("applied twice")),
    }
    no(hall.carry(out(FIRST, 10).signed_by(ANNA)).await, "status_forbids")?;
    // A refusal burns no id.
    let fresh = || out(SECOND, 500).signed_by(BEN).with_id(crate::id::TransactionId::from_u128(78));
    no(hall.carry(fresh()).await, "insufficient_funds")?;
    hall.deposit(SECOND, 500).await?;
    ensure(!hall.carry(fresh()).await?.is_replayed(), "applied later")?;
    hall.balance(FIRST, 90, "once").await
}

/// What is missing comes from another account of the owner, in the same unit, or not at all.
pub(super) async fn cover(bench: Bench) -> Checked {
    let terms = |terms: crate::product::Terms| terms.with_cover();
    let hall = Hall::with(bench, Rules::default(), terms).await?;
    let (bank, me) = (hall.bank(), hall.me());
    hall.two(100).await?;
    no(bank.set_cover(me, FIRST, Some(SECOND)).await, "cover_does_not_fit")?;
    no(bank.set_cover(me, FIRST, Some(FIRST)).await, "cover_does_not_fit")?;
    no(bank.set_cover(me, FIRST, Some(CASH)).await, "unknown_customer_account")?;
    hall.account(THIRD, Ownership::individual(ANNA)).await?;
    hall.deposit(THIRD, 50).await?;
    let _ = bank.set_cover(me, FIRST, Some(THIRD)).await?;
    ensure(bank.set_cover(me, FIRST, Some(THIRD)).await?.is_replayed(), "covered already")?;
    no(bank.set_cover(me, THIRD, Some(FIRST)).await, "cover_does_not_fit")?;
    let order = || out(FIRST, 130).signed_by(ANNA).with_id(crate::id::TransactionId::from_u128(9));
    ensure(!hall.carry(order()).await?.is_replayed(), "carried out with cover")?;
    hall.balance(FIRST, 0, "all of it").await?;
    hall.balance(THIRD, 20, "what was missing").await?;
    ensure(hall.carry(order()).await?.is_replayed(), "repeated")?;
    hall.balance(THIRD, 20, "covered once").await?;
    no(hall.carry(out(FIRST, 21).signed_by(ANNA)).await, "insufficient_funds")?;
    no(hall.carry(out(FIRST, 20)).await, "signatures_missing")?;
    let mut orders = Orders::new();
    orders.push(out(FIRST, 15).signed_by(ANNA)).push(out(SECOND, 101).signed_by(BEN));
    let ended = bank.carry_out_many(me, &orders).await?;
    ensure(ended.first().is_some_and(Result::is_ok), "covered in a batch")?;
    ensure(ended.last().is_some_and(Result::is_err), "another without cover")?;
    hall.balance(THIRD, 5, "what was missing again").await?;
    let why = Text::new("by order").ok();
    let _ = bank.set_account_status(me, THIRD, AccountStatus::Frozen, why).await?;
    no(hall.carry(out(FIRST, 1).signed_by(ANNA)).await, "insufficient_funds")
}
