//! Leading a round: once through the corridor for all, and each request its own answer.

use super::queue::{Place, Queue, Round, Turn};
use super::seat::{Ask, Asked};
use crate::bank::corridor::yield_now;
use crate::bank::guard::Guard;
use crate::bank::posting::Movements;
use crate::bank::{Backlog, Bank, Context, Error};
use crate::ledger::Batch;

impl Bank {
    /// Closes the queue of a bank with group commit: what was accepted is carried out and
    /// answered, and then this returns; what comes later, or was still waiting for a place, is
    /// answered with [`Error::Closed`]. It helps with the work, so nothing else need run; only a
    /// call that leads a round at this moment has to be polled on, or dropped.
    ///
    /// It concerns what group commit carries: postings, holds, captures, releases and reversals.
    /// Other writes go on, so that the day can be sealed after its last posting. On a bank without
    /// group commit, and on a [dry run](Bank::dry_run), it does nothing.
    pub async fn close(&self) {
        let Some(queue) = self.queue() else { return };
        queue.close();
        while let Some(round) = queue.until_idle().await {
            self.lead(round).await;
        }
    }

    /// What waits in the queue of a bank with group commit; `None` without.
    #[must_use]
    pub fn backlog(&self) -> Option<Backlog> {
        self.inner.queue.as_ref().map(Queue::backlog)
    }

    /// Queues a request that was authorised, and waits for its answer.
    pub(in crate::bank) async fn join(
        &self,
        queue: &Queue,
        context: &Context,
        batch: Batch,
        guards: Vec<Guard>,
    ) -> Result<Movements, Error> {
        let mut now = None;
        let asked = Asked::new(context, batch, guards, || {
            let now = *now.get_or_insert_with(|| self.moment().now);
            self.inner.ids.next_id(now)
        });
        let place: Place<'_> = queue.enter(asked)?;
        loop {
            match place.turn().await {
                Turn::Answered(answer) => return answer,
                Turn::Lead(round) => self.lead(round).await,
            }
        }
    }

    async fn lead(&self, mut round: Round<'_>) {
        for _ in 0..round.linger() {
            yield_now().await;
        }
        round.fill();
        while !round.part().is_empty() {
            let requests: Vec<Ask<'_>> =
                round.part().iter().map(|(_, seat)| seat.asked.ask()).collect();
            let count = requests.len();
            match self.walk_round(&requests).await {
                Ok(outcomes) => round.answer(outcomes.into_iter().map(Ok)),
                // The fault of one, perhaps: the others must not suffer from it.
                Err(error) if count > 1 && !is_of_the_moment(&error) => round.halve(),
                Err(error) => round.answer(std::iter::repeat_n(Err(error), count)),
            }
        }
    }
}

/// Whether the fault lies with the store, not with what was asked.
const fn is_of_the_moment(error: &Error) -> bool {
    matches!(error, Error::Store(error) if error.is_transient())
}
