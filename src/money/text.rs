//! Amounts as text: strict reading, exact writing.

use std::fmt;

use super::amount::Money;
use super::currency::Currency;
use super::error::MoneyError;
use super::registry::Currencies;
use super::rounding::pow10;

/// Where the currency code stands beside a written amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CodePlacement {
    /// `USD 12.30`
    #[default]
    Before,
    /// `12.30 USD`
    After,
    /// `12.30`
    None,
}

/// How [`Money::format`] writes an amount for people. The default is that of `Display`.
///
/// A mark that could be misread is not used: a digit, `-` or the decimal mark as grouping is
/// left out, and a digit or `-` as decimal mark becomes `.`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct MoneyFormat {
    /// The mark between groups of three digits, if any.
    pub grouping: Option<char>,
    /// The mark before the decimal digits.
    pub decimal: char,
    /// Where the currency code stands.
    pub code: CodePlacement,
}

impl Default for MoneyFormat {
    fn default() -> Self {
        Self { grouping: None, decimal: '.', code: CodePlacement::Before }
    }
}

impl Money {
    /// Reads an amount: optional `-`, digits, and optionally `.` with 1 to `exponent` digits.
    ///
    /// Nothing else is accepted: no `+`, no spaces, no grouping, no `1e3`, no `.5` and no `5.`.
    ///
    /// # Errors
    /// [`MoneyError::InvalidAmount`], [`MoneyError::TooManyDecimals`] (it is never rounded),
    /// [`MoneyError::Overflow`].
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let (negative, unsigned) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = match unsigned.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (unsigned, None),
        };
        if !is_digits(whole) || !fraction.is_none_or(is_digits) {
            return Err(MoneyError::InvalidAmount);
        }
        let fraction = fraction.map_or("", |fraction| fraction);
        let too_many = MoneyError::TooManyDecimals { max: currency.exponent() };
        let missing = usize::from(currency.exponent()).checked_sub(fraction.len());
        let missing = u32::try_from(missing.ok_or(too_many)?).map_err(|_| too_many)?;
        let mut units = 0_i128;
        for digit in whole.chars().chain(fraction.chars()).filter_map(|c| c.to_digit(10)) {
            units = units
                .checked_mul(10)
                .and_then(|units| units.checked_add(i128::from(digit)))
                .ok_or(MoneyError::Overflow)?;
        }
        units = units.checked_mul(pow10(missing)?).ok_or(MoneyError::Overflow)?;
        if negative {
            units = units.checked_neg().ok_or(MoneyError::Overflow)?;
        }
        let minor = i64::try_from(units).map_err(|_| MoneyError::Overflow)?;
        Ok(Self::new(minor, currency))
    }

    /// Reads an amount with its code before or after it: `USD 12.30` or `12.30 USD`.
    ///
    /// # Errors
    /// [`MoneyError::MissingCode`] unless there are two parts with one space between them,
    /// [`MoneyError::Currency`] for the code, and those of [`Money::parse`] for the amount.
    pub fn parse_with_code(text: &str, known: &Currencies) -> Result<Self, MoneyError> {
        let (first, second) = text.split_once(' ').ok_or(MoneyError::MissingCode)?;
        let code_first = first.starts_with(|c: char| c.is_ascii_alphabetic());
        let (code, amount) = if code_first { (first, second) } else { (second, first) };
        if code.is_empty() || amount.is_empty() || second.contains(' ') {
            return Err(MoneyError::MissingCode);
        }
        Self::parse(amount, known.get(code)?)
    }

    /// The amount as text for people.
    ///
    /// ```
    /// # use corebank::money::{CodePlacement, Currency, Money, MoneyFormat};
    /// let swiss = MoneyFormat { grouping: Some('\''), decimal: '.', code: CodePlacement::After };
    /// assert_eq!(Money::new(-123_456_789, Currency::CHF).format(&swiss), "-1'234'567.89 CHF");
    /// ```
    #[must_use]
    pub fn format(&self, format: &MoneyFormat) -> String {
        let mut text = String::new();
        // Writing into a `String` cannot fail.
        let _ = self.write(&mut text, format);
        text
    }

    fn write(&self, out: &mut impl fmt::Write, format: &MoneyFormat) -> fmt::Result {
        if format.code == CodePlacement::Before {
            write!(out, "{} ", self.currency().code())?;
        }
        write_amount(out, *self, format)?;
        if format.code == CodePlacement::After {
            write!(out, " {}", self.currency().code())?;
        }
        Ok(())
    }
}

