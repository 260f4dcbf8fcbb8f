//! Laws that hold for every input: of texts, of batches, of dry runs, of the wire.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use corebank::id::{AccountId, HoldId, LimitId, TransactionId, UnitId};
use corebank::ledger::query::EntryQuery;
use corebank::ledger::{Channel, ChartCode, Kind};
use corebank::money::{Currency, Money};
use corebank::store::{Cursor, Page};
use corebank::time::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::model::{
    self, ACCOUNTS, Item, Line, Portion, Request, USD, Verdict, Words, account_id, run, verdict,
};

pub(crate) fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }
}

fn any_currency() -> impl Strategy<Value = Currency> {
    (0..=18_u8).prop_map(|exponent| Currency::custom("TOKENS", exponent).unwrap())
}

proptest! {
    #![proptest_config(config())]

    // ---- texts

    #[test]
    fn money_is_read_back_as_it_was_written(minor: i64, currency in any_currency()) {
        let money = Money::new(minor, currency);
        let text = money.to_string();
        let (_, amount) = text.split_once(' ').unwrap();
        prop_assert_eq!(Money::parse(amount, currency).unwrap(), money);
    }

    #[test]
    fn a_difference_gives_back_the_sum(a: i64, b: i64, currency in any_currency()) {
        let (a, b) = (Money::new(a, currency), Money::new(b, currency));
        match a.checked_add(b) {
            Ok(sum) => prop_assert_eq!(sum.checked_sub(b).unwrap(), a),
            Err(error) => {
                let wide = i128::from(a.minor()) + i128::from(b.minor());
                prop_assert!(i64::try_from(wide).is_err(), "{error} for {wide}");
            }
        }
    }

    #[test]
    fn ids_are_read_back_as_they_were_printed(number in 1_u128..) {
        prop_assert_eq!(AccountId::from_u128(number).to_string().parse::<AccountId>().unwrap().as_u128(), number);
        prop_assert_eq!(TransactionId::from_u128(number).to_string().parse::<TransactionId>().unwrap().as_u128(), number);
        prop_assert_eq!(HoldId::from_u128(number).to_string().parse::<HoldId>().unwrap().as_u128(), number);
        prop_assert_eq!(LimitId::from_u128(number).to_string().parse::<LimitId>().unwrap().as_u128(), number);
        prop_assert_eq!(UnitId::from_u128(number).to_string().parse::<UnitId>().unwrap().as_u128(), number);
    }

    #[test]
    fn ids_order_as_their_texts(a in 1_u128.., b in 1_u128..) {
        let (a, b) = (AccountId::from_u128(a), AccountId::from_u128(b));
        prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
    }

    #[test]
    fn instants_are_read_back_and_order_as_their_texts(a: i64, b: i64) {
        let (a, b) = (Timestamp::from_nanos(a), Timestamp::from_nanos(b));
        prop_assert_eq!(a.to_string().parse::<Timestamp>().unwrap(), a);
        prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
    }

    /// What is read is printed again as it was given, so there is one text for each value.
    #[test]
    fn no_text_makes_a_parser_panic_or_lie(text in prop_oneof![any::<String>(), "[0-9a-f-]{30,50}", "[0-9a-zT:.+-]{0,40}"]) {
        if let Ok(cursor) = text.parse::<Cursor>() {
            prop_assert_eq!(cursor.to_string(), text.clone());
        }
        if let Ok(id) = text.parse::<AccountId>() {
            prop_assert_eq!(id.to_string(), text.to_lowercase());
        }
        if let Ok(kind) = Kind::new(&text) {
            prop_assert_eq!(kind.as_str(), text.as_str());
        }
        if let Ok(channel) = Channel::new(&text) {
            prop_assert_eq!(channel.as_str(), text.as_str());
        }
        if let Ok(code) = ChartCode::new(&text) {
            prop_assert_eq!(code.as_str(), text.as_str());
        }
        if let Ok(instant) = text.parse::<Timestamp>() {
            prop_assert_eq!(instant.to_string().parse::<Timestamp>().unwrap(), instant);
        }
        let _ = Currency::iso(&text);
        let _ = Money::parse(&text, Currency::USD);
    }

    #[test]
    fn cursors_are_read_back(text in "[0-9a-f]{48}") {
        prop_assert_eq!(text.parse::<Cursor>().unwrap().to_string(), text.clone());
        prop_assert!(text.to_uppercase() == text || text.to_uppercase().parse::<Cursor>().is_err());
        prop_assert!(text[1..].parse::<Cursor>().is_err());
    }

    // ---- laws of the bank

    /// Posting one by one gives the same outcomes and balances as one batch. Only places and
    /// instants agree by themselves: each record takes the next of both.
    #[test]
    fn one_by_one_is_as_one_batch(items in vec(item(), 1..12)) {
        let (one, many) = (model::open_bank().0, model::open_bank().0);
        let context = model::context(0);
        let together = run(many.post_many(&context, &model::batch(&items))).unwrap();
        let mut apart = Vec::new();
        for item in &items {
            let batch = model::batch(std::slice::from_ref(item));
            apart.extend(run(one.post_many(&context, &batch)).unwrap());
        }
        let (apart, together): (Vec<_>, Vec<_>) = (verdicts(apart), verdicts(together));
        prop_assert_eq!(apart, together);
        prop_assert_eq!(books(&one), books(&many));
    }

    /// A dry run says what will happen, places and instants included, and changes nothing.
    #[test]
    fn a_dry_run_tells_the_truth(
        before in vec(item(), 0..6),
        items in vec(item(), 1..12),
    ) {
        let bank = model::open_bank().0;
        let context = model::context(0);
        if !before.is_empty() {
            run(bank.post_many(&context, &model::batch(&before))).unwrap();
        }
        let (batch, books_before) = (model::batch(&items), books(&bank));
        let foretold = run(bank.dry_run().post_many(&context, &batch)).unwrap();
        prop_assert_eq!(books(&bank), books_before);
        let real = run(bank.post_many(&context, &batch)).unwrap();
        prop_assert_eq!(foretold, real);
    }

    /// Transactions that share no account may come in any order.
    #[test]
    fn independent_accounts_do_not_feel_each_other(
        usd in vec((any::<bool>(), 1..200_i64), 1..6),
        eur in vec((any::<bool>(), 1..200_i64), 1..6),
        mix in vec(any::<bool>(), 12),
    ) {
        let make = |base: u16, (debit, credit): (u8, u8), currency: u8, list: &[(bool, i64)]| {
            let made = (base..).zip(list).map(|(id, (turned, amount))| {
                let (a, b) = if *turned { (credit, debit) } else { (debit, credit) };
                post(id, a, b, currency, *amount)
            });
            made.collect::<Vec<Item>>()
        };
        let (usd, eur) = (make(0, (0, 1), 0, &usd), make(100, (4, 5), 1, &eur));
        let straight: Vec<Item> = usd.iter().chain(&eur).cloned().collect();
        let (mut a, mut b) = (usd.into_iter().peekable(), eur.into_iter().peekable());
        let mut mixed = Vec::new();
        for first in mix.into_iter().chain(std::iter::repeat(true)) {
            match (a.peek().is_some(), b.peek().is_some()) {
                (false, false) => break,
                (true, false) => mixed.extend(a.next()),
                (false, true) => mixed.extend(b.next()),
                _ => mixed.extend(if first { a.next() } else { b.next() }),
            }
        }
        let end = |items: &[Item]| {
            let bank = model::open_bank().0;
            let outcomes = run(bank.post_many(&model::context(0), &model::batch(items))).unwrap();
            let mut by_id: Vec<_> = items.iter().zip(outcomes).map(|(item, outcome)| {
                let Request::Post { id, .. } = item.requests[0] else { unreachable!() };
                (id, outcome.map(|outcome| outcome.is_replayed()).map_err(|no| no.to_string()))
            }).collect();
            by_id.sort_by_key(|(id, _)| *id);
            (by_id, books(&bank).0)
        };
        prop_assert_eq!(end(&straight), end(&mixed));
    }
}

