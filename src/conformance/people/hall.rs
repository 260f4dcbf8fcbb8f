//! Where scenarios about people play: a bank that is unlocked, a product, and short words for what
//! customers and clerks do.

use std::fmt::Debug;

use chrono::NaiveDate;

use crate::account::{Mandate, NewCustomerAccount, Ownership};
use crate::bank::{Context, Error, Order, Rules};
use crate::conformance::bench::{Bench, CASH, Checked, deposits, found, usd};
use crate::id::{AccountId, CustomerId, DocumentId, ProductId};
use crate::kyc::{DocumentKind, DocumentUri, MimeType, Review, StandingChange, Upload, Verdict};
use crate::ledger::{Actor, Channel, Outcome, Receipt, Text};
use crate::money::{Currency, Money};
use crate::party::{Email, NewCustomer, Onboarding, PartOfName, PersonName};
use crate::privacy::MemoryKeys;
use crate::product::{AccountType, NewProduct, ProductCode, Terms};

pub(super) const GIRO: ProductId = ProductId::from_u128(0x9001);

pub(super) const ANNA: CustomerId = CustomerId::from_u128(0xa001);
pub(super) const BEN: CustomerId = CustomerId::from_u128(0xa002);
pub(super) const CARLA: CustomerId = CustomerId::from_u128(0xa003);

pub(super) const FIRST: AccountId = AccountId::from_u128(0xb001);
pub(super) const SECOND: AccountId = AccountId::from_u128(0xb002);
pub(super) const THIRD: AccountId = AccountId::from_u128(0xb003);

/// A hall over the books of a bench.
#[derive(Debug, Clone)]
pub(super) struct Hall {
    pub(super) bench: Bench,
}

/// What a customer hands in, by this clerk.
pub(super) fn clerk(name: &str) -> Checked<Context> {
    Ok(Context::new(Actor::new(&format!("user:{name}"))?, Channel::BRANCH))
}

fn birthday() -> Checked<NaiveDate> {
    NaiveDate::from_ymd_opt(1990, 5, 17).ok_or_else(|| found("no such day"))
}

pub(super) fn person(id: CustomerId, first: &str) -> Checked<NewCustomer> {
    let name = PersonName::of(PartOfName::new(first)?, PartOfName::new("Example")?);
    let mail = format!("{}.{}@example.com", first.to_lowercase(), id.as_u128());
    let new = NewCustomer::person(name).with_id(id).with_email(Email::new(&mail)?);
    Ok(new.with_date_of_birth(birthday()?))
}

impl Hall {
    pub(super) async fn open(bench: Bench) -> Checked<Self> {
        Self::with(bench, Rules::default(), |terms| terms).await
    }

    pub(super) async fn with(
        mut bench: Bench,
        rules: Rules,
        terms: impl FnOnce(Terms) -> Terms,
    ) -> Checked<Self> {
        let bank = bench.bank.with_rules(rules);
        bank.unlock(MemoryKeys::of("conformance", [7; 32])).await?;
        bench.bank = bank;
        let hall = Self { bench };
        let terms = terms(Terms::new(deposits()?, Currency::USD));
        let code = ProductCode::new("giro").ok_or_else(|| found("no code"))?;
        let new = NewProduct::new(code, Text::new("Giro")?, AccountType::Checking, terms);
        let _ = hall.bank().define_product(hall.me(), &new.with_id(GIRO)).await?;
        Ok(hall)
    }

    pub(super) const fn bank(&self) -> &crate::bank::Bank {
        &self.bench.bank
    }

    pub(super) const fn me(&self) -> &Context {
        &self.bench.context
    }

    /// Registered, and no more.
    pub(super) async fn register(&self, id: CustomerId, first: &str) -> Checked {
        let _ = self.bank().register_customer(self.me(), person(id, first)?).await?;
        Ok(())
    }

