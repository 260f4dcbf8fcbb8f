//! What every scenario starts from: a bank over a fresh store, a clock, a chart, a few accounts,
//! and short words for "this must apply", "this must be refused".

use std::fmt::Debug;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::NaiveDate;
use uuid::Uuid;

use crate::bank::{Bank, Context, Error, ItemOutcome};
use crate::id::{AccountId, HoldId, SeededIds, TransactionId};
use crate::ledger::{
    AccountChange, AccountClass, AccountState, Batch, ChartCode, ChartNode, IdempotencyKey,
    Instruction, Kind, Labels, NewAccount, NewHold, NewTransaction, Outcome, Receipt, Refusal,
    Text,
};
use crate::money::{Currency, Money};
use crate::time::{ManualClock, Timestamp};

use super::forward::Shared;

/// What a scenario found. Not an error type, so that every error turns into one with its place.
#[derive(Debug, Clone)]
pub(super) struct Found(pub(super) String);

impl<E: std::error::Error> From<E> for Found {
    #[track_caller]
    fn from(error: E) -> Self {
        found(format!("unexpected: {error}"))
    }
}

pub(super) type Checked<T = ()> = Result<T, Found>;

#[track_caller]
pub(super) fn found(what: impl AsRef<str>) -> Found {
    let at = Location::caller();
    Found(format!("{} ({}:{})", what.as_ref(), at.file(), at.line()))
}

#[track_caller]
pub(super) fn ensure(holds: bool, what: impl AsRef<str>) -> Checked {
    if holds { Ok(()) } else { Err(found(what)) }
}

#[track_caller]
pub(super) fn same<T: PartialEq + Debug>(is: T, should: T, what: impl AsRef<str>) -> Checked {
    let what = what.as_ref();
    ensure(is == should, format!("{what}: is {is:?} and should be {should:?}"))
}

/// The refusal must have this code.
#[track_caller]
pub(super) fn refused<T: Debug>(result: Result<T, Error>, code: &str) -> Checked {
    match result {
        Ok(outcome) => Err(found(format!("should be refused as {code}, but was {outcome:?}"))),
        Err(error) if error.refusal().is_some() && error.code() == code => Ok(()),
        Err(error) => Err(found(format!("should be {code}, is {}: {error}", error.code()))),
    }
}

#[track_caller]
pub(super) fn item_refused(outcome: Option<&ItemOutcome>, code: &str) -> Checked {
    match outcome {
        Some(Err(refusal)) if refusal.code() == code => Ok(()),
        other => Err(found(format!("should be refused as {code}, is {other:?}"))),
    }
}

#[track_caller]
pub(super) fn item_applied(outcome: Option<&ItemOutcome>) -> Checked<Receipt> {
    match outcome {
        Some(Ok(Outcome::Applied(receipt))) => Ok(*receipt),
        other => Err(found(format!("should apply, is {other:?}"))),
    }
}

#[track_caller]
pub(super) fn item_replayed(outcome: Option<&ItemOutcome>) -> Checked<Receipt> {
    match outcome {
        Some(Ok(Outcome::Replayed(receipt))) => Ok(*receipt),
        other => Err(found(format!("should be replayed, is {other:?}"))),
    }
}

pub(super) const CASH: AccountId = AccountId::from_u128(0x1001);
pub(super) const CASH_EUR: AccountId = AccountId::from_u128(0x1002);
pub(super) const ALICE: AccountId = AccountId::from_u128(0x2001);
pub(super) const BOB: AccountId = AccountId::from_u128(0x2002);
pub(super) const SHOP: AccountId = AccountId::from_u128(0x2003);
pub(super) const ALICE_EUR: AccountId = AccountId::from_u128(0x2004);
pub(super) const RETAINED: AccountId = AccountId::from_u128(0x3001);
pub(super) const RETAINED_EUR: AccountId = AccountId::from_u128(0x3002);
pub(super) const FEES: AccountId = AccountId::from_u128(0x4001);
pub(super) const FEES_EUR: AccountId = AccountId::from_u128(0x4002);
pub(super) const COSTS: AccountId = AccountId::from_u128(0x5001);
pub(super) const COSTS_EUR: AccountId = AccountId::from_u128(0x5002);
/// An account that nobody opened.
pub(super) const NOBODY: AccountId = AccountId::from_u128(0xdead);

