//! How a bank shares units of work.

use crate::ledger::MAX_BATCH;

/// Group commit: postings, holds, captures, releases and reversals of many callers share units of
/// work. See [`BankBuilder::group_commit`](crate::bank::BankBuilder::group_commit).
///
/// It pays where a commit takes long (a database that waits for its disk) and many callers post a
/// little each, above all to the same accounts: requests of one round do not conflict.
///
/// - **Each its own.** A request is authorised before it is queued, decided under its own origin
///   and idempotency key, and has its own outcome. Requests of a round are decided in the order of
///   the queue, and each sees the ones before it. A refusal disturbs nobody else, and neither does
///   a request that the store cannot carry out: the round is then halved until the fault is its
///   alone. A group stays all or none within its request.
/// - **A fault of the moment is everybody's.** If the store was away, or other units came first
///   too often, or the answer to commit was lost, all requests of the round are told so, and each
///   repeats under its id, as without group commit.
/// - **Back-pressure.** A call waits for a place in the queue, and for its outcome. It never fails
///   because the queue is full.
/// - **Dropping a call** whose request is still queued takes it out. Once it is in a round, it is
///   carried out with it, or not, if the round ends without an outcome: repeat it under its id to
///   learn which.
/// - **Dropping a call that leads**, or a panic in the store: the other requests of its round are
///   put back to the front of the queue and another caller leads them, under the same ids. Should
///   the commit have taken effect after all, they are found there: nothing is applied twice. Ids
///   that callers left to the bank are given out before the first round for that reason.
///   A request under a caller's own id or key may then be told [`Replayed`] although it was this
///   very call that took effect.
/// - **Poll, or drop.** A call may lead a round, and then others wait for it. A future that is
///   kept but not polled holds up the queue like a mutex that is not released.
///
/// [`Replayed`]: crate::ledger::Outcome::Replayed
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupCommit {
    max_items: usize,
    max_request: usize,
    queue: usize,
    rounds_in_flight: usize,
    linger: u32,
}

impl Default for GroupCommit {
    fn default() -> Self {
        Self::new()
    }
}

impl GroupCommit {
    /// The longest queue that can be asked for, in requests.
    pub const MAX_QUEUE: usize = 1 << 20;
    /// The most rounds in flight that can be asked for.
    pub const MAX_ROUNDS: usize = 64;
    /// The longest linger that can be asked for, in turns of the executor.
    pub const MAX_LINGER: u32 = 64;

    /// Rounds of at most 1,024 instructions, one at a time, without linger; a queue of 8,192
    /// requests; requests of up to 64 instructions join.
    #[must_use]
    pub const fn new() -> Self {
        Self { max_items: 1_024, max_request: 64, queue: 8_192, rounds_in_flight: 1, linger: 0 }
    }

    /// Sets how many instructions a round carries at most. One of more than two legs counts as
    /// one per two legs.
    ///
    /// # Errors
    /// [`InvalidGroupCommit`] unless it is between 1 and [`MAX_BATCH`].
    pub const fn with_max_items(mut self, max_items: usize) -> Result<Self, InvalidGroupCommit> {
        self.max_items = max_items;
        self.within("max_items", max_items, MAX_BATCH)
    }

    /// Sets up to how many instructions a request joins a round; a larger one has a unit of its
    /// own, at once and beside the queue. More than [`max_items`](Self::max_items) never join.
    ///
    /// # Errors
    /// [`InvalidGroupCommit`] unless it is between 1 and [`MAX_BATCH`].
    pub const fn with_max_request(mut self, items: usize) -> Result<Self, InvalidGroupCommit> {
        self.max_request = items;
        self.within("max_request", items, MAX_BATCH)
    }

    /// Sets how many requests the queue takes; further callers wait for a place.
    ///
    /// # Errors
    /// [`InvalidGroupCommit`] unless it is between 1 and [`MAX_QUEUE`](Self::MAX_QUEUE).
    pub const fn with_queue(mut self, requests: usize) -> Result<Self, InvalidGroupCommit> {
        self.queue = requests;
        self.within("queue", requests, Self::MAX_QUEUE)
    }

