//! Every reason for which this room refuses, in the order in which they are looked for.

use chrono::NaiveDate;

use super::{Dimension, GateAction};
use crate::id::{CustomerId, DocumentId, ScreeningId};

crate::support::refusals! {
    /// Why documents, review, screening or the gate refused.
    ///
    /// The order of the variants is the order of precedence: when several apply, the first is
    /// returned. None of them holds personal data.
    Refusal;
    // ---- the request by itself
    /// A rejection or revocation without a reason.
    ReviewReasonMissing {
        /// The document.
        document: DocumentId,
    } = "review_reason_missing", false, "say why document {document} is not accepted";
    /// A document without the hash of its bytes where the policy asks for one.
    DocumentHashMissing {
        /// The document.
        document: DocumentId,
    } = "document_hash_missing", false, "document {document} needs the SHA-256 of its bytes";
    /// A document without bytes.
    DocumentEmpty {
        /// The document.
        document: DocumentId,
    } = "document_empty", false, "document {document} has no bytes";
    /// A document with too many bytes.
    DocumentTooLarge {
        /// The document.
        document: DocumentId,
        /// How many bytes it has.
        size: u64,
        /// How many are allowed.
        max: u64,
    } = "document_too_large", false, "document {document} has {size} bytes, {max} are allowed";
    /// A number that must not be kept, not even encrypted (C18).
    DocumentNumberForbidden {
        /// The document.
        document: DocumentId,
    } = "document_number_forbidden", false, "the number of document {document} must not be kept; give its blind index only";

    // ---- identity
    /// An id that another document has.
    DocumentIdReused {
        /// The document.
        document: DocumentId,
    } = "document_id_reused", false, "document {document} was handed in before with other content; use a fresh id";
    /// An id that another screening has.
    ScreeningIdReused {
        /// The screening.
        screening: ScreeningId,
    } = "screening_id_reused", false, "screening {screening} was recorded before with another answer; use a fresh id";

    // ---- what the request refers to
    /// A document that is not in the file.
    UnknownDocument {
        /// The document.
        document: DocumentId,
    } = "unknown_document", true, "document {document} is not in the file";
    /// The same bytes again.
    DocumentDuplicate {
        /// The document that has them.
        document: DocumentId,
    } = "document_duplicate", false, "document {document} has the same bytes; refer to it";
    /// A document that is to replace one of another kind.
    DocumentKindDiffers {
        /// The document to be replaced.
        document: DocumentId,
    } = "document_kind_differs", false, "document {document} is of another kind; hand the new one in by itself";
    /// A document that is to replace one that was replaced.
    DocumentReplaced {
        /// The document to be replaced.
        document: DocumentId,
        /// What replaced it.
        by: DocumentId,
    } = "document_replaced", false, "document {document} was replaced by {by}; replace that one";

    // ---- the state of what it refers to
    /// A file with too many documents.
    KycFileFull {
        /// Whose file.
        customer: CustomerId,
        /// How many documents it holds at most.
        max: usize,
    } = "kyc_file_full", false, "the file of customer {customer} holds at most {max} documents";
    /// A review of what is not waiting for one, or a revocation of what is not approved.
    DocumentNotPending {
        /// The document.
        document: DocumentId,
        /// The code of its status.
        status: &'static str,
    } = "document_not_pending", false, "document {document} is {status} already; hand in a new one";
    /// A review by who handed the document in.
    ReviewerIsUploader {
        /// The document.
        document: DocumentId,
    } = "reviewer_is_uploader", false, "document {document} must be reviewed by another than who handed it in";
    /// A document that is not valid any more.
    DocumentExpired {
        /// The document.
        document: DocumentId,
        /// The last day on which it was valid.
        expired_on: NaiveDate,
    } = "document_expired", false, "document {document} was valid through {expired_on}; hand in a new one";
    /// A change of status that is not a step.
    StandingTransition {
        /// The customer.
        customer: CustomerId,
        /// Which status.
        dimension: Dimension,
        /// The code of the present status.
        from: &'static str,
        /// The code of the status asked for.
        to: &'static str,
    } = "standing_transition", false, "the {dimension} status of customer {customer} cannot go from {from} to {to}";
    /// A customer to be closed or deleted who has open accounts.
    CustomerAccountsOpen {
        /// The customer.
        customer: CustomerId,
        /// How many.
        open: u32,
    } = "customer_accounts_open", true, "customer {customer} has {open} open accounts; close them first";

    // ---- the gate
    /// An action that a status of the customer does not let pass.
    GateClosed {
        /// The customer.
        customer: CustomerId,
        /// The action.
        action: GateAction,
        /// Which status.
        dimension: Dimension,
        /// The code of the status.
        status: &'static str,
    } = "gate_closed", true, "customer {customer} may not {action}: the {dimension} status is {status}";
}
