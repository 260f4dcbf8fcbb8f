//! Transactions: as asked for, and as posted.

use chrono::NaiveDate;
use smallvec::SmallVec;

use crate::id::{AccountId, HoldId, TransactionId, UnitId};
use crate::ledger::{
    Actor, Channel, Correlation, Entry, Kind, Leg, Metadata, Reference, Side, Text,
};
use crate::money::Money;
use crate::time::Timestamp;

/// What a transaction says in words. Erasable: it enters a seal only as a salted hash.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Notes {
    /// What the customer reads on the statement.
    pub description: Option<Text>,
    /// The reference by which it is found.
    pub reference: Option<Reference>,
    /// Pairs of the host's own.
    pub metadata: Metadata,
}

impl Notes {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.description.is_none() && self.reference.is_none() && self.metadata.is_empty()
    }
}

/// What a transaction or a hold is asked to carry besides its legs.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Terms {
    pub(crate) kind: Kind,
    pub(crate) booking_date: Option<NaiveDate>,
    pub(crate) value_date: Option<NaiveDate>,
    pub(crate) relates_to: Option<TransactionId>,
    pub(crate) notes: Option<Box<Notes>>,
}

impl Terms {
    pub(crate) const fn new(kind: Kind) -> Self {
        Self { kind, booking_date: None, value_date: None, relates_to: None, notes: None }
    }

    pub(crate) fn notes_mut(&mut self) -> &mut Notes {
        self.notes.get_or_insert_with(Box::default)
    }
}

/// A transaction as asked for.
///
/// ```
/// # use corebank::{id::AccountId, ledger::{Kind, NewTransaction}, money::{Currency, Money}};
/// # let (alice, shop, fees) = (AccountId::from_u128(1), AccountId::from_u128(2), AccountId::from_u128(3));
/// let usd = |minor| Money::new(minor, Currency::USD);
/// let payment = NewTransaction::new(Kind::PAYMENT)
///     .debit(alice, usd(10_25))
///     .credit(shop, usd(10_00))
///     .credit(fees, usd(25));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct NewTransaction {
    pub(crate) id: Option<TransactionId>,
    pub(crate) legs: SmallVec<[Leg; 2]>,
    #[serde(flatten)]
    pub(crate) terms: Terms,
}

impl NewTransaction {
    /// A transaction without legs yet.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        Self { id: None, legs: SmallVec::new(), terms: Terms::new(kind) }
    }

    /// Two legs: `money` debited to one account and credited to another. Between two customers'
    /// deposits the payer is debited and the payee credited.
    #[must_use]
    pub fn transfer(kind: Kind, debit: AccountId, credit: AccountId, money: Money) -> Self {
        Self::new(kind).debit(debit, money).credit(credit, money)
    }

    /// Adds a debit.
    #[must_use]
    pub fn debit(self, account: AccountId, money: Money) -> Self {
        self.leg(Leg::new(account, Side::Debit, money))
    }

    /// Adds a credit.
    #[must_use]
    pub fn credit(self, account: AccountId, money: Money) -> Self {
        self.leg(Leg::new(account, Side::Credit, money))
    }

    /// Adds a leg.
    #[must_use]
    pub fn leg(mut self, leg: Leg) -> Self {
        self.legs.push(leg);
        self
    }

    /// The legs in the order given.
    #[must_use]
    pub fn legs(&self) -> &[Leg] {
        &self.legs
    }

    /// Sets the caller's id, by which a repetition is recognised.
    #[must_use]
    pub const fn with_id(mut self, id: TransactionId) -> Self {
        self.id = Some(id);
        self
    }
}

