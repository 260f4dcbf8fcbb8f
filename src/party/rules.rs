//! What a bank asks of a customer's data (C14, C16, C17, C18).

use super::IdScheme;

/// Which fields must be there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Required {
    /// A person's name in parts.
    pub structured_name: bool,
    /// The day of birth of a person.
    pub date_of_birth: bool,
    /// The e-mail address.
    pub email: bool,
    /// The telephone number.
    pub phone: bool,
    /// An address with a line and a city.
    pub address: bool,
    /// In the address, the postal code.
    pub postal_code: bool,
    /// In the address, the country, by its code.
    pub country_code: bool,
}

/// The rules about who a customer is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rules {
    /// What must be there.
    pub required: Required,
    /// Whether an e-mail address stands once.
    pub unique_email: bool,
    /// The least age of a person, in years, on the business date of the registration; 0 for none.
    pub min_age: u32,
    /// Which identifiers a person must give.
    pub identities: Vec<IdScheme>,
    /// Whether organisations may be customers.
    pub organisations: bool,
}

impl Default for Rules {
    /// An adult with a day of birth and an e-mail address of their own.
    fn default() -> Self {
        let required = Required { date_of_birth: true, email: true, ..Required::default() };
        let (unique_email, min_age, identities) = (true, 18, Vec::new());
        Self { required, unique_email, min_age, identities, organisations: true }
    }
}

impl Rules {
    /// Sets what must be there.
    #[must_use]
    pub const fn with_required(mut self, required: Required) -> Self {
        self.required = required;
        self
    }

    /// Says whether an e-mail address stands once.
    #[must_use]
    pub const fn with_unique_email(mut self, unique: bool) -> Self {
        self.unique_email = unique;
        self
    }

    /// Sets the least age.
    #[must_use]
    pub const fn with_min_age(mut self, years: u32) -> Self {
        self.min_age = years;
        self
    }

    /// Asks for an identifier.
    #[must_use]
    pub fn with_identity(mut self, scheme: IdScheme) -> Self {
        self.identities.push(scheme);
        self
    }
}
