//! Document 002: double entry. It has headers of transactions with payer and payee, entries, and
//! balances in a table of their own.
//!
//! - The lines of an address stand in one text, each on a line of its own.
//! - A customer whose documents expired reads as `PENDING` (C12), a dormant account as `INACTIVE`.
//! - The number of a document is masked; only a number in clear is shown so.
//! - `verified_by` is the reviewer, if that is a user (`user:` and an id).

use chrono::NaiveDate;
use uuid::Uuid;

use super::account::{AccountParts, owner};
use super::customer::{self, CustomerParts, address, filled, put_name};
use super::document::{self, DocumentParts, UNKNOWN_BYTES, actor, bare, instant, put_number, user};
use super::export::{Exported, Reader, Writer};
use super::tables::s2::{ACCOUNTS, BALANCES, CUSTOMERS, ENTRIES, KYC_DOCUMENTS, TRANSACTIONS};
use super::transaction::EntryParts;
use super::transfer::TransferParts;
use super::{Profile, Refusal, Row, money};
use crate::account::AccountNumber;
use crate::id::{AccountId, CustomerId, TransactionId};
use crate::kyc::{Document, DocumentUri, KycStatus};
use crate::ledger::facts::Moment;
use crate::ledger::{Entry, Kind, Reference, Side, Text, Transaction};
use crate::locale::CountryCode;
use crate::money::{Currency, Money};
use crate::party::{
    Address, City, Country, CustomerNumber, Email, Line, PartyTextError, Phone, Short,
};
use crate::time::Timestamp;

const PROFILE: Profile = Profile::S2;

const SAID: &[&str] = &[
    "number",
    "date_of_birth",
    "phone",
    "address.lines",
    "address.city",
    "address.country",
    "occupation",
    "income_range",
    "onboarding",
    "lifecycle",
    "kyc",
    "documents",
];

pub(super) fn export_customer(
    parts: &CustomerParts,
    today: NaiveDate,
) -> Result<Exported, Refusal> {
    let (who, stands) = (&parts.customer, &parts.standing);
    let mut to = Writer::new(&CUSTOMERS);
    to.put("id", who.id.as_uuid());
    to.put("customer_number", who.number.as_str());
    put_name(&mut to, who, false)?;
    to.put("email", who.email.as_ref().map(Email::as_str));
    to.put("phone", who.phone.as_ref().map(Phone::as_str));
    to.put("date_of_birth", who.date_of_birth);
    let none = Address::default();
    let at = who.address.as_ref().unwrap_or(&none);
    let lines: Vec<&str> = at.lines.iter().map(Line::as_str).collect();
    to.put("address", (!lines.is_empty()).then(|| lines.join("\n")));
    to.put("city", at.city.as_ref().map(City::as_str));
    let country = at.country.as_ref().map(|country| match country {
        Country::Code(code) => code.name(),
        Country::Written(text) => text.as_str(),
    });
    to.put("country", country);
    to.put("occupation", who.occupation.as_ref().map(Short::as_str));
    to.put("income_range", who.income_range.as_ref().map(Short::as_str));
    to.say("kyc_status", PROFILE.customer_kyc(), stands.kyc_on(today))?;
    let state = (stands.onboarding, stands.lifecycle);
    to.say("status", PROFILE.customer_status(), state)?;
    to.put("created_at", who.created_at);
    to.put("updated_at", who.updated_at);
    customer::losses(&mut to, parts, SAID);
    to.finish()
}

