//! Groups: all or none, and a repetition of a group is a repetition of all of it.

use crate::ledger::{
    AccountChange, Batch, Block, Instruction, Kind, NewCapture, NewRelease, NewReversal, Refusal,
};

use super::Scenario;
use super::bench::{
    ALICE, BOB, Bench, CASH, Checked, SHOP, ensure, found, item_applied, item_refused,
    item_replayed, same, usd,
};

pub(super) const ALL: &[Scenario] = &[
    Scenario { name: "groups/last_item_fails", play: |bench| Box::pin(last_fails(bench)) },
    Scenario { name: "groups/neighbours_stand", play: |bench| Box::pin(neighbours(bench)) },
    Scenario { name: "groups/repetition", play: |bench| Box::pin(repetition(bench)) },
    Scenario { name: "groups/of_every_kind", play: |bench| Box::pin(every_kind(bench)) },
];

async fn last_fails(bench: Bench) -> Checked {
    bench.fund(ALICE, 1_000).await?;
    let hold = bench.applied(bench.reserve(ALICE, SHOP, 100)).await?;
    let hold = hold.hold().ok_or_else(|| found("no hold"))?;
    let paid = bench.applied(bench.pay(ALICE, BOB, 50)).await?;
    let paid = paid.transaction().ok_or_else(|| found("no transaction"))?;
    let before = (bench.state(ALICE).await?, bench.bank.hold_by_id(hold).await?);
    let head = bench.bank.head().await?;
    let group: Vec<Instruction> = vec![
        bench.pay(ALICE, BOB, 100).into(),
        bench.reserve(ALICE, SHOP, 100).into(),
        NewCapture::amount(Kind::PAYMENT, hold, usd(30))
            .keeping_rest()
            .with_id(bench.transaction_id())
            .into(),
        NewRelease::new(hold).with_id(bench.transaction_id()).into(),
        NewReversal::new(paid).with_id(bench.transaction_id()).into(),
        bench.pay(ALICE, BOB, 10_000).into(),
    ];
    let mut batch = Batch::new();
    batch.push_group(group.clone());
    let outcomes = bench.batch(&batch).await?;
    item_refused(outcomes.get(5), "insufficient_funds")?;
    for outcome in outcomes.iter().take(5) {
        match outcome {
            Err(Refusal::GroupFailed { index: 5, because: "insufficient_funds" }) => {}
            other => return Err(found(format!("should name item 5, is {other:?}"))),
        }
    }
    same(bench.bank.head().await?, head, "the head after a failed group")?;
    let after = (bench.state(ALICE).await?, bench.bank.hold_by_id(hold).await?);
    same(after, before, "account and hold after a failed group")?;
    // Nothing of it burnt its id, and nothing of it is in the way.
    let shorter: Vec<Instruction> = group.into_iter().take(5).collect();
    let mut batch = Batch::new();
    batch.push_group(shorter);
    for outcome in bench.batch(&batch).await? {
        item_applied(Some(&outcome))?;
    }
    Ok(())
}

async fn neighbours(bench: Bench) -> Checked {
    bench.fund(ALICE, 100).await?;
    let twice = bench.pay(ALICE, BOB, 10);
    let mut batch = Batch::new();
    batch.push(bench.pay(ALICE, BOB, 60));
    let failing: Vec<Instruction> =
        vec![bench.pay(CASH, ALICE, 500).into(), bench.pay(ALICE, BOB, 541).into()];
    batch.push_group(failing);
    batch.push(bench.pay(ALICE, BOB, 41)).push(twice.clone());
    let fine: Vec<Instruction> =
        vec![bench.pay(BOB, ALICE, 5).into(), bench.pay(ALICE, SHOP, 35).into()];
    batch.push_group(fine).push(bench.pay(ALICE, BOB, 1)).push(twice);
    let outcomes = bench.batch(&batch).await?;
    item_applied(outcomes.first())?;
    item_refused(outcomes.get(1), "group_failed")?;
    item_refused(outcomes.get(2), "insufficient_funds")?;
    // It does not see what the failed group would have brought.
    item_refused(outcomes.get(3), "insufficient_funds")?;
    item_applied(outcomes.get(4))?;
    item_applied(outcomes.get(5))?;
    item_applied(outcomes.get(6))?;
    item_refused(outcomes.get(7), "insufficient_funds")?;
    item_replayed(outcomes.get(8))?;
    let places: Vec<u64> = [0, 4, 5, 6]
        .into_iter()
        .map(|at| item_applied(outcomes.get(at)).map(|receipt| receipt.position))
        .collect::<Checked<_>>()?;
    let first = places.first().copied().unwrap_or(0);
    let next: Vec<u64> = (first..).take(4).collect();
    same(places, next, "the places of what took effect")?;
    bench.balance(ALICE, 0, 0, "60, 10 and 35 out, 5 in").await
}

