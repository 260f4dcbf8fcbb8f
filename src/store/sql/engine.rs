//! What a dialect must bring: connections, and statements over whole sets.
//!
//! Statements are written once, as templates:
//!
//! | in the template | PostgreSQL | SQLite |
//! |---|---|---|
//! | `~entry` | `"schema".entry` | `corebank_entry` |
//! | `$1` | `$1` | the first variable |
//! | `{in 2}` | `= ANY($2)` | `IN (VALUES (?),(?))`, in chunks |
//! | `{rows 2,3 AS w(a,b)}` | `UNNEST($2,$3) AS w(a,b)` | a list of values, in chunks |
//! | `{beside ~entity e WHERE e.id = w.id SHARE}` | `CROSS JOIN LATERAL (SELECT ... FOR SHARE) AS e` | `CROSS JOIN` and the condition |
//! | `{pack iut}`, first | nothing | the rows come packed into one text: see `sqlite/row.rs` |
//! | `{lock a}`, `{lock a SHARE}` | `FOR UPDATE OF a`, `FOR SHARE OF a` | nothing: a unit holds the only lock there is |

#![allow(
    unreachable_pub,
    reason = "the trait is a bound of public types, and sealed by its module"
)]

use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;

use uuid::Uuid;

use super::text::Names;
use crate::store::StoreError;

/// A value that goes into a statement.
#[derive(Debug, Clone)]
pub enum Value {
    /// A number.
    Int(i64),
    /// A number or none.
    OptInt(Option<i64>),
    /// An id.
    Uuid(Uuid),
    /// An id or none.
    OptUuid(Option<Uuid>),
    /// A text.
    Text(Arc<str>),
    /// A text or none.
    OptText(Option<Arc<str>>),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// Values of one column, one per row.
#[derive(Debug, Clone)]
pub enum Column {
    /// Numbers.
    Ints(Vec<i64>),
    /// Numbers or none.
    OptInts(Vec<Option<i64>>),
    /// Ids.
    Uuids(Vec<Uuid>),
    /// Ids or none.
    OptUuids(Vec<Option<Uuid>>),
    /// Texts.
    Texts(Vec<Arc<str>>),
    /// Texts or none.
    OptTexts(Vec<Option<Arc<str>>>),
    /// Bytes or none.
    OptBytes(Vec<Option<Vec<u8>>>),
}

impl Column {
    /// The number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::Ints(all) => all.len(),
            Self::OptInts(all) => all.len(),
            Self::Uuids(all) => all.len(),
            Self::OptUuids(all) => all.len(),
            Self::Texts(all) => all.len(),
            Self::OptTexts(all) => all.len(),
            Self::OptBytes(all) => all.len(),
        }
    }
}

/// An argument of a statement: one value, or a set.
#[derive(Debug, Clone)]
pub enum Arg {
    /// One value.
    One(Value),
    /// A set; all sets of a statement have the same length.
    Set(Column),
}

/// Columns of a table with the values to write.
pub type Columns = Vec<(&'static str, Column)>;

/// A row that was read. Columns count from 0.
pub trait Row: Send + Sync {
    /// A number.
    fn opt_int(&self, at: usize) -> Result<Option<i64>, StoreError>;
    /// A text.
    fn opt_text(&self, at: usize) -> Result<Option<&str>, StoreError>;
    /// Bytes; an id is 16 of them.
    fn opt_bytes(&self, at: usize) -> Result<Option<&[u8]>, StoreError>;

    /// A number that is there.
    fn int(&self, at: usize) -> Result<i64, StoreError> {
        self.opt_int(at)?.ok_or_else(missing)
    }

    /// A text that is there.
    fn text(&self, at: usize) -> Result<&str, StoreError> {
        self.opt_text(at)?.ok_or_else(missing)
    }

    /// An id.
    fn opt_uuid(&self, at: usize) -> Result<Option<Uuid>, StoreError> {
        let bytes = self.opt_bytes(at)?;
        bytes.map(|bytes| Uuid::from_slice(bytes).map_err(|_| missing())).transpose()
    }

    /// An id that is there.
    fn uuid(&self, at: usize) -> Result<Uuid, StoreError> {
        self.opt_uuid(at)?.ok_or_else(missing)
    }
}

/// A column does not hold what the schema says.
pub fn missing() -> StoreError {
    let what = "a row does not hold what the schema says; run verify";
    StoreError::new(crate::store::ErrorKind::Corrupt, what)
}

/// What a statement gives.
pub type Rows<E> = Result<Vec<<E as Engine>::Row>, StoreError>;

/// A dialect with its connections.
pub trait Engine: Debug + Send + Sync + Sized + 'static {
    /// An open connection.
    type Link: Send;
    /// A connection of the pool, for reads.
    type Lease: std::ops::DerefMut<Target = Self::Link> + Send;
    /// An open transaction; dropped, it leaves no trace.
    type Transaction: std::ops::DerefMut<Target = Self::Link> + Send;
    /// A row that was read.
    type Row: Row;

    /// Whether units are put in order after they were written, and so may wait to be settled.
    const CONCURRENT: bool;

    /// How tables are called.
    fn names(&self) -> &Names;

    /// A connection for reads.
    fn lease(&self) -> impl Future<Output = Result<Self::Lease, StoreError>> + Send;

    /// Begins a transaction that writes.
    fn begin(&self) -> impl Future<Output = Result<Self::Transaction, StoreError>> + Send;

    /// Commits.
    fn commit(
        transaction: Self::Transaction,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// What is best done before a unit has its connection.
    fn prepare(&self) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// A number for a unit that no other has, given the last one of the head.
    fn unit_number(
        &self,
        link: &mut Self::Link,
        last: i64,
    ) -> impl Future<Output = Result<i64, StoreError>> + Send;

    /// Reads.
    fn fetch(
        &self,
        link: &mut Self::Link,
        sql: &'static str,
        args: Vec<Arg>,
    ) -> impl Future<Output = Rows<Self>> + Send;

    /// Writes; returns how many rows it touched.
    fn execute(
        &self,
        link: &mut Self::Link,
        sql: &'static str,
        args: Vec<Arg>,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Inserts rows.
    fn insert(
        &self,
        link: &mut Self::Link,
        table: &'static str,
        columns: Columns,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Sets all columns but the first in the rows whose first column is given; adds one to
    /// `version`. Returns how many rows it touched.
    fn update(
        &self,
        link: &mut Self::Link,
        table: &'static str,
        columns: Columns,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Runs statements without arguments.
    fn script(
        &self,
        link: &mut Self::Link,
        sql: &str,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}
