//! Moving house: a bank exported, imported, and lived in on both sides.

mod damage;

use std::io::{BufReader, Read, Write};
use std::sync::Arc;

use chrono::{Duration, NaiveDate};
use corebank::bank::archive::{Exported, Imported};
use corebank::bank::{Action, Bank, Context, Denied, Error, Policy};
use corebank::id::{AccountId, HoldId, LimitId, SeededIds, TransactionId};
use corebank::ledger::query::{AccountQuery, AsOf};
use corebank::ledger::{
    AccountChange, AccountClass, Batch, Block, ChartCode, ChartNode, Correlation, FloorPolicy,
    IdempotencyKey, Instruction, Kind, Labels, LimitRule, LimitScope, Metadata, NewAccount,
    NewCapture, NewHold, NewRelease, NewReversal, NewTransaction, Reference, Side, Text, Window,
};
use corebank::money::{Currencies, Currency, Money};
use corebank::store::memory::MemoryStore;
use corebank::store::{ErrorKind, Store};
use corebank::time::ManualClock;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::model::{MINUTE, Move, Sim, Step, bank_over, run};
use crate::model_test::{config, next};

const CASH: AccountId = AccountId::from_u128(0x11);
const ALICE: AccountId = AccountId::from_u128(0x21);
const BOB: AccountId = AccountId::from_u128(0x22);
const SHUT: AccountId = AccountId::from_u128(0x23);
const FEES: AccountId = AccountId::from_u128(0x41);
const RETAINED: AccountId = AccountId::from_u128(0x31);
const FIRST: TransactionId = TransactionId::from_u128(0x51);
const KEPT: HoldId = HoldId::from_u128(0x61);
const FREED: HoldId = HoldId::from_u128(0x62);
const LAPSED: HoldId = HoldId::from_u128(0x63);
const TAKEN: HoldId = HoldId::from_u128(0x64);
const GONE: LimitId = LimitId::from_u128(0x72);

fn points() -> Currency {
    Currency::custom("POINTS", 3).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn pay(debit: AccountId, credit: AccountId, minor: i64) -> NewTransaction {
    NewTransaction::transfer(Kind::PAYMENT, debit, credit, Money::new(minor, points()))
}

fn reserve(id: HoldId, minor: i64) -> NewHold {
    NewHold::transfer(Kind::PAYMENT, ALICE, BOB, Money::new(minor, points())).with_id(id)
}

fn clerk() -> Context {
    Context::system("clerk").unwrap()
}

fn keyed(key: &str) -> Context {
    let context = clerk().with_idempotency_key(IdempotencyKey::new(key).unwrap());
    context.with_correlation(Correlation::new("call 9").unwrap())
}

/// A handle to the books of a store.
pub(crate) fn open(store: &(impl Store + Clone), clock: &Arc<ManualClock>, seed: u64) -> Bank {
    let mut currencies = Currencies::default();
    currencies.register(points()).unwrap();
    let builder = Bank::builder(store.clone()).shared_clock(clock.clone());
    run(builder.ids(SeededIds::new(seed)).currencies(currencies).open()).unwrap()
}

pub(crate) fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new("2026-03-02T10:00:00Z".parse().unwrap()))
}

fn ask(bank: &Bank, context: &Context, instruction: impl Into<Instruction>) {
    let _ = run(bank.instruct(context, instruction.into())).unwrap();
}

