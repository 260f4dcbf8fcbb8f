//! Holds: written whole, with the version that was read compared.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::engine::{Arg, Column, Engine, missing};
use super::load::Seen;
use super::values;
use crate::ledger::Hold;
use crate::ledger::facts::{HoldChange, Plan};
use crate::store::StoreError;

/// Writes the holds of a plan: those it placed, and those it changed.
pub(super) async fn write<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    seen: &Seen,
    plan: &Plan,
    first_place: i64,
) -> Result<(), StoreError> {
    let placed = |change: &&HoldChange| change.placed_by.is_some();
    let (new, old): (Vec<_>, Vec<_>) = plan.holds.iter().partition(placed);
    if !new.is_empty() {
        let rows = new.iter().map(|change| new_row(seen, plan, change, first_place));
        insert(engine, link, &rows.collect::<Result<Vec<_>, _>>()?).await?;
    }
    if !old.is_empty() {
        update(engine, link, &old, first_place).await?;
    }
    Ok(())
}

fn place(first: i64, offset: Option<u32>) -> Option<i64> {
    offset.map(|offset| first.saturating_add(i64::from(offset)))
}

/// A new row: where it was placed, where it ended, and the keys of its accounts.
pub(super) struct NewRow<'a> {
    pub(super) place: i64,
    pub(super) ended: Option<i64>,
    pub(super) hold: &'a Hold,
    pub(super) accounts: Vec<i64>,
}

fn new_row<'a>(
    seen: &Seen,
    plan: &Plan,
    change: &'a HoldChange,
    first: i64,
) -> Result<NewRow<'a>, StoreError> {
    let accounts: BTreeSet<_> = change.hold.legs.iter().map(|leg| leg.leg.account).collect();
    let key = |account| {
        let slot = *seen.slots.get(&account).ok_or_else(missing)?;
        let account = plan.accounts.get(slot as usize).ok_or_else(missing)?;
        Ok(values::int(account.key))
    };
    Ok(NewRow {
        place: place(first, change.placed_by).ok_or_else(missing)?,
        ended: place(first, change.ended_by),
        hold: &change.hold,
        accounts: accounts.into_iter().map(key).collect::<Result<_, StoreError>>()?,
    })
}

/// Inserts holds.
pub(super) async fn insert<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    new: &[NewRow<'_>],
) -> Result<(), StoreError> {
    let holds = || new.iter().map(|row| row.hold);
    let bodies: Result<Vec<Arc<str>>, StoreError> = holds().map(values::json).collect();
    let columns = vec![
        ("place", Column::Ints(new.iter().map(|row| row.place).collect())),
        ("id", Column::Uuids(holds().map(|hold| hold.id.as_uuid()).collect())),
        ("version", Column::Ints(vec![1; new.len()])),
        ("state", Column::Ints(holds().map(|hold| values::hold_state_code(hold.state)).collect())),
        ("expires_at", Column::OptInts(holds().map(expires_at).collect())),
        ("ended_place", Column::OptInts(new.iter().map(|row| row.ended).collect())),
        ("body", Column::Texts(bodies?)),
    ];
    engine.insert(link, "hold", columns).await?;
    let pairs = || new.iter().flat_map(|row| row.accounts.iter().map(|key| (*key, row.place)));
    let columns = vec![
        ("account", Column::Ints(pairs().map(|pair| pair.0).collect())),
        ("place", Column::Ints(pairs().map(|pair| pair.1).collect())),
    ];
    engine.insert(link, "hold_account", columns).await
}

async fn update<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    old: &[&HoldChange],
    first: i64,
) -> Result<(), StoreError> {
    const CHANGE: &str = "UPDATE ~hold AS h SET version = h.version + 1, state = w.state, \
        ended_place = w.ended_place, body = w.body \
        FROM {rows 1,2,3,4,5 AS w(id,version,state,ended_place,body)} \
        WHERE h.id = w.id AND h.version = w.version";
    let holds = || old.iter().map(|change| &change.hold);
    let args = vec![
        Arg::Set(Column::Uuids(holds().map(|hold| hold.id.as_uuid()).collect())),
        Arg::Set(Column::Ints(holds().map(|hold| values::int(hold.version)).collect())),
        Arg::Set(Column::Ints(holds().map(|hold| values::hold_state_code(hold.state)).collect())),
        Arg::Set(Column::OptInts(old.iter().map(|one| place(first, one.ended_by)).collect())),
        Arg::Set(Column::Texts(bodies(old)?)),
    ];
    let expected = u64::try_from(old.len()).unwrap_or(u64::MAX);
    if engine.execute(link, CHANGE, args).await? != expected {
        return Err(StoreError::conflict());
    }
    Ok(())
}

fn expires_at(hold: &Hold) -> Option<i64> {
    hold.expires_at.map(|at| at.as_nanos())
}

fn bodies(changes: &[&HoldChange]) -> Result<Vec<Arc<str>>, StoreError> {
    changes.iter().map(|change| values::json(&change.hold)).collect()
}
