//! The outbox: who gets which event, what a lease is good for, and readers that race.

use std::time::Duration;

use crate::bank::{Claim, Event, Start};
use crate::ledger::{Subscriber, Worker};

use super::Scenario;
use super::bench::{Bench, Checked, ensure, found, same};

mod delivery;
mod leases;
mod readers;
mod verdict;

pub use readers::{ReadReport, simulate_readers, simulate_readers_waiting};

pub(super) const ALL: &[Scenario] = &[
    Scenario { name: "outbox/every_record", play: |bench| Box::pin(delivery::every(bench)) },
    Scenario { name: "outbox/whom_it_concerns", play: |bench| Box::pin(delivery::concerns(bench)) },
    Scenario { name: "outbox/starts", play: |bench| Box::pin(delivery::starts(bench)) },
    Scenario { name: "outbox/fair", play: |bench| Box::pin(delivery::fair(bench)) },
    Scenario { name: "outbox/far_behind", play: |bench| Box::pin(delivery::far_behind(bench)) },
    Scenario { name: "outbox/long_run", play: |bench| Box::pin(delivery::long_run(bench)) },
    Scenario { name: "outbox/quiet", play: |bench| Box::pin(delivery::quiet(bench)) },
    Scenario { name: "outbox/parts_of_a_claim", play: |bench| Box::pin(leases::parts(bench)) },
    Scenario { name: "outbox/leases", play: |bench| Box::pin(leases::leases(bench)) },
    Scenario { name: "outbox/resumed", play: |bench| Box::pin(leases::resumed(bench)) },
    Scenario { name: "outbox/dry_run", play: |bench| Box::pin(leases::dry_run(bench)) },
    Scenario { name: "outbox/refusals", play: |bench| Box::pin(leases::refusals(bench)) },
    Scenario { name: "outbox/racing_readers", play: |bench| Box::pin(readers::race(bench)) },
];

const MINUTE: Duration = Duration::from_secs(60);

impl Bench {
    async fn subscribed(&self, name: &str, partitions: u16, from: Start) -> Checked<Subscriber> {
        let subscriber = Subscriber::new(name)?;
        let outcome = self.bank.subscribe(&self.context, subscriber, partitions, from).await?;
        ensure(!outcome.is_replayed(), format!("{name} is new"))?;
        Ok(subscriber)
    }

    async fn claim(&self, of: Subscriber, worker: &str, limit: usize) -> Checked<Option<Claim>> {
        let worker = Worker::new(worker)?;
        let claim = self.bank.claim(&self.context, of, &worker, MINUTE, limit).await?;
        if let Some(claim) = &claim {
            ensure(!claim.events.is_empty(), "a claim has events")?;
            ensure(claim.events.len() <= limit, "a claim has no more events than asked for")?;
            same(&claim.worker, &worker, "the worker of a claim")?;
        }
        Ok(claim)
    }

    async fn due(&self, of: Subscriber, worker: &str, limit: usize) -> Checked<Claim> {
        self.claim(of, worker, limit).await?.ok_or_else(|| found("there is something to claim"))
    }

    async fn ack(&self, claim: &Claim, through: u64) -> Checked {
        Ok(self.bank.ack(&self.context, claim, through).await?)
    }

    /// Claims and acknowledges until there is nothing more: events with their partition.
    async fn drain(&self, of: Subscriber, limit: usize) -> Checked<Vec<(u16, Event)>> {
        let mut all = Vec::new();
        while let Some(claim) = self.claim(of, "drain", limit).await? {
            self.ack(&claim, claim.through).await?;
            all.extend(claim.events.into_iter().map(|event| (claim.partition, event)));
        }
        let subscription = self.bank.subscription(of).await?;
        same(subscription.lag(), 0, "what is left when nothing is due")?;
        Ok(all)
    }
}

fn places(claim: &Claim) -> Vec<u64> {
    claim.events.iter().map(Event::position).collect()
}