async fn repetition(bench: Bench) -> Checked {
    bench.fund(ALICE, 1_000).await?;
    let (a, b, c) = (bench.pay(ALICE, BOB, 1), bench.pay(ALICE, BOB, 2), bench.pay(ALICE, BOB, 3));
    let of = |items: &[&crate::ledger::NewTransaction]| {
        let mut batch = Batch::new();
        let group: Vec<Instruction> = items.iter().map(|item| (*item).clone().into()).collect();
        batch.push_group(group);
        batch
    };
    let first = bench.batch(&of(&[&a, &b])).await?;
    let marks = [bench.bank.transaction(id(&a)?).await?, bench.bank.transaction(id(&b)?).await?];
    let marks: Vec<_> = marks.iter().filter_map(|posted| posted.group).collect();
    let shape: Vec<_> = marks.iter().map(|mark| (mark.index, mark.size)).collect();
    same(shape, vec![(0, 2), (1, 2)], "places in the group")?;
    ensure(marks.first().map(|mark| mark.group) == marks.get(1).map(|mark| mark.group), "one id")?;
    bench.change(ALICE, AccountChange::Block(Block::All)).await?;
    let again = bench.batch(&of(&[&a, &b])).await?;
    for (first, again) in first.iter().zip(&again) {
        same(item_replayed(Some(again))?, item_applied(Some(first))?, "a group again")?;
    }
    bench.change(ALICE, AccountChange::Block(Block::None)).await?;
    // Not the group that it was: turned round, longer, shorter, or with a stranger.
    let single = bench.pay(ALICE, BOB, 4);
    bench.applied(single.clone()).await?;
    for other in [of(&[&b, &a]), of(&[&a, &b, &c]), of(&[&a]), of(&[&a, &c]), of(&[&single, &c])] {
        let outcomes = bench.batch(&other).await?;
        let named =
            outcomes.iter().any(|outcome| matches!(outcome, Err(Refusal::GroupDiffers { .. })));
        ensure(named, format!("a group that differs: {outcomes:?}"))?;
        ensure(outcomes.iter().all(Result::is_err), "a group that differs posts nothing")?;
    }
    bench.refused_unknown(id(&c)?).await?;
    // A single instruction is recognised, whether it stood in a group or not.
    bench.replayed(a).await?;
    Ok(())
}

fn id(new: &crate::ledger::NewTransaction) -> Checked<crate::id::TransactionId> {
    new.id.ok_or_else(|| found("no id"))
}

impl Bench {
    async fn refused_unknown(&self, id: crate::id::TransactionId) -> Checked {
        super::bench::refused(self.bank.transaction(id).await, "unknown_transaction")
    }
}

/// Within a group each item sees the ones before it: place, capture, release, reverse.
async fn every_kind(bench: Bench) -> Checked {
    let deposit = bench.pay(CASH, ALICE, 500);
    let (first, second) = (bench.reserve(ALICE, SHOP, 300), bench.reserve(ALICE, SHOP, 200));
    let holds = [first.id, second.id];
    let [Some(one), Some(two)] = holds else { return Err(found("no ids")) };
    let payment = bench.pay(SHOP, BOB, 300);
    let reversal = NewReversal::new(id(&payment)?).with_id(bench.transaction_id());
    let group: Vec<Instruction> = vec![
        deposit.into(),
        first.into(),
        second.into(),
        NewCapture::rest(Kind::PAYMENT, one).with_id(bench.transaction_id()).into(),
        NewRelease::new(two).with_id(bench.transaction_id()).into(),
        payment.into(),
        reversal.into(),
    ];
    let mut batch = Batch::new();
    batch.push_group(group);
    let outcomes = bench.batch(&batch).await?;
    let mut places = Vec::new();
    for outcome in &outcomes {
        places.push(item_applied(Some(outcome))?.position);
    }
    let first_place = places.first().copied().unwrap_or(0);
    same(places, (first_place..).take(7).collect(), "places in the order of the items")?;
    let again = bench.batch(&batch).await?;
    for (first, again) in outcomes.iter().zip(&again) {
        same(item_replayed(Some(again))?, item_applied(Some(first))?, "a group again")?;
    }
    bench.balance(ALICE, 200, 200, "300 captured, 200 freed").await?;
    bench.balance(SHOP, 300, 300, "paid and reversed").await
}
