//! The books as a whole: periods, years, and the reports on them.

use chrono::Duration;

use crate::ledger::query::AsOf;
use crate::ledger::{FloorPolicy, Kind, NewReversal, NewTransaction, Outcome};
use crate::money::Currency;

use super::Scenario;
use super::bench::{
    ALICE, ALICE_EUR, BOB, Bench, CASH, CASH_EUR, COSTS, COSTS_EUR, Checked, FEES, FEES_EUR,
    RETAINED, RETAINED_EUR, day, ensure, eur, found, refused, same, usd,
};

pub(super) const ALL: &[Scenario] = &[
    Scenario { name: "books/close_period", play: |bench| Box::pin(period(bench)) },
    Scenario { name: "books/close_year", play: |bench| Box::pin(year(bench)) },
    Scenario { name: "books/close_year_again", play: |bench| Box::pin(year_again(bench)) },
    Scenario { name: "books/close_year_by_key", play: |bench| Box::pin(year_by_key(bench)) },
    Scenario { name: "books/reports", play: |bench| Box::pin(reports(bench)) },
];

async fn period(bench: Bench) -> Checked {
    let (january, february) = (day(2026, 1, 31)?, day(2026, 2, 28)?);
    let original = bench.pay(CASH, ALICE, 100).with_booking_date(january);
    let id = original.id.ok_or_else(|| found("no id"))?;
    bench.applied(original).await?;
    bench.applied(bench.pay(CASH, ALICE, 10).with_booking_date(february)).await?;
    ensure(!bench.bank.close_period(&bench.context, january).await?.is_replayed(), "closed")?;
    ensure(bench.bank.close_period(&bench.context, january).await?.is_replayed(), "once")?;
    same(bench.bank.book().await?.closed_through, Some(january), "the last closed day")?;
    let late = bench.pay(CASH, ALICE, 1).with_booking_date(january);
    bench.refused(late.clone(), "period_closed").await?;
    // A value date may lie in the closed period, a booking date may not.
    let value = bench.pay(CASH, ALICE, 1).with_booking_date(february).with_value_date(january);
    bench.applied(value).await?;
    bench.refused(NewReversal::new(id).with_booking_date(january), "period_closed").await?;
    bench.applied(NewReversal::new(id)).await?;
    ensure(!bench.bank.close_period(&bench.context, february).await?.is_replayed(), "closed")?;
    refused(bench.bank.close_period(&bench.context, january).await, "period_not_closable")?;
    bench.refused(late.with_booking_date(february), "period_closed").await?;
    let balance = |as_of| bench.bank.balances(&[ALICE], as_of);
    let then = balance(AsOf::BookingDate(january)).await?;
    same(then.first().map(|line| line.ledger), Some(usd(100)), "the closed balance stands")
}

/// What was earned and spent in 2025, in two currencies, and a little in 2026.
async fn earn(bench: &Bench) -> Checked {
    let of = |debit, credit, money, date| {
        NewTransaction::transfer(Kind::FEE, debit, credit, money)
            .with_id(bench.transaction_id())
            .with_booking_date(date)
    };
    let (summer, end, new) = (day(2025, 7, 1)?, day(2025, 12, 31)?, day(2026, 1, 2)?);
    bench.applied(of(CASH, ALICE, usd(5_000), summer)).await?;
    bench.applied(of(ALICE, FEES, usd(700), summer)).await?;
    bench.applied(of(COSTS, CASH, usd(200), end)).await?;
    bench.applied(of(CASH_EUR, ALICE_EUR, eur(900), summer)).await?;
    bench.applied(of(ALICE_EUR, FEES_EUR, eur(30), end)).await?;
    bench.applied(of(COSTS_EUR, CASH_EUR, eur(80), summer)).await?;
    bench.applied(of(ALICE, FEES, usd(11), new)).await?;
    Ok(())
}

async fn year(bench: Bench) -> Checked {
    earn(&bench).await?;
    let (first, end) = (day(2025, 1, 1)?, day(2025, 12, 31)?);
    let targets = [RETAINED, RETAINED_EUR];
    let before = bench.bank.income_statement(first, end).await?;
    same(before.result(Currency::USD), 500, "what was earned in USD")?;
    same(before.result(Currency::EUR), -50, "what was lost in EUR")?;
    refused(bench.bank.close_year(&bench.context, end, &[RETAINED]).await, "invalid_terms")?;
    let wrong = bench.bank.close_year(&bench.context, end, &[RETAINED, CASH_EUR]).await;
    refused(wrong, "invalid_terms")?;
    let twice = bench.bank.close_year(&bench.context, end, &[RETAINED, RETAINED]).await;
    refused(twice, "invalid_terms")?;
    let closed = bench.bank.close_year(&bench.context, end, &targets).await?;
    let Outcome::Applied(closed) = closed else { return Err(found("closed before")) };
    same(closed.transactions.len(), 2, "a transaction per currency")?;
    for id in &closed.transactions {
        let posted = bench.bank.transaction(*id).await?;
        let told = (posted.kind, posted.booking_date, posted.value_date);
        same(told, (Kind::YEAR_CLOSE, end, end), "a closing transaction")?;
    }
    let ids = [FEES, COSTS, FEES_EUR, COSTS_EUR, RETAINED, RETAINED_EUR];
    let on = |as_of| bench.bank.balances(&ids, as_of);
    let minors = |lines: Vec<crate::bank::BalanceAt>| -> Vec<i64> {
        lines.iter().map(|line| line.ledger.minor()).collect()
    };
    let then = minors(on(AsOf::BookingDate(end)).await?);
    same(then, vec![0, 0, 0, 0, 500, -50], "at the end of the year")?;
    same(minors(on(AsOf::Now).await?), vec![11, 0, 0, 0, 500, -50], "what came after stands")?;
    same(bench.bank.income_statement(first, end).await?, before, "the statement is not emptied")?;
    ensure(bench.bank.close_year(&bench.context, end, &targets).await?.is_replayed(), "once")?;
    let late = bench.pay(CASH, ALICE, 1).with_booking_date(end);
    bench.refused(late, "period_closed").await?;
    Ok(())
}

