//! Rules end to end, through the front door: what the conformance suite does not reach because it
//! needs threads, sizes or the seals of a whole bank.

use std::sync::Arc;

use chrono::NaiveDate;
use corebank::bank::{Action, Bank, Context, Denied, Error, Policy};
use corebank::id::{AccountId, LimitId, SeededIds, TransactionId};
use corebank::ledger::query::AsOf;
use corebank::ledger::seal::MAX_BLOCK;
use corebank::ledger::{
    AccountClass, Batch, ChartCode, ChartNode, FloorPolicy, Kind, Leg, LimitRule, LimitScope,
    MAX_BATCH, MAX_LEGS, NewAccount, NewHold, NewRelease, NewReversal, NewTransaction, Outcome,
    Refusal, Side, Text, Window,
};
use corebank::money::{Currency, Money};
use corebank::store::memory::MemoryStore;
use corebank::time::ManualClock;

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

fn context() -> Context {
    Context::system("rules").unwrap()
}

fn id(number: u128) -> TransactionId {
    TransactionId::from_u128(number)
}

struct Fixture {
    bank: Bank,
    cash: AccountId,
    customers: Vec<AccountId>,
}

async fn fixture(customers: usize) -> Fixture {
    let clock = ManualClock::at_noon(NaiveDate::from_ymd_opt(2026, 3, 16).unwrap());
    let builder = Bank::builder(MemoryStore::new()).clock(clock).ids(SeededIds::new(1));
    let bank = builder.open().await.unwrap();
    fill(bank, customers).await
}

async fn fill(bank: Bank, customers: usize) -> Fixture {
    let code = |text| ChartCode::new(text).unwrap();
    let name = |text| Text::new(text).unwrap();
    let nodes = [
        ChartNode::new(code("1000"), AccountClass::Asset, None, name("Cash")),
        ChartNode::new(code("2100"), AccountClass::Liability, None, name("Deposits")),
    ];
    let _ = bank.define_chart(&context(), &nodes).await.unwrap();
    let cash = NewAccount::new(code("1000"), Currency::USD);
    let cash = bank.open_account(&context(), cash).await.unwrap().into_inner();
    let account = NewAccount::new(code("2100"), Currency::USD);
    let opened = bank.open_accounts(&context(), &vec![account; customers]).await.unwrap();
    let customers = opened.into_iter().map(Outcome::into_inner).collect();
    Fixture { bank, cash, customers }
}

impl Fixture {
    async fn deposit(&self, to: AccountId, minor: i64) -> TransactionId {
        let deposit = NewTransaction::transfer(Kind::DEPOSIT, self.cash, to, usd(minor));
        let receipt = self.bank.post(&context(), deposit).await.unwrap().into_inner();
        receipt.transaction().unwrap()
    }

    async fn ledger(&self, account: AccountId) -> i64 {
        self.bank.balance(account).await.unwrap().ledger.minor()
    }

    async fn is_sound(&self) {
        assert!(self.bank.trial_balance(AsOf::Now).await.unwrap().is_zero());
        let report = self.bank.verify().await.unwrap();
        assert!(report.is_clean(), "{report:?}");
    }
}

#[tokio::test]
async fn the_largest_batch_posts_and_one_more_does_not() {
    let bank = fixture(2).await;
    let [a, b] = bank.customers[..] else { unreachable!() };
    bank.deposit(a, 1_000_000).await;
    let one = |n: usize| {
        NewTransaction::transfer(Kind::TRANSFER, a, b, usd(1)).with_id(id(n as u128 + 1))
    };
    let full: Batch = (0..MAX_BATCH).map(one).collect();
    let outcomes = bank.bank.post_many(&context(), &full).await.unwrap();
    assert!(outcomes.iter().all(|one| matches!(one, Ok(Outcome::Applied(_)))));
    let over: Batch = (0..=MAX_BATCH).map(one).collect();
    let refused = bank.bank.post_many(&context(), &over).await.unwrap_err();
    assert_eq!(refused.code(), "batch_too_large");
    // The same batch again is replayed whole, with the same places in the journal.
    let again = bank.bank.post_many(&context(), &full).await.unwrap();
    for (first, second) in outcomes.iter().zip(&again) {
        let (first, second) = (first.as_ref().unwrap(), second.as_ref().unwrap());
        assert!(second.is_replayed());
        assert_eq!(first.get(), second.get());
    }
    assert_eq!(bank.ledger(b).await, i64::try_from(MAX_BATCH).unwrap());
    bank.is_sound().await;
}

