//! Rows beside the ledger: read with the locks that keep the promise, written by compare and swap.

use std::sync::Arc;

use uuid::Uuid;

use super::copies;
use super::engine::{Arg, Column, Engine, Row, Value, missing};
use super::values;
use crate::ledger::{EntityKind, EntityRef};
use crate::store::{
    Entities, Entity, EntityChange, EntityRow, EntityWanted, Fingerprint, Index, IndexEntry,
    IndexHit, IndexQuery, StoreError,
};

macro_rules! rows_where {
    ($pack:literal, $behind:expr) => {
        concat!($pack, "SELECT e.id, e.kind, e.version, e.salt, e.request, e.body ", $behind)
    };
}
macro_rules! wanted_rows {
    ($pack:literal, $lock:literal) => {
        rows_where!(
            $pack,
            concat!(
                "FROM {rows 1,2 AS w(id,kind)} \
                 {beside ~entity e WHERE e.id = w.id AND e.kind = w.kind",
                $lock,
                "}"
            )
        )
    };
}
const BY_REF: &str = wanted_rows!("", "");
const SHARED: &str = wanted_rows!("{pack utiutt}", " SHARE");
const EXCLUSIVE: &str = wanted_rows!("{pack utiutt}", " UPDATE");
const OF_KIND: &str =
    rows_where!("", "FROM ~entity e WHERE e.kind = $1 AND e.id > $2 ORDER BY e.id LIMIT $3");

pub(super) fn refs(all: &[EntityRef]) -> Vec<Arg> {
    let kinds = all.iter().map(|one| Arc::from(one.kind.as_str())).collect();
    vec![
        Arg::Set(Column::Uuids(all.iter().map(|one| one.id).collect())),
        Arg::Set(Column::Texts(kinds)),
    ]
}

fn row_of(row: &impl Row) -> Result<EntityRow, StoreError> {
    let kind = EntityKind::new(row.text(1)?).map_err(|_| missing())?;
    let salt = row.opt_bytes(3)?.and_then(|salt| <[u8; 16]>::try_from(salt).ok());
    let request: Fingerprint = super::rows::json(row.text(4)?)?;
    let text = row.text(5)?;
    let value = Entity::from_json(kind, text).filter(|value| value.json() == text);
    Ok(EntityRow {
        entity: EntityRef::new(kind, row.uuid(0)?),
        version: u64::try_from(row.int(2)?).map_err(|_| missing())?,
        salt: salt.ok_or_else(missing)?,
        request,
        value: Arc::new(value.ok_or_else(missing)?),
    })
}

/// Reads for a decision. Exclusive locks come last only where both are asked for at once: a call
/// asks for one lock per row.
pub(super) async fn load<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    wanted: &EntityWanted,
    found: &mut Entities,
) -> Result<(), StoreError> {
    let fresh = |all: &mut dyn Iterator<Item = &EntityRef>| {
        let mut fresh: Vec<EntityRef> =
            all.filter(|one| !found.rows.contains_key(*one)).copied().collect();
        fresh.sort_unstable();
        fresh.dedup();
        fresh
    };
    let exclusive = fresh(&mut wanted.exclusive.iter());
    // Beside rows that are read whole, copies are made of whole rows: one order over all locks.
    let whole = !(wanted.shared.is_empty() && wanted.exclusive.is_empty());
    let copied: Vec<EntityRef> = copies::refs(wanted).filter(|_| whole).collect();
    let mut shared = fresh(&mut wanted.shared.iter().chain(&copied));
    shared.retain(|one| exclusive.binary_search(one).is_err());
    // One order over both, so that two units never wait for each other in a circle.
    let (mut left, mut right) = (shared.as_slice(), exclusive.as_slice());
    while !left.is_empty() || !right.is_empty() {
        let split = |all: &[EntityRef], next: Option<&EntityRef>| match next {
            Some(next) => all.partition_point(|one| one < next),
            None => all.len(),
        };
        let (sql, part) = if left.first().is_some_and(|one| right.first().is_none_or(|r| one < r)) {
            let (part, rest) = left.split_at(split(left, right.first()).max(1));
            left = rest;
            (SHARED, part)
        } else {
            let (part, rest) = right.split_at(split(right, left.first()).max(1));
            right = rest;
            (EXCLUSIVE, part)
        };
        for row in engine.fetch(link, sql, refs(part)).await? {
            let row = row_of(&row)?;
            found.rows.insert(row.entity, Arc::new(row));
        }
    }
    copies::load(engine, link, wanted, whole, found).await?;
    owners(engine, link, &wanted.unique, found).await
}

