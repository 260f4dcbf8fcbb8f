//! Identity is idempotency: what was asked for before is answered as it was answered then,
//! whatever has become of it since.

use chrono::Duration;

use crate::id::AccountId;
use crate::ledger::{
    AccountChange, Batch, Block, Instruction, Kind, NewAccount, NewCapture, NewHold, NewRelease,
    NewReversal, NewTransaction, Outcome, Receipt,
};
use crate::money::Currency;

use super::Scenario;
use super::bench::{
    ALICE, BOB, Bench, CASH, Checked, FEES, SHOP, deposits, ensure, found, item_applied,
    item_refused, item_replayed, refused, same, usd,
};

pub(super) const ALL: &[Scenario] = &[
    Scenario { name: "identity/replay_of_every_kind", play: |bench| Box::pin(kinds(bench)) },
    Scenario { name: "identity/replay_on_another_day", play: |bench| Box::pin(days(bench)) },
    Scenario { name: "identity/twice_in_one_batch", play: |bench| Box::pin(twice(bench)) },
    Scenario { name: "identity/keys_of_instructions", play: |bench| Box::pin(keys(bench)) },
    Scenario { name: "identity/keys_of_accounts", play: |bench| Box::pin(account_keys(bench)) },
    Scenario { name: "identity/a_refusal_burns_nothing", play: |bench| Box::pin(unburnt(bench)) },
];

/// One instruction of every kind, each posted, with what it was answered.
async fn every_kind(bench: &Bench) -> Checked<Vec<(Instruction, Receipt)>> {
    let mut done = Vec::new();
    let deposit = bench.pay(CASH, ALICE, 1_000);
    let receipt = bench.applied(deposit.clone()).await?;
    let original = receipt.transaction().ok_or_else(|| found("no transaction"))?;
    done.push((deposit.into(), receipt));
    let [open, kept, freed] = [bench.hold_id(), bench.hold_id(), bench.hold_id()];
    let hold = |id| NewHold::transfer(Kind::PAYMENT, ALICE, SHOP, usd(100)).with_id(id);
    let part = NewCapture::amount(Kind::PAYMENT, kept, usd(30)).keeping_rest();
    let back = bench.pay(ALICE, CASH, 10);
    let back_id = back.id.ok_or_else(|| found("no id"))?;
    let rest: Vec<Instruction> = vec![
        hold(open).into(),
        hold(kept).into(),
        hold(freed).into(),
        part.with_id(bench.transaction_id()).into(),
        NewCapture::rest(Kind::PAYMENT, kept).with_id(bench.transaction_id()).into(),
        NewCapture::amount(Kind::FEE, open, usd(40)).with_id(bench.transaction_id()).into(),
        NewRelease::new(freed).with_id(bench.transaction_id()).into(),
        back.into(),
        NewReversal::new(back_id).with_id(bench.transaction_id()).into(),
        NewTransaction::transfer(Kind::REFUND, SHOP, ALICE, usd(5))
            .relating_to(original)
            .with_id(bench.transaction_id())
            .into(),
    ];
    for instruction in rest {
        let receipt = bench.applied(instruction.clone()).await?;
        done.push((instruction, receipt));
    }
    Ok(done)
}

async fn all_replayed(bench: &Bench, done: &[(Instruction, Receipt)], when: &str) -> Checked {
    let head = bench.bank.head().await?;
    for (instruction, first) in done {
        let again = bench.replayed(instruction.clone()).await;
        let again = again.map_err(|what| found(format!("{when}: {}", what.0)))?;
        same(again, *first, format!("{when}: the receipt of {instruction:?}"))?;
    }
    let batch: Batch = done.iter().map(|(instruction, _)| instruction.clone()).collect();
    for (outcome, (_, first)) in bench.batch(&batch).await?.iter().zip(done) {
        same(item_replayed(Some(outcome))?, *first, format!("{when}: in one batch"))?;
    }
    same(bench.bank.head().await?, head, format!("{when}: the head after replays"))
}

