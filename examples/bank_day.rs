//! A small bank from its first day to the end of its first month: everything a host does, in the
//! order in which it meets it. Needs no data and prints the same every time.
//!
//! ```text
//! cargo run --example bank_day
//! ```

#![allow(clippy::inconsistent_digit_grouping, reason = "1_000_00 reads as 1,000.00")]

#[path = "support/show.rs"]
mod show;
#[path = "support/statement.rs"]
mod statement;

use std::sync::Arc;

use chrono::Duration;
use corebank::bank::{Bank, Context, Error};
use corebank::id::{AccountId, HoldId, LimitId, SeededIds, TransactionId};
use corebank::ledger::query::{AsOf, HoldQuery};
use corebank::ledger::{
    AccountClass, Actor, Batch, Channel, ChartCode, ChartNode, FloorPolicy, Kind, Labels,
    LimitRule, LimitScope, NewAccount, NewCapture, NewHold, NewRelease, NewReversal,
    NewTransaction, Record, Side, Text, Window,
};
use corebank::money::{Currency, Rounding, divide_rounded};
use corebank::store::memory::MemoryStore;
use corebank::time::{DayCount, ManualClock, Timestamp};
use uuid::Uuid;

use show::{Done, Failure, balance, day, eur, line, refused, tally, title};

/// The bank, its clock, the one who acts, and the accounts that the day needs.
struct Branch {
    bank: Bank,
    clock: Arc<ManualClock>,
    teller: Context,
    cash: AccountId,
    cards: AccountId,
    fees: AccountId,
    interest: AccountId,
    capital: AccountId,
    employer: AccountId,
    customers: Vec<AccountId>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let branch = open_the_bank().await?;
    let &[anna, ben, ..] = branch.customers.as_slice() else { return Err("no customers".into()) };
    opening_deposits(&branch).await?;
    salaries(&branch).await?;
    card_holds(&branch, anna).await?;
    let rent = transfers(&branch, anna, ben).await?;
    all_or_nothing(&branch, anna, ben).await?;
    reversal(&branch, anna, rent).await?;
    daily_limit(&branch, anna).await?;
    retry_and_dry_run(&branch, anna, ben).await?;
    month_end(&branch).await?;
    closed_period(&branch, anna, ben).await?;
    reports(&branch, anna).await?;
    proofs(&branch, rent).await
}

/// A store, a clock that we move ourselves, and ids that repeat. Production takes neither of the
/// last two: `Bank::open(store)` is enough.
async fn open_the_bank() -> Result<Branch, Failure> {
    let clock = Arc::new(ManualClock::new("2026-01-05T08:00:00Z".parse()?));
    let bank = Bank::builder(MemoryStore::new())
        .shared_clock(clock.clone())
        .ids(SeededIds::new(2026))
        .open()
        .await?;
    let teller = Context::new(Actor::new("user:teller-1")?, Channel::BRANCH);

    // The chart first: the code of an account decides its class, and so its side of the book.
    use AccountClass::{Asset, Equity, Expense, Income, Liability};
    let chart = [
        ("1000", Asset, "Cash in vault"),
        ("1100", Asset, "Card network"),
        ("2100", Liability, "Customer deposits"),
        ("3000", Equity, "Share capital"),
        ("4100", Income, "Account fees"),
        ("5100", Expense, "Interest on deposits"),
    ];
    let mut nodes = Vec::new();
    for (code, class, name) in chart {
        nodes.push(ChartNode::new(ChartCode::new(code)?, class, None, Text::new(name)?));
    }
    let _ = bank.define_chart(&teller, &nodes).await?;
    let own = async |code| -> Result<AccountId, Failure> {
        let account = NewAccount::new(ChartCode::new(code)?, Currency::EUR);
        Ok(bank.open_account(&teller, account).await?.into_inner())
    };
    let (cash, cards, capital) = (own("1000").await?, own("1100").await?, own("3000").await?);
    let (fees, interest, employer) = (own("4100").await?, own("5100").await?, own("2100").await?);

    // Deposits cannot go below zero unless agreed. The labels tell limits whose account it is.
    let deposits = ChartCode::new("2100")?;
    let accounts = (1..=200_u128).map(|number| {
        let labels = Labels { customer: Some(Uuid::from_u128(number)), branch: None };
        let account = NewAccount::new(deposits, Currency::EUR).with_labels(labels);
        // Every tenth customer has an overdraft of EUR 500.00.
        match number.is_multiple_of(10) {
            true => account.with_floor(FloorPolicy::Overdraft(500_00)),
            false => account,
        }
    });
    let accounts: Vec<_> = accounts.collect();
    let opened = bank.open_accounts(&teller, &accounts).await?;
    let customers = opened.into_iter().map(|outcome| outcome.into_inner()).collect();
    Ok(Branch { bank, clock, teller, cash, cards, fees, interest, capital, employer, customers })
}

