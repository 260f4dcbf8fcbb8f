//! The trial balance: every code with its debit and credit balances.

use std::fmt;

use crate::ledger::report::table::{Table, stray_name};
use crate::ledger::report::tally::{Key, Sums, Tally};
use crate::ledger::report::{AccountLine, write_parts};
use crate::ledger::{AccountClass, Chart, ChartCode, Text};
use crate::money::Currency;

/// A chart code in the trial balance of a currency.
///
/// Each account stands in the column of its own balance: an overdrawn deposit is a debit even if
/// the deposits together are a credit. So both columns of a code may be filled.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct TrialLine {
    /// The code.
    pub code: ChartCode,
    /// Its name; `None` when the chart does not know the code under this class.
    pub name: Option<Text>,
    /// The class of its accounts.
    pub class: AccountClass,
    /// The debit balances in minor units.
    #[serde(serialize_with = "super::wire::amount")]
    pub debit: i128,
    /// The credit balances in minor units.
    #[serde(serialize_with = "super::wire::amount")]
    pub credit: i128,
}

/// The trial balance of one currency.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct CurrencyTrialBalance {
    /// The currency.
    pub currency: Currency,
    /// The codes in order, without those that have nothing in either column.
    pub lines: Vec<TrialLine>,
    /// The sum of the debit column.
    #[serde(serialize_with = "super::wire::amount")]
    pub debit: i128,
    /// The sum of the credit column.
    #[serde(serialize_with = "super::wire::amount")]
    pub credit: i128,
}

impl CurrencyTrialBalance {
    fn new(chart: &Chart, currency: Currency, sums: &[(Key, Sums)]) -> Self {
        let (mut debit, mut credit, mut lines) = (0_i128, 0_i128, Vec::new());
        for (Key { code, class, .. }, sums) in sums {
            let node = chart.get(*code).filter(|node| node.class == *class);
            if node.is_some() && sums.is_zero() {
                continue;
            }
            debit = debit.saturating_add(sums.debit);
            credit = credit.saturating_add(sums.credit);
            lines.push(TrialLine {
                code: *code,
                name: node.map(|node| node.name.clone()),
                class: *class,
                debit: sums.debit,
                credit: sums.credit,
            });
        }
        Self { currency, lines, debit, credit }
    }

    /// Debits less credits, in minor units; zero in a sound book.
    #[must_use]
    pub const fn difference(&self) -> i128 {
        self.debit.saturating_sub(self.credit)
    }
}

/// The trial balance of a book: the proof that debits equal credits in every currency.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct TrialBalance {
    /// One part per currency that has an account, in the order of the currencies.
    pub currencies: Vec<CurrencyTrialBalance>,
}

impl TrialBalance {
    /// The trial balance of all lines.
    #[must_use]
    pub fn from_lines(chart: &Chart, lines: impl IntoIterator<Item = AccountLine>) -> Self {
        let mut builder = TrialBalanceBuilder::new(chart);
        lines.into_iter().for_each(|line| builder.add(line));
        builder.finish()
    }

    /// The part of a currency.
    #[must_use]
    pub fn currency(&self, currency: Currency) -> Option<&CurrencyTrialBalance> {
        self.currencies.iter().find(|part| part.currency == currency)
    }

    /// Whether debits equal credits in every currency.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.currencies.iter().all(|part| part.debit == part.credit)
    }

    /// Debits less credits of a currency, in minor units; zero for one that does not occur.
    #[must_use]
    pub fn difference(&self, currency: Currency) -> i128 {
        self.currency(currency).map_or(0, CurrencyTrialBalance::difference)
    }
}

/// Builds a [`TrialBalance`] line by line.
#[derive(Debug, Clone)]
pub struct TrialBalanceBuilder<'a> {
    chart: &'a Chart,
    tally: Tally,
}

impl<'a> TrialBalanceBuilder<'a> {
    /// A trial balance without lines yet.
    #[must_use]
    pub fn new(chart: &'a Chart) -> Self {
        Self { chart, tally: Tally::default() }
    }

    /// Adds the line of an account.
    pub fn add(&mut self, line: AccountLine) {
        self.tally.add(&line);
    }

    /// The trial balance.
    #[must_use]
    pub fn finish(self) -> TrialBalance {
        let parts = self.tally.by_currency().into_iter();
        let currencies = parts
            .map(|(currency, sums)| CurrencyTrialBalance::new(self.chart, currency, &sums))
            .collect();
        TrialBalance { currencies }
    }
}

impl fmt::Display for CurrencyTrialBalance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let title = format!("Trial balance {}", self.currency);
        let mut table = Table::new(self.currency, title, "Debit", "Credit");
        let width = self.lines.iter().map(|line| line.code.as_str().len()).max().unwrap_or(0);
        for line in &self.lines {
            let stray = || stray_name(line.class);
            let name = line.name.as_ref().map_or_else(stray, |name| name.as_str().to_owned());
            let label = format!("{:<width$}  {name}", line.code.as_str());
            let column = |amount: i128| Some(amount).filter(|amount| *amount != 0);
            table.row(label, column(line.debit), column(line.credit));
        }
        table.rule();
        table.row("Total".to_owned(), Some(self.debit), Some(self.credit));
        match self.difference() {
            0 => {}
            over if over > 0 => table.row("DIFFERENCE".to_owned(), Some(over), None),
            under => table.row("DIFFERENCE".to_owned(), None, Some(under.saturating_abs())),
        }
        table.fmt(f)
    }
}

impl fmt::Display for TrialBalance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_parts(f, "Trial balance", &self.currencies)
    }
}
