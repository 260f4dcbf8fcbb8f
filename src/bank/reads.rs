//! Reads. A wrong filter is an error, never an empty answer.

use std::hash::Hash;
use std::sync::Arc;

use chrono::NaiveDate;

use super::{Bank, Error};
use crate::ledger::query::{
    AccountQuery, EntryKey, EntryOrder, EntryQuery, HoldQuery, MAX_PAGE, TransactionQuery,
};
use crate::ledger::{
    Account, AccountId, Chart, Entry, Hold, HoldId, Record, Refusal, Transaction, TransactionId,
};
use crate::store::{Cursor, Head, Page};

impl Bank {
    /// Where the journal ends.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn head(&self) -> Result<Head, Error> {
        Ok(self.inner.store.head().await?)
    }

    /// The chart of accounts.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn chart(&self) -> Result<Arc<Chart>, Error> {
        Ok(self.inner.store.chart().await?)
    }

    /// An account.
    ///
    /// # Errors
    /// [`Refusal::UnknownAccount`]; [`Error::Store`].
    pub async fn account(&self, id: AccountId) -> Result<Account, Error> {
        let accounts = self.known_accounts(&[id]).await?;
        Ok(accounts.into_iter().next().ok_or(Refusal::UnknownAccount { account: id })?)
    }

    pub(super) async fn known_accounts(&self, ids: &[AccountId]) -> Result<Vec<Account>, Error> {
        let found = self.inner.store.accounts(ids).await?;
        let known = ids.iter().zip(found).map(|(id, account)| {
            account.ok_or(Error::Refused(Refusal::UnknownAccount { account: *id }))
        });
        known.collect()
    }

    /// Accounts that pass a filter, in the order of their ids.
    ///
    /// # Errors
    /// [`Refusal::InvalidTerms`], [`Refusal::CursorMismatch`]; [`Error::Store`].
    pub async fn accounts(
        &self,
        query: &AccountQuery,
        limit: usize,
        cursor: Option<Cursor>,
    ) -> Result<Page<Account>, Error> {
        let limit = judge_limit(limit)?;
        let after = open(cursor, query)?.map(|key| AccountId::from_u128(u128::from_be_bytes(key)));
        let items = self.inner.store.account_list(query, after, limit.saturating_add(1)).await?;
        Ok(page(items, limit, query, |account| account.id().as_u128().to_be_bytes()))
    }

    /// A transaction.
    ///
    /// # Errors
    /// [`Refusal::UnknownTransaction`]; [`Error::Store`].
    pub async fn transaction(&self, id: TransactionId) -> Result<Transaction, Error> {
        let found = self.inner.store.transactions(&[id]).await?;
        let unknown = Refusal::UnknownTransaction { transaction: id };
        Ok(found.into_iter().next().flatten().ok_or(unknown)?)
    }

    /// Transactions that pass a filter, in the order of the journal.
    ///
    /// # Errors
    /// [`Refusal::InvalidTerms`], [`Refusal::UnknownAccount`], [`Refusal::CursorMismatch`];
    /// [`Error::Store`].
    pub async fn transactions(
        &self,
        query: &TransactionQuery,
        limit: usize,
        cursor: Option<Cursor>,
    ) -> Result<Page<Transaction>, Error> {
        query.judge()?;
        let limit = judge_limit(limit)?;
        if let Some(account) = query.account {
            self.known_accounts(&[account]).await?;
        }
        let after = open(cursor, query)?.map(position);
        let store = &self.inner.store;
        let items = store.transaction_list(query, after, limit.saturating_add(1)).await?;
        Ok(page(items, limit, query, |found| u128::from(found.position).to_be_bytes()))
    }

    /// Entries of an account: the lines of its statement.
    ///
    /// # Errors
    /// [`Refusal::InvalidTerms`], [`Refusal::UnknownAccount`], [`Refusal::CursorMismatch`];
    /// [`Error::Store`].
    pub async fn entries(
        &self,
        query: &EntryQuery,
        limit: usize,
        cursor: Option<Cursor>,
    ) -> Result<Page<Entry>, Error> {
        query.judge()?;
        let limit = judge_limit(limit)?;
        self.known_accounts(&[query.account]).await?;
        let after = open(cursor, query)?.map(entry_key);
        let items = self.inner.store.entry_list(query, after, limit.saturating_add(1)).await?;
        Ok(page(items, limit, query, |entry| key_bytes(entry, query.order)))
    }

    /// A hold.
    ///
    /// # Errors
    /// [`Refusal::UnknownHold`]; [`Error::Store`].
    pub async fn hold_by_id(&self, id: HoldId) -> Result<Hold, Error> {
        let found = self.inner.store.holds(&[id]).await?;
        Ok(found.into_iter().next().flatten().ok_or(Refusal::UnknownHold { hold: id })?)
    }

    /// Holds that pass a filter, in the order in which they were placed.
    ///
    /// # Errors
    /// [`Refusal::InvalidTerms`], [`Refusal::UnknownAccount`], [`Refusal::CursorMismatch`];
    /// [`Error::Store`].
    pub async fn holds(
        &self,
        query: &HoldQuery,
        limit: usize,
        cursor: Option<Cursor>,
    ) -> Result<Page<Hold>, Error> {
        let limit = judge_limit(limit)?;
        if let Some(account) = query.account {
            self.known_accounts(&[account]).await?;
        }
        let after = open(cursor, query)?.map(position);
        let items = self.inner.store.hold_list(query, after, limit.saturating_add(1)).await?;
        Ok(page(items, limit, query, |hold| u128::from(hold.position).to_be_bytes()))
    }

    /// Records of the journal behind a place, in the order of commit: the audit trail, and the
    /// outbox of a host that remembers the last place it has handled.
    ///
    /// # Errors
    /// [`Refusal::InvalidTerms`]; [`Error::Store`].
    pub async fn journal(&self, after: u64, limit: usize) -> Result<Vec<Record>, Error> {
        Ok(self.inner.store.journal(after, judge_limit(limit)?).await?)
    }
}

