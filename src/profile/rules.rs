//! The rules of a profile, as the rooms take them (C03, C06, C13, C14, C16, C19, C20).

use super::{Profile, Refusal};
use crate::account::{self, NumberScheme};
use crate::kyc::{DocumentKind, Gate, KycPolicies, KycPolicy};
use crate::ledger::FloorPolicy;
use crate::locale::LanguageTag;
use crate::money::{Currency, Money};
use crate::party::{self, IdScheme, Required};
use crate::product::{AccountType, Terms};

/// The rules of a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProfileRules {
    /// What is asked of a customer's data.
    pub party: party::Rules,
    /// Which documents prove who a customer is.
    pub kyc: KycPolicies,
    /// Which action passes at which status.
    pub gate: Gate,
    /// How accounts are numbered.
    pub account: account::Rules,
    /// The currency of accounts for which none is given.
    pub currency: Option<Currency>,
    /// The language of customers who prefer none.
    pub language: LanguageTag,
    /// The least and the most of one movement on a customer's word, in minor units (S1-081).
    pub bounds: Option<(i64, i64)>,
}

impl ProfileRules {
    /// Puts the bounds of the profile into terms that have none of their own.
    #[must_use]
    pub const fn bound(&self, terms: Terms) -> Terms {
        match (self.bounds, terms.minimum, terms.maximum) {
            (Some((least, most)), None, None) => terms.with_bounds(least, most),
            _ => terms,
        }
    }
}

impl Profile {
    /// The rules of the profile.
    #[must_use]
    pub fn rules(self) -> ProfileRules {
        let none = KycPolicies { person: KycPolicy::none(), organisation: KycPolicy::none() };
        let persons = |person| KycPolicies { person, ..KycPolicies::default() };
        let (kyc, gate, scheme) = match self {
            Self::S0 => (none, Gate::SEED_000, NumberScheme::Max30),
            Self::S1 => (persons(identity()), Gate::SEED_001, NumberScheme::Strict16to20),
            Self::S2 => (
                persons(
                    identity()
                        .with_required([DocumentKind::UtilityBill, DocumentKind::BankStatement]),
                ),
                Gate::SEED_002,
                NumberScheme::Max20,
            ),
            Self::S3 => (none, Gate::SEED_003, NumberScheme::Max20),
            Self::S4 => (persons(KycPolicy::seed_004()), Gate::SEED_004, NumberScheme::Max30),
        };
        let currency = match self {
            Self::S0 | Self::S1 | Self::S3 => Some(Currency::USD),
            Self::S2 | Self::S4 => None,
        };
        let bounds = (self == Self::S1).then_some((1, 99_999_999));
        let (party, language) = (self.party(), LanguageTag::ENGLISH);
        let account = account::Rules::default().with_scheme(scheme);
        ProfileRules { party, kyc, gate, account, currency, language, bounds }
    }

    /// What is asked of a customer's data.
    fn party(self) -> party::Rules {
        let names = Required { structured_name: true, ..Required::default() };
        let (required, unique_email, min_age, identities) = match self {
            // It says nothing of what must be there, but has columns for the parts of a name.
            Self::S0 => (names, false, 0, Vec::new()),
            Self::S1 => {
                let required = Required {
                    structured_name: true,
                    date_of_birth: true,
                    email: true,
                    phone: false,
                    address: true,
                    postal_code: true,
                    country_code: true,
                };
                (required, true, 18, vec![IdScheme::Ssn])
            }
            Self::S2 => (names, true, 0, Vec::new()),
            Self::S3 => (Required { email: true, ..names }, true, 0, Vec::new()),
            Self::S4 => {
                let required = Required { email: true, phone: true, ..Required::default() };
                (required, false, 0, vec![IdScheme::Pan, IdScheme::Aadhaar])
            }
        };
        // No document has a table for customers who are no persons.
        party::Rules { required, unique_email, min_age, identities, organisations: false }
    }

    /// How far below zero an account of a type may go where its terms do not say (C03): in profile
    /// 001 a credit card by its limit and nothing else; in the others whatever is agreed on.
    #[must_use]
    pub const fn floor(self, kind: AccountType, agreed: FloorPolicy) -> FloorPolicy {
        match (self, kind, agreed) {
            (Self::S1, AccountType::CreditCard, FloorPolicy::CreditLimit(_)) => agreed,
            (Self::S1, ..) => FloorPolicy::NonNegative,
            _ => agreed,
        }
    }
}

impl Profile {
    /// Judges an amount that moves on a customer's word. What the bank books by itself (interest, a
    /// reversal) is not asked (C06).
    ///
    /// # Errors
    /// [`Refusal::AmountOutOfBounds`] outside the bounds of the profile (S1-081).
    pub fn judge_amount(self, money: Money) -> Result<(), Refusal> {
        match self.rules().bounds {
            Some((min, max)) if money.minor() < min || money.minor() > max => {
                Err(Refusal::AmountOutOfBounds { min, max })
            }
            _ => Ok(()),
        }
    }
}

/// Any one document of identity.
fn identity() -> KycPolicy {
    KycPolicy::none().with_required([
        DocumentKind::NationalId,
        DocumentKind::Passport,
        DocumentKind::DriversLicense,
    ])
}
