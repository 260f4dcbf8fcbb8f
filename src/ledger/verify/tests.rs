//! A small book that is clean, and every way of bending it, which must be reported.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic
)]

use std::collections::BTreeMap;

use super::*;
use crate::id::{AccountId, HoldId, TransactionId};
use crate::ledger::encode::tests::{at, day, origin};
use crate::ledger::{
    AccountChange, AccountClass, AccountProfile, AccountState, Balance, Block, ChartCode,
    Defaulted, FloorPolicy, HoldLeg, HoldPlaced, HoldState, Labels, OpenedAs, Side,
};
use crate::money::{Currency, Money};

const CASH: u128 = 1;
const ALICE: u128 = 2;
const BOB: u128 = 3;

/// Writes journal and rows side by side, as a store would.
#[derive(Debug, Clone, Default)]
struct Books {
    records: Vec<Record>,
    accounts: BTreeMap<u128, Account>,
    holds: BTreeMap<u128, Hold>,
    transactions: u128,
}

fn id(account: u128) -> AccountId {
    AccountId::from_u128(account)
}

fn tx(number: u128) -> TransactionId {
    TransactionId::from_u128(number)
}

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

fn legs(debit: u128, credit: u128, minor: i64) -> Vec<Leg> {
    vec![
        Leg::new(id(debit), Side::Debit, usd(minor)),
        Leg::new(id(credit), Side::Credit, usd(minor)),
    ]
}

impl Books {
    fn next(&self) -> (u64, Timestamp) {
        let position = self.records.len() as u64 + 1;
        (position, at(i64::try_from(position).unwrap() * 10))
    }

    fn operate(&mut self, operation: Operation) {
        let (position, at) = self.next();
        let record = OperationRecord { position, at, origin: origin(), operation };
        self.records.push(Record::Operation(record));
    }

    fn open(&mut self, account: u128, class: AccountClass) {
        let floor = FloorPolicy::default_for(class);
        let profile = AccountProfile {
            code: ChartCode::new("1000").unwrap(),
            labels: Labels::default(),
            name: None,
            opened_at: self.next().1,
            opened_as: OpenedAs { floor, ceiling: None },
        };
        self.operate(Operation::AccountOpened {
            account: id(account),
            class,
            currency: Currency::USD,
            floor,
            ceiling: None,
            profile: Box::new(profile.clone()),
            guarded: false,
        });
        let state = AccountState {
            id: id(account),
            key: 0,
            version: 0,
            balance: Balance::default(),
            entries: 0,
            floor,
            ceiling: None,
            currency: Currency::USD,
            class,
            block: Block::None,
            closed: false,
            guarded: false,
        };
        self.accounts.insert(account, Account { state, profile });
    }

    fn post(&mut self, legs: &[Leg], change: impl FnOnce(&mut Transaction)) -> TransactionId {
        let (position, posted_at) = self.next();
        self.transactions += 1;
        let id = tx(self.transactions);
        let (booking_date, value_date) = (day(100), day(101));
        let entries = legs.iter().map(|leg| {
            let state = &mut self.accounts.get_mut(&leg.account.as_u128()).unwrap().state;
            state.entries += 1;
            state.balance.post(leg.side, leg.money.minor()).unwrap();
            Entry {
                transaction: id,
                account: leg.account,
                side: leg.side,
                money: leg.money,
                number: state.entries,
                balance_after: state.balance.ledger(state.class.normal_side()),
                booking_date,
                value_date,
                posted_at,
            }
        });
        let mut transaction = Transaction {
            id,
            position,
            posted_at,
            kind: Kind::TRANSFER,
            booking_date,
            value_date,
            defaulted: Defaulted::default(),
            link: None,
            group: None,
            notes: None,
            origin: origin(),
            entries: entries.collect(),
        };
        change(&mut transaction);
        self.records.push(Record::Transaction(transaction));
        id
    }

