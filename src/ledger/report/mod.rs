//! Reports over plain account lines: roll-up, trial balance, balance sheet, income statement.
//!
//! A caller streams one [`AccountLine`] per account into a builder; the builder keeps a pair of
//! sums per currency and chart code, so that ten million accounts need no more memory than the
//! chart. Sums are 128 bits wide: with lines of 64 bits no book can reach their bound.
//!
//! A report never hides an amount. A line whose code the chart does not know, or knows under
//! another class, is shown on its own at depth 0, without a name.
//!
//! Every report prints itself as a plain-text table of at most 100 columns, unless amounts of
//! more than 30 digits need more. Amounts carry the decimals of their currency.

mod income;
mod roll_up;
mod sheet;
mod table;
mod tally;
#[cfg(test)]
mod tests;
mod trial;

pub use income::{CurrencyIncomeStatement, IncomeStatement, IncomeStatementBuilder};
pub use roll_up::{RollUpBuilder, RollUpLine, Section, roll_up};
pub use sheet::{BalanceSheet, BalanceSheetBuilder, CurrencyBalanceSheet};
pub use table::format_minor;
pub use trial::{CurrencyTrialBalance, TrialBalance, TrialBalanceBuilder, TrialLine};

use crate::id::AccountId;
use crate::ledger::{AccountClass, ChartCode};
use crate::money::Currency;

/// What a report reads of one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountLine {
    /// The account.
    pub account: AccountId,
    /// The node of the chart under which it stands.
    pub code: ChartCode,
    /// Its class.
    pub class: AccountClass,
    /// Its currency.
    pub currency: Currency,
    /// The ledger balance in minor units, positive on the normal side; for an income statement
    /// the movement of the range instead.
    pub balance: i64,
}

/// Writes the parts of a report, one per currency, with an empty line between them.
fn write_parts<T: std::fmt::Display>(
    f: &mut std::fmt::Formatter<'_>,
    title: &str,
    parts: &[T],
) -> std::fmt::Result {
    if parts.is_empty() {
        return writeln!(f, "{title}: no amounts");
    }
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            writeln!(f)?;
        }
        write!(f, "{part}")?;
    }
    Ok(())
}

/// Amounts on the wire: decimal strings of minor units, because many readers of JSON keep only 53
/// bits of a number.
mod wire {
    pub(super) fn amount<S: serde::Serializer>(amount: &i128, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(amount)
    }
}
