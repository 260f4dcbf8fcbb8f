//! Books with a little of everything that the documents have columns for.

use chrono::NaiveDate;
use corebank::account::{Mandate, NewCustomerAccount};
use corebank::bank::{Bank, Context, Order};
use corebank::id::{AccountId, BranchId, CustomerId, DocumentId, ProductId, TransactionId};
use corebank::kyc::{
    DocumentKind, DocumentStorage, DocumentUri, MemoryDocuments, MimeType, Review, StandingChange,
    Upload, Verdict,
};
use corebank::ledger::{
    AccountClass, Actor, Channel, ChartCode, ChartNode, FloorPolicy, Kind, Metadata, NewAccount,
    NewReversal, NewTransaction, Record, Reference, Text, Transaction,
};
use corebank::money::{Currency, Money};
use corebank::party::{
    Address, Branch, City, Code, ConsentChange, Country, Email, Gender, IdScheme, Line, NationalId,
    NewCustomer, Onboarding, PartOfName, PersonName, Phone, PostalCode, Region, Segment, Short,
    WholeName,
};
use corebank::privacy::MemoryKeys;
use corebank::product::{
    AccountType, InterestTerms, NewProduct, Percent3, Posting, ProductCode, Terms,
};
use corebank::profile::{AccountParts, CustomerParts, DocumentParts};
use corebank::store::Store;

const ALICE: CustomerId = CustomerId::from_u128(0xa11ce);
const BOB: CustomerId = CustomerId::from_u128(0xb0b);
const GIRO: ProductId = ProductId::from_u128(0x91);
const SAVINGS: ProductId = ProductId::from_u128(0x92);
const CARD: ProductId = ProductId::from_u128(0x93);
const BRANCH: BranchId = BranchId::from_u128(0xb1);
const OFFICER: &str = "user:01980000-0000-7000-8000-00000000000f";

/// What was written, as the bank reads it.
pub struct Books {
    pub customers: Vec<CustomerParts>,
    pub accounts: Vec<AccountParts>,
    pub transactions: Vec<Transaction>,
    pub reversed: Option<TransactionId>,
    pub today: NaiveDate,
}

const fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

fn text(text: &str) -> Text {
    Text::new(text).unwrap()
}

fn code(text: &str) -> Code {
    Code::new(text).unwrap()
}

fn account(number: u128) -> AccountId {
    AccountId::from_u128(number)
}

impl Books {
    pub async fn written(store: impl Store + 'static) -> Self {
        let bank = Bank::open(store).await.unwrap();
        bank.unlock(MemoryKeys::new().unwrap()).await.unwrap();
        let desk = Context::new(Actor::new(OFFICER).unwrap(), Channel::ADMIN);
        let cash = set_up(&bank, &desk).await;
        people(&bank, &desk).await;
        accounts(&bank, &desk).await;
        let reversed = money(&bank, &desk, cash).await;
        Self::read(&bank, reversed).await
    }

    pub fn documents(&self) -> Vec<DocumentParts> {
        let of = |one: &CustomerParts| {
            let id = one.customer.id;
            one.file
                .documents
                .iter()
                .map(move |document| DocumentParts::new(id, document.clone()))
                .collect::<Vec<_>>()
        };
        self.customers.iter().flat_map(of).collect()
    }

    async fn read(bank: &Bank, reversed: TransactionId) -> Self {
        let (mut customers, mut accounts) = (Vec::new(), Vec::new());
        for id in [ALICE, BOB] {
            let seen = bank.customer(id).await.unwrap();
            for one in seen.accounts.iter().filter(|one| one.account.primary() == id) {
                let behind = bank.account(one.account.id).await.unwrap();
                let product = bank.product(one.account.product).await.unwrap();
                let terms = &product.version(one.account.product_version).unwrap().terms;
                let mut parts = AccountParts::of(&one.account, &one.balance)
                    .with_terms(terms, behind.state.floor);
                parts.branch_code = one.account.branch.map(|_| code("B1"));
                accounts.push(parts);
            }
            customers.push(CustomerParts::new(seen.customer, seen.standing, seen.file));
        }
        let journal = bank.journal(0, 1_000).await.unwrap();
        let transactions = journal.into_iter().filter_map(|record| match record {
            Record::Transaction(one) => Some(one),
            Record::Operation(_) => None,
        });
        let transactions = transactions.collect();
        let today = bank.head().await.unwrap().instant.date_utc();
        Self { customers, accounts, transactions, reversed: Some(reversed), today }
    }
}

