//! PostgreSQL: sets are arrays, so that a statement takes thousands of rows in one round trip.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use sqlx::postgres::{PgArguments, PgConnection, PgPool, PgRow, Postgres};
use sqlx::{Arguments, AssertSqlSafe, Row as _, Transaction, ValueRef, pool::PoolConnection};

use super::fault::{at_commit, fault};
use crate::store::StoreError;
use crate::store::sql::engine::{Arg, Column, Columns, Engine, Row, Rows, Value, missing};
use crate::store::sql::text::{Marker, Names, expand, joined, put};

/// How many numbers of units a process takes at a time.
const NUMBERS: i64 = 1_024;
/// How few may be left before it takes more.
const LOW: i64 = 256;

/// A pool with the schema that the bank lives in.
#[derive(Debug)]
pub struct PostgresEngine {
    pub(super) pool: PgPool,
    /// One connection for what is done beside units. From their pool it would have to wait for one
    /// of them, and each of them for it.
    pub(super) side: PgPool,
    pub(super) schema: Box<str>,
    names: Names,
    numbers: Mutex<Range<i64>>,
}

impl PostgresEngine {
    /// The schema was judged before: it is a plain identifier.
    pub(super) fn new(pool: PgPool, schema: &str) -> Self {
        let names = Names::new(format!("\"{schema}\"."));
        let options = pool.options().clone().min_connections(0).max_connections(1);
        let side = options.connect_lazy_with((*pool.connect_options()).clone());
        Self { pool, side, schema: schema.into(), names, numbers: Mutex::new(0..0) }
    }

    fn numbers_left(&self) -> i64 {
        let numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        numbers.end.saturating_sub(numbers.start)
    }

    /// Moves the last number on, and returns it.
    async fn more_numbers(&self, link: &mut PgConnection, by: i64) -> Result<i64, StoreError> {
        let sql = "UPDATE ~numbering SET units = units + $1 RETURNING units";
        let rows = self.fetch(link, sql, vec![Arg::One(Value::Int(by))]).await?;
        rows.first().ok_or_else(missing)?.int(0)
    }

    fn take_number(&self) -> Option<i64> {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner).next()
    }
}

impl Engine for PostgresEngine {
    type Link = PgConnection;
    type Lease = PoolConnection<Postgres>;
    type Transaction = Transaction<'static, Postgres>;
    type Row = PgRow;

    const CONCURRENT: bool = true;

    fn names(&self) -> &Names {
        &self.names
    }

    async fn lease(&self) -> Result<Self::Lease, StoreError> {
        self.pool.acquire().await.map_err(fault)
    }

    async fn begin(&self) -> Result<Self::Transaction, StoreError> {
        // Whatever the default of the database is: row locks are what the promise rests on.
        let begin = "BEGIN ISOLATION LEVEL READ COMMITTED";
        self.pool.begin_with(begin).await.map_err(fault)
    }

    async fn commit(transaction: Self::Transaction) -> Result<(), StoreError> {
        transaction.commit().await.map_err(at_commit)
    }

    async fn prepare(&self) -> Result<(), StoreError> {
        if self.numbers_left() > LOW {
            return Ok(());
        }
        let mut link = self.side.acquire().await.map_err(fault)?;
        // Others may have waited for the same range.
        if self.numbers_left() > LOW {
            return Ok(());
        }
        let last = self.more_numbers(&mut link, NUMBERS).await?;
        let first = last.saturating_sub(NUMBERS).saturating_add(1);
        let mut numbers = self.numbers.lock().unwrap_or_else(PoisonError::into_inner);
        *numbers = first..last.saturating_add(1);
        Ok(())
    }

    async fn unit_number(&self, link: &mut PgConnection, _: i64) -> Result<i64, StoreError> {
        match self.take_number() {
            Some(number) => Ok(number),
            // Others took them since. One alone, which is nobody's if the unit is undone.
            None => self.more_numbers(link, 1).await,
        }
    }

    async fn fetch(
        &self,
        link: &mut PgConnection,
        sql: &'static str,
        args: Vec<Arg>,
    ) -> Rows<Self> {
        let text = self.names.text(sql, "", 0, || expand(sql, marker));
        let args = arguments(args)?;
        sqlx::query_with(AssertSqlSafe(text), args).fetch_all(link).await.map_err(fault)
    }

    async fn execute(
        &self,
        link: &mut PgConnection,
        sql: &'static str,
        args: Vec<Arg>,
    ) -> Result<u64, StoreError> {
        let text = self.names.text(sql, "", 0, || expand(sql, marker));
        let args = arguments(args)?;
        let done = sqlx::query_with(AssertSqlSafe(text), args).execute(link).await;
        Ok(done.map_err(fault)?.rows_affected())
    }

    async fn insert(
        &self,
        link: &mut PgConnection,
        table: &'static str,
        columns: Columns,
    ) -> Result<(), StoreError> {
        let text = self.names.text("insert", table, columns.len(), || {
            let names = joined(columns.iter().map(|(name, _)| *name), |to, _, name| {
                to.push_str(name);
            });
            // In the list, not in FROM: there the rows would be stored before they are inserted.
            let sets = joined(columns.iter().map(|(name, _)| *name), |to, at, _| {
                put(to, format_args!("UNNEST(${})", at.saturating_add(1)));
            });
            format!("INSERT INTO ~{table} ({names}) SELECT {sets}")
        });
        let args = arguments(columns.into_iter().map(|(_, column)| Arg::Set(column)).collect())?;
        sqlx::query_with(AssertSqlSafe(text), args).execute(link).await.map_err(fault)?;
        Ok(())
    }

