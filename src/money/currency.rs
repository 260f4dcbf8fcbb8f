//! One currency: of ISO 4217, or one that the host defines.

use std::fmt;

use super::error::CurrencyError;
use super::iso4217;

/// The shortest currency code.
pub(super) const MIN_CODE_LEN: usize = 3;
/// The longest currency code.
pub(super) const MAX_CODE_LEN: usize = 7;
/// The largest exponent of a custom currency; one whole unit of it still fits an `i64`.
pub(super) const MAX_EXPONENT: u8 = 18;

/// A well-formed currency code: 3 to 7 upper-case ASCII letters or digits, the first a letter.
///
/// Well-formed does not mean known: a [`CurrencyError`] carries the code that it refuses.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CurrencyCode([u8; MAX_CODE_LEN]);

impl CurrencyCode {
    /// Checks the form of a code.
    ///
    /// # Errors
    /// [`CurrencyError::InvalidCode`] when the text does not have the form of a code.
    pub fn new(text: &str) -> Result<Self, CurrencyError> {
        let len_ok = (MIN_CODE_LEN..=MAX_CODE_LEN).contains(&text.len());
        let chars_ok = text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        let first_ok = text.bytes().next().is_some_and(|b| b.is_ascii_uppercase());
        if !(len_ok && chars_ok && first_ok) {
            return Err(CurrencyError::InvalidCode);
        }
        let mut code = [0; MAX_CODE_LEN];
        for (slot, byte) in code.iter_mut().zip(text.bytes()) {
            *slot = byte;
        }
        Ok(Self(code))
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let text = self.0.split(|b| *b == 0).next().and_then(|b| std::str::from_utf8(b).ok());
        text.map_or("", |text| text)
    }
}

impl fmt::Display for CurrencyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for CurrencyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CurrencyCode({})", self.as_str())
    }
}

/// A currency: its code and how many decimal digits its smallest unit has.
///
/// It is 8 bytes, `Copy`, and ordered by code. It can only be built from the ISO 4217 table or
/// with a code that ISO 4217 has never used, so an ISO code always has the exponent of ISO.
///
/// ```
/// # use corebank::money::Currency;
/// let yen = Currency::iso("JPY")?;
/// assert_eq!((yen.exponent(), yen.iso_number()), (0, Some(392)));
/// let points = Currency::custom("POINTS", 0)?;
/// assert!(!points.is_iso());
/// # Ok::<(), corebank::money::CurrencyError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency {
    code: CurrencyCode,
    exponent: u8,
}

impl Currency {
    /// United States dollar.
    pub const USD: Self = Self::raw(*b"USD", 2);
    /// Euro.
    pub const EUR: Self = Self::raw(*b"EUR", 2);
    /// Pound sterling.
    pub const GBP: Self = Self::raw(*b"GBP", 2);
    /// Japanese yen, which has no smaller unit.
    pub const JPY: Self = Self::raw(*b"JPY", 0);
    /// Swiss franc.
    pub const CHF: Self = Self::raw(*b"CHF", 2);
    /// Czech koruna.
    pub const CZK: Self = Self::raw(*b"CZK", 2);
    /// Indian rupee.
    pub const INR: Self = Self::raw(*b"INR", 2);
    /// Kuwaiti dinar, of 1000 fils.
    pub const KWD: Self = Self::raw(*b"KWD", 3);
    /// Chilean unidad de fomento, with four decimal digits.
    pub const CLF: Self = Self::raw(*b"CLF", 4);
    /// Canadian dollar.
    pub const CAD: Self = Self::raw(*b"CAD", 2);
    /// Australian dollar.
    pub const AUD: Self = Self::raw(*b"AUD", 2);
    /// Nigerian naira.
    pub const NGN: Self = Self::raw(*b"NGN", 2);

    /// Only for the constants above and for rows of the table; the tests compare the two.
    const fn raw(code: [u8; 3], exponent: u8) -> Self {
        let [a, b, c] = code;
        Self { code: CurrencyCode([a, b, c, 0, 0, 0, 0]), exponent }
    }

    /// The active ISO 4217 currency of this alphabetic code.
    ///
    /// # Errors
    /// [`CurrencyError::InvalidCode`] for a malformed code (also in lower case),
    /// [`CurrencyError::NoMinorUnit`] for codes such as `XAU` and `XXX`,
    /// [`CurrencyError::Withdrawn`] for codes such as `DEM`, else [`CurrencyError::Unknown`].
    pub fn iso(code: &str) -> Result<Self, CurrencyError> {
        let valid = CurrencyCode::new(code)?;
        match iso4217::find(code) {
            Some(row) => Ok(Self { code: valid, exponent: row.exponent }),
            None if iso4217::lacks_minor_unit(code) => {
                Err(CurrencyError::NoMinorUnit { code: valid })
            }
            None if iso4217::is_withdrawn(code) => Err(CurrencyError::Withdrawn { code: valid }),
            None => Err(CurrencyError::Unknown { code: valid }),
        }
    }

