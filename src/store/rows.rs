//! Reads a whole bank as rows, in the order of [`Restore`](super::Restore), a few at a time.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::id::AccountId;
use crate::ledger::query::{AccountQuery, HoldQuery};
use crate::ledger::seal::Block;
use crate::ledger::{IdempotencyKey, Record, UsageKey};

use super::{ArchiveRow, Entity, EntityRow, Store, StoreError};

/// How many rows are read at a time. With a block for every record they are still fewer than
/// [`MAX_ROWS`](super::MAX_ROWS).
const STEP: usize = 1_024;

/// What is read next.
#[derive(Debug)]
enum Stage {
    Book,
    Accounts(Option<AccountId>),
    Journal(u64),
    /// The journal is read; blocks that claim more stand behind it.
    Blocks,
    Holds(Option<u64>),
    Keys(Option<(IdempotencyKey, u32)>),
    Usages(Option<UsageKey>),
    /// The kinds in their order, and the last id read of one.
    Entities(usize, Option<uuid::Uuid>),
    End,
}

/// A bank as rows. Whoever reads them makes sure that nobody posts meanwhile.
#[derive(Debug)]
pub(crate) struct Rows<'a> {
    store: &'a dyn Store,
    stage: Stage,
    blocks: Blocks,
}

/// The blocks that were there when it began, a few ahead.
#[derive(Debug)]
struct Blocks {
    read: VecDeque<Block>,
    after: u64,
    last: u64,
}

impl<'a> Rows<'a> {
    pub(crate) async fn of(store: &'a dyn Store) -> Result<Self, StoreError> {
        // Blocks that others seal meanwhile are left out: sealing does not move the head.
        let last = store.last_block().await?.map_or(0, |block| block.number);
        let blocks = Blocks { read: VecDeque::new(), after: 0, last };
        Ok(Self { store, stage: Stage::Book, blocks })
    }

    /// The next rows; `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<ArchiveRow>>, StoreError> {
        loop {
            let rows = self.step().await?;
            if !rows.is_empty() {
                return Ok(Some(rows));
            }
            if matches!(self.stage, Stage::End) {
                return Ok(None);
            }
        }
    }

    /// Reads some rows and moves on to the next stage when there are no more.
    async fn step(&mut self) -> Result<Vec<ArchiveRow>, StoreError> {
        let store = self.store;
        Ok(match &mut self.stage {
            Stage::Book => {
                let (book, chart) = (store.book().await?, store.chart().await?);
                self.stage = Stage::Accounts(None);
                vec![ArchiveRow::Book(book, chart)]
            }
            Stage::Accounts(after) => {
                let found = store.account_list(&AccountQuery::new(), *after, STEP).await?;
                self.stage = match found.last() {
                    Some(last) => Stage::Accounts(Some(last.id())),
                    None => Stage::Journal(0),
                };
                found.into_iter().map(|account| ArchiveRow::Account(Box::new(account))).collect()
            }
            Stage::Journal(after) => {
                let found = store.journal(*after, STEP).await?;
                self.stage = match found.last() {
                    // A store that answers with the wrong records must not make this run for ever.
                    Some(last) => Stage::Journal(last.position().max(after.saturating_add(1))),
                    None => Stage::Blocks,
                };
                self.with_blocks(found).await?
            }
            Stage::Blocks => match self.blocks.next(store, u64::MAX).await? {
                Some(block) => vec![ArchiveRow::Block(block)],
                None => {
                    self.stage = Stage::Holds(None);
                    Vec::new()
                }
            },
            Stage::Holds(after) => {
                let found = store.hold_list(&HoldQuery::new(), *after, STEP).await?;
                self.stage = match found.last() {
                    Some(last) => Stage::Holds(Some(last.position)),
                    None => Stage::Keys(None),
                };
                found.into_iter().map(|hold| ArchiveRow::Hold(Box::new(hold))).collect()
            }
            Stage::Keys(after) => {
                let found = store.keys(after.take(), STEP).await?;
                self.stage = match found.last() {
                    Some((last, _)) => Stage::Keys(Some(last.clone())),
                    None => Stage::Usages(None),
                };
                found.into_iter().map(|(key, record)| ArchiveRow::Key(key, record)).collect()
            }
            Stage::Usages(after) => {
                let found = store.usages(*after, STEP).await?;
                self.stage = match found.last() {
                    Some((last, _)) => Stage::Usages(Some(*last)),
                    None => Stage::Entities(0, None),
                };
                found.into_iter().map(|(key, usage)| ArchiveRow::Usage(key, usage)).collect()
            }
            Stage::Entities(at, after) => {
                let (at, after) = (*at, *after);
                self.entities(at, after).await?
            }
            Stage::End => Vec::new(),
        })
    }

    /// Rows beside the ledger of one kind; on to the next kind when there are no more.
    async fn entities(
        &mut self,
        at: usize,
        after: Option<uuid::Uuid>,
    ) -> Result<Vec<ArchiveRow>, StoreError> {
        let Some(kind) = Entity::KINDS.get(at) else {
            self.stage = Stage::End;
            return Ok(Vec::new());
        };
        let found = self.store.entity_list(*kind, after, STEP).await?;
        self.stage = match found.last() {
            Some((last, _)) => Stage::Entities(at, Some(last.entity.id)),
            None => Stage::Entities(at.saturating_add(1), None),
        };
        let row = |row: Arc<EntityRow>| Box::new(Arc::unwrap_or_clone(row));
        Ok(found.into_iter().map(|(one, keys)| ArchiveRow::Entity(row(one), keys)).collect())
    }

    /// Records, each behind the blocks that begin with it.
    async fn with_blocks(&mut self, records: Vec<Record>) -> Result<Vec<ArchiveRow>, StoreError> {
        let mut rows = Vec::with_capacity(records.len());
        for record in records {
            while let Some(block) = self.blocks.next(self.store, record.position()).await? {
                rows.push(ArchiveRow::Block(block));
            }
            rows.push(ArchiveRow::Record(record));
        }
        Ok(rows)
    }
}

impl Blocks {
    /// The next block, if it begins at or before a place.
    async fn next(
        &mut self,
        store: &dyn Store,
        position: u64,
    ) -> Result<Option<Block>, StoreError> {
        if self.read.is_empty() && self.after < self.last {
            self.read.extend(store.blocks(self.after, STEP).await?);
            let next = self.after.saturating_add(1);
            self.after = self.read.back().map_or(self.last, |block| block.number.max(next));
        }
        let due = |block: &mut Block| block.first_position <= position && block.number <= self.last;
        Ok(self.read.pop_front_if(due))
    }
}
