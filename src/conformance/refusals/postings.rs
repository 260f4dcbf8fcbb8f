//! Rows of the state of accounts and holds, of arithmetic, floors, ceilings and limits.

use crate::conformance::bench::{
    ALICE, ALICE_EUR, BOB, Bench, CASH, CASH_EUR, Checked, SHOP, deposits, eur, found, same, usd,
};
use crate::id::AccountId;
use crate::ledger::{
    AccountChange, Block, FloorPolicy, Kind, Leg, NewAccount, NewCapture, NewHold, NewReversal,
    NewTransaction, Refusal, Side,
};
use crate::money::Currency;
use crate::time::Timestamp;

use super::world::{BLOCKED, CAPPED, CLOSED, FULL, POOR};
use super::{Row, told};

const ALL_OF_IT: i64 = i64::MAX;

pub(super) const ROWS: &[Row] = &[
    Row {
        code: "reversal_of_reversal",
        ask: |w| {
            Box::pin(async move { told(w.bench.instruct(NewReversal::new(w.reversal)).await) })
        },
    },
    Row {
        code: "already_reversed",
        ask: |w| {
            Box::pin(async move { told(w.bench.instruct(NewReversal::new(w.reversed)).await) })
        },
    },
    Row {
        code: "expiry_in_past",
        ask: |w| {
            Box::pin(async move {
                let hold = w.bench.reserve(BLOCKED, CLOSED, ALL_OF_IT);
                told(w.bench.instruct(hold.expiring_at(Timestamp::EPOCH)).await)
            })
        },
    },
    Row {
        code: "expiry_in_past",
        ask: |w| {
            Box::pin(async move {
                let hold = w.bench.reserve(BLOCKED, CLOSED, ALL_OF_IT);
                told(w.bench.instruct(hold.expiring_at(w.bench.bank.moment().now)).await)
            })
        },
    },
    Row {
        code: "hold_not_open",
        ask: |w| {
            Box::pin(async move {
                let capture = NewCapture::amount(Kind::PAYMENT, w.released, usd(ALL_OF_IT));
                told(w.bench.instruct(capture).await)
            })
        },
    },
    Row {
        code: "hold_expired",
        ask: |w| {
            Box::pin(async move {
                let capture = NewCapture::amount(Kind::PAYMENT, w.overdue, usd(ALL_OF_IT));
                told(w.bench.instruct(capture).await)
            })
        },
    },
    Row {
        code: "capture_exceeds_hold",
        ask: |w| {
            Box::pin(async move {
                let capture = NewCapture::amount(Kind::PAYMENT, w.open, usd(4));
                told(w.bench.instruct(capture).await)
            })
        },
    },
    Row {
        code: "account_closed",
        ask: |w| {
            Box::pin(async move {
                let posting = w.bench.pay(BLOCKED, CLOSED, ALL_OF_IT);
                told(w.bench.instruct(posting).await)
            })
        },
    },
    Row {
        code: "account_closed",
        ask: |w| {
            Box::pin(async move {
                told(w.bench.instruct(w.bench.reserve(BLOCKED, CLOSED, ALL_OF_IT)).await)
            })
        },
    },
    Row {
        code: "account_blocked",
        ask: |w| {
            Box::pin(
                async move { told(w.bench.instruct(w.bench.pay(POOR, BLOCKED, ALL_OF_IT)).await) },
            )
        },
    },
    Row {
        code: "account_blocked",
        ask: |w| {
            Box::pin(async move {
                told(w.bench.instruct(w.bench.reserve(BLOCKED, FULL, ALL_OF_IT)).await)
            })
        },
    },
    Row {
        code: "account_blocked",
        ask: |w| {
            Box::pin(async move {
                told(w.bench.instruct(NewCapture::rest(Kind::PAYMENT, w.open)).await)
            })
        },
    },
    Row {
        code: "account_blocked",
        ask: |w| Box::pin(async move { told(w.bench.instruct(NewReversal::new(w.used)).await) }),
    },
    Row {
        code: "overflow",
        ask: |w| {
            Box::pin(async move { told(w.bench.instruct(w.bench.pay(POOR, FULL, 1_000)).await) })
        },
    },
    // Room is kept for the hold of 3.
    Row {
        code: "overflow",
        ask: |w| Box::pin(async move { told(w.bench.instruct(w.bench.pay(POOR, FULL, 8)).await) }),
    },
    Row {
        code: "overflow",
        ask: |w| {
            Box::pin(async move { told(w.bench.instruct(w.bench.reserve(POOR, FULL, 8)).await) })
        },
    },
    Row {
        code: "insufficient_funds",
        ask: |w| {
            Box::pin(async move { told(w.bench.instruct(w.bench.pay(POOR, CAPPED, 101)).await) })
        },
    },
    // The ceiling comes first among the legs, the floor in the order of refusals.
    Row {
        code: "insufficient_funds",
        ask: |w| {
            Box::pin(async move {
                let posting = NewTransaction::new(Kind::TRANSFER);
                let posting = posting.credit(CAPPED, usd(101)).debit(POOR, usd(101));
                told(w.bench.instruct(posting).await)
            })
        },
    },
    Row {
        code: "insufficient_funds",
        ask: |w| {
            Box::pin(
                async move { told(w.bench.instruct(w.bench.reserve(POOR, CAPPED, 101)).await) },
            )
        },
    },
    Row {
        code: "ceiling_exceeded",
        ask: |w| {
            Box::pin(async move {
                let posting = NewTransaction::new(Kind::TRANSFER).credit(CAPPED, usd(101));
                told(w.bench.instruct(posting.debit(POOR, usd(90)).debit(ALICE, usd(11))).await)
            })
        },
    },
    Row {
        code: "ceiling_exceeded",
        ask: |w| {
            Box::pin(async move {
                let hold = NewHold::new(Kind::PAYMENT)
                    .leg(Leg::new(CAPPED, Side::Credit, usd(101)))
                    .leg(Leg::new(POOR, Side::Debit, usd(5)))
                    .leg(Leg::new(ALICE, Side::Debit, usd(96)));
                told(w.bench.instruct(hold).await)
            })
        },
    },
    Row {
        code: "below_minimum",
        ask: |w| Box::pin(async move { told(w.bench.instruct(w.bench.pay(POOR, BOB, 9)).await) }),
    },
    Row {
        code: "above_maximum",
        ask: |w| Box::pin(async move { told(w.bench.instruct(w.bench.pay(POOR, BOB, 61)).await) }),
    },
    Row {
        code: "above_maximum",
        ask: |w| {
            Box::pin(async move { told(w.bench.instruct(w.bench.reserve(POOR, BOB, 61)).await) })
        },
    },
    Row {
        code: "limit_amount_exceeded",
        ask: |w| Box::pin(async move { told(w.bench.instruct(w.bench.pay(POOR, BOB, 51)).await) }),
    },
    Row {
        code: "limit_count_exceeded",
        ask: |w| Box::pin(async move { told(w.bench.instruct(w.bench.pay(POOR, BOB, 50)).await) }),
    },
];

