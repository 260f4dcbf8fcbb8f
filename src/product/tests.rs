use chrono::NaiveDate;

use super::*;
use crate::id::ProductId;
use crate::ledger::facts::Moment;
use crate::ledger::{ChartCode, FloorPolicy, Kind, Side, Text, Window};
use crate::money::Currency;
use crate::time::Timestamp;

fn day(of: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, of).unwrap()
}

fn moment(of: u32) -> Moment {
    Moment { now: Timestamp::from_nanos(i64::from(of)), today: day(of) }
}

fn terms() -> Terms {
    Terms::new(ChartCode::new("2000").unwrap(), Currency::USD)
}

fn product(terms: Terms) -> Result<Product, Refusal> {
    let (code, name) = (ProductCode::new("giro").unwrap(), Text::new("Giro").unwrap());
    let new = NewProduct::new(code, name, AccountType::Checking, terms);
    decide_product(ProductId::from_u128(1), &new, moment(10))
}

#[test]
fn terms_that_make_no_sense_are_refused() {
    let limit =
        |amount, count| WindowLimit { side: Side::Debit, window: Window::Day, amount, count };
    let fee = |amount| Fee { kind: Kind::FEE, amount };
    let mut none = terms();
    none.currencies.clear();
    let wrong = [
        none,
        terms().with_currency(Currency::USD),
        terms().with_floor(FloorPolicy::Overdraft(-1)),
        terms().with_minimum_balance(-1),
        terms().with_ceiling(-1),
        terms().with_bounds(-1, 5),
        terms().with_bounds(6, 5),
        terms().with_limit(limit(None, None)),
        terms().with_limit(limit(Some(-1), None)),
        terms().with_fee(fee(0)),
    ];
    for terms in wrong {
        assert_eq!(product(terms).unwrap_err().code(), "invalid_product_terms");
    }
    assert!(product(terms().with_bounds(5, 5).with_limit(limit(None, Some(0)))).is_ok());
}

#[test]
fn the_version_in_force_is_the_latest_that_has_begun() {
    let first = product(terms()).unwrap();
    let later = terms().with_minimum_balance(5);
    let (second, _) = decide_version(&first, &later, day(20), moment(10)).unwrap().unwrap();
    let on = |of| second.version_on(day(of)).map(|version| version.number);
    assert_eq!((on(9), on(10), on(19), on(20), on(31)), (None, Some(1), Some(1), Some(2), Some(2)));
    assert!(decide_version(&second, &later, day(20), moment(10)).unwrap().is_none());
    let refused = |of, today| decide_version(&second, &terms(), day(of), moment(today));
    let earliest = |of| Refusal::VersionNotLater { product: first.id, earliest: day(of) };
    assert_eq!(refused(20, 10).unwrap_err(), earliest(21));
    assert_eq!(refused(24, 25).unwrap_err(), earliest(25));
    assert!(refused(25, 25).unwrap().is_some());
}

#[test]
fn limits_become_rules_of_the_ledger_under_ids_that_stay() {
    let limit =
        WindowLimit { side: Side::Debit, window: Window::Day, amount: Some(50_000), count: None };
    let product = product(terms().with_currency(Currency::EUR).with_limit(limit)).unwrap();
    let rules = limit_rules(&product, day(10));
    assert_eq!(rules.len(), 2);
    assert_ne!(rules[0].id, rules[1].id);
    assert_eq!(rules, limit_rules(&product, day(11)));
    assert!(rules.iter().all(|rule| !rule.kinds.contains(&Kind::FEE)));
    assert!(limit_rules(&product, day(9)).is_empty());
}

#[test]
fn rates_are_exact_and_bounded() {
    assert_eq!(Percent3::new(1_500).unwrap().to_string(), "1.500 %");
    assert_eq!(Percent3::new(99_999).unwrap().to_string(), "99.999 %");
    assert_eq!(Percent3::new(100_000), None);
    assert!(serde_json::from_str::<Percent3>("100000").is_err());
}

#[test]
fn codes_are_what_they_say() {
    for code in ["", "Giro", "a b", "aaaaaaaaaaaaaaaaaaaaa", "giro'"] {
        assert_eq!(ProductCode::new(code), None, "{code}");
    }
    assert!(ProductCode::new("giro-plus_2").is_some());
}

#[test]
fn a_product_is_retired_and_offered_again() {
    let first = product(terms()).unwrap();
    let (retired, changes) = decide_retirement(&first, true).unwrap();
    assert!(retired.retired && changes.len() == 1);
    assert!(decide_retirement(&retired, true).is_none());
    assert!(!decide_retirement(&retired, false).unwrap().0.retired);
}
