//! Random histories: the bank and the naive model must agree on every outcome and every figure.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::model::{
    ACCOUNTS, Change, DAY, Draft, EUR, FRESH, HOUR, Item, Limit, Line, MINUTE, Move, PART, Portion,
    RECENT, Request, Scope, Sim, Step, TOKEN, USD, Words,
};

/// Small amounts that meet the floors and ceilings, rarely the ends of the range.
fn amount() -> BoxedStrategy<i64> {
    prop_oneof![
        40 => select(vec![1, 2, 10, 19, 20, 21, 49, 50, 51, 100, 119, 120, 121, 400, 401, 1_000]),
        1 => select(vec![i64::MAX, i64::MAX - 1, i64::MAX / 2, i64::MAX / 2 + 1]),
        1 => select(vec![0, -1, i64::MIN]),
    ]
    .boxed()
}

/// Two accounts of one currency, mostly.
fn pair() -> BoxedStrategy<(u8, u8, u8)> {
    let usd = prop_oneof![
        3 => Just((0, 1)), 3 => Just((0, 2)), 3 => Just((0, 3)), 1 => Just((1, 2)),
        1 => Just((2, 3)), 1 => Just((3, 1)), 1 => Just((2, 2)),
    ];
    prop_oneof![
        16 => usd.prop_map(|(a, b)| (a, b, USD)),
        6 => Just((4, 5, EUR)),
        1 => (0..=ACCOUNTS, 0..=ACCOUNTS, prop_oneof![4 => Just(USD), 2 => Just(EUR), 1 => Just(TOKEN)]),
    ].boxed()
}

fn two_lines() -> BoxedStrategy<Vec<Line>> {
    (pair(), any::<bool>(), amount())
        .prop_map(|((a, b, currency), turned, amount)| {
            let (debit, credit) = if turned { (b, a) } else { (a, b) };
            vec![
                Line { account: debit, debit: true, currency, amount },
                Line { account: credit, debit: false, currency, amount },
            ]
        })
        .boxed()
}

fn three_lines() -> BoxedStrategy<Vec<Line>> {
    let amounts = (1..60_i64, 1..60_i64);
    let accounts = select(vec![[0, 1, 2], [0, 2, 3], [0, 3, 3], [2, 1, 3], [1, 2, 2], [0, 0, 1]]);
    (accounts, amounts, any::<bool>())
        .prop_map(|([a, b, c], (x, y), debit)| {
            let currency = USD;
            vec![
                Line { account: a, debit, currency, amount: x + y },
                Line { account: b, debit: !debit, currency, amount: x },
                Line { account: c, debit: !debit, currency, amount: y },
            ]
        })
        .boxed()
}

fn lines() -> BoxedStrategy<Vec<Line>> {
    let broken = (two_lines(), 0..3_usize, 0..2_usize).prop_map(|(mut lines, how, at)| {
        match how {
            0 => lines.truncate(at),
            1 => lines[at].amount = lines[at].amount.saturating_add(1),
            _ => lines[at].currency = (lines[at].currency + 1) % 2,
        }
        lines
    });
    let both = (two_lines(), two_lines()).prop_map(|(mut a, b)| {
        a.extend(b);
        a
    });
    prop_oneof![18 => two_lines(), 5 => three_lines(), 2 => both, 1 => broken].boxed()
}

fn words(relates: bool) -> BoxedStrategy<Words> {
    let relates_to = if relates { 8 } else { 1_000_000 };
    let related = prop_oneof![3 => (0..4_u16).prop_map(|back| RECENT + back), 1 => 0..8_u16];
    (
        prop_oneof![4 => Just(0_u8), 1 => 0..3_u8],
        prop_oneof![6 => Just(None), 2 => (-4..=2_i64).prop_map(Some), 1 => (-21..=4_i64).prop_map(Some)],
        prop_oneof![6 => Just(None), 2 => (-6..=6_i64).prop_map(Some), 1 => (-31..=13_i64).prop_map(Some)],
        (0..relates_to, related),
        prop_oneof![9 => Just(None), 1 => (0..2_u8).prop_map(Some)],
    )
        .prop_map(move |(kind, booking, value, (dice, related), description)| Words {
            kind,
            booking,
            value,
            relates_to: (relates && dice == 0).then_some(related),
            description,
        }).boxed()
}

