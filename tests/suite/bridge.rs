//! Money between two books: broken at every call, by chance, and by several hands at once.
//!
//! Everything but the last part is generic over the two stores. A suite of another store calls
//! [`all`] with two functions that each give a fresh, empty store; a clone of a store must be
//! another handle to the same data.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context as Task, Poll, Waker};

use chrono::{Days, Duration};
use corebank::bank::{Action, Bank, Context, Denied, Policy};
use corebank::bridge::{
    BookAccount, BookEnd, BookName, Bridge, BridgeError, BridgeId, BridgeOutcome,
    NewBridgeTransfer, Recovery, Stage, WITHDRAWN,
};
use corebank::conformance::{Crashing, Cut, Failing, Fuse, Odds, Yielding};
use corebank::id::AccountId;
use corebank::ledger::query::{AsOf, HoldQuery};
use corebank::ledger::{
    AccountChange, AccountClass, Actor, Block, Channel, ChartCode, ChartNode, HoldState, Kind,
    Metadata, NewAccount, NewHold, NewRelease, NewTransaction, Reference, Text,
};
use corebank::money::{Currency, Money};
use corebank::store::Store;
use corebank::store::memory::MemoryStore;

/// The same ids in both books: they are accounts of two banks that know nothing of each other.
const CASH: AccountId = AccountId::from_u128(0x10);
const CLEARING: AccountId = AccountId::from_u128(0x11);
const ANN: AccountId = AccountId::from_u128(0x21);
const BEN: AccountId = AccountId::from_u128(0x22);
const CLOSED: AccountId = AccountId::from_u128(0x23);
const CAPPED: AccountId = AccountId::from_u128(0x24);
const BLOCKED: AccountId = AccountId::from_u128(0x25);
const EURO: AccountId = AccountId::from_u128(0x26);
const NOBODY: AccountId = AccountId::from_u128(0xdead);

/// What Ann and Ben have in each book at first.
const START: i64 = 1_000_000;
/// More tries than chance needs.
const PATIENCE: usize = 5_000;

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

fn north() -> BookName {
    BookName::new("north").unwrap()
}

fn south() -> BookName {
    BookName::new("south").unwrap()
}

fn clerk() -> Context {
    Context::system("test").unwrap()
}

async fn bank(store: impl Store) -> Bank {
    Bank::open(store).await.unwrap()
}

fn join(first: Bank, second: Bank) -> Bridge {
    let end = |name, bank| BookEnd::new(name, bank, CLEARING, Context::system("bridge").unwrap());
    Bridge::new(end(north(), first), end(south(), second)).unwrap()
}

/// A bridge between the stores, if both can be opened.
async fn span(north: impl Store, south: impl Store) -> Option<Bridge> {
    Some(join(Bank::open(north).await.ok()?, Bank::open(south).await.ok()?))
}

/// Two stores, and what should stand in them.
struct World<S, T> {
    north: S,
    south: T,
    ids: u128,
    /// What went from the north to the south so far, less what came back, in cents.
    moved: i64,
}

impl<S: Store + Clone, T: Store + Clone> World<S, T> {
    async fn open(north: S, south: T) -> Self {
        furnish(&bank(north.clone()).await).await;
        furnish(&bank(south.clone()).await).await;
        let world = Self { north, south, ids: 0, moved: 0 };
        world.bridge().await.check().await.unwrap();
        world
    }

    async fn banks(&self) -> (Bank, Bank) {
        (bank(self.north.clone()).await, bank(self.south.clone()).await)
    }

    /// A bridge over the bare stores, as after a restart.
    async fn bridge(&self) -> Bridge {
        let (north, south) = self.banks().await;
        join(north, south)
    }

    /// A bridge that breaks where the fuse says.
    async fn fused(&self, fuse: &Fuse) -> Option<Bridge> {
        let north = Crashing::new(self.north.clone(), fuse.clone());
        span(north, Crashing::new(self.south.clone(), fuse.clone())).await
    }

    fn fresh(&mut self) -> BridgeId {
        self.ids += 1;
        BridgeId::from_u128(0x0190_c3f1_7a5e_7000_8000_0000_0000_0000 + self.ids)
    }

    fn between(
        &mut self,
        from: (BookName, AccountId),
        to: (BookName, AccountId),
        minor: i64,
    ) -> NewBridgeTransfer {
        let mut pairs = Metadata::default();
        pairs.insert("invoice", "4711").unwrap();
        let (from, to) = (BookAccount::new(from.0, from.1), BookAccount::new(to.0, to.1));
        NewBridgeTransfer::new(self.fresh(), Kind::TRANSFER, from, to, usd(minor))
            .with_description(Text::new("rent").unwrap())
            .with_reference(Reference::new("RF18").unwrap())
            .with_metadata(pairs)
    }

    /// From Ann in the north to somebody in the south.
    fn payment(&mut self, to: AccountId, minor: i64) -> NewBridgeTransfer {
        self.between((north(), ANN), (south(), to), minor)
    }