/// Of Alice's two accounts.
pub(super) const CUSTOMER: Uuid = Uuid::from_u128(0xa11c_e000);
pub(super) const BRANCH: Uuid = Uuid::from_u128(0xb0_0001);

pub(super) const fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

pub(super) const fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

pub(super) fn day(year: i32, month: u32, day: u32) -> Checked<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, day).ok_or_else(|| found("no such day"))
}

pub(super) fn deposits() -> Checked<ChartCode> {
    Ok(ChartCode::new("2000")?)
}

/// Where a scenario plays. A clone is another handle to the same place.
#[derive(Debug, Clone)]
pub(super) struct Bench {
    pub(super) bank: Bank,
    pub(super) clock: Arc<ManualClock>,
    pub(super) store: Shared,
    pub(super) context: Context,
    numbers: Arc<AtomicU64>,
}

impl Bench {
    /// Opens a bank on Monday 2026-03-02 at ten, with a chart and accounts without money.
    pub(super) async fn open(store: Shared) -> Checked<Self> {
        let clock = Arc::new(ManualClock::new("2026-03-02T10:00:00Z".parse::<Timestamp>()?));
        let bank = Bank::builder(store.clone())
            .shared_clock(Arc::<ManualClock>::clone(&clock))
            .ids(SeededIds::new(7))
            .open()
            .await?;
        let context = Context::system("conformance")?;
        let numbers = Arc::new(AtomicU64::new(0));
        let bench = Self { bank, clock, store, context, numbers };
        let _ = bench.bank.define_chart(&bench.context, &chart()?).await?;
        bench.bank.open_accounts(&bench.context, &accounts()?).await?;
        Ok(bench)
    }

    fn number(&self) -> u128 {
        u128::from(self.numbers.fetch_add(1, Ordering::SeqCst)).saturating_add(1)
    }

    pub(super) fn transaction_id(&self) -> TransactionId {
        TransactionId::from_u128(0x7000_0000_u128.saturating_add(self.number()))
    }

    pub(super) fn hold_id(&self) -> HoldId {
        HoldId::from_u128(0x8000_0000_u128.saturating_add(self.number()))
    }

    pub(super) fn keyed(&self, key: &str) -> Checked<Context> {
        Ok(self.context.clone().with_idempotency_key(IdempotencyKey::new(key)?))
    }

    /// A transfer in USD under a fresh id.
    pub(super) fn pay(&self, debit: AccountId, credit: AccountId, minor: i64) -> NewTransaction {
        NewTransaction::transfer(Kind::TRANSFER, debit, credit, usd(minor))
            .with_id(self.transaction_id())
    }

    /// A hold in USD under a fresh id.
    pub(super) fn reserve(&self, debit: AccountId, credit: AccountId, minor: i64) -> NewHold {
        NewHold::transfer(Kind::PAYMENT, debit, credit, usd(minor)).with_id(self.hold_id())
    }

    /// Pays money in.
    pub(super) async fn fund(&self, account: AccountId, minor: i64) -> Checked<TransactionId> {
        let deposit = self.pay(CASH, account, minor);
        let receipt = self.applied(deposit).await?;
        receipt.transaction().ok_or_else(|| found("a posting gave no transaction"))
    }

    pub(super) async fn instruct(
        &self,
        instruction: impl Into<Instruction> + Send,
    ) -> Result<Outcome<Receipt>, Error> {
        self.bank.instruct(&self.context, instruction.into()).await
    }

    pub(super) async fn applied(
        &self,
        instruction: impl Into<Instruction> + Send,
    ) -> Checked<Receipt> {
        let instruction = instruction.into();
        match self.instruct(instruction.clone()).await {
            Ok(Outcome::Applied(receipt)) => Ok(receipt),
            other => Err(found(format!("should apply: {instruction:?}; is {other:?}"))),
        }
    }