/// Mostly an id that was never used, else one of eight for its kind, seldom of another kind.
fn id(kind: u16) -> BoxedStrategy<u16> {
    prop_oneof![10 => Just(FRESH), 4 => (kind * 8)..(kind * 8 + 8), 1 => 0..32_u16].boxed()
}

fn known() -> BoxedStrategy<u16> {
    prop_oneof![8 => (0..5_u16).prop_map(|back| RECENT + back), 1 => 0..8_u16].boxed()
}

fn expiry() -> BoxedStrategy<Option<i64>> {
    option::of(select(vec![MINUTE, MINUTE, HOUR, HOUR, DAY, 1, 0, -1])).boxed()
}

fn portion() -> BoxedStrategy<Portion> {
    let part = (1..40_i64)
        .prop_map(|amount| vec![Line { account: PART, debit: true, currency: USD, amount }]);
    prop_oneof![
        3 => Just(Portion::Rest),
        4 => (prop_oneof![9 => Just(USD), 2 => Just(EUR)], amount())
            .prop_map(|(currency, amount)| Portion::Amount(currency, amount)),
        4 => part.prop_map(Portion::Lines),
        1 => two_lines().prop_map(|mut lines| {
            lines.iter_mut().for_each(|line| line.currency = USD);
            Portion::Lines(lines)
        }),
    ]
    .boxed()
}

fn request() -> BoxedStrategy<Request> {
    prop_oneof![
        8 => (id(0), lines(), words(true))
            .prop_map(|(id, lines, words)| Request::Post { id, lines, words }),
        4 => (id(0), lines(), expiry(), words(true)).prop_map(|(id, lines, expires, words)| {
            Request::Hold { id, lines, expires, words }
        }),
        4 => (id(1), known(), portion(), any::<bool>(), words(false)).prop_map(
            |(id, hold, portion, last, words)| Request::Capture { id, hold, portion, last, words }
        ),
        2 => (id(2), known()).prop_map(|(id, hold)| Request::Release { id, hold }),
        2 => (id(3), known(), prop_oneof![3 => Just(false), 1 => Just(true)], words(false))
            .prop_map(|(id, original, force, words)| {
                Request::Reverse { id, original, force, words: Words { kind: 0, ..words } }
            }),
    ]
    .boxed()
}

fn draft() -> BoxedStrategy<Draft> {
    let item = prop_oneof![
        5 => request().prop_map(|one| Item { requests: vec![one], group: false }),
        2 => vec(request(), 1..5).prop_map(|requests| Item { requests, group: true }),
    ];
    let again = prop_oneof![4 => Just(None), 1 => (0..6_u8).prop_map(Some)];
    let tweak = prop_oneof![1 => Just(None), 1 => any::<u8>().prop_map(Some)];
    (item, again, tweak).prop_map(|(item, again, tweak)| Draft { item, again, tweak }).boxed()
}

fn limit() -> BoxedStrategy<Limit> {
    let scope = prop_oneof![
        Just(Scope::Global),
        (0..ACCOUNTS).prop_map(Scope::Account),
        (0..2_u8).prop_map(Scope::EachAccount),
        (0..2_u8).prop_map(Scope::Channel),
        (0..3_u8).prop_map(Scope::Kind),
    ];
    let bound = |range: std::ops::Range<i64>| option::weighted(0.4, range);
    (
        0..3_u8,
        scope,
        any::<bool>(),
        prop_oneof![8 => Just(USD), 3 => Just(EUR), 1 => Just(TOKEN)],
        prop_oneof![3 => Just(vec![]), 1 => vec(0..3_u8, 1..3)],
        (bound(-1..12), bound(40..500), bound(-1..900)),
        option::weighted(0.4, 0..4_u32),
    )
        .prop_map(|(id, scope, debit, currency, kinds, (minimum, maximum, amount), count)| Limit {
            id,
            scope,
            debit,
            currency,
            kinds,
            minimum,
            maximum,
            amount,
            count,
        })
        .boxed()
}

