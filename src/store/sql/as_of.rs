use super::engine::{Engine, missing};
use crate::id::*;
use crate::store::StoreError;
pub(super) async fn temporary_balances<E: Engine>(_: &E, _: &mut E::Link, _: chrono::NaiveDate) -> Result<Vec<(AccountId, i64)>, StoreError> { Err(missing()) }
use crate::ledger::Account;
use crate::ledger::query::AsOf;
pub(super) async fn balances<E: Engine>(_: &E, _: &mut E::Link, _: &[AccountId], _: AsOf) -> Result<Vec<Option<i64>>, StoreError> { Err(missing()) }
pub(super) async fn earnings<E: Engine>(_: &E, _: &mut E::Link, _: chrono::NaiveDate, _: chrono::NaiveDate) -> Result<Vec<(Account, i64)>, StoreError> { Err(missing()) }
