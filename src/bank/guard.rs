//! What stands between a customer's order and the ledger: the gate, the status and the bounds of
//! the account, the mandate. Judged in the unit that moves the money, from rows that cannot change
//! before it has ended.

use smallvec::SmallVec;

use super::{Error, Rules};
use crate::account::{Access, Operation as Use};
use crate::id::CustomerId;
use crate::kyc::{GateAction, Standing};
use crate::ledger::decide::Pass;
use crate::ledger::facts::{Facts, NO_SLOT};
use crate::ledger::{Batch, Instruction, Leg, Side};
use crate::party;
use crate::store::{Entities, EntityWanted, StoreError};
use chrono::NaiveDate;

/// On whose word money of customers moves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Guard {
    /// Nobody asked the rules: it may touch no customer's account.
    #[default]
    Plain,
    /// Of the customers who signed.
    Customers {
        /// Who signed; the host has seen to it that it was they.
        signers: SmallVec<[CustomerId; 2]>,
        /// What paying out is for the gate.
        paying: GateAction,
    },
    /// Of the bank: interest, fees, corrections.
    Bank,
}

fn legs_of(instruction: &Instruction) -> &[Leg] {
    match instruction {
        Instruction::Post(new) => &new.legs,
        Instruction::Hold(new) => &new.legs,
        _ => &[],
    }
}

/// The guard of an instruction; none was given to plain ones.
fn guard_of(guards: &[Guard], index: usize) -> &Guard {
    const PLAIN: &Guard = &Guard::Plain;
    guards.get(index).unwrap_or(PLAIN)
}

/// Whether the rules are asked about an instruction.
fn is_guarded(guards: &[Guard], index: usize) -> bool {
    !matches!(guard_of(guards, index), Guard::Plain)
}

/// A leg's account with its primary owner's standing, as they were read.
type Held<'a> = (Option<&'a Access>, Option<&'a Standing>);

/// Where in [`Entities::access`] and [`Entities::standings`] the answers for the next instruction
/// stand: they come in the order of the questions, so that nothing is looked up twice on the way
/// of a posting.
#[derive(Debug, Default)]
pub(super) struct Cursor {
    access: usize,
    standing: usize,
}

impl Cursor {
    fn access<'a>(&mut self, known: &'a Entities) -> Option<&'a Access> {
        let found = known.access.get(self.access)?.as_ref();
        self.access = self.access.saturating_add(1);
        found
    }

    fn standing<'a>(&mut self, known: &'a Entities) -> Option<&'a Standing> {
        let found = known.standings.get(self.standing)?.as_ref();
        self.standing = self.standing.saturating_add(1);
        found
    }

    /// The accounts of the next instruction's legs.
    fn accounts<'a>(
        &mut self,
        instruction: &Instruction,
        known: &'a Entities,
    ) -> SmallVec<[Held<'a>; 2]> {
        legs_of(instruction).iter().map(|_| (self.access(known), None)).collect()
    }
}

/// Whether somebody is the primary owner of one of the accounts.
fn owns(held: &[Held<'_>], customer: CustomerId) -> bool {
    held.iter().any(|(account, _)| account.is_some_and(|one| one.primary() == customer))
}

/// What must be read for the guards of a request: first the accounts, then where their owners and
/// those who sign stand.
fn want(
    batch: &Batch,
    guards: &[Guard],
    known: &Entities,
    cursor: &mut Cursor,
    round: u32,
    into: &mut EntityWanted,
) {
    for (index, instruction) in batch.instructions().iter().enumerate() {
        let guard = guard_of(guards, index);
        if matches!(guard, Guard::Plain) {
            continue;
        }
        if round == 0 {
            let legs = legs_of(instruction).iter();
            into.access.extend(legs.map(|leg| leg.account));
            continue;
        }
        let held = cursor.accounts(instruction, known);
        if let Guard::Customers { signers, .. } = guard {
            let owners = held.iter().filter_map(|(account, _)| *account);
            into.standings.extend(owners.map(Access::primary));
            into.standings.extend(signers.iter().filter(|signer| !owns(&held, **signer)));
        }
    }
}

/// An account that was opened after its row was looked for: the unit must look again, or a
/// customer's account would pass for one of the bank's.
pub(super) fn steady<'a>(
    requests: impl Iterator<Item = (&'a Batch, &'a [Guard])>,
    facts: &Facts,
    known: &Entities,
) -> Result<(), Error> {
    let (mut slots, mut cursor) = (facts.slots.iter(), Cursor::default());
    for (batch, guards) in requests {
        for (index, instruction) in batch.instructions().iter().enumerate() {
            let guarded = is_guarded(guards, index);
            for _ in legs_of(instruction) {
                let slot = slots.next().copied().unwrap_or(NO_SLOT);
                if !guarded {
                    continue;
                }
                let unknown = cursor.access(known).is_none();
                let account = facts.accounts.get(slot as usize).filter(|_| unknown);
                if account.is_some_and(|account| account.guarded) {
                    return Err(StoreError::conflict().into());
                }
            }
        }
    }
    Ok(())
}

