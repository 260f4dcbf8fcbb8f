//! Holds: placing, capturing, releasing, expiring.

use super::Decided;
use super::desk::{Desk, Pending, SlottedLeg};
use super::post::{
    Identity, Legs, Written, found, identify, judge_bounds, judge_dates, judge_guard,
    judge_references, judge_state, key_record, move_money, pass, refer, reserve, slotted,
    unrelated, write,
};
use super::{limits, replay};
use crate::ledger::facts::{HoldChange, KeyRecord, KeySubject};
use crate::ledger::{
    BalancedEntries, CaptureAmount, Ended, Hold, HoldId, HoldLeg, HoldPlaced, HoldState, Leg, Link,
    NewCapture, NewHold, NewRelease, Operation, Refusal, Subject, Transaction, TransactionId,
};
use crate::money::Money;

pub(super) fn place(
    desk: &mut Desk<'_>,
    index: u32,
    first_leg: usize,
    new: &NewHold,
) -> Result<Decided, Refusal> {
    let entries = BalancedEntries::new(&new.legs)?;
    let (id, by_key) = identify_hold(desk, index, new.id)?;
    if let Some(decided) = replay::placed(desk, id, new)? {
        return Ok(decided);
    }
    let pass = pass(desk, index)?;
    let legs = slotted(desk, first_leg, entries)?;
    refer(desk, &new.terms)?;
    if let Some(expires_at) = new.expires_at.filter(|at| *at <= desk.setting.moment.now) {
        return Err(Refusal::ExpiryInPast { expires_at });
    }
    judge_guard(desk, pass, &legs)?;
    judge_state(desk, &legs)?;
    let mark = desk.mark();
    reserve(desk, &legs)?;
    judge_bounds(desk, mark)?;
    let usage = limits::count(desk, new.terms.kind, &legs)?;
    let hold = new_hold(desk, id, new, &legs, usage);
    let placed = placed_record(&hold);
    let offset = desk.write_operation(Operation::HoldPlaced(Box::new(placed)));
    desk.write_hold(HoldChange { hold, placed_by: Some(offset), ended_by: None });
    let subject = Subject::Hold(id);
    if by_key {
        let subject = KeySubject::Instruction(subject);
        desk.write_key(index, KeyRecord { operation: "hold", subject });
    }
    Ok(Decided::Applied { subject, offset })
}

fn identify_hold(
    desk: &mut Desk<'_>,
    index: u32,
    given: Option<HoldId>,
) -> Result<(HoldId, bool), Refusal> {
    if let Some(id) = given {
        return Ok((id, false));
    }
    match key_record(desk, index) {
        Some(KeyRecord { subject: KeySubject::Instruction(Subject::Hold(id)), .. }) => {
            Ok((id, false))
        }
        Some(_) => Err(Refusal::IdReused { field: "operation" }),
        None => Ok((HoldId::from_uuid(desk.supply.id()), true)),
    }
}

fn new_hold(
    desk: &mut Desk<'_>,
    id: HoldId,
    new: &NewHold,
    legs: &Legs,
    usage: Vec<crate::ledger::HoldUsage>,
) -> Hold {
    let legs = legs.iter().map(|SlottedLeg { leg, .. }| HoldLeg {
        leg: *leg,
        captured: 0,
        open: leg.money.minor(),
    });
    Hold {
        id,
        version: 0,
        position: 0,
        placed_at: desk.setting.moment.now,
        expires_at: new.expires_at,
        kind: new.terms.kind,
        state: HoldState::Open,
        legs: legs.collect(),
        usage,
        ended: None,
        relates_to: new.terms.relates_to,
        booking_date: new.terms.booking_date,
        value_date: new.terms.value_date,
        group: desk.group,
        notes: desk.salted(new.terms.notes.as_deref()),
        origin: desk.setting.origin.clone(),
    }
}