    pub(super) async fn replayed(
        &self,
        instruction: impl Into<Instruction> + Send,
    ) -> Checked<Receipt> {
        let instruction = instruction.into();
        match self.instruct(instruction.clone()).await {
            Ok(Outcome::Replayed(receipt)) => Ok(receipt),
            other => Err(found(format!("should be replayed: {instruction:?}; is {other:?}"))),
        }
    }

    pub(super) async fn refused(
        &self,
        instruction: impl Into<Instruction> + Send,
        code: &str,
    ) -> Checked<Refusal> {
        let instruction = instruction.into();
        match self.instruct(instruction.clone()).await {
            Err(Error::Refused(refusal)) if refusal.code() == code => Ok(refusal),
            other => Err(found(format!("should be {code}: {instruction:?}; is {other:?}"))),
        }
    }

    pub(super) async fn batch(&self, batch: &Batch) -> Checked<Vec<ItemOutcome>> {
        let outcomes = self.bank.post_many(&self.context, batch).await?;
        same(outcomes.len(), batch.len(), "outcomes of a batch")?;
        Ok(outcomes)
    }

    pub(super) async fn change(&self, account: AccountId, change: AccountChange) -> Checked {
        match self.bank.change_account(&self.context, account, change).await? {
            Outcome::Applied(()) => Ok(()),
            Outcome::Replayed(()) => Err(found(format!("{change:?} should change {account}"))),
        }
    }

    pub(super) async fn state(&self, account: AccountId) -> Checked<AccountState> {
        Ok(self.bank.account(account).await?.state)
    }

    /// The ledger and the available balance must be these.
    pub(super) async fn balance(
        &self,
        account: AccountId,
        ledger: i64,
        available: i64,
        what: &str,
    ) -> Checked {
        let balance = self.bank.balance(account).await?;
        let available_now = balance.available.map(|money| money.minor());
        same((balance.ledger.minor(), available_now), (ledger, Some(available)), what)
    }

    pub(super) async fn position(&self) -> Checked<u64> {
        Ok(self.bank.head().await?.position)
    }
}

fn node(code: &str, class: AccountClass, parent: Option<&str>, name: &str) -> Checked<ChartNode> {
    let parent = parent.map(ChartCode::new).transpose()?;
    Ok(ChartNode::new(ChartCode::new(code)?, class, parent, Text::new(name)?))
}

fn chart() -> Checked<Vec<ChartNode>> {
    Ok(vec![
        node("1000", AccountClass::Asset, None, "Cash")?,
        node("2", AccountClass::Liability, None, "Liabilities")?,
        node("2000", AccountClass::Liability, Some("2"), "Deposits")?,
        node("3000", AccountClass::Equity, None, "Retained earnings")?,
        node("4000", AccountClass::Income, None, "Fees")?,
        node("5000", AccountClass::Expense, None, "Costs")?,
    ])
}

fn accounts() -> Checked<Vec<NewAccount>> {
    let of = |id: AccountId, code: &str, currency| -> Checked<NewAccount> {
        Ok(NewAccount::new(ChartCode::new(code)?, currency).with_id(id))
    };
    let alice = Labels { customer: Some(CUSTOMER), branch: Some(BRANCH) };
    let branch = Labels { customer: None, branch: Some(BRANCH) };
    Ok(vec![
        of(CASH, "1000", Currency::USD)?,
        of(CASH_EUR, "1000", Currency::EUR)?,
        of(ALICE, "2000", Currency::USD)?.with_labels(alice),
        of(BOB, "2000", Currency::USD)?.with_labels(branch),
        of(SHOP, "2000", Currency::USD)?,
        of(ALICE_EUR, "2000", Currency::EUR)?.with_labels(alice),
        of(RETAINED, "3000", Currency::USD)?,
        of(RETAINED_EUR, "3000", Currency::EUR)?,
        of(FEES, "4000", Currency::USD)?,
        of(FEES_EUR, "4000", Currency::EUR)?,
        of(COSTS, "5000", Currency::USD)?,
        of(COSTS_EUR, "5000", Currency::EUR)?,
    ])
}
