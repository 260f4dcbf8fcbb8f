//! Documents handed in.

use chrono::{Months, NaiveDate};

use super::{DOCUMENTS, Decided};
use crate::id::DocumentId;
use crate::kyc::{
    Document, DocumentKind, DocumentNumber, DocumentUri, KycFile, KycPolicy, KycStatus, MimeType,
    Refusal,
};
use crate::ledger::facts::Moment;
use crate::ledger::{Actor, EventCode, FieldChange};

/// A document to be taken into the file. Its bytes are stored already.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Upload {
    /// The id of the document: the same one again is the same request again.
    pub id: DocumentId,
    /// What it is.
    pub kind: DocumentKind,
    /// Its number.
    pub number: Option<DocumentNumber>,
    /// Where its bytes lie.
    pub uri: DocumentUri,
    /// The SHA-256 of its bytes.
    pub sha256: Option<[u8; 32]>,
    /// What its bytes are.
    pub mime: MimeType,
    /// How many bytes.
    pub size: u64,
    /// The last day on which it is valid.
    pub expires_on: Option<NaiveDate>,
    /// Who hands it in.
    pub by: Actor,
    /// The document of the same kind that it is to replace, once it is approved.
    pub replaces: Option<DocumentId>,
}

impl Upload {
    /// A document without number, hash and expiry.
    #[must_use]
    pub const fn new(
        id: DocumentId,
        kind: DocumentKind,
        uri: DocumentUri,
        mime: MimeType,
        size: u64,
        by: Actor,
    ) -> Self {
        let (number, sha256, expires_on, replaces) = (None, None, None, None);
        Self { id, kind, number, uri, sha256, mime, size, expires_on, by, replaces }
    }

    /// With its number.
    #[must_use]
    pub fn with_number(mut self, number: DocumentNumber) -> Self {
        self.number = Some(number);
        self
    }

    /// With the hash of its bytes.
    #[must_use]
    pub const fn with_sha256(mut self, sha256: [u8; 32]) -> Self {
        self.sha256 = Some(sha256);
        self
    }

    /// With the last day on which it is valid.
    #[must_use]
    pub const fn with_expires_on(mut self, last: NaiveDate) -> Self {
        self.expires_on = Some(last);
        self
    }

    /// To replace another.
    #[must_use]
    pub const fn with_replaces(mut self, document: DocumentId) -> Self {
        self.replaces = Some(document);
        self
    }

    /// Whether a document came from this request. The number is compared by what a clerk sees and
    /// by its index, because the same number sealed twice gives two ciphertexts.
    fn made(&self, document: &Document) -> bool {
        let seen = |number: &DocumentNumber| (number.index, number.masked.clone());
        document.kind == self.kind
            && document.uri == self.uri
            && document.sha256 == self.sha256
            && document.mime == self.mime
            && document.size == self.size
            && document.replaces == self.replaces
            && document.uploaded_by == self.by
            && document.number.as_ref().map(seen) == self.number.as_ref().map(seen)
    }
}

/// Takes a document into the file, to be reviewed. `None` if it is there from the same request.
///
/// # Errors
/// [`Refusal`]: the document by itself, its id, its bytes, what it is to replace, the file.
pub fn decide_upload(
    file: &KycFile,
    upload: &Upload,
    policy: &KycPolicy,
    moment: Moment,
) -> Result<Option<Decided<KycFile>>, Refusal> {
    by_itself(upload, policy)?;
    if let Some(known) = file.document(upload.id) {
        let same = upload.made(known);
        return if same {
            Ok(None)
        } else {
            Err(Refusal::DocumentIdReused { document: upload.id })
        };
    }
    let replaced = match upload.replaces {
        Some(document) => {
            Some(file.document(document).ok_or(Refusal::UnknownDocument { document })?)
        }
        None => None,
    };
    if let Some(document) = duplicate(file, upload) {
        return Err(Refusal::DocumentDuplicate { document });
    }
    if let Some(old) = replaced {
        replaceable(old, upload)?;
    }
    if file.documents.len() >= KycFile::MAX_DOCUMENTS {
        let (customer, max) = (file.customer, KycFile::MAX_DOCUMENTS);
        return Err(Refusal::KycFileFull { customer, max });
    }
    if let Some(expired_on) = upload.expires_on.filter(|last| *last < moment.today) {
        return Err(Refusal::DocumentExpired { document: upload.id, expired_on });
    }
    let version = replaced.map_or(1, |old| old.version.saturating_add(1));
    let mut new = file.clone();
    new.documents.push(document(upload, version, policy, moment));
    let event = match replaced {
        Some(_) => EventCode::known("kyc.replacement_uploaded"),
        None => EventCode::known("kyc.document_uploaded"),
    };
    Ok(Some(Decided { new, event, changes: vec![FieldChange::of(DOCUMENTS)] }))
}

fn by_itself(upload: &Upload, policy: &KycPolicy) -> Result<(), Refusal> {
    let document = upload.id;
    if policy.hash_required && upload.sha256.is_none() {
        return Err(Refusal::DocumentHashMissing { document });
    }
    if upload.size == 0 {
        return Err(Refusal::DocumentEmpty { document });
    }
    if upload.size > policy.max_size {
        return Err(Refusal::DocumentTooLarge {
            document,
            size: upload.size,
            max: policy.max_size,
        });
    }
    let sealed = upload.number.as_ref().is_some_and(|number| number.sealed.is_some());
    if upload.kind == DocumentKind::Aadhaar && sealed {
        return Err(Refusal::DocumentNumberForbidden { document });
    }
    Ok(())
}

/// The same bytes as the same kind are the same document, unless a reviewer did not accept them:
/// reviewers may be wrong.
fn duplicate(file: &KycFile, upload: &Upload) -> Option<DocumentId> {
    let sha256 = upload.sha256.as_ref()?;
    let same = file
        .same_bytes(sha256)
        .find(|document| document.kind == upload.kind && document.status != KycStatus::Rejected);
    same.map(|document| document.id)
}

fn replaceable(old: &Document, upload: &Upload) -> Result<(), Refusal> {
    if old.kind != upload.kind {
        return Err(Refusal::DocumentKindDiffers { document: old.id });
    }
    match old.replaced_by {
        Some(by) => Err(Refusal::DocumentReplaced { document: old.id, by }),
        None => Ok(()),
    }
}

fn document(upload: &Upload, version: u32, policy: &KycPolicy, moment: Moment) -> Document {
    let months = Months::new(policy.retain_years.saturating_mul(12));
    Document {
        id: upload.id,
        kind: upload.kind,
        number: upload.number.clone(),
        uri: upload.uri.clone(),
        sha256: upload.sha256,
        mime: upload.mime.clone(),
        size: upload.size,
        status: KycStatus::Pending,
        reviewed_by: None,
        reviewed_at: None,
        rejection_reason: None,
        expires_on: upload.expires_on,
        uploaded_by: upload.by.clone(),
        uploaded_at: moment.now,
        version,
        replaces: upload.replaces,
        replaced_by: None,
        legal_hold: false,
        retain_until: Some(moment.today.checked_add_months(months).unwrap_or(NaiveDate::MAX)),
    }
}
