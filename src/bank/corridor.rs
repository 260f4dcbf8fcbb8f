//! The one way in for every write: authorise, begin, read, decide, apply, commit, and again if
//! another unit came first. No operation can forget one of these steps, because only this file
//! applies and commits.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::group::Ask;
use super::guard::{self, Verdicts};
use super::posting::{Movements, moved};
use super::{Action, Bank, Context, Error, Mode};
use crate::ledger::decide::{
    Request, RoundDecision, Setting, Supply, decide_round, first_wanted_of, more_wanted_of,
};
use crate::ledger::facts::{Facts, Moment, Plan, Wanted};
use crate::ledger::seal::Block;
use crate::ledger::{IdempotencyKey, Origin};
use crate::store::{
    Changes, Committed, Entities, EntityChange, EntityWanted, ErrorKind, Origins, StoreError, Unit,
};
use crate::time::Timestamp;

/// How often a unit walks again after a conflict before the host is told.
pub const MAX_ATTEMPTS: u32 = 32;

/// How often a unit walks again after the store could not be reached, or after the answer to a
/// commit was lost.
pub(super) const MAX_FAULTS: u32 = 3;

/// How many rounds of reading a decision may ask for: keys, then what they stand for, then the
/// accounts behind that, then labels, then counters.
const MAX_ROUNDS: u32 = 6;

/// A write, as the corridor sees it.
pub(super) trait Operation: Sync {
    /// What the caller gets.
    type Output: Send;

    /// What it wants to do.
    fn actions(&self) -> BTreeSet<Action>;

    /// Whether it may be carried out again although it may have taken effect, because a repetition
    /// is recognised: by its ids, by its key, or because it only ever goes one way.
    fn is_repeatable(&self, context: &Context) -> bool;

    /// What it reads of the rows beside the ledger, given what was read of them so far; `None`
    /// when it knows enough. They come first, always: that is the order of locks.
    fn wanted_entities(&self, _known: &Entities, _round: u32) -> Option<EntityWanted> {
        None
    }

    /// What it reads, given what was read so far; `None` when it knows enough.
    fn wanted(&self, facts: &Facts, moment: Moment, round: u32) -> Option<Wanted>;

    /// Decides. Pure: the same arguments give the same answer.
    fn decide(
        &self,
        setting: Setting<'_>,
        supply: &mut dyn Supply,
        read: Read,
    ) -> Result<Decision<Self::Output>, Error>;
}

/// A function from the place where a unit took effect to what the caller gets.
pub(super) type Answer<T> = Box<dyn FnOnce(Committed) -> T + Send>;

/// What was read for a decision.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// Of the ledger.
    pub(super) facts: Facts,
    /// Of the rows beside it.
    pub(super) entities: Entities,
}

/// What was decided.
pub(super) struct Decision<T> {
    pub(super) plan: Plan,
    /// Rows beside the ledger that are written; each has a record in the plan.
    pub(super) entities: Vec<EntityChange>,
    pub(super) answer: Answer<T>,
}

impl<T> Decision<T> {
    /// A decision about the ledger alone.
    pub(super) fn of_ledger(
        plan: Plan,
        answer: impl FnOnce(Committed) -> T + Send + 'static,
    ) -> Self {
        Self { plan, entities: Vec::new(), answer: Box::new(answer) }
    }
}

/// Fresh ids and salts from the bank's source, at the instant of the decision.
struct Source<'a> {
    bank: &'a Bank,
    now: Timestamp,
}

impl Supply for Source<'_> {
    fn id(&mut self) -> Uuid {
        self.bank.inner.ids.next_id(self.now)
    }

    fn salt(&mut self) -> [u8; 16] {
        self.bank.inner.ids.salt()
    }
}

impl Bank {
    /// Asks the policy.
    pub(super) fn authorise(&self, context: &Context, action: Action) -> Result<(), Error> {
        Ok(self.inner.policy.authorise(context, action)?)
    }

