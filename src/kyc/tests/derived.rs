//! The derived status: its truth table, its days, and what holds for any file.

use proptest::prelude::*;

use super::*;
use DocumentKind::{NationalId, Passport, Selfie, UtilityBill};
use KycStatus::{Approved, Expired, Pending, Rejected};

const TODAY: &str = "2026-05-01";

/// A document as the table writes it: kind, status, and the last day relative to today.
type Row = (DocumentKind, KycStatus, Option<i64>);

fn document(number: u128, (kind, status, last): Row) -> Document {
    let mut desk = Desk::new();
    desk.upload(&upload(number, kind), TODAY);
    let mut document = desk.file.documents.remove(0);
    document.status = status;
    document.expires_on = last.map(|days| day(TODAY) + chrono::Duration::days(days));
    // Only what a reviewer saw can have been approved.
    document.reviewed_at = (status != Pending).then(|| at(TODAY).now);
    document
}

fn file(rows: &[Row], ever: bool) -> KycFile {
    let mut file = KycFile::new(CUSTOMER);
    file.documents = (1..).zip(rows).map(|(number, row)| document(number, *row)).collect();
    file.ever_approved = ever;
    file
}

/// The documents, whether the customer was ever approved, and what follows.
const TRUTH: &[(&[Row], bool, KycStatus)] = &[
    // Nothing, or not enough.
    (&[], false, Pending),
    (&[], true, Expired),
    (&[(Passport, Pending, None)], false, Pending),
    (&[(Passport, Approved, None)], false, Pending),
    (&[(Passport, Approved, None)], true, Expired),
    (&[(Selfie, Approved, None), (UtilityBill, Approved, None)], false, Pending),
    // All that is required.
    (&[(Passport, Approved, None), (UtilityBill, Approved, None)], false, Approved),
    (&[(NationalId, Approved, None), (UtilityBill, Approved, None)], false, Approved),
    (&[(Passport, Approved, Some(0)), (UtilityBill, Approved, None)], false, Approved),
    (
        &[(Passport, Approved, None), (UtilityBill, Approved, None), (Selfie, Rejected, None)],
        false,
        Approved,
    ),
    (
        &[(Passport, Approved, None), (UtilityBill, Approved, None), (Selfie, Pending, None)],
        true,
        Approved,
    ),
    // One alternative is not accepted, the other is.
    (
        &[(Passport, Rejected, None), (NationalId, Approved, None), (UtilityBill, Approved, None)],
        false,
        Approved,
    ),
    // Rejected, and nothing outstanding; also of one who was approved once.
    (&[(Passport, Rejected, None)], false, Rejected),
    (&[(Passport, Rejected, None)], true, Rejected),
    (&[(Passport, Rejected, None), (UtilityBill, Approved, None)], false, Rejected),
    (&[(Passport, Rejected, None), (Passport, Rejected, None)], false, Rejected),
    // Outstanding.
    (&[(Passport, Rejected, None), (UtilityBill, Pending, None)], false, Pending),
    (&[(Passport, Rejected, None), (UtilityBill, Pending, None)], true, Expired),
    // What waits but is out of date waits no more.
    (&[(Passport, Rejected, None), (UtilityBill, Pending, Some(-1))], false, Rejected),
    (&[(Passport, Rejected, None), (UtilityBill, Pending, Some(0))], false, Pending),
    // A rejection is answered by a later approval of the same kind, not by an earlier one.
    (&[(Passport, Rejected, None), (Passport, Approved, None)], false, Pending),
    (&[(Passport, Rejected, None), (Passport, Expired, None)], true, Expired),
    (&[(Passport, Approved, None), (Passport, Rejected, None)], false, Rejected),
    // Lapsed.
    (&[(Passport, Approved, Some(-1)), (UtilityBill, Approved, None)], true, Expired),
    (&[(Passport, Expired, Some(-1)), (UtilityBill, Approved, None)], true, Expired),
    (&[(Passport, Approved, Some(-1)), (UtilityBill, Approved, None)], false, Pending),
    (
        &[(Passport, Approved, Some(-1)), (Passport, Pending, None), (UtilityBill, Approved, None)],
        true,
        Expired,
    ),
    (
        &[
            (Passport, Approved, Some(-1)),
            (Passport, Rejected, None),
            (UtilityBill, Approved, None),
        ],
        true,
        Rejected,
    ),
];

#[test]
fn the_truth_table() {
    for (rows, ever, expected) in TRUTH {
        let derived = derive(&file(rows, *ever), &policy(), day(TODAY));
        assert_eq!(derived.status, *expected, "{rows:?}, ever approved: {ever}");
    }
}

