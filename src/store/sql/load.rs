//! Reading for a decision, in sets, with the locks that keep the promise.
//!
//! Accounts are locked in the order of their keys, then counters of limits. A later load of the
//! same unit may lock below an earlier one (accounts that only a hold or an original names): should
//! two units meet so, the database ends one, and it walks again. Holds are not locked:
//! whoever changes a hold changes its accounts too, and their versions are compared when they are
//! written. That something was absent is kept by unique indexes.

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use super::engine::{Arg, Column, Engine, Row, Value, missing};
use super::head::{self, HeadRow};
use super::relied::Relied;
use super::rows::{Currencies, account_state};
use super::store::Core;
use super::{as_of, read, values};
use crate::id::{AccountId, HoldId, LimitId, TransactionId};
use crate::ledger::facts::{Facts, NO_SLOT, ScopeLabels, Wanted};
use crate::ledger::{AccountState, Book, ChartCode, Labels, Usage, UsageKey};
use crate::store::{StoreError, in_key_order};

/// What a unit remembers of its reads.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) head: Option<HeadRow>,
    /// Whether the book was read.
    begun: bool,
    pub(super) slots: HashMap<AccountId, u32>,
    /// Latest booking and value day of each slot.
    pub(super) days: Vec<(i64, i64)>,
    keys: Vec<i64>,
    /// Of the rows beside the ledger.
    pub(super) relied: Relied,
}

macro_rules! accounts_where {
    ($filter:literal) => {
        concat!(
            "{pack iuiiiiiiiiitiiiiiii}SELECT ",
            $crate::store::sql::rows::account_state_columns!(),
            ", a.booked, a.valued FROM ~account a WHERE ",
            $filter,
            " ORDER BY a.key {lock a}"
        )
    };
}
const ACCOUNTS: &str = accounts_where!("a.id {in 1}");
const TEMPORARY: &str = accounts_where!("a.class IN (3, 4)");

impl Seen {
    pub(super) async fn load<E: Engine>(
        &mut self,
        core: &Core<E>,
        link: &mut E::Link,
        joined: bool,
        wanted: &Wanted,
        facts: &mut Facts,
    ) -> Result<(), StoreError> {
        let engine = &core.engine;
        let head = self.load_head(core, link, joined, facts).await?;
        let known = facts.accounts.len();
        let labelled = wanted.labels || known > 0 && facts.labels.len() == known;
        self.load_accounts(engine, link, &wanted.accounts, facts).await?;
        if let Some(through) = wanted.temporary_accounts {
            let rows = engine.fetch(link, TEMPORARY, Vec::new()).await?;
            self.take(&rows, facts)?;
            for (id, balance) in as_of::temporary_balances(engine, link, through).await? {
                let slot = self.slots.get(&id).copied().ok_or_else(StoreError::conflict)?;
                facts.temporary_accounts.push((slot, balance));
            }
        }
        if labelled {
            self.load_labels(engine, link, facts).await?;
        }
        load_transactions(engine, link, joined, &wanted.transactions, facts).await?;
        load_holds(engine, link, &wanted.holds, facts).await?;
        if !wanted.reversals_of.is_empty() {
            facts.reversals.extend(read::reversals_of(engine, link, &wanted.reversals_of).await?);
        }
        facts.keys.extend(read::keys(engine, link, &wanted.keys).await?);
        load_usage(engine, link, &wanted.usage, facts).await?;
        if wanted.chart {
            let known = core.known_chart(&head).filter(|_| !joined);
            facts.chart = Some(match known {
                Some(chart) => chart,
                None => {
                    let chart = Arc::new(read::chart(engine, link).await?);
                    let again = head::read(engine, link).await?;
                    if !joined && again.book_version == head.book_version {
                        core.keep_chart(&head, &chart);
                    }
                    chart
                }
            });
        }
        if !wanted.profiles.is_empty() {
            let found = read::accounts(engine, link, &wanted.profiles).await?;
            let found = found.into_iter().flatten();
            facts.profiles.extend(found.map(|account| (account.id(), account)));
        }
        Ok(())
    }

