//! The bank of `bank_day`: opened on its first day, and found again on every later one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{Datelike, Months, NaiveDate};
use corebank::bank::{Bank, Context};
use corebank::id::{AccountId, SeededIds, TransactionId};
use corebank::ledger::{
    AccountClass, Actor, Channel, ChartCode, ChartNode, FloorPolicy, Labels, NewAccount, Refusal,
    Text,
};
use corebank::money::Currency;
use corebank::time::{ManualClock, Timestamp, Weekends, next_business_day};
use uuid::Uuid;

use super::place::{Kept, Place};
use super::show::{Done, Failure, day};

/// The bank, its clock, the one who acts, and the accounts that the day needs.
pub(crate) struct Branch {
    pub(crate) bank: Bank,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) teller: Context,
    /// Which day of the bank it is, from 1, and its date.
    pub(crate) number: u32,
    pub(crate) today: NaiveDate,
    pub(crate) cash: AccountId,
    pub(crate) cards: AccountId,
    pub(crate) fees: AccountId,
    pub(crate) interest: AccountId,
    pub(crate) capital: AccountId,
    pub(crate) employer: AccountId,
    pub(crate) customers: Vec<AccountId>,
}

/// The chart: the code of an account decides its class, and so its side of the book.
const CHART: [(&str, AccountClass, &str); 6] = [
    ("1000", AccountClass::Asset, "Cash in vault"),
    ("1100", AccountClass::Asset, "Card network"),
    ("2100", AccountClass::Liability, "Customer deposits"),
    ("3000", AccountClass::Equity, "Share capital"),
    ("4100", AccountClass::Income, "Account fees"),
    ("5100", AccountClass::Expense, "Interest on deposits"),
];

/// What `--store` says, or else a SQLite file that the next run finds.
pub(crate) fn place() -> Result<Place, Failure> {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next(), arguments.next()) {
        (Some("--store"), Some(store), None) => Place::parse(&store, "bank_day"),
        (None, ..) if cfg!(feature = "sqlite") => Ok(Place::Sqlite(default_file())),
        (None, ..) => Ok(Place::Memory),
        _ => Err("bank_day [--store memory|sqlite:FILE|postgres://..[?schema=NAME]]".into()),
    }
}

/// In the folder that `cargo clean` empties, if we stand beside it.
fn default_file() -> PathBuf {
    let target = Path::new("target");
    let folder = if target.is_dir() { target.to_owned() } else { std::env::temp_dir() };
    folder.join("bank_day.sqlite")
}

impl Branch {
    /// A clock that we move ourselves, and ids that repeat: production takes neither, and
    /// `Bank::open(store)` is enough.
    pub(crate) async fn open(kept: &Kept, first_day: NaiveDate) -> Result<Self, Failure> {
        let clock = Arc::new(ManualClock::new(at(first_day, 8)?));
        let ids = SeededIds::new(2026);
        let bank = kept.builder().shared_clock(clock.clone()).ids(ids).open().await?;
        // A journal that goes on begins where it ended: on the next business day.
        let head = bank.head().await?;
        if head.position > 0 {
            let next = next_business_day(head.instant.date_utc(), &Weekends::default())?;
            clock.set(at(next, 8)?);
        }
        let teller = Context::new(Actor::new("user:teller-1")?, Channel::BRANCH);
        define_chart(&bank, &teller).await?;
        // An id that we chose opens the account once, and finds it ever after.
        let own = async |code, number| -> Result<AccountId, Failure> {
            let account = NewAccount::new(ChartCode::new(code)?, Currency::EUR);
            let account = account.with_id(AccountId::from_u128(number));
            Ok(bank.open_account(&teller, account).await?.into_inner())
        };
        Ok(Self {
            cash: own("1000", 1).await?,
            cards: own("1100", 2).await?,
            capital: own("3000", 3).await?,
            fees: own("4100", 4).await?,
            interest: own("5100", 5).await?,
            employer: own("2100", 6).await?,
            customers: open_customers(&bank, &teller).await?,
            number: count_days(&bank).await?,
            today: bank.moment().today,
            bank,
            clock,
            teller,
        })
    }

    /// An id for one thing that happens once each day.
    pub(crate) fn id_of_the_day(&self, thing: u32) -> TransactionId {
        daily(self.number, thing)
    }

    /// The first and the last day of the month that the clock shows.
    pub(crate) fn month(&self) -> Result<(NaiveDate, NaiveDate), Failure> {
        let today = self.bank.moment().today;
        let first = day(today.year(), today.month(), 1)?;
        let next = first.checked_add_months(Months::new(1));
        let last = next.and_then(|next| next.pred_opt());
        Ok((first, last.ok_or("the end of time")?))
    }
}

/// What opens a day: the first thing that is posted on it.
pub(crate) const OPENING: u32 = 0;

fn daily(number: u32, thing: u32) -> TransactionId {
    TransactionId::from_uuid(Uuid::from_u64_pair(u64::from(number), u64::from(thing)))
}

/// The number of the day that begins: the first one whose opening is not in the books.
async fn count_days(bank: &Bank) -> Result<u32, Failure> {
    let mut number = 1_u32;
    loop {
        match bank.transaction(daily(number, OPENING)).await {
            Ok(_) => number = number.saturating_add(1),
            Err(error) if matches!(error.refusal(), Some(Refusal::UnknownTransaction { .. })) => {
                return Ok(number);
            }
            Err(error) => return Err(error.into()),
        }
    }
}

async fn define_chart(bank: &Bank, teller: &Context) -> Done {
    let mut nodes = Vec::new();
    for (code, class, name) in CHART {
        nodes.push(ChartNode::new(ChartCode::new(code)?, class, None, Text::new(name)?));
    }
    let _ = bank.define_chart(teller, &nodes).await?;
    Ok(())
}

async fn open_customers(bank: &Bank, teller: &Context) -> Result<Vec<AccountId>, Failure> {
    // Deposits cannot go below zero unless agreed. The labels tell limits whose account it is.
    let deposits = ChartCode::new("2100")?;
    let accounts = (1..=200_u128).map(|number| {
        let labels = Labels { customer: Some(Uuid::from_u128(number)), branch: None };
        let id = AccountId::from_u128(number.saturating_add(1_000));
        let account = NewAccount::new(deposits, Currency::EUR).with_id(id).with_labels(labels);
        // Every tenth customer has an overdraft of EUR 500.00.
        match number.is_multiple_of(10) {
            true => account.with_floor(FloorPolicy::Overdraft(500_00)),
            false => account,
        }
    });
    let opened = bank.open_accounts(teller, &accounts.collect::<Vec<_>>()).await?;
    Ok(opened.into_iter().map(|outcome| outcome.into_inner()).collect())
}

/// An hour of a day, in UTC.
pub(crate) fn at(day: NaiveDate, hour: u32) -> Result<Timestamp, Failure> {
    let at = day.and_hms_opt(hour, 0, 0).ok_or("no such hour")?;
    Ok(Timestamp::from_datetime(at.and_utc())?)
}
