//! How many entries of an account lie up to a bound: a binary search over the numbers of its
//! entries, one step per level, for a whole set of accounts in one statement.

use std::collections::HashMap;

use super::engine::{Arg, Column, Engine, Row, missing};
use crate::store::StoreError;

/// What entries are searched by: it never falls as their numbers rise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// The latest booking day so far.
    Booked,
    /// The latest value day so far.
    Valued,
    /// The instant, in nanoseconds.
    Instant,
    /// The position in the journal.
    Position,
}

/// `search(account, bound, low, high)` over the accounts and bounds of `$base`. It has ended where
/// `low = high`: so many entries satisfy `$test`. It fails, with no `high`, where a number is
/// missing. An entry of a unit that is not settled yet satisfies no test of places.
macro_rules! search {
    ($base:literal, $test:literal $(, $join:literal)?) => {
        concat!(
            "WITH RECURSIVE search(account, bound, low, high) AS (", $base,
            " UNION ALL SELECT s.account, s.bound, CASE WHEN ", $test,
            " THEN e.number ELSE s.low END, CASE WHEN ", $test,
            " THEN s.high ELSE e.number - 1 END FROM search AS s LEFT JOIN ~entry AS e \
             ON e.account = s.account AND e.number = ((s.low + s.high + 1) / 2)", $($join,)?
            " WHERE s.low < s.high)"
        )
    };
}
pub(super) use search;

macro_rules! count {
    ($test:literal $(, $join:literal)?) => {
        concat!(
            $crate::store::sql::search::search!(
                "SELECT t.account, t.bound, CAST(0 AS BIGINT), a.entries \
                 FROM {rows 1,2 AS t(account,bound)} JOIN ~account AS a ON a.key = t.account",
                $test $(, $join)?
            ),
            " SELECT s.bound, s.high FROM search AS s WHERE s.low = s.high OR s.high IS NULL"
        )
    };
}

/// How many entries of an account lie up to each of these bounds.
pub(super) async fn counts<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    account: i64,
    by: By,
    bounds: &[i64],
) -> Result<HashMap<i64, i64>, StoreError> {
    if bounds.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = match by {
        By::Booked => count!("e.booked <= s.bound"),
        By::Valued => count!("e.valued <= s.bound"),
        By::Instant => count!(
            "u.first_instant + ((e.seq >> 12) & 16383) <= s.bound",
            " LEFT JOIN ~unit AS u ON u.number = (e.seq >> 26)"
        ),
        By::Position => count!(
            "u.first_position + ((e.seq >> 12) & 16383) <= s.bound",
            " LEFT JOIN ~unit AS u ON u.number = (e.seq >> 26)"
        ),
    };
    let accounts = Arg::Set(Column::Ints(vec![account; bounds.len()]));
    let args = vec![accounts, Arg::Set(Column::Ints(bounds.to_vec()))];
    let mut counts = HashMap::with_capacity(bounds.len());
    for row in engine.fetch(link, sql, args).await? {
        counts.insert(row.int(0)?, row.int(1)?);
    }
    let found = bounds.iter().all(|bound| counts.contains_key(bound));
    if found { Ok(counts) } else { Err(missing()) }
}
