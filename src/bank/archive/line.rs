//! The lines of an archive: one form for each, and nothing in it that a store counts for itself.

use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{ArchiveError, Counts};
use crate::bank::people::index as entries;
use crate::id::{AccountId, HoldId, LimitId, TransactionId};
use crate::ledger::facts::{KeyRecord, KeySubject};
use crate::ledger::seal;
use crate::ledger::{
    Account, AccountClass, AccountProfile, AccountState, Balance, Block, Chart, ChartNode, Ended,
    EntityKind, EntityRef, FloorPolicy, GroupMark, Hold, HoldLeg, HoldState, HoldUsage,
    IdempotencyKey, Kind, LimitRule, Origin, Record, SaltedNotes, Usage, UsageKey,
};
use crate::money::Currency;
use crate::store::{Entity, EntityRow, Fingerprint};
use crate::time::Timestamp;

/// A line. The names of the variants are the kinds.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    CorebankArchive(u32),
    Book(BookLine),
    ChartNode(ChartNode),
    Limit(LimitRule),
    Account(Box<AccountLine>),
    Record(Record),
    Block(seal::Block),
    Hold(Box<HoldLine>),
    Key(KeyLine),
    Usage(UsageLine),
    Entity(EntityLine),
    Trailer(Trailer),
}

const KINDS: [&str; 12] = [
    "corebank_archive",
    "book",
    "chart_node",
    "limit",
    "account",
    "record",
    "block",
    "hold",
    "key",
    "usage",
    "entity",
    "trailer",
];

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct BookLine {
    pub(super) closed_through: Option<NaiveDate>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct KeyLine {
    pub(super) key: IdempotencyKey,
    pub(super) index: u32,
    operation: String,
    subject: KeySubject,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct UsageLine {
    limit: LimitId,
    subject: uuid::Uuid,
    bucket: i64,
    amount: i64,
    count: u32,
}

/// A row beside the ledger. Its keys follow from its value.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct EntityLine {
    kind: EntityKind,
    id: uuid::Uuid,
    version: u64,
    #[serde(with = "crate::support::serde_hex")]
    salt: [u8; 16],
    request: Fingerprint,
    /// The value as JSON in a text: its digest is made of these very bytes.
    body: String,
}

impl EntityLine {
    pub(super) fn of(row: &EntityRow) -> Self {
        let EntityRow { entity, version, salt, request, value } = row;
        let (kind, id, body) = (entity.kind, entity.id, value.json());
        Self { kind, id, version: *version, salt: *salt, request: request.clone(), body }
    }

    /// Its place among the others: kinds in their order, then ids.
    pub(super) fn place(&self) -> (usize, uuid::Uuid) {
        let kinds = Entity::KINDS.iter();
        (kinds.take_while(|kind| **kind != self.kind).count(), self.id)
    }

    /// The row, if the value is one of its kind, of this id, and in the one form.
    pub(super) fn into_row(self) -> Option<EntityRow> {
        let value = Entity::from_json(self.kind, &self.body)?;
        let entity = EntityRef::new(self.kind, self.id);
        let same = value.json() == self.body && entries::ref_of(&value) == entity;
        let (version, salt, request) = (self.version, self.salt, self.request);
        same.then(|| EntityRow { entity, version, salt, request, value: Arc::new(value) })
    }
}

/// The last line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Trailer {
    pub(super) counts: Counts,
    pub(super) position: u64,
    pub(super) instant: Timestamp,
    #[serde(with = "crate::support::serde_hex")]
    pub(super) sha256: [u8; 32],
}

/// [`Account`] without handle and version.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct AccountLine {
    pub(super) id: AccountId,
    currency: Currency,
    class: AccountClass,
    balance: Balance,
    entries: u64,
    floor: FloorPolicy,
    ceiling: Option<i64>,
    block: Block,
    closed: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    guarded: bool,
    profile: AccountProfile,
}

/// [`Hold`] without version.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct HoldLine {
    id: HoldId,
    pub(super) position: u64,
    placed_at: Timestamp,
    expires_at: Option<Timestamp>,
    kind: Kind,
    state: HoldState,
    legs: Vec<HoldLeg>,
    usage: Vec<HoldUsage>,
    ended: Option<Ended>,
    relates_to: Option<TransactionId>,
    booking_date: Option<NaiveDate>,
    value_date: Option<NaiveDate>,
    group: Option<GroupMark>,
    notes: Option<SaltedNotes>,
    origin: Origin,
}

