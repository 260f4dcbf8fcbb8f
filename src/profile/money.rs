//! Amounts in columns of two decimals (C05, C20).

use rust_decimal::Decimal;

use super::Refusal;
use crate::money::{Currency, Money};

fn unsayable(code: &str) -> Refusal {
    Refusal::CurrencyUnsayable { currency: code.to_owned() }
}

/// A currency that every profile can say: of ISO 4217, with two decimals.
pub(super) fn sayable(currency: Currency) -> Result<(), Refusal> {
    if currency.exponent() == 2 && currency.is_iso() {
        Ok(())
    } else {
        Err(unsayable(currency.code()))
    }
}

/// The only currency of tables without a column for it (C20).
pub(super) fn only_usd(currency: Currency) -> Result<(), Refusal> {
    if currency == Currency::USD { Ok(()) } else { Err(unsayable(currency.code())) }
}

/// A currency by its code.
pub(super) fn currency(code: &str) -> Result<Currency, Refusal> {
    let currency = Currency::iso(code).map_err(|_| Refusal::CurrencyUnsayable {
        // What is no code is not repeated.
        currency: code.chars().filter(char::is_ascii_uppercase).take(3).collect(),
    })?;
    sayable(currency)?;
    Ok(currency)
}

/// An amount as a number of whole units with two decimals.
pub(super) fn decimal(money: Money) -> Result<Decimal, Refusal> {
    sayable(money.currency())?;
    Ok(money.to_decimal())
}

/// An amount that may be missing.
pub(super) fn opt_decimal(money: Option<Money>) -> Result<Option<Decimal>, Refusal> {
    money.map(decimal).transpose()
}

/// The amount of a number, exactly.
pub(super) fn money(number: Decimal, currency: Currency) -> Result<Money, Refusal> {
    Money::from_decimal_exact(number, currency).map_err(|_| unsayable(currency.code()))
}
