//! Callers that overlap: what one does to a customer or an account, another must not miss.

use std::future::Future;
use std::sync::Arc;

use super::hall::{ANNA, FIRST, Hall, SECOND, out, person};
use crate::account::{AccountNumber, AccountStatus, Ownership};
use crate::bank::{Bank, Error, Order};
use crate::conformance::bench::{Bench, Checked, ensure, found, same, usd};
use crate::conformance::races::{Call, together};
use crate::conformance::yielding::Yielding;
use crate::id::{AccountId, CustomerId, SeededIds};
use crate::kyc::{AmlStatus, StandingChange};
use crate::ledger::{Operation, Record, Text};
use crate::privacy::MemoryKeys;
use crate::store::Store;

/// A bank over the same books that suspends before every call.
pub(super) async fn slow(hall: &Hall, seed: u64) -> Checked<Bank> {
    let clock: Arc<crate::time::ManualClock> = Arc::clone(&hall.bench.clock);
    let bank = Bank::builder(Yielding::new(hall.bench.store.clone())).shared_clock(clock);
    let bank = bank.ids(SeededIds::new(seed)).open().await?;
    bank.unlock(MemoryKeys::of("conformance", [7; 32])).await?;
    Ok(bank)
}

/// As often as it takes: 1 if it was applied, 0 if a rule refused it.
pub(super) fn call<T, F>(mut attempt: impl FnMut() -> F + Send + 'static) -> Call
where
    F: Future<Output = Result<T, Error>> + Send + 'static,
    T: Send,
{
    Box::pin(async move {
        for _ in 0..200 {
            match attempt().await {
                Ok(_) => return Ok(1),
                Err(Error::Rule(_) | Error::Refused(_)) => return Ok(0),
                Err(error) if error.is_transient() => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(found("callers hold each other up for ever"))
    })
}

fn payments(bank: &Bank, hall: &Hall, count: u128) -> Vec<Call> {
    let pay = |at: u128| {
        let (bank, me) = (bank.clone(), hall.me().clone());
        let id = crate::id::TransactionId::from_u128(0x9900_u128.saturating_add(at));
        call(move || {
            let (bank, me) = (bank.clone(), me.clone());
            async move {
                let order = out(FIRST, 1).signed_by(ANNA).with_id(id);
                bank.carry_out(&me, order).await
            }
        })
    };
    (0..count).map(pay).collect()
}

/// The place of a change of a row, and the places of transactions on the first account behind it.
pub(super) async fn behind(hall: &Hall, event: &str) -> Checked<usize> {
    let records = hall.bench.store.journal(0, 10_000).await?;
    let change = records.iter().position(|record| match record {
        Record::Operation(done) => match &done.operation {
            Operation::EntityWritten(written) => written.event.as_str() == event,
            _ => false,
        },
        Record::Transaction(_) => false,
    });
    let change = change.ok_or_else(|| found(format!("no {event} in the journal")))?;
    let moved = |record: &&Record| record.entries().iter().any(|entry| entry.account == FIRST);
    Ok(records.iter().skip(change).filter(moved).count())
}

/// Eight payments of one unit each from 100, with an order to stop among them: none stands behind
/// the stop in the journal, and what was paid before is what is gone.
async fn interrupted(hall: &Hall, bank: &Bank, stop: Call, event: &str) -> Checked {
    let mut calls = payments(bank, hall, 8);
    calls.insert(4, stop);
    let paid = together(calls).await?.saturating_sub(1);
    same(behind(hall, event).await?, 0, "moved behind the stop")?;
    hall.balance(FIRST, 100_i64.saturating_sub(i64::from(paid)), "what was paid before").await
}

/// Once a customer is blocked, no money of theirs moves behind that in the journal.
pub(super) async fn blocked(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    hall.two(100).await?;
    let bank = slow(&hall, 21).await?;
    let (blocker, me) = (bank.clone(), hall.me().clone());
    let block = call(move || {
        let (bank, me) = (blocker.clone(), me.clone());
        async move { bank.set_standing(&me, ANNA, StandingChange::Aml(AmlStatus::Blocked)).await }
    });
    interrupted(&hall, &bank, block, "standing.aml_changed").await
}

/// Once an account is frozen, nothing is paid out of it behind that in the journal.
pub(super) async fn frozen(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    hall.two(100).await?;
    let bank = slow(&hall, 22).await?;
    let (freezer, me) = (bank.clone(), hall.me().clone());
    let freeze = call(move || {
        let (bank, me) = (freezer.clone(), me.clone());
        async move {
            let why = Text::new("by order").ok();
            bank.set_account_status(&me, FIRST, AccountStatus::Frozen, why).await
        }
    });
    interrupted(&hall, &bank, freeze, "account.frozen").await
}

/// The same number, e-mail address and identifier, by several at once: one gets them.
pub(super) async fn one_number(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    hall.welcome(ANNA, "Anna").await?;
    let bank = slow(&hall, 23).await?;
    let registers = |at: u128| -> Checked<Call> {
        let (bank, me) = (bank.clone(), hall.me().clone());
        let mut new = person(CustomerId::from_u128(0xe000_u128.saturating_add(at)), "Kim")?;
        new.email = Some(crate::party::Email::new("kim@example.com")?);
        let ssn = crate::party::NationalId::parse(crate::party::IdScheme::Ssn, "536-90-4399")?;
        let new = new.with_identity(ssn);
        Ok(call(move || {
            let (bank, me, new) = (bank.clone(), me.clone(), new.clone());
            async move { bank.register_customer(&me, new).await }
        }))
    };
    let calls = (0..5).map(registers).collect::<Checked<Vec<Call>>>()?;
    same(together(calls).await?, 1, "one address, five customers")?;
    let opens = |at: u128| -> Checked<Call> {
        let (bank, me) = (bank.clone(), hall.me().clone());
        let id = AccountId::from_u128(0xe100_u128.saturating_add(at));
        let new = Hall::new_account(id, Ownership::individual(ANNA));
        let new = new.with_number(AccountNumber::new("1234567890123456")?);
        Ok(call(move || {
            let (bank, me, new) = (bank.clone(), me.clone(), new.clone());
            async move { bank.open_customer_account(&me, &new).await }
        }))
    };
    let calls = (0..5).map(opens).collect::<Checked<Vec<Call>>>()?;
    same(together(calls).await?, 1, "one number, five accounts")?;
    let standing = hall.bank().standing(ANNA).await?;
    same(standing.open_accounts, 1, "counted once")
}

/// An account that is opened while an order for it is under way is a customer's account: the order
/// does not slip past the rules as if it were the bank's.
pub(super) async fn opened(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    hall.two(100).await?;
    let bank = slow(&hall, 24).await?;
    let late = AccountId::from_u128(0xe200);
    let (opener, me) = (bank.clone(), hall.me().clone());
    let opens = call(move || {
        let (bank, me) = (opener.clone(), me.clone());
        async move {
            let new = Hall::new_account(late, Ownership::individual(ANNA));
            bank.open_customer_account(&me, &new).await
        }
    });
    // Nobody signs: whenever it comes, it must not pass.
    let (payer, me) = (bank.clone(), hall.me().clone());
    let mut calls: Vec<Call> = vec![opens];
    for at in 0..6_u128 {
        let (bank, me) = (payer.clone(), me.clone());
        let id = crate::id::TransactionId::from_u128(0x9a00_u128.saturating_add(at));
        calls.push(call(move || {
            let (bank, me) = (bank.clone(), me.clone());
            async move {
                let order = Order::transfer(late, SECOND, usd(1));
                bank.carry_out(&me, order.with_id(id)).await
            }
        }));
    }
    same(together(calls).await?, 1, "opened, and nothing paid")?;
    ensure(hall.bench.state(late).await?.guarded, "guarded")
}
