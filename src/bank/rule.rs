//! The rules above the ledger: how a bank is told them, and what is said when one refuses.

use crate::privacy::PrivacyError;
use crate::{account, kyc, party, product};

/// A refusal of a rule about people, products or customers' accounts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rule {
    /// About who a customer is.
    #[error(transparent)]
    Party(#[from] party::Refusal),
    /// About documents, screening and the gate.
    #[error(transparent)]
    Kyc(#[from] kyc::Refusal),
    /// About products.
    #[error(transparent)]
    Product(#[from] product::Refusal),
    /// About customers' accounts.
    #[error(transparent)]
    Account(#[from] account::Refusal),
    /// About keys and ciphertexts.
    #[error(transparent)]
    Privacy(#[from] PrivacyError),
}

impl Rule {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Party(refusal) => refusal.code(),
            Self::Kyc(refusal) => refusal.code(),
            Self::Product(refusal) => refusal.code(),
            Self::Account(refusal) => refusal.code(),
            Self::Privacy(error) => error.code(),
        }
    }

    /// Whether the same request may succeed later without being changed.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        match self {
            Self::Party(refusal) => refusal.is_passing(),
            Self::Kyc(refusal) => refusal.is_passing(),
            Self::Product(refusal) => refusal.is_passing(),
            Self::Account(refusal) => refusal.is_passing(),
            Self::Privacy(error) => error.is_passing(),
        }
    }
}

macro_rules! errors_of_rooms {
    ($($room:ident),*) => {$(
        impl From<$room::Refusal> for super::Error {
            fn from(refusal: $room::Refusal) -> Self {
                Self::Rule(Rule::from(refusal))
            }
        }
    )*};
}
errors_of_rooms!(party, kyc, product, account);

impl From<PrivacyError> for super::Error {
    fn from(error: PrivacyError) -> Self {
        Self::Rule(Rule::from(error))
    }
}

/// Whether a new customer waits for an approval.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Onboarding {
    /// A new customer waits for somebody to approve.
    #[default]
    ByApproval,
    /// A new customer is accepted at once; the gate still asks for the rest.
    AtOnce,
}

/// What a bank decides by, above the ledger. A profile brings a set of them; see
/// [`profile`](crate::profile).
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Rules {
    /// About who a customer is.
    pub party: party::Rules,
    /// Which documents a customer must hand in.
    pub kyc: kyc::KycPolicies,
    /// Whether a new customer waits for an approval (S4-069) or is accepted at once.
    pub onboarding: Onboarding,
    /// What a customer's standing lets through.
    pub gate: kyc::Gate,
    /// About customers' accounts.
    pub account: account::Rules,
}

impl Rules {
    /// Sets the rules about who a customer is.
    #[must_use]
    pub fn with_party(mut self, rules: party::Rules) -> Self {
        self.party = rules;
        self
    }

    /// Sets which documents a customer must hand in.
    #[must_use]
    pub fn with_kyc(mut self, policies: kyc::KycPolicies) -> Self {
        self.kyc = policies;
        self
    }

    /// Says whether a new customer waits for an approval.
    #[must_use]
    pub const fn with_onboarding(mut self, onboarding: Onboarding) -> Self {
        self.onboarding = onboarding;
        self
    }

    /// Which documents a customer of a kind must hand in.
    #[must_use]
    pub const fn documents_of(&self, kind: &party::PartyKind) -> &kyc::KycPolicy {
        match kind {
            party::PartyKind::Person(_) => &self.kyc.person,
            party::PartyKind::Organisation(_) => &self.kyc.organisation,
        }
    }

    /// Sets what a customer's standing lets through.
    #[must_use]
    pub const fn with_gate(mut self, gate: kyc::Gate) -> Self {
        self.gate = gate;
        self
    }

    /// Sets the rules about customers' accounts.
    #[must_use]
    pub fn with_account(mut self, rules: account::Rules) -> Self {
        self.account = rules;
        self
    }
}
