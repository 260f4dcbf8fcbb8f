//! Texts about people: normalised, bounded, free of what hides or deceives.

use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;

use crate::privacy::find_card_number;

/// Why a text was not accepted. It never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PartyTextError {
    /// Nothing was given, or nothing that shows.
    #[error("the {what} is empty; give at least one character or leave it out")]
    Empty {
        /// Which text.
        what: &'static str,
    },
    /// Too long.
    #[error("the {what} is longer than {max} characters; shorten it")]
    TooLong {
        /// Which text.
        what: &'static str,
        /// The bound, in characters.
        max: usize,
    },
    /// A control character, a mark of direction, or another that is not allowed there.
    #[error("character {position} of the {what} is not allowed there")]
    Character {
        /// Which text.
        what: &'static str,
        /// Its place, from 1.
        position: usize,
    },
    /// A card number (S1-100).
    #[error("the {what} holds a card number; card numbers are never kept")]
    CardNumber {
        /// Which text.
        what: &'static str,
    },
    /// Not written as it must be.
    #[error("the {what} is not written as it must be; see its documentation")]
    Malformed {
        /// Which text.
        what: &'static str,
    },
}

impl PartyTextError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty { .. } => "party_text_empty",
            Self::TooLong { .. } => "party_text_too_long",
            Self::Character { .. } => "party_text_character",
            Self::CardNumber { .. } => "party_text_card_number",
            Self::Malformed { .. } => "party_text_malformed",
        }
    }
}

/// Whether a character does not show, or makes others show where they do not stand: controls,
/// marks of direction (Unicode TR 36), and what is no character.
const fn is_forbidden(one: char) -> bool {
    matches!(
        one,
        '\0'..='\x1f'
            | '\x7f'..='\u{9f}'
            | '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fdd0}'..='\u{fdef}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
    ) || (one as u32 & 0xfffe) == 0xfffe
}

const fn is_invisible(one: char) -> bool {
    matches!(one, '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}')
        || matches!(one, '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200d}' | '\u{3164}' | '\u{ffa0}')
}

/// Normalises and checks a text.
pub(super) fn normal(text: &str, what: &'static str, max: usize) -> Result<String, PartyTextError> {
    // Normalising makes text longer at most threefold: what is far too long is not normalised.
    if text.len() > max.saturating_mul(16) {
        return Err(PartyTextError::TooLong { what, max });
    }
    if let Some(at) = text.chars().position(is_forbidden) {
        return Err(PartyTextError::Character { what, position: at.saturating_add(1) });
    }
    let clean: String = text.trim().nfc().collect();
    let clean = clean.trim();
    if clean.chars().all(|one| one.is_whitespace() || is_invisible(one)) {
        return Err(PartyTextError::Empty { what });
    }
    if clean.chars().count() > max {
        return Err(PartyTextError::TooLong { what, max });
    }
    Ok(clean.to_owned())
}

/// The same, for words in which a card number could hide. A telephone number has a country in front
/// and digits behind, and one in ten of the long ones would be taken for a card.
pub(super) fn clean(text: &str, what: &'static str, max: usize) -> Result<String, PartyTextError> {
    let clean = normal(text, what, max)?;
    if find_card_number(&clean) {
        return Err(PartyTextError::CardNumber { what });
    }
    Ok(clean)
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident, $max:literal, $what:literal, $check:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The greatest length in characters.
            pub const MAX_LEN: usize = $max;

            /// Normalises (NFC), trims and checks a text.
            ///
            /// # Errors
            /// [`PartyTextError`].
            pub fn new(text: &str) -> Result<Self, PartyTextError> {
                let clean = clean(text, $what, $max)?;
                let check: fn(&str) -> bool = $check;
                if check(&clean) {
                    Ok(Self(Arc::from(clean)))
                } else {
                    Err(PartyTextError::Malformed { what: $what })
                }
            }

            /// The text in clear.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        crate::support::debug_as_length!($name, true);
        crate::support::wire_as_text!($name);
    )*};
}

fn is_code(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

texts! {
    /// A part of a person's name, at most 100 characters (S1-021).
    PartOfName, 100, "part of a name", |_| true;
    /// A whole name, of a person or an organisation, at most 200 characters (S4-025).
    WholeName, 200, "name", |_| true;
    /// A line of an address, at most 255 characters (S1-022).
    Line, 255, "line of an address", |_| true;
    /// A city, at most 100 characters.
    City, 100, "city", |_| true;
    /// A state, province or region, at most 100 characters.
    Region, 100, "region", |_| true;
    /// A postal code, at most 20 characters.
    PostalCode, 20, "postal code", |_| true;
    /// A short text, at most 100 characters: an occupation, a range of income.
    Short, 100, "text", |_| true;
    /// A code of ASCII letters, digits, `_`, `-` and `.`, at most 40 characters.
    Code, 40, "code", is_code;
}
