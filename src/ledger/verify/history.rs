//! Which transactions were posted, and which were reversed.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashMap, HashSet};

use super::Key;
use super::difference::Difference;
use super::found::Found;
use crate::id::TransactionId;
use crate::ledger::{Entry, Link, Side, Transaction};

/// What is kept of transactions: of reversals and originals their ids, and of every transaction,
/// unless memory is to be bounded, its id and one hash over its entries.
#[derive(Debug, Default)]
pub(super) struct History {
    /// A hash over the entries of every transaction, if it is kept.
    posted: Option<HashMap<Key, u64>>,
    /// Originals with their reversal.
    reversed: HashMap<Key, TransactionId>,
    reversals: HashSet<Key>,
    hasher: DefaultHashBuilder,
}

fn key(transaction: TransactionId) -> Key {
    transaction.as_uuid().as_u64_pair()
}

impl History {
    pub(super) fn complete() -> Self {
        Self { posted: Some(HashMap::new()), ..Self::default() }
    }

    /// A hash that does not depend on the order of the entries; of their mirror if asked for.
    fn hash(&self, entries: &[Entry], side_of: impl Fn(Side) -> Side) -> u64 {
        entries.iter().fold(0, |hash, entry| {
            let (account, side) = (entry.account.as_uuid().as_u64_pair(), side_of(entry.side));
            let (minor, currency) = (entry.money.minor(), entry.money.currency());
            let leg = self.hasher.hash_one((account, side == Side::Debit, minor, currency));
            u64::wrapping_add(hash, leg)
        })
    }

    /// Judges that a transaction which something is linked to was posted before it.
    pub(super) fn refer(&self, original: TransactionId, position: u64, found: &mut Found) {
        if self.posted.as_ref().is_some_and(|posted| !posted.contains_key(&key(original))) {
            found.report(Difference::UnknownOriginal { position, original });
        }
    }

    pub(super) fn add(&mut self, transaction: &Transaction, found: &mut Found) {
        match transaction.link {
            Some(Link::Reverses { original, .. }) => self.reverse(transaction, original, found),
            Some(Link::RelatesTo(original)) => self.refer(original, transaction.position, found),
            Some(Link::Captures { .. }) | None => {}
        }
        if self.posted.is_none() {
            return;
        }
        let hash = self.hash(&transaction.entries, |side| side);
        let before = self.posted.as_mut().and_then(|all| all.insert(key(transaction.id), hash));
        if before.is_some() {
            found.report(Difference::TransactionRepeated { transaction: transaction.id });
        }
    }

    fn reverse(&mut self, reversal: &Transaction, original: TransactionId, found: &mut Found) {
        let transaction = reversal.id;
        if self.reversals.contains(&key(original)) {
            found.report(Difference::ReversalOfReversal { transaction, original });
        }
        self.reversals.insert(key(transaction));
        if let Some(first) = self.reversed.get(&key(original)).copied() {
            found.report(Difference::DoubleReversal { original, first, second: transaction });
        } else {
            self.reversed.insert(key(original), transaction);
        }
        self.refer(original, reversal.position, found);
        let posted = self.posted.as_ref().and_then(|posted| posted.get(&key(original)));
        if posted.is_some_and(|hash| *hash != self.hash(&reversal.entries, Side::opposite)) {
            found.report(Difference::ReversalNotMirror { reversal: transaction, original });
        }
    }
}