/// Whose unique keys are; those that are nobody's are left out.
pub(super) async fn owners<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    keys: &[IndexEntry],
    found: &mut Entities,
) -> Result<(), StoreError> {
    const OWNERS: &str = "SELECT u.id, u.kind, u.idx, u.key FROM {rows 1,2 AS w(idx,key)} \
        {beside ~entity_unique u WHERE u.idx = w.idx AND u.key = w.key}";
    if keys.is_empty() {
        return Ok(());
    }
    let args = vec![
        Arg::Set(Column::Ints(keys.iter().map(|key| key.index.number().into()).collect())),
        Arg::Set(Column::OptBytes(keys.iter().map(|key| Some(key.key.clone())).collect())),
    ];
    for row in engine.fetch(link, OWNERS, args).await? {
        let kind = EntityKind::new(row.text(1)?).map_err(|_| missing())?;
        let index = u8::try_from(row.int(2)?).ok().and_then(Index::numbered);
        let key = row.opt_bytes(3)?.ok_or_else(missing)?.to_vec();
        let entry = IndexEntry { index: index.ok_or_else(missing)?, key };
        found.taken.insert(entry, EntityRef::new(kind, row.uuid(0)?));
    }
    Ok(())
}

fn number(index: Index) -> Arg {
    super::load::one(i64::from(index.number()))
}

/// Rows in the order asked for.
pub(super) async fn get<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    asked: &[EntityRef],
) -> Result<Vec<Option<Arc<EntityRow>>>, StoreError> {
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = Entities::default();
    for row in engine.fetch(link, BY_REF, refs(asked)).await? {
        let row = row_of(&row)?;
        found.rows.insert(row.entity, Arc::new(row));
    }
    Ok(asked.iter().map(|one| found.rows.get(one).cloned()).collect())
}

/// Entries of an index, by key and id.
pub(super) async fn index_list<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    query: &IndexQuery,
    after: Option<&IndexHit>,
    limit: usize,
) -> Result<Vec<IndexHit>, StoreError> {
    // No bound on the key alone beside the pair: SQLite would begin by it, at the first row of the
    // key each time, and thousands of pages of one key would take the square of their number.
    macro_rules! listed {
        ($table:literal, $bound:literal) => {
            concat!(
                "SELECT x.key, x.id, x.kind FROM ~",
                $table,
                " x WHERE x.idx = $1 AND (x.key, x.id) > ($2, $3)",
                $bound,
                " ORDER BY x.key, x.id LIMIT $4"
            )
        };
    }
    let sql = match (query.index.is_unique(), query.until.is_some()) {
        (true, true) => listed!("entity_unique", " AND x.key < $5"),
        (true, false) => listed!("entity_unique", ""),
        (false, true) => listed!("entity_index", " AND x.key < $5"),
        (false, false) => listed!("entity_index", ""),
    };
    // No id is nil, so behind the nil id of a key is all of it.
    let (key, id) = match after {
        Some(after) => (after.key.clone(), after.id),
        None => (query.from.clone(), Uuid::nil()),
    };
    let mut args = vec![
        number(query.index),
        Arg::One(Value::Bytes(key)),
        Arg::One(Value::Uuid(id)),
        super::load::one(i64::try_from(limit).unwrap_or(i64::MAX)),
    ];
    args.extend(query.until.clone().map(|until| Arg::One(Value::Bytes(until))));
    let rows = engine.fetch(link, sql, args).await?;
    let hit = |row: &E::Row| {
        Ok(IndexHit {
            key: row.opt_bytes(0)?.ok_or_else(missing)?.to_vec(),
            id: row.uuid(1)?,
            kind: EntityKind::new(row.text(2)?).map_err(|_| missing())?,
        })
    };
    rows.iter().map(hit).collect()
}

