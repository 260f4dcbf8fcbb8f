//! Odd texts in every field that takes them, through the operations: written, read back, found,
//! and in no danger of being run or formatted.

use super::hall::{FIRST, Hall, clerk, no, out, person};
use super::texts::ODD;
use crate::account::{AccountStatus, NewCustomerAccount, Ownership};
use crate::bank::{CustomerSearch, Error};
use crate::conformance::bench::{Bench, Checked, deposits, ensure, found, same};
use crate::id::{
    AccountId, BranchId, CustomerId, DocumentId, MerchantId, OrganisationId, ProductId, ScreeningId,
};
use crate::kyc::{
    DocumentKind, Review, ScreeningAnswer, ScreeningKind, ScreeningOutcome, StandingChange, Verdict,
};
use crate::ledger::{
    AccountClass, Actor, Channel, ChartCode, ChartNode, Kind, Metadata, NewTransaction, Reference,
    Text,
};
use crate::money::Currency;
use crate::party::{
    Address, Branch, City, Code, ConsentChange, Country, CustomerChange, Line, Merchant,
    NewCustomer, Onboarding, Organisation, PartOfName, PartyKind, PersonName, PostalCode,
    Preferences, Region, Short, WholeName, words_of,
};
use crate::product::{AccountType, NewProduct, ProductCode, Terms};
use crate::store::{Entity, Store};

/// Each text once, in everything of one customer.
pub(super) async fn rounds(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    for (at, text) in (0_u128..).zip(ODD) {
        let number = 0x7_0000_u128.saturating_add(at.saturating_mul(16));
        customer(&hall, CustomerId::from_u128(number), text).await?;
        file(&hall, CustomerId::from_u128(number), number, text).await?;
        houses(&hall, number, text).await?;
        account(&hall, CustomerId::from_u128(number), number, text).await?;
        searched(&hall, CustomerId::from_u128(number), text).await?;
    }
    Ok(())
}

fn address(text: &str) -> Option<Address> {
    let mut address = Address::of(Line::new(text).ok()?).with_line(Line::new(text).ok()?);
    address.city = City::new(text).ok();
    address.region = Region::new(text).ok();
    address.postal_code = PostalCode::new(text).ok();
    address.country = Short::new(text).ok().map(Country::Written);
    Some(address)
}

fn preferences(text: &str) -> Checked<Preferences> {
    let (avatar, theme) = (Line::new(text).ok(), Code::new(text).ok());
    let mut preferences = Preferences { avatar, theme, ..Preferences::default() };
    if let Ok(value) = Short::new(text) {
        preferences = preferences.with_communication(&Code::new("note")?, value);
    }
    Ok(preferences)
}

fn consent(text: &str) -> Checked<ConsentChange> {
    let code = || Code::new(text).or_else(|_| Code::new("marketing"));
    Ok(ConsentChange::Grant {
        purpose: code()?,
        version: code()?,
        channel: Channel::WEB,
        evidence: Short::new(text).ok(),
    })
}

fn new_customer(id: CustomerId, text: &str) -> Checked<NewCustomer> {
    let mut new = person(id, "x")?;
    if let Ok(part) = PartOfName::new(text) {
        let (first, middle, last) = (part.clone(), Some(part.clone()), part);
        new.kind = PartyKind::Person(PersonName::Structured { first, middle, last });
    }
    new.address = address(text);
    (new.occupation, new.income_range) = (Short::new(text).ok(), Short::new(text).ok());
    new.preferences = preferences(text)?;
    Ok(new.with_consent(consent(text)?))
}

