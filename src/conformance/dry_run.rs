//! Dry run: the answer that a write would have had, and nothing changed.

use crate::bank::Bank;
use crate::id::{HoldId, LimitId, TransactionId};
use crate::ledger::{
    AccountChange, Batch, Block, Instruction, Kind, LimitRule, LimitScope, NewAccount, NewCapture,
    NewRelease, NewReversal, Side, Window,
};
use crate::money::Currency;

use super::Scenario;
use super::bench::{
    ALICE, BOB, Bench, CASH, Checked, FEES, RETAINED, SHOP, day, deposits, ensure, found, same, usd,
};

pub(super) const ALL: &[Scenario] = &[
    Scenario { name: "dry_run/every_write", play: |bench| Box::pin(every_write(bench)) },
    Scenario { name: "dry_run/refusals", play: |bench| Box::pin(refusals(bench)) },
];

/// All writes, as words of their answers.
async fn writes(
    bench: &Bench,
    bank: &Bank,
    held: HoldId,
    paid: TransactionId,
) -> Checked<Vec<String>> {
    let context = &bench.context;
    let id = |number: u128| TransactionId::from_u128(0xd0_0000_u128.saturating_add(number));
    let pay = |number, debit, credit, minor| bench.pay(debit, credit, minor).with_id(id(number));
    let mut told = Vec::new();
    let mut batch = Batch::new();
    batch.push(pay(1, ALICE, BOB, 5)).push(pay(2, ALICE, BOB, 1_000_000));
    let group: Vec<Instruction> =
        vec![pay(3, ALICE, BOB, 1).into(), pay(4, BOB, ALICE, 1_000_000).into()];
    batch.push_group(group);
    for outcome in bank.post_many(context, &batch).await? {
        told.push(format!("{:?}", outcome.map(|outcome| outcome.get().subject)));
    }
    let instructions: Vec<Instruction> = vec![
        pay(5, ALICE, BOB, 7).into(),
        bench.reserve(ALICE, SHOP, 9).with_id(HoldId::from_u128(0xd1)).into(),
        NewCapture::amount(Kind::PAYMENT, held, usd(2)).keeping_rest().with_id(id(6)).into(),
        NewRelease::new(held).with_id(id(7)).into(),
        NewReversal::new(paid).with_id(id(8)).into(),
    ];
    for instruction in instructions {
        let outcome = bank.instruct(context, instruction).await?;
        told.push(format!("{} {:?}", outcome.is_replayed(), outcome.get().subject));
    }
    let account = NewAccount::new(deposits()?, Currency::USD);
    let account = account.with_id(crate::id::AccountId::from_u128(0xd2));
    told.push(format!("{:?}", bank.open_account(context, account).await?));
    let block = AccountChange::Block(Block::Debits);
    told.push(format!("{:?}", bank.change_account(context, SHOP, block).await?));
    let rule = LimitRule::new(
        LimitId::from_u128(0xd3),
        LimitScope::Global,
        Side::Debit,
        Currency::USD,
        Window::Day,
    );
    told.push(format!("{:?}", bank.set_limit(context, rule.with_amount(5)).await?));
    told.push(format!("{:?}", bank.expire_holds(context, 10).await?));
    let (january, february) = (day(2026, 1, 31)?, day(2026, 2, 28)?);
    let year = bank.close_year(context, january, &[RETAINED]).await?;
    told.push(format!("{} {}", year.is_replayed(), year.get().transactions.len()));
    told.push(format!("{:?}", bank.close_period(context, february).await?));
    Ok(told)
}

async fn every_write(bench: Bench) -> Checked {
    bench.fund(ALICE, 1_000).await?;
    bench.applied(bench.pay(ALICE, FEES, 5).with_booking_date(day(2026, 1, 20)?)).await?;
    let held = bench.applied(bench.reserve(ALICE, SHOP, 20)).await?;
    let held = held.hold().ok_or_else(|| found("no hold"))?;
    let soon = bench.bank.moment().now.saturating_add_nanos(1_000_000_000);
    bench.applied(bench.reserve(ALICE, SHOP, 30).expiring_at(soon)).await?;
    bench.clock.set(soon);
    let paid = bench.fund(BOB, 10).await?;
    let dry = bench.bank.dry_run();
    ensure(dry.is_dry_run() && !bench.bank.is_dry_run(), "which handle is dry")?;
    let before = snapshot(&bench, held).await?;
    let first = writes(&bench, &dry, held, paid).await?;
    same(snapshot(&bench, held).await?, before.clone(), "the books after a dry run")?;
    // Again, because nothing of the first time stands.
    same(writes(&bench, &dry, held, paid).await?, first.clone(), "a second dry run")?;
    same(snapshot(&bench, held).await?, before.clone(), "the books after two dry runs")?;
    let real = writes(&bench, &bench.bank, held, paid).await?;
    same(real, first, "what a dry run told and what then happened")?;
    ensure(snapshot(&bench, held).await? != before, "the real run changed something")
}

async fn snapshot(bench: &Bench, held: HoldId) -> Checked<String> {
    let bank = &bench.bank;
    let mut accounts = Vec::new();
    for account in [ALICE, BOB, SHOP, CASH, FEES, RETAINED] {
        accounts.push(bank.account(account).await?);
    }
    let (head, book, hold) = (bank.head().await?, bank.book().await?, bank.hold_by_id(held).await?);
    Ok(format!("{head:?} {:?} {:?} {hold:?} {accounts:?}", book.closed_through, book.limits))
}

async fn refusals(bench: Bench) -> Checked {
    let dry = bench.bank.dry_run();
    let payment = bench.pay(ALICE, BOB, 5);
    let told = dry.post(&bench.context, payment.clone()).await;
    super::bench::refused(told, "insufficient_funds")?;
    bench.fund(ALICE, 5).await?;
    let told = dry.post(&bench.context, payment.clone()).await?;
    let real = bench.bank.post(&bench.context, payment.clone()).await?;
    same(told, real, "the receipt that a posting would have")?;
    let again = dry.post(&bench.context, payment).await?;
    same(again, crate::ledger::Outcome::Replayed(*real.get()), "a replay in a dry run")
}
