//! What the rows about moved money have in common (C07 to C10).

use chrono::NaiveDate;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::export::Writer;
use super::{Refusal, money};
use crate::id::AccountId;
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