    /// The book as it was when the unit began to read: whether it still is, the settling of the
    /// unit's positions compares under the lock of the head.
    async fn load_head<E: Engine>(
        &mut self,
        core: &Core<E>,
        link: &mut E::Link,
        joined: bool,
        facts: &mut Facts,
    ) -> Result<HeadRow, StoreError> {
        let head = match self.head {
            Some(head) if self.begun => return Ok(head),
            Some(head) => head,
            None => head::read(&core.engine, link).await?,
        };
        (self.head, self.begun) = (Some(head), true);
        facts.structure = u64::try_from(head.accounts).map_err(|_| missing())?;
        facts.book = match core.known_book(&head).filter(|_| !joined) {
            Some(book) => book,
            None => {
                let book = Book {
                    version: u64::try_from(head.book_version).map_err(|_| missing())?,
                    closed_through: head.closed_through.map(values::date_of).transpose()?,
                    limits: read::limit_rules(&core.engine, link).await?.into(),
                };
                let again = head::read(&core.engine, link).await?;
                if !joined && again.book_version == head.book_version {
                    core.keep_book(&book);
                }
                book
            }
        };
        Ok(head)
    }

    async fn load_accounts<E: Engine>(
        &mut self,
        engine: &E,
        link: &mut E::Link,
        asked: &[AccountId],
        facts: &mut Facts,
    ) -> Result<(), StoreError> {
        let mut fresh: Vec<Uuid> = Vec::new();
        for id in asked {
            if !self.slots.contains_key(id) {
                fresh.push(id.as_uuid());
            }
        }
        fresh.sort_unstable();
        fresh.dedup();
        if !fresh.is_empty() {
            let args = vec![Arg::Set(Column::Uuids(fresh))];
            let rows = engine.fetch(link, ACCOUNTS, args).await?;
            self.take(&rows, facts)?;
        }
        let slots = &self.slots;
        facts.slots.extend(asked.iter().map(|id| slots.get(id).copied().unwrap_or(NO_SLOT)));
        Ok(())
    }

    /// Gives a slot to every account that has none yet.
    fn take<R: Row>(&mut self, rows: &[R], facts: &mut Facts) -> Result<(), StoreError> {
        let mut currencies = Currencies::default();
        facts.accounts.reserve(rows.len());
        for row in rows {
            let state: AccountState = account_state(row, &mut currencies)?;
            if self.slots.contains_key(&state.id) {
                continue;
            }
            let slot = u32::try_from(facts.accounts.len()).unwrap_or(NO_SLOT);
            self.slots.insert(state.id, slot);
            self.days.push((row.int(17)?, row.int(18)?));
            self.keys.push(row.int(0)?);
            facts.accounts.push(state);
        }
        Ok(())
    }

    async fn load_labels<E: Engine>(
        &self,
        engine: &E,
        link: &mut E::Link,
        facts: &mut Facts,
    ) -> Result<(), StoreError> {
        const LABELS: &str = "{pack iuut}SELECT a.key, a.customer, a.branch, a.code FROM ~account a WHERE a.key {in 1}";
        let keys = self.keys.get(facts.labels.len()..).unwrap_or_default();
        if keys.is_empty() {
            return Ok(());
        }
        let args = vec![Arg::Set(Column::Ints(keys.to_vec()))];
        let mut found = HashMap::with_capacity(keys.len());
        for row in engine.fetch(link, LABELS, args).await? {
            let labels = Labels { customer: row.opt_uuid(1)?, branch: row.opt_uuid(2)? };
            let code = ChartCode::new(row.text(3)?).map_err(|_| missing())?;
            found.insert(row.int(0)?, ScopeLabels { labels, code });
        }
        for key in keys {
            facts.labels.push(*found.get(key).ok_or_else(missing)?);
        }
        Ok(())
    }
}