    /// Whether a transfer arrived; it must have been paid exactly then, and be over.
    async fn arrived(&self, transfer: &NewBridgeTransfer) -> bool {
        let (north_bank, south_bank) = self.banks().await;
        let outward = transfer.from().book == north();
        let (payer, payee) =
            if outward { (north_bank, south_bank) } else { (south_bank, north_bank) };
        let steps = transfer.id().steps(&transfer.from().book, &transfer.to().book);
        let got = payee.transaction(steps.post).await.is_ok();
        let paid = payer.transaction(steps.capture).await.is_ok();
        let held = payer.hold_by_id(steps.hold).await.ok().map(|hold| hold.state);
        assert_eq!(got, paid, "arrived and paid differ");
        assert_eq!(got, held == Some(HoldState::Captured), "{held:?}");
        assert_ne!(held, Some(HoldState::Open), "held still");
        got
    }

    /// [`Self::arrived`], and counts it among what moved.
    async fn count(&mut self, transfer: &NewBridgeTransfer) -> bool {
        let arrived = self.arrived(transfer).await;
        let outward = transfer.from().book == north();
        let minor = transfer.money().minor();
        self.moved += i64::from(arrived) * if outward { minor } else { -minor };
        arrived
    }

    /// Nothing is under way, the clearing accounts mirror each other, no money was made or lost.
    async fn at_rest(&self) {
        let (north_bank, south_bank) = self.banks().await;
        for (bank, moved) in [(&north_bank, -self.moved), (&south_bank, self.moved)] {
            let open = HoldQuery::new().in_state(HoldState::Open);
            assert_eq!(bank.holds(&open, 10, None).await.unwrap().items, []);
            let owed = bank.balances(&[ANN, BEN, CAPPED], AsOf::Now).await.unwrap();
            let owed: i64 = owed.iter().map(|one| one.ledger.minor()).sum();
            assert_eq!(owed, 2 * START + moved);
            let clearing = bank.balance(CLEARING).await.unwrap();
            assert_eq!(clearing.ledger, usd(moved));
            assert_eq!(clearing.available, Some(usd(moved)));
        }
        let bridge = self.bridge().await;
        for book in [north(), south()] {
            assert_eq!(bridge.pending(&book, 10).await.unwrap(), []);
        }
        let compared = bridge.reconcile().await.unwrap();
        assert!(compared.is_clean(), "{compared:?}");
        assert_eq!((compared.arrived, compared.in_flight.len()), (0, 0));
        assert_eq!(compared.first.claim, usd(-self.moved));
        assert_eq!(compared.second.claim, usd(self.moved));
    }

    async fn verify(&self) {
        let (north_bank, south_bank) = self.banks().await;
        for bank in [north_bank, south_bank] {
            let report = bank.verify().await.unwrap();
            assert!(report.is_clean(), "{:?}", report.differences);
        }
    }
}

async fn furnish(bank: &Bank) {
    let clerk = clerk();
    let (assets, deposits) = (ChartCode::new("1000").unwrap(), ChartCode::new("2000").unwrap());
    let node = |code, class, name| ChartNode::new(code, class, None, Text::new(name).unwrap());
    let chart = [
        node(assets, AccountClass::Asset, "Assets"),
        node(deposits, AccountClass::Liability, "Deposits"),
    ];
    let _ = bank.define_chart(&clerk, &chart).await.unwrap();
    let of = |code, id| NewAccount::new(code, Currency::USD).with_id(id);
    let accounts = [
        of(assets, CASH),
        of(assets, CLEARING),
        of(deposits, ANN),
        of(deposits, BEN),
        of(deposits, CLOSED),
        of(deposits, CAPPED).with_ceiling(50),
        of(deposits, BLOCKED),
        NewAccount::new(deposits, Currency::EUR).with_id(EURO),
    ];
    let _ = bank.open_accounts(&clerk, &accounts).await.unwrap();
    for account in [ANN, BEN] {
        let paid_in = NewTransaction::transfer(Kind::DEPOSIT, CASH, account, usd(START));
        let _ = bank.post(&clerk, paid_in).await.unwrap();
    }
    for (account, change) in
        [(CLOSED, AccountChange::Close), (BLOCKED, AccountChange::Block(Block::Credits))]
    {
        let _ = bank.change_account(&clerk, account, change).await.unwrap();
    }
}

#[track_caller]
fn because(outcome: Result<BridgeOutcome, BridgeError>) -> &'static str {
    match outcome {
        Ok(BridgeOutcome::TurnedBack(back)) => back.because,
        other => panic!("should be turned back, is {other:?}"),
    }
}

#[track_caller]
fn stage(outcome: Result<BridgeOutcome, BridgeError>) -> Stage {
    match outcome {
        Err(error @ BridgeError::Pending { .. }) => error.stage().unwrap(),
        other => panic!("should be pending, is {other:?}"),
    }
}

#[track_caller]
fn code<T: std::fmt::Debug>(outcome: Result<T, BridgeError>) -> &'static str {
    outcome.unwrap_err().code()
}

// ---- what a suite of another store calls

/// Runs every scenario that does not depend on the kind of store, over fresh stores each.
pub async fn all<S, T, F, G, A, B>(north: F, south: G)
where
    S: Store + Clone,
    T: Store + Clone,
    F: FnMut() -> A,
    G: FnMut() -> B,
    A: Future<Output = S>,
    B: Future<Output = T>,
{
    all_but(north, south, 1).await;
}

