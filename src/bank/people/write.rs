//! Operations about rows beside the ledger, as the corridor sees them: two functions, one that
//! says what to read and one that decides.

use std::collections::BTreeSet;
use std::marker::PhantomData;

use crate::bank::corridor::{Decision, Operation, Read};
use crate::bank::{Action, Context, Error};
use crate::ledger::decide::{Setting, Supply};
use crate::ledger::facts::{Facts, Moment, Wanted};
use crate::store::{Entities, EntityWanted};

/// An operation. Its ids are fixed before it walks, so it may walk again whatever happened.
pub(in crate::bank) struct Write<T, W, D> {
    pub(in crate::bank) action: Action,
    /// What to read of the rows beside the ledger, round by round.
    pub(in crate::bank) wanted: W,
    /// What to read of the ledger.
    pub(in crate::bank) ledger: Wanted,
    /// Whether it may be repeated after an unknown outcome.
    pub(in crate::bank) repeatable: bool,
    pub(in crate::bank) decide: D,
    pub(in crate::bank) output: PhantomData<fn() -> T>,
}

impl<T, W, D> Operation for Write<T, W, D>
where
    T: Send,
    W: Fn(&Entities, u32) -> Option<EntityWanted> + Sync,
    D: Fn(Setting<'_>, &mut dyn Supply, Read) -> Result<Decision<T>, Error> + Sync,
{
    type Output = T;

    fn actions(&self) -> BTreeSet<Action> {
        BTreeSet::from([self.action])
    }

    fn is_repeatable(&self, _: &Context) -> bool {
        self.repeatable
    }

    fn wanted_entities(&self, known: &Entities, round: u32) -> Option<EntityWanted> {
        (self.wanted)(known, round)
    }

    fn wanted(&self, _: &Facts, _: Moment, round: u32) -> Option<Wanted> {
        (round == 0).then(|| self.ledger.clone())
    }

    fn decide(
        &self,
        setting: Setting<'_>,
        supply: &mut dyn Supply,
        read: Read,
    ) -> Result<Decision<T>, Error> {
        (self.decide)(setting, supply, read)
    }
}
