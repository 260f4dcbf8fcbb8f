//! No two records are written alike: every field of every record is changed once.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic
)]

use std::collections::HashMap;

use super::*;
use crate::id::{AccountId, HoldId, LimitId, TransactionId, UnitId};
use crate::ledger::{
    AccountClass, Actor, Channel, ChartCode, Correlation, HoldState, Kind, Metadata, Notes,
    Reference, Text, seal,
};

pub(crate) fn day(number: i32) -> NaiveDate {
    NaiveDate::from_num_days_from_ce_opt(738_000 + number).unwrap()
}

pub(crate) fn at(nanos: i64) -> Timestamp {
    Timestamp::from_nanos(nanos)
}

pub(crate) fn origin() -> Origin {
    Origin {
        actor: Actor::new("user:1").unwrap(),
        channel: Channel::WEB,
        correlation: Some(Correlation::new("request").unwrap()),
    }
}

pub(crate) fn notes(description: &str) -> SaltedNotes {
    let mut metadata = Metadata::default();
    metadata.insert("key", "value").unwrap();
    let notes = Notes {
        description: Some(Text::new(description).unwrap()),
        reference: Some(Reference::new("reference").unwrap()),
        metadata,
    };
    let salt = [7; 16];
    SaltedNotes { digest: seal::notes_digest(&salt, &notes), notes: Some(notes), salt }
}

pub(crate) fn entry(account: u128, side: Side, minor: i64) -> Entry {
    Entry {
        transaction: TransactionId::from_u128(1),
        account: AccountId::from_u128(account),
        side,
        money: Money::new(minor, Currency::USD),
        number: 1,
        balance_after: minor,
        booking_date: day(1),
        value_date: day(2),
        posted_at: at(1_000),
    }
}

pub(crate) fn transaction(position: u64) -> Transaction {
    Transaction {
        id: TransactionId::from_u128(1),
        position,
        posted_at: at(1_000),
        kind: Kind::TRANSFER,
        booking_date: day(1),
        value_date: day(2),
        defaulted: Defaulted::default(),
        link: None,
        group: None,
        notes: Some(notes("words")),
        origin: origin(),
        entries: vec![entry(10, Side::Debit, 500), entry(11, Side::Credit, 500)],
    }
}

fn bytes(record: &Record) -> Vec<u8> {
    let mut out = Vec::new();
    encode_record(record, &mut out);
    out
}

fn assert_distinct(records: Vec<Record>) {
    let mut seen: HashMap<Vec<u8>, usize> = HashMap::new();
    for (at, record) in records.iter().enumerate() {
        if let Some(earlier) = seen.insert(bytes(record), at) {
            panic!("written alike: {:?} and {record:?}", records[earlier]);
        }
        assert_survives_json(record);
    }
}

/// An archive keeps every field that a seal looks at, and more: the words themselves.
fn assert_survives_json(record: &Record) {
    let text = serde_json::to_string(record).unwrap();
    assert_eq!(serde_json::from_str::<Record>(&text).unwrap(), *record, "through {text}");
}

/// The sample and one variant per change, which must all differ.
fn variants<T: Clone>(sample: &T, changes: &[fn(&mut T)]) -> Vec<T> {
    let changed = changes.iter().map(|change| {
        let mut variant = sample.clone();
        change(&mut variant);
        variant
    });
    std::iter::once(sample.clone()).chain(changed).collect()
}

const OTHER: TransactionId = TransactionId::from_u128(99);

fn mark(group: u128, index: u32, size: u32) -> Option<GroupMark> {
    Some(GroupMark { group: UnitId::from_u128(group), index, size })
}

