//! What can be wrong with a language or a country.

/// Why a text is no language tag or no country code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum LocaleError {
    /// The language tag is longer than [`MAX_TAG_BYTES`](crate::locale::MAX_TAG_BYTES).
    #[error("the language tag is longer than 35 characters")]
    TagTooLong,
    /// The text is not a language tag of the supported form.
    #[error("the text is not a language tag such as en, pt-BR or zh-Hant-TW")]
    TagMalformed,
    /// The language tag has the same variant twice.
    #[error("the language tag repeats a variant")]
    TagRepeatsVariant,
    /// The text has not the form of a country code.
    #[error("the text is not a country code such as US")]
    CountryMalformed,
    /// ISO 3166-1 has not officially assigned the country code.
    #[error("the country code is not assigned by ISO 3166-1")]
    CountryUnknown,
}

impl LocaleError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::TagTooLong => "language_tag_too_long",
            Self::TagMalformed => "language_tag_malformed",
            Self::TagRepeatsVariant => "language_tag_repeats_variant",
            Self::CountryMalformed => "country_code_malformed",
            Self::CountryUnknown => "country_code_unknown",
        }
    }
}
