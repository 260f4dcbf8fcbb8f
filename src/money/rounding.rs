//! How a result between two units becomes one of them. It is never chosen silently.

use std::cmp::Ordering;

use super::error::MoneyError;

/// What to do with a result that lies between two units.
///
/// | value | `HalfEven` | `HalfUp` | `HalfDown` | `Up` | `Down` | `Ceiling` | `Floor` |
/// |---|---|---|---|---|---|---|---|
/// | 2.5 | 2 | 3 | 2 | 3 | 2 | 3 | 2 |
/// | 1.1 | 1 | 1 | 1 | 2 | 1 | 2 | 1 |
/// | -1.1 | -1 | -1 | -1 | -2 | -1 | -1 | -2 |
/// | -2.5 | -2 | -3 | -2 | -3 | -2 | -2 | -3 |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rounding {
    /// To the nearest unit; a half goes to the even neighbour ("banker's rounding").
    HalfEven,
    /// To the nearest unit; a half goes away from zero.
    HalfUp,
    /// To the nearest unit; a half goes toward zero.
    HalfDown,
    /// Away from zero.
    Up,
    /// Toward zero.
    Down,
    /// Toward positive infinity.
    Ceiling,
    /// Toward negative infinity.
    Floor,
}

impl Rounding {
    /// Every way of rounding.
    pub const ALL: [Self; 7] = [
        Self::HalfEven,
        Self::HalfUp,
        Self::HalfDown,
        Self::Up,
        Self::Down,
        Self::Ceiling,
        Self::Floor,
    ];

    /// Whether a quotient that was cut toward zero must go one unit away from zero.
    /// `remainder` is below `divisor`; both are magnitudes.
    pub(super) fn goes_away(
        self,
        negative: bool,
        odd: bool,
        remainder: u128,
        divisor: u128,
    ) -> bool {
        if remainder == 0 {
            return false;
        }
        // Compares the remainder with one half without doubling it, which could overflow.
        let against_half = remainder.cmp(&divisor.saturating_sub(remainder));
        match self {
            Self::HalfEven => {
                against_half.then(if odd { Ordering::Greater } else { Ordering::Less })
            }
            Self::HalfUp => against_half.then(Ordering::Greater),
            Self::HalfDown => against_half,
            Self::Up => Ordering::Greater,
            Self::Down => Ordering::Less,
            Self::Ceiling => true.cmp(&negative),
            Self::Floor => negative.cmp(&false),
        }
        .is_gt()
    }
}

/// The quotient of two integers, rounded to an integer as told.
///
/// # Errors
/// [`MoneyError::DivisionByZero`]; [`MoneyError::Overflow`] for `i128::MIN` by -1.
pub fn divide_rounded(
    numerator: i128,
    denominator: i128,
    rounding: Rounding,
) -> Result<i128, MoneyError> {
    if denominator == 0 {
        return Err(MoneyError::DivisionByZero);
    }
    let quotient = numerator.checked_div(denominator).ok_or(MoneyError::Overflow)?;
    let remainder = numerator.checked_rem(denominator).ok_or(MoneyError::Overflow)?;
    let negative = (numerator < 0) != (denominator < 0);
    let odd = quotient & 1 == 1;
    let (part, whole) = (remainder.unsigned_abs(), denominator.unsigned_abs());
    if !rounding.goes_away(negative, odd, part, whole) {
        return Ok(quotient);
    }
    quotient.checked_add(if negative { -1 } else { 1 }).ok_or(MoneyError::Overflow)
}

