//! The host's transaction and the bank in it, on both stores: both rows or none.

mod crowd;
mod house;

use corebank::Bank;
use corebank::id::{AccountId, LimitId};
use corebank::ledger::query::{AsOf, EntryQuery};
use corebank::ledger::{
    AccountChange, Batch, Block, ChartCode, IdempotencyKey, Kind, LimitRule, LimitScope,
    NewAccount, NewCapture, NewHold, NewTransaction, Outcome, Receipt, Side, Window,
};
use corebank::money::Currency;

use crate::group_bank::{ALICE, BOB, CASH, clerk, id, ledger, pay, usd};
use house::{Files, House, Server};

/// Every test of this module, on each store.
macro_rules! on_both {
    ($($name:ident)+) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name::<super::Files>().await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name::<super::Server>().await;
            })+
        }
    };
}
on_both! {
    both_rows_or_none
    a_refusal_leaves_the_rest
    a_conflict_inside_is_undone
    several_postings_see_each_other
    a_repetition_is_one_inside_and_after
    structure_changes_within
    a_transaction_that_was_given_back
    a_dropped_call_leaves_nothing
}

/// A posting as it stands in the journal.
async fn stands(bank: &Bank, number: u64) -> bool {
    bank.transaction(id(number)).await.is_ok()
}

async fn post(bank: &Bank, number: u64, minor: i64) -> Outcome<Receipt> {
    bank.post(&clerk(), pay(number, CASH, ALICE, minor)).await.unwrap()
}

async fn sound(bank: &Bank) {
    assert!(bank.trial_balance(AsOf::Now).await.unwrap().is_zero());
    let report = bank.verify().await.unwrap();
    assert!(report.is_clean(), "{:?}", report.differences);
    let head = bank.head().await.unwrap();
    let journal = bank.journal(0, 10_000).await.unwrap();
    let places: Vec<u64> = journal.iter().map(corebank::ledger::Record::position).collect();
    assert_eq!(places, (1..=head.position).collect::<Vec<_>>(), "a gap");
    assert!(journal.is_sorted_by(|a, b| a.posted_at() < b.posted_at()), "instants do not increase");
}

async fn both_rows_or_none<H: House>() {
    let house = H::open().await;
    let bank = house.bank().await;
    let head = bank.head().await.unwrap();
    // Committed: both.
    let joined = house.begin().await;
    let inner = bank.over(H::store_of(&joined));
    let receipt = post(&inner, 1, 100).await.into_inner();
    assert_eq!(receipt.position, if H::SETTLES_LATER { 0 } else { head.position + 1 });
    H::note(&joined, 1).await;
    assert_eq!(house.notes().await, 0, "nobody sees it yet");
    assert!(!stands(&bank, 1).await || !H::READS_BESIDE);
    H::commit(joined).await;
    assert_eq!(house.notes().await, 1);
    let posted = bank.transaction(id(1)).await.unwrap();
    assert_eq!(posted.position, head.position + 1, "the place is there, and right");
    // Dropped, with the host's row written first and last: neither.
    for first in [true, false] {
        let joined = house.begin().await;
        let inner = bank.over(H::store_of(&joined));
        if first {
            H::note(&joined, 2).await;
        }
        let _ = post(&inner, 2, 100).await;
        if !first {
            H::note(&joined, 2).await;
        }
        drop((inner, joined));
        assert!(!stands(&bank, 2).await);
        assert_eq!(house.notes().await, 1);
    }
    // The host begins, and rolls back or commits its own transaction.
    for commits in [false, true] {
        let joined = house.begin_own().await;
        let inner = bank.over(H::store_of(&joined));
        let _ = post(&inner, 3, 100).await;
        H::note(&joined, 3).await;
        H::give_back(joined, commits).await;
        assert_eq!(stands(&bank, 3).await, commits);
        assert_eq!(house.notes().await, if commits { 2 } else { 1 });
    }
    assert_eq!(ledger(&bank, ALICE).await, 200);
    sound(&bank).await;
}

