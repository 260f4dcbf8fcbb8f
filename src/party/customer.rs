//! Customers.

use std::fmt;

use chrono::NaiveDate;

use super::{
    Address, Consent, CustomerNumber, Email, IdentityNumber, PersonName, Phone, Preferences, Short,
    WholeName,
};
use crate::id::CustomerId;
use crate::ledger::EntityKind;
use crate::locale::LanguageTag;
use crate::time::Timestamp;

/// What a customer is, with the name that it has.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PartyKind {
    /// A person.
    Person(PersonName),
    /// An organisation, by its legal name.
    Organisation(WholeName),
}

impl PartyKind {
    /// The whole name.
    #[must_use]
    pub fn full_name(&self) -> String {
        match self {
            Self::Person(name) => name.full(),
            Self::Organisation(name) => name.as_str().to_owned(),
        }
    }

    /// Whether it is a person.
    #[must_use]
    pub const fn is_person(&self) -> bool {
        matches!(self, Self::Person(_))
    }
}

/// The gender of a person (S1-050).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Gender {
    /// Male.
    Male,
    /// Female.
    Female,
    /// Other.
    Other,
    /// Not said.
    NotSaid,
}

/// The segment of a customer (S1-057).
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Segment {
    /// Private customers.
    #[default]
    Retail,
    /// Small and medium enterprises.
    Sme,
    /// Corporations.
    Corporate,
}

/// Who a customer is. All but id and number is personal data, and `Debug` prints none of it.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Customer {
    /// The id.
    pub id: CustomerId,
    /// The number by which the bank and the customer speak of it.
    pub number: CustomerNumber,
    /// What it is, with its name.
    pub kind: PartyKind,
    /// The day of birth of a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_of_birth: Option<NaiveDate>,
    /// The gender of a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gender: Option<Gender>,
    /// The e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// Whether no other customer may have the same address: the rule when it was written.
    pub unique_email: bool,
    /// The telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// The address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// The occupation (S2-018).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occupation: Option<Short>,
    /// The range of income (S2-018).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub income_range: Option<Short>,
    /// The segment.
    pub segment: Segment,
    /// The preferred language (C42).
    pub language: LanguageTag,
    /// Preferences and profile document.
    pub preferences: Preferences,
    /// Consents, in the order in which they were given.
    pub consents: Vec<Consent>,
    /// National identifiers, at most one of a scheme.
    pub identities: Vec<IdentityNumber>,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

impl fmt::Debug for Customer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (id, number) = (&self.id, &self.number);
        f.debug_struct("Customer").field("id", id).field("number", number).finish_non_exhaustive()
    }
}

impl Customer {
    /// What the journal calls it.
    pub const KIND: EntityKind = EntityKind::known(Self::KIND_TEXT);
    pub(crate) const KIND_TEXT: &'static str = "customer";

    /// The whole name.
    #[must_use]
    pub fn full_name(&self) -> String {
        self.kind.full_name()
    }

    /// Whether a consent for a purpose stands.
    #[must_use]
    pub fn consents_to(&self, purpose: &str) -> bool {
        self.consents.iter().any(|one| one.purpose.as_str() == purpose && one.stands())
    }

    /// The identifier of a scheme, by its code.
    #[must_use]
    pub fn identity(&self, scheme: &str) -> Option<&IdentityNumber> {
        self.identities.iter().find(|one| one.scheme.code() == scheme)
    }

    /// The age in whole years on a day; none without a day of birth.
    ///
    /// Who was born on 29 February is a year older on 1 March of a common year, as in the law of
    /// the United Kingdom (and of PostgreSQL's `age`, which S1-076 asks).
    #[must_use]
    pub fn age_on(&self, day: NaiveDate) -> Option<u32> {
        day.years_since(self.date_of_birth?)
    }
}
