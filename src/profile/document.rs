//! What the rows about documents have in common (C35).

use chrono::{NaiveDate, NaiveTime};
use uuid::Uuid;

use super::export::{Exported, Reader, Writer};
use super::{Profile, Refusal, Row, s2, s4};
use crate::id::{CustomerId, DocumentId};
use crate::kyc::{
    Document, DocumentKind, DocumentNumber, DocumentUri, KycStatus, MaskedNumber, MimeType,
};
use crate::ledger::Actor;
use crate::ledger::facts::Moment;
use crate::privacy::Sensitive;
use crate::time::Timestamp;

/// A document, whose it is, and its number where a row holds it in clear.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DocumentParts {
    /// Whose it is.
    pub customer: CustomerId,
    /// The document.
    pub document: Document,
    /// Its number in clear: to be sealed.
    pub number_in_clear: Option<Sensitive<String>>,
}

impl DocumentParts {
    /// A document of a customer. Rows show its number masked.
    #[must_use]
    pub const fn new(customer: CustomerId, document: Document) -> Self {
        Self { customer, document, number_in_clear: None }
    }

    /// With its number in clear, which rows then show.
    #[must_use]
    pub fn with_number_in_clear(mut self, number: Sensitive<String>) -> Self {
        self.number_in_clear = Some(number);
        self
    }
}

impl Profile {
    /// Exports a document: 002, 004. (001 has columns on the customer, 003 a document of JSON.)
    ///
    /// # Errors
    /// [`Refusal::EntityUnsayable`] in other profiles; what the profile cannot say.
    pub fn export_document(self, parts: &DocumentParts) -> Result<Exported, Refusal> {
        match self {
            Self::S2 => s2::export_document(parts),
            Self::S4 => s4::export_document(parts),
            _ => Err(self.has_no("documents")),
        }
    }

    /// Imports a document: 002, 004.
    ///
    /// # Errors
    /// [`Refusal::EntityUnsayable`] in other profiles; what the table does not take.
    pub fn import_document(self, row: &Row, moment: Moment) -> Result<DocumentParts, Refusal> {
        match self {
            Self::S2 => s2::import_document(row, moment),
            Self::S4 => s4::import_document(row, moment),
            _ => Err(self.has_no("documents")),
        }
    }
}

/// A document of which a row says no more than these: nothing is known of its bytes, and it was
/// handed in by an import.
pub(super) fn bare(
    from: &Reader,
    id: Uuid,
    kind: DocumentKind,
    uri: DocumentUri,
    at: Timestamp,
) -> Result<Document, Refusal> {
    let unknown = || from.malformed("id", "document_unknown");
    bare_of(DocumentId::from_uuid(id), kind, uri, at).ok_or_else(unknown)
}

/// The same outside a row.
pub(super) fn bare_of(
    id: DocumentId,
    kind: DocumentKind,
    uri: DocumentUri,
    at: Timestamp,
) -> Option<Document> {
    Some(Document {
        id,
        kind,
        number: None,
        uri,
        sha256: None,
        mime: MimeType::new(UNKNOWN_BYTES).ok()?,
        size: 0,
        status: KycStatus::Pending,
        reviewed_by: None,
        reviewed_at: None,
        rejection_reason: None,
        expires_on: None,
        uploaded_by: Actor::new("profile:import").ok()?,
        uploaded_at: at,
        version: 1,
        replaces: None,
        replaced_by: None,
        legal_hold: false,
        retain_until: None,
    })
}

/// What bytes are of which nothing is known.
pub(super) const UNKNOWN_BYTES: &str = "application/octet-stream";

/// The number as a row shows it: in clear if that is what the parts hold, otherwise masked.
pub(super) fn put_number(
    to: &mut Writer,
    column: &'static str,
    document: &Document,
    in_clear: Option<&Sensitive<String>>,
) {
    let masked = document.number.as_ref().map(|one| one.masked.as_str().to_owned());
    let kept = document.number.as_ref().is_some_and(|one| one.sealed.is_some());
    to.fell_back(kept && in_clear.is_none(), column);
    to.put(column, in_clear.map(|one| one.expose().clone()).or(masked));
}

/// A number as it was read: masked, or in clear and to be sealed.
pub(super) fn number(text: Option<String>) -> (Option<DocumentNumber>, Option<Sensitive<String>>) {
    match text.map(|text| (MaskedNumber::new(&text), text)) {
        None => (None, None),
        Some((Ok(masked), _)) => (Some(DocumentNumber { sealed: None, index: None, masked }), None),
        Some((Err(_), text)) => (None, Some(Sensitive::new(text))),
    }
}

/// The user in `user:0198..`, whom alone a column of users can name.
pub(super) fn user(actor: &Actor) -> Option<Uuid> {
    actor.as_str().strip_prefix("user:").and_then(|id| Uuid::try_parse(id).ok())
}

/// The actor of a user.
pub(super) fn actor(user: Option<Uuid>) -> Option<Actor> {
    user.and_then(|id| Actor::new(&format!("user:{}", id.as_hyphenated())).ok())
}

/// The last day on which a document is valid, as the instant at which that day begins.
pub(super) fn instant(day: Option<NaiveDate>) -> Option<Timestamp> {
    day.and_then(|day| Timestamp::from_datetime(day.and_time(NaiveTime::MIN).and_utc()).ok())
}
