//! Imports the real movements of a Czech bank (the Berka data, PKDD'99) and checks every running
//! balance against the bank's own.
//!
//! ```text
//! cargo run --release --example import_berka -- DIR
//! ```
//!
//! Ends with exit code 1 if a single balance differs.

#![allow(clippy::inconsistent_digit_grouping, reason = "1_000_00 reads as 1,000.00")]

#[path = "support/berka.rs"]
mod berka;
#[path = "support/measure.rs"]
mod measure;
#[path = "support/statement.rs"]
mod statement;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use corebank::bank::{Bank, Context};
use corebank::id::{AccountId, TransactionId};
use corebank::ledger::query::{AsOf, EntryQuery, MAX_PAGE};
use corebank::ledger::report::format_minor;
use corebank::ledger::{
    AccountClass, Batch, ChartCode, ChartNode, DateBounds, FloorPolicy, Kind, Labels, MAX_BATCH,
    NewAccount, NewTransaction, Reference, Text,
};
use corebank::money::Currency;
use corebank::store::memory::MemoryStore;
use corebank::time::{ManualClock, Timestamp};
use uuid::Uuid;

use berka::{Berka, Meaning, Row, Statements};
use measure::{Progress, Stopwatch};
use statement::statement;

type Failure = Box<dyn Error + Send + Sync>;

/// The day after the last movement: the import books into the past.
const TODAY: &str = "1994-03-31T06:00:00Z";
/// Far enough back for the first movement, on 1993-01-01.
const DAYS_BACK: u64 = 500;
/// The overdraft of the accounts that the bank let go below zero: CZK 6,000.00.
const OVERDRAFT: i64 = 6_000_00;

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

/// Ids that follow from the data, so that a second run repeats the first instead of adding to it.
mod id {
    use super::{AccountId, TransactionId, Uuid};

    const fn numbered(namespace: u64, number: u32) -> Uuid {
        Uuid::from_u64_pair(namespace, number as u64)
    }

    pub(super) const fn account(number: u32) -> AccountId {
        AccountId::from_uuid(numbered(1, number))
    }

    pub(super) const fn own_account(number: u32) -> AccountId {
        AccountId::from_uuid(numbered(2, number))
    }

    pub(super) const fn transaction(number: u32) -> TransactionId {
        TransactionId::from_uuid(numbered(3, number))
    }

    pub(super) const fn client(number: u32) -> Uuid {
        numbered(4, number)
    }

    pub(super) const fn district(number: u32) -> Uuid {
        numbered(5, number)
    }
}

#[tokio::main(flavor = "current_thread")]
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
    let usage = "give the directory of the Berka files: import_berka DIR";
    let directory = std::env::args_os().nth(1).ok_or(usage)?;
    let data = Berka::read(Path::new(&directory))?;
    println!("{} movements, {} accounts read", data.rows.len(), data.accounts.len());
    let orders = check_orders(&data);

    let bank = Bank::builder(MemoryStore::new())
        .clock(ManualClock::new(TODAY.parse::<Timestamp>()?))
        .date_bounds(DateBounds::STANDARD.with_booking(DAYS_BACK, 0))
        .open()
        .await?;
    let context = Context::system("import")?;
    let own = open_own_accounts(&bank, &context, &data).await?;
    open_customer_accounts(&bank, &context, &data).await?;
    let posted = post_all(&bank, &context, &data, &own).await?;
    let balances = check_balances(&bank, &data).await?;

    let (trial, sheet) =
        (bank.trial_balance(AsOf::Now).await?, bank.balance_sheet(AsOf::Now).await?);
    println!("\n{trial}\n{sheet}");
    let reports = trial.is_zero() && sheet.is_balanced();
    print_statement(&bank, id::account(2)).await?;
    let proven = check_books(&bank, &context).await?;

    let all = orders && posted && balances && reports && proven;
    println!("\n{}", if all { "everything matches" } else { "SOMETHING DOES NOT MATCH" });
    Ok(all)
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

fn clearing_code(partner: &str) -> String {
    format!("1100.{partner}")
}

/// Opens every account of `account.asc`. Only those that the bank let go below zero may do so
/// here; that the others never try is part of what the import shows.
async fn open_customer_accounts(
    bank: &Bank,
    context: &Context,
    data: &Berka,
) -> Result<(), Failure> {
    let negative = data.rows.iter().filter(|row| row.balance.is_negative());
    let overdrawn: BTreeSet<u32> = negative.map(|row| row.account).collect();
    let code = ChartCode::new(DEPOSITS)?;
    let accounts = data.accounts.iter().map(|(number, account)| {
        let labels = Labels {
            customer: Some(id::client(account.owner)),
            branch: Some(id::district(account.district)),
        };
        let new = NewAccount::new(code, Currency::CZK).with_id(id::account(*number));
        match overdrawn.contains(number) {
            true => new.with_labels(labels).with_floor(FloorPolicy::Overdraft(OVERDRAFT)),
            false => new.with_labels(labels),
        }
    });
    let accounts: Vec<NewAccount> = accounts.collect();
    let watch = Stopwatch::start();
    for chunk in accounts.chunks(MAX_BATCH) {
        bank.open_accounts(context, chunk).await?;
    }
    let took = watch.stop(accounts.len());
    println!("{} accounts opened, {} with an overdraft: {took}", accounts.len(), overdrawn.len());
    Ok(())
}

