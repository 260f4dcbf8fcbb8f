//! The front door.
//!
//! A [`Bank`] is opened over a store and is cheap to clone. Every write walks one corridor:
//!
//! ```text
//! authorise ▶ begin ▶ read ▶ decide ▶ apply ▶ commit
//!               ▲                                │ another unit came first
//!               └────────────────────────────────┘ (at most MAX_ATTEMPTS times)
//! ```
//!
//! [`Bank::dry_run`] gives a bank whose writes go as far as the decision and change nothing.

mod accounts;
#[cfg(feature = "archive")]
#[cfg_attr(docsrs, doc(cfg(feature = "archive")))]
pub mod archive;
mod books;
mod context;
mod corridor;
mod error;
mod group;
mod guard;
mod key_check;
mod outbox;
mod people;
mod policy;
mod posting;
mod proof;
mod reads;
mod rule;

use std::sync::Arc;

use crate::id::{IdSource, RandomIds};
use crate::ledger::DateBounds;
use crate::ledger::facts::Moment;
use crate::money::Currencies;
use crate::store::{Store, StoreError};
use crate::time::{Clock, HighWater, SystemClock};

pub use books::{BalanceAt, YearClosed};
pub use context::Context;
pub use corridor::MAX_ATTEMPTS;
pub use error::{Denied, Error};
pub use group::{Backlog, GroupCommit, InvalidGroupCommit};
pub use outbox::{Claim, Event, Start, Subscription};
pub use people::{
    AccountOverview, AccountSearch, CustomerOverview, CustomerSearch, MAX_PEOPLE, Movement,
    Onboard, Onboarded, OpenedAccount, Order, Orders, Resealed, SIGNERS, Swept,
};
pub use policy::{Action, AllowAll, Policy};
pub use posting::{BatchOutcomes, ItemOutcome};
pub use proof::Sealed;
pub use rule::{Onboarding, Rule, Rules};

/// Whether writes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Real,
    DryRun,
}

/// A bank over a store. A clone is another handle to the same bank.
#[derive(Debug, Clone)]
pub struct Bank {
    inner: Arc<Inner>,
    mode: Mode,
}

#[derive(Debug)]
struct Inner {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    high_water: HighWater,
    ids: Arc<dyn IdSource>,
    policy: Arc<dyn Policy>,
    currencies: Currencies,
    bounds: DateBounds,
    rules: Rules,
    keys: people::Keys,
    /// Of a bank with group commit.
    queue: Option<group::Queue>,
}

impl Bank {
    /// Starts to open a bank over a store.
    pub fn builder(store: impl Store) -> BankBuilder {
        BankBuilder::new(Arc::new(store))
    }

    /// Opens a bank over a store with the system clock, random ids, ISO 4217 currencies, standard
    /// date bounds, and a policy that allows everything: see [`AllowAll`].
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub async fn open(store: impl Store) -> Result<Self, StoreError> {
        Self::builder(store).open().await
    }

