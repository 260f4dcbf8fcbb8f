//! Imports a Czech bank (the Berka data, PKDD'99): its customers, its accounts, joint ones with their
//! mandates, and every movement through gate, mandate and ledger; and checks every running balance
//! against the bank's own.
//!
//! ```text
//! cargo run --release --example import_berka -- DIR
//! cargo run --release --features sqlite --example import_berka -- DIR --store sqlite:FILE
//! cargo run --release --features postgres --example import_berka -- DIR \
//!     --store 'postgres://user@host/database?schema=berka'
//! ```
//!
//! With `--then STORE` the bank is exported, imported there, and exported again: the same checksum.
//! Run again on a store that lasts, it finds everything there already, adds nothing, and checks
//! the same balances. The schema is `berka` unless the address names another.
//!
//! Ends with exit code 1 if a single balance differs.

#![allow(clippy::inconsistent_digit_grouping, reason = "1_000_00 reads as 1,000.00")]

#[path = "support/berka.rs"]
mod berka;
#[path = "support/measure.rs"]
mod measure;
#[path = "support/movement.rs"]
mod movement;
#[path = "support/moving.rs"]
mod moving;
#[path = "support/people.rs"]
mod people;
#[path = "support/place.rs"]
mod place;
#[path = "support/statement.rs"]
mod statement;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use corebank::bank::{Bank, Context, Movement, Orders};
use corebank::id::AccountId;
use corebank::ledger::query::{AsOf, EntryQuery, MAX_PAGE, TransactionQuery};
use corebank::ledger::report::format_minor;
use corebank::ledger::{
    AccountClass, ChartCode, ChartNode, DateBounds, MAX_BATCH, NewAccount, Text,
};
use corebank::money::Currency;
use corebank::time::{ManualClock, Timestamp};

use berka::{Berka, Meaning, Row};
use measure::{Progress, Stopwatch};
use movement::{clearing_code, id, order};
use place::Place;
use statement::statement;

type Failure = Box<dyn Error + Send + Sync>;

/// The day after the last movement: the import books into the past.
const TODAY: &str = "1994-03-31T06:00:00Z";
/// Far enough back for the first movement, on 1993-01-01.
const DAYS_BACK: u64 = 500;
/// The chart: code, class, parent, name. Clearing accounts per partner bank come on top.
const CHART: &[(&str, AccountClass, Option<&str>, &str)] = &[
    ("1000", AccountClass::Asset, None, "Cash"),
    ("1100", AccountClass::Asset, None, "Clearing"),
    ("1190", AccountClass::Asset, Some("1100"), "Clearing with the card network"),
    ("2100", AccountClass::Liability, None, "Customer deposits"),
    ("4000", AccountClass::Income, None, "Income"),
    ("4110", AccountClass::Income, Some("4000"), "Fees for monthly statements"),
    ("4120", AccountClass::Income, Some("4000"), "Fees for weekly statements"),
    ("4130", AccountClass::Income, Some("4000"), "Fees for statements per transaction"),
    ("4200", AccountClass::Income, Some("4000"), "Penalty interest"),
    ("4900", AccountClass::Income, Some("4000"), "Rounding in favour of the bank"),
    ("5000", AccountClass::Expense, None, "Expenses"),
    ("5100", AccountClass::Expense, Some("5000"), "Interest on deposits"),
    ("5900", AccountClass::Expense, Some("5000"), "Rounding in favour of customers"),
];
const DEPOSITS: &str = "2100";

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("import_berka: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Whether everything matches.
async fn run() -> Result<bool, Failure> {
    let (directory, place, then) = arguments()?;
    let data = Berka::read(&directory)?;
    println!("{} movements, {} accounts read", data.rows.len(), data.accounts.len());
    let orders = check_orders(&data);

    println!("kept in {place}");
    let kept = place.open(4).await?;
    let bank = kept
        .builder()
        .clock(ManualClock::new(TODAY.parse::<Timestamp>()?))
        .date_bounds(DateBounds::STANDARD.with_booking(DAYS_BACK, 0))
        .rules(people::rules())
        .open()
        .await?;
    let context = Context::system("import")?;
    let own = open_own_accounts(&bank, &context, &data).await?;
    let people = people::move_in(&bank, &context, &data).await?;
    let posted = post_all(&bank, &context, &data, &own).await?;
    let balances = check_balances(&bank, &data).await?;

    let (trial, sheet) =
        (bank.trial_balance(AsOf::Now).await?, bank.balance_sheet(AsOf::Now).await?);
    println!("\n{trial}\n{sheet}");
    let reports = trial.is_zero() && sheet.is_balanced();
    print_statement(&bank, id::account(2)).await?;
    let proven = check_books(&bank, &context).await?;

    let moved = match &then {
        Some(then) => moving::move_to(&bank, &context, then).await?,
        None => true,
    };
    let all = orders && people && posted && balances && reports && proven && moved;
    println!("\n{}", if all { "everything matches" } else { "SOMETHING DOES NOT MATCH" });
    Ok(all)
}

fn arguments() -> Result<(PathBuf, Place, Option<Place>), Failure> {
    let usage = "give the directory of the files: import_berka DIR [--store STORE] [--then STORE]";
    let (mut directory, mut place, mut then) = (None, Place::Memory, None);
    let mut arguments = std::env::args_os().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--store" {
            let store = arguments.next().ok_or(usage)?;
            place = Place::parse(store.to_str().ok_or(usage)?, "berka")?;
        } else if argument == "--then" {
            let store = arguments.next().ok_or(usage)?;
            then = Some(Place::parse(store.to_str().ok_or(usage)?, "berka_moved")?);
        } else if directory.replace(PathBuf::from(argument)).is_some() {
            return Err(usage.into());
        }
    }
    Ok((directory.ok_or(usage)?, place, then))
}