fn found(bank: &Bank) {
    let node = |code, class, parent: Option<&str>| {
        let parent = parent.map(|parent| ChartCode::new(parent).unwrap());
        ChartNode::new(ChartCode::new(code).unwrap(), class, parent, Text::new("node").unwrap())
    };
    // A child whose code sorts before its parent's.
    let chart = [
        node("1000", AccountClass::Asset, None),
        node("9", AccountClass::Liability, None),
        node("2000", AccountClass::Liability, Some("9")),
        node("3000", AccountClass::Equity, None),
        node("4000", AccountClass::Income, None),
    ];
    let _ = run(bank.define_chart(&clerk(), &chart)).unwrap();
    let of = |id, code| NewAccount::new(ChartCode::new(code).unwrap(), points()).with_id(id);
    let labels = Labels { customer: Some(uuid::Uuid::from_u128(7)), branch: None };
    let accounts = [
        of(CASH, "1000"),
        of(ALICE, "2000").with_labels(labels).with_name(Text::new("Al \"ice\" é").unwrap()),
        of(BOB, "2000").with_floor(FloorPolicy::Overdraft(50)).with_ceiling(90_000),
        of(SHUT, "2000"),
        of(RETAINED, "3000"),
        of(FEES, "4000"),
    ];
    run(bank.open_accounts(&clerk(), &accounts)).unwrap();
    let rule = |id, scope| LimitRule::new(id, scope, Side::Debit, points(), Window::Day);
    let customers = rule(LimitId::from_u128(0x71), LimitScope::EachCustomer).with_amount(9_000);
    let _ = run(bank.set_limit(&clerk(), customers)).unwrap();
    let _ = run(bank.set_limit(&clerk(), rule(GONE, LimitScope::Global).with_count(99))).unwrap();
}

/// A bank in which each thing happened.
pub(crate) fn rich(store: &(impl Store + Clone), clock: &Arc<ManualClock>) -> Bank {
    let bank = open(store, clock, 7);
    found(&bank);
    let clerk = clerk();
    ask(&bank, &clerk, pay(CASH, ALICE, 5_000).with_id(FIRST));
    run(bank.remove_limit(&clerk, GONE)).unwrap();
    let mut metadata = Metadata::default();
    metadata.insert("order", "17").unwrap();
    let rent = pay(ALICE, BOB, 100).with_description(Text::new("rent\u{1f3e0}").unwrap());
    let rent = rent.with_reference(Reference::new("R-17").unwrap()).with_metadata(metadata);
    ask(&bank, &keyed("Rent"), rent);
    let mut batch = Batch::new();
    batch.push_group([Instruction::from(pay(ALICE, BOB, 3)), pay(BOB, CASH, 2).into()]);
    run(bank.post_many(&keyed("group"), &batch)).unwrap();
    let soon = clock.advance(Duration::seconds(1)).saturating_add_nanos(1_000_000_000);
    ask(&bank, &clerk, reserve(KEPT, 300).expiring_at(soon.saturating_add_nanos(1 << 42)));
    let part = NewCapture::amount(Kind::FEE, KEPT, Money::new(20, points())).keeping_rest();
    ask(&bank, &keyed("part"), part);
    ask(&bank, &clerk, reserve(TAKEN, 40).with_description(Text::new("words").unwrap()));
    ask(&bank, &clerk, NewCapture::rest(Kind::PAYMENT, TAKEN));
    ask(&bank, &clerk, reserve(FREED, 50));
    ask(&bank, &keyed("free"), NewRelease::new(FREED));
    ask(&bank, &clerk, reserve(LAPSED, 60).expiring_at(soon));
    let _ = run(bank.seal(&clerk)).unwrap();
    clock.advance(Duration::minutes(1));
    assert_eq!(run(bank.expire_holds(&clerk, 9)).unwrap(), [LAPSED]);
    ask(&bank, &clerk, NewReversal::new(FIRST).forced());
    ask(&bank, &clerk, pay(CASH, ALICE, 6_000).relating_to(FIRST));
    let _ = run(bank.change_account(&keyed("shut"), SHUT, AccountChange::Close)).unwrap();
    let _ = run(bank.change_account(&clerk, BOB, AccountChange::Block(Block::Debits))).unwrap();
    let last_year = day("2025-12-30");
    ask(&bank, &clerk, pay(ALICE, FEES, 70).with_booking_date(last_year));
    let _ = run(bank.close_year(&clerk, day("2025-12-31"), &[RETAINED])).unwrap();
    let _ = run(bank.seal(&clerk)).unwrap();
    ask(&bank, &clerk, pay(ALICE, FEES, 5));
    bank
}

