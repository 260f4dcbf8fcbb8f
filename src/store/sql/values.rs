//! What goes into the columns: codes of the schema for what the ledger has types for.

use std::sync::Arc;

use serde::Serialize;
use uuid::Uuid;

pub(super) use super::codes::{
    block_code, class_code, date_of, day_of, defaulted_code, floor_code, hold_state_code,
};
use super::engine::{Column, Columns, missing};
use crate::ledger::{AccountProfile, AccountState, ChartNode};
use crate::store::StoreError;

/// A counter as the databases have it; none of them comes near the end.
pub(super) fn int(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A value as the JSON that the library itself reads again.
pub(super) fn json(value: &impl Serialize) -> Result<Arc<str>, StoreError> {
    serde_json::to_string(value).map(Arc::from).map_err(|_| missing())
}

/// The columns of new accounts. `place` and `offsets` name the records that opened them.
pub(super) fn account_columns(
    opened: &[(AccountState, AccountProfile)],
    last_key: i64,
    place: i64,
    offsets: &[i64],
) -> Columns {
    let keys: Vec<i64> = (last_key.saturating_add(1)..).take(opened.len()).collect();
    let places = offsets.iter().map(|offset| place.saturating_add(*offset)).collect();
    let states = || opened.iter().map(|(state, _)| state);
    let profiles = || opened.iter().map(|(_, profile)| profile);
    let ints = |f: fn(&AccountState) -> i64| Column::Ints(states().map(f).collect());
    let asked = |f: fn(&AccountProfile) -> i64| Column::Ints(profiles().map(f).collect());
    let text = |text: &str| -> Arc<str> { Arc::from(text) };
    let ids =
        |f: fn(&AccountProfile) -> Option<Uuid>| Column::OptUuids(profiles().map(f).collect());
    let name = |profile: &AccountProfile| profile.name.as_ref().map(|name| text(name.as_str()));
    vec![
        ("key", Column::Ints(keys)),
        ("version", Column::Ints(vec![1; opened.len()])),
        ("debits_posted", ints(|one| one.balance.debits_posted)),
        ("credits_posted", ints(|one| one.balance.credits_posted)),
        ("debits_pending", ints(|one| one.balance.debits_pending)),
        ("credits_pending", ints(|one| one.balance.credits_pending)),
        ("entries", ints(|one| int(one.entries))),
        ("floor_amount", ints(|one| floor_code(one.floor).1)),
        ("ceiling", Column::OptInts(states().map(|one| one.ceiling).collect())),
        ("booked", Column::Ints(vec![NO_DAY; opened.len()])),
        ("valued", Column::Ints(vec![NO_DAY; opened.len()])),
        ("class", ints(|one| class_code(one.class))),
        ("exponent", ints(|one| i64::from(one.currency.exponent()))),
        ("floor", ints(|one| floor_code(one.floor).0)),
        ("block", ints(|one| block_code(one.block))),
        ("closed", ints(|one| one.closed.into())),
        ("guarded", ints(|one| one.guarded.into())),
        ("id", Column::Uuids(states().map(|one| one.id.as_uuid()).collect())),
        ("customer", ids(|one| one.labels.customer)),
        ("branch", ids(|one| one.labels.branch)),
        ("currency", Column::Texts(states().map(|one| text(one.currency.code())).collect())),
        ("code", Column::Texts(profiles().map(|one| text(one.code.as_str())).collect())),
        ("name", Column::OptTexts(profiles().map(name).collect())),
        ("opened", Column::Ints(places)),
        ("opened_floor", asked(|one| floor_code(one.opened_as.floor).0)),
        ("opened_floor_amount", asked(|one| floor_code(one.opened_as.floor).1)),
        ("opened_ceiling", Column::OptInts(profiles().map(|one| one.opened_as.ceiling).collect())),
    ]
}

/// Before any day: an account without entries.
pub(super) const NO_DAY: i64 = i32::MIN as i64;

/// The columns of new nodes of the chart.
pub(super) fn chart_columns(nodes: &[ChartNode]) -> Columns {
    let text = |text: &str| -> Arc<str> { Arc::from(text) };
    let parent = |node: &ChartNode| node.parent.map(|parent| text(parent.as_str()));
    vec![
        ("code", Column::Texts(nodes.iter().map(|node| text(node.code.as_str())).collect())),
        ("class", Column::Ints(nodes.iter().map(|node| class_code(node.class)).collect())),
        ("parent", Column::OptTexts(nodes.iter().map(parent).collect())),
        ("name", Column::Texts(nodes.iter().map(|node| text(node.name.as_str())).collect())),
    ]
}
