//! The list of holds, in the order of the journal.

use super::codes::hold_state_code;
use super::engine::{Arg, Engine, Row, Value};
use super::journal::{bound_of, ranges, walk};
use super::list::FEW;
use super::read::{int, int_of};
use super::rows::{hold, hold_columns, hold_tables};
use crate::ledger::Hold;
use crate::ledger::query::{Direction, HoldQuery};
use crate::store::StoreError;

macro_rules! holds {
    ($from:expr, $rest:literal) => {
        concat!(
            "SELECT ",
            hold_columns!(),
            " FROM ",
            $from,
            " WHERE placed.first_position + \
             (h.place & 16383) > $1 AND h.state >= $2 AND h.state <= $3 ",
            $rest
        )
    };
}

const HOLDS: &str = holds!(hold_tables!(), "ORDER BY placed.first_position, h.place LIMIT $4");
const HOLDS_OF_ACCOUNT: &str = holds!(
    concat!(
        hold_tables!(),
        " JOIN ~hold_account AS b ON b.place = h.place JOIN ~account AS a ON a.key = b.account"
    ),
    "AND a.id = $5 ORDER BY placed.first_position, h.place LIMIT $4"
);
const HOLDS_WITHIN: &str = holds!(
    hold_tables!(),
    "AND h.place >= $4 AND h.place < $5 AND placed.first_position + (h.place & 16383) <= $6"
);

/// Holds that pass a filter, by place in the journal, behind `after`.
pub(super) async fn hold_list<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    query: &HoldQuery,
    after: Option<u64>,
    limit: usize,
) -> Result<Vec<Hold>, StoreError> {
    let mut bound = bound_of(Direction::Forward, after);
    let state = query.state.map(hold_state_code);
    let states = [int(state.unwrap_or(0)), int(state.unwrap_or(3))];
    let args = |bound: i64| [int(bound)].into_iter().chain(states.clone());
    if let Some(account) = query.account {
        let more = [int_of(limit), Arg::One(Value::Uuid(account.as_uuid()))];
        let args = args(bound).chain(more).collect();
        return engine.fetch(link, HOLDS_OF_ACCOUNT, args).await?.iter().map(hold).collect();
    }
    let sql = "SELECT COUNT(*) FROM (SELECT 1 FROM ~hold LIMIT $1) AS few";
    let rows = engine.fetch(link, sql, vec![int_of(FEW)]).await?;
    let count = rows.first().map(|row| row.int(0)).transpose()?.unwrap_or(0);
    if usize::try_from(count).is_ok_and(|count| count < FEW) {
        let args = args(bound).chain([int_of(limit)]).collect();
        return engine.fetch(link, HOLDS, args).await?.iter().map(hold).collect();
    }
    let mut listed: Vec<Hold> = Vec::new();
    while listed.len() < limit {
        let spans = walk(engine, link, Direction::Forward, bound, usize::MAX, None).await?;
        let Some(last) = spans.last() else { break };
        let end = last.bound(Direction::Forward);
        let mut found: Vec<Hold> = Vec::new();
        for (low, high) in ranges(&spans) {
            let args = args(bound).chain([int(low), int(high), int(end)]).collect();
            for row in engine.fetch(link, HOLDS_WITHIN, args).await? {
                found.push(hold(&row)?);
            }
        }
        found.sort_unstable_by_key(|hold| hold.position);
        listed.append(&mut found);
        bound = end;
    }
    listed.truncate(limit);
    Ok(listed)
}
