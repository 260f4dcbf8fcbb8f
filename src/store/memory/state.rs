//! All that the memory store keeps.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hashbrown::HashMap;

use crate::id::{AccountId, HoldId, TransactionId};
use crate::ledger::facts::{Extra, KeyRecord};
use crate::ledger::seal::Block;
use crate::ledger::{
    AccountProfile, Book, Chart, Hold, IdempotencyKey, Kind, Origin, Usage, UsageKey,
};
use crate::store::Head;
use crate::time::Timestamp;

use super::column::Column;
use super::entities::Rows;
use super::index::IdIndex;
use super::rows::{AccountRow, EntryRow, OperationRow, TransactionRow};

#[derive(Debug, Default)]
pub(super) struct State {
    /// Grows with every commit: if it stands still, nothing that was read has changed.
    pub(super) commits: u64,
    pub(super) head: Head,
    pub(super) book: Book,
    pub(super) chart: Arc<Chart>,
    pub(super) structure: u64,

    pub(super) accounts: Column<AccountRow>,
    pub(super) profiles: Column<AccountProfile>,
    pub(super) account_index: IdIndex,
    pub(super) accounts_by_id: BTreeMap<AccountId, u32>,
    pub(super) temporary_accounts: Vec<u32>,

    pub(super) transactions: Column<TransactionRow>,
    pub(super) transaction_index: IdIndex,
    pub(super) entries: Column<EntryRow>,
    pub(super) extras: Column<Extra>,
    pub(super) operations: Column<OperationRow>,

    pub(super) kinds: Vec<Kind>,
    pub(super) kind_index: HashMap<Kind, u16>,
    pub(super) origins: Column<Origin>,
    /// Origins without a correlation, which repeat.
    pub(super) origin_index: HashMap<Origin, u32>,

    pub(super) holds: HashMap<HoldId, Hold>,
    pub(super) holds_by_position: BTreeMap<u64, HoldId>,
    pub(super) holds_by_account: HashMap<AccountId, BTreeSet<u64>>,
    pub(super) holds_due: BTreeSet<(Timestamp, HoldId)>,
    pub(super) releases: HashMap<TransactionId, HoldId>,
    pub(super) reversals: HashMap<TransactionId, TransactionId>,
    pub(super) usage: HashMap<UsageKey, Usage>,
    pub(super) keys: HashMap<(IdempotencyKey, u32), KeyRecord>,
    pub(super) blocks: Vec<Block>,
    pub(super) entities_beside: Rows,
}