/// Registered, and amended to a whole name: what is read is what was given.
async fn customer(hall: &Hall, id: CustomerId, text: &str) -> Checked {
    let (bank, me) = (hall.bank(), hall.me());
    let new = new_customer(id, text)?;
    let _ = bank.register_customer(me, new.clone()).await?;
    let seen = bank.customer(id).await?.customer;
    same(seen.kind, new.kind, text)?;
    same((seen.address, seen.preferences), (new.address, new.preferences), text)?;
    same((seen.occupation, seen.income_range), (new.occupation, new.income_range), text)?;
    let evidence = seen.consents.first().and_then(|one| one.evidence.clone());
    same(evidence, Short::new(text).ok(), text)?;
    if let Ok(name) = WholeName::new(text) {
        let name = PartyKind::Person(PersonName::Full(name));
        let change = [CustomerChange::Name(name.clone())];
        let _ = bank.amend_customer(me, id, &change, None).await?;
        same(bank.customer(id).await?.customer.kind, name, text)?;
    }
    no(bank.reveal_identifier(me, id, text).await, "no_identifier")
}

/// Documents, a review with a reason, a screening with a reference.
async fn file(hall: &Hall, id: CustomerId, number: u128, text: &str) -> Checked {
    let (bank, by) = (hall.bank(), Actor::new("user:officer")?);
    let first = number.saturating_mul(16).saturating_add(8);
    let upload = Hall::upload(first, DocumentKind::Selfie, None)?;
    let _ = bank.upload_document(&clerk("clerk")?, id, upload).await?;
    let mut review = Review::new(DocumentId::from_u128(first), Verdict::Reject, by.clone());
    review.reason = Some(Text::new(text)?);
    let _ = bank.review_document(&clerk("officer")?, id, &review).await?;
    let answer = ScreeningAnswer {
        kind: ScreeningKind::Sanctions,
        outcome: ScreeningOutcome::Clear,
        provider: Actor::new(text)?,
        reference: Reference::new(text)?,
        at: bank.moment().now,
        score: None,
    };
    let screening = ScreeningId::from_u128(number);
    let _ = bank.record_screening(hall.me(), id, screening, &answer).await?;
    let file = bank.customer(id).await?.file;
    let reason = file.documents.first().and_then(|one| one.rejection_reason.clone());
    same(reason, review.reason, text)?;
    same(file.screenings.first().map(|one| one.answer.clone()), Some(answer), text)
}

/// A branch, a merchant, an organisation and a product of this name.
async fn houses(hall: &Hall, number: u128, text: &str) -> Checked {
    let (bank, me) = (hall.bank(), hall.me());
    let code = ProductCode::new(&format!("p{number}")).ok_or_else(|| found("a code"))?;
    // A node of its own for each product.
    let chart = ChartCode::new(&format!("2{number}"))?;
    let node = ChartNode::new(chart, AccountClass::Liability, Some(deposits()?), Text::new(text)?);
    let _ = bank.define_chart(me, &[node]).await?;
    let terms = Terms::new(chart, Currency::USD);
    let new = NewProduct::new(code, Text::new(text)?, AccountType::Checking, terms);
    let id = ProductId::from_u128(number);
    let _ = bank.define_product(me, &new.with_id(id)).await?;
    same(bank.product(id).await?.name.as_str(), text, "a product")?;
    let Ok(name) = WholeName::new(text) else { return Ok(()) };
    let mut branch = Branch::new(BranchId::from_u128(number), name.clone());
    (branch.time_zone, branch.calendar) = (Short::new(text).ok(), Short::new(text).ok());
    let mut merchant = Merchant::new(MerchantId::from_u128(number), name.clone());
    (merchant.category_code, merchant.location) = (Code::new(text).ok(), Short::new(text).ok());
    let organisation = Organisation::new(OrganisationId::from_u128(number), name);
    let _ = bank.define_branch(me, branch.clone()).await?;
    let _ = bank.define_merchant(me, merchant.clone()).await?;
    let _ = bank.define_organisation(me, organisation.clone()).await?;
    for given in
        [Entity::Branch(branch), Entity::Merchant(merchant), Entity::Organisation(organisation)]
    {
        same(stored(hall, &given).await?, Some(timeless(given)), text)?;
    }
    Ok(())
}

