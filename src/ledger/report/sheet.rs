//! The balance sheet: what the bank owns, what it owes, and what belongs to its owners.

use std::fmt;

use crate::ledger::report::table::Table;
use crate::ledger::report::tally::Tally;
use crate::ledger::report::{AccountLine, RollUpLine, Section, roll_up, write_parts};
use crate::ledger::{AccountClass, Chart};
use crate::money::Currency;

/// The balance sheet of one currency.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct CurrencyBalanceSheet {
    /// The currency.
    pub currency: Currency,
    /// What the bank owns.
    pub assets: Section,
    /// What it owes.
    pub liabilities: Section,
    /// What stands on equity accounts; its total is without the current earnings.
    pub equity: Section,
    /// Income less expenses that no year-end has closed into equity yet, in minor units.
    #[serde(serialize_with = "super::wire::amount")]
    pub current_earnings: i128,
}

impl CurrencyBalanceSheet {
    fn new(currency: Currency, lines: &[RollUpLine]) -> Self {
        let section = |class| Section::take(lines, class);
        let expenses = section(AccountClass::Expense).total;
        Self {
            currency,
            assets: section(AccountClass::Asset),
            liabilities: section(AccountClass::Liability),
            equity: section(AccountClass::Equity),
            current_earnings: section(AccountClass::Income).total.saturating_sub(expenses),
        }
    }

    /// Equity with the current earnings, in minor units.
    #[must_use]
    pub const fn total_equity(&self) -> i128 {
        self.equity.total.saturating_add(self.current_earnings)
    }

    /// Liabilities and equity with the current earnings, in minor units.
    #[must_use]
    pub const fn liabilities_and_equity(&self) -> i128 {
        self.liabilities.total.saturating_add(self.total_equity())
    }

    /// Assets less all that stands against them, in minor units; zero in a sound book.
    #[must_use]
    pub const fn difference(&self) -> i128 {
        self.assets.total.saturating_sub(self.liabilities_and_equity())
    }
}

/// The balance sheet of a book.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct BalanceSheet {
    /// One part per currency that has an account, in the order of the currencies.
    pub currencies: Vec<CurrencyBalanceSheet>,
}

impl BalanceSheet {
    /// The balance sheet of all lines.
    #[must_use]
    pub fn from_lines(chart: &Chart, lines: impl IntoIterator<Item = AccountLine>) -> Self {
        let mut builder = BalanceSheetBuilder::new(chart);
        lines.into_iter().for_each(|line| builder.add(line));
        builder.finish()
    }

    /// The part of a currency.
    #[must_use]
    pub fn currency(&self, currency: Currency) -> Option<&CurrencyBalanceSheet> {
        self.currencies.iter().find(|part| part.currency == currency)
    }

    /// Whether assets equal liabilities, equity and current earnings in every currency.
    #[must_use]
    pub fn is_balanced(&self) -> bool {
        self.currencies.iter().all(|part| part.difference() == 0)
    }
}

/// Builds a [`BalanceSheet`] line by line.
#[derive(Debug, Clone)]
pub struct BalanceSheetBuilder<'a> {
    chart: &'a Chart,
    tally: Tally,
}

impl<'a> BalanceSheetBuilder<'a> {
    /// A balance sheet without lines yet.
    #[must_use]
    pub fn new(chart: &'a Chart) -> Self {
        Self { chart, tally: Tally::default() }
    }

    /// Adds the line of an account, of any class.
    pub fn add(&mut self, line: AccountLine) {
        self.tally.add(&line);
    }

    /// The balance sheet.
    #[must_use]
    pub fn finish(self) -> BalanceSheet {
        let parts = roll_up::by_currency(self.chart, self.tally, false).into_iter();
        let currencies =
            parts.map(|(currency, lines)| CurrencyBalanceSheet::new(currency, &lines)).collect();
        BalanceSheet { currencies }
    }
}

impl fmt::Display for CurrencyBalanceSheet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let title = format!("Balance sheet {}", self.currency);
        let mut table = Table::new(self.currency, title, "Own", "Total");
        table.section("Assets", &self.assets);
        table.row("Total assets".to_owned(), None, Some(self.assets.total));
        table.space();
        table.section("Liabilities", &self.liabilities);
        table.row("Total liabilities".to_owned(), None, Some(self.liabilities.total));
        table.space();
        table.section("Equity", &self.equity);
        let earnings = self.current_earnings;
        table.row("  Current earnings".to_owned(), None, Some(earnings));
        table.row("Total equity".to_owned(), None, Some(self.total_equity()));
        table.rule();
        let against = self.liabilities_and_equity();
        table.row("Liabilities and equity".to_owned(), None, Some(against));
        if self.difference() != 0 {
            table.row("DIFFERENCE to assets".to_owned(), None, Some(self.difference()));
        }
        table.fmt(f)
    }
}

impl fmt::Display for BalanceSheet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_parts(f, "Balance sheet", &self.currencies)
    }
}
