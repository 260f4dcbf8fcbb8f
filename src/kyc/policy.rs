//! Which documents prove who a customer is.

use chrono::NaiveDate;

use super::{DocumentKind, KycFile};

/// One thing to be proven, by any one of some kinds of document.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Requirement {
    /// The alternatives. Without any, nothing can ever meet it.
    pub any_of: Vec<DocumentKind>,
}

impl Requirement {
    /// A requirement that any of these kinds meets.
    #[must_use]
    pub fn any_of(kinds: impl IntoIterator<Item = DocumentKind>) -> Self {
        Self { any_of: kinds.into_iter().collect() }
    }
}

/// The policy by which the status of a customer is derived (C12) and documents are accepted.
///
/// All of `required` must be met. A document counts for every requirement that names its kind.
/// A policy that requires nothing approves everybody.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct KycPolicy {
    /// What must be proven.
    pub required: Vec<Requirement>,
    /// Whether a document needs the hash of its bytes (S4-020).
    pub hash_required: bool,
    /// Whether who reviews a document must be another than who handed it in.
    pub four_eyes: bool,
    /// The most bytes of a document.
    pub max_size: u64,
    /// How many years a document must be kept (S4-091: ten).
    pub retain_years: u32,
}

impl KycPolicy {
    /// A policy that requires nothing: everybody is approved.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            required: Vec::new(),
            hash_required: false,
            four_eyes: true,
            max_size: 20_971_520,
            retain_years: 10,
        }
    }

    /// What a person proves by default: identity and address.
    #[must_use]
    pub fn person() -> Self {
        use DocumentKind::{Aadhaar, DriversLicense, NationalId, Pan, Passport};
        Self::none()
            .with_required([NationalId, Passport, DriversLicense, Pan, Aadhaar])
            .with_required(ADDRESS)
    }

    /// What an organisation proves by default: its registration and address.
    #[must_use]
    pub fn organisation() -> Self {
        Self::none().with_required([DocumentKind::CompanyRegistration]).with_required(ADDRESS)
    }

    /// What the fourth requirement document asks for: PAN and Aadhaar, with hashes (S4-020, C35).
    #[must_use]
    pub fn seed_004() -> Self {
        Self::none()
            .with_required([DocumentKind::Pan])
            .with_required([DocumentKind::Aadhaar])
            .with_hash_required(true)
    }

    /// Requires one more thing, by any of these kinds.
    #[must_use]
    pub fn with_required(mut self, kinds: impl IntoIterator<Item = DocumentKind>) -> Self {
        self.required.push(Requirement::any_of(kinds));
        self
    }

    /// Says whether a hash is needed.
    #[must_use]
    pub const fn with_hash_required(mut self, required: bool) -> Self {
        self.hash_required = required;
        self
    }

    /// Says whether who reviews must be another than who handed in.
    #[must_use]
    pub const fn with_four_eyes(mut self, required: bool) -> Self {
        self.four_eyes = required;
        self
    }

    /// Bounds the bytes of a document.
    #[must_use]
    pub const fn with_max_size(mut self, bytes: u64) -> Self {
        self.max_size = bytes;
        self
    }

    /// Says how many years a document is kept.
    #[must_use]
    pub const fn with_retain_years(mut self, years: u32) -> Self {
        self.retain_years = years;
        self
    }

    /// What is not proven on a day: what a screen asks the customer for.
    pub fn missing<'a>(
        &'a self,
        file: &'a KycFile,
        today: NaiveDate,
    ) -> impl Iterator<Item = &'a Requirement> {
        self.required.iter().filter(move |one| super::derive::holds(file, one, today).is_none())
    }
}

const ADDRESS: [DocumentKind; 3] =
    [DocumentKind::UtilityBill, DocumentKind::BankStatement, DocumentKind::ProofOfAddress];

impl Default for KycPolicy {
    fn default() -> Self {
        Self::person()
    }
}

/// The policies of a bank, by kind of customer.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct KycPolicies {
    /// For persons.
    pub person: KycPolicy,
    /// For organisations.
    pub organisation: KycPolicy,
}

impl Default for KycPolicies {
    fn default() -> Self {
        Self { person: KycPolicy::person(), organisation: KycPolicy::organisation() }
    }
}
