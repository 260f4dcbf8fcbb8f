//! Debits and credits by currency.

use crate::ledger::{Leg, Side};
use crate::money::{Currency, Money};

/// What was debited and credited in a currency, in minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// The currency.
    pub currency: Currency,
    /// All debits.
    pub debits: i128,
    /// All credits.
    pub credits: i128,
}

/// Totals of few currencies: a list in the order in which they appear beats a map.
#[derive(Debug, Default)]
pub(super) struct Sums {
    pub(super) totals: Vec<Totals>,
    /// Where the last currency stands.
    last: usize,
}

impl Sums {
    pub(super) fn add(&mut self, side: Side, money: Money) {
        let currency = money.currency();
        if self.totals.get(self.last).is_none_or(|total| total.currency != currency) {
            let known = self.totals.iter().position(|total| total.currency == currency);
            self.last = known.unwrap_or_else(|| {
                self.totals.push(Totals { currency, debits: 0, credits: 0 });
                self.totals.len().saturating_sub(1)
            });
        }
        if let Some(total) = self.totals.get_mut(self.last) {
            let sum = match side {
                Side::Debit => &mut total.debits,
                Side::Credit => &mut total.credits,
            };
            *sum = sum.saturating_add(i128::from(money.minor()));
        }
    }

    /// The currencies in which legs do not balance. Uses the list as scratch paper.
    pub(super) fn unbalanced(
        &mut self,
        legs: impl Iterator<Item = Leg>,
    ) -> impl Iterator<Item = Totals> {
        self.totals.clear();
        for leg in legs {
            self.add(leg.side, leg.money);
        }
        self.totals.iter().copied().filter(|total| total.debits != total.credits)
    }
}