async fn opening_deposits(branch: &Branch) -> Done {
    title("Opening deposits and salaries: one batch each");
    // Cash is an asset: a debit makes it grow, and a credit makes capital and deposits grow.
    let Branch { bank, teller, cash, capital, employer, .. } = branch;
    let mut batch = Batch::new();
    batch.push(NewTransaction::transfer(Kind::DEPOSIT, *cash, *capital, eur(1_000_000_00)));
    batch.push(NewTransaction::transfer(Kind::DEPOSIT, *cash, *employer, eur(600_000_00)));
    for (customer, minor) in branch.customers.iter().zip((500_00_i64..).step_by(10_00)) {
        batch.push(NewTransaction::transfer(Kind::DEPOSIT, *cash, *customer, eur(minor)));
    }
    tally("deposits", &bank.post_many(teller, &batch).await?)
}

async fn salaries(branch: &Branch) -> Done {
    // The batch is one unit, but each instruction ends by itself: one refusal disturbs no other.
    branch.clock.advance(Duration::days(1));
    let kind = Kind::new("salary")?;
    let text = Text::new("Salary for December")?;
    let pay = |customer: &AccountId| {
        NewTransaction::transfer(kind, branch.employer, *customer, eur(2_750_00))
            .with_description(text.clone())
    };
    let batch: Batch = branch.customers.iter().map(pay).collect();
    tally("salaries", &branch.bank.post_many(&branch.teller, &batch).await?)
}

async fn card_holds(branch: &Branch, anna: AccountId) -> Done {
    title("Card payments: reserve now, move later");
    let Branch { bank, teller, clock, .. } = branch;
    let kind = Kind::new("card_payment")?;
    let hotel = reserve(branch, anna, 300_00, "Hotel").await?;
    let fuel = reserve(branch, anna, 120_00, "Fuel").await?;
    let shop = reserve(branch, anna, 250_00, "Web shop").await?;
    let _rental = reserve(branch, anna, 400_00, "Car rental").await?;
    let theatre = reserve(branch, anna, 80_00, "Theatre").await?;
    balance(bank, "five holds placed", anna).await?;

    // Whole; in part, which frees the rest; and in several parts.
    let captures = [
        (NewCapture::rest(kind, hotel), "Hotel"),
        (NewCapture::amount(kind, fuel, eur(63_40)), "Fuel"),
        (NewCapture::amount(kind, shop, eur(100_00)).keeping_rest(), "Web shop, first parcel"),
        (NewCapture::rest(kind, shop), "Web shop, second parcel"),
    ];
    for (capture, at) in captures {
        let _ = bank.capture(teller, capture.with_description(Text::new(at)?)).await?;
    }
    // Cancelled by the merchant; and forgotten by the merchant: the nightly sweep frees it.
    let _ = bank.release(teller, NewRelease::new(theatre)).await?;
    clock.advance(Duration::days(8));
    let expired = bank.expire_holds(teller, 1_000).await?;
    line("expired by the sweep", &expired.len().to_string());
    balance(bank, "no hold left open", anna).await
}