pub(crate) fn export(bank: &Bank) -> (Exported, Vec<u8>) {
    let mut file = Vec::new();
    let exported = run(bank.export(&clerk(), &mut file)).unwrap();
    assert_eq!(exported.bytes, file.len() as u64);
    (exported, file)
}

pub(crate) fn import(store: &(impl Store + Clone), mut file: &[u8]) -> Result<Imported, Error> {
    run(open(store, &clock(), 8).import(&clerk(), &mut file))
}

pub(crate) fn is_empty(store: &impl Store) -> bool {
    let accounts = run(store.account_list(&AccountQuery::new(), None, 1)).unwrap();
    let holds = run(store.hold_list(&corebank::ledger::query::HoldQuery::new(), None, 1)).unwrap();
    accounts.is_empty()
        && holds.is_empty()
        && run(store.head()).unwrap().position == 0
        && run(store.book()).unwrap().version == 0
        && run(store.chart()).unwrap().is_empty()
        && run(store.journal(0, 1)).unwrap().is_empty()
        && run(store.keys(None, 1)).unwrap().is_empty()
        && run(store.usages(None, 1)).unwrap().is_empty()
        && run(store.last_block()).unwrap().is_none()
}

#[test]
fn the_same_bank_gives_the_same_bytes_on_the_other_side() {
    let (old, new, clock) = (MemoryStore::new(), MemoryStore::new(), clock());
    let (exported, file) = export(&rich(&old, &clock));
    let imported = import(&new, &file).unwrap();
    assert_eq!(imported.counts, exported.counts);
    assert_eq!((imported.head, imported.sha256), (exported.head, exported.sha256));
    assert!(imported.books.is_clean() && imported.seals.is_clean());
    assert_eq!(imported.seals.last, run(old.last_block()).unwrap());
    let bank = open(&new, &clock, 1);
    assert_eq!(export(&bank), (exported, file));
    assert!(run(bank.verify()).unwrap().is_clean());
    assert!(run(bank.verify_seals()).unwrap().is_clean());
    // Every kind of line was there to be lost.
    let kinds = serde_json::to_value(imported.counts).unwrap();
    let few = kinds.as_object().unwrap().iter().find(|(_, count)| count.as_u64() < Some(1));
    assert_eq!(few, None);
}

