//! Reversal: the mirror of a transaction, at most one per original.

use super::Decided;
use super::desk::Desk;
use super::post::{
    Written, found, identify, judge_bounds, judge_dates, judge_references, judge_state, move_money,
    unrelated, write,
};
use super::replay;
use crate::ledger::{Leg, Link, NewReversal, Refusal, Transaction};

pub(super) fn reverse(
    desk: &mut Desk<'_>,
    index: u32,
    new: &NewReversal,
) -> Result<Decided, Refusal> {
    unrelated(&new.terms)?;
    let identity = identify(desk, index, "reverse", new.id)?;
    let same = |posted: &Transaction| replay::reversal_differs(posted, new);
    if let Some(decided) = replay::posted(desk, identity.id, same)? {
        return Ok(decided);
    }
    let original = original(desk, new)?;
    let mirrored = original.entries.iter().map(|entry| Leg {
        account: entry.account,
        side: entry.side.opposite(),
        money: entry.money,
    });
    let legs = found(desk, mirrored);
    judge_references(desk, &legs)?;
    let dates = judge_dates(desk, &new.terms, None)?;
    if matches!(original.link, Some(Link::Reverses { .. })) {
        return Err(Refusal::ReversalOfReversal { original: original.id });
    }
    if let Some(reversal) = desk.facts.reversals.get(&original.id) {
        return Err(Refusal::AlreadyReversed { original: original.id, reversal: *reversal });
    }
    judge_state(desk, &legs)?;
    let mark = desk.mark();
    move_money(desk, &legs)?;
    if !new.force {
        judge_bounds(desk, mark)?;
    }
    desk.write_reversal(original.id, identity.id);
    let link = Some(Link::Reverses { original: original.id, forced: new.force });
    let written = Written { kind: new.terms.kind, dates, link, all: false };
    Ok(write(desk, index, identity, "reverse", written, &new.terms, legs.len()))
}

fn original(desk: &Desk<'_>, new: &NewReversal) -> Result<Transaction, Refusal> {
    let unknown = Refusal::UnknownTransaction { transaction: new.original };
    match desk.planned(new.original) {
        Some(planned) => desk.planned_as_read(planned).ok_or(unknown),
        None => desk.facts.transactions.get(&new.original).cloned().ok_or(unknown),
    }
}
