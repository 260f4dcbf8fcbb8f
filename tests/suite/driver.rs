//! An executor for tests: it polls by chance, only what was woken, and can drop a task at any
//! step. A task that waits although nobody will wake it is a failure, never a hang.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context as Task, Poll, Wake, Waker};

pub(crate) type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// What has become of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum End<T> {
    Ready(T),
    Dropped,
    Panicked,
}

enum Slot<T> {
    Running(Work<T>, Arc<Flag>),
    Ended(End<T>),
}

pub(crate) struct Driver<T> {
    slots: Vec<Slot<T>>,
    random: u64,
    /// Polls so far.
    pub(crate) steps: u64,
}

impl<T> Driver<T> {
    pub(crate) fn new(seed: u64, tasks: impl IntoIterator<Item = Work<T>>) -> Self {
        let slot = |task| Slot::Running(task, Arc::new(Flag(AtomicBool::new(true))));
        let slots = tasks.into_iter().map(slot).collect();
        Self { slots, random: seed.wrapping_add(0x9e37_79b9_7f4a_7c15), steps: 0 }
    }

    fn below(&mut self, bound: usize) -> usize {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        usize::try_from(self.random % bound as u64).unwrap()
    }

    fn woken(&self) -> Vec<usize> {
        let woken = |slot: &Slot<T>| match slot {
            Slot::Running(_, flag) => flag.0.load(Ordering::SeqCst),
            Slot::Ended(_) => false,
        };
        (0..self.slots.len()).filter(|at| woken(&self.slots[*at])).collect()
    }

    /// Polls one of the woken tasks by chance; `false` if there is none.
    pub(crate) fn step(&mut self) -> bool {
        let woken = self.woken();
        if woken.is_empty() {
            return false;
        }
        let at = woken[self.below(woken.len())];
        self.poll(at);
        true
    }

    /// Polls a task, woken or not.
    pub(crate) fn poll(&mut self, at: usize) {
        self.steps += 1;
        let Slot::Running(task, flag) = &mut self.slots[at] else { return };
        flag.0.store(false, Ordering::SeqCst);
        let waker = Waker::from(Arc::clone(flag));
        let polled =
            catch_unwind(AssertUnwindSafe(|| task.as_mut().poll(&mut Task::from_waker(&waker))));
        let end = match polled {
            Ok(Poll::Pending) => return,
            Ok(Poll::Ready(output)) => End::Ready(output),
            Err(_) => End::Panicked,
        };
        self.slots[at] = Slot::Ended(end);
    }

    /// Drops a task that has not ended.
    pub(crate) fn drop_task(&mut self, at: usize) {
        if matches!(self.slots[at], Slot::Running(..)) {
            self.slots[at] = Slot::Ended(End::Dropped);
        }
    }

    pub(crate) fn has_ended(&self, at: usize) -> bool {
        matches!(self.slots[at], Slot::Ended(_))
    }

    /// Whether a task has ended by itself.
    pub(crate) fn has_ready(&self, at: usize) -> bool {
        matches!(self.slots[at], Slot::Ended(End::Ready(_)))
    }

    /// Polls until every task has ended.
    pub(crate) fn finish(mut self) -> Vec<End<T>> {
        while self.step() {
            assert!(self.steps < 1_000_000, "the tasks do not end");
        }
        let end = |(at, slot)| match slot {
            Slot::Ended(end) => end,
            Slot::Running(..) => panic!("task {at} waits, and nobody will wake it"),
        };
        self.slots.into_iter().enumerate().map(end).collect()
    }
}
