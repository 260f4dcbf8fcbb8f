//! Plain-text tables: a label and two columns of amounts.

use std::fmt;

use crate::ledger::AccountClass;
use crate::ledger::report::{RollUpLine, Section};
use crate::money::Currency;

/// The widest line, as long as the amounts allow it.
const WIDTH: usize = 100;
/// The bounds of the label column.
const LABEL: std::ops::RangeInclusive<usize> = 24..=64;
/// The narrowest amount column.
const AMOUNT: usize = 14;
/// The deepest level that is still indented further than the one above.
const INDENTS: usize = 8;

/// Writes an amount of minor units as a decimal with `exponent` places, its thousands grouped by
/// a comma: `format_minor(-123_456, 2)` is `-1,234.56`.
#[must_use]
pub fn format_minor(amount: i128, exponent: u8) -> String {
    let places = usize::from(exponent);
    let digits = format!("{:0>width$}", amount.unsigned_abs(), width = places.saturating_add(1));
    let (whole, fraction) =
        digits.split_at_checked(digits.len().saturating_sub(places)).unwrap_or((&digits, ""));
    let mut text = String::with_capacity(digits.len().saturating_mul(2));
    if amount < 0 {
        text.push('-');
    }
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && whole.len().saturating_sub(at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// What a line is called that the chart does not know under its class.
pub(super) fn stray_name(class: AccountClass) -> String {
    format!("(not in the chart as {})", class.code())
}

enum Row {
    Rule,
    Space,
    Cells([String; 3]),
}

/// A table of one currency, printed when all its rows are known.
pub(super) struct Table {
    exponent: u8,
    rows: Vec<Row>,
}

impl Table {
    /// A table with its head: a title and the names of the two columns.
    pub(super) fn new(currency: Currency, title: String, left: &str, right: &str) -> Self {
        let mut table = Self { exponent: currency.exponent(), rows: Vec::new() };
        table.rows.push(Row::Cells([title, left.to_owned(), right.to_owned()]));
        table.rule();
        table
    }

    pub(super) fn rule(&mut self) {
        self.rows.push(Row::Rule);
    }

    pub(super) fn space(&mut self) {
        self.rows.push(Row::Space);
    }

    pub(super) fn heading(&mut self, label: &str) {
        self.row(label.to_owned(), None, None);
    }

    /// A row; an absent amount leaves its cell empty.
    pub(super) fn row(&mut self, label: String, left: Option<i128>, right: Option<i128>) {
        let cell = |amount: Option<i128>| {
            amount.map(|amount| format_minor(amount, self.exponent)).unwrap_or_default()
        };
        let cells = [label, cell(left), cell(right)];
        self.rows.push(Row::Cells(cells));
    }

    /// A headed section of roll-up lines, without its total.
    pub(super) fn section(&mut self, heading: &str, section: &Section) {
        self.heading(heading);
        for line in &section.lines {
            let own = Some(line.own).filter(|own| *own != 0);
            self.row(tree_label(line), own, Some(line.total));
        }
    }

    /// The widths of the three columns.
    fn widths(&self) -> (usize, usize, usize) {
        let (mut label, mut left, mut right) = (*LABEL.start(), AMOUNT, AMOUNT);
        for row in &self.rows {
            if let Row::Cells([first, second, third]) = row {
                label = label.max(first.chars().count());
                left = left.max(second.chars().count());
                right = right.max(third.chars().count());
            }
        }
        let room = WIDTH.saturating_sub(left).saturating_sub(right).saturating_sub(4);
        (label.min(*LABEL.end()).min(room.max(*LABEL.start())), left, right)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (label, left, right) = self.widths();
        let width = [label, left, right, 4].into_iter().fold(0_usize, usize::saturating_add);
        for row in &self.rows {
            match row {
                Row::Rule => writeln!(f, "{:-<width$}", "")?,
                Row::Space => writeln!(f)?,
                Row::Cells([first, second, third]) => {
                    let first = shorten(first, label);
                    let line = format!("{first:<label$}  {second:>left$}  {third:>right$}");
                    writeln!(f, "{}", line.trim_end())?;
                }
            }
        }
        Ok(())
    }
}

/// The label of a node, indented by its depth.
fn tree_label(line: &RollUpLine) -> String {
    let indent = line.depth.min(INDENTS).saturating_add(1).saturating_mul(2);
    match &line.name {
        Some(name) => format!("{:indent$}{}  {}", "", line.code, name.as_str()),
        None => format!("{:indent$}{}  {}", "", line.code, stray_name(line.class)),
    }
}

/// Cuts a text to a number of characters, marking the cut.
fn shorten(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    text.chars().take(max.saturating_sub(1)).chain(std::iter::once('…')).collect()
}
