//! Posting: the stages that every movement of money passes.

use chrono::NaiveDate;
use smallvec::SmallVec;

use super::desk::{Desk, Mark, Pending, SlottedLeg, clamp};
use super::{Decided, Pass};
use super::{limits, replay};
use crate::ledger::facts::{Extra, KeyRecord, KeySubject, PlannedTransaction};
use crate::ledger::transaction::Terms;
use crate::ledger::{
    BalancedEntries, Defaulted, Kind, Leg, Link, NewTransaction, Refusal, Subject, TransactionId,
};
use crate::money::Money;

pub(super) type Legs = SmallVec<[SlottedLeg; 2]>;

pub(super) fn post(
    desk: &mut Desk<'_>,
    index: u32,
    first_leg: usize,
    new: &NewTransaction,
) -> Result<Decided, Refusal> {
    let entries = BalancedEntries::new(&new.legs)?;
    let identity = identify(desk, index, "post", new.id)?;
    if let Some(decided) =
        replay::posted(desk, identity.id, |original| replay::differs(original, new))?
    {
        return Ok(decided);
    }
    let pass = pass(desk, index)?;
    let legs = slotted(desk, first_leg, entries)?;
    refer(desk, &new.terms)?;
    let dates = judge_dates(desk, &new.terms, None)?;
    judge_guard(desk, pass, &legs)?;
    judge_state(desk, &legs)?;
    let mark = desk.mark();
    move_money(desk, &legs)?;
    judge_bounds(desk, mark)?;
    limits::count(desk, new.terms.kind, &legs)?;
    let link = new.terms.relates_to.map(Link::RelatesTo);
    let written = Written { kind: new.terms.kind, dates, link, all: false };
    Ok(write(desk, index, identity, "post", written, &new.terms, legs.len()))
}

/// The id of a request: its own, the one given out under its key before, or a fresh one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Identity {
    pub(super) id: TransactionId,
    /// Whether the id is fresh, and to be kept under the idempotency key if there is one.
    pub(super) fresh: bool,
}

pub(super) fn identify(
    desk: &mut Desk<'_>,
    index: u32,
    operation: &'static str,
    given: Option<TransactionId>,
) -> Result<Identity, Refusal> {
    if let Some(id) = given {
        return Ok(Identity { id, fresh: false });
    }
    let known = key_record(desk, index);
    match known {
        Some(KeyRecord { operation: before, .. }) if before != operation => {
            Err(Refusal::IdReused { field: "operation" })
        }
        Some(KeyRecord {
            subject: KeySubject::Instruction(Subject::Transaction(id)) | KeySubject::Release(id),
            ..
        }) => Ok(Identity { id, fresh: false }),
        Some(_) => Err(Refusal::IdReused { field: "operation" }),
        None => {
            let id = TransactionId::from_uuid(desk.supply.id());
            Ok(Identity { id, fresh: true })
        }
    }
}

pub(super) fn key_record(desk: &Desk<'_>, index: u32) -> Option<KeyRecord> {
    let key = desk.setting.key?;
    desk.facts.keys.get(&(key.clone(), index)).copied()
}

/// References: every account exists and is kept in the currency of its leg.
pub(super) fn slotted(
    desk: &Desk<'_>,
    first_leg: usize,
    entries: BalancedEntries<'_>,
) -> Result<Legs, Refusal> {
    let slots = desk.facts.slots.get(first_leg..).unwrap_or_default();
    let legs: Legs =
        slots.iter().zip(entries.legs()).map(|(&slot, &leg)| SlottedLeg { slot, leg }).collect();
    judge_references(desk, &legs)?;
    Ok(legs)
}

