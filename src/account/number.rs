//! Numbers of accounts (C19).

use std::fmt;
use std::str::FromStr;

/// Why a text is no account number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an account number has 1 to 30 ASCII letters and digits")]
pub struct InvalidAccountNumber;

/// The number of an account: 1 to 30 ASCII letters and digits, upper case; blanks and hyphens are
/// taken out. `Debug` prints the last four.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountNumber(String);

impl AccountNumber {
    /// Parses a number.
    ///
    /// # Errors
    /// [`InvalidAccountNumber`].
    pub fn new(text: &str) -> Result<Self, InvalidAccountNumber> {
        let clean: String = text
            .chars()
            .filter(|one| !matches!(one, ' ' | '-'))
            .map(|one| one.to_ascii_uppercase())
            .collect();
        let fits =
            (1..=30).contains(&clean.len()) && clean.bytes().all(|one| one.is_ascii_alphanumeric());
        if fits { Ok(Self(clean)) } else { Err(InvalidAccountNumber) }
    }

    /// The number as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for AccountNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.len().saturating_sub(4);
        write!(f, "AccountNumber(..{})", self.0.get(shown..).unwrap_or_default())
    }
}

impl FromStr for AccountNumber {
    type Err = InvalidAccountNumber;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

crate::support::serde_text::serde_as_text!(AccountNumber, "an account number");

/// By which rule numbers are made and judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum NumberScheme {
    /// 16 to 20 letters and digits (S1-083).
    #[default]
    Strict16to20,
    /// At most 20 (S2-020, S3-014).
    Max20,
    /// At most 30 (S4-032).
    Max30,
    /// An IBAN (ISO 13616) of a country and a bank.
    Iban {
        /// The country, as `DE`.
        country: [u8; 2],
        /// The code of the bank within the country, as its banks are told apart there.
        bank: u64,
        /// How many digits the code of the bank has.
        bank_digits: u8,
        /// How many digits the number of the account has.
        account_digits: u8,
    },
}

impl NumberScheme {
    /// Whether a number is one of the scheme.
    #[must_use]
    pub fn fits(self, number: &AccountNumber) -> bool {
        match self {
            Self::Strict16to20 => (16..=20).contains(&number.0.len()),
            Self::Max20 => number.0.len() <= 20,
            Self::Max30 => true,
            Self::Iban { country, .. } => {
                number.0.as_bytes().starts_with(&country) && iban::Iban::from_str(&number.0).is_ok()
            }
        }
    }

    /// What the scheme asks for, in words.
    #[must_use]
    pub const fn wants(self) -> &'static str {
        match self {
            Self::Strict16to20 => "16 to 20 letters and digits",
            Self::Max20 => "at most 20 letters and digits",
            Self::Max30 => "at most 30 letters and digits",
            Self::Iban { .. } => "an IBAN of the bank's country",
        }
    }

    /// A number out of random bytes, with check digits: 16 digits (the last of them by Luhn, the
    /// first never that of a card scheme's range), or an IBAN.
    #[must_use]
    pub fn generate(self, random: [u8; 16]) -> AccountNumber {
        let random = u128::from_be_bytes(random);
        let of = |digits: u32| random.checked_rem(10_u128.saturating_pow(digits)).unwrap_or(0);
        match self {
            Self::Iban { country, bank, bank_digits, account_digits } => {
                let (bank_width, width) = (usize::from(bank_digits), usize::from(account_digits));
                let account = of(u32::from(account_digits));
                let bban = format!("{bank:0bank_width$}{account:0width$}");
                let country = String::from_utf8_lossy(&country).into_owned();
                let check = 98_u32.saturating_sub(mod_97(&format!("{bban}{country}00")));
                AccountNumber(format!("{country}{check:02}{bban}"))
            }
            _ => {
                // No card scheme issues numbers that begin with 9 and have 16 digits.
                let body = format!("9{:014}", of(14));
                let check = luhn_check(&body);
                AccountNumber(format!("{body}{check}"))
            }
        }
    }
}

/// ISO/IEC 7064, MOD 97-10, letters as 10 to 35.
fn mod_97(text: &str) -> u32 {
    text.chars().filter_map(|one| one.to_digit(36)).fold(0, |rest, value| {
        let shift = if value > 9 { 100_u32 } else { 10 };
        rest.saturating_mul(shift).saturating_add(value) % 97
    })
}

fn luhn_check(body: &str) -> u32 {
    let sum: u32 = body
        .bytes()
        .rev()
        .enumerate()
        .map(|(at, digit)| {
            let value = u32::from(digit.saturating_sub(b'0'));
            match at % 2 {
                0 if value > 4 => value.saturating_mul(2).saturating_sub(9),
                0 => value.saturating_mul(2),
                _ => value,
            }
        })
        .fold(0, u32::saturating_add);
    10_u32.saturating_sub(sum % 10) % 10
}