async fn a_refusal_leaves_the_rest<H: House>() {
    let house = H::open().await;
    let bank = house.bank().await;
    let joined = house.begin().await;
    let inner = bank.over(H::store_of(&joined));
    H::note(&joined, 1).await;
    let _ = post(&inner, 1, 100).await;
    let refused = inner.post(&clerk(), pay(2, ALICE, BOB, 101)).await.unwrap_err();
    assert_eq!(refused.code(), "insufficient_funds");
    let mut batch = Batch::new();
    batch.push(pay(3, ALICE, BOB, 60)).push(pay(4, ALICE, BOB, 60));
    let outcomes = inner.post_many(&clerk(), &batch).await.unwrap();
    assert!(outcomes[0].is_ok() && outcomes[1].is_err());
    let trial = inner.dry_run().post(&clerk(), pay(5, ALICE, BOB, 40)).await;
    assert!(!trial.unwrap().is_replayed());
    H::note(&joined, 2).await;
    H::commit(joined).await;
    assert_eq!(house.notes().await, 2);
    let balances = [ledger(&bank, ALICE).await, ledger(&bank, BOB).await];
    assert_eq!(balances, [40, 60]);
    assert!(!stands(&bank, 2).await && !stands(&bank, 4).await && !stands(&bank, 5).await);
    sound(&bank).await;
}

/// What fails inside with a fault of the database is undone to the savepoint, and no further.
async fn a_conflict_inside_is_undone<H: House>() {
    let house = H::open().await;
    let bank = house.bank().await;
    let joined = house.begin().await;
    let inner = bank.over(H::store_of(&joined));
    let _ = post(&inner, 1, 10).await;
    H::note(&joined, 1).await;
    if H::READS_BESIDE && H::SETTLES_LATER {
        // Another unit takes the id that this one finds absent: it waits, then sees the other.
        let other = tokio::spawn({
            let bank = bank.clone();
            async move { bank.post(&clerk(), pay(7, BOB, CASH, 0).credit(CASH, usd(0))).await }
        });
        assert!(other.await.unwrap().is_err(), "nothing is posted for nothing");
        let elsewhere = house.begin().await;
        let there = bank.over(H::store_of(&elsewhere));
        let first = there.post(&clerk(), transfer_of_others(7)).await.unwrap();
        assert!(!first.is_replayed());
        let waiting = tokio::spawn({
            let inner = inner.clone();
            async move { inner.post(&clerk(), transfer_of_others(7)).await }
        });
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        H::commit(elsewhere).await;
        let second = waiting.await.unwrap().unwrap();
        assert!(second.is_replayed(), "{second:?}");
    }
    let _ = post(&inner, 2, 10).await;
    H::note(&joined, 2).await;
    H::commit(joined).await;
    assert_eq!((ledger(&bank, ALICE).await, house.notes().await), (20, 2));
    sound(&bank).await;
}

/// Between accounts that nobody else in that test touches.
fn transfer_of_others(number: u64) -> NewTransaction {
    NewTransaction::transfer(Kind::TRANSFER, house::VAULT, house::SAFE, usd(5)).with_id(id(number))
}

