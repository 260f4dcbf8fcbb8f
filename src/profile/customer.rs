//! What the customer rows of all profiles have in common.

use chrono::NaiveDate;

use super::export::{Exported, Reader, Writer};
use super::{Profile, Refusal, Row, s0, s1, s2, s3, s4};
use crate::id::{CustomerId, DocumentId};
use crate::kyc::{AmlStatus, KycFile, KycStatus, PepStatus, RiskLevel, Standing};
use crate::ledger::facts::Moment;
use crate::locale::LanguageTag;
use crate::party::{
    Address, City, Consent, ConsentChange, Customer, CustomerNumber, IdScheme, Line, NationalId,
    NewCustomer, PartOfName, PartyKind, PersonName, Preferences, Segment,
};
use crate::privacy::Sensitive;
use crate::time::Timestamp;

/// All that the documents' customer rows say: who somebody is, where they stand, their file, and
/// what the model does not keep with them.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CustomerParts {
    /// Who it is.
    pub customer: Customer,
    /// Where it stands.
    pub standing: Standing,
    /// Its documents.
    pub file: KycFile,
    /// When it was deleted; without it, a deleted customer was deleted when it changed last.
    pub deleted_at: Option<Timestamp>,
    /// The hash of its password (S3-013), which is kept by whoever signs it in. Without it a row
    /// says `!`, which is no hash of anything.
    pub password_hash: Option<Sensitive<String>>,
    /// Identifiers that a row held in clear: to be registered, never exported.
    pub in_clear: Vec<NationalId>,
    /// Identifiers of which a row held a token only.
    pub tokens: Vec<(IdScheme, String)>,
    /// Numbers of documents that a row held in clear: to be sealed.
    pub document_numbers: Vec<(DocumentId, Sensitive<String>)>,
}

impl CustomerParts {
    /// A customer with its standing and file.
    #[must_use]
    pub fn new(customer: Customer, standing: Standing, file: KycFile) -> Self {
        let (deleted_at, password_hash) = (None, None);
        let (in_clear, tokens, document_numbers) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            customer,
            standing,
            file,
            deleted_at,
            password_hash,
            in_clear,
            tokens,
            document_numbers,
        }
    }

    /// The request that registers it: what was read from a row, with the identifiers that were in
    /// clear.
    #[must_use]
    pub fn request(&self) -> NewCustomer {
        let from = &self.customer;
        let mut new = match &from.kind {
            PartyKind::Person(name) => NewCustomer::person(name.clone()),
            PartyKind::Organisation(name) => NewCustomer::organisation(name.clone()),
        };
        (new.id, new.number) = (Some(from.id), Some(from.number.clone()));
        (new.date_of_birth, new.gender) = (from.date_of_birth, from.gender);
        (new.email, new.phone) = (from.email.clone(), from.phone.clone());
        new.address.clone_from(&from.address);
        new.occupation.clone_from(&from.occupation);
        new.income_range.clone_from(&from.income_range);
        (new.segment, new.language) = (from.segment, Some(from.language));
        new.preferences = from.preferences.clone();
        let standing = from.consents.iter().filter(|one| one.stands());
        new.consents = standing
            .map(|one| ConsentChange::Grant {
                purpose: one.purpose.clone(),
                version: one.version.clone(),
                channel: one.channel,
                evidence: one.evidence.clone(),
            })
            .collect();
        new.identities.clone_from(&self.in_clear);
        new
    }

    /// A customer of whom a row says no more than these.
    pub(super) fn read(
        profile: Profile,
        id: CustomerId,
        name: PersonName,
        (created_at, updated_at): (Option<Timestamp>, Option<Timestamp>),
        moment: Moment,
    ) -> Self {
        let customer = Customer {
            id,
            number: CustomerNumber::generate(*id.as_uuid().as_bytes()),
            kind: PartyKind::Person(name),
            date_of_birth: None,
            gender: None,
            email: None,
            unique_email: profile.rules().party.unique_email,
            phone: None,
            address: None,
            occupation: None,
            income_range: None,
            segment: Segment::default(),
            language: LanguageTag::ENGLISH,
            preferences: Preferences::default(),
            consents: Vec::new(),
            identities: Vec::new(),
            created_at: created_at.unwrap_or(moment.now),
            updated_at: updated_at.or(created_at).unwrap_or(moment.now),
        };
        let standing = Standing::new(id).with_onboarding(crate::party::Onboarding::Approved);
        Self::new(customer, standing, KycFile::new(id))
    }
}

impl Profile {
    /// Exports a customer on a business date.
    ///
    /// # Errors
    /// [`Refusal`]: what the profile cannot say.
    pub fn export_customer(
        self,
        parts: &CustomerParts,
        today: NaiveDate,
    ) -> Result<Exported, Refusal> {
        match self {
            Self::S0 => s0::export_customer(parts),
            Self::S1 => s1::customer::export(parts, today),
            Self::S2 => s2::export_customer(parts, today),
            Self::S3 => s3::export_customer(parts),
            Self::S4 => s4::export_customer(parts),
        }
    }

