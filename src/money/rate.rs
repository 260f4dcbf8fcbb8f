//! Exchange rates and percentages: exact factors, rounded once, as told.

use std::fmt;

use rust_decimal::Decimal;

use super::amount::Money;
use super::currency::Currency;
use super::error::MoneyError;
use super::rounding::{Rounding, divide_rounded, pow10};
use super::scaling::{MAX_CUT, multiply, raise};

/// The most decimal digits of a per cent: two more digits are cut to get from per cent to one.
const MAX_PERCENT_DECIMALS: u32 = 26;

/// An exchange rate: one whole unit of `from` is worth `factor` whole units of `to`.
///
/// ```
/// # use corebank::money::{Currency, Money, Rate, Rounding};
/// let rate = Rate::new(Currency::EUR, Currency::USD, "1.0837".parse().expect("a number"))?;
/// let conversion = rate.convert(Money::new(999, Currency::EUR), Rounding::HalfEven)?;
/// // Exactly 1082.6163 cents.
/// assert_eq!(conversion.converted, Money::new(1083, Currency::USD));
/// assert_eq!(conversion.remainder.to_string(), "-0.3837");
/// # Ok::<(), corebank::money::MoneyError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rate {
    from: Currency,
    to: Currency,
    factor: Decimal,
}

/// What a conversion gave, and what rounding took or added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[must_use]
pub struct Conversion {
    /// The amount in the currency that the rate leads to.
    pub converted: Money,
    /// The exact result less `converted`, in smallest units of that currency: above -1 and below
    /// 1, exact, negative when the amount was rounded up.
    pub remainder: Decimal,
}

impl Rate {
    /// A rate from one currency to another.
    ///
    /// # Errors
    /// [`MoneyError::RateSameCurrency`], [`MoneyError::RateNotPositive`], and
    /// [`MoneyError::TooManyDecimals`] when the factor has more digits than can be converted
    /// exactly: up to 28, fewer when `from` has more decimal digits than `to`.
    pub fn new(from: Currency, to: Currency, factor: Decimal) -> Result<Self, MoneyError> {
        if from == to {
            return Err(MoneyError::RateSameCurrency { currency: from });
        }
        if factor.is_zero() || factor.is_sign_negative() {
            return Err(MoneyError::RateNotPositive);
        }
        let factor = factor.normalize();
        let max = MAX_CUT
            .saturating_add(u32::from(to.exponent()))
            .saturating_sub(u32::from(from.exponent()))
            .min(MAX_CUT);
        if factor.scale() > max {
            let max = u8::try_from(max).map_err(|_| MoneyError::Overflow)?;
            return Err(MoneyError::TooManyDecimals { max });
        }
        Ok(Self { from, to, factor })
    }

    /// The currency that is given.
    #[must_use]
    pub const fn from(&self) -> Currency {
        self.from
    }

    /// The currency that is received.
    #[must_use]
    pub const fn to(&self) -> Currency {
        self.to
    }

    /// How many whole units of `to` one whole unit of `from` is worth.
    #[must_use]
    pub const fn factor(&self) -> Decimal {
        self.factor
    }

    /// Converts an amount; computed in integers and rounded once.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`] unless the amount is in `from`,
    /// [`MoneyError::Overflow`].
    pub fn convert(&self, money: Money, rounding: Rounding) -> Result<Conversion, MoneyError> {
        if money.currency() != self.from {
            let (left, right) = (self.from, money.currency());
            return Err(MoneyError::CurrencyMismatch { left, right });
        }
        let mantissa = self.factor.mantissa();
        let digits = u32::from(self.from.exponent()).saturating_add(self.factor.scale());
        let wanted = u32::from(self.to.exponent());
        if let Some(up) = wanted.checked_sub(digits) {
            let converted = Money::new(raise(money.minor(), mantissa, up)?, self.to);
            return Ok(Conversion { converted, remainder: Decimal::ZERO });
        }
        let cut = digits.saturating_sub(wanted);
        let scaled = multiply(money.minor(), mantissa, cut, rounding)?;
        let remainder = decimal(scaled.remainder, cut)?.normalize();
        Ok(Conversion { converted: Money::new(scaled.units, self.to), remainder })
    }

    /// The rate of the way back, rounded to so many decimal digits: an inverse is rarely exact,
    /// so a round trip through both rates need not give the first amount again.
    ///
    /// # Errors
    /// [`MoneyError::RateNotPositive`] when it rounds to zero, [`MoneyError::Overflow`] when it
    /// has too many digits, and those of [`Rate::new`].
    pub fn inverse(&self, decimals: u32, rounding: Rounding) -> Result<Self, MoneyError> {
        let digits = self.factor.scale().checked_add(decimals).ok_or(MoneyError::Overflow)?;
        let mantissa = divide_rounded(pow10(digits)?, self.factor.mantissa(), rounding)?;
        Self::new(self.to, self.from, decimal(mantissa, decimals)?)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1 {} = {} {}", self.from, self.factor, self.to)
    }
}

