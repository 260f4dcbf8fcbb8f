//! How far the readers of the journal have come.

use std::collections::BTreeMap;

use crate::ledger::Subscriber;
use crate::ledger::outbox::Mark;
use crate::store::StoreError;

/// The marks of all subscriptions, by subscriber and partition.
#[derive(Debug, Default)]
pub(super) struct Marks(BTreeMap<(Subscriber, u16), Mark>);

impl Marks {
    pub(super) fn of(&self, subscriber: &Subscriber) -> Vec<Mark> {
        let all = (*subscriber, 0)..=(*subscriber, u16::MAX);
        self.0.range(all).map(|(_, mark)| mark.clone()).collect()
    }

    /// Compares all versions before it writes any.
    pub(super) fn put(&mut self, marks: &[Mark]) -> Result<(), StoreError> {
        let stands = |mark: &Mark| {
            let version = self.0.get(&key(mark)).map_or(0, |kept| kept.version);
            version == mark.version
        };
        if !marks.iter().all(stands) {
            return Err(StoreError::conflict());
        }
        for mark in marks {
            let version = mark.version.saturating_add(1);
            self.0.insert(key(mark), Mark { version, ..mark.clone() });
        }
        Ok(())
    }

    pub(super) fn remove(&mut self, subscriber: &Subscriber) -> bool {
        let before = self.0.len();
        self.0.retain(|(of, _), _| of != subscriber);
        self.0.len() != before
    }
}

const fn key(mark: &Mark) -> (Subscriber, u16) {
    (mark.subscriber, mark.partition)
}
