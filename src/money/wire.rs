//! The wire format of money: texts only, one form for each value.
//!
//! | type | form |
//! |---|---|
//! | [`Currency`] | `"USD"`, a custom one with its exponent: `"POINTS:0"` |
//! | [`Money`] | `{"amount":"12.30","currency":"USD"}` |
//! | [`Rounding`] | `"half_even"` |
//! | [`Percent`] | `"12.5"` |
//! | [`Rate`] | `{"from":"EUR","to":"USD","factor":"1.0837"}` |
//!
//! Reading checks everything that building checks. A number in place of a text is refused,
//! because a reader somewhere would have made it a binary fraction.

use rust_decimal::Decimal;
use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, Serializer};

use super::amount::Money;
use super::currency::Currency;
use super::rate::{Percent, Rate};
use super::rounding::Rounding;
use super::text::{CodePlacement, MoneyFormat};

/// An amount without its code, as in `"12.30"`.
const BARE: MoneyFormat = MoneyFormat { grouping: None, decimal: '.', code: CodePlacement::None };

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_iso() {
            return serializer.serialize_str(self.code());
        }
        serializer.collect_str(&format_args!("{}:{}", self.code(), self.exponent()))
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let Some((code, exponent)) = text.split_once(':') else {
            return Self::iso(&text).map_err(D::Error::custom);
        };
        let plain = exponent.bytes().all(|b| b.is_ascii_digit())
            && (exponent == "0" || !exponent.starts_with('0'));
        let exponent = exponent.parse::<u8>().ok().filter(|_| plain);
        let exponent = exponent.ok_or_else(|| {
            D::Error::custom("write the exponent of a custom currency as 0 to 18")
        })?;
        Self::custom(code, exponent).map_err(D::Error::custom)
    }
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "Money")]
struct MoneyWire {
    amount: String,
    currency: Currency,
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let wire = MoneyWire { amount: self.format(&BARE), currency: self.currency() };
        wire.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = MoneyWire::deserialize(deserializer)?;
        Self::parse(&wire.amount, wire.currency).map_err(D::Error::custom)
    }
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(remote = "Rounding", rename_all = "snake_case")]
enum RoundingWire {
    HalfEven,
    HalfUp,
    HalfDown,
    Up,
    Down,
    Ceiling,
    Floor,
}

impl Serialize for Rounding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RoundingWire::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Rounding {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        RoundingWire::deserialize(deserializer)
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.per_cent())
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(read_decimal(&text)?).map_err(D::Error::custom)
    }
}

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields, rename = "Rate")]
struct RateWire {
    from: Currency,
    to: Currency,
    factor: String,
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let factor = self.factor().to_string();
        RateWire { from: self.from(), to: self.to(), factor }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = RateWire::deserialize(deserializer)?;
        Self::new(wire.from, wire.to, read_decimal(&wire.factor)?).map_err(D::Error::custom)
    }
}