/// The form is fixed: an archive of last year is read this year. Another form needs another
/// [`VERSION`](corebank::bank::archive::VERSION).
#[test]
fn the_form_does_not_change() {
    let (exported, file) = export(&rich(&MemoryStore::new(), &clock()));
    let text = std::str::from_utf8(&file).unwrap();
    let first: Vec<&str> = text.lines().take(3).collect();
    let node = r#"{"chart_node":{"code":"1000","class":"ASSET","parent":null,"name":"node"}}"#;
    let book = r#"{"book":{"closed_through":"2025-12-31"}}"#;
    assert_eq!(first, [r#"{"corebank_archive":1}"#, book, node]);
    let hash: String = exported.sha256.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hash, GOLDEN, "the archive was\n{text}");
}

const GOLDEN: &str = "e67d493b3a145c5a91f47cef984de4a0036169250f7efcb1dfda7dba50b0aa73";

/// The next requests, with what was answered.
pub(crate) fn go_on(bank: &Bank, clock: &ManualClock) -> Vec<String> {
    clock.set("2026-03-02T11:00:00Z".parse().unwrap());
    let clerk = clerk();
    let mut story = Vec::new();
    let part = NewCapture::amount(Kind::FEE, KEPT, Money::new(20, points())).keeping_rest();
    let asked: Vec<(Context, Instruction)> = vec![
        (clerk.clone(), pay(CASH, ALICE, 5_000).with_id(FIRST).into()),
        (clerk.clone(), NewReversal::new(FIRST).into()),
        (keyed("part"), part.clone().into()),
        (keyed("free"), NewRelease::new(FREED).into()),
        (keyed("Rent"), pay(ALICE, BOB, 1).into()),
        (keyed("Next rent"), pay(ALICE, BOB, 1).into()),
        (clerk.clone(), part.into()),
        (clerk.clone(), NewCapture::rest(Kind::FEE, LAPSED).into()),
        (clerk.clone(), pay(ALICE, BOB, 4_000).into()),
        (clerk.clone(), pay(CASH, ALICE, 9_000).into()),
        (clerk.clone(), pay(ALICE, BOB, 6_000).into()),
        (clerk.clone(), pay(ALICE, CASH, 99_500).into()),
        (clerk.clone(), pay(BOB, CASH, 1).into()),
        (clerk.clone(), pay(CASH, SHUT, 1).into()),
        (clerk.clone(), pay(CASH, ALICE, 1).with_booking_date(day("2025-12-31")).into()),
        (clerk.clone(), pay(CASH, ALICE, 1).with_description(Text::new("salted").unwrap()).into()),
    ];
    for (context, instruction) in asked {
        story.push(format!("{:?}", run(bank.instruct(&context, instruction))));
    }
    let mut batch = Batch::new();
    batch.push_group([Instruction::from(pay(ALICE, BOB, 3)), pay(BOB, CASH, 2).into()]);
    story.push(format!("{:?}", run(bank.post_many(&keyed("group"), &batch))));
    story.push(format!("{:?}", run(bank.post_many(&clerk, &batch))));
    let new = NewAccount::new(ChartCode::new("4000").unwrap(), points());
    story.push(format!("{:?}", run(bank.open_account(&clerk, new))));
    clock.advance(Duration::hours(2));
    story.push(format!("{:?}", run(bank.expire_holds(&clerk, 9))));
    story.push(format!("{:?}", run(bank.close_year(&clerk, day("2026-03-01"), &[RETAINED]))));
    story.push(format!("{:?}", run(bank.seal(&clerk))));
    story.push(format!("{:?}", run(bank.trial_balance(AsOf::BookingDate(day("2025-12-30"))))));
    story
}

#[test]
fn the_same_life_goes_on_in_both() {
    let (old, new, clock) = (MemoryStore::new(), MemoryStore::new(), clock());
    let (_, file) = export(&rich(&old, &clock));
    let _ = import(&new, &file).unwrap();
    let (old, new) = (open(&old, &clock, 9), open(&new, &clock, 9));
    let (here, there) = (go_on(&old, &clock), go_on(&new, &clock));
    assert_eq!(here, there);
    let said = here.join("\n");
    for code in ["IdReused", "AlreadyReversed", "HoldNotOpen", "LimitAmount", "AccountClosed"] {
        assert!(said.contains(code), "{code} in {said}");
    }
    assert_eq!(export(&old), export(&new));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: config().cases / 4, ..config() })]

    /// A bank that moves house in the middle of any history still agrees with the naive model.
    #[test]
    fn no_history_notices_the_move(
        before in vec(next(), 1..=40),
        after in vec(next(), 1..=25),
        probes in vec((0..3_u8, any::<i64>()), 6),
        sealed: bool,
    ) {
        let mut sim = Sim::new();
        before.iter().for_each(|next| sim.walk(next));
        if sealed {
            let _ = run(sim.bank.seal(&clerk())).unwrap();
        }
        // Instants of the journal run ahead of a clock that stands still, and a bank that is opened
        // over them starts there, wherever they came from.
        sim.walk(&Move::Other(Step::Advance(MINUTE)));
        let (exported, file) = export(&sim.bank);
        let store = MemoryStore::new();
        let moved = bank_over(store, &sim.clock, 8);
        let imported = run(moved.import(&clerk(), &mut &file[..])).unwrap();
        prop_assert_eq!(imported.sha256, exported.sha256);
        prop_assert_eq!(&export(&moved).1, &file);
        sim.bank = moved;
        after.iter().for_each(|next| sim.walk(next));
        sim.finish(&probes);
    }
}

