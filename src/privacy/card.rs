//! Card numbers in free text: they are never stored (PCI DSS 3.2.1, requirement 3.4; S1-100).

use super::digits::each_digit;
use super::iin::is_issued;
use super::not_a_card::is_part_of_another_number;

/// The most digits of a card number.
const LONGEST: usize = 19;
/// The fewest.
const SHORTEST: usize = 13;
/// The most spaces, dashes and dots between two digits of one number: ` - ` is three.
const MAX_GAP: usize = 3;

/// Whether a text holds what is a card number by all that can be told: 13 to 19 digits of a range
/// that a card scheme issues, with a right check digit (ISO/IEC 7812-1, Luhn).
///
/// - Digits of any script count, full-width, raised and circled ones too. Invisible characters
///   are passed over, and up to three spaces, dashes, dots or slashes may stand between two digits.
/// - Of a row of digits in groups, the whole is judged, and every part that is grouped as a card
///   is embossed: so a number is found with its date and code behind it. A single group is never
///   judged in part: an account number of twenty digits may hold sixteen of a card by chance.
/// - What stands in a valid IBAN (ISO 13616) or in a UUID is not a card number, nor is what follows
///   a `+` and is no longer than a telephone number (ITU-T E.164, 15 digits).
///
/// One in ten numbers of a card scheme's range has a right check digit by chance, so an account
/// number there is taken for a card. Ranges that begin with 9 are left out: they are for national
/// use, and numbers of accounts are made there.
#[must_use]
pub fn find_card_number(text: &str) -> bool {
    // A digit takes at least a byte, so most names and codes are done with here.
    if text.len() < SHORTEST {
        return false;
    }
    let mut run = Run::default();
    for (at, character) in text.char_indices() {
        let mut digits = 0_usize;
        each_digit(character, |digit| {
            digits = digits.saturating_add(1);
            run.push(digit, at);
        });
        if digits > 0 || is_invisible(character) {
            continue;
        }
        if is_separator(character) && run.separate() {
            continue;
        }
        if run.holds_a_card(text) {
            return true;
        }
        run.restart(character);
    }
    run.holds_a_card(text)
}

/// Digits that stand together.
#[derive(Clone, Copy)]
struct Group {
    /// Which of the digits of the run is its first.
    first: usize,
    /// Which comes after its last.
    end: usize,
    /// Where its first digit begins in the text, in bytes.
    from: usize,
    /// Where its last digit begins.
    to: usize,
}

impl Group {
    const fn len(self) -> usize {
        self.end.saturating_sub(self.first)
    }
}

/// Groups of digits with little between them.
#[derive(Default)]
struct Run {
    digits: Vec<u8>,
    groups: Vec<Group>,
    /// How many separators were seen since the last digit.
    gap: usize,
    /// Whether a `+` stands right before it.
    after_plus: bool,
}

impl Run {
    fn push(&mut self, digit: u8, at: usize) {
        let first = self.digits.len();
        self.digits.push(digit);
        match self.groups.last_mut().filter(|_| self.gap == 0) {
            Some(group) => (group.end, group.to) = (self.digits.len(), at),
            None => self.groups.push(Group { first, end: self.digits.len(), from: at, to: at }),
        }
        self.gap = 0;
    }

    /// Takes in a separator; `false` if the run ends by it.
    fn separate(&mut self) -> bool {
        self.gap = self.gap.saturating_add(1);
        !self.digits.is_empty() && self.gap <= MAX_GAP
    }

    /// Begins anew behind a character that belongs to no number. The buffers stay.
    fn restart(&mut self, character: char) {
        self.digits.clear();
        self.groups.clear();
        (self.gap, self.after_plus) = (0, matches!(character, '+' | '\u{ff0b}'));
    }

    fn holds_a_card(&self, text: &str) -> bool {
        if self.digits.len() < SHORTEST {
            return false;
        }
        (0..self.groups.len()).any(|first| {
            let groups = self.groups.get(first..).unwrap_or_default();
            (1..=groups.len())
                .map_while(|count| groups.get(..count))
                .take_while(|part| length_of(part) <= LONGEST)
                .any(|part| self.is_card(part, text))
        })
    }

    /// Whether some groups in a row are a card number.
    fn is_card(&self, part: &[Group], text: &str) -> bool {
        let (Some(first), Some(last)) = (part.first(), part.last()) else { return false };
        let digits = self.digits.get(first.first..last.end).unwrap_or_default();
        let whole = part.len() == self.groups.len();
        let telephone = self.after_plus && first.first == 0 && digits.len() <= 15;
        digits.len() >= SHORTEST
            && (whole || is_embossed(part))
            && is_issued(digits)
            && luhn(digits)
            && !telephone
            && !is_part_of_another_number(text, first.from..last.to.saturating_add(1))
    }
}

