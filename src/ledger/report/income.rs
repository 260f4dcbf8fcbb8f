//! The income statement: what the bank earned and spent in a range of days.

use std::fmt;

use crate::ledger::report::table::Table;
use crate::ledger::report::tally::Tally;
use crate::ledger::report::{AccountLine, RollUpLine, Section, roll_up, write_parts};
use crate::ledger::{AccountClass, Chart};
use crate::money::Currency;

/// The income statement of one currency.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct CurrencyIncomeStatement {
    /// The currency.
    pub currency: Currency,
    /// What was earned.
    pub income: Section,
    /// What was spent.
    pub expenses: Section,
    /// Income less expenses, in minor units; negative for a loss.
    #[serde(serialize_with = "super::wire::amount")]
    pub result: i128,
}

impl CurrencyIncomeStatement {
    fn new(currency: Currency, lines: &[RollUpLine]) -> Self {
        let income = Section::take(lines, AccountClass::Income);
        let expenses = Section::take(lines, AccountClass::Expense);
        let result = income.total.saturating_sub(expenses.total);
        Self { currency, income, expenses, result }
    }
}

/// The income statement of a range of days.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct IncomeStatement {
    /// One part per currency that has an income or expense account, in the order of the
    /// currencies.
    pub currencies: Vec<CurrencyIncomeStatement>,
}

impl IncomeStatement {
    /// The income statement of all lines; see [`IncomeStatementBuilder::add`].
    #[must_use]
    pub fn from_lines(chart: &Chart, lines: impl IntoIterator<Item = AccountLine>) -> Self {
        let mut builder = IncomeStatementBuilder::new(chart);
        lines.into_iter().for_each(|line| builder.add(line));
        builder.finish()
    }

    /// The part of a currency.
    #[must_use]
    pub fn currency(&self, currency: Currency) -> Option<&CurrencyIncomeStatement> {
        self.currencies.iter().find(|part| part.currency == currency)
    }

    /// Income less expenses of a currency, in minor units; zero for one that does not occur.
    #[must_use]
    pub fn result(&self, currency: Currency) -> i128 {
        self.currency(currency).map_or(0, |part| part.result)
    }
}

/// Builds an [`IncomeStatement`] line by line.
#[derive(Debug, Clone)]
pub struct IncomeStatementBuilder<'a> {
    chart: &'a Chart,
    tally: Tally,
}

impl<'a> IncomeStatementBuilder<'a> {
    /// An income statement without lines yet.
    #[must_use]
    pub fn new(chart: &'a Chart) -> Self {
        Self { chart, tally: Tally::default() }
    }

    /// Adds the line of an account whose `balance` is the movement of the range: the balance at
    /// its end less the one at its beginning, year-end closings not counted. Lines of assets,
    /// liabilities and equity are no part of the statement and are passed over.
    pub fn add(&mut self, line: AccountLine) {
        if line.class.is_temporary() {
            self.tally.add(&line);
        }
    }

    /// The income statement.
    #[must_use]
    pub fn finish(self) -> IncomeStatement {
        let parts = roll_up::by_currency(self.chart, self.tally, false).into_iter();
        let currencies =
            parts.map(|(currency, lines)| CurrencyIncomeStatement::new(currency, &lines)).collect();
        IncomeStatement { currencies }
    }
}

impl fmt::Display for CurrencyIncomeStatement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let title = format!("Income statement {}", self.currency);
        let mut table = Table::new(self.currency, title, "Own", "Total");
        table.section("Income", &self.income);
        table.row("Total income".to_owned(), None, Some(self.income.total));
        table.space();
        table.section("Expenses", &self.expenses);
        table.row("Total expenses".to_owned(), None, Some(self.expenses.total));
        table.rule();
        let name = if self.result < 0 { "Loss" } else { "Profit" };
        table.row(name.to_owned(), None, Some(self.result));
        table.fmt(f)
    }
}

impl fmt::Display for IncomeStatement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_parts(f, "Income statement", &self.currencies)
    }
}
