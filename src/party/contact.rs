//! E-mail addresses and telephone numbers (C16).

use super::PartyTextError;
use super::text::{clean, normal};

macro_rules! contact {
    ($(#[$doc:meta])* $name:ident, $what:literal, $parse:expr, $mask:path) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// Parses and normalises it.
            ///
            /// # Errors
            /// [`PartyTextError`].
            pub fn new(text: &str) -> Result<Self, PartyTextError> {
                let parse: fn(&str) -> Result<String, PartyTextError> = $parse;
                parse(text).map(Self)
            }

            /// It in clear.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// As much of it as may be shown.
            #[must_use]
            pub fn masked(&self) -> String {
                $mask(&self.0)
            }
        }

        crate::support::debug_as_length!($name, true);
        crate::support::wire_as_text!($name);
    };
}

contact!(
    /// An e-mail address: RFC 5321 by the `email_address` crate, and as S1-082 has it (ASCII, a
    /// domain with a dot and a top level of two letters or more), at most 254 characters. The
    /// domain is kept in lower case; the local part as it was given.
    Email, "e-mail address", email, crate::privacy::mask_email
);

contact!(
    /// A telephone number in E.164: `+` and at most 15 digits, valid in its country by the tables
    /// of the `phonelib` crate.
    Phone, "telephone number", phone, crate::privacy::mask_phone
);

impl Email {
    /// What equal addresses have in common, for uniqueness and search: all in lower case. RFC 5321
    /// lets a host tell local parts apart by case; none that is in use does.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

fn email(text: &str) -> Result<String, PartyTextError> {
    const WHAT: &str = "e-mail address";
    let text = clean(text, WHAT, 254)?;
    let malformed = PartyTextError::Malformed { what: WHAT };
    let (local, domain) = text.rsplit_once('@').ok_or(malformed)?;
    let is_local = |byte: u8| byte.is_ascii_alphanumeric() || b"._%+-".contains(&byte);
    let is_domain = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
    let top = domain.rsplit_once('.').map(|(_, top)| top).ok_or(malformed)?;
    let as_the_seed = !local.is_empty()
        && local.bytes().all(is_local)
        && domain.bytes().all(is_domain)
        && top.len() >= 2
        && top.bytes().all(|byte| byte.is_ascii_alphabetic());
    if !as_the_seed || !email_address::EmailAddress::is_valid(&text) {
        return Err(malformed);
    }
    Ok(format!("{local}@{}", domain.to_ascii_lowercase()))
}

fn phone(text: &str) -> Result<String, PartyTextError> {
    const WHAT: &str = "telephone number";
    let text = normal(text, WHAT, 40)?;
    let malformed = PartyTextError::Malformed { what: WHAT };
    // A number without a country is another number in every country.
    let has_country = text.starts_with('+');
    let fits = |one: char| one.is_ascii_digit() || " +-.()/\u{a0}".contains(one);
    if !has_country || !text.chars().all(fits) {
        return Err(malformed);
    }
    let number = phonelib::normalize_phone_number(&text).ok_or(malformed)?;
    let digits = number.strip_prefix('+').unwrap_or(&number);
    let fits = (4..=15).contains(&digits.len()) && digits.bytes().all(|one| one.is_ascii_digit());
    if fits { Ok(format!("+{digits}")) } else { Err(malformed) }
}
