//! An amount times an exact factor, without any loss in between.

use super::error::MoneyError;
use super::rounding::{Rounding, pow10};

/// The most decimal digits that may be cut off at once; the rest then fits a `Decimal`.
pub(super) const MAX_CUT: u32 = 28;

/// A whole number of units and what rounding left over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scaled {
    /// The rounded number of units.
    pub(super) units: i64,
    /// The exact result less `units`, in parts of `10^cut`; smaller than one unit.
    pub(super) remainder: i128,
}

/// `amount * mantissa / 10^cut`, rounded once. `mantissa` is that of a `Decimal` (96 bits), and
/// `cut` is at most [`MAX_CUT`].
pub(super) fn multiply(
    amount: i64,
    mantissa: i128,
    cut: u32,
    rounding: Rounding,
) -> Result<Scaled, MoneyError> {
    let negative = (amount < 0) != (mantissa < 0);
    let divisor = pow10(cut)?.unsigned_abs();
    let product = wide_product(amount.unsigned_abs(), mantissa.unsigned_abs())?;
    let (quotient, remainder) = wide_divide(product, cut)?;
    let away = rounding.goes_away(negative, quotient & 1 == 1, remainder, divisor);
    let quotient = i128::try_from(quotient).map_err(|_| MoneyError::Overflow)?;
    let remainder = i128::try_from(remainder).map_err(|_| MoneyError::Overflow)?;
    let (units, remainder) = if away {
        (quotient.checked_add(1), remainder.checked_sub(pow10(cut)?))
    } else {
        (Some(quotient), Some(remainder))
    };
    let signed = |value: Option<i128>| {
        let value = if negative { value.and_then(i128::checked_neg) } else { value };
        value.ok_or(MoneyError::Overflow)
    };
    let units = i64::try_from(signed(units)?).map_err(|_| MoneyError::Overflow)?;
    Ok(Scaled { units, remainder: signed(remainder)? })
}

/// `amount * mantissa * 10^raise`, which needs no rounding.
pub(super) fn raise(amount: i64, mantissa: i128, raise: u32) -> Result<i64, MoneyError> {
    i128::from(amount)
        .checked_mul(mantissa)
        .and_then(|product| product.checked_mul(pow10(raise).ok()?))
        .and_then(|product| i64::try_from(product).ok())
        .ok_or(MoneyError::Overflow)
}

/// The low 64 bits of a limb product.
const LOW: u128 = 0xFFFF_FFFF_FFFF_FFFF;

/// Three limbs of 64 bits, the highest first; each is below 2^64.
type Wide = [u128; 3];

/// The full product of 64 bits by 96 bits, which an `i128` cannot hold.
fn wide_product(amount: u64, mantissa: u128) -> Result<Wide, MoneyError> {
    let amount = u128::from(amount);
    let low = amount.checked_mul(mantissa & LOW).ok_or(MoneyError::Overflow)?;
    let high = amount
        .checked_mul(mantissa >> 64)
        .and_then(|high| high.checked_add(low >> 64))
        .ok_or(MoneyError::Overflow)?;
    Ok([high >> 64, high & LOW, low & LOW])
}

/// Quotient and remainder by `10^cut`, in two steps of at most 14 digits each.
fn wide_divide(product: Wide, cut: u32) -> Result<(u128, u128), MoneyError> {
    let first = cut.min(14);
    let first_divisor = pow10(first)?.unsigned_abs();
    let second_divisor = pow10(cut.saturating_sub(first))?.unsigned_abs();
    let (quotient, low) = short_divide(product, first_divisor)?;
    let ([top, middle, bottom], high) = short_divide(quotient, second_divisor)?;
    if top != 0 {
        return Err(MoneyError::Overflow);
    }
    let remainder = high.checked_mul(first_divisor).and_then(|high| high.checked_add(low));
    Ok(((middle << 64) | bottom, remainder.ok_or(MoneyError::Overflow)?))
}

