//! Registering customers.

use std::fmt;

use chrono::NaiveDate;

use super::{
    Address, Consent, ConsentChange, Country, Customer, CustomerNumber, Email, Gender, IdScheme,
    IdentityNumber, NationalId, PartyKind, PersonName, Phone, Preferences, Refusal, Rules, Segment,
    Short, WholeName,
};
use crate::id::CustomerId;
use crate::ledger::facts::Moment;
use crate::locale::LanguageTag;

/// A customer to be registered. Identifiers are in clear here and have no wire form.
#[derive(Clone, serde::Serialize)]
#[non_exhaustive]
pub struct NewCustomer {
    /// The caller's id, which makes the request repeatable; `None` takes a fresh one.
    pub id: Option<CustomerId>,
    /// The number; `None` lets the bank choose.
    pub number: Option<CustomerNumber>,
    /// What it is, with its name.
    pub kind: PartyKind,
    /// The day of birth of a person.
    pub date_of_birth: Option<NaiveDate>,
    /// The gender of a person.
    pub gender: Option<Gender>,
    /// The e-mail address.
    pub email: Option<Email>,
    /// The telephone number.
    pub phone: Option<Phone>,
    /// The address.
    pub address: Option<Address>,
    /// The occupation.
    pub occupation: Option<Short>,
    /// The range of income.
    pub income_range: Option<Short>,
    /// The segment.
    pub segment: Segment,
    /// The preferred language; `en` if nothing is said (C42).
    pub language: Option<LanguageTag>,
    /// Preferences and profile document.
    pub preferences: Preferences,
    /// Consents that are given with the registration.
    pub consents: Vec<ConsentChange>,
    /// National identifiers.
    #[serde(skip)]
    pub identities: Vec<NationalId>,
}

macro_rules! setters {
    ($($with:ident $field:ident: $type:ty, $what:literal;)*) => {$(
        #[doc = concat!("With ", $what, ".")]
        #[must_use]
        pub fn $with(mut self, value: $type) -> Self {
            self.$field = Some(value);
            self
        }
    )*};
}

impl fmt::Debug for NewCustomer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewCustomer").field("id", &self.id).finish_non_exhaustive()
    }
}

impl NewCustomer {
    /// A person.
    #[must_use]
    pub fn person(name: PersonName) -> Self {
        Self::new(PartyKind::Person(name))
    }

    /// An organisation.
    #[must_use]
    pub fn organisation(name: WholeName) -> Self {
        Self::new(PartyKind::Organisation(name))
    }

    fn new(kind: PartyKind) -> Self {
        Self {
            id: None,
            number: None,
            kind,
            date_of_birth: None,
            gender: None,
            email: None,
            phone: None,
            address: None,
            occupation: None,
            income_range: None,
            segment: Segment::default(),
            language: None,
            preferences: Preferences::default(),
            consents: Vec::new(),
            identities: Vec::new(),
        }
    }

    setters! {
        with_id id: CustomerId, "the caller's id";
        with_number number: CustomerNumber, "a number";
        with_date_of_birth date_of_birth: NaiveDate, "a day of birth";
        with_gender gender: Gender, "a gender";
        with_email email: Email, "an e-mail address";
        with_phone phone: Phone, "a telephone number";
        with_address address: Address, "an address";
        with_occupation occupation: Short, "an occupation";
        with_income_range income_range: Short, "a range of income";
        with_language language: LanguageTag, "a preferred language";
    }

    /// In a segment.
    #[must_use]
    pub const fn with_segment(mut self, segment: Segment) -> Self {
        self.segment = segment;
        self
    }

    /// With preferences.
    #[must_use]
    pub fn with_preferences(mut self, preferences: Preferences) -> Self {
        self.preferences = preferences;
        self
    }

    /// With a consent.
    #[must_use]
    pub fn with_consent(mut self, consent: ConsentChange) -> Self {
        self.consents.push(consent);
        self
    }

    /// With a national identifier.
    #[must_use]
    pub fn with_identity(mut self, id: NationalId) -> Self {
        self.identities.push(id);
        self
    }
}

