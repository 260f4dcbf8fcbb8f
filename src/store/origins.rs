//! Who asked for which record of a unit.

use crate::ledger::Origin;

/// Who asked for the records of a unit, on which way: runs of records with one origin each.
///
/// Nearly every unit has one run. A unit that carries the requests of many callers (group commit)
/// has a run for each of them, so that every record of the journal says who asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origins {
    first: Origin,
    /// The runs behind the first: the offset of their first record, ascending and above 0.
    more: Vec<(u32, Origin)>,
}

impl From<Origin> for Origins {
    /// One origin for every record.
    fn from(origin: Origin) -> Self {
        Self { first: origin, more: Vec::new() }
    }
}

impl Origins {
    /// From record `offset` of the unit on (counted from 0), `origin` asked. Offsets must not
    /// descend; one that does counts as the last one given. A run that turns out to have no
    /// record, because the next begins at the same offset, is dropped.
    pub fn from_record(&mut self, offset: u32, origin: Origin) {
        let last = self.more.last().map_or(0, |(offset, _)| *offset);
        if offset <= last {
            match self.more.pop() {
                None => self.first = origin,
                Some(_) => self.continue_with(last, origin),
            }
            return;
        }
        self.continue_with(offset, origin);
    }

    fn continue_with(&mut self, offset: u32, origin: Origin) {
        let last = self.more.last().map_or(&self.first, |(_, origin)| origin);
        if *last != origin {
            self.more.push((offset, origin));
        }
    }

    /// Who asked for record `offset` of the unit, counted from 0.
    #[must_use]
    pub fn of(&self, offset: u32) -> &Origin {
        let behind = self.more.partition_point(|(first, _)| *first <= offset);
        let run = behind.checked_sub(1).and_then(|at| self.more.get(at));
        run.map_or(&self.first, |(_, origin)| origin)
    }

    /// The one origin of all records, if there is only one.
    #[must_use]
    pub const fn single(&self) -> Option<&Origin> {
        if self.more.is_empty() { Some(&self.first) } else { None }
    }

    /// How many runs there are: at least one.
    #[must_use]
    pub const fn run_count(&self) -> usize {
        self.more.len().saturating_add(1)
    }

    /// The runs: the offset of the first record and the origin of it and of all up to the next
    /// run. The first begins at 0; neighbours differ; an origin may come back later.
    pub fn runs(&self) -> impl Iterator<Item = (u32, &Origin)> {
        let more = self.more.iter().map(|(offset, origin)| (*offset, origin));
        std::iter::once((0, &self.first)).chain(more)
    }

    /// The runs, by value.
    pub fn into_runs(self) -> impl Iterator<Item = (u32, Origin)> {
        std::iter::once((0, self.first)).chain(self.more)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::ledger::{Actor, Channel};

    fn origin(name: &str) -> Origin {
        Origin { actor: Actor::new(name).unwrap(), channel: Channel::API, correlation: None }
    }

    fn runs(origins: &Origins) -> Vec<(u32, String)> {
        origins.runs().map(|(offset, origin)| (offset, origin.actor.as_str().to_owned())).collect()
    }

    #[test]
    fn one_origin_stands_for_every_record() {
        let origins = Origins::from(origin("a"));
        assert_eq!(origins.single(), Some(&origin("a")));
        assert_eq!(origins.of(0), origins.of(u32::MAX));
        assert_eq!(origins.run_count(), 1);
    }

    #[test]
    fn each_record_has_the_origin_of_its_run() {
        let mut origins = Origins::from(origin("a"));
        origins.from_record(2, origin("b"));
        origins.from_record(3, origin("b"));
        origins.from_record(5, origin("a"));
        let named = |offset| origins.of(offset).actor.as_str().to_owned();
        assert_eq!([0, 1, 2, 3, 4, 5, 6].map(named), ["a", "a", "b", "b", "b", "a", "a"]);
        assert_eq!(origins.single(), None);
        let expected = [(0, "a"), (2, "b"), (5, "a")];
        assert_eq!(runs(&origins), expected.map(|(at, name)| (at, name.to_owned())));
    }

    #[test]
    fn a_run_without_records_is_dropped() {
        let mut origins = Origins::from(origin("refused"));
        origins.from_record(0, origin("a"));
        assert_eq!(origins.single(), Some(&origin("a")));
        origins.from_record(1, origin("refused"));
        // Back to the one before: no run at all.
        origins.from_record(1, origin("a"));
        assert_eq!(origins.single(), Some(&origin("a")));
        origins.from_record(4, origin("b"));
        origins.from_record(3, origin("c"));
        assert_eq!(runs(&origins), [(0, "a".to_owned()), (4, "c".to_owned())]);
    }
}