/// Posts all movements in their order, then the first batch again.
async fn post_all(
    bank: &Bank,
    context: &Context,
    data: &Berka,
    own: &BTreeMap<String, AccountId>,
) -> Result<bool, Failure> {
    let progress = Progress::new("posting", data.rows.len());
    let (mut applied, mut refused, mut done) = (0_usize, 0_usize, 0_usize);
    let watch = Stopwatch::start();
    for rows in data.rows.chunks(MAX_BATCH) {
        let batch = batch(rows, data, own)?;
        for (row, outcome) in rows.iter().zip(bank.post_many(context, &batch).await?) {
            match outcome {
                Ok(_) => applied = applied.saturating_add(1),
                Err(why) => {
                    refused = refused.saturating_add(1);
                    eprintln!("movement {} refused: {why}", row.id);
                }
            }
        }
        done = done.saturating_add(rows.len());
        progress.at(done);
    }
    println!("{applied} movements posted, {refused} refused: {}", watch.stop(done));

    let first = data.rows.chunks(MAX_BATCH).next().unwrap_or_default();
    let watch = Stopwatch::start();
    let again = bank.post_many(context, &batch(first, data, own)?).await?;
    let replayed = again.iter().flatten().filter(|outcome| outcome.is_replayed()).count();
    let took = watch.stop(replayed);
    println!("{replayed} of {} sent again were replayed: {took}", first.len());
    Ok(refused == 0 && replayed == first.len())
}

fn batch(rows: &[Row], data: &Berka, own: &BTreeMap<String, AccountId>) -> Result<Batch, Failure> {
    rows.iter().map(|row| transaction(row, data, own)).collect()
}

/// A movement as a transaction: the printed amount against the account that gives it its meaning
/// and, if the bank's arithmetic differs from what it printed, the rest against rounding.
fn transaction(
    row: &Row,
    data: &Berka,
    own: &BTreeMap<String, AccountId>,
) -> Result<NewTransaction, Failure> {
    let account = |code: &str| own.get(code).copied().ok_or_else(|| format!("no account {code}"));
    let customer = id::account(row.account);
    let contra = account(&contra_code(row, data)?)?;
    let mut transaction = NewTransaction::new(kind(row.meaning)?)
        .with_id(id::transaction(row.id))
        .with_booking_date(row.date)
        .with_description(Text::new(&description(row))?);
    if let Some(partner) = &row.partner {
        let reference = format!("{}/{}", partner.bank, partner.account);
        transaction = transaction.with_reference(Reference::new(&reference)?);
    }
    let rounding = account(if row.adjustment.is_negative() { "4900" } else { "5900" })?;
    for (money, against) in [(row.amount, contra), (row.adjustment, rounding)] {
        if money.is_positive() {
            transaction = transaction.debit(against, money).credit(customer, money);
        } else if money.is_negative() {
            let money = money.checked_neg()?;
            transaction = transaction.debit(customer, money).credit(against, money);
        }
    }
    Ok(transaction)
}

fn contra_code(row: &Row, data: &Berka) -> Result<String, Failure> {
    let code = match row.meaning {
        Meaning::CashPaidIn | Meaning::CashPaidOut => "1000",
        Meaning::CashMachine => "1190",
        Meaning::TransferIn | Meaning::TransferOut => {
            let partner = row.partner.as_ref().ok_or("a transfer without partner bank")?;
            return Ok(clearing_code(&partner.bank));
        }
        Meaning::Interest => "5100",
        Meaning::PenaltyInterest => "4200",
        Meaning::StatementFee => {
            let account = data.accounts.get(&row.account).ok_or("a movement without account")?;
            match account.statements {
                Statements::Monthly => "4110",
                Statements::Weekly => "4120",
                Statements::PerTransaction => "4130",
            }
        }
    };
    Ok(code.to_owned())
}

fn kind(meaning: Meaning) -> Result<Kind, Failure> {
    Ok(match meaning {
        Meaning::CashPaidIn => Kind::DEPOSIT,
        Meaning::CashPaidOut => Kind::WITHDRAWAL,
        Meaning::CashMachine => Kind::new("card_withdrawal")?,
        Meaning::TransferIn => Kind::TRANSFER,
        Meaning::TransferOut => Kind::PAYMENT,
        Meaning::Interest => Kind::INTEREST,
        Meaning::StatementFee => Kind::FEE,
        Meaning::PenaltyInterest => Kind::new("penalty_interest")?,
    })
}

fn description(row: &Row) -> String {
    let what = match (row.meaning, row.purpose.as_str()) {
        (Meaning::CashPaidIn, _) => "Cash paid in",
        (Meaning::CashPaidOut, "SIPO") => "Household payment in cash",
        (Meaning::CashPaidOut, _) => "Cash withdrawal",
        (Meaning::CashMachine, _) => "Cash withdrawal by card",
        (Meaning::TransferIn, "DUCHOD") => "Pension",
        (Meaning::TransferIn, _) => "Transfer received",
        (Meaning::TransferOut, "SIPO") => "Household payment",
        (Meaning::TransferOut, "POJISTNE") => "Insurance premium",
        (Meaning::TransferOut, "UVER") => "Loan payment",
        (Meaning::TransferOut, _) => "Transfer",
        (Meaning::Interest, _) => "Interest",
        (Meaning::StatementFee, _) => "Fee for statement",
        (Meaning::PenaltyInterest, _) => "Penalty interest",
    };
    match &row.partner {
        Some(partner) => format!("{what}, {}/{}", partner.bank, partner.account),
        None => what.to_owned(),
    }
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
    let lines = statement(bank, account).await?;
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