#[test]
fn an_empty_bank_moves_too() {
    let (old, new) = (MemoryStore::new(), MemoryStore::new());
    let (exported, file) = export(&open(&old, &clock(), 1));
    assert_eq!(exported.head.position, 0);
    let imported = import(&new, &file).unwrap();
    assert_eq!(imported.counts, exported.counts);
    found(&open(&new, &clock(), 1));
}

/// More rows than one chunk of any kind holds.
#[test]
fn many_rows_move_in_chunks() {
    let (old, new, clock) = (MemoryStore::new(), MemoryStore::new(), clock());
    let bank = open(&old, &clock, 3);
    found(&bank);
    run(bank.remove_limit(&clerk(), GONE)).unwrap();
    let of = |id: u128| {
        let new = NewAccount::new(ChartCode::new("2000").unwrap(), points());
        new.with_id(AccountId::from_u128(0x1_0000 + id))
    };
    let accounts: Vec<NewAccount> = (0..5_000).map(of).collect();
    run(bank.open_accounts(&clerk(), &accounts)).unwrap();
    for at in 0..5 {
        let batch: Batch = (0..1_000).map(|_| pay(CASH, BOB, 1)).collect();
        run(bank.post_many(&keyed(&format!("{at}")), &batch)).unwrap();
    }
    let _ = run(bank.seal(&clerk())).unwrap();
    let (exported, file) = export(&bank);
    assert!(exported.counts.accounts > 5_000 && exported.counts.keys == 5_000);
    let _ = import(&new, &file).unwrap();
    assert_eq!(export(&open(&new, &clock, 3)).1, file);
}

#[test]
fn a_dry_run_checks_and_imports_nothing() {
    let (old, new, clock) = (MemoryStore::new(), MemoryStore::new(), clock());
    let (exported, file) = export(&rich(&old, &clock));
    let bank = open(&new, &clock, 1).dry_run();
    let imported = run(bank.import(&clerk(), &mut &file[..])).unwrap();
    assert_eq!(imported.sha256, exported.sha256);
    assert!(is_empty(&new));
}

#[test]
fn a_store_with_books_takes_no_others() {
    let (old, clock) = (MemoryStore::new(), clock());
    let (_, file) = export(&rich(&old, &clock));
    let refused = import(&old, &file).unwrap_err();
    assert_eq!((refused.code(), refused.is_transient()), ("archive_not_empty", false));
    assert_eq!(export(&open(&old, &clock, 1)).1, file);
}

#[test]
fn the_new_bank_never_tells_an_instant_before_its_books() {
    let (old, new, clock) = (MemoryStore::new(), MemoryStore::new(), clock());
    let (exported, file) = export(&rich(&old, &clock));
    let behind = Arc::new(ManualClock::new("2020-01-01T00:00:00Z".parse().unwrap()));
    let bank = open(&new, &behind, 1);
    let _ = run(bank.import(&clerk(), &mut &file[..])).unwrap();
    assert!(bank.moment().now >= exported.head.instant);
}

#[derive(Debug)]
struct Nobody;

impl Policy for Nobody {
    fn authorise(&self, _: &Context, action: Action) -> Result<(), Denied> {
        Err(Denied { action: action.code(), why: "a test" })
    }
}

