//! Reads of rows by their keys, and lists in the order of keys. What a unit reads for itself and
//! what others read are the same statements; only lists of the journal leave out what has no
//! place in it yet.

use std::collections::HashMap;
use std::sync::Arc;

use super::codes::class_of;
use super::engine::{Arg, Column, Engine, Row, Value, missing};
use super::records::{complete, record_columns, record_tables};
use super::rows::{
    Currencies, UsedKey, account, account_columns, account_tables, block, block_columns, hold,
    hold_columns, hold_tables, json, key_columns, usage, usage_columns, used_key,
};
use crate::id::{AccountId, HoldId, TransactionId};
use crate::ledger::query::AccountQuery;
use crate::ledger::seal::Block;
use crate::ledger::{
    Account, Chart, ChartCode, ChartNode, Hold, IdempotencyKey, LimitRule, Operation, Record, Text,
    Transaction, Usage, UsageKey,
};
use crate::store::StoreError;
use crate::time::Timestamp;
use uuid::Uuid;

pub(super) fn int(value: i64) -> Arg {
    Arg::One(Value::Int(value))
}

pub(super) fn int_of(value: usize) -> Arg {
    int(i64::try_from(value).unwrap_or(i64::MAX))
}

pub(super) fn text(value: &str) -> Arg {
    Arg::One(Value::Text(Arc::from(value)))
}

fn uuids(all: impl Iterator<Item = Uuid>) -> Arg {
    Arg::Set(Column::Uuids(all.collect()))
}

/// The limits, by id.
pub(super) async fn limit_rules<E: Engine>(
    engine: &E,
    link: &mut E::Link,
) -> Result<Vec<LimitRule>, StoreError> {
    let sql = "SELECT rule FROM ~limit_rule ORDER BY id";
    let rows = engine.fetch(link, sql, Vec::new()).await?;
    rows.iter().map(|row| json(row.text(0)?)).collect()
}

/// The chart of accounts.
pub(super) async fn chart<E: Engine>(engine: &E, link: &mut E::Link) -> Result<Chart, StoreError> {
    let sql = "SELECT code, class, parent, name FROM ~chart_node";
    let code = |text: &str| ChartCode::new(text).map_err(|_| missing());
    let mut below: HashMap<Option<ChartCode>, Vec<ChartNode>> = HashMap::new();
    let rows = engine.fetch(link, sql, Vec::new()).await?;
    for row in &rows {
        let parent = row.opt_text(2)?.map(code).transpose()?;
        let name = Text::new(row.text(3)?).map_err(|_| missing())?;
        let node = ChartNode::new(code(row.text(0)?)?, class_of(row.int(1)?)?, parent, name);
        below.entry(parent).or_default().push(node);
    }
    // A node is defined after the one above it.
    let mut nodes = below.remove(&None).unwrap_or_default();
    let mut at = 0_usize;
    while let Some(code) = nodes.get(at).map(|node| node.code) {
        nodes.extend(below.remove(&Some(code)).unwrap_or_default());
        at = at.saturating_add(1);
    }
    let mut chart = Chart::default();
    chart.define(&nodes).map_err(|_| missing())?;
    if chart.len() == rows.len() { Ok(chart) } else { Err(missing()) }
}

const ACCOUNTS: &str =
    concat!("SELECT ", account_columns!(), " FROM ", account_tables!(), " WHERE a.id {in 1}");

/// Accounts by id, in the order asked for.
pub(super) async fn accounts<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    ids: &[AccountId],
) -> Result<Vec<Option<Account>>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let asked = uuids(ids.iter().map(AccountId::as_uuid));
    let mut currencies = Currencies::default();
    let mut found = HashMap::with_capacity(ids.len());
    for row in engine.fetch(link, ACCOUNTS, vec![asked]).await? {
        let account = account(&row, &mut currencies)?;
        found.insert(account.id(), account);
    }
    Ok(ids.iter().map(|id| found.get(id).cloned()).collect())
}

macro_rules! account_page {
    ($($filter:literal)?) => {
        concat!("SELECT ", account_columns!(), " FROM ", account_tables!(),
            " WHERE a.id >= $1 ", $($filter,)? " ORDER BY a.id LIMIT $2")
    };
}

