//! The same random commands about people, their accounts and their money on the memory store, on
//! SQLite and on PostgreSQL: the same outcomes and refusals, and the same accounts in the end.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use corebank::account::{AccountStatus, Mandate, NewCustomerAccount, Ownership};
use corebank::bank::{Bank, Context, Error};
use corebank::id::{AccountId, CustomerId, DocumentId, ProductId};
use corebank::kyc::{
    AmlStatus, DocumentKind, DocumentStorage, DocumentUri, MemoryDocuments, MimeType, Review,
    StandingChange, Upload, Verdict,
};
use corebank::ledger::{AccountClass, Actor, Channel, ChartCode, ChartNode, NewAccount, Text};
use corebank::money::{Currency, Money};
use corebank::party::{Email, Lifecycle, NewCustomer, Onboarding, PartOfName, PersonName};
use corebank::product::{AccountType, NewProduct, ProductCode, Terms};
use corebank::store::memory::MemoryStore;

use super::agree::words::Random;
use super::places;

const PEOPLE: u64 = 4;
const ACCOUNTS: u64 = 4;
const COMMANDS: u64 = 250;
const PRODUCT: ProductId = ProductId::from_u128(1);

fn customer(number: u64) -> CustomerId {
    CustomerId::from_u128(u128::from(number) + 1)
}

fn account(number: u64) -> AccountId {
    AccountId::from_u128(u128::from(number) + 100)
}

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

fn said<T>(result: Result<T, Error>) -> &'static str {
    match result {
        Ok(_) => "ok",
        Err(error) => error.code(),
    }
}

struct House {
    bank: Bank,
    me: Context,
    cash: AccountId,
    documents: MemoryDocuments,
}

impl House {
    async fn open(bank: Bank) -> Self {
        let me = Context::new(Actor::new("user:clerk").unwrap(), Channel::BRANCH);
        let (cash, deposits) = (ChartCode::new("1000").unwrap(), ChartCode::new("2000").unwrap());
        let name = |name| Text::new(name).unwrap();
        let nodes = [
            ChartNode::new(cash, AccountClass::Asset, None, name("Cash")),
            ChartNode::new(deposits, AccountClass::Liability, None, name("Deposits")),
        ];
        let _ = bank.define_chart(&me, &nodes).await.unwrap();
        let terms = Terms::new(deposits, Currency::USD).with_bounds(1, 50_000);
        let code = ProductCode::new("giro").unwrap();
        let giro = NewProduct::new(code, name("Giro"), AccountType::Checking, terms);
        let _ = bank.define_product(&me, &giro.with_id(PRODUCT)).await.unwrap();
        let cash = bank.open_account(&me, NewAccount::new(cash, Currency::USD)).await.unwrap();
        Self { bank, me, cash: cash.into_inner(), documents: MemoryDocuments::new() }
    }

    /// Everybody lives here and has an account, or nothing much would happen.
    async fn move_in(&self, random: &mut Random) {
        let officer = Actor::new("user:officer").unwrap();
        for number in 0..PEOPLE {
            assert_eq!(self.register(number, number).await, "ok");
            for document in [number * 2, number * 2 + 1] {
                assert_eq!(self.prove(number, document).await, "ok");
                let id = DocumentId::from_u128(u128::from(document) + 1);
                let review = Review::new(id, Verdict::Approve, officer.clone());
                let reviewed = self.bank.review_document(&self.me, customer(number), &review).await;
                assert_eq!(said(reviewed), "ok");
            }
            let approved = StandingChange::Onboarding(Onboarding::Approved);
            let _ = self.bank.set_standing(&self.me, customer(number), approved).await.unwrap();
        }
        for at in (0..ACCOUNTS - 1).map(account) {
            let owners = loop {
                let owners = Self::owners(random);
                if owners.judge().is_ok() {
                    break owners;
                }
            };
            let new = NewCustomerAccount::new(PRODUCT, Currency::USD, owners).with_id(at);
            assert_eq!(said(self.bank.open_customer_account(&self.me, &new).await), "ok");
        }
    }