async fn several_postings_see_each_other<H: House>() {
    let house = H::open().await;
    let bank = house.bank().await;
    let joined = house.begin().await;
    let inner = bank.over(H::store_of(&joined));
    let _ = post(&inner, 1, 100).await;
    let hold = NewHold::transfer(Kind::PAYMENT, ALICE, BOB, usd(70));
    let placed = inner.hold(&clerk(), hold).await.unwrap().into_inner();
    let hold = placed.hold().unwrap();
    let part = NewCapture::amount(Kind::PAYMENT, hold, usd(30)).keeping_rest();
    let _ = inner.capture(&clerk(), part).await.unwrap();
    // What it did, it reads: balances, entries, the transaction, the journal.
    let seen = inner.balance(ALICE).await.unwrap();
    assert_eq!((seen.ledger, seen.available), (usd(70), Some(usd(30))));
    assert_eq!(ledger(&inner, BOB).await, 30);
    assert_eq!(inner.hold_by_id(hold).await.unwrap().legs[0].open, 40);
    let entries = inner.entries(&EntryQuery::new(ALICE), 10, None).await.unwrap().items;
    assert_eq!(entries.iter().map(|one| one.balance_after).collect::<Vec<_>>(), [100, 70]);
    assert!(stands(&inner, 1).await);
    let head = inner.head().await.unwrap().position;
    assert_eq!(inner.journal(head - 3, 10).await.unwrap().len(), 3);
    assert!(inner.trial_balance(AsOf::Now).await.unwrap().is_zero());
    assert!(inner.verify().await.unwrap().is_clean());
    if H::READS_BESIDE {
        assert_eq!(ledger(&bank, ALICE).await, 0, "nobody else does");
    }
    let _ = inner.post(&clerk(), pay(2, ALICE, BOB, 30)).await.unwrap();
    H::commit(joined).await;
    let seen = bank.balance(ALICE).await.unwrap();
    assert_eq!((seen.ledger, seen.available), (usd(40), Some(usd(0))));
    sound(&bank).await;
    assert!(bank.seal(&clerk()).await.unwrap().records > 0);
    assert!(bank.verify_seals().await.unwrap().is_clean());
}

async fn a_repetition_is_one_inside_and_after<H: House>() {
    let house = H::open().await;
    let bank = house.bank().await;
    let keyed = |key| clerk().with_idempotency_key(IdempotencyKey::new(key).unwrap());
    let joined = house.begin().await;
    let inner = bank.over(H::store_of(&joined));
    let first = post(&inner, 1, 100).await;
    let again = post(&inner, 1, 100).await;
    assert!(!first.is_replayed() && again.is_replayed());
    let plain = || NewTransaction::transfer(Kind::FEE, CASH, BOB, usd(9));
    let under_key = inner.post(&keyed("k"), plain()).await.unwrap();
    let repeated = inner.post(&keyed("k"), plain()).await.unwrap();
    assert!(repeated.is_replayed());
    assert_eq!(repeated.get().subject, under_key.get().subject);
    let other = inner.post(&clerk(), pay(1, CASH, ALICE, 99)).await.unwrap_err();
    assert_eq!(other.code(), "id_reused");
    H::commit(joined).await;
    // Repeated as a whole, outside and in another transaction.
    for inner in [bank.clone(), house.bank().await] {
        let after = post(&inner, 1, 100).await;
        assert!(after.is_replayed());
        assert!(after.get().position > 0, "after the commit the place is known");
        assert!(inner.post(&keyed("k"), plain()).await.unwrap().is_replayed());
    }
    let joined = house.begin().await;
    let inner = bank.over(H::store_of(&joined));
    let after = post(&inner, 1, 100).await;
    assert!(after.is_replayed() && after.get().position > 0);
    H::commit(joined).await;
    assert_eq!((ledger(&bank, ALICE).await, ledger(&bank, BOB).await), (100, 9));
    sound(&bank).await;
}

