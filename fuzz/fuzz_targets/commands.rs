//! Histories: the bank and the naive model agree on every outcome and every figure.
#![no_main]

#[path = "../../tests/suite/model.rs"]
mod model;

use arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use model::{
    ACCOUNTS, Change, DAY, Draft, FRESH, HOUR, Item, Limit, Line, MINUTE, Move, PART, Portion,
    RECENT, Request, Scope, Sim, Step, Words,
};

type Bytes<'a, 'b> = &'a mut Unstructured<'b>;

const AMOUNTS: [i64; 20] = [
    1,
    2,
    10,
    19,
    20,
    21,
    49,
    50,
    51,
    100,
    119,
    120,
    121,
    400,
    401,
    1_000,
    i64::MAX,
    i64::MAX / 2 + 1,
    0,
    -1,
];

fn amount(from: Bytes<'_, '_>) -> Result<i64> {
    from.choose(&AMOUNTS).copied()
}

fn maybe<T>(from: Bytes<'_, '_>, make: impl Fn(Bytes<'_, '_>) -> Result<T>) -> Result<Option<T>> {
    if from.ratio(1, 4)? { make(from).map(Some) } else { Ok(None) }
}

fn lines(from: Bytes<'_, '_>) -> Result<Vec<Line>> {
    const PAIRS: [(u8, u8, u8); 8] =
        [(0, 1, 0), (0, 2, 0), (0, 3, 0), (1, 2, 0), (2, 3, 0), (4, 5, 1), (0, 4, 0), (6, 1, 2)];
    let mut lines = Vec::new();
    for _ in 0..from.int_in_range(1..=2)? {
        let (a, b, currency) = *from.choose(&PAIRS)?;
        let (turned, amount) = (from.arbitrary()?, amount(from)?);
        lines.push(Line { account: a, debit: turned, currency, amount });
        lines.push(Line { account: b, debit: !turned, currency, amount });
    }
    if from.ratio(1, 16)? {
        lines.pop();
    }
    Ok(lines)
}

fn id(from: Bytes<'_, '_>) -> Result<u16> {
    if from.ratio(2, 3)? { Ok(FRESH) } else { from.int_in_range(0..=31) }
}

fn known(from: Bytes<'_, '_>) -> Result<u16> {
    if from.ratio(3, 4)? {
        Ok(RECENT + from.int_in_range(0..=7)?)
    } else {
        from.int_in_range(0..=31)
    }
}

fn words(from: Bytes<'_, '_>, relates: bool) -> Result<Words> {
    Ok(Words {
        kind: from.int_in_range(0..=2)?,
        booking: maybe(from, |from| from.int_in_range(-22..=4))?,
        value: maybe(from, |from| from.int_in_range(-32..=14))?,
        relates_to: if relates { maybe(from, known)? } else { None },
        description: maybe(from, |from| from.int_in_range(0..=1))?,
    })
}

fn request(from: Bytes<'_, '_>) -> Result<Request> {
    Ok(match from.int_in_range(0..=9)? {
        0..=3 => Request::Post { id: id(from)?, lines: lines(from)?, words: words(from, true)? },
        4..=5 => {
            let expires = maybe(from, |from| from.choose(&[MINUTE, HOUR, DAY, 1, 0, -1]).copied())?;
            Request::Hold { id: id(from)?, lines: lines(from)?, expires, words: words(from, true)? }
        }
        6..=7 => {
            let portion = match from.int_in_range(0..=2)? {
                0 => Portion::Rest,
                1 => Portion::Amount(from.int_in_range(0..=1)?, amount(from)?),
                _ => {
                    let amount = from.int_in_range(1..=60)?;
                    let line = Line { account: PART, debit: true, currency: 0, amount };
                    Portion::Lines(vec![line])
                }
            };
            let (id, hold, last) = (id(from)?, known(from)?, from.arbitrary()?);
            Request::Capture { id, hold, portion, last, words: words(from, false)? }
        }
        8 => Request::Release { id: id(from)?, hold: known(from)? },
        _ => {
            let (id, original, force) = (id(from)?, known(from)?, from.arbitrary()?);
            let words = Words { kind: 0, ..words(from, false)? };
            Request::Reverse { id, original, force, words }
        }
    })
}

fn draft(from: Bytes<'_, '_>) -> Result<Draft> {
    let group = from.ratio(1, 3)?;
    let count = if group { from.int_in_range(1..=4)? } else { 1 };
    let requests = (0..count).map(|_| request(from)).collect::<Result<_>>()?;
    let again = maybe(from, |from| from.int_in_range(0..=6))?;
    let tweak = maybe(from, |from| from.arbitrary())?;
    Ok(Draft { item: Item { requests, group }, again, tweak })
}

fn limit(from: Bytes<'_, '_>) -> Result<Limit> {
    Ok(Limit {
        id: from.int_in_range(0..=2)?,
        scope: match from.int_in_range(0..=4)? {
            0 => Scope::Global,
            1 => Scope::Account(from.int_in_range(0..=5)?),
            2 => Scope::EachAccount(from.int_in_range(0..=1)?),
            3 => Scope::Channel(from.int_in_range(0..=1)?),
            _ => Scope::Kind(from.int_in_range(0..=2)?),
        },
        debit: from.arbitrary()?,
        currency: from.int_in_range(0..=1)?,
        kinds: Vec::new(),
        minimum: maybe(from, |from| from.int_in_range(-1..=12))?,
        maximum: maybe(from, |from| from.int_in_range(40..=500))?,
        amount: maybe(from, |from| from.int_in_range(-1..=900))?,
        count: maybe(from, |from| from.int_in_range(0..=4))?,
    })
}

fn next(from: Bytes<'_, '_>) -> Result<Move> {
    let step = match from.int_in_range(0..=13)? {
        0 => Step::Advance(*from.choose(&[0, 1, MINUTE - 1, MINUTE, HOUR, 12 * HOUR, DAY])?),
        1 => {
            let change = match from.int_in_range(0..=4)? {
                0 => Change::Block(from.int_in_range(0..=3)?),
                1 => Change::Floor(from.int_in_range(0..=3)?, from.int_in_range(-1..=100)?),
                2 => Change::Ceiling(maybe(from, |from| from.int_in_range(-1..=1_000))?),
                3 => Change::Close,
                _ => Change::Reopen,
            };
            Step::Change(from.int_in_range(0..=ACCOUNTS)?, change)
        }
        2 => Step::ClosePeriod(from.int_in_range(-6..=3)?),
        3 => Step::SetLimit(limit(from)?),
        4 => Step::RemoveLimit(from.int_in_range(0..=2)?),
        5 => Step::Expire(from.int_in_range(0..=4)?),
        _ => {
            let count = from.int_in_range(1..=12)?;
            let drafts = (0..count).map(|_| draft(from)).collect::<Result<_>>()?;
            return Ok(Move::Batch(from.int_in_range(0..=1)?, drafts));
        }
    };
    Ok(Move::Other(step))
}

fuzz_target!(|bytes: &[u8]| {
    let mut from = Unstructured::new(bytes);
    let mut sim = Sim::new();
    for _ in 0..60 {
        if from.is_empty() {
            break;
        }
        let Ok(next) = next(&mut from) else { break };
        sim.walk(&next);
    }
    sim.finish(&[(0, 1), (1, 2), (2, 3)]);
});