#[test]
fn every_field_of_a_transaction_counts() {
    let changes: &[fn(&mut Transaction)] = &[
        |t| t.id = OTHER,
        |t| t.position = 2,
        |t| t.posted_at = at(1_001),
        |t| t.kind = Kind::PAYMENT,
        |t| t.booking_date = day(2),
        |t| t.value_date = day(1),
        |t| t.defaulted.booking_date = true,
        |t| t.defaulted.value_date = true,
        |t| t.defaulted.amount = true,
        |t| t.link = Some(Link::RelatesTo(OTHER)),
        |t| t.link = Some(Link::RelatesTo(t.id)),
        |t| t.link = Some(Link::Reverses { original: OTHER, forced: false }),
        |t| t.link = Some(Link::Reverses { original: OTHER, forced: true }),
        |t| t.link = Some(Link::Captures { hold: HoldId::from_u128(99), last: false }),
        |t| t.link = Some(Link::Captures { hold: HoldId::from_u128(99), last: true }),
        |t| t.group = mark(1, 0, 2),
        |t| t.group = mark(2, 0, 2),
        |t| t.group = mark(1, 1, 2),
        |t| t.group = mark(1, 0, 3),
        |t| t.notes = None,
        |t| t.notes = Some(notes("other")),
        |t| t.origin.actor = Actor::new("user:2").unwrap(),
        |t| t.origin.channel = Channel::API,
        |t| t.origin.correlation = None,
        |t| t.origin.correlation = Some(Correlation::new("other").unwrap()),
        |t| t.entries.reverse(),
        |t| t.entries.push(t.entries[0].clone()),
        |t| t.entries.truncate(1),
        |t| t.entries.clear(),
    ];
    assert_distinct(transactions(changes));
}

fn transactions(changes: &[fn(&mut Transaction)]) -> Vec<Record> {
    variants(&transaction(1), changes).into_iter().map(Record::Transaction).collect()
}

#[test]
fn every_field_of_an_entry_counts() {
    assert_distinct(transactions(&[
        |t| t.entries[1].transaction = OTHER,
        |t| t.entries[1].account = AccountId::from_u128(99),
        |t| t.entries[1].side = Side::Debit,
        |t| t.entries[1].money = Money::new(501, Currency::USD),
        |t| t.entries[1].money = Money::new(500, Currency::EUR),
        |t| t.entries[1].money = Money::new(500, Currency::custom("POINTS", 0).unwrap()),
        |t| t.entries[1].money = Money::new(500, Currency::custom("POINTS", 2).unwrap()),
        |t| t.entries[1].number = 2,
        |t| t.entries[1].balance_after = -500,
        |t| t.entries[1].booking_date = day(9),
        |t| t.entries[1].value_date = day(9),
        |t| t.entries[1].posted_at = at(9),
        |t| t.entries[0].balance_after = 9,
    ]));
}

#[test]
fn words_may_be_erased() {
    let sealed = Record::Transaction(transaction(1));
    let mut erased = transaction(1);
    let notes = erased.notes.as_mut().unwrap();
    (notes.notes, notes.salt) = (None, [0; 16]);
    assert_eq!(bytes(&sealed), bytes(&Record::Transaction(erased)));
}

fn operations(operations: Vec<Operation>) -> Vec<Record> {
    let record = |operation| {
        Record::Operation(OperationRecord { position: 1, at: at(1), origin: origin(), operation })
    };
    operations.into_iter().map(record).collect()
}

fn placed() -> HoldPlaced {
    let leg = |account, side| Leg {
        account: AccountId::from_u128(account),
        side,
        money: Money::new(500, Currency::USD),
    };
    HoldPlaced {
        hold: HoldId::from_u128(1),
        kind: Kind::PAYMENT,
        legs: vec![leg(10, Side::Debit), leg(11, Side::Credit)],
        expires_at: None,
        booking_date: None,
        value_date: None,
        relates_to: None,
        usage: vec![HoldUsage {
            limit: LimitId::from_u128(1),
            subject: Uuid::nil(),
            bucket: 1,
            leg: 0,
            counted: true,
        }],
        group: None,
        notes: None,
    }
}

