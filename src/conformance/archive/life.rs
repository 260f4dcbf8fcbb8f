//! A bank in which everything happened once, and what may happen to it next.

use chrono::Duration;

use crate::bank::{Bank, Context};
use crate::conformance::bench::{
    ALICE, BOB, BRANCH, Bench, CASH, CASH_EUR, COSTS, CUSTOMER, Checked, FEES, FEES_EUR, NOBODY,
    RETAINED, RETAINED_EUR, SHOP, day, deposits, ensure, eur, refused, usd,
};
use crate::id::{AccountId, HoldId, LimitId, TransactionId};
use crate::ledger::query::{AsOf, EntryOrder, EntryQuery, HoldQuery, TransactionQuery};
use crate::ledger::{
    AccountChange, Batch, Block, ChartCode, Correlation, FloorPolicy, IdempotencyKey, Instruction,
    Kind, Labels, LimitRule, LimitScope, Metadata, NewAccount, NewCapture, NewHold, NewRelease,
    NewReversal, NewTransaction, Reference, Side, Text, Window,
};
use crate::money::Currency;
use crate::time::ManualClock;

const OLD: AccountId = AccountId::from_u128(0x9001);
const SHUT: AccountId = AccountId::from_u128(0x9002);
const PAID_IN: TransactionId = TransactionId::from_u128(0x9101);
const REVERSED: TransactionId = TransactionId::from_u128(0x9102);
const RELEASE: TransactionId = TransactionId::from_u128(0x9103);
const OPEN: HoldId = HoldId::from_u128(0x9201);
const PART: HoldId = HoldId::from_u128(0x9202);
const TAKEN: HoldId = HoldId::from_u128(0x9203);
const FREED: HoldId = HoldId::from_u128(0x9204);
const LAPSED: HoldId = HoldId::from_u128(0x9205);
const DUE: HoldId = HoldId::from_u128(0x9206);
const DAILY: LimitId = LimitId::from_u128(0x9301);
const HOURLY: LimitId = LimitId::from_u128(0x9302);
const GONE: LimitId = LimitId::from_u128(0x9303);

fn pay(debit: AccountId, credit: AccountId, minor: i64) -> NewTransaction {
    NewTransaction::transfer(Kind::PAYMENT, debit, credit, usd(minor))
}

fn reserve(id: HoldId, minor: i64) -> NewHold {
    NewHold::transfer(Kind::PAYMENT, ALICE, SHOP, usd(minor)).with_id(id)
}

fn part(hold: HoldId, minor: i64) -> NewCapture {
    NewCapture::amount(Kind::PAYMENT, hold, usd(minor)).keeping_rest()
}

fn keyed(context: &Context, key: &str) -> Checked<Context> {
    Ok(context.clone().with_idempotency_key(IdempotencyKey::new(key)?))
}

/// Asks under a key, for the first time.
async fn ask(bench: &Bench, key: &str, instruction: impl Into<Instruction> + Send) -> Checked {
    let context = keyed(&bench.context, key)?;
    let outcome = bench.bank.instruct(&context, instruction.into()).await?;
    ensure(!outcome.is_replayed(), "a key that was never used gave a repetition")
}

/// Words of every sort.
fn rent() -> Checked<NewTransaction> {
    let mut metadata = Metadata::default();
    metadata.insert("order", "17 \"quoted\" \\ é")?;
    metadata.insert("a", "b")?;
    let rent = pay(ALICE, BOB, 120).with_description(Text::new("rent, März")?);
    Ok(rent.with_reference(Reference::new("R-17")?).with_metadata(metadata))
}

/// A posting and a hold that stand or fall together.
fn group(id: u128) -> Checked<Batch> {
    let mut batch = Batch::new();
    let id = 0x9400_u128.saturating_add(id);
    let posting = pay(ALICE, BOB, 7).with_id(TransactionId::from_u128(id));
    let hold = reserve(HoldId::from_u128(id), 9).with_description(Text::new("a hold in words")?);
    batch.push_group([Instruction::from(posting), Instruction::from(hold)]);
    batch.push(pay(BOB, SHOP, 3));
    Ok(batch)
}

pub(super) async fn fill(bench: &Bench) -> Checked {
    limits(bench).await?;
    money(bench).await?;
    holds(bench).await?;
    bench.bank.seal(&bench.context).await?;
    accounts(bench).await?;
    year(bench).await?;
    bench.bank.seal(&bench.context).await?;
    // Not sealed, and in the middle of the capture of a hold.
    bench.applied(part(PART, 11)).await?;
    Ok(())
}

