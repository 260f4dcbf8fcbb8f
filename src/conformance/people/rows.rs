//! Rows beside the ledger, straight on the store.

use std::sync::Arc;

use crate::conformance::bench::{Bench, Checked, Found, ensure, found, same};
use crate::conformance::overlap::{Half, both, follow, race};
use crate::id::{BranchId, MerchantId};
use crate::ledger::facts::{Facts, Plan, PlannedOperation, Wanted};
use crate::ledger::{EntityRef, EntityWritten, EventCode, Operation};
use crate::party::{Branch, Code, Merchant, Short, WholeName};
use crate::store::{
    Changes, Entities, Entity, EntityChange, EntityRow, EntityWanted, ErrorKind, Fingerprint,
    Index, IndexEntry, IndexQuery, Store, StoreError, Unit,
};

// Keys are those that the values have, as in a bank: `verify` holds them against each other.

fn stored(entity: EntityRef, version: u64, value: Entity) -> EntityRow {
    let (salt, request) = ([3; 16], Fingerprint::default());
    EntityRow { entity, version, salt, request, value: Arc::new(value) }
}

fn branch(id: u128, name: &str) -> Checked<Branch> {
    Ok(Branch::new(BranchId::from_u128(id), WholeName::new(name)?))
}

const fn reference(id: u128) -> EntityRef {
    EntityRef::new(Branch::KIND, BranchId::from_u128(id).as_uuid())
}

/// A branch without a code: it has no key.
fn row(id: u128, name: &str, version: u64) -> Checked<EntityRow> {
    Ok(stored(reference(id), version, Entity::Branch(branch(id, name)?)))
}

/// A branch with a code, which is unique.
fn coded(id: u128, code: &str, version: u64) -> Checked<EntityRow> {
    let branch = branch(id, "coded")?.with_code(Code::new(code)?);
    Ok(stored(reference(id), version, Entity::Branch(branch)))
}

fn key(code: &str) -> IndexEntry {
    IndexEntry::new(Index::BranchCode, code)
}

const fn merchant_ref(id: u128) -> EntityRef {
    EntityRef::new(Merchant::KIND, MerchantId::from_u128(id).as_uuid())
}

/// A merchant: it is listed by its name, and not by where it is.
fn merchant(id: u128, name: &str, place: &str, version: u64) -> Checked<EntityRow> {
    let merchant = Merchant::new(MerchantId::from_u128(id), WholeName::new(name)?);
    let merchant = merchant.with_location(Short::new(place)?);
    Ok(stored(merchant_ref(id), version, Entity::Merchant(merchant)))
}

fn listed(name: &str) -> IndexEntry {
    IndexEntry::new(Index::MerchantName, name)
}

/// A unit that has read and will write.
async fn begin(
    bench: &Bench,
    wanted: EntityWanted,
) -> Result<(Box<dyn Unit>, Entities, Facts), StoreError> {
    let mut unit = bench.store.begin().await?;
    let (mut found, mut facts) = (Entities::default(), Facts::default());
    unit.load_entities(&wanted, &mut found).await?;
    unit.load(&Wanted::default(), &mut facts).await?;
    Ok((unit, found, facts))
}

fn changes(bench: &Bench, facts: &Facts, row: EntityRow, keys: Option<Vec<IndexEntry>>) -> Changes {
    let written = EntityWritten {
        entity: row.entity,
        version: row.version.saturating_add(1),
        event: EventCode::known("party.defined"),
        changes: Vec::new(),
        account: None,
        digest: row.digest(),
    };
    let operation = Operation::EntityWritten(Box::new(written));
    let operations = vec![PlannedOperation { after: 0, operation }];
    let plan = Plan { book_version: facts.book.version, operations, ..Plan::default() };
    let entities = vec![EntityChange { row, keys }];
    let (origins, not_before) = (bench.context.origin().into(), bench.bank.moment().now);
    Changes { plan, origins, not_before, block: None, entities }
}

async fn write(
    bench: &Bench,
    row: EntityRow,
    keys: Option<Vec<IndexEntry>>,
) -> Result<(), StoreError> {
    let exclusive = vec![row.entity];
    let unique = keys.iter().flatten().filter(|key| key.index.is_unique()).cloned().collect();
    let wanted = EntityWanted { exclusive, unique, ..Default::default() };
    let (mut unit, _, facts) = begin(bench, wanted).await?;
    unit.apply(changes(bench, &facts, row, keys)).await?;
    unit.commit().await.map(|_| ())
}

