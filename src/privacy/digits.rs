//! Digits in all scripts.

use unicode_normalization::char::decompose_compatible;

/// The zeros of the scripts of Unicode 16 (general category Nd); one to nine follow each. Those
/// that decompose into ASCII digits, such as full-width ones, are left to the decomposition.
const ZEROS: [u32; 68] = [
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xde6,
    0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50,
    0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0x104a0,
    0x10d30, 0x10d40, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650,
    0x116c0, 0x116d0, 0x116da, 0x11730, 0x118e0, 0x11950, 0x11bf0, 0x11c50, 0x11d50, 0x11da0,
    0x11f50, 0x16a60, 0x16ac0, 0x16b50, 0x16d70, 0x1ccf0, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e5f1,
    0x1e950, 0x1fbf0,
];

/// Hands out the digits that a character stands for: none, one, or two, as in a circled 10.
pub(super) fn each_digit(character: char, mut each: impl FnMut(u8)) {
    if character.is_ascii() {
        if let Some(digit) = ascii(character) {
            each(digit);
        }
    } else if let Some(digit) = of_a_script(character) {
        each(digit);
    } else {
        decompose_compatible(character, |part| {
            if let Some(digit) = ascii(part) {
                each(digit);
            }
        });
    }
}

fn ascii(character: char) -> Option<u8> {
    character.to_digit(10).and_then(|digit| u8::try_from(digit).ok())
}

fn of_a_script(character: char) -> Option<u8> {
    let code = u32::from(character);
    let before = ZEROS.partition_point(|zero| *zero <= code).checked_sub(1)?;
    let value = code.checked_sub(*ZEROS.get(before)?)?;
    u8::try_from(value).ok().filter(|value| *value < 10)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::cast_possible_truncation)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<u8> {
        let mut digits = Vec::new();
        text.chars().for_each(|character| each_digit(character, |digit| digits.push(digit)));
        digits
    }

    #[test]
    fn every_script_counts_from_nought_to_nine() {
        assert!(ZEROS.is_sorted());
        for zero in ZEROS.into_iter().chain([0x30]) {
            let digits: String =
                (zero..zero + 10).map(|code| char::from_u32(code).unwrap()).collect();
            assert_eq!(all(&digits), (0..10).collect::<Vec<u8>>(), "{zero:x}");
        }
    }

    #[test]
    fn digits_in_disguise_are_digits() {
        assert_eq!(all("⁴₁①⑩🄂𝟜𝟺"), [4, 1, 1, 1, 0, 1, 4, 4]);
        assert!(all("Ⅳ四abc-/:").is_empty());
    }
}
