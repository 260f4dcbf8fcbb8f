//! The same random commands about people, their accounts and their money on the memory store, on
//! SQLite and on PostgreSQL, with group commit and without: the same outcomes and refusals, the same
//! accounts, and the same archive in the end.

mod alike;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Days, Duration, NaiveDate};
use corebank::account::{AccountStatus, Mandate, NewCustomerAccount, Ownership};
use corebank::bank::{Bank, BankBuilder, Context, Error, GroupCommit};
use corebank::id::{AccountId, CustomerId, DocumentId, ProductId, SeededIds};
use corebank::kyc::{
    AmlStatus, DocumentKind, DocumentStorage, DocumentUri, MemoryDocuments, MimeType, Review,
    StandingChange, Upload, Verdict,
};
use corebank::ledger::query::TransactionQuery;
use corebank::ledger::{
    AccountClass, Actor, Channel, ChartCode, ChartNode, Kind, NewAccount, Side, Text, Window,
};
use corebank::money::{Currency, Money};
use corebank::party::{
    Email, IdScheme, Lifecycle, NationalId, NewCustomer, Onboarding, PartOfName, PersonName,
};
use corebank::privacy::MemoryKeys;
use corebank::product::{AccountType, NewProduct, ProductCode, Terms, WindowLimit};
use corebank::store::Store;
use corebank::store::memory::MemoryStore;
use corebank::time::ManualClock;

use super::agree::words::Random;
use super::places;
use alike::{archive, same};

const PEOPLE: u64 = 4;
const ACCOUNTS: u64 = 8;
const COMMANDS: u64 = 400;
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

/// The day on which every history begins, a Monday.
const START: NaiveDate = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();

struct House {
    bank: Bank,
    clock: Arc<ManualClock>,
    me: Context,
    cash: AccountId,
    documents: MemoryDocuments,
}

impl House {
    async fn open(builder: BankBuilder, seed: u64) -> Self {
        let clock = Arc::new(ManualClock::at_noon(START));
        let shared = Arc::<ManualClock>::clone(&clock);
        let bank = builder.shared_clock(shared).ids(SeededIds::new(seed)).open().await.unwrap();
        bank.unlock(MemoryKeys::of("people", [7; 32])).await.unwrap();
        let me = Context::new(Actor::new("user:clerk").unwrap(), Channel::BRANCH);
        let (cash, deposits) = (ChartCode::new("1000").unwrap(), ChartCode::new("2000").unwrap());
        let name = |name| Text::new(name).unwrap();
        let nodes = [
            ChartNode::new(cash, AccountClass::Asset, None, name("Cash")),
            ChartNode::new(deposits, AccountClass::Liability, None, name("Deposits")),
        ];
        let _ = bank.define_chart(&me, &nodes).await.unwrap();
        let terms = Self::terms(300_000, None);
        let code = ProductCode::new("giro").unwrap();
        let giro = NewProduct::new(code, name("Giro"), AccountType::Checking, terms);
        let _ = bank.define_product(&me, &giro.with_id(PRODUCT)).await.unwrap();
        let cash = bank.open_account(&me, NewAccount::new(cash, Currency::USD)).await.unwrap();
        let cash = cash.into_inner();
        Self { bank, clock, me, cash, documents: MemoryDocuments::new() }
    }

    fn terms(most: i64, daily: Option<i64>) -> Terms {
        let terms = Terms::new(ChartCode::new("2000").unwrap(), Currency::USD);
        let terms = terms.with_bounds(1, most).with_cover().with_dormancy(20);
        let (side, window) = (Side::Debit, Window::Day);
        match daily {
            Some(_) => terms.with_limit(WindowLimit { side, window, amount: daily, count: None }),
            None => terms,
        }
    }

    fn today(&self) -> NaiveDate {
        self.bank.moment().today
    }