/// Whether every outgoing transfer carries out a standing order: same partner, same amount.
fn check_orders(data: &Berka) -> bool {
    let transfers = data.rows.iter().filter(|row| row.meaning == Meaning::TransferOut);
    let (mut total, mut known) = (0_u32, 0_u32);
    for row in transfers {
        let partner = row.partner.as_ref().map(|at| (at.bank.clone(), at.account.clone()));
        let (bank, account) = partner.unwrap_or_default();
        let order = (row.account, bank, account, row.amount.minor().saturating_neg());
        total = total.saturating_add(1);
        known = known.saturating_add(u32::from(data.orders.contains(&order)));
    }
    println!("{known} of {total} outgoing transfers match a standing order");
    known == total
}

/// Defines the chart and opens the bank's own accounts, one under each leaf.
async fn open_own_accounts(
    bank: &Bank,
    context: &Context,
    data: &Berka,
) -> Result<BTreeMap<String, AccountId>, Failure> {
    let mut nodes = Vec::new();
    for &(code, class, parent, name) in CHART {
        let parent = parent.map(ChartCode::new).transpose()?;
        nodes.push(ChartNode::new(ChartCode::new(code)?, class, parent, Text::new(name)?));
    }
    let clearing = ChartCode::new("1100")?;
    let partners = data.rows.iter().filter_map(|row| row.partner.as_ref());
    for partner in partners.map(|partner| partner.bank.as_str()).collect::<BTreeSet<_>>() {
        let code = ChartCode::new(&clearing_code(partner))?;
        let name = Text::new(&format!("Clearing with {partner}"))?;
        nodes.push(ChartNode::new(code, AccountClass::Asset, Some(clearing), name));
    }
    let _ = bank.define_chart(context, &nodes).await?;

    let parents: BTreeSet<_> = nodes.iter().filter_map(|node| node.parent).collect();
    let (mut own, mut accounts) = (BTreeMap::new(), Vec::new());
    for (number, node) in (1_u32..).zip(&nodes) {
        if parents.contains(&node.code) || node.code.as_str() == DEPOSITS {
            continue;
        }
        let id = id::own_account(number);
        own.insert(node.code.to_string(), id);
        let account = NewAccount::new(node.code, Currency::CZK).with_id(id);
        accounts.push(account.with_name(node.name.clone()));
    }
    bank.open_accounts(context, &accounts).await?;
    Ok(own)
}

/// Posts all movements in their order, then the first batch again.
async fn post_all(
    bank: &Bank,
    context: &Context,
    data: &Berka,
    own: &BTreeMap<String, AccountId>,
) -> Result<bool, Failure> {
    let progress = Progress::new("posting", data.rows.len());
    let (mut applied, mut known, mut done) = (0_usize, 0_usize, 0_usize);
    let watch = Stopwatch::start();
    for rows in data.rows.chunks(MAX_BATCH) {
        let outcomes = bank.carry_out_many(context, &batch(rows, data, own)?).await?;
        for (row, outcome) in rows.iter().zip(&outcomes) {
            if let Err(why) = outcome {
                eprintln!("movement {} refused: {why}", row.id);
            }
        }
        known = known.saturating_add(replayed(&outcomes));
        applied = applied.saturating_add(outcomes.iter().filter(|one| one.is_ok()).count());
        done = done.saturating_add(rows.len());
        progress.at(done);
    }
    let refused = done.saturating_sub(applied);
    applied = applied.saturating_sub(known);
    let took = watch.stop(done);
    println!("{applied} movements posted, {known} were there, {refused} refused: {took}");

    let first = data.rows.chunks(MAX_BATCH).next().unwrap_or_default();
    let watch = Stopwatch::start();
    let again = bank.carry_out_many(context, &batch(first, data, own)?).await?;
    let replayed = replayed(&again);
    let took = watch.stop(replayed);
    println!("{replayed} of {} sent again were replayed: {took}", first.len());
    Ok(refused == 0 && replayed == first.len())
}

