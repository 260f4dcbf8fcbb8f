//! Identity is idempotency: what was asked for before is recognised by its id and compared,
//! field by field, with what was asked for then, never with what has become of it.

use super::Decided;
use super::desk::Desk;
use crate::ledger::transaction::Terms;
use crate::ledger::{
    CaptureAmount, GroupMark, Hold, HoldId, HoldState, Instruction, Leg, Link, NewCapture, NewHold,
    NewRelease, NewReversal, NewTransaction, Notes, Receipt, Refusal, SaltedNotes, Subject,
    Transaction, TransactionId,
};

/// The first field that differs, or nothing.
type Differs = Option<&'static str>;

/// Whether a transaction id was used before: replayed, refused, or new.
pub(super) fn posted(
    desk: &Desk<'_>,
    id: TransactionId,
    differs: impl Fn(&Transaction) -> Differs,
) -> Result<Option<Decided>, Refusal> {
    let subject = Subject::Transaction(id);
    if let Some(planned) = desk.planned(id) {
        let earlier = desk.planned_as_read(planned);
        if let Some(field) = earlier.as_ref().and_then(differs) {
            return Err(Refusal::IdReused { field });
        }
        return Ok(Some(Decided::Repeated { subject, offset: planned.offset }));
    }
    if desk.facts.releases.contains_key(&id) {
        return Err(Refusal::IdReused { field: "operation" });
    }
    // Nearly always there is nothing; an empty map answers without hashing.
    match desk.facts.transactions.get(&id) {
        None => Ok(None),
        Some(earlier) => match differs(earlier) {
            Some(field) => Err(Refusal::IdReused { field }),
            None => {
                let (position, posted_at) = (earlier.position, earlier.posted_at);
                Ok(Some(Decided::Replayed(Receipt { subject, position, posted_at })))
            }
        },
    }
}

pub(super) fn differs(earlier: &Transaction, new: &NewTransaction) -> Differs {
    let relation = match earlier.link {
        None => None,
        Some(Link::RelatesTo(original)) => Some(original),
        Some(_) => return Some("operation"),
    };
    kind_differs(earlier, &new.terms)
        .or_else(|| legs_differ(&legs_of(earlier), &new.legs))
        .or_else(|| (relation != new.terms.relates_to).then_some("relates_to"))
        .or_else(|| terms_differ(earlier, &new.terms))
}

pub(super) fn reversal_differs(earlier: &Transaction, new: &NewReversal) -> Differs {
    match earlier.link {
        Some(Link::Reverses { original, forced }) => (original != new.original)
            .then_some("original")
            .or_else(|| (forced != new.force).then_some("force"))
            .or_else(|| kind_differs(earlier, &new.terms))
            .or_else(|| terms_differ(earlier, &new.terms)),
        _ => Some("operation"),
    }
}

pub(super) fn capture_differs(earlier: &Transaction, new: &NewCapture) -> Differs {
    let Some(Link::Captures { hold, last }) = earlier.link else {
        return Some("operation");
    };
    (hold != new.hold)
        .then_some("hold")
        .or_else(|| kind_differs(earlier, &new.terms))
        .or_else(|| amount_differs(earlier, &new.amount))
        .or_else(|| (last != new.last).then_some("last"))
        .or_else(|| terms_differ(earlier, &new.terms))
}

fn amount_differs(earlier: &Transaction, amount: &CaptureAmount) -> Differs {
    let rest = earlier.defaulted.amount;
    match amount {
        CaptureAmount::Rest => (!rest).then_some("amount"),
        _ if rest => Some("amount"),
        CaptureAmount::Amount(money) => {
            let same = earlier.entries.len() == 2
                && earlier.entries.iter().all(|entry| entry.money == *money);
            (!same).then_some("amount")
        }
        CaptureAmount::Legs(legs) => legs_differ(&legs_of(earlier), legs),
    }
}

fn legs_of(earlier: &Transaction) -> Vec<Leg> {
    let entries = earlier.entries.iter();
    entries.map(|entry| Leg::new(entry.account, entry.side, entry.money)).collect()
}

fn legs_differ(earlier: &[Leg], new: &[Leg]) -> Differs {
    if earlier.len() != new.len() {
        return Some("legs");
    }
    let mut pairs = earlier.iter().zip(new);
    pairs.find_map(|(earlier, new)| {
        (earlier.account != new.account)
            .then_some("account")
            .or_else(|| (earlier.side != new.side).then_some("side"))
            .or_else(|| (earlier.money.currency() != new.money.currency()).then_some("currency"))
            .or_else(|| (earlier.money != new.money).then_some("amount"))
    })
}

