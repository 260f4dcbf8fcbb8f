//! What is read: balances, lists in every order, reports, the journal.

use corebank::bank::Error;
use corebank::id::AccountId;
use corebank::ledger::query::{
    AccountQuery, AsOf, EntryOrder, EntryQuery, HoldQuery, TransactionQuery,
};
use corebank::ledger::{Account, Hold, HoldState, Kind};
use corebank::money::Money;
use corebank::store::{Cursor, Page};
use corebank::time::Timestamp;

use crate::model::{DAY, HOUR, START, USD, account_id, currency, date};

use super::words::{correlation, reference};
use super::{Three, code};

const ORDERS: [EntryOrder; 3] =
    [EntryOrder::Posted, EntryOrder::BookingDate, EntryOrder::ValueDate];
const STATES: [HoldState; 4] =
    [HoldState::Open, HoldState::Captured, HoldState::Released, HoldState::Expired];

/// Row handles and versions are each store's own.
fn bare_account(mut account: Account) -> Account {
    (account.state.key, account.state.version) = (0, 0);
    account
}

fn bare_hold(mut hold: Hold) -> Hold {
    hold.version = 0;
    hold
}

impl Three {
    /// A few reads by chance.
    pub(super) async fn look(&mut self) {
        for _ in 0..7 {
            match self.random.below(8) {
                0 => self.balances().await,
                1 | 2 => self.entries().await,
                3 => self.transactions().await,
                4 => self.holds_now().await,
                5 => self.reports().await,
                6 => self.journal().await,
                _ => self.accounts_now().await,
            }
        }
    }

    /// Each of them several times, and what is looked at once.
    pub(super) async fn look_at_all(&mut self) {
        for _ in 0..6 {
            self.balances().await;
            self.entries().await;
            self.transactions().await;
            self.holds_now().await;
            self.reports().await;
            self.journal().await;
            self.accounts_now().await;
        }
        for account in self.accounts.clone() {
            for order in ORDERS {
                let query = EntryQuery::new(account).ordered_by(order);
                self.pages_of_entries(&query, 10_000).await;
                self.pages_of_entries(&query.newest_first(), 10_000).await;
            }
        }
        self.pages_of_transactions(&TransactionQuery::new(), 10_000).await;
        self.same("book", |bank| async move {
            let mut book = bank.book().await?;
            book.version = 0;
            Ok(book)
        })
        .await
        .unwrap();
        self.same("chart", |bank| async move { bank.chart().await }).await.unwrap();
        let keys = self
            .same_of_stores("keys", |store| async move { store.keys(None, 10_000).await.unwrap() });
        assert!(!keys.await.is_empty());
        self.same_of_stores("usages", |store| async move {
            let found = store.usages(None, 10_000).await.unwrap();
            let bare = found.into_iter().map(|(key, usage)| (key, usage.amount, usage.count));
            bare.collect::<Vec<_>>()
        })
        .await;
    }

    /// Days around those at which something happened.
    fn day(&mut self) -> chrono::NaiveDate {
        let today = (self.now - START).div_euclid(DAY);
        date(self.random.between(-22, today + 12))
    }

    fn as_of(&mut self) -> AsOf {
        match self.random.below(4) {
            0 => AsOf::Now,
            1 => {
                let instant = self.random.between(START - HOUR, self.now + HOUR);
                AsOf::Instant(Timestamp::from_nanos(instant))
            }
            2 => AsOf::BookingDate(self.day()),
            _ => AsOf::ValueDate(self.day()),
        }
    }

    /// As of the very instant of a record, or a nanosecond beside it, too.
    async fn balances(&mut self) {
        let mut as_of = self.as_of();
        if let (AsOf::Instant(_), true) = (as_of, self.random.once_in(2)) {
            let head = self.banks[0].head().await.unwrap().position;
            let after = self.random.below(head.max(1));
            let record = self.banks[0].journal(after, 1).await.unwrap();
            let instant = record[0].posted_at().as_nanos() + self.random.between(-1, 1);
            as_of = AsOf::Instant(Timestamp::from_nanos(instant));
        }
        let ids = &self.accounts;
        let what = format!("balances as of {as_of:?}");
        self.same(&what, |bank| async move { bank.balances(ids, as_of).await }).await.unwrap();
        let mut ids = self.accounts.clone();
        ids.push(AccountId::from_u128(0xdead));
        ids.push(ids[0]);
        ids.reverse();
        let ids = &ids;
        self.same_of_stores(
            &what,
            |store| async move { store.balances(ids, as_of).await.unwrap() },
        )
        .await;
    }

    async fn reports(&mut self) {
        let (as_of, from, to) = (self.as_of(), self.day(), self.day());
        let trial = self.same(format!("trial balance as of {as_of:?}"), |bank| async move {
            bank.trial_balance(as_of).await
        });
        assert!(trial.await.unwrap().is_zero());
        let sheet = self.same(format!("balance sheet as of {as_of:?}"), |bank| async move {
            bank.balance_sheet(as_of).await
        });
        assert!(sheet.await.unwrap().is_balanced());
        let _ = self
            .same(format!("income from {from} to {to}"), |bank| async move {
                bank.income_statement(from, to).await
            })
            .await;
    }

