//! What readers noted while they raced, and whether it may have been so.

use std::collections::{BTreeMap, BTreeSet};

use crate::bank::{Claim, Event};
use crate::id::AccountId;
use crate::ledger::outbox::partition_of;
use crate::ledger::query::MAX_PAGE;
use crate::ledger::{HoldState, Link, Operation, Record, Subscriber};
use crate::time::Timestamp;

use super::super::bench::{Bench, Checked, ensure, found, same};
use super::readers::ReadReport;

/// In the order in which it happened.
#[derive(Debug, Default)]
pub(super) struct Log {
    steps: u64,
    /// By partition and fence.
    claims: BTreeMap<(u16, u64), Noted>,
    /// A projection: what was applied to an account, each record once; `None` for what concerns
    /// no account.
    applied: BTreeMap<Option<AccountId>, Vec<u64>>,
    lost: u64,
}

/// A claim as its reader saw it.
#[derive(Debug)]
struct Noted {
    step: u64,
    at: Timestamp,
    after: u64,
    through: u64,
    places: Vec<u64>,
    until: Timestamp,
    /// The step at which it began to be given back.
    given_back: Option<u64>,
    acknowledged: u64,
}

impl Log {
    const fn step(&mut self) -> u64 {
        self.steps = self.steps.saturating_add(1);
        self.steps
    }

    pub(super) fn claimed(&mut self, claim: &Claim, at: Timestamp) {
        let noted = Noted {
            step: self.step(),
            at,
            after: claim.after,
            through: claim.through,
            places: claim.events.iter().map(Event::position).collect(),
            until: claim.until,
            given_back: None,
            acknowledged: 0,
        };
        self.claims.insert((claim.partition, claim.fence), noted);
    }

    /// What a receiver does with an event: it keeps the last place per account, together with what
    /// it does, and passes over what it has seen.
    pub(super) fn handled(&mut self, event: &Event) {
        let whom: Vec<Option<AccountId>> = match event.accounts.as_slice() {
            [] => vec![None],
            accounts => accounts.iter().copied().map(Some).collect(),
        };
        for one in whom {
            let applied = self.applied.entry(one).or_default();
            if applied.last().is_none_or(|last| *last < event.position()) {
                applied.push(event.position());
            }
        }
    }

    pub(super) fn given_back(&mut self, claim: &Claim) {
        let step = self.step();
        self.note(claim, |noted| {
            noted.given_back.get_or_insert(step);
        });
    }

    pub(super) fn acknowledged(&mut self, claim: &Claim, through: u64) {
        self.note(claim, |noted| noted.acknowledged = noted.acknowledged.max(through));
    }

    pub(super) fn renewed(&mut self, claim: &Claim, until: Timestamp) {
        self.note(claim, |noted| noted.until = noted.until.max(until));
    }

    pub(super) const fn lost(&mut self) {
        self.lost = self.lost.saturating_add(1);
    }

    fn note(&mut self, claim: &Claim, note: impl FnOnce(&mut Noted)) {
        if let Some(noted) = self.claims.get_mut(&(claim.partition, claim.fence)) {
            note(noted);
        }
    }
}

/// Whose each record is, found out without the code that delivers.
async fn whose(bench: &Bench) -> Checked<Vec<(u64, Vec<AccountId>)>> {
    let mut all = Vec::new();
    for record in bench.bank.journal(0, MAX_PAGE).await? {
        let mut accounts: BTreeSet<AccountId> =
            record.entries().iter().map(|entry| entry.account).collect();
        let hold = match &record {
            Record::Transaction(moved) => match moved.link {
                Some(Link::Captures { hold, .. }) => Some(hold),
                _ => None,
            },
            Record::Operation(done) => match &done.operation {
                Operation::AccountOpened { account, .. } => {
                    accounts.insert(*account);
                    None
                }
                Operation::HoldPlaced(placed) => Some(placed.hold),
                Operation::HoldEnded { hold, state: HoldState::Released, .. } => Some(*hold),
                Operation::ChartDefined(_) => None,
                other => return Err(found(format!("the teller does not do this: {other:?}"))),
            },
        };
        if let Some(hold) = hold {
            let hold = bench.bank.hold_by_id(hold).await?;
            accounts.extend(hold.legs.iter().map(|leg| leg.leg.account));
        }
        all.push((record.position(), accounts.into_iter().collect()));
    }
    Ok(all)
}

pub(super) async fn judge(
    bench: &Bench,
    subscriber: Subscriber,
    seed: u64,
    log: &Log,
) -> Checked<ReadReport> {
    let marks = bench.bank.subscription(subscriber).await?;
    same(marks.lag(), 0, "what is left when the readers are done")?;
    let partitions = u16::try_from(marks.marks.len()).unwrap_or(u16::MAX);
    let whose = whose(bench).await?;
    everything_in_order(&whose, log)?;
    for ((partition, fence), claim) in &log.claims {
        let concerns = |accounts: &[AccountId]| match accounts {
            [] => *partition == 0,
            accounts => accounts.iter().any(|one| partition_of(*one, partitions) == *partition),
        };
        let within =
            whose.iter().filter(|(place, _)| (claim.after < *place) && *place <= claim.through);
        let own = within.filter(|(_, accounts)| concerns(accounts)).map(|(place, _)| *place);
        let what = format!("places of claim {fence} of partition {partition}");
        same(claim.places.clone(), own.collect(), what)?;
    }
    one_after_the_other(log)?;
    let mut report = ReadReport { seed, partitions, lost: log.lost, ..ReadReport::default() };
    let mut seen = BTreeSet::new();
    for ((partition, _), claim) in &log.claims {
        report.claims = report.claims.saturating_add(1);
        for place in &claim.places {
            report.delivered = report.delivered.saturating_add(1);
            let again = u64::from(!seen.insert((*partition, *place)));
            report.repeated = report.repeated.saturating_add(again);
        }
    }
    Ok(report)
}

/// What was applied to each account is what the journal says of it, in its order and without a
/// gap, whatever readers died on the way.
fn everything_in_order(whose: &[(u64, Vec<AccountId>)], log: &Log) -> Checked {
    let mut should: BTreeMap<Option<AccountId>, Vec<u64>> = BTreeMap::new();
    for (place, accounts) in whose {
        if accounts.is_empty() {
            should.entry(None).or_default().push(*place);
        }
        for account in accounts {
            should.entry(Some(*account)).or_default().push(*place);
        }
    }
    same(&log.applied, &should, "what was applied, by account")
}

/// Of two claims of a partition the second begins when the first was given back or has run out,
/// and repeats nothing that the first had acknowledged.
fn one_after_the_other(log: &Log) -> Checked {
    for (((partition, _), first), ((next, fence), second)) in
        log.claims.iter().zip(log.claims.iter().skip(1))
    {
        if partition != next {
            continue;
        }
        let over =
            first.given_back.is_some_and(|step| step < second.step) || first.until <= second.at;
        ensure(over, format!("claim {fence} of partition {partition} came into a lease"))?;
        let repeated = second.after < first.acknowledged;
        ensure(!repeated, format!("claim {fence} of partition {partition} repeats"))?;
    }
    Ok(())
}
