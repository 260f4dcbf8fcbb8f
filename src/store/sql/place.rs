//! How places are numbered: 37 bits for the unit, 14 for the record in it, 12 for the leg.
//!
//! A place is known before the journal is: units are written side by side, and only then put into
//! an order. So a row names its unit, and the unit's row says where in the journal it stands.

use crate::store::{ErrorKind, StoreError};

/// The most records of one unit.
pub(super) const MAX_RECORDS: usize = 1 << 14;
/// The number of units that fit the numbering: 137 billion.
const MAX_UNIT: i64 = 1 << 37;

const RECORD_BITS: u32 = 14;
const LEG_BITS: u32 = 12;

/// The place of the first record of a unit.
pub(super) fn first_place(unit: i64) -> Result<i64, StoreError> {
    let full = "the store has given out all its numbers for units of work";
    let fits = (1..MAX_UNIT).contains(&unit);
    fits.then_some(unit << RECORD_BITS).ok_or(StoreError::new(ErrorKind::Unavailable, full))
}

/// The unit of a place.
pub(super) const fn unit_of(place: i64) -> i64 {
    place >> RECORD_BITS
}

/// The offset of a record within its unit.
pub(super) const fn offset_of(place: i64) -> i64 {
    place & ((1 << RECORD_BITS) - 1)
}

/// The sequence of the first entry of a record; legs follow.
pub(super) const fn first_entry(place: i64) -> i64 {
    place << LEG_BITS
}

/// The place of the record of an entry.
pub(super) const fn place_of_entry(seq: i64) -> i64 {
    seq >> LEG_BITS
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::cast_possible_wrap, clippy::arithmetic_side_effects)]
mod tests {
    use super::*;

    #[test]
    fn the_numbering_fits_the_largest_of_everything() {
        let place = first_place(MAX_UNIT - 1).unwrap() + (MAX_RECORDS as i64 - 1);
        assert_eq!(unit_of(place), MAX_UNIT - 1);
        assert_eq!(offset_of(place), MAX_RECORDS as i64 - 1);
        let last = first_entry(place) + (crate::ledger::MAX_LEGS as i64 - 1);
        assert_eq!(place_of_entry(last), place);
        assert!(last > 0 && first_place(MAX_UNIT).is_err());
    }
}
