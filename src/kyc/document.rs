//! A document that a customer handed in (S1-025, S2-021, S3-017, S4-020, C35, A3 KYC_DOCUMENT).

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;

use super::{DocumentCode, DocumentUri, KycStatus, KycTextError, MaskedNumber, MimeType};
use crate::id::DocumentId;
use crate::ledger::{Actor, Text};
use crate::privacy::{BlindIndex, Sealed};
use crate::time::Timestamp;

/// What a document is (C35). Written as `NATIONAL_ID`; a kind without a name here is written as its
/// code in lower case. Read in any case and by the aliases of the requirement documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DocumentKind {
    /// A national identity card; `id` in S3-026.
    NationalId,
    /// A passport.
    Passport,
    /// A driving licence; `driver_license` in S3-026.
    DriversLicense,
    /// A bill of a utility.
    UtilityBill,
    /// A statement of another bank.
    BankStatement,
    /// An Indian PAN card.
    Pan,
    /// An Indian Aadhaar card; its number is never kept.
    Aadhaar,
    /// A picture of the customer.
    Selfie,
    /// Another proof of address.
    ProofOfAddress,
    /// The registration of a company.
    CompanyRegistration,
    /// A kind that has no name here (S3-026: the set is open).
    Other(DocumentCode),
}

/// Codes and aliases: the first of each kind is its code.
const NAMES: &[(&str, DocumentKind)] = &[
    ("national_id", DocumentKind::NationalId),
    ("id", DocumentKind::NationalId),
    ("id_card", DocumentKind::NationalId),
    ("passport", DocumentKind::Passport),
    ("drivers_license", DocumentKind::DriversLicense),
    ("driver_license", DocumentKind::DriversLicense),
    ("driving_license", DocumentKind::DriversLicense),
    ("driving_licence", DocumentKind::DriversLicense),
    ("utility_bill", DocumentKind::UtilityBill),
    ("bank_statement", DocumentKind::BankStatement),
    ("pan", DocumentKind::Pan),
    ("pan_card", DocumentKind::Pan),
    ("aadhaar", DocumentKind::Aadhaar),
    ("aadhar", DocumentKind::Aadhaar),
    ("selfie", DocumentKind::Selfie),
    ("proof_of_address", DocumentKind::ProofOfAddress),
    ("company_registration", DocumentKind::CompanyRegistration),
];

/// The kind that a label names, in any case.
pub(super) fn named(label: &str) -> Option<DocumentKind> {
    NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(label)).map(|(_, kind)| *kind)
}

impl DocumentKind {
    /// The kinds that have a name.
    pub const NAMED: &'static [Self] = &[
        Self::NationalId,
        Self::Passport,
        Self::DriversLicense,
        Self::UtilityBill,
        Self::BankStatement,
        Self::Pan,
        Self::Aadhaar,
        Self::Selfie,
        Self::ProofOfAddress,
        Self::CompanyRegistration,
    ];

    /// The stable code, in lower case.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::NationalId => "national_id",
            Self::Passport => "passport",
            Self::DriversLicense => "drivers_license",
            Self::UtilityBill => "utility_bill",
            Self::BankStatement => "bank_statement",
            Self::Pan => "pan",
            Self::Aadhaar => "aadhaar",
            Self::Selfie => "selfie",
            Self::ProofOfAddress => "proof_of_address",
            Self::CompanyRegistration => "company_registration",
            Self::Other(code) => code.as_str(),
        }
    }
}

impl fmt::Display for DocumentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Other(code) => f.write_str(code.as_str()),
            named => f.write_str(&named.code().to_ascii_uppercase()),
        }
    }
}

impl FromStr for DocumentKind {
    type Err = KycTextError;

    fn from_str(label: &str) -> Result<Self, KycTextError> {
        named(label).map_or_else(|| DocumentCode::new(label).map(Self::Other), Ok)
    }
}

crate::support::serde_text::serde_as_text!(DocumentKind, "the kind of a document");

/// The number of a document, protected.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct DocumentNumber {
    /// The ciphertext, bound to the document; none where the number must not be kept (Aadhaar, C18).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<Sealed>,
    /// What equal numbers are found by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<BlindIndex>,
    /// What a clerk sees.
    pub masked: MaskedNumber,
}

