//! National identifiers: validated by their published rules, kept so that nobody reads them (C18).

use std::fmt;

use verhoeff::Verhoeff;

use super::{Code, PartyTextError};
use crate::privacy::{BlindIndex, Sealed, Sensitive, mask_tail};

/// Whose number it is.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IdScheme {
    /// Social security number of the United States (S1-024).
    Ssn,
    /// Permanent account number of India (S4-025).
    Pan,
    /// Aadhaar number of India (S4-025): never kept, only indexed.
    Aadhaar,
    /// Any other, by a code of the host's: 4 to 40 letters and digits.
    Other(Code),
}

impl IdScheme {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Ssn => "ssn",
            Self::Pan => "pan",
            Self::Aadhaar => "aadhaar",
            Self::Other(code) => code.as_str(),
        }
    }

    /// Whether the number may be kept, encrypted. An Aadhaar number may not (S4-081).
    #[must_use]
    pub const fn may_be_kept(&self) -> bool {
        !matches!(self, Self::Aadhaar)
    }

    /// What the blind index of the number is for.
    #[must_use]
    pub fn purpose(&self) -> String {
        match self {
            Self::Other(code) => format!("identity.other.{}", code.as_str()),
            known => format!("identity.{}", known.code()),
        }
    }
}

impl fmt::Display for IdScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// How many characters of a number a clerk sees at most.
const SHOWN: usize = 4;

/// A national identifier in clear: on its way in, never kept. It has no wire form.
#[derive(Debug, Clone)]
pub struct NationalId {
    scheme: IdScheme,
    number: Sensitive<String>,
}

impl NationalId {
    /// Validates and normalises a number: blanks and hyphens are taken out, letters are upper case.
    ///
    /// | scheme | rule | source |
    /// |---|---|---|
    /// | SSN | nine digits; area not 000, 666, 900 to 999; group not 00; serial not 0000; not one of the two void ones | SSA, randomization of 2011; POMS RM 10201.035 |
    /// | PAN | five letters, four digits, a letter; the fourth says who holds it | Income Tax Department of India, rule 114 |
    /// | Aadhaar | twelve digits, the first 2 to 9, the last a Verhoeff check digit | UIDAI |
    /// | other | 4 to 40 letters and digits | |
    ///
    /// # Errors
    /// [`PartyTextError::Malformed`]; it never repeats the number.
    pub fn parse(scheme: IdScheme, text: &str) -> Result<Self, PartyTextError> {
        // A scheme of the host's must not pass for one whose rules are known.
        if let IdScheme::Other(code) = &scheme
            && ["ssn", "pan", "aadhaar"].contains(&code.as_str())
        {
            return Err(PartyTextError::Malformed { what: "scheme of the identifier" });
        }
        let number: String = text
            .chars()
            .filter(|one| !matches!(one, ' ' | '-'))
            .map(|one| one.to_ascii_uppercase())
            .collect();
        let number = Sensitive::new(number);
        let (valid, what): (fn(&str) -> bool, _) = match scheme {
            IdScheme::Ssn => (is_ssn, "social security number"),
            IdScheme::Pan => (is_pan, "permanent account number"),
            IdScheme::Aadhaar => (is_aadhaar, "Aadhaar number"),
            IdScheme::Other(_) => (is_other, "identifier"),
        };
        if valid(number.expose()) {
            Ok(Self { scheme, number })
        } else {
            Err(PartyTextError::Malformed { what })
        }
    }

    /// Whose number it is.
    #[must_use]
    pub const fn scheme(&self) -> &IdScheme {
        &self.scheme
    }

    /// The number, normalised.
    #[must_use]
    pub fn number(&self) -> &str {
        self.number.expose()
    }

    /// As a clerk sees it: the last four.
    #[must_use]
    pub fn masked(&self) -> String {
        mask_tail(self.number(), SHOWN)
    }
}

