//! Document 004.
//!
//! - `pan` is a token: the first sixteen hexadecimal digits of the blind index, which is what fits
//!   ("store encrypted/tokenized"). A PAN in clear is taken in to be registered, never written.
//! - `aadhaar_hash` is the blind index: a bare hash of twelve digits is guessed (C18).
//! - `full_name` is derived of the parts of a name, and read as a whole.
//! - Amounts are signed as the customer sees them (C07). Only what is posted is said (S4-062).

use super::account::{AccountParts, owner};
use super::customer::{self, CustomerParts};
use super::document::{self, DocumentParts, actor, bare, instant, put_number, user};
use super::export::{Exported, Reader, Writer, hex};
use super::tables::s4::{ACCOUNT, CUSTOMER, KYC_DOCUMENT, TRANSACTION};
use super::transaction::{EntryParts, signed, unsigned};
use super::{Profile, Refusal, Row, money};
use crate::account::AccountNumber;
use crate::id::{AccountId, CustomerId};
use crate::kyc::{DocumentUri, MimeType};
use crate::ledger::facts::Moment;
use crate::ledger::{Correlation, Reference, Text};
use crate::party::{
    Code, Email, IdScheme, IdentityNumber, NationalId, PartyKind, PersonName, Phone, WholeName,
};
use crate::privacy::BlindIndex;
use crate::time::Timestamp;

const PROFILE: Profile = Profile::S4;

const SAID: &[&str] = &[
    "date_of_birth",
    "phone",
    "language",
    "identities.pan",
    "identities.aadhaar",
    "onboarding",
    "lifecycle",
    "documents",
];

/// How many digits a token has: the width of the column.
const TOKEN: usize = 16;

pub(super) fn export_customer(parts: &CustomerParts) -> Result<Exported, Refusal> {
    let (who, stands) = (&parts.customer, &parts.standing);
    let mut to = Writer::new(&CUSTOMER);
    to.put("customer_id", who.id.as_uuid());
    to.put("full_name", who.full_name());
    let whole = matches!(who.kind, PartyKind::Person(PersonName::Full(_)));
    to.fell_back(!whole, "full_name");
    to.put("dob", who.date_of_birth);
    to.put("pan", token(parts));
    if let Some(aadhaar) = who.identity("aadhaar") {
        to.put("aadhaar_hash", aadhaar.index.as_bytes().to_vec());
    }
    to.put("phone", who.phone.as_ref().map(Phone::as_str));
    to.put("email", who.email.as_ref().map(Email::as_str));
    to.put("preferred_language", who.language.as_str());
    let state = (stands.onboarding, stands.lifecycle);
    to.say("onboarding_status", PROFILE.customer_status(), state)?;
    to.put("created_at", who.created_at);
    to.put("updated_at", who.updated_at);
    customer::losses(&mut to, parts, SAID);
    to.finish()
}

fn token(parts: &CustomerParts) -> Option<String> {
    if let Some(pan) = parts.customer.identity("pan") {
        return Some(hex(pan.index.as_bytes()).chars().take(TOKEN).collect());
    }
    let known = parts.tokens.iter().find(|(scheme, _)| *scheme == IdScheme::Pan);
    known.map(|(_, token)| token.clone())
}

pub(super) fn import_customer(row: &Row, moment: Moment) -> Result<CustomerParts, Refusal> {
    let from = Reader::new(&CUSTOMER, row, moment.now)?;
    let id = CustomerId::from_uuid(from.uuid_of("customer_id")?);
    let times = (from.timestamp("created_at"), from.timestamp("updated_at"));
    let name = PersonName::Full(from.parse_of("full_name", WholeName::new)?);
    let mut parts = CustomerParts::read(PROFILE, id, name, times, moment);
    pan(&from, &mut parts)?;
    let who = &mut parts.customer;
    who.date_of_birth = from.date("dob");
    who.phone = from.parse("phone", Phone::new)?;
    who.email = from.parse("email", Email::new)?;
    who.language = from.parse("preferred_language", str::parse)?.unwrap_or(who.language);
    // A hash of another length is not ours; one of the same length cannot be told apart.
    let index: [u8; 32] =
        from.bytes_of("aadhaar_hash")?.try_into().map_err(|_| from.foreign("aadhaar_hash"))?;
    let (scheme, masked) = (IdScheme::Aadhaar, "*".repeat(12));
    let index = BlindIndex::from_bytes(index);
    who.identities.push(IdentityNumber { scheme, sealed: None, index, masked });
    let state = from.state_of("onboarding_status", PROFILE.customer_status())?;
    (parts.standing.onboarding, parts.standing.lifecycle) = state;
    Ok(parts)
}