/// Decides a registration. That number, e-mail address and identifiers are nobody else's is judged
/// by who can see the others.
///
/// # Errors
/// [`Refusal`]: the request by itself, then what the rules ask for.
pub fn decide_registration(
    id: CustomerId,
    number: CustomerNumber,
    new: &NewCustomer,
    identities: Vec<IdentityNumber>,
    rules: &Rules,
    moment: Moment,
) -> Result<Customer, Refusal> {
    let mut consents: Vec<Consent> = Vec::new();
    for change in &new.consents {
        consents = change.apply(&consents, moment.now).unwrap_or(consents);
    }
    let customer = Customer {
        id,
        number,
        kind: new.kind.clone(),
        date_of_birth: new.date_of_birth,
        gender: new.gender,
        email: new.email.clone(),
        unique_email: rules.unique_email,
        phone: new.phone.clone(),
        address: new.address.clone(),
        occupation: new.occupation.clone(),
        income_range: new.income_range.clone(),
        segment: new.segment,
        language: new.language.unwrap_or_default(),
        preferences: new.preferences.clone(),
        consents,
        identities,
        created_at: moment.now,
        updated_at: moment.now,
    };
    by_itself(&customer)?;
    by_rules(&customer, rules)?;
    of_age(&customer, rules, moment.today)?;
    Ok(customer)
}

/// What makes no sense, whatever the rules.
pub(super) fn by_itself(customer: &Customer) -> Result<(), Refusal> {
    let lines = customer.address.as_ref().map_or(0, |address| address.lines.len());
    if lines > Address::MAX_LINES {
        return Err(Refusal::AddressTooLong { max: Address::MAX_LINES });
    }
    if customer.preferences.communication.len() > Preferences::MAX {
        return Err(Refusal::TooManyPreferences { max: Preferences::MAX });
    }
    if customer.consents.len() > Consent::MAX {
        return Err(Refusal::TooManyPreferences { max: Consent::MAX });
    }
    for (at, one) in customer.identities.iter().enumerate() {
        if customer.identities.iter().skip(at.saturating_add(1)).any(|two| two.scheme == one.scheme)
        {
            return Err(Refusal::IdentifierRepeated { scheme: one.scheme.to_string() });
        }
    }
    let personal = customer.date_of_birth.is_some() || customer.gender.is_some();
    if !customer.kind.is_person() && personal {
        return Err(Refusal::NotAPerson);
    }
    Ok(())
}

/// What the rules ask for, but for the age, which is judged once.
pub(super) fn by_rules(customer: &Customer, rules: &Rules) -> Result<(), Refusal> {
    let (person, required) = (customer.kind.is_person(), &rules.required);
    if !person && !rules.organisations {
        return Err(Refusal::OrganisationNotTaken);
    }
    let whole = matches!(customer.kind, PartyKind::Person(PersonName::Full(_)));
    let address = customer.address.as_ref();
    let street = address.is_some_and(|one| !one.lines.is_empty() && one.city.is_some());
    let country = address.and_then(|one| one.country.as_ref());
    let missing = [
        (required.structured_name && whole, "name.first"),
        (required.date_of_birth && person && customer.date_of_birth.is_none(), "date_of_birth"),
        (required.email && customer.email.is_none(), "email"),
        (required.phone && customer.phone.is_none(), "phone"),
        (required.address && !street, "address"),
        (
            required.postal_code && address.is_none_or(|one| one.postal_code.is_none()),
            "address.postal_code",
        ),
        (required.country_code && !matches!(country, Some(Country::Code(_))), "address.country"),
    ];
    if let Some((_, field)) = missing.into_iter().find(|(missing, _)| *missing) {
        return Err(Refusal::FieldMissing { field });
    }
    let has = |scheme: &IdScheme| customer.identities.iter().any(|one| one.scheme == *scheme);
    match rules.identities.iter().find(|scheme| person && !has(scheme)) {
        Some(scheme) => Err(Refusal::IdentifierMissing { scheme: scheme.to_string() }),
        None => Ok(()),
    }
}

/// Old enough on the business date (S1-076).
pub(super) fn of_age(customer: &Customer, rules: &Rules, today: NaiveDate) -> Result<(), Refusal> {
    let Some(born) = customer.date_of_birth else { return Ok(()) };
    if born > today {
        return Err(Refusal::BornInFuture { today });
    }
    match customer.age_on(today) {
        Some(age) if age >= rules.min_age => Ok(()),
        _ => Err(Refusal::UnderAge { min_age: rules.min_age, today }),
    }
}
