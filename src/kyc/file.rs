//! The file of a customer: all documents and the latest screenings.

use chrono::NaiveDate;

use super::{Document, KycStatus, Screening};
use crate::id::{CustomerId, DocumentId};
use crate::ledger::EntityKind;
use crate::time::Timestamp;

/// The documents and screenings of a customer. It is read when something in it changes, never when
/// money moves: for that there is [`Standing`](super::Standing).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct KycFile {
    /// Whose file.
    pub customer: CustomerId,
    /// The documents, in the order in which they came.
    pub documents: Vec<Document>,
    /// The answers of screenings, in the order in which they were recorded.
    pub screenings: Vec<Screening>,
    /// Whether the documents were ever sufficient: what tells expired from pending (C12).
    pub ever_approved: bool,
    /// When they last became sufficient (S1-023 `kyc_verification_date`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_at: Option<Timestamp>,
}

impl KycFile {
    /// What the journal calls it.
    pub const KIND: EntityKind = EntityKind::known("kyc_file");
    /// The most documents.
    pub const MAX_DOCUMENTS: usize = 256;
    /// The most screenings that are kept. The oldest that is not the latest of its kind leaves
    /// first; that it was recorded stays in the journal.
    pub const MAX_SCREENINGS: usize = 64;

    /// An empty file.
    #[must_use]
    pub const fn new(customer: CustomerId) -> Self {
        Self {
            customer,
            documents: Vec::new(),
            screenings: Vec::new(),
            ever_approved: false,
            verified_at: None,
        }
    }

    /// A document by its id.
    #[must_use]
    pub fn document(&self, id: DocumentId) -> Option<&Document> {
        self.documents.iter().find(|document| document.id == id)
    }

    pub(super) fn document_mut(&mut self, id: DocumentId) -> Option<&mut Document> {
        self.documents.iter_mut().find(|document| document.id == id)
    }

    /// The documents with these bytes, in the order in which they came.
    pub fn same_bytes<'a>(&'a self, sha256: &'a [u8; 32]) -> impl Iterator<Item = &'a Document> {
        self.documents.iter().filter(move |document| document.sha256.as_ref() == Some(sha256))
    }

    /// The first day on which the expiry sweep finds something to do here, for an index by day.
    #[must_use]
    pub fn due_on(&self) -> Option<NaiveDate> {
        let open = self
            .documents
            .iter()
            .filter(|document| matches!(document.status, KycStatus::Pending | KycStatus::Approved));
        let last = open.filter_map(|document| document.expires_on).min()?;
        Some(last.succ_opt().unwrap_or(last))
    }

    /// The statuses that documents in it have, each once, for an index by status (S2-043).
    #[must_use]
    pub fn document_statuses(&self) -> Vec<KycStatus> {
        let has = |status: &KycStatus| self.documents.iter().any(|one| one.status == *status);
        KycStatus::ALL.iter().copied().filter(|status| has(status)).collect()
    }

    /// Keeps an answer within the bound.
    pub(super) fn keep(&mut self, screening: Screening) {
        self.screenings.push(screening);
        if self.screenings.len() <= Self::MAX_SCREENINGS {
            return;
        }
        let superseded = self.screenings.iter().enumerate().find(|(at, one)| {
            self.screenings.iter().skip(at.saturating_add(1)).any(|later| later.kind == one.kind)
        });
        if let Some((at, _)) = superseded {
            self.screenings.remove(at);
        }
    }
}
