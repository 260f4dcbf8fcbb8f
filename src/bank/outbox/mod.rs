//! Readers of the journal outside the bank: webhooks, queues, projections. They miss nothing.
//!
//! The journal is the log of events; what is stored here is how far each reader has come. Events
//! are delivered at least once, in the order of the journal within each account, to several
//! workers that hold partitions on lease. See [`crate::ledger::outbox`] for the terms.
//!
//! A single reader that keeps its own place needs none of this: [`Bank::journal`] is enough.

mod chunk;
mod claim;
mod lease;

use std::time::Duration;

use uuid::Uuid;

use super::corridor::{is_conflict, yield_now};
use super::{Action, Bank, Context, Error, MAX_ATTEMPTS, Mode};
use crate::id::AccountId;
use crate::ledger::outbox::{MAX_PARTITIONS, Mark};
use crate::ledger::{Outcome, Record, Refusal, Subscriber, Worker};
use crate::store::{ErrorKind, StoreError};
use crate::time::Timestamp;

/// Where a new subscription begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// At the first record of the journal.
    Beginning,
    /// Behind the last record of the moment: only what is committed from now on.
    Now,
    /// Behind this place, which must exist; 0 is the beginning.
    After(u64),
}

/// A record of the journal, as it is delivered to one partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The record. Its place in the journal is what a receiver recognises a repetition by.
    pub record: Record,
    /// Which of the accounts that it changed belong to this partition, ascending. Others of the
    /// same record may belong to other partitions, which get it too. None for what concerns no
    /// account, which goes to partition 0.
    pub accounts: Vec<AccountId>,
    /// Whether this is the first of the partitions that get the record. It is in exactly one: for
    /// readers that want every record once, and not once per account.
    pub leads: bool,
}

impl Event {
    /// The place of the record in the journal.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.record.position()
    }
}

/// Events that a worker has on lease, and the right to acknowledge them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "events that are not acknowledged are delivered again when the lease has run out"]
#[non_exhaustive]
pub struct Claim {
    /// The subscription.
    pub subscriber: Subscriber,
    /// The partition.
    pub partition: u16,
    /// The worker that has it on lease.
    pub worker: Worker,
    /// When the lease runs out by the clock of the bank, unless it is renewed.
    pub until: Timestamp,
    /// Grows with every claim of the partition: a receiver that keeps the greatest it has seen,
    /// and refuses a smaller one, is safe from a worker that woke up too late.
    pub fence: u64,
    /// Everything at or before this place was acknowledged when it was claimed.
    pub after: u64,
    /// The place through which the journal was read. Acknowledge it when all events are handled.
    pub through: u64,
    /// The events, in the order of the journal; at least one.
    pub events: Vec<Event>,
    token: Uuid,
}

/// How far a subscription has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Its name.
    pub subscriber: Subscriber,
    /// The place of the last record of the journal.
    pub head: u64,
    /// The mark of each partition, ascending.
    pub marks: Vec<Mark>,
}

impl Subscription {
    /// Every event at or before this place was handled, in all partitions. The mark of a quiet
    /// partition moves on only when somebody claims.
    #[must_use]
    pub fn handled(&self) -> u64 {
        self.marks.iter().map(|mark| mark.acknowledged).min().unwrap_or(0)
    }

    /// How many records lie behind the partition that is furthest behind.
    #[must_use]
    pub fn lag(&self) -> u64 {
        self.head.saturating_sub(self.handled())
    }
}

