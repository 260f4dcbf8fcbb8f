//! What a transfer is, as asked for and as the hold keeps it, and the instructions of its steps.
//!
//! The hold carries all that is needed to finish: amount, payer, kind and dates are its own, the
//! rest stands in its metadata. So both `transfer` and `recover` build the steps from the same
//! fields, and a repetition is the same, byte for byte.

use chrono::NaiveDate;

use crate::bank::Context;
use crate::id::AccountId;
use crate::ledger::{
    Batch, Hold, Instruction, Kind, Leg, Metadata, NewCapture, NewHold, NewRelease, NewTransaction,
    Notes, Reference, Refusal, Side, Text, TextError, Transaction,
};
use crate::money::Money;

use super::id::StepIds;
use super::{BookAccount, BookName, BridgeId};

/// What the bridge's own pairs of metadata begin with.
const OWN: &str = "bridge.";
const ID: &str = "bridge.id";
/// The book on the other side.
const BOOK: &str = "bridge.book";
/// The account on the other side.
const ACCOUNT: &str = "bridge.account";
/// Why a transfer was turned back, on the fence.
const BECAUSE: &str = "bridge.because";

/// A transfer between two books, as asked for.
///
/// The account that it comes from is debited and the one that it goes to credited, as in
/// [`NewTransaction::transfer`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBridgeTransfer {
    pub(super) id: BridgeId,
    pub(super) kind: Kind,
    pub(super) from: BookAccount,
    pub(super) to: BookAccount,
    pub(super) money: Money,
    pub(super) booking_date: Option<NaiveDate>,
    pub(super) value_date: Option<NaiveDate>,
    pub(super) notes: Notes,
    pub(super) asked_by: Option<Context>,
}

impl NewBridgeTransfer {
    /// A transfer of `money` under the caller's id.
    #[must_use]
    pub fn new(id: BridgeId, kind: Kind, from: BookAccount, to: BookAccount, money: Money) -> Self {
        let notes = Notes::default();
        let (booking_date, value_date, asked_by) = (None, None, None);
        Self { id, kind, from, to, money, booking_date, value_date, notes, asked_by }
    }

    /// Sets the booking date in both books; by default each books on its own business date of the
    /// moment. If the book that pays has closed that day by the time the money has arrived, it
    /// books on its business date instead.
    #[must_use]
    pub const fn with_booking_date(mut self, date: NaiveDate) -> Self {
        self.booking_date = Some(date);
        self
    }

    /// Sets the value date in both books; by default the booking date of each.
    #[must_use]
    pub const fn with_value_date(mut self, date: NaiveDate) -> Self {
        self.value_date = Some(date);
        self
    }

    /// Sets the description, which both customers read.
    #[must_use]
    pub fn with_description(mut self, text: Text) -> Self {
        self.notes.description = Some(text);
        self
    }

    /// Sets the reference, which stands in both books.
    #[must_use]
    pub fn with_reference(mut self, reference: Reference) -> Self {
        self.notes.reference = Some(reference);
        self
    }

    /// Sets the host's pairs, at most 28, which stand in both books. Keys that begin with
    /// `bridge.` are the bridge's own.
    #[must_use]
    pub fn with_metadata(mut self, metadata: Metadata) -> Self {
        self.notes.metadata = metadata;
        self
    }

    /// Places the hold in the name of this context: its policy is asked, its limits count, the
    /// audit shows it. All further steps are made in the name of the bridge's own contexts.
    #[must_use]
    pub fn asked_by(mut self, context: Context) -> Self {
        self.asked_by = Some(context);
        self
    }

    /// The id.
    #[must_use]
    pub const fn id(&self) -> BridgeId {
        self.id
    }

    /// Where the money comes from.
    #[must_use]
    pub const fn from(&self) -> &BookAccount {
        &self.from
    }

    /// Where the money goes to.
    #[must_use]
    pub const fn to(&self) -> &BookAccount {
        &self.to
    }

    /// How much.
    pub const fn money(&self) -> Money {
        self.money
    }

    /// What for.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether the host set a date, which a book may come to refuse.
    pub(super) const fn is_dated(&self) -> bool {
        self.booking_date.is_some() || self.value_date.is_some()
    }

    pub(super) fn steps(&self) -> StepIds {
        self.id.steps(&self.from.book, &self.to.book)
    }

    // ---- the steps

    /// Reserves the money in the book that pays.
    pub(super) fn hold(&self, clearing: AccountId) -> Result<NewHold, Refusal> {
        let mut hold = NewHold::transfer(self.kind, self.from.account, clearing, self.money)
            .with_id(self.steps().hold)
            .with_metadata(self.pairs(&self.to)?);
        hold.terms.booking_date = self.booking_date;
        hold.terms.value_date = self.value_date;
        hold.terms.notes_mut().description.clone_from(&self.notes.description);
        hold.terms.notes_mut().reference.clone_from(&self.notes.reference);
        Ok(hold)
    }

    /// Credits the payee: the point of no return.
    pub(super) fn posting(&self, clearing: AccountId) -> Result<NewTransaction, Refusal> {
        let mut posting =
            NewTransaction::transfer(self.kind, clearing, self.to.account, self.money)
                .with_id(self.steps().post)
                .with_metadata(self.pairs(&self.from)?);
        posting.terms.booking_date = self.booking_date;
        posting.terms.value_date = self.value_date;
        posting.terms.notes_mut().description.clone_from(&self.notes.description);
        posting.terms.notes_mut().reference.clone_from(&self.notes.reference);
        Ok(posting)
    }

