// Included by the examples of the chapters: an open bank with a vault and two customers.

#[allow(unused_imports)]
use corebank::{
    bank::{Bank, Context, Error},
    id::{AccountId, HoldId, LimitId, SeededIds, TransactionId},
    ledger::{
        AccountClass, Batch, Channel, ChartCode, ChartNode, IdempotencyKey, Instruction, Kind,
        LimitRule, LimitScope, NewAccount, NewCapture, NewHold, NewRelease, NewReversal,
        NewTransaction, Outcome, Record, Refusal, Side, Text, Window,
        query::{AsOf, EntryOrder, EntryQuery, TransactionQuery},
    },
    money::{Currency, Money},
    store::memory::MemoryStore,
    time::{ManualClock, Timestamp},
};

struct Scene {
    bank: Bank,
    clerk: Context,
    cash: AccountId,
    alice: AccountId,
    bob: AccountId,
}

#[allow(dead_code)]
const fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

/// Alice has USD 100.00, Bob nothing.
async fn scene() -> Result<Scene, Box<dyn std::error::Error>> {
    let bank = Bank::open(MemoryStore::new()).await?;
    let clerk = Context::system("guide")?;
    let (vault, deposits) = (ChartCode::new("1000")?, ChartCode::new("2000")?);
    let chart = [
        ChartNode::new(vault, AccountClass::Asset, None, Text::new("Cash in vault")?),
        ChartNode::new(deposits, AccountClass::Liability, None, Text::new("Deposits")?),
    ];
    let _ = bank.define_chart(&clerk, &chart).await?;
    let mut accounts = Vec::new();
    for code in [vault, deposits, deposits] {
        let new = NewAccount::new(code, Currency::USD);
        accounts.push(bank.open_account(&clerk, new).await?.into_inner());
    }
    let [cash, alice, bob] = accounts[..] else { unreachable!() };
    let paid_in = NewTransaction::transfer(Kind::DEPOSIT, cash, alice, usd(100_00));
    let _ = bank.post(&clerk, paid_in).await?;
    Ok(Scene { bank, clerk, cash, alice, bob })
}
