//! Reads: the same rows in every order, direction and size of page, and balances as of any state.

use std::fmt::Debug;

use chrono::{Duration, NaiveDate};

use crate::bank::Error;
use crate::id::HoldId;
use crate::ledger::query::{
    AccountQuery, AsOf, EntryOrder, EntryQuery, HoldQuery, TransactionQuery,
};
use crate::ledger::{
    Correlation, Entry, HoldState, Kind, NewCapture, NewRelease, NewReversal, NewTransaction,
    Reference, Transaction,
};
use crate::store::{Cursor, Page};

use super::Scenario;
use super::bench::{
    ALICE, ALICE_EUR, BOB, Bench, CASH, CUSTOMER, Checked, FEES, NOBODY, SHOP, day, ensure, found,
    refused, same, usd,
};

pub(super) const ALL: &[Scenario] = &[
    Scenario { name: "reads/entries", play: |bench| Box::pin(entries(bench)) },
    Scenario { name: "reads/cursors_while_rows_are_added", play: |bench| Box::pin(growing(bench)) },
    Scenario { name: "reads/transactions", play: |bench| Box::pin(transactions(bench)) },
    Scenario { name: "reads/holds", play: |bench| Box::pin(holds(bench)) },
    Scenario { name: "reads/accounts", play: |bench| Box::pin(accounts(bench)) },
    Scenario { name: "reads/balances_as_of", play: |bench| Box::pin(balances(bench)) },
    Scenario { name: "reads/what_is_not_there", play: |bench| Box::pin(unknown(bench)) },
];

/// Reads page after page and checks the shape of each.
async fn pages<T, F, Fut>(size: usize, read: F) -> Checked<Vec<T>>
where
    T: Debug + Send,
    F: Fn(Option<Cursor>) -> Fut + Send,
    Fut: Future<Output = Result<Page<T>, Error>> + Send,
{
    let (mut rows, mut cursor) = (Vec::new(), None);
    for _ in 0..1_000 {
        let page = read(cursor).await?;
        let full = page.items.len() == size;
        ensure(full || page.next.is_none(), "a page before the last one is full")?;
        rows.extend(page.items);
        match page.next {
            Some(next) => cursor = Some(next.to_string().parse()?),
            None => return Ok(rows),
        }
    }
    Err(found("the pages do not end"))
}

const SIZES: [usize; 5] = [1, 2, 3, 5, 100];

/// Days out of order, some of them twice.
async fn out_of_order(bench: &Bench) -> Checked<Vec<NaiveDate>> {
    let days = [
        day(2026, 2, 10)?,
        day(2026, 2, 1)?,
        day(2026, 3, 2)?,
        day(2026, 2, 10)?,
        day(2026, 1, 5)?,
        day(2026, 2, 20)?,
        day(2026, 2, 1)?,
    ];
    for (number, date) in (1_i64..).zip(days) {
        let value = date.checked_add_signed(Duration::days(30_i64.saturating_sub(number)));
        let value = value.ok_or_else(|| found("no such day"))?;
        let deposit = bench.pay(CASH, ALICE, number.saturating_mul(10));
        bench.applied(deposit.with_booking_date(date).with_value_date(value)).await?;
        bench.clock.advance(Duration::hours(20));
    }
    Ok(days.to_vec())
}

fn key(order: EntryOrder, entry: &Entry) -> (Option<NaiveDate>, u64) {
    let by = match order {
        EntryOrder::Posted => None,
        EntryOrder::BookingDate => Some(entry.booking_date),
        EntryOrder::ValueDate => Some(entry.value_date),
    };
    (by, entry.number)
}

fn on(order: EntryOrder, entry: &Entry) -> NaiveDate {
    match order {
        EntryOrder::Posted => entry.posted_at.date_utc(),
        EntryOrder::BookingDate => entry.booking_date,
        EntryOrder::ValueDate => entry.value_date,
    }
}