/// The chart, the products, a branch and the bank's cash.
async fn set_up(bank: &Bank, desk: &Context) -> AccountId {
    let chart = |code: &str| ChartCode::new(code).unwrap();
    let node = |code: &str, class, name| ChartNode::new(chart(code), class, None, text(name));
    let nodes = [
        node("1000", AccountClass::Asset, "Cash"),
        node("2000", AccountClass::Liability, "Giro"),
        node("2100", AccountClass::Liability, "Savings"),
        node("2200", AccountClass::Liability, "Cards"),
    ];
    let _ = bank.define_chart(desk, &nodes).await.unwrap();
    let interest = InterestTerms {
        rate: Percent3::new(1_500).unwrap(),
        day_count: Kind::new("act_365").unwrap(),
        compounds: true,
        posting: Posting::Monthly,
    };
    let giro = Terms::new(chart("2000"), Currency::USD)
        .with_bounds(1, 99_999_999)
        .with_minimum_balance(5_000);
    let savings = Terms::new(chart("2100"), Currency::USD)
        .with_interest(interest)
        .with_annual_percentage_rate(Percent3::new(1_511).unwrap());
    let card =
        Terms::new(chart("2200"), Currency::USD).with_floor(FloorPolicy::CreditLimit(50_000));
    for (id, name, kind, terms) in [
        (GIRO, "giro", AccountType::Checking, giro),
        (SAVINGS, "savings", AccountType::Savings, savings),
        (CARD, "card", AccountType::CreditCard, card),
    ] {
        let product = NewProduct::new(ProductCode::new(name).unwrap(), text(name), kind, terms);
        let _ = bank.define_product(desk, &product.with_id(id)).await.unwrap();
    }
    let branch = Branch::new(BRANCH, WholeName::new("Main").unwrap()).with_code(code("B1"));
    let _ = bank.define_branch(desk, branch).await.unwrap();
    bank.open_account(desk, NewAccount::new(chart("1000"), Currency::USD))
        .await
        .unwrap()
        .into_inner()
}

fn person(id: CustomerId, first: &str, ids: [&str; 3]) -> NewCustomer {
    let part = |text| PartOfName::new(text).unwrap();
    let (first_name, middle) = (part(first), Some(part("Q")));
    let name = PersonName::Structured { first: first_name, middle, last: part("O'Neil") };
    let address = Address::of(Line::new("1 Main Street").unwrap())
        .with_line(Line::new("Floor 2").unwrap())
        .with_city(City::new("Springfield").unwrap())
        .with_region(Region::new("Illinois").unwrap())
        .with_postal_code(PostalCode::new("62701").unwrap())
        .with_country(Country::Code("US".parse().unwrap()));
    let [ssn, pan, aadhaar] = ids;
    let identity = |scheme, number| NationalId::parse(scheme, number).unwrap();
    let mut new = NewCustomer::person(name)
        .with_id(id)
        .with_date_of_birth(NaiveDate::from_ymd_opt(1990, 5, 17).unwrap())
        .with_email(Email::new(&format!("{}@example.com", first.to_lowercase())).unwrap())
        .with_phone(Phone::new("+14155552671").unwrap())
        .with_address(address)
        .with_gender(Gender::NotSaid)
        .with_occupation(Short::new("Analyst").unwrap())
        .with_income_range(Short::new("50-100k").unwrap())
        .with_segment(Segment::Sme)
        .with_language("fr".parse().unwrap());
    new.identities = vec![
        identity(IdScheme::Ssn, ssn),
        identity(IdScheme::Pan, pan),
        identity(IdScheme::Aadhaar, aadhaar),
    ];
    new
}