async fn kinds(bench: Bench) -> Checked {
    let done = every_kind(&bench).await?;
    all_replayed(&bench, &done, "at once").await?;
    // The money is gone, and no limit or floor is asked again.
    let left = bench.state(ALICE).await?.balance;
    let left = left.ledger(crate::ledger::Side::Credit);
    bench.applied(bench.pay(ALICE, CASH, left)).await?;
    all_replayed(&bench, &done, "without money").await?;
    for account in [ALICE, SHOP] {
        bench.change(account, AccountChange::Block(Block::All)).await?;
    }
    all_replayed(&bench, &done, "blocked").await?;
    bench.change(SHOP, AccountChange::Block(Block::None)).await?;
    bench.change(ALICE, AccountChange::Block(Block::None)).await?;
    let left = bench.state(SHOP).await?.balance.ledger(crate::ledger::Side::Credit);
    bench.applied(bench.pay(SHOP, CASH, left)).await?;
    for account in [ALICE, SHOP] {
        bench.change(account, AccountChange::Close).await?;
    }
    all_replayed(&bench, &done, "closed").await?;
    bench.clock.advance(Duration::days(400));
    let yesterday = bench.bank.moment().today.pred_opt().ok_or_else(|| found("no day"))?;
    let _ = bench.bank.close_period(&bench.context, yesterday).await?;
    all_replayed(&bench, &done, "in a closed period, outside all bounds").await
}

/// A date left to the bank may be left to it again on another day; a date given must be given.
async fn days(bench: Bench) -> Checked {
    bench.fund(ALICE, 1_000).await?;
    let today = bench.bank.moment().today;
    let left_open = bench.pay(ALICE, BOB, 1);
    let given = bench.pay(ALICE, BOB, 2).with_booking_date(today).with_value_date(today);
    let (first, second) =
        (bench.applied(left_open.clone()).await?, bench.applied(given.clone()).await?);
    bench.clock.advance(Duration::days(3));
    same(bench.replayed(left_open.clone()).await?, first, "with dates left to the bank")?;
    same(bench.replayed(given.clone()).await?, second, "with dates given")?;
    bench.refused(left_open.with_booking_date(today), "id_reused").await?;
    bench.refused(given.with_value_date(bench.bank.moment().today), "id_reused").await?;
    // A capture takes over the dates of its hold, which were given there and not here.
    let hold = bench.reserve(ALICE, SHOP, 10).with_booking_date(today);
    let id = bench.applied(hold).await?.hold().ok_or_else(|| found("no hold"))?;
    let capture = NewCapture::rest(Kind::PAYMENT, id).with_id(bench.transaction_id());
    let first = bench.applied(capture.clone()).await?;
    let posted = first.transaction().ok_or_else(|| found("no transaction"))?;
    let posted = bench.bank.transaction(posted).await?;
    same((posted.booking_date, posted.value_date), (today, today), "inherited dates")?;
    bench.clock.advance(Duration::days(1));
    same(bench.replayed(capture).await?, first, "a capture with inherited dates")
}

async fn twice(bench: Bench) -> Checked {
    bench.fund(ALICE, 1_000).await?;
    let payment = bench.pay(ALICE, BOB, 600);
    let other = NewTransaction { id: payment.id, ..bench.pay(ALICE, BOB, 1) };
    let hold = bench.reserve(ALICE, SHOP, 100);
    let id = hold.id.ok_or_else(|| found("no id"))?;
    let capture = NewCapture::amount(Kind::PAYMENT, id, usd(10)).keeping_rest();
    let capture = capture.with_id(bench.transaction_id());
    let release = NewRelease::new(id).with_id(bench.transaction_id());
    let mut batch = Batch::new();
    batch.push(payment.clone()).push(payment).push(other).push(hold.clone()).push(hold.clone());
    batch.push(capture.clone()).push(capture).push(release).push(release).push(hold);
    let outcomes = bench.batch(&batch).await?;
    let pairs = [(0, 1), (3, 4), (5, 6), (7, 8), (3, 9)];
    for (first, again) in pairs {
        let applied = item_applied(outcomes.get(first))?;
        same(item_replayed(outcomes.get(again))?, applied, format!("item {again} is {first}"))?;
    }
    item_refused(outcomes.get(2), "id_reused")?;
    bench.balance(ALICE, 390, 390, "each took effect once").await?;
    let again = bench.batch(&batch).await?;
    for (first, again) in outcomes.iter().zip(&again) {
        match (first, again) {
            (Ok(first), Ok(Outcome::Replayed(again))) => same(first.get(), again, "a repetition")?,
            (Err(first), Err(again)) => same(first, again, "a refusal")?,
            other => return Err(found(format!("a repeated batch: {other:?}"))),
        }
    }
    Ok(())
}

