//! How much another account moves so that an order can be carried out (S1-030, C03).

/// What is to be moved from the account that covers: what is missing and no more, if it has that
/// much to give. All amounts are minor units.
///
/// `available` is what the account that is short can still pay, `needed` what the order takes of
/// it, `covering` what the other account can pay.
#[must_use]
pub const fn cover_amount(available: i64, needed: i64, covering: i64) -> Option<i64> {
    let missing = needed.saturating_sub(available);
    if missing > 0 && missing <= covering { Some(missing) } else { None }
}
