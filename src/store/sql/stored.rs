//! The store as the bank sees it.

use std::sync::Arc;

use chrono::NaiveDate;
use uuid::Uuid;

use super::engine::Engine;
use super::store::SqlStore;
use super::{as_of, entities, hold_list, journal, list, marks, read, restore, statement, values};
use crate::id::{AccountId, HoldId, TransactionId};
use crate::ledger::facts::KeyRecord;
use crate::ledger::outbox::Mark;
use crate::ledger::query::{AccountQuery, AsOf, EntryKey, EntryQuery, HoldQuery, TransactionQuery};
use crate::ledger::seal::Block;
use crate::ledger::{
    Account, Book, Chart, EntityKind, EntityRef, Entry, Hold, IdempotencyKey, Record, Subscriber,
    Transaction, Usage, UsageKey,
};
use crate::store::{
    EntityRow, ErrorKind, Head, IndexEntry, IndexHit, IndexQuery, Restore, Store, StoreError,
    StoreFuture, Unit,
};
use crate::time::Timestamp;

/// A read: on a connection on which the journal holds all that was committed.
macro_rules! read {
    ($self:ident, $path:path $(, $arg:expr)*) => {
        Box::pin(async move {
            let (mut link, _) = $self.settled().await?;
            $path($self.engine(), link.get()? $(, $arg)*).await
        })
    };
}

