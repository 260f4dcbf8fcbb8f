//! What ends in the same instant in which it is used: a proof, a day, a clean standing; and what
//! several want at once, each by itself.

use chrono::Duration;

use super::hall::{ANNA, FIRST, Hall, clerk, no, out, person};
use super::races::{behind, call, slow};
use crate::account::Ownership;
use crate::bank::{Bank, Context};
use crate::conformance::bench::{Bench, Checked, day, ensure, found, same};
use crate::conformance::races::{Call, together};
use crate::id::{AccountId, CustomerId, DocumentId, TransactionId};
use crate::kyc::{AmlStatus, Review, StandingChange, Verdict};
use crate::ledger::query::EntryQuery;
use crate::ledger::{Actor, Operation, Record, Side, Text};
use crate::party::{CustomerNumber, Email, IdScheme, NationalId, NewCustomer, Onboarding};
use crate::store::Store;

/// Five customers that have nothing in common but what `give` gives them.
async fn five(
    hall: &Hall,
    bank: &Bank,
    from: u128,
    give: impl Fn(NewCustomer) -> Checked<NewCustomer>,
) -> Checked<u32> {
    let registers = |at: u128| -> Checked<Call> {
        let (bank, me) = (bank.clone(), hall.me().clone());
        let new = give(person(CustomerId::from_u128(from.saturating_add(at)), "Kim")?)?;
        Ok(call(move || {
            let (bank, me, new) = (bank.clone(), me.clone(), new.clone());
            async move { bank.register_customer(&me, new).await }
        }))
    };
    together((0..5).map(registers).collect::<Checked<Vec<Call>>>()?).await
}

/// E-mail address, customer number and national identifier, each by itself: one of five gets it.
pub(super) async fn one_of_each(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    let bank = slow(&hall, 41).await?;
    let mail = |new: NewCustomer| Ok(new.with_email(Email::new("kim@example.com")?));
    same(five(&hall, &bank, 0x1_0000, mail).await?, 1, "one address")?;
    let number = |new: NewCustomer| Ok(new.with_number(CustomerNumber::new("K1")?));
    same(five(&hall, &bank, 0x2_0000, number).await?, 1, "one number")?;
    let ssn =
        |new: NewCustomer| Ok(new.with_identity(NationalId::parse(IdScheme::Ssn, "536-90-4399")?));
    same(five(&hall, &bank, 0x3_0000, ssn).await?, 1, "one identifier")?;
    // Nothing in common: the race itself refuses nobody.
    same(five(&hall, &bank, 0x4_0000, Ok).await?, 5, "five of their own")
}

fn paying(bank: &Bank, me: &Context, id: u128, customer: CustomerId, account: AccountId) -> Call {
    let (bank, me, id) = (bank.clone(), me.clone(), TransactionId::from_u128(id));
    call(move || {
        let (bank, me) = (bank.clone(), me.clone());
        async move {
            let order = out(account, 1).signed_by(customer).with_id(id);
            bank.carry_out(&me, order).await
        }
    })
}

/// Once a proof was revoked, nothing is paid behind that in the journal.
pub(super) async fn revoked(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    hall.two(100).await?;
    let bank = slow(&hall, 42).await?;
    let (reviewer, officer) = (bank.clone(), clerk("officer")?);
    let review = Review::new(
        DocumentId::from_u128(ANNA.as_u128().saturating_mul(16)),
        Verdict::Revoke,
        Actor::new("user:officer")?,
    );
    let review = review.with_reason(Text::new("forged")?);
    let revoke = call(move || {
        let (bank, me, review) = (reviewer.clone(), officer.clone(), review.clone());
        async move { bank.review_document(&me, ANNA, &review).await }
    });
    let mut calls: Vec<Call> =
        (0x9b00..0x9b08).map(|id| paying(&bank, hall.me(), id, ANNA, FIRST)).collect();
    calls.insert(4, revoke);
    let paid = together(calls).await?.saturating_sub(1);
    same(behind(&hall, "kyc.document_revoked").await?, 0, "paid without a proof")?;
    hall.balance(FIRST, 100_i64.saturating_sub(i64::from(paid)), "what was paid before").await
}