const TAKEN: &str = "SELECT r.id, r.kind, u.first_position FROM ~record r \
    JOIN ~unit u ON u.number = r.place >> 14 WHERE r.id {in 1}";

/// Most ids are new, so first it is asked which are taken at all.
async fn load_transactions<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    joined: bool,
    wanted: &[TransactionId],
    facts: &mut Facts,
) -> Result<(), StoreError> {
    if wanted.is_empty() {
        return Ok(());
    }
    let ids = wanted.iter().map(TransactionId::as_uuid).collect();
    let taken = engine.fetch(link, TAKEN, vec![Arg::Set(Column::Uuids(ids))]).await?;
    let (mut posted, mut released) = (Vec::new(), Vec::new());
    for row in &taken {
        let id = TransactionId::from_uuid(row.uuid(0)?);
        if row.opt_int(2)?.is_none() && E::CONCURRENT {
            settle_now(engine, link, joined).await?;
        }
        if row.opt_text(1)?.is_some() { posted.push(id) } else { released.push(id) }
    }
    if !posted.is_empty() {
        let found = read::transactions(engine, link, &posted).await?;
        facts.transactions.extend(found.into_iter().map(|found| (found.id, found)));
    }
    if !released.is_empty() {
        let found = read::releases(engine, link, &released).await?;
        let holds: Vec<HoldId> = found.iter().map(|(_, hold)| *hold).collect();
        facts.releases.extend(found);
        load_holds(engine, link, &holds, facts).await?;
    }
    Ok(())
}

/// A record that is asked for has no place in the journal yet.
async fn settle_now<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    joined: bool,
) -> Result<(), StoreError> {
    if !joined {
        // Its transaction ended since this unit began: the next walk begins with settling it.
        return Err(StoreError::conflict());
    }
    // It may be this transaction's own, which nobody else sees.
    let head = head::lock(engine, link).await?;
    head::settle_waiting(engine, link, head).await.map(|_| ())
}

async fn load_holds<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    wanted: &[HoldId],
    facts: &mut Facts,
) -> Result<(), StoreError> {
    if !wanted.is_empty() {
        let found = read::holds(engine, link, wanted).await?;
        facts.holds.extend(found.into_iter().map(|hold| (hold.id, hold)));
    }
    Ok(())
}

async fn load_usage<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    wanted: &[UsageKey],
    facts: &mut Facts,
) -> Result<(), StoreError> {
    // Locked in the order in which they are asked for.
    const USAGE: &str = "{pack uuiiii}SELECT g.limit_id, g.subject, g.bucket, g.version, \
        g.amount, g.times FROM {rows 1,2,3 AS w(limit_id,subject,bucket)} \
        {beside ~usage g WHERE g.limit_id = w.limit_id AND g.subject = w.subject \
        AND g.bucket = w.bucket UPDATE}";
    if wanted.is_empty() {
        return Ok(());
    }
    let wanted = in_key_order(wanted);
    let args = vec![
        Arg::Set(Column::Uuids(wanted.iter().map(|key| key.limit.as_uuid()).collect())),
        Arg::Set(Column::Uuids(wanted.iter().map(|key| key.subject).collect())),
        Arg::Set(Column::Ints(wanted.iter().map(|key| key.bucket).collect())),
    ];
    facts.usage.extend(wanted.iter().map(|key| (*key, Usage::default())));
    for row in engine.fetch(link, USAGE, args).await? {
        let key = UsageKey {
            limit: LimitId::from_uuid(row.uuid(0)?),
            subject: row.uuid(1)?,
            bucket: row.int(2)?,
        };
        let usage = Usage {
            version: u64::try_from(row.int(3)?).map_err(|_| missing())?,
            amount: row.int(4)?,
            count: u32::try_from(row.int(5)?).map_err(|_| missing())?,
        };
        facts.usage.insert(key, usage);
    }
    Ok(())
}

/// A value as an argument.
pub(super) const fn one(value: i64) -> Arg {
    Arg::One(Value::Int(value))
}
