//! Which currencies one bank knows.

use std::collections::BTreeMap;

use super::currency::{Currency, CurrencyCode};
use super::error::CurrencyError;

/// The currencies of one bank: all of ISO 4217, and the custom ones that the host registered.
///
/// Within a registry a code has one exponent, for good: nothing is ever removed or changed.
///
/// ```
/// # use corebank::money::{Currencies, Currency};
/// let mut known = Currencies::iso();
/// known.register(Currency::custom("POINTS", 0)?)?;
/// assert_eq!(known.get("POINTS")?.exponent(), 0);
/// assert!(known.knows(Currency::USD));
/// # Ok::<(), corebank::money::CurrencyError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Currencies {
    custom: BTreeMap<CurrencyCode, Currency>,
}

impl Currencies {
    /// All active currencies of ISO 4217, and no others yet.
    #[must_use]
    pub const fn iso() -> Self {
        Self { custom: BTreeMap::new() }
    }

    /// Makes a custom currency known. Registering the same one again, or an ISO one, is fine.
    ///
    /// # Errors
    /// [`CurrencyError::AlreadyRegistered`] when the code is known with another exponent.
    pub fn register(&mut self, currency: Currency) -> Result<(), CurrencyError> {
        if currency.is_iso() {
            return Ok(());
        }
        let code = currency.currency_code();
        let known = *self.custom.entry(code).or_insert(currency);
        if known == currency {
            return Ok(());
        }
        let (registered, offered) = (known.exponent(), currency.exponent());
        Err(CurrencyError::AlreadyRegistered { code, registered, offered })
    }

    /// The currency of a code.
    ///
    /// # Errors
    /// As [`Currency::iso`], for codes that are not registered either.
    pub fn get(&self, code: &str) -> Result<Currency, CurrencyError> {
        let valid = CurrencyCode::new(code)?;
        self.custom.get(&valid).copied().map_or_else(|| Currency::iso(code), Ok)
    }

    /// Whether this very currency, code and exponent, is known.
    #[must_use]
    pub fn knows(&self, currency: Currency) -> bool {
        currency.is_iso() || self.custom.get(&currency.currency_code()) == Some(&currency)
    }

    /// Every known currency: ISO ones in the order of their codes, then the custom ones.
    pub fn iter(&self) -> impl Iterator<Item = Currency> + '_ {
        Currency::all_iso().chain(self.custom.values().copied())
    }
}

impl Default for Currencies {
    fn default() -> Self {
        Self::iso()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use super::*;

    #[test]
    fn one_exponent_per_code() {
        let mut known = Currencies::default();
        let points = Currency::custom("POINTS", 0).unwrap();
        let other = Currency::custom("POINTS", 2).unwrap();
        assert!(!known.knows(points));
        assert!(matches!(known.get("POINTS"), Err(CurrencyError::Unknown { .. })));
        assert_eq!(known.register(points), Ok(()));
        assert_eq!(known.register(points), Ok(()));
        let code = points.currency_code();
        let refused = CurrencyError::AlreadyRegistered { code, registered: 0, offered: 2 };
        assert_eq!(known.register(other), Err(refused));
        assert_eq!(known.get("POINTS"), Ok(points));
        assert!(known.knows(points) && !known.knows(other));
        assert_eq!(known.register(Currency::USD), Ok(()));
        assert_eq!(known.get("USD"), Ok(Currency::USD));
        assert_eq!(known.get("usd"), Err(CurrencyError::InvalidCode));
        assert!(matches!(known.get("XAU"), Err(CurrencyError::NoMinorUnit { .. })));
        assert_eq!(known.iter().count(), Currencies::iso().iter().count() + 1);
        assert!(known.iter().all(|c| known.knows(c) && known.get(c.code()) == Ok(c)));
    }
}