    fn place(&mut self, hold: u128, legs: &[Leg]) {
        let (position, placed_at) = self.next();
        for leg in legs {
            self.balance(leg).reserve(leg.side, leg.money.minor()).unwrap();
        }
        let row = Hold {
            id: HoldId::from_u128(hold),
            version: 0,
            position,
            placed_at,
            expires_at: Some(at(1_000_000)),
            kind: Kind::PAYMENT,
            state: HoldState::Open,
            legs: legs
                .iter()
                .map(|leg| HoldLeg { leg: *leg, captured: 0, open: leg.money.minor() })
                .collect(),
            usage: Vec::new(),
            ended: None,
            relates_to: None,
            booking_date: None,
            value_date: None,
            group: None,
            notes: None,
            origin: origin(),
        };
        self.operate(Operation::HoldPlaced(Box::new(HoldPlaced {
            hold: row.id,
            kind: row.kind,
            legs: legs.to_vec(),
            expires_at: row.expires_at,
            booking_date: None,
            value_date: None,
            relates_to: None,
            usage: Vec::new(),
            group: None,
            notes: None,
        })));
        self.holds.insert(hold, row);
    }

    fn balance(&mut self, leg: &Leg) -> &mut Balance {
        &mut self.accounts.get_mut(&leg.account.as_u128()).unwrap().state.balance
    }

    fn capture(&mut self, hold: u128, legs: &[Leg], last: bool) {
        let mut row = self.holds[&hold].clone();
        for (leg, taken) in row.legs.iter_mut().zip(legs) {
            leg.open -= taken.money.minor();
            leg.captured += taken.money.minor();
            self.balance(taken).free(taken.side, taken.money.minor()).unwrap();
        }
        let (position, at) = self.next();
        let link = Link::Captures { hold: row.id, last };
        let id = self.post(legs, |t| t.link = Some(link));
        if last {
            let ended = Ended { by: Some(id), position, at, group: None };
            self.finish(&mut row, HoldState::Captured, ended);
        }
        self.holds.insert(hold, row);
    }

    fn finish(&mut self, row: &mut Hold, state: HoldState, ended: Ended) {
        for leg in &mut row.legs {
            self.balance(&leg.leg).free(leg.leg.side, leg.open).unwrap();
            leg.open = 0;
        }
        (row.state, row.ended) = (state, Some(ended));
    }

    fn end(&mut self, hold: u128, state: HoldState, by: Option<TransactionId>) {
        let mut row = self.holds[&hold].clone();
        let (position, at) = self.next();
        self.finish(&mut row, state, Ended { by, position, at, group: None });
        self.operate(Operation::HoldEnded { hold: row.id, state, by, group: None });
        self.holds.insert(hold, row);
    }

    fn check_with(&self, mut verifier: Verifier) -> Report {
        for record in &self.records {
            verifier.fold(record);
        }
        self.accounts.values().for_each(|account| verifier.check_account(account));
        self.holds.values().for_each(|hold| verifier.check_hold(hold));
        verifier.finish()
    }

    fn check(&self) -> Vec<Difference> {
        let report = self.check_with(Verifier::new());
        assert_eq!(report.more, 0);
        report.differences
    }

    fn transaction(&mut self, number: u128) -> &mut Transaction {
        let found = self.records.iter_mut().find_map(|record| match record {
            Record::Transaction(found) if found.id == tx(number) => Some(found),
            _ => None,
        });
        found.unwrap()
    }

    fn operation(&mut self, index: usize) -> &mut Operation {
        let operations = self.records.iter_mut().filter_map(|record| match record {
            Record::Operation(record) => Some(&mut record.operation),
            Record::Transaction(_) => None,
        });
        operations.into_iter().nth(index).unwrap()
    }

    fn state(&mut self, account: u128) -> &mut AccountState {
        &mut self.accounts.get_mut(&account).unwrap().state
    }

    fn hold(&mut self, hold: u128) -> &mut Hold {
        self.holds.get_mut(&hold).unwrap()
    }
}

const GROUP: UnitId = UnitId::from_u128(7);