fn post(id: u16, debit: u8, credit: u8, currency: u8, amount: i64) -> Item {
    let line = |account, debit| Line { account, debit, currency, amount };
    let lines = vec![line(debit, true), line(credit, false)];
    let words = Words::default();
    Item { requests: vec![Request::Post { id, lines, words }], group: false }
}

/// Requests over few ids and accounts, so that they meet.
pub(crate) fn item() -> BoxedStrategy<Item> {
    let lines = || {
        (0..4_u8, 0..4_u8, 1..120_i64).prop_map(|(a, b, amount)| {
            let currency = USD;
            vec![
                Line { account: a, debit: true, currency, amount },
                Line { account: b, debit: false, currency, amount },
            ]
        })
    };
    let words = Words::default;
    let request = prop_oneof![
        6 => (0..12_u16, lines())
            .prop_map(move |(id, lines)| Request::Post { id, lines, words: words() }),
        3 => (0..6_u16, lines()).prop_map(move |(id, lines)| {
            Request::Hold { id, lines, expires: None, words: words() }
        }),
        2 => (20..26_u16, 0..6_u16, 1..120_i64, any::<bool>()).prop_map(
            move |(id, hold, amount, last)| {
                let portion = Portion::Amount(USD, amount);
                Request::Capture { id, hold, portion, last, words: words() }
            }
        ),
        1 => (30..33_u16, 0..6_u16).prop_map(|(id, hold)| Request::Release { id, hold }),
        1 => (40..43_u16, 0..12_u16, any::<bool>()).prop_map(move |(id, original, force)| {
            Request::Reverse { id, original, force, words: words() }
        }),
    ]
    .boxed();
    prop_oneof![
        3 => request.clone().prop_map(|one| Item { requests: vec![one], group: false }),
        1 => vec(request, 1..4).prop_map(|requests| Item { requests, group: true }),
    ]
    .boxed()
}

