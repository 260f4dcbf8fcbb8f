//! How `bank_day` prints what happened, and the small conversions that it needs.

use chrono::NaiveDate;
use corebank::bank::{Bank, Error, ItemOutcome};
use corebank::id::AccountId;
use corebank::money::{Currency, Money};

pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;
pub(crate) type Done = Result<(), Failure>;

/// An amount in cents.
pub(crate) const fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

pub(crate) fn day(year: i32, month: u32, day: u32) -> Result<NaiveDate, Failure> {
    Ok(NaiveDate::from_ymd_opt(year, month, day).ok_or("no such day")?)
}

pub(crate) fn title(text: &str) {
    println!("\n{text}");
}

pub(crate) fn line(what: &str, value: &str) {
    println!("  {what:<26} {value}");
}

/// The outcome of a batch of which nothing may be refused.
pub(crate) fn tally(what: &str, outcomes: &[ItemOutcome]) -> Done {
    if let Some(Err(refusal)) = outcomes.iter().find(|outcome| outcome.is_err()) {
        return Err(refusal.clone().into());
    }
    line(what, &format!("{} posted", outcomes.len()));
    Ok(())
}

/// The two balances of an account.
pub(crate) async fn balance(bank: &Bank, what: &str, account: AccountId) -> Done {
    let at = bank.balance(account).await?;
    let available = at.available.ok_or("the present has an available balance")?;
    line(what, &format!("ledger {}, available {available}", at.ledger));
    Ok(())
}

/// Prints the refusal that was expected; anything else is a mistake of this example.
pub(crate) fn refused<T>(what: &str, outcome: Result<T, Error>) -> Done {
    match outcome {
        Err(Error::Refused(refusal)) => {
            line(what, &format!("refused ({})", refusal.code()));
            println!("    {refusal}");
            Ok(())
        }
        Err(error) => Err(error.into()),
        Ok(_) => Err(format!("{what}: should have been refused").into()),
    }
}
