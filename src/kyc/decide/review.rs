//! Documents reviewed by staff, held by law, and swept when they expire (S2-049, S2-057).

use chrono::NaiveDate;

use super::{DOCUMENT_STATUS, Decided, note_approval};
use crate::id::DocumentId;
use crate::kyc::{Document, KycFile, KycPolicy, KycStatus, Refusal, derive};
use crate::ledger::facts::Moment;
use crate::ledger::{Actor, EventCode, FieldChange, FieldName, StateCode, Text};

/// What is decided of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Verdict {
    /// A pending document is accepted.
    Approve,
    /// A pending document is not accepted; needs a reason.
    Reject,
    /// An approved document is not accepted any more, as when it turns out to be forged; needs a
    /// reason.
    Revoke,
}

impl Verdict {
    const fn status(self) -> KycStatus {
        match self {
            Self::Approve => KycStatus::Approved,
            Self::Reject | Self::Revoke => KycStatus::Rejected,
        }
    }

    const fn event(self) -> EventCode {
        EventCode::known(match self {
            Self::Approve => "kyc.document_approved",
            Self::Reject => "kyc.document_rejected",
            Self::Revoke => "kyc.document_revoked",
        })
    }
}

/// A review.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Review {
    /// The document.
    pub document: DocumentId,
    /// What is decided.
    pub verdict: Verdict,
    /// Why, in words.
    pub reason: Option<Text>,
    /// The last day on which the document is valid, if the reviewer read it off.
    pub expires_on: Option<NaiveDate>,
    /// Who decides.
    pub by: Actor,
}

impl Review {
    /// A review without a reason.
    #[must_use]
    pub const fn new(document: DocumentId, verdict: Verdict, by: Actor) -> Self {
        Self { document, verdict, reason: None, expires_on: None, by }
    }

    /// With a reason.
    #[must_use]
    pub fn with_reason(mut self, reason: Text) -> Self {
        self.reason = Some(reason);
        self
    }

    /// With the expiry that the reviewer read off the document.
    #[must_use]
    pub const fn with_expires_on(mut self, last: NaiveDate) -> Self {
        self.expires_on = Some(last);
        self
    }
}

/// Decides of a document. `None` if it was so decided already.
///
/// # Errors
/// [`Refusal`]: no reason, no such document, its status, the reviewer, its expiry.
pub fn decide_review(
    file: &KycFile,
    review: &Review,
    policy: &KycPolicy,
    moment: Moment,
) -> Result<Option<Decided<KycFile>>, Refusal> {
    let id = review.document;
    if review.verdict != Verdict::Approve && review.reason.is_none() {
        return Err(Refusal::ReviewReasonMissing { document: id });
    }
    let document = file.document(id).ok_or(Refusal::UnknownDocument { document: id })?;
    let Some(expires_on) = reviewable(document, review, policy, moment)? else { return Ok(None) };

    let before = derive(file, policy, moment.today).status;
    let (from, to, replaces) = (document.status, review.verdict.status(), document.replaces);
    let mut new = file.clone();
    if let Some(document) = new.document_mut(id) {
        document.status = to;
        document.expires_on = expires_on;
        document.reviewed_by = Some(review.by.clone());
        document.reviewed_at = Some(moment.now);
        document.rejection_reason =
            review.reason.clone().filter(|_| review.verdict != Verdict::Approve);
    }
    if review.verdict == Verdict::Approve
        && let Some(old) = replaces.and_then(|old| new.document_mut(old))
    {
        old.replaced_by = Some(id);
    }
    note_approval(&mut new, before, policy, moment);
    let changes = vec![FieldChange::between(DOCUMENT_STATUS, from.state(), to.state())];
    Ok(Some(Decided { new, event: review.verdict.event(), changes }))
}

/// The expiry that the document is to have; none if it was so decided already.
///
/// The status on the day is asked, so that the answer is the same before and after the sweep. What
/// expired before anybody looked at it may still be looked at: the date may be a slip of the pen.
fn reviewable(
    document: &Document,
    review: &Review,
    policy: &KycPolicy,
    moment: Moment,
) -> Result<Option<Option<NaiveDate>>, Refusal> {
    let (id, status) = (document.id, document.status_on(moment.today));
    if status == review.verdict.status() {
        return Ok(None);
    }
    let (expired, seen) = (status == KycStatus::Expired, document.was_approved());
    let reviewable = match review.verdict {
        Verdict::Approve | Verdict::Reject => status == KycStatus::Pending || expired && !seen,
        Verdict::Revoke => status == KycStatus::Approved || expired && seen,
    };
    if !reviewable {
        return Err(Refusal::DocumentNotPending { document: id, status: status.code() });
    }
    if policy.four_eyes && review.by == document.uploaded_by {
        return Err(Refusal::ReviewerIsUploader { document: id });
    }
    if review.verdict != Verdict::Approve {
        return Ok(Some(document.expires_on));
    }
    let expires_on = review.expires_on.or(document.expires_on);
    match expires_on.filter(|last| *last < moment.today) {
        Some(expired_on) => Err(Refusal::DocumentExpired { document: id, expired_on }),
        None => Ok(Some(expires_on)),
    }
}

/// Marks every document whose expiry day is over. `None` if there is none.
///
/// What the file says on a day is the same before and after: the sweep makes it findable.
#[must_use]
pub fn decide_expiry(
    file: &KycFile,
    policy: &KycPolicy,
    moment: Moment,
) -> Option<Decided<KycFile>> {
    let before = derive(file, policy, moment.today).status;
    let (mut new, mut changes) = (file.clone(), Vec::new());
    for document in &mut new.documents {
        let status = document.status_on(moment.today);
        if status == document.status {
            continue;
        }
        let (from, to) = (document.status.state(), status.state());
        let change = FieldChange::between(DOCUMENT_STATUS, from, to);
        if !changes.contains(&change) {
            changes.push(change);
        }
        document.status = status;
    }
    if changes.is_empty() {
        return None;
    }
    note_approval(&mut new, before, policy, moment);
    Some(Decided { new, event: EventCode::known("kyc.documents_expired"), changes })
}

/// Puts a document under a legal hold, or lifts it (S4-023). `None` if it is so already.
///
/// # Errors
/// [`Refusal::UnknownDocument`].
pub fn decide_legal_hold(
    file: &KycFile,
    document: DocumentId,
    held: bool,
) -> Result<Option<Decided<KycFile>>, Refusal> {
    const HOLD: FieldName = FieldName::known("documents.legal_hold");
    let (open, kept) = (StateCode::known("false"), StateCode::known("true"));
    let mut new = file.clone();
    let found = new.document_mut(document).ok_or(Refusal::UnknownDocument { document })?;
    if found.legal_hold == held {
        return Ok(None);
    }
    found.legal_hold = held;
    let (from, to, event) = if held {
        (open, kept, EventCode::known("kyc.document_held"))
    } else {
        (kept, open, EventCode::known("kyc.document_released"))
    };
    Ok(Some(Decided { new, event, changes: vec![FieldChange::between(HOLD, from, to)] }))
}
