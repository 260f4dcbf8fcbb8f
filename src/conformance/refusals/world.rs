//! A world in which every fault is at hand.

use chrono::{Duration, NaiveDate};

use crate::id::{AccountId, HoldId, LimitId, TransactionId};
use crate::ledger::{
    AccountChange, Block, ChartCode, Kind, Leg, LimitRule, LimitScope, NewAccount, NewCapture,
    NewHold, NewRelease, NewReversal, NewTransaction, Side, Window,
};
use crate::money::{Currency, Money};

use crate::conformance::bench::{
    ALICE, BOB, Bench, CASH, Checked, FEES, SHOP, day, deposits, found, usd,
};

/// Closed; it had an entry.
pub(super) const CLOSED: AccountId = AccountId::from_u128(0x2101);
/// Blocked on both sides, with a balance and a hold.
pub(super) const BLOCKED: AccountId = AccountId::from_u128(0x2102);
/// Its counters are nearly full.
pub(super) const FULL: AccountId = AccountId::from_u128(0x2103);
/// Its ceiling is 100.
pub(super) const CAPPED: AccountId = AccountId::from_u128(0x2104);
/// No money, and limits on what it pays.
pub(super) const POOR: AccountId = AccountId::from_u128(0x2105);
/// An asset without a floor, to fill [`FULL`] from.
pub(super) const VAULT: AccountId = AccountId::from_u128(0x1101);

/// Measured by [`LEAST`], [`MOST`], [`SUM`] and [`NUMBER`].
pub(super) const LEAST: LimitId = LimitId::from_u128(0x51);
pub(super) const MOST: LimitId = LimitId::from_u128(0x52);
pub(super) const SUM: LimitId = LimitId::from_u128(0x53);
pub(super) const NUMBER: LimitId = LimitId::from_u128(0x54);

/// An id that stands for nothing.
pub(super) const NO_TRANSACTION: TransactionId = TransactionId::from_u128(0xdead_0001);
pub(super) const NO_HOLD: HoldId = HoldId::from_u128(0xdead_0002);

/// Handles to what stands in the world.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub(super) bench: Bench,
    /// A posted transaction that took money from `POOR`, which lacks it now, and closed `CLOSED`.
    pub(super) used: TransactionId,
    /// Was reversed, and touches a closed account.
    pub(super) reversed: TransactionId,
    /// Reversed it, and touches a closed account.
    pub(super) reversal: TransactionId,
    /// Open, on blocked accounts.
    pub(super) open: HoldId,
    /// Open, with three legs, of which one is on a blocked account.
    pub(super) wide: HoldId,
    /// Released and past its time.
    pub(super) released: HoldId,
    /// Past its time, but not swept.
    pub(super) overdue: HoldId,
    /// In a closed period.
    pub(super) closed_day: NaiveDate,
    /// Open, but outside the bounds of bookings.
    pub(super) far_day: NaiveDate,
    /// A chart code that is not defined.
    pub(super) missing: ChartCode,
}

