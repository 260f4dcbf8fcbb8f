//! What stands in a row as a small number or a day, and what it means.

use chrono::{Days, NaiveDate};

use super::engine::missing;
use crate::ledger::{AccountClass, Block, Defaulted, FloorPolicy, HoldState};
use crate::store::StoreError;

/// The number of a class.
pub(super) const fn class_code(class: AccountClass) -> i64 {
    match class {
        AccountClass::Asset => 0,
        AccountClass::Liability => 1,
        AccountClass::Equity => 2,
        AccountClass::Income => 3,
        AccountClass::Expense => 4,
    }
}

/// The class of a number.
pub(super) fn class_of(code: i64) -> Result<AccountClass, StoreError> {
    let known = AccountClass::ALL.into_iter().find(|class| class_code(*class) == code);
    known.ok_or_else(missing)
}

/// The number of a floor, and its amount in minor units.
pub(super) const fn floor_code(floor: FloorPolicy) -> (i64, i64) {
    match floor {
        FloorPolicy::NonNegative => (0, 0),
        FloorPolicy::Overdraft(amount) => (1, amount),
        FloorPolicy::CreditLimit(amount) => (2, amount),
        FloorPolicy::Unbounded => (3, 0),
    }
}

/// The floor of a number and an amount.
pub(super) fn floor_of(code: i64, amount: i64) -> Result<FloorPolicy, StoreError> {
    match (code, amount) {
        (0, 0) => Ok(FloorPolicy::NonNegative),
        (1, _) => Ok(FloorPolicy::Overdraft(amount)),
        (2, _) => Ok(FloorPolicy::CreditLimit(amount)),
        (3, 0) => Ok(FloorPolicy::Unbounded),
        _ => Err(missing()),
    }
}

/// The number of a block.
pub(super) const fn block_code(block: Block) -> i64 {
    match block {
        Block::None => 0,
        Block::Debits => 1,
        Block::Credits => 2,
        Block::All => 3,
    }
}

/// The block of a number.
pub(super) fn block_of(code: i64) -> Result<Block, StoreError> {
    let all = [Block::None, Block::Debits, Block::Credits, Block::All];
    all.into_iter().find(|block| block_code(*block) == code).ok_or_else(missing)
}

/// The number of the state of a hold.
pub(super) const fn hold_state_code(state: HoldState) -> i64 {
    match state {
        HoldState::Open => 0,
        HoldState::Captured => 1,
        HoldState::Released => 2,
        HoldState::Expired => 3,
    }
}

/// The state of a hold of a number.
pub(super) fn hold_state_of(code: i64) -> Result<HoldState, StoreError> {
    let all = [HoldState::Open, HoldState::Captured, HoldState::Released, HoldState::Expired];
    all.into_iter().find(|state| hold_state_code(*state) == code).ok_or_else(missing)
}

/// The flags of what a request left to the bank.
pub(super) const fn defaulted_code(defaulted: Defaulted) -> i64 {
    (defaulted.booking_date as i64)
        | ((defaulted.value_date as i64) << 1)
        | ((defaulted.amount as i64) << 2)
}

/// What a request left to the bank.
pub(super) fn defaulted_of(flags: i64) -> Result<Defaulted, StoreError> {
    if !(0..8).contains(&flags) {
        return Err(missing());
    }
    Ok(Defaulted {
        booking_date: flags & 1 != 0,
        value_date: flags & 2 != 0,
        amount: flags & 4 != 0,
    })
}

/// A yes or no.
pub(super) fn flag_of(code: i64) -> Result<bool, StoreError> {
    match code {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(missing()),
    }
}

/// The number of a day: days since 1970-01-01.
pub(super) fn day_of(date: NaiveDate) -> i64 {
    date.signed_duration_since(NaiveDate::default()).num_days()
}

/// The day of a number.
pub(super) fn date_of(day: i64) -> Result<NaiveDate, StoreError> {
    let days = Days::new(day.unsigned_abs());
    let epoch = NaiveDate::default();
    let date = if day < 0 { epoch.checked_sub_days(days) } else { epoch.checked_add_days(days) };
    date.ok_or_else(missing)
}

/// A counter, which is never negative.
pub(super) fn count_of(number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(|_| missing())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn every_code_comes_back_and_no_other_is_taken() {
        for class in AccountClass::ALL {
            assert_eq!(class_of(class_code(class)).unwrap(), class);
        }
        for floor in [
            FloorPolicy::NonNegative,
            FloorPolicy::Overdraft(5),
            FloorPolicy::CreditLimit(7),
            FloorPolicy::Unbounded,
        ] {
            let (code, amount) = floor_code(floor);
            assert_eq!(floor_of(code, amount).unwrap(), floor);
        }
        for block in [Block::None, Block::Debits, Block::Credits, Block::All] {
            assert_eq!(block_of(block_code(block)).unwrap(), block);
        }
        for state in [HoldState::Open, HoldState::Captured, HoldState::Released, HoldState::Expired]
        {
            assert_eq!(hold_state_of(hold_state_code(state)).unwrap(), state);
        }
        for flags in 0..8 {
            assert_eq!(defaulted_code(defaulted_of(flags).unwrap()), flags);
        }
        for other in [-1, 8, i64::MAX] {
            assert!(class_of(other).is_err() && block_of(other).is_err());
            assert!(floor_of(other, 0).is_err() && hold_state_of(other).is_err());
            assert!(defaulted_of(other).is_err() && flag_of(other).is_err());
        }
        assert!(floor_of(0, 1).is_err(), "a floor of zero has no amount");
    }

    #[test]
    fn days_count_from_1970() {
        let day = |text: &str| day_of(text.parse().unwrap());
        assert_eq!([day("1970-01-01"), day("1970-01-02"), day("1969-12-31")], [0, 1, -1]);
        for date in [NaiveDate::MIN, NaiveDate::MAX, NaiveDate::default()] {
            assert_eq!(date_of(day_of(date)).unwrap(), date);
        }
        assert!(date_of(i64::MIN).is_err() && date_of(i64::MAX).is_err());
    }
}