#[test]
fn every_field_of_a_hold_counts() {
    let changes: &[fn(&mut HoldPlaced)] = &[
        |h| h.hold = HoldId::from_u128(2),
        |h| h.kind = Kind::FEE,
        |h| h.legs.reverse(),
        |h| h.legs.truncate(1),
        |h| h.legs[0].account = AccountId::from_u128(9),
        |h| h.legs[0].side = Side::Credit,
        |h| h.legs[0].money = Money::new(501, Currency::USD),
        |h| h.legs[0].money = Money::new(500, Currency::EUR),
        |h| h.expires_at = Some(at(1)),
        |h| h.expires_at = Some(at(2)),
        |h| h.booking_date = Some(day(1)),
        |h| h.value_date = Some(day(1)),
        |h| h.relates_to = Some(OTHER),
        |h| h.usage.clear(),
        |h| h.usage[0].limit = LimitId::from_u128(2),
        |h| h.usage[0].subject = Uuid::from_u128(2),
        |h| h.usage[0].bucket = 2,
        |h| h.usage[0].leg = 1,
        |h| h.usage[0].counted = false,
        |h| h.group = mark(1, 0, 2),
        |h| h.notes = Some(notes("words")),
        |h| h.notes = Some(notes("other")),
    ];
    let all = variants(&placed(), changes).into_iter();
    assert_distinct(operations(all.map(|hold| Operation::HoldPlaced(Box::new(hold))).collect()));
}

fn rule() -> LimitRule {
    let id = LimitId::from_u128(1);
    LimitRule::new(id, LimitScope::Global, Side::Debit, Currency::USD, Window::Day)
}

#[test]
fn every_field_of_a_limit_counts() {
    let changes: &[fn(&mut LimitRule)] = &[
        |l| l.id = LimitId::from_u128(2),
        |l| l.scope = LimitScope::Branch(Uuid::from_u128(1)),
        |l| l.scope = LimitScope::Branch(Uuid::from_u128(2)),
        |l| l.scope = LimitScope::EachBranch,
        |l| l.scope = LimitScope::Customer(Uuid::from_u128(1)),
        |l| l.scope = LimitScope::EachCustomer,
        |l| l.scope = LimitScope::Account(AccountId::from_u128(1)),
        |l| l.scope = LimitScope::EachAccount(ChartCode::new("2100").unwrap()),
        |l| l.scope = LimitScope::Channel(Channel::WEB),
        |l| l.scope = LimitScope::Kind(Kind::FEE),
        |l| l.side = Side::Credit,
        |l| l.currency = Currency::EUR,
        |l| l.kinds = vec![Kind::FEE],
        |l| l.kinds = vec![Kind::FEE, Kind::REFUND],
        |l| l.minimum = Some(1),
        |l| l.maximum = Some(1),
        |l| l.window = Window::Month,
        |l| l.window = Window::RollingDays(7),
        |l| l.window = Window::RollingDays(8),
        |l| l.window = Window::RollingHours(7),
        |l| l.amount = Some(1),
        |l| l.count = Some(1),
    ];
    let all = variants(&rule(), changes).into_iter();
    assert_distinct(operations(all.map(Operation::LimitSet).collect()));
}

#[derive(Clone)]
struct Opened(AccountId, AccountClass, Currency, FloorPolicy, Option<i64>, AccountProfile);

fn opened() -> Opened {
    let floor = FloorPolicy::NonNegative;
    let profile = AccountProfile {
        code: ChartCode::new("2100").unwrap(),
        labels: Labels::default(),
        name: None,
        opened_at: at(1),
        opened_as: OpenedAs { floor, ceiling: None },
    };
    Opened(AccountId::from_u128(1), AccountClass::Liability, Currency::USD, floor, None, profile)
}

