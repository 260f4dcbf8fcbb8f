//! What movements of money ask of accounts and customers: read without the rest of their rows,
//! under the same locks.

use hashbrown::HashMap;
use uuid::Uuid;

use super::engine::{Arg, Column, Engine, Row, missing};
use crate::account::{Access, CustomerAccount};
use crate::kyc::Standing;
use crate::ledger::{EntityKind, EntityRef};
use crate::store::copied::Copied;
use crate::store::{Entities, EntityWanted, StoreError};

macro_rules! bodies_of {
    ($kind:literal) => {
        concat!(
            "{pack t}SELECT e.body FROM {rows 1 AS w(id)} \
             {beside ~entity e WHERE e.id = w.id AND e.kind = '",
            $kind,
            "' SHARE}"
        )
    };
}

/// How a copy is read without the rest of its row.
trait Read: Copied {
    const KIND: EntityKind;
    const BODIES: &'static str;

    fn read(text: &str) -> Result<Self, StoreError>;
}

impl Read for Access {
    const KIND: EntityKind = CustomerAccount::KIND;
    const BODIES: &'static str = bodies_of!("account");

    fn read(text: &str) -> Result<Self, StoreError> {
        Self::from_json(text).ok_or_else(missing)
    }
}

impl Read for Standing {
    const KIND: EntityKind = Self::KIND;
    const BODIES: &'static str = bodies_of!("standing");

    fn read(text: &str) -> Result<Self, StoreError> {
        super::rows::json(text)
    }
}

/// The rows that copies are made of, where they are read whole.
pub(super) fn refs(wanted: &EntityWanted) -> impl Iterator<Item = EntityRef> + '_ {
    let account = |id: Uuid| EntityRef::new(<Access as Read>::KIND, id);
    let standing = |id: Uuid| EntityRef::new(<Standing as Read>::KIND, id);
    let accounts = wanted.access.iter().map(move |id| account(id.as_uuid()));
    accounts.chain(wanted.standings.iter().map(move |id| standing(id.as_uuid())))
}

/// Answers in the order asked for: from whole rows if they were read, otherwise from the store.
pub(super) async fn load<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    wanted: &EntityWanted,
    whole: bool,
    found: &mut Entities,
) -> Result<(), StoreError> {
    let asked: Vec<Uuid> = wanted.access.iter().map(|id| id.as_uuid()).collect();
    let access: Vec<Option<Access>> = answers(engine, link, &asked, whole, found).await?;
    found.access.extend(access);
    let asked: Vec<Uuid> = wanted.standings.iter().map(|id| id.as_uuid()).collect();
    let standings: Vec<Option<Standing>> = answers(engine, link, &asked, whole, found).await?;
    found.standings.extend(standings);
    Ok(())
}

async fn answers<E: Engine, T: Read>(
    engine: &E,
    link: &mut E::Link,
    asked: &[Uuid],
    whole: bool,
    found: &Entities,
) -> Result<Vec<Option<T>>, StoreError> {
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    if whole {
        let row = |id: &Uuid| found.rows.get(&EntityRef::new(T::KIND, *id));
        return Ok(asked.iter().map(|id| row(id).and_then(|row| T::of(&row.value))).collect());
    }
    let mut ids = asked.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let mut known: HashMap<Uuid, Option<T>> = ids.iter().map(|id| (*id, None)).collect();
    let args = vec![Arg::Set(Column::Uuids(ids))];
    for row in engine.fetch(link, T::BODIES, args).await? {
        let copy = T::read(row.text(0)?)?;
        // A body under the id of another row is damage.
        match known.get_mut(&copy.row_id()) {
            Some(place @ None) => *place = Some(copy),
            _ => return Err(missing()),
        }
    }
    Ok(asked.iter().map(|id| known.get(id).cloned().flatten()).collect())
}