async fn entries(bench: Bench) -> Checked {
    out_of_order(&bench).await?;
    let all = bench.bank.entries(&EntryQuery::new(ALICE), 100, None).await?.items;
    same(all.len(), 7, "entries of Alice")?;
    let ranges = [
        None,
        Some((day(2026, 2, 1)?, day(2026, 2, 10)?)),
        Some((day(2026, 3, 3)?, day(2026, 3, 3)?)),
        Some((day(2027, 1, 1)?, day(2027, 1, 2)?)),
    ];
    for order in [EntryOrder::Posted, EntryOrder::BookingDate, EntryOrder::ValueDate] {
        for range in ranges {
            let mut should = all.clone();
            should.sort_by_key(|entry| key(order, entry));
            let within = |entry: &Entry| {
                range.is_none_or(|(from, to)| (from..=to).contains(&on(order, entry)))
            };
            should.retain(within);
            for backward in [false, true] {
                let mut query = EntryQuery::new(ALICE).ordered_by(order);
                if let Some((from, to)) = range {
                    query = query.between(from, to);
                }
                if backward {
                    query = query.newest_first();
                    should.reverse();
                }
                for size in SIZES {
                    let read = pages(size, |cursor| bench.bank.entries(&query, size, cursor));
                    same(read.await?, should.clone(), format!("pages of {size} of {query:?}"))?;
                }
            }
        }
    }
    Ok(())
}

/// A cursor stays where it was while rows are added before and behind it.
async fn growing(bench: Bench) -> Checked {
    out_of_order(&bench).await?;
    for order in [EntryOrder::Posted, EntryOrder::BookingDate, EntryOrder::ValueDate] {
        let forward = EntryQuery::new(ALICE).ordered_by(order);
        let backward = forward.clone().newest_first();
        for query in [forward, backward] {
            let before = bench.bank.entries(&query, 100, None).await?.items;
            let first = bench.bank.entries(&query, 3, None).await?;
            let early = bench.pay(CASH, ALICE, 1).with_booking_date(day(2026, 1, 1)?);
            bench.applied(early).await?;
            bench.applied(bench.pay(CASH, ALICE, 1)).await?;
            let rest = bench.bank.entries(&query, 100, first.next).await?.items;
            let both: Vec<Entry> = first.items.into_iter().chain(rest).collect();
            let old: Vec<Entry> =
                both.iter().filter(|entry| before.contains(entry)).cloned().collect();
            same(old, before, format!("old rows around a cursor of {query:?}"))?;
            let mut numbers: Vec<u64> = both.iter().map(|entry| entry.number).collect();
            numbers.sort_unstable();
            numbers.dedup();
            same(numbers.len(), both.len(), "no row twice")?;
        }
    }
    let query = EntryQuery::new(ALICE);
    let page = bench.bank.entries(&query, 1, None).await?;
    let other = bench.bank.entries(&EntryQuery::new(CASH), 1, page.next).await;
    refused(other, "cursor_mismatch")?;
    let other = bench.bank.transactions(&TransactionQuery::new(), 1, page.next).await;
    refused(other, "cursor_mismatch")?;
    // The size of a page is not part of the query.
    ensure(bench.bank.entries(&query, 5, page.next).await?.items.len() == 5, "another size")
}

async fn transactions(bench: Bench) -> Checked {
    bench.fund(ALICE, 10_000).await?;
    let request = Correlation::new("request-9")?;
    let context = bench.context.clone().with_correlation(request.clone());
    let invoice = Reference::new("INV-1")?;
    for minor in 1..=6_i64 {
        let kind = if minor.checked_rem(2) == Some(0) { Kind::FEE } else { Kind::PAYMENT };
        let credit = if kind == Kind::FEE { FEES } else { SHOP };
        let mut new = NewTransaction::transfer(kind, ALICE, credit, usd(minor.saturating_mul(100)));
        if minor > 2 {
            new = new.with_reference(invoice.clone());
        }
        if minor == 6 {
            new = new.with_booking_date(day(2026, 2, 1)?);
        }
        let context = if minor > 3 { &context } else { &bench.context };
        let _ = bench.bank.post(context, new).await?;
        bench.applied(bench.reserve(CASH, BOB, 1)).await?;
    }
    let all = bench.bank.transactions(&TransactionQuery::new(), 100, None).await?.items;
    same(all.len(), 7, "transactions, holds not among them")?;
    let base = TransactionQuery::new;
    let queries = vec![
        base(),
        base().with_reference(invoice.clone()),
        base().with_correlation(request.clone()),
        base().of_kind(Kind::FEE),
        base().touching(SHOP),
        base().touching(ALICE).of_kind(Kind::PAYMENT),
        base().with_amount_between(usd(200), usd(400)),
        base().booked_between(day(2026, 2, 1)?, day(2026, 2, 28)?),
        base().with_reference(invoice).with_correlation(request).of_kind(Kind::FEE).touching(FEES),
        base().with_reference(Reference::new("none")?),
        base().of_kind(Kind::INTEREST),
        base().with_correlation(Correlation::new("none")?),
    ];
    for query in queries {
        let mut should: Vec<Transaction> =
            all.iter().filter(|posted| query.admits(posted)).cloned().collect();
        for query in [query.clone(), query.newest_first()] {
            for size in SIZES {
                let read = pages(size, |cursor| bench.bank.transactions(&query, size, cursor));
                same(read.await?, should.clone(), format!("pages of {size} of {query:?}"))?;
            }
            should.reverse();
        }
    }
    Ok(())
}

