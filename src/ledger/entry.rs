//! Legs as asked for, the proof that they balance, and entries as posted.

use chrono::NaiveDate;

use crate::id::{AccountId, TransactionId};
use crate::ledger::{Refusal, Side};
use crate::money::{Currency, Money};
use crate::time::Timestamp;

/// The most legs of one transaction.
pub const MAX_LEGS: usize = 4_096;

/// One side of one account, as asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Leg {
    /// The account.
    pub account: AccountId,
    /// The side.
    pub side: Side,
    /// The amount, greater than zero, in the account's currency.
    pub money: Money,
}

impl Leg {
    /// A leg.
    #[must_use]
    pub const fn new(account: AccountId, side: Side, money: Money) -> Self {
        Self { account, side, money }
    }
}

/// Legs that are known to balance in every currency: the only thing that can be posted or held.
#[derive(Debug, Clone, Copy)]
pub struct BalancedEntries<'a>(&'a [Leg]);

impl<'a> BalancedEntries<'a> {
    /// Proves that legs balance.
    ///
    /// # Errors
    /// The first of [`Refusal::NoEntries`], [`Refusal::OneLegged`], [`Refusal::TooManyLegs`],
    /// [`Refusal::AmountNotPositive`], [`Refusal::Unbalanced`] that applies.
    pub fn new(legs: &'a [Leg]) -> Result<Self, Refusal> {
        match legs {
            [] => return Err(Refusal::NoEntries),
            [_] => return Err(Refusal::OneLegged),
            // The common shape, proved without a loop.
            [a, b] if a.side != b.side && a.money == b.money && a.money.minor() > 0 => {
                return Ok(Self(legs));
            }
            _ if legs.len() > MAX_LEGS => {
                return Err(Refusal::TooManyLegs { count: legs.len(), max: MAX_LEGS });
            }
            _ => {}
        }
        if let Some(at) = legs.iter().position(|leg| leg.money.minor() <= 0) {
            return Err(Refusal::AmountNotPositive { leg: at });
        }
        match unbalanced(legs) {
            Some((currency, debits, credits)) => {
                Err(Refusal::Unbalanced { currency, debits, credits })
            }
            None => Ok(Self(legs)),
        }
    }

    /// The legs in the order given.
    #[must_use]
    pub const fn legs(&self) -> &'a [Leg] {
        self.0
    }
}

/// The first currency, in the order of the legs, whose sides differ.
fn unbalanced(legs: &[Leg]) -> Option<(Currency, i128, i128)> {
    // Few currencies stand in one transaction; a list beats a map.
    let mut sums: Vec<(Currency, i128, i128)> = Vec::with_capacity(2);
    for leg in legs {
        let at = sums.iter().position(|sum| sum.0 == leg.money.currency());
        let at = at.unwrap_or_else(|| {
            sums.push((leg.money.currency(), 0, 0));
            sums.len().saturating_sub(1)
        });
        if let Some(sum) = sums.get_mut(at) {
            let counter = match leg.side {
                Side::Debit => &mut sum.1,
                Side::Credit => &mut sum.2,
            };
            // At most MAX_LEGS amounts of 63 bits: far from the end of an i128.
            *counter = counter.saturating_add(i128::from(leg.money.minor()));
        }
    }
    sums.into_iter().find(|(_, debits, credits)| debits != credits)
}

/// An entry as posted: a line of an account's statement.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Entry {
    /// The transaction it belongs to.
    pub transaction: TransactionId,
    /// The account.
    pub account: AccountId,
    /// The side.
    pub side: Side,
    /// The amount, greater than zero.
    pub money: Money,
    /// Its number within the account: 1, 2, 3, without gaps.
    pub number: u64,
    /// The account's ledger balance after it, positive on the normal side, in minor units.
    pub balance_after: i64,
    /// The booking date of its transaction.
    pub booking_date: NaiveDate,
    /// The value date of its transaction.
    pub value_date: NaiveDate,
    /// The instant at which it was posted.
    pub posted_at: Timestamp,
}
