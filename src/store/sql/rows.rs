//! Rows of accounts, holds, counters, keys and blocks, and how they become what a read returns.
//! The columns of a row stand beside the function that reads them.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::codes::{block_of, class_of, count_of, flag_of, floor_of, hold_state_of};
use super::engine::{Row, missing};
use super::place::offset_of;
use crate::id::{AccountId, LimitId};
use crate::ledger::facts::KeyRecord;
use crate::ledger::seal::Block;
use crate::ledger::{
    Account, AccountProfile, AccountState, Balance, ChartCode, Ended, Hold, IdempotencyKey, Labels,
    OpenedAs, Text, Usage, UsageKey,
};
use crate::money::Currency;
use crate::store::StoreError;
use crate::time::Timestamp;

/// What a column holds as JSON, in the one form in which the library writes it: another form, even
/// of the same meaning, was written by somebody else.
pub(super) fn json<T: DeserializeOwned + Serialize>(text: &str) -> Result<T, StoreError> {
    let value: T = serde_json::from_str(text).map_err(|error| missing().with_source(error))?;
    match serde_json::to_string(&value) {
        Ok(again) if again == text => Ok(value),
        _ => Err(missing()),
    }
}

/// The currencies of a read: rows repeat them, and parsing one costs two searches of a table.
#[derive(Debug, Default)]
pub(super) struct Currencies {
    last: Option<Currency>,
}

impl Currencies {
    /// The currency of a code and an exponent.
    pub(super) fn parse(&mut self, code: &str, exponent: i64) -> Result<Currency, StoreError> {
        let is = |currency: &Currency| {
            currency.code() == code && i64::from(currency.exponent()) == exponent
        };
        if let Some(known) = self.last.filter(is) {
            return Ok(known);
        }
        let digits = u8::try_from(exponent).map_err(|_| missing())?;
        let found = Currency::iso(code).or_else(|_| Currency::custom(code, digits));
        let found = found.ok().filter(is).ok_or_else(missing)?;
        self.last = Some(found);
        Ok(found)
    }
}

/// Columns of [`account_state`], of `account AS a`.
macro_rules! account_state_columns {
    () => {
        "a.key, a.id, a.version, a.debits_posted, a.credits_posted, a.debits_pending, \
         a.credits_pending, a.entries, a.floor, a.floor_amount, a.ceiling, a.currency, \
         a.exponent, a.class, a.block, a.closed, a.guarded"
    };
}
pub(super) use account_state_columns;

/// How many columns [`account_state_columns`] are.
const STATE_COLUMNS: usize = 17;

/// The state of an account from its first 17 columns.
pub(super) fn account_state(
    row: &impl Row,
    currencies: &mut Currencies,
) -> Result<AccountState, StoreError> {
    Ok(AccountState {
        key: count_of(row.int(0)?)?,
        id: AccountId::from_uuid(row.uuid(1)?),
        version: count_of(row.int(2)?)?,
        balance: Balance {
            debits_posted: row.int(3)?,
            credits_posted: row.int(4)?,
            debits_pending: row.int(5)?,
            credits_pending: row.int(6)?,
        },
        entries: count_of(row.int(7)?)?,
        floor: floor_of(row.int(8)?, row.int(9)?)?,
        ceiling: row.opt_int(10)?,
        currency: currencies.parse(row.text(11)?, row.int(12)?)?,
        class: class_of(row.int(13)?)?,
        block: block_of(row.int(14)?)?,
        closed: flag_of(row.int(15)?)?,
        guarded: flag_of(row.int(16)?)?,
    })
}

/// Columns of [`account`], of [`account_tables`].
macro_rules! account_columns {
    () => {
        concat!(
            $crate::store::sql::rows::account_state_columns!(),
            ", a.code, a.customer, a.branch, a.name, a.opened, a.opened_floor, \
             a.opened_floor_amount, a.opened_ceiling, opening.first_instant, opening.not_before"
        )
    };
}
pub(super) use account_columns;

/// An account with the unit that opened it.
macro_rules! account_tables {
    () => {
        "~account AS a JOIN ~unit AS opening ON opening.number = (a.opened >> 14)"
    };
}
pub(super) use account_tables;

/// How many columns [`account_columns`] are.
pub(super) const ACCOUNT_COLUMNS: usize = STATE_COLUMNS + 10;

/// An account.
pub(super) fn account(row: &impl Row, currencies: &mut Currencies) -> Result<Account, StoreError> {
    let name = row.opt_text(20)?.map(Text::new).transpose();
    Ok(Account {
        state: account_state(row, currencies)?,
        profile: AccountProfile {
            code: ChartCode::new(row.text(17)?).map_err(|_| missing())?,
            labels: Labels { customer: row.opt_uuid(18)?, branch: row.opt_uuid(19)? },
            name: name.map_err(|_| missing())?,
            opened_as: OpenedAs {
                floor: floor_of(row.int(22)?, row.int(23)?)?,
                ceiling: row.opt_int(24)?,
            },
            opened_at: instant_of(row.int(21)?, row.opt_int(25)?, row.int(26)?),
        },
    })
}

