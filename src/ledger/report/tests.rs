#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::inconsistent_digit_grouping,
    reason = "tests: a panic is a failure, and 1_234_50 reads as 1,234.50"
)]

use proptest::prelude::*;

use super::*;
use crate::ledger::AccountClass::{Asset, Equity, Expense, Income, Liability};
use crate::ledger::{Chart, ChartNode, Side, Text};

fn code(text: &str) -> ChartCode {
    ChartCode::new(text).unwrap()
}

fn chart() -> Chart {
    let nodes = [
        ("1000", Asset, None, "Cash and banks"),
        ("1100", Asset, Some("1000"), "Cash in vault"),
        ("1110", Asset, Some("1100"), "Vault of the main branch"),
        ("1200", Asset, Some("1000"), "Nostro"),
        ("1500", Asset, None, "Loans"),
        ("2000", Liability, None, "Customer deposits"),
        ("2100", Liability, Some("2000"), "Checking"),
        ("2200", Liability, Some("2000"), "Savings"),
        ("3000", Equity, None, "Capital"),
        ("4000", Income, None, "Income"),
        ("4100", Income, Some("4000"), "Fees"),
        ("5000", Expense, None, "Expenses"),
        ("5100", Expense, Some("5000"), "Interest paid"),
    ]
    .map(|(own, class, parent, name)| {
        ChartNode::new(code(own), class, parent.map(code), Text::new(name).unwrap())
    });
    let mut chart = Chart::default();
    chart.define(&nodes).unwrap();
    chart
}

fn line(own: &str, class: AccountClass, currency: Currency, balance: i64) -> AccountLine {
    AccountLine { account: AccountId::from_u128(1), code: code(own), class, currency, balance }
}

fn kwd() -> Currency {
    Currency::iso("KWD").unwrap()
}

fn usd(own: &str, class: AccountClass, balance: i64) -> AccountLine {
    line(own, class, Currency::USD, balance)
}

/// A small sound book with one overdrawn deposit.
fn book() -> Vec<AccountLine> {
    vec![
        usd("1100", Asset, 20_000_00),
        usd("1110", Asset, 1_250_000_50),
        usd("1200", Asset, -3_000_00),
        usd("1500", Asset, 0),
        usd("2100", Liability, 850_000_00),
        usd("2100", Liability, -500_00),
        usd("2200", Liability, 315_000_50),
        usd("3000", Equity, 100_000_00),
        usd("4100", Income, 4_000_00),
        usd("5100", Expense, 1_500_00),
    ]
}

#[test]
fn amounts_are_formatted_by_exponent() {
    for (amount, exponent, text) in [
        (0, 2, "0.00"),
        (0, 0, "0"),
        (-5, 2, "-0.05"),
        (999, 0, "999"),
        (1_000, 0, "1,000"),
        (-123_456, 2, "-1,234.56"),
        (1_234_567_890, 3, "1,234,567.890"),
        (12, 4, "0.0012"),
        (i128::MAX, 0, "170,141,183,460,469,231,731,687,303,715,884,105,727"),
        (i128::MIN, 2, "-1,701,411,834,604,692,317,316,873,037,158,841,057.28"),
    ] {
        assert_eq!(format_minor(amount, exponent), text);
    }
}

#[test]
fn trial_balance_reads_well() {
    let report = TrialBalance::from_lines(&chart(), book());
    assert!(report.is_zero());
    let golden = "\
Trial balance USD                        Debit          Credit
--------------------------------------------------------------
1100  Cash in vault                  20,000.00
1110  Vault of the main branch    1,250,000.50
1200  Nostro                                          3,000.00
2100  Checking                          500.00      850,000.00
2200  Savings                                       315,000.50
3000  Capital                                       100,000.00
4100  Fees                                            4,000.00
5100  Interest paid                   1,500.00
--------------------------------------------------------------
Total                             1,272,000.50    1,272,000.50
";
    assert!(report.to_string() == golden, "\n{report}");
}

#[test]
fn balance_sheet_reads_well() {
    let report = BalanceSheet::from_lines(&chart(), book());
    assert!(report.is_balanced());
    let golden = "\
Balance sheet USD                                Own           Total
--------------------------------------------------------------------
Assets
  1000  Cash and banks                                  1,267,000.50
    1100  Cash in vault                    20,000.00    1,270,000.50
      1110  Vault of the main branch    1,250,000.50    1,250,000.50
    1200  Nostro                           -3,000.00       -3,000.00
Total assets                                            1,267,000.50

Liabilities
  2000  Customer deposits                               1,164,500.50
    2100  Checking                        849,500.00      849,500.00
    2200  Savings                         315,000.50      315,000.50
Total liabilities                                       1,164,500.50

Equity
  3000  Capital                           100,000.00      100,000.00
  Current earnings                                          2,500.00
Total equity                                              102,500.00
--------------------------------------------------------------------
Liabilities and equity                                  1,267,000.50
";
    assert!(report.to_string() == golden, "\n{report}");
}