async fn structure_changes_within<H: House>() {
    let house = H::open().await;
    let bank = house.bank().await;
    let new = AccountId::from_u128(0x2009);
    let limit = || {
        let (id, scope) = (LimitId::from_u128(1), LimitScope::Account(new));
        LimitRule::new(id, scope, Side::Credit, Currency::USD, Window::Day).with_amount(50)
    };
    let yesterday = bank.moment().today.pred_opt().unwrap();
    for commits in [false, true] {
        let joined = house.begin().await;
        let inner = bank.over(H::store_of(&joined));
        let _ = post(&inner, 1, 100).await;
        let account = NewAccount::new(ChartCode::new("2000").unwrap(), Currency::USD).with_id(new);
        assert!(!inner.open_account(&clerk(), account).await.unwrap().is_replayed());
        assert!(!inner.set_limit(&clerk(), limit()).await.unwrap().is_replayed());
        assert!(!inner.close_period(&clerk(), yesterday).await.unwrap().is_replayed());
        // What changed holds at once, within.
        let _ = inner.post(&clerk(), pay(2, ALICE, new, 50)).await.unwrap();
        let over = inner.post(&clerk(), pay(3, ALICE, new, 1)).await.unwrap_err();
        assert_eq!(over.code(), "limit_amount_exceeded");
        let late = pay(4, CASH, ALICE, 1).with_booking_date(yesterday);
        assert_eq!(inner.post(&clerk(), late).await.unwrap_err().code(), "period_closed");
        let block = AccountChange::Block(Block::All);
        let _ = inner.change_account(&clerk(), BOB, block).await.unwrap();
        let blocked = inner.post(&clerk(), pay(5, CASH, BOB, 1)).await.unwrap_err();
        assert_eq!(blocked.code(), "account_blocked");
        H::note(&joined, 1).await;
        H::give_back(joined, commits).await;
        let book = bank.book().await.unwrap();
        assert_eq!(
            (book.limits.len(), book.closed_through),
            match commits {
                true => (1, Some(yesterday)),
                false => (0, None),
            }
        );
        assert_eq!(bank.account(new).await.is_ok(), commits);
        let late = pay(6, CASH, ALICE, 1).with_booking_date(yesterday);
        let late = bank.dry_run().post(&clerk(), late).await;
        assert_eq!(late.is_ok(), !commits, "no memory of a book that never was: {late:?}");
        let over = bank.dry_run().post(&clerk(), pay(7, CASH, new, 1)).await.unwrap_err();
        let code = if commits { "limit_amount_exceeded" } else { "unknown_account" };
        assert_eq!(over.code(), code);
        sound(&bank).await;
    }
}

async fn a_transaction_that_was_given_back<H: House>() {
    let house = H::open().await;
    let bank = house.bank().await;
    let joined = house.begin().await;
    let (store, inner) = (H::store_of(&joined), bank.over(H::store_of(&joined)));
    let _ = post(&inner, 1, 1).await;
    H::commit(joined).await;
    let late = inner.post(&clerk(), pay(2, CASH, ALICE, 1)).await.unwrap_err();
    assert_eq!(late.code(), "misuse");
    assert_eq!(inner.head().await.unwrap_err().code(), "misuse");
    drop((store, inner));
    assert_eq!(ledger(&bank, ALICE).await, 1);
}

/// A call that is dropped half way leaves nothing, and the transaction can be used on.
async fn a_dropped_call_leaves_nothing<H: House>() {
    let house = H::open().await;
    let bank = house.bank().await;
    let joined = house.begin().await;
    let inner = bank.over(H::store_of(&joined));
    H::note(&joined, 1).await;
    let (mut number, mut expected) = (100, 0);
    for polls in 0..40 {
        number += 1;
        let (context, new) = (clerk(), pay(number, CASH, ALICE, 1));
        let mut call = Box::pin(inner.post(&context, new));
        // As far as so many polls bring it.
        let mut left = polls;
        let ended = std::future::poll_fn(|task| {
            if left == 0 {
                return std::task::Poll::Ready(None);
            }
            left -= 1;
            call.as_mut().poll(task).map(Some)
        });
        let ended = ended.await;
        drop(call);
        let there = stands(&inner, number).await;
        if let Some(ended) = ended {
            let _ = ended.unwrap();
            assert!(there);
        }
        expected += i64::from(there);
    }
    assert!(expected > 0, "no call ended");
    H::note(&joined, 2).await;
    H::commit(joined).await;
    assert_eq!((ledger(&bank, ALICE).await, house.notes().await), (expected, 2));
    sound(&bank).await;
}