/// The same, but only one in `every` broken calls, for stores that take their time.
pub async fn all_but<S, T, F, G, A, B>(mut north: F, mut south: G, every: u64)
where
    S: Store + Clone,
    T: Store + Clone,
    F: FnMut() -> A,
    G: FnMut() -> B,
    A: Future<Output = S>,
    B: Future<Output = T>,
{
    settles_and_repeats(World::open(north().await, south().await).await).await;
    turns_back(World::open(north().await, south().await).await).await;
    refuses_before_it_begins(World::open(north().await, south().await).await).await;
    waits_for_a_book_that_is_away(World::open(north().await, south().await).await).await;
    waits_for_a_payer_that_is_blocked(World::open(north().await, south().await).await).await;
    waits_for_a_clearing_account(World::open(north().await, south().await).await).await;
    obeys_the_policy(World::open(north().await, south().await).await).await;
    finds_the_id_taken(World::open(north().await, south().await).await).await;
    keeps_dates(World::open(north().await, south().await).await).await;
    shows_another_hand(World::open(north().await, south().await).await).await;
    survives_every_call(World::open(north().await, south().await).await, every).await;
    survives_chance(World::open(north().await, south().await).await, 1).await;
}

async fn settles_and_repeats<S: Store + Clone, T: Store + Clone>(mut world: World<S, T>) {
    let bridge = world.bridge().await;
    let customer = Context::new(Actor::new("user:ann").unwrap(), Channel::MOBILE);
    let there = world.payment(BEN, 300).asked_by(customer.clone());
    let back = world.between((south(), BEN), (north(), BEN), 120);
    for transfer in [&there, &back] {
        let first = bridge.transfer(transfer).await.unwrap();
        assert!(first.is_settled() && first.id() == transfer.id());
        assert_eq!(bridge.transfer(transfer).await.unwrap(), first);
        let late = bridge.turn_back(&transfer.from().book, transfer.id()).await.unwrap();
        assert_eq!(late, first, "what has arrived is not turned back");
        world.count(transfer).await;
        world.at_rest().await;
    }
    assert_eq!(world.moved, 180);

    // What stands in the books: the customer's words and pairs, the other side, who asked.
    let (north_bank, south_bank) = world.banks().await;
    let steps = there.id().steps(&north(), &south());
    let hold = north_bank.hold_by_id(steps.hold).await.unwrap();
    assert_eq!(hold.origin.actor, customer.actor);
    let paid = north_bank.transaction(steps.capture).await.unwrap();
    let got = south_bank.transaction(steps.post).await.unwrap();
    for (posted, book) in [(&paid, "south"), (&got, "north")] {
        let words = posted.words().unwrap();
        assert_eq!(words.description.as_ref().unwrap().as_str(), "rent");
        assert_eq!(words.reference.as_ref().unwrap().as_str(), "RF18");
        assert_eq!(words.metadata.get("invoice"), Some("4711"));
        assert_eq!(words.metadata.get("bridge.book"), Some(book));
        let correlation = posted.origin.correlation.as_ref().unwrap();
        assert_eq!(correlation.as_str(), format!("bridge:{}", there.id()));
    }

    // The same id for something else is a fault of the caller, and nothing happens.
    let other = NewBridgeTransfer::new(
        there.id(),
        Kind::TRANSFER,
        there.from().clone(),
        there.to().clone(),
        usd(301),
    );
    assert_eq!(code(bridge.transfer(&other).await), "id_reused");
    world.at_rest().await;
    world.verify().await;
}

async fn turns_back<S: Store + Clone, T: Store + Clone>(mut world: World<S, T>) {
    let bridge = world.bridge().await;
    let (_, south_bank) = world.banks().await;
    for (to, minor, reason) in [
        (NOBODY, 10, "unknown_account"),
        (CLOSED, 10, "account_closed"),
        (BLOCKED, 10, "account_blocked"),
        (CAPPED, 51, "ceiling_exceeded"),
        (EURO, 10, "currency_mismatch"),
    ] {
        let transfer = world.payment(to, minor);
        let first = bridge.transfer(&transfer).await;
        assert!(matches!(&first, Ok(BridgeOutcome::TurnedBack(back))
            if back.refusal.as_ref().is_some_and(|refusal| refusal.code() == reason)));
        assert_eq!(because(first), reason);
        assert!(!world.count(&transfer).await);
        world.at_rest().await;
        // The end of a transfer does not change with what refused it.
        if to == BLOCKED {
            let open = AccountChange::Block(Block::None);
            let _ = south_bank.change_account(&clerk(), BLOCKED, open).await.unwrap();
        }
        assert_eq!(because(bridge.transfer(&transfer).await), reason, "again");
        assert_eq!(because(bridge.turn_back(&north(), transfer.id()).await), reason);
        world.at_rest().await;
    }
    assert_eq!(code(bridge.turn_back(&north(), world.fresh()).await), "bridge_unknown_transfer");
    world.verify().await;
}

