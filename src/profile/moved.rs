//! Which profile says what of moved money.

use super::export::Exported;
use super::{
    EntryParts, LedgerEntryParts, LinkParts, Profile, Refusal, Row, TransferParts, s0, s1, s2, s3,
    s4,
};
use crate::ledger::facts::Moment;
use crate::money::Currency;

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
