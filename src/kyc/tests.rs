//! Tests of the room as a whole, by subject.

mod decisions;
mod derived;
mod gates;
mod reviews;

use chrono::NaiveDate;

use super::*;
use crate::id::{CustomerId, DocumentId};
use crate::ledger::facts::Moment;
use crate::ledger::{Actor, Text};
use crate::time::Timestamp;

pub(super) const CUSTOMER: CustomerId = CustomerId::from_u128(7);

pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Noon of a day.
pub(super) fn at(text: &str) -> Moment {
    let now: Timestamp = format!("{text}T12:00:00Z").parse().unwrap();
    Moment { now, today: day(text) }
}

pub(super) fn actor(name: &str) -> Actor {
    Actor::new(name).unwrap()
}

pub(super) fn id(number: u128) -> DocumentId {
    DocumentId::from_u128(number)
}

/// A document handed in by the customer.
pub(super) fn upload(number: u128, kind: DocumentKind) -> Upload {
    let uri = DocumentUri::new(&format!("memory:{number}")).unwrap();
    let jpeg = MimeType::new("image/jpeg").unwrap();
    Upload::new(id(number), kind, uri, jpeg, 4, actor("user:customer"))
}

pub(super) fn review(number: u128, verdict: Verdict) -> Review {
    let review = Review::new(id(number), verdict, actor("user:officer"));
    if verdict == Verdict::Approve {
        review
    } else {
        review.with_reason(Text::new("unreadable").unwrap())
    }
}

/// Any of two kinds, and an address.
pub(super) fn policy() -> KycPolicy {
    KycPolicy::none()
        .with_required([DocumentKind::Passport, DocumentKind::NationalId])
        .with_required([DocumentKind::UtilityBill])
}

/// A file that is written by the decisions.
pub(super) struct Desk {
    pub(super) file: KycFile,
    pub(super) policy: KycPolicy,
}

impl Desk {
    pub(super) fn new() -> Self {
        Self { file: KycFile::new(CUSTOMER), policy: policy() }
    }

    pub(super) fn upload(&mut self, upload: &Upload, on: &str) -> &mut Self {
        let decided = decide_upload(&self.file, upload, &self.policy, at(on)).unwrap();
        self.file = decided.expect("a new document").new;
        self
    }

    pub(super) fn review(&mut self, review: &Review, on: &str) -> &mut Self {
        let decided = decide_review(&self.file, review, &self.policy, at(on)).unwrap();
        self.file = decided.expect("a new decision").new;
        self
    }

    pub(super) fn approve(&mut self, number: u128, on: &str) -> &mut Self {
        self.review(&review(number, Verdict::Approve), on)
    }

    pub(super) fn reject(&mut self, number: u128, on: &str) -> &mut Self {
        self.review(&review(number, Verdict::Reject), on)
    }

    pub(super) fn sweep(&mut self, on: &str) -> &mut Self {
        if let Some(decided) = decide_expiry(&self.file, &self.policy, at(on)) {
            self.file = decided.new;
        }
        self
    }

    pub(super) fn status(&self, on: &str) -> (KycStatus, Option<NaiveDate>) {
        let derived = derive(&self.file, &self.policy, day(on));
        (derived.status, derived.until)
    }
}
