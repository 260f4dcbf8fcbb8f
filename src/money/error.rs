//! What money and currencies refuse, and why.

use super::currency::{Currency, CurrencyCode, MAX_CODE_LEN, MAX_EXPONENT, MIN_CODE_LEN};

/// Why a currency was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CurrencyError {
    /// The text does not have the form of a currency code.
    #[error(
        "not a currency code: use {MIN_CODE_LEN} to {MAX_CODE_LEN} upper-case ASCII letters or \
         digits, the first a letter"
    )]
    InvalidCode,
    /// Neither ISO 4217 nor the registry knows the code.
    #[error("currency {code} is not known: check the code, or register it as a custom currency")]
    Unknown {
        /// The code that was asked for.
        code: CurrencyCode,
    },
    /// ISO 4217 knows the code, but it has no minor unit, so no amount of it can be booked.
    #[error("{code} has no minor unit in ISO 4217: register a custom currency with its own code")]
    NoMinorUnit {
        /// The code that was asked for.
        code: CurrencyCode,
    },
    /// ISO 4217 withdrew the code.
    #[error("currency {code} was withdrawn from ISO 4217: use the currency that replaced it")]
    Withdrawn {
        /// The code that was asked for.
        code: CurrencyCode,
    },
    /// A custom currency may not take a code that ISO 4217 uses, or has ever used.
    #[error("{code} belongs to ISO 4217: choose another code for the custom currency")]
    ClashesWithIso {
        /// The code that was asked for.
        code: CurrencyCode,
    },
    /// A custom currency has too many decimal digits.
    #[error("{exponent} decimal digits are too many: a currency has at most {MAX_EXPONENT}")]
    ExponentTooLarge {
        /// The exponent that was asked for.
        exponent: u8,
    },
    /// The code is registered with another exponent.
    #[error(
        "currency {code} is already registered with {registered} decimal digits, not {offered}: \
         keep the registered one or choose another code"
    )]
    AlreadyRegistered {
        /// The code.
        code: CurrencyCode,
        /// The exponent in the registry.
        registered: u8,
        /// The exponent that was offered.
        offered: u8,
    },
}

impl CurrencyError {
    /// A stable, machine-readable name of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InvalidCode => "currency.invalid_code",
            Self::Unknown { .. } => "currency.unknown",
            Self::NoMinorUnit { .. } => "currency.no_minor_unit",
            Self::Withdrawn { .. } => "currency.withdrawn",
            Self::ClashesWithIso { .. } => "currency.clashes_with_iso",
            Self::ExponentTooLarge { .. } => "currency.exponent_too_large",
            Self::AlreadyRegistered { .. } => "currency.already_registered",
        }
    }
}

/// Why an operation on money was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MoneyError {
    /// Two amounts, or an amount and a rate, are in different currencies.
    #[error("{left} and {right} cannot be mixed: convert one of them with a rate first")]
    CurrencyMismatch {
        /// The currency that was expected.
        left: Currency,
        /// The currency that came.
        right: Currency,
    },
    /// The result does not fit; nothing was wrapped or cut.
    #[error("the result is too large to represent: use smaller amounts or factors")]
    Overflow,
    /// A division by zero was asked for.
    #[error("cannot divide by zero: give a divisor other than zero")]
    DivisionByZero,
    /// The text is not an amount.
    #[error("not an amount: write an optional '-', digits, and optionally '.' and digits")]
    InvalidAmount,
    /// The amount has more decimal digits than its currency.
    #[error("too many decimal digits: at most {max} are allowed, round first")]
    TooManyDecimals {
        /// The most that is allowed here.
        max: u8,
    },
    /// The text should hold one amount and one currency code, with one space between them.
    #[error("not an amount with its currency: write a code, one space and an amount")]
    MissingCode,
    /// A sum of no amounts has no currency.
    #[error("there is nothing to add up: start from Money::zero of the wanted currency")]
    NothingToSum,
    /// An allocation needs at least one weight.
    #[error("no weights were given: give at least one")]
    NoWeights,
    /// An allocation needs at least one weight above zero.
    #[error("all weights are zero: give at least one above zero")]
    ZeroWeights,
    /// An amount cannot be cut into so many parts.
    #[error("too many parts: at most {max} are allowed")]
    TooManyParts {
        /// The most that is allowed.
        max: u32,
    },
    /// A rate must be above zero.
    #[error("an exchange rate must be above zero, also after rounding: keep more digits")]
    RateNotPositive,
    /// A rate must lead from one currency to another.
    #[error("an exchange rate needs two different currencies, both are {currency}")]
    RateSameCurrency {
        /// The one currency.
        currency: Currency,
    },
    /// The currency was refused.
    #[error(transparent)]
    Currency(#[from] CurrencyError),
}

impl MoneyError {
    /// A stable, machine-readable name of this error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::CurrencyMismatch { .. } => "money.currency_mismatch",
            Self::Overflow => "money.overflow",
            Self::DivisionByZero => "money.division_by_zero",
            Self::InvalidAmount => "money.invalid_amount",
            Self::TooManyDecimals { .. } => "money.too_many_decimals",
            Self::MissingCode => "money.missing_code",
            Self::NothingToSum => "money.nothing_to_sum",
            Self::NoWeights => "money.no_weights",
            Self::ZeroWeights => "money.zero_weights",
            Self::TooManyParts { .. } => "money.too_many_parts",
            Self::RateNotPositive => "money.rate_not_positive",
            Self::RateSameCurrency { .. } => "money.rate_same_currency",
            Self::Currency(inner) => inner.code(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_messages_say_what_to_do() {
        let code = Currency::USD.currency_code();
        let currency = [
            CurrencyError::InvalidCode,
            CurrencyError::Unknown { code },
            CurrencyError::NoMinorUnit { code },
            CurrencyError::Withdrawn { code },
            CurrencyError::ClashesWithIso { code },
            CurrencyError::ExponentTooLarge { exponent: 19 },
            CurrencyError::AlreadyRegistered { code, registered: 0, offered: 2 },
        ];
        let money = [
            MoneyError::CurrencyMismatch { left: Currency::USD, right: Currency::EUR },
            MoneyError::Overflow,
            MoneyError::DivisionByZero,
            MoneyError::InvalidAmount,
            MoneyError::TooManyDecimals { max: 2 },
            MoneyError::MissingCode,
            MoneyError::NothingToSum,
            MoneyError::NoWeights,
            MoneyError::ZeroWeights,
            MoneyError::TooManyParts { max: 1 },
            MoneyError::RateNotPositive,
            MoneyError::RateSameCurrency { currency: Currency::USD },
        ];
        let codes: BTreeSet<_> =
            currency.iter().map(|e| e.code()).chain(money.iter().map(|e| e.code())).collect();
        assert_eq!(codes.len(), currency.len() + money.len());
        assert_eq!(MoneyError::from(CurrencyError::InvalidCode).code(), "currency.invalid_code");
        assert_eq!(
            MoneyError::CurrencyMismatch { left: Currency::USD, right: Currency::EUR }.to_string(),
            "USD and EUR cannot be mixed: convert one of them with a rate first"
        );
        assert!(money.iter().all(|e| !e.to_string().is_empty()));
    }
}
