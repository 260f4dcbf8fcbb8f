//! What a unit has left to do once all of it is written: its place in the journal.

use super::engine::Engine;
use super::head::{self, UnitRow};
use super::relied::Relied;
use crate::store::{Committed, StoreError};
use crate::time::Timestamp;

/// What is left to do at the commit.
#[derive(Debug)]
pub(super) enum Left {
    /// Give the unit its place: the head is locked no sooner than that.
    Settle {
        unit: UnitRow,
        book_version: i64,
        not_before: Timestamp,
        /// Whether accounts, chart, limits or closed days change: the place is given at once.
        structural: bool,
        /// What must be so still, under the lock of the head: the place is given at once then.
        relied: Relied,
    },
    /// Nothing: no record was written.
    Nothing(Committed),
}

impl Left {
    /// The last statements before the commit.
    pub(super) async fn finish<E: Engine>(
        self,
        engine: &E,
        link: &mut E::Link,
        joined: bool,
    ) -> Result<Committed, StoreError> {
        match self {
            Self::Nothing(committed) => Ok(committed),
            Self::Settle { unit, book_version, not_before, structural: false, relied }
                if joined && relied.is_empty() =>
            {
                head::leave_open(engine, link, &unit, book_version).await?;
                Ok(Committed { first_position: 0, first_instant: not_before })
            }
            Self::Settle { unit, book_version, relied, .. } => {
                let committed = head::settle(engine, link, &unit, book_version).await?;
                if !relied.is_empty() {
                    relied.check(engine, link).await?;
                }
                Ok(committed)
            }
        }
    }
}
