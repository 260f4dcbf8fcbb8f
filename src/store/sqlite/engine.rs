//! SQLite: sets are lists of variables, in chunks of few sizes, so that statements are compiled
//! once. One connection writes; the others read beside it, in write-ahead mode.

use std::sync::Arc;

use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteConnection, SqlitePool};
use sqlx::{Arguments, AssertSqlSafe, Transaction, pool::PoolConnection};

use super::fault::{at_commit, fault};
use super::row::{FileRow, packed, packing, unpack};
use crate::store::StoreError;
use crate::store::sql::engine::{Arg, Column, Columns, Engine, Rows, Value, missing};
use crate::store::sql::text::{Marker, Names, expand, joined, put, variables};

/// Sizes of chunks, and the most variables of a statement (SQLITE_MAX_VARIABLE_NUMBER). A set is
/// filled up to the next size with rows of NULL, which match nothing and are not inserted: a
/// statement more costs two changes of thread, a row of NULL next to nothing.
const SIZES: [usize; 6] = [1, 4, 16, 64, 256, 1024];
const MAX_VARIABLES: usize = 32_766;

/// A file, with one connection that writes and several that read.
#[derive(Debug)]
pub struct SqliteEngine {
    pub(super) writer: SqlitePool,
    pub(super) readers: SqlitePool,
    names: Names,
}

impl SqliteEngine {
    pub(super) fn new(writer: SqlitePool, readers: SqlitePool) -> Self {
        Self { writer, readers, names: Names::new("corebank_".to_owned()) }
    }
}

impl Engine for SqliteEngine {
    type Link = SqliteConnection;
    type Lease = PoolConnection<Sqlite>;
    type Transaction = Transaction<'static, Sqlite>;
    type Row = FileRow;

    const CONCURRENT: bool = false;

    fn names(&self) -> &Names {
        &self.names
    }

    async fn lease(&self) -> Result<Self::Lease, StoreError> {
        self.readers.acquire().await.map_err(fault)
    }

    async fn begin(&self) -> Result<Self::Transaction, StoreError> {
        // A unit that began by reading could not be sure to be let write later.
        self.writer.begin_with("BEGIN IMMEDIATE").await.map_err(fault)
    }

    async fn commit(transaction: Self::Transaction) -> Result<(), StoreError> {
        transaction.commit().await.map_err(at_commit)
    }