async fn limits(bench: &Bench) -> Checked {
    let rule = |id, scope, window| LimitRule::new(id, scope, Side::Debit, Currency::USD, window);
    let rules = [
        rule(DAILY, LimitScope::EachCustomer, Window::Day).with_amount(3_000).with_count(40),
        rule(HOURLY, LimitScope::Global, Window::RollingHours(48)).with_amount(90_000),
        rule(GONE, LimitScope::EachAccount(deposits()?), Window::Month)
            .with_count(900)
            .for_kinds([Kind::PAYMENT]),
    ];
    for rule in rules {
        let _ = bench.bank.set_limit(&bench.context, rule).await?;
    }
    Ok(())
}

async fn money(bench: &Bench) -> Checked {
    bench.applied(pay(CASH, ALICE, 9_000).with_id(PAID_IN)).await?;
    bench.applied(pay(CASH, BOB, 4_000)).await?;
    ask(bench, "rent", rent()?).await?;
    let asked = keyed(&bench.context, "Z")?.with_correlation(Correlation::new("call 7")?);
    let _ = bench.bank.post(&asked, pay(ALICE, SHOP, 30)).await?;
    bench.bank.post_many(&keyed(&bench.context, "é group")?, &group(1)?).await?;
    bench.applied(pay(ALICE, BOB, 50).with_id(REVERSED)).await?;
    ask(bench, "back", NewReversal::new(REVERSED)).await?;
    let forced = pay(BOB, SHOP, 45).with_id(TransactionId::from_u128(0x9105));
    bench.applied(forced).await?;
    bench.applied(NewReversal::new(TransactionId::from_u128(0x9105)).forced()).await?;
    let refund = NewTransaction::transfer(Kind::REFUND, SHOP, ALICE, usd(5)).relating_to(PAID_IN);
    bench.applied(refund).await?;
    bench.bank.remove_limit(&bench.context, GONE).await?;
    Ok(())
}

async fn holds(bench: &Bench) -> Checked {
    let now = bench.bank.moment().now;
    let in_minutes =
        |minutes: i64| now.saturating_add_nanos(minutes.saturating_mul(60_000_000_000));
    bench.applied(reserve(OPEN, 100)).await?;
    let fresh = NewHold::transfer(Kind::PAYMENT, ALICE, SHOP, usd(8));
    ask(bench, "hold of no name", fresh).await?;
    bench.applied(reserve(PART, 200).expiring_at(in_minutes(600))).await?;
    bench.applied(part(PART, 60)).await?;
    bench.applied(reserve(TAKEN, 80)).await?;
    ask(bench, "capture", NewCapture::rest(Kind::FEE, TAKEN)).await?;
    bench.applied(reserve(FREED, 70).expiring_at(in_minutes(5))).await?;
    bench.applied(NewRelease::new(FREED).with_id(RELEASE)).await?;
    bench.applied(reserve(HoldId::from_u128(0x9207), 20)).await?;
    ask(bench, "release", NewRelease::new(HoldId::from_u128(0x9207))).await?;
    bench.applied(reserve(LAPSED, 40).expiring_at(in_minutes(1))).await?;
    bench.applied(reserve(DUE, 40).expiring_at(in_minutes(3))).await?;
    bench.clock.advance(Duration::minutes(2));
    let lapsed = bench.bank.expire_holds(&bench.context, 10).await?;
    ensure(lapsed.len() == 1, "one hold expires")
}

async fn accounts(bench: &Bench) -> Checked {
    let labels = Labels { customer: Some(CUSTOMER), branch: Some(BRANCH) };
    let new = NewAccount::new(deposits()?, Currency::JPY).with_labels(labels);
    let new = new.with_name(Text::new("yen, 円")?).with_ceiling(500).with_id(OLD);
    let _ = bench.bank.open_account(&bench.context, new).await?;
    let opening = keyed(&bench.context, "account")?;
    let new = NewAccount::new(ChartCode::new("4000")?, Currency::USD);
    let _ = bench.bank.open_account(&opening, new).await?;
    let new = NewAccount::new(deposits()?, Currency::USD).with_id(SHUT);
    let _ = bench.bank.open_account(&bench.context, new).await?;
    bench.change(SHUT, AccountChange::Close).await?;
    bench.change(OLD, AccountChange::Ceiling(Some(700))).await?;
    bench.change(OLD, AccountChange::Floor(FloorPolicy::Overdraft(9))).await?;
    bench.change(BOB, AccountChange::Floor(FloorPolicy::CreditLimit(25))).await?;
    let change = AccountChange::Block(Block::Debits);
    let _ = bench.bank.change_account(&keyed(&bench.context, "block")?, SHOP, change).await?;
    Ok(())
}