/// Three accounts; transactions 1 to 8; holds: 1 captured, 2 released, 3 expired, 4 open.
fn books() -> Books {
    let mut books = Books::default();
    books.open(CASH, AccountClass::Asset);
    books.open(ALICE, AccountClass::Liability);
    books.open(BOB, AccountClass::Liability);
    books.post(&legs(CASH, ALICE, 1_000), |_| {});
    let mirrored = books.post(&legs(ALICE, BOB, 100), |_| {});
    for index in 0..2 {
        let group = Some(GroupMark { group: GROUP, index, size: 2 });
        books.post(&legs(ALICE, BOB, 10), |t| t.group = group);
    }
    for hold in 1..=4 {
        books.place(hold, &legs(ALICE, BOB, 50));
    }
    books.capture(1, &legs(ALICE, BOB, 20), false);
    books.capture(1, &legs(ALICE, BOB, 25), true);
    books.end(2, HoldState::Released, Some(tx(99)));
    books.end(3, HoldState::Expired, None);
    books.capture(4, &legs(ALICE, BOB, 5), false);
    let link = Link::Reverses { original: mirrored, forced: false };
    books.post(&legs(BOB, ALICE, 100), |t| t.link = Some(link));
    books.operate(Operation::PeriodClosed { through: day(50) });
    books.post(&legs(ALICE, BOB, 1), |t| t.link = Some(Link::RelatesTo(tx(1))));
    books
}

#[test]
fn a_clean_book_is_clean() {
    let books = books();
    for verifier in [Verifier::new(), Verifier::bounded()] {
        let report = books.check_with(verifier);
        assert!(report.is_clean(), "{:?}", report.differences);
        assert_eq!((report.records, report.transactions, report.entries), (19, 9, 18));
        assert_eq!((report.accounts, report.holds), (3, 4));
        let totals = Totals { currency: Currency::USD, debits: 1_271, credits: 1_271 };
        assert_eq!(report.totals, [totals]);
    }
    assert!(Verifier::new().finish().is_clean(), "nothing at all");
}

/// Bends the clean book in one way; `$expected` must be among what is reported.
macro_rules! bent {
    ($($name:ident: |$books:ident| $change:expr => [$($expected:pat),+];)+) => {$(
        #[test]
        fn $name() {
            let mut bent = books();
            let $books = &mut bent;
            $change;
            let found = bent.check();
            $(assert!(found.iter().any(|one| matches!(one, $expected)), "{found:?}");)+
            // A message names things, not types.
            assert!(found.iter().all(|one| !one.to_string().is_empty()));
        }
    )+};
}