/// Rows of a kind with their keys.
pub(super) async fn page<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    kind: EntityKind,
    after: Option<Uuid>,
    limit: usize,
) -> Result<Vec<(Arc<EntityRow>, Vec<IndexEntry>)>, StoreError> {
    let args = vec![
        Arg::One(Value::Text(Arc::from(kind.as_str()))),
        Arg::One(Value::Uuid(after.unwrap_or_default())),
        super::load::one(i64::try_from(limit).unwrap_or(i64::MAX)),
    ];
    let rows = engine.fetch(link, OF_KIND, args).await?;
    let rows = rows.iter().map(row_of).collect::<Result<Vec<_>, _>>()?;
    let mut keys = keys_of(engine, link, &rows).await?;
    let with_keys = |row: EntityRow| {
        let keys = keys.remove(&row.entity.id).unwrap_or_default();
        (Arc::new(row), keys)
    };
    Ok(rows.into_iter().map(with_keys).collect())
}

async fn keys_of<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    rows: &[EntityRow],
) -> Result<std::collections::HashMap<Uuid, Vec<IndexEntry>>, StoreError> {
    const UNIQUE: &str = "SELECT x.id, x.idx, x.key FROM {rows 1,2 AS w(id,kind)} \
        {beside ~entity_unique x WHERE x.id = w.id AND x.kind = w.kind}";
    const LISTED: &str = "SELECT x.id, x.idx, x.key FROM {rows 1,2 AS w(id,kind)} \
        {beside ~entity_index x WHERE x.id = w.id AND x.kind = w.kind}";
    let mut keys: std::collections::HashMap<Uuid, Vec<IndexEntry>> = Default::default();
    if rows.is_empty() {
        return Ok(keys);
    }
    let asked: Vec<EntityRef> = rows.iter().map(|row| row.entity).collect();
    for sql in [UNIQUE, LISTED] {
        for row in engine.fetch(link, sql, refs(&asked)).await? {
            let index = u8::try_from(row.int(1)?).ok().and_then(Index::numbered);
            let key = row.opt_bytes(2)?.ok_or_else(missing)?.to_vec();
            let entry = IndexEntry { index: index.ok_or_else(missing)?, key };
            keys.entry(row.uuid(0)?).or_default().push(entry);
        }
    }
    keys.values_mut().for_each(|all| all.sort_unstable());
    Ok(keys)
}

/// Writes what changed; each row must still have the version that was read.
pub(super) async fn write<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    changes: &[EntityChange],
) -> Result<(), StoreError> {
    let (new, old): (Vec<_>, Vec<_>) = changes.iter().partition(|one| one.row.version == 0);
    if !new.is_empty() {
        let rows: Vec<&EntityRow> = new.iter().map(|one| &one.row).collect();
        engine.insert(link, "entity", columns(&rows, 1)?).await?;
    }
    if !old.is_empty() {
        update(engine, link, &old).await?;
    }
    let keyed = || changes.iter().filter_map(|one| Some((one.row.entity, one.keys.as_ref()?)));
    let replaced = old.iter().filter(|one| one.keys.is_some());
    let replaced: Vec<EntityRef> = replaced.map(|one| one.row.entity).collect();
    if !replaced.is_empty() {
        remove_keys(engine, link, &replaced).await?;
    }
    insert_keys(engine, link, keyed()).await
}