#[track_caller]
fn conflict(ended: Result<(), StoreError>, what: &str) -> Checked {
    match ended {
        Err(error) if error.kind() == ErrorKind::Conflict => Ok(()),
        Err(error) => Err(found(format!("{what}: should conflict, is {error}"))),
        Ok(()) => Err(found(format!("{what}: should conflict"))),
    }
}

async fn versions(bench: &Bench, refs: &[EntityRef]) -> Checked<Vec<u64>> {
    let rows = bench.store.entities(refs).await?;
    Ok(rows.iter().map(|row| row.as_ref().map_or(0, |row| row.version)).collect())
}

pub(super) async fn rows(bench: Bench) -> Checked {
    write(&bench, coded(1, "A", 0)?, Some(vec![key("A")])).await?;
    let both = [reference(2), reference(1)];
    same(versions(&bench, &both).await?, vec![0, 1], "versions of two")?;
    // Compare and swap.
    conflict(write(&bench, row(1, "again", 0)?, None).await, "created twice")?;
    conflict(write(&bench, row(1, "late", 7)?, None).await, "another version")?;
    conflict(write(&bench, row(2, "two", 3)?, None).await, "a version of nothing")?;
    conflict(write(&bench, coded(2, "A", 0)?, Some(vec![key("A")])).await, "a key of another")?;
    write(&bench, coded(1, "B", 1)?, Some(vec![key("B")])).await?;
    write(&bench, coded(2, "A", 0)?, Some(vec![key("A")])).await?;
    let known = bench.store.entities(&both).await?;
    let value = known.get(1).and_then(Option::as_ref).map(|row| row.value.json());
    same(value, Some(coded(1, "B", 2)?.value.json()), "the value as written last")?;
    // A dropped unit leaves no trace.
    let wanted = EntityWanted { exclusive: vec![reference(3)], ..EntityWanted::default() };
    let (mut unit, _, facts) = begin(&bench, wanted).await?;
    unit.apply(changes(&bench, &facts, coded(3, "C", 0)?, Some(vec![key("C")]))).await?;
    drop(unit);
    same(versions(&bench, &[reference(3)]).await?, vec![0], "a dropped row")?;
    Ok(write(&bench, coded(3, "C", 0)?, Some(vec![key("C")])).await?)
}

/// Keys go with their row: replaced with it, kept where nothing is said of them.
pub(super) async fn keys(bench: Bench) -> Checked {
    let lists = async |index, text: &str, count: usize, what: &str| {
        let query = IndexQuery::exact(index, text);
        same(bench.store.index_list(&query, None, 9).await?.len(), count, what)
    };
    write(&bench, merchant(1, "one", "here", 0)?, Some(vec![listed("one")])).await?;
    write(&bench, merchant(1, "first", "here", 1)?, Some(vec![listed("first")])).await?;
    lists(Index::MerchantName, "one", 0, "a key that was replaced").await?;
    lists(Index::MerchantName, "first", 1, "a key that replaced it").await?;
    write(&bench, merchant(1, "first", "there", 2)?, None).await?;
    lists(Index::MerchantName, "first", 1, "a key that stayed").await?;
    write(&bench, coded(1, "A", 0)?, Some(vec![key("A")])).await?;
    write(&bench, coded(1, "B", 1)?, Some(vec![key("B")])).await?;
    lists(Index::BranchCode, "A", 0, "a unique key that was replaced").await?;
    lists(Index::BranchCode, "B", 1, "a unique key that replaced it").await?;
    write(&bench, row(1, "without", 2)?, Some(Vec::new())).await?;
    lists(Index::BranchCode, "B", 0, "a unique key that was given up").await
}

/// A unit that has applied the write of a row, after reading another one.
async fn half(
    bench: &Bench,
    wanted: EntityWanted,
    row: EntityRow,
    keys: Option<Vec<IndexEntry>>,
) -> Checked<Half> {
    let (mut unit, _, facts) = match begin(bench, wanted).await {
        Ok(begun) => begun,
        Err(error) => return Half::came_late(error),
    };
    match unit.apply(changes(bench, &facts, row, keys)).await {
        Ok(()) => Ok(Half::Ready(unit)),
        Err(error) => Half::came_late(error),
    }
}

