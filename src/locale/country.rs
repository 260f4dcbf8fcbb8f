//! Countries by ISO 3166-1.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use crate::locale::LocaleError;
use crate::locale::country_table::COUNTRIES;

/// A row of the standard's table.
#[derive(Debug)]
pub(super) struct Country {
    pub(super) alpha2: &'static str,
    pub(super) alpha3: &'static str,
    pub(super) numeric: u16,
    pub(super) name: &'static str,
}

/// A country or territory to which ISO 3166-1 has officially assigned a code.
///
/// Written, sorted and serialised by its two letters in upper case; read in any case. Codes that
/// are only reserved (`UK`, `EU`) or left to users (`XK`, which some banks use for Kosovo) are
/// refused.
///
/// ```
/// use corebank::locale::CountryCode;
///
/// let country: CountryCode = "ke".parse()?;
/// assert_eq!((country.alpha2(), country.alpha3()), ("KE", "KEN"));
/// assert_eq!((country.numeric(), country.name()), (404, "Kenya"));
/// # Ok::<(), corebank::locale::LocaleError>(())
/// ```
#[derive(Clone, Copy)]
pub struct CountryCode(&'static Country);

impl CountryCode {
    /// Every country, in the order of the two-letter codes: 249 of them.
    pub fn all() -> impl ExactSizeIterator<Item = Self> + DoubleEndedIterator {
        COUNTRIES.iter().map(Self)
    }

    /// The country of a three-letter code, in any case.
    ///
    /// # Errors
    ///
    /// [`LocaleError::CountryMalformed`] if the text is not three letters,
    /// [`LocaleError::CountryUnknown`] if no country has the code.
    pub fn from_alpha3(alpha3: &str) -> Result<Self, LocaleError> {
        if alpha3.len() != 3 || !alpha3.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return Err(LocaleError::CountryMalformed);
        }
        Self::all()
            .find(|country| country.alpha3().eq_ignore_ascii_case(alpha3))
            .ok_or(LocaleError::CountryUnknown)
    }

    /// The country of a number between 1 and 999.
    ///
    /// # Errors
    ///
    /// [`LocaleError::CountryUnknown`] if no country has the number.
    pub fn from_numeric(numeric: u16) -> Result<Self, LocaleError> {
        Self::all().find(|country| country.numeric() == numeric).ok_or(LocaleError::CountryUnknown)
    }

    /// The two-letter code, such as `CH`.
    #[must_use]
    pub const fn alpha2(self) -> &'static str {
        self.0.alpha2
    }

    /// The three-letter code, such as `CHE`.
    #[must_use]
    pub const fn alpha3(self) -> &'static str {
        self.0.alpha3
    }

    /// The number, such as 756; the standard writes it with three digits.
    #[must_use]
    pub const fn numeric(self) -> u16 {
        self.0.numeric
    }

    /// The English short name, such as `Switzerland`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0.name
    }
}

impl FromStr for CountryCode {
    type Err = LocaleError;

    /// Reads a two-letter code, in any case.
    ///
    /// # Errors
    ///
    /// [`LocaleError::CountryMalformed`] if the text is not two letters,
    /// [`LocaleError::CountryUnknown`] if the code is not officially assigned.
    fn from_str(text: &str) -> Result<Self, LocaleError> {
        let letters: [u8; 2] =
            text.as_bytes().try_into().map_err(|_| LocaleError::CountryMalformed)?;
        if !letters.iter().all(u8::is_ascii_alphabetic) {
            return Err(LocaleError::CountryMalformed);
        }
        let wanted = letters.map(|letter| letter.to_ascii_uppercase());
        COUNTRIES
            .binary_search_by(|country| country.alpha2.as_bytes().cmp(&wanted))
            .ok()
            .and_then(|found| COUNTRIES.get(found))
            .map(Self)
            .ok_or(LocaleError::CountryUnknown)
    }
}

impl PartialEq for CountryCode {
    fn eq(&self, other: &Self) -> bool {
        self.alpha2() == other.alpha2()
    }
}

impl Eq for CountryCode {}

