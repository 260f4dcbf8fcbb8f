//! Balances as of a day or an instant: the balance after the last entry in order up to then, and
//! what later entries brought of earlier days. No sum runs over the history of an account.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::codes::{class_of, day_of};
use super::engine::{Arg, Column, Engine, Row, missing};
use super::read::int;
use super::rows::{ACCOUNT_COLUMNS, Currencies, account, account_columns};
use super::search::search;
use crate::id::AccountId;
use crate::ledger::query::AsOf;
use crate::ledger::{Account, AccountClass, Balance, Side};
use crate::store::StoreError;

/// Accounts by id.
macro_rules! by_id {
    ($test:literal $(, $join:literal)?) => {
        search!(
            "SELECT a.key, CAST($1 AS BIGINT), CAST(0 AS BIGINT), a.entries \
             FROM ~account AS a WHERE a.id {in 2}",
            $test $(, $join)?
        )
    };
}

/// Income and expense accounts: those under their nodes of the chart.
macro_rules! temporary {
    () => {
        search!(
            "SELECT a.key, t.bound, CAST(0 AS BIGINT), a.entries FROM ~chart_node AS c \
             JOIN ~account AS a ON a.code = c.code CROSS JOIN (SELECT CAST($1 AS BIGINT) AS bound \
             UNION SELECT CAST($2 AS BIGINT) AS bound) AS t WHERE c.class IN (3, 4)",
            "e.booked <= s.bound"
        )
    };
}

/// What later entries brought of days up to the bound.
macro_rules! late {
    ($column:literal) => {
        concat!(
            "(SELECT CAST(SUM(l.amount) AS BIGINT) FROM ~entry AS l WHERE l.account = s.account \
             AND l.number > s.low AND l.",
            $column,
            " <= s.bound AND l.",
            $column,
            " IS NOT NULL)"
        )
    };
}

/// The figures of [`figure`], and where they come from.
macro_rules! figures {
    ($late:expr) => {
        concat!("s.bound, s.high, e.balance_after, ", $late, ", a.class")
    };
}
macro_rules! found {
    () => {
        " FROM search AS s JOIN ~account AS a ON a.key = s.account \
         LEFT JOIN ~entry AS e ON e.account = s.account AND e.number = s.low"
    };
}
macro_rules! ended {
    () => {
        " WHERE (s.low = s.high OR s.high IS NULL)"
    };
}

const BOOKED: &str = concat!(
    by_id!("e.booked <= s.bound"),
    " SELECT ",
    figures!(late!("late_booked")),
    ", a.id",
    found!(),
    ended!()
);
const VALUED: &str = concat!(
    by_id!("e.valued <= s.bound"),
    " SELECT ",
    figures!(late!("late_valued")),
    ", a.id",
    found!(),
    ended!()
);
const POSTED: &str = concat!(
    by_id!(
        "u.first_instant + ((e.seq >> 12) & 16383) <= s.bound",
        " LEFT JOIN ~unit AS u ON u.number = (e.seq >> 26)"
    ),
    " SELECT ",
    figures!("NULL"),
    ", a.id",
    found!(),
    ended!()
);
const NOW: &str = "SELECT a.id, a.class, a.debits_posted, a.credits_posted, a.debits_pending, \
     a.credits_pending FROM ~account AS a WHERE a.id {in 1}";

/// The bound and the balance, from five columns.
fn figure(row: &impl Row, at: usize) -> Result<(i64, i128), StoreError> {
    let column = |offset: usize| at.saturating_add(offset);
    let (bound, count) = (row.int(at)?, row.int(column(1))?);
    let after = if count == 0 { 0 } else { row.int(column(2))? };
    let late = row.opt_int(column(3))?.unwrap_or(0);
    let class = class_of(row.int(column(4))?)?;
    Ok((bound, i128::from(after).saturating_add(on_normal_side(class, late))))
}

/// A movement, positive on the normal side.
fn on_normal_side(class: AccountClass, movement: i64) -> i128 {
    let movement = i128::from(movement);
    if class.normal_side() == Side::Debit { movement } else { movement.saturating_neg() }
}

fn fit(balance: i128) -> Result<i64, StoreError> {
    i64::try_from(balance).map_err(|_| missing())
}

