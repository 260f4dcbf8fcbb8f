//! A run of the journal, read once and handed to whichever partitions it covers.

use std::collections::HashMap;

use super::{Bank, Error, Event, corrupt};
use crate::id::{AccountId, HoldId};
use crate::ledger::outbox::{Mark, accounts_of, hold_behind, partition_of};
use crate::ledger::{Hold, Record};
use crate::store::in_key_order;

/// The records behind one place and through another, without a gap.
pub(super) struct Chunk {
    after: u64,
    /// The last place that was read.
    pub(super) end: u64,
    rows: Vec<Row>,
}

struct Row {
    record: Record,
    /// The accounts that it changed, each with its partition.
    accounts: Vec<(AccountId, u16)>,
}

/// What a chunk has for a partition.
pub(super) struct Share {
    pub(super) events: Vec<Event>,
    /// The place behind which the partition has to be read again.
    pub(super) through: u64,
}

impl Row {
    fn concerns(&self, partition: u16) -> bool {
        match self.accounts.as_slice() {
            [] => partition == 0,
            accounts => accounts.iter().any(|(_, of)| *of == partition),
        }
    }
}

impl Chunk {
    /// Whether the chunk says what comes next behind a mark.
    pub(super) const fn covers(&self, mark: &Mark) -> bool {
        self.after <= mark.acknowledged && mark.acknowledged < self.end
    }

    /// Whether it holds nothing for the partition behind its mark.
    pub(super) fn is_quiet(&self, mark: &Mark) -> bool {
        self.behind(mark).next().is_none()
    }

    fn behind<'a>(&'a self, mark: &'a Mark) -> impl Iterator<Item = &'a Row> {
        let fresh = self.rows.iter().filter(|row| row.record.position() > mark.acknowledged);
        fresh.filter(|row| row.concerns(mark.partition))
    }

    /// The first events of the partition behind its mark.
    pub(super) fn share(&self, mark: &Mark, limit: usize) -> Share {
        let mut rows = self.behind(mark);
        let event = |row: &Row| {
            let own = row.accounts.iter().filter(|(_, of)| *of == mark.partition);
            let leads = row.accounts.first().is_none_or(|(_, of)| *of == mark.partition);
            let accounts = own.map(|(account, _)| *account).collect();
            Event { record: row.record.clone(), accounts, leads }
        };
        let events = rows.by_ref().take(limit).map(event).collect();
        // What follows and is not for this partition is read with it.
        let next = rows.next().map(|row| row.record.position().saturating_sub(1));
        Share { events, through: next.unwrap_or(self.end) }
    }
}

impl Bank {
    /// Reads behind a place that is known not to be the last.
    pub(super) async fn read_chunk(
        &self,
        after: u64,
        limit: usize,
        partitions: u16,
    ) -> Result<Chunk, Error> {
        let mut records = self.inner.store.journal(after, limit).await?;
        // A reader that stepped over a gap would lose an event for ever.
        let in_order = |(place, record): &(u64, &Record)| record.position() == *place;
        let sound = (after.saturating_add(1)..).zip(&records).take_while(in_order).count();
        if sound == 0 {
            return Err(corrupt("records behind the mark of a reader are missing; run verify"));
        }
        records.truncate(sound);
        let holds = self.holds_behind(&records).await?;
        let mut end = after;
        let mut rows = Vec::with_capacity(records.len());
        for record in records {
            let hold = match hold_behind(&record) {
                None => None,
                Some(id) => {
                    let missing = "a record names a hold that does not exist; run verify";
                    Some(holds.get(&id).ok_or_else(|| corrupt(missing))?)
                }
            };
            let accounts = accounts_of(&record, hold);
            let with_partition = |account| (account, partition_of(account, partitions));
            end = record.position();
            rows.push(Row { record, accounts: accounts.into_iter().map(with_partition).collect() });
        }
        Ok(Chunk { after, end, rows })
    }

    async fn holds_behind(&self, records: &[Record]) -> Result<HashMap<HoldId, Hold>, Error> {
        let ids: Vec<HoldId> = records.iter().filter_map(hold_behind).collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let found = self.inner.store.holds(&in_key_order(&ids)).await?;
        Ok(found.into_iter().flatten().map(|hold| (hold.id, hold)).collect())
    }
}
