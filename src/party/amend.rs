//! Changing who a customer is.

use std::fmt;

use chrono::NaiveDate;

use super::register::{by_itself, by_rules, of_age};
use super::{
    Address, ConsentChange, Customer, Email, Gender, IdentityNumber, PartyKind, Phone, Preferences,
    Refusal, Rules, Segment, Short,
};
use crate::ledger::facts::Moment;
use crate::ledger::{FieldChange, FieldName};
use crate::locale::LanguageTag;

/// A change of one group of fields. `None` takes away what may be taken away.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CustomerChange {
    /// The name, or what it is.
    Name(PartyKind),
    /// The day of birth.
    DateOfBirth(Option<NaiveDate>),
    /// The gender.
    Gender(Option<Gender>),
    /// The e-mail address.
    Email(Option<Email>),
    /// The telephone number.
    Phone(Option<Phone>),
    /// The address.
    Address(Option<Address>),
    /// The occupation.
    Occupation(Option<Short>),
    /// The range of income.
    IncomeRange(Option<Short>),
    /// The segment.
    Segment(Segment),
    /// The preferred language.
    Language(LanguageTag),
    /// Preferences and profile document.
    Preferences(Preferences),
    /// A consent.
    Consent(ConsentChange),
    /// An identifier: added, or put in the place of that of the same scheme.
    Identity(IdentityNumber),
}

impl fmt::Debug for CustomerChange {
    /// Personal data is not printed, a day of birth as little as a name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name(_) => "Name",
            Self::DateOfBirth(_) => "DateOfBirth",
            Self::Gender(_) => "Gender",
            Self::Email(_) => "Email",
            Self::Phone(_) => "Phone",
            Self::Address(_) => "Address",
            Self::Occupation(_) => "Occupation",
            Self::IncomeRange(_) => "IncomeRange",
            Self::Segment(_) => "Segment",
            Self::Language(_) => "Language",
            Self::Preferences(_) => "Preferences",
            Self::Consent(_) => "Consent",
            Self::Identity(_) => "Identity",
        })
    }
}

/// Decides changes, all or none. `None` if all is so already.
///
/// # Errors
/// [`Refusal`]: the customer as it would be, by itself and by the rules.
pub fn decide_amendment(
    customer: &Customer,
    changes: &[CustomerChange],
    rules: &Rules,
    moment: Moment,
) -> Result<Option<(Customer, Vec<FieldChange>)>, Refusal> {
    let mut after = customer.clone();
    let mut fields: Vec<FieldName> = Vec::new();
    for change in changes {
        let field = apply(&mut after, change, moment);
        if !fields.contains(&field) {
            fields.push(field);
        }
    }
    // What a later change of the list took back was not changed.
    fields.retain(|field| differs(*field, customer, &after));
    if fields.is_empty() {
        return Ok(None);
    }
    after.updated_at = moment.now;
    after.unique_email = rules.unique_email;
    by_itself(&after)?;
    by_rules(&after, rules)?;
    if after.date_of_birth != customer.date_of_birth {
        of_age(&after, rules, moment.today)?;
    }
    Ok(Some((after, fields.into_iter().map(FieldChange::of).collect())))
}

/// Whether a field is another one in the end.
fn differs(field: FieldName, before: &Customer, after: &Customer) -> bool {
    match field.as_str() {
        "name" => before.kind != after.kind,
        "date_of_birth" => before.date_of_birth != after.date_of_birth,
        "gender" => before.gender != after.gender,
        "email" => before.email != after.email,
        "phone" => before.phone != after.phone,
        "address" => before.address != after.address,
        "occupation" => before.occupation != after.occupation,
        "income_range" => before.income_range != after.income_range,
        "segment" => before.segment != after.segment,
        "language" => before.language != after.language,
        "preferences" => before.preferences != after.preferences,
        "consents" => before.consents != after.consents,
        _ => before.identities != after.identities,
    }
}

/// Applies a change; returns the name of its field.
fn apply(customer: &mut Customer, change: &CustomerChange, moment: Moment) -> FieldName {
    macro_rules! set {
        ($field:ident = $value:expr) => {{
            customer.$field.clone_from($value);
            FieldName::known(stringify!($field))
        }};
    }
    match change {
        CustomerChange::Name(kind) => {
            customer.kind.clone_from(kind);
            FieldName::known("name")
        }
        CustomerChange::DateOfBirth(value) => set!(date_of_birth = value),
        CustomerChange::Gender(value) => set!(gender = value),
        CustomerChange::Email(value) => set!(email = value),
        CustomerChange::Phone(value) => set!(phone = value),
        CustomerChange::Address(value) => set!(address = value),
        CustomerChange::Occupation(value) => set!(occupation = value),
        CustomerChange::IncomeRange(value) => set!(income_range = value),
        CustomerChange::Segment(value) => set!(segment = value),
        CustomerChange::Language(value) => set!(language = value),
        CustomerChange::Preferences(value) => set!(preferences = value),
        CustomerChange::Consent(change) => {
            if let Some(after) = change.apply(&customer.consents, moment.now) {
                customer.consents = after;
            }
            FieldName::known("consents")
        }
        CustomerChange::Identity(new) => {
            let known = customer.identities.iter_mut().find(|one| one.scheme == new.scheme);
            match known {
                // Sealed anew it is the same number still.
                Some(known) if known.index == new.index => {}
                Some(known) => known.clone_from(new),
                None => customer.identities.push(new.clone()),
            }
            FieldName::known("identities")
        }
    }
}
