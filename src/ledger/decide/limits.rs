//! Limits beyond the floor: measured inside the decision, so that the second item of a batch sees
//! what the first one used.

use chrono::NaiveDate;
use smallvec::{SmallVec, smallvec};
use uuid::Uuid;

use super::desk::{Desk, SlottedLeg};
use super::post::narrow;
use crate::ledger::facts::{Facts, Moment, NO_SLOT, ScopeLabels, Wanted};
use crate::ledger::{
    AccountId, Batch, Channel, Hold, HoldUsage, Instruction, Kind, Leg, LimitRule, LimitScope,
    Refusal, UsageKey,
};
use crate::money::Money;
use crate::time::Timestamp;

/// Whose counter a leg is measured by; `None` if the rule does not measure it.
fn subject(
    rule: &LimitRule,
    kind: Kind,
    channel: Channel,
    leg: &Leg,
    labels: Option<&ScopeLabels>,
) -> Option<Uuid> {
    let measured = leg.side == rule.side
        && leg.money.currency() == rule.currency
        && (rule.kinds.is_empty() || rule.kinds.contains(&kind));
    if !measured {
        return None;
    }
    let own = |account: AccountId| account.as_uuid();
    let label = labels.map(|labels| labels.labels).unwrap_or_default();
    match rule.scope {
        LimitScope::Global => Some(Uuid::nil()),
        LimitScope::Channel(only) => (only == channel).then(Uuid::nil),
        LimitScope::Kind(only) => (only == kind).then(Uuid::nil),
        LimitScope::Branch(only) => label.branch.filter(|branch| *branch == only),
        LimitScope::EachBranch => label.branch,
        LimitScope::Customer(only) => label.customer.filter(|customer| *customer == only),
        LimitScope::EachCustomer => label.customer,
        LimitScope::Account(only) => (only == leg.account).then(|| own(only)),
        LimitScope::EachAccount(code) => {
            labels.filter(|labels| labels.code == code).map(|_| own(leg.account))
        }
    }
}

/// The counters that batches may touch: those of its postings and holds, and those that holds it
/// may free were counted on.
pub(super) fn want_usage<'a>(
    batches: impl Iterator<Item = (&'a Batch, Channel)>,
    facts: &Facts,
    moment: Moment,
    wanted: &mut Wanted,
) {
    // All of them are asked for at once: asked again, only holds can have come.
    if !facts.usage.is_empty() {
        return want_usage_of_holds(facts, wanted);
    }
    let mut next_leg = 0_usize;
    let instructions = batches.flat_map(|(batch, channel)| {
        batch.instructions().iter().map(move |instruction| (instruction, channel))
    });
    for (instruction, channel) in instructions {
        let kind = match instruction {
            Instruction::Post(new) => new.terms.kind,
            Instruction::Hold(new) => new.terms.kind,
            _ => continue,
        };
        for leg in super::wanted::legs_of(instruction) {
            let slot = facts.slots.get(next_leg).copied().unwrap_or(NO_SLOT);
            next_leg = next_leg.saturating_add(1);
            let labels = facts.labels.get(slot as usize);
            for rule in facts.book.limits.iter() {
                if let Some(subject) = subject(rule, kind, channel, leg, labels) {
                    let buckets = rule.window.buckets(moment.today, moment.now);
                    let keys = buckets.map(|bucket| UsageKey { limit: rule.id, subject, bucket });
                    wanted.usage.extend(keys);
                }
            }
        }
    }
    want_usage_of_holds(facts, wanted);
}

/// The counters that the holds read so far were counted on.
pub(super) fn want_usage_of_holds(facts: &Facts, wanted: &mut Wanted) {
    let usage = facts.holds.values().flat_map(|hold| hold.usage.iter());
    let keys = usage.map(|usage| UsageKey {
        limit: usage.limit,
        subject: usage.subject,
        bucket: usage.bucket,
    });
    wanted.usage.extend(keys.filter(|key| !facts.usage.contains_key(key)));
    wanted.usage.sort_unstable();
    wanted.usage.dedup();
}

/// What one rule measures of a transaction for one subject.
struct Measure {
    subject: Uuid,
    amount: i128,
    legs: SmallVec<[u32; 2]>,
}

/// One for each subject, which is mostly one.
type Measures = SmallVec<[Measure; 1]>;

/// Judges a transaction or hold by every rule and counts it. Returns what was counted, leg by
/// leg, so that a hold can give it back.
pub(super) fn count(
    desk: &mut Desk<'_>,
    kind: Kind,
    legs: &[SlottedLeg],
) -> Result<Vec<HoldUsage>, Refusal> {
    let mut counted = Vec::new();
    if desk.facts.book.limits.is_empty() {
        return Ok(counted);
    }
    let rules = desk.facts.book.limits.clone();
    let measures: SmallVec<[(&LimitRule, Measures); 2]> =
        rules.iter().map(|rule| (rule, measure(desk, rule, kind, legs))).collect();
    // Stage by stage over all rules, so that the order of refusals is the declared one.
    for judge in [below_minimum, above_maximum] {
        for (rule, measures) in &measures {
            measures.iter().try_for_each(|measure| judge(rule, measure))?;
        }
    }
    for (rule, measures) in &measures {
        measures.iter().try_for_each(|measure| within_amount(desk, rule, measure))?;
    }
    for (rule, measures) in &measures {
        measures.iter().try_for_each(|measure| within_count(desk, rule, measure))?;
    }
    for (rule, measures) in &measures {
        for measure in measures {
            add(desk, rule, measure, &mut counted);
        }
    }
    Ok(counted)
}

