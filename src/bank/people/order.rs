//! Orders: money of customers to be moved, with those on whose word.

use smallvec::SmallVec;

use crate::bank::guard::Guard;
use crate::id::{AccountId, CustomerId, HoldId, TransactionId};
use crate::kyc::GateAction;
use crate::ledger::{Instruction, Kind, NewHold, NewTransaction};
use crate::money::Money;

/// Money of customers to be moved or reserved, with those on whose word it moves.
///
/// Every leg on a customer's account is judged in the unit that moves the money: the gate (KYC,
/// AML, PEP, onboarding, lifecycle of the primary owner and of those who sign), the status of the
/// account, the bounds of its terms, and on the side that takes money out the mandate.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "an order moves nothing until a bank carries it out"]
pub struct Order {
    pub(in crate::bank) instruction: Instruction,
    pub(in crate::bank) guard: Guard,
}

impl Order {
    /// Cash or a payment that came in: from an account of the bank's to a customer's.
    pub fn deposit(from: AccountId, to: AccountId, money: Money) -> Self {
        Self::of(NewTransaction::transfer(Kind::DEPOSIT, from, to, money))
    }

    /// Cash that is handed out: from a customer's account to one of the bank's.
    pub fn withdrawal(from: AccountId, to: AccountId, money: Money) -> Self {
        Self::of(NewTransaction::transfer(Kind::WITHDRAWAL, from, to, money))
    }

    /// From one account to another within the bank.
    pub fn transfer(from: AccountId, to: AccountId, money: Money) -> Self {
        Self::of(NewTransaction::transfer(Kind::TRANSFER, from, to, money))
    }

    /// Out of the bank: to the account over which a rail is settled. The gate is asked about
    /// transfers to other banks.
    pub fn external(from: AccountId, clearing: AccountId, money: Money) -> Self {
        let order = Self::of(NewTransaction::transfer(Kind::PAYMENT, from, clearing, money));
        order.paying(GateAction::ExternalTransfer)
    }

    /// A hold on a customer's account, to be captured or released later as any hold.
    pub fn hold(hold: NewHold) -> Self {
        Self::of(hold)
    }

    /// Any posting or hold. Captures, releases and reversals need no order: they refer to what was
    /// let through before.
    pub fn of(instruction: impl Into<Instruction>) -> Self {
        let (signers, paying) = (SmallVec::new(), GateAction::Debit);
        Self { instruction: instruction.into(), guard: Guard::Customers { signers, paying } }
    }

    /// Adds a customer on whose word money goes out. The host has seen to it that it was they.
    pub fn signed_by(mut self, customer: CustomerId) -> Self {
        if let Guard::Customers { signers, .. } = &mut self.guard {
            signers.push(customer);
        }
        self
    }

    /// On the bank's own word: interest, fees, corrections. Neither mandate, gate nor the bounds
    /// of the terms are asked (C06), only whether the status of the account allows it. It needs
    /// [`Action::PostForBank`](crate::bank::Action::PostForBank).
    pub fn by_bank(mut self) -> Self {
        self.guard = Guard::Bank;
        self
    }

    /// Sets the caller's id, which makes the order repeatable.
    pub fn with_id(mut self, id: TransactionId) -> Self {
        match &mut self.instruction {
            Instruction::Post(new) => new.id = Some(id),
            Instruction::Hold(new) => new.id = Some(HoldId::from_uuid(id.as_uuid())),
            _ => {}
        }
        self
    }

    fn paying(mut self, action: GateAction) -> Self {
        if let Guard::Customers { paying, .. } = &mut self.guard {
            *paying = action;
        }
        self
    }

    /// The instruction as the ledger gets it.
    #[must_use]
    pub const fn instruction(&self) -> &Instruction {
        &self.instruction
    }

    /// Those who signed.
    #[must_use]
    pub fn signers(&self) -> &[CustomerId] {
        match &self.guard {
            Guard::Customers { signers, .. } => signers,
            _ => &[],
        }
    }
}