pub(super) fn judge_references(desk: &Desk<'_>, legs: &[SlottedLeg]) -> Result<(), Refusal> {
    let fits = |SlottedLeg { slot, leg }: &SlottedLeg| {
        desk.account(*slot).is_some_and(|account| account.currency == leg.money.currency())
    };
    // An account is only opened in a currency that the bank knows.
    if legs.iter().all(fits) {
        return Ok(());
    }
    let currencies = legs.iter().map(|slotted| slotted.leg.money.currency());
    if let Some(currency) = currencies.into_iter().find(|one| !desk.setting.currencies.knows(*one))
    {
        return Err(Refusal::UnknownCurrency { currency });
    }
    if let Some(unknown) = legs.iter().find(|slotted| desk.account(slotted.slot).is_none()) {
        return Err(Refusal::UnknownAccount { account: unknown.leg.account });
    }
    for SlottedLeg { slot, leg } in legs {
        let expected = desk.account(*slot).map(|account| account.currency);
        if let Some(expected) = expected.filter(|expected| *expected != leg.money.currency()) {
            let (account, given) = (leg.account, leg.money.currency());
            return Err(Refusal::CurrencyMismatch { account, expected, given });
        }
    }
    Ok(())
}

pub(super) fn refer(desk: &Desk<'_>, terms: &Terms) -> Result<(), Refusal> {
    match terms.relates_to {
        Some(transaction) if !desk.knows(transaction) => {
            Err(Refusal::UnknownTransaction { transaction })
        }
        _ => Ok(()),
    }
}

/// A capture is linked to its hold and a reversal to its original, and to nothing else.
pub(super) fn unrelated(terms: &Terms) -> Result<(), Refusal> {
    match terms.relates_to {
        None => Ok(()),
        Some(_) => Err(Refusal::InvalidTerms {
            what: "a capture or reversal relates to its hold or original already",
        }),
    }
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Dates {
    pub(super) booking_date: NaiveDate,
    pub(super) value_date: NaiveDate,
    pub(super) defaulted: Defaulted,
}

/// The dates asked for, else those of `inherited`, else today.
pub(super) fn judge_dates(
    desk: &Desk<'_>,
    terms: &Terms,
    inherited: Option<(Option<NaiveDate>, Option<NaiveDate>)>,
) -> Result<Dates, Refusal> {
    let (booking, value) = inherited.unwrap_or_default();
    let today = desk.setting.moment.today;
    let booking_date = terms.booking_date.or(booking).unwrap_or(today);
    let value_date = terms.value_date.or(value).unwrap_or(booking_date);
    desk.facts.book.admit(desk.setting.bounds, today, booking_date, value_date)?;
    let defaulted = Defaulted {
        booking_date: terms.booking_date.is_none(),
        value_date: terms.value_date.is_none(),
        amount: false,
    };
    Ok(Dates { booking_date, value_date, defaulted })
}

/// What the rules above the ledger said of an instruction, unless they refuse it.
pub(super) fn pass(desk: &Desk<'_>, index: u32) -> Result<Pass, Refusal> {
    match desk.setting.passes.get(index as usize).copied().unwrap_or_default() {
        Pass::Barred(because) => Err(Refusal::Barred { because }),
        pass => Ok(pass),
    }
}

/// What they were not asked about touches no guarded account.
pub(super) fn judge_guard(desk: &Desk<'_>, pass: Pass, legs: &[SlottedLeg]) -> Result<(), Refusal> {
    if pass == Pass::Cleared {
        return Ok(());
    }
    let guarded = |one: &&SlottedLeg| desk.account(one.slot).is_some_and(|account| account.guarded);
    match legs.iter().find(guarded) {
        Some(one) => Err(Refusal::AccountGuarded { account: one.leg.account }),
        None => Ok(()),
    }
}

/// State: nothing closed, then nothing blocked on the side of its leg.
pub(super) fn judge_state(desk: &Desk<'_>, legs: &[SlottedLeg]) -> Result<(), Refusal> {
    for SlottedLeg { slot, leg } in legs {
        if desk.account(*slot).is_some_and(|account| account.closed) {
            return Err(Refusal::AccountClosed { account: leg.account });
        }
    }
    for SlottedLeg { slot, leg } in legs {
        if desk.account(*slot).is_some_and(|account| account.block.refuses(leg.side)) {
            return Err(Refusal::AccountBlocked { account: leg.account, side: leg.side });
        }
    }
    Ok(())
}

pub(super) fn move_money(desk: &mut Desk<'_>, legs: &[SlottedLeg]) -> Result<(), Refusal> {
    for SlottedLeg { slot, leg } in legs {
        desk.enter(*slot, leg.side, leg.money.minor())?;
    }
    Ok(())
}

pub(super) fn reserve(desk: &mut Desk<'_>, legs: &[SlottedLeg]) -> Result<(), Refusal> {
    for SlottedLeg { slot, leg } in legs {
        desk.pend(*slot, leg.side, Pending::Reserve(leg.money.minor()))?;
    }
    Ok(())
}

/// Floor and ceiling, on the net effect per account since `mark`. What does not lower the
/// available balance is never held up by the floor, so that an account that is below it (by a
/// forced reversal, or because the floor was raised) can still be paid into.
pub(super) fn judge_bounds(desk: &Desk<'_>, mark: Mark) -> Result<(), Refusal> {
    let mut ceiling = None;
    for (slot, before) in desk.balances_before(mark) {
        let Some(account) = desk.account(slot) else { continue };
        let normal = account.class.normal_side();
        if let Some(minimum) = account.floor.minimum() {
            let (was, is) = (before.available(normal), account.balance.available(normal));
            if is < i128::from(minimum) && is < was {
                let available = was.saturating_sub(i128::from(minimum)).max(0);
                return Err(Refusal::InsufficientFunds {
                    account: account.id,
                    available: Money::new(narrow(available), account.currency),
                    needed: Money::new(narrow(was.saturating_sub(is)), account.currency),
                });
            }
        }
        if let Some(most) = account.ceiling.filter(|_| ceiling.is_none()) {
            let (was, is) = (before.expected(normal), account.balance.expected(normal));
            if is > i128::from(most) && is > was {
                let most = Money::new(most, account.currency);
                ceiling = Some(Refusal::CeilingExceeded { account: account.id, ceiling: most });
            }
        }
    }
    ceiling.map_or(Ok(()), Err)
}

/// A figure for a message: cut off at the ends of the range.
pub(super) fn narrow(wide: i128) -> i64 {
    i64::try_from(wide).unwrap_or(if wide < 0 { i64::MIN } else { i64::MAX })
}

/// What is written about a transaction besides its entries.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written {
    pub(super) kind: Kind,
    pub(super) dates: Dates,
    pub(super) link: Option<Link>,
    /// A capture asked for all that was left.
    pub(super) all: bool,
}