/// How many digits there are in groups in a row.
fn length_of(part: &[Group]) -> usize {
    let ends = part.first().zip(part.last());
    ends.map_or(0, |(first, last)| last.end.saturating_sub(first.first))
}

/// Whether digits are grouped as on a card: 4-4-4-4, 4-6-5, 4-4-4-4-3 and the like. No group but
/// the last has fewer than four digits, which no date does.
fn is_embossed(part: &[Group]) -> bool {
    part.split_last().is_some_and(|(_, before)| before.iter().all(|group| group.len() >= 4))
}

/// What people, forms and word processors put between the groups of a number.
fn is_separator(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            '-' | '.' | '/' | '_' | '\u{b7}' | '\u{2010}'
                ..='\u{2015}'
                    | '\u{2022}'
                    | '\u{2024}'
                    | '\u{2043}'
                    | '\u{2212}'
                    | '\u{30fb}'
                    | '\u{fe58}'
                    | '\u{fe63}'
                    | '\u{ff0d}'
                    | '\u{ff0e}'
                    | '\u{ff0f}'
        )
}

/// What does not show: joiners, marks of direction, variation selectors, soft hyphens.
const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'
            ..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{e0000}'..='\u{e0fff}'
    )
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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]
mod tests {
    use super::*;

    /// Stripe and PayPal, "Testing": the cards of each scheme.
    #[test]
    fn the_test_cards_of_each_scheme_are_found() {
        let published = [
            "4242424242424242",
            "4000056655665556",
            "4012888888881881",
            "4222222222222",
            "5555555555554444",
            "2223003122003222",
            "5200828282828210",
            "5105105105105100",
            "378282246310005",
            "371449635398431",
            "378734493671000",
            "6011111111111117",
            "6011000990139424",
            "6011981111111113",
            "3056930009020004",
            "36227206271667",
            "38520000023237",
            "30569309025904",
            "6555900000604105",
            "3566002020360505",
            "3530111333300000",
            "6200000000000005",
            "6200000000000047",
            "6205500000000000004",
        ];
        for number in published {
            assert!(find_card_number(number), "{number}");
            let mut digits = number.as_bytes().to_vec();
            let last = digits.last_mut().unwrap();
            *last = b'0' + (*last - b'0' + 1) % 10;
            assert!(!find_card_number(std::str::from_utf8(&digits).unwrap()), "{number} and one");
        }
    }

    /// SWIFT IBAN Registry (ISO 13616), the examples of the countries, compact and in groups; and an
    /// IBAN in which sixteen digits are those of a card (its check digits made by MOD 97-10).
    #[test]
    fn numbers_of_another_kind_are_no_cards() {
        let ibans = [
            "DE89370400440532013000",
            "GB29NWBK60161331926819",
            "FR1420041010050500013M02606",
            "NL91ABNA0417164300",
            "NO9386011117947",
            "CH9300762011623852957",
            "CZ6508000000192000145399",
            "BE68539007547034",
            "AT611904300234573201",
            "DK5000400440116243",
            "FI2112345600000785",
            "DE95411111111111111100",
        ];
        for iban in ibans {
            let grouped: Vec<&str> =
                iban.as_bytes().chunks(4).map(|four| std::str::from_utf8(four).unwrap()).collect();
            let texts = [iban.to_owned(), grouped.join(" "), grouped.join("-")];
            for text in texts.iter().flat_map(|text| [text.clone(), format!("to {text}, today")]) {
                assert!(!find_card_number(&text), "{text}");
            }
        }
        // Neither is valid, so they hide nothing.
        assert!(find_card_number("DE96 4111 1111 1111 1111 00"));
        assert!(find_card_number("XX11 4111 1111 1111 1111"));
        // Nor does a valid one cover its neighbour.
        assert!(find_card_number("DE89370400440532013000 4111111111111111"));
        let uuid = "a0000000-4111-4111-8111-411111111111";
        for at in 0..10_000_u32 {
            let digits = format!("{at:012}");
            assert!(!find_card_number(&format!("{}{digits}", &uuid[..24])), "{digits}");
            assert!(!find_card_number(&format!("id {}{digits}.", &uuid[..24])), "{digits}");
        }
    }

    /// A text of any length and content is judged in little time and without a panic.
    #[test]
    fn long_texts_are_judged_too() {
        for part in
            ["4", "4 ", "4111 ", "DE89 ", "\u{200b}", "４-", "0-", "DE89-4111-1111-1111-1111 "]
        {
            let text = part.repeat(50_000);
            let found = find_card_number(&text);
            assert_eq!(found, part.len() > 20, "{part}");
            assert!(find_card_number(&format!("{text}x 4111111111111111")), "{part}");
        }
    }
}