/// Of two units the second is told that it came late, or waits and sees what the first left.
pub(super) async fn overlap(bench: Bench) -> Checked {
    write(&bench, row(1, "one", 0)?, None).await?;
    let own = |id| EntityWanted { exclusive: vec![reference(id)], ..EntityWanted::default() };
    let writes = |name, version| {
        let (bench, row) = (bench.clone(), row(1, name, version));
        async move { half(&bench, own(1), row?, None).await }
    };
    race(&bench, writes("two", 1), writes("too", 1), "two writes of one row").await?;
    let reads = |id| {
        let (bench, row) = (bench.clone(), row(id, "new", 0));
        let (shared, exclusive) = (vec![reference(1)], vec![reference(id)]);
        async move {
            let wanted = EntityWanted { shared, exclusive, ..Default::default() };
            half(&bench, wanted, row?, None).await
        }
    };
    follow(&bench, writes("three", 2), reads(2), "a write of what another only reads").await?;
    both(reads(3), reads(4), "two that only read the same row").await?;
    let creates = |id, code: &'static str| {
        let (bench, row) = (bench.clone(), coded(id, code, 0));
        async move {
            let wanted = EntityWanted { unique: vec![key(code)], ..own(id) };
            half(&bench, wanted, row?, Some(vec![key(code)])).await
        }
    };
    race(&bench, creates(5, "K"), creates(6, "K"), "two rows of one key").await?;
    race(&bench, creates(7, "L"), creates(7, "M"), "two rows of one id").await
}

/// What was absent, and whose a key was, holds also for a unit that only relies on it.
pub(super) async fn absent(bench: Bench) -> Checked {
    write(&bench, coded(1, "A", 0)?, Some(vec![key("A")])).await?;
    let writes = |id, code: &'static str, version| {
        let (bench, row, exclusive) =
            (bench.clone(), coded(id, code, version), vec![reference(id)]);
        async move {
            let wanted = EntityWanted { exclusive, unique: vec![key(code)], ..Default::default() };
            half(&bench, wanted, row?, Some(vec![key(code)])).await
        }
    };
    let relies = |id, shared: &[u128], unique: &[&str]| {
        let (bench, row) = (bench.clone(), row(id, "new", 0));
        let wanted = EntityWanted {
            shared: shared.iter().copied().map(reference).collect(),
            exclusive: vec![reference(id)],
            unique: unique.iter().copied().map(key).collect(),
            ..Default::default()
        };
        async move { half(&bench, wanted, row?, None).await }
    };
    follow(&bench, writes(2, "B", 0), relies(3, &[2], &[]), "a row that was absent").await?;
    follow(&bench, writes(4, "C", 0), relies(5, &[], &["C"]), "a key that was free").await?;
    follow(&bench, writes(1, "D", 1), relies(6, &[], &["A"]), "a key that was taken").await?;
    // Nothing of it changes: nobody is held up.
    both(relies(7, &[70, 1], &["E", "D"]), relies(8, &[70, 1], &["E", "D"]), "two that rely").await
}

/// Lists skip and repeat nothing while rows are added.
pub(super) async fn lists(bench: Bench) -> Checked {
    for id in 1..=9_u128 {
        let name = format!("name{}", id % 3);
        write(&bench, merchant(id, &name, "here", 0)?, Some(vec![listed(&name)])).await?;
    }
    let query = IndexQuery::prefix(Index::MerchantName, "name");
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let hits = bench.store.index_list(&query, after.as_ref(), 2).await?;
        let Some(last) = hits.last() else { break };
        after = Some(last.clone());
        seen.extend(hits.iter().map(|hit| (hit.key.clone(), hit.id)));
        // Behind and before where the reader is.
        let fresh = 100_u128.saturating_add(u128::try_from(seen.len())?);
        if seen.len() < 8 {
            let new = merchant(fresh, "name0", "here", 0)?;
            write(&bench, new, Some(vec![listed("name0")])).await?;
        }
    }
    let mut sorted = seen.clone();
    sorted.sort_unstable();
    sorted.dedup();
    same(sorted, seen.clone(), "keys in their order, each once")?;
    ensure(seen.len() >= 9, "a row was skipped")?;
    let count = |query: IndexQuery| {
        let bench = bench.clone();
        async move { Ok::<_, Found>(bench.store.index_list(&query, None, 99).await?.len()) }
    };
    same(count(IndexQuery::exact(Index::MerchantName, "name1")).await?, 3, "one key")?;
    same(count(IndexQuery::exact(Index::MerchantName, "name")).await?, 0, "the beginning of one")?;
    same(count(IndexQuery::prefix(Index::MerchantName, "nobody")).await?, 0, "no key")?;
    let (mut ids, mut after) = (Vec::new(), None);
    loop {
        let rows = bench.store.entity_list(Merchant::KIND, after, 2).await?;
        let Some((last, _)) = rows.last() else { break };
        after = Some(last.entity.id);
        ensure(rows.iter().all(|(_, keys)| keys.len() == 1), "a row without its key")?;
        ids.extend(rows.iter().map(|(row, _)| row.entity.id));
    }
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    sorted.dedup();
    same(sorted, ids, "rows in the order of their ids, each once")
}
