//! Rows of batches and groups, and limits within them.

use crate::conformance::bench::{
    ALICE, BOB, BRANCH, Bench, CASH, CUSTOMER, Checked, FEES, SHOP, deposits, found, item_applied,
    item_refused, refused, usd,
};
use crate::id::LimitId;
use crate::ledger::{
    Batch, Channel, Instruction, Kind, LimitRule, LimitScope, NewTransaction, Outcome, Side, Window,
};
use crate::money::Currency;
use chrono::Duration;

use super::{Row, broken, told};

pub(super) const ROWS: &[Row] = &[Row {
    code: "group_failed",
    ask: |w| {
        Box::pin(async move {
            let mut batch = Batch::new();
            let group: Vec<Instruction> = vec![
                // It would be refused by itself, but its neighbour was refused before.
                w.bench.pay(ALICE, BOB, 1).into(),
                w.faulty(Vec::new()).into(),
            ];
            batch.push_group(group);
            let outcomes = w.bench.bank.post_many(&w.bench.context, &batch).await?;
            match outcomes.into_iter().next() {
                Some(outcome) => told(outcome.map_err(Into::into)),
                None => broken(found("no outcome")),
            }
        })
    },
}];

fn rule(id: u128, scope: LimitScope) -> LimitRule {
    LimitRule::new(LimitId::from_u128(id), scope, Side::Debit, Currency::USD, Window::Day)
}

async fn set(bench: &Bench, rule: LimitRule) -> Checked {
    match bench.bank.set_limit(&bench.context, rule).await? {
        Outcome::Applied(()) => Ok(()),
        Outcome::Replayed(()) => Err(found("the limit stood there already")),
    }
}

/// The second item of a batch sees what the first one used, and a refused one uses nothing.
pub(super) async fn limits(bench: Bench) -> Checked {
    bench.fund(ALICE, 100_000).await?;
    set(&bench, rule(1, LimitScope::Account(ALICE)).with_amount(1_000).with_count(3)).await?;
    let mut batch = Batch::new();
    batch.push(bench.pay(ALICE, BOB, 600)).push(bench.pay(ALICE, BOB, 401));
    batch.push(bench.pay(ALICE, BOB, 300)).push(bench.reserve(ALICE, SHOP, 101));
    batch.push(bench.reserve(ALICE, SHOP, 50)).push(bench.pay(ALICE, BOB, 1));
    let outcomes = bench.batch(&batch).await?;
    item_applied(outcomes.first())?;
    item_refused(outcomes.get(1), "limit_amount_exceeded")?;
    item_applied(outcomes.get(2))?;
    item_refused(outcomes.get(3), "limit_amount_exceeded")?;
    item_applied(outcomes.get(4))?;
    item_refused(outcomes.get(5), "limit_count_exceeded")?;
    bench.refused(bench.pay(ALICE, BOB, 1), "limit_count_exceeded").await?;
    bench.clock.advance(Duration::days(1));
    // A group that fails gives back what its first item used.
    let mut batch = Batch::new();
    let group: Vec<Instruction> =
        vec![bench.pay(ALICE, BOB, 900).into(), bench.pay(ALICE, BOB, 101).into()];
    batch.push_group(group).push(bench.pay(ALICE, BOB, 1_000));
    let outcomes = bench.batch(&batch).await?;
    item_refused(outcomes.first(), "group_failed")?;
    item_refused(outcomes.get(1), "limit_amount_exceeded")?;
    item_applied(outcomes.get(2))?;
    windows(&bench).await
}