#[test]
fn every_field_of_an_opening_counts() {
    let changes: &[fn(&mut Opened)] = &[
        |o| o.0 = AccountId::from_u128(2),
        |o| o.1 = AccountClass::Asset,
        |o| o.2 = Currency::EUR,
        |o| o.3 = FloorPolicy::Unbounded,
        |o| o.3 = FloorPolicy::Overdraft(1),
        |o| o.3 = FloorPolicy::Overdraft(2),
        |o| o.3 = FloorPolicy::CreditLimit(1),
        |o| o.4 = Some(0),
        |o| o.4 = Some(1),
        |o| o.5.code = ChartCode::new("2101").unwrap(),
        |o| o.5.labels.customer = Some(Uuid::from_u128(1)),
        |o| o.5.labels.branch = Some(Uuid::from_u128(1)),
        |o| o.5.name = Some(Text::new("name").unwrap()),
        |o| o.5.opened_at = at(2),
        |o| o.5.opened_as.floor = FloorPolicy::Unbounded,
        |o| o.5.opened_as.ceiling = Some(0),
    ];
    let open = |Opened(account, class, currency, floor, ceiling, profile), guarded| {
        let profile = Box::new(profile);
        Operation::AccountOpened { account, class, currency, floor, ceiling, profile, guarded }
    };
    let mut all: Vec<_> =
        variants(&opened(), changes).into_iter().map(|one| open(one, false)).collect();
    all.push(open(opened(), true));
    assert_distinct(operations(all));
}

#[test]
fn no_two_operations_are_written_alike() {
    let code = |text| ChartCode::new(text).unwrap();
    let name = |text| Text::new(text).unwrap();
    let node = |at, class, parent, text| {
        Operation::ChartDefined(ChartNode::new(code(at), class, parent, name(text)))
    };
    let changed = |account, change| Operation::AccountChanged {
        account: AccountId::from_u128(account),
        change,
    };
    let ended = |hold, state, by, group| Operation::HoldEnded {
        hold: HoldId::from_u128(hold),
        state,
        by,
        group,
    };
    let (asset, by) = (AccountClass::Asset, Some(OTHER));
    let mut records = operations(vec![
        node("1000", asset, None, "Cash"),
        node("1001", asset, None, "Cash"),
        node("1000", AccountClass::Expense, None, "Cash"),
        node("1000", asset, Some(code("1")), "Cash"),
        node("1000", asset, None, "Vault"),
        changed(1, AccountChange::Block(Block::None)),
        changed(2, AccountChange::Block(Block::None)),
        changed(1, AccountChange::Block(Block::Debits)),
        changed(1, AccountChange::Block(Block::Credits)),
        changed(1, AccountChange::Block(Block::All)),
        changed(1, AccountChange::Floor(FloorPolicy::NonNegative)),
        changed(1, AccountChange::Floor(FloorPolicy::Unbounded)),
        changed(1, AccountChange::Ceiling(None)),
        changed(1, AccountChange::Ceiling(Some(1))),
        changed(1, AccountChange::Close),
        changed(1, AccountChange::Reopen),
        ended(1, HoldState::Released, by, None),
        ended(2, HoldState::Released, by, None),
        ended(1, HoldState::Expired, by, None),
        ended(1, HoldState::Released, None, None),
        ended(1, HoldState::Released, by, mark(1, 0, 1)),
        Operation::LimitSet(rule()),
        Operation::LimitRemoved(LimitId::from_u128(1)),
        Operation::LimitRemoved(LimitId::from_u128(2)),
        Operation::PeriodClosed { through: day(1) },
        Operation::PeriodClosed { through: day(2) },
    ]);
    let base = OperationRecord {
        position: 1,
        at: at(1),
        origin: origin(),
        operation: Operation::LimitRemoved(LimitId::from_u128(1)),
    };
    let changes: &[fn(&mut OperationRecord)] =
        &[|r| r.position = 2, |r| r.at = at(2), |r| r.origin.actor = Actor::new("user:2").unwrap()];
    records.extend(variants(&base, changes).into_iter().skip(1).map(Record::Operation));
    assert_distinct(records);
}

/// The form is a promise: seals written long ago must still verify.
#[test]
fn the_form_does_not_change() {
    let known = seal::record_hash(&Record::Transaction(transaction(1)));
    let hex: String = known.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, "e37e132466eda74d061ec35a41669a00ed86618a5552c5b05ab3564f4c286e9d");
}