/// The day is what a repetition is recognised by: a key neither helps nor stands in the way.
async fn year_by_key(bench: Bench) -> Checked {
    earn(&bench).await?;
    let (end, targets) = (day(2025, 12, 31)?, [RETAINED, RETAINED_EUR]);
    let keyed = bench.keyed("used")?;
    let nameless = || NewTransaction::transfer(Kind::TRANSFER, CASH, BOB, usd(3));
    ensure(!bench.bank.post(&keyed, nameless()).await?.is_replayed(), "the key is new")?;
    for repeated in [false, true] {
        let closed = bench.bank.close_year(&keyed, end, &targets).await?;
        same(closed.is_replayed(), repeated, "a close under a key that was used")?;
    }
    ensure(bench.bank.post(&keyed, nameless()).await?.is_replayed(), "the key is the posting's")
}

/// The last month may be closed before the year is, and a loss may meet a floor.
async fn year_again(bench: Bench) -> Checked {
    earn(&bench).await?;
    let end = day(2025, 12, 31)?;
    let _ = bench.bank.close_period(&bench.context, end).await?;
    let floor = crate::ledger::AccountChange::Floor(FloorPolicy::NonNegative);
    bench.change(RETAINED_EUR, floor).await?;
    let targets = [RETAINED, RETAINED_EUR];
    let head = bench.bank.head().await?;
    let short = bench.bank.close_year(&bench.context, end, &targets).await;
    refused(short, "insufficient_funds")?;
    same(bench.bank.head().await?, head, "a refused close leaves nothing")?;
    let floor = crate::ledger::AccountChange::Floor(FloorPolicy::Unbounded);
    bench.change(RETAINED_EUR, floor).await?;
    ensure(!bench.bank.close_year(&bench.context, end, &targets).await?.is_replayed(), "closed")?;
    ensure(bench.bank.close_year(&bench.context, end, &targets).await?.is_replayed(), "once")?;
    // The next year closes on what is left of it.
    bench.clock.advance(Duration::days(400));
    let next = day(2026, 12, 31)?;
    let closed = bench.bank.close_year(&bench.context, next, &targets).await?;
    same(closed.get().transactions.len(), 1, "only USD was earned")?;
    bench.balance(RETAINED, 511, 511, "both years").await
}

async fn reports(bench: Bench) -> Checked {
    earn(&bench).await?;
    bench.applied(bench.pay(ALICE, BOB, 100)).await?;
    let (summer, end) = (day(2025, 7, 1)?, day(2025, 12, 31)?);
    let dates = [day(2025, 6, 30)?, summer, end, day(2026, 3, 2)?];
    let head = bench.bank.head().await?;
    let mut states = vec![AsOf::Now, AsOf::Instant(head.instant)];
    states.extend(dates.into_iter().map(AsOf::BookingDate));
    states.extend(dates.into_iter().map(AsOf::ValueDate));
    for closed in [false, true] {
        for state in &states {
            ensure(bench.bank.trial_balance(*state).await?.is_zero(), format!("{state:?}"))?;
            let sheet = bench.bank.balance_sheet(*state).await?;
            ensure(sheet.is_balanced(), format!("balance sheet as of {state:?}"))?;
        }
        let sheet = bench.bank.balance_sheet(AsOf::BookingDate(end)).await?;
        let usd_part = sheet.currency(Currency::USD).ok_or_else(|| found("no USD"))?;
        same(usd_part.assets.total, 4_800, "assets at the end of the year")?;
        same(usd_part.liabilities.total, 4_300, "liabilities at the end of the year")?;
        let earned = (usd_part.equity.total, usd_part.current_earnings);
        same(earned, if closed { (500, 0) } else { (0, 500) }, "equity and current earnings")?;
        let half = bench.bank.income_statement(summer, summer).await?;
        same((half.result(Currency::USD), half.result(Currency::EUR)), (700, -80), "one day")?;
        if !closed {
            let targets = [RETAINED, RETAINED_EUR];
            let _ = bench.bank.close_year(&bench.context, end, &targets).await?;
        }
    }
    refused(bench.bank.income_statement(end, summer).await, "invalid_terms")
}
