//! 001 `customers`.
//!
//! - `ssn_encrypted` is the ciphertext as this bank sealed it, `ssn_hash` the blind index in
//!   hexadecimal: a bare SHA-256 of nine digits is guessed in seconds (C18).
//! - `id_document_*` is one document: the first that was approved of the three kinds, otherwise the
//!   last that came. Its number is masked.
//! - `street_address` is the lines, joined by commas.

use chrono::NaiveDate;

use crate::id::CustomerId;
use crate::kyc::{Document, DocumentUri, KycStatus};
use crate::ledger::Channel;
use crate::ledger::facts::Moment;
use crate::locale::CountryCode;
use crate::party::{
    Code, Consent, Country, Email, IdScheme, IdentityNumber, Line, Phone, PostalCode, Preferences,
    Region, Short,
};
use crate::privacy::{BlindIndex, Sealed};
use crate::profile::customer::{CustomerParts, address, filled, losses, name, put_name};
use crate::profile::document::{bare, number, put_number};
use crate::profile::export::{Exported, Reader, Writer, hex, unhex};
use crate::profile::tables::s1::CUSTOMERS;
use crate::profile::{Profile, Refusal, Row};

const PROFILE: Profile = Profile::S1;

const SAID: &[&str] = &[
    "date_of_birth",
    "gender",
    "phone",
    "address.lines",
    "address.city",
    "address.region",
    "address.postal_code",
    "address.country",
    "segment",
    "language",
    "preferences.communication",
    "consents.marketing",
    "identities.ssn",
    "onboarding",
    "lifecycle",
    "kyc",
    "aml",
    "pep",
    "risk",
    "deleted",
    "documents",
    "verified_at",
];

/// Where the bytes of a document lie of which only the customer's row tells.
const NOWHERE: &str = "urn:corebank:not-kept";
/// The version of the text to which a row's bare `marketing_consent` agreed.
const VERSION: &str = "001";

pub(in crate::profile) fn export(
    parts: &CustomerParts,
    today: NaiveDate,
) -> Result<Exported, Refusal> {
    let (who, stands) = (&parts.customer, &parts.standing);
    let mut to = Writer::new(&CUSTOMERS);
    to.put("customer_id", who.id.as_uuid());
    to.put("email", who.email.as_ref().map(Email::as_str));
    to.put("phone", who.phone.as_ref().map(Phone::as_str));
    put_name(&mut to, who, true)?;
    to.put("date_of_birth", who.date_of_birth);
    if let Some(gender) = who.gender {
        to.say("gender", PROFILE.gender(), gender)?;
    }
    put_address(&mut to, parts);
    to.say("kyc_status", PROFILE.customer_kyc(), stands.kyc_on(today))?;
    to.put("kyc_verification_date", parts.file.verified_at);
    to.say("aml_status", PROFILE.aml_status(), stands.aml)?;
    to.say("pep_status", PROFILE.pep_status(), stands.pep)?;
    to.say("risk_level", PROFILE.risk_level(), stands.risk)?;
    if let Some(ssn) = who.identity("ssn") {
        to.put("ssn_encrypted", ssn.sealed.as_ref().map(|one| one.as_bytes().to_vec()));
        to.put("ssn_hash", hex(ssn.index.as_bytes()));
    }
    put_document(&mut to, parts)?;
    let state = (stands.onboarding, stands.lifecycle);
    to.say("status", PROFILE.customer_status(), state)?;
    to.say("customer_segment", PROFILE.segment(), who.segment)?;
    to.put("created_at", who.created_at);
    to.put("updated_at", who.updated_at);
    let deleted = parts.deleted_at.unwrap_or(who.updated_at);
    to.put("deleted_at", stands.deleted.then_some(deleted));
    to.put("preferred_language", who.language.as_str());
    to.put("marketing_consent", who.consents_to(Consent::MARKETING));
    let wishes = &who.preferences.communication;
    let wishes = (!wishes.is_empty()).then(|| serde_json::to_value(wishes).unwrap_or_default());
    to.put("communication_preferences", wishes);
    losses(&mut to, parts, SAID);
    to.finish()
}

fn put_address(to: &mut Writer, parts: &CustomerParts) {
    let Some(at) = &parts.customer.address else { return };
    let lines: Vec<&str> = at.lines.iter().map(Line::as_str).collect();
    to.fell_back(lines.len() > 1, "street_address");
    to.put("street_address", (!lines.is_empty()).then(|| lines.join(", ")));
    to.put("city", at.city.as_ref().map(|one| one.as_str()));
    to.put("state_province", at.region.as_ref().map(Region::as_str));
    to.put("postal_code", at.postal_code.as_ref().map(PostalCode::as_str));
    match &at.country {
        Some(Country::Code(code)) => to.put("country_code", code.alpha2()),
        // A country in words has no code: the column stays empty and is refused.
        Some(Country::Written(_)) | None => {}
    }
}

fn put_document(to: &mut Writer, parts: &CustomerParts) -> Result<(), Refusal> {
    let labels = PROFILE.document_kind();
    let sayable = |one: &&Document| labels.is_some_and(|labels| labels.say(one.kind).is_ok());
    let mut of_three = parts.file.documents.iter().filter(sayable);
    let approved = of_three.clone().find(|one| one.status == KycStatus::Approved);
    let Some(document) = approved.or_else(|| of_three.next_back()) else {
        to.left_out(!parts.file.documents.is_empty(), "documents");
        return Ok(());
    };
    to.left_out(parts.file.documents.len() > 1, "documents");
    to.say("id_document_type", labels, document.kind)?;
    let in_clear = parts.document_numbers.iter().find(|(id, _)| *id == document.id);
    put_number(to, "id_document_number", document, in_clear.map(|(_, number)| number));
    to.put("id_expiry_date", document.expires_on);
    Ok(())
}