    /// Walks the corridor.
    pub(super) async fn walk<O: Operation>(
        &self,
        context: &Context,
        operation: &O,
    ) -> Result<O::Output, Error> {
        for action in operation.actions() {
            self.authorise(context, action)?;
        }
        let mut tries = Tries::new(operation.is_repeatable(context));
        loop {
            match self.walk_once(context, operation).await {
                Err(error) if tries.again(&error) => yield_now().await,
                ended => return ended,
            }
        }
    }

    /// Walks the corridor once for the requests of several callers. Each was authorised when it
    /// was queued.
    pub(super) async fn walk_round(&self, requests: &[Ask<'_>]) -> Result<Vec<Movements>, Error> {
        // Every request of a round has its ids since it was queued.
        let mut tries = Tries::new(true);
        loop {
            match self.walk_round_once(requests).await {
                Err(error) if tries.again(&error) => yield_now().await,
                ended => return ended,
            }
        }
    }

    async fn walk_once<O: Operation>(
        &self,
        context: &Context,
        operation: &O,
    ) -> Result<O::Output, Error> {
        let moment = self.moment();
        let wanted = |facts: &Facts, round| operation.wanted(facts, moment, round);
        let (unit, read) =
            self.read(|known, at| operation.wanted_entities(known, at), wanted).await?;
        let origin = context.origin();
        let setting = self.setting(moment, &origin, context.idempotency_key.as_ref());
        let Decision { plan, entities, answer } = {
            let mut source = Source { bank: self, now: moment.now };
            operation.decide(setting, &mut source, read)?
        };
        let origins = origin.into();
        let changes = Changes { plan, origins, not_before: moment.now, block: None, entities };
        let committed = self.conclude(unit, changes).await?;
        Ok(answer(committed))
    }

    async fn walk_round_once(&self, asked: &[Ask<'_>]) -> Result<Vec<Movements>, Error> {
        let Some(first) = asked.first() else { return Ok(Vec::new()) };
        let moment = self.moment();
        let plain: Vec<Request<'_>> = asked.iter().map(|ask| ask.request(&[])).collect();
        let wanted = |facts: &Facts, round| match round {
            0 => Some(first_wanted_of(&plain)),
            _ => more_wanted_of(&plain, facts, moment),
        };
        let guarded = |known: &Entities, round| {
            guard::wanted(asked.iter().map(|ask| (ask.batch, ask.guards)), known, round)
        };
        let (unit, Read { facts, entities: known }) = self.read(guarded, wanted).await?;
        guard::steady(asked.iter().map(|ask| (ask.batch, ask.guards)), &facts, &known)?;
        let rules = &self.inner.rules;
        let mut at = guard::Cursor::default();
        let judge = |ask: &Ask<'_>| {
            guard::judge(ask.batch, ask.guards, &known, &mut at, rules, moment.today)
        };
        let verdicts: Vec<Verdicts> = asked.iter().map(judge).collect();
        let requests: Vec<Request<'_>> =
            asked.iter().zip(&verdicts).map(|(ask, said)| ask.request(&said.passes)).collect();
        let RoundDecision { outcomes, records, plan } = {
            let setting = self.setting(moment, first.origin, None);
            let mut source = Source { bank: self, now: moment.now };
            decide_round(&requests, setting, &mut source, facts)
        };
        let mut origins = Origins::from(first.origin.clone());
        for (request, records) in asked.iter().zip(records) {
            if !records.is_empty() {
                origins.from_record(records.start, request.origin.clone());
            }
        }
        let entities = Vec::new();
        let changes = Changes { plan, origins, not_before: moment.now, block: None, entities };
        let committed = self.conclude(unit, changes).await?;
        let outcomes = outcomes.into_iter().zip(&verdicts);
        Ok(outcomes.map(|(decided, said)| moved(decided, said, committed)).collect())
    }

    /// Begins a unit and reads what is wanted, round by round.
    async fn read(
        &self,
        entities: impl Fn(&Entities, u32) -> Option<EntityWanted> + Send,
        wanted: impl Fn(&Facts, u32) -> Option<Wanted> + Send,
    ) -> Result<(Box<dyn Unit>, Read), Error> {
        let mut unit = self.inner.store.begin().await?;
        let mut read = Read::default();
        for round in 0..MAX_ROUNDS {
            match entities(&read.entities, round) {
                Some(wanted) => unit.load_entities(&wanted, &mut read.entities).await?,
                None => break,
            }
        }
        for round in 0..MAX_ROUNDS {
            match wanted(&read.facts, round) {
                Some(wanted) => unit.load(&wanted, &mut read.facts).await?,
                None => break,
            }
        }
        Ok((unit, read))
    }

    fn setting<'a>(
        &'a self,
        moment: Moment,
        origin: &'a Origin,
        key: Option<&'a IdempotencyKey>,
    ) -> Setting<'a> {
        let (bounds, currencies) = (self.inner.bounds, &self.inner.currencies);
        Setting { moment, bounds, currencies, origin, key, passes: &[] }
    }

    /// Writes a block: sealing changes no money and reads nothing that could change.
    pub(super) async fn append_block(&self, context: &Context, block: Block) -> Result<(), Error> {
        self.authorise(context, Action::Seal)?;
        let unit = self.inner.store.begin().await?;
        let plan = Plan::default();
        let not_before = block.sealed_at;
        let origins = context.origin().into();
        let entities = Vec::new();
        let changes = Changes { plan, origins, not_before, block: Some(block), entities };
        self.conclude(unit, changes).await?;
        Ok(())
    }

    /// Applies and commits, unless nothing is to be written or this is a dry run.
    async fn conclude(
        &self,
        mut unit: Box<dyn Unit>,
        changes: Changes,
    ) -> Result<Committed, Error> {
        let nothing = changes.plan.is_empty() && changes.block.is_none();
        if nothing || self.mode == Mode::DryRun {
            drop(unit);
            let head = self.inner.store.head().await?;
            return Ok(Committed {
                first_position: head.position.saturating_add(1),
                first_instant: changes.not_before.max(head.instant.saturating_add_nanos(1)),
            });
        }
        unit.apply(changes).await?;
        Ok(unit.commit().await?)
    }
}