/// The instant of a place, given the first instant of its unit. A unit that is not settled yet
/// has none: what its own transaction reads of it stands at the instant of its decision.
pub(super) fn instant_of(place: i64, first: Option<i64>, not_before: i64) -> Timestamp {
    Timestamp::from_nanos(first.unwrap_or(not_before)).saturating_add_nanos(offset_of(place))
}

/// The position of a place, given the first position of its unit; 0 before it is settled.
pub(super) fn position_of(place: i64, first: Option<i64>) -> Result<u64, StoreError> {
    first.map_or(Ok(0), |first| count_of(first.saturating_add(offset_of(place))))
}

/// Columns of [`hold`], of [`hold_tables`].
macro_rules! hold_columns {
    () => {
        "h.place, h.version, h.state, h.ended_place, h.body, placed.first_position, \
         placed.first_instant, placed.not_before, ended.first_position, ended.first_instant, \
         ended.not_before"
    };
}
pub(super) use hold_columns;

/// A hold with the units that placed and ended it.
macro_rules! hold_tables {
    () => {
        "~hold AS h JOIN ~unit AS placed ON placed.number = (h.place >> 14) \
         LEFT JOIN ~unit AS ended ON ended.number = (h.ended_place >> 14)"
    };
}
pub(super) use hold_tables;

/// A hold.
pub(super) fn hold(row: &impl Row) -> Result<Hold, StoreError> {
    let mut hold: Hold = json(row.text(4)?)?;
    let place = row.int(0)?;
    hold.version = count_of(row.int(1)?)?;
    hold.position = position_of(place, row.opt_int(5)?)?;
    hold.placed_at = instant_of(place, row.opt_int(6)?, row.int(7)?);
    match (&mut hold.ended, row.opt_int(3)?) {
        (None, None) => {}
        (Some(ended), Some(place)) => {
            let position = position_of(place, row.opt_int(8)?)?;
            let at = instant_of(place, row.opt_int(9)?, row.int(10)?);
            *ended = Ended { position, at, ..*ended };
        }
        _ => return Err(missing()),
    }
    if hold.state != hold_state_of(row.int(2)?)? {
        return Err(missing());
    }
    Ok(hold)
}

/// Columns of [`usage`], of `usage AS c`.
macro_rules! usage_columns {
    () => {
        "c.limit_id, c.subject, c.bucket, c.version, c.amount, c.times"
    };
}
pub(super) use usage_columns;

/// A counter of a limit.
pub(super) fn usage(row: &impl Row) -> Result<(UsageKey, Usage), StoreError> {
    let limit = LimitId::from_uuid(row.uuid(0)?);
    let key = UsageKey { limit, subject: row.uuid(1)?, bucket: row.int(2)? };
    let count = u32::try_from(row.int(5)?).map_err(|_| missing())?;
    Ok((key, Usage { version: count_of(row.int(3)?)?, amount: row.int(4)?, count }))
}

/// A key with the place of its instruction within the request, and what it was used for.
pub(super) type UsedKey = ((IdempotencyKey, u32), KeyRecord);

/// Columns of [`used_key`], of `idempotency AS i`.
macro_rules! key_columns {
    () => {
        "i.key, i.at, i.used_for"
    };
}
pub(super) use key_columns;

/// An idempotency key.
pub(super) fn used_key(row: &impl Row) -> Result<UsedKey, StoreError> {
    let key = IdempotencyKey::new(row.text(0)?).map_err(|_| missing())?;
    let at = u32::try_from(row.int(1)?).map_err(|_| missing())?;
    Ok(((key, at), json(row.text(2)?)?))
}

/// Columns of [`block`], of `block AS b`.
macro_rules! block_columns {
    () => {
        "b.number, b.first_position, b.records, b.root, b.previous, b.sealed_at, b.hash"
    };
}
pub(super) use block_columns;

/// A sealed block.
pub(super) fn block(row: &impl Row) -> Result<Block, StoreError> {
    Ok(Block {
        number: count_of(row.int(0)?)?,
        first_position: count_of(row.int(1)?)?,
        count: u32::try_from(row.int(2)?).map_err(|_| missing())?,
        root: bytes(row, 3)?,
        previous: bytes(row, 4)?,
        sealed_at: Timestamp::from_nanos(row.int(5)?),
        hash: bytes(row, 6)?,
    })
}

/// So many bytes, no more and no fewer.
pub(super) fn bytes<const N: usize>(row: &impl Row, at: usize) -> Result<[u8; N], StoreError> {
    let found = row.opt_bytes(at)?.ok_or_else(missing)?;
    found.try_into().map_err(|_| missing())
}
