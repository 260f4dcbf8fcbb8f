//! An amount of money, in the smallest units of its currency.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::currency::Currency;
use super::error::MoneyError;
use super::rounding::{Rounding, divide_rounded, pow10};

/// An amount of one currency: a whole number of its smallest units, in 16 bytes.
///
/// There are no operators: every operation can be refused, because two amounts may be of
/// different currencies or the result may not fit. There is no order across currencies either,
/// so use [`Money::compare`].
///
/// ```
/// # use corebank::money::{Currency, Money};
/// let price = Money::parse("12.30", Currency::USD)?;
/// assert_eq!(price.minor(), 1230);
/// assert_eq!(price.checked_add(Money::new(70, Currency::USD))?.to_string(), "USD 13.00");
/// assert!(price.checked_add(Money::new(70, Currency::EUR)).is_err());
/// # Ok::<(), corebank::money::MoneyError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[must_use]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// An amount in the smallest units of the currency: cents for USD, yen for JPY.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, of this currency.
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// The number of smallest units.
    #[must_use]
    pub const fn minor(&self) -> i64 {
        self.minor
    }

    /// The currency.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// Whether the amount is zero.
    #[must_use]
    pub const fn is_zero(&self) -> bool {
        self.minor == 0
    }

    /// Whether the amount is above zero.
    #[must_use]
    pub const fn is_positive(&self) -> bool {
        self.minor > 0
    }

    /// Whether the amount is below zero.
    #[must_use]
    pub const fn is_negative(&self) -> bool {
        self.minor < 0
    }

    /// This amount and another of the same currency.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], [`MoneyError::Overflow`].
    pub fn checked_add(&self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        self.with(self.minor.checked_add(other.minor))
    }

    /// This amount less another of the same currency.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], [`MoneyError::Overflow`].
    pub fn checked_sub(&self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        self.with(self.minor.checked_sub(other.minor))
    }

    /// The same amount with the other sign.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] for `i64::MIN` units.
    pub fn checked_neg(&self) -> Result<Self, MoneyError> {
        self.with(self.minor.checked_neg())
    }

    /// This amount a whole number of times.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn checked_mul_int(&self, times: i64) -> Result<Self, MoneyError> {
        self.with(self.minor.checked_mul(times))
    }

    /// The sum of amounts of one currency. Only the sum must fit, not every partial sum, so the
    /// order of the amounts does not matter.
    ///
    /// # Errors
    /// [`MoneyError::NothingToSum`] for no amounts, [`MoneyError::CurrencyMismatch`],
    /// [`MoneyError::Overflow`].
    pub fn try_sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        let mut amounts = amounts.into_iter();
        let first = amounts.next().ok_or(MoneyError::NothingToSum)?;
        let mut sum = i128::from(first.minor);
        for amount in amounts {
            first.same_currency(amount)?;
            sum = sum.checked_add(i128::from(amount.minor)).ok_or(MoneyError::Overflow)?;
        }
        first.with(i64::try_from(sum).ok())
    }

    /// How this amount stands to another of the same currency.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`].
    pub fn compare(&self, other: &Self) -> Result<Ordering, MoneyError> {
        self.same_currency(*other)?;
        Ok(self.minor.cmp(&other.minor))
    }

    /// The amount in whole units, exactly: 12.30 for 1230 cents.
    #[must_use]
    pub fn to_decimal(&self) -> Decimal {
        // 63 bits and at most 18 digits always fit a `Decimal` (96 bits, 28 digits).
        Decimal::new(self.minor, u32::from(self.currency.exponent()))
    }

    /// The amount of a number of whole units, which must not need rounding.
    ///
    /// # Errors
    /// [`MoneyError::TooManyDecimals`] when rounding were needed (trailing zeros are fine),
    /// [`MoneyError::Overflow`].
    pub fn from_decimal_exact(value: Decimal, currency: Currency) -> Result<Self, MoneyError> {
        let normal = value.normalize();
        if normal.scale() > u32::from(currency.exponent()) {
            return Err(MoneyError::TooManyDecimals { max: currency.exponent() });
        }
        Self::from_decimal(normal, currency, Rounding::HalfEven)
    }

    /// The amount of a number of whole units, rounded to the smallest unit.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn from_decimal(
        value: Decimal,
        currency: Currency,
        rounding: Rounding,
    ) -> Result<Self, MoneyError> {
        let (mantissa, scale) = (value.mantissa(), value.scale());
        let exponent = u32::from(currency.exponent());
        let minor = match exponent.checked_sub(scale) {
            Some(up) => mantissa.checked_mul(pow10(up)?).ok_or(MoneyError::Overflow)?,
            None => divide_rounded(mantissa, pow10(scale.saturating_sub(exponent))?, rounding)?,
        };
        Self::zero(currency).with(i64::try_from(minor).ok())
    }

    fn same_currency(&self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            return Ok(());
        }
        Err(MoneyError::CurrencyMismatch { left: self.currency, right: other.currency })
    }

    fn with(&self, minor: Option<i64>) -> Result<Self, MoneyError> {
        minor.map(|minor| Self::new(minor, self.currency)).ok_or(MoneyError::Overflow)
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::arithmetic_side_effects
    )]

    use proptest::prelude::*;

    use super::*;

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::USD)
    }

    #[test]
    fn small_and_signed() {
        assert_eq!(size_of::<Money>(), 16);
        assert!(Money::zero(Currency::USD).is_zero() && !usd(1).is_zero());
        assert!(usd(1).is_positive() && !usd(0).is_positive() && !usd(-1).is_positive());
        assert!(usd(-1).is_negative() && !usd(0).is_negative() && !usd(1).is_negative());
    }

    #[test]
    fn every_operation_is_checked() {
        let (max, min) = (usd(i64::MAX), usd(i64::MIN));
        assert_eq!(max.checked_add(usd(1)), Err(MoneyError::Overflow));
        assert_eq!(min.checked_sub(usd(1)), Err(MoneyError::Overflow));
        assert_eq!(min.checked_neg(), Err(MoneyError::Overflow));
        assert_eq!(max.checked_mul_int(2), Err(MoneyError::Overflow));
        assert_eq!(min.checked_mul_int(-1), Err(MoneyError::Overflow));
        assert_eq!(usd(2).checked_add(usd(3)), Ok(usd(5)));
        assert_eq!(usd(2).checked_sub(usd(3)), Ok(usd(-1)));
        assert_eq!(usd(2).checked_neg(), Ok(usd(-2)));
        assert_eq!(usd(2).checked_mul_int(-3), Ok(usd(-6)));
        assert_eq!(usd(2).compare(&usd(3)), Ok(Ordering::Less));
        let euro = Money::new(1, Currency::EUR);
        let mixed = MoneyError::CurrencyMismatch { left: Currency::USD, right: Currency::EUR };
        assert_eq!(usd(1).checked_add(euro), Err(mixed));
        assert_eq!(usd(1).checked_sub(euro), Err(mixed));
        assert_eq!(usd(1).compare(&euro), Err(mixed));
        assert_eq!(Money::try_sum([usd(1), euro]), Err(mixed));
        let (few, many) = (Currency::custom("WEI", 3), Currency::custom("WEI", 18));
        let few = Money::new(1, few.unwrap());
        assert!(few.checked_add(Money::new(1, many.unwrap())).is_err(), "same code, other unit");
    }

    #[test]
    fn sums_do_not_depend_on_order() {
        assert_eq!(Money::try_sum([]), Err(MoneyError::NothingToSum));
        let (max, min) = (usd(i64::MAX), usd(i64::MIN));
        assert_eq!(Money::try_sum([max, usd(1), usd(-1)]), Ok(max));
        assert_eq!(Money::try_sum([min, usd(-5), usd(5)]), Ok(min));
        assert_eq!(Money::try_sum([max, usd(1)]), Err(MoneyError::Overflow));
    }

    #[test]
    fn decimals() {
        let dec = |text: &str| text.parse::<Decimal>().unwrap();
        let exact = Money::from_decimal_exact;
        assert_eq!(exact(dec("12.3000"), Currency::USD), Ok(usd(1230)));
        assert_eq!(exact(dec("0.000"), Currency::JPY), Ok(Money::zero(Currency::JPY)));
        let refused = MoneyError::TooManyDecimals { max: 2 };
        assert_eq!(exact(dec("12.345"), Currency::USD), Err(refused));
        assert_eq!(exact(Decimal::MAX, Currency::USD), Err(MoneyError::Overflow));
        let deep = Currency::custom("WEI", 18).unwrap();
        assert_eq!(exact(Decimal::MAX, deep), Err(MoneyError::Overflow));
        let round = |text, how| Money::from_decimal(dec(text), Currency::USD, how).unwrap().minor();
        assert_eq!(round("12.345", Rounding::HalfEven), 1234);
        assert_eq!(round("-12.345", Rounding::HalfUp), -1235);
        assert_eq!(round("0.0000000000000000000000000001", Rounding::Up), 1);
    }

    proptest! {
        #[test]
        fn decimal_round_trip(minor: i64, exponent in 0_u8..=18) {
            let money = Money::new(minor, Currency::custom("TOKEN", exponent).unwrap());
            let back = Money::from_decimal_exact(money.to_decimal(), money.currency());
            prop_assert_eq!(back, Ok(money));
            let extreme = Money::new(i64::MIN, money.currency());
            prop_assert_eq!(extreme.to_decimal().mantissa(), i128::from(i64::MIN));
        }

        #[test]
        fn sum_equals_wide_sum(minors in prop::collection::vec(any::<i64>(), 1..20)) {
            let wide: i128 = minors.iter().map(|m| i128::from(*m)).sum();
            let sum = Money::try_sum(minors.into_iter().map(usd));
            prop_assert_eq!(sum.ok().map(|m| m.minor()), i64::try_from(wide).ok());
        }
    }
}
