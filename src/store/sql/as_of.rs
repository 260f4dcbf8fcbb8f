//! Balances as of a day or an instant: the balance after the last entry in order up to then, and
//! what later entries brought of earlier days. No sum runs over the history of an account.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::codes::{class_of, day_of};
use super::engine::{Arg, Column, Engine, Row, missing};
use super::journal::{Filter, Span, transactions_at};
use super::place::first_place;
use super::read::int;
use super::rows::{ACCOUNT_COLUMNS, Currencies, account, account_columns};
use super::search::search;
use crate::id::AccountId;
use crate::ledger::query::{AsOf, Direction};
use crate::ledger::{Account, AccountClass, Balance, Kind, Side};
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
    Ok((bound, i128::from(after).saturating_add(on_normal_side(class, i128::from(late)))))
}

/// A movement, positive on the normal side.
const fn on_normal_side(class: AccountClass, movement: i128) -> i128 {
    match class.normal_side() {
        Side::Debit => movement,
        Side::Credit => movement.saturating_neg(),
    }
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

/// The units in which years were closed, and how many they are.
const CLOSES: &str = "SELECT u.number, u.records FROM ~unit AS u WHERE u.kind = 'year_close' \
     UNION ALL SELECT u.number, u.records FROM ~unit_kind AS k \
     JOIN ~unit AS u ON u.number = k.unit WHERE k.kind = 'year_close'";
macro_rules! closes {
    () => {
        "(SELECT COUNT(*) FROM ~unit AS u WHERE u.kind = 'year_close') \
         + (SELECT COUNT(*) FROM ~unit_kind AS k WHERE k.kind = 'year_close')"
    };
}

const EARNINGS: &str = concat!(
    temporary!(),
    " SELECT ",
    account_columns!(),
    ", ",
    figures!(late!("late_booked")),
    ", ",
    closes!(),
    found!(),
    " JOIN ~unit AS opening ON opening.number = (a.opened >> 14)",
    ended!(),
    " ORDER BY a.key"
);

/// What year closes booked behind one day and up to another moved, per account, with the number
/// of all closes that there are.
async fn closed<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    before: i64,
    until: i64,
) -> Result<(HashMap<AccountId, i128>, usize), StoreError> {
    let rows = engine.fetch(link, CLOSES, Vec::new()).await?;
    let span = |row: &E::Row| {
        // They are not put into an order, so their positions do not matter.
        Ok(Span { low: first_place(row.int(0)?)?, position: 0, records: row.int(1)? })
    };
    let spans: Vec<Span> = rows.iter().map(span).collect::<Result<_, StoreError>>()?;
    let filter = Filter { kind: Some(Kind::YEAR_CLOSE), from: before.saturating_add(1), to: until };
    let direction = Direction::Forward;
    let mut moved: HashMap<AccountId, i128> = HashMap::new();
    for span in &spans {
        let found = transactions_at(engine, link, &[*span], direction, filter, |_| true).await?;
        for entry in found.into_iter().flat_map(|transaction| transaction.entries) {
            let amount = i128::from(entry.money.minor());
            let sum = moved.entry(entry.account).or_default();
            *sum = match entry.side {
                Side::Debit => sum.saturating_add(amount),
                Side::Credit => sum.saturating_sub(amount),
            };
        }
    }
    Ok((moved, rows.len()))
}

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
    loop {
        let (closed, closes) = closed(engine, link, before, until).await?;
        let args = vec![int(before), int(until)];
        let rows = engine.fetch(link, EARNINGS, args).await?;
        // Two statements: no year may have been closed between them.
        let now = rows.first().map(|row| row.int(ACCOUNT_COLUMNS.saturating_add(5))).transpose()?;
        if now.is_none_or(|now| usize::try_from(now) == Ok(closes)) {
            return earned(&rows, until, &closed);
        }
    }
}

fn earned<R: Row>(
    rows: &[R],
    until: i64,
    closed: &HashMap<AccountId, i128>,
) -> Result<Vec<(Account, i64)>, StoreError> {
    let mut currencies = Currencies::default();
    let mut lines: Vec<(Account, i128)> = Vec::new();
    for row in rows {
        let account = account(row, &mut currencies)?;
        let (bound, balance) = figure(row, ACCOUNT_COLUMNS)?;
        let moved = if bound == until {
            let closed = closed.get(&account.id()).copied().unwrap_or(0);
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
