//! The queue: who waits for a place, who is queued, how many rounds are under way. It hands out
//! leadership and takes back what a leader left undone.
//!
//! Order of locks: the state of the queue, then the cell of a seat. Nobody is woken, and no waker
//! is dropped, under either of them, because that may run code of the executor.

use std::collections::BTreeMap;
use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context as Task, Poll, Waker};

use super::options::{Backlog, GroupCommit};
use super::seat::{Answer, Asked, Seat, weight_of};
use crate::bank::Error;
use crate::ledger::Batch;

/// Requests by number, in the order in which they came.
type Row = BTreeMap<u64, Arc<Seat>>;

/// The requests of a bank with group commit.
pub(in crate::bank) struct Queue {
    options: GroupCommit,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    next: u64,
    /// Accepted.
    queued: Row,
    /// Not accepted yet: the queue is full.
    waiting: Row,
    /// Accepted, and in a round that panicked: each has a round of its own, led by its own caller,
    /// so that the one at fault strikes nobody else.
    alone: Row,
    rounds: usize,
    /// Requests too large for a round, which have a unit of their own.
    beside: usize,
    closed: bool,
    /// Those who wait for the end.
    closers: Vec<Waker>,
}

impl State {
    fn has(&self, number: u64) -> bool {
        self.queued.contains_key(&number)
            || self.waiting.contains_key(&number)
            || self.alone.contains_key(&number)
    }

    /// Accepts whom there is room for.
    fn promote(&mut self, room: usize) {
        while self.queued.len() < room {
            let Some((number, seat)) = self.waiting.pop_first() else { break };
            self.queued.insert(number, seat);
        }
    }

    /// Whom to wake so that somebody leads. Whoever else looks first may lead as well.
    fn elect(&self, rounds: usize, wake: &mut Vec<Waker>) {
        if self.rounds < rounds {
            let fronts = [self.queued.first_key_value(), self.alone.first_key_value()];
            wake.extend(fronts.into_iter().flatten().filter_map(|(_, seat)| seat.take_waker()));
        }
    }

    fn is_idle(&self) -> bool {
        self.queued.is_empty()
            && self.waiting.is_empty()
            && self.alone.is_empty()
            && self.rounds == 0
            && self.beside == 0
    }
}

impl Queue {
    pub(in crate::bank) fn new(options: GroupCommit) -> Self {
        Self { options, state: Mutex::default() }
    }

    /// Whether a request joins a round: larger ones have a unit of their own.
    pub(in crate::bank) fn takes(&self, batch: &Batch) -> bool {
        weight_of(batch) <= self.options.max_request()
    }

    pub(in crate::bank) fn backlog(&self) -> Backlog {
        let state = self.state();
        Backlog {
            queued: state.queued.len().saturating_add(state.alone.len()),
            waiting: state.waiting.len(),
            rounds: state.rounds,
            closed: state.closed,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a request, or lets it wait for a place.
    pub(super) fn enter(&self, asked: Asked) -> Result<Place<'_>, Error> {
        let seat = Arc::new(Seat::new(asked));
        let mut state = self.state();
        if state.closed {
            return Err(Error::Closed);
        }
        let number = state.next;
        state.next = number.saturating_add(1);
        let full = state.queued.len() >= self.options.queue();
        let row = if full { &mut state.waiting } else { &mut state.queued };
        row.insert(number, Arc::clone(&seat));
        drop(state);
        Ok(Place { queue: self, number, seat })
    }

    /// Lets a request past that has a unit of its own; it counts as accepted until it is dropped.
    pub(in crate::bank) fn pass(&self) -> Result<Beside<'_>, Error> {
        let mut state = self.state();
        if state.closed {
            return Err(Error::Closed);
        }
        state.beside = state.beside.saturating_add(1);
        Ok(Beside { queue: self })
    }

    fn poll_turn(&self, number: u64, seat: &Seat, task: &Task<'_>) -> Poll<Turn<'_>> {
        // First the waker, then the question: whoever leads no more after the question sees it.
        if let Poll::Ready(answer) = seat.poll_answer(task) {
            return Poll::Ready(Turn::Answered(answer));
        }
        let mut state = self.state();
        if state.rounds >= self.options.rounds_in_flight() || !state.has(number) {
            return Poll::Pending;
        }
        state.rounds = state.rounds.saturating_add(1);
        let only = state.alone.contains_key(&number).then_some(number);
        Poll::Ready(Turn::Lead(Round::new(self, only)))
    }

    /// A caller goes away: its request is taken out, if no round has taken it.
    fn leave(&self, number: u64) {
        let mut wake = Vec::new();
        let mut state = self.state();
        let seat = state.queued.remove(&number);
        let seat = seat.or_else(|| state.waiting.remove(&number));
        let seat = seat.or_else(|| state.alone.remove(&number));
        state.promote(self.options.queue());
        // It may have been woken to lead.
        state.elect(self.options.rounds_in_flight(), &mut wake);
        wake.append(&mut state.closers);
        drop(state);
        drop(seat);
        wake.into_iter().for_each(Waker::wake);
    }

    /// Accepts nothing any more. Those who wait for a place are told so.
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        for seat in waiting.into_values() {
            if let Some(waker) = seat.answer(Err(Error::Closed)) {
                waker.wake();
            }
        }
    }