    async fn entries(&mut self) {
        let account = match self.random.below(12) {
            0 => account_id(6),
            _ => *self.random.pick(&self.accounts),
        };
        let mut query = EntryQuery::new(account).ordered_by(*self.random.pick(&ORDERS));
        if self.random.once_in(2) {
            query = query.newest_first();
        }
        if self.random.once_in(2) {
            query.from = Some(self.day());
        }
        if self.random.once_in(2) {
            query.to = Some(self.day());
        }
        let size = *self.random.pick(&[1, 2, 7, 50, 1_000]);
        self.pages_of_entries(&query, size).await;
    }

    async fn pages_of_entries(&self, query: &EntryQuery, size: usize) {
        let mut cursor = None;
        // A page of one row each would take long.
        for _ in 0..25 {
            let page = self.same(format!("{size} of {query:?}"), |bank| async move {
                bank.entries(query, size, cursor).await
            });
            match next_of(page.await) {
                None => break,
                next => cursor = next,
            }
        }
    }

    async fn transactions(&mut self) {
        let mut query = TransactionQuery::new();
        let number = self.random.next();
        if self.random.once_in(4) {
            query = query.with_reference(reference(number));
        }
        if self.random.once_in(4) {
            query = query.with_correlation(correlation(number));
        }
        if self.random.once_in(4) {
            let kinds = [Kind::TRANSFER, Kind::PAYMENT, Kind::INTEREST, Kind::REVERSAL];
            query = query.of_kind(*self.random.pick(&kinds));
        }
        if self.random.once_in(3) {
            query = query.touching(*self.random.pick(&self.accounts));
        }
        let of = currency(if self.random.once_in(5) { 1 } else { USD });
        let (least, most) = (self.random.between(1, 60), self.random.between(1, 130));
        match self.random.below(5) {
            0 => {
                let (least, most) = (Money::new(least, of), Money::new(most, of));
                query = query.with_amount_between(least, most);
            }
            1 => query.at_least = Some(Money::new(least, of)),
            2 => query.at_most = Some(Money::new(most, of)),
            _ => {}
        }
        if self.random.once_in(3) {
            query.from = Some(self.day());
        }
        if self.random.once_in(3) {
            query.to = Some(self.day());
        }
        if self.random.once_in(2) {
            query = query.newest_first();
        }
        let size = *self.random.pick(&[1, 3, 20, 200]);
        self.pages_of_transactions(&query, size).await;
    }

    async fn pages_of_transactions(&self, query: &TransactionQuery, size: usize) {
        let mut cursor = None;
        for _ in 0..25 {
            let page = self.same(format!("{size} of {query:?}"), |bank| async move {
                bank.transactions(query, size, cursor).await
            });
            match next_of(page.await) {
                None => break,
                next => cursor = next,
            }
        }
    }

    async fn holds_now(&mut self) {
        let mut query = HoldQuery::new();
        if self.random.once_in(2) {
            query = query.touching(*self.random.pick(&self.accounts));
        }
        if self.random.once_in(2) {
            query = query.in_state(*self.random.pick(&STATES));
        }
        let (size, query) = (*self.random.pick(&[1, 4, 100]), &query);
        let mut cursor = None;
        for _ in 0..25 {
            let page = self.same(format!("{size} of {query:?}"), |bank| async move {
                let page = bank.holds(query, size, cursor).await?;
                let items = page.items.into_iter().map(bare_hold).collect();
                Ok::<_, Error>(Page { items, next: page.next })
            });
            match next_of(page.await) {
                None => break,
                next => cursor = next,
            }
        }
        let now = Timestamp::from_nanos(self.now + HOUR);
        self.same_of_stores("holds due", |store| async move {
            store.holds_due(now, 100).await.unwrap()
        })
        .await;
    }

    async fn journal(&mut self) {
        let head = self.banks[0].head().await.unwrap().position;
        let (after, most) = (self.random.below(head + 2), *self.random.pick(&[1, 10, 300]));
        let what = format!("{most} records behind {after}");
        self.same(what, |bank| async move { bank.journal(after, most).await }).await.unwrap();
    }

    async fn accounts_now(&mut self) {
        let mut query = AccountQuery::new();
        if self.random.once_in(2) {
            let picked = *self.random.pick(&["1000", "1900", "2000", "4100"]);
            query = query.under(code(picked));
        }
        if self.random.once_in(3) {
            query = query.of_customer(uuid::Uuid::from_u128(0xc0));
        }
        let (size, query) = (*self.random.pick(&[1, 3, 100]), &query);
        let mut cursor = None;
        for _ in 0..25 {
            let page = self.same(format!("{size} of {query:?}"), |bank| async move {
                let page = bank.accounts(query, size, cursor).await?;
                let items = page.items.into_iter().map(bare_account).collect();
                Ok::<_, Error>(Page { items, next: page.next })
            });
            match next_of(page.await) {
                None => break,
                next => cursor = next,
            }
        }
    }
}

fn next_of<T, E>(page: Result<Page<T>, E>) -> Option<Cursor> {
    page.ok().and_then(|page| page.next)
}
