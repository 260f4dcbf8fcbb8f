//! The short codes and the free texts that a ledger row may carry, each parsed once.
//!
//! Codes are a few ASCII characters held inline, so that copying one costs no allocation on the
//! posting path. Free text is bounded, refuses control characters, and prints only its length in
//! `Debug`, because a description is where personal data ends up.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::privacy::find_card_number;

/// Why a code or a text was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TextError {
    /// Nothing was given where something is needed.
    #[error("the {what} is empty; give at least one character or leave it out")]
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
    /// A character that is not allowed there.
    #[error("character {position} of the {what} is not allowed there; see its documentation")]
    Character {
        /// The kind of text, in words.
        what: &'static str,
        /// The position of the first such character, counted from 1.
        position: usize,
    },
    /// A card number, which is never stored (PCI DSS 3.2.1; S1-100).
    #[error("the {what} holds a card number, which is never stored; leave it out or mask it")]
    CardNumber {
        /// The kind of text, in words.
        what: &'static str,
    },
    /// Too many metadata pairs.
    #[error("metadata holds at most {max} pairs; keep the rest in a table of your own")]
    TooManyPairs {
        /// The bound.
        max: usize,
    },
}

impl TextError {
    /// The stable code of the error.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty { .. } => "text_empty",
            Self::TooLong { .. } => "text_too_long",
            Self::Character { .. } => "text_character",
            Self::CardNumber { .. } => "text_card_number",
            Self::TooManyPairs { .. } => "text_too_many_pairs",
        }
    }
}

