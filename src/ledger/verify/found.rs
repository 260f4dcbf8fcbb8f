//! The differences that a check has found.

use super::Difference;

/// The differences found so far.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) differences: Vec<Difference>,
    pub(super) more: u64,
}

impl Found {
    /// The most differences that are named; the rest is counted.
    pub(super) const MAX: usize = 1_000;

    #[cold]
    pub(super) fn report(&mut self, difference: Difference) {
        if self.differences.len() < Self::MAX {
            self.differences.push(difference);
        } else {
            self.more = self.more.saturating_add(1);
        }
    }
}