/// A rolling window forgets day by day; replacing a limit keeps what was used.
async fn windows(bench: &Bench) -> Checked {
    let mut rolling = rule(1, LimitScope::Account(ALICE)).with_amount(1_000);
    rolling.window = Window::RollingDays(3);
    bench.clock.advance(Duration::days(30));
    set(bench, rolling.clone()).await?;
    bench.applied(bench.pay(ALICE, BOB, 400)).await?;
    bench.clock.advance(Duration::days(1));
    bench.applied(bench.pay(ALICE, BOB, 500)).await?;
    bench.clock.advance(Duration::days(1));
    bench.refused(bench.pay(ALICE, BOB, 101), "limit_amount_exceeded").await?;
    set(bench, rolling.clone().with_amount(1_100)).await?;
    bench.applied(bench.pay(ALICE, BOB, 101)).await?;
    bench.clock.advance(Duration::days(1));
    bench.refused(bench.pay(ALICE, BOB, 500), "limit_amount_exceeded").await?;
    bench.applied(bench.pay(ALICE, BOB, 499)).await?;
    let wrong = [
        rolling.clone().with_amount(-1),
        rule(2, LimitScope::Global),
        rule(2, LimitScope::Global).with_minimum(5).with_maximum(4),
    ];
    for wrong in wrong {
        refused(bench.bank.set_limit(&bench.context, wrong).await, "invalid_terms")?;
    }
    rolling.window = Window::RollingDays(0);
    refused(bench.bank.set_limit(&bench.context, rolling).await, "invalid_terms")
}

/// Each scope measures its own.
pub(super) async fn scopes(bench: Bench) -> Checked {
    bench.fund(ALICE, 100_000).await?;
    bench.fund(BOB, 100_000).await?;
    bench.fund(SHOP, 100_000).await?;
    let fee = |minor| NewTransaction::transfer(Kind::FEE, SHOP, FEES, usd(minor));
    let cases: Vec<(LimitScope, Instruction, Instruction)> = vec![
        (LimitScope::Global, bench.pay(ALICE, BOB, 6).into(), bench.pay(SHOP, BOB, 5).into()),
        (
            LimitScope::Account(ALICE),
            bench.pay(ALICE, BOB, 6).into(),
            bench.pay(ALICE, SHOP, 5).into(),
        ),
        (
            LimitScope::EachAccount(deposits()?),
            bench.pay(BOB, ALICE, 6).into(),
            bench.pay(BOB, SHOP, 5).into(),
        ),
        (
            LimitScope::Customer(CUSTOMER),
            bench.pay(ALICE, BOB, 6).into(),
            bench.pay(ALICE, SHOP, 5).into(),
        ),
        (
            LimitScope::EachCustomer,
            bench.pay(ALICE, BOB, 6).into(),
            bench.pay(ALICE, SHOP, 5).into(),
        ),
        (
            LimitScope::Branch(BRANCH),
            bench.pay(ALICE, SHOP, 6).into(),
            bench.pay(BOB, SHOP, 5).into(),
        ),
        (LimitScope::EachBranch, bench.pay(BOB, SHOP, 6).into(), bench.pay(ALICE, SHOP, 5).into()),
        (
            LimitScope::Channel(Channel::SYSTEM),
            bench.pay(SHOP, BOB, 6).into(),
            bench.pay(BOB, SHOP, 5).into(),
        ),
        (LimitScope::Kind(Kind::FEE), fee(6).into(), fee(5).into()),
    ];
    for (number, (scope, first, second)) in (0x100_u128..).zip(cases) {
        set(&bench, rule(number, scope).with_amount(10)).await?;
        bench.applied(first).await?;
        bench.refused(second, "limit_amount_exceeded").await?;
        // What comes in is not measured by a limit on debits of others.
        bench.bank.remove_limit(&bench.context, LimitId::from_u128(number)).await?;
    }
    set(&bench, rule(0x200, LimitScope::Account(ALICE)).with_maximum(5)).await?;
    bench.applied(bench.pay(CASH, ALICE, 50)).await?;
    bench.applied(bench.pay(BOB, SHOP, 50)).await?;
    let other = LimitScope::Channel(Channel::WEB);
    set(&bench, rule(0x201, other).with_maximum(1)).await?;
    let fees = rule(0x202, LimitScope::Global).with_maximum(1).for_kinds([Kind::INTEREST]);
    set(&bench, fees).await?;
    bench.applied(bench.pay(ALICE, SHOP, 5)).await?;
    Ok(())
}