    /// The same bank, whose writes go as far as the decision: they return the outcome or refusal
    /// that they would have had, and change nothing.
    #[must_use]
    pub fn dry_run(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), mode: Mode::DryRun }
    }

    /// The same bank (clock, ids, policy, currencies, bounds) over another handle to its books:
    /// over a transaction of the host that the store has joined. Each call is carried out there
    /// and then, without group commit.
    #[must_use]
    pub fn over(&self, store: impl Store) -> Self {
        let from = &self.inner;
        let inner = Inner {
            store: Arc::new(store),
            clock: Arc::clone(&from.clock),
            high_water: HighWater::starting_at(self.moment().now),
            ids: Arc::clone(&from.ids),
            policy: Arc::clone(&from.policy),
            currencies: from.currencies.clone(),
            bounds: from.bounds,
            rules: from.rules.clone(),
            keys: from.keys.clone(),
            queue: None,
        };
        Self { inner: Arc::new(inner), mode: self.mode }
    }

    /// The same bank (store, clock, ids, policy, currencies, bounds) deciding by other rules above
    /// the ledger. Each call is carried out by itself, without group commit.
    #[must_use]
    pub fn with_rules(&self, rules: Rules) -> Self {
        let from = &self.inner;
        let inner = Inner {
            store: Arc::clone(&from.store),
            clock: Arc::clone(&from.clock),
            high_water: HighWater::starting_at(self.moment().now),
            ids: Arc::clone(&from.ids),
            policy: Arc::clone(&from.policy),
            currencies: from.currencies.clone(),
            bounds: from.bounds,
            rules,
            keys: from.keys.clone(),
            queue: None,
        };
        Self { inner: Arc::new(inner), mode: self.mode }
    }

    /// Whether this handle changes nothing.
    #[must_use]
    pub fn is_dry_run(&self) -> bool {
        self.mode == Mode::DryRun
    }

    /// The queue of group commit, if this handle goes through it.
    fn queue(&self) -> Option<&group::Queue> {
        self.inner.queue.as_ref().filter(|_| self.mode == Mode::Real)
    }

    /// The currencies that the bank knows.
    #[must_use]
    pub fn currencies(&self) -> &Currencies {
        &self.inner.currencies
    }

    /// The moment by the bank's clock, which never steps back.
    #[must_use]
    pub fn moment(&self) -> Moment {
        let now = self.inner.high_water.observe_roughly(self.inner.clock.now());
        Moment { now, today: self.inner.clock.business_date(now) }
    }
}

/// How a bank is opened.
#[derive(Debug)]
#[must_use = "a builder opens nothing until `open` is awaited"]
pub struct BankBuilder {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    policy: Arc<dyn Policy>,
    currencies: Currencies,
    bounds: DateBounds,
    rules: Rules,
    group_commit: Option<GroupCommit>,
}

impl BankBuilder {
    fn new(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            clock: Arc::new(SystemClock::new()),
            ids: Arc::new(RandomIds::default()),
            policy: Arc::new(AllowAll),
            currencies: Currencies::default(),
            bounds: DateBounds::STANDARD,
            rules: Rules::default(),
            group_commit: None,
        }
    }

    /// Sets the clock, which also tells the business date.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Sets a clock that the host keeps a handle to.
    pub fn shared_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Sets the source of ids and salts.
    pub fn ids(mut self, ids: impl IdSource + 'static) -> Self {
        self.ids = Arc::new(ids);
        self
    }

    /// Sets who may do what.
    pub fn policy(mut self, policy: impl Policy) -> Self {
        self.policy = Arc::new(policy);
        self
    }

    /// Sets the currencies that the bank knows.
    pub fn currencies(mut self, currencies: Currencies) -> Self {
        self.currencies = currencies;
        self
    }

    /// Sets how far dates may lie from the business date.
    pub const fn date_bounds(mut self, bounds: DateBounds) -> Self {
        self.bounds = bounds;
        self
    }

    /// Sets what the bank decides by above the ledger: about people, products and their accounts.
    pub fn rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self
    }

    /// Lets requests of many callers share units of work; without this each has its own.
    ///
    /// Postings, holds, captures, releases and reversals are queued then, alone or in batches and
    /// groups of a few. See [`GroupCommit`] for what callers notice, and [`Bank::close`] for a
    /// clean end.
    pub const fn group_commit(mut self, options: GroupCommit) -> Self {
        self.group_commit = Some(options);
        self
    }

    /// Opens the bank.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot be read.
    pub async fn open(self) -> Result<Bank, StoreError> {
        let head = self.store.head().await?;
        let high_water = HighWater::starting_at(head.instant);
        let keys = people::Keys::default();
        let inner = Inner {
            store: self.store,
            clock: self.clock,
            high_water,
            ids: self.ids,
            policy: self.policy,
            currencies: self.currencies,
            bounds: self.bounds,
            rules: self.rules,
            keys,
            queue: self.group_commit.map(group::Queue::new),
        };
        Ok(Bank { inner: Arc::new(inner), mode: Mode::Real })
    }
}