/// Under one key the same request gets the ids that it got at first.
async fn keys(bench: Bench) -> Checked {
    bench.fund(ALICE, 1_000).await?;
    let (key, other) = (bench.keyed("request-1")?, bench.keyed("request-2")?);
    let nameless = || NewTransaction::transfer(Kind::TRANSFER, ALICE, BOB, usd(10));
    let first = bench.bank.post(&key, nameless()).await?;
    let again = bench.bank.post(&key, nameless()).await?;
    ensure(!first.is_replayed() && again.is_replayed(), "the second is the first")?;
    same(again.get(), first.get(), "the same key")?;
    let more = bench.bank.post(&other, nameless()).await?;
    ensure(!more.is_replayed() && more.get() != first.get(), "another key is another request")?;
    let without = bench.bank.post(&bench.context, nameless()).await?;
    ensure(!without.is_replayed(), "without a key everything is new")?;
    let elsewhere = NewTransaction::transfer(Kind::TRANSFER, ALICE, SHOP, usd(10));
    refused(bench.bank.post(&key, elsewhere).await, "id_reused")?;
    let hold = || NewHold::transfer(Kind::PAYMENT, ALICE, SHOP, usd(10));
    refused(bench.bank.hold(&key, hold()).await, "id_reused")?;
    let key = bench.keyed("hold")?;
    let placed = bench.bank.hold(&key, hold()).await?;
    same(bench.bank.hold(&key, hold()).await?, Outcome::Replayed(*placed.get()), "a hold")?;
    refused(bench.bank.post(&key, nameless()).await, "id_reused")?;
    let id = placed.get().hold().ok_or_else(|| found("no hold"))?;
    let capture = || NewCapture::amount(Kind::PAYMENT, id, usd(3)).keeping_rest();
    let key = bench.keyed("capture")?;
    let first = bench.bank.capture(&key, capture()).await?;
    let again = bench.bank.capture(&key, capture()).await?;
    same(again, Outcome::Replayed(*first.get()), "a capture")?;
    let key = bench.keyed("release")?;
    let first = bench.bank.release(&key, NewRelease::new(id)).await?;
    let again = bench.bank.release(&key, NewRelease::new(id)).await?;
    same(again, Outcome::Replayed(*first.get()), "a release")?;
    refused(bench.bank.capture(&key, capture()).await, "id_reused")?;
    let original = bench.fund(ALICE, 5).await?;
    let key = bench.keyed("reverse")?;
    let first = bench.bank.reverse(&key, NewReversal::new(original)).await?;
    let again = bench.bank.reverse(&key, NewReversal::new(original)).await?;
    same(again, Outcome::Replayed(*first.get()), "a reversal")?;
    keyed_batch(&bench).await
}

/// Each item of a batch has its own place under the key.
async fn keyed_batch(bench: &Bench) -> Checked {
    let key = bench.keyed("batch")?;
    let nameless = || NewTransaction::transfer(Kind::FEE, ALICE, FEES, usd(1));
    let mut batch = Batch::new();
    batch.push(nameless()).push(nameless()).push(bench.pay(ALICE, BOB, 1));
    let first = bench.bank.post_many(&key, &batch).await?;
    let again = bench.bank.post_many(&key, &batch).await?;
    for (first, again) in first.iter().zip(&again) {
        same(item_replayed(Some(again))?, item_applied(Some(first))?, "an item under a key")?;
    }
    batch.push(nameless());
    let more = bench.bank.post_many(&key, &batch).await?;
    item_replayed(more.get(1))?;
    item_applied(more.get(3))?;
    Ok(())
}

