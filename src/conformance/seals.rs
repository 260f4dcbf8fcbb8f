//! Seals: blocks follow each other, two callers do not fork the chain, a proof holds.

use crate::bank::Bank;
use crate::ledger::facts::Plan;
use crate::ledger::seal::Block;
use crate::store::{Changes, ErrorKind, Store};

use super::Scenario;
use super::bench::{ALICE, Bench, Checked, ensure, found, same};
use super::yielding::Yielding;

pub(super) const ALL: &[Scenario] = &[
    Scenario { name: "seals/chain", play: |bench| Box::pin(chain(bench)) },
    Scenario { name: "seals/proof", play: |bench| Box::pin(proof(bench)) },
    Scenario { name: "seals/fork", play: |bench| Box::pin(fork(bench)) },
    Scenario { name: "seals/two_callers", play: |bench| Box::pin(two_callers(bench)) },
];

async fn chain(bench: Bench) -> Checked {
    let dry = bench.bank.dry_run().seal(&bench.context).await?;
    same(dry.records, bench.position().await?, "records that a dry run would seal")?;
    same(bench.bank.blocks(0, 10).await?.len(), 0, "blocks after a dry run")?;
    let first = bench.bank.seal(&bench.context).await?;
    same(first.records, bench.position().await?, "records sealed at first")?;
    same(bench.bank.seal(&bench.context).await?.blocks, 0, "blocks when nothing is new")?;
    bench.fund(ALICE, 5).await?;
    let open = bench.bank.verify_seals().await?;
    same((open.is_clean(), open.unsealed), (true, 1), "one record not sealed yet")?;
    bench.bank.seal(&bench.context).await?;
    let blocks = bench.bank.blocks(0, 10).await?;
    same(blocks.len(), 2, "blocks")?;
    let last = blocks.last().copied();
    same(bench.store.last_block().await?, last, "the last block")?;
    same(bench.bank.blocks(1, 10).await?.len(), 1, "blocks behind the first")?;
    let report = bench.bank.verify_seals().await?;
    same((report.is_clean(), report.unsealed), (true, 0), "all sealed")?;
    same(report.records, bench.position().await?, "records under seal")
}

async fn proof(bench: Bench) -> Checked {
    let id = bench.fund(ALICE, 5).await?;
    bench.fund(ALICE, 6).await?;
    let Some(block) = bench.bank.seal(&bench.context).await?.last else {
        return Err(found("nothing was sealed"));
    };
    let proof = bench.bank.prove(id).await?;
    let position = bench.bank.transaction(id).await?.position;
    let records = bench.bank.journal(position.saturating_sub(1), 2).await?;
    let [own, other] = records.as_slice() else {
        return Err(found("the journal does not hold both records"));
    };
    ensure(proof.verify(own, &block.hash).is_ok(), "the proof of a record holds")?;
    ensure(proof.verify(other, &block.hash).is_err(), "the proof of another record does not")?;
    ensure(proof.verify(own, &[0; 32]).is_err(), "nor against another block")
}

/// A block that does not follow the last one conflicts.
async fn fork(bench: Bench) -> Checked {
    bench.fund(ALICE, 5).await?;
    let Some(block) = bench.bank.seal(&bench.context).await?.last else {
        return Err(found("nothing was sealed"));
    };
    let next = Block::build(Some(&block), block.end(), &[[1; 32]], block.sealed_at);
    for wrong in [block, Block { number: next.number.saturating_add(1), ..next }] {
        let mut unit = bench.store.begin().await?;
        let (plan, origins) = (Plan::default(), bench.context.origin().into());
        let not_before = wrong.sealed_at;
        // A store may find out as soon as it writes.
        let applied = unit
            .apply(Changes { plan, origins, not_before, block: Some(wrong), entities: Vec::new() })
            .await;
        let ended = match applied {
            Ok(()) => unit.commit().await.map(|_| ()),
            Err(error) => Err(error),
        };
        let kind = ended.err().map(|error| error.kind());
        same(kind, Some(ErrorKind::Conflict), "a block that does not follow the last one")?;
    }
    same(bench.store.last_block().await?, Some(block), "the chain is as it was")
}

async fn two_callers(bench: Bench) -> Checked {
    bench.fund(ALICE, 5).await?;
    let slow = Bank::builder(Yielding::new(bench.store.clone()));
    let slow = slow.shared_clock(bench.clock.clone()).open().await?;
    let (mut one, mut two) =
        (Box::pin(slow.seal(&bench.context)), Box::pin(slow.seal(&bench.context)));
    let (mut first, mut second) = (None, None);
    std::future::poll_fn(|task| {
        use std::task::Poll;
        if first.is_none()
            && let Poll::Ready(sealed) = one.as_mut().poll(task)
        {
            first = Some(sealed);
        }
        if second.is_none()
            && let Poll::Ready(sealed) = two.as_mut().poll(task)
        {
            second = Some(sealed);
        }
        if first.is_some() && second.is_some() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    let mut blocks = 0_u64;
    for sealed in [first, second].into_iter().flatten() {
        blocks = blocks.saturating_add(sealed?.blocks);
    }
    same(blocks, 1, "blocks that two callers sealed together")?;
    let report = bench.bank.verify_seals().await?;
    same((report.is_clean(), report.unsealed), (true, 0), "one whole chain")
}
