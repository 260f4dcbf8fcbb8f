//! The wire form of hashes and salts: hexadecimal digits in lower case, two for each byte.

use std::fmt;

use serde::de::{Deserializer, Error, Visitor};
use serde::ser::Serializer;

/// Writes bytes as digits.
pub(crate) fn serialize<S: Serializer, const N: usize>(
    bytes: &[u8; N],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&Digits(bytes))
}

/// Reads exactly `N` bytes; another number of digits and any other character is refused.
pub(crate) fn deserialize<'de, D: Deserializer<'de>, const N: usize>(
    deserializer: D,
) -> Result<[u8; N], D::Error> {
    deserializer.deserialize_str(Bytes::<N>)
}

struct Digits<'a>(&'a [u8]);

impl fmt::Display for Digits<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

struct Bytes<const N: usize>;

impl<const N: usize> Visitor<'_> for Bytes<N> {
    type Value = [u8; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{N} bytes as hexadecimal digits in lower case")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<[u8; N], E> {
        read(text).ok_or_else(|| E::custom(format_args!("write {N} bytes as lower-case digits")))
    }
}

fn read<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits: Vec<u8> = text.bytes().map(digit).collect::<Option<_>>()?;
    let (pairs, odd) = digits.as_chunks::<2>();
    let bytes: Vec<u8> = pairs.iter().map(|[high, low]| (high << 4) | low).collect();
    <[u8; N]>::try_from(bytes).ok().filter(|_| odd.is_empty())
}

const fn digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit.saturating_sub(b'0')),
        b'a'..=b'f' => Some(digit.saturating_sub(b'a').saturating_add(10)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_digits_for_each_byte_and_nothing_else() {
        assert_eq!(Digits(&[0, 0x9f, 0xa0, 0xff]).to_string(), "009fa0ff");
        assert_eq!(read::<4>("009fa0ff"), Some([0, 0x9f, 0xa0, 0xff]));
        for text in ["", "0", "00", "009fa0f", "009fa0fff", "009fa0ff00", "009FA0FF", "009fa0fg"] {
            assert_eq!(read::<4>(text), None, "{text}");
        }
    }
}