/// Accounts that pass a filter, by id, behind `after`.
pub(super) async fn account_list<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    query: &AccountQuery,
    after: Option<AccountId>,
    limit: usize,
) -> Result<Vec<Account>, StoreError> {
    let from = after.map_or(Some(0), |id| id.as_u128().checked_add(1));
    let Some(from) = from else { return Ok(Vec::new()) };
    let mut args = vec![Arg::One(Value::Uuid(Uuid::from_u128(from))), int_of(limit)];
    let customer = query.customer.map(|customer| Arg::One(Value::Uuid(customer)));
    let code = query.code.map(|code| text(code.as_str()));
    let sql = match (&customer, &code) {
        (None, None) => account_page!(),
        (Some(_), None) => account_page!("AND a.customer = $3"),
        (None, Some(_)) => account_page!("AND a.code = $3"),
        (Some(_), Some(_)) => account_page!("AND a.customer = $3 AND a.code = $4"),
    };
    args.extend(customer);
    args.extend(code);
    let mut currencies = Currencies::default();
    let rows = engine.fetch(link, sql, args).await?;
    rows.iter().map(|row| account(row, &mut currencies)).collect()
}

const TRANSACTIONS: &str = concat!(
    "SELECT ",
    record_columns!(),
    " FROM ~record AS r ",
    record_tables!(),
    " WHERE r.id {in 1} AND r.kind IS NOT NULL"
);

/// The transactions that exist among these, in no order. One of a unit that is not settled yet
/// is found as well, with position 0: its own transaction must know it.
pub(super) async fn transactions<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    ids: &[TransactionId],
) -> Result<Vec<Transaction>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let asked = uuids(ids.iter().map(TransactionId::as_uuid));
    let rows = engine.fetch(link, TRANSACTIONS, vec![asked]).await?;
    let found = complete(engine, link, rows, |_| true).await?;
    let transaction = |(_, record)| match record {
        Record::Transaction(transaction) => Some(transaction),
        Record::Operation(_) => None,
    };
    Ok(found.into_iter().filter_map(transaction).collect())
}

const RELEASES: &str = "SELECT r.id, d.operation FROM ~record AS r \
     JOIN ~detail AS d ON d.place = r.place WHERE r.id {in 1} AND r.kind IS NULL";

/// The releases that exist among these ids, with their hold.
pub(super) async fn releases<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    ids: &[TransactionId],
) -> Result<Vec<(TransactionId, HoldId)>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let asked = uuids(ids.iter().map(TransactionId::as_uuid));
    let rows = engine.fetch(link, RELEASES, vec![asked]).await?;
    let release = |row: &E::Row| match (TransactionId::from_uuid(row.uuid(0)?), json(row.text(1)?)?)
    {
        (id, Operation::HoldEnded { hold, by: Some(by), .. }) if id == by => Ok((id, hold)),
        _ => Err(missing()),
    };
    rows.iter().map(release).collect()
}

const REVERSALS: &str = "SELECT d.linked, r.id FROM ~detail AS d \
     JOIN ~record AS r ON r.place = d.place WHERE d.link = 0 AND d.linked {in 1}";

/// The reversals that exist of these: original and reversal.
pub(super) async fn reversals_of<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    ids: &[TransactionId],
) -> Result<Vec<(TransactionId, TransactionId)>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let asked = uuids(ids.iter().map(TransactionId::as_uuid));
    let rows = engine.fetch(link, REVERSALS, vec![asked]).await?;
    let pair = |row: &E::Row| {
        Ok((TransactionId::from_uuid(row.uuid(0)?), TransactionId::from_uuid(row.uuid(1)?)))
    };
    rows.iter().map(pair).collect()
}

const HOLDS: &str =
    concat!("SELECT ", hold_columns!(), " FROM ", hold_tables!(), " WHERE h.id {in 1}");

/// The holds that exist among these, in no order.
pub(super) async fn holds<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    ids: &[HoldId],
) -> Result<Vec<Hold>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let asked = uuids(ids.iter().map(HoldId::as_uuid));
    let rows = engine.fetch(link, HOLDS, vec![asked]).await?;
    rows.iter().map(hold).collect()
}