async fn holds(bench: Bench) -> Checked {
    bench.fund(ALICE, 10_000).await?;
    let soon = bench.bank.moment().now.saturating_add_nanos(1_000_000_000);
    let mut ids: Vec<HoldId> = Vec::new();
    for number in 0..8_usize {
        let credit = if number < 4 { SHOP } else { BOB };
        let hold = bench.reserve(ALICE, credit, 10);
        let hold = if number == 3 { hold.expiring_at(soon) } else { hold };
        ids.extend(bench.applied(hold).await?.hold());
    }
    let at = |number: usize| ids.get(number).copied().ok_or_else(|| found("no hold"));
    bench.applied(NewCapture::rest(Kind::PAYMENT, at(0)?)).await?;
    bench.applied(NewCapture::amount(Kind::PAYMENT, at(1)?, usd(1)).keeping_rest()).await?;
    bench.applied(NewRelease::new(at(5)?)).await?;
    bench.clock.set(soon);
    same(bench.bank.expire_holds(&bench.context, 5).await?, vec![at(3)?], "what expired")?;
    let base = HoldQuery::new;
    let cases: Vec<(HoldQuery, Vec<usize>)> = vec![
        (base(), (0..8).collect()),
        (base().touching(SHOP), vec![0, 1, 2, 3]),
        (base().touching(BOB).in_state(HoldState::Open), vec![4, 6, 7]),
        (base().in_state(HoldState::Captured), vec![0]),
        (base().in_state(HoldState::Released), vec![5]),
        (base().in_state(HoldState::Expired), vec![3]),
        (base().touching(CASH), vec![]),
    ];
    for (query, numbers) in cases {
        let should: Vec<HoldId> = numbers.into_iter().map(at).collect::<Checked<_>>()?;
        for size in SIZES {
            let read = pages(size, |cursor| bench.bank.holds(&query, size, cursor)).await?;
            let read: Vec<HoldId> = read.iter().map(|hold| hold.id).collect();
            same(read, should.clone(), format!("pages of {size} of {query:?}"))?;
        }
    }
    Ok(())
}

async fn accounts(bench: Bench) -> Checked {
    let of_customer = AccountQuery::new().of_customer(CUSTOMER);
    let under = AccountQuery::new().under(super::bench::deposits()?);
    for size in SIZES {
        let read = pages(size, |cursor| bench.bank.accounts(&of_customer, size, cursor)).await?;
        let ids: Vec<_> = read.iter().map(crate::ledger::Account::id).collect();
        same(ids, vec![ALICE, ALICE_EUR], "accounts of a customer")?;
        let read = pages(size, |cursor| bench.bank.accounts(&under, size, cursor)).await?;
        let ids: Vec<_> = read.iter().map(crate::ledger::Account::id).collect();
        same(ids, vec![ALICE, BOB, SHOP, ALICE_EUR], "accounts under a code")?;
    }
    Ok(())
}