/// `USD 12.30`, the same in every place of the world.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.format(&MoneyFormat::default()))
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn write_amount(out: &mut impl fmt::Write, money: Money, format: &MoneyFormat) -> fmt::Result {
    let misread = |mark: char| mark.is_numeric() || mark == '-';
    let decimal = if misread(format.decimal) { '.' } else { format.decimal };
    let grouping = format.grouping.filter(|mark| !misread(*mark) && *mark != decimal);
    let exponent = usize::from(money.currency().exponent());
    // At least one digit stands before the decimal mark.
    let width = exponent.saturating_add(1);
    let digits = format!("{:0>width$}", money.minor().unsigned_abs());
    let whole_len = digits.len().saturating_sub(exponent);
    if money.is_negative() {
        out.write_char('-')?;
    }
    for (at, digit) in digits.chars().enumerate() {
        let left = whole_len.saturating_sub(at);
        if at == whole_len {
            out.write_char(decimal)?;
        } else if at > 0 && left > 0 && left.is_multiple_of(3) {
            grouping.map_or(Ok(()), |mark| out.write_char(mark))?;
        }
        out.write_char(digit)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use proptest::prelude::*;

    use super::super::error::CurrencyError;
    use super::*;

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::USD)
    }

    #[test]
    fn reads_what_is_exact() {
        for (text, minor) in [
            ("12.30", 1230),
            ("12.3", 1230),
            ("12", 1200),
            ("0", 0),
            ("-0.00", 0),
            ("-0.01", -1),
            ("007.10", 710),
            ("92233720368547758.07", i64::MAX),
            ("-92233720368547758.08", i64::MIN),
        ] {
            assert_eq!(Money::parse(text, Currency::USD), Ok(usd(minor)), "{text}");
        }
        assert_eq!(Money::parse("12", Currency::JPY), Ok(Money::new(12, Currency::JPY)));
        assert_eq!(Money::parse("0.001", Currency::KWD), Ok(Money::new(1, Currency::KWD)));
    }

    #[test]
    fn refuses_everything_else() {
        for text in [
            "", "-", "+1", " 1", "1 ", "1,000.00", "1_000", "1e3", ".5", "5.", "-.5", ".", "--1",
            "1.2.3", "1.-2", "١٢", "12.３", "NaN", "inf", "0x10", "$1", "1\n", "−1", "1.+2",
        ] {
            let got = Money::parse(text, Currency::USD);
            assert_eq!(got, Err(MoneyError::InvalidAmount), "{text:?}");
        }
        let parse = Money::parse;
        let too_many = |max| Err(MoneyError::TooManyDecimals { max });
        assert_eq!(parse("1.234", Currency::USD), too_many(2));
        assert_eq!(parse("1.230", Currency::USD), too_many(2), "not even a zero");
        assert_eq!(parse("1.0", Currency::JPY), too_many(0));
        for text in ["92233720368547758.08", "-92233720368547758.09", &"9".repeat(60)] {
            assert_eq!(parse(text, Currency::USD), Err(MoneyError::Overflow), "{text}");
        }
    }

    #[test]
    fn reads_codes_on_either_side() {
        let mut known = Currencies::iso();
        let points = Currency::custom("POINTS", 0).unwrap();
        known.register(points).unwrap();
        let parse = |text| Money::parse_with_code(text, &known);
        assert_eq!(parse("USD 12.30"), Ok(usd(1230)));
        assert_eq!(parse("-12.30 USD"), Ok(usd(-1230)));
        assert_eq!(parse("POINTS 7"), Ok(Money::new(7, points)));
        for text in ["", "USD", "12.30", "USD12.30", "USD  1", " USD 1", "USD 1 ", "1 USD USD"] {
            assert_eq!(parse(text), Err(MoneyError::MissingCode), "{text:?}");
        }
        assert_eq!(parse("usd 1"), Err(CurrencyError::InvalidCode.into()));
        assert_eq!(parse("1 2"), Err(CurrencyError::InvalidCode.into()));
        assert_eq!(parse("USD x"), Err(MoneyError::InvalidAmount));
        assert!(matches!(
            parse("XAU 1"),
            Err(MoneyError::Currency(CurrencyError::NoMinorUnit { .. }))
        ));
    }

    #[test]
    fn writes_for_people() {
        assert_eq!(usd(1230).to_string(), "USD 12.30");
        assert_eq!(usd(-5).to_string(), "USD -0.05");
        assert_eq!(format!("[{:>10}]", usd(5)), "[  USD 0.05]");
        assert_eq!(Money::new(1200, Currency::JPY).to_string(), "JPY 1200");
        assert_eq!(usd(i64::MIN).to_string(), "USD -92233720368547758.08");
        let with = |grouping, decimal, code| MoneyFormat { grouping, decimal, code };
        let german = with(Some('.'), ',', CodePlacement::After);
        assert_eq!(usd(-123_456_789).format(&german), "-1.234.567,89 USD");
        assert_eq!(usd(12_345).format(&german), "123,45 USD");
        assert_eq!(usd(100_000).format(&german), "1.000,00 USD");
        assert_eq!(Money::new(1000, Currency::JPY).format(&german), "1.000 JPY");
        let misread = with(Some('.'), '.', CodePlacement::None);
        assert_eq!(usd(123_456_789).format(&misread), "1234567.89");
        assert_eq!(usd(123_456).format(&with(Some('1'), '0', CodePlacement::None)), "1234.56");
    }

    proptest! {
        #[test]
        fn round_trip_of_every_exponent(minor: i64, exponent in 0_u8..=18) {
            let currency = Currency::custom("TOKEN", exponent).unwrap();
            let mut known = Currencies::iso();
            known.register(currency).unwrap();
            for minor in [minor, i64::MIN, i64::MAX, minor % 1000] {
                let money = Money::new(minor, currency);
                prop_assert_eq!(Money::parse_with_code(&money.to_string(), &known), Ok(money));
                let after = MoneyFormat { code: CodePlacement::After, ..MoneyFormat::default() };
                prop_assert_eq!(Money::parse_with_code(&money.format(&after), &known), Ok(money));
                let bare = MoneyFormat { code: CodePlacement::None, ..MoneyFormat::default() };
                let text = money.format(&bare);
                prop_assert_eq!(&text, &money.to_decimal().to_string());
                prop_assert_eq!(Money::parse(&text, currency), Ok(money));
            }
        }

        #[test]
        fn grouping_only_adds_marks(minor: i64) {
            let plain = MoneyFormat { code: CodePlacement::None, ..MoneyFormat::default() };
            let grouped = MoneyFormat { grouping: Some(','), ..plain };
            let text = usd(minor).format(&grouped);
            prop_assert_eq!(text.replace(',', ""), usd(minor).format(&plain));
            let whole = text.trim_start_matches('-').split('.').next().unwrap();
            prop_assert!(whole.rsplit(',').skip(1).all(|group| group.len() <= 3));
            prop_assert!(whole.split(',').skip(1).all(|group| group.len() == 3));
        }

        #[test]
        fn any_text_is_refused_or_exact(text in "[-+.0-9 e]{0,12}|\\PC{0,8}") {
            if let Ok(money) = Money::parse(&text, Currency::USD) {
                let decimal: rust_decimal::Decimal = text.parse().unwrap();
                prop_assert_eq!(money.to_decimal(), decimal);
            }
        }
    }
}
