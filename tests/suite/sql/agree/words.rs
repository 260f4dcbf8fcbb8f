//! Chance, and the words that a request is dressed in.

use corebank::id::AccountId;
use corebank::ledger::{Correlation, Instruction, Metadata, Reference, Text};

use crate::model::{Request, USD, account_id, instruction};

/// Chance by seed: SplitMix64.
#[derive(Debug, Clone)]
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let value = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        value ^ (value >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub fn between(&mut self, from: i64, to: i64) -> i64 {
        from + self.below(from.abs_diff(to) + 1) as i64
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len() as u64) as usize]
    }

    /// Once in so many times.
    pub fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }
}

pub fn text(words: &str) -> Text {
    Text::new(words).unwrap()
}

pub fn pairs(number: u64) -> Metadata {
    let mut pairs = Metadata::default();
    for at in 0..=number % 3 {
        pairs.insert(&format!("key.{at}"), &format!("'{number}' \"é\\ \u{1f3e0}")).unwrap();
    }
    pairs
}

/// Debit, credit and currency of postings of our own.
pub const PAIRS: [(AccountId, AccountId, u8); 10] = [
    (account_id(0), account_id(1), USD),
    (account_id(0), account_id(2), USD),
    (account_id(0), account_id(0x10), USD),
    (account_id(0), account_id(0x11), USD),
    (account_id(0), account_id(0x16), USD),
    (account_id(0), account_id(0x17), USD),
    (account_id(0x13), account_id(0), USD),
    (account_id(0x13), account_id(0x16), USD),
    (account_id(4), account_id(0x12), 1),
    (account_id(0), account_id(0x14), USD),
];

/// Words that go with an id, so that a repetition has the same.
macro_rules! dressed {
    ($new:expr, $number:expr) => {{
        let (mut new, number) = ($new, $number);
        if number % 4 == 0 {
            new = new.with_reference(reference(number));
        }
        if number % 5 == 0 {
            new = new.with_metadata(pairs(number));
        }
        new.into()
    }};
}

pub fn reference(number: u64) -> Reference {
    Reference::new(&format!("R-{}", number % 6)).unwrap()
}

pub fn correlation(number: u64) -> Correlation {
    Correlation::new(&format!("call {}", number % 4)).unwrap()
}

pub(super) use dressed;

/// Now and then a repetition has other words.
pub fn dress(request: &Request, twist: u64) -> Instruction {
    let (Request::Post { id, .. }
    | Request::Hold { id, .. }
    | Request::Capture { id, .. }
    | Request::Release { id, .. }
    | Request::Reverse { id, .. }) = request;
    let number = u64::from(*id) + twist;
    match instruction(request) {
        Instruction::Post(new) => dressed!(new, number),
        Instruction::Hold(new) => dressed!(new, number),
        Instruction::Capture(new) => dressed!(new, number),
        Instruction::Reverse(new) => dressed!(new, number),
        plain => plain,
    }
}
