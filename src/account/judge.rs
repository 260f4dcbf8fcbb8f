//! What stands between an order and the ledger, on the side of the account. No allocation, a few
//! nanoseconds: every movement of money passes here.

use super::{CustomerAccount, Operation, Refusal};
use crate::id::CustomerId;
use crate::money::Money;

/// Judges a movement on a customer's word: status, bounds of the terms, and for money that goes
/// out the mandate.
///
/// # Errors
/// [`Refusal::StatusForbids`], [`Refusal::BelowTerms`], [`Refusal::AboveTerms`], and what the
/// mandate refuses.
#[inline]
pub fn judge(
    account: &CustomerAccount,
    operation: Operation,
    money: Money,
    signers: &[CustomerId],
) -> Result<(), Refusal> {
    judge_status(account, operation)?;
    let minor = money.minor();
    if let Some(minimum) = account.minimum.filter(|minimum| minor < *minimum) {
        let minimum = Money::new(minimum, account.currency);
        return Err(Refusal::BelowTerms { account: account.id, minimum });
    }
    if let Some(maximum) = account.maximum.filter(|maximum| minor > *maximum) {
        let maximum = Money::new(maximum, account.currency);
        return Err(Refusal::AboveTerms { account: account.id, maximum });
    }
    match operation {
        Operation::Debit | Operation::Hold => account.ownership.signed(signers),
        _ => Ok(()),
    }
}

/// Judges a movement on the bank's own word: the status only. Bounds and mandate are the
/// customer's; fees, interest and corrections are exempt by their explicit origin (C06).
///
/// # Errors
/// [`Refusal::StatusForbids`].
#[inline]
pub fn judge_bank(account: &CustomerAccount, operation: Operation) -> Result<(), Refusal> {
    judge_status(account, operation)
}

#[inline]
fn judge_status(account: &CustomerAccount, operation: Operation) -> Result<(), Refusal> {
    let (status, id) = (account.status, account.id);
    if status.allows(operation) {
        return Ok(());
    }
    Err(Refusal::StatusForbids { account: id, operation, status: status.code() })
}