fn replayed(outcomes: &[Movement]) -> usize {
    outcomes.iter().flatten().filter(|outcome| outcome.is_replayed()).count()
}

fn batch(rows: &[Row], data: &Berka, own: &BTreeMap<String, AccountId>) -> Result<Orders, Failure> {
    rows.iter().map(|row| order(row, data, own)).collect()
}

/// Compares the balance after each row with the bank's own, from the entries as they were read
/// back. A row with an adjustment is two entries on the account; the last one counts.
async fn check_balances(bank: &Bank, data: &Berka) -> Result<bool, Failure> {
    let accounts: BTreeSet<u32> = data.rows.iter().map(|row| row.account).collect();
    let progress = Progress::new("reading", accounts.len());
    let watch = Stopwatch::start();
    let (mut after, mut order) = (HashMap::new(), Vec::with_capacity(data.rows.len()));
    for (done, number) in (1_usize..).zip(accounts) {
        let query = EntryQuery::new(id::account(number));
        let mut cursor = None;
        loop {
            let page = bank.entries(&query, MAX_PAGE, cursor).await?;
            for entry in page.items {
                if after.insert(entry.transaction, entry.balance_after).is_none() {
                    order.push(entry.transaction);
                }
            }
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        progress.at(done);
    }
    println!("{} movements read back: {}", order.len(), watch.stop(order.len()));

    let (mut matching, mut negative, mut lowest) = (0_usize, 0_usize, 0_i64);
    for row in &data.rows {
        let found = after.get(&id::transaction(row.id)).copied();
        if found == Some(row.balance.minor()) {
            matching = matching.saturating_add(1);
        } else {
            println!("movement {}: balance {found:?}, the bank had {}", row.id, row.balance);
        }
        negative = negative.saturating_add(usize::from(found.is_some_and(|after| after < 0)));
        lowest = lowest.min(found.unwrap_or(0));
    }
    let in_order = order.into_iter().eq(data.rows.iter().map(|row| id::transaction(row.id)));
    println!("{matching} of {} balances match", data.rows.len());
    println!("{negative} negative rows, the lowest {}", format_minor(i128::from(lowest), 2));
    let expected = data.rows.iter().filter(|row| row.balance.is_negative()).count();
    Ok(matching == data.rows.len() && negative == expected && in_order)
}

async fn print_statement(bank: &Bank, account: AccountId) -> Result<(), Failure> {
    let lines = statement(bank, account, TransactionQuery::new()).await?;
    let (first, last) = (lines.iter().take(15), lines.len().saturating_sub(5).max(15));
    println!("Statement of {account}");
    first.for_each(|line| println!("{line}"));
    println!("  … {} more …", last.saturating_sub(15));
    lines.iter().skip(last).for_each(|line| println!("{line}"));
    Ok(())
}

/// Verifies the books from the entries alone, seals the journal and checks the seals.
async fn check_books(bank: &Bank, context: &Context) -> Result<bool, Failure> {
    let records = usize::try_from(bank.head().await?.position)?;
    let watch = Stopwatch::start();
    let verified = bank.verify().await?;
    println!(
        "\nverify: {} transactions, {} entries, {} accounts, {} differences\n  {}",
        verified.transactions,
        verified.entries,
        verified.accounts,
        verified.differences.len(),
        watch.stop(records)
    );
    verified.differences.iter().take(10).for_each(|difference| println!("  {difference:?}"));
    let watch = Stopwatch::start();
    let sealed = bank.seal(context).await?;
    let took = watch.stop(usize::try_from(sealed.records)?);
    println!("seal: {} records in {} blocks\n  {took}", sealed.records, sealed.blocks);
    let watch = Stopwatch::start();
    let seals = bank.verify_seals().await?;
    let took = watch.stop(records);
    println!("verify_seals: {} records, {} faults\n  {took}", seals.records, seals.faults.len());
    seals.faults.iter().take(10).for_each(|fault| println!("  {fault}"));
    Ok(verified.is_clean() && seals.is_clean())
}
