//! What the rows about moved money have in common (C07 to C10).

use chrono::NaiveDate;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::export::{Exported, Writer};
use super::s2::LedgerEntryParts;
use super::{Profile, Refusal, Row, money, s0, s1, s2, s3, s4};
use crate::id::{AccountId, TransactionId};
use crate::ledger::facts::Moment;
use crate::ledger::{Channel, Correlation, Kind, Metadata, Reference, Side, Text, Transaction};
use crate::money::{Currency, Money};
use crate::time::Timestamp;

macro_rules! states {
    ($($(#[$doc:meta])* $state:ident = $code:literal,)*) => {
        /// How far a movement of money is: of an order, of a hold, of what was posted (C10).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum PostingState { $($(#[$doc])* $state,)* }

        impl PostingState {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$state),*];

            /// The stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$state => $code,)* }
            }
        }
    };
}

states! {
    /// To be carried out on a later day.
    Scheduled = "scheduled",
    /// Reserved or under way, not posted.
    Pending = "pending",
    /// In the books.
    Posted = "posted",
    /// Not carried out.
    Failed = "failed",
    /// Called back before it was carried out.
    Cancelled = "cancelled",
    /// Reserved, and lapsed.
    Expired = "expired",
    /// In the books, and mirrored by a later transaction.
    Reversed = "reversed",
}

/// A merchant as a row names it (S1-035).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MerchantParts {
    /// The id.
    pub id: Option<Uuid>,
    /// The name.
    pub name: Option<Text>,
    /// The category code.
    pub category_code: Option<Text>,
    /// Where it is.
    pub location: Option<Text>,
}

/// What documents 000, 001, 003 and 004 call a transaction: one entry of a customer's account.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EntryParts {
    /// The id of the row: see [`EntryParts::id_of`].
    pub id: Uuid,
    /// The account.
    pub account: AccountId,
    /// The side. Money that goes out of a customer's account is debited.
    pub side: Side,
    /// The amount, greater than zero.
    pub money: Money,
    /// What it is for.
    pub kind: Kind,
    /// How far it is.
    pub state: PostingState,
    /// When it was posted, or asked for if it is not posted.
    pub posted_at: Timestamp,
    /// When it was posted, where a row says both (S1-036).
    pub processed_at: Option<Timestamp>,
    /// From which day on it counts.
    pub value_date: Option<NaiveDate>,
    /// When the row was written, where it says so (S1-036); otherwise when it was posted.
    pub created_at: Option<Timestamp>,
    /// When the row changed last, where it says so (S1-036); otherwise when it was posted.
    pub updated_at: Option<Timestamp>,
    /// The description.
    pub description: Option<Text>,
    /// The reference.
    pub reference: Option<Reference>,
    /// On which way it came in.
    pub channel: Channel,
    /// Within which request of the host.
    pub correlation: Option<Correlation>,
    /// The host's pairs.
    pub metadata: Metadata,
    /// Tags (S1-037).
    pub tags: Vec<String>,
    /// The category (S3-015).
    pub category: Option<Text>,
    /// The account on the other side (S1-034).
    pub counterparty: Option<AccountId>,
    /// Who is on the other side, and with which bank (S1-034).
    pub counterparty_name: Option<Text>,
    /// The bank of who is on the other side (S1-034).
    pub counterparty_bank: Option<Text>,
    /// The merchant (S1-035).
    pub merchant: MerchantParts,
    /// The fee that was booked with it (C32).
    pub fee: Option<Money>,
}

impl EntryParts {
    /// An entry that was posted, of which no more is known.
    #[must_use]
    pub fn new(
        id: Uuid,
        account: AccountId,
        (side, money): (Side, Money),
        kind: Kind,
        posted_at: Timestamp,
    ) -> Self {
        Self {
            id,
            account,
            side,
            money,
            kind,
            state: PostingState::Posted,
            posted_at,
            processed_at: None,
            value_date: None,
            created_at: None,
            updated_at: None,
            description: None,
            reference: None,
            channel: Channel::SYSTEM,
            correlation: None,
            metadata: Metadata::default(),
            tags: Vec::new(),
            category: None,
            counterparty: None,
            counterparty_name: None,
            counterparty_bank: None,
            merchant: MerchantParts::default(),
            fee: None,
        }
    }

    /// The id of the row of an entry: the place of its transaction in the journal in the upper 64
    /// bits, that of the entry in the transaction in the lower. One transaction has several rows,
    /// each of which needs an id of its own; the views of the SQL stores make the same.
    #[must_use]
    pub const fn id_of(position: u64, entry: u32) -> Uuid {
        Uuid::from_u64_pair(position, entry as u64)
    }