bent! {
    position: |b| b.transaction(2).position += 1 => [Difference::PositionGap { expected: 5, found: 6 }];
    missing_record: |b| b.records.remove(4)
        => [Difference::PositionGap { expected: 5, found: 6 }, Difference::UnknownOriginal { .. }];
    instant: |b| b.transaction(2).posted_at = at(40)
        => [Difference::InstantNotIncreasing { position: 5, .. }, Difference::EntryHead { .. }];
    transaction_id: |b| b.transaction(2).id = tx(1)
        => [Difference::TransactionRepeated { .. }, Difference::EntryHead { .. }];
    entry_gone: |b| b.transaction(2).entries.truncate(1)
        => [Difference::TooFewEntries { found: 1, .. }, Difference::Unbalanced { .. },
           Difference::EntryNumber { .. }, Difference::AccountEntries { .. }];
    amount: |b| b.transaction(2).entries[0].money = usd(101)
        => [Difference::Unbalanced { debits: 101, credits: 100, .. },
           Difference::RunningBalance { expected: 899, found: 900, .. },
           Difference::AccountBalance { .. }];
    both_amounts: |b| for entry in &mut b.transaction(2).entries { entry.money = usd(99) }
        => [Difference::RunningBalance { .. }, Difference::ReversalNotMirror { .. }];
    negative_amounts: |b| for entry in &mut b.transaction(2).entries { entry.money = usd(-1) }
        => [Difference::AmountNotPositive { found: -1, .. }];
    zero_amounts: |b| for entry in &mut b.transaction(2).entries { entry.money = usd(0) }
        => [Difference::AmountNotPositive { found: 0, .. }];
    sides: |b| for entry in &mut b.transaction(2).entries { entry.side = entry.side.opposite() }
        => [Difference::RunningBalance { .. }, Difference::ReversalNotMirror { .. }];
    entry_account: |b| b.transaction(2).entries[1].account = id(CASH)
        => [Difference::EntryNumber { .. }, Difference::ReversalNotMirror { .. }];
    unknown_account: |b| b.transaction(2).entries[1].account = id(77)
        => [Difference::UnknownAccount { .. }];
    entry_currency: |b| for entry in &mut b.transaction(2).entries {
            entry.money = Money::new(100, Currency::EUR);
        } => [Difference::EntryCurrency { found: Currency::EUR, .. }];
    entry_number: |b| b.transaction(2).entries[0].number = 9
        => [Difference::EntryNumber { expected: 2, found: 9, .. }];
    running_balance: |b| b.transaction(2).entries[0].balance_after += 7
        => [Difference::RunningBalance { number: 2, expected: 900, found: 907, .. }];
    entry_booking_date: |b| b.transaction(2).entries[0].booking_date = day(1)
        => [Difference::EntryHead { .. }];
    entry_value_date: |b| b.transaction(2).entries[0].value_date = day(1)
        => [Difference::EntryHead { .. }];
    entry_instant: |b| b.transaction(2).entries[0].posted_at = at(1) => [Difference::EntryHead { .. }];
    entry_transaction: |b| b.transaction(2).entries[0].transaction = tx(1)
        => [Difference::EntryHead { .. }];
    booked_in_closed_period: |b| {
            let transaction = b.transaction(9);
            transaction.booking_date = day(50);
            transaction.entries.iter_mut().for_each(|entry| entry.booking_date = day(50));
        } => [Difference::BookedInClosedPeriod { .. }];
    period_reopened: |b| b.operate(Operation::PeriodClosed { through: day(49) })
        => [Difference::PeriodReopened { .. }];
    group_short: |b| b.transaction(4).group = None
        => [Difference::GroupIncomplete { group: GROUP, expected: 2, found: 1 }];
    group_order: |b| b.transaction(3).group.as_mut().unwrap().index = 1
        => [Difference::GroupOrder { expected: 0, found: 1, .. }];
    group_size: |b| b.transaction(4).group.as_mut().unwrap().size = 3
        => [Difference::GroupOrder { .. }];
    reversed_twice: |b| {
            let link = Link::Reverses { original: tx(2), forced: true };
            b.post(&legs(BOB, ALICE, 100), |t| t.link = Some(link));
        } => [Difference::DoubleReversal { .. }];
    reversal_reversed: |b| {
            let link = Link::Reverses { original: tx(8), forced: true };
            b.post(&legs(ALICE, BOB, 100), |t| t.link = Some(link));
        } => [Difference::ReversalOfReversal { .. }];
    reversal_of_nothing: |b|
        b.transaction(8).link = Some(Link::Reverses { original: tx(77), forced: false })
        => [Difference::UnknownOriginal { .. }];
    reversal_of_another: |b|
        b.transaction(8).link = Some(Link::Reverses { original: tx(3), forced: false })
        => [Difference::ReversalNotMirror { .. }];
    relates_to_nothing: |b| b.transaction(9).link = Some(Link::RelatesTo(tx(77)))
        => [Difference::UnknownOriginal { .. }];
    floor: |b| b.post(&legs(ALICE, BOB, 10_000), |_| {})
        => [Difference::FloorBroken { floor: 0, .. }];
    floor_by_hold: |b| b.place(5, &legs(ALICE, BOB, 10_000)) => [Difference::FloorBroken { .. }];
    ceiling: |b| {
            let change = AccountChange::Ceiling(Some(1));
            b.operate(Operation::AccountChanged { account: id(BOB), change });
            b.state(BOB).ceiling = Some(1);
            b.post(&legs(ALICE, BOB, 1), |_| {});
        } => [Difference::CeilingBroken { ceiling: 1, .. }];
    blocked: |b| {
            let change = AccountChange::Block(Block::Debits);
            b.operate(Operation::AccountChanged { account: id(ALICE), change });
            b.state(ALICE).block = Block::Debits;
            b.post(&legs(ALICE, BOB, 1), |_| {});
        } => [Difference::AccountRefuses { side: Side::Debit, .. }];
    closed: |b| {
            b.operate(Operation::AccountChanged { account: id(BOB), change: AccountChange::Close });
            b.state(BOB).closed = true;
            b.post(&legs(ALICE, BOB, 1), |_| {});
        } => [Difference::AccountRefuses { side: Side::Credit, .. }];
    overflow: |b| b.transaction(1).entries.iter_mut().for_each(|one| one.money = usd(i64::MAX))
        => [Difference::Overflow { .. }];
    account_never_opened: |b| { b.records.remove(1); } => [Difference::UnknownAccount { .. }];
    account_opened_twice: |b| { let again = b.operation(0).clone(); b.operate(again); }
        => [Difference::AccountRepeated { .. }];
    account_row_gone: |b| b.accounts.remove(&BOB) => [Difference::AccountMissing { .. }];
    account_row_twice: |b| { let bob = b.accounts[&BOB].clone(); b.accounts.insert(9, bob); }
        => [Difference::AccountRepeated { .. }];
    account_row_unknown: |b| b.state(BOB).id = id(77)
        => [Difference::UnknownAccount { .. }, Difference::AccountMissing { .. }];
    debits_posted: |b| b.state(BOB).balance.debits_posted += 1 => [Difference::AccountBalance { .. }];
    credits_posted: |b| b.state(BOB).balance.credits_posted += 1 => [Difference::AccountBalance { .. }];
    debits_pending: |b| b.state(BOB).balance.debits_pending += 1 => [Difference::AccountBalance { .. }];
    credits_pending: |b| b.state(BOB).balance.credits_pending += 1
        => [Difference::AccountBalance { .. }];
    account_entries: |b| b.state(BOB).entries += 1 => [Difference::AccountEntries { .. }];
    account_floor: |b| b.state(BOB).floor = FloorPolicy::Unbounded
        => [Difference::AccountTerms { field: "floor", .. }];
    account_ceiling: |b| b.state(BOB).ceiling = Some(1)
        => [Difference::AccountTerms { field: "ceiling", .. }];
    account_block: |b| b.state(BOB).block = Block::All
        => [Difference::AccountTerms { field: "block", .. }];
    account_closing: |b| b.state(BOB).closed = true
        => [Difference::AccountTerms { field: "closing", .. }];
    account_currency: |b| b.state(BOB).currency = Currency::EUR
        => [Difference::AccountTerms { field: "currency", .. }];
    account_class: |b| b.state(BOB).class = AccountClass::Asset
        => [Difference::AccountTerms { field: "class", .. }];
    account_profile: |b| b.accounts.get_mut(&BOB).unwrap().profile.labels.branch = Some(GROUP.as_uuid())
        => [Difference::AccountTerms { field: "profile", .. }];
    hold_row_gone: |b| b.holds.remove(&2) => [Difference::HoldMissing { .. }];
    hold_row_unknown: |b| b.hold(4).id = HoldId::from_u128(77)
        => [Difference::UnknownHold { .. }, Difference::HoldMissing { .. }];
    hold_row_twice: |b| { let row = b.holds[&4].clone(); b.holds.insert(9, row); }
        => [Difference::HoldRepeated { .. }];
    hold_placed_twice: |b| { let again = b.operation(3).clone(); b.operate(again); }
        => [Difference::HoldRepeated { .. }];
    hold_state: |b| b.hold(4).state = HoldState::Expired
        => [Difference::HoldState { expected: HoldState::Open, found: HoldState::Expired, .. }];
    ended_hold_state: |b| b.hold(2).state = HoldState::Open => [Difference::HoldState { .. }];
    hold_open: |b| b.hold(4).legs[1].open -= 1
        => [Difference::HoldOpen { leg: 1, expected: 45, found: 44, .. }];
    hold_captured: |b| b.hold(4).legs[1].captured += 1 => [Difference::HoldLegs { .. }];
    hold_leg: |b| b.hold(4).legs[1].leg.account = id(CASH) => [Difference::HoldLegs { .. }];
    hold_leg_gone: |b| b.hold(4).legs.truncate(1) => [Difference::HoldLegs { .. }];
    hold_ended_early: |b| b.hold(4).ended = b.holds[&2].ended => [Difference::HoldEnding { .. }];
    ended_hold_open: |b| b.hold(1).legs[0].open = 5 => [Difference::HoldEnding { .. }];
    ended_hold_captured: |b| b.hold(1).legs[0].captured = 5 => [Difference::HoldEnding { .. }];
    ended_hold_by: |b| b.hold(2).ended.as_mut().unwrap().by = Some(tx(1))
        => [Difference::HoldEnding { .. }];
    ended_hold_position: |b| b.hold(3).ended.as_mut().unwrap().position = 1
        => [Difference::HoldEnding { .. }];
    ended_hold_instant: |b| b.hold(3).ended.as_mut().unwrap().at = at(1)
        => [Difference::HoldEnding { .. }];
    hold_kind: |b| b.hold(4).kind = Kind::FEE => [Difference::HoldTerms { .. }];
    hold_expiry: |b| b.hold(4).expires_at = None => [Difference::HoldTerms { .. }];
    hold_position: |b| b.hold(4).position += 1 => [Difference::HoldTerms { .. }];
    hold_instant: |b| b.hold(2).placed_at = at(1) => [Difference::HoldTerms { .. }];
    hold_relation: |b| b.hold(2).relates_to = Some(tx(1)) => [Difference::HoldTerms { .. }];
    hold_booking_date: |b| b.hold(2).booking_date = Some(day(1)) => [Difference::HoldTerms { .. }];
    hold_value_date: |b| b.hold(2).value_date = Some(day(1)) => [Difference::HoldTerms { .. }];
    hold_unbalanced: |b| {
            if let Operation::HoldPlaced(placed) = b.operation(3) { placed.legs[0].money = usd(51) }
        } => [Difference::HoldUnbalanced { debits: 51, credits: 50, .. }];
    hold_relates_to_nothing: |b| {
            if let Operation::HoldPlaced(placed) = b.operation(3) { placed.relates_to = Some(tx(77)) }
        } => [Difference::UnknownOriginal { .. }];
    hold_on_unknown_account: |b| {
            if let Operation::HoldPlaced(placed) = b.operation(3) { placed.legs[0].account = id(77) }
        } => [Difference::UnknownAccount { .. }, Difference::CaptureExceedsHold { .. }];
    capture_of_nothing: |b| {
            let link = Link::Captures { hold: HoldId::from_u128(77), last: true };
            b.transaction(5).link = Some(link);
        } => [Difference::UnknownHold { .. }, Difference::HoldEnding { .. }];
    capture_unlinked: |b| b.transaction(5).link = None
        => [Difference::HoldEnding { .. }];
    capture_too_much: |b| b.transaction(5).entries.iter_mut().for_each(|one| one.money = usd(60))
        => [Difference::CaptureExceedsHold { excess: 10, .. }];
    capture_after_end: |b| {
            let link = Link::Captures { hold: HoldId::from_u128(2), last: true };
            b.transaction(9).link = Some(link);
        } => [Difference::HoldNotOpen { .. }];
    last_capture_not_last: |b|
        b.transaction(6).link = Some(Link::Captures { hold: HoldId::from_u128(1), last: false })
        => [Difference::HoldState { expected: HoldState::Open, .. }, Difference::AccountBalance { .. }];
    release_gone: |b| { b.records.retain(|record| !matches!(record, Record::Operation(
            OperationRecord { operation: Operation::HoldEnded { by: Some(_), .. }, .. }
        ))); } => [Difference::HoldState { .. }, Difference::AccountBalance { .. }];
    ended_twice: |b| {
            let hold = HoldId::from_u128(2);
            b.operate(Operation::HoldEnded { hold, state: HoldState::Expired, by: None, group: None });
        } => [Difference::HoldNotOpen { .. }];
    ended_unknown: |b| {
            let hold = HoldId::from_u128(77);
            b.operate(Operation::HoldEnded { hold, state: HoldState::Expired, by: None, group: None });
        } => [Difference::UnknownHold { .. }];
    change_unknown: |b| b.operate(Operation::AccountChanged {
            account: id(77), change: AccountChange::Close,
        }) => [Difference::UnknownAccount { .. }];
}