fn placed_record(hold: &Hold) -> HoldPlaced {
    HoldPlaced {
        hold: hold.id,
        kind: hold.kind,
        legs: hold.legs.iter().map(|leg| leg.leg).collect(),
        expires_at: hold.expires_at,
        booking_date: hold.booking_date,
        value_date: hold.value_date,
        relates_to: hold.relates_to,
        usage: hold.usage.clone(),
        group: hold.group,
        notes: hold.notes.clone(),
    }
}

pub(super) fn capture(
    desk: &mut Desk<'_>,
    index: u32,
    new: &NewCapture,
) -> Result<Decided, Refusal> {
    judge_amount(&new.amount)?;
    unrelated(&new.terms)?;
    let identity = identify(desk, index, "capture", new.id)?;
    let same = |posted: &Transaction| replay::capture_differs(posted, new);
    if let Some(decided) = replay::posted(desk, identity.id, same)? {
        return Ok(decided);
    }
    let mut hold = desk.hold(new.hold).cloned().ok_or(Refusal::UnknownHold { hold: new.hold })?;
    let asked = asked(&hold, &new.amount)?;
    let legs = found(desk, asked.iter().copied());
    judge_references(desk, &legs)?;
    let inherited = Some((hold.booking_date, hold.value_date));
    let dates = judge_dates(desk, &new.terms, inherited)?;
    judge_open(&hold)?;
    if let Some(expires_at) = hold.expires_at.filter(|at| *at <= desk.setting.moment.now) {
        return Err(Refusal::HoldExpired { hold: hold.id, expires_at });
    }
    for leg in &asked {
        take(&mut hold, leg)?;
    }
    judge_state(desk, &legs)?;
    for SlottedLeg { slot, leg } in &legs {
        desk.pend(*slot, leg.side, Pending::Free(leg.money.minor()))?;
    }
    move_money(desk, &legs)?;
    let last = new.last || hold.legs.iter().all(|leg| leg.open == 0);
    if last {
        free_rest(desk, &mut hold)?;
        hold.state = HoldState::Captured;
    }
    let link = Some(Link::Captures { hold: hold.id, last: new.last });
    let all = matches!(new.amount, CaptureAmount::Rest);
    let written = Written { kind: new.terms.kind, dates, link, all };
    let decided = write(desk, index, identity, "capture", written, &new.terms, legs.len());
    let offset = match decided {
        Decided::Applied { offset, .. } if last => Some(offset),
        _ => None,
    };
    change(desk, hold, offset, Some(identity.id));
    Ok(decided)
}

/// Structure of a capture, before anything is looked up.
fn judge_amount(amount: &CaptureAmount) -> Result<(), Refusal> {
    match amount {
        CaptureAmount::Rest => Ok(()),
        CaptureAmount::Amount(money) if money.minor() > 0 => Ok(()),
        CaptureAmount::Amount(_) => Err(Refusal::AmountNotPositive { leg: 0 }),
        CaptureAmount::Legs(legs) => BalancedEntries::new(legs).map(|_| ()),
    }
}

/// The legs that a capture moves. An ended hold has nothing left, which `judge_open` says better.
fn asked(hold: &Hold, amount: &CaptureAmount) -> Result<Vec<Leg>, Refusal> {
    let of = |leg: &HoldLeg, minor| Leg {
        money: Money::new(minor, leg.leg.money.currency()),
        ..leg.leg
    };
    match amount {
        CaptureAmount::Rest => {
            let open = hold.legs.iter().filter(|leg| leg.open > 0);
            Ok(open.map(|leg| of(leg, leg.open)).collect())
        }
        CaptureAmount::Amount(money) => {
            if hold.legs.len() != 2 {
                return Err(Refusal::CaptureNeedsLegs { hold: hold.id });
            }
            Ok(hold.legs.iter().map(|leg| Leg { money: *money, ..leg.leg }).collect())
        }
        CaptureAmount::Legs(legs) => {
            let has = |asked: &Leg| {
                hold.legs
                    .iter()
                    .any(|leg| leg.leg.account == asked.account && leg.leg.side == asked.side)
            };
            match legs.iter().find(|leg| !has(leg)) {
                Some(leg) => Err(Refusal::NotALegOfHold { hold: hold.id, account: leg.account }),
                None => Ok(legs.clone()),
            }
        }
    }
}

