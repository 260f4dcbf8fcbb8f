//! Sealing, proving and verifying.

use super::key_check::KeyCheck;
use super::{Action, Bank, Context, Error};
use crate::ledger::query::{AccountQuery, HoldQuery, MAX_PAGE};
use crate::ledger::seal::{Block, MAX_BLOCK, Proof, SealReport, SealVerifier, record_hash};
use crate::ledger::verify::{Report, Verifier};
use crate::ledger::{Refusal, TransactionId};
use crate::store::{Entity, ErrorKind, Head, StoreError};

/// How many records are read at a time: bounds the memory of a verification.
pub(super) const STEP: usize = 4_096;

/// How often a verification starts again because others posted meanwhile.
const MAX_VERIFICATIONS: u32 = 8;

/// What a call sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// How many blocks.
    pub blocks: u64,
    /// How many records.
    pub records: u64,
    /// The last block of the chain. Write its number and hash down where the database cannot
    /// reach: it stands for the whole journal.
    pub last: Option<Block>,
}

impl Bank {
    /// Seals every record that is not sealed yet, in blocks of at most [`MAX_BLOCK`] records.
    /// Runs after commit, in small units of its own, and holds no lock that posting needs. Two
    /// callers do not disturb each other.
    ///
    /// # Errors
    /// [`Error`]; see the table there.
    pub async fn seal(&self, context: &Context) -> Result<Sealed, Error> {
        self.authorise(context, Action::Seal)?;
        let store = &self.inner.store;
        let mut sealed = Sealed { blocks: 0, records: 0, last: store.last_block().await? };
        // What is posted while it runs is left for the next call, or it might never end.
        let head = store.head().await?;
        loop {
            let after = sealed.last.as_ref().map_or(0, last_position);
            if after >= head.position {
                return Ok(sealed);
            }
            let records = store.journal(after, MAX_BLOCK).await?;
            let leaves: Vec<_> = records.iter().map(record_hash).collect();
            let first = after.saturating_add(1);
            if leaves.is_empty() {
                let what = "the journal is shorter than its head says; run verify";
                return Err(StoreError::new(ErrorKind::Corrupt, what).into());
            }
            let block = Block::build(sealed.last.as_ref(), first, &leaves, self.moment().now);
            match self.append_block(context, block).await {
                Ok(()) => {
                    sealed.blocks = sealed.blocks.saturating_add(1);
                    sealed.records = sealed.records.saturating_add(u64::from(block.count));
                    sealed.last = Some(block);
                }
                // Somebody else sealed the same records first: go on behind them.
                Err(Error::Store(error)) if error.kind() == ErrorKind::Conflict => {
                    sealed.last = store.last_block().await?;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Sealed blocks behind a number, in order; numbers start at 1.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn blocks(&self, after: u64, limit: usize) -> Result<Vec<Block>, Error> {
        Ok(self.inner.store.blocks(after, limit.min(MAX_PAGE)).await?)
    }

    /// Shows that a transaction is in a sealed block. Check the proof with [`Proof::verify`]
    /// against the hash of that block, as written down by somebody you trust.
    ///
    /// # Errors
    /// [`Refusal::UnknownTransaction`], [`Refusal::NotSealed`]; [`Error::Store`].
    pub async fn prove(&self, id: TransactionId) -> Result<Proof, Error> {
        let position = self.transaction(id).await?.position;
        let not_sealed = Refusal::NotSealed { position };
        let block = self.block_of(position).await?.ok_or(not_sealed.clone())?;
        let count = usize::try_from(block.count).unwrap_or(MAX_BLOCK);
        let before = block.first_position.saturating_sub(1);
        let records = self.inner.store.journal(before, count).await?;
        let leaves: Vec<_> = records.iter().map(record_hash).collect();
        let index = position.saturating_sub(block.first_position);
        let index = u32::try_from(index).unwrap_or(u32::MAX);
        Ok(Proof::build(block, &leaves, index).ok_or(not_sealed)?)
    }

    /// The block that holds a place of the journal, by halving.
    async fn block_of(&self, position: u64) -> Result<Option<Block>, Error> {
        let last = self.inner.store.last_block().await?;
        let (mut low, mut high) = (0_u64, last.map_or(0, |last| last.number));
        while low < high {
            let middle = low.midpoint(high);
            let found = self.inner.store.blocks(middle, 1).await?;
            let Some(block) = found.into_iter().next() else { return Ok(None) };
            if position < block.first_position {
                high = middle;
            } else if position >= block.end() {
                low = middle.saturating_add(1);
            } else {
                return Ok(Some(block));
            }
        }
        Ok(None)
    }

    /// Recomputes every seal from the records and reports each that does not fit.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn verify_seals(&self) -> Result<SealReport, Error> {
        self.check_seals(SealVerifier::new()).await
    }

    /// As [`Bank::verify_seals`], with the number and hash of a block that was written down
    /// before: it also finds a chain that was sealed anew from there.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn verify_seals_against(
        &self,
        number: u64,
        hash: [u8; 32],
    ) -> Result<SealReport, Error> {
        self.check_seals(SealVerifier::new().anchored(number, hash)).await
    }

    async fn check_seals(&self, mut verifier: SealVerifier) -> Result<SealReport, Error> {
        let store = &self.inner.store;
        let (mut number, mut sealed) = (0, 0);
        loop {
            let found = store.blocks(number, 1).await?;
            let Some(block) = found.first() else { break };
            verifier.block(block);
            let mut after = block.first_position.saturating_sub(1);
            while after < last_position(block) {
                let left = last_position(block).saturating_sub(after);
                let left = usize::try_from(left).unwrap_or(STEP);
                let records = store.journal(after, left.min(STEP)).await?;
                let Some(last) = records.last() else { break };
                // A store that answers with the wrong records must not make this run for ever.
                after = last.position().max(after.saturating_add(1));
                // Where records are missing, those behind the block come instead: not yet.
                let own = records.iter().filter(|record| record.position() < block.end());
                own.for_each(|record| verifier.record(record));
            }
            sealed = last_position(block);
            number = number.saturating_add(1);
        }
        loop {
            let records = store.journal(sealed, STEP).await?;
            let Some(last) = records.last() else { break };
            sealed = last.position().max(sealed.saturating_add(1));
            records.iter().for_each(|record| verifier.record(record));
        }
        Ok(verifier.finish())
    }

    /// Recomputes every balance, running balance, group and hold from the entries alone, holds every
    /// row beside the ledger and its keys against the journal, and reports each difference, in
    /// bounded memory per account, row and transaction id. Meant to run at night: if others post
    /// meanwhile and something seems to differ it starts again.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`] when the books never stood still; [`Error::Store`].
    pub async fn verify(&self) -> Result<Report, Error> {
        for _ in 0..MAX_VERIFICATIONS {
            let before = self.inner.store.head().await?;
            let report = self.verify_once(before).await?;
            if let Some(report) = report
                && (report.is_clean() || self.inner.store.head().await? == before)
            {
                return Ok(report);
            }
        }
        let what = "the books changed during every verification; verify when fewer post";
        Err(StoreError::new(ErrorKind::Conflict, what).into())
    }

    /// None if the books changed before it could be said what is wrong with keys.
    async fn verify_once(&self, head: Head) -> Result<Option<Report>, Error> {
        let mut verifier = Verifier::new();
        self.verify_books(&mut verifier).await?;
        let check = self.verify_rows(&mut verifier).await?;
        verifier.count_keys(check.keys());
        if let Some(suspects) = self.suspect_keys(&check).await? {
            if self.inner.store.head().await? != head {
                return Ok(None);
            }
            self.name_keys(&suspects, &mut verifier).await?;
        }
        Ok(Some(verifier.finish()))
    }

    /// The journal, accounts and holds.
    async fn verify_books(&self, verifier: &mut Verifier) -> Result<(), Error> {
        let store = &self.inner.store;
        let mut after = 0;
        loop {
            let records = store.journal(after, STEP).await?;
            let Some(last) = records.last() else { break };
            after = last.position().max(after.saturating_add(1));
            records.iter().for_each(|record| verifier.fold(record));
        }
        let mut after = None;
        loop {
            let accounts = store.account_list(&AccountQuery::new(), after, STEP).await?;
            let Some(last) = accounts.last() else { break };
            goes_on(after < Some(last.id()))?;
            after = Some(last.id());
            accounts.iter().for_each(|account| verifier.check_account(account));
        }
        let mut after = None;
        loop {
            let holds = store.hold_list(&HoldQuery::new(), after, STEP).await?;
            let Some(last) = holds.last() else { break };
            goes_on(after < Some(last.position))?;
            after = Some(last.position);
            holds.iter().for_each(|hold| verifier.check_hold(hold));
        }
        Ok(())
    }

    /// The rows beside the ledger; what they say that their keys are.
    async fn verify_rows(&self, verifier: &mut Verifier) -> Result<KeyCheck, Error> {
        let (store, mut check) = (&self.inner.store, KeyCheck::default());
        for kind in Entity::KINDS {
            let mut after = None;
            loop {
                let rows = store.entity_list(*kind, after, STEP).await?;
                let Some((last, _)) = rows.last() else { break };
                goes_on(after < Some(last.entity.id))?;
                after = Some(last.entity.id);
                for (row, keys) in &rows {
                    verifier.check_entity(row.entity, row.version, &row.digest());
                    check.row(row, keys);
                }
            }
        }
        Ok(check)
    }
}

/// A damaged index may lead in a circle: that must not make a verification run for ever.
pub(super) const fn goes_on(forward: bool) -> Result<(), StoreError> {
    let what = "the store does not list its rows in their order; restore a backup";
    if forward { Ok(()) } else { Err(StoreError::new(ErrorKind::Corrupt, what)) }
}

/// The place of the last record of a block.
const fn last_position(block: &Block) -> u64 {
    block.end().saturating_sub(1)
}
