//! Onboarding: a customer registers, hands in documents, is reviewed by staff, and has an account.
//!
//! ```text
//! cargo run --release --example onboarding
//! ```

#![allow(clippy::inconsistent_digit_grouping, reason = "1_000_00 reads as 1,000.00")]

use chrono::NaiveDate;
use corebank::account::NewCustomerAccount;
use corebank::bank::{Bank, Context, CustomerSearch, Onboard};
use corebank::id::{AccountId, CustomerId, DocumentId, ProductId};
use corebank::kyc::{
    DocumentKind, DocumentStorage, DocumentUri, MemoryDocuments, MimeType, Review, StandingChange,
    Upload, Verdict,
};
use corebank::ledger::{AccountClass, Actor, Channel, ChartCode, ChartNode, NewAccount, Text};
use corebank::money::{Currency, Money};
use corebank::party::{
    Address, City, Email, IdScheme, Line, NationalId, NewCustomer, Onboarding, PartOfName,
    PersonName, Phone, PostalCode,
};
use corebank::privacy::MemoryKeys;
use corebank::product::{AccountType, NewProduct, ProductCode, Terms};
use corebank::store::memory::MemoryStore;

type Failure = Box<dyn std::error::Error>;

const ALICE: CustomerId = CustomerId::from_u128(1);
const GIRO: ProductId = ProductId::from_u128(2);
const ACCOUNT: AccountId = AccountId::from_u128(3);

#[tokio::main]
async fn main() -> Result<(), Failure> {
    // Or a SQLite file, or PostgreSQL: nothing else changes. The master key would be behind a
    // `KeyPort` of your HSM or KMS, or in a file: `FileKeys::open("master.key")?`, once it
    // was made with `FileKeys::create`.
    let bank = Bank::open(MemoryStore::new()).await?;
    bank.unlock(MemoryKeys::new()?).await?;
    let cash = set_up(&bank).await?;

    // The customer, through the app.
    let app = Context::new(Actor::new("customer:alice")?, Channel::MOBILE);
    let documents = MemoryDocuments::new();
    let onboard = Onboard::new(alice()?)
        .with_document(upload(&documents, 1, DocumentKind::Passport, b"a passport").await?)
        .with_document(upload(&documents, 2, DocumentKind::UtilityBill, b"a bill").await?)
        .with_account(GIRO, Currency::USD, ACCOUNT);
    let first = bank.onboard(&app, onboard.clone()).await?;
    println!("registered: documents {:?}, onboarding {:?}", first.kyc, first.onboarding);

    // Money cannot move yet, and no account can be opened: the gate keeps both.
    let early = NewCustomerAccount::individual(GIRO, Currency::USD, ALICE);
    if let Err(refused) = bank.open_customer_account(&app, &early).await {
        println!("an account now? {}: {refused}", refused.code());
    }

    // The back office: another person than the one who handed the documents in.
    let officer = Actor::new("user:officer")?;
    let office = Context::new(officer.clone(), Channel::ADMIN);
    for document in [1, 2] {
        let document = DocumentId::from_u128(document);
        let review = Review::new(document, Verdict::Approve, officer.clone());
        let _ = bank.review_document(&office, ALICE, &review).await?;
    }
    let approve = StandingChange::Onboarding(Onboarding::Approved);
    let _ = bank.set_standing(&office, ALICE, approve).await?;

    // The same call again goes on where it stopped.
    let second = bank.onboard(&app, onboard).await?;
    let (account, number) = second.account.ok_or("no account")?;
    println!(
        "reviewed: documents {:?}, account ..{}",
        second.kyc,
        number.as_str().get(12..).unwrap_or_default()
    );

    let _ = bank.deposit(&office, cash, account, Money::new(250_00, Currency::USD)).await?;
    let out = Money::new(100_00, Currency::USD);
    let _ = bank.withdraw(&app, account, cash, out, &[ALICE]).await?;

    // What a screen shows.
    let overview = bank.customer(ALICE).await?;
    let held = overview.accounts.first().ok_or("no account")?;
    println!("{} account, available {}", overview.accounts.len(), held.balance.available);
    let by_number = NationalId::parse(IdScheme::Ssn, "536-90-4399")?;
    let found = bank.search_customers(&CustomerSearch::Identifier(by_number), 10, None).await?;
    println!("found by social security number: {}", found.len());
    println!("verify: {} differences", bank.verify().await?.differences.len());
    Ok(())
}

fn alice() -> Result<NewCustomer, Failure> {
    let name = PersonName::of(PartOfName::new("Alice")?, PartOfName::new("Example")?);
    let address = Address::of(Line::new("1 Main Street")?)
        .with_city(City::new("Springfield")?)
        .with_postal_code(PostalCode::new("12345")?);
    Ok(NewCustomer::person(name)
        .with_id(ALICE)
        .with_date_of_birth(NaiveDate::from_ymd_opt(1990, 5, 17).ok_or("no such day")?)
        .with_email(Email::new("alice@example.com")?)
        .with_phone(Phone::new("+1 202-555-0123")?)
        .with_address(address)
        .with_identity(NationalId::parse(IdScheme::Ssn, "536-90-4399")?))
}

/// The bytes go into a storage of documents, the bank keeps where they are and their hash.
async fn upload(
    documents: &MemoryDocuments,
    number: u128,
    kind: DocumentKind,
    bytes: &[u8],
) -> Result<Upload, Failure> {
    let mime = MimeType::new("image/png")?;
    let stored = documents.put(ALICE, bytes, &mime).await?;
    let (uri, by) = (DocumentUri::new(stored.uri.as_str())?, Actor::new("customer:alice")?);
    let upload = Upload::new(DocumentId::from_u128(number), kind, uri, mime, stored.size, by);
    Ok(upload.with_sha256(stored.sha256))
}

/// The chart, the bank's cash, and what it offers.
async fn set_up(bank: &Bank) -> Result<AccountId, Failure> {
    let me = Context::system("set-up")?;
    let (cash, deposits) = (ChartCode::new("1000")?, ChartCode::new("2000")?);
    let nodes = [
        ChartNode::new(cash, AccountClass::Asset, None, Text::new("Cash")?),
        ChartNode::new(deposits, AccountClass::Liability, None, Text::new("Deposits")?),
    ];
    let _ = bank.define_chart(&me, &nodes).await?;
    let code = ProductCode::new("giro").ok_or("no code")?;
    let terms = Terms::new(deposits, Currency::USD).with_bounds(1, 999_999_99);
    let giro = NewProduct::new(code, Text::new("Giro")?, AccountType::Checking, terms);
    let _ = bank.define_product(&me, &giro.with_id(GIRO)).await?;
    Ok(bank.open_account(&me, NewAccount::new(cash, Currency::USD)).await?.into_inner())
}