async fn year(bench: &Bench) -> Checked {
    let then = day(2025, 12, 30)?;
    let of = |debit, credit, money| {
        NewTransaction::transfer(Kind::FEE, debit, credit, money).with_booking_date(then)
    };
    bench.applied(of(ALICE, FEES, usd(25)).with_value_date(day(2025, 12, 24)?)).await?;
    bench.applied(of(COSTS, CASH, usd(10))).await?;
    bench.applied(of(CASH_EUR, FEES_EUR, eur(4))).await?;
    let retained = [RETAINED, RETAINED_EUR];
    let _ = bench.bank.close_year(&bench.context, day(2025, 12, 31)?, &retained).await?;
    bench.applied(pay(ALICE, FEES, 6)).await?;
    Ok(())
}

/// What was answered, in words.
type Story = Vec<String>;

pub(super) async fn go_on(bank: &Bank, clock: &ManualClock, context: &Context) -> Checked<Story> {
    let mut story = repeat(bank, context).await?;
    story.extend(refuse(bank, context).await?);
    story.extend(act(bank, clock, context).await?);
    story.extend(read(bank).await?);
    Ok(story)
}

/// What was asked for before, by id and by key.
async fn repeat(bank: &Bank, context: &Context) -> Checked<Story> {
    let mut story = Story::new();
    let known: [Instruction; 5] = [
        pay(CASH, ALICE, 9_000).with_id(PAID_IN).into(),
        pay(CASH, ALICE, 9_001).with_id(PAID_IN).into(),
        NewRelease::new(FREED).with_id(RELEASE).into(),
        reserve(TAKEN, 80).into(),
        NewTransaction::transfer(Kind::PAYMENT, ALICE, SHOP, usd(1)).with_id(RELEASE).into(),
    ];
    for instruction in known {
        story.push(format!("{:?}", bank.instruct(context, instruction).await));
    }
    let by_key: [(&str, Instruction); 8] = [
        ("rent", rent()?.into()),
        ("rent", pay(ALICE, BOB, 120).into()),
        ("Z", pay(ALICE, SHOP, 30).into()),
        ("back", NewReversal::new(REVERSED).into()),
        ("hold of no name", NewHold::transfer(Kind::PAYMENT, ALICE, SHOP, usd(8)).into()),
        ("capture", NewCapture::rest(Kind::FEE, TAKEN).into()),
        ("release", NewRelease::new(HoldId::from_u128(0x9207)).into()),
        ("capture", NewRelease::new(FREED).into()),
    ];
    for (key, instruction) in by_key {
        story.push(format!("{:?}", bank.instruct(&keyed(context, key)?, instruction).await));
    }
    let outcomes = bank.post_many(&keyed(context, "é group")?, &group(1)?).await;
    story.push(format!("{outcomes:?}"));
    let new = NewAccount::new(ChartCode::new("4000")?, Currency::USD);
    story.push(format!("{:?}", bank.open_account(&keyed(context, "account")?, new).await));
    let change = AccountChange::Block(Block::Debits);
    let changed = bank.change_account(&keyed(context, "block")?, SHOP, change).await;
    story.push(format!("{changed:?}"));
    Ok(story)
}

/// What the state of the books forbids.
async fn refuse(bank: &Bank, context: &Context) -> Checked<Story> {
    let mut story = Story::new();
    let due: [(Instruction, &str); 10] = [
        (NewReversal::new(REVERSED).into(), "already_reversed"),
        (NewCapture::rest(Kind::PAYMENT, FREED).into(), "hold_not_open"),
        (NewCapture::rest(Kind::PAYMENT, LAPSED).into(), "hold_not_open"),
        (NewCapture::amount(Kind::PAYMENT, PART, usd(130)).into(), "capture_exceeds_hold"),
        (pay(CASH, SHUT, 1).into(), "account_closed"),
        (pay(SHOP, BOB, 1).into(), "account_blocked"),
        (pay(ALICE, BOB, 3_000).into(), "limit_amount_exceeded"),
        (pay(BOB, SHOP, 9_999).into(), "insufficient_funds"),
        (pay(CASH, BOB, 1).with_booking_date(day(2025, 12, 31)?).into(), "period_closed"),
        (pay(CASH, NOBODY, 1).into(), "unknown_account"),
    ];
    for (instruction, code) in due {
        let outcome = bank.instruct(context, instruction).await;
        story.push(format!("{outcome:?}"));
        refused(outcome, code)?;
    }
    Ok(story)
}

