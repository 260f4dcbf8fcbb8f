//! Balances as the requirement documents name them (C04).

use crate::ledger::{Account, Side};
use crate::money::Money;

/// The balances of an account, all of one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct AccountBalance {
    /// What was posted (S2-022 `ledger_balance`; `balance` in 000, 001, 003).
    pub ledger: Money,
    /// What may be paid out now: ledger - pending out + overdraft. Money that is to come in does
    /// not count.
    pub available: Money,
    /// What is reserved to come in.
    pub pending_in: Money,
    /// What is reserved to go out.
    pub pending_out: Money,
    /// How far below zero the available balance may go.
    pub overdraft: Money,
    /// Grows with every change: what was read before can be told from what stands.
    pub version: u64,
}

impl AccountBalance {
    /// The balances of a ledger account.
    #[must_use]
    pub fn of(account: &Account) -> Self {
        let state = &account.state;
        let (normal, currency) = (state.class.normal_side(), state.currency);
        let clamp = |minor: i128| {
            let bounded = minor.clamp(i128::from(i64::MIN), i128::from(i64::MAX));
            Money::new(i64::try_from(bounded).unwrap_or(i64::MAX), currency)
        };
        let balance = &state.balance;
        let (pending_in, pending_out) = match normal {
            Side::Debit => (balance.debits_pending, balance.credits_pending),
            Side::Credit => (balance.credits_pending, balance.debits_pending),
        };
        let headroom = state.floor.minimum().map_or(0, |minimum| 0_i64.saturating_sub(minimum));
        let available = balance.available(normal).saturating_add(i128::from(headroom));
        Self {
            ledger: Money::new(balance.ledger(normal), currency),
            available: clamp(available),
            pending_in: Money::new(pending_in, currency),
            pending_out: Money::new(pending_out, currency),
            overdraft: Money::new(headroom, currency),
            version: state.version,
        }
    }

    /// What is to come in less what is to go out: the formula that 001's `pending_balance` lacks
    /// (S1-122).
    pub fn pending(&self) -> Money {
        let minor = self.pending_in.minor().saturating_sub(self.pending_out.minor());
        Money::new(minor, self.ledger.currency())
    }
}
