//! What a batch must read, found out in two rounds: the second knows what the first found.

use std::collections::HashSet;

use crate::ledger::facts::{Facts, Moment, Wanted};
use crate::ledger::{Batch, Channel, IdempotencyKey, Instruction, Leg};

use super::{Request, limits};

/// The legs of an instruction that stand in the request itself.
pub(crate) fn legs_of(instruction: &Instruction) -> &[Leg] {
    match instruction {
        Instruction::Post(new) => &new.legs,
        Instruction::Hold(new) => &new.legs,
        _ => &[],
    }
}

/// What can be read without knowing anything.
pub(crate) fn first_wanted(batch: &Batch, key: Option<&IdempotencyKey>) -> Wanted {
    let mut wanted = with_room(batch.len());
    want(batch, key, &mut wanted);
    wanted
}

/// The same for the requests of several callers.
pub(crate) fn first_wanted_of(requests: &[Request<'_>]) -> Wanted {
    let mut wanted = with_room(requests.iter().map(|request| request.batch.len()).sum());
    for request in requests {
        want(request.batch, request.key, &mut wanted);
    }
    // Two callers may repeat the same request at once.
    wanted.keys.sort_unstable();
    wanted.keys.dedup();
    wanted
}

fn with_room(instructions: usize) -> Wanted {
    Wanted {
        accounts: Vec::with_capacity(instructions.saturating_mul(2)),
        transactions: Vec::with_capacity(instructions),
        ..Wanted::default()
    }
}

fn want(batch: &Batch, key: Option<&IdempotencyKey>, wanted: &mut Wanted) {
    for (index, instruction) in (0_u32..).zip(batch.instructions()) {
        wanted.accounts.extend(legs_of(instruction).iter().map(|leg| leg.account));
        let (id, relates_to) = match instruction {
            Instruction::Post(new) => (new.id, new.terms.relates_to),
            Instruction::Hold(new) => {
                wanted.holds.extend(new.id);
                if new.id.is_none() {
                    want_key(wanted, key, index);
                }
                (None, new.terms.relates_to)
            }
            Instruction::Capture(new) => {
                wanted.holds.push(new.hold);
                (new.id, new.terms.relates_to)
            }
            Instruction::Release(new) => {
                wanted.holds.push(new.hold);
                (new.id, None)
            }
            Instruction::Reverse(new) => {
                wanted.transactions.push(new.original);
                wanted.reversals_of.push(new.original);
                (new.id, new.terms.relates_to)
            }
        };
        wanted.transactions.extend(id);
        wanted.transactions.extend(relates_to);
        if id.is_none() && !matches!(instruction, Instruction::Hold(_)) {
            want_key(wanted, key, index);
        }
    }
}

fn want_key(wanted: &mut Wanted, key: Option<&IdempotencyKey>, index: u32) {
    if let Some(key) = key {
        wanted.keys.push((key.clone(), index));
    }
}

/// What must be read in view of what was found: what keys stand for, the accounts of holds and
/// originals, labels and counters of limits. `None` when nothing more is needed.
pub(crate) fn more_wanted(
    batch: &Batch,
    facts: &Facts,
    moment: Moment,
    origin_channel: Channel,
) -> Option<Wanted> {
    more_wanted_by(&std::iter::once((batch, origin_channel)), facts, moment)
}

/// The same for the requests of several callers.
pub(crate) fn more_wanted_of(
    requests: &[Request<'_>],
    facts: &Facts,
    moment: Moment,
) -> Option<Wanted> {
    let batches = requests.iter().map(|request| (request.batch, request.origin.channel));
    more_wanted_by(&batches, facts, moment)
}

fn more_wanted_by<'a>(
    batches: &(impl Iterator<Item = (&'a Batch, Channel)> + Clone),
    facts: &Facts,
    moment: Moment,
) -> Option<Wanted> {
    let mut wanted = Wanted::default();
    want_subjects_of_keys(facts, &mut wanted);
    want_accounts_behind(batches.clone().map(|(batch, _)| batch), facts, &mut wanted);
    if facts.book.limits.is_empty() {
        // A hold may outlive the limit it was counted on, and the limit may come back.
        limits::want_usage_of_holds(facts, &mut wanted);
    } else if facts.labels.len() < facts.accounts.len() {
        wanted.labels = true;
    } else {
        limits::want_usage(batches.clone(), facts, moment, &mut wanted);
    }
    (wanted != Wanted::default()).then_some(wanted)
}

fn want_subjects_of_keys(facts: &Facts, wanted: &mut Wanted) {
    use crate::ledger::Subject;
    use crate::ledger::facts::KeySubject;
    for record in facts.keys.values() {
        match record.subject {
            KeySubject::Instruction(Subject::Transaction(id)) | KeySubject::Release(id)
                if !facts.transactions.contains_key(&id) && !facts.releases.contains_key(&id) =>
            {
                wanted.transactions.push(id);
            }
            KeySubject::Instruction(Subject::Hold(id)) if !facts.holds.contains_key(&id) => {
                wanted.holds.push(id);
            }
            _ => {}
        }
    }
}

/// Captures, releases and reversals act on accounts that their request does not name.
fn want_accounts_behind<'a>(
    batches: impl Iterator<Item = &'a Batch>,
    facts: &Facts,
    wanted: &mut Wanted,
) {
    // Without a hold or an original found there is nothing behind: the common batch of postings.
    if facts.holds.is_empty() && facts.transactions.is_empty() {
        return;
    }
    let mut known: HashSet<_> = facts.accounts.iter().map(|account| account.id).collect();
    let mut want = |account| {
        if known.insert(account) {
            wanted.accounts.push(account);
        }
    };
    for instruction in batches.flat_map(Batch::instructions) {
        match instruction {
            Instruction::Capture(_) | Instruction::Release(_) => {
                let hold = match instruction {
                    Instruction::Capture(new) => new.hold,
                    Instruction::Release(new) => new.hold,
                    _ => continue,
                };
                let legs = facts.holds.get(&hold).map(|hold| hold.legs.iter());
                legs.into_iter().flatten().for_each(|leg| want(leg.leg.account));
            }
            Instruction::Reverse(new) => {
                let original = facts.transactions.get(&new.original);
                let entries = original.map(|original| original.entries.iter());
                entries.into_iter().flatten().for_each(|entry| want(entry.account));
            }
            _ => {}
        }
    }
}

/// What the expiry of holds must read besides the holds: their accounts and counters.
pub(crate) fn want_release(facts: &Facts) -> Wanted {
    let mut wanted = Wanted::default();
    let legs = facts.holds.values().flat_map(|hold| hold.legs.iter());
    wanted.accounts.extend(legs.map(|leg| leg.leg.account));
    // An order that does not depend on hashing.
    wanted.accounts.sort_unstable();
    wanted.accounts.dedup();
    limits::want_usage_of_holds(facts, &mut wanted);
    wanted
}