/// A document. Kind, URI, hash and bytes never change: a new document replaces it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Document {
    /// The id.
    pub id: DocumentId,
    /// What it is.
    pub kind: DocumentKind,
    /// Its number, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<DocumentNumber>,
    /// Where its bytes lie.
    pub uri: DocumentUri,
    /// The SHA-256 of its bytes.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_hex")]
    pub sha256: Option<[u8; 32]>,
    /// What its bytes are.
    pub mime: MimeType,
    /// How many bytes.
    pub size: u64,
    /// What was decided of it. On a day, ask [`Document::status_on`].
    pub status: KycStatus,
    /// Who decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed_by: Option<Actor>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed_at: Option<Timestamp>,
    /// Why it was rejected or revoked, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejection_reason: Option<Text>,
    /// The last day on which it is valid; none if it never expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_on: Option<NaiveDate>,
    /// Who handed it in.
    pub uploaded_by: Actor,
    /// When.
    pub uploaded_at: Timestamp,
    /// 1, or one more than that of the document that it replaces.
    pub version: u32,
    /// The document that it is to replace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<DocumentId>,
    /// The document that replaced it, once that was approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<DocumentId>,
    /// Whether it must be kept whatever day it is (S4-023).
    pub legal_hold: bool,
    /// The last day on which it must be kept (S4-091).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retain_until: Option<NaiveDate>,
}

impl Document {
    /// Its status on a day, whether the sweep ran or not: what is pending or approved is expired
    /// from the day after [`Self::expires_on`].
    #[must_use]
    pub fn status_on(&self, day: NaiveDate) -> KycStatus {
        let over = self.expires_on.is_some_and(|last| last < day);
        match self.status {
            KycStatus::Pending | KycStatus::Approved if over => KycStatus::Expired,
            status => status,
        }
    }

    /// Whether it was approved once and never revoked, be it expired since or not.
    pub(super) const fn was_approved(&self) -> bool {
        match self.status {
            KycStatus::Approved => true,
            // What expired while it was pending has seen no reviewer.
            KycStatus::Expired => self.reviewed_at.is_some(),
            KycStatus::Pending | KycStatus::Rejected => false,
        }
    }

    /// The flag of S3-017: whether it is approved.
    #[must_use]
    pub const fn verified(&self) -> bool {
        matches!(self.status, KycStatus::Approved)
    }

    /// Whether its bytes may be removed on a day: neither on hold nor within its retention.
    #[must_use]
    pub fn is_removable_on(&self, day: NaiveDate) -> bool {
        !self.legal_hold && self.retain_until.is_none_or(|last| last < day)
    }
}

/// The wire form of a hash that may be missing.
mod optional_hex {
    use serde::{Deserialize, Deserializer, Serializer};

    #[derive(serde::Serialize, serde::Deserialize)]
    struct Hex(#[serde(with = "crate::support::serde_hex")] [u8; 32]);

    pub(super) fn serialize<S: Serializer>(
        hash: &Option<[u8; 32]>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        serde::Serialize::serialize(&hash.map(Hex), to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<[u8; 32]>, D::Error> {
        Ok(Option::<Hex>::deserialize(from)?.map(|Hex(hash)| hash))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_read_by_every_label_and_written_by_one() {
        for (label, kind) in NAMES {
            assert_eq!(label.parse(), Ok(*kind), "{label}");
            assert_eq!(label.to_uppercase().parse(), Ok(*kind), "{label}");
        }
        for kind in DocumentKind::NAMED {
            assert_eq!(kind.code().parse(), Ok(*kind));
            let json = serde_json::to_string(kind).unwrap();
            assert_eq!(json, format!("\"{}\"", kind.code().to_uppercase()));
            assert_eq!(serde_json::from_str::<DocumentKind>(&json).unwrap(), *kind);
        }
        let visa: DocumentKind = "visa".parse().unwrap();
        assert_eq!(serde_json::to_string(&visa).unwrap(), "\"visa\"");
        assert_eq!(serde_json::from_str::<DocumentKind>("\"visa\"").unwrap(), visa);
        assert!("Sea man's book".parse::<DocumentKind>().is_err());
    }
}