pub(super) fn is_conflict(error: &StoreError) -> bool {
    error.kind() == ErrorKind::Conflict
}

/// How often a unit has walked, and whether it may walk again.
struct Tries {
    conflicts: u32,
    faults: u32,
    repeatable: bool,
}

impl Tries {
    const fn new(repeatable: bool) -> Self {
        Self { conflicts: 0, faults: 0, repeatable }
    }

    /// After a conflict, nothing was written and reading again shows what came first. After a lost
    /// connection nothing was written either, and the next one may hold. If the answer to a commit
    /// was lost, only what is recognised as a repetition may go again: it finds out.
    const fn again(&mut self, error: &Error) -> bool {
        let Error::Store(error) = error else { return false };
        match error.kind() {
            ErrorKind::Conflict => {
                self.conflicts = self.conflicts.saturating_add(1);
                self.conflicts < MAX_ATTEMPTS
            }
            ErrorKind::Unavailable => self.fault(),
            ErrorKind::OutcomeUnknown => self.repeatable && self.fault(),
            _ => false,
        }
    }

    const fn fault(&mut self) -> bool {
        self.faults = self.faults.saturating_add(1);
        self.faults <= MAX_FAULTS
    }
}

/// Lets other tasks go first, on any executor.
pub(super) async fn yield_now() {
    let mut yielded = false;
    std::future::poll_fn(|task| {
        if yielded {
            return std::task::Poll::Ready(());
        }
        yielded = true;
        task.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}
