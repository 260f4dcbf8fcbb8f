//! What names are found by.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The words of a name as they are searched: compatibility forms resolved (NFKD), marks stripped,
/// lower case, split at whatever is neither letter nor digit; each once, ascending. `José Núñez` is
/// found by `jose` and by `NUNEZ`.
#[must_use]
pub fn words_of(text: &str) -> Vec<String> {
    let folded: String =
        text.nfkd().filter(|one| !is_combining_mark(*one)).flat_map(char::to_lowercase).collect();
    // Lower case may bring marks of its own (the dot of a Turkish capital).
    let folded: String = folded.nfkd().filter(|one| !is_combining_mark(*one)).collect();
    let parts = folded.split(|one: char| !one.is_alphanumeric()).filter(|part| !part.is_empty());
    let mut words: Vec<String> = parts.map(str::to_owned).collect();
    words.sort_unstable();
    words.dedup();
    words
}