    async fn update(
        &self,
        link: &mut PgConnection,
        table: &'static str,
        columns: Columns,
    ) -> Result<u64, StoreError> {
        let text = self.names.text("update", table, columns.len(), || {
            let key = columns.first().map_or("", |(name, _)| name);
            let set = joined(columns.iter().skip(1).map(|(name, _)| *name), |to, at, name| {
                put(to, format_args!("{name} = u.c{}", at.saturating_add(1)));
            });
            let names = joined(columns.iter().map(|(name, _)| *name), |to, at, _| {
                put(to, format_args!("c{at}"));
            });
            let dollars = dollars(&columns);
            format!(
                "UPDATE ~{table} AS t SET {set}, version = t.version + 1 \
                 FROM UNNEST({dollars}) AS u({names}) WHERE t.{key} = u.c0"
            )
        });
        let args = arguments(columns.into_iter().map(|(_, column)| Arg::Set(column)).collect())?;
        let done = sqlx::query_with(AssertSqlSafe(text), args).execute(link).await;
        Ok(done.map_err(fault)?.rows_affected())
    }

    async fn script(&self, link: &mut PgConnection, sql: &str) -> Result<(), StoreError> {
        let text = AssertSqlSafe(self.names.fill(sql));
        sqlx::raw_sql(text).execute(link).await.map_err(fault)?;
        Ok(())
    }
}

fn marker(to: &mut String, marker: &Marker<'_>) {
    match marker {
        Marker::In(number) => put(to, format_args!("= ANY(${number})")),
        Marker::Rows(numbers, alias) => {
            let list: Vec<String> = numbers.iter().map(|number| format!("${number}")).collect();
            put(to, format_args!("UNNEST({}) AS {alias}", list.join(",")));
        }
        // Row by row in the order of what is before it: else the planner reads a whole table and
        // sorts, on disk, whole rows into the order of locks, where thousands are wanted.
        Marker::Beside(part, lock) => {
            let alias = part.split_whitespace().nth(1).unwrap_or_default();
            // OFFSET 0 keeps the planner from taking it apart; a lock does so, too.
            let lock = lock.map_or_else(|| " OFFSET 0".to_owned(), |lock| format!(" FOR {lock}"));
            put(to, format_args!("CROSS JOIN LATERAL (SELECT * FROM {part}{lock}) AS {alias}"));
        }
        Marker::Pack => {}
        Marker::Lock(table) => match table.strip_suffix(" SHARE") {
            Some(table) => put(to, format_args!("FOR SHARE OF {table}")),
            None => put(to, format_args!("FOR UPDATE OF {table}")),
        },
    }
}

fn dollars(columns: &Columns) -> String {
    joined(columns.iter().map(|(name, _)| *name), |to, at, _| {
        put(to, format_args!("${}", at.saturating_add(1)));
    })
}

fn arguments(args: Vec<Arg>) -> Result<PgArguments, StoreError> {
    let mut to = PgArguments::default();
    for arg in args {
        let added = match arg {
            Arg::One(value) => match value {
                Value::Int(one) => to.add(one),
                Value::OptInt(one) => to.add(one),
                Value::Uuid(one) => to.add(one),
                Value::OptUuid(one) => to.add(one),
                Value::Text(one) => to.add(&*one),
                Value::OptText(one) => to.add(one.as_deref()),
                Value::Bytes(one) => to.add(one),
            },
            Arg::Set(column) => match column {
                Column::Ints(all) => to.add(all),
                Column::OptInts(all) => to.add(all),
                Column::Uuids(all) => to.add(all),
                Column::OptUuids(all) => to.add(all),
                Column::Texts(all) => to.add(strs(&all)),
                Column::OptTexts(all) => to.add(opt_strs(&all)),
                Column::OptBytes(all) => to.add(all),
            },
        };
        added.map_err(|_| missing())?;
    }
    Ok(to)
}

fn strs(all: &[Arc<str>]) -> Vec<&str> {
    all.iter().map(|text| &**text).collect()
}

fn opt_strs(all: &[Option<Arc<str>>]) -> Vec<Option<&str>> {
    all.iter().map(Option::as_deref).collect()
}

/// Values come in the binary format: a number has 1, 2, 4 or 8 bytes.
impl Row for PgRow {
    fn opt_int(&self, at: usize) -> Result<Option<i64>, StoreError> {
        let Some(bytes) = self.opt_bytes(at)? else { return Ok(None) };
        let number = match bytes {
            [one] => i64::from(*one),
            [a, b] => i64::from(i16::from_be_bytes([*a, *b])),
            [a, b, c, d] => i64::from(i32::from_be_bytes([*a, *b, *c, *d])),
            _ => i64::from_be_bytes(bytes.try_into().map_err(|_| missing())?),
        };
        Ok(Some(number))
    }

    fn opt_text(&self, at: usize) -> Result<Option<&str>, StoreError> {
        let bytes = self.opt_bytes(at)?;
        bytes.map(|bytes| std::str::from_utf8(bytes).map_err(|_| missing())).transpose()
    }

    fn opt_bytes(&self, at: usize) -> Result<Option<&[u8]>, StoreError> {
        let value = self.try_get_raw(at).map_err(fault)?;
        if value.is_null() {
            return Ok(None);
        }
        value.as_bytes().map(Some).map_err(|_| missing())
    }
}
