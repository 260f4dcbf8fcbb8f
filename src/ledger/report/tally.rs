//! The running sums behind every report.

use hashbrown::HashMap;

use crate::ledger::report::AccountLine;
use crate::ledger::{AccountClass, ChartCode, Side};
use crate::money::Currency;

/// What sums are kept by. The order is the order of the reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) currency: Currency,
    pub(super) code: ChartCode,
    pub(super) class: AccountClass,
}

/// The balances on each side, both never negative.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sums {
    pub(super) debit: i128,
    pub(super) credit: i128,
}

impl Sums {
    pub(super) const fn is_zero(self) -> bool {
        self.debit == 0 && self.credit == 0
    }

    /// The net amount, positive on the normal side of a class.
    pub(super) const fn net(self, class: AccountClass) -> i128 {
        match class.normal_side() {
            Side::Debit => self.debit.saturating_sub(self.credit),
            Side::Credit => self.credit.saturating_sub(self.debit),
        }
    }
}

/// Sums per currency, code and class.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    sums: HashMap<Key, Sums>,
}

impl Tally {
    pub(super) fn add(&mut self, line: &AccountLine) {
        let key = Key { currency: line.currency, code: line.code, class: line.class };
        let sums = self.sums.entry(key).or_default();
        let normal = line.class.normal_side();
        let side = if line.balance < 0 { normal.opposite() } else { normal };
        let column = match side {
            Side::Debit => &mut sums.debit,
            Side::Credit => &mut sums.credit,
        };
        // 2^64 lines of the greatest amount fit, so this never saturates.
        *column = column.saturating_add(i128::from(line.balance).saturating_abs());
    }

    /// The sums per currency, in order; within a currency by code, then class.
    pub(super) fn by_currency(self) -> Vec<(Currency, Vec<(Key, Sums)>)> {
        let mut all: Vec<_> = self.sums.into_iter().collect();
        all.sort_unstable_by_key(|(key, _)| *key);
        all.chunk_by(|(left, _), (right, _)| left.currency == right.currency)
            .filter_map(|chunk| Some((chunk.first()?.0.currency, chunk.to_vec())))
            .collect()
    }
}