/// The setters that transactions, holds and captures share.
macro_rules! terms_setters {
    ($name:ident) => {
        impl $name {
            /// Sets the booking date; by default the business date of the day.
            #[must_use]
            pub const fn with_booking_date(mut self, date: chrono::NaiveDate) -> Self {
                self.terms.booking_date = Some(date);
                self
            }

            /// Sets the value date; by default the booking date.
            #[must_use]
            pub const fn with_value_date(mut self, date: chrono::NaiveDate) -> Self {
                self.terms.value_date = Some(date);
                self
            }

            /// Sets the description.
            #[must_use]
            pub fn with_description(mut self, text: crate::ledger::Text) -> Self {
                self.terms.notes_mut().description = Some(text);
                self
            }

            /// Sets the reference.
            #[must_use]
            pub fn with_reference(mut self, reference: crate::ledger::Reference) -> Self {
                self.terms.notes_mut().reference = Some(reference);
                self
            }

            /// Sets the host's pairs.
            #[must_use]
            pub fn with_metadata(mut self, metadata: crate::ledger::Metadata) -> Self {
                self.terms.notes_mut().metadata = metadata;
                self
            }
        }
    };
}

/// The setter that only transactions and holds have: a capture is linked to its hold, a reversal
/// to its original.
macro_rules! relation_setter {
    ($name:ident) => {
        impl $name {
            /// Links it to an earlier transaction, as a partial refund is linked to its original.
            #[must_use]
            pub const fn relating_to(mut self, original: crate::id::TransactionId) -> Self {
                self.terms.relates_to = Some(original);
                self
            }
        }
    };
}
pub(crate) use {relation_setter, terms_setters};
relation_setter!(NewTransaction);
terms_setters!(NewTransaction);

/// What a posted transaction came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Link {
    /// It mirrors this transaction.
    Reverses {
        /// The original.
        original: TransactionId,
        /// Whether it was allowed to break floors.
        forced: bool,
    },
    /// It captured part or all of this hold.
    Captures {
        /// The hold.
        hold: HoldId,
        /// Whether the rest of the hold was freed with it.
        last: bool,
    },
    /// It has to do with this transaction.
    RelatesTo(TransactionId),
}

/// The place of an instruction in its atomic group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct GroupMark {
    /// The group.
    pub group: UnitId,
    /// The place of the instruction, from 0.
    pub index: u32,
    /// The number of instructions in the group.
    pub size: u32,
}

/// Which dates the request left to the bank; a repetition must leave them too.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
pub struct Defaulted {
    /// The booking date.
    pub booking_date: bool,
    /// The value date.
    pub value_date: bool,
    /// A capture was asked for "all that is left", not for an amount.
    pub amount: bool,
}

/// Who asked, on which way: the audit part of every record of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Origin {
    /// Who acted.
    pub actor: Actor,
    /// On which way.
    pub channel: Channel,
    /// Within which request of the host.
    pub correlation: Option<Correlation>,
}

/// What is said about a transaction in words, with the salt that seals it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SaltedNotes {
    /// The words; `None` once they were erased.
    pub notes: Option<Notes>,
    /// 16 random bytes that enter the digest; erased with the words.
    #[serde(with = "crate::support::serde_hex")]
    pub salt: [u8; 16],
    /// SHA-256 over salt and words: what the seal knows of them.
    #[serde(with = "crate::support::serde_hex")]
    pub digest: [u8; 32],
}

/// A transaction as posted. It never changes.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Transaction {
    /// The id.
    pub id: TransactionId,
    /// Its place in the journal: 1, 2, 3, without gaps, in the order of commit.
    pub position: u64,
    /// The instant, strictly increasing along the journal.
    pub posted_at: Timestamp,
    /// What it is for.
    pub kind: Kind,
    /// The day in whose books it stands.
    pub booking_date: NaiveDate,
    /// The day from which it counts for interest.
    pub value_date: NaiveDate,
    /// Which dates were left to the bank.
    pub defaulted: Defaulted,
    /// What it came from.
    pub link: Option<Link>,
    /// Its place in an atomic group.
    pub group: Option<GroupMark>,
    /// What it says in words.
    pub notes: Option<SaltedNotes>,
    /// Who asked, on which way.
    pub origin: Origin,
    /// The entries, in the order of the legs.
    pub entries: Vec<Entry>,
}

impl Transaction {
    /// The words, if there are any and they were not erased.
    #[must_use]
    pub fn words(&self) -> Option<&Notes> {
        self.notes.as_ref().and_then(|notes| notes.notes.as_ref())
    }
}
