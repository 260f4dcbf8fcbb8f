use super::engine::{Engine, missing};
use crate::ledger::*;
use crate::ledger::query::*;
use crate::store::StoreError;
pub(super) async fn transaction_list<E: Engine>(_: &E, _: &mut E::Link, _: &TransactionQuery, _: Option<u64>, _: usize) -> Result<Vec<Transaction>, StoreError> { Err(missing()) }
pub(super) async fn entry_list<E: Engine>(_: &E, _: &mut E::Link, _: &EntryQuery, _: Option<EntryKey>, _: usize) -> Result<Vec<Entry>, StoreError> { Err(missing()) }
pub(super) async fn hold_list<E: Engine>(_: &E, _: &mut E::Link, _: &HoldQuery, _: Option<u64>, _: usize) -> Result<Vec<Hold>, StoreError> { Err(missing()) }
pub(super) async fn journal<E: Engine>(_: &E, _: &mut E::Link, _: u64, _: usize) -> Result<Vec<Record>, StoreError> { Err(missing()) }