macro_rules! inline_code {
    ($(#[$doc:meta])* $name:ident, $len:literal, $what:literal, $allowed:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name([u8; $len]);

        impl $name {
            /// The greatest length in characters.
            pub const MAX_LEN: usize = $len;

            /// Parses a code.
            ///
            /// # Errors
            /// [`TextError`] when it is empty, too long, or holds another character.
            pub fn new(text: &str) -> Result<Self, TextError> {
                if text.is_empty() {
                    return Err(TextError::Empty { what: $what });
                }
                if text.len() > $len {
                    return Err(TextError::TooLong { what: $what, max: $len });
                }
                let allowed: fn(u8) -> bool = $allowed;
                let mut bytes = [0_u8; $len];
                for (at, (slot, byte)) in bytes.iter_mut().zip(text.bytes()).enumerate() {
                    if !allowed(byte) {
                        let position = at.saturating_add(1);
                        return Err(TextError::Character { what: $what, position });
                    }
                    *slot = byte;
                }
                Ok(Self(bytes))
            }

            /// A code that stands in the source: what [`Self::new`] would refuse is cut or taken
            /// as it is.
            #[allow(dead_code)]
            pub(crate) const fn known(text: &str) -> Self {
                let (mut bytes, mut rest, mut at) = ([0_u8; $len], text.as_bytes(), 0_usize);
                while let ([first, tail @ ..], true) = (rest, at < $len) {
                    #[allow(clippy::indexing_slicing, reason = "bounded by the loop, const only")]
                    {
                        bytes[at] = *first;
                    }
                    rest = tail;
                    at = at.saturating_add(1);
                }
                Self(bytes)
            }

            /// The code as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                let end = self.0.iter().position(|byte| *byte == 0).unwrap_or($len);
                std::str::from_utf8(self.0.get(..end).unwrap_or_default()).unwrap_or_default()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = TextError;

            fn from_str(text: &str) -> Result<Self, TextError> {
                Self::new(text)
            }
        }

        crate::support::wire_as_text!($name);
    };
}

const fn is_lower_code(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'
}

inline_code!(
    /// What a transaction is for: `transfer`, `card_fee`, `salary`. Lower-case ASCII letters,
    /// digits and `_`, at most 24 characters. The set is open; the named ones cover the union of
    /// the requirement documents (C09).
    Kind, 24, "kind", is_lower_code
);

inline_code!(
    /// The way a request came in: `web`, `mobile`, `api`, `branch`, `system` (C34). Lower-case
    /// ASCII letters, digits and `_`, at most 16 characters.
    Channel, 16, "channel", is_lower_code
);

inline_code!(
    /// The code of a node in the chart of accounts, such as `2100` or `2100.CHK`. ASCII letters,
    /// digits, `.`, `-` and `_`, at most 16 characters.
    ChartCode, 16, "chart code",
    |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_')
);

inline_code!(
    /// The name of a subscription to the journal, such as `webhooks` or `search-index`. Lower-case
    /// ASCII letters, digits, `_`, `-` and `.`, at most 32 characters.
    Subscriber, 32, "subscriber",
    |byte| is_lower_code(byte) || matches!(byte, b'.' | b'-')
);

inline_code!(
    /// What kind of row beside the ledger: `customer`, `account`, `product`. Lower-case ASCII
    /// letters, digits and `_`, at most 24 characters.
    EntityKind, 24, "entity kind", is_lower_code
);

inline_code!(
    /// What happened to a row beside the ledger, such as `customer.registered`. Lower-case ASCII
    /// letters, digits, `_` and `.`, at most 40 characters.
    EventCode, 40, "event code", |byte| is_lower_code(byte) || byte == b'.'
);

inline_code!(
    /// The name of a field of a row beside the ledger. Lower-case ASCII letters, digits, `_` and
    /// `.`, at most 40 characters.
    FieldName, 40, "field name", |byte| is_lower_code(byte) || byte == b'.'
);

inline_code!(
    /// A state that says nothing of a person, such as `active`: lower-case ASCII letters, digits,
    /// `_`, `-`, `.` and `:`, at most 40 characters.
    StateCode, 40, "state code", |byte| is_lower_code(byte) || matches!(byte, b'.' | b'-' | b':')
);

macro_rules! known {
    ($name:ident { $($constant:ident = $text:literal: $doc:literal;)* }) => {
        impl $name {
            $(#[doc = $doc] pub const $constant: Self = Self::known($text);)*
        }
    };
}

known!(Kind {
    TRANSFER = "transfer": "Money from one account to another.";
    DEPOSIT = "deposit": "Money paid in.";
    WITHDRAWAL = "withdrawal": "Money paid out.";
    PAYMENT = "payment": "A payment to a third party.";
    BILL_PAYMENT = "bill_payment": "A payment of a bill.";
    CHEQUE = "cheque": "A cheque.";
    COVER = "cover": "Money that one account moves to another that it covers.";
    DEBIT = "debit": "Money taken, without a closer word for it.";
    CREDIT = "credit": "Money given, without a closer word for it.";
    FEE = "fee": "A charge.";
    INTEREST = "interest": "Interest paid or received.";
    REFUND = "refund": "A partial or full refund, linked to its original.";
    ADJUSTMENT = "adjustment": "A correction that is no reversal.";
    REVERSAL = "reversal": "The mirror of an earlier transaction.";
    YEAR_CLOSE = "year_close": "Income and expenses closed into retained earnings.";
});

known!(Channel {
    WEB = "web": "A browser.";
    MOBILE = "mobile": "A mobile application.";
    API = "api": "A program of the customer or a partner.";
    VOICE = "voice": "A telephone call.";
    ADMIN = "admin": "A program of the bank's staff.";
    BRANCH = "branch": "A counter.";
    SYSTEM = "system": "The bank's own jobs.";
});

fn is_forbidden(character: char) -> bool {
    // Control characters and separators forge lines in a log; marks of direction and overrides
    // forge what a clerk reads.
    character.is_control()
        || matches!(
            character,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
        )
}

fn check(text: &str, what: &'static str, max: usize) -> Result<(), TextError> {
    if text.is_empty() {
        return Err(TextError::Empty { what });
    }
    for (at, character) in text.chars().enumerate() {
        if at >= max {
            return Err(TextError::TooLong { what, max });
        }
        if is_forbidden(character) {
            return Err(TextError::Character { what, position: at.saturating_add(1) });
        }
    }
    Ok(())
}

macro_rules! bounded_text {
    ($(#[$doc:meta])* $name:ident, $max:literal, $what:literal, $redacted:literal, $free:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The greatest length in characters.
            pub const MAX_LEN: usize = $max;

            /// Parses the text.
            ///
            /// # Errors
            /// [`TextError`] when it is empty, too long, or holds a control character or a
            /// bidirectional override, and a [`Text`] also when it holds a card number.
            pub fn new(text: &str) -> Result<Self, TextError> {
                check(text, $what, $max)?;
                if $free && find_card_number(text) {
                    return Err(TextError::CardNumber { what: $what });
                }
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

bounded_text!(
    /// A description as the customer reads it on a statement, a reason, a name of the bank's own: at
    /// most 500 characters (C31). May hold personal data: `Debug` prints its length only. A card
    /// number is refused (S1-100). References, keys and metadata are the host's own and are not
    /// searched, because one in forty numbers of sixteen digits would be taken for a card.
    Text, 500, "text", true, true
);
bounded_text!(
    /// The reference of a transaction, at most 100 characters (C30). `Debug` prints its length
    /// only.
    Reference, 100, "reference", true, false
);
bounded_text!(
    /// Who acts: an opaque identifier such as `user:0198…` or `service:payroll`, at most 64
    /// characters. Never a name or an address, because it stands in audit in clear.
    Actor, 64, "actor", false, false
);
bounded_text!(
    /// Ties together everything that one request of the host caused, at most 64 characters.
    Correlation, 64, "correlation", false, false
);
bounded_text!(
    /// Who reads events: an opaque name of a process or thread such as `webhooks-3`, at most 64
    /// characters.
    Worker, 64, "worker", false, false
);
bounded_text!(
    /// The key under which a host repeats a request safely, at most 128 characters.
    IdempotencyKey, 128, "idempotency key", true, false
);

/// Pairs that the host keeps with a row. At most 32 pairs; keys up to 64 characters, values up to
/// 256. Values may hold personal data: `Debug` prints the number of pairs only.
#[derive(Clone, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "BTreeMap<String, String>", into = "BTreeMap<String, String>")]
pub struct Metadata(BTreeMap<String, String>);

impl Metadata {
    /// The greatest number of pairs.
    pub const MAX_PAIRS: usize = 32;

    /// Adds a pair, or replaces the value of its key.
    ///
    /// # Errors
    /// [`TextError`] when key or value breaks its bound or there are too many pairs.
    pub fn insert(&mut self, key: &str, value: &str) -> Result<(), TextError> {
        check(key, "metadata key", 64)?;
        check(value, "metadata value", 256)?;
        if !self.0.contains_key(key) && self.0.len() >= Self::MAX_PAIRS {
            return Err(TextError::TooManyPairs { max: Self::MAX_PAIRS });
        }
        self.0.insert(key.to_owned(), value.to_owned());
        Ok(())
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// Whether there are no pairs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The pairs in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

impl TryFrom<BTreeMap<String, String>> for Metadata {
    type Error = TextError;

    fn try_from(pairs: BTreeMap<String, String>) -> Result<Self, TextError> {
        let mut metadata = Self::default();
        for (key, value) in &pairs {
            metadata.insert(key, value)?;
        }
        Ok(metadata)
    }
}

impl From<Metadata> for BTreeMap<String, String> {
    fn from(metadata: Metadata) -> Self {
        metadata.0
    }
}

impl fmt::Debug for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Metadata({} pairs)", self.0.len())
    }
}