/// The terms in which a transaction is written.
struct Heading {
    id: TransactionId,
    kind: Kind,
    booking_date: NaiveDate,
    value_date: NaiveDate,
    defaulted: Defaulted,
    fresh: bool,
    extra: Option<Box<Extra>>,
}

impl Heading {
    fn row(self, entries: usize) -> PlannedTransaction {
        PlannedTransaction {
            id: self.id,
            kind: self.kind,
            booking_date: self.booking_date,
            value_date: self.value_date,
            defaulted: self.defaulted,
            entries: clamp(entries),
            fresh: self.fresh,
            extra: self.extra,
        }
    }
}

pub(super) fn write(
    desk: &mut Desk<'_>,
    index: u32,
    identity: Identity,
    operation: &'static str,
    written: Written,
    terms: &Terms,
    entries: usize,
) -> Decided {
    let notes = desk.salted(terms.notes.as_deref());
    let group = desk.group;
    let plain = written.link.is_none() && notes.is_none() && group.is_none();
    let extra = (!plain).then(|| Box::new(Extra { link: written.link, group, notes }));
    let Dates { booking_date, value_date, mut defaulted } = written.dates;
    defaulted.amount = written.all;
    let heading = Heading {
        id: identity.id,
        kind: written.kind,
        booking_date,
        value_date,
        defaulted,
        fresh: identity.fresh,
        extra,
    };
    let offset = desk.write_transaction(heading.row(entries));
    let subject = Subject::Transaction(identity.id);
    if identity.fresh {
        desk.write_key(index, KeyRecord { operation, subject: KeySubject::Instruction(subject) });
    }
    Decided::Applied { subject, offset }
}

/// Legs of a hold or of an original, with their slots.
pub(super) fn found(desk: &mut Desk<'_>, legs: impl IntoIterator<Item = Leg>) -> Legs {
    legs.into_iter().map(|leg| SlottedLeg { slot: desk.slot_of(leg.account), leg }).collect()
}