pub(in crate::profile) fn import(row: &Row, moment: Moment) -> Result<CustomerParts, Refusal> {
    let from = Reader::new(&CUSTOMERS, row, moment.now)?;
    let id = CustomerId::from_uuid(from.uuid_of("customer_id")?);
    let times = (from.timestamp("created_at"), from.timestamp("updated_at"));
    let mut parts = CustomerParts::read(PROFILE, id, name(&from)?, times, moment);
    let who = &mut parts.customer;
    who.email = from.parse("email", Email::new)?;
    who.phone = from.parse("phone", Phone::new)?;
    who.date_of_birth = from.date("date_of_birth");
    who.gender = from.state("gender", PROFILE.gender())?;
    let mut at = address(&from, [from.parse("street_address", Line::new)?])?;
    at.region = from.parse("state_province", Region::new)?;
    at.postal_code = from.parse("postal_code", PostalCode::new)?;
    at.country = from.parse("country_code", str::parse::<CountryCode>)?.map(Country::Code);
    who.address = filled(at);
    who.segment = from.state("customer_segment", PROFILE.segment())?.unwrap_or_default();
    who.language = from.parse("preferred_language", str::parse)?.unwrap_or(who.language);
    who.preferences = wishes(&from)?;
    if from.flag("marketing_consent") == Some(true) {
        let code = |text| Code::new(text).map_err(|_| from.malformed("marketing_consent", "code"));
        let (purpose, version) = (code(Consent::MARKETING)?, code(VERSION)?);
        let (granted_at, channel) = (who.created_at, Channel::SYSTEM);
        let (withdrawn_at, evidence) = (None, None);
        who.consents =
            vec![Consent { purpose, version, granted_at, withdrawn_at, channel, evidence }];
    }
    who.identities = vec![ssn(&from)?];
    let stands = &mut parts.standing;
    stands.kyc = from.state("kyc_status", PROFILE.customer_kyc())?.unwrap_or_default();
    stands.aml = from.state("aml_status", PROFILE.aml_status())?.unwrap_or_default();
    stands.pep = from.state("pep_status", PROFILE.pep_status())?.unwrap_or_default();
    stands.risk = from.state("risk_level", PROFILE.risk_level())?.unwrap_or_default();
    if let Some((onboarding, lifecycle)) = from.state("status", PROFILE.customer_status())? {
        (stands.onboarding, stands.lifecycle) = (onboarding, lifecycle);
    }
    parts.deleted_at = from.timestamp("deleted_at");
    stands.deleted = parts.deleted_at.is_some();
    parts.file.verified_at = from.timestamp("kyc_verification_date");
    parts.file.ever_approved = matches!(stands.kyc, KycStatus::Approved | KycStatus::Expired);
    document(&from, &mut parts)?;
    Ok(parts)
}

/// The number as this bank sealed it; what others sealed cannot be opened here.
fn ssn(from: &Reader) -> Result<IdentityNumber, Refusal> {
    let sealed = Sealed::from_bytes(from.bytes_of("ssn_encrypted")?);
    let sealed = sealed.map_err(|_| from.foreign("ssn_encrypted"))?;
    let index = unhex(&from.text_of("ssn_hash")?).ok_or_else(|| from.foreign("ssn_hash"))?;
    let (scheme, masked) = (IdScheme::Ssn, "*".repeat(9));
    let (sealed, index) = (Some(sealed), BlindIndex::from_bytes(index));
    Ok(IdentityNumber { scheme, sealed, index, masked })
}

fn wishes(from: &Reader) -> Result<Preferences, Refusal> {
    let column = "communication_preferences";
    let malformed = || from.malformed(column, "preferences_malformed");
    let mut preferences = Preferences::default();
    let Some(json) = from.json(column) else { return Ok(preferences) };
    for (key, value) in json.as_object().ok_or_else(malformed)? {
        let key = Code::new(key).map_err(|_| malformed())?;
        let value = value.as_str().and_then(|text| Short::new(text).ok()).ok_or_else(malformed)?;
        preferences = preferences.with_communication(&key, value);
    }
    if preferences.communication.len() > Preferences::MAX {
        return Err(malformed());
    }
    Ok(preferences)
}

fn document(from: &Reader, parts: &mut CustomerParts) -> Result<(), Refusal> {
    let (text, expires_on) = (from.text("id_document_number"), from.date("id_expiry_date"));
    let Some(kind) = from.state("id_document_type", PROFILE.document_kind())? else {
        if text.is_some() || expires_on.is_some() {
            let (table, column) = (CUSTOMERS.name, "id_document_type");
            return Err(Refusal::ValueMissing { table, column });
        }
        return Ok(());
    };
    let nowhere =
        DocumentUri::new(NOWHERE).map_err(|_| from.malformed("id_document_type", "uri"))?;
    let (id, at) = (parts.customer.id.as_uuid(), parts.customer.created_at);
    let mut document = bare(from, id, kind, nowhere, at)?;
    document.expires_on = expires_on;
    if parts.standing.kyc == KycStatus::Approved {
        document.status = KycStatus::Approved;
        document.reviewed_at = parts.file.verified_at;
    }
    let (masked, in_clear) = number(text);
    document.number = masked;
    parts.document_numbers.extend(in_clear.map(|number| (document.id, number)));
    parts.file.documents.push(document);
    Ok(())
}
