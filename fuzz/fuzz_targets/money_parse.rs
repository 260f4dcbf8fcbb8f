//! Amounts: whatever is read is written and read back as the same, for every exponent.
#![no_main]

use corebank::money::{Currency, Money};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (u8, i64, &str)| {
    let (exponent, minor, text) = input;
    let currency = Currency::custom("TOKENS", exponent % 19).expect("a currency");
    let money = Money::new(minor, currency);
    for money in [Some(money), Money::parse(text, currency).ok()].into_iter().flatten() {
        let written = money.to_string();
        let amount = written.split_once(' ').expect("code and amount").1;
        assert_eq!(Money::parse(amount, currency).expect("what was written"), money);
    }
});