fn change() -> BoxedStrategy<Change> {
    prop_oneof![
        4 => prop_oneof![2 => Just(0_u8), 1 => 0..4_u8].prop_map(Change::Block),
        2 => (0..4_u8, select(vec![0, 1, 20, 50, 100, -1])).prop_map(|(a, b)| Change::Floor(a, b)),
        2 => option::of(select(vec![-1, 0, 50, 120, 1_000])).prop_map(Change::Ceiling),
        2 => Just(Change::Close),
        2 => Just(Change::Reopen),
    ]
    .boxed()
}

pub(crate) fn next() -> BoxedStrategy<Move> {
    let advance = select(vec![0, 1, MINUTE - 1, MINUTE, HOUR, HOUR, 12 * HOUR, DAY]);
    prop_oneof![
        20 => (prop_oneof![3 => Just(0_u8), 1 => Just(1_u8)], vec(draft(), 1..=8))
            .prop_map(|(channel, drafts)| Move::Batch(channel, drafts)),
        4 => advance.prop_map(|nanos| Move::Other(Step::Advance(nanos))),
        3 => (0..=ACCOUNTS, change()).prop_map(|(at, change)| Move::Other(Step::Change(at, change))),
        1 => (-6..=3_i64).prop_map(|day| Move::Other(Step::ClosePeriod(day))),
        2 => limit().prop_map(|limit| Move::Other(Step::SetLimit(limit))),
        2 => (0..3_u8).prop_map(|id| Move::Other(Step::RemoveLimit(id))),
        2 => select(vec![0_usize, 1, 100]).prop_map(|most| Move::Other(Step::Expire(most))),
    ].boxed()
}

pub(crate) fn config() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        max_shrink_iters: 20_000,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_bank_agrees_with_the_naive_model(
        moves in vec(next(), 1..=60),
        probes in vec((0..3_u8, any::<i64>()), 6),
    ) {
        let mut sim = Sim::new();
        for next in &moves {
            sim.walk(next);
        }
        sim.finish(&probes);
    }
}

/// A model test is worth what its histories reach: every outcome must come up, and often enough
/// to stand beside every other.
#[test]
fn the_histories_reach_every_outcome() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let (mut runner, history) = (TestRunner::deterministic(), vec(next(), 60));
    let mut seen = std::collections::BTreeMap::new();
    for _ in 0..150 {
        let mut sim = Sim::new();
        for next in &history.new_tree(&mut runner).expect("a history").current() {
            sim.walk(next);
        }
        for (what, count) in sim.seen {
            *seen.entry(what).or_insert(0_u32) += count;
        }
    }
    for what in REACHED {
        assert!(seen.get(what).is_some_and(|count| *count >= 3), "{what} in {seen:#?}");
    }
}

const REACHED: [&str; 45] = [
    "post",
    "hold",
    "capture",
    "release",
    "reverse",
    "replayed",
    "expired",
    "change",
    "close_period",
    "set_limit",
    "no_entries",
    "one_legged",
    "amount_not_positive",
    "unbalanced",
    "invalid_terms",
    "id_reused",
    "group_differs",
    "unknown_currency",
    "unknown_account",
    "currency_mismatch",
    "unknown_transaction",
    "unknown_hold",
    "capture_needs_legs",
    "not_a_leg_of_hold",
    "period_closed",
    "booking_date_out_of_bounds",
    "value_date_out_of_bounds",
    "period_not_closable",
    "reversal_of_reversal",
    "already_reversed",
    "expiry_in_past",
    "hold_not_open",
    "hold_expired",
    "capture_exceeds_hold",
    "account_closed",
    "account_blocked",
    "balance_not_zero",
    "overflow",
    "insufficient_funds",
    "ceiling_exceeded",
    "below_minimum",
    "above_maximum",
    "limit_amount_exceeded",
    "limit_count_exceeded",
    "group_failed",
];