/// Ten to this power, if it fits.
pub(super) fn pow10(power: u32) -> Result<i128, MoneyError> {
    10_i128.checked_pow(power).ok_or(MoneyError::Overflow)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]

    use proptest::prelude::*;
    use rust_decimal::{Decimal, RoundingStrategy};

    use super::*;

    /// Tenths, and what each way of rounding makes of them, in the order of [`Rounding::ALL`].
    const TABLE: [(i128, [i128; 7]); 15] = [
        (0, [0, 0, 0, 0, 0, 0, 0]),
        (1, [0, 0, 0, 1, 0, 1, 0]),
        (5, [0, 1, 0, 1, 0, 1, 0]),
        (9, [1, 1, 1, 1, 0, 1, 0]),
        (10, [1, 1, 1, 1, 1, 1, 1]),
        (11, [1, 1, 1, 2, 1, 2, 1]),
        (15, [2, 2, 1, 2, 1, 2, 1]),
        (25, [2, 3, 2, 3, 2, 3, 2]),
        (-1, [0, 0, 0, -1, 0, 0, -1]),
        (-5, [0, -1, 0, -1, 0, 0, -1]),
        (-9, [-1, -1, -1, -1, 0, 0, -1]),
        (-10, [-1, -1, -1, -1, -1, -1, -1]),
        (-11, [-1, -1, -1, -2, -1, -1, -2]),
        (-15, [-2, -2, -1, -2, -1, -1, -2]),
        (-25, [-2, -3, -2, -3, -2, -2, -3]),
    ];

    #[test]
    fn the_table_of_all_ways_and_signs() {
        for (tenths, expected) in TABLE {
            for (rounding, expected) in Rounding::ALL.into_iter().zip(expected) {
                assert_eq!(
                    divide_rounded(tenths, 10, rounding),
                    Ok(expected),
                    "{tenths} {rounding:?}"
                );
                assert_eq!(
                    divide_rounded(-tenths, -10, rounding),
                    Ok(expected),
                    "{tenths} {rounding:?}"
                );
            }
        }
    }

    #[test]
    fn extremes() {
        for rounding in Rounding::ALL {
            assert_eq!(divide_rounded(1, 0, rounding), Err(MoneyError::DivisionByZero));
            assert_eq!(divide_rounded(i128::MIN, -1, rounding), Err(MoneyError::Overflow));
            assert_eq!(divide_rounded(i128::MIN, 1, rounding), Ok(i128::MIN));
            assert_eq!(divide_rounded(i128::MIN, i128::MIN, rounding), Ok(1));
        }
        let away = |n, d| divide_rounded(n, d, Rounding::HalfUp);
        assert_eq!(away(i128::MAX, i128::MIN), Ok(-1));
        assert_eq!(away(1, i128::MIN), Ok(0));
        assert_eq!(divide_rounded(1, i128::MIN, Rounding::Up), Ok(-1));
        assert_eq!(divide_rounded(i128::MIN / 2, i128::MIN, Rounding::HalfEven), Ok(0));
        assert_eq!(away(i128::MIN / 2, i128::MIN), Ok(1));
    }

    fn oracle(rounding: Rounding) -> RoundingStrategy {
        match rounding {
            Rounding::HalfEven => RoundingStrategy::MidpointNearestEven,
            Rounding::HalfUp => RoundingStrategy::MidpointAwayFromZero,
            Rounding::HalfDown => RoundingStrategy::MidpointTowardZero,
            Rounding::Up => RoundingStrategy::AwayFromZero,
            Rounding::Down => RoundingStrategy::ToZero,
            Rounding::Ceiling => RoundingStrategy::ToPositiveInfinity,
            Rounding::Floor => RoundingStrategy::ToNegativeInfinity,
        }
    }

    proptest! {
        /// Small integers: their quotients within a `Decimal` never round to a false half.
        #[test]
        fn agrees_with_decimal(n in -100_000_i64..100_000, d in -1_000_i64..1_000) {
            prop_assume!(d != 0);
            for rounding in Rounding::ALL {
                let exact = Decimal::from(n) / Decimal::from(d);
                let expected = exact.round_dp_with_strategy(0, oracle(rounding));
                let got = divide_rounded(i128::from(n), i128::from(d), rounding).unwrap();
                prop_assert_eq!(Decimal::from(got), expected, "{} / {} {:?}", n, d, rounding);
            }
        }

        #[test]
        fn stays_within_one_unit(n: i128, d in 1_i128..i128::MAX) {
            for rounding in Rounding::ALL {
                let quotient = divide_rounded(n, d, rounding).unwrap();
                prop_assert!((quotient - n / d).abs() <= 1);
            }
        }
    }
}
