//! What plays callers: in one task, in an order picked by chance.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context as Task, Poll, Waker};

use super::bench::{Checked, ensure, found};
use super::random::Random;

/// How many polls a simulation may take: far more than it needs.
const MAX_POLLS: u64 = 20_000_000;

pub(super) type Caller<T> = Pin<Box<dyn Future<Output = Checked<T>> + Send>>;

/// Polls a future until it is ready.
pub(super) fn block_on<F: Future>(future: F) -> Checked<F::Output> {
    let mut future = std::pin::pin!(future);
    let mut task = Task::from_waker(Waker::noop());
    for _ in 0..MAX_POLLS {
        if let Poll::Ready(output) = future.as_mut().poll(&mut task) {
            return Ok(output);
        }
    }
    Err(found("a future does not end"))
}

/// When a caller that has no answer yet is asked again.
#[derive(Debug, Clone, Copy)]
pub(super) enum Turns {
    /// At once: no store is waited for.
    AtOnce,
    /// When the task is woken.
    WhenWoken,
}

/// The executor: polls the callers, in an order picked by chance, until all have ended. Returns
/// what each gave, and the number of polls.
pub(super) async fn drive<T>(
    callers: Vec<Caller<T>>,
    random: Random,
    turns: Turns,
) -> Checked<(Vec<T>, u64)> {
    let mut crowd = Crowd { callers, random, logs: Vec::new(), polls: 0 };
    poll_fn(move |task| {
        let ended = match turns {
            Turns::AtOnce => crowd.until_all_have_ended(task),
            Turns::WhenWoken => crowd.one_round(task),
        };
        match ended {
            Ok(false) => Poll::Pending,
            Ok(true) => Poll::Ready(Ok((std::mem::take(&mut crowd.logs), crowd.polls))),
            Err(found) => Poll::Ready(Err(found)),
        }
    })
    .await
}

struct Crowd<T> {
    callers: Vec<Caller<T>>,
    random: Random,
    logs: Vec<T>,
    polls: u64,
}

impl<T> Crowd<T> {
    /// Whether a caller has ended.
    fn poll(&mut self, caller: &mut Caller<T>, task: &mut Task<'_>) -> Checked<bool> {
        self.polls = self.polls.saturating_add(1);
        ensure(self.polls < MAX_POLLS, "the callers do not end")?;
        let Poll::Ready(log) = caller.as_mut().poll(task) else { return Ok(false) };
        self.logs.push(log?);
        Ok(true)
    }

    fn until_all_have_ended(&mut self, task: &mut Task<'_>) -> Checked<bool> {
        while !self.callers.is_empty() {
            let at = self.random.below(self.callers.len());
            let mut caller = self.callers.swap_remove(at);
            if !self.poll(&mut caller, task)? {
                self.callers.push(caller);
            }
        }
        Ok(true)
    }

    /// A turn for each, or some: nobody may be left out who was woken. Whether all have ended.
    fn one_round(&mut self, task: &mut Task<'_>) -> Checked<bool> {
        let mut waiting = std::mem::take(&mut self.callers);
        while !waiting.is_empty() {
            let mut caller = waiting.swap_remove(self.random.below(waiting.len()));
            let most = self.random.below(4);
            let mut ended = self.poll(&mut caller, task)?;
            for _ in 0..most {
                ended = ended || self.poll(&mut caller, task)?;
            }
            if !ended {
                self.callers.push(caller);
            }
        }
        Ok(self.callers.is_empty())
    }
}