    /// Imports a customer. Columns that are not given hold their defaults, as in a database.
    ///
    /// # Errors
    /// [`Refusal`]: what the table does not take, or the model does not know.
    pub fn import_customer(self, row: &Row, moment: Moment) -> Result<CustomerParts, Refusal> {
        match self {
            Self::S0 => s0::import_customer(row, moment),
            Self::S1 => s1::customer::import(row, moment),
            Self::S2 => s2::import_customer(row, moment),
            Self::S3 => s3::import_customer(row, moment),
            Self::S4 => s4::import_customer(row, moment),
        }
    }
}

/// Writes first and last name, and the middle name where there is a column for it.
pub(super) fn put_name(
    to: &mut Writer,
    customer: &Customer,
    middle_column: bool,
) -> Result<(), Refusal> {
    let PartyKind::Person(PersonName::Structured { first, middle, last }) = &customer.kind else {
        return Err(Refusal::NameUnsayable);
    };
    to.put("first_name", first.as_str());
    to.put("last_name", last.as_str());
    if middle_column {
        to.put("middle_name", middle.as_ref().map(PartOfName::as_str));
    } else {
        to.left_out(middle.is_some(), "name.middle");
    }
    Ok(())
}

/// Reads first, middle and last name.
pub(super) fn name(from: &Reader) -> Result<PersonName, Refusal> {
    let first = from.parse_of("first_name", PartOfName::new)?;
    let middle = from.parse("middle_name", PartOfName::new)?;
    let last = from.parse_of("last_name", PartOfName::new)?;
    Ok(PersonName::Structured { first, middle, last })
}

/// Notes what the profile does not say of a customer: all that is there and not named in `said`.
pub(super) fn losses(to: &mut Writer, parts: &CustomerParts, said: &[&str]) {
    let (who, stands) = (&parts.customer, &parts.standing);
    let number = CustomerNumber::generate(*who.id.as_uuid().as_bytes());
    let address = who.address.clone().unwrap_or_default();
    let preferences = &who.preferences;
    let marketing = |one: &Consent| one.purpose.as_str() == Consent::MARKETING;
    let accepted = stands.onboarding == crate::party::Onboarding::Approved;
    let active = stands.lifecycle == crate::party::Lifecycle::Active;
    let fields = [
        // A number that was made of the id is made again.
        (who.number != number, "number"),
        (who.date_of_birth.is_some(), "date_of_birth"),
        (who.gender.is_some(), "gender"),
        (who.phone.is_some(), "phone"),
        (!address.lines.is_empty(), "address.lines"),
        (address.city.is_some(), "address.city"),
        (address.region.is_some(), "address.region"),
        (address.postal_code.is_some(), "address.postal_code"),
        (address.country.is_some(), "address.country"),
        (who.occupation.is_some(), "occupation"),
        (who.income_range.is_some(), "income_range"),
        (who.segment != Segment::Retail, "segment"),
        (who.language != LanguageTag::ENGLISH, "language"),
        (preferences.avatar.is_some(), "preferences.avatar"),
        (preferences.theme.is_some(), "preferences.theme"),
        (preferences.notifications.is_some(), "preferences.notifications"),
        (!preferences.communication.is_empty(), "preferences.communication"),
        (who.consents.iter().any(marketing), "consents.marketing"),
        (who.consents.iter().any(|one| !marketing(one)), "consents"),
        (who.identity("ssn").is_some(), "identities.ssn"),
        (who.identity("pan").is_some(), "identities.pan"),
        (who.identity("aadhaar").is_some(), "identities.aadhaar"),
        (
            who.identities.iter().any(|one| matches!(one.scheme, IdScheme::Other(_))),
            "identities.other",
        ),
        (!accepted, "onboarding"),
        (!active, "lifecycle"),
        (stands.kyc != KycStatus::Pending, "kyc"),
        (stands.aml != AmlStatus::Clear, "aml"),
        (stands.pep != PepStatus::Clear, "pep"),
        (stands.risk != RiskLevel::Medium, "risk"),
        (stands.deleted, "deleted"),
        (!parts.file.documents.is_empty(), "documents"),
        (!parts.file.screenings.is_empty(), "screenings"),
        (parts.file.verified_at.is_some(), "verified_at"),
    ];
    for (is, field) in fields {
        to.left_out(is && !said.contains(&field), field);
    }
}

/// An address of lines and what stands in the column `city`.
pub(super) fn address(
    from: &Reader,
    lines: impl IntoIterator<Item = Option<Line>>,
) -> Result<Address, Refusal> {
    let mut address = Address::default();
    address.lines.extend(lines.into_iter().flatten());
    address.city = from.parse("city", City::new)?;
    Ok(address)
}

/// An address in which something stands.
pub(super) fn filled(address: Address) -> Option<Address> {
    (address != Address::default()).then_some(address)
}