async fn reserve(of: &Branch, who: AccountId, minor: i64, at: &str) -> Result<HoldId, Failure> {
    let Branch { bank, teller, cards, .. } = of;
    let in_a_week = bank.moment().now.checked_add(Duration::days(7)).unwrap_or(Timestamp::MAX);
    let hold = NewHold::transfer(Kind::new("card_payment")?, who, *cards, eur(minor))
        .expiring_at(in_a_week)
        .with_description(Text::new(at)?);
    let placed = bank.hold(teller, hold).await?;
    Ok(placed.get().hold().ok_or("a hold has an id")?)
}

async fn transfers(of: &Branch, anna: AccountId, ben: AccountId) -> Result<TransactionId, Failure> {
    title("Transfers");
    let Branch { bank, teller, .. } = of;
    let rent = NewTransaction::transfer(Kind::TRANSFER, anna, ben, eur(640_00));
    let rent = bank.post(teller, rent.with_description(Text::new("Rent")?)).await?;
    balance(bank, "640.00 of rent paid", anna).await?;
    // A refusal is a value: it has a stable code, its figures, and burns no id.
    let too_much = NewTransaction::transfer(Kind::TRANSFER, anna, ben, eur(5_000_00));
    refused("5,000.00 more", bank.post(teller, too_much).await)?;
    Ok(rent.get().transaction().ok_or("a posting has an id")?)
}

async fn all_or_nothing(branch: &Branch, anna: AccountId, ben: AccountId) -> Done {
    title("A transfer with its fee: both or none");
    let Branch { bank, teller, fees, .. } = branch;
    let available = bank.balance(anna).await?.available.ok_or("the present has one")?;
    let mut batch = Batch::new();
    batch.push_group([
        NewTransaction::transfer(Kind::TRANSFER, anna, ben, available).into(),
        NewTransaction::transfer(Kind::FEE, anna, *fees, eur(1_50)).into(),
    ]);
    for (what, outcome) in ["transfer", "fee"].iter().zip(bank.post_many(teller, &batch).await?) {
        refused(what, outcome.map_err(Error::from))?;
    }
    balance(bank, "nothing happened", anna).await
}

async fn reversal(branch: &Branch, anna: AccountId, rent: TransactionId) -> Done {
    title("A mistake is reversed, once, and never deleted");
    let Branch { bank, teller, .. } = branch;
    let _ = bank.reverse(teller, NewReversal::new(rent)).await?;
    balance(bank, "rent reversed", anna).await?;
    refused("again", bank.reverse(teller, NewReversal::new(rent)).await)
}

async fn daily_limit(branch: &Branch, anna: AccountId) -> Done {
    title("At most 100.00 of payments per customer and day");
    let Branch { bank, teller, cards, .. } = branch;
    let (id, each) = (LimitId::from_u128(1), LimitScope::EachCustomer);
    let rule = LimitRule::new(id, each, Side::Debit, Currency::EUR, Window::Day);
    let rule = rule.with_amount(100_00).for_kinds([Kind::PAYMENT]);
    let _ = bank.set_limit(teller, rule).await?;
    let payment = || NewTransaction::transfer(Kind::PAYMENT, anna, *cards, eur(80_00));
    let _ = bank.post(teller, payment()).await?;
    balance(bank, "80.00 paid", anna).await?;
    refused("80.00 more", bank.post(teller, payment()).await)
}

async fn retry_and_dry_run(branch: &Branch, anna: AccountId, ben: AccountId) -> Done {
    title("A retry under the same id, and a rehearsal");
    let Branch { bank, teller, .. } = branch;
    // The answer got lost on the way? Ask again: the id is the idempotency key.
    let gift = NewTransaction::transfer(Kind::TRANSFER, ben, anna, eur(25_00))
        .with_id(TransactionId::from_u128(0x6121))
        .with_description(Text::new("Birthday present")?);
    for what in ["first time", "second time"] {
        let outcome = bank.post(teller, gift.clone()).await?;
        line(what, if outcome.is_replayed() { "replayed" } else { "applied" });
    }
    let before = bank.head().await?.position;
    let rehearsal = NewTransaction::transfer(Kind::TRANSFER, ben, anna, eur(100_00));
    let outcome = bank.dry_run().post(teller, rehearsal).await?;
    line("dry run of 100.00", &format!("would be journal position {}", outcome.get().position));
    line("journal still ends at", &format!("{} of {before}", bank.head().await?.position));
    Ok(())
}