#[tokio::test]
async fn the_widest_transaction_posts_and_one_leg_more_does_not() {
    let bank = fixture(2).await;
    let [a, b] = bank.customers[..] else { unreachable!() };
    let legs = |pairs: usize| {
        (0..pairs).fold(NewTransaction::new(Kind::PAYMENT), |new, n| {
            let to = if n % 2 == 0 { a } else { b };
            new.leg(Leg::new(bank.cash, Side::Debit, usd(1))).leg(Leg::new(
                to,
                Side::Credit,
                usd(1),
            ))
        })
    };
    let _ = bank.bank.post(&context(), legs(MAX_LEGS / 2)).await.unwrap();
    let refused = bank.bank.post(&context(), legs(MAX_LEGS / 2 + 1)).await.unwrap_err();
    assert_eq!(refused.code(), "too_many_legs");
    assert_eq!(bank.ledger(a).await + bank.ledger(b).await, MAX_LEGS as i64 / 2);
    bank.is_sound().await;
}

#[test]
fn threads_on_the_same_accounts_lose_nothing() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let bank = Arc::new(runtime.block_on(fixture(4)));
    for account in &bank.customers {
        runtime.block_on(bank.deposit(*account, 10_000));
    }
    let workers: Vec<_> = (0..4_u128)
        .map(|worker| {
            let bank = Arc::clone(&bank);
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                let mut applied = 0_u64;
                for n in 0..500_u128 {
                    let from = bank.customers[(n + worker) as usize % 4];
                    let to = bank.customers[(n + worker + 1 + n % 3) as usize % 4];
                    let new = NewTransaction::transfer(Kind::TRANSFER, from, to, usd(7));
                    let new = new.with_id(id(1_000_000 * (worker + 1) + n));
                    match runtime.block_on(bank.bank.post(&context(), new)) {
                        Ok(outcome) => applied += u64::from(!outcome.is_replayed()),
                        Err(Error::Refused(Refusal::InsufficientFunds { .. })) => {}
                        Err(error) => panic!("{error}"),
                    }
                }
                applied
            })
        })
        .collect();
    let applied: u64 = workers.into_iter().map(|worker| worker.join().unwrap()).sum();
    runtime.block_on(async {
        let mut total = 0;
        for account in &bank.customers {
            let balance = bank.ledger(*account).await;
            assert!(balance >= 0, "a floor was broken: {balance}");
            total += balance;
        }
        assert_eq!(total, 40_000);
        let head = bank.bank.head().await.unwrap();
        // Chart nodes, accounts and deposits come before.
        assert_eq!(head.position, 2 + 5 + 4 + applied);
        bank.is_sound().await;
    });
}

#[tokio::test]
async fn seals_stand_for_every_record_and_prove_each_transaction() {
    let bank = fixture(2).await;
    let first = bank.deposit(bank.customers[0], 500).await;
    let refused = bank.bank.prove(first).await.unwrap_err();
    assert_eq!(refused.code(), "not_sealed");
    let sealed = bank.bank.seal(&context()).await.unwrap();
    assert_eq!((sealed.blocks, sealed.records), (1, 2 + 3 + 1));
    let anchor = sealed.last.unwrap();
    let proof = bank.bank.prove(first).await.unwrap();
    let records = bank.bank.journal(0, 100).await.unwrap();
    proof.verify(&records[5], &anchor.hash).unwrap();
    assert!(proof.verify(&records[4], &anchor.hash).is_err());

    let batch = |n: usize| -> Batch {
        let customer = bank.customers[1];
        (0..n)
            .map(|_| NewTransaction::transfer(Kind::DEPOSIT, bank.cash, customer, usd(1)))
            .collect()
    };
    let _ = bank.bank.post_many(&context(), &batch(MAX_BATCH)).await.unwrap();
    let _ = bank.bank.post_many(&context(), &batch(100)).await.unwrap();
    let sealed = bank.bank.seal(&context()).await.unwrap();
    assert_eq!(sealed.records, MAX_BATCH as u64 + 100);
    assert_eq!(sealed.blocks, (MAX_BATCH + 100).div_ceil(MAX_BLOCK) as u64);
    let report = bank.bank.verify_seals_against(anchor.number, anchor.hash).await.unwrap();
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(report.unsealed, 0);
    assert_eq!(report.records, bank.bank.head().await.unwrap().position);
    // Another anchor than the one that was written down is noticed.
    let report = bank.bank.verify_seals_against(anchor.number, [7; 32]).await.unwrap();
    assert!(!report.is_clean());
    // Sealing again seals nothing.
    assert_eq!(bank.bank.seal(&context()).await.unwrap().blocks, 0);
}