pub(super) fn import_customer(row: &Row, moment: Moment) -> Result<CustomerParts, Refusal> {
    let from = Reader::new(&CUSTOMERS, row, moment.now)?;
    let id = CustomerId::from_uuid(from.uuid_of("id")?);
    let times = (from.timestamp("created_at"), from.timestamp("updated_at"));
    let name = customer::name(&from)?;
    let mut parts = CustomerParts::read(PROFILE, id, name, times, moment);
    let who = &mut parts.customer;
    who.number = from.parse_of("customer_number", CustomerNumber::new)?;
    who.email = from.parse("email", Email::new)?;
    who.phone = from.parse("phone", Phone::new)?;
    who.date_of_birth = from.date("date_of_birth");
    let lines = from.parse("address", |text| {
        text.lines().map(Line::new).collect::<Result<Vec<_>, PartyTextError>>()
    })?;
    let mut at = address(&from, lines.unwrap_or_default().into_iter().map(Some))?;
    if at.lines.len() > Address::MAX_LINES {
        return Err(from.malformed("address", "address_too_long"));
    }
    at.country = from.parse("country", |text| {
        let known = CountryCode::all().find(|code| code.name() == text);
        known.map_or_else(|| Short::new(text).map(Country::Written), |code| Ok(Country::Code(code)))
    })?;
    who.address = filled(at);
    who.occupation = from.parse("occupation", Short::new)?;
    who.income_range = from.parse("income_range", Short::new)?;
    let stands = &mut parts.standing;
    stands.kyc = from.state_of("kyc_status", PROFILE.customer_kyc())?;
    (stands.onboarding, stands.lifecycle) = from.state_of("status", PROFILE.customer_status())?;
    parts.file.ever_approved = stands.kyc == KycStatus::Approved;
    Ok(parts)
}

pub(super) fn export_account(parts: &AccountParts) -> Result<Exported, Refusal> {
    money::sayable(parts.currency)?;
    let mut to = Writer::new(&ACCOUNTS);
    to.put("id", parts.id.as_uuid());
    to.put("account_number", parts.number.as_ref().map(AccountNumber::as_str));
    to.put("customer_id", owner(parts)?.as_uuid());
    to.say("account_type", PROFILE.account_type(), parts.kind)?;
    to.put("currency", parts.currency.code());
    to.say("status", PROFILE.account_status(), parts.status)?;
    to.put("created_at", parts.created_at);
    to.put("updated_at", parts.updated_at);
    let said = ["number", "created_at", "updated_at", "ledger", "available"];
    parts.losses(&mut to, &said);
    to.finish()
}

pub(super) fn import_account(row: &Row, moment: Moment) -> Result<AccountParts, Refusal> {
    let from = Reader::new(&ACCOUNTS, row, moment.now)?;
    let (id, owner) = (from.uuid_of("id")?, from.uuid_of("customer_id")?);
    let kind = from.state_of("account_type", PROFILE.account_type())?;
    let opened = from.timestamp_of("created_at")?;
    let (id, owner) = (AccountId::from_uuid(id), CustomerId::from_uuid(owner));
    let mut parts = AccountParts::individual(id, kind, owner, opened.date_utc());
    parts.number = from.parse("account_number", AccountNumber::new)?;
    parts.currency = money::currency(&from.text_of("currency")?)?;
    parts.status = from.state_of("status", PROFILE.account_status())?;
    parts.created_at = Some(opened);
    parts.updated_at = from.timestamp("updated_at");
    Ok(parts)
}

pub(super) fn export_balance(parts: &AccountParts, at: Timestamp) -> Result<Exported, Refusal> {
    let mut to = Writer::new(&BALANCES);
    to.put("account_id", parts.id.as_uuid());
    to.put("ledger_balance", money::opt_decimal(parts.ledger)?);
    to.put("available_balance", money::opt_decimal(parts.available)?);
    to.put("updated_at", at);
    to.finish()
}

pub(super) fn import_balance(
    row: &Row,
    mut parts: AccountParts,
    moment: Moment,
) -> Result<AccountParts, Refusal> {
    let from = Reader::new(&BALANCES, row, moment.now)?;
    if from.uuid_of("account_id")? != parts.id.as_uuid() {
        return Err(Refusal::ConstraintBroken { table: BALANCES.name, rule: "S2-011" });
    }
    parts.ledger = Some(money::money(from.decimal_of("ledger_balance")?, parts.currency)?);
    parts.available = Some(money::money(from.decimal_of("available_balance")?, parts.currency)?);
    Ok(parts)
}

