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
}

/// Fresh ids and salts: the randomness of a decision, as an argument.
pub trait Supply {
    /// A fresh id.
    fn id(&mut self) -> Uuid;
    /// A fresh salt.
    fn salt(&mut self) -> [u8; 16];
}
