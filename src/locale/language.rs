//! Languages by BCP 47.

use std::fmt;
use std::str::FromStr;

use crate::locale::LocaleError;

/// The greatest length of a language tag: what BCP 47 asks every implementation to hold.
pub const MAX_TAG_BYTES: usize = 35;

/// A language tag: `language[-Script][-REGION][-variant]*`, as in RFC 5646.
///
/// - language: two or three letters, or five to eight; lower case;
/// - script: four letters, the first in upper case;
/// - region: two letters in upper case, or three digits;
/// - variant: five to eight letters and digits, or four that begin with a digit; lower case;
///   none twice.
///
/// Read in any case and with `-` only; kept and written in the case above, so that equal tags are
/// equal texts. Extended languages (`zh-yue`), extensions (`-u-`), private use (`x-`) and the old
/// irregular tags (`i-klingon`) are refused, since no document template is chosen by them.
///
/// ```
/// use corebank::locale::LanguageTag;
///
/// let tag: LanguageTag = "ZH-hant-tw".parse()?;
/// assert_eq!(tag.as_str(), "zh-Hant-TW");
/// assert_eq!((tag.language(), tag.script(), tag.region()), ("zh", Some("Hant"), Some("TW")));
/// assert_eq!(LanguageTag::default().as_str(), "en");
/// # Ok::<(), corebank::locale::LocaleError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LanguageTag {
    /// The tag in its canonical case, then zeros.
    bytes: [u8; MAX_TAG_BYTES],
    len: u8,
}

/// What a subtag is, by its form and by what came before it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Language,
    Script,
    Region,
    Variant,
}

impl Part {
    /// The first kind after `last` that has the form of the subtag.
    fn of(subtag: &str, last: Option<Self>) -> Option<Self> {
        let letters = subtag.bytes().all(|byte| byte.is_ascii_alphabetic());
        let digits = subtag.bytes().all(|byte| byte.is_ascii_digit());
        let mixed = subtag.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let digit_first = subtag.bytes().next().is_some_and(|byte| byte.is_ascii_digit());
        let Some(last) = last else {
            let fits = letters && matches!(subtag.len(), 2 | 3 | 5..=8);
            return fits.then_some(Self::Language);
        };
        let part = match subtag.len() {
            4 if letters => Self::Script,
            2 if letters => Self::Region,
            3 if digits => Self::Region,
            4 if mixed && digit_first => Self::Variant,
            5..=8 if mixed => Self::Variant,
            _ => return None,
        };
        (part > last || part == Self::Variant).then_some(part)
    }

    /// Puts a subtag of this kind into its canonical case.
    fn canonical(self, subtag: &mut [u8]) {
        match self {
            Self::Language | Self::Variant => subtag.make_ascii_lowercase(),
            Self::Region => subtag.make_ascii_uppercase(),
            Self::Script => {
                subtag.make_ascii_lowercase();
                if let Some(first) = subtag.first_mut() {
                    first.make_ascii_uppercase();
                }
            }
        }
    }
}

impl LanguageTag {
    /// English, the default.
    pub const ENGLISH: Self = {
        let mut bytes = [0; MAX_TAG_BYTES];
        [bytes[0], bytes[1]] = *b"en";
        Self { bytes, len: 2 }
    };

    /// The tag in its canonical case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only `from_str` and the constant fill the bytes, and only with ASCII within the length.
        self.bytes
            .get(..usize::from(self.len))
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or_default()
    }

    /// The language, such as `zh`.
    #[must_use]
    pub fn language(&self) -> &str {
        self.as_str().split('-').next().unwrap_or_default()
    }

    /// The script, such as `Hant`, if the tag has one.
    #[must_use]
    pub fn script(&self) -> Option<&str> {
        self.parts().find_map(|(part, subtag)| (part == Part::Script).then_some(subtag))
    }

    /// The region, such as `TW` or `419`, if the tag has one.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.parts().find_map(|(part, subtag)| (part == Part::Region).then_some(subtag))
    }

    /// The variants, such as `1996`, in their order.
    pub fn variants(&self) -> impl Iterator<Item = &str> {
        self.parts().filter_map(|(part, subtag)| (part == Part::Variant).then_some(subtag))
    }

    fn parts(&self) -> impl Iterator<Item = (Part, &str)> {
        self.as_str().split('-').scan(None, |last, subtag| {
            let part = Part::of(subtag, *last)?;
            *last = Some(part);
            Some((part, subtag))
        })
    }
}

impl Default for LanguageTag {
    fn default() -> Self {
        Self::ENGLISH
    }
}

impl FromStr for LanguageTag {
    type Err = LocaleError;

