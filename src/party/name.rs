//! Names of persons (C15).

use super::{PartOfName, WholeName};

/// The name of a person: in parts, or whole. A whole name is never taken apart: nobody knows where
/// it would part.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PersonName {
    /// In parts.
    Structured {
        /// The first name.
        first: PartOfName,
        /// The middle name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        middle: Option<PartOfName>,
        /// The last name.
        last: PartOfName,
    },
    /// Whole.
    Full(WholeName),
}

impl PersonName {
    /// A name of two parts.
    #[must_use]
    pub const fn of(first: PartOfName, last: PartOfName) -> Self {
        Self::Structured { first, middle: None, last }
    }

    /// The whole name, in the order in which it is written.
    #[must_use]
    pub fn full(&self) -> String {
        match self {
            Self::Full(name) => name.as_str().to_owned(),
            Self::Structured { first, middle, last } => {
                let parts = [Some(first), middle.as_ref(), Some(last)];
                let parts: Vec<&str> =
                    parts.into_iter().flatten().map(PartOfName::as_str).collect();
                parts.join(" ")
            }
        }
    }
}