    /// Sets how many rounds may be under way at the same time. With more than one the order of
    /// the queue is kept within each round only, and rounds that meet on an account conflict and
    /// walk again: worth it where callers post to accounts of their own.
    ///
    /// # Errors
    /// [`InvalidGroupCommit`] unless it is between 1 and [`MAX_ROUNDS`](Self::MAX_ROUNDS).
    pub const fn with_rounds_in_flight(
        mut self,
        rounds: usize,
    ) -> Result<Self, InvalidGroupCommit> {
        self.rounds_in_flight = rounds;
        self.within("rounds_in_flight", rounds, Self::MAX_ROUNDS)
    }

    /// Sets how often a leader lets other tasks run before it takes its round, so that more of
    /// them join: worth it where a commit is so quick that nobody queues meanwhile. It counts
    /// turns of the executor, not time.
    ///
    /// # Errors
    /// [`InvalidGroupCommit`] if it is above [`MAX_LINGER`](Self::MAX_LINGER).
    pub const fn with_linger(mut self, turns: u32) -> Result<Self, InvalidGroupCommit> {
        self.linger = turns;
        if turns <= Self::MAX_LINGER {
            return Ok(self);
        }
        let (what, min, max) = ("linger", 0, Self::MAX_LINGER as usize);
        Err(InvalidGroupCommit { what, min, max })
    }

    const fn within(
        self,
        what: &'static str,
        given: usize,
        max: usize,
    ) -> Result<Self, InvalidGroupCommit> {
        let min = 1;
        if given >= min && given <= max {
            return Ok(self);
        }
        Err(InvalidGroupCommit { what, min, max })
    }

    /// How many instructions a round carries at most.
    #[must_use]
    pub const fn max_items(&self) -> usize {
        self.max_items
    }

    /// Up to how many instructions a request joins a round.
    #[must_use]
    pub const fn max_request(&self) -> usize {
        if self.max_request < self.max_items { self.max_request } else { self.max_items }
    }

    /// How many requests the queue takes.
    #[must_use]
    pub const fn queue(&self) -> usize {
        self.queue
    }

    /// How many rounds may be under way at the same time.
    #[must_use]
    pub const fn rounds_in_flight(&self) -> usize {
        self.rounds_in_flight
    }

    /// How often a leader lets other tasks run before it takes its round.
    #[must_use]
    pub const fn linger(&self) -> u32 {
        self.linger
    }
}

/// A [`GroupCommit`] that cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what} of group commit must be between {min} and {max}")]
pub struct InvalidGroupCommit {
    /// Which setting.
    pub what: &'static str,
    /// The least it may be.
    pub min: usize,
    /// The most it may be.
    pub max: usize,
}

impl InvalidGroupCommit {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "invalid_group_commit"
    }
}

/// What is under way in the queue of a bank with group commit, for gauges and for back-pressure
/// further up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backlog {
    /// Requests that were accepted and wait for a round.
    pub queued: usize,
    /// Requests that wait for a place in the queue.
    pub waiting: usize,
    /// Rounds under way.
    pub rounds: usize,
    /// Whether the bank was closed.
    pub closed: bool,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_checked() {
        let new = GroupCommit::new();
        let max_items = |error: InvalidGroupCommit| (error.what, error.min, error.max);
        let none = new.with_max_items(0).unwrap_err();
        assert_eq!(max_items(none), ("max_items", 1, MAX_BATCH));
        assert!(new.with_max_items(MAX_BATCH).is_ok());
        assert!(new.with_max_items(MAX_BATCH + 1).is_err());
        assert!(new.with_max_request(0).is_err());
        assert!(new.with_queue(0).is_err());
        assert!(new.with_queue(GroupCommit::MAX_QUEUE + 1).is_err());
        assert!(new.with_rounds_in_flight(0).is_err());
        assert!(new.with_rounds_in_flight(GroupCommit::MAX_ROUNDS + 1).is_err());
        assert!(new.with_linger(GroupCommit::MAX_LINGER + 1).is_err());
        assert_eq!(new.with_linger(2).unwrap().linger(), 2);
        assert_eq!(none.code(), "invalid_group_commit");
        assert_eq!(none.to_string(), "max_items of group commit must be between 1 and 8190");
    }

    #[test]
    fn no_request_joins_that_fits_no_round() {
        let small = GroupCommit::new().with_max_items(5).unwrap();
        assert_eq!((small.max_items(), small.max_request()), (5, 5));
        let one = small.with_max_request(1).unwrap();
        assert_eq!(one.max_request(), 1);
    }
}