async fn refuses_before_it_begins<S: Store + Clone, T: Store + Clone>(mut world: World<S, T>) {
    let bridge = world.bridge().await;
    let too_much = world.payment(BEN, START + 1);
    assert_eq!(code(bridge.transfer(&too_much).await), "insufficient_funds");
    let nothing = world.payment(BEN, 0);
    assert_eq!(code(bridge.transfer(&nothing).await), "amount_not_positive");
    let mut own = Metadata::default();
    own.insert("bridge.id", "forged").unwrap();
    let forged = world.payment(BEN, 1).with_metadata(own);
    assert_eq!(code(bridge.transfer(&forged).await), "invalid_terms");
    let mut many = Metadata::default();
    (0..30).for_each(|number| many.insert(&format!("k{number}"), "v").unwrap());
    let crowded = world.payment(BEN, 1).with_metadata(many);
    assert_eq!(code(bridge.transfer(&crowded).await), "invalid_terms");
    let within = world.between((north(), ANN), (north(), BEN), 1);
    assert_eq!(code(bridge.transfer(&within).await), "invalid_terms");
    let west = BookName::new("west").unwrap();
    let elsewhere = world.between((north(), ANN), (west.clone(), BEN), 1);
    assert_eq!(code(bridge.transfer(&elsewhere).await), "bridge_unknown_book");
    assert_eq!(code(bridge.turn_back(&west, elsewhere.id()).await), "bridge_unknown_book");
    world.at_rest().await;

    // Refused before it began, it may begin later under the same id.
    let (north_bank, south_bank) = world.banks().await;
    let more = NewTransaction::transfer(Kind::DEPOSIT, CASH, ANN, usd(1));
    let _ = north_bank.post(&clerk(), more).await.unwrap();
    assert!(bridge.transfer(&too_much).await.unwrap().is_settled());
    assert!(world.count(&too_much).await);
    let less = NewTransaction::transfer(Kind::WITHDRAWAL, BEN, CASH, usd(1));
    let _ = north_bank.post(&clerk(), less).await.unwrap();
    world.at_rest().await;

    let end = |name, bank| BookEnd::new(name, bank, CLEARING, clerk());
    let same = Bridge::new(end(north(), north_bank.clone()), end(north(), south_bank.clone()));
    assert_eq!(code(same), "bridge_setup");
    let trial = Bridge::new(end(north(), north_bank.clone()), end(south(), south_bank.dry_run()));
    assert_eq!(code(trial), "bridge_setup");
    let floored = BookEnd::new(south(), south_bank, ANN, clerk());
    let floored = Bridge::new(end(north(), north_bank), floored).unwrap();
    assert_eq!(code(floored.check().await), "bridge_setup");
}

async fn waits_for_a_book_that_is_away<S: Store + Clone, T: Store + Clone>(mut world: World<S, T>) {
    let (north_bank, _) = world.banks().await;
    // The south opens (one call), and dies at the second.
    let gone = bank(Crashing::new(world.south.clone(), Fuse::dying_at(2, Cut::Before))).await;
    let broken = join(north_bank.clone(), gone);
    let transfers = [world.payment(BEN, 40), world.payment(NOBODY, 50), world.payment(BEN, 60)];
    for transfer in &transfers {
        assert_eq!(stage(broken.transfer(transfer).await), Stage::Held);
    }
    let held = north_bank.balance(ANN).await.unwrap();
    assert_eq!((held.ledger, held.available), (usd(START), Some(usd(START - 150))));
    let recovered = broken.recover(Recovery::forward(10)).await;
    let said = "one fault for each direction: the rest is not tried while a store is away";
    assert_eq!((recovered.ended(), recovered.faults.len()), (0, 2), "{said}");
    assert_eq!(code(broken.pending(&south(), 10).await), "unavailable");
    let pending = broken.pending(&north(), 10).await.unwrap();
    assert_eq!(pending.len(), 3);
    assert_eq!(pending[0].transfer, transfers[0], "the hold keeps all of it");
    assert_eq!(broken.pending(&north(), 2).await.unwrap(), pending[..2]);
    let bridge = world.bridge().await;
    let compared = bridge.reconcile().await.unwrap();
    assert!(compared.is_clean());
    let flying: Vec<_> = compared.in_flight.iter().map(|one| (one.id, one.stage)).collect();
    assert_eq!(flying, transfers.each_ref().map(|one| (one.id(), Stage::Held)));

    // One at a time; then the rest, too old to go forward.
    let first = bridge.recover(Recovery::forward(1)).await;
    assert_eq!((first.settled.as_slice(), first.ended()), ([transfers[0].id()].as_slice(), 1));
    let young = Recovery::forward(1).turning_back_after(Duration::days(1));
    let second = bridge.recover(young).await;
    assert_eq!(second.turned_back[0].because, "unknown_account");
    let old = Recovery::forward(10).turning_back_after(Duration::nanoseconds(-1));
    let third = bridge.recover(old).await;
    assert_eq!(third.turned_back[0].because, WITHDRAWN);
    assert!(third.faults.is_empty() && third.strangers.is_empty());
    assert_eq!(because(bridge.transfer(&transfers[2]).await), WITHDRAWN);
    let landed = [world.count(&transfers[0]).await, world.count(&transfers[1]).await];
    assert_eq!((landed, world.count(&transfers[2]).await), ([true, false], false));
    world.at_rest().await;
    world.verify().await;
}