/// S2-040: a deposit has no payer here, a withdrawal no payee, a transfer two who differ.
fn judge_sides(parts: &TransferParts) -> Result<(), Refusal> {
    let broken = Err(Refusal::ConstraintBroken { table: TRANSACTIONS.name, rule: "S2-040" });
    match (parts.kind, parts.from, parts.to) {
        (Kind::DEPOSIT, Some(_), _) | (Kind::WITHDRAWAL, _, Some(_)) => broken,
        (Kind::TRANSFER, Some(from), Some(to)) if from != to => Ok(()),
        (Kind::TRANSFER, ..) | (_, None, None) => broken,
        _ => Ok(()),
    }
}

pub(super) fn export_transfer(parts: &TransferParts) -> Result<Exported, Refusal> {
    if !parts.money.is_positive() {
        return Err(Refusal::AmountSign);
    }
    let mut to = Writer::new(&TRANSACTIONS);
    to.put("id", parts.id.as_uuid());
    let id = parts.id.to_string();
    to.put("transaction_id", parts.reference.as_ref().map_or(id.as_str(), Reference::as_str));
    to.put("from_account_id", parts.from.map(|one| one.as_uuid()));
    to.put("to_account_id", parts.to.map(|one| one.as_uuid()));
    to.put("amount", money::decimal(parts.money)?);
    to.put("currency", parts.money.currency().code());
    to.say("transaction_type", PROFILE.transaction_kind(), parts.kind)?;
    to.put("description", parts.description.as_ref().map(Text::as_str));
    to.say("status", PROFILE.transaction_status(), parts.state)?;
    to.put("created_at", parts.created_at);
    to.put("processed_at", parts.processed_at);
    judge_sides(parts)?;
    to.finish()
}

pub(super) fn import_transfer(row: &Row, moment: Moment) -> Result<TransferParts, Refusal> {
    let from = Reader::new(&TRANSACTIONS, row, moment.now)?;
    let id = TransactionId::from_uuid(from.uuid_of("id")?);
    let reference = from.parse_of("transaction_id", Reference::new)?;
    let currency = money::currency(&from.text_of("currency")?)?;
    let parts = TransferParts {
        id,
        reference: (reference.as_str() != id.to_string()).then_some(reference),
        from: from.uuid("from_account_id").map(AccountId::from_uuid),
        to: from.uuid("to_account_id").map(AccountId::from_uuid),
        money: money::money(from.decimal_of("amount")?, currency)?,
        kind: from.state_of("transaction_type", PROFILE.transaction_kind())?,
        description: from.parse("description", Text::new)?,
        state: from.state_of("status", PROFILE.transaction_status())?,
        created_at: from.timestamp_of("created_at")?,
        processed_at: from.timestamp("processed_at"),
    };
    if !parts.money.is_positive() {
        return Err(Refusal::AmountSign);
    }
    judge_sides(&parts)?;
    Ok(parts)
}

/// An entry of the journal as 002 has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct LedgerEntryParts {
    /// The id of the row, as of [`EntryParts::id_of`].
    pub id: Uuid,
    /// The transaction.
    pub transaction: TransactionId,
    /// The account.
    pub account: AccountId,
    /// The side.
    pub side: Side,
    /// The amount, greater than zero.
    pub money: Money,
    /// When it was posted.
    pub created_at: Timestamp,
}

impl LedgerEntryParts {
    /// The entries of a posted transaction, those of the bank's own accounts too (S2-038).
    #[must_use]
    pub fn of(transaction: &Transaction) -> Vec<Self> {
        let part = |(at, one): (u32, &Entry)| Self {
            id: EntryParts::id_of(transaction.position, at),
            transaction: transaction.id,
            account: one.account,
            side: one.side,
            money: one.money,
            created_at: transaction.posted_at,
        };
        (0_u32..).zip(&transaction.entries).map(part).collect()
    }
}

