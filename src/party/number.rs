//! Numbers of customers.

use std::fmt;

use super::PartyTextError;

/// The number by which the bank and the customer speak of the customer: at most 20 ASCII letters
/// and digits, upper case (S2-016).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CustomerNumber(String);

impl CustomerNumber {
    /// Parses a number; letters become upper case.
    ///
    /// # Errors
    /// [`PartyTextError::Malformed`].
    pub fn new(text: &str) -> Result<Self, PartyTextError> {
        let number = text.trim().to_ascii_uppercase();
        let fits = (1..=20).contains(&number.len())
            && number.bytes().all(|one| one.is_ascii_alphanumeric());
        if fits {
            Ok(Self(number))
        } else {
            Err(PartyTextError::Malformed { what: "customer number" })
        }
    }

    /// A number out of random bytes: `C`, thirteen digits and a check digit (ISO/IEC 7064, MOD
    /// 11-10). Thirteen digits: at ten million customers one draw in a million is taken, and then
    /// another one is drawn.
    #[must_use]
    pub fn generate(random: [u8; 16]) -> Self {
        let number = u128::from_be_bytes(random).checked_rem(10_000_000_000_000).unwrap_or(0);
        let digits = format!("{number:013}");
        let check = mod_11_10(&digits);
        Self(format!("C{digits}{check}"))
    }

    /// The number as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The check digit of ISO/IEC 7064, MOD 11-10.
fn mod_11_10(digits: &str) -> u32 {
    let fold = |product: u32, digit: u8| {
        let sum = product.saturating_add(u32::from(digit.saturating_sub(b'0'))) % 10;
        let sum = if sum == 0 { 10 } else { sum };
        sum.saturating_mul(2) % 11
    };
    let product = digits.bytes().fold(10, fold);
    11_u32.saturating_sub(product) % 10
}

impl fmt::Debug for CustomerNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CustomerNumber({} characters)", self.0.len())
    }
}

crate::support::wire_as_text!(CustomerNumber);
