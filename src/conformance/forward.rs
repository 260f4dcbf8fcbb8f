//! What the wrapping stores share: every read handed on, after a step of the wrapper's own.
//! Units, the journal and the writing of marks are left to each: that is where faults are planted.

use std::sync::Arc;

use crate::store::{Restore, Store, StoreFuture, Unit};

/// Writes the reads of a [`Store`], each after `self.$before().await?`. It stands inside the
/// `impl`, so that a method added to the trait is missed by the compiler in every wrapper.
macro_rules! forward_reads {
    ($before:ident: $($method:ident($($arg:ident: $type:ty),*) -> $output:ty;)*) => {$(
        fn $method<'a>(&'a self, $($arg: $type),*) -> crate::store::StoreFuture<'a, $output> {
            Box::pin(async move {
                self.$before().await?;
                self.inner.$method($($arg),*).await
            })
        }
    )*};
    ($before:ident) => {
        crate::conformance::forward::forward_reads!($before but index_list);
        crate::conformance::forward::forward_reads! { $before:
            index_list(
                query: &'a crate::store::IndexQuery,
                after: Option<&'a crate::store::IndexHit>,
                limit: usize
            ) -> Vec<crate::store::IndexHit>;
        }
    };
    // For a store that plants a fault there.
    ($before:ident but index_list) => {
        crate::conformance::forward::forward_reads! { $before:
            head() -> crate::store::Head;
            book() -> crate::ledger::Book;
            chart() -> std::sync::Arc<crate::ledger::Chart>;
            accounts(ids: &'a [crate::id::AccountId]) -> Vec<Option<crate::ledger::Account>>;
            account_list(
                query: &'a crate::ledger::query::AccountQuery,
                after: Option<crate::id::AccountId>,
                limit: usize
            ) -> Vec<crate::ledger::Account>;
            balances(
                accounts: &'a [crate::id::AccountId],
                as_of: crate::ledger::query::AsOf
            ) -> Vec<Option<i64>>;
            transactions(
                ids: &'a [crate::id::TransactionId]
            ) -> Vec<Option<crate::ledger::Transaction>>;
            transaction_list(
                query: &'a crate::ledger::query::TransactionQuery,
                after: Option<u64>,
                limit: usize
            ) -> Vec<crate::ledger::Transaction>;
            entry_list(
                query: &'a crate::ledger::query::EntryQuery,
                after: Option<crate::ledger::query::EntryKey>,
                limit: usize
            ) -> Vec<crate::ledger::Entry>;
            holds(ids: &'a [crate::id::HoldId]) -> Vec<Option<crate::ledger::Hold>>;
            hold_list(
                query: &'a crate::ledger::query::HoldQuery,
                after: Option<u64>,
                limit: usize
            ) -> Vec<crate::ledger::Hold>;
            holds_due(as_of: crate::time::Timestamp, limit: usize) -> Vec<crate::id::HoldId>;
            blocks(after: u64, limit: usize) -> Vec<crate::ledger::seal::Block>;
            last_block() -> Option<crate::ledger::seal::Block>;
            earnings(
                from: chrono::NaiveDate,
                to: chrono::NaiveDate
            ) -> Vec<(crate::ledger::Account, i64)>;
            keys(
                after: Option<(crate::ledger::IdempotencyKey, u32)>,
                limit: usize
            ) -> Vec<((crate::ledger::IdempotencyKey, u32), crate::ledger::facts::KeyRecord)>;
            entities(
                refs: &'a [crate::ledger::EntityRef]
            ) -> Vec<Option<std::sync::Arc<crate::store::EntityRow>>>;
            entity_list(
                kind: crate::ledger::EntityKind,
                after: Option<uuid::Uuid>,
                limit: usize
            ) -> Vec<(std::sync::Arc<crate::store::EntityRow>, Vec<crate::store::IndexEntry>)>;
            marks(subscriber: &'a crate::ledger::Subscriber) -> Vec<crate::ledger::outbox::Mark>;
            drop_marks(subscriber: &'a crate::ledger::Subscriber) -> bool;
        }
    };
}
pub(super) use forward_reads;

/// A store behind a handle, so that a bank and a scenario can hold the same one.
#[derive(Debug, Clone)]
pub(super) struct Shared {
    inner: Arc<dyn Store>,
}

impl Shared {
    pub(super) fn new(store: impl Store) -> Self {
        Self { inner: Arc::new(store) }
    }

    async fn straight(&self) -> Result<(), crate::store::StoreError> {
        Ok(())
    }
}

impl Store for Shared {
    fn begin(&self) -> StoreFuture<'_, Box<dyn Unit>> {
        self.inner.begin()
    }

    fn journal(&self, after: u64, limit: usize) -> StoreFuture<'_, Vec<crate::ledger::Record>> {
        self.inner.journal(after, limit)
    }

    fn usages(
        &self,
        after: Option<crate::ledger::UsageKey>,
        limit: usize,
    ) -> StoreFuture<'_, Vec<(crate::ledger::UsageKey, crate::ledger::Usage)>> {
        self.inner.usages(after, limit)
    }

    fn restore(&self) -> StoreFuture<'_, Box<dyn Restore>> {
        self.inner.restore()
    }

    fn put_marks<'a>(&'a self, marks: &'a [crate::ledger::outbox::Mark]) -> StoreFuture<'a, ()> {
        self.inner.put_marks(marks)
    }

    forward_reads!(straight);
}
