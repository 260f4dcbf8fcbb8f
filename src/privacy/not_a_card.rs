//! Numbers of another kind that may hold the digits of a card by chance.

use std::ops::Range;

/// The longest IBAN, in letters and digits.
const IBAN: usize = 34;
/// The shortest.
const IBAN_MIN: usize = 15;

/// Whether what stands at a place of a text, in bytes, is part of an IBAN or a UUID.
pub(super) fn is_part_of_another_number(text: &str, place: Range<usize>) -> bool {
    is_in_iban(text, &place) || is_in_uuid(text.as_bytes(), &place)
}

/// Whether a valid IBAN begins before a place and ends behind it. It may be written in groups.
fn is_in_iban(text: &str, place: &Range<usize>) -> bool {
    let bytes = text.as_bytes();
    // An IBAN in groups has a gap after every fourth character at most.
    let reach = IBAN.saturating_mul(2);
    (place.start.saturating_sub(reach)..place.start)
        .filter(|at| begins_an_iban(bytes, *at))
        .any(|at| iban_ends(bytes, at, place.end))
}

/// Two letters and two digits at the beginning of a word.
fn begins_an_iban(bytes: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| bytes.get(before));
    let head = bytes.get(at..).and_then(<[u8]>::first_chunk::<4>);
    before.is_none_or(|byte| byte.is_ascii() && !byte.is_ascii_alphanumeric())
        && head.is_some_and(|[a, b, c, d]| {
            a.is_ascii_alphabetic()
                && b.is_ascii_alphabetic()
                && c.is_ascii_digit()
                && d.is_ascii_digit()
        })
}

/// Whether a valid IBAN that begins at `at` ends at the end of a word, at `least` or behind it.
fn iban_ends(bytes: &[u8], at: usize, least: usize) -> bool {
    let mut compact = String::with_capacity(IBAN);
    let mut gap = false;
    for (index, byte) in bytes.iter().enumerate().skip(at) {
        match byte {
            byte if byte.is_ascii_alphanumeric() => {
                compact.push(char::from(byte.to_ascii_uppercase()));
                gap = false;
            }
            // One separator between two groups.
            b' ' | b'-' | b'.' if !gap => {
                gap = true;
                continue;
            }
            _ => return false,
        }
        let after = index.saturating_add(1);
        let word_ends = bytes.get(after).is_none_or(|next| !next.is_ascii_alphanumeric());
        if after >= least
            && word_ends
            && compact.len() >= IBAN_MIN
            && compact.parse::<iban::Iban>().is_ok()
        {
            return true;
        }
        if compact.len() >= IBAN {
            return false;
        }
    }
    false
}

/// Whether a hyphenated UUID, 8-4-4-4-12, lies around a place.
fn is_in_uuid(bytes: &[u8], place: &Range<usize>) -> bool {
    (place.start.saturating_sub(35)..=place.start).any(|at| {
        let after = at.saturating_add(36);
        let stands_alone = |index: Option<usize>| {
            index
                .and_then(|index| bytes.get(index))
                .is_none_or(|byte| !byte.is_ascii_alphanumeric())
        };
        place.end <= after
            && stands_alone(at.checked_sub(1))
            && stands_alone(Some(after))
            && bytes.get(at..after).is_some_and(is_uuid)
    })
}

fn is_uuid(text: &[u8]) -> bool {
    let shape = text.iter().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    shape && text.len() == 36
}
