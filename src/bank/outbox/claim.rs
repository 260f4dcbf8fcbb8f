//! Claiming: who is served next, and what it gets.

use std::time::Duration;

use super::{Bank, Claim, Patience, invalid, judge_lease, lease_end};
use crate::bank::{Action, Context, Error};
use crate::ledger::outbox::{Mark, serving_order};
use crate::ledger::query::MAX_PAGE;
use crate::ledger::{Subscriber, Worker};
use crate::store::StoreError;
use crate::time::Timestamp;

/// How many records are read at a time: bounds the memory of a claim.
const MAX_CHUNK: usize = 4_096;
/// Fewer are not worth a round trip when most of them may be for other partitions.
const MIN_CHUNK: usize = 64;

/// How many records are likely to hold as many events of one partition as are asked for: most
/// records concern two accounts.
fn chunk_length(limit: usize, partitions: u16) -> usize {
    match partitions {
        1 => limit.min(MAX_CHUNK),
        _ => (limit.saturating_mul(usize::from(partitions)) / 2).clamp(MIN_CHUNK, MAX_CHUNK),
    }
}

/// What a worker asks for.
struct Asked<'a> {
    subscriber: Subscriber,
    worker: &'a Worker,
    lease: Duration,
    limit: usize,
}

/// How one walk along the queue ended.
enum Walked {
    Claimed(Claim),
    NothingDue,
    /// Somebody else changed a mark first: look again.
    Overtaken(StoreError),
}

/// The queue of the partitions that may be served, and when the last one was.
struct Queue {
    due: Vec<Mark>,
    served_at: Timestamp,
    head: u64,
}

impl Queue {
    /// An instant of its own for every mark that is served, so that nobody is served twice before
    /// everybody was once, even if the clock stands still.
    fn tick(&mut self, now: Timestamp) -> Timestamp {
        self.served_at = now.max(self.served_at.saturating_add_nanos(1));
        self.served_at
    }
}

impl Bank {
    /// Takes the next partition that is free and has events, and leases it to a worker for
    /// `lease`: up to `limit` (1 to 10,000) events in the order of the journal. `None` when there
    /// is nothing: every event is acknowledged or on lease to others.
    ///
    /// The least recently served partition goes first. Partitions for which the journal holds
    /// nothing move on by themselves. At most 4,096 records are in memory at a time; the call
    /// reads no further than the end of the journal at its beginning, and whoever drops it
    /// half way loses at most the lease that it was about to take.
    ///
    /// Leases are measured by the clock of the bank. Processes that share a store should have
    /// clocks that differ by much less than a lease lasts.
    ///
    /// # Errors
    /// [`Refusal::UnknownSubscription`](crate::ledger::Refusal::UnknownSubscription);
    /// [`Refusal::InvalidTerms`](crate::ledger::Refusal::InvalidTerms) for a lease of no length or
    /// a limit out of range; [`Error::Denied`]; [`Error::Store`], of the kind
    /// [`Corrupt`](crate::store::ErrorKind::Corrupt) when the journal has a gap: no reader steps
    /// over one.
    pub async fn claim(
        &self,
        context: &Context,
        subscriber: Subscriber,
        worker: &Worker,
        lease: Duration,
        limit: usize,
    ) -> Result<Option<Claim>, Error> {
        self.authorise(context, Action::ConsumeEvents)?;
        judge_lease(lease)?;
        if !(1..=MAX_PAGE).contains(&limit) {
            return Err(invalid("a claim has 1 to 10,000 events"));
        }
        let asked = Asked { subscriber, worker, lease, limit };
        let mut patience = Patience::default();
        loop {
            match self.walk_queue(&asked).await? {
                Walked::Claimed(claim) => return Ok(Some(claim)),
                Walked::NothingDue => return Ok(None),
                Walked::Overtaken(error) => {
                    patience.wrote(Err(error)).await?;
                }
            }
        }
    }

    async fn walk_queue(&self, asked: &Asked<'_>) -> Result<Walked, Error> {
        let marks = self.known_marks(asked.subscriber).await?;
        let head = self.inner.store.head().await?.position;
        let partitions = marks.first().map_or(1, |mark| mark.partitions);
        let length = chunk_length(asked.limit, partitions);
        let served_at = marks.iter().map(|mark| mark.served_at).max().unwrap_or(Timestamp::MIN);
        let due = serving_order(&marks, head, self.moment().now);
        let mut queue = Queue { due, served_at, head };
        while let Some(first) = queue.due.first() {
            let chunk = self.read_chunk(first.acknowledged, length, partitions).await?;
            let now = self.moment().now;
            let (mut rest, mut moved, mut next) = (Vec::new(), Vec::new(), None);
            for mark in std::mem::take(&mut queue.due) {
                let covered = chunk.covers(&mark);
                if next.is_none() && covered && chunk.is_quiet(&mark) {
                    // To the end of the queue, or every claim would begin with all of them.
                    let served_at = queue.tick(now);
                    moved.push(Mark { acknowledged: chunk.end, served_at, ..mark });
                } else if next.is_none() && covered && rest.is_empty() {
                    next = Some(mark);
                } else {
                    // Nobody overtakes one that this chunk says nothing about.
                    rest.push(mark);
                }
            }
            // Those that have nothing move on in the same write as the one that is served.
            let claimed = next.map(|mark| {
                let served_at = queue.tick(now);
                let (leased, claim) = self.lease(asked, &chunk, mark, now, served_at);
                moved.push(leased);
                claim
            });
            match self.put_marks(&moved).await {
                Ok(()) => {}
                Err(error) if super::is_conflict(&error) => return Ok(Walked::Overtaken(error)),
                Err(error) => return Err(error.into()),
            }
            if let Some(claim) = claimed {
                return Ok(Walked::Claimed(claim));
            }
            let written = moved.into_iter().map(|mark| {
                let version = mark.version.saturating_add(1);
                Mark { version, ..mark }
            });
            rest.extend(written.filter(|mark| mark.acknowledged < queue.head));
            queue.due = rest;
        }
        Ok(Walked::NothingDue)
    }

    /// The mark as it is leased, and what the worker gets.
    fn lease(
        &self,
        asked: &Asked<'_>,
        chunk: &super::chunk::Chunk,
        mark: Mark,
        now: Timestamp,
        served_at: Timestamp,
    ) -> (Mark, Claim) {
        let share = chunk.share(&mark, asked.limit);
        let (token, until) = (self.inner.ids.next_id(now), lease_end(now, asked.lease));
        let claim = Claim {
            subscriber: mark.subscriber,
            partition: mark.partition,
            worker: asked.worker.clone(),
            until,
            fence: mark.version.saturating_add(1),
            after: mark.acknowledged,
            through: share.through,
            events: share.events,
            token,
        };
        let leased = Mark {
            worker: Some(asked.worker.clone()),
            token: Some(token),
            until: Some(until),
            served_at,
            ..mark
        };
        (leased, claim)
    }
}