const RATE_PER_CENT: i128 = 2;

async fn month_end(branch: &Branch) -> Done {
    title("The end of the month: fees, then interest at 2 % ACT/365");
    let Branch { bank, clock, fees, interest, customers, .. } = branch;
    clock.set("2026-01-31T20:00:00Z".parse()?);
    let jobs = Context::system("month-end")?;
    let fee = |of: &AccountId| NewTransaction::transfer(Kind::FEE, *of, *fees, eur(4_90));
    let batch: Batch = customers.iter().map(fee).collect();
    tally("fees", &bank.post_many(&jobs, &batch).await?)?;

    let today = bank.moment().today;
    let year = DayCount::Actual365Fixed.year_fraction(day(2026, 1, 5)?, today)?;
    let mut batch = Batch::new();
    for at in bank.balances(customers, AsOf::ValueDate(today)).await? {
        let share = i128::from(at.ledger.minor())
            .saturating_mul(RATE_PER_CENT)
            .saturating_mul(i128::from(year.numerator));
        let whole = i128::from(year.denominator).saturating_mul(100);
        let money = eur(i64::try_from(divide_rounded(share, whole, Rounding::HalfEven)?)?);
        batch.push(NewTransaction::transfer(Kind::INTEREST, *interest, at.account, money));
    }
    tally("interest", &bank.post_many(&jobs, &batch).await?)
}

async fn closed_period(branch: &Branch, anna: AccountId, ben: AccountId) -> Done {
    title("January is closed");
    let Branch { bank, clock, teller, .. } = branch;
    clock.set("2026-02-02T08:00:00Z".parse()?);
    let _ = bank.close_period(teller, day(2026, 1, 31)?).await?;
    let late = NewTransaction::transfer(Kind::TRANSFER, anna, ben, eur(10_00));
    refused("a late posting", bank.post(teller, late.with_booking_date(day(2026, 1, 30)?)).await)
}

async fn reports(branch: &Branch, anna: AccountId) -> Done {
    let bank = &branch.bank;
    println!("\n{}", bank.trial_balance(AsOf::Now).await?);
    println!("{}", bank.balance_sheet(AsOf::BookingDate(day(2026, 1, 31)?)).await?);
    println!("{}", bank.income_statement(day(2026, 1, 1)?, day(2026, 1, 31)?).await?);
    println!("Statement of account {anna}");
    for line in statement::statement(bank, anna).await? {
        println!("{line}");
    }
    println!("\nHolds on it");
    for hold in bank.holds(&HoldQuery::new().touching(anna), 100, None).await?.items {
        let Some(leg) = hold.legs.first() else { continue };
        let (state, reserved, captured) = (hold.state.code(), leg.leg.money, eur(leg.captured));
        println!("  {state:<10} {reserved:>12} reserved {captured:>12} captured");
    }
    Ok(())
}

async fn proofs(branch: &Branch, rent: TransactionId) -> Done {
    title("Proofs");
    let bank = &branch.bank;
    let zero = bank.trial_balance(AsOf::Now).await?.is_zero();
    let books = bank.verify().await?;
    line("verify", &format!("{} records, {} differences", books.records, books.differences.len()));
    // A host writes the last hash down where the database cannot reach.
    let sealed = bank.seal(&Context::system("night")?).await?;
    let block = sealed.last.ok_or("something was sealed")?;
    line("seal", &format!("{} records, block {}", sealed.records, block.number));
    let seals = bank.verify_seals_against(block.number, block.hash).await?;
    line("verify_seals", &format!("{} records, {} faults", seals.records, seals.faults.len()));
    // Whoever trusts that hash needs no more than the record and its proof.
    let record = Record::Transaction(bank.transaction(rent).await?);
    bank.prove(rent).await?.verify(&record, &block.hash)?;
    line("proof of the rent", "holds");
    if !(zero && books.is_clean() && seals.is_clean()) {
        return Err("the books are not sound".into());
    }
    println!("\ntrial balance zero · verify clean · seals verified");
    Ok(())
}