    /// Whether a transaction under the id of the posting credited the payee. Nothing else of it is
    /// compared: what another version of this library wrote in words is the same money.
    pub(super) fn is_posting(&self, posted: &Transaction) -> bool {
        posted.entries.iter().any(|entry| {
            (entry.account, entry.side, entry.money) == (self.to.account, Side::Credit, self.money)
        })
    }

    /// Takes the held money, on the dates of the hold or, where the book has closed them since, on
    /// `today`.
    pub(super) fn capture(&self, today: Option<NaiveDate>) -> Result<NewCapture, Refusal> {
        let steps = self.steps();
        let mut capture = NewCapture::amount(self.kind, steps.hold, self.money)
            .with_id(steps.capture)
            .with_metadata(self.pairs(&self.to)?);
        (capture.terms.booking_date, capture.terms.value_date) = (today, today);
        capture.terms.notes_mut().description.clone_from(&self.notes.description);
        capture.terms.notes_mut().reference.clone_from(&self.notes.reference);
        Ok(capture)
    }

    /// Makes the posting impossible, in one unit: a hold of one minor unit on both sides of the
    /// clearing account, released under the id of the posting. No entry is made and nothing stays
    /// reserved, and the ledger never gives that id to anything else again.
    pub(super) fn fence(&self, clearing: AccountId, because: &str) -> Result<Batch, Refusal> {
        let steps = self.steps();
        let kind = Kind::new("bridge_fence").map_err(|_| UNFIT)?;
        let unit = Money::new(1, self.money.currency());
        let mut metadata = Metadata::default();
        self.own_pairs(&self.from, &mut metadata).map_err(|_| UNFIT)?;
        metadata.insert(BECAUSE, because).map_err(|_| UNFIT)?;
        let hold = NewHold::new(kind)
            .leg(Leg::new(clearing, Side::Debit, unit))
            .leg(Leg::new(clearing, Side::Credit, unit))
            .with_id(steps.fence)
            .with_metadata(metadata);
        let release = NewRelease::new(steps.fence).with_id(steps.post);
        let mut batch = Batch::new();
        batch.push_group([Instruction::from(hold), Instruction::from(release)]);
        Ok(batch)
    }

    /// Gives the held money free.
    pub(super) fn release(&self) -> NewRelease {
        let steps = self.steps();
        NewRelease::new(steps.hold).with_id(steps.release)
    }

    // ---- what the hold keeps

    /// The host's pairs and the bridge's own, which name the other side.
    fn pairs(&self, other: &BookAccount) -> Result<Metadata, Refusal> {
        let mut pairs = self.notes.metadata.clone();
        if pairs.iter().any(|(key, _)| key.starts_with(OWN)) {
            let what = "metadata keys that begin with `bridge.` are the bridge's own";
            return Err(Refusal::InvalidTerms { what });
        }
        self.own_pairs(other, &mut pairs).map_err(|_| UNFIT)?;
        Ok(pairs)
    }

    fn own_pairs(&self, other: &BookAccount, pairs: &mut Metadata) -> Result<(), TextError> {
        pairs.insert(ID, &self.id.to_string())?;
        pairs.insert(BOOK, other.book.as_str())?;
        pairs.insert(ACCOUNT, &other.account.to_string())
    }

    /// The transfer that a hold in `book` stands for; `None` if it stands for none, or its words
    /// were erased.
    pub(super) fn of_hold(book: &BookName, hold: &Hold) -> Option<Self> {
        let notes = hold.notes.as_ref()?.notes.as_ref()?;
        let id = bridge_id(notes)?;
        let to_book = BookName::new(notes.metadata.get(BOOK)?).ok()?;
        let to = BookAccount::new(to_book, notes.metadata.get(ACCOUNT)?.parse().ok()?);
        let leg = hold.legs.iter().find(|leg| leg.leg.side == Side::Debit)?.leg;
        let from = BookAccount::new(book.clone(), leg.account);
        let mut transfer = Self::new(id, hold.kind, from, to, leg.money);
        (transfer.booking_date, transfer.value_date) = (hold.booking_date, hold.value_date);
        transfer.notes.description.clone_from(&notes.description);
        transfer.notes.reference.clone_from(&notes.reference);
        for (key, value) in notes.metadata.iter().filter(|(key, _)| !key.starts_with(OWN)) {
            transfer.notes.metadata.insert(key, value).ok()?;
        }
        // Anybody may write such pairs; only a bridge derives the id of the hold from them.
        (transfer.steps().hold == hold.id).then_some(transfer)
    }
}

const UNFIT: Refusal =
    Refusal::InvalidTerms { what: "a transfer between books carries at most 28 metadata pairs" };

/// The transfer that a row belongs to by its words.
pub(super) fn bridge_id(notes: &Notes) -> Option<BridgeId> {
    notes.metadata.get(ID)?.parse().ok()
}

/// Why a fence was set: a code that is known, or `unknown`.
pub(super) fn reason_of(fence: &Hold) -> &'static str {
    let notes = fence.notes.as_ref().and_then(|notes| notes.notes.as_ref());
    let written = notes.and_then(|notes| notes.metadata.get(BECAUSE));
    let mut known = Refusal::ALL.iter().chain(&[super::WITHDRAWN, super::DENIED]);
    known.find(|code| Some(**code) == written).copied().unwrap_or("unknown")
}
