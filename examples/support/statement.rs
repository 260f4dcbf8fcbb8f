//! The statement of an account as lines of text.

use corebank::bank::{Bank, Error};
use corebank::ledger::query::{MAX_PAGE, TransactionQuery};
use corebank::ledger::report::format_minor;
use corebank::ledger::{AccountClass, Entry, Text, Transaction};
use corebank::money::Currency;

/// One line per entry of the account in the transactions that a query finds, oldest first: date,
/// what for, amount, balance.
pub(crate) async fn statement(
    bank: &Bank,
    account: corebank::id::AccountId,
    query: TransactionQuery,
) -> Result<Vec<String>, Error> {
    let state = bank.account(account).await?.state;
    let query = query.touching(account);
    let (mut lines, mut cursor) = (Vec::new(), None);
    loop {
        let page = bank.transactions(&query, MAX_PAGE, cursor).await?;
        for transaction in &page.items {
            let own = transaction.entries.iter().filter(|entry| entry.account == account);
            for (part, entry) in (1_u32..).zip(own) {
                lines.push(line(transaction, entry, part, state.class, state.currency));
            }
        }
        cursor = page.next;
        if cursor.is_none() {
            return Ok(lines);
        }
    }
}

fn line(
    of: &Transaction,
    entry: &Entry,
    part: u32,
    class: AccountClass,
    currency: Currency,
) -> String {
    let words = of.words().and_then(|words| words.description.as_ref());
    let mut words = words.map_or_else(|| of.kind.as_str().replace('_', " "), text);
    if part > 1 {
        words.push_str(&format!(", part {part}"));
    }
    let sign = if entry.side == class.normal_side() { '+' } else { '-' };
    let amount = format_minor(i128::from(entry.money.minor()), currency.exponent());
    let balance = format_minor(i128::from(entry.balance_after), currency.exponent());
    format!("  {}  {words:<44} {:>14} {balance:>14}", entry.booking_date, format!("{sign}{amount}"))
}

fn text(text: &Text) -> String {
    text.as_str().to_owned()
}
