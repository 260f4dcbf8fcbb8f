//! The status of a customer, derived from file, policy and day (C12).

use chrono::NaiveDate;

use super::{Document, KycFile, KycPolicy, KycStatus, Requirement};

/// What a file says of its customer on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Derived {
    /// The status.
    pub status: KycStatus,
    /// The last day on which the customer is approved if nothing changes; none if that is not so
    /// on the day asked for, or has no end.
    pub until: Option<NaiveDate>,
}

/// Derives the status, first of these that applies (C12):
///
/// 1. every requirement is met by a document that is approved and valid on the day: *approved*;
/// 2. a rejection stands and no document waits for review: *rejected*;
/// 3. the customer was approved once: *expired*;
/// 4. *pending*.
///
/// A document that was replaced counts no more. One that is to be replaced counts until the new
/// one is approved. A rejection stands until its document is replaced, or a later document of the
/// same kind is approved. A document is valid through its expiry day.
#[must_use]
pub fn derive(file: &KycFile, policy: &KycPolicy, today: NaiveDate) -> Derived {
    let held: Option<Vec<NaiveDate>> =
        policy.required.iter().map(|one| holds(file, one, today)).collect();
    if let Some(ends) = held {
        let until = ends.into_iter().min().filter(|end| *end != NaiveDate::MAX);
        return Derived { status: KycStatus::Approved, until };
    }
    let outstanding =
        file.documents.iter().any(|document| document.status_on(today) == KycStatus::Pending);
    let rejected = (0..file.documents.len()).any(|at| is_standing_rejection(&file.documents, at));
    let status = match (rejected && !outstanding, file.ever_approved) {
        (true, _) => KycStatus::Rejected,
        (false, true) => KycStatus::Expired,
        (false, false) => KycStatus::Pending,
    };
    Derived { status, until: None }
}

/// The last day on which a requirement is met, seen from a day; none if it is not met on it.
pub(super) fn holds(file: &KycFile, asked: &Requirement, today: NaiveDate) -> Option<NaiveDate> {
    let counted = file.documents.iter().filter(|document| {
        document.replaced_by.is_none()
            && asked.any_of.contains(&document.kind)
            && document.status_on(today) == KycStatus::Approved
    });
    counted.map(|document| document.expires_on.unwrap_or(NaiveDate::MAX)).max()
}

fn is_standing_rejection(documents: &[Document], at: usize) -> bool {
    let Some(document) = documents.get(at) else { return false };
    let later = || documents.iter().skip(at).filter(|later| later.kind == document.kind);
    document.status == KycStatus::Rejected
        && document.replaced_by.is_none()
        && !later().any(Document::was_approved)
}