/// An exact number of hundredths, of any sign: a fee of 1.5 per cent, a discount of -10.
///
/// ```
/// # use corebank::money::{Currency, Money, Percent, Rounding};
/// let fee = Percent::new("1.5".parse().expect("a number"))?;
/// assert_eq!(fee.of(Money::new(333, Currency::USD), Rounding::Up)?.minor(), 5);
/// # Ok::<(), corebank::money::MoneyError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Percent(Decimal);

impl Percent {
    /// So many per cent: 12.5 is an eighth.
    ///
    /// # Errors
    /// [`MoneyError::TooManyDecimals`] for more than 26 decimal digits.
    pub fn new(per_cent: Decimal) -> Result<Self, MoneyError> {
        let per_cent = per_cent.normalize();
        if per_cent.scale() > MAX_PERCENT_DECIMALS {
            let max = u8::try_from(MAX_PERCENT_DECIMALS).map_err(|_| MoneyError::Overflow)?;
            return Err(MoneyError::TooManyDecimals { max });
        }
        Ok(Self(per_cent))
    }

    /// The number of hundredths.
    #[must_use]
    pub const fn per_cent(&self) -> Decimal {
        self.0
    }

    /// This part of an amount; computed in integers and rounded once.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn of(&self, money: Money, rounding: Rounding) -> Result<Money, MoneyError> {
        let cut = self.0.scale().saturating_add(2);
        let scaled = multiply(money.minor(), self.0.mantissa(), cut, rounding)?;
        Ok(Money::new(scaled.units, money.currency()))
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", self.0)
    }
}