/// The floor is judged on the net effect, to the unit, and names what is available and needed.
pub(super) async fn floor(bench: Bench) -> Checked {
    bench.fund(ALICE, 100).await?;
    match bench.refused(bench.pay(ALICE, BOB, 101), "insufficient_funds").await? {
        Refusal::InsufficientFunds { account, available, needed } => {
            same((account, available, needed), (ALICE, usd(100), usd(101)), "what is short")?;
        }
        other => return Err(found(format!("{other:?}"))),
    }
    // 300 out and 200 in: net 100, which is there.
    let net = |out| {
        NewTransaction::new(Kind::TRANSFER)
            .debit(ALICE, usd(out))
            .credit(BOB, usd(out))
            .debit(CASH, usd(200))
            .credit(ALICE, usd(200))
    };
    bench.refused(net(301), "insufficient_funds").await?;
    bench.applied(net(300)).await?;
    bench.balance(ALICE, 0, 0, "net effect").await?;
    for policy in [FloorPolicy::Overdraft(50), FloorPolicy::CreditLimit(70)] {
        bench.change(ALICE, AccountChange::Floor(policy)).await?;
        let limit = policy.minimum().unwrap_or(0).saturating_neg();
        bench.refused(bench.pay(ALICE, BOB, limit.saturating_add(1)), "insufficient_funds").await?;
        bench.applied(bench.pay(ALICE, BOB, limit)).await?;
        bench.refused(bench.pay(ALICE, BOB, 1), "insufficient_funds").await?;
        bench.refused(bench.reserve(ALICE, BOB, 1), "insufficient_funds").await?;
        bench.applied(bench.pay(BOB, ALICE, limit)).await?;
    }
    // A floor raised above the balance holds up what lowers it further, and only that.
    bench.applied(bench.pay(ALICE, BOB, 40)).await?;
    bench.change(ALICE, AccountChange::Floor(FloorPolicy::NonNegative)).await?;
    bench.refused(bench.pay(ALICE, BOB, 1), "insufficient_funds").await?;
    bench.applied(bench.pay(CASH, ALICE, 10)).await?;
    bench.balance(ALICE, -30, -30, "paid into below the floor").await?;
    // A debit-normal account is judged on its own side.
    let vault = NewAccount::new(crate::ledger::ChartCode::new("1000")?, Currency::USD);
    let id = AccountId::from_u128(0x1fff);
    let vault = vault.with_id(id).with_floor(FloorPolicy::NonNegative);
    let _ = bench.bank.open_account(&bench.context, vault).await?;
    bench.refused(bench.pay(CASH, id, 1), "insufficient_funds").await?;
    bench.applied(bench.pay(id, CASH, 5)).await?;
    bench.applied(bench.pay(CASH, id, 5)).await?;
    bench.refused(bench.pay(CASH, id, 1), "insufficient_funds").await?;
    Ok(())
}