#[test]
fn the_policy_is_asked() {
    let (store, new) = (MemoryStore::new(), MemoryStore::new());
    let (_, file) = export(&rich(&store, &clock()));
    let denied = |store: &MemoryStore| run(Bank::builder(store.clone()).policy(Nobody).open());
    let mut nothing = Vec::new();
    let export = run(denied(&store).unwrap().export(&clerk(), &mut nothing)).unwrap_err();
    assert!(matches!(export, Error::Denied(Denied { action: "export", .. })) && nothing.is_empty());
    let import = run(denied(&new).unwrap().import(&clerk(), &mut &file[..])).unwrap_err();
    assert!(matches!(import, Error::Denied(Denied { action: "import", .. })) && is_empty(&new));
}

/// Does something whenever bytes pass through it.
struct Meddler<T, F>(T, F);

impl<T: Write, F: FnMut()> Write for Meddler<T, F> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        (self.1)();
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

impl<T: Read, F: FnMut()> Read for Meddler<T, F> {
    fn read(&mut self, bytes: &mut [u8]) -> std::io::Result<usize> {
        (self.1)();
        self.0.read(bytes)
    }
}

#[test]
fn whoever_posts_during_an_export_spoils_it() {
    let (old, clock) = (MemoryStore::new(), clock());
    let bank = rich(&old, &clock);
    let mut file = Vec::new();
    // Once: if it never ended, neither would the journal.
    let mut poster = Some(bank.clone());
    let mut meddler = Meddler(&mut file, move || {
        poster.take().iter().for_each(|bank| ask(bank, &clerk(), pay(CASH, ALICE, 1)));
    });
    let spoilt = run(bank.export(&clerk(), &mut meddler)).unwrap_err();
    assert_eq!((spoilt.code(), spoilt.is_transient()), ("conflict", true));
    let new = MemoryStore::new();
    assert_eq!(import(&new, &file).unwrap_err().code(), "archive_truncated");
    assert!(is_empty(&new));
}

#[test]
fn sealing_during_an_export_does_no_harm() {
    let (old, clock) = (MemoryStore::new(), clock());
    let bank = rich(&old, &clock);
    let (_, expected) = export(&bank);
    let (mut file, sealer) = (Vec::new(), bank.clone());
    let mut meddler = Meddler(&mut file, move || {
        let _ = run(sealer.seal(&clerk())).unwrap();
    });
    let _ = run(bank.export(&clerk(), &mut meddler)).unwrap();
    assert_eq!(file, expected);
    assert!(run(bank.verify_seals()).unwrap().unsealed == 0);
}

#[test]
fn whoever_writes_during_an_import_spoils_it() {
    let (old, new, clock) = (MemoryStore::new(), MemoryStore::new(), clock());
    let (_, file) = export(&rich(&old, &clock));
    let (bank, mut founder) = (open(&new, &clock, 1), Some(open(&new, &clock, 2)));
    let meddler = Meddler(&file[..], move || founder.take().iter().for_each(found));
    let spoilt = run(bank.import(&clerk(), &mut BufReader::new(meddler))).unwrap_err();
    assert!(matches!(&spoilt, Error::Store(error) if error.kind() == ErrorKind::Conflict));
    // What the other wrote is there, and nothing else.
    let other = MemoryStore::new();
    found(&open(&other, &clock, 2));
    assert_eq!(run(new.head()).unwrap().position, run(other.head()).unwrap().position);
}

#[test]
fn a_unit_that_began_before_the_move_conflicts() {
    use corebank::ledger::facts::{Facts, Wanted};
    let (old, new, clock) = (MemoryStore::new(), MemoryStore::new(), clock());
    let (_, file) = export(&rich(&old, &clock));
    let mut unit = run(new.begin()).unwrap();
    let mut facts = Facts::default();
    run(unit.load(&Wanted { accounts: vec![ALICE], ..Wanted::default() }, &mut facts)).unwrap();
    let _ = import(&new, &file).unwrap();
    let again = run(unit.load(&Wanted::default(), &mut facts)).unwrap_err();
    assert_eq!(again.kind(), ErrorKind::Conflict);
}