impl<E: Engine> Store for SqlStore<E> {
    fn begin(&self) -> StoreFuture<'_, Box<dyn Unit>> {
        Box::pin(self.begin_unit())
    }

    fn head(&self) -> StoreFuture<'_, Head> {
        Box::pin(async move {
            let (_, head) = self.settled().await?;
            let position = u64::try_from(head.position).map_err(|_| super::engine::missing())?;
            Ok(Head { position, instant: Timestamp::from_nanos(head.instant) })
        })
    }

    fn book(&self) -> StoreFuture<'_, Book> {
        Box::pin(async move {
            let (mut link, mut head) = self.settled().await?;
            loop {
                let limits = read::limit_rules(self.engine(), link.get()?).await?;
                // Two statements: the book must not have changed between them.
                let again = super::head::read(self.engine(), link.get()?).await?;
                if again.book_version == head.book_version {
                    return Ok(Book {
                        version: u64::try_from(head.book_version).unwrap_or(0),
                        closed_through: head.closed_through.map(values::date_of).transpose()?,
                        limits: limits.into(),
                    });
                }
                head = again;
            }
        })
    }

    fn chart(&self) -> StoreFuture<'_, Arc<Chart>> {
        Box::pin(async move {
            let mut link = self.link().await?;
            Ok(Arc::new(read::chart(self.engine(), link.get()?).await?))
        })
    }

    fn accounts<'a>(&'a self, ids: &'a [AccountId]) -> StoreFuture<'a, Vec<Option<Account>>> {
        read!(self, read::accounts, ids)
    }

    fn entities<'a>(
        &'a self,
        refs: &'a [EntityRef],
    ) -> StoreFuture<'a, Vec<Option<Arc<EntityRow>>>> {
        read!(self, entities::get, refs)
    }

    fn index_list<'a>(
        &'a self,
        query: &'a IndexQuery,
        after: Option<&'a IndexHit>,
        limit: usize,
    ) -> StoreFuture<'a, Vec<IndexHit>> {
        read!(self, entities::index_list, query, after, limit)
    }

    fn entity_list(
        &self,
        kind: EntityKind,
        after: Option<Uuid>,
        limit: usize,
    ) -> StoreFuture<'_, Vec<(Arc<EntityRow>, Vec<IndexEntry>)>> {
        read!(self, entities::page, kind, after, limit)
    }

    fn account_list<'a>(
        &'a self,
        query: &'a AccountQuery,
        after: Option<AccountId>,
        limit: usize,
    ) -> StoreFuture<'a, Vec<Account>> {
        read!(self, read::account_list, query, after, limit)
    }

    fn balances<'a>(
        &'a self,
        accounts: &'a [AccountId],
        as_of: AsOf,
    ) -> StoreFuture<'a, Vec<Option<i64>>> {
        read!(self, as_of::balances, accounts, as_of)
    }

    fn transactions<'a>(
        &'a self,
        ids: &'a [TransactionId],
    ) -> StoreFuture<'a, Vec<Option<Transaction>>> {
        Box::pin(async move {
            let (mut link, _) = self.settled().await?;
            let found = read::transactions(self.engine(), link.get()?, ids).await?;
            let found = found.into_iter().map(|one| (one.id, one));
            let found: std::collections::HashMap<_, _> = found.collect();
            Ok(ids.iter().map(|id| found.get(id).cloned()).collect())
        })
    }

    fn transaction_list<'a>(
        &'a self,
        query: &'a TransactionQuery,
        after: Option<u64>,
        limit: usize,
    ) -> StoreFuture<'a, Vec<Transaction>> {
        read!(self, list::transaction_list, query, after, limit)
    }

    fn entry_list<'a>(
        &'a self,
        query: &'a EntryQuery,
        after: Option<EntryKey>,
        limit: usize,
    ) -> StoreFuture<'a, Vec<Entry>> {
        read!(self, statement::entry_list, query, after, limit)
    }

    fn holds<'a>(&'a self, ids: &'a [HoldId]) -> StoreFuture<'a, Vec<Option<Hold>>> {
        Box::pin(async move {
            let (mut link, _) = self.settled().await?;
            let found = read::holds(self.engine(), link.get()?, ids).await?;
            let found = found.into_iter().map(|one| (one.id, one));
            let found: std::collections::HashMap<_, _> = found.collect();
            Ok(ids.iter().map(|id| found.get(id).cloned()).collect())
        })
    }

    fn hold_list<'a>(
        &'a self,
        query: &'a HoldQuery,
        after: Option<u64>,
        limit: usize,
    ) -> StoreFuture<'a, Vec<Hold>> {
        read!(self, hold_list::hold_list, query, after, limit)
    }

    fn holds_due(&self, as_of: Timestamp, limit: usize) -> StoreFuture<'_, Vec<HoldId>> {
        read!(self, read::holds_due, as_of, limit)
    }

    fn journal(&self, after: u64, limit: usize) -> StoreFuture<'_, Vec<Record>> {
        read!(self, journal::journal, after, limit)
    }

    fn blocks(&self, after: u64, limit: usize) -> StoreFuture<'_, Vec<Block>> {
        read!(self, read::blocks, after, limit)
    }

    fn last_block(&self) -> StoreFuture<'_, Option<Block>> {
        read!(self, read::last_block)
    }

    fn earnings(&self, from: NaiveDate, to: NaiveDate) -> StoreFuture<'_, Vec<(Account, i64)>> {
        read!(self, as_of::earnings, from, to)
    }

    fn keys(
        &self,
        after: Option<(IdempotencyKey, u32)>,
        limit: usize,
    ) -> StoreFuture<'_, Vec<((IdempotencyKey, u32), KeyRecord)>> {
        read!(self, read::key_list, after.as_ref(), limit)
    }

    fn usages(
        &self,
        after: Option<UsageKey>,
        limit: usize,
    ) -> StoreFuture<'_, Vec<(UsageKey, Usage)>> {
        read!(self, read::usage_list, after.as_ref(), limit)
    }

    fn restore(&self) -> StoreFuture<'_, Box<dyn Restore>> {
        Box::pin(async move {
            if self.joined.is_some() {
                let joined = "a bank is not restored inside a transaction of the host";
                return Err(StoreError::new(ErrorKind::Misuse, joined));
            }
            restore::begin(&self.core).await
        })
    }

    fn marks<'a>(&'a self, subscriber: &'a Subscriber) -> StoreFuture<'a, Vec<Mark>> {
        Box::pin(async move {
            let mut link = self.link().await?;
            marks::of(self.engine(), link.get()?, subscriber).await
        })
    }

    fn put_marks<'a>(&'a self, all: &'a [Mark]) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            if all.is_empty() {
                return Ok(());
            }
            let mut hold = self.begin_write().await?;
            marks::put(self.engine(), hold.link()?, all).await?;
            hold.commit(self.engine()).await
        })
    }

    fn drop_marks<'a>(&'a self, subscriber: &'a Subscriber) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let mut hold = self.begin_write().await?;
            let dropped = marks::drop_of(self.engine(), hold.link()?, subscriber).await?;
            hold.commit(self.engine()).await?;
            Ok(dropped)
        })
    }
}