/// What must be read for the guards of several requests; `None` when nothing is.
pub(super) fn wanted<'a>(
    requests: impl Iterator<Item = (&'a Batch, &'a [Guard])>,
    known: &Entities,
    round: u32,
) -> Option<EntityWanted> {
    if round > 1 {
        return None;
    }
    let (mut wanted, mut cursor) = (EntityWanted::default(), Cursor::default());
    for (batch, guards) in requests.filter(|(_, guards)| !guards.is_empty()) {
        want(batch, guards, known, &mut cursor, round, &mut wanted);
    }
    (!wanted.is_empty()).then_some(wanted)
}

/// What the rules say of each instruction, and why those are refused that are.
#[derive(Debug, Default)]
pub(super) struct Verdicts {
    pub(super) passes: Vec<Pass>,
    pub(super) refused: Vec<(usize, Error)>,
}

impl Verdicts {
    /// Why an instruction was refused.
    pub(super) fn refusal_of(&self, index: usize) -> Option<&Error> {
        let at = self.refused.binary_search_by_key(&index, |(at, _)| *at).ok()?;
        self.refused.get(at).map(|(_, error)| error)
    }
}

/// Judges the instructions of a request, whose rows stand where the cursor is.
pub(super) fn judge(
    batch: &Batch,
    guards: &[Guard],
    known: &Entities,
    cursor: &mut Cursor,
    rules: &Rules,
    today: NaiveDate,
) -> Verdicts {
    if guards.is_empty() {
        return Verdicts::default();
    }
    let mut verdicts = Verdicts { passes: Vec::with_capacity(batch.len()), refused: Vec::new() };
    for (index, instruction) in batch.instructions().iter().enumerate() {
        let pass = match guard_of(guards, index) {
            Guard::Plain => Pass::Plain,
            guard => match judge_one(instruction, guard, known, cursor, rules, today) {
                Ok(()) => Pass::Cleared,
                Err(error) => {
                    let because = error.code();
                    verdicts.refused.push((index, error));
                    Pass::Barred(because)
                }
            },
        };
        verdicts.passes.push(pass);
    }
    verdicts
}

fn judge_one(
    instruction: &Instruction,
    guard: &Guard,
    known: &Entities,
    cursor: &mut Cursor,
    rules: &Rules,
    today: NaiveDate,
) -> Result<(), Error> {
    let holds = matches!(instruction, Instruction::Hold(_));
    let mut held = cursor.accounts(instruction, known);
    let Guard::Customers { signers, paying } = guard else {
        for (leg, (account, _)) in legs_of(instruction).iter().zip(&held) {
            if let Some(account) = account {
                account.judge_bank(Use::of_bank(leg.side))?;
            }
        }
        return Ok(());
    };
    for (_, standing) in held.iter_mut().filter(|(account, _)| account.is_some()) {
        *standing = cursor.standing(known);
    }
    let signing: SmallVec<[Option<&Standing>; 2]> = signers
        .iter()
        .map(|signer| {
            let own = held
                .iter()
                .find(|(account, _)| account.is_some_and(|account| account.primary() == *signer));
            match own {
                Some((_, standing)) => *standing,
                None => cursor.standing(known),
            }
        })
        .collect();
    for (leg, (account, standing)) in legs_of(instruction).iter().zip(&held) {
        let Some(account) = account else { continue };
        let (usage, action) = match (leg.side, holds) {
            (Side::Debit, true) => (Use::Hold, *paying),
            (Side::Debit, false) => (Use::Debit, *paying),
            (Side::Credit, _) => (Use::Credit, GateAction::Credit),
        };
        account.judge(usage, leg.money, signers)?;
        stands(account.primary(), *standing, action, rules, today)?;
        if leg.side == Side::Debit {
            for (signer, standing) in signers.iter().zip(&signing) {
                stands(*signer, *standing, action, rules, today)?;
            }
        }
    }
    Ok(())
}

fn stands(
    customer: CustomerId,
    standing: Option<&Standing>,
    action: GateAction,
    rules: &Rules,
    today: NaiveDate,
) -> Result<(), Error> {
    let standing = standing.ok_or(party::Refusal::UnknownCustomer { customer })?;
    Ok(rules.gate.judge(action, standing, today)?)
}