    /// An entry of a posted transaction, by its place from 0; `None` if there is none.
    #[must_use]
    pub fn of(transaction: &Transaction, entry: u32) -> Option<Self> {
        let own = transaction.entries.get(usize::try_from(entry).ok()?)?;
        let id = Self::id_of(transaction.position, entry);
        let (moved, at) = ((own.side, own.money), transaction.posted_at);
        let mut parts = Self::new(id, own.account, moved, transaction.kind, at);
        parts.processed_at = Some(at);
        parts.value_date = Some(own.value_date);
        parts.channel = transaction.origin.channel;
        parts.correlation.clone_from(&transaction.origin.correlation);
        if let Some(words) = transaction.words() {
            parts.description.clone_from(&words.description);
            parts.reference.clone_from(&words.reference);
            parts.metadata = words.metadata.clone();
        }
        let mut other = transaction.entries.iter().filter(|one| one.side != own.side);
        if let (Some(other), None) = (other.next(), other.next()) {
            parts.counterparty = Some(other.account);
        }
        Some(parts)
    }

    /// Notes what the profile does not say of it.
    pub(super) fn losses(&self, to: &mut Writer, said: &[&str]) {
        let merchant = self.merchant != MerchantParts::default();
        let dated = self.value_date.is_some_and(|day| day != self.posted_at.date_utc());
        let fields = [
            (dated, "value_date"),
            (self.description.is_some(), "description"),
            (self.reference.is_some(), "reference"),
            (self.channel != Channel::SYSTEM, "channel"),
            (self.correlation.is_some(), "correlation"),
            (!self.metadata.is_empty(), "metadata"),
            (!self.tags.is_empty(), "tags"),
            (self.category.is_some(), "category"),
            (self.counterparty.is_some(), "counterparty"),
            (self.counterparty_name.is_some(), "counterparty_name"),
            (self.counterparty_bank.is_some(), "counterparty_bank"),
            (merchant, "merchant"),
            (self.fee.is_some_and(|fee| !fee.is_zero()), "fee"),
        ];
        for (is, field) in fields {
            to.left_out(is && !said.contains(&field), field);
        }
    }
}

/// The amount as the customer sees it: what came in is positive (C07).
pub(super) fn signed(parts: &EntryParts) -> Result<Decimal, Refusal> {
    if !parts.money.is_positive() {
        return Err(if parts.money.is_zero() { Refusal::AmountZero } else { Refusal::AmountSign });
    }
    let amount = money::decimal(parts.money)?;
    Ok(match parts.side {
        Side::Credit => amount,
        Side::Debit => {
            Decimal::from_i128_with_scale(amount.mantissa().saturating_neg(), amount.scale())
        }
    })
}

/// Side and amount of a signed number.
pub(super) fn unsigned(number: Decimal, currency: Currency) -> Result<(Side, Money), Refusal> {
    if number.is_zero() {
        return Err(Refusal::AmountZero);
    }
    let side = if number.is_sign_negative() { Side::Debit } else { Side::Credit };
    Ok((side, money::money(number.abs(), currency)?))
}

/// The link between the two rows of a transfer (S0-004, S0-009, C08).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkParts {
    /// The id: that of the transaction.
    pub id: Uuid,
    /// The row of the account that paid.
    pub from: Uuid,
    /// The row of the account that was paid.
    pub to: Uuid,
    /// When it was asked for.
    pub initiated_at: Timestamp,
    /// When it was posted.
    pub completed_at: Option<Timestamp>,
}

impl LinkParts {
    /// The link of a posted transaction between two of the customers' accounts; `None` if it is
    /// none.
    #[must_use]
    pub fn of(transaction: &Transaction, is_customers: impl Fn(AccountId) -> bool) -> Option<Self> {
        let place = |side: Side| {
            let mut own = (0_u32..)
                .zip(&transaction.entries)
                .filter(|(_, one)| one.side == side && is_customers(one.account));
            match (own.next(), own.next()) {
                (Some((at, _)), None) => Some(EntryParts::id_of(transaction.position, at)),
                _ => None,
            }
        };
        let (initiated_at, completed_at) = (transaction.posted_at, Some(transaction.posted_at));
        let (from, to) = (place(Side::Debit)?, place(Side::Credit)?);
        Some(Self { id: transaction.id.as_uuid(), from, to, initiated_at, completed_at })
    }
}

/// What document 002 calls a transaction: a header with payer and payee (C08).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransferParts {
    /// The id.
    pub id: TransactionId,
    /// The reference by which it is found; without it, the id.
    pub reference: Option<Reference>,
    /// The customer's account that paid; none if it came from outside.
    pub from: Option<AccountId>,
    /// The customer's account that was paid; none if it went outside.
    pub to: Option<AccountId>,
    /// The amount, greater than zero.
    pub money: Money,
    /// What it is for.
    pub kind: Kind,
    /// The description.
    pub description: Option<Text>,
    /// How far it is.
    pub state: PostingState,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it was posted.
    pub processed_at: Option<Timestamp>,
}