async fn waits_for_a_payer_that_is_blocked<S: Store + Clone, T: Store + Clone>(
    mut world: World<S, T>,
) {
    let (north_bank, _) = world.banks().await;
    let block = |block| {
        let bank = north_bank.clone();
        async move {
            let change = AccountChange::Block(block);
            let _ = bank.change_account(&clerk(), ANN, change).await.unwrap();
        }
    };
    // Everything up to the arrival, and nothing behind it.
    let transfer = world.payment(BEN, 70);
    stop_at(&world, &transfer, Stage::Arrived).await;
    block(Block::Debits).await;
    let bridge = world.bridge().await;
    let recovered = bridge.recover(Recovery::forward(10)).await;
    assert_eq!((recovered.ended(), recovered.faults[0].stage()), (0, Some(Stage::Arrived)));
    assert_eq!(stage(bridge.transfer(&transfer).await), Stage::Arrived);
    assert_eq!(stage(bridge.turn_back(&north(), transfer.id()).await), Stage::Arrived);
    let compared = bridge.reconcile().await.unwrap();
    assert!(compared.is_clean(), "{compared:?}");
    assert_eq!((compared.arrived, compared.in_flight[0].stage), (70, Stage::Arrived));
    // One that is stuck does not keep a younger one waiting.
    let other = world.between((north(), BEN), (south(), BEN), 12);
    stop_at(&world, &other, Stage::Held).await;
    assert_eq!(bridge.recover(Recovery::forward(10)).await.settled, [other.id()]);
    assert!(world.count(&other).await);
    block(Block::None).await;
    assert_eq!(bridge.recover(Recovery::forward(10)).await.settled, [transfer.id()]);
    assert!(world.count(&transfer).await);

    // Blocked before it arrived: it goes back instead of getting stuck.
    let transfer = world.payment(BEN, 80);
    stop_at(&world, &transfer, Stage::Held).await;
    block(Block::Debits).await;
    let recovered = bridge.recover(Recovery::forward(10)).await;
    assert_eq!(recovered.turned_back[0].because, "account_blocked");
    assert!(!world.count(&transfer).await);
    world.at_rest().await;
    world.verify().await;
}

async fn waits_for_a_clearing_account<S: Store + Clone, T: Store + Clone>(mut world: World<S, T>) {
    // What is wrong with the bridge itself is no reason to turn a customer's transfer back.
    let (_, south_bank) = world.banks().await;
    let block = AccountChange::Block(Block::Debits);
    let _ = south_bank.change_account(&clerk(), CLEARING, block).await.unwrap();
    let bridge = world.bridge().await;
    let transfer = world.payment(BEN, 15);
    assert_eq!(stage(bridge.transfer(&transfer).await), Stage::Held);
    let recovered = bridge.recover(Recovery::forward(10)).await;
    assert_eq!((recovered.ended(), recovered.faults.len()), (0, 1));
    assert_eq!(stage(bridge.turn_back(&north(), transfer.id()).await), Stage::Held);
    let open = AccountChange::Block(Block::None);
    let _ = south_bank.change_account(&clerk(), CLEARING, open).await.unwrap();
    assert_eq!(bridge.recover(Recovery::forward(10)).await.settled, [transfer.id()]);
    assert!(world.count(&transfer).await);
    world.at_rest().await;
}