/// The ceiling counts what holds would bring, and holds up only what raises the balance.
pub(super) async fn ceiling(bench: Bench) -> Checked {
    let id = AccountId::from_u128(0x2ffe);
    let account = NewAccount::new(deposits()?, Currency::USD).with_id(id).with_ceiling(100);
    let _ = bench.bank.open_account(&bench.context, account).await?;
    bench.fund(ALICE, 1_000).await?;
    bench.refused(bench.pay(ALICE, id, 101), "ceiling_exceeded").await?;
    bench.applied(bench.pay(ALICE, id, 60)).await?;
    let hold = bench.applied(bench.reserve(ALICE, id, 30)).await?;
    let hold = hold.hold().ok_or_else(|| found("no hold"))?;
    bench.refused(bench.pay(ALICE, id, 11), "ceiling_exceeded").await?;
    bench.refused(bench.reserve(ALICE, id, 11), "ceiling_exceeded").await?;
    bench.applied(bench.pay(ALICE, id, 10)).await?;
    bench.applied(NewCapture::rest(Kind::PAYMENT, hold)).await?;
    bench.balance(id, 100, 100, "up to the ceiling").await?;
    bench.change(id, AccountChange::Ceiling(Some(50))).await?;
    bench.applied(bench.pay(id, ALICE, 10)).await?;
    bench.refused(bench.pay(ALICE, id, 1), "ceiling_exceeded").await?;
    bench.change(id, AccountChange::Ceiling(None)).await?;
    bench.applied(bench.pay(ALICE, id, 500)).await?;
    Ok(())
}

/// Each block refuses its side, for postings, holds, captures and reversals, and no other.
pub(super) async fn blocks(bench: Bench) -> Checked {
    let deposit = bench.fund(ALICE, 1_000).await?;
    let (pay_in, pay_out) = (|| bench.pay(CASH, ALICE, 5), || bench.pay(ALICE, CASH, 5));
    for block in [Block::None, Block::Debits, Block::Credits, Block::All] {
        if block != Block::None {
            bench.change(ALICE, AccountChange::Block(block)).await?;
        }
        for (posting, side) in [(pay_in(), Side::Credit), (pay_out(), Side::Debit)] {
            if !block.refuses(side) {
                bench.applied(posting).await?;
                continue;
            }
            match bench.refused(posting, "account_blocked").await? {
                Refusal::AccountBlocked { account, side: named } => {
                    same((account, named), (ALICE, side), "what is blocked")?;
                }
                other => return Err(found(format!("{other:?}"))),
            }
        }
    }
    bench.change(ALICE, AccountChange::Block(Block::Debits)).await?;
    bench.refused(NewReversal::new(deposit), "account_blocked").await?;
    bench.refused(NewReversal::new(deposit).forced(), "account_blocked").await?;
    bench.refused(bench.reserve(ALICE, SHOP, 1), "account_blocked").await?;
    bench.change(ALICE, AccountChange::Block(Block::Credits)).await?;
    bench.applied(NewReversal::new(deposit)).await?;
    bench.balance(ALICE, 0, 0, "the deposit was reversed").await
}

/// Counters stop at the end of 64 bits, and nothing wraps before or at it.
pub(super) async fn overflow(bench: Bench) -> Checked {
    let big = NewTransaction::transfer(Kind::DEPOSIT, CASH_EUR, ALICE_EUR, eur(i64::MAX));
    bench.applied(big.clone()).await?;
    let one = NewTransaction::transfer(Kind::DEPOSIT, CASH_EUR, ALICE_EUR, eur(1));
    match bench.refused(one, "overflow").await? {
        Refusal::Overflow { account } => same(account, CASH_EUR, "the first full counter")?,
        other => return Err(found(format!("{other:?}"))),
    }
    bench.refused(big, "overflow").await?;
    let back = NewTransaction::transfer(Kind::WITHDRAWAL, ALICE_EUR, CASH_EUR, eur(i64::MAX));
    bench.applied(back.clone()).await?;
    // Counters only grow: what came back does not make room.
    bench.refused(back, "overflow").await?;
    let legs = [i64::MAX, i64::MAX, 2].into_iter();
    let wide = legs.fold(NewTransaction::new(Kind::TRANSFER), |wide, minor| {
        wide.debit(BOB, usd(minor)).credit(SHOP, usd(minor))
    });
    bench.refused(wide, "overflow").await?;
    Ok(())
}
