//! The four counters of an account and what follows from them.

use crate::ledger::Side;

/// The four counters of an account, in minor units, each never negative.
///
/// `debits_posted` and `credits_posted` only ever grow. The pending ones grow when a hold is
/// placed and shrink when it is captured, released or expires. Every other figure is derived, so
/// that no two figures can disagree (C04).
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct Balance {
    /// All that was ever debited.
    pub debits_posted: i64,
    /// All that was ever credited.
    pub credits_posted: i64,
    /// Debits that open holds reserve.
    pub debits_pending: i64,
    /// Credits that open holds announce.
    pub credits_pending: i64,
}

impl Balance {
    /// The ledger balance: what was posted, positive on the normal side.
    #[must_use]
    pub const fn ledger(&self, normal: Side) -> i64 {
        // Both counters lie in 0..=i64::MAX, so the difference cannot overflow.
        match normal {
            Side::Debit => self.debits_posted.saturating_sub(self.credits_posted),
            Side::Credit => self.credits_posted.saturating_sub(self.debits_posted),
        }
    }

    /// The available balance: the ledger balance less what holds would take; what they would
    /// bring does not count. Wider than `i64` because holds may push it below.
    #[must_use]
    pub fn available(&self, normal: Side) -> i128 {
        let outgoing = match normal {
            Side::Debit => self.credits_pending,
            Side::Credit => self.debits_pending,
        };
        i128::from(self.ledger(normal)).saturating_sub(i128::from(outgoing))
    }

    /// The ledger balance with what holds would bring, which a ceiling is judged by.
    #[must_use]
    pub fn expected(&self, normal: Side) -> i128 {
        let incoming = match normal {
            Side::Debit => self.debits_pending,
            Side::Credit => self.credits_pending,
        };
        i128::from(self.ledger(normal)).saturating_add(i128::from(incoming))
    }

    /// Whether open holds touch the account.
    #[must_use]
    pub const fn has_holds(&self) -> bool {
        self.debits_pending != 0 || self.credits_pending != 0
    }

    /// Adds a posted amount; `None` on overflow, and then nothing changed.
    #[must_use]
    pub fn post(&mut self, side: Side, amount: i64) -> Option<()> {
        let (posted, pending) = match side {
            Side::Debit => (&mut self.debits_posted, self.debits_pending),
            Side::Credit => (&mut self.credits_posted, self.credits_pending),
        };
        let sum = posted.checked_add(amount)?;
        // Room is kept for what holds have reserved, so that a capture never overflows.
        sum.checked_add(pending)?;
        *posted = sum;
        Some(())
    }

    /// Adds a pending amount; `None` on overflow, and then nothing changed.
    #[must_use]
    pub fn reserve(&mut self, side: Side, amount: i64) -> Option<()> {
        let (posted, pending) = match side {
            Side::Debit => (self.debits_posted, &mut self.debits_pending),
            Side::Credit => (self.credits_posted, &mut self.credits_pending),
        };
        let sum = pending.checked_add(amount)?;
        sum.checked_add(posted)?;
        *pending = sum;
        Some(())
    }

    /// Takes a pending amount away again; `None` if there is less, and then nothing changed.
    #[must_use]
    pub fn free(&mut self, side: Side, amount: i64) -> Option<()> {
        let pending = match side {
            Side::Debit => &mut self.debits_pending,
            Side::Credit => &mut self.credits_pending,
        };
        *pending = pending.checked_sub(amount).filter(|left| *left >= 0)?;
        Some(())
    }
}