impl Bank {
    /// Creates a subscription with a fixed number of partitions, 1 to 64. Repeating it is safe: a
    /// subscription that exists stays where it is, whatever `from` says.
    ///
    /// As many workers can read at once as there are partitions; each partition reads the whole
    /// journal for itself.
    ///
    /// # Errors
    /// [`Refusal::SubscriptionDiffers`] when it exists with another number of partitions;
    /// [`Refusal::InvalidTerms`] for a number out of range or a start behind the end of the
    /// journal; [`Error::Denied`]; [`Error::Store`].
    pub async fn subscribe(
        &self,
        context: &Context,
        subscriber: Subscriber,
        partitions: u16,
        from: Start,
    ) -> Result<Outcome<()>, Error> {
        self.authorise(context, Action::Subscribe)?;
        if !(1..=MAX_PARTITIONS).contains(&partitions) {
            return Err(invalid("a subscription has 1 to 64 partitions"));
        }
        let mut patience = Patience::default();
        loop {
            let there = self.inner.store.marks(&subscriber).await?;
            if let Some(mark) = there.first() {
                let differs =
                    Refusal::SubscriptionDiffers { subscriber, partitions: mark.partitions };
                return if mark.partitions == partitions {
                    Ok(Outcome::Replayed(()))
                } else {
                    Err(differs.into())
                };
            }
            let head = self.inner.store.head().await?.position;
            let acknowledged = match from {
                Start::Beginning => 0,
                Start::Now => head,
                Start::After(place) if place <= head => place,
                Start::After(_) => {
                    return Err(invalid(
                        "a subscription cannot start behind the end of the journal",
                    ));
                }
            };
            let now = self.moment().now;
            let fresh = |at| Mark::new(subscriber, at, partitions, acknowledged, now);
            let marks: Vec<Mark> = (0..partitions).map(fresh).collect();
            // A conflict: somebody else subscribed first, and the next look shows it.
            if patience.wrote(self.put_marks(&marks).await).await? {
                return Ok(Outcome::Applied(()));
            }
        }
    }

    /// Removes a subscription with its marks; claims of it are lost.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::Store`].
    pub async fn unsubscribe(
        &self,
        context: &Context,
        subscriber: Subscriber,
    ) -> Result<Outcome<()>, Error> {
        self.authorise(context, Action::Subscribe)?;
        let store = &self.inner.store;
        let was_there = match self.mode {
            Mode::Real => store.drop_marks(&subscriber).await?,
            Mode::DryRun => !store.marks(&subscriber).await?.is_empty(),
        };
        Ok(if was_there { Outcome::Applied(()) } else { Outcome::Replayed(()) })
    }

    /// How far a subscription has come, and who reads it.
    ///
    /// # Errors
    /// [`Refusal::UnknownSubscription`]; [`Error::Store`].
    pub async fn subscription(&self, subscriber: Subscriber) -> Result<Subscription, Error> {
        let marks = self.known_marks(subscriber).await?;
        let head = self.inner.store.head().await?.position;
        Ok(Subscription { subscriber, head, marks })
    }

    /// The marks of a subscription that exists: one of each partition.
    async fn known_marks(&self, subscriber: Subscriber) -> Result<Vec<Mark>, Error> {
        let marks = self.inner.store.marks(&subscriber).await?;
        let Some(first) = marks.first() else {
            return Err(Refusal::UnknownSubscription { subscriber }.into());
        };
        let partitions = first.partitions;
        let one_each = (0..partitions).eq(marks.iter().map(|mark| mark.partition))
            && marks.iter().all(|mark| mark.partitions == partitions);
        if one_each {
            Ok(marks)
        } else {
            Err(corrupt("the marks of a subscription are incomplete"))
        }
    }

    /// The one place that writes marks; a dry run writes none.
    async fn put_marks(&self, marks: &[Mark]) -> Result<(), StoreError> {
        match self.mode {
            Mode::Real => self.inner.store.put_marks(marks).await,
            Mode::DryRun => Ok(()),
        }
    }
}

/// Counts conflicts: after each the caller looks again, at most [`MAX_ATTEMPTS`] times.
#[derive(Debug, Default)]
struct Patience {
    conflicts: u32,
}

impl Patience {
    /// Whether marks were written; `false` asks to look again.
    async fn wrote(&mut self, written: Result<(), StoreError>) -> Result<bool, Error> {
        match written {
            Ok(()) => Ok(true),
            Err(error) if is_conflict(&error) && self.conflicts < MAX_ATTEMPTS => {
                self.conflicts = self.conflicts.saturating_add(1);
                yield_now().await;
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }
}

fn judge_lease(lease: Duration) -> Result<(), Error> {
    if lease.is_zero() { Err(invalid("a lease is longer than zero")) } else { Ok(()) }
}

fn lease_end(now: Timestamp, lease: Duration) -> Timestamp {
    now.saturating_add_nanos(i64::try_from(lease.as_nanos()).unwrap_or(i64::MAX))
}

fn invalid(what: &'static str) -> Error {
    Refusal::InvalidTerms { what }.into()
}

fn corrupt(what: &'static str) -> Error {
    StoreError::new(ErrorKind::Corrupt, what).into()
}
