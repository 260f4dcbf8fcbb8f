//! Who asks, on which way, under which key.

use crate::ledger::{Actor, Channel, Correlation, IdempotencyKey, Origin, TextError};

/// The context of a request. It is part of every record that the request causes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Context {
    /// Who acts: an opaque id, never a name.
    pub actor: Actor,
    /// On which way the request came in.
    pub channel: Channel,
    /// Ties together everything that one request of the host caused.
    pub correlation: Option<Correlation>,
    /// Makes requests without an id of their own repeatable: the ids that the bank gives out are
    /// kept under it. Instructions that carry their own id do not need it and ignore it.
    pub idempotency_key: Option<IdempotencyKey>,
}

impl Context {
    /// A context of an actor on a channel.
    #[must_use]
    pub const fn new(actor: Actor, channel: Channel) -> Self {
        Self { actor, channel, correlation: None, idempotency_key: None }
    }

    /// The context of the bank's own jobs: `service:<name>` on the channel `system`.
    ///
    /// # Errors
    /// [`TextError`] when the name is too long or holds a forbidden character.
    pub fn system(name: &str) -> Result<Self, TextError> {
        Ok(Self::new(Actor::new(&format!("service:{name}"))?, Channel::SYSTEM))
    }

    /// Sets the correlation.
    #[must_use]
    pub fn with_correlation(mut self, correlation: Correlation) -> Self {
        self.correlation = Some(correlation);
        self
    }

    /// Sets the idempotency key.
    #[must_use]
    pub fn with_idempotency_key(mut self, key: IdempotencyKey) -> Self {
        self.idempotency_key = Some(key);
        self
    }

    pub(crate) fn origin(&self) -> Origin {
        Origin {
            actor: self.actor.clone(),
            channel: self.channel,
            correlation: self.correlation.clone(),
        }
    }
}