    async fn register(&self, number: u64, mail: u64) -> &'static str {
        let name = PersonName::of(
            PartOfName::new("Ada").unwrap(),
            PartOfName::new(&format!("Example{number}")).unwrap(),
        );
        let new = NewCustomer::person(name)
            .with_id(customer(number))
            .with_date_of_birth(NaiveDate::from_ymd_opt(1990, 5, 17).unwrap())
            .with_email(Email::new(&format!("a{mail}@example.com")).unwrap());
        said(self.bank.register_customer(&self.me, new).await)
    }

    async fn prove(&self, who: u64, number: u64) -> &'static str {
        let who = customer(who);
        let kinds = [DocumentKind::Passport, DocumentKind::UtilityBill];
        let kind = kinds[(number % 2) as usize];
        let mime = MimeType::new("image/png").unwrap();
        let bytes = number.to_le_bytes();
        let stored = self.documents.put(who, &bytes, &mime).await.unwrap();
        let uri = DocumentUri::new(stored.uri.as_str()).unwrap();
        let by = Actor::new("customer:self").unwrap();
        let id = DocumentId::from_u128(u128::from(number) + 1);
        let upload = Upload::new(id, kind, uri, mime, stored.size, by).with_sha256(stored.sha256);
        said(self.bank.upload_document(&self.me, who, upload).await)
    }

    async fn review(&self, random: &mut Random) -> &'static str {
        let who = customer(random.below(PEOPLE));
        let id = DocumentId::from_u128(u128::from(random.below(12)) + 1);
        let officer = Actor::new("user:officer").unwrap();
        let review = Review::new(id, Verdict::Approve, officer);
        said(self.bank.review_document(&self.me, who, &review).await)
    }

    async fn stand(&self, random: &mut Random) -> &'static str {
        let who = customer(random.below(PEOPLE));
        let change = *random.pick(&[
            StandingChange::Onboarding(Onboarding::Approved),
            StandingChange::Onboarding(Onboarding::Approved),
            StandingChange::Aml(AmlStatus::Clear),
            StandingChange::Aml(AmlStatus::Clear),
            StandingChange::Aml(AmlStatus::Blocked),
            StandingChange::Lifecycle(Lifecycle::Active),
            StandingChange::Lifecycle(Lifecycle::Active),
            StandingChange::Lifecycle(Lifecycle::Suspended),
        ]);
        said(self.bank.set_standing(&self.me, who, change).await)
    }

    fn owners(random: &mut Random) -> Ownership {
        let (one, two) = (customer(random.below(PEOPLE)), customer(random.below(PEOPLE)));
        match random.below(3) {
            0 => Ownership::individual(one),
            1 => Ownership::joint(one, two, Mandate::Either),
            _ => Ownership::joint(one, two, Mandate::All),
        }
    }

    async fn holding(&self, random: &mut Random) -> &'static str {
        let (at, owners) = (account(random.below(ACCOUNTS)), Self::owners(random));
        if random.once_in(3) {
            return said(self.bank.set_ownership(&self.me, at, &owners).await);
        }
        let new = NewCustomerAccount::new(PRODUCT, Currency::USD, owners).with_id(at);
        said(self.bank.open_customer_account(&self.me, &new).await)
    }

    async fn status(&self, random: &mut Random) -> &'static str {
        let at = account(random.below(ACCOUNTS));
        let to = *random.pick(&[
            AccountStatus::Active,
            AccountStatus::Active,
            AccountStatus::Active,
            AccountStatus::Frozen,
            AccountStatus::Suspended,
            AccountStatus::Closed,
        ]);
        let why = (!random.once_in(5)).then(|| Text::new("asked for").unwrap());
        said(self.bank.set_account_status(&self.me, at, to, why).await)
    }

    async fn money(&self, random: &mut Random) -> &'static str {
        let (from, to) = (account(random.below(ACCOUNTS)), account(random.below(ACCOUNTS)));
        let much = usd(random.between(1, 60_000));
        let mut signers: Vec<_> = (0..PEOPLE).map(customer).collect();
        signers.retain(|_| random.once_in(2));
        match random.below(4) {
            0 | 1 => said(self.bank.deposit(&self.me, self.cash, to, much).await),
            2 => said(self.bank.withdraw(&self.me, from, self.cash, much, &signers).await),
            _ => said(self.bank.transfer(&self.me, from, to, much, &signers).await),
        }
    }

    async fn play(&self, seed: u64) -> Vec<String> {
        let mut random = Random(seed);
        self.move_in(&mut random).await;
        let mut log = Vec::new();
        for _ in 0..COMMANDS {
            let what = random.below(10);
            let said = match what {
                0 => self.register(random.below(PEOPLE + 2), random.below(PEOPLE + 2)).await,
                1 => self.prove(random.below(PEOPLE), random.below(12)).await,
                2 => self.review(&mut random).await,
                3 => self.stand(&mut random).await,
                4 | 5 => self.holding(&mut random).await,
                6 => self.status(&mut random).await,
                _ => self.money(&mut random).await,
            };
            log.push(format!("{what} {said}"));
        }
        for at in (0..ACCOUNTS).map(account) {
            let balance = self.bank.balance(at).await.map(|found| found.ledger.minor());
            log.push(format!("{:?}", balance.map_err(|error| error.code())));
        }
        assert!(self.bank.verify().await.unwrap().differences.is_empty());
        log
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn random_people_end_alike_in_every_store() {
    let mut seen = BTreeMap::<String, u64>::new();
    for seed in 1..=4 {
        let memory = Bank::open(MemoryStore::new()).await.unwrap();
        let sqlite = Bank::open(places::sqlite().await.unwrap()).await.unwrap();
        let postgres = Bank::open(places::postgres().await.unwrap()).await.unwrap();
        let expected = House::open(memory).await.play(seed).await;
        assert_eq!(House::open(sqlite).await.play(seed).await, expected, "SQLite, seed {seed}");
        assert_eq!(House::open(postgres).await.play(seed).await, expected, "PostgreSQL, {seed}");
        for line in expected {
            *seen.entry(line).or_default() += 1;
        }
    }
    println!("{seen:#?}");
    // What was played must be worth comparing.
    for what in
        ["4 ok", "5 ok", "9 ok", "9 gate_closed", "9 status_forbids", "9 signatures_missing"]
    {
        assert!(seen.contains_key(what), "no {what} in {seen:#?}");
    }
}
