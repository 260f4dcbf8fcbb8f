//! What stands between a customer's order and the ledger: the gate, the status and the bounds of
//! the account, the mandate. Judged in the unit that moves the money, from rows that cannot change
//! before it has ended.

use smallvec::SmallVec;

use super::people::refs::{account_in, account_ref, standing_in, standing_ref};
use super::{Error, Rules};
use crate::account::{self, CustomerAccount, Operation as Use};
use crate::id::CustomerId;
use crate::kyc::GateAction;
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

/// What must be read for the guards of a request: first the accounts, then where their owners and
/// those who sign stand.
fn want(batch: &Batch, guards: &[Guard], known: &Entities, round: u32, into: &mut EntityWanted) {
    for (index, instruction) in batch.instructions().iter().enumerate() {
        let guard = guard_of(guards, index);
        if *guard == Guard::Plain {
            continue;
        }
        for leg in legs_of(instruction) {
            if round == 0 {
                into.shared.push(account_ref(leg.account));
            } else if matches!(guard, Guard::Customers { .. })
                && let Some(account) = account_in(known, leg.account)
            {
                into.shared.push(standing_ref(account.primary()));
            }
        }
        if let (1, Guard::Customers { signers, .. }) = (round, guard) {
            into.shared.extend(signers.iter().map(|signer| standing_ref(*signer)));
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
    let mut slots = facts.slots.iter();
    for (batch, guards) in requests {
        for (index, instruction) in batch.instructions().iter().enumerate() {
            let guarded = *guard_of(guards, index) != Guard::Plain;
            for leg in legs_of(instruction) {
                let slot = slots.next().copied().unwrap_or(NO_SLOT);
                let account = facts.accounts.get(slot as usize).filter(|_| guarded);
                if account.is_some_and(|account| account.guarded)
                    && account_in(known, leg.account).is_none()
                {
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
    let mut wanted = EntityWanted::default();
    for (batch, guards) in requests.filter(|(_, guards)| !guards.is_empty()) {
        want(batch, guards, known, round, &mut wanted);
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
        self.refused.iter().find(|(at, _)| *at == index).map(|(_, error)| error)
    }
}

/// Judges the instructions of a request.
pub(super) fn judge(
    batch: &Batch,
    guards: &[Guard],
    known: &Entities,
    rules: &Rules,
    today: NaiveDate,
) -> Verdicts {
    if guards.is_empty() {
        return Verdicts::default();
    }
    let mut verdicts = Verdicts { passes: Vec::with_capacity(batch.len()), refused: Vec::new() };
    for (index, instruction) in batch.instructions().iter().enumerate() {
        let guard = guard_of(guards, index);
        let pass = match judge_one(instruction, guard, known, rules, today) {
            _ if *guard == Guard::Plain => Pass::Plain,
            Ok(()) => Pass::Cleared,
            Err(error) => {
                let because = error.code();
                verdicts.refused.push((index, error));
                Pass::Barred(because)
            }
        };
        verdicts.passes.push(pass);
    }
    verdicts
}

fn judge_one(
    instruction: &Instruction,
    guard: &Guard,
    known: &Entities,
    rules: &Rules,
    today: NaiveDate,
) -> Result<(), Error> {
    let held = matches!(instruction, Instruction::Hold(_));
    for leg in legs_of(instruction) {
        let Some(account) = account_in(known, leg.account) else { continue };
        judge_leg(leg, held, account, guard, known, rules, today)?;
    }
    Ok(())
}

fn judge_leg(
    leg: &Leg,
    held: bool,
    account: &CustomerAccount,
    guard: &Guard,
    known: &Entities,
    rules: &Rules,
    today: NaiveDate,
) -> Result<(), Error> {
    let (signers, paying) = match guard {
        Guard::Customers { signers, paying } => (signers, *paying),
        _ => {
            return Ok(account::judge_bank(account, Use::of_bank(leg.side))?);
        }
    };
    let (usage, action) = match (leg.side, held) {
        (Side::Debit, true) => (Use::Hold, paying),
        (Side::Debit, false) => (Use::Debit, paying),
        (Side::Credit, _) => (Use::Credit, GateAction::Credit),
    };
    account::judge(account, usage, leg.money, signers)?;
    stands(account.primary(), action, known, rules, today)?;
    if leg.side == Side::Debit {
        for signer in signers {
            stands(*signer, action, known, rules, today)?;
        }
    }
    Ok(())
}

fn stands(
    customer: CustomerId,
    action: GateAction,
    known: &Entities,
    rules: &Rules,
    today: NaiveDate,
) -> Result<(), Error> {
    let unknown = party::Refusal::UnknownCustomer { customer };
    let standing = standing_in(known, customer).ok_or(unknown)?;
    Ok(rules.gate.judge(action, standing, today)?)
}