impl World {
    pub(super) async fn build(bench: Bench) -> Checked<Self> {
        open_accounts(&bench).await?;
        bench.fund(ALICE, 1_000_000).await?;
        let used = bench.fund(BLOCKED, 500).await?;
        let reversed = bench.applied(bench.pay(CASH, CLOSED, 700)).await?;
        let reversed = reversed.transaction().ok_or_else(|| found("no transaction"))?;
        let reversal = bench.applied(NewReversal::new(reversed)).await?;
        let reversal = reversal.transaction().ok_or_else(|| found("no transaction"))?;
        bench.applied(bench.pay(VAULT, FULL, i64::MAX.saturating_sub(10))).await?;
        let soon = bench.clock.advance(Duration::seconds(1)).saturating_add_nanos(5_000_000_000);
        let open = place(&bench, bench.reserve(BLOCKED, FULL, 3)).await?;
        let wide = NewHold::new(Kind::PAYMENT)
            .leg(Leg::new(BLOCKED, Side::Debit, usd(50)))
            .leg(Leg::new(SHOP, Side::Credit, usd(40)))
            .leg(Leg::new(FEES, Side::Credit, usd(10)));
        let wide = place(&bench, wide).await?;
        let released = place(&bench, bench.reserve(BLOCKED, SHOP, 20).expiring_at(soon)).await?;
        bench.applied(NewRelease::new(released)).await?;
        let overdue = place(&bench, bench.reserve(BLOCKED, SHOP, 20).expiring_at(soon)).await?;
        bench.clock.advance(Duration::seconds(10));
        bench.change(BLOCKED, AccountChange::Block(Block::All)).await?;
        bench.change(CLOSED, AccountChange::Close).await?;
        set_limits(&bench).await?;
        let closed_day = day(2026, 2, 28)?;
        let _ = bench.bank.close_period(&bench.context, closed_day).await?;
        let far_day = day(2026, 3, 3)?;
        Ok(Self {
            bench,
            used,
            reversed,
            reversal,
            open,
            wide,
            released,
            overdue,
            closed_day,
            far_day,
            missing: ChartCode::new("9999")?,
        })
    }

    /// What no transaction may say: it relates to nothing, is booked in a closed period, and its
    /// value date lies beyond all bounds.
    pub(super) fn misdated(&self, transaction: NewTransaction) -> NewTransaction {
        let transaction = transaction.relating_to(NO_TRANSACTION);
        transaction.with_booking_date(self.closed_day).with_value_date(NaiveDate::MAX)
    }

    /// A posting with legs of one's own and every later fault in its terms.
    pub(super) fn faulty(&self, legs: Vec<Leg>) -> NewTransaction {
        let legs = legs.into_iter();
        self.misdated(legs.fold(NewTransaction::new(Kind::TRANSFER), NewTransaction::leg))
    }

    /// A capture of the open hold whose terms are at fault.
    pub(super) fn capture(&self, hold: HoldId, money: Money) -> NewCapture {
        NewCapture::amount(Kind::PAYMENT, hold, money)
            .with_booking_date(self.closed_day)
            .with_value_date(NaiveDate::MAX)
    }
}

async fn place(bench: &Bench, hold: NewHold) -> Checked<HoldId> {
    bench.applied(hold).await?.hold().ok_or_else(|| found("no hold"))
}

async fn open_accounts(bench: &Bench) -> Checked {
    let of =
        |id| -> Checked<NewAccount> { Ok(NewAccount::new(deposits()?, Currency::USD).with_id(id)) };
    let vault = ChartCode::new("1000")?;
    let accounts = [
        of(CLOSED)?,
        of(BLOCKED)?,
        of(FULL)?,
        of(CAPPED)?.with_ceiling(100),
        of(POOR)?,
        NewAccount::new(vault, Currency::USD).with_id(VAULT),
    ];
    bench.bank.open_accounts(&bench.context, &accounts).await?;
    Ok(())
}

/// Four limits on what `POOR` pays to `BOB` and others, each bound by a rule of its own, the later
/// ones used up.
async fn set_limits(bench: &Bench) -> Checked {
    bench.applied(bench.pay(CASH, POOR, 200)).await?;
    let rule = |id| {
        let scope = LimitScope::Account(POOR);
        LimitRule::new(id, scope, Side::Debit, Currency::USD, Window::Day)
    };
    let sum = rule(SUM).with_amount(150);
    let number = rule(NUMBER).with_count(1);
    for rule in [sum, number] {
        let _ = bench.bank.set_limit(&bench.context, rule).await?;
    }
    bench.applied(bench.pay(POOR, BOB, 100)).await?;
    for rule in [rule(LEAST).with_minimum(10), rule(MOST).with_maximum(60)] {
        let _ = bench.bank.set_limit(&bench.context, rule).await?;
    }
    Ok(())
}