/// Outcomes without the place within the request of a refusal's cause.
pub(crate) fn verdicts(outcomes: corebank::bank::BatchOutcomes) -> Vec<Verdict> {
    outcomes.into_iter().map(verdict).collect()
}

/// Every counter of every account, and the entries of each as text, with the journal's end.
pub(crate) fn books(bank: &corebank::Bank) -> (Vec<corebank::ledger::Balance>, Vec<String>, u64) {
    let accounts = (0..ACCOUNTS).map(account_id);
    let states = accounts.clone().map(|id| run(bank.account(id)).unwrap().state.balance);
    let entries = accounts.map(|id| {
        let page: Page<_> = run(bank.entries(&EntryQuery::new(id), 1_000, None)).unwrap();
        format!("{:?}", page.items)
    });
    (states.collect(), entries.collect(), run(bank.head()).unwrap().position)
}

/// The builder has no way to relate a capture to a transaction; a request from outside might.
#[test]
fn a_capture_relates_to_nothing_but_its_hold() {
    use corebank::ledger::NewCapture;
    let bank = model::open_bank().0;
    let capture = NewCapture::rest(Kind::FEE, model::hold_id(1));
    let mut json = serde_json::to_value(&capture).unwrap();
    json["relates_to"] = serde_json::to_value(model::transaction_id(1)).unwrap();
    let capture: NewCapture = serde_json::from_value(json).unwrap();
    let refused = run(bank.capture(&model::context(0), capture)).unwrap_err();
    assert_eq!(refused.code(), "invalid_terms");
}

mod wire {
    use std::fmt::Debug;

    use chrono::NaiveDate;
    use corebank::ledger::{
        AccountChange, Batch, Block, CaptureAmount, FloorPolicy, Instruction, Labels, Leg,
        LimitRule, LimitScope, Metadata, NewAccount, NewCapture, NewHold, NewRelease, NewReversal,
        NewTransaction, Outcome, Receipt, Reference, Refusal, Side, Subject, Text, Window,
    };
    use serde::{Serialize, de::DeserializeOwned};
    use serde_json::{Value, json};

    use super::*;

