//! Rows beside the ledger, as stores keep them: typed values by kind and id, with the keys by
//! which they are found. A store looks into two kinds only: into accounts and standings, for what
//! every movement of money asks of them.

use std::sync::Arc;

use hashbrown::HashMap;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::account::{Access, CustomerAccount};
use crate::id::{AccountId, CustomerId};
use crate::kyc::Standing;
use crate::ledger::{EntityKind, EntityRef};

macro_rules! entities {
    ($($(#[$doc:meta])* $variant:ident: $type:ty = $kind:expr;)*) => {
        /// The value of a row.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Entity { $($(#[$doc])* $variant($type),)* }

        impl Entity {
            /// The kinds of all rows.
            pub const KINDS: &'static [EntityKind] = &[$($kind),*];

            /// What kind of row it is.
            #[must_use]
            pub const fn kind(&self) -> EntityKind {
                match self { $(Self::$variant(_) => $kind,)* }
            }

            /// The value as JSON, in the one form in which it is written and digested.
            #[must_use]
            pub fn json(&self) -> String {
                let written = match self { $(Self::$variant(value) => serde_json::to_string(value),)* };
                written.unwrap_or_default()
            }

            /// A value of a kind, from its JSON; none if it is not one.
            #[must_use]
            pub fn from_json(kind: EntityKind, text: &str) -> Option<Self> {
                $(if kind == $kind {
                    return serde_json::from_str(text).ok().map(Self::$variant);
                })*
                None
            }
        }
    };
}

entities! {
    /// Who a customer is.
    Customer: crate::party::Customer = crate::party::Customer::KIND;
    /// Where a customer stands: what the gate asks.
    Standing: Standing = Standing::KIND;
    /// The documents and screenings of a customer.
    KycFile: crate::kyc::KycFile = crate::kyc::KycFile::KIND;
    /// The account of a customer.
    Account: CustomerAccount = CustomerAccount::KIND;
    /// A product with its versions.
    Product: crate::product::Product = crate::product::Product::KIND;
    /// A branch.
    Branch: crate::party::Branch = crate::party::Branch::KIND;
    /// A merchant.
    Merchant: crate::party::Merchant = crate::party::Merchant::KIND;
    /// An organisation that uses the bank's interfaces.
    Organisation: crate::party::Organisation = crate::party::Organisation::KIND;
    /// A data key, wrapped.
    DataKey: crate::privacy::StoredKey = DATA_KEY;
}

/// The kind of wrapped data keys; their room stands below the ledger and has no word for it.
const DATA_KEY: EntityKind = EntityKind::known("data_key");

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityRow {
    /// Which row.
    pub entity: EntityRef,
    /// 1 when it is new; the store adds one with every write.
    pub version: u64,
    /// What makes the digest of the row mute once the row is erased.
    pub salt: [u8; 16],
    /// What was asked for when it was created, to tell a repetition from another request.
    pub request: Fingerprint,
    /// The value.
    pub value: Arc<Entity>,
}

impl EntityRow {
    /// The salted digest of the row: what the journal says of it.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let body = self.value.json();
        let mut hash = Sha256::new();
        hash.update(b"corebank.entity.v1");
        hash.update(self.salt);
        hash.update(body);
        hash.finalize().into()
    }
}

/// Field by field, eight bytes of the salted hash of what was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(Vec<(String, u64)>);

impl Fingerprint {
    /// The fingerprint of a request: of each field of its outermost object, in order of names.
    #[must_use]
    pub fn of(request: &impl serde::Serialize, salt: &[u8; 16]) -> Self {
        let value = serde_json::to_value(request).unwrap_or_default();
        let serde_json::Value::Object(fields) = value else { return Self::default() };
        let hashed =
            fields.into_iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| {
                let mut hash = Sha256::new();
                hash.update(salt);
                hash.update(name.as_bytes());
                hash.update([0]);
                hash.update(value.to_string());
                let [a, b, c, d, e, f, g, h, ..]: [u8; 32] = hash.finalize().into();
                (name, u64::from_be_bytes([a, b, c, d, e, f, g, h]))
            });
        let mut fields: Vec<_> = hashed.collect();
        fields.sort_unstable();
        Self(fields)
    }

    /// The first field, by name, in which another request differs.
    #[must_use]
    pub fn differs(&self, other: &Self) -> Option<String> {
        let mut names: Vec<&String> = self.0.iter().chain(&other.0).map(|(name, _)| name).collect();
        names.sort_unstable();
        names.dedup();
        let of = |all: &Self, name: &String| {
            all.0.iter().find(|(known, _)| known == name).map(|(_, hash)| *hash)
        };
        names.into_iter().find(|name| of(self, name) != of(other, name)).cloned()
    }
}