    /// New versions of the product, now and later, and the limits of the one in force.
    async fn offer(&self, random: &mut Random) -> &'static str {
        if random.once_in(2) {
            let daily = random.once_in(2).then(|| random.between(10_000, 60_000));
            let terms = Self::terms(random.between(40_000, 400_000), daily);
            let from = self.today() + Days::new(random.below(4));
            return said(self.bank.add_product_version(&self.me, PRODUCT, &terms, from).await);
        }
        if random.once_in(4) {
            let retired = random.once_in(3);
            return said(self.bank.retire_product(&self.me, PRODUCT, retired).await);
        }
        said(self.bank.apply_product_limits(&self.me, PRODUCT).await)
    }

    async fn cover(&self, random: &mut Random) -> &'static str {
        let (at, by) = (account(random.below(ACCOUNTS)), account(random.below(ACCOUNTS)));
        let by = (!random.once_in(4)).then_some(by);
        said(self.bank.set_cover(&self.me, at, by).await)
    }

    /// An identifier that is new, another one, somebody else's or wrong; or it is read.
    async fn identify(&self, random: &mut Random) -> &'static str {
        let who = customer(random.below(PEOPLE + 1));
        let number = random.below(6);
        let (scheme, text) = match random.below(3) {
            0 => (IdScheme::Ssn, format!("53690439{number}")),
            1 => (IdScheme::Pan, format!("ABCPE123{number}F")),
            _ => (IdScheme::Aadhaar, "999941057058".to_owned()),
        };
        if random.once_in(3) {
            return match self.bank.reveal_identifier(&self.me, who, scheme.code()).await {
                Ok(clear) if clear.expose().len() > 8 => "read",
                ended => said(ended),
            };
        }
        let id = NationalId::parse(scheme, &text).unwrap();
        said(self.bank.set_identifier(&self.me, who, &id).await)
    }

    /// Nights pass, and what is swept then is swept.
    async fn night(&self, random: &mut Random) -> &'static str {
        let _ = self.clock.advance(Duration::hours(random.between(1, 60)));
        let swept = match random.below(3) {
            0 => return "slept",
            1 => self.bank.sweep_documents(&self.me, 10).await,
            _ => self.bank.sweep_dormant(&self.me, 10).await,
        };
        match swept {
            Ok(swept) if swept.changed > 0 => "swept",
            ended => said(ended),
        }
    }

    /// More than is there, of an account that another one covers.
    async fn short(&self, random: &mut Random) -> &'static str {
        for at in (0..ACCOUNTS).map(account) {
            let Ok(found) = self.bank.customer_account(at).await else { continue };
            let Some(cover) = found.account.cover else { continue };
            let _ = self.bank.deposit(&self.me, self.cash, cover, usd(3_000)).await;
            let parties = found.account.ownership.parties.iter();
            let signers: Vec<_> = parties.map(|party| party.customer).collect();
            let much = usd(found.balance.available.minor() + random.between(1, 6_000));
            return said(self.bank.withdraw(&self.me, at, self.cash, much, &signers).await);
        }
        "no cover"
    }

    async fn rotate(&self, random: &mut Random) -> &'static str {
        if random.once_in(8) {
            return said(self.bank.rotate_keys(&self.me).await);
        }
        said(self.bank.reload_keys().await)
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
        let mut upload =
            Upload::new(id, kind, uri, mime, stored.size, by).with_sha256(stored.sha256);
        // Some last for ever, some for days that the history lives to see the end of.
        if !number.is_multiple_of(3) {
            upload = upload.with_expires_on(START + Days::new(7 * (number % 5) + 9));
        }
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
        let much = usd(random.between(1, 70_000));
        let mut signers: Vec<_> = (0..PEOPLE).map(customer).collect();
        signers.retain(|_| random.once_in(2));
        // Who may sign does so as often as not, or little money would ever go out.
        if random.once_in(2)
            && let Ok(found) = self.bank.customer_account(from).await
        {
            let parties = found.account.ownership.parties;
            signers = parties.iter().map(|party| party.customer).collect();
        }
        match random.below(4) {
            0 => said(self.bank.deposit(&self.me, self.cash, to, much).await),
            1 | 2 => said(self.bank.withdraw(&self.me, from, self.cash, much, &signers).await),
            _ => said(self.bank.transfer(&self.me, from, to, much, &signers).await),
        }
    }

    async fn play(&self, seed: u64) -> Vec<String> {
        let mut random = Random(seed);
        self.move_in(&mut random).await;
        let mut log = Vec::new();
        for _ in 0..COMMANDS {
            let what = random.below(20);
            let said = match what {
                0 => self.register(random.below(PEOPLE + 2), random.below(PEOPLE + 2)).await,
                1 => self.prove(random.below(PEOPLE), random.below(12)).await,
                2 => self.review(&mut random).await,
                3 => self.stand(&mut random).await,
                4 | 5 => self.holding(&mut random).await,
                6 => self.status(&mut random).await,
                7 => self.offer(&mut random).await,
                8 => self.cover(&mut random).await,
                9 | 10 => self.identify(&mut random).await,
                11 => self.night(&mut random).await,
                12 => self.rotate(&mut random).await,
                13 | 14 => self.short(&mut random).await,
                _ => self.money(&mut random).await,
            };
            log.push(format!("{} {said}", what.min(15)));
        }
        let covers = TransactionQuery::default().of_kind(Kind::COVER);
        let covers = self.bank.transactions(&covers, 100, None).await.unwrap().items;
        log.extend(covers.iter().map(|_| "covered".to_owned()));
        for at in (0..ACCOUNTS).map(account) {
            let balance = self.bank.balance(at).await.map(|found| found.ledger.minor());
            log.push(format!("{:?}", balance.map_err(|error| error.code())));
        }
        assert!(self.bank.verify().await.unwrap().differences.is_empty());
        log
    }
}

async fn play(store: impl Store, grouped: bool, seed: u64) -> (Vec<String>, Vec<String>) {
    let mut builder = Bank::builder(store);
    if grouped {
        builder = builder.group_commit(GroupCommit::new());
    }
    let house = House::open(builder, seed).await;
    let log = house.play(seed).await;
    (log, archive(&house.bank, &house.me).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn random_people_end_alike_in_every_store() {
    let mut seen = BTreeMap::<String, u64>::new();
    let mut lines = 0;
    for seed in 1..=5 {
        let (log, file) = play(MemoryStore::new(), false, seed).await;
        for grouped in [false, true] {
            let who = |store| format!("{store}, seed {seed}, group commit {grouped}");
            let memory = play(MemoryStore::new(), grouped, seed).await;
            let sqlite = play(places::sqlite().await.unwrap(), grouped, seed).await;
            let postgres = play(places::postgres().await.unwrap(), grouped, seed).await;
            for (store, ended) in [("memory", memory), ("SQLite", sqlite), ("PostgreSQL", postgres)]
            {
                same(&ended.0, &log, &who(store));
                same(&ended.1, &file, &who(store));
            }
        }
        lines += file.len();
        for line in log {
            *seen.entry(line).or_default() += 1;
        }
    }
    println!("{lines} lines of archives alike; {seen:#?}");
    // What was played must be worth comparing.
    for what in [
        "4 ok",
        "5 ok",
        "7 ok",
        "8 ok",
        "8 cover_does_not_fit",
        "9 ok",
        "9 read",
        "9 identifier_taken",
        "9 no_identifier",
        "11 swept",
        "covered",
        "15 limit_amount_exceeded",
        "12 ok",
        "15 ok",
        "15 gate_closed",
        "15 status_forbids",
        "15 signatures_missing",
    ] {
        assert!(seen.contains_key(what), "no {what} in {seen:#?}");
    }
}
