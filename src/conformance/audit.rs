//! A second opinion on the books, formed from public reads alone: what must hold after every
//! scenario, whatever it did.

use std::collections::HashMap;

use crate::bank::Bank;
use crate::id::{AccountId, HoldId, TransactionId};
use crate::ledger::query::{AccountQuery, AsOf, HoldQuery, MAX_PAGE};
use crate::ledger::{Balance, Hold, Operation, Record, Side};
use crate::time::Timestamp;

use super::bench::{Checked, ensure, found, same};

/// What the journal says.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) records: u64,
    pub(super) entries: u64,
    accounts: HashMap<AccountId, Line>,
    pub(super) transactions: HashMap<TransactionId, u32>,
    pub(super) holds: HashMap<HoldId, u32>,
    pub(super) releases: HashMap<TransactionId, u32>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Line {
    number: u64,
    debits: i128,
    credits: i128,
    opened: u32,
    lowest: i64,
}

/// Trial balances are zero, the journal has neither gap nor step back, every entry and balance
/// follows from the ones before, pending counters are what holds have open, and `verify` agrees.
pub(super) async fn audit(bank: &Bank) -> Checked<Tally> {
    ensure(bank.trial_balance(AsOf::Now).await?.is_zero(), "the trial balance is not zero")?;
    let head = bank.head().await?;
    let then = bank.trial_balance(AsOf::Instant(head.instant)).await?;
    ensure(then.is_zero(), "the trial balance as of the last instant is not zero")?;
    let tally = read_journal(bank).await?;
    same(tally.records, head.position, "records of the journal")?;
    check_accounts(bank, &tally).await?;
    let report = bank.verify().await?;
    ensure(report.is_clean(), format!("verify found something: {report:?}"))?;
    Ok(tally)
}

async fn read_journal(bank: &Bank) -> Checked<Tally> {
    let mut tally = Tally::default();
    let (mut position, mut instant) = (0_u64, Timestamp::MIN);
    loop {
        let records = bank.journal(position, 256).await?;
        if records.is_empty() {
            return Ok(tally);
        }
        for record in &records {
            let next = position.saturating_add(1);
            same(record.position(), next, "the place of the next record of the journal")?;
            ensure(record.posted_at() > instant, format!("instant of record {next} steps back"))?;
            (position, instant) = (next, record.posted_at());
            tally.add(record)?;
        }
    }
}

impl Tally {
    fn add(&mut self, record: &Record) -> Checked {
        self.records = self.records.saturating_add(1);
        match record {
            Record::Transaction(posted) => {
                let seen = self.transactions.entry(posted.id).or_default();
                *seen = seen.saturating_add(1);
            }
            Record::Operation(operation) => match &operation.operation {
                Operation::AccountOpened { account, .. } => {
                    let line = self.accounts.entry(*account).or_default();
                    line.opened = line.opened.saturating_add(1);
                }
                Operation::HoldPlaced(placed) => {
                    let seen = self.holds.entry(placed.hold).or_default();
                    *seen = seen.saturating_add(1);
                }
                Operation::HoldEnded { by: Some(release), .. } => {
                    let seen = self.releases.entry(*release).or_default();
                    *seen = seen.saturating_add(1);
                }
                _ => {}
            },
        }
        for entry in record.entries() {
            self.entries = self.entries.saturating_add(1);
            let line = self.accounts.entry(entry.account).or_default();
            line.number = line.number.saturating_add(1);
            same(entry.number, line.number, format!("number of an entry of {}", entry.account))?;
            let sum = match entry.side {
                Side::Debit => &mut line.debits,
                Side::Credit => &mut line.credits,
            };
            *sum = sum.saturating_add(i128::from(entry.money.minor()));
            let balance = line.debits.saturating_sub(line.credits);
            let fits = i128::from(entry.balance_after).abs() == balance.abs();
            ensure(fits, format!("running balance of entry {} of {}", line.number, entry.account))?;
            line.lowest = line.lowest.min(entry.balance_after);
        }
        Ok(())
    }

    /// The lowest balance that an entry ever left on an account.
    pub(super) fn lowest(&self, account: AccountId) -> i64 {
        self.accounts.get(&account).map_or(0, |line| line.lowest)
    }
}

async fn check_accounts(bank: &Bank, tally: &Tally) -> Checked {
    let pending = pending(bank).await?;
    let (mut count, mut cursor) = (0_usize, None);
    loop {
        let page = bank.accounts(&AccountQuery::new(), 100, cursor).await?;
        for account in &page.items {
            count = count.saturating_add(1);
            let id = account.id();
            let line = tally.accounts.get(&id).copied().unwrap_or_default();
            same(line.opened, 1, format!("records of the opening of {id}"))?;
            same(account.state.entries, line.number, format!("entries of {id}"))?;
            let Balance { debits_posted, credits_posted, .. } = account.state.balance;
            let posted = (i128::from(debits_posted), i128::from(credits_posted));
            same(posted, (line.debits, line.credits), format!("posted counters of {id}"))?;
            let Balance { debits_pending, credits_pending, .. } = account.state.balance;
            let open = (i128::from(debits_pending), i128::from(credits_pending));
            let should = pending.get(&id).copied().unwrap_or_default();
            same(open, should, format!("pending counters of {id}"))?;
        }
        cursor = page.next;
        if cursor.is_none() {
            return same(count, tally.accounts.len(), "accounts listed, of those opened");
        }
    }
}

async fn pending(bank: &Bank) -> Checked<HashMap<AccountId, (i128, i128)>> {
    let mut sums: HashMap<AccountId, (i128, i128)> = HashMap::new();
    let mut cursor = None;
    loop {
        let page = bank.holds(&HoldQuery::new(), MAX_PAGE, cursor).await?;
        for hold in &page.items {
            check_legs(hold)?;
            for leg in &hold.legs {
                let sum = sums.entry(leg.leg.account).or_default();
                let of_side = match leg.leg.side {
                    Side::Debit => &mut sum.0,
                    Side::Credit => &mut sum.1,
                };
                *of_side = of_side.saturating_add(i128::from(leg.open));
            }
        }
        cursor = page.next;
        if cursor.is_none() {
            return Ok(sums);
        }
    }
}

fn check_legs(hold: &Hold) -> Checked {
    for leg in &hold.legs {
        let used = leg.captured.checked_add(leg.open).ok_or_else(|| found("a leg overflows"))?;
        let within = leg.captured >= 0 && leg.open >= 0 && used <= leg.leg.money.minor();
        ensure(within, format!("a leg of hold {} moves more than it reserved", hold.id))?;
    }
    let open = hold.state == crate::ledger::HoldState::Open;
    let left = hold.legs.iter().any(|leg| leg.open > 0);
    ensure(open == left, format!("hold {} is {} and has open {left}", hold.id, hold.state.code()))?;
    same(hold.ended.is_some(), !open, format!("the ending of hold {}", hold.id))
}