fn kind_differs(earlier: &Transaction, terms: &Terms) -> Differs {
    (earlier.kind != terms.kind).then_some("kind")
}

/// Dates and words. A date left to the bank must be left to it again: the retry of a request may
/// come on another day.
fn terms_differ(earlier: &Transaction, terms: &Terms) -> Differs {
    let booking = (!earlier.defaulted.booking_date).then_some(earlier.booking_date);
    let value = (!earlier.defaulted.value_date).then_some(earlier.value_date);
    (booking != terms.booking_date)
        .then_some("booking_date")
        .or_else(|| (value != terms.value_date).then_some("value_date"))
        .or_else(|| notes_differ(earlier.notes.as_ref(), terms.notes.as_deref()))
}

fn notes_differ(earlier: Option<&SaltedNotes>, new: Option<&Notes>) -> Differs {
    let empty = Notes::default();
    let new = new.unwrap_or(&empty);
    let earlier = match earlier {
        None => &empty,
        // Erased words cannot be compared any more; the rest of the request was.
        Some(SaltedNotes { notes: None, .. }) => return None,
        Some(SaltedNotes { notes: Some(notes), .. }) => notes,
    };
    (earlier.description != new.description)
        .then_some("description")
        .or_else(|| (earlier.reference != new.reference).then_some("reference"))
        .or_else(|| (earlier.metadata != new.metadata).then_some("metadata"))
}

/// Whether a hold id was used before.
pub(super) fn placed(
    desk: &Desk<'_>,
    id: HoldId,
    new: &NewHold,
) -> Result<Option<Decided>, Refusal> {
    let Some(earlier) = desk.hold(id) else { return Ok(None) };
    if let Some(field) = hold_differs(earlier, new) {
        return Err(Refusal::IdReused { field });
    }
    let subject = Subject::Hold(id);
    Ok(Some(match desk.holds.get(&id).and_then(|change| change.placed_by) {
        Some(offset) => Decided::Repeated { subject, offset },
        None => Decided::Replayed(Receipt {
            subject,
            position: earlier.position,
            posted_at: earlier.placed_at,
        }),
    }))
}

fn hold_differs(earlier: &Hold, new: &NewHold) -> Differs {
    let legs: Vec<Leg> = earlier.legs.iter().map(|leg| leg.leg).collect();
    (earlier.kind != new.terms.kind)
        .then_some("kind")
        .or_else(|| legs_differ(&legs, &new.legs))
        .or_else(|| (earlier.expires_at != new.expires_at).then_some("expires_at"))
        .or_else(|| (earlier.relates_to != new.terms.relates_to).then_some("relates_to"))
        .or_else(|| (earlier.booking_date != new.terms.booking_date).then_some("booking_date"))
        .or_else(|| (earlier.value_date != new.terms.value_date).then_some("value_date"))
        .or_else(|| notes_differ(earlier.notes.as_ref(), new.terms.notes.as_deref()))
}

/// Whether the id of a release was used before.
pub(super) fn released(
    desk: &Desk<'_>,
    id: TransactionId,
    new: NewRelease,
) -> Result<Option<Decided>, Refusal> {
    if desk.knows(id) {
        return Err(Refusal::IdReused { field: "operation" });
    }
    let Some(hold) = desk.facts.releases.get(&id) else { return Ok(None) };
    if *hold != new.hold {
        return Err(Refusal::IdReused { field: "hold" });
    }
    let subject = Subject::Hold(new.hold);
    if let Some(offset) = desk.holds.get(hold).and_then(|change| change.ended_by) {
        return Ok(Some(Decided::Repeated { subject, offset }));
    }
    let ended = desk.hold(*hold).filter(|hold| hold.state == HoldState::Released);
    Ok(ended.and_then(|hold| hold.ended).map(|ended| {
        Decided::Replayed(Receipt { subject, position: ended.position, posted_at: ended.at })
    }))
}

/// The group within which an instruction took effect when it was first posted.
pub(super) fn group_of(
    desk: &Desk<'_>,
    instruction: &Instruction,
    outcome: &Decided,
) -> Option<GroupMark> {
    let subject = match outcome {
        Decided::Applied { subject, .. } | Decided::Repeated { subject, .. } => *subject,
        Decided::Replayed(receipt) => receipt.subject,
        Decided::Refused(_) => return None,
    };
    match (subject, instruction) {
        (Subject::Hold(id), Instruction::Release(_)) => desk.hold(id)?.ended?.group,
        (Subject::Hold(id), _) => desk.hold(id)?.group,
        (Subject::Transaction(id), _) => match desk.planned(id) {
            Some(planned) => desk.planned_as_read(planned)?.group,
            None => desk.facts.transactions.get(&id)?.group,
        },
    }
}