/// What goes on.
async fn act(bank: &Bank, clock: &ManualClock, context: &Context) -> Checked<Story> {
    let mut story = Story::new();
    clock.advance(Duration::minutes(2));
    story.push(format!("{:?}", bank.expire_holds(context, 10).await?));
    for instruction in [Instruction::from(part(PART, 20)), part(OPEN, 30).into(), rent()?.into()] {
        story.push(format!("{:?}", bank.instruct(context, instruction).await?));
    }
    story.push(format!("{:?}", bank.post_many(&keyed(context, "Next")?, &group(2)?).await?));
    let limit =
        LimitRule::new(DAILY, LimitScope::EachCustomer, Side::Debit, Currency::USD, Window::Day);
    story.push(format!("{:?}", bank.set_limit(context, limit.with_amount(1_200)).await?));
    story.push(format!("{:?}", bank.post(context, pay(ALICE, BOB, 500)).await));
    story.push(format!("{:?}", bank.post(context, pay(ALICE, BOB, 200)).await));
    let new = NewAccount::new(deposits()?, Currency::USD);
    let opened = bank.open_account(context, new).await?;
    story.push(format!("{opened:?}"));
    let account = opened.into_inner();
    story.push(format!("{:?}", bank.post(context, pay(CASH, account, 77)).await?));
    story.push(format!("{:?}", bank.change_account(context, SHUT, AccountChange::Reopen).await?));
    let closed = bank.close_year(context, day(2026, 3, 1)?, &[RETAINED, RETAINED_EUR]).await;
    story.push(format!("{closed:?}"));
    clock.advance(Duration::hours(30));
    story.push(format!("{:?}", bank.post(context, pay(ALICE, BOB, 900)).await));
    story.push(format!("{:?}", bank.seal(context).await?));
    Ok(story)
}

/// What can be read.
async fn read(bank: &Bank) -> Checked<Story> {
    let mut story = Story::new();
    for account in [ALICE, BOB, CASH, FEES] {
        for order in [EntryOrder::Posted, EntryOrder::BookingDate, EntryOrder::ValueDate] {
            let entries = EntryQuery::new(account).ordered_by(order);
            story.push(format!("{:?}", bank.entries(&entries, 500, None).await?.items));
        }
    }
    let found = [
        TransactionQuery::new().with_reference(Reference::new("R-17")?),
        TransactionQuery::new().with_correlation(Correlation::new("call 7")?),
        TransactionQuery::new().of_kind(Kind::YEAR_CLOSE),
        TransactionQuery::new().touching(ALICE).newest_first(),
    ];
    for query in found {
        let page = bank.transactions(&query, 500, None).await?;
        ensure(!page.items.is_empty(), "every query finds something")?;
        story.push(format!("{:?}", page.items));
    }
    let held = bank.holds(&HoldQuery::new().touching(SHOP), 500, None).await?.items;
    ensure(held.len() > 5, "holds are found by account")?;
    let held: Vec<_> = held.iter().map(|hold| (hold.id, hold.state, &hold.legs)).collect();
    story.push(format!("{held:?}"));
    let half = bank.journal(20, 1).await?;
    let then = half.iter().map(|record| AsOf::Instant(record.posted_at()));
    let days =
        [AsOf::Now, AsOf::BookingDate(day(2025, 12, 30)?), AsOf::ValueDate(day(2025, 12, 24)?)];
    for as_of in then.chain(days) {
        story.push(format!("{:?}", bank.trial_balance(as_of).await?));
    }
    let income = bank.income_statement(day(2025, 1, 1)?, day(2026, 12, 31)?).await?;
    story.push(format!("{income:?}"));
    story.push(format!("{:?}", bank.verify().await?));
    story.push(format!("{:?}", bank.verify_seals().await?));
    Ok(story)
}