/// Denies the bridge some actions.
#[derive(Debug)]
struct Denies(&'static [Action]);

impl Policy for Denies {
    fn authorise(&self, _: &Context, action: Action) -> Result<(), Denied> {
        match self.0.contains(&action) {
            true => Err(Denied { action: action.code(), why: "the test wants it so" }),
            false => Ok(()),
        }
    }
}

async fn obeys_the_policy<S: Store + Clone, T: Store + Clone>(mut world: World<S, T>) {
    let denying = |store: S, actions| Bank::builder(store).policy(Denies(actions)).open();
    let north_bank = denying(world.north.clone(), &[Action::Hold]).await.unwrap();
    let bridge = join(north_bank, bank(world.south.clone()).await);
    assert_eq!(code(bridge.transfer(&world.payment(BEN, 1)).await), "denied");
    world.at_rest().await;

    let denying = |store: T, actions| Bank::builder(store).policy(Denies(actions)).open();
    let south_bank = denying(world.south.clone(), &[Action::Post]).await.unwrap();
    let bridge = join(bank(world.north.clone()).await, south_bank);
    let transfer = world.payment(BEN, 1);
    assert_eq!(because(bridge.transfer(&transfer).await), "denied");
    assert_eq!(because(bridge.transfer(&transfer).await), "denied", "again");
    world.at_rest().await;

    let actions = &[Action::Post, Action::Release];
    let south_bank = denying(world.south.clone(), actions).await.unwrap();
    let bridge = join(bank(world.north.clone()).await, south_bank);
    let transfer = world.payment(BEN, 1);
    assert_eq!(stage(bridge.transfer(&transfer).await), Stage::Held);
    assert_eq!(world.bridge().await.recover(Recovery::forward(1)).await.ended(), 1);
    assert!(world.count(&transfer).await);
    world.at_rest().await;
}

/// Breaks a transfer at its first call that leaves it at a stage.
async fn stop_at<S: Store + Clone, T: Store + Clone>(
    world: &World<S, T>,
    transfer: &NewBridgeTransfer,
    stage: Stage,
) {
    for call in 3..PATIENCE {
        let fuse = Fuse::dying_at(call as u64, Cut::Before);
        let bridge = world.fused(&fuse).await.unwrap();
        let ended = bridge.transfer(transfer).await;
        match ended {
            Err(error) if error.stage() == Some(stage) => return,
            Err(BridgeError::Pending { .. }) => {}
            other => panic!("it should not come so far: {other:?}"),
        }
    }
}

async fn keeps_dates<S: Store + Clone, T: Store + Clone>(mut world: World<S, T>) {
    let (north_bank, south_bank) = world.banks().await;
    let today = north_bank.moment().today;
    let back = |days| today.checked_sub_days(Days::new(days)).unwrap();
    let bridge = world.bridge().await;
    let dated = world.payment(BEN, 5).with_booking_date(back(2)).with_value_date(back(1));
    assert!(bridge.transfer(&dated).await.unwrap().is_settled());
    assert!(world.count(&dated).await);
    let dates = |bank: Bank, id| async move {
        let posted = bank.transaction(id).await.unwrap();
        (posted.booking_date, posted.value_date)
    };
    let steps = dated.id().steps(&north(), &south());
    assert_eq!(dates(north_bank.clone(), steps.capture).await, (back(2), back(1)));
    assert_eq!(dates(south_bank.clone(), steps.post).await, (back(2), back(1)));

    // A day that the paying book has closed is refused before anything arrives.
    let late = world.payment(BEN, 6).with_booking_date(back(4));
    let _ = north_bank.close_period(&clerk(), back(4)).await.unwrap();
    assert_eq!(because(bridge.transfer(&late).await), "period_closed");
    assert!(!world.count(&late).await);

    // Closed between the arrival and the capture: the capture is booked today.
    let caught = world.payment(BEN, 7).with_booking_date(back(3));
    stop_at(&world, &caught, Stage::Arrived).await;
    let _ = north_bank.close_period(&clerk(), back(3)).await.unwrap();
    assert!(bridge.transfer(&caught).await.unwrap().is_settled());
    assert!(bridge.transfer(&caught).await.unwrap().is_settled(), "again");
    assert!(world.count(&caught).await);
    let steps = caught.id().steps(&north(), &south());
    assert_eq!(dates(north_bank, steps.capture).await, (today, today));
    assert_eq!(dates(south_bank, steps.post).await, (back(3), back(3)));
    world.at_rest().await;
    world.verify().await;
}

/// The id of a posting that somebody else has used: for the same money it has arrived, for other
/// money it never can.
async fn finds_the_id_taken<S: Store + Clone, T: Store + Clone>(mut world: World<S, T>) {
    let (_, south_bank) = world.banks().await;
    let bridge = world.bridge().await;
    let same = world.payment(BEN, 33);
    let other = world.payment(BEN, 34);
    for transfer in [&same, &other] {
        let id = transfer.id().steps(&north(), &south()).post;
        let by_hand = NewTransaction::transfer(Kind::ADJUSTMENT, CLEARING, BEN, usd(33));
        let _ = south_bank.post(&clerk(), by_hand.with_id(id)).await.unwrap();
    }
    assert!(bridge.transfer(&same).await.unwrap().is_settled(), "the words do not matter");
    assert!(world.count(&same).await);
    for _ in 0..2 {
        assert_eq!(because(bridge.transfer(&other).await), "id_reused");
    }
    let hold = other.id().steps(&north(), &south()).hold;
    let hold = world.banks().await.0.hold_by_id(hold).await.unwrap();
    assert_eq!(hold.state, HoldState::Released);
    assert_eq!(bridge.reconcile().await.unwrap().difference, 33, "what was posted by hand");
}

async fn shows_another_hand<S: Store + Clone, T: Store + Clone>(mut world: World<S, T>) {
    let (north_bank, _) = world.banks().await;
    let bridge = world.bridge().await;
    // Freed by hand before it arrived: it never arrives.
    let transfer = world.payment(BEN, 90);
    stop_at(&world, &transfer, Stage::Held).await;
    let hold = transfer.id().steps(&north(), &south()).hold;
    let _ = north_bank.release(&clerk(), NewRelease::new(hold)).await.unwrap();
    assert_eq!(because(bridge.transfer(&transfer).await), "hold_not_open");
    assert!(!world.count(&transfer).await);
    world.at_rest().await;

    // Freed by hand after it arrived: said, and counted.
    let transfer = world.payment(BEN, 95);
    stop_at(&world, &transfer, Stage::Arrived).await;
    let hold = transfer.id().steps(&north(), &south()).hold;
    let _ = north_bank.release(&clerk(), NewRelease::new(hold)).await.unwrap();
    assert_eq!(code(bridge.transfer(&transfer).await), "bridge_torn");
    let compared = bridge.reconcile().await.unwrap();
    assert_eq!((compared.difference, compared.is_clean()), (95, false));

    // A hold by another hand is no transfer, whatever its words say.
    let mut pairs = Metadata::default();
    for (key, value) in [("id", transfer.id().to_string()), ("book", "south".to_owned())] {
        pairs.insert(&format!("bridge.{key}"), &value).unwrap();
    }
    pairs.insert("bridge.account", &BEN.to_string()).unwrap();
    let plain = NewHold::transfer(Kind::PAYMENT, ANN, CLEARING, usd(1));
    let forged = plain.clone().with_metadata(pairs);
    for hold in [plain, forged] {
        let _ = north_bank.hold(&clerk(), hold).await.unwrap();
    }
    let recovered = bridge.recover(Recovery::forward(10)).await;
    assert_eq!((recovered.ended(), recovered.strangers.len()), (0, 2));
    assert_eq!(bridge.pending(&north(), 10).await.unwrap(), []);

    // A settlement that one book has posted and the other has not is a difference as well.
    let settle = NewTransaction::transfer(Kind::ADJUSTMENT, CLEARING, CASH, usd(5));
    let _ = north_bank.post(&clerk(), settle).await.unwrap();
    assert_eq!(bridge.reconcile().await.unwrap().difference, 100);
}

// ---- broken at every call

/// How a call of a scenario is made, and what must be true of it once it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plot {
    Settles,
    Dated,
    Refused,
    Withdrawn,
    Recovered,
}

