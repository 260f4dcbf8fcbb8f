//! Bytes as hexadecimal digits in lower case.

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Two digits for each byte.
pub(super) fn digits_of(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        for half in [byte >> 4, byte & 0xf] {
            digits.push(DIGITS.get(usize::from(half)).map_or('0', |digit| char::from(*digit)));
        }
    }
    digits
}

/// The bytes of digits; `None` for an odd number of them and for any other character.
pub(super) fn bytes_of(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => byte.checked_sub(b'0'),
        b'a'..=b'f' => byte.checked_sub(b'a')?.checked_add(10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_go_there_and_back() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(bytes_of(&digits_of(&all)), Some(all));
        assert_eq!(digits_of(&[0, 0x9f, 0xff]), "009fff");
        for text in ["0", "0g", "0A", "0x", "é"] {
            assert_eq!(bytes_of(text), None, "{text}");
        }
    }
}