async fn update<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    old: &[&EntityChange],
) -> Result<(), StoreError> {
    const SWAP: &str = "UPDATE ~entity AS e SET version = e.version + 1, salt = w.salt, \
        body = w.body FROM {rows 1,2,3,4,5 AS w(id,kind,version,salt,body)} \
        WHERE e.id = w.id AND e.kind = w.kind AND e.version = w.version";
    let rows: Vec<&EntityRow> = old.iter().map(|one| &one.row).collect();
    let columns = columns(&rows, 0)?;
    let wanted = ["id", "kind", "version", "salt", "body"];
    let args = columns.into_iter().filter(|(name, _)| wanted.contains(name));
    let args = args.map(|(_, column)| Arg::Set(column)).collect();
    let expected = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    if engine.execute(link, SWAP, args).await? == expected {
        Ok(())
    } else {
        Err(StoreError::conflict())
    }
}

fn columns(rows: &[&EntityRow], more: u64) -> Result<super::engine::Columns, StoreError> {
    let version = |row: &&EntityRow| values::int(row.version.saturating_add(more));
    let requests: Result<Vec<_>, _> = rows.iter().map(|row| values::json(&row.request)).collect();
    let kinds = rows.iter().map(|row| Arc::from(row.entity.kind.as_str())).collect();
    Ok(vec![
        ("id", Column::Uuids(rows.iter().map(|row| row.entity.id).collect())),
        ("kind", Column::Texts(kinds)),
        ("version", Column::Ints(rows.iter().map(version).collect())),
        ("salt", Column::OptBytes(rows.iter().map(|row| Some(row.salt.to_vec())).collect())),
        ("request", Column::Texts(requests?)),
        ("body", Column::Texts(rows.iter().map(|row| Arc::from(row.value.json())).collect())),
    ])
}

async fn remove_keys<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    entities: &[EntityRef],
) -> Result<(), StoreError> {
    const UNIQUE: &str = "DELETE FROM ~entity_unique WHERE (id, kind) IN \
        (SELECT w.id, w.kind FROM {rows 1,2 AS w(id,kind)})";
    const LISTED: &str = "DELETE FROM ~entity_index WHERE (id, kind) IN \
        (SELECT w.id, w.kind FROM {rows 1,2 AS w(id,kind)})";
    for sql in [UNIQUE, LISTED] {
        engine.execute(link, sql, refs(entities)).await?;
    }
    Ok(())
}

/// Adds keys: unique ones in one order, so that two units never wait for each other in a circle.
pub(super) async fn insert_keys<'a, E: Engine>(
    engine: &E,
    link: &mut E::Link,
    keyed: impl Iterator<Item = (EntityRef, &'a Vec<IndexEntry>)>,
) -> Result<(), StoreError> {
    let mut all: Vec<(&IndexEntry, EntityRef)> =
        keyed.flat_map(|(entity, keys)| keys.iter().map(move |key| (key, entity))).collect();
    all.sort_unstable();
    let (unique, listed): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|(key, _)| key.index.is_unique());
    for (table, part) in [("entity_unique", unique), ("entity_index", listed)] {
        if part.is_empty() {
            continue;
        }
        let kinds = part.iter().map(|(_, one)| Arc::from(one.kind.as_str())).collect();
        let columns = vec![
            ("idx", Column::Ints(part.iter().map(|(key, _)| key.index.number().into()).collect())),
            ("key", Column::OptBytes(part.iter().map(|(key, _)| Some(key.key.clone())).collect())),
            ("id", Column::Uuids(part.iter().map(|(_, one)| one.id).collect())),
            ("kind", Column::Texts(kinds)),
        ];
        engine.insert(link, table, columns).await?;
    }
    Ok(())
}

/// Puts rows into an empty store, as they are.
pub(super) async fn restore<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    rows: &[(EntityRow, Vec<IndexEntry>)],
) -> Result<(), StoreError> {
    let all: Vec<&EntityRow> = rows.iter().map(|(row, _)| row).collect();
    engine.insert(link, "entity", columns(&all, 0)?).await?;
    insert_keys(engine, link, rows.iter().map(|(row, keys)| (row.entity, keys))).await
}