    pub(super) fn upload(
        id: u128,
        kind: DocumentKind,
        until: Option<NaiveDate>,
    ) -> Checked<Upload> {
        let uri = DocumentUri::new(&format!("memory:{id}"))?;
        let (mime, by) = (MimeType::new("image/png")?, Actor::new("user:clerk")?);
        let id = DocumentId::from_u128(id);
        let upload = Upload::new(id, kind, uri, mime, 1_000, by);
        Ok(match until {
            Some(until) => upload.with_expires_on(until),
            None => upload,
        })
    }

    pub(super) async fn hand_in(&self, customer: CustomerId, upload: Upload) -> Checked {
        let officer = clerk("officer")?;
        let id = upload.id;
        let _ = self.bank().upload_document(&clerk("clerk")?, customer, upload).await?;
        let review = Review::new(id, Verdict::Approve, Actor::new("user:officer")?);
        let _ = self.bank().review_document(&officer, customer, &review).await?;
        Ok(())
    }

    /// Documents handed in and approved, through a day if there is one.
    pub(super) async fn prove(&self, customer: CustomerId, until: Option<NaiveDate>) -> Checked {
        let first = customer.as_u128().saturating_mul(16);
        let passport = Self::upload(first, DocumentKind::Passport, until)?;
        self.hand_in(customer, passport).await?;
        let bill = Self::upload(first.saturating_add(1), DocumentKind::UtilityBill, None)?;
        self.hand_in(customer, bill).await
    }

    pub(super) async fn stand(&self, customer: CustomerId, change: StandingChange) -> Checked {
        let _ = self.bank().set_standing(self.me(), customer, change).await?;
        Ok(())
    }

    /// Registered, proven, accepted.
    pub(super) async fn welcome(&self, id: CustomerId, first: &str) -> Checked {
        self.register(id, first).await?;
        self.prove(id, None).await?;
        self.stand(id, StandingChange::Onboarding(Onboarding::Approved)).await
    }

    pub(super) fn new_account(id: AccountId, ownership: Ownership) -> NewCustomerAccount {
        NewCustomerAccount::new(GIRO, Currency::USD, ownership).with_id(id)
    }

    pub(super) async fn account(&self, id: AccountId, ownership: Ownership) -> Checked {
        let new = Self::new_account(id, ownership);
        let _ = self.bank().open_customer_account(self.me(), &new).await?;
        Ok(())
    }

    /// Anna's and Ben's accounts, with this much on each.
    pub(super) async fn two(&self, minor: i64) -> Checked {
        for (customer, first, account) in [(ANNA, "Anna", FIRST), (BEN, "Ben", SECOND)] {
            self.welcome(customer, first).await?;
            self.account(account, Ownership::individual(customer)).await?;
            if minor > 0 {
                self.deposit(account, minor).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn deposit(&self, account: AccountId, minor: i64) -> Checked {
        let _ = self.bank().deposit(self.me(), CASH, account, usd(minor)).await?;
        Ok(())
    }

    pub(super) async fn carry(&self, order: Order) -> Result<Outcome<Receipt>, Error> {
        self.bank().carry_out(self.me(), order).await
    }

    pub(super) async fn balance(&self, account: AccountId, minor: i64, what: &str) -> Checked {
        self.bench.balance(account, minor, minor, what).await
    }
}

pub(super) fn joint(mandate: Mandate) -> Ownership {
    Ownership::joint(ANNA, BEN, mandate)
}

pub(super) fn out(from: AccountId, minor: i64) -> Order {
    Order::withdrawal(from, CASH, money(minor))
}

pub(super) const fn money(minor: i64) -> Money {
    usd(minor)
}

/// It must be refused with this code.
#[track_caller]
pub(super) fn no<T: Debug>(ended: Result<T, Error>, code: &str) -> Checked {
    match ended {
        Err(error) if error.code() == code => Ok(()),
        Err(error) => Err(found(format!("should be {code}, is {}: {error}", error.code()))),
        Ok(outcome) => Err(found(format!("should be {code}, is {outcome:?}"))),
    }
}
