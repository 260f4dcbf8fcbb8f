//! Texts from outside: no parser panics, and what it accepts is printed as it was given.
#![no_main]

use corebank::id::{AccountId, HoldId, LimitId, TransactionId, UnitId};
use corebank::ledger::{Channel, ChartCode, Kind, Reference, Text};
use corebank::money::Currency;
use corebank::store::Cursor;
use corebank::time::Timestamp;
use libfuzzer_sys::fuzz_target;

macro_rules! ids {
    ($text:expr, $($id:ty),*) => {$(
        if let Ok(id) = $text.parse::<$id>() {
            assert_eq!(id.to_string(), $text.to_lowercase());
        }
    )*};
}

fuzz_target!(|text: &str| {
    ids!(text, AccountId, HoldId, LimitId, TransactionId, UnitId);
    if let Ok(cursor) = text.parse::<Cursor>() {
        assert_eq!(cursor.to_string(), text);
    }
    if let Ok(kind) = Kind::new(text) {
        assert_eq!(kind.as_str(), text);
    }
    if let Ok(channel) = Channel::new(text) {
        assert_eq!(channel.as_str(), text);
    }
    if let Ok(code) = ChartCode::new(text) {
        assert_eq!(code.as_str(), text);
    }
    if let Ok(instant) = text.parse::<Timestamp>() {
        assert_eq!(instant.to_string().parse::<Timestamp>().expect("what was written"), instant);
    }
    if let Ok(words) = Text::new(text) {
        assert_eq!(words.as_str(), text);
    }
    let _ = Reference::new(text);
    let _ = Currency::iso(text);
});