pub(super) fn export_ledger_entry(parts: &LedgerEntryParts) -> Result<Exported, Refusal> {
    if !parts.money.is_positive() {
        return Err(Refusal::AmountSign);
    }
    let mut to = Writer::new(&ENTRIES);
    to.put("id", parts.id);
    to.put("transaction_id", parts.transaction.as_uuid());
    to.put("account_id", parts.account.as_uuid());
    to.say("entry_type", PROFILE.entry_type(), parts.side)?;
    to.put("amount", money::decimal(parts.money)?);
    to.put("created_at", parts.created_at);
    to.finish()
}

pub(super) fn import_ledger_entry(
    row: &Row,
    currency: Currency,
    moment: Moment,
) -> Result<LedgerEntryParts, Refusal> {
    let from = Reader::new(&ENTRIES, row, moment.now)?;
    let parts = LedgerEntryParts {
        id: from.uuid_of("id")?,
        transaction: TransactionId::from_uuid(from.uuid_of("transaction_id")?),
        account: AccountId::from_uuid(from.uuid_of("account_id")?),
        side: from.state_of("entry_type", PROFILE.entry_type())?,
        money: money::money(from.decimal_of("amount")?, currency)?,
        created_at: from.timestamp_of("created_at")?,
    };
    if parts.money.is_positive() { Ok(parts) } else { Err(Refusal::AmountSign) }
}

pub(super) fn export_document(parts: &DocumentParts) -> Result<Exported, Refusal> {
    let one = &parts.document;
    let mut to = Writer::new(&KYC_DOCUMENTS);
    to.put("id", one.id.as_uuid());
    to.put("customer_id", parts.customer.as_uuid());
    to.say("document_type", PROFILE.document_kind(), one.kind)?;
    put_number(&mut to, "document_number", one, parts.number_in_clear.as_ref());
    to.put("file_path", one.uri.as_str());
    to.say("status", PROFILE.document_status(), one.status)?;
    let reviewer = one.reviewed_by.as_ref();
    to.put("verified_by", reviewer.and_then(user));
    to.left_out(reviewer.is_some_and(|one| user(one).is_none()), "reviewed_by");
    to.put("rejection_reason", one.rejection_reason.as_ref().map(Text::as_str));
    to.put("expires_at", instant(one.expires_on));
    to.put("created_at", one.uploaded_at);
    to.put("updated_at", one.reviewed_at.unwrap_or(one.uploaded_at));
    bytes_left_out(&mut to, one);
    to.finish()
}

/// 002 says nothing of the bytes.
fn bytes_left_out(to: &mut Writer, one: &Document) {
    to.left_out(one.sha256.is_some(), "sha256");
    to.left_out(one.mime.as_str() != UNKNOWN_BYTES, "mime");
    to.left_out(one.size != 0, "size");
    to.left_out(one.legal_hold, "legal_hold");
    to.left_out(one.retain_until.is_some(), "retain_until");
    to.left_out(one.replaces.is_some() || one.replaced_by.is_some(), "replaces");
}

pub(super) fn import_document(row: &Row, moment: Moment) -> Result<DocumentParts, Refusal> {
    let from = Reader::new(&KYC_DOCUMENTS, row, moment.now)?;
    let kind = from.state_of("document_type", PROFILE.document_kind())?;
    let uri = from.parse_of("file_path", DocumentUri::new)?;
    let at = from.timestamp_of("created_at")?;
    let mut one = bare(&from, from.uuid_of("id")?, kind, uri, at)?;
    one.status = from.state_of("status", PROFILE.document_status())?;
    one.reviewed_by = actor(from.uuid("verified_by"));
    one.rejection_reason = from.parse("rejection_reason", Text::new)?;
    one.expires_on = from.timestamp("expires_at").map(|at| at.date_utc());
    let updated = from.timestamp_of("updated_at")?;
    one.reviewed_at = (one.status != KycStatus::Pending || updated != at).then_some(updated);
    let (masked, in_clear) = document::number(from.text("document_number"));
    one.number = masked;
    let mut parts = DocumentParts::new(CustomerId::from_uuid(from.uuid_of("customer_id")?), one);
    parts.number_in_clear = in_clear;
    Ok(parts)
}
