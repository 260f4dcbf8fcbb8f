//! A small bank with group commit, and short words for calling it.

use chrono::NaiveDate;
use corebank::bank::{Bank, Context, Error, GroupCommit};
use corebank::id::{AccountId, SeededIds, TransactionId};
use corebank::ledger::query::AsOf;
use corebank::ledger::{
    AccountClass, ChartCode, ChartNode, Instruction, Kind, NewAccount, NewTransaction, Outcome,
    Receipt, Text,
};
use corebank::money::{Currency, Money};
use corebank::time::ManualClock;

use crate::driver::{Driver, End, Work};
use crate::hooked::{Hooked, Hooks};

pub(crate) const CASH: AccountId = AccountId::from_u128(0x1001);
pub(crate) const ALICE: AccountId = AccountId::from_u128(0x2001);
pub(crate) const BOB: AccountId = AccountId::from_u128(0x2002);

pub(crate) type Posted = Result<Outcome<Receipt>, Error>;

pub(crate) fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

pub(crate) fn clerk() -> Context {
    Context::system("group").unwrap()
}

pub(crate) fn id(number: u64) -> TransactionId {
    TransactionId::from_u128(0x7000_0000 + u128::from(number))
}

pub(crate) fn pay(number: u64, debit: AccountId, credit: AccountId, minor: i64) -> NewTransaction {
    NewTransaction::transfer(Kind::TRANSFER, debit, credit, usd(minor)).with_id(id(number))
}

/// A bank with group commit over a store, with three accounts.
pub(crate) async fn open(store: &Hooked, options: GroupCommit, seed: u64) -> Bank {
    let clock = ManualClock::at_noon(NaiveDate::from_ymd_opt(2026, 3, 16).unwrap());
    let builder = Bank::builder(store.clone()).clock(clock).ids(SeededIds::new(seed));
    builder.group_commit(options).open().await.unwrap()
}

pub(crate) async fn fill(bank: &Bank) {
    let code = |text| ChartCode::new(text).unwrap();
    let name = |text| Text::new(text).unwrap();
    let nodes = [
        ChartNode::new(code("1000"), AccountClass::Asset, None, name("Cash")),
        ChartNode::new(code("2000"), AccountClass::Liability, None, name("Deposits")),
    ];
    let _ = bank.define_chart(&clerk(), &nodes).await.unwrap();
    let of = |id, at| NewAccount::new(code(at), Currency::USD).with_id(id);
    let accounts = [of(CASH, "1000"), of(ALICE, "2000"), of(BOB, "2000")];
    bank.open_accounts(&clerk(), &accounts).await.unwrap();
}

/// A store that lets a leader collect a round, and a bank over it.
pub(crate) async fn bank_over(hooks: Hooks, options: GroupCommit) -> (Hooked, Bank) {
    let store = Hooked::new(hooks);
    let bank = open(&store, options, 1).await;
    fill(&bank).await;
    (store, bank)
}

/// One round for all who are polled before the first of them is polled again.
pub(crate) fn lingering() -> GroupCommit {
    GroupCommit::new().with_linger(1).unwrap()
}

pub(crate) async fn ledger(bank: &Bank, account: AccountId) -> i64 {
    bank.balance(account).await.unwrap().ledger.minor()
}

pub(crate) async fn is_sound(bank: &Bank) {
    assert!(bank.trial_balance(AsOf::Now).await.unwrap().is_zero());
    let report = bank.verify().await.unwrap();
    assert!(report.is_clean(), "{report:?}");
}

pub(crate) fn call(
    bank: &Bank,
    context: Context,
    instruction: impl Into<Instruction>,
) -> Work<Posted> {
    let (bank, instruction) = (bank.clone(), instruction.into());
    Box::pin(async move { bank.instruct(&context, instruction).await })
}

/// Polls each once in order, so that they queue in this order, then to the end.
pub(crate) fn in_order<T>(tasks: Vec<Work<T>>) -> Vec<T> {
    let count = tasks.len();
    let mut driver = Driver::new(1, tasks);
    (0..count).for_each(|at| driver.poll(at));
    let ended = driver.finish().into_iter();
    ended.map(|end| if let End::Ready(output) = end { output } else { panic!("no end") }).collect()
}