macro_rules! indexes {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $code:literal, $unique:literal;)*) => {
        /// By what rows are found.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[derive(serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        #[non_exhaustive]
        pub enum Index { $($(#[$doc])* $name,)* }

        impl Index {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The number by which stores keep it; never used again for another.
            #[must_use]
            pub const fn number(self) -> u8 {
                match self { $(Self::$name => $number,)* }
            }

            /// The index of a number.
            #[must_use]
            pub const fn numbered(number: u8) -> Option<Self> {
                match number { $($number => Some(Self::$name),)* _ => None }
            }

            /// The stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// Whether a key stands in it once at most.
            #[must_use]
            pub const fn is_unique(self) -> bool {
                match self { $(Self::$name => $unique,)* }
            }
        }
    };
}

indexes! {
    /// Customers by number.
    CustomerNumber = 1, "customer_number", true;
    /// Customers by e-mail, where one address may stand once only.
    UniqueEmail = 2, "unique_email", true;
    /// Customers by the blind index of a national identifier.
    Identifier = 3, "identifier", true;
    /// Accounts by number.
    AccountNumber = 4, "account_number", true;
    /// Branches by code.
    BranchCode = 5, "branch_code", true;
    /// Products by code.
    ProductCode = 6, "product_code", true;
    /// Products by their node of the chart: limits of an account's product are counted by it.
    ProductChart = 7, "product_chart", true;
    /// Customers by each word of their names, folded.
    CustomerName = 16, "customer_name", false;
    /// Customers by e-mail.
    Email = 17, "email", false;
    /// Customers by telephone number.
    Phone = 18, "phone", false;
    /// Accounts by the customers that are parties to them.
    AccountsOf = 19, "accounts_of", false;
    /// Accounts by status.
    AccountStatus = 20, "account_status", false;
    /// Files by the day on which something in them lapses.
    KycDue = 21, "kyc_due", false;
    /// Files by the status of the documents in them.
    DocumentStatus = 22, "document_status", false;
    /// Customers by onboarding.
    Onboarding = 23, "onboarding", false;
    /// Customers by the status that their documents give them.
    KycStatus = 24, "kyc_status", false;
    /// Accounts by the day on which a customer was last active.
    LastActivity = 25, "last_activity", false;
    /// Accounts by branch.
    AccountsOfBranch = 26, "accounts_of_branch", false;
    /// Customers by lifecycle.
    Lifecycle = 28, "lifecycle", false;
    /// Merchants by name.
    MerchantName = 27, "merchant_name", false;
}

/// A key of a row in an index: at most [`IndexEntry::MAX_KEY`] bytes, in the order of its bytes.
#[derive(
    Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct IndexEntry {
    /// The index.
    pub index: Index,
    /// The key.
    pub key: Vec<u8>,
}

impl IndexEntry {
    /// The longest key, in bytes.
    pub const MAX_KEY: usize = 255;

    /// An entry; a longer key is cut, in the same way whenever it is made.
    #[must_use]
    pub fn new(index: Index, key: impl Into<Vec<u8>>) -> Self {
        let mut key = key.into();
        key.truncate(Self::MAX_KEY);
        Self { index, key }
    }
}

/// A row to be written.
#[derive(Debug, Clone)]
pub struct EntityChange {
    /// The row as it is to be, with the version that was read (0 for a new one): the store writes
    /// the version plus one, and fails with a conflict if another stands there.
    pub row: EntityRow,
    /// All its keys, or none if they are what they were.
    pub keys: Option<Vec<IndexEntry>>,
}

/// What a unit wants to read of them. Entities are read before ledger accounts, always: a store
/// that locks takes each call's rows in the order of [`EntityRef`], and callers ask in ascending
/// order of kinds where they need more than one call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntityWanted {
    /// Rows that are only read; they may not change until the unit has ended.
    pub shared: Vec<EntityRef>,
    /// Accounts of customers whose access is asked, to be answered in this order in
    /// [`Entities::access`], repetitions included. They may not change until the unit has ended. That
    /// one was absent need not hold: the ledger account behind each says by itself that it is a
    /// customer's, and so a posting on accounts of the bank's own does not pay for looking twice.
    pub access: Vec<AccountId>,
    /// Customers whose standing is asked, likewise, in [`Entities::standings`]: who does not exist,
    /// has nothing carried out.
    pub standings: Vec<CustomerId>,
    /// Rows that will be written.
    pub exclusive: Vec<EntityRef>,
    /// Keys of unique indexes: whose they are, or that they are free.
    pub unique: Vec<IndexEntry>,
}

impl EntityWanted {
    /// Whether nothing is wanted.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        let Self { shared, access, standings, exclusive, unique } = self;
        shared.is_empty()
            && access.is_empty()
            && standings.is_empty()
            && exclusive.is_empty()
            && unique.is_empty()
    }
}

/// What was read of them.
#[derive(Debug, Clone, Default)]
pub struct Entities {
    /// The rows that exist among those asked for.
    pub rows: HashMap<EntityRef, Arc<EntityRow>>,
    /// The access to accounts in the order asked for, over all rounds; `None` for those that are no
    /// account of a customer. A store need not repeat them among [`rows`](Self::rows).
    pub access: Vec<Option<Access>>,
    /// Where customers stand, likewise.
    pub standings: Vec<Option<Standing>>,
    /// The keys that are taken among those asked for, and the rows that they stand for.
    pub taken: HashMap<IndexEntry, EntityRef>,
}

/// Which entries of an index to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexQuery {
    /// The index.
    pub index: Index,
    /// From this key on, itself included.
    pub from: Vec<u8>,
    /// Up to this key, itself not included; none means no end.
    pub until: Option<Vec<u8>>,
}

impl IndexQuery {
    /// All keys that begin with a prefix.
    #[must_use]
    pub fn prefix(index: Index, prefix: impl Into<Vec<u8>>) -> Self {
        let from: Vec<u8> = prefix.into();
        let mut until = from.clone();
        while let Some(last) = until.pop() {
            if let Some(next) = last.checked_add(1) {
                until.push(next);
                return Self { index, from, until: Some(until) };
            }
        }
        Self { index, from, until: None }
    }

    /// One key.
    #[must_use]
    pub fn exact(index: Index, key: impl Into<Vec<u8>>) -> Self {
        let from: Vec<u8> = key.into();
        let mut until = from.clone();
        until.push(0);
        Self { index, from, until: Some(until) }
    }
}

/// An entry of a list: its key and its row. In the order of key, then id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct IndexHit {
    /// The key.
    pub key: Vec<u8>,
    /// The row.
    pub id: Uuid,
    /// Its kind.
    pub kind: EntityKind,
}