/// Moves the clock by a day after it was polled so often.
fn midnight(hall: &Hall, after: u32) -> Call {
    let clock = std::sync::Arc::clone(&hall.bench.clock);
    let mut left = after;
    Box::pin(std::future::poll_fn(move |task| {
        if let Some(less) = left.checked_sub(1) {
            left = less;
            task.waker().wake_by_ref();
            return std::task::Poll::Pending;
        }
        let _ = clock.advance(Duration::days(1));
        std::task::Poll::Ready(Ok(0))
    }))
}

fn opening(hall: &Hall, bank: &Bank, customer: CustomerId, account: AccountId) -> Call {
    let (bank, me) = (bank.clone(), hall.me().clone());
    call(move || {
        let (bank, me) = (bank.clone(), me.clone());
        async move {
            let new = Hall::new_account(account, Ownership::individual(customer));
            bank.open_customer_account(&me, &new).await
        }
    })
}

/// A proof that lapses at midnight while its owner pays and opens another account: what goes out is
/// booked, and what is opened is opened, on its last day at the latest, whenever midnight comes.
pub(super) async fn lapsed(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    let bank = slow(&hall, 43).await?;
    let mut last = day(2026, 3, 2)?;
    for (round, after) in (0_u128..).zip([0, 2, 4, 8, 16, 32]) {
        let id = 0x5_0000_u128.saturating_add(round.saturating_mul(16));
        let (customer, account) = (CustomerId::from_u128(id), AccountId::from_u128(id));
        hall.register(customer, "Kim").await?;
        hall.prove(customer, Some(last)).await?;
        hall.stand(customer, StandingChange::Onboarding(Onboarding::Approved)).await?;
        hall.account(account, Ownership::individual(customer)).await?;
        hall.deposit(account, 100).await?;
        let mut calls: Vec<Call> = (0..6)
            .map(|at| paying(&bank, hall.me(), id.saturating_add(at), customer, account))
            .collect();
        let second = AccountId::from_u128(id.saturating_add(1));
        calls.insert(3, midnight(&hall, after));
        calls.push(opening(&hall, &bank, customer, second));
        let done = together(calls).await?;
        let opened = hall.bank().customer_account(second).await.ok();
        let in_time = opened.as_ref().is_none_or(|one| one.account.opened_on <= last);
        ensure(in_time, "opened after the last day")?;
        let paid = done.saturating_sub(u32::from(opened.is_some()));
        let entries = hall.bank().entries(&EntryQuery::new(account), 100, None).await?;
        let gone = entries.items.iter().filter(|entry| entry.side == Side::Debit);
        ensure(gone.clone().all(|entry| entry.booking_date <= last), "paid after the last day")?;
        same(u32::try_from(gone.count())?, paid, "as many as were answered so")?;
        no(hall.carry(out(account, 1).signed_by(customer)).await, "gate_closed")?;
        last = last.succ_opt().ok_or_else(|| found("the end of days"))?;
    }
    Ok(())
}

/// Once a customer is blocked, no account is opened behind that in the journal.
pub(super) async fn blocked(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    hall.welcome(ANNA, "Anna").await?;
    let bank = slow(&hall, 44).await?;
    let mut calls: Vec<Call> =
        (0xe300..0xe308).map(|id| opening(&hall, &bank, ANNA, AccountId::from_u128(id))).collect();
    let (blocker, me) = (bank.clone(), hall.me().clone());
    let block = call(move || {
        let (bank, me) = (blocker.clone(), me.clone());
        async move { bank.set_standing(&me, ANNA, StandingChange::Aml(AmlStatus::Blocked)).await }
    });
    calls.insert(4, block);
    let opened = together(calls).await?.saturating_sub(1);
    let records = hall.bench.store.journal(0, 10_000).await?;
    let is = |record: &Record, event: &str| match record {
        Record::Operation(done) => match &done.operation {
            Operation::EntityWritten(written) => written.event.as_str() == event,
            _ => false,
        },
        Record::Transaction(_) => false,
    };
    let stop = records.iter().position(|one| is(one, "standing.aml_changed"));
    let stop = stop.ok_or_else(|| found("not blocked"))?;
    let late = records.iter().skip(stop).filter(|one| is(one, "account.opened")).count();
    same(late, 0, "opened for one who was blocked")?;
    same(hall.bank().standing(ANNA).await?.open_accounts, opened, "as many as were answered so")
}