fn judge_open(hold: &Hold) -> Result<(), Refusal> {
    match hold.state {
        HoldState::Open => Ok(()),
        state => Err(Refusal::HoldNotOpen { hold: hold.id, state: state.code() }),
    }
}

/// Takes what is asked for from the legs of the hold on the same account and side.
fn take(hold: &mut Hold, asked: &Leg) -> Result<(), Refusal> {
    let id = hold.id;
    let same = |leg: &HoldLeg| leg.leg.account == asked.account && leg.leg.side == asked.side;
    let mut left = asked.money.minor();
    let open = hold.legs.iter().filter(|leg| same(leg)).map(|leg| leg.open);
    let open = open.fold(0_i64, i64::saturating_add);
    if open < left {
        let left = Money::new(open, asked.money.currency());
        return Err(Refusal::CaptureExceedsHold { hold: id, left, asked: asked.money });
    }
    for leg in hold.legs.iter_mut().filter(|leg| same(leg)) {
        let part = left.min(leg.open);
        leg.open = leg.open.saturating_sub(part);
        leg.captured = leg.captured.saturating_add(part);
        left = left.saturating_sub(part);
    }
    Ok(())
}

/// Frees what is left of a hold, and what that counted against limits.
fn free_rest(desk: &mut Desk<'_>, hold: &mut Hold) -> Result<(), Refusal> {
    limits::give_back(desk, hold);
    for leg in &mut hold.legs {
        if leg.open > 0 {
            let slot = desk.slot_of(leg.leg.account);
            desk.pend(slot, leg.leg.side, Pending::Free(leg.open))?;
            leg.open = 0;
        }
    }
    Ok(())
}

/// Writes a hold back; `ended_by` is the record that ended it, if one did.
fn change(desk: &mut Desk<'_>, mut hold: Hold, ended_by: Option<u32>, by: Option<TransactionId>) {
    if ended_by.is_some() {
        let (at, group) = (desk.setting.moment.now, desk.group);
        hold.ended = Some(Ended { by, position: 0, at, group });
    }
    let placed_by = desk.holds.get(&hold.id).and_then(|change| change.placed_by);
    desk.write_hold(HoldChange { hold, placed_by, ended_by });
}

pub(super) fn release(
    desk: &mut Desk<'_>,
    index: u32,
    new: NewRelease,
) -> Result<Decided, Refusal> {
    let Identity { id, fresh } = identify(desk, index, "release", new.id)?;
    if let Some(decided) = replay::released(desk, id, new)? {
        return Ok(decided);
    }
    let hold = desk.hold(new.hold).cloned().ok_or(Refusal::UnknownHold { hold: new.hold })?;
    judge_open(&hold)?;
    let offset = end(desk, hold, HoldState::Released, Some(id))?;
    desk.write_release(id, new.hold);
    if fresh {
        desk.write_key(index, KeyRecord { operation: "release", subject: KeySubject::Release(id) });
    }
    Ok(Decided::Applied { subject: Subject::Hold(new.hold), offset })
}

/// Expires a hold whose time has passed; `false` if it is not due or not open any more.
pub(super) fn expire(desk: &mut Desk<'_>, id: HoldId) -> Result<bool, Refusal> {
    let now = desk.setting.moment.now;
    let due =
        |hold: &&Hold| hold.state == HoldState::Open && hold.expires_at.is_some_and(|at| at <= now);
    let Some(hold) = desk.hold(id).filter(due).cloned() else {
        return Ok(false);
    };
    end(desk, hold, HoldState::Expired, None)?;
    Ok(true)
}

fn end(
    desk: &mut Desk<'_>,
    mut hold: Hold,
    state: HoldState,
    by: Option<TransactionId>,
) -> Result<u32, Refusal> {
    free_rest(desk, &mut hold)?;
    hold.state = state;
    let group = desk.group;
    let offset = desk.write_operation(Operation::HoldEnded { hold: hold.id, state, by, group });
    change(desk, hold, Some(offset), by);
    Ok(offset)
}
