//! The arguments of a decision besides the facts.

use uuid::Uuid;

use crate::ledger::facts::Moment;
use crate::ledger::{DateBounds, IdempotencyKey, Origin};
use crate::money::Currencies;

/// What a decision is told besides the facts.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// The moment.
    pub moment: Moment,
    /// How far dates may lie from today.
    pub bounds: DateBounds,
    /// The currencies that the bank knows.
    pub currencies: &'a Currencies,
    /// Who asks, on which way.
    pub origin: &'a Origin,
    /// The key under which the host repeats the request.
    pub key: Option<&'a IdempotencyKey>,
    /// What the rules above the ledger say of each instruction of the request; none for plain
    /// postings, which they were not asked about.
    pub passes: &'a [Pass],
}

/// What the rules about people and their accounts say of an instruction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pass {
    /// They were not asked: it may not move the money of a guarded account.
    #[default]
    Plain,
    /// They let it through.
    Cleared,
    /// They refuse it, for the reason of this code. A repetition is recognised all the same.
    Barred(&'static str),
}

/// Fresh ids and salts: the randomness of a decision, as an argument.
pub trait Supply {
    /// A fresh id.
    fn id(&mut self) -> Uuid;
    /// A fresh salt.
    fn salt(&mut self) -> [u8; 16];
}