fn pan(from: &Reader, parts: &mut CustomerParts) -> Result<(), Refusal> {
    let text = from.text_of("pan")?;
    let digit = |one: u8| matches!(one, b'0'..=b'9' | b'a'..=b'f');
    if text.len() == TOKEN && text.bytes().all(digit) {
        parts.tokens.push((IdScheme::Pan, text));
        return Ok(());
    }
    let id = NationalId::parse(IdScheme::Pan, &text).map_err(|_| from.foreign("pan"))?;
    parts.in_clear.push(id);
    Ok(())
}

pub(super) fn export_account(parts: &AccountParts) -> Result<Exported, Refusal> {
    money::sayable(parts.currency)?;
    let mut to = Writer::new(&ACCOUNT);
    to.put("account_id", parts.id.as_uuid());
    to.put("customer_id", owner(parts)?.as_uuid());
    to.put("account_number", parts.number.as_ref().map(AccountNumber::as_str));
    to.say("account_type", PROFILE.account_type(), parts.kind)?;
    to.put("branch_code", parts.branch_code.as_ref().map(Code::as_str));
    to.put("currency", parts.currency.code());
    to.say("status", PROFILE.account_status(), parts.status)?;
    to.put("opened_at", parts.opened_on);
    to.put("closed_at", parts.closed_on);
    // Balances are kept elsewhere (S4-061).
    parts.losses(&mut to, &["number", "branch", "opened_on", "closed_on"]);
    to.finish()
}

pub(super) fn import_account(row: &Row, moment: Moment) -> Result<AccountParts, Refusal> {
    let from = Reader::new(&ACCOUNT, row, moment.now)?;
    let (id, owner) = (from.uuid_of("account_id")?, from.uuid_of("customer_id")?);
    let kind = from.state_of("account_type", PROFILE.account_type())?;
    let (id, owner) = (AccountId::from_uuid(id), CustomerId::from_uuid(owner));
    let mut parts = AccountParts::individual(id, kind, owner, from.date_of("opened_at")?);
    parts.number = from.parse("account_number", AccountNumber::new)?;
    parts.branch_code = from.parse("branch_code", Code::new)?;
    parts.currency = money::currency(&from.text_of("currency")?)?;
    parts.status = from.state_of("status", PROFILE.account_status())?;
    parts.closed_on = from.date("closed_at");
    Ok(parts)
}

pub(super) fn export_entry(parts: &EntryParts) -> Result<Exported, Refusal> {
    let mut to = Writer::new(&TRANSACTION);
    to.put("txn_id", parts.id);
    to.put("account_id", parts.account.as_uuid());
    to.say("txn_type", PROFILE.transaction_kind(), parts.kind)?;
    to.put("amount", signed(parts)?);
    to.put("currency", parts.money.currency().code());
    to.put("posted_at", parts.posted_at);
    to.put("value_date", parts.value_date.unwrap_or_else(|| parts.posted_at.date_utc()));
    to.say("status", PROFILE.transaction_status(), parts.state)?;
    to.put("reference", parts.reference.as_ref().map(Reference::as_str));
    to.say("channel", PROFILE.channel(), parts.channel)?;
    to.put("correlation_id", parts.correlation.as_ref().map(Correlation::as_str));
    parts.losses(&mut to, &["value_date", "reference", "channel", "correlation"]);
    to.finish()
}