#[derive(Debug)]
struct NoForce;

impl Policy for NoForce {
    fn authorise(&self, _: &Context, action: Action) -> Result<(), Denied> {
        match action {
            Action::ForceReversal => {
                Err(Denied { action: action.code(), why: "only the back office may" })
            }
            _ => Ok(()),
        }
    }
}

#[tokio::test]
async fn a_reversal_that_breaks_a_floor_needs_the_permission_to_force_it() {
    let builder = Bank::builder(MemoryStore::new()).policy(NoForce).ids(SeededIds::new(3));
    let bank = fill(builder.open().await.unwrap(), 2).await;
    let [a, b] = bank.customers[..] else { unreachable!() };
    let deposit = bank.deposit(a, 500).await;
    let spend = NewTransaction::transfer(Kind::TRANSFER, a, b, usd(400));
    let _ = bank.bank.post(&context(), spend).await.unwrap();
    let refused = bank.bank.reverse(&context(), NewReversal::new(deposit)).await.unwrap_err();
    assert_eq!(refused.code(), "insufficient_funds");
    let denied = bank.bank.reverse(&context(), NewReversal::new(deposit).forced()).await;
    assert!(matches!(denied, Err(Error::Denied(Denied { action: "force_reversal", .. }))));
    assert_eq!(bank.ledger(a).await, 100);
    bank.is_sound().await;
}

#[tokio::test]
async fn a_forced_reversal_breaks_the_floor_and_later_payments_in_pass() {
    let bank = fixture(2).await;
    let [a, b] = bank.customers[..] else { unreachable!() };
    let deposit = bank.deposit(a, 500).await;
    let spend = NewTransaction::transfer(Kind::TRANSFER, a, b, usd(400));
    let _ = bank.bank.post(&context(), spend).await.unwrap();
    let _ = bank.bank.reverse(&context(), NewReversal::new(deposit).forced()).await.unwrap();
    assert_eq!(bank.ledger(a).await, -400);
    // Below the floor nothing goes out, and what comes in is not held up.
    let out = NewTransaction::transfer(Kind::TRANSFER, a, b, usd(1));
    assert_eq!(bank.bank.post(&context(), out).await.unwrap_err().code(), "insufficient_funds");
    bank.deposit(a, 100).await;
    assert_eq!(bank.ledger(a).await, -300);
    bank.is_sound().await;
}

#[tokio::test]
async fn personal_words_never_reach_debug_or_errors() {
    let bank = fixture(2).await;
    let secret = "Jane Doe, 12 Elm Street";
    let new = NewTransaction::transfer(Kind::PAYMENT, bank.cash, bank.customers[0], usd(1))
        .with_id(id(9))
        .with_description(Text::new(secret).unwrap());
    assert!(!format!("{new:?}").contains("Jane"));
    let _ = bank.bank.post(&context(), new.clone()).await.unwrap();
    let posted = bank.bank.transaction(id(9)).await.unwrap();
    assert_eq!(posted.words().unwrap().description.as_ref().unwrap().as_str(), secret);
    assert!(!format!("{posted:?}").contains("Jane"));
    let other = new.with_description(Text::new("Jane Doe, elsewhere").unwrap());
    let error = bank.bank.post(&context(), other).await.unwrap_err();
    assert!(matches!(error, Error::Refused(Refusal::IdReused { field: "description" })));
    assert!(!format!("{error} {error:?}").contains("Jane"));
}