async fn account_keys(bench: Bench) -> Checked {
    let key = bench.keyed("open")?;
    let request = || -> Checked<NewAccount> { Ok(NewAccount::new(deposits()?, Currency::USD)) };
    let two = [request()?, request()?];
    let first = bench.bank.open_accounts(&key, &two).await?;
    let again = bench.bank.open_accounts(&key, &two).await?;
    let ids: Vec<AccountId> = first.iter().map(|one| *one.get()).collect();
    same(again, ids.iter().map(|id| Outcome::Replayed(*id)).collect(), "accounts under a key")?;
    ensure(first.iter().all(|one| !one.is_replayed()), "the first call opened them")?;
    ensure(ids.first() != ids.get(1), "two accounts have two ids")?;
    refused(bench.bank.open_account(&key, request()?.with_ceiling(5)).await, "id_reused")?;
    let payment = NewTransaction::transfer(Kind::TRANSFER, CASH, ALICE, usd(1));
    refused(bench.bank.post(&key, payment).await, "id_reused")?;
    let key = bench.keyed("block")?;
    let block = AccountChange::Block(Block::All);
    let first = bench.bank.change_account(&key, ALICE, block).await?;
    ensure(!first.is_replayed(), "a change under a key")?;
    bench.change(ALICE, AccountChange::Block(Block::None)).await?;
    // Repeated under its key it stays what it was: done once.
    ensure(bench.bank.change_account(&key, ALICE, block).await?.is_replayed(), "done before")?;
    same(bench.state(ALICE).await?.block, Block::None, "the block after its repetition")?;
    let other = AccountChange::Block(Block::Debits);
    refused(bench.bank.change_account(&key, ALICE, other).await, "id_reused")?;
    refused(bench.bank.change_account(&key, BOB, block).await, "id_reused")?;
    let id = AccountId::from_u128(0x2ffd);
    let named = request()?.with_id(id);
    ensure(!bench.bank.open_account(&bench.context, named.clone()).await?.is_replayed(), "new")?;
    bench.change(id, AccountChange::Ceiling(Some(9))).await?;
    bench.change(id, AccountChange::Close).await?;
    let again = bench.bank.open_account(&bench.context, named).await?;
    same(again, Outcome::Replayed(id), "compared with what was asked for then")?;
    let nodes: Vec<_> = bench.bank.chart().await?.nodes().cloned().collect();
    ensure(bench.bank.define_chart(&bench.context, &nodes).await?.is_replayed(), "the same chart")
}

/// A refused request may succeed later under the same id, key and content.
async fn unburnt(bench: Bench) -> Checked {
    let payment = bench.pay(ALICE, BOB, 10);
    let key = bench.keyed("later")?;
    let nameless = || NewTransaction::transfer(Kind::TRANSFER, ALICE, BOB, usd(10));
    bench.refused(payment.clone(), "insufficient_funds").await?;
    refused(bench.bank.post(&key, nameless()).await, "insufficient_funds")?;
    let hold = bench.reserve(ALICE, SHOP, 10);
    bench.refused(hold.clone(), "insufficient_funds").await?;
    bench.fund(ALICE, 30).await?;
    bench.applied(payment.clone()).await?;
    bench.applied(hold).await?;
    let first = bench.bank.post(&key, nameless()).await?;
    ensure(!first.is_replayed(), "it took effect at last")?;
    same(bench.bank.post(&key, nameless()).await?, Outcome::Replayed(*first.get()), "and once")?;
    bench.replayed(payment).await?;
    bench.balance(ALICE, 10, 0, "three times ten of thirty").await
}