    /// A round to lead, or nothing when all that was accepted is answered.
    pub(super) async fn until_idle(&self) -> Option<Round<'_>> {
        poll_fn(|task| {
            let mut state = self.state();
            if state.is_idle() {
                return Poll::Ready(None);
            }
            if state.rounds < self.options.rounds_in_flight() && !state.queued.is_empty() {
                state.rounds = state.rounds.saturating_add(1);
                return Poll::Ready(Some(Round::new(self, None)));
            }
            if !state.closers.iter().any(|known| known.will_wake(task.waker())) {
                state.closers.push(task.waker().clone());
            }
            Poll::Pending
        })
        .await
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let backlog = self.backlog();
        f.debug_struct("Queue").field("options", &self.options).field("backlog", &backlog).finish()
    }
}

/// A caller's place in the queue. Dropping it takes the request out.
pub(super) struct Place<'q> {
    queue: &'q Queue,
    number: u64,
    seat: Arc<Seat>,
}

/// What a caller in the queue does next.
pub(super) enum Turn<'q> {
    Answered(Answer),
    Lead(Round<'q>),
}

impl<'q> Place<'q> {
    pub(super) async fn turn(&self) -> Turn<'q> {
        let queue = self.queue;
        poll_fn(|task| queue.poll_turn(self.number, &self.seat, task)).await
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let answered = self.seat.is_answered();
        // First this, so that no round that ends just now queues it again.
        drop(self.seat.leave());
        if !answered {
            self.queue.leave(self.number);
        }
    }
}

/// A request that has a unit of its own.
pub(in crate::bank) struct Beside<'q> {
    queue: &'q Queue,
}

impl Drop for Beside<'_> {
    fn drop(&mut self) {
        let mut state = self.queue.state();
        state.beside = state.beside.saturating_sub(1);
        let wake = std::mem::take(&mut state.closers);
        drop(state);
        wake.into_iter().for_each(Waker::wake);
    }
}

/// A round, in the hand of its leader. However it ends, by its last answer, because the leader was
/// dropped, or in a panic, whoever has no answer yet is queued again, and somebody else may lead.
pub(super) struct Round<'q> {
    queue: &'q Queue,
    /// The one request that may be taken.
    only: Option<u64>,
    seats: Vec<(u64, Arc<Seat>)>,
    /// How many of the seats have their answer: always the first ones.
    answered: usize,
    /// The ends of the parts still to be walked, the next one last.
    ends: Vec<usize>,
}

impl<'q> Round<'q> {
    const fn new(queue: &'q Queue, only: Option<u64>) -> Self {
        Self { queue, only, seats: Vec::new(), answered: 0, ends: Vec::new() }
    }

    /// How often to let others run before the round is filled.
    pub(super) const fn linger(&self) -> u32 {
        self.queue.options.linger()
    }

    /// Takes requests from the front of the queue, as many as fit.
    pub(super) fn fill(&mut self) {
        let options = self.queue.options;
        let mut wake = Vec::new();
        let mut state = self.queue.state();
        if let Some(number) = self.only {
            self.seats.extend(state.alone.remove_entry(&number));
        } else {
            let mut room = options.max_items();
            while let Some(front) = state.queued.first_entry() {
                // One that joins fits into an empty round.
                let Some(left) = room.checked_sub(front.get().asked.weight()) else { break };
                room = left;
                self.seats.push(front.remove_entry());
                state.promote(options.queue());
            }
        }
        state.elect(options.rounds_in_flight(), &mut wake);
        drop(state);
        self.ends.push(self.seats.len());
        wake.into_iter().for_each(Waker::wake);
    }

    /// The requests to be walked next; none when the round is done.
    pub(super) fn part(&self) -> &[(u64, Arc<Seat>)] {
        let end = self.ends.last().copied().unwrap_or(0);
        self.seats.get(self.answered..end).unwrap_or_default()
    }

    /// Answers the part, request by request.
    pub(super) fn answer(&mut self, answers: impl IntoIterator<Item = Answer>) {
        let end = self.ends.pop().unwrap_or(0);
        let part = self.seats.get(self.answered..end).unwrap_or_default();
        for ((_, seat), answer) in part.iter().zip(answers) {
            self.answered = self.answered.saturating_add(1);
            if let Some(waker) = seat.answer(answer) {
                waker.wake();
            }
        }
    }

    /// Walks the part in two halves instead.
    pub(super) fn halve(&mut self) {
        let half = self.part().len().div_ceil(2);
        self.ends.push(self.answered.saturating_add(half));
    }
}

impl Drop for Round<'_> {
    fn drop(&mut self) {
        let panicked = std::thread::panicking();
        let seats = std::mem::take(&mut self.seats);
        let mut wake = Vec::new();
        let mut state = self.queue.state();
        for (number, seat) in seats.get(self.answered..).unwrap_or_default() {
            if !seat.needs_another_round() {
                continue;
            }
            let row = if panicked { &mut state.alone } else { &mut state.queued };
            row.insert(*number, Arc::clone(seat));
        }
        state.rounds = state.rounds.saturating_sub(1);
        state.elect(self.queue.options.rounds_in_flight(), &mut wake);
        wake.append(&mut state.closers);
        drop(state);
        wake.into_iter().for_each(Waker::wake);
    }
}
