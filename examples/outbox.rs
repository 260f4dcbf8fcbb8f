//! Webhooks from the journal: two workers share the accounts, one of them dies, nothing is missed.
//! Needs no data and prints the same every time.
//!
//! ```text
//! cargo run --example outbox
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use corebank::bank::{Bank, Context, Error, Event, Start};
use corebank::id::{AccountId, SeededIds};
use corebank::ledger::{
    AccountClass, ChartCode, ChartNode, Kind, NewAccount, NewTransaction, Subscriber, Text, Worker,
};
use corebank::money::{Currency, Money};
use corebank::store::memory::MemoryStore;
use corebank::time::ManualClock;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Longer than a worker needs for a claim; no longer than customers may wait when it has died.
const LEASE: Duration = Duration::from_secs(30);

/// The other side. It keeps the last place per account together with what it does, and passes over
/// what it has seen: so "at least once" becomes "once".
#[derive(Default)]
struct Receiver {
    last: BTreeMap<AccountId, u64>,
}

impl Receiver {
    fn receive(&mut self, worker: &str, event: &Event) {
        for account in &event.accounts {
            let last = self.last.entry(*account).or_default();
            let word = if *last < event.position() { "new" } else { "seen before" };
            println!("  {worker}: record {:2} of {account}: {word}", event.position());
            *last = event.position().max(*last);
        }
    }
}

/// A worker: a task, a thread or a process of its own.
struct Sender {
    bank: Bank,
    context: Context,
    subscriber: Subscriber,
    worker: Worker,
}

impl Sender {
    /// Sends what one partition has. A worker calls it for ever, and sleeps when it says `false`.
    async fn turn(&self, receiver: &mut Receiver) -> Result<bool, Error> {
        let claim =
            self.bank.claim(&self.context, self.subscriber, &self.worker, LEASE, 100).await?;
        let Some(claim) = claim else { return Ok(false) };
        for event in &claim.events {
            receiver.receive(self.worker.as_str(), event);
        }
        match self.bank.ack(&self.context, &claim, claim.through).await {
            // It took longer than the lease, and another worker has the same events now.
            Err(error) if error.code() == "lease_lost" => Ok(true),
            acknowledged => acknowledged.map(|()| true),
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let clock = Arc::new(ManualClock::new("2026-01-05T08:00:00Z".parse()?));
    let builder = Bank::builder(MemoryStore::new()).shared_clock(clock.clone());
    let bank = builder.ids(SeededIds::new(2026)).open().await?;
    let context = Context::system("webhooks")?;
    let accounts = open_accounts(&bank, &context).await?;

    // Once, and again whenever the program starts: four partitions, so up to four workers.
    let subscriber = Subscriber::new("webhooks")?;
    let _ = bank.subscribe(&context, subscriber, 4, Start::Now).await?;

    for n in 0..6_usize {
        let pair = accounts.iter().cycle().skip(n);
        let &[debit, credit] = pair.take(2).copied().collect::<Vec<_>>().as_slice() else {
            return Err("there are accounts".into());
        };
        let money = Money::new(500, Currency::EUR);
        let new = NewTransaction::transfer(Kind::TRANSFER, debit, credit, money);
        let _ = bank.post(&context, new).await?;
    }

    let sender = |name: &str| -> Result<Sender, Failure> {
        let (bank, context) = (bank.clone(), context.clone());
        Ok(Sender { bank, context, subscriber, worker: Worker::new(name)? })
    };
    let (anna, ben, mut receiver) = (sender("anna")?, sender("ben")?, Receiver::default());

    println!("Anna sends her first event and dies.");
    let claim = bank.claim(&context, subscriber, &anna.worker, LEASE, 100).await?;
    let first = claim.as_ref().and_then(|claim| claim.events.first()).ok_or("an event")?;
    receiver.receive(anna.worker.as_str(), first);
    drop((anna, claim));

    println!("Ben goes on with the other partitions.");
    while ben.turn(&mut receiver).await? {}
    println!("  left: {} records", bank.subscription(subscriber).await?.lag());

    println!("Anna's lease runs out, and Ben gets the same events again.");
    clock.advance(chrono::Duration::seconds(30));
    while ben.turn(&mut receiver).await? {}
    println!("  left: {} records", bank.subscription(subscriber).await?.lag());
    Ok(())
}

async fn open_accounts(bank: &Bank, context: &Context) -> Result<Vec<AccountId>, Failure> {
    let code = ChartCode::new("1000")?;
    let node = ChartNode::new(code, AccountClass::Asset, None, Text::new("Cash")?);
    let _ = bank.define_chart(context, &[node]).await?;
    let new = vec![NewAccount::new(code, Currency::EUR); 4];
    let opened = bank.open_accounts(context, &new).await?;
    Ok(opened.into_iter().map(corebank::ledger::Outcome::into_inner).collect())
}