/// Schoolbook division by a divisor below 2^64.
fn short_divide(value: Wide, divisor: u128) -> Result<(Wide, u128), MoneyError> {
    let mut rest = 0_u128;
    let mut quotient = value;
    for limb in &mut quotient {
        let step = (rest << 64) | *limb;
        *limb = step.checked_div(divisor).ok_or(MoneyError::DivisionByZero)?;
        rest = step.checked_rem(divisor).ok_or(MoneyError::DivisionByZero)?;
    }
    Ok((quotient, rest))
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::arithmetic_side_effects
    )]

    use proptest::prelude::*;

    use super::super::rounding::divide_rounded;
    use super::*;

    const MAX_MANTISSA: i128 = (1 << 96) - 1;

    #[test]
    fn extremes_do_not_wrap() {
        for rounding in Rounding::ALL {
            let unit = 10_i128.pow(28);
            for amount in [i64::MIN, i64::MAX, 0, 1, -1] {
                let same = multiply(amount, unit, 28, rounding);
                assert_eq!(same, Ok(Scaled { units: amount, remainder: 0 }));
            }
            assert_eq!(multiply(i64::MIN, MAX_MANTISSA, 28, rounding), Err(MoneyError::Overflow));
            assert_eq!(multiply(i64::MIN, MAX_MANTISSA, 0, rounding), Err(MoneyError::Overflow));
            assert_eq!(multiply(i64::MIN, -1, 0, rounding), Err(MoneyError::Overflow));
        }
        // Exactly 2^128: its low limbs are all zero, and must not pass for zero units.
        let (amount, mantissa) = (1_i64 << 62, 1_i128 << 66);
        assert_eq!(multiply(amount, mantissa, 0, Rounding::Down), Err(MoneyError::Overflow));
        assert_eq!(multiply(amount, mantissa * 10, 1, Rounding::Down), Err(MoneyError::Overflow));
        assert_eq!(raise(i64::MAX, 1, 1), Err(MoneyError::Overflow));
        assert_eq!(raise(i64::MAX, MAX_MANTISSA, 18), Err(MoneyError::Overflow));
        assert_eq!(raise(-3, 2, 3), Ok(-6000));
        // i64::MAX * (10^28 - 1) / 10^28 = i64::MAX - 0.0000000009...
        let down = multiply(i64::MAX, 10_i128.pow(28) - 1, 28, Rounding::Down).unwrap();
        assert_eq!(down.units, i64::MAX - 1);
        assert_eq!(down.remainder, 10_i128.pow(28) - i128::from(i64::MAX));
    }

    proptest! {
        #[test]
        fn agrees_with_i128_where_it_fits(
            amount: i64,
            m in -(1_i64 << 62)..1 << 62,
            cut in 0_u32..=28,
        ) {
            for rounding in Rounding::ALL {
                let product = i128::from(amount) * i128::from(m);
                let expected = divide_rounded(product, 10_i128.pow(cut), rounding).unwrap();
                let got = multiply(amount, i128::from(m), cut, rounding);
                prop_assert_eq!(got.ok().map(|s| s.units), i64::try_from(expected).ok());
                if let Ok(scaled) = got {
                    let back = i128::from(scaled.units) * 10_i128.pow(cut) + scaled.remainder;
                    prop_assert_eq!(back, product);
                }
            }
        }

        /// Modulo 2^128, the identity must hold for products that no `i128` can hold.
        #[test]
        fn is_exact_beyond_i128(
            amount: i64,
            m in -MAX_MANTISSA..=MAX_MANTISSA,
            cut in 14_u32..=28,
        ) {
            for rounding in Rounding::ALL {
                if let Ok(scaled) = multiply(amount, m, cut, rounding) {
                    let unit = 10_i128.pow(cut);
                    prop_assert!(scaled.remainder.abs() < unit);
                    let units = i128::from(scaled.units);
                    let back = units.wrapping_mul(unit).wrapping_add(scaled.remainder);
                    prop_assert_eq!(back, i128::from(amount).wrapping_mul(m));
                }
            }
        }
    }
}
