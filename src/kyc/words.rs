//! The texts that a document carries, each parsed once and bounded.

use std::sync::Arc;

use crate::ledger::EntityKind;

/// Why a text of a document was not accepted. It never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KycTextError {
    /// Nothing was given where something is needed.
    #[error("the {what} is empty; give at least one character")]
    Empty {
        /// The kind of text, in words.
        what: &'static str,
    },
    /// The text is longer than its bound.
    #[error("the {what} is longer than {max} characters; shorten it")]
    TooLong {
        /// The kind of text, in words.
        what: &'static str,
        /// The bound, in characters.
        max: usize,
    },
    /// A character or a form that is not allowed there.
    #[error("the {what} is not written as its documentation says")]
    Malformed {
        /// The kind of text, in words.
        what: &'static str,
    },
    /// More of a number is readable than may be.
    #[error("a masked number shows at most {max} of its characters")]
    Unmasked {
        /// How many may be readable.
        max: usize,
    },
}

impl KycTextError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty { .. } => "kyc_text_empty",
            Self::TooLong { .. } => "kyc_text_too_long",
            Self::Malformed { .. } => "kyc_text_malformed",
            Self::Unmasked { .. } => "kyc_number_unmasked",
        }
    }
}

fn bounded(text: &str, what: &'static str, max: usize) -> Result<(), KycTextError> {
    if text.is_empty() {
        return Err(KycTextError::Empty { what });
    }
    if text.chars().count() > max {
        return Err(KycTextError::TooLong { what, max });
    }
    Ok(())
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $max:literal, $what:literal, $redacted:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The greatest length in characters.
            pub const MAX_LEN: usize = $max;

            /// Parses the text.
            ///
            /// # Errors
            /// [`KycTextError`] when it is empty, too long or written otherwise.
            pub fn new(text: &str) -> Result<Self, KycTextError> {
                bounded(text, $what, $max)?;
                let check: fn(&str) -> Result<(), KycTextError> = $check;
                check(text)?;
                Ok(Self(Arc::from(text)))
            }

            /// The text in clear.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        crate::support::debug_as_length!($name, $redacted);
        crate::support::wire_as_text!($name);
    };
}

text!(
    /// Where the bytes of a document lie: printable ASCII without blanks, at most 500 characters
    /// (S2-021). A path may hold a name, so `Debug` prints its length only.
    DocumentUri, 500, "URI of a document", true,
    |text| if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(())
    } else {
        Err(KycTextError::Malformed { what: "URI of a document" })
    }
);

text!(
    /// What the bytes are, as `image/jpeg`: type and subtype of RFC 6838 without parameters, at
    /// most 127 characters.
    MimeType, 127, "media type", false,
    |text| {
        let part = |part: &str| {
            part.starts_with(|first: char| first.is_ascii_alphanumeric())
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
        };
        match text.split_once('/') {
            Some((kind, subtype)) if part(kind) && part(subtype) => Ok(()),
            _ => Err(KycTextError::Malformed { what: "media type" }),
        }
    }
);

/// How many characters of a number may be readable.
const READABLE: usize = 4;

text!(
    /// The number of a document as a clerk may see it: at most four of its letters and digits, the
    /// rest `*`, `X` or `•`; blanks, `-` and `/` are free. At most 100 characters (S2-021). `Debug`
    /// prints its length only.
    MaskedNumber, 100, "masked number", true,
    |text| {
        let mask = |character: char| matches!(character, '*' | 'X' | 'x' | '•');
        let blank = |character: char| matches!(character, ' ' | '-' | '/');
        let readable = text.chars().filter(|one| !mask(*one) && !blank(*one));
        if readable.clone().any(|one| !one.is_ascii_alphanumeric()) {
            return Err(KycTextError::Malformed { what: "masked number" });
        }
        if readable.count() > READABLE {
            return Err(KycTextError::Unmasked { max: READABLE });
        }
        Ok(())
    }
);

/// The code of a kind of document that has no name here, such as `visa`: lower-case ASCII letters,
/// digits and `_`, at most 24 characters, and none of the labels that name a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DocumentCode(EntityKind);

impl DocumentCode {
    /// Parses a code.
    ///
    /// # Errors
    /// [`KycTextError`] when it is empty, too long, holds another character or names a known kind.
    pub fn new(text: &str) -> Result<Self, KycTextError> {
        const WHAT: &str = "code of a kind of document";
        bounded(text, WHAT, EntityKind::MAX_LEN)?;
        if super::document::named(text).is_some() {
            return Err(KycTextError::Malformed { what: WHAT });
        }
        EntityKind::new(text).map(Self).map_err(|_| KycTextError::Malformed { what: WHAT })
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn texts_keep_their_bounds() {
        assert!(DocumentUri::new("s3://kyc/0198/ab12").is_ok());
        assert!(DocumentUri::new(&"a".repeat(500)).is_ok());
        for text in ["", "a b", "a\0", "a\n", "/é", "\u{202e}a", &"a".repeat(501)] {
            assert!(DocumentUri::new(text).is_err(), "{text:?}");
        }
        for text in ["image/jpeg", "application/pdf", "application/vnd.ms-excel"] {
            assert!(MimeType::new(text).is_ok(), "{text}");
        }
        for text in ["", "jpeg", "image/", "/jpeg", "image/jpeg; q=1", "a/b/c", "im age/x"] {
            assert!(MimeType::new(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_masked_number_is_masked() {
        for text in ["********1234", "XXXX-XXXX-1234", "•••• 1234", "*", "AB*****12"] {
            assert!(MaskedNumber::new(text).is_ok(), "{text}");
        }
        let open = KycTextError::Unmasked { max: 4 };
        assert_eq!(MaskedNumber::new("2341 2341 2346"), Err(open));
        assert_eq!(MaskedNumber::new("****12345"), Err(open));
        assert!(MaskedNumber::new("****\u{0661}").is_err());
    }

    #[test]
    fn what_may_name_a_person_is_not_printed() {
        let uri = DocumentUri::new("/docs/ada_lovelace.pdf").unwrap();
        assert_eq!(format!("{uri:?}"), "DocumentUri(22 characters)");
        let number = MaskedNumber::new("****1234").unwrap();
        assert_eq!(format!("{number:?}"), "MaskedNumber(8 characters)");
    }

    #[test]
    fn the_code_of_another_kind_names_none_that_is_known() {
        assert_eq!(DocumentCode::new("visa").unwrap().as_str(), "visa");
        for text in ["passport", "driver_license", "", "Visa", "a b", &"a".repeat(25)] {
            assert!(DocumentCode::new(text).is_err(), "{text}");
        }
    }
}
