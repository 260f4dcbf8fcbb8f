//! A day at a small bank, and the rest of its month: everything a host does, in the order in which
//! it meets it. Needs no data.
//!
//! ```text
//! cargo run --release --features sqlite --example bank_day
//! cargo run --release --features sqlite,postgres --example bank_day -- --store STORE
//! ```
//!
//! The bank is kept in a SQLite file, whose name the first line says; STORE is `sqlite:FILE`,
//! `postgres://..`, with `?schema=NAME` unless it is to be `bank_day`, or `memory`, which is all
//! there is without features. Run again, the bank opens on the next business day with the accounts
//! and balances that it closed with. Remove the file, and it begins anew and prints the same.

#![allow(clippy::inconsistent_digit_grouping, reason = "1_000_00 reads as 1,000.00")]

#[path = "support/branch.rs"]
mod branch;
#[path = "support/place.rs"]
mod place;
#[path = "support/show.rs"]
mod show;
#[path = "support/statement.rs"]
mod statement;

use chrono::{Datelike, Duration};
use corebank::bank::{Context, Error};
use corebank::id::{AccountId, HoldId, LimitId, TransactionId};
use corebank::ledger::query::{AsOf, HoldQuery, MAX_PAGE, TransactionQuery};
use corebank::ledger::{
    Batch, Kind, LimitRule, LimitScope, NewCapture, NewHold, NewRelease, NewReversal,
    NewTransaction, Record, Side, Text, Window,
};
use corebank::money::{Currency, Money, Rounding, divide_rounded};
use corebank::time::{DayCount, Timestamp};

use branch::{Branch, OPENING, at};
use show::{Done, Failure, balance, day, eur, line, refused, tally, title};

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let place = branch::place()?;
    let kept = place.open(4).await?;
    let branch = Branch::open(&kept, day(2026, 1, 5)?).await?;
    println!("Kept in {place} · day {}, {}", branch.number, branch.today);
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

async fn opening_deposits(branch: &Branch) -> Done {
    title("Deposits and salaries: one batch each");
    // Cash is an asset: a debit makes it grow, and a credit makes capital and deposits grow.
    let Branch { bank, teller, cash, capital, employer, .. } = branch;
    let mut batch = Batch::new();
    let paid_in = NewTransaction::transfer(Kind::DEPOSIT, *cash, *capital, eur(1_000_000_00));
    batch.push(paid_in.with_id(branch.id_of_the_day(OPENING)));
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
    let text = Text::new("Salary")?;
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
    let too_much = available(of, anna).await?.checked_add(eur(1_00))?;
    let too_much = NewTransaction::transfer(Kind::TRANSFER, anna, ben, too_much);
    refused("1.00 more than there is", bank.post(teller, too_much).await)?;
    Ok(rent.get().transaction().ok_or("a posting has an id")?)
}

async fn available(of: &Branch, account: AccountId) -> Result<Money, Failure> {
    Ok(of.bank.balance(account).await?.available.ok_or("the present has one")?)
}

async fn all_or_nothing(branch: &Branch, anna: AccountId, ben: AccountId) -> Done {
    title("A transfer with its fee: both or none");
    let Branch { bank, teller, fees, .. } = branch;
    let available = available(branch, anna).await?;
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
        .with_id(branch.id_of_the_day(1))
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
    clock.set(at(branch.month()?.1, 20)?);
    let jobs = Context::system("month-end")?;
    let fee = |of: &AccountId| NewTransaction::transfer(Kind::FEE, *of, *fees, eur(4_90));
    let batch: Batch = customers.iter().map(fee).collect();
    tally("fees", &bank.post_many(&jobs, &batch).await?)?;

    let today = bank.moment().today;
    let year = DayCount::Actual365Fixed.year_fraction(branch.today, today)?;
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
    title("The month is closed");
    let Branch { bank, clock, teller, .. } = branch;
    let (_, last_day) = branch.month()?;
    clock.advance(Duration::hours(36));
    let _ = bank.close_period(teller, last_day).await?;
    let late = NewTransaction::transfer(Kind::TRANSFER, anna, ben, eur(10_00));
    refused("a late posting", bank.post(teller, late.with_booking_date(last_day)).await)
}

async fn reports(branch: &Branch, anna: AccountId) -> Done {
    let bank = &branch.bank;
    println!("\n{}", bank.trial_balance(AsOf::Now).await?);
    let last = bank.book().await?.closed_through.ok_or("a month was closed")?;
    let first = branch.today.with_day(1).ok_or("a month has a first day")?;
    println!("{}", bank.balance_sheet(AsOf::BookingDate(last)).await?);
    println!("{}", bank.income_statement(first, last).await?);
    println!("Statement of account {anna}");
    let month = TransactionQuery::new().booked_between(branch.today, last);
    for line in statement::statement(bank, anna, month).await? {
        println!("{line}");
    }
    println!("\nHolds on it");
    let (query, today) = (HoldQuery::new().touching(anna), at(branch.today, 0)?);
    let (mut holds, mut cursor) = (Vec::new(), None);
    loop {
        let page = bank.holds(&query, MAX_PAGE, cursor).await?;
        holds.extend(page.items.into_iter().filter(|hold| hold.placed_at >= today));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    for hold in holds {
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
