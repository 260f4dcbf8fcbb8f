//! The life of documents: handed in, reviewed, replaced, revoked, held.

use super::*;
use DocumentKind::{Aadhaar, Passport, UtilityBill};
use KycStatus::{Approved, Expired, Pending, Rejected};

#[test]
fn from_upload_to_approval_and_what_is_said_of_it() {
    let mut desk = Desk::new();
    let uploaded = decide_upload(&desk.file, &upload(1, Passport), &desk.policy, at("2026-05-01"));
    let uploaded = uploaded.unwrap().unwrap();
    assert_eq!(uploaded.event.as_str(), "kyc.document_uploaded");
    assert_eq!(uploaded.changes.len(), 1);
    let document = &uploaded.new.documents[0];
    assert_eq!((document.status, document.version), (Pending, 1));
    assert_eq!(document.retain_until, Some(day("2036-05-01")), "ten years (S4-091)");
    assert!(!document.verified() && !document.is_removable_on(day("2036-05-01")));
    assert!(document.is_removable_on(day("2036-05-02")));

    desk.file = uploaded.new;
    desk.upload(&upload(2, UtilityBill), "2026-05-01").approve(1, "2026-05-02");
    assert_eq!(desk.status("2026-05-02"), (Pending, None));
    assert!(!desk.file.ever_approved);
    let approved = review(2, Verdict::Approve).with_expires_on(day("2026-08-01"));
    let approved = decide_review(&desk.file, &approved, &desk.policy, at("2026-05-03"));
    let approved = approved.unwrap().unwrap();
    assert_eq!(approved.event.as_str(), "kyc.document_approved");
    let change = approved.changes[0];
    assert_eq!(change.from.unwrap().as_str(), "pending");
    assert_eq!(change.to.unwrap().as_str(), "approved");
    desk.file = approved.new;
    assert_eq!(desk.file.verified_at, Some(at("2026-05-03").now));
    assert_eq!(desk.status("2026-05-03"), (Approved, Some(day("2026-08-01"))));
    assert!(desk.file.ever_approved && desk.file.documents[1].verified());
    assert_eq!(desk.file.document_statuses(), [Approved]);
}

#[test]
fn what_is_so_already_is_no_change() {
    let mut desk = Desk::new();
    let passport = upload(1, Passport);
    desk.upload(&passport, "2026-05-01");
    let again = |file: &KycFile, on| decide_upload(file, &passport, &policy(), at(on));
    assert_eq!(again(&desk.file, "2026-05-02"), Ok(None));
    desk.approve(1, "2026-05-02");
    assert_eq!(again(&desk.file, "2026-05-03"), Ok(None), "whatever became of it since");
    let twice =
        |verdict| decide_review(&desk.file, &review(1, verdict), &policy(), at("2026-05-04"));
    assert_eq!(twice(Verdict::Approve), Ok(None));
    assert_eq!(decide_legal_hold(&desk.file, id(1), false), Ok(None));
    assert_eq!(decide_expiry(&desk.file, &policy(), at("2026-05-04")), None);
    desk.review(&review(1, Verdict::Revoke), "2026-05-05");
    for verdict in [Verdict::Reject, Verdict::Revoke] {
        let decided = decide_review(&desk.file, &review(1, verdict), &policy(), at("2026-05-06"));
        assert_eq!(decided, Ok(None));
    }
}

#[test]
fn a_replacement_takes_over_when_it_is_approved_and_not_before() {
    let mut desk = Desk::new();
    desk.upload(&upload(1, Passport).with_expires_on(day("2026-06-30")), "2026-05-01")
        .upload(&upload(2, UtilityBill), "2026-05-01")
        .approve(1, "2026-05-01")
        .approve(2, "2026-05-01");
    let renewed = upload(3, Passport).with_expires_on(day("2036-06-30")).with_replaces(id(1));
    desk.upload(&renewed, "2026-06-01");
    assert_eq!(desk.file.documents[2].version, 2);
    assert_eq!(desk.status("2026-06-01"), (Approved, Some(day("2026-06-30"))));
    assert_eq!(desk.status("2026-07-01"), (Expired, None), "still to be reviewed");
    desk.approve(3, "2026-07-02");
    assert_eq!(desk.status("2026-07-02"), (Approved, Some(day("2036-06-30"))));
    assert_eq!(desk.file.verified_at, Some(at("2026-07-02").now));
    assert_eq!(desk.file.documents[0].replaced_by, Some(id(3)));
    // The new one turns out to be forged: the old one does not come back.
    desk.review(&review(3, Verdict::Revoke), "2026-07-03");
    assert_eq!(desk.status("2026-07-03"), (Rejected, None));
}

#[test]
fn rejected_then_handed_in_again() {
    let mut desk = Desk::new();
    let scan = [9; 32];
    desk.upload(&upload(1, Passport).with_sha256(scan), "2026-05-01").reject(1, "2026-05-02");
    assert_eq!(desk.status("2026-05-02").0, Rejected);
    assert_eq!(desk.file.documents[0].rejection_reason.as_ref().unwrap().as_str(), "unreadable");
    // Reviewers may be wrong, so the same bytes may come again; the file knows that they did.
    desk.upload(&upload(2, Passport).with_sha256(scan), "2026-05-03");
    assert_eq!(desk.file.same_bytes(&scan).count(), 2);
    assert_eq!(desk.status("2026-05-03").0, Pending);
    desk.approve(2, "2026-05-04").upload(&upload(3, UtilityBill), "2026-05-04");
    desk.approve(3, "2026-05-04");
    assert_eq!(desk.status("2026-05-04").0, Approved);
}

