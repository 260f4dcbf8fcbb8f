//! Limits within a time, as the ledger counts them.

use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::Product;
use crate::id::LimitId;
use crate::ledger::{Kind, LimitRule, LimitScope, Side, Window};

/// The most that may leave or enter each account of the product within a time. Only what is done
/// on a customer's word counts: interest, fees, corrections and reversals do not (C06).
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct WindowLimit {
    /// Whether debits or credits count.
    pub side: Side,
    /// Within which time.
    pub window: Window,
    /// The most, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    /// The most movements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
}

/// What customers do.
const OF_CUSTOMERS: [Kind; 5] =
    [Kind::DEPOSIT, Kind::WITHDRAWAL, Kind::TRANSFER, Kind::PAYMENT, Kind::BILL_PAYMENT];

/// The limits of the version in force on a day, as rules of the ledger: for each account under the
/// product's node of the chart. Their ids are made of the product's id and their places, so that
/// setting them again replaces them.
#[must_use]
pub fn limit_rules(product: &Product, day: NaiveDate) -> Vec<LimitRule> {
    let Some(version) = product.version_on(day) else { return Vec::new() };
    let terms = &version.terms;
    let mut rules = Vec::new();
    for (at, limit) in (0_u32..).zip(&terms.limits) {
        for currency in &terms.currencies {
            let id = id_of(product, at, currency.code());
            let scope = LimitScope::EachAccount(terms.chart);
            let mut rule = LimitRule::new(id, scope, limit.side, *currency, limit.window);
            rule.kinds = OF_CUSTOMERS.to_vec();
            (rule.amount, rule.count) = (limit.amount, limit.count);
            rules.push(rule);
        }
    }
    rules
}

fn id_of(product: &Product, at: u32, currency: &str) -> LimitId {
    let mut hash = Sha256::new();
    hash.update(b"corebank.product.limit.v1");
    hash.update(product.id.as_uuid().as_bytes());
    hash.update(at.to_be_bytes());
    hash.update(currency.as_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    let id = digest.first_chunk::<16>().copied().unwrap_or_default();
    let id = uuid::Builder::from_bytes(id).with_version(uuid::Version::Custom).into_uuid();
    LimitId::from_uuid(if id.is_nil() { Uuid::max() } else { id })
}
