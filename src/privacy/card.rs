//! Card numbers in free text: they are never stored (PCI DSS 3.2.1, requirement 3.4; S1-100).

/// Whether a text holds what is a card number by all that can be told: 13 to 19 digits, perhaps
/// with spaces, dashes or dots between them, of a range that a card scheme issues, with a right
/// check digit (ISO/IEC 7812-1, Luhn). Digits of any script count.
///
/// A run of digits is judged whole and never in part: an account number that holds sixteen digits
/// of a card by chance is not one.
#[must_use]
pub fn find_card_number(text: &str) -> bool {
    let mut run = Run::default();
    for character in text.chars() {
        match digit_of(character) {
            Some(digit) => run.push(digit),
            None if is_separator(character) && !run.is_empty() && !run.separated => {
                run.separated = true;
            }
            None => {
                if run.is_card() {
                    return true;
                }
                run = Run { after_letter: character.is_alphabetic(), ..Run::default() };
            }
        }
    }
    run.is_card()
}

/// Digits in a row, at most one separator between two.
#[derive(Default)]
struct Run {
    digits: Vec<u8>,
    too_long: bool,
    separated: bool,
    /// Whether a letter stands right before it: then it is part of an IBAN or a reference.
    after_letter: bool,
}

impl Run {
    const fn is_empty(&self) -> bool {
        self.digits.is_empty()
    }

    fn push(&mut self, digit: u8) {
        self.separated = false;
        if self.digits.len() < 19 {
            self.digits.push(digit);
        } else {
            self.too_long = true;
        }
    }

    fn is_card(&self) -> bool {
        !self.too_long
            && self.digits.len() >= 13
            && is_issued(&self.digits)
            && luhn(&self.digits)
            && !(self.after_letter && self.digits.len() > 16)
    }
}

const fn is_separator(character: char) -> bool {
    matches!(
        character,
        ' ' | '-' | '.' | '/' | '_' | '\u{a0}' | '\u{2007}'
            ..='\u{2015}' | '\u{202f}' | '\u{3000}' | '\u{ff0d}'
    )
}

/// A digit of the scripts that have them in a row of ten.
fn digit_of(character: char) -> Option<u8> {
    const ZEROS: [u32; 12] =
        [0x30, 0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xff10];
    let code = u32::from(character);
    let value =
        ZEROS.iter().find_map(|zero| code.checked_sub(*zero).filter(|value| *value < 10))?;
    u8::try_from(value).ok()
}

/// Whether a scheme issues numbers of this beginning and length.
fn is_issued(digits: &[u8]) -> bool {
    let head = |count: usize| {
        digits.iter().take(count).fold(0_u32, |number, digit| {
            number.saturating_mul(10).saturating_add(u32::from(*digit))
        })
    };
    match (digits.len(), head(1), head(2), head(3), head(4)) {
        // Visa; American Express; Diners Club.
        (13 | 16 | 19, 4, ..) | (15, _, 34 | 37, ..) => true,
        (14..=19, _, 36 | 38 | 39, ..) | (14..=19, _, _, 300..=305, _) => true,
        // Mastercard; Discover; JCB; UnionPay; Maestro; RuPay; Mir.
        (16, _, 51..=55, ..) | (16, _, _, _, 2221..=2720) => true,
        (16..=19, _, 65, ..) | (16..=19, _, _, 644..=649, _) | (16..=19, _, _, _, 6011) => true,
        (16..=19, _, _, _, 3528..=3589) | (16..=19, _, 62 | 81, ..) => true,
        (13..=19, _, _, _, 5018 | 5020 | 5038 | 5893 | 6304 | 6759 | 6761..=6763) => true,
        (16, _, 60 | 82, ..) | (16, _, _, 508, _) | (16..=19, _, _, _, 2200..=2204) => true,
        _ => false,
    }
}

/// The check digit of ISO/IEC 7812-1, annex B.
fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| {
            let value = u32::from(*digit);
            match at % 2 {
                1 if value > 4 => value.saturating_mul(2).saturating_sub(9),
                1 => value.saturating_mul(2),
                _ => value,
            }
        })
        .fold(0, u32::saturating_add);
    sum.is_multiple_of(10)
}