pub(super) fn import_entry(row: &Row, moment: Moment) -> Result<EntryParts, Refusal> {
    let from = Reader::new(&TRANSACTION, row, moment.now)?;
    let account = AccountId::from_uuid(from.uuid_of("account_id")?);
    let currency = money::currency(&from.text_of("currency")?)?;
    let moved = unsigned(from.decimal_of("amount")?, currency)?;
    let kind = from.state_of("txn_type", PROFILE.transaction_kind())?;
    let at = from.timestamp_of("posted_at")?;
    let mut parts = EntryParts::new(from.uuid_of("txn_id")?, account, moved, kind, at);
    parts.processed_at = Some(at);
    parts.value_date = from.date("value_date");
    parts.state = from.state_of("status", PROFILE.transaction_status())?;
    parts.reference = from.parse("reference", Reference::new)?;
    parts.channel = from.state_of("channel", PROFILE.channel())?;
    parts.correlation = from.parse("correlation_id", Correlation::new)?;
    Ok(parts)
}

pub(super) fn export_document(parts: &DocumentParts) -> Result<Exported, Refusal> {
    let one = &parts.document;
    let mut to = Writer::new(&KYC_DOCUMENT);
    to.put("id", one.id.as_uuid());
    to.put("customer_id", parts.customer.as_uuid());
    to.say("document_type", PROFILE.document_kind(), one.kind)?;
    put_number(&mut to, "document_number", one, parts.number_in_clear.as_ref());
    to.put("uri", one.uri.as_str());
    to.put("sha256", one.sha256.map(|hash| hash.to_vec()));
    to.put("mime", one.mime.as_str());
    to.put("size", i64::try_from(one.size).unwrap_or(i64::MAX));
    to.say("status", PROFILE.document_status(), one.status)?;
    to.put("verified_by", one.reviewed_by.as_ref().and_then(user));
    let unnamed = one.reviewed_by.as_ref().is_some_and(|one| user(one).is_none());
    to.left_out(unnamed, "reviewed_by");
    to.put("rejection_reason", one.rejection_reason.as_ref().map(Text::as_str));
    to.put("expires_at", instant(one.expires_on));
    to.put("uploaded_by", user(&one.uploaded_by));
    to.left_out(user(&one.uploaded_by).is_none(), "uploaded_by");
    to.put("reviewed_at", one.reviewed_at);
    to.put("version", i64::from(one.version));
    to.put("legal_hold", one.legal_hold);
    to.put("retain_until", one.retain_until);
    to.put("created_at", one.uploaded_at);
    to.left_out(one.replaces.is_some() || one.replaced_by.is_some(), "replaces");
    to.finish()
}

pub(super) fn import_document(row: &Row, moment: Moment) -> Result<DocumentParts, Refusal> {
    let from = Reader::new(&KYC_DOCUMENT, row, moment.now)?;
    let kind = from.state_of("document_type", PROFILE.document_kind())?;
    let uri = from.parse_of("uri", DocumentUri::new)?;
    let at = from.timestamp_of("created_at")?;
    let mut one = bare(&from, from.uuid_of("id")?, kind, uri, at)?;
    let hash: [u8; 32] = from
        .bytes_of("sha256")?
        .try_into()
        .map_err(|_| from.malformed("sha256", "hash_malformed"))?;
    one.sha256 = Some(hash);
    one.mime = from.parse_of("mime", MimeType::new)?;
    let number = |column| from.int_of(column).map(|value| u64::try_from(value).ok());
    one.size = number("size")?.ok_or_else(|| from.malformed("size", "size_negative"))?;
    let version = number("version")?.and_then(|one| u32::try_from(one).ok());
    one.version = version.ok_or_else(|| from.malformed("version", "version_malformed"))?;
    one.status = from.state_of("status", PROFILE.document_status())?;
    one.reviewed_by = actor(from.uuid("verified_by"));
    one.rejection_reason = from.parse("rejection_reason", Text::new)?;
    one.expires_on = from.timestamp("expires_at").map(|at: Timestamp| at.date_utc());
    one.uploaded_by = actor(from.uuid("uploaded_by")).unwrap_or(one.uploaded_by);
    one.reviewed_at = from.timestamp("reviewed_at");
    one.legal_hold = from.flag_of("legal_hold")?;
    one.retain_until = from.date("retain_until");
    let (masked, in_clear) = document::number(from.text("document_number"));
    one.number = masked;
    let mut parts = DocumentParts::new(CustomerId::from_uuid(from.uuid_of("customer_id")?), one);
    parts.number_in_clear = in_clear;
    Ok(parts)
}
