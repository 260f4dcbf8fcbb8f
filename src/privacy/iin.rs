//! Which numbers card schemes issue.

/// The first six digits from and to, and how many digits such a number may have, as bits.
type Range = (u32, u32, u32);

const fn of(lengths: std::ops::RangeInclusive<u32>) -> u32 {
    // Bits from the first length to the last.
    (2_u32 << *lengths.end()).wrapping_sub(1_u32 << *lengths.start())
}

/// The ranges of the schemes (issuer identification numbers, ISO/IEC 7812), in order. Where two
/// schemes share a range it stands once.
const ISSUED: &[Range] = &[
    // Mir; Mastercard.
    (220_000, 220_499, of(16..=19)),
    (222_100, 272_099, of(16..=16)),
    // Diners Club; American Express; JCB, with RuPay and LankaPay in it; Diners Club.
    (300_000, 305_999, of(14..=19)),
    (309_500, 309_599, of(14..=19)),
    (340_000, 349_999, of(15..=15)),
    (352_800, 358_999, of(16..=19)),
    (360_000, 369_999, of(14..=19)),
    (370_000, 379_999, of(15..=15)),
    (380_000, 399_999, of(14..=19)),
    // Visa, with parts of Elo and Dankort in it.
    (400_000, 499_999, of(13..=13) | of(16..=16) | of(19..=19)),
    // Maestro, Elo, Verve, RuPay, Dankort; Mastercard; Maestro.
    (500_000, 509_999, of(13..=19)),
    (510_000, 559_999, of(16..=16)),
    (560_000, 589_999, of(13..=19)),
    // Discover; Hipercard; RuPay.
    (601_100, 601_199, of(16..=19)),
    (606_282, 606_282, of(13..=19)),
    (606_985, 607_984, of(16..=16)),
    (608_001, 608_500, of(16..=16)),
    // UnionPay, with parts of Discover and Elo in it; Maestro; InterPayment and Elo; Hipercard.
    (620_000, 629_999, of(16..=19)),
    (630_400, 630_499, of(13..=19)),
    (636_000, 636_999, of(16..=19)),
    (637_095, 637_095, of(16..=16)),
    (637_568, 637_612, of(16..=16)),
    (639_000, 639_099, of(13..=19)),
    // Discover, with RuPay, Verve, Elo and Troy in it; Maestro.
    (644_000, 659_999, of(16..=19)),
    (670_000, 679_999, of(13..=19)),
    // UnionPay; RuPay; Uzcard.
    (810_000, 817_199, of(16..=19)),
    (817_200, 820_199, of(16..=16)),
    (860_000, 860_099, of(16..=16)),
];

/// Whether a scheme issues numbers of this beginning and length.
pub(super) fn is_issued(digits: &[u8]) -> bool {
    let head = digits
        .iter()
        .take(6)
        .fold(0_u32, |number, digit| number.saturating_mul(10).saturating_add(u32::from(*digit)));
    let after = ISSUED.partition_point(|(from, ..)| *from <= head);
    let range = after.checked_sub(1).and_then(|at| ISSUED.get(at));
    range.is_some_and(|(_, to, lengths)| {
        let length = u32::try_from(digits.len()).ok().filter(|length| *length < 32);
        head <= *to && length.is_some_and(|length| lengths >> length & 1 == 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_stand_in_order_and_apart() {
        assert!(ISSUED.iter().all(|(from, to, _)| from <= to));
        assert!(ISSUED.is_sorted_by(|(_, to, _), (from, ..)| to < from));
    }

    #[test]
    fn lengths_are_bits() {
        assert_eq!(of(13..=13), 1 << 13);
        assert_eq!(of(16..=19), 1 << 16 | 1 << 17 | 1 << 18 | 1 << 19);
        assert!((13..=19).all(|length: u32| {
            let digits = vec![4; usize::try_from(length).unwrap_or_default()];
            is_issued(&digits) == [13, 16, 19].contains(&length)
        }));
    }
}