    fn there_and_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) -> Value {
        let text = serde_json::to_string(value).unwrap();
        assert_eq!(serde_json::from_str::<T>(&text).unwrap(), *value, "through {text}");
        serde_json::from_str(&text).unwrap()
    }

    fn golden<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, expected: Value) {
        assert_eq!(there_and_back(value), expected);
    }

    const A: &str = "00000000-0000-0000-0000-0000000000a1";
    const B: &str = "00000000-0000-0000-0000-0000000000a2";
    const T: &str = "00000000-0000-0000-0000-000000000111";

    fn transfer() -> NewTransaction {
        let (debit, credit) = (A.parse().unwrap(), B.parse().unwrap());
        let money = Money::new(1_230, Currency::USD);
        NewTransaction::transfer(Kind::TRANSFER, debit, credit, money)
    }

    #[test]
    fn a_transaction_on_the_wire() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 9).unwrap();
        let mut metadata = Metadata::default();
        metadata.insert("order", "17").unwrap();
        let full = transfer()
            .with_id(T.parse().unwrap())
            .with_booking_date(day)
            .with_value_date(day)
            .relating_to(TransactionId::from_u128(7))
            .with_description(Text::new("rent").unwrap())
            .with_reference(Reference::new("INV-1").unwrap())
            .with_metadata(metadata);
        golden(
            &full,
            json!({
                "id": T,
                "legs": [
                    { "account": A, "side": "DEBIT", "money": { "amount": "12.30", "currency": "USD" } },
                    { "account": B, "side": "CREDIT", "money": { "amount": "12.30", "currency": "USD" } },
                ],
                "kind": "transfer",
                "booking_date": "2026-03-09",
                "value_date": "2026-03-09",
                "relates_to": "00000000-0000-0000-0000-000000000007",
                "notes": {
                    "description": "rent",
                    "reference": "INV-1",
                    "metadata": { "order": "17" },
                },
            }),
        );
        there_and_back(&transfer());
    }

    #[test]
    fn instructions_on_the_wire() {
        let hold = HoldId::from_u128(9);
        let nine = "00000000-0000-0000-0000-000000000009";
        let usd = |minor| Money::new(minor, Currency::USD);
        golden(
            &Instruction::from(NewRelease::new(hold).with_id(T.parse().unwrap())),
            json!({ "RELEASE": { "id": T, "hold": nine } }),
        );
        let capture = there_and_back(&Instruction::from(
            NewCapture::amount(Kind::PAYMENT, hold, usd(5)).keeping_rest(),
        ));
        assert_eq!(capture["CAPTURE"]["hold"], nine);
        assert_eq!(capture["CAPTURE"]["last"], false);
        assert_eq!(
            capture["CAPTURE"]["amount"],
            json!({ "AMOUNT": { "amount": "0.05", "currency": "USD" } })
        );
        let reversal = there_and_back(&Instruction::from(
            NewReversal::new(TransactionId::from_u128(9)).forced(),
        ));
        assert_eq!(reversal["REVERSE"]["original"], nine);
        assert_eq!(reversal["REVERSE"]["force"], true);
        assert_eq!(reversal["REVERSE"]["kind"], "reversal");
        let leg = Leg::new(A.parse().unwrap(), Side::Debit, usd(1));
        let placed = there_and_back(&Instruction::from(
            NewHold::new(Kind::FEE).leg(leg).expiring_at(Timestamp::EPOCH).with_id(hold),
        ));
        assert_eq!(placed["HOLD"]["expires_at"], "1970-01-01T00:00:00.000000000Z");
        there_and_back(&Instruction::from(NewCapture::rest(Kind::FEE, hold)));
        there_and_back(&Instruction::from(NewCapture::legs(Kind::FEE, hold, vec![leg])));
        there_and_back(&CaptureAmount::Legs(vec![leg]));
        let posts = [transfer(), transfer().with_id(T.parse().unwrap())];
        let batch: Batch = posts.into_iter().collect();
        assert_eq!(there_and_back(&batch.instructions()[1])["POST"]["id"], T);
    }

    #[test]
    fn outcomes_on_the_wire() {
        let subject = Subject::Transaction(T.parse().unwrap());
        let receipt = Receipt { subject, position: 3, posted_at: Timestamp::from_nanos(1) };
        golden(
            &Outcome::Applied(receipt),
            json!({ "APPLIED": {
                "subject": { "TRANSACTION": T },
                "position": 3,
                "posted_at": "1970-01-01T00:00:00.000000001Z",
            }}),
        );
        there_and_back(&Outcome::Replayed(receipt));
        let refusal = Refusal::InsufficientFunds {
            account: A.parse().unwrap(),
            available: Money::new(10, Currency::USD),
            needed: Money::new(11, Currency::USD),
        };
        assert_eq!(
            serde_json::to_value(refusal).unwrap(),
            json!({
                "refusal": "insufficient_funds",
                "account": A,
                "available": { "amount": "0.10", "currency": "USD" },
                "needed": { "amount": "0.11", "currency": "USD" },
            })
        );
        let code = ChartCode::new("2100").unwrap();
        assert_eq!(
            serde_json::to_value(Refusal::UnknownChartCode { code }).unwrap(),
            json!({ "refusal": "unknown_chart_code", "code": "2100" })
        );
        assert_eq!(
            serde_json::to_value(Refusal::EmptyBatch).unwrap(),
            json!({ "refusal": "empty_batch" })
        );
    }

    #[test]
    fn sums_of_an_unbalanced_transaction_survive_the_wire() {
        let refusal = Refusal::Unbalanced {
            currency: Currency::USD,
            debits: i128::from(i64::MAX) * 2,
            credits: 1,
        };
        let text = serde_json::to_string(&refusal).unwrap();
        assert!(text.contains("18446744073709551614"), "{text}");
    }

    #[test]
    fn terms_on_the_wire() {
        let code = ChartCode::new("2100.CHK").unwrap();
        golden(
            &NewAccount::new(code, Currency::USD)
                .with_id(A.parse().unwrap())
                .with_floor(FloorPolicy::Overdraft(50))
                .with_ceiling(100),
            json!({
                "id": A,
                "code": "2100.CHK",
                "currency": "USD",
                "floor": { "OVERDRAFT": 50 },
                "ceiling": 100,
                "labels": { "customer": null, "branch": null },
                "name": null,
            }),
        );
        there_and_back(&Labels::default());
        for change in [
            AccountChange::Block(Block::Debits),
            AccountChange::Floor(FloorPolicy::Unbounded),
            AccountChange::Ceiling(None),
            AccountChange::Close,
            AccountChange::Reopen,
        ] {
            there_and_back(&change);
        }
        let scopes = [
            LimitScope::Global,
            LimitScope::EachCustomer,
            LimitScope::Account(A.parse().unwrap()),
            LimitScope::EachAccount(code),
            LimitScope::Channel(Channel::WEB),
            LimitScope::Kind(Kind::FEE),
        ];
        for (scope, window) in scopes.into_iter().zip(
            [Window::Day, Window::Month, Window::RollingDays(7), Window::RollingHours(3)]
                .into_iter()
                .cycle(),
        ) {
            let id = LimitId::from_u128(1);
            let rule = LimitRule::new(id, scope, Side::Debit, Currency::EUR, window);
            there_and_back(&rule.with_maximum(5).with_count(2).for_kinds([Kind::FEE]));
        }
    }

    #[test]
    fn a_cursor_on_the_wire() {
        let text = "0123456789abcdef".repeat(3);
        let cursor: Cursor = text.parse().unwrap();
        golden(&cursor, json!(text));
        assert!(serde_json::from_value::<Cursor>(json!(1)).is_err());
        assert!(serde_json::from_value::<Cursor>(json!("")).is_err());
    }

    proptest! {
        #![proptest_config(config())]

        #[test]
        fn every_request_survives_the_wire(items in vec(item(), 1..8)) {
            for instruction in model::batch(&items).instructions() {
                there_and_back(instruction);
            }
        }

        #[test]
        fn money_survives_the_wire(minor: i64, currency in any_currency()) {
            there_and_back(&Money::new(minor, currency));
        }
    }
}