fn decimal(mantissa: i128, scale: u32) -> Result<Decimal, MoneyError> {
    Decimal::try_from_i128_with_scale(mantissa, scale).map_err(|_| MoneyError::Overflow)
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

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn rate(from: Currency, to: Currency, factor: &str) -> Rate {
        Rate::new(from, to, dec(factor)).unwrap()
    }

    #[test]
    fn refusals() {
        let new = |factor| Rate::new(Currency::EUR, Currency::USD, dec(factor));
        assert_eq!(new("0"), Err(MoneyError::RateNotPositive));
        assert_eq!(new("-0.0"), Err(MoneyError::RateNotPositive));
        assert_eq!(new("-1.1"), Err(MoneyError::RateNotPositive));
        let same = MoneyError::RateSameCurrency { currency: Currency::EUR };
        assert_eq!(Rate::new(Currency::EUR, Currency::EUR, Decimal::ONE), Err(same));
        let fine = dec("0.0000000000000000000000000001");
        assert!(Rate::new(Currency::EUR, Currency::USD, fine).is_ok());
        let too_fine = Err(MoneyError::TooManyDecimals { max: 26 });
        assert_eq!(Rate::new(Currency::USD, Currency::JPY, fine), too_fine);
        assert!(Rate::new(Currency::JPY, Currency::USD, fine).is_ok());
        let euro_to_dollar = rate(Currency::EUR, Currency::USD, "1.1");
        let mixed = MoneyError::CurrencyMismatch { left: Currency::EUR, right: Currency::USD };
        let dollars = Money::new(1, Currency::USD);
        assert_eq!(euro_to_dollar.convert(dollars, Rounding::Down), Err(mixed));
        let all = Money::new(i64::MAX, Currency::EUR);
        assert_eq!(euro_to_dollar.convert(all, Rounding::Down), Err(MoneyError::Overflow));
        assert_eq!(Percent::new(fine), Err(MoneyError::TooManyDecimals { max: 26 }));
    }

    #[test]
    fn between_exponents() {
        let to_yen = rate(Currency::USD, Currency::JPY, "150.25");
        let got = to_yen.convert(Money::new(-1, Currency::USD), Rounding::HalfUp).unwrap();
        assert_eq!((got.converted.minor(), got.remainder), (-2, dec("0.4975")));
        let to_dinar = rate(Currency::JPY, Currency::KWD, "2");
        let got = to_dinar.convert(Money::new(7, Currency::JPY), Rounding::Down).unwrap();
        assert_eq!(got.converted, Money::new(14_000, Currency::KWD));
        assert_eq!(got.remainder, Decimal::ZERO);
        let wei = Currency::custom("WEI", 18).unwrap();
        let got = rate(wei, Currency::USD, "2500.12")
            .convert(Money::new(1_500_000_000_000_000_000, wei), Rounding::HalfEven)
            .unwrap();
        assert_eq!(got.converted, Money::new(375_018, Currency::USD));
        let one = rate(Currency::USD, wei, "0.0004");
        assert_eq!(
            one.convert(Money::new(100, Currency::USD), Rounding::Floor).unwrap().converted,
            Money::new(400_000_000_000_000, wei)
        );
    }

    #[test]
    fn inverse_is_explicit_and_usable_on_large_amounts() {
        let there = rate(Currency::EUR, Currency::USD, "1.0837");
        assert_eq!(there.to_string(), "1 EUR = 1.0837 USD");
        let back = there.inverse(6, Rounding::HalfEven).unwrap();
        assert_eq!(
            (back.from(), back.to(), back.factor()),
            (Currency::USD, Currency::EUR, dec("0.922765"))
        );
        let fine = there.inverse(28, Rounding::HalfEven).unwrap();
        // 27 digits times 18 digits: far beyond an i128, and still exact.
        let all = Money::new(i64::MAX, Currency::USD);
        let got = fine.convert(all, Rounding::Down).unwrap();
        assert_eq!(got.converted.minor(), 8_511_001_233_602_266_131);
        assert_eq!(there.inverse(40, Rounding::Down), Err(MoneyError::Overflow));
        let huge = rate(Currency::EUR, Currency::USD, "1000");
        assert_eq!(huge.inverse(2, Rounding::HalfEven), Err(MoneyError::RateNotPositive));
        assert_eq!(huge.inverse(2, Rounding::Up).unwrap().factor(), dec("0.01"));
    }

    #[test]
    fn percentages() {
        let of = |per_cent, minor, how| {
            let percent = Percent::new(dec(per_cent)).unwrap();
            percent.of(Money::new(minor, Currency::USD), how).unwrap().minor()
        };
        assert_eq!(of("1.5", 333, Rounding::HalfEven), 5);
        assert_eq!(of("12.5", 100, Rounding::HalfEven), 12);
        assert_eq!(of("12.5", 100, Rounding::HalfUp), 13);
        assert_eq!(of("12.5", -100, Rounding::Floor), -13);
        assert_eq!(of("-10", 105, Rounding::Down), -10);
        assert_eq!(of("100.00", i64::MIN, Rounding::Up), i64::MIN);
        assert_eq!(of("0", i64::MAX, Rounding::Up), 0);
        let double = Percent::new(dec("200")).unwrap();
        let all = Money::new(i64::MAX, Currency::USD);
        assert_eq!(double.of(all, Rounding::Down), Err(MoneyError::Overflow));
        assert_eq!(Percent::new(dec("12.50")).unwrap().to_string(), "12.5%");
    }

    proptest! {
        /// Small enough for `Decimal` to be exact.
        #[test]
        fn agrees_with_decimal(
            minor in -1_000_000_000_i64..1_000_000_000,
            mantissa in 1_i64..1_000_000_000,
            scale in 0_u32..=9,
            from in 0_u8..=4,
            to in 0_u8..=4,
        ) {
            let a = Currency::custom("AAAA", from).unwrap();
            let b = Currency::custom("BBBB", to).unwrap();
            let rate = Rate::new(a, b, Decimal::new(mantissa, scale)).unwrap();
            let money = Money::new(minor, a);
            let exact = money.to_decimal() * rate.factor();
            for rounding in Rounding::ALL {
                let got = rate.convert(money, rounding);
                let expected = Money::from_decimal(exact, b, rounding);
                prop_assert_eq!(got.map(|got| got.converted), expected);
                let Ok(got) = got else { continue };
                let unit = Decimal::new(1, u32::from(to));
                prop_assert_eq!(got.converted.to_decimal() + got.remainder * unit, exact);
                prop_assert!(got.remainder.abs() < Decimal::ONE);
            }
        }

        #[test]
        fn percent_agrees_with_decimal(
            minor in -1_000_000_000_i64..1_000_000_000,
            hundredths in -100_000_i64..100_000,
        ) {
            let percent = Percent::new(Decimal::new(hundredths, 2)).unwrap();
            let money = Money::new(minor, Currency::USD);
            let exact = money.to_decimal() * percent.per_cent() / Decimal::ONE_HUNDRED;
            for rounding in Rounding::ALL {
                let expected = Money::from_decimal(exact, Currency::USD, rounding);
                prop_assert_eq!(percent.of(money, rounding), expected);
            }
        }
    }
}
