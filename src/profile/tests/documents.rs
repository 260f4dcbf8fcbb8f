//! 003's documents of JSON.

use serde_json::json;

use super::*;
use crate::kyc::{DocumentKind, KycStatus};

fn user() -> serde_json::Value {
    json!({
        "userId": "01980000-0000-7000-8000-000000000001",
        "profile": {
            "avatar": "https://img.example/1.png",
            "preferences": {
                "theme": "dark", "language": "fr",
                "notifications": { "email": true, "sms": false, "push": true },
            },
        },
        "documents": [
            { "type": "id", "url": "s3://a", "verified": true, "uploadedAt": "2026-01-01T00:00:00.000000000Z" },
            { "type": "driver_license", "url": "s3://b", "verified": false, "uploadedAt": "2026-01-02T00:00:00.000000000Z" },
            { "type": "visa", "url": "s3://c", "verified": false, "uploadedAt": "2026-01-03T00:00:00.000000000Z" },
        ],
        "auditLog": [{ "action": "login", "timestamp": "2026-01-03T00:00:00Z", "ip": "::1", "userAgent": "x" }],
        "createdAt": "2026-01-01T00:00:00.000000000Z",
        "updatedAt": "2026-01-03T00:00:00.000000000Z",
    })
}

fn context() -> serde_json::Value {
    json!({
        "transactionId": "01980000-0000-7000-8000-000000000002",
        "metadata": {
            "geolocation": { "lat": 12.9715987, "lng": -77.5, "address": "Bengaluru" },
            "device": { "type": "phone", "os": "android", "browser": "firefox" },
            "riskScore": 0.35,
            "tags": ["rent", "monthly"],
            "notes": "first of the month",
        },
        "attachments": [{
            "filename": "bill.pdf", "url": "s3://bill", "type": "application/pdf", "size": 1024,
            "uploadedAt": "2026-01-03T00:00:00.000000000Z",
        }],
        "createdAt": "2026-01-03T00:00:00.000000000Z",
        "updatedAt": "2026-01-03T00:00:00.000000000Z",
    })
}

#[test]
fn a_user_document_comes_back_as_it_was() {
    let read = UserDocument::from_json(&user()).unwrap();
    assert_eq!(read.documents[0].kind, DocumentKind::NationalId);
    assert_eq!(read.documents[0].status, KycStatus::Approved);
    assert_eq!(read.documents[1].status, KycStatus::Pending);
    let ids: std::collections::BTreeSet<_> = read.documents.iter().map(|one| one.id).collect();
    assert_eq!(ids.len(), 3);
    let written = read.to_json().unwrap();
    assert_eq!((written.json, written.losses), (user(), vec![]));
}

#[test]
fn a_rejected_document_reads_as_not_verified() {
    let mut read = UserDocument::from_json(&user()).unwrap();
    read.documents[0].status = KycStatus::Rejected;
    let written = read.to_json().unwrap();
    assert_eq!(written.losses, [Loss { field: "documents.verified", kind: LossKind::FellBack }]);
    assert_eq!(written.json["documents"][0]["verified"], false);
}

#[test]
fn metadata_of_a_transaction_comes_back_as_it_was() {
    let read = TransactionContext::from_json(&context()).unwrap();
    assert_eq!(read.to_json().unwrap(), context());
    assert!(!format!("{read:?}").contains("12.97"), "where somebody was is not printed");
    let bare = TransactionContext::new(read.transaction, now().now);
    assert_eq!(TransactionContext::from_json(&bare.to_json().unwrap()), Ok(bare));
}

#[test]
fn what_is_wrong_with_a_document_is_said() {
    let user_cases = [
        ("/userId", json!("7"), "profile_value_malformed"),
        ("/userId", json!(null), "profile_value_missing"),
        ("/profile", json!([]), "profile_value_malformed"),
        ("/profile/preferences/theme", json!("two words"), "profile_value_malformed"),
        ("/profile/preferences/language", json!("?"), "profile_value_malformed"),
        ("/profile/preferences/notifications/sms", json!("no"), "profile_value_malformed"),
        ("/documents", json!({}), "profile_value_malformed"),
        ("/documents/0/type", json!("passport "), "profile_label_unknown"),
        ("/documents/0/type", json!("national_id"), "profile_label_unknown"),
        ("/documents/0/url", json!("a b"), "profile_value_malformed"),
        ("/documents/0/uploadedAt", json!("yesterday"), "profile_value_malformed"),
        ("/createdAt", json!(5), "profile_value_malformed"),
    ];
    for (at, value, code) in user_cases {
        let mut wrong = user();
        *wrong.pointer_mut(at).unwrap() = value;
        assert_eq!(UserDocument::from_json(&wrong).unwrap_err().code(), code, "{at}");
    }
    let mut more = user();
    more["profile"]["nickname"] = json!("x");
    assert_eq!(UserDocument::from_json(&more).unwrap_err().code(), "profile_column_unknown");
    let cases = [
        ("/transactionId", json!("7"), "profile_value_malformed"),
        ("/metadata/geolocation/lat", json!(90.1), "profile_value_malformed"),
        ("/metadata/geolocation/lng", json!(-180.5), "profile_value_malformed"),
        ("/metadata/geolocation/lat", json!(null), "profile_value_malformed"),
        ("/metadata/riskScore", json!("high"), "profile_value_malformed"),
        ("/metadata/tags/0", json!(1), "profile_value_malformed"),
        ("/attachments/0/size", json!(-1), "profile_value_malformed"),
        ("/attachments/0/type", json!("pdf"), "profile_value_malformed"),
    ];
    for (at, value, code) in cases {
        let mut wrong = context();
        *wrong.pointer_mut(at).unwrap() = value;
        assert_eq!(TransactionContext::from_json(&wrong).unwrap_err().code(), code, "{at}");
    }
}