fn measure(desk: &Desk<'_>, rule: &LimitRule, kind: Kind, legs: &[SlottedLeg]) -> Measures {
    let channel = desk.setting.origin.channel;
    let mut measures = Measures::new();
    for (at, SlottedLeg { slot, leg }) in (0_u32..).zip(legs) {
        let labels = desk.facts.labels.get(*slot as usize);
        let Some(subject) = subject(rule, kind, channel, leg, labels) else { continue };
        let amount = i128::from(leg.money.minor());
        match measures.iter_mut().find(|measure| measure.subject == subject) {
            Some(measure) => {
                measure.amount = measure.amount.saturating_add(amount);
                measure.legs.push(at);
            }
            None => measures.push(Measure { subject, amount, legs: smallvec![at] }),
        }
    }
    measures
}

fn below_minimum(rule: &LimitRule, measure: &Measure) -> Result<(), Refusal> {
    match rule.minimum {
        Some(least) if measure.amount < i128::from(least) => {
            Err(Refusal::BelowMinimum { limit: rule.id, minimum: Money::new(least, rule.currency) })
        }
        _ => Ok(()),
    }
}

fn above_maximum(rule: &LimitRule, measure: &Measure) -> Result<(), Refusal> {
    match rule.maximum {
        Some(most) if measure.amount > i128::from(most) => {
            Err(Refusal::AboveMaximum { limit: rule.id, maximum: Money::new(most, rule.currency) })
        }
        _ => Ok(()),
    }
}

/// What is used in the window so far.
fn used(desk: &Desk<'_>, rule: &LimitRule, subject: Uuid) -> (i128, u64) {
    let moment = desk.setting.moment;
    let buckets = rule.window.buckets(moment.today, moment.now);
    let usage = buckets
        .filter_map(|bucket| desk.facts.usage.get(&UsageKey { limit: rule.id, subject, bucket }));
    usage.fold((0, 0), |(amount, count), usage| {
        (
            i128::saturating_add(amount, i128::from(usage.amount)),
            u64::saturating_add(count, u64::from(usage.count)),
        )
    })
}

fn within_amount(desk: &Desk<'_>, rule: &LimitRule, measure: &Measure) -> Result<(), Refusal> {
    // Without a bound the counter itself is one: it must stay exact, because what holds free is
    // taken off it and a bound may be set later.
    let allowed = rule.amount.unwrap_or(i64::MAX);
    let (used, _) = used(desk, rule, measure.subject);
    if used.saturating_add(measure.amount) <= i128::from(allowed) {
        return Ok(());
    }
    Err(Refusal::LimitAmountExceeded {
        limit: rule.id,
        allowed: Money::new(allowed, rule.currency),
        used: Money::new(narrow(used), rule.currency),
    })
}

fn within_count(desk: &Desk<'_>, rule: &LimitRule, measure: &Measure) -> Result<(), Refusal> {
    let Some(allowed) = rule.count else { return Ok(()) };
    let (_, used) = used(desk, rule, measure.subject);
    if used < u64::from(allowed) {
        return Ok(());
    }
    Err(Refusal::LimitCountExceeded { limit: rule.id, allowed })
}

fn add(desk: &mut Desk<'_>, rule: &LimitRule, measure: &Measure, counted: &mut Vec<HoldUsage>) {
    let moment = desk.setting.moment;
    let bucket = present_bucket(rule, moment.today, moment.now);
    let key = UsageKey { limit: rule.id, subject: measure.subject, bucket };
    let mut usage = desk.facts.usage.get(&key).copied().unwrap_or_default();
    usage.amount = narrow(i128::from(usage.amount).saturating_add(measure.amount));
    usage.count = usage.count.saturating_add(1);
    desk.write_usage(key, usage);
    for (at, leg) in measure.legs.iter().enumerate() {
        let (limit, subject) = (rule.id, measure.subject);
        counted.push(HoldUsage { limit, subject, bucket, leg: *leg, counted: at == 0 });
    }
}

fn present_bucket(rule: &LimitRule, today: NaiveDate, now: Timestamp) -> i64 {
    *rule.window.buckets(today, now).end()
}

/// Gives back what the open rest of a hold counts; the number only if nothing was captured.
pub(super) fn give_back(desk: &mut Desk<'_>, hold: &Hold) {
    let untouched = hold.legs.iter().all(|leg| leg.captured == 0);
    for counted in &hold.usage {
        let leg = hold.legs.get(counted.leg as usize);
        let open = leg.map_or(0, |leg| leg.open);
        let key =
            UsageKey { limit: counted.limit, subject: counted.subject, bucket: counted.bucket };
        // A counter that was not read belongs to a limit that is gone.
        let Some(mut usage) = desk.facts.usage.get(&key).copied() else { continue };
        usage.amount = usage.amount.saturating_sub(open).max(0);
        if untouched && counted.counted {
            usage.count = usage.count.saturating_sub(1);
        }
        desk.write_usage(key, usage);
    }
}