const HOLDS_DUE: &str = "SELECT h.id FROM ~hold AS h \
     JOIN ~unit AS u ON u.number = (h.place >> 14) AND u.first_position IS NOT NULL \
     WHERE h.state = 0 AND h.expires_at <= $1 ORDER BY h.expires_at, h.id LIMIT $2";

/// Open holds that expire at or before an instant, the earliest first.
pub(super) async fn holds_due<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    as_of: Timestamp,
    limit: usize,
) -> Result<Vec<HoldId>, StoreError> {
    let args = vec![int(as_of.as_nanos()), int_of(limit)];
    let rows = engine.fetch(link, HOLDS_DUE, args).await?;
    rows.iter().map(|row| row.uuid(0).map(HoldId::from_uuid)).collect()
}

/// Sealed blocks behind a number, in order.
pub(super) async fn blocks<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    after: u64,
    limit: usize,
) -> Result<Vec<Block>, StoreError> {
    let sql = concat!(
        "SELECT ",
        block_columns!(),
        " FROM ~block AS b WHERE b.number > $1 ORDER BY b.number LIMIT $2"
    );
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let rows = engine.fetch(link, sql, vec![int(after), int_of(limit)]).await?;
    rows.iter().map(block).collect()
}

/// The last sealed block.
pub(super) async fn last_block<E: Engine>(
    engine: &E,
    link: &mut E::Link,
) -> Result<Option<Block>, StoreError> {
    let sql =
        concat!("SELECT ", block_columns!(), " FROM ~block AS b ORDER BY b.number DESC LIMIT 1");
    engine.fetch(link, sql, Vec::new()).await?.first().map(block).transpose()
}

const KEYS: &str = concat!(
    "SELECT ",
    key_columns!(),
    " FROM {rows 1,2 AS w(key,at)} JOIN ~idempotency AS i ON i.key = w.key AND i.at = w.at"
);

/// The keys that were used before among these, in no order.
pub(super) async fn keys<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    keys: &[(IdempotencyKey, u32)],
) -> Result<Vec<UsedKey>, StoreError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let texts = keys.iter().map(|(key, _)| Arc::from(key.as_str())).collect();
    let places = keys.iter().map(|(_, at)| i64::from(*at)).collect();
    let args = vec![Arg::Set(Column::Texts(texts)), Arg::Set(Column::Ints(places))];
    engine.fetch(link, KEYS, args).await?.iter().map(used_key).collect()
}

/// Keys behind a key, in the order of the database.
pub(super) async fn key_list<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    after: Option<&(IdempotencyKey, u32)>,
    limit: usize,
) -> Result<Vec<UsedKey>, StoreError> {
    let sql = concat!(
        "SELECT ",
        key_columns!(),
        " FROM ~idempotency AS i WHERE (i.key, i.at) > ($1, $2) ORDER BY i.key, i.at LIMIT $3"
    );
    let (key, at) = after.map_or(("", -1), |(key, at)| (key.as_str(), i64::from(*at)));
    let rows = engine.fetch(link, sql, vec![text(key), int(at), int_of(limit)]).await?;
    rows.iter().map(used_key).collect()
}

/// Counters behind a key, in the order of keys.
pub(super) async fn usage_list<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    after: Option<&UsageKey>,
    limit: usize,
) -> Result<Vec<(UsageKey, Usage)>, StoreError> {
    let sql = concat!(
        "SELECT ",
        usage_columns!(),
        " FROM ~usage AS c WHERE (c.limit_id, c.subject, c.bucket) > ($1, $2, $3) \
         ORDER BY c.limit_id, c.subject, c.bucket LIMIT $4"
    );
    let (rule, subject, bucket) = after.map_or((Uuid::nil(), Uuid::nil(), i64::MIN), |key| {
        (key.limit.as_uuid(), key.subject, key.bucket)
    });
    let id = |id| Arg::One(Value::Uuid(id));
    let args = vec![id(rule), id(subject), int(bucket), int_of(limit)];
    engine.fetch(link, sql, args).await?.iter().map(usage).collect()
}
