//! A unit that carries the requests of many callers: every record keeps its own origin.

use uuid::Uuid;

use crate::id::{IdSource, SeededIds};
use crate::ledger::decide::{Setting, Supply, decide_batch, first_wanted, more_wanted};
use crate::ledger::facts::Facts;
use crate::ledger::query::TransactionQuery;
use crate::ledger::{Actor, Batch, Channel, Correlation, DateBounds, Origin};
use crate::money::Currencies;
use crate::store::{Changes, Origins, Store};

use super::Scenario;
use super::bench::{ALICE, BOB, Bench, CASH, Checked, same};

pub(super) const ALL: &[Scenario] = &[
    Scenario { name: "origins/of_one_unit", play: |bench| Box::pin(of_one_unit(bench)) },
    Scenario { name: "origins/that_return", play: |bench| Box::pin(that_return(bench)) },
];

struct Ids(SeededIds);

impl Supply for Ids {
    fn id(&mut self) -> Uuid {
        self.0.next_id(crate::time::Timestamp::MIN)
    }

    fn salt(&mut self) -> [u8; 16] {
        self.0.salt()
    }
}

fn origin(name: &str, correlation: Option<&str>) -> Checked<Origin> {
    let correlation = correlation.map(Correlation::new).transpose()?;
    Ok(Origin { actor: Actor::new(name)?, channel: Channel::API, correlation })
}

/// Commits a batch in one unit, under the origins given.
async fn commit(bench: &Bench, batch: &Batch, origins: Origins) -> Checked {
    let moment = bench.bank.moment();
    let (mut unit, mut facts) = (bench.store.begin().await?, Facts::default());
    unit.load(&first_wanted(batch, None), &mut facts).await?;
    while let Some(wanted) = more_wanted(batch, &facts, moment, Channel::API) {
        unit.load(&wanted, &mut facts).await?;
    }
    let changes = {
        let (currencies, bounds) = (Currencies::iso(), DateBounds::STANDARD);
        let first = origins.of(0);
        let setting = Setting {
            moment,
            bounds,
            currencies: &currencies,
            origin: first,
            key: None,
            passes: &[],
        };
        let mut plan = decide_batch(batch, setting, &mut Ids(SeededIds::new(77)), facts)?.plan;
        for change in &mut plan.holds {
            change.hold.origin = origins.of(change.placed_by.unwrap_or(0)).clone();
        }
        Changes { plan, origins, not_before: moment.now, block: None, entities: Vec::new() }
    };
    unit.apply(changes).await?;
    unit.commit().await?;
    Ok(())
}

/// Transactions and operations in turn, with and without a correlation.
async fn of_one_unit(bench: Bench) -> Checked {
    bench.fund(ALICE, 1_000).await?;
    let start = bench.position().await?;
    let mut batch = Batch::new();
    batch.push(bench.pay(ALICE, BOB, 1)).push(bench.pay(ALICE, BOB, 2));
    batch.push(bench.reserve(ALICE, BOB, 3)).push(bench.pay(ALICE, BOB, 4));
    batch.push(bench.reserve(ALICE, BOB, 5)).push(bench.pay(ALICE, BOB, 6));
    let named = [
        origin("user:1", None)?,
        origin("user:1", None)?,
        origin("user:2", Some("second"))?,
        origin("user:3", Some("third"))?,
        origin("user:4", None)?,
        origin("user:1", None)?,
    ];
    let [first, ..] = named.clone();
    let mut origins = Origins::from(first);
    for (offset, origin) in (0_u32..).zip(&named) {
        origins.from_record(offset, origin.clone());
    }
    commit(&bench, &batch, origins).await?;
    let records = bench.bank.journal(start, 100).await?;
    let told: Vec<Origin> = records.iter().map(|record| record.origin().clone()).collect();
    same(told, named.to_vec(), "who asked for each record of one unit")?;
    let third = Correlation::new("third")?;
    let query = TransactionQuery::new().with_correlation(third);
    let found_by: Vec<u64> =
        bench.bank.transactions(&query, 10, None).await?.items.iter().map(|t| t.position).collect();
    same(found_by, vec![start.saturating_add(4)], "found by the correlation of its own request")
}

/// The same callers again in later units, in another order.
async fn that_return(bench: Bench) -> Checked {
    bench.fund(ALICE, 1_000).await?;
    let (one, two) = (origin("user:1", None)?, origin("user:2", None)?);
    let start = bench.position().await?;
    for (first, second) in [(&one, &two), (&two, &one), (&one, &one)] {
        let mut batch = Batch::new();
        batch.push(bench.pay(ALICE, BOB, 1)).push(bench.pay(CASH, ALICE, 2));
        let mut origins = Origins::from(first.clone());
        origins.from_record(1, second.clone());
        commit(&bench, &batch, origins).await?;
    }
    let records = bench.bank.journal(start, 100).await?;
    let told: Vec<String> =
        records.iter().map(|record| record.origin().actor.as_str().to_owned()).collect();
    let should = ["user:1", "user:2", "user:2", "user:1", "user:1", "user:1"];
    same(told, should.map(str::to_owned).to_vec(), "who asked, unit by unit")
}
