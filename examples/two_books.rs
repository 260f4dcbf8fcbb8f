//! Money between two books, each with a store of its own: exactly once, with no transaction that
//! spans both. Here both books are in memory; nothing changes when they are two databases.
//!
//! ```text
//! cargo run --example two_books
//! ```

use corebank::bank::{Bank, Context};
use corebank::bridge::{
    BookAccount, BookEnd, BookName, Bridge, BridgeId, BridgeOutcome, NewBridgeTransfer, Recovery,
};
use corebank::id::AccountId;
use corebank::ledger::{
    AccountClass, ChartCode, ChartNode, Kind, NewAccount, NewTransaction, Reference, Text,
};
use corebank::money::{Currency, Money};
use corebank::store::memory::MemoryStore;

type Failure = Box<dyn std::error::Error>;

/// A book with a cash account, a clearing account that stands for the other book, and a customer
/// who has EUR 100.00.
struct Book {
    bank: Bank,
    cash: AccountId,
    clearing: AccountId,
    customer: AccountId,
}

async fn open_book(clerk: &Context) -> Result<Book, Failure> {
    let bank = Bank::open(MemoryStore::new()).await?;
    let (assets, deposits) = (ChartCode::new("1000")?, ChartCode::new("2000")?);
    let chart = [
        ChartNode::new(assets, AccountClass::Asset, None, Text::new("Assets")?),
        ChartNode::new(deposits, AccountClass::Liability, None, Text::new("Deposits")?),
    ];
    let _ = bank.define_chart(clerk, &chart).await?;
    let open = |code| bank.open_account(clerk, NewAccount::new(code, Currency::EUR));
    let cash = open(assets).await?.into_inner();
    // An asset has no floor unless one is set: it shows claims and debts alike.
    let clearing = open(assets).await?.into_inner();
    let customer = open(deposits).await?.into_inner();
    let paid_in = NewTransaction::transfer(Kind::DEPOSIT, cash, customer, eur(10_000));
    let _ = bank.post(clerk, paid_in).await?;
    Ok(Book { bank, cash, clearing, customer })
}

const fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let clerk = Context::system("two_books")?;
    let (north, south) = (BookName::new("north")?, BookName::new("south")?);
    let (one, two) = (open_book(&clerk).await?, open_book(&clerk).await?);

    // A bridge: two banks, their names, and the account in each that stands for the other.
    let end = |name: &BookName, book: &Book| {
        BookEnd::new(name.clone(), book.bank.clone(), book.clearing, clerk.clone())
    };
    let bridge = Bridge::new(end(&north, &one), end(&south, &two))?;
    bridge.check().await?;

    // Ann in the north pays Ben in the south. The id is the caller's: it makes the call repeatable.
    let ann = BookAccount::new(north.clone(), one.customer);
    let ben = BookAccount::new(south.clone(), two.customer);
    let id = BridgeId::from_u128(0x0190_c3f1_7a5e_7bcd_8ef0_0123_4567_89ab);
    let rent = NewBridgeTransfer::new(id, Kind::PAYMENT, ann.clone(), ben, eur(2_500))
        .with_reference(Reference::new("RENT-11")?);
    match bridge.transfer(&rent).await {
        Ok(BridgeOutcome::Settled(settled)) => println!("settled: {}", settled.id),
        Ok(BridgeOutcome::TurnedBack(back)) => println!("turned back: {}", back.because),
        // After `Pending` the same call, under the same id, or `recover` finishes it.
        Err(error) => println!("{}: {error}", error.code()),
    }
    assert!(bridge.transfer(&rent).await?.is_settled(), "the same call gives the same outcome");

    // An account that the south does not have: the money is Ann's again at once.
    let nobody = BookAccount::new(south.clone(), AccountId::from_u128(404));
    let stray = NewBridgeTransfer::new(BridgeId::from_u128(2), Kind::PAYMENT, ann, nobody, eur(1));
    if let BridgeOutcome::TurnedBack(back) = bridge.transfer(&stray).await? {
        println!("turned back: {}", back.because);
    }

    // On a timer: whatever a crash left behind is finished, from the two books alone.
    let recovered = bridge.recover(Recovery::forward(1_000)).await;
    println!("recovered: {}, still pending: {}", recovered.ended(), recovered.faults.len());

    // Every night: what one book claims is what the other owes.
    let compared = bridge.reconcile().await?;
    println!("north claims {}, south claims {}", compared.first.claim, compared.second.claim);
    assert!(compared.is_clean());

    // Settled with real money: an ordinary posting in each book brings the clearing to zero.
    let net = compared.second.claim;
    let pays = NewTransaction::transfer(Kind::ADJUSTMENT, one.clearing, one.cash, net);
    let gets = NewTransaction::transfer(Kind::ADJUSTMENT, two.cash, two.clearing, net);
    let _ = one.bank.post(&clerk, pays).await?;
    let _ = two.bank.post(&clerk, gets).await?;
    println!("after settlement north claims {}", bridge.reconcile().await?.first.claim);
    Ok(())
}