fn judge_limit(limit: usize) -> Result<usize, Refusal> {
    match limit {
        1..=MAX_PAGE => Ok(limit),
        _ => Err(Refusal::InvalidTerms { what: "a page has 1 to 10,000 rows" }),
    }
}

fn open(cursor: Option<Cursor>, query: &impl Hash) -> Result<Option<[u8; 16]>, Refusal> {
    cursor.map(|cursor| cursor.open(query).ok_or(Refusal::CursorMismatch)).transpose()
}

/// One row more than asked for was read: it shows whether there is a next page.
fn page<T>(
    mut items: Vec<T>,
    limit: usize,
    query: &impl Hash,
    key: impl Fn(&T) -> [u8; 16],
) -> Page<T> {
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(|last| Cursor::new(query, key(last)));
    Page { items, next }
}

fn position(key: [u8; 16]) -> u64 {
    u64::try_from(u128::from_be_bytes(key)).unwrap_or(u64::MAX)
}

fn key_bytes(entry: &Entry, order: EntryOrder) -> [u8; 16] {
    use chrono::Datelike;
    let day = match order {
        EntryOrder::Posted => 0,
        EntryOrder::BookingDate => entry.booking_date.num_days_from_ce(),
        EntryOrder::ValueDate => entry.value_date.num_days_from_ce(),
    };
    let mut key = [0_u8; 16];
    let (head, tail) = key.split_at_mut(8);
    head.copy_from_slice(&i64::from(day).to_be_bytes());
    tail.copy_from_slice(&entry.number.to_be_bytes());
    key
}

fn entry_key(key: [u8; 16]) -> EntryKey {
    let [a, b, c, d, e, f, g, h, rest @ ..] = key;
    let day = i32::try_from(i64::from_be_bytes([a, b, c, d, e, f, g, h])).unwrap_or(0);
    let day = NaiveDate::from_num_days_from_ce_opt(day).unwrap_or(NaiveDate::MIN);
    EntryKey { day, number: u64::from_be_bytes(rest) }
}