#[test]
fn income_statement_reads_well() {
    let report = IncomeStatement::from_lines(&chart(), book());
    assert_eq!(report.result(Currency::USD), 2_500_00);
    let golden = "\
Income statement USD                 Own           Total
--------------------------------------------------------
Income
  4000  Income                                  4,000.00
    4100  Fees                  4,000.00        4,000.00
Total income                                    4,000.00

Expenses
  5000  Expenses                                1,500.00
    5100  Interest paid         1,500.00        1,500.00
Total expenses                                  1,500.00
--------------------------------------------------------
Profit                                          2,500.00
";
    assert!(report.to_string() == golden, "\n{report}");
}

#[test]
fn exponents_of_other_currencies_are_kept() {
    let lines =
        |currency| [line("1200", Asset, currency, 1234), line("3000", Equity, currency, 1234)];
    let yen = TrialBalance::from_lines(&chart(), lines(Currency::JPY)).to_string();
    assert!(yen.contains(" 1,234\n") && yen.starts_with("Trial balance JPY"), "{yen}");
    let dinar = BalanceSheet::from_lines(&chart(), lines(kwd())).to_string();
    assert!(dinar.contains(" 1.234\n"), "{dinar}");
    let both = lines(Currency::JPY).into_iter().chain(lines(kwd()));
    let both = TrialBalance::from_lines(&chart(), both);
    assert_eq!(both.currencies.len(), 2);
    assert_eq!(both.to_string().matches("\n\nTrial balance ").count(), 1);
}

#[test]
fn a_difference_is_named_per_currency() {
    let lines = [usd("1200", Asset, 100), usd("2100", Liability, 130)];
    let report = TrialBalance::from_lines(&chart(), lines);
    assert!(!report.is_zero());
    assert_eq!(report.difference(Currency::USD), -30);
    assert_eq!(report.difference(Currency::JPY), 0);
    assert!(report.to_string().contains("DIFFERENCE"));
    let sheet = BalanceSheet::from_lines(&chart(), lines);
    assert!(!sheet.is_balanced());
    assert!(sheet.to_string().contains("DIFFERENCE to assets"));
}

#[test]
fn amounts_are_strings_on_the_wire() {
    let report = TrialBalance::from_lines(&chart(), [usd("1200", Asset, i64::MIN)]);
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["currencies"][0]["credit"], "9223372036854775808");
    assert_eq!(json["currencies"][0]["lines"][0]["debit"], "0");
}

#[test]
fn nothing_is_said_in_words() {
    assert_eq!(TrialBalance::default().to_string(), "Trial balance: no amounts\n");
    assert!(TrialBalance::default().is_zero() && BalanceSheet::default().is_balanced());
    assert!(roll_up(&chart(), []).is_empty());
}

#[test]
fn roll_up_is_pre_order_and_adds_children() {
    let lines = roll_up(&chart(), book());
    let seen: Vec<_> = lines
        .iter()
        .filter(|line| line.class == Asset)
        .map(|line| (line.code.as_str(), line.depth, line.own, line.total))
        .collect();
    assert_eq!(
        seen,
        [
            ("1000", 0, 0, 1_267_000_50),
            ("1100", 1, 20_000_00, 1_270_000_50),
            ("1110", 2, 1_250_000_50, 1_250_000_50),
            ("1200", 1, -3_000_00, -3_000_00),
        ]
    );
    let chart = chart();
    let mut all = RollUpBuilder::new(&chart).with_empty_nodes();
    book().into_iter().for_each(|line| all.add(line));
    assert_eq!(all.finish().len(), chart.len());
}

#[test]
fn amounts_that_cancel_out_are_still_shown() {
    let lines = roll_up(&chart(), [usd("2100", Liability, 5), usd("2100", Liability, -5)]);
    assert_eq!(lines.iter().map(|line| line.code.as_str()).collect::<Vec<_>>(), ["2000", "2100"]);
}

#[test]
fn what_the_chart_does_not_know_is_never_dropped() {
    // An unknown code, a known one under another class, and an unknown one at zero.
    let lines = [
        usd("1999", Asset, 70),
        usd("2100", Asset, 30),
        usd("9", Equity, 0),
        usd("3000", Equity, 100),
    ];
    let rolled = roll_up(&chart(), lines);
    let seen: Vec<_> =
        rolled.iter().map(|line| (line.code.as_str(), line.name.is_some(), line.depth)).collect();
    assert_eq!(seen, [("1999", false, 0), ("2100", false, 0), ("3000", true, 0), ("9", false, 0)]);
    let sheet = BalanceSheet::from_lines(&chart(), lines);
    assert!(sheet.is_balanced());
    assert_eq!(sheet.currency(Currency::USD).unwrap().assets.total, 100);
    let trial = TrialBalance::from_lines(&chart(), lines);
    assert!(trial.is_zero());
    assert_eq!(trial.currencies[0].lines.len(), 4);
    assert!(trial.to_string().contains("1999  (not in the chart as asset)"));
}