/// A wrong entry is named once, not again with every entry behind it.
#[test]
fn what_follows_from_one_fault_is_not_repeated() {
    let mut one = books();
    one.transaction(2).entries[0].balance_after += 7;
    assert_eq!(one.check().len(), 1);
    let mut run = books();
    for number in 3..=6 {
        run.transaction(number).entries[0].balance_after += 7;
    }
    assert_eq!(run.check().len(), 1);
}

#[test]
fn floors_bind_the_net_effect_only() {
    let mut there_and_back = books();
    let round = [legs(ALICE, BOB, 10_000), legs(BOB, ALICE, 10_000)].concat();
    there_and_back.post(&round, |_| {});
    assert_eq!(there_and_back.check(), []);
    let mut forced = books();
    let first = forced.post(&legs(CASH, BOB, 500), |_| {});
    forced.post(&legs(BOB, CASH, 550), |_| {});
    assert_eq!(forced.check(), []);
    let link = Link::Reverses { original: first, forced: true };
    forced.post(&legs(BOB, CASH, 500), |t| t.link = Some(link));
    assert_eq!(forced.check(), [], "a forced reversal may break the floor");
    forced.post(&legs(CASH, BOB, 1), |_| {});
    assert_eq!(forced.check(), [], "what is below its floor can be paid into");
    forced.post(&legs(BOB, CASH, 1), |_| {});
    assert!(matches!(forced.check()[..], [Difference::FloorBroken { .. }]));
}