/// The digits of a number, exactly: what is not written back as the same text is refused.
fn read_decimal<E: Error>(text: &str) -> Result<Decimal, E> {
    Decimal::from_str_exact(text)
        .ok()
        .filter(|decimal| decimal.to_string() == text)
        .ok_or_else(|| E::custom("write an optional '-', digits, and optionally '.' and digits"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]

    use proptest::prelude::*;
    use serde_json::{from_str, to_string};

    use super::*;

    #[test]
    fn golden() {
        let points = Currency::custom("POINTS", 0).unwrap();
        assert_eq!(to_string(&Currency::USD).unwrap(), r#""USD""#);
        assert_eq!(to_string(&points).unwrap(), r#""POINTS:0""#);
        let money = |minor, currency| to_string(&Money::new(minor, currency)).unwrap();
        assert_eq!(money(1230, Currency::USD), r#"{"amount":"12.30","currency":"USD"}"#);
        assert_eq!(money(-5, Currency::KWD), r#"{"amount":"-0.005","currency":"KWD"}"#);
        assert_eq!(money(7, points), r#"{"amount":"7","currency":"POINTS:0"}"#);
        let least = r#"{"amount":"-92233720368547758.08","currency":"USD"}"#;
        assert_eq!(money(i64::MIN, Currency::USD), least);
        let names: Vec<_> = Rounding::ALL.iter().map(|r| to_string(r).unwrap()).collect();
        let all = r#""half_even" "half_up" "half_down" "up" "down" "ceiling" "floor""#;
        assert_eq!(names.join(" "), all);
        let percent = Percent::new(Decimal::new(1250, 2)).unwrap();
        assert_eq!(to_string(&percent).unwrap(), r#""12.5""#);
        let rate = Rate::new(Currency::EUR, Currency::USD, Decimal::new(10837, 4)).unwrap();
        let text = r#"{"from":"EUR","to":"USD","factor":"1.0837"}"#;
        assert_eq!(to_string(&rate).unwrap(), text);
        assert_eq!(from_str::<Rate>(text).unwrap(), rate);
        assert_eq!(from_str::<Percent>(r#""12.50""#).unwrap(), percent);
    }

    #[test]
    fn numbers_and_other_forms_are_refused() {
        for text in [
            r#"{"amount":12.30,"currency":"USD"}"#,
            r#"{"amount":12,"currency":"USD"}"#,
            r#"{"amount":"12.300","currency":"USD"}"#,
            r#"{"amount":"1e3","currency":"USD"}"#,
            r#"{"amount":"","currency":"USD"}"#,
            r#"{"amount":null,"currency":"USD"}"#,
            r#"{"amount":"12.30","currency":"usd"}"#,
            r#"{"amount":"12.30","currency":840}"#,
            r#"{"amount":"12.30"}"#,
            r#"{"amount":"12.30","currency":"USD","minor":1}"#,
            r#"{"amount":"12.30","amount":"1","currency":"USD"}"#,
            r#""USD 12.30""#,
        ] {
            assert!(from_str::<Money>(text).is_err(), "{text}");
        }
        for text in [
            r#""USD:2""#,
            r#""USD:3""#,
            r#""POINTS""#,
            r#""POINTS:""#,
            r#""POINTS:00""#,
            r#""POINTS:+1""#,
            r#""POINTS:19""#,
            r#""POINTS:300""#,
            r#""POINTS:1:2""#,
            r#""XAU""#,
            r#""XAU:2""#,
            r#""DEM""#,
            r#""points:0""#,
            "840",
            "null",
        ] {
            assert!(from_str::<Currency>(text).is_err(), "{text}");
        }
        for text in [r#""1e2""#, r#"".5""#, r#""5.""#, r#""1_0""#, r#""+1""#, r#""""#, "12.5", "1"]
        {
            assert!(from_str::<Percent>(text).is_err(), "{text}");
        }
        for text in [
            r#"{"from":"EUR","to":"USD","factor":1.1}"#,
            r#"{"from":"EUR","to":"USD","factor":"0"}"#,
            r#"{"from":"EUR","to":"EUR","factor":"1"}"#,
        ] {
            assert!(from_str::<Rate>(text).is_err(), "{text}");
        }
        assert!(from_str::<Rounding>(r#""bankers""#).is_err());
    }

    #[test]
    fn every_iso_currency_round_trips() {
        for currency in Currency::all_iso() {
            let text = to_string(&currency).unwrap();
            assert_eq!(from_str::<Currency>(&text).unwrap(), currency);
        }
    }

    proptest! {
        #[test]
        fn round_trip(minor: i64, code in "[A-Z][A-Z0-9]{3,6}", exponent in 0_u8..=18, iso: bool) {
            let custom = Currency::custom(&code, exponent).unwrap();
            let money = Money::new(minor, if iso { Currency::CLF } else { custom });
            let text = to_string(&money).unwrap();
            prop_assert_eq!(from_str::<Money>(&text).unwrap(), money);
            let value: serde_json::Value = from_str(&text).unwrap();
            prop_assert_eq!(serde_json::from_value::<Money>(value).unwrap(), money);
        }

        #[test]
        fn factors_round_trip(mantissa in 1_i64.., scale in 0_u32..=18) {
            let factor = Decimal::new(mantissa, scale);
            let rate = Rate::new(Currency::EUR, Currency::USD, factor).unwrap();
            prop_assert_eq!(from_str::<Rate>(&to_string(&rate).unwrap()).unwrap(), rate);
            let percent = Percent::new(-factor).unwrap();
            prop_assert_eq!(from_str::<Percent>(&to_string(&percent).unwrap()).unwrap(), percent);
        }
    }
}