fn is_ssn(number: &str) -> bool {
    let digits = number.len() == 9 && number.bytes().all(|one| one.is_ascii_digit());
    let (area, group, serial) = (number.get(..3), number.get(3..5), number.get(5..));
    // Two that stood in advertisements and were declared void.
    let void = matches!(number, "078051120" | "219099999");
    digits
        && !void
        && !matches!(area, Some("000" | "666"))
        && !number.starts_with('9')
        && group != Some("00")
        && serial != Some("0000")
}

/// The fourth letter: association, body, company, firm, government, Hindu family, artificial
/// person, local authority, person, trust.
fn is_pan(number: &str) -> bool {
    let bytes = number.as_bytes();
    bytes.len() == 10
        && bytes.iter().take(5).all(u8::is_ascii_uppercase)
        && bytes.iter().skip(5).take(4).all(u8::is_ascii_digit)
        && bytes.last().is_some_and(u8::is_ascii_uppercase)
        && bytes.get(3).is_some_and(|holder| b"ABCFGHJLPT".contains(holder))
}

fn is_aadhaar(number: &str) -> bool {
    number.len() == 12
        && number.bytes().all(|one| one.is_ascii_digit())
        && !number.starts_with(['0', '1'])
        && number.validate_verhoeff_check_digit()
}

fn is_other(number: &str) -> bool {
    (4..=40).contains(&number.len()) && number.bytes().all(|one| one.is_ascii_alphanumeric())
}

/// A national identifier as it is kept. `Debug` prints the scheme only.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "Kept")]
#[non_exhaustive]
pub struct IdentityNumber {
    /// Whose number it is.
    pub scheme: IdScheme,
    /// The ciphertext; none where the number must not be kept, and nowhere else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<Sealed>,
    /// By what equal numbers are found.
    pub index: BlindIndex,
    /// The last four, for a clerk.
    pub masked: String,
}

/// What was read of one, before the rule for what may be kept was asked.
#[derive(serde::Deserialize)]
struct Kept {
    scheme: IdScheme,
    #[serde(default)]
    sealed: Option<Sealed>,
    index: BlindIndex,
    masked: String,
}

impl TryFrom<Kept> for IdentityNumber {
    type Error = PartyTextError;

    fn try_from(kept: Kept) -> Result<Self, PartyTextError> {
        let Kept { scheme, sealed, index, masked } = kept;
        // C18: an Aadhaar number is indexed only; any other is kept, or nobody could read it again.
        match (sealed.is_some(), scheme.may_be_kept()) {
            (true, false) => {
                return Err(PartyTextError::Malformed {
                    what: "identifier, which must not be kept,",
                });
            }
            (false, true) => {
                return Err(PartyTextError::Malformed {
                    what: "identifier, whose ciphertext is missing,",
                });
            }
            _ => {}
        }
        if masked.chars().filter(|one| one.is_alphanumeric()).count() > SHOWN {
            return Err(PartyTextError::Malformed { what: "identifier, which is not masked," });
        }
        Ok(Self { scheme, sealed, index, masked })
    }
}

impl fmt::Debug for IdentityNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdentityNumber({})", self.scheme)
    }
}

impl IdentityNumber {
    /// A number as it is kept: its ciphertext is dropped where it must not be.
    #[must_use]
    pub fn new(id: &NationalId, sealed: Sealed, index: BlindIndex) -> Self {
        let sealed = Some(sealed).filter(|_| id.scheme.may_be_kept());
        Self { sealed, ..Self::indexed(id, index) }
    }

    fn indexed(id: &NationalId, index: BlindIndex) -> Self {
        Self { scheme: id.scheme.clone(), sealed: None, index, masked: id.masked() }
    }

    /// A number that must not be kept, by its index only; `None` for one whose ciphertext is kept.
    #[must_use]
    pub fn index_only(id: &NationalId, index: BlindIndex) -> Option<Self> {
        (!id.scheme.may_be_kept()).then(|| Self::indexed(id, index))
    }
}