#[test]
fn a_close_of_the_year_books_on_the_closed_day() {
    let close = |number| {
        let mut books = books();
        books.post(&legs(ALICE, BOB, 1), |t| {
            (t.kind, t.booking_date) = (Kind::YEAR_CLOSE, day(number));
            t.entries.iter_mut().for_each(|entry| entry.booking_date = day(number));
        });
        books.check()
    };
    assert_eq!(close(50), []);
    assert!(matches!(close(49)[..], [Difference::BookedInClosedPeriod { .. }]));
}

#[test]
fn a_bounded_check_still_finds_a_second_reversal() {
    let mut bent = books();
    let link = Link::Reverses { original: tx(2), forced: true };
    bent.post(&legs(BOB, ALICE, 100), |t| t.link = Some(link));
    let report = bent.check_with(Verifier::bounded());
    assert!(matches!(report.differences[..], [Difference::DoubleReversal { .. }]));
}

#[test]
fn differences_beyond_a_thousand_are_counted() {
    let mut bent = books();
    for number in 0..1_500 {
        bent.post(&legs(ALICE, BOB, 1), |t| t.entries[0].number += number % 2 + 1);
        let back = bent.post(&legs(BOB, ALICE, 1), |_| {});
        assert!(back.as_u128() > 0);
    }
    let report = bent.check_with(Verifier::new());
    assert_eq!(report.differences.len(), 1_000);
    assert!(report.more > 0 && !report.is_clean());
}
