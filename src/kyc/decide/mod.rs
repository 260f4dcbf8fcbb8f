//! The decisions of this room: from a row, a request and a moment to the new row and what changed.

mod review;
mod screen;
mod standing;
mod upload;

pub use review::{Review, Verdict, decide_expiry, decide_legal_hold, decide_review};
pub use screen::{Screened, decide_screening};
pub use standing::{StandingChange, decide_standing_change, follow_documents};
pub use upload::{Upload, decide_upload};

use super::{KycFile, KycPolicy, KycStatus, derive};
use crate::ledger::facts::Moment;
use crate::ledger::{EventCode, FieldChange, FieldName};

/// A row as it is to be, and what the journal says of it. `None` in place of it means that nothing
/// changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided<T> {
    /// The row.
    pub new: T,
    /// What happened.
    pub event: EventCode,
    /// What changed.
    pub changes: Vec<FieldChange>,
}

const DOCUMENTS: FieldName = FieldName::known("documents");
const DOCUMENT_STATUS: FieldName = FieldName::known("documents.status");

/// Notes that the documents have become sufficient.
fn note_approval(file: &mut KycFile, before: KycStatus, policy: &KycPolicy, moment: Moment) {
    if derive(file, policy, moment.today).status != KycStatus::Approved {
        return;
    }
    if before != KycStatus::Approved || !file.ever_approved {
        file.verified_at = Some(moment.now);
    }
    file.ever_approved = true;
}