#[test]
fn what_expired_unseen_may_be_reviewed_with_another_date_before_and_after_the_sweep() {
    for swept in [false, true] {
        let mut desk = Desk::new();
        let slip = upload(1, Passport).with_expires_on(day("2026-05-02"));
        desk.upload(&slip, "2026-05-01");
        if swept {
            desk.sweep("2026-05-03");
        }
        let decide =
            |review: &Review| decide_review(&desk.file, review, &policy(), at("2026-05-03"));
        let plain = decide(&review(1, Verdict::Approve));
        let expired_on = day("2026-05-02");
        assert_eq!(plain, Err(Refusal::DocumentExpired { document: id(1), expired_on }));
        let read = review(1, Verdict::Approve).with_expires_on(day("2036-05-02"));
        assert_eq!(decide(&read).unwrap().unwrap().new.documents[0].status, Approved);
        assert!(decide(&review(1, Verdict::Reject)).unwrap().is_some());
    }
}

#[test]
fn what_was_approved_may_be_revoked_before_and_after_the_sweep() {
    for swept in [false, true] {
        let mut desk = Desk::new();
        desk.upload(&upload(1, Passport).with_expires_on(day("2026-05-02")), "2026-05-01");
        desk.approve(1, "2026-05-01");
        if swept {
            desk.sweep("2026-05-03");
        }
        let decide =
            |verdict| decide_review(&desk.file, &review(1, verdict), &policy(), at("2026-05-03"));
        let late = Refusal::DocumentNotPending { document: id(1), status: "expired" };
        assert_eq!(decide(Verdict::Approve), Err(late));
        let revoked = decide(Verdict::Revoke).unwrap().unwrap();
        assert_eq!(revoked.event.as_str(), "kyc.document_revoked");
        assert_eq!(revoked.new.documents[0].status, Rejected);
    }
}

#[test]
fn a_legal_hold_outlasts_retention() {
    let mut desk = Desk::new();
    desk.upload(&upload(1, Passport), "2026-05-01");
    let held = decide_legal_hold(&desk.file, id(1), true).unwrap().unwrap();
    assert_eq!(held.event.as_str(), "kyc.document_held");
    assert!(!held.new.documents[0].is_removable_on(day("2099-01-01")));
    let lifted = decide_legal_hold(&held.new, id(1), false).unwrap().unwrap();
    assert!(lifted.new.documents[0].is_removable_on(day("2099-01-01")));
}

#[test]
fn a_file_survives_the_wire_and_prints_nothing_personal() {
    let mut desk = Desk::new();
    let masked = MaskedNumber::new("********1234").unwrap();
    let number = DocumentNumber { sealed: None, index: None, masked };
    desk.upload(&upload(1, Aadhaar).with_number(number).with_sha256([1; 32]), "2026-05-01")
        .upload(&upload(2, "visa".parse().unwrap()), "2026-05-01")
        .reject(2, "2026-05-01");
    let json = serde_json::to_string(&desk.file).unwrap();
    assert_eq!(serde_json::from_str::<KycFile>(&json).unwrap(), desk.file);
    assert!(json.contains("\"AADHAAR\"") && json.contains("\"visa\""), "{json}");
    let printed = format!("{:?}", desk.file);
    for secret in ["1234", "unreadable", "memory:"] {
        assert!(!printed.contains(secret), "{secret} in {printed}");
    }
    let standing = Standing::new(CUSTOMER).with_kyc(Expired, None);
    let json = serde_json::to_string(&standing).unwrap();
    assert_eq!(serde_json::from_str::<Standing>(&json).unwrap(), standing);
    assert!(json.contains("\"PENDING_APPROVAL\"") && !json.contains("kyc_until"), "{json}");
}

#[test]
fn a_document_that_was_replaced_counts_no_more_even_if_it_would_last_longer() {
    let mut desk = Desk::new();
    desk.upload(&upload(1, Passport), "2026-05-01").upload(&upload(2, UtilityBill), "2026-05-01");
    desk.approve(1, "2026-05-01").approve(2, "2026-05-01");
    assert_eq!(desk.status("2026-05-01"), (Approved, None));
    let shorter = upload(3, Passport).with_expires_on(day("2026-06-30")).with_replaces(id(1));
    desk.upload(&shorter, "2026-05-02").approve(3, "2026-05-02");
    assert_eq!(desk.status("2026-05-02"), (Approved, Some(day("2026-06-30"))));
    assert_eq!(desk.status("2026-07-01"), (Expired, None));
}

#[test]
fn the_same_bytes_may_be_handed_in_as_another_kind() {
    let mut desk = Desk::new();
    desk.upload(&upload(1, Passport).with_sha256([1; 32]), "2026-05-01");
    desk.upload(&upload(2, UtilityBill).with_sha256([1; 32]), "2026-05-01");
    let again = upload(3, Passport).with_sha256([1; 32]);
    let refused = decide_upload(&desk.file, &again, &policy(), at("2026-05-01"));
    assert_eq!(refused, Err(Refusal::DocumentDuplicate { document: id(1) }));
}
