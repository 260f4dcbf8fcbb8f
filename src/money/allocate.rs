//! Cutting an amount into parts without losing or creating a unit.

use std::cmp::Reverse;
use std::num::NonZeroU32;

use super::amount::Money;
use super::error::MoneyError;

/// The most parts that one amount can be cut into; it bounds the memory of one call.
pub const MAX_PARTS: u32 = 1_000_000;

impl Money {
    /// Shares this amount out by weights, by the method of the largest remainder.
    ///
    /// Each part is its exact share cut toward zero; the units that are left over go, one each,
    /// to the parts that were cut the most, the earlier part first among equals. So the parts add
    /// up to the amount, each is within one unit of its exact share, none has the other sign, and
    /// a part of weight zero gets nothing.
    ///
    /// ```
    /// # use corebank::money::{Currency, Money};
    /// let parts = Money::new(100, Currency::USD).allocate(&[1, 1, 1])?;
    /// assert_eq!(parts.iter().map(Money::minor).collect::<Vec<_>>(), [34, 33, 33]);
    /// # Ok::<(), corebank::money::MoneyError>(())
    /// ```
    ///
    /// # Errors
    /// [`MoneyError::NoWeights`], [`MoneyError::ZeroWeights`], and
    /// [`MoneyError::TooManyParts`] above [`MAX_PARTS`].
    pub fn allocate(&self, weights: &[u64]) -> Result<Vec<Self>, MoneyError> {
        if weights.is_empty() {
            return Err(MoneyError::NoWeights);
        }
        check_parts(weights.len())?;
        let total = weights.iter().try_fold(0_u128, |sum, w| sum.checked_add(u128::from(*w)));
        let total = total.ok_or(MoneyError::Overflow)?;
        if total == 0 {
            return Err(MoneyError::ZeroWeights);
        }
        let amount = u128::from(self.minor().unsigned_abs());
        let mut parts = Vec::with_capacity(weights.len());
        let mut left = amount;
        for (index, weight) in weights.iter().enumerate() {
            // 64 bits by 64 bits always fit.
            let product = amount.checked_mul(u128::from(*weight)).ok_or(MoneyError::Overflow)?;
            let share = product.checked_div(total).ok_or(MoneyError::ZeroWeights)?;
            let rest = product.checked_rem(total).ok_or(MoneyError::ZeroWeights)?;
            left = left.checked_sub(share).ok_or(MoneyError::Overflow)?;
            parts.push(Part { index, share, rest });
        }
        // Fewer units are left than there are parts with a rest above zero.
        let left = usize::try_from(left).map_err(|_| MoneyError::Overflow)?;
        if left > 0 {
            parts.sort_unstable_by_key(|part| (Reverse(part.rest), part.index));
            for part in parts.iter_mut().take(left) {
                part.share = part.share.checked_add(1).ok_or(MoneyError::Overflow)?;
            }
            parts.sort_unstable_by_key(|part| part.index);
        }
        parts.into_iter().map(|part| self.part(part.share)).collect()
    }

    /// Cuts this amount into equal parts; the units that are left over go to the first parts.
    ///
    /// # Errors
    /// [`MoneyError::TooManyParts`] above [`MAX_PARTS`].
    pub fn split(&self, parts: NonZeroU32) -> Result<Vec<Self>, MoneyError> {
        let count = usize::try_from(parts.get()).map_err(|_| too_many())?;
        check_parts(count)?;
        let (amount, divisor) = (self.minor().unsigned_abs(), u64::from(parts.get()));
        let share = amount.checked_div(divisor).ok_or(MoneyError::DivisionByZero)?;
        let extra = amount.checked_rem(divisor).ok_or(MoneyError::DivisionByZero)?;
        (0..divisor)
            .map(|index| {
                let more = u128::from(index < extra);
                let share = u128::from(share).checked_add(more).ok_or(MoneyError::Overflow)?;
                self.part(share)
            })
            .collect()
    }

    /// A part of this size, with the sign and the currency of the whole.
    fn part(&self, size: u128) -> Result<Self, MoneyError> {
        let size = i128::try_from(size).map_err(|_| MoneyError::Overflow)?;
        let signed = if self.is_negative() { size.checked_neg() } else { Some(size) };
        let minor = signed.and_then(|minor| i64::try_from(minor).ok());
        Ok(Self::new(minor.ok_or(MoneyError::Overflow)?, self.currency()))
    }
}

struct Part {
    index: usize,
    share: u128,
    rest: u128,
}