impl PartialOrd for CountryCode {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for CountryCode {
    fn cmp(&self, other: &Self) -> Ordering {
        self.alpha2().cmp(other.alpha2())
    }
}

impl Hash for CountryCode {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.alpha2().hash(state);
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.alpha2())
    }
}

impl fmt::Debug for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CountryCode({})", self.alpha2())
    }
}

crate::support::serde_text::serde_as_text!(CountryCode, "a two-letter country code of ISO 3166-1");

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_table_is_sorted_complete_and_without_doubles() {
        let codes: Vec<_> = CountryCode::all().map(CountryCode::alpha2).collect();
        assert_eq!(codes.len(), 249);
        assert!(codes.is_sorted_by(|a, b| a < b));
        assert_eq!(CountryCode::all().map(CountryCode::alpha3).collect::<BTreeSet<_>>().len(), 249);
        assert_eq!(
            CountryCode::all().map(CountryCode::numeric).collect::<BTreeSet<_>>().len(),
            249
        );
        assert_eq!(CountryCode::all().map(CountryCode::name).collect::<BTreeSet<_>>().len(), 249);
        for country in CountryCode::all() {
            assert!(country.alpha2().len() == 2 && country.alpha3().len() == 3);
            assert!(country.alpha2().bytes().all(|b| b.is_ascii_uppercase()));
            assert!(country.alpha3().bytes().all(|b| b.is_ascii_uppercase()));
            assert!((1..=999).contains(&country.numeric()));
        }
    }

    /// Sums of the codes as Debian's iso-codes has them: any slip of a digit or letter shows.
    #[test]
    fn the_table_agrees_with_iso_codes() {
        let numbers: u64 = CountryCode::all().map(|c| u64::from(c.numeric())).sum();
        let text: String = CountryCode::all()
            .map(|c| format!("{}{}{:03}", c.alpha2(), c.alpha3(), c.numeric()))
            .collect();
        let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        assert_eq!((numbers, hash), (108_025, 0x2029_2b63_5ca7_e8ea));
    }

    #[test]
    fn every_code_finds_its_country_in_any_case() {
        for country in CountryCode::all() {
            assert_eq!(country.alpha2().parse(), Ok(country));
            assert_eq!(country.alpha2().to_lowercase().parse(), Ok(country));
            assert_eq!(CountryCode::from_alpha3(country.alpha3()), Ok(country));
            assert_eq!(CountryCode::from_alpha3(&country.alpha3().to_lowercase()), Ok(country));
            assert_eq!(CountryCode::from_numeric(country.numeric()), Ok(country));
            assert_eq!(country.to_string(), country.alpha2());
        }
    }

    #[test]
    fn what_is_not_assigned_is_refused() {
        for text in ["UK", "EU", "XK", "ZZ", "AA", "AN", "SU"] {
            assert_eq!(text.parse::<CountryCode>(), Err(LocaleError::CountryUnknown), "{text}");
        }
        for text in ["", "U", "USA", "U1", "U ", " US", "é", "ſ"] {
            assert_eq!(text.parse::<CountryCode>(), Err(LocaleError::CountryMalformed), "{text}");
        }
        assert_eq!(CountryCode::from_alpha3("ZZZ"), Err(LocaleError::CountryUnknown));
        assert_eq!(CountryCode::from_alpha3("US"), Err(LocaleError::CountryMalformed));
        assert_eq!(CountryCode::from_numeric(0), Err(LocaleError::CountryUnknown));
        assert_eq!(CountryCode::from_numeric(u16::MAX), Err(LocaleError::CountryUnknown));
    }

    #[test]
    fn it_travels_as_two_letters() {
        let kenya: CountryCode = "KE".parse().unwrap();
        assert_eq!(serde_json::to_string(&kenya).unwrap(), "\"KE\"");
        assert_eq!(serde_json::from_str::<CountryCode>("\"KE\"").unwrap(), kenya);
        assert!(serde_json::from_str::<CountryCode>("\"XK\"").is_err());
    }

    proptest! {
        #[test]
        fn any_text_parses_or_is_refused(text in ".{0,4}") {
            if let Ok(country) = text.parse::<CountryCode>() {
                prop_assert_eq!(country.alpha2(), text.to_ascii_uppercase());
            }
        }
    }
}