/// Without the instant, which is the bank's to say.
fn timeless(mut entity: Entity) -> Entity {
    let at = match &mut entity {
        Entity::Branch(one) => &mut one.created_at,
        Entity::Merchant(one) => &mut one.created_at,
        Entity::Organisation(one) => &mut one.created_at,
        _ => return entity,
    };
    *at = crate::time::Timestamp::EPOCH;
    entity
}

async fn stored(hall: &Hall, given: &Entity) -> Checked<Option<Entity>> {
    let id = match given {
        Entity::Branch(one) => one.id.as_uuid(),
        Entity::Merchant(one) => one.id.as_uuid(),
        Entity::Organisation(one) => one.id.as_uuid(),
        _ => return Err(found("another kind of row")),
    };
    let entity = crate::ledger::EntityRef::new(given.kind(), id);
    let rows = hall.bench.store.entities(&[entity]).await?;
    let row = rows.into_iter().flatten().next();
    Ok(row.map(|row| timeless(row.value.as_ref().clone())))
}

/// An account of this subtype, money with these words, a freeze for this reason.
async fn account(hall: &Hall, customer: CustomerId, number: u128, text: &str) -> Checked {
    let (bank, me, id) = (hall.bank(), hall.me(), AccountId::from_u128(number));
    hall.prove(customer, None).await?;
    hall.stand(customer, StandingChange::Onboarding(Onboarding::Approved)).await?;
    let (product, owner) = (ProductId::from_u128(number), Ownership::individual(customer));
    let new = NewCustomerAccount::new(product, Currency::USD, owner).with_id(id);
    let _ = bank.open_customer_account(me, &new.with_subtype(Text::new(text)?)).await?;
    hall.deposit(id, 100).await?;
    let mut metadata = Metadata::default();
    metadata.insert(text, text)?;
    let money = super::hall::money(1);
    let words = NewTransaction::transfer(Kind::PAYMENT, id, crate::conformance::bench::CASH, money)
        .with_description(Text::new(text)?)
        .with_reference(Reference::new(text)?)
        .with_metadata(metadata);
    let paid = hall.carry(crate::bank::Order::of(words.clone()).signed_by(customer)).await?;
    let paid = paid.get().transaction().ok_or_else(|| found("no transaction"))?;
    let seen = bank.transaction(paid).await?;
    let seen = seen.words().ok_or_else(|| found("no words"))?;
    same(seen.description.as_ref().map(Text::as_str), Some(text), "a description")?;
    same(seen.reference.as_ref().map(Reference::as_str), Some(text), "a reference")?;
    same(seen.metadata.get(text), Some(text), "a pair")?;
    let reason = Some(Text::new(text)?);
    let _ = bank.set_account_status(me, id, AccountStatus::Frozen, reason.clone()).await?;
    let seen = bank.customer_account(id).await?.account;
    same((seen.subtype, seen.reason), (reason.clone(), reason), text)?;
    no(hall.carry(out(FIRST, 1)).await, "unknown_account")
}

/// A search takes no sign for a wildcard, and finds the name by its words.
async fn searched(hall: &Hall, id: CustomerId, text: &str) -> Checked {
    let search = CustomerSearch::Name(text.to_owned());
    match hall.bank().search_customers(&search, 1_000, None).await {
        Ok(hits) => {
            let named = WholeName::new(text).is_ok();
            ensure(!named || hits.iter().any(|(_, one)| one.id == id), "not found by its name")?;
        }
        Err(Error::Refused(refusal)) => {
            same(refusal.code(), "invalid_terms", text)?;
            ensure(words_of(text).is_empty(), "a name with words was not searched")?;
        }
        Err(error) => return Err(error.into()),
    }
    let long = CustomerSearch::Name(text.repeat(10_000));
    match hall.bank().search_customers(&long, 10, None).await {
        Ok(hits) => ensure(hits.len() <= 10, "a search without end"),
        Err(error) => same(error.code(), "invalid_terms", text),
    }
}