/// A back-dated posting changes the answers by its dates, and none by an earlier instant.
async fn balances(bench: Bench) -> Checked {
    let (january, february, today) = (day(2026, 1, 31)?, day(2026, 2, 28)?, day(2026, 3, 2)?);
    let first = bench.applied(bench.pay(CASH, ALICE, 100)).await?;
    let minor = |as_of| {
        let bank = bench.bank.clone();
        async move {
            let lines = bank.balances(&[ALICE, CASH], as_of).await?;
            let minors: Vec<i64> = lines.iter().map(|line| line.ledger.minor()).collect();
            match minors.as_slice() {
                // Both grow: cash on its debit side, Alice on her credit side.
                [alice, cash] if alice == cash => Ok(*alice),
                other => Err(found(format!("two sides of one posting: {other:?}"))),
            }
        }
    };
    same(minor(AsOf::Instant(first.posted_at)).await?, 100, "at its instant")?;
    let just_before = first.posted_at.saturating_add_nanos(-1);
    same(minor(AsOf::Instant(just_before)).await?, 0, "just before")?;
    same(minor(AsOf::BookingDate(february)).await?, 0, "before its booking date")?;
    bench.clock.advance(Duration::hours(1));
    let late = bench.pay(CASH, ALICE, 40).with_booking_date(february).with_value_date(january);
    let late = bench.applied(late).await?;
    same(minor(AsOf::Instant(first.posted_at)).await?, 100, "an earlier instant stands")?;
    same(minor(AsOf::Instant(late.posted_at)).await?, 140, "at the later instant")?;
    same(minor(AsOf::BookingDate(february)).await?, 40, "by booking date")?;
    same(minor(AsOf::BookingDate(january)).await?, 0, "before the booking date")?;
    same(minor(AsOf::ValueDate(january)).await?, 40, "by value date")?;
    let eve = january.pred_opt().ok_or_else(|| found("no day"))?;
    same(minor(AsOf::ValueDate(eve)).await?, 0, "before the value date")?;
    let future = bench.pay(CASH, ALICE, 7).with_value_date(day(2026, 4, 1)?);
    let future = bench.applied(future).await?;
    same(minor(AsOf::ValueDate(today)).await?, 140, "a value date in the future")?;
    same(minor(AsOf::ValueDate(day(2026, 4, 1)?)).await?, 147, "when it comes")?;
    same(minor(AsOf::Now).await?, 147, "now")?;
    let reversed = future.transaction().ok_or_else(|| found("no transaction"))?;
    bench.applied(NewReversal::new(reversed)).await?;
    same(minor(AsOf::Instant(future.posted_at)).await?, 147, "before the reversal")?;
    same(minor(AsOf::Now).await?, 140, "after the reversal")?;
    bench.applied(bench.reserve(ALICE, SHOP, 50)).await?;
    let now = bench.bank.balances(&[ALICE, ALICE], AsOf::Now).await?;
    same(now.first(), now.get(1), "the same account asked for twice")?;
    same(now.first().and_then(|line| line.available), Some(usd(90)), "available now")
}

async fn unknown(bench: Bench) -> Checked {
    let bank = &bench.bank;
    refused(bank.account(NOBODY).await, "unknown_account")?;
    refused(bank.balances(&[ALICE, NOBODY], AsOf::Now).await, "unknown_account")?;
    refused(bank.balances(&[NOBODY], AsOf::ValueDate(day(2026, 1, 1)?)).await, "unknown_account")?;
    refused(bank.entries(&EntryQuery::new(NOBODY), 5, None).await, "unknown_account")?;
    let query = TransactionQuery::new().touching(NOBODY);
    refused(bank.transactions(&query, 5, None).await, "unknown_account")?;
    refused(bank.holds(&HoldQuery::new().touching(NOBODY), 5, None).await, "unknown_account")?;
    refused(bank.hold_by_id(bench.hold_id()).await, "unknown_hold")?;
    refused(bank.transaction(bench.transaction_id()).await, "unknown_transaction")?;
    let turned = TransactionQuery::new().booked_between(day(2026, 2, 1)?, day(2026, 1, 1)?);
    refused(bank.transactions(&turned, 5, None).await, "invalid_terms")?;
    let turned = TransactionQuery::new().with_amount_between(usd(2), usd(1));
    refused(bank.transactions(&turned, 5, None).await, "invalid_terms")?;
    refused(bank.journal(0, 0).await, "invalid_terms")?;
    refused(bank.accounts(&AccountQuery::new(), 10_001, None).await, "invalid_terms")
}