    async fn prepare(&self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn unit_number(&self, _: &mut SqliteConnection, last: i64) -> Result<i64, StoreError> {
        Ok(last.saturating_add(1))
    }

    async fn fetch(
        &self,
        link: &mut SqliteConnection,
        sql: &'static str,
        args: Vec<Arg>,
    ) -> Rows<Self> {
        let mut found = Vec::new();
        for (from, rows) in chunks(set_len(&args), width_of_sets(&args)) {
            let (text, args) = self.statement(sql, &args, from, rows)?;
            let more = sqlx::query_with(AssertSqlSafe(text), args).fetch_all(&mut *link).await;
            let more = more.map_err(fault)?;
            match packing(sql) {
                Some(shape) => unpack(&more, shape, &mut found)?,
                None => found.extend(more.into_iter().map(FileRow::Whole)),
            }
        }
        Ok(found)
    }

    async fn execute(
        &self,
        link: &mut SqliteConnection,
        sql: &'static str,
        args: Vec<Arg>,
    ) -> Result<u64, StoreError> {
        let mut touched = 0_u64;
        for (from, rows) in chunks(set_len(&args), width_of_sets(&args)) {
            let (text, args) = self.statement(sql, &args, from, rows)?;
            let done = sqlx::query_with(AssertSqlSafe(text), args).execute(&mut *link).await;
            touched = touched.saturating_add(done.map_err(fault)?.rows_affected());
        }
        Ok(touched)
    }

    async fn insert(
        &self,
        link: &mut SqliteConnection,
        table: &'static str,
        columns: Columns,
    ) -> Result<(), StoreError> {
        let len = columns.first().map_or(0, |(_, column)| column.len());
        for (from, rows) in chunks(Some(len), columns.len()) {
            let text = self.names.text(variant(INSERTS, &columns), table, rows, || {
                let names = joined(columns.iter().map(|(name, _)| *name), |to, _, name| {
                    to.push_str(name);
                });
                let values = variables(columns.len(), rows);
                let first = columns.first().map_or("", |(name, _)| name);
                debug_assert!(!first.is_empty(), "a row has a column");
                format!(
                    "INSERT INTO ~{table} ({names}) \
                     SELECT * FROM (VALUES {values}) WHERE column1 IS NOT NULL"
                )
            });
            let args =
                rows_of(columns.iter().map(|(_, column)| column), columns.len(), from, rows)?;
            let done = sqlx::query_with(AssertSqlSafe(text), args).execute(&mut *link).await;
            done.map_err(fault)?;
        }
        Ok(())
    }

    async fn update(
        &self,
        link: &mut SqliteConnection,
        table: &'static str,
        columns: Columns,
    ) -> Result<u64, StoreError> {
        let len = columns.first().map_or(0, |(_, column)| column.len());
        let mut touched = 0_u64;
        for (from, rows) in chunks(Some(len), columns.len()) {
            let text = self.names.text(variant(UPDATES, &columns), table, rows, || {
                let key = columns.first().map_or("", |(name, _)| name);
                let set = joined(columns.iter().skip(1).map(|(name, _)| *name), |to, at, name| {
                    put(to, format_args!("{name} = u.column{}", at.saturating_add(2)));
                });
                let values = variables(columns.len(), rows);
                format!(
                    "UPDATE ~{table} SET {set}, version = version + 1 \
                     FROM (VALUES {values}) AS u WHERE ~{table}.{key} = u.column1"
                )
            });
            let args =
                rows_of(columns.iter().map(|(_, column)| column), columns.len(), from, rows)?;
            let done = sqlx::query_with(AssertSqlSafe(text), args).execute(&mut *link).await;
            touched = touched.saturating_add(done.map_err(fault)?.rows_affected());
        }
        Ok(touched)
    }

    async fn script(&self, link: &mut SqliteConnection, sql: &str) -> Result<(), StoreError> {
        let text = AssertSqlSafe(self.names.fill(sql));
        sqlx::raw_sql(text).execute(link).await.map_err(fault)?;
        Ok(())
    }
}

/// One name per number of columns: what tells apart the statements that write to one table.
const INSERTS: &str = "iiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiiii";
const UPDATES: &str = "uuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuuu";

fn variant(names: &'static str, columns: &Columns) -> &'static str {
    names.get(..columns.len()).unwrap_or(names)
}

impl SqliteEngine {
    /// The text for a chunk, and its arguments in the order in which the text names them.
    fn statement(
        &self,
        sql: &'static str,
        args: &[Arg],
        from: usize,
        rows: usize,
    ) -> Result<(Arc<str>, SqliteArguments), StoreError> {
        let text = self.names.text(sql, "", rows, || {
            let mut text = expand(sql, |to, marker| match marker {
                Marker::In(_) => put(to, format_args!("IN (VALUES {})", variables(1, rows))),
                Marker::Rows(numbers, alias) => {
                    let (name, columns) = alias.split_once('(').unwrap_or((alias, ""));
                    let columns = columns.trim_end_matches(')').split(',');
                    let columns = joined(columns, |to, at, name| {
                        put(to, format_args!("column{} AS {name}", at.saturating_add(1)));
                    });
                    let values = variables(numbers.len(), rows);
                    put(to, format_args!("(SELECT {columns} FROM (VALUES {values})) AS {name}"));
                }
                // SQLite begins with what stands on the left of CROSS JOIN. Left to choose, it
                // walks the whole table where thousands of rows are wanted.
                Marker::Beside(part, _) => put(to, format_args!("CROSS JOIN {part}")),
                Marker::Lock(_) | Marker::Pack => {}
            });
            if let Some(shape) = packing(sql) {
                text = packed(&text, shape);
            }
            // Variables without numbers are bound in order, at less cost.
            for number in (1..10).rev() {
                text = text.replace(&format!("${number}"), "?");
            }
            text
        });
        let mut to = SqliteArguments::default();
        for slot in slots(sql) {
            match slot.as_slice() {
                [one] => match args.get(one.saturating_sub(1)) {
                    Some(Arg::One(value)) => add(&mut to, value)?,
                    Some(Arg::Set(set)) => add_rows(&mut to, &[set], from, rows)?,
                    None => return Err(missing()),
                },
                many => {
                    let sets: Vec<&Column> = many
                        .iter()
                        .filter_map(|at| match args.get(at.saturating_sub(1)) {
                            Some(Arg::Set(set)) => Some(set),
                            _ => None,
                        })
                        .collect();
                    add_rows(&mut to, &sets, from, rows)?;
                }
            }
        }
        Ok((text, to))
    }
}

/// Which arguments a template names, in order: `$1`, `{in 2}`, `{rows 3,4 AS ..}`.
fn slots(sql: &str) -> Vec<Vec<usize>> {
    let mut slots = Vec::new();
    let mut rest = sql;
    while let Some(at) = rest.find(['$', '{']) {
        let (_, behind) = rest.split_at(at);
        if let Some(number) = behind.strip_prefix('$') {
            let digits = number.bytes().take_while(u8::is_ascii_digit).count();
            let (number, behind) = number.split_at(digits);
            slots.extend(number.parse().ok().map(|number| vec![number]));
            rest = behind;
        } else {
            let (marker, behind) = behind.split_once('}').unwrap_or((behind, ""));
            let marker = marker.trim_start_matches('{');
            let (word, arguments) = marker.split_once(' ').unwrap_or((marker, ""));
            if !matches!(word, "lock" | "pack" | "beside") {
                let (numbers, _) = arguments.split_once(" AS ").unwrap_or((arguments, ""));
                slots.push(numbers.split(',').filter_map(|one| one.trim().parse().ok()).collect());
            }
            rest = behind;
        }
    }
    slots
}

fn set_len(args: &[Arg]) -> Option<usize> {
    args.iter().find_map(|arg| match arg {
        Arg::Set(set) => Some(set.len()),
        Arg::One(_) => None,
    })
}

fn width_of_sets(args: &[Arg]) -> usize {
    args.iter().filter(|arg| matches!(arg, Arg::Set(_))).count()
}

/// Where each chunk begins and how many rows it has; one empty chunk without sets.
fn chunks(len: Option<usize>, width: usize) -> Vec<(usize, usize)> {
    let Some(len) = len else { return vec![(0, 0)] };
    let most = MAX_VARIABLES.checked_div(width.max(1)).unwrap_or(1);
    let largest = SIZES.into_iter().rfind(|size| *size <= most).unwrap_or(1);
    let mut chunks = Vec::new();
    let mut from = 0_usize;
    while from < len {
        let left = len.saturating_sub(from);
        let size = SIZES.into_iter().find(|size| *size >= left).unwrap_or(largest).min(largest);
        chunks.push((from, size));
        from = from.saturating_add(size);
    }
    chunks
}

fn rows_of<'a>(
    columns: impl Iterator<Item = &'a Column>,
    width: usize,
    from: usize,
    rows: usize,
) -> Result<SqliteArguments, StoreError> {
    let mut to = SqliteArguments::default();
    to.reserve(width.saturating_mul(rows), 0);
    add_rows(&mut to, &columns.collect::<Vec<_>>(), from, rows)?;
    Ok(to)
}

fn add_rows(
    to: &mut SqliteArguments,
    sets: &[&Column],
    from: usize,
    rows: usize,
) -> Result<(), StoreError> {
    let len = sets.first().map_or(0, |set| set.len());
    let end = from.saturating_add(rows);
    for at in from..end.min(len) {
        for set in sets {
            let added = match set {
                Column::Ints(all) => all.get(at).map(|one| to.add(*one)),
                Column::OptInts(all) => all.get(at).map(|one| to.add(*one)),
                Column::Uuids(all) => all.get(at).map(|one| to.add(*one)),
                Column::OptUuids(all) => all.get(at).map(|one| to.add(*one)),
                Column::Texts(all) => all.get(at).map(|one| to.add(Arc::clone(one))),
                Column::OptTexts(all) => all.get(at).map(|one| to.add(one.clone())),
                Column::OptBytes(all) => all.get(at).map(|one| to.add(one.clone())),
            };
            added.ok_or_else(missing)?.map_err(|_| missing())?;
        }
    }
    for _ in 0..end.saturating_sub(len).saturating_mul(sets.len()) {
        to.add(None::<i64>).map_err(|_| missing())?;
    }
    Ok(())
}

fn add(to: &mut SqliteArguments, value: &Value) -> Result<(), StoreError> {
    let added = match value {
        Value::Int(one) => to.add(*one),
        Value::OptInt(one) => to.add(*one),
        Value::Uuid(one) => to.add(*one),
        Value::OptUuid(one) => to.add(*one),
        Value::Text(one) => to.add(Arc::clone(one)),
        Value::OptText(one) => to.add(one.clone()),
        Value::Bytes(one) => to.add(one.clone()),
    };
    added.map_err(|_| missing())
}