impl Line {
    /// Appends the one form of the line, without the line feed.
    pub(super) fn write(&self, to: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        serde_json::to_writer(to, self)
    }

    /// Reads a line without its line feed, if it is in its one form; `scratch` is overwritten.
    pub(super) fn read(
        text: &[u8],
        line: u64,
        scratch: &mut Vec<u8>,
    ) -> Result<Self, ArchiveError> {
        let Ok(read) = serde_json::from_slice::<Self>(text) else {
            let unknown = kind_of(text).is_some_and(|kind| !KINDS.contains(&kind));
            return Err(match unknown {
                true => ArchiveError::UnknownKind { line },
                false => ArchiveError::Malformed { line },
            });
        };
        // Whatever the reader passed over, such as a field too many, is missed when it is written.
        scratch.clear();
        match read.write(scratch) {
            Ok(()) if scratch.as_slice() == text => Ok(read),
            _ => Err(ArchiveError::Malformed { line }),
        }
    }
}

fn kind_of(text: &[u8]) -> Option<&str> {
    let text = text.strip_prefix(b"{\"")?;
    let end = text.iter().position(|byte| *byte == b'"')?;
    std::str::from_utf8(text.get(..end)?).ok()
}

/// The version that the first line of an archive claims; `None` if it is another file.
pub(super) fn claimed_version(text: &[u8]) -> Option<u64> {
    #[derive(Deserialize)]
    struct Header {
        corebank_archive: u64,
    }
    serde_json::from_slice(text).ok().map(|Header { corebank_archive }| corebank_archive)
}

/// The nodes of a chart, parents before children.
pub(super) fn by_depth(chart: &Chart) -> Vec<&ChartNode> {
    let mut nodes: Vec<&ChartNode> = chart.nodes().collect();
    nodes.sort_by_cached_key(|node| (chart.ancestors(node.code).count(), node.code));
    nodes
}

impl KeyLine {
    pub(super) fn of((key, index): (IdempotencyKey, u32), record: KeyRecord) -> Self {
        let KeyRecord { operation, subject } = record;
        Self { key, index, operation: operation.to_owned(), subject }
    }

    /// `None` if no operation of that name uses keys.
    pub(super) fn into_row(self) -> Option<((IdempotencyKey, u32), KeyRecord)> {
        let operation = KeyRecord::operation_named(&self.operation)?;
        Some(((self.key, self.index), KeyRecord { operation, subject: self.subject }))
    }
}

impl UsageLine {
    pub(super) const fn of(key: UsageKey, usage: Usage) -> Self {
        let UsageKey { limit, subject, bucket } = key;
        let Usage { version: _, amount, count } = usage;
        Self { limit, subject, bucket, amount, count }
    }

    pub(super) const fn row(&self) -> (UsageKey, Usage) {
        let Self { limit, subject, bucket, amount, count } = *self;
        (UsageKey { limit, subject, bucket }, Usage { version: 0, amount, count })
    }
}

impl From<Account> for AccountLine {
    fn from(Account { state, profile }: Account) -> Self {
        let AccountState {
            id,
            key: _,
            version: _,
            balance,
            entries,
            floor,
            ceiling,
            currency,
            class,
            block,
            closed,
            guarded,
        } = state;
        Self {
            id,
            currency,
            class,
            balance,
            entries,
            floor,
            ceiling,
            block,
            closed,
            guarded,
            profile,
        }
    }
}

impl From<AccountLine> for Account {
    fn from(line: AccountLine) -> Self {
        let AccountLine { id, currency, class, balance, entries, .. } = line;
        let AccountLine { floor, ceiling, block, closed, guarded, profile, .. } = line;
        let state = AccountState {
            id,
            key: 0,
            version: 0,
            balance,
            entries,
            floor,
            ceiling,
            currency,
            class,
            block,
            closed,
            guarded,
        };
        Self { state, profile }
    }
}

macro_rules! hold_and_line {
    ($($field:ident),*) => {
        impl From<Hold> for HoldLine {
            fn from(Hold { version: _, $($field),* }: Hold) -> Self {
                Self { $($field),* }
            }
        }

        impl From<HoldLine> for Hold {
            fn from(HoldLine { $($field),* }: HoldLine) -> Self {
                Self { version: 0, $($field),* }
            }
        }
    };
}
hold_and_line!(
    id,
    position,
    placed_at,
    expires_at,
    kind,
    state,
    legs,
    usage,
    ended,
    relates_to,
    booking_date,
    value_date,
    group,
    notes,
    origin
);