/// Alice, who is known and has agreed to marketing; Bob, of whom less is known.
async fn people(bank: &Bank, desk: &Context) {
    let mut alice = person(ALICE, "Alice", ["219-09-9997", "ABCPE1234F", "234123412346"]);
    alice.consents = vec![ConsentChange::Grant {
        purpose: code("marketing"),
        version: code("v1"),
        channel: Channel::WEB,
        evidence: None,
    }];
    let mut bob = person(BOB, "Bob", ["219-09-9998", "ABCPE1234G", "999941057058"]);
    (bob.gender, bob.occupation) = (None, None);
    let storage = MemoryDocuments::new();
    for (customer, new, from) in [(ALICE, alice, 1_u128), (BOB, bob, 10)] {
        let _ = bank.register_customer(desk, new).await.unwrap();
        for (at, kind) in
            [DocumentKind::Passport, DocumentKind::UtilityBill].into_iter().enumerate()
        {
            let id = DocumentId::from_u128(from + at as u128);
            let mime = MimeType::new("image/png").unwrap();
            let bytes = format!("{customer} {at}");
            let stored = storage.put(customer, bytes.as_bytes(), &mime).await.unwrap();
            let uri = DocumentUri::new(stored.uri.as_str()).unwrap();
            let by = Actor::new("customer:self").unwrap();
            let upload = Upload::new(id, kind, uri, mime, stored.size, by)
                .with_sha256(stored.sha256)
                .with_expires_on(NaiveDate::from_ymd_opt(2199, 1, 1).unwrap());
            let _ = bank.upload_document(desk, customer, upload).await.unwrap();
            let review = Review::new(id, Verdict::Approve, Actor::new(OFFICER).unwrap());
            let _ = bank.review_document(desk, customer, &review).await.unwrap();
        }
        let approve = StandingChange::Onboarding(Onboarding::Approved);
        let _ = bank.set_standing(desk, customer, approve).await.unwrap();
    }
}

async fn accounts(bank: &Bank, desk: &Context) {
    let own = |product, owner, number| {
        NewCustomerAccount::individual(product, Currency::USD, owner)
            .with_id(account(number))
            .with_branch(BRANCH)
    };
    let joint = NewCustomerAccount::joint(GIRO, Currency::USD, (BOB, ALICE), Mandate::Either);
    for new in [
        own(GIRO, ALICE, 1).with_subtype(text("private")),
        own(SAVINGS, BOB, 2),
        own(CARD, BOB, 3),
        joint.with_id(account(4)).with_branch(BRANCH),
    ] {
        let _ = bank.open_customer_account(desk, &new).await.unwrap();
    }
    let _ = bank.set_cover(desk, account(1), None).await.unwrap();
}

/// In, out, across, and back; a hold; from a browser and from a desk.
async fn money(bank: &Bank, desk: &Context, cash: AccountId) -> TransactionId {
    let web = Context::new(Actor::new("customer:alice").unwrap(), Channel::WEB)
        .with_correlation(corebank::ledger::Correlation::new("req-1").unwrap());
    let said = |kind, from, to, minor, what: &str| {
        NewTransaction::transfer(kind, from, to, usd(minor))
            .with_description(text(what))
            .with_reference(Reference::new(&format!("R-{what}")).unwrap())
    };
    let mut pairs = Metadata::default();
    pairs.insert("till", "7").unwrap();
    let paid_in = said(Kind::DEPOSIT, cash, account(1), 100_000, "salary").with_metadata(pairs);
    let _ = bank.carry_out(desk, Order::of(paid_in)).await.unwrap();
    let into = NewTransaction::transfer(Kind::DEPOSIT, cash, account(2), usd(7));
    let _ = bank.carry_out(desk, Order::of(into.with_description(text("coins")))).await.unwrap();
    let out = said(Kind::WITHDRAWAL, account(1), cash, 10_005, "cash");
    let _ = bank.carry_out(&web, Order::of(out).signed_by(ALICE)).await.unwrap();
    let bought = said(Kind::PAYMENT, account(3), cash, 2_000, "shop");
    let _ = bank.carry_out(&web, Order::of(bought).signed_by(BOB)).await.unwrap();
    let across = said(Kind::TRANSFER, account(1), account(2), 2_550, "rent");
    let _ = bank.carry_out(&web, Order::of(across).signed_by(ALICE)).await.unwrap();
    let again = TransactionId::from_u128(0xbad);
    let wrong = said(Kind::TRANSFER, account(1), account(4), 100, "wrong").with_id(again);
    let _ = bank.carry_out(&web, Order::of(wrong).signed_by(ALICE)).await.unwrap();
    let _ = bank.reverse(desk, NewReversal::new(again)).await.unwrap();
    let hold =
        corebank::ledger::NewHold::transfer(Kind::TRANSFER, account(1), account(2), usd(300));
    let _ = bank.carry_out(&web, Order::hold(hold).signed_by(ALICE)).await.unwrap();
    again
}