/// For each call of each plot, each way to fail, dead or only cut off: nothing is lost or doubled,
/// and recovery ends it.
async fn survives_every_call<S: Store + Clone, T: Store + Clone>(
    mut world: World<S, T>,
    every: u64,
) {
    use Plot::{Dated, Recovered, Refused, Settles, Withdrawn};
    let (mut broken, mut left_out) = (0_u64, 0_u64);
    for plot in [Settles, Dated, Refused, Withdrawn, Recovered] {
        let calls = play(&mut world, plot, &Fuse::never()).await;
        assert!(calls > 8, "{plot:?} makes {calls} calls");
        for at in 1..=calls {
            for cut in Cut::ALL {
                for fuse in [Fuse::dying_at(at, cut), Fuse::failing_at(at, cut)] {
                    left_out += 1;
                    if left_out % every == 0 {
                        play(&mut world, plot, &fuse).await;
                        broken += 1;
                    }
                }
            }
        }
    }
    println!("{broken} broken transfers");
    world.verify().await;
}

/// Plays a plot over a bridge with a fuse, then recovers over the bare stores. Returns the number
/// of calls up to there.
async fn play<S: Store + Clone, T: Store + Clone>(
    world: &mut World<S, T>,
    plot: Plot,
    fuse: &Fuse,
) -> u64 {
    let today = world.banks().await.0.moment().today;
    let mut transfer = world.payment(if plot == Plot::Refused { CLOSED } else { BEN }, 3);
    if plot == Plot::Dated {
        transfer = transfer.with_value_date(today);
    }
    if matches!(plot, Plot::Withdrawn | Plot::Recovered) {
        stop_at(world, &transfer, Stage::Held).await;
    }
    let mut told = None;
    if let Some(bridge) = world.fused(fuse).await {
        told = match plot {
            Plot::Settles | Plot::Dated | Plot::Refused => bridge.transfer(&transfer).await.ok(),
            Plot::Withdrawn => bridge.turn_back(&north(), transfer.id()).await.ok(),
            Plot::Recovered => {
                let _ = bridge.recover(Recovery::forward(9)).await;
                None
            }
        };
    }
    let calls = fuse.calls();
    let bridge = world.bridge().await;
    let recovered = bridge.recover(Recovery::forward(9)).await;
    assert!(recovered.faults.is_empty(), "{:?}", recovered.faults);
    let after_recovery = world.arrived(&transfer).await;
    if let Some(told) = &told {
        assert_eq!(told.is_settled(), after_recovery, "{plot:?}: told {told:?}");
    }
    // Whoever asks again gets the same answer; a transfer that never began begins now.
    let begun = after_recovery || !recovered.turned_back.is_empty();
    let last = bridge.transfer(&transfer).await.unwrap();
    let arrived = world.count(&transfer).await;
    assert_eq!(last.is_settled(), arrived);
    assert!(!begun || arrived == after_recovery);
    match plot {
        Plot::Settles | Plot::Dated | Plot::Recovered => assert!(arrived),
        Plot::Refused => assert!(!arrived),
        // Either the request was heard, or recovery carried it forward.
        Plot::Withdrawn => {}
    }
    world.at_rest().await;
    calls
}

// ---- broken by chance, by several hands

type Hand = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Transfers both ways by four hands, over stores that fail by chance, with two that recover and
/// one that compares. Each hand runs as a task of its own.
async fn survives_chance<S: Store + Clone, T: Store + Clone>(mut world: World<S, T>, seed: u64) {
    let (transfers, hands) = crowd(&mut world, seed).await;
    let mut tasks = tokio::task::JoinSet::new();
    for hand in hands {
        tasks.spawn(hand);
    }
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
    aftermath(world, &transfers).await;
}

async fn aftermath<S: Store + Clone, T: Store + Clone>(
    mut world: World<S, T>,
    transfers: &[NewBridgeTransfer],
) {
    let recovered = world.bridge().await.recover(Recovery::forward(1_000)).await;
    assert!(recovered.faults.is_empty(), "{:?}", recovered.faults);
    let mut arrived = 0;
    for transfer in transfers {
        arrived += usize::from(world.count(transfer).await);
    }
    assert!(arrived > 0 && arrived < transfers.len(), "{arrived} of {}", transfers.len());
    world.at_rest().await;
    world.verify().await;
}