impl TransferParts {
    /// The header of a posted transaction.
    ///
    /// # Errors
    /// [`Refusal::ShapeUnsayable`] with several payers or payees among the customers' accounts, with
    /// none at all, or if payer and payee have different amounts.
    pub fn of(
        transaction: &Transaction,
        is_customers: impl Fn(AccountId) -> bool,
    ) -> Result<Self, Refusal> {
        let only = |side: Side| {
            let own = |one: &&crate::ledger::Entry| one.side == side && is_customers(one.account);
            let mut entries = transaction.entries.iter().filter(own);
            match (entries.next(), entries.next()) {
                (one, None) => Ok(one),
                _ => Err(Refusal::ShapeUnsayable),
            }
        };
        let (from, to) = (only(Side::Debit)?, only(Side::Credit)?);
        let money = match (from, to) {
            (Some(from), Some(to)) if from.money != to.money => {
                return Err(Refusal::ShapeUnsayable);
            }
            (Some(one), _) | (None, Some(one)) => one.money,
            (None, None) => return Err(Refusal::ShapeUnsayable),
        };
        let words = transaction.words();
        Ok(Self {
            id: transaction.id,
            reference: words.and_then(|words| words.reference.clone()),
            from: from.map(|one| one.account),
            to: to.map(|one| one.account),
            money,
            kind: transaction.kind,
            description: words.and_then(|words| words.description.clone()),
            state: PostingState::Posted,
            created_at: transaction.posted_at,
            processed_at: Some(transaction.posted_at),
        })
    }
}

impl Profile {
    /// Exports an entry of a customer's account: 000, 001, 003, 004.
    ///
    /// # Errors
    /// [`Refusal`]: what the profile cannot say.
    pub fn export_entry(self, parts: &EntryParts) -> Result<Exported, Refusal> {
        match self {
            Self::S0 => s0::export_entry(parts),
            Self::S1 => s1::transaction::export(parts),
            Self::S2 => Err(self.has_no("entries with one account's words")),
            Self::S3 => s3::export_entry(parts),
            Self::S4 => s4::export_entry(parts),
        }
    }

    /// Imports an entry of a customer's account: 000, 001, 003, 004. The currency is that of the
    /// account; rows of 003 do not say it, those of 000 are in US dollars, and the others must agree
    /// (C20).
    ///
    /// # Errors
    /// [`Refusal`]: what the table does not take, or the model does not know.
    pub fn import_entry(
        self,
        row: &Row,
        currency: Currency,
        moment: Moment,
    ) -> Result<EntryParts, Refusal> {
        let parts = match self {
            Self::S0 => s0::import_entry(row, moment)?,
            Self::S1 => s1::transaction::import(row, moment)?,
            Self::S2 => return Err(self.has_no("entries with one account's words")),
            Self::S3 => s3::import_entry(row, currency, moment)?,
            Self::S4 => s4::import_entry(row, moment)?,
        };
        let own = parts.money.currency();
        if own == currency {
            return Ok(parts);
        }
        Err(Refusal::CurrencyUnsayable { currency: own.code().to_owned() })
    }

    /// Exports the link of a transfer: 000.
    ///
    /// # Errors
    /// [`Refusal::EntityUnsayable`] in other profiles.
    pub fn export_link(self, parts: &LinkParts) -> Result<Exported, Refusal> {
        match self {
            Self::S0 => s0::export_link(parts),
            _ => Err(self.has_no("links of transfers")),
        }
    }

    /// Imports the link of a transfer: 000.
    ///
    /// # Errors
    /// [`Refusal::EntityUnsayable`] in other profiles; what the table does not take.
    pub fn import_link(self, row: &Row, moment: Moment) -> Result<LinkParts, Refusal> {
        match self {
            Self::S0 => s0::import_link(row, moment.now),
            _ => Err(self.has_no("links of transfers")),
        }
    }

    /// Exports the header of a transaction: 002.
    ///
    /// # Errors
    /// [`Refusal::EntityUnsayable`] in other profiles; what the profile cannot say.
    pub fn export_transfer(self, parts: &TransferParts) -> Result<Exported, Refusal> {
        match self {
            Self::S2 => s2::export_transfer(parts),
            _ => Err(self.has_no("headers of transactions")),
        }
    }

    /// Imports the header of a transaction: 002.
    ///
    /// # Errors
    /// [`Refusal::EntityUnsayable`] in other profiles; what the table does not take.
    pub fn import_transfer(self, row: &Row, moment: Moment) -> Result<TransferParts, Refusal> {
        match self {
            Self::S2 => s2::import_transfer(row, moment),
            _ => Err(self.has_no("headers of transactions")),
        }
    }

    /// Exports an entry of the journal: 002.
    ///
    /// # Errors
    /// [`Refusal::EntityUnsayable`] in other profiles; what the profile cannot say.
    pub fn export_ledger_entry(self, parts: &LedgerEntryParts) -> Result<Exported, Refusal> {
        match self {
            Self::S2 => s2::export_ledger_entry(parts),
            _ => Err(self.has_no("entries of the journal")),
        }
    }

    /// Imports an entry of the journal: 002. Its currency stands with its transaction (S2-059).
    ///
    /// # Errors
    /// [`Refusal::EntityUnsayable`] in other profiles; what the table does not take.
    pub fn import_ledger_entry(
        self,
        row: &Row,
        currency: Currency,
        moment: Moment,
    ) -> Result<LedgerEntryParts, Refusal> {
        match self {
            Self::S2 => s2::import_ledger_entry(row, currency, moment),
            _ => Err(self.has_no("entries of the journal")),
        }
    }
}