/// Ledger balances, positive on the normal side, in the order asked for.
pub(super) async fn balances<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    accounts: &[AccountId],
    as_of: AsOf,
) -> Result<Vec<Option<i64>>, StoreError> {
    if accounts.is_empty() {
        return Ok(Vec::new());
    }
    let ids = Arg::Set(Column::Uuids(accounts.iter().map(AccountId::as_uuid).collect()));
    let mut found: HashMap<AccountId, i64> = HashMap::with_capacity(accounts.len());
    let (sql, bound) = match as_of {
        AsOf::Now => {
            for row in engine.fetch(link, NOW, vec![ids]).await? {
                let normal = class_of(row.int(1)?)?.normal_side();
                let balance = Balance {
                    debits_posted: row.int(2)?,
                    credits_posted: row.int(3)?,
                    debits_pending: row.int(4)?,
                    credits_pending: row.int(5)?,
                };
                found.insert(AccountId::from_uuid(row.uuid(0)?), balance.ledger(normal));
            }
            return Ok(accounts.iter().map(|id| found.get(id).copied()).collect());
        }
        AsOf::BookingDate(date) => (BOOKED, day_of(date)),
        AsOf::ValueDate(date) => (VALUED, day_of(date)),
        AsOf::Instant(instant) => (POSTED, instant.as_nanos()),
    };
    for row in engine.fetch(link, sql, vec![int(bound), ids]).await? {
        let (_, balance) = figure(&row, 0)?;
        found.insert(AccountId::from_uuid(row.uuid(5)?), fit(balance)?);
    }
    Ok(accounts.iter().map(|id| found.get(id).copied()).collect())
}

const TEMPORARY: &str = concat!(
    temporary!(),
    " SELECT ",
    figures!(late!("late_booked")),
    ", a.id",
    found!(),
    ended!(),
    " ORDER BY a.key"
);

/// The balances of all income and expense accounts on a booking date, in the order in which the
/// accounts were opened.
pub(super) async fn temporary_balances<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    through: NaiveDate,
) -> Result<Vec<(AccountId, i64)>, StoreError> {
    let bound = day_of(through);
    let rows = engine.fetch(link, TEMPORARY, vec![int(bound), int(bound)]).await?;
    let line = |row: &E::Row| {
        let (_, balance) = figure(row, 0)?;
        Ok((AccountId::from_uuid(row.uuid(5)?), fit(balance)?))
    };
    rows.iter().map(line).collect()
}

/// What year closes booked between two days moved, per account: part of the same statement, so
/// that it sees the same books.
const EARNINGS: &str = concat!(
    temporary!(),
    ", closing(account, amount) AS (SELECT e.account, CAST(SUM(e.amount) AS BIGINT) FROM \
     (SELECT u.number AS number FROM ~unit AS u WHERE u.kind = 'year_close' \
     UNION SELECT k.unit AS number FROM ~unit_kind AS k WHERE k.kind = 'year_close') AS y \
     CROSS JOIN ~record AS r CROSS JOIN ~entry AS e \
     WHERE r.place >= (y.number << 14) AND r.place < ((y.number + 1) << 14) \
     AND r.kind = 'year_close' AND r.booking_day > $1 AND r.booking_day <= $2 \
     AND e.seq >= (r.place << 12) AND e.seq < ((r.place + 1) << 12) GROUP BY e.account)",
    " SELECT ",
    account_columns!(),
    ", ",
    figures!(late!("late_booked")),
    ", closing.amount",
    found!(),
    " JOIN ~unit AS opening ON opening.number = (a.opened >> 14) \
     LEFT JOIN closing ON closing.account = s.account",
    ended!(),
    " ORDER BY a.key"
);

/// The movement of every income and expense account between two booking dates, both included,
/// without year closes; positive on the normal side, zero left out, in the order of opening.
pub(super) async fn earnings<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Vec<(Account, i64)>, StoreError> {
    if from > to {
        return Ok(Vec::new());
    }
    let (before, until) = (day_of(from).saturating_sub(1), day_of(to));
    let mut currencies = Currencies::default();
    let mut lines: Vec<(Account, i128)> = Vec::new();
    for row in engine.fetch(link, EARNINGS, vec![int(before), int(until)]).await? {
        let account = account(&row, &mut currencies)?;
        let (bound, balance) = figure(&row, ACCOUNT_COLUMNS)?;
        let moved = if bound == until {
            let closed = row.opt_int(ACCOUNT_COLUMNS.saturating_add(5))?.unwrap_or(0);
            balance.saturating_sub(on_normal_side(account.state.class, closed))
        } else {
            balance.saturating_neg()
        };
        // The two rows of an account stand beside each other.
        match lines.last_mut().filter(|(last, _)| last.id() == account.id()) {
            Some((_, sum)) => *sum = sum.saturating_add(moved),
            None => lines.push((account, moved)),
        }
    }
    let earned = lines.into_iter().filter(|(_, moved)| *moved != 0);
    earned.map(|(account, moved)| Ok((account, fit(moved)?))).collect()
}