    /// Reads a tag in any case.
    ///
    /// # Errors
    ///
    /// [`LocaleError::TagTooLong`] beyond [`MAX_TAG_BYTES`], [`LocaleError::TagMalformed`] for any
    /// other form than the one above, [`LocaleError::TagRepeatsVariant`].
    fn from_str(text: &str) -> Result<Self, LocaleError> {
        if text.len() > MAX_TAG_BYTES {
            return Err(LocaleError::TagTooLong);
        }
        let len = u8::try_from(text.len()).map_err(|_| LocaleError::TagTooLong)?;
        let mut bytes = [0; MAX_TAG_BYTES];
        bytes
            .get_mut(..text.len())
            .ok_or(LocaleError::TagTooLong)?
            .copy_from_slice(text.as_bytes());
        let mut last = None;
        // The zeros after the tag belong to its last subtag here, and have no case.
        for (subtag, place) in text.split('-').zip(bytes.split_mut(|byte| *byte == b'-')) {
            let part = Part::of(subtag, last).ok_or(LocaleError::TagMalformed)?;
            part.canonical(place);
            last = Some(part);
        }
        let tag = Self { bytes, len };
        // At most six variants fit, so that comparing each with each is cheap.
        let repeats = |(at, variant): (usize, &str)| tag.variants().take(at).any(|v| v == variant);
        if tag.variants().enumerate().any(repeats) {
            return Err(LocaleError::TagRepeatsVariant);
        }
        Ok(tag)
    }
}

impl PartialOrd for LanguageTag {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for LanguageTag {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl fmt::Display for LanguageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for LanguageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LanguageTag({})", self.as_str())
    }
}

crate::support::serde_text::serde_as_text!(LanguageTag, "a language tag of BCP 47");

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn case_becomes_canonical() {
        for (text, canonical) in [
            ("en", "en"),
            ("EN-us", "en-US"),
            ("PT-bR", "pt-BR"),
            ("zh-HANT-tw", "zh-Hant-TW"),
            ("es-419", "es-419"),
            ("sr-latn", "sr-Latn"),
            ("DE-ch-1996", "de-CH-1996"),
            ("sl-ROZAJ-Biske-1994", "sl-rozaj-biske-1994"),
            ("haw", "haw"),
            ("Abcde", "abcde"),
            ("hy-Latn-IT-AREVELA", "hy-Latn-IT-arevela"),
        ] {
            let tag: LanguageTag = text.parse().unwrap();
            assert_eq!(tag.as_str(), canonical);
            assert_eq!(tag.to_string().parse(), Ok(tag));
            assert_eq!(format!("{tag:?}"), format!("LanguageTag({canonical})"));
        }
    }

    #[test]
    fn the_parts_are_found() {
        let tag: LanguageTag = "hy-latn-it-arevela-1994".parse().unwrap();
        assert_eq!(tag.language(), "hy");
        assert_eq!(tag.script(), Some("Latn"));
        assert_eq!(tag.region(), Some("IT"));
        assert_eq!(tag.variants().collect::<Vec<_>>(), ["arevela", "1994"]);
        let tag = LanguageTag::default();
        assert_eq!((tag.as_str(), tag.script(), tag.region()), ("en", None, None));
        assert_eq!(tag.variants().count(), 0);
        assert_eq!(tag, "en".parse().unwrap());
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "",
            "-",
            "e",
            "en-",
            "-en",
            "en--US",
            "en_US",
            "e1",
            "abcd",
            "abcdefghi",
            "123",
            "en-US-GB",
            "en-US-Latn",
            "en-Latn-Cyrl",
            "en-1996-US",
            "en-u-co-phonebk",
            "x-whatever",
            "i-klingon",
            "zh-yue",
            "en-abc1",
            "en-12",
            "en-1a",
            "en US",
            "én",
            "en\0",
            "en-US ",
        ] {
            assert_eq!(text.parse::<LanguageTag>(), Err(LocaleError::TagMalformed), "{text:?}");
        }
        assert_eq!("de-1996-1996".parse::<LanguageTag>(), Err(LocaleError::TagRepeatsVariant));
        assert_eq!("sl-ROZAJ-rozaj".parse::<LanguageTag>(), Err(LocaleError::TagRepeatsVariant));
    }

    #[test]
    fn thirty_five_characters_are_the_bound() {
        let longest = "abcdefgh-Latn-419-abcdefgh-abcdefg1";
        assert_eq!(longest.len(), MAX_TAG_BYTES);
        assert_eq!(longest.parse::<LanguageTag>().unwrap().as_str(), longest);
        let longer = format!("{longest}2");
        assert_eq!(longer.parse::<LanguageTag>(), Err(LocaleError::TagTooLong));
    }

    #[test]
    fn it_travels_as_text() {
        let tag: LanguageTag = serde_json::from_str("\"pt-br\"").unwrap();
        assert_eq!(serde_json::to_string(&tag).unwrap(), "\"pt-BR\"");
        assert!(serde_json::from_str::<LanguageTag>("\"pt_br\"").is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            text in "[a-zA-Z]{2,3}(-[a-zA-Z]{4})?(-[a-zA-Z]{2}|-[0-9]{3})?(-[0-9][a-zA-Z0-9]{3})?"
        ) {
            let tag: LanguageTag = text.parse().unwrap();
            prop_assert!(tag.as_str().eq_ignore_ascii_case(&text));
            prop_assert_eq!(tag.to_string().parse(), Ok(tag));
            prop_assert_eq!(text.to_uppercase().parse(), Ok(tag));
        }

        #[test]
        fn no_text_breaks_the_parser(text in "[a-zA-Z0-9\\-_é]{0,40}") {
            if let Ok(tag) = text.parse::<LanguageTag>() {
                prop_assert!(tag.as_str().eq_ignore_ascii_case(&text));
            }
        }
    }
}