#[tokio::test]
async fn an_overdraft_reaches_to_its_limit_and_not_a_cent_further() {
    let bank = fixture(1).await;
    let code = ChartCode::new("2100").unwrap();
    let account = NewAccount::new(code, Currency::USD).with_floor(FloorPolicy::Overdraft(250));
    let account = bank.bank.open_account(&context(), account).await.unwrap().into_inner();
    let out =
        |minor| NewTransaction::transfer(Kind::TRANSFER, account, bank.customers[0], usd(minor));
    let refused = bank.bank.post(&context(), out(251)).await.unwrap_err();
    let Error::Refused(Refusal::InsufficientFunds { available, needed, .. }) = refused else {
        panic!("{refused}");
    };
    assert_eq!((available, needed), (usd(250), usd(251)));
    let _ = bank.bank.post(&context(), out(250)).await.unwrap();
    assert_eq!(bank.ledger(account).await, -250);
    bank.is_sound().await;
}

/// Found by the naive model: a hold that was released while its limit was away kept what it used.
#[tokio::test]
async fn a_hold_gives_back_its_usage_although_its_limit_is_away() {
    let bank = fixture(2).await;
    let [a, b] = bank.customers[..] else { unreachable!() };
    bank.deposit(a, 1_000).await;
    let limit = LimitId::from_u128(1);
    let window = Window::Day;
    let rule = LimitRule::new(limit, LimitScope::Account(a), Side::Debit, Currency::USD, window);
    let rule = rule.with_count(1);
    let _ = bank.bank.set_limit(&context(), rule.clone()).await.unwrap();
    let hold = NewHold::transfer(Kind::PAYMENT, a, b, usd(10));
    let held = bank.bank.hold(&context(), hold.clone()).await.unwrap().into_inner();
    let refused = bank.bank.hold(&context(), hold.clone()).await.unwrap_err();
    assert_eq!(refused.code(), "limit_count_exceeded");
    bank.bank.remove_limit(&context(), limit).await.unwrap();
    let release = NewRelease::new(held.hold().unwrap());
    let _ = bank.bank.release(&context(), release).await.unwrap();
    let _ = bank.bank.set_limit(&context(), rule).await.unwrap();
    let _ = bank.bank.hold(&context(), hold).await.unwrap();
    bank.is_sound().await;
}

#[test]
fn the_guide_lists_refusals_in_their_order() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/errors.md");
    let guide = std::fs::read_to_string(path).unwrap();
    let codes = guide.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let listed: Vec<_> = codes.filter(|code| Refusal::ALL.contains(code)).collect();
    assert_eq!(listed, Refusal::ALL);
}

#[test]
fn the_guide_shows_the_gate_and_the_statuses_as_they_are() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/guide/people.md");
    let guide = std::fs::read_to_string(path).unwrap();
    let gate = corebank::kyc::Gate::STANDARD.markdown();
    let statuses = corebank::account::AccountStatus::permissions_markdown();
    for table in [gate, statuses] {
        assert!(guide.contains(&table), "src/guide/people.md lacks this table:\n{table}");
    }
}

/// S1-100, PCI DSS 3.2.1.
#[test]
fn a_description_holds_no_card_number() {
    for text in ["card 4111 1111 1111 1111", "5555555555554444", "4111-1111-1111-1111 12/27"] {
        assert_eq!(Text::new(text).unwrap_err().code(), "text_card_number", "{text}");
        assert!(!Text::new(text).unwrap_err().to_string().contains("1111"));
        assert!(serde_json::from_str::<Text>(&format!("\"{text}\"")).is_err());
    }
    for text in ["card ****1111", "4111 1111 1111 1112", "invoice 2026-11-28"] {
        assert!(Text::new(text).is_ok(), "{text}");
    }
}

#[test]
fn public_types_can_cross_threads() {
    const fn send_sync<T: Send + Sync>() {}
    send_sync::<Bank>();
    send_sync::<Error>();
    send_sync::<Context>();
    send_sync::<Batch>();
    send_sync::<MemoryStore>();
    assert!(size_of::<Error>() <= 128, "{}", size_of::<Error>());
}