const fn too_many() -> MoneyError {
    MoneyError::TooManyParts { max: MAX_PARTS }
}

fn check_parts(count: usize) -> Result<(), MoneyError> {
    u32::try_from(count).ok().filter(|count| *count <= MAX_PARTS).map(|_| ()).ok_or(too_many())
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

    use super::super::currency::Currency;
    use super::*;

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::USD)
    }

    fn shares(minor: i64, weights: &[u64]) -> Vec<i64> {
        usd(minor).allocate(weights).unwrap().iter().map(Money::minor).collect()
    }

    #[test]
    fn known_shares() {
        assert_eq!(shares(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(shares(-100, &[1, 1, 1]), [-34, -33, -33]);
        assert_eq!(shares(5, &[3, 7]), [2, 3], "1.5 and 3.5: the tie goes to the earlier");
        assert_eq!(shares(10, &[1, 2, 4]), [1, 3, 6], "1.43, 2.86, 5.71");
        assert_eq!(shares(1, &[0, 1, 1]), [0, 1, 0]);
        assert_eq!(shares(0, &[1, 2]), [0, 0]);
        assert_eq!(shares(7, &[5]), [7]);
        assert_eq!(shares(2, &[1, 1, 1, 1]), [1, 1, 0, 0]);
    }

    #[test]
    fn extremes() {
        let half = u64::MAX;
        assert_eq!(shares(i64::MIN, &[half]), [i64::MIN]);
        assert_eq!(shares(i64::MIN, &[half, half]), [i64::MIN / 2, i64::MIN / 2]);
        assert_eq!(shares(i64::MAX, &[half, half]), [i64::MAX / 2 + 1, i64::MAX / 2]);
        assert_eq!(shares(i64::MAX, &[half, 0, half, 1]).iter().sum::<i64>(), i64::MAX);
        assert_eq!(usd(1).allocate(&[]), Err(MoneyError::NoWeights));
        assert_eq!(usd(1).allocate(&[0, 0]), Err(MoneyError::ZeroWeights));
        let many = vec![1; 1_000_001];
        assert_eq!(usd(1).allocate(&many), Err(too_many()));
        assert_eq!(usd(1).split(NonZeroU32::MAX), Err(too_many()));
        assert_eq!(usd(i64::MIN).split(NonZeroU32::MIN), Ok(vec![usd(i64::MIN)]));
        let million = NonZeroU32::new(MAX_PARTS).unwrap();
        assert_eq!(Money::try_sum(usd(i64::MIN).split(million).unwrap()), Ok(usd(i64::MIN)));
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_every_share_is_fair(
            minor in prop_oneof![any::<i64>(), -1_000_i64..1_000, Just(i64::MIN), Just(i64::MAX)],
            weights in prop::collection::vec(
                prop_oneof![any::<u64>(), 0_u64..5, Just(u64::MAX)], 1..40),
        ) {
            let total: u128 = weights.iter().map(|w| u128::from(*w)).sum();
            prop_assume!(total > 0);
            let parts = usd(minor).allocate(&weights).unwrap();
            prop_assert_eq!(parts.len(), weights.len());
            prop_assert_eq!(Money::try_sum(parts.iter().copied()), Ok(usd(minor)));
            for (part, weight) in parts.iter().zip(&weights) {
                let exact = u128::from(minor.unsigned_abs()) * u128::from(*weight);
                let size = u128::from(part.minor().unsigned_abs());
                prop_assert!(size == exact / total || size == exact / total + 1);
                prop_assert!(exact % total != 0 || size == exact / total, "exact shares stay");
                prop_assert!(*weight != 0 || size == 0);
                prop_assert!(part.is_zero() || part.is_negative() == (minor < 0));
            }
            // A part never gets more than another of greater weight; equals differ by position.
            for (i, a) in parts.iter().enumerate() {
                for (j, b) in parts.iter().enumerate() {
                    let (wa, wb) = (weights.get(i), weights.get(j));
                    if wa == wb && i < j {
                        prop_assert!(a.minor().unsigned_abs() >= b.minor().unsigned_abs());
                    }
                }
            }
        }

        #[test]
        fn split_is_allocate_with_equal_weights(minor: i64, parts in 1_u32..200) {
            let weights = vec![1; usize::try_from(parts).unwrap()];
            let split = usd(minor).split(NonZeroU32::new(parts).unwrap());
            prop_assert_eq!(split, usd(minor).allocate(&weights));
        }
    }
}
