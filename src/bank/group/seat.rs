//! A request in the queue, and the cell in which its caller finds the outcome.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context as Task, Poll, Waker};

use smallvec::SmallVec;
use uuid::Uuid;

use crate::bank::guard::Guard;
use crate::bank::posting::Movements;
use crate::bank::{Context, Error};
use crate::id::{HoldId, TransactionId};
use crate::ledger::decide::{Pass, Request};
use crate::ledger::{Batch, IdempotencyKey, Instruction, Origin, Outcome};

impl<'a> Ask<'a> {
    /// The request as the ledger decides it, with what the rules above it said.
    pub(in crate::bank) const fn request(&self, passes: &'a [Pass]) -> Request<'a> {
        let Self { batch, origin, key, .. } = *self;
        Request { batch, origin, key, passes }
    }
}

/// What a request ends in.
pub(super) type Answer = Result<Movements, Error>;

/// What a round carries out for one caller.
#[derive(Debug, Clone, Copy)]
pub(in crate::bank) struct Ask<'a> {
    pub(in crate::bank) batch: &'a Batch,
    pub(in crate::bank) guards: &'a [Guard],
    pub(in crate::bank) origin: &'a Origin,
    pub(in crate::bank) key: Option<&'a IdempotencyKey>,
}

/// A request with who asks, ready to be decided more than once.
#[derive(Debug)]
pub(super) struct Asked {
    batch: Batch,
    guards: Vec<Guard>,
    origin: Origin,
    key: Option<IdempotencyKey>,
    /// The instructions whose ids were given out here.
    given: SmallVec<[u32; 1]>,
    weight: usize,
}

impl Asked {
    /// Fixes the ids of instructions that have neither an id nor a key, so that a round that is
    /// led again finds what the first one posted.
    pub(super) fn new(
        context: &Context,
        mut batch: Batch,
        guards: Vec<Guard>,
        fresh: impl FnMut() -> Uuid,
    ) -> Self {
        let (key, weight) = (context.idempotency_key.clone(), weight_of(&batch));
        let mut given = SmallVec::new();
        if key.is_none() {
            fix_ids(&mut batch, &mut given, fresh);
        }
        Self { batch, guards, origin: context.origin(), key, given, weight }
    }

    pub(super) const fn weight(&self) -> usize {
        self.weight
    }

    pub(super) fn ask(&self) -> Ask<'_> {
        let Self { batch, guards, origin, key, .. } = self;
        Ask { batch, guards, origin, key: key.as_ref() }
    }
}

/// How much of a round a batch takes up: its instructions, one of many legs as one per two legs.
pub(super) fn weight_of(batch: &Batch) -> usize {
    let weight = |instruction: &Instruction| match instruction {
        Instruction::Post(new) => new.legs.len().div_ceil(2).max(1),
        Instruction::Hold(new) => new.legs.len().div_ceil(2).max(1),
        _ => 1,
    };
    batch.instructions().iter().map(weight).fold(0, usize::saturating_add)
}

fn fix_ids(batch: &mut Batch, given: &mut SmallVec<[u32; 1]>, mut fresh: impl FnMut() -> Uuid) {
    for (index, instruction) in (0_u32..).zip(&mut batch.instructions) {
        let id = match instruction {
            Instruction::Post(new) => &mut new.id,
            Instruction::Capture(new) => &mut new.id,
            Instruction::Release(new) => &mut new.id,
            Instruction::Reverse(new) => &mut new.id,
            Instruction::Hold(new) => {
                if new.id.is_none() {
                    new.id = Some(HoldId::from_uuid(fresh()));
                    given.push(index);
                }
                continue;
            }
        };
        if id.is_none() {
            *id = Some(TransactionId::from_uuid(fresh()));
            given.push(index);
        }
    }
}

#[derive(Debug)]
enum Standing {
    /// No answer yet; `again` if a round with it ended without one.
    Open {
        again: bool,
    },
    Answered(Answer),
    /// The caller has its answer, or went away without.
    Gone,
}

#[derive(Debug)]
struct Cell {
    standing: Standing,
    /// Of the caller, since it last looked.
    waker: Option<Waker>,
}

/// A request in the queue.
#[derive(Debug)]
pub(super) struct Seat {
    pub(super) asked: Asked,
    cell: Mutex<Cell>,
}

impl Seat {
    pub(super) const fn new(asked: Asked) -> Self {
        let cell = Cell { standing: Standing::Open { again: false }, waker: None };
        Self { asked, cell: Mutex::new(cell) }
    }

    fn cell(&self) -> MutexGuard<'_, Cell> {
        self.cell.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer, or to be woken when there is one, or a round to lead.
    pub(super) fn poll_answer(&self, task: &Task<'_>) -> Poll<Answer> {
        let mut cell = self.cell();
        if matches!(cell.standing, Standing::Answered(_)) {
            let standing = std::mem::replace(&mut cell.standing, Standing::Gone);
            if let Standing::Answered(answer) = standing {
                return Poll::Ready(answer);
            }
        }
        if cell.waker.as_ref().is_some_and(|known| known.will_wake(task.waker())) {
            return Poll::Pending;
        }
        let before = cell.waker.replace(task.waker().clone());
        // A waker may be all that keeps a task: it is dropped outside of the lock.
        drop(cell);
        drop(before);
        Poll::Pending
    }

    /// Gives the answer; returns whom to wake.
    pub(super) fn answer(&self, mut answer: Answer) -> Option<Waker> {
        let mut cell = self.cell();
        let Standing::Open { again } = cell.standing else { return None };
        if again {
            self.own_up(&mut answer);
        }
        cell.standing = Standing::Answered(answer);
        cell.waker.take()
    }

    /// What an earlier round of this very request posted under an id given out here is not a
    /// repetition to its caller.
    fn own_up(&self, answer: &mut Answer) {
        let Ok(outcomes) = answer else { return };
        for index in &self.asked.given {
            if let Some(Ok(outcome)) = outcomes.get_mut(*index as usize)
                && let Outcome::Replayed(receipt) = *outcome
            {
                *outcome = Outcome::Applied(receipt);
            }
        }
    }

    /// Whether it still needs an answer, after a round that gave none.
    pub(super) fn needs_another_round(&self) -> bool {
        let mut cell = self.cell();
        let open = matches!(cell.standing, Standing::Open { .. });
        if open {
            cell.standing = Standing::Open { again: true };
        }
        open
    }

    /// Whether it was given its answer, looked at or not.
    pub(super) fn is_answered(&self) -> bool {
        !matches!(self.cell().standing, Standing::Open { .. })
    }

    /// Whom to wake so that the caller looks again.
    pub(super) fn take_waker(&self) -> Option<Waker> {
        self.cell().waker.take()
    }

    /// The caller went away; what is returned is dropped outside of every lock.
    pub(super) fn leave(&self) -> impl Sized {
        let mut cell = self.cell();
        (std::mem::replace(&mut cell.standing, Standing::Gone), cell.waker.take())
    }
}