    /// A currency that the host defines: loyalty points, a token, a unit of account.
    ///
    /// # Errors
    /// [`CurrencyError::InvalidCode`], [`CurrencyError::ExponentTooLarge`] above 18, and
    /// [`CurrencyError::ClashesWithIso`] for any code that ISO 4217 uses or ever used.
    pub fn custom(code: &str, exponent: u8) -> Result<Self, CurrencyError> {
        let valid = CurrencyCode::new(code)?;
        if iso4217::find(code).is_some()
            || iso4217::lacks_minor_unit(code)
            || iso4217::is_withdrawn(code)
        {
            return Err(CurrencyError::ClashesWithIso { code: valid });
        }
        if exponent > MAX_EXPONENT {
            return Err(CurrencyError::ExponentTooLarge { exponent });
        }
        Ok(Self { code: valid, exponent })
    }

    /// The code as text.
    #[must_use]
    pub fn code(&self) -> &str {
        self.code.as_str()
    }

    /// The code as a value, as errors carry it.
    #[must_use]
    pub const fn currency_code(&self) -> CurrencyCode {
        self.code
    }

    /// How many decimal digits the smallest unit has: 2 for USD, 0 for JPY.
    #[must_use]
    pub const fn exponent(&self) -> u8 {
        self.exponent
    }

    /// The numeric code of ISO 4217; `None` for a custom currency.
    #[must_use]
    pub fn iso_number(&self) -> Option<u16> {
        iso4217::find(self.code()).map(|row| row.number)
    }

    /// The English name; `None` for a custom currency.
    #[must_use]
    pub fn name(&self) -> Option<&'static str> {
        iso4217::find(self.code()).map(|row| row.name)
    }

    /// Whether this is an active currency of ISO 4217.
    #[must_use]
    pub fn is_iso(&self) -> bool {
        iso4217::find(self.code()).is_some_and(|row| row.exponent == self.exponent)
    }

    /// Every active currency of ISO 4217 that has a minor unit, in the order of the codes.
    pub(super) fn all_iso() -> impl Iterator<Item = Self> {
        iso4217::ACTIVE.iter().filter_map(|row| {
            let code = CurrencyCode::new(row.code).ok()?;
            Some(Self { code, exponent: row.exponent })
        })
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Currency({})", self.code())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

    use super::*;

    #[test]
    fn constants_agree_with_the_table() {
        for constant in [
            Currency::USD,
            Currency::EUR,
            Currency::GBP,
            Currency::JPY,
            Currency::CHF,
            Currency::CZK,
            Currency::INR,
            Currency::KWD,
            Currency::CLF,
            Currency::CAD,
            Currency::AUD,
            Currency::NGN,
        ] {
            assert_eq!(Currency::iso(constant.code()).unwrap(), constant);
            assert!(constant.is_iso());
        }
        assert_eq!(size_of::<Currency>(), 8);
        assert_eq!(Currency::all_iso().count(), iso4217::ACTIVE.len());
        assert!(Currency::all_iso().all(|c| c.is_iso() && Currency::iso(c.code()) == Ok(c)));
    }

    #[test]
    fn shown_by_code() {
        assert_eq!(format!("{:?} {}", Currency::USD, Currency::USD), "Currency(USD) USD");
        assert_eq!(
            format!("{:>5}|{:?}", Currency::USD, Currency::USD.code),
            "  USD|CurrencyCode(USD)"
        );
        assert_eq!(Currency::CLF.iso_number(), Some(990));
        assert_eq!(Currency::USD.name(), Some("United States dollar"));
        assert!(Currency::AUD < Currency::USD);
    }

    #[test]
    fn iso_says_why_not() {
        let code = |text| CurrencyCode::new(text).unwrap();
        assert_eq!(Currency::iso("XAU"), Err(CurrencyError::NoMinorUnit { code: code("XAU") }));
        assert_eq!(Currency::iso("XXX"), Err(CurrencyError::NoMinorUnit { code: code("XXX") }));
        assert_eq!(Currency::iso("DEM"), Err(CurrencyError::Withdrawn { code: code("DEM") }));
        assert_eq!(Currency::iso("QQQ"), Err(CurrencyError::Unknown { code: code("QQQ") }));
        for bad in ["", "US", "usd", "USD ", "U$D", "1AB", "ABCDEFGH", "ÜSD", "US\0"] {
            assert_eq!(Currency::iso(bad), Err(CurrencyError::InvalidCode), "{bad:?}");
            assert_eq!(Currency::custom(bad, 2), Err(CurrencyError::InvalidCode), "{bad:?}");
        }
    }

    #[test]
    fn custom_stays_clear_of_iso() {
        for code in ["USD", "XAU", "XXX", "DEM", "HRK", "ZWL", "BGN", "CLF"] {
            let clash = CurrencyError::ClashesWithIso { code: CurrencyCode::new(code).unwrap() };
            assert_eq!(Currency::custom(code, 2), Err(clash));
        }
        let points = Currency::custom("POINTS", 0).unwrap();
        assert_eq!((points.code(), points.exponent(), points.is_iso()), ("POINTS", 0, false));
        assert_eq!((points.iso_number(), points.name()), (None, None));
        assert_eq!(Currency::custom("ABCDEF7", 18).unwrap().code(), "ABCDEF7");
        assert_eq!(
            Currency::custom("WEI", 19),
            Err(CurrencyError::ExponentTooLarge { exponent: 19 })
        );
        assert_ne!(Currency::custom("WEI", 18), Currency::custom("WEI", 17));
    }
}
