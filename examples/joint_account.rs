//! A joint account: two owners, a mandate, and what each may do alone.
//!
//! ```text
//! cargo run --release --example joint_account
//! ```

#![allow(clippy::inconsistent_digit_grouping, reason = "1_000_00 reads as 1,000.00")]

use corebank::account::{AccountStatus, Mandate, NewCustomerAccount, Ownership};
use corebank::bank::{Bank, Context, Error, Onboarding, Order, Orders, Rules};
use corebank::id::{AccountId, CustomerId, ProductId};
use corebank::kyc::{AmlStatus, KycPolicies, KycPolicy, StandingChange};
use corebank::ledger::{AccountClass, ChartCode, ChartNode, NewAccount, Text};
use corebank::money::{Currency, Money};
use corebank::party::{Email, NewCustomer, PartOfName, PersonName};
use corebank::product::{AccountType, NewProduct, ProductCode, Terms};
use corebank::store::memory::MemoryStore;

type Failure = Box<dyn std::error::Error>;

const ANNA: CustomerId = CustomerId::from_u128(1);
const BEN: CustomerId = CustomerId::from_u128(2);
const GIRO: ProductId = ProductId::from_u128(3);
const SHARED: AccountId = AccountId::from_u128(4);
const SAVINGS: AccountId = AccountId::from_u128(5);

const fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

/// Why not; this example would not go on if it were allowed.
fn why<T>(ended: Result<T, Error>) -> Result<Error, Failure> {
    ended.err().ok_or_else(|| "it should have been refused".into())
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    // A small credit union that knows its members: no documents, no approval.
    let knows = KycPolicies { person: KycPolicy::none(), organisation: KycPolicy::none() };
    let mut party = corebank::party::Rules::default().with_min_age(0);
    party.required.date_of_birth = false;
    let rules =
        Rules::default().with_party(party).with_kyc(knows).with_onboarding(Onboarding::AtOnce);
    let bank = Bank::builder(MemoryStore::new()).rules(rules).open().await?;
    let me = Context::system("joint-account")?;
    let cash = set_up(&bank, &me).await?;

    for (id, first) in [(ANNA, "Anna"), (BEN, "Ben")] {
        let name = PersonName::of(PartOfName::new(first)?, PartOfName::new("Example")?);
        let mail = Email::new(&format!("{}@example.com", first.to_lowercase()))?;
        let new = NewCustomer::person(name).with_id(id).with_email(mail);
        let _ = bank.register_customer(&me, new).await?;
    }

    // Both must sign. An account with one owner, or twice the same, cannot be joint.
    let twice = Ownership::joint(ANNA, ANNA, Mandate::All);
    let twice = NewCustomerAccount::new(GIRO, Currency::USD, twice);
    let refused = why(bank.open_customer_account(&me, &twice).await)?;
    println!("twice the same owner? {}: {refused}", refused.code());
    let both = NewCustomerAccount::joint(GIRO, Currency::USD, (ANNA, BEN), Mandate::All);
    let _ = bank.open_customer_account(&me, &both.with_id(SHARED)).await?;
    let savings = NewCustomerAccount::individual(GIRO, Currency::USD, ANNA).with_id(SAVINGS);
    let _ = bank.open_customer_account(&me, &savings).await?;
    let _ = bank.deposit(&me, cash, SHARED, usd(500_00)).await?;

    let alone = why(bank.withdraw(&me, SHARED, cash, usd(50_00), &[ANNA]).await)?;
    println!("Anna alone? {}: {alone}", alone.code());
    let _ = bank.withdraw(&me, SHARED, cash, usd(50_00), &[ANNA, BEN]).await?;

    // Either is enough from now on.
    let either = Ownership::joint(ANNA, BEN, Mandate::Either);
    let _ = bank.set_ownership(&me, SHARED, &either).await?;
    let _ = bank.withdraw(&me, SHARED, cash, usd(50_00), &[BEN]).await?;

    // No plain posting reaches a customer's account.
    let plain = corebank::ledger::NewTransaction::transfer(
        corebank::ledger::Kind::TRANSFER,
        SHARED,
        cash,
        usd(1_00),
    );
    println!("a plain posting? {}", why(bank.post(&me, plain).await)?.code());

    // What is missing on the shared account comes from Anna's savings, in the same unit.
    let _ = bank.deposit(&me, cash, SAVINGS, usd(300_00)).await?;
    let _ = bank.set_cover(&me, SHARED, Some(SAVINGS)).await?;
    let _ = bank.withdraw(&me, SHARED, cash, usd(450_00), &[ANNA]).await?;
    let left = bank.customer_account(SAVINGS).await?.balance.available;
    println!("savings after covering: {left}");

    // Many orders in one unit, each with its own outcome.
    let mut orders = Orders::new();
    orders
        .push(Order::transfer(SAVINGS, SHARED, usd(10_00)).signed_by(ANNA))
        .push(Order::transfer(SAVINGS, SHARED, usd(10_00)).signed_by(BEN));
    for ended in bank.carry_out_many(&me, &orders).await? {
        println!("one of two: {}", ended.map_or_else(|error| error.code(), |_| "applied"));
    }

    // Blocked by screening: Ben signs for nobody any more. Frozen by order: nobody does.
    let _ = bank.set_standing(&me, BEN, StandingChange::Aml(AmlStatus::Blocked)).await?;
    let blocked = why(bank.withdraw(&me, SHARED, cash, usd(1_00), &[BEN]).await)?;
    println!("Ben, blocked? {}", blocked.code());
    let reason = Some(Text::new("court order 17")?);
    let _ = bank.set_account_status(&me, SHARED, AccountStatus::Frozen, reason).await?;
    let frozen = why(bank.withdraw(&me, SHARED, cash, usd(1_00), &[ANNA]).await)?;
    println!("Anna, frozen? {}", frozen.code());
    println!("verify: {} differences", bank.verify().await?.differences.len());
    Ok(())
}

async fn set_up(bank: &Bank, me: &Context) -> Result<AccountId, Failure> {
    let (cash, deposits) = (ChartCode::new("1000")?, ChartCode::new("2000")?);
    let nodes = [
        ChartNode::new(cash, AccountClass::Asset, None, Text::new("Cash")?),
        ChartNode::new(deposits, AccountClass::Liability, None, Text::new("Deposits")?),
    ];
    let _ = bank.define_chart(me, &nodes).await?;
    let code = ProductCode::new("giro").ok_or("no code")?;
    let terms = Terms::new(deposits, Currency::USD).with_cover();
    let giro = NewProduct::new(code, Text::new("Giro")?, AccountType::Checking, terms);
    let _ = bank.define_product(me, &giro.with_id(GIRO)).await?;
    Ok(bank.open_account(me, NewAccount::new(cash, Currency::USD)).await?.into_inner())
}