/// The transfers, and the hands that make them.
async fn crowd<S: Store + Clone, T: Store + Clone>(
    world: &mut World<S, T>,
    seed: u64,
) -> (Vec<NewBridgeTransfer>, Vec<Hand>) {
    let mut hands: Vec<Hand> = Vec::new();
    let mut transfers = Vec::new();
    for hand in 0..4_u64 {
        let mut own = Vec::new();
        for number in 0..4_i64 {
            let to = [BEN, ANN, CLOSED, CAPPED][(hand as usize + number as usize) % 4];
            let (from, at) = if hand % 2 == 0 { (north(), south()) } else { (south(), north()) };
            own.push(world.between((from, ANN), (at, to), 20 + number));
        }
        transfers.extend(own.iter().cloned());
        let bridge = harsh(world, seed * 31 + hand).await;
        hands.push(Box::pin(insist(bridge, own, hand % 2 == 0)));
    }
    let recover = |bridge: Bridge, recovery| async move {
        for _ in 0..12 {
            let _ = bridge.recover(recovery).await;
            tokio::task::yield_now().await;
        }
    };
    let old = Recovery::forward(3).turning_back_after(Duration::nanoseconds(-1));
    hands.push(Box::pin(recover(harsh(world, seed * 31 + 7).await, Recovery::forward(5))));
    hands.push(Box::pin(recover(harsh(world, seed * 31 + 8).await, old)));
    // Only suspends, and never fails: what it compares must agree at every moment.
    let (north, south) = (Yielding::new(world.north.clone()), Yielding::new(world.south.clone()));
    let watcher = span(north, south).await.unwrap();
    hands.push(Box::pin(async move {
        for _ in 0..12 {
            let compared = watcher.reconcile().await.unwrap();
            assert!(compared.is_clean(), "{compared:?}");
        }
    }));
    (transfers, hands)
}

async fn harsh<S: Store + Clone, T: Store + Clone>(world: &World<S, T>, seed: u64) -> Bridge {
    let odds = Odds::BAD_DAY;
    let north = Yielding::new(Failing::new(world.north.clone(), seed, odds));
    let south = Yielding::new(Failing::new(world.south.clone(), seed ^ 0xffff, odds));
    for _ in 0..PATIENCE {
        if let Some(bridge) = span(north.clone(), south.clone()).await {
            return bridge;
        }
    }
    panic!("the banks do not open")
}

/// Makes transfers in turn; a patient hand asks until each has ended, another only once.
async fn insist(bridge: Bridge, transfers: Vec<NewBridgeTransfer>, patient: bool) {
    for transfer in transfers {
        let mut tries = 0;
        while let Err(error) = bridge.transfer(&transfer).await {
            assert!(matches!(error, BridgeError::Pending { .. }), "{error:?}");
            tries += 1;
            if !patient || tries > PATIENCE {
                break;
            }
        }
    }
}

// ---- over the memory store

#[tokio::test]
async fn two_memory_books_pass() {
    let store = || async { MemoryStore::new() };
    all(store, store).await;
}

#[tokio::test]
async fn chance_over_many_seeds() {
    for seed in 2..40 {
        survives_chance(World::open(MemoryStore::new(), MemoryStore::new()).await, seed).await;
    }
}

/// Polls futures that never wait for anything outside, picked by chance, until all have ended.
fn drive(mut hands: Vec<Hand>, mut seed: u64) {
    let mut task = Task::from_waker(Waker::noop());
    while !hands.is_empty() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = (seed >> 33) as usize % hands.len();
        if let Poll::Ready(()) = hands[at].as_mut().poll(&mut task) {
            drop(hands.swap_remove(at));
        }
    }
}

/// The transfer itself, two that recover and one that turns back, all on one transfer, in every
/// order that chance finds: whoever gets an answer gets the same one.
#[tokio::test]
async fn all_hands_on_one_transfer_agree() {
    let mut ends = [0_u32; 2];
    for seed in 0..300 {
        let mut world = World::open(MemoryStore::new(), MemoryStore::new()).await;
        let transfer = world.payment(BEN, 11);
        let said = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let mut hands: Vec<Hand> = Vec::new();
        for hand in 0..5 {
            let store = Yielding::new(world.north.clone());
            let bridge = span(store, Yielding::new(world.south.clone())).await.unwrap();
            let (transfer, said) = (transfer.clone(), said.clone());
            hands.push(Box::pin(async move {
                for _ in 0..3 {
                    let answer = match hand {
                        0 => bridge.transfer(&transfer).await.ok(),
                        1 | 2 => {
                            let _ = bridge.recover(Recovery::forward(5)).await;
                            None
                        }
                        _ => bridge.turn_back(&north(), transfer.id()).await.ok(),
                    };
                    said.lock().unwrap().extend(answer.map(|answer| answer.is_settled()));
                }
            }));
        }
        drive(hands, seed);
        let said = said.lock().unwrap().clone();
        let arrived = world.count(&transfer).await;
        assert!(said.len() >= 3 && said.iter().all(|one| *one == arrived), "{seed}: {said:?}");
        ends[usize::from(arrived)] += 1;
        world.at_rest().await;
        world.verify().await;
    }
    println!("turned back, settled: {ends:?}");
    assert!(ends.iter().all(|times| *times > 10), "{ends:?}");
}

#[tokio::test]
async fn chance_in_every_order() {
    for seed in 0..60 {
        let mut world = World::open(MemoryStore::new(), MemoryStore::new()).await;
        let (transfers, hands) = crowd(&mut world, seed).await;
        drive(hands, seed);
        aftermath(world, &transfers).await;
    }
}