#[test]
fn a_document_is_valid_through_its_last_day() {
    for (last, next) in [
        ("2024-02-29", "2024-03-01"),
        ("2023-02-28", "2023-03-01"),
        ("2026-12-31", "2027-01-01"),
        ("2026-05-31", "2026-06-01"),
    ] {
        let mut desk = Desk::new();
        desk.upload(&upload(1, Passport).with_expires_on(day(last)), "2020-01-01")
            .upload(&upload(2, UtilityBill), "2020-01-01")
            .approve(1, "2020-01-02")
            .approve(2, "2020-01-02");
        assert_eq!(desk.status(last), (Approved, Some(day(last))));
        assert_eq!(desk.status(next), (Expired, None));
        assert_eq!(desk.file.due_on(), Some(day(next)));
        assert_eq!(desk.sweep(last).file.documents[0].status, Approved, "{last} is not over");
        assert_eq!(desk.sweep(next).file.documents[0].status, Expired);
        assert_eq!((desk.status(next), desk.file.due_on()), ((Expired, None), None));
    }
}

#[test]
fn the_best_alternative_and_the_first_requirement_to_lapse_count() {
    let rows = [
        (Passport, Approved, Some(10)),
        (NationalId, Approved, Some(90)),
        (UtilityBill, Approved, Some(30)),
    ];
    let until = derive(&file(&rows, false), &policy(), day(TODAY)).until;
    assert_eq!(until, Some(day("2026-05-31")));
    let endless = [(Passport, Approved, None), (UtilityBill, Approved, None)];
    assert_eq!(derive(&file(&endless, false), &policy(), day(TODAY)).until, None);
}

#[test]
fn what_is_required_may_be_nothing_or_impossible() {
    let (empty, today) = (file(&[], false), day(TODAY));
    assert_eq!(derive(&empty, &KycPolicy::none(), today).status, Approved);
    let impossible = KycPolicy::none().with_required([]);
    assert_eq!(derive(&empty, &impossible, today).status, Pending);
    assert_eq!(policy().missing(&empty, today).count(), 2);
    let some = file(&[(NationalId, Approved, None)], false);
    let policy = policy();
    let missing: Vec<_> = policy.missing(&some, today).collect();
    assert_eq!(missing, [&Requirement::any_of([UtilityBill])]);
}

fn any_row() -> impl Strategy<Value = Row> {
    let kind = prop::sample::select(vec![Passport, NationalId, UtilityBill, Selfie]);
    let status = prop::sample::select(KycStatus::ALL);
    (kind, status, prop::option::of(-5_i64..5))
}

fn any_file() -> impl Strategy<Value = KycFile> {
    (prop::collection::vec(any_row(), 0..8), any::<bool>())
        .prop_map(|(rows, ever)| file(&rows, ever))
}

proptest! {
    #[test]
    fn an_approval_holds_through_its_last_day_and_not_longer(file in any_file(), later in 0_i64..12) {
        let derived = derive(&file, &policy(), day(TODAY));
        let then = day(TODAY) + chrono::Duration::days(later);
        if derived.status == Approved {
            let holds = derived.until.is_none_or(|last| then <= last);
            let status = derive(&file, &policy(), then).status;
            prop_assert_eq!(status == Approved, holds);
            // And the standing says the same without looking into the file.
            let standing = Standing::new(CUSTOMER).with_kyc(derived.status, derived.until);
            prop_assert_eq!(standing.kyc_on(then) == Approved, holds);
        }
    }

    #[test]
    fn one_more_approved_document_never_takes_anything_away(file in any_file(), row in any_row()) {
        let before = derive(&file, &policy(), day(TODAY));
        let mut more = file;
        more.documents.push(document(99, (row.0, Approved, row.2)));
        let after = derive(&more, &policy(), day(TODAY));
        if before.status == Approved {
            prop_assert_eq!(after.status, Approved);
            let end = |until: Option<NaiveDate>| until.unwrap_or(NaiveDate::MAX);
            prop_assert!(end(after.until) >= end(before.until));
        }
    }

    #[test]
    fn the_sweep_changes_no_answer(file in any_file(), later in 0_i64..8) {
        let then = day(TODAY) + chrono::Duration::days(later);
        let moment = Moment { now: at(TODAY).now, today: then };
        let before = derive(&file, &policy(), then);
        if let Some(swept) = decide_expiry(&file, &policy(), moment) {
            prop_assert_eq!(derive(&swept.new, &policy(), then), before);
            prop_assert!(decide_expiry(&swept.new, &policy(), moment).is_none(), "one is enough");
            prop_assert!(file.due_on().is_some_and(|due| due <= then));
        } else {
            prop_assert!(file.due_on().is_none_or(|due| due > then));
        }
    }
}
