//! Rows of dates, and of transactions and holds that are referred to.

use chrono::NaiveDate;

use crate::conformance::bench::{ALICE, BOB, CASH, NOBODY, SHOP, usd};
use crate::ledger::{Kind, Leg, NewCapture, NewRelease, NewReversal, NewTransaction, Side};

use super::world::{BLOCKED, CLOSED, FULL, NO_HOLD, NO_TRANSACTION};
use super::{Row, told};

/// Legs that later stages refuse: closed, blocked, overflowing.
fn bad_legs() -> Vec<Leg> {
    vec![
        Leg::new(BLOCKED, Side::Debit, usd(i64::MAX)),
        Leg::new(CLOSED, Side::Credit, usd(5)),
        Leg::new(FULL, Side::Credit, usd(i64::MAX.saturating_sub(5))),
    ]
}

fn bad() -> NewTransaction {
    let legs = bad_legs().into_iter();
    legs.fold(NewTransaction::new(Kind::TRANSFER), NewTransaction::leg)
}

pub(super) const ROWS: &[Row] = &[
    Row {
        code: "unknown_transaction",
        ask: |w| Box::pin(async move { told(w.bench.instruct(w.misdated(bad())).await) }),
    },
    Row {
        code: "unknown_transaction",
        ask: |w| {
            Box::pin(async move {
                let reversal = NewReversal::new(NO_TRANSACTION).with_booking_date(w.closed_day);
                told(w.bench.instruct(reversal).await)
            })
        },
    },
    Row {
        code: "unknown_transaction",
        ask: |w| Box::pin(async move { told(w.bench.bank.transaction(NO_TRANSACTION).await) }),
    },
    Row {
        code: "unknown_hold",
        ask: |w| Box::pin(async move { told(w.bench.instruct(w.capture(NO_HOLD, usd(1))).await) }),
    },
    Row {
        code: "unknown_hold",
        ask: |w| Box::pin(async move { told(w.bench.instruct(NewRelease::new(NO_HOLD)).await) }),
    },
    Row {
        code: "capture_needs_legs",
        ask: |w| {
            Box::pin(async move { told(w.bench.instruct(w.capture(w.wide, usd(1_000))).await) })
        },
    },
    Row {
        code: "not_a_leg_of_hold",
        ask: |w| {
            Box::pin(async move {
                let legs = vec![
                    Leg::new(BLOCKED, Side::Debit, usd(1_000)),
                    Leg::new(BOB, Side::Credit, usd(1_000)),
                ];
                let capture = NewCapture::legs(Kind::PAYMENT, w.wide, legs);
                told(w.bench.instruct(capture.with_booking_date(w.closed_day)).await)
            })
        },
    },
    // The account is a leg of the hold, but on its other side.
    Row {
        code: "not_a_leg_of_hold",
        ask: |w| {
            Box::pin(async move {
                let legs = vec![
                    Leg::new(SHOP, Side::Debit, usd(1)),
                    Leg::new(BLOCKED, Side::Credit, usd(1)),
                ];
                told(w.bench.instruct(NewCapture::legs(Kind::PAYMENT, w.released, legs)).await)
            })
        },
    },
    Row {
        code: "period_closed",
        ask: |w| {
            Box::pin(async move {
                let dated = bad().with_booking_date(w.closed_day).with_value_date(NaiveDate::MAX);
                told(w.bench.instruct(dated).await)
            })
        },
    },
    // Closed, and farther back than the bounds allow.
    Row {
        code: "period_closed",
        ask: |w| {
            Box::pin(async move {
                told(w.bench.instruct(bad().with_booking_date(NaiveDate::MIN)).await)
            })
        },
    },
    Row {
        code: "period_closed",
        ask: |w| {
            Box::pin(async move { told(w.bench.instruct(w.capture(w.released, usd(1_000))).await) })
        },
    },
    Row {
        code: "period_closed",
        ask: |w| {
            Box::pin(async move {
                let reversal = NewReversal::new(w.reversal).with_booking_date(w.closed_day);
                told(w.bench.instruct(reversal).await)
            })
        },
    },
    Row {
        code: "booking_date_out_of_bounds",
        ask: |w| {
            Box::pin(async move {
                let dated = bad().with_booking_date(w.far_day).with_value_date(NaiveDate::MAX);
                told(w.bench.instruct(dated).await)
            })
        },
    },
    Row {
        code: "value_date_out_of_bounds",
        ask: |w| {
            Box::pin(
                async move { told(w.bench.instruct(bad().with_value_date(NaiveDate::MAX)).await) },
            )
        },
    },
    Row {
        code: "value_date_out_of_bounds",
        ask: |w| {
            Box::pin(
                async move { told(w.bench.instruct(bad().with_value_date(NaiveDate::MIN)).await) },
            )
        },
    },
    Row {
        code: "value_date_out_of_bounds",
        ask: |w| {
            Box::pin(async move {
                let capture = NewCapture::rest(Kind::PAYMENT, w.overdue);
                told(w.bench.instruct(capture.with_value_date(NaiveDate::MAX)).await)
            })
        },
    },
    Row {
        code: "period_not_closable",
        ask: |w| {
            Box::pin(async move {
                let today = w.bench.bank.moment().today;
                told(w.bench.bank.close_period(&w.bench.context, today).await)
            })
        },
    },
    Row {
        code: "period_not_closable",
        ask: |w| {
            Box::pin(async move {
                let before = w.closed_day.pred_opt().unwrap_or(NaiveDate::MIN);
                told(w.bench.bank.close_period(&w.bench.context, before).await)
            })
        },
    },
    Row {
        code: "period_not_closable",
        ask: |w| {
            Box::pin(async move {
                let today = w.bench.bank.moment().today;
                told(w.bench.bank.close_year(&w.bench.context, today, &[]).await)
            })
        },
    },
    Row {
        code: "unknown_account",
        ask: |w| {
            Box::pin(async move {
                let today = w.bench.bank.moment().today;
                told(w.bench.bank.close_year(&w.bench.context, today, &[NOBODY]).await)
            })
        },
    },
    Row {
        code: "invalid_terms",
        ask: |w| {
            Box::pin(async move {
                let today = w.bench.bank.moment().today;
                told(w.bench.bank.close_year(&w.bench.context, today, &[CASH, ALICE]).await)
            })
        },
    },
    Row {
        code: "not_sealed",
        ask: |w| Box::pin(async move { told(w.bench.bank.prove(w.used).await) }),
    },
];