#[test]
fn extremes_of_many_accounts_add_up() {
    let chart = chart();
    let mut trial = TrialBalanceBuilder::new(&chart);
    let mut sheet = BalanceSheetBuilder::new(&chart);
    for _ in 0..10_000 {
        for balance in [i64::MAX, i64::MIN] {
            for (own, class) in [("1110", Asset), ("2200", Liability)] {
                trial.add(usd(own, class, balance));
                sheet.add(usd(own, class, balance));
            }
        }
        sheet.add(usd("1200", Asset, i64::MAX));
        sheet.add(usd("3000", Equity, i64::MAX));
    }
    let trial = trial.finish();
    assert!(trial.is_zero());
    let sums = 10_000 * (i128::from(i64::MAX) - i128::from(i64::MIN));
    assert_eq!(trial.currency(Currency::USD).unwrap().debit, sums);
    let sheet = sheet.finish();
    assert!(sheet.is_balanced());
    assert_eq!(sheet.currencies[0].assets.total, 10_000 * (i128::from(i64::MAX) - 1));
    for text in [trial.to_string(), sheet.to_string()] {
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    }
}

#[test]
fn long_names_and_deep_charts_stay_within_the_width() {
    let mut chart = Chart::default();
    let name = Text::new(&"ü".repeat(500)).unwrap();
    let mut parent = None;
    for at in 0..2_000 {
        let own = code(&format!("A{at:05}"));
        chart.define(&[ChartNode::new(own, Asset, parent, name.clone())]).unwrap();
        parent = Some(own);
    }
    let lines = [usd("A01999", Asset, 1), usd("A00000", Asset, 2)];
    let sheet = BalanceSheet::from_lines(&chart, lines);
    let assets = &sheet.currencies[0].assets;
    assert_eq!((assets.lines.len(), assets.lines[0].total, assets.total), (2_000, 3, 3));
    let text = format!("{sheet}\n{}", TrialBalance::from_lines(&chart, lines));
    assert!(text.lines().all(|line| line.chars().count() <= 100) && text.contains('…'));
}

/// Accounts of every class, one of them unknown to the chart.
const ACCOUNTS: [(&str, AccountClass); 8] = [
    ("1110", Asset),
    ("1000", Asset),
    ("1777", Asset),
    ("2100", Liability),
    ("2100", Liability),
    ("3000", Equity),
    ("4100", Income),
    ("5100", Expense),
];

/// The lines of accounts after two-legged postings of (debit, credit, amount, currency).
fn posted(postings: &[(usize, usize, i64, usize)]) -> Vec<AccountLine> {
    let currencies = [Currency::USD, Currency::JPY, kwd()];
    let mut lines: Vec<_> = currencies
        .iter()
        .flat_map(|currency| ACCOUNTS.map(|(own, class)| line(own, class, *currency, 0)))
        .collect();
    for (debit, credit, amount, currency) in postings {
        for (account, side) in [(debit, Side::Debit), (credit, Side::Credit)] {
            let line = &mut lines[currency * ACCOUNTS.len() + account];
            let normal = line.class.normal_side() == side;
            line.balance += if normal { *amount } else { -amount };
        }
    }
    lines
}

proptest! {
    #[test]
    fn balanced_postings_give_balanced_reports(
        postings in prop::collection::vec((0..8_usize, 0..8_usize, 1..1_i64 << 50, 0..3_usize), 0..60),
    ) {
        let (chart, lines) = (chart(), posted(&postings));
        let trial = TrialBalance::from_lines(&chart, lines.iter().copied());
        let sheet = BalanceSheet::from_lines(&chart, lines.iter().copied());
        let income = IncomeStatement::from_lines(&chart, lines.iter().copied());
        prop_assert!(trial.is_zero() && sheet.is_balanced());
        for part in &sheet.currencies {
            prop_assert_eq!(part.current_earnings, income.result(part.currency));
        }
        // The order of the accounts does not matter.
        let back: Vec<_> = lines.iter().rev().copied().collect();
        prop_assert_eq!(&trial, &TrialBalance::from_lines(&chart, back.iter().copied()));
        prop_assert_eq!(&sheet, &BalanceSheet::from_lines(&chart, back));
        // What stands at the top is what stands on the accounts.
        for line in roll_up(&chart, lines.iter().copied()) {
            prop_assert!(line.depth > 0 || line.total == under(&chart, &lines, &line));
        }
    }

    #[test]
    fn one_wrong_unit_shows(
        postings in prop::collection::vec((0..8_usize, 0..8_usize, 1..1_i64 << 50, 0..3_usize), 0..20),
        at in 0..24_usize,
    ) {
        let mut lines = posted(&postings);
        lines[at].balance += 1;
        prop_assert!(!TrialBalance::from_lines(&chart(), lines.iter().copied()).is_zero());
        prop_assert!(!BalanceSheet::from_lines(&chart(), lines).is_balanced());
    }
}

/// The total of a line by the slow way: every account below it, by its ancestors.
fn under(chart: &Chart, lines: &[AccountLine], node: &RollUpLine) -> i128 {
    lines
        .iter()
        .filter(|line| line.currency == node.currency && line.class == node.class)
        .filter(|line| {
            line.code == node.code || chart.ancestors(line.code).any(|code| code == node.code)
        })
        .map(|line| i128::from(line.balance))
        .sum()
}
