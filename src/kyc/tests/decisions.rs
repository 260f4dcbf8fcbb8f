//! Screening and standing; and every refusal, each with later faults of the same request.

use super::*;
use crate::id::ScreeningId;
use crate::ledger::{Reference, Text};
use crate::party::{Lifecycle, Onboarding};
use DocumentKind::{Passport, UtilityBill};

const TODAY: &str = "2026-05-01";

fn answer(kind: ScreeningKind, outcome: ScreeningOutcome, reference: &str) -> ScreeningAnswer {
    let reference = Reference::new(reference).unwrap();
    let score = Score::new(9_950);
    let provider = actor("provider:lists");
    ScreeningAnswer { kind, outcome, provider, reference, at: at(TODAY).now, score }
}

fn screening(number: u128) -> ScreeningId {
    ScreeningId::from_u128(number)
}

fn screened(
    file: &KycFile,
    standing: &Standing,
    number: u128,
    answer: &ScreeningAnswer,
) -> Option<Screened> {
    decide_screening(file, standing, screening(number), answer, at(TODAY)).unwrap()
}

#[test]
fn an_answer_only_tightens() {
    use AmlStatus as Aml;
    use PepStatus as Pep;
    use RiskLevel::{Critical, High, Low, Medium};
    use ScreeningKind as Kind;
    use ScreeningOutcome::{Clear, Hit, Possible};
    let table = [
        (Kind::Aml, Possible, (Aml::Clear, Pep::Clear, Low), (Aml::Flagged, Pep::Clear, Low)),
        (Kind::Aml, Hit, (Aml::Clear, Pep::Clear, Low), (Aml::Blocked, Pep::Clear, Low)),
        (Kind::Sanctions, Possible, (Aml::Clear, Pep::Clear, Low), (Aml::Flagged, Pep::Clear, Low)),
        (Kind::Sanctions, Hit, (Aml::Flagged, Pep::Clear, Low), (Aml::Blocked, Pep::Clear, Low)),
        (Kind::Pep, Possible, (Aml::Clear, Pep::Clear, Low), (Aml::Clear, Pep::Match, Low)),
        (Kind::Pep, Hit, (Aml::Clear, Pep::Clear, Medium), (Aml::Clear, Pep::Match, High)),
        (Kind::Pep, Hit, (Aml::Clear, Pep::Clear, Critical), (Aml::Clear, Pep::Match, Critical)),
    ];
    let file = KycFile::new(CUSTOMER);
    for (kind, outcome, (aml, pep, risk), after) in table {
        let standing = Standing::new(CUSTOMER).with_findings(aml, pep, risk);
        let moved = screened(&file, &standing, 1, &answer(kind, outcome, "r")).unwrap();
        let moved = moved.standing.unwrap();
        assert_eq!((moved.new.aml, moved.new.pep, moved.new.risk), after, "{kind:?} {outcome:?}");
        assert_eq!(moved.event.as_str(), "standing.screened");
    }
    // What nothing loosens.
    let worst = Standing::new(CUSTOMER).with_findings(Aml::Blocked, Pep::Rejected, Critical);
    for kind in ScreeningKind::ALL {
        for outcome in [Clear, Possible, Hit] {
            let kept = screened(&file, &worst, 1, &answer(*kind, outcome, "r")).unwrap();
            assert_eq!(kept.standing, None);
            assert_eq!(kept.file.new.screenings.len(), 1, "it is recorded all the same");
        }
    }
}

#[test]
fn a_finding_that_staff_looked_into_does_not_come_back() {
    let hit = answer(ScreeningKind::Pep, ScreeningOutcome::Possible, "namesake");
    let (file, standing) = (KycFile::new(CUSTOMER), Standing::new(CUSTOMER));
    let first = screened(&file, &standing, 1, &hit).unwrap();
    let (file, matched) = (first.file.new, first.standing.unwrap().new);
    let cleared = decide_standing_change(&matched, StandingChange::Pep(PepStatus::Clear));
    let cleared = cleared.unwrap().unwrap();
    assert_eq!(cleared.event.as_str(), "standing.pep_changed");
    assert_eq!(cleared.changes.len(), 1);
    assert_eq!(screened(&file, &cleared.new, 1, &hit), None, "the same request again");
    assert_eq!(screened(&file, &cleared.new, 2, &hit), None, "the same finding again");
    let other = answer(ScreeningKind::Pep, ScreeningOutcome::Possible, "another");
    assert!(screened(&file, &cleared.new, 2, &other).unwrap().standing.is_some());
}

#[test]
fn the_latest_answer_of_each_kind_is_always_kept() {
    let (mut file, standing) = (KycFile::new(CUSTOMER), Standing::new(CUSTOMER));
    let clear = ScreeningOutcome::Clear;
    file =
        screened(&file, &standing, 1, &answer(ScreeningKind::Pep, clear, "pep")).unwrap().file.new;
    for number in 2..200 {
        let asked = answer(ScreeningKind::Aml, clear, &format!("aml {number}"));
        file = screened(&file, &standing, number, &asked).unwrap().file.new;
    }
    assert_eq!(file.screenings.len(), KycFile::MAX_SCREENINGS);
    assert_eq!(file.screenings[0].kind, ScreeningKind::Pep);
    assert_eq!(file.screenings[1].id, screening(137), "the latest 63 of the other");
    let json = serde_json::to_string(&file).unwrap();
    assert_eq!(serde_json::from_str::<KycFile>(&json).unwrap(), file);
    assert!(serde_json::from_str::<Score>("10001").is_err());
}

#[test]
fn a_standing_follows_the_documents() {
    let mut desk = Desk::new();
    let standing = Standing::new(CUSTOMER);
    let follow = |standing: &Standing, desk: &Desk, on| {
        follow_documents(standing, &desk.file, &desk.policy, day(on))
    };
    assert_eq!(follow(&standing, &desk, TODAY), None);
    desk.upload(&upload(1, Passport).with_expires_on(day("2026-06-30")), TODAY)
        .upload(&upload(2, UtilityBill), TODAY)
        .approve(1, TODAY)
        .approve(2, TODAY);
    let approved = follow(&standing, &desk, TODAY).unwrap();
    assert_eq!(approved.event.as_str(), "standing.kyc_changed");
    assert_eq!(approved.new.kyc_until, Some(day("2026-06-30")));
    let fields: Vec<_> = approved.changes.iter().map(|one| one.field.as_str().to_owned()).collect();
    assert_eq!(fields, ["kyc", "kyc_until"]);
    assert_eq!(follow(&approved.new, &desk, "2026-06-30"), None);
    let lapsed = follow(&approved.new, &desk, "2026-07-01").unwrap();
    assert_eq!((lapsed.new.kyc, lapsed.new.kyc_until), (KycStatus::Expired, None));
}

#[test]
fn every_step_of_lifecycle_and_onboarding() {
    for from in Lifecycle::ALL {
        for to in Lifecycle::ALL {
            let standing = Standing::new(CUSTOMER).with_lifecycle(*from);
            let decided = decide_standing_change(&standing, StandingChange::Lifecycle(*to));
            let expected = from == to || *from != Lifecycle::Closed;
            assert_eq!(decided.is_ok(), expected, "{from:?} to {to:?}");
            assert_eq!(decided.is_ok_and(|one| one.is_none()), from == to);
        }
    }
    use Onboarding::{Approved, PendingApproval, Rejected};
    let steps =
        [(PendingApproval, Approved), (PendingApproval, Rejected), (Rejected, PendingApproval)];
    for from in Onboarding::ALL {
        for to in Onboarding::ALL {
            let standing = Standing::new(CUSTOMER).with_onboarding(*from);
            let decided = decide_standing_change(&standing, StandingChange::Onboarding(*to));
            assert_eq!(decided.is_ok(), from == to || steps.contains(&(*from, *to)));
        }
    }
}

#[test]
fn whoever_has_accounts_does_not_leave() {
    let standing = Standing::new(CUSTOMER).with_account_opened();
    let (closed, deleted) =
        (StandingChange::Lifecycle(Lifecycle::Closed), StandingChange::Deleted(true));
    for change in [closed, deleted] {
        let refused = decide_standing_change(&standing, change);
        assert_eq!(refused, Err(Refusal::CustomerAccountsOpen { customer: CUSTOMER, open: 1 }));
        let left = decide_standing_change(&standing.clone().with_account_closed(), change);
        assert!(left.unwrap().is_some());
    }
    // A risk may be set on somebody who left.
    let mut gone = Standing::new(CUSTOMER).with_lifecycle(Lifecycle::Closed).with_account_opened();
    gone.deleted = true;
    let set = decide_standing_change(&gone, StandingChange::Risk(RiskLevel::High));
    assert!(set.unwrap().is_some());
    let back = decide_standing_change(&gone, StandingChange::Deleted(false)).unwrap().unwrap();
    assert_eq!(back.event.as_str(), "standing.restored");
}

/// A full file in which 1 is a pending passport that 4 replaces, and 2 an approved one.
fn crowded() -> KycFile {
    let mut desk = Desk::new();
    desk.upload(&upload(1, Passport).with_sha256([1; 32]), TODAY)
        .upload(&upload(2, Passport).with_sha256([2; 32]), TODAY)
        .upload(&upload(3, UtilityBill), TODAY)
        .approve(2, TODAY);
    desk.file.documents[0].replaced_by = Some(id(4));
    while desk.file.documents.len() < KycFile::MAX_DOCUMENTS {
        let number = u128::try_from(desk.file.documents.len()).unwrap() + 1;
        desk.upload(&upload(number, UtilityBill), TODAY);
    }
    desk.file
}

#[test]
fn refusals_of_an_upload_in_their_order() {
    let (file, strict) = (crowded(), policy().with_hash_required(true).with_max_size(1_000));
    let masked = MaskedNumber::new("****").unwrap();
    // Everything is wrong with it; each row repairs one thing and meets the next.
    let mut bad = upload(1, UtilityBill).with_replaces(id(999)).with_expires_on(day("2026-04-30"));
    bad.number = Some(DocumentNumber { sealed: None, index: None, masked });
    bad.size = 0;
    let refused = |bad: &Upload| decide_upload(&file, bad, &strict, at(TODAY)).unwrap_err().code();
    let mut met = vec![refused(&bad)];
    bad.sha256 = Some([2; 32]);
    met.push(refused(&bad));
    bad.size = 1_001;
    met.push(refused(&bad));
    bad.size = 1_000;
    met.push(refused(&bad));
    bad.id = id(1_000);
    met.push(refused(&bad));
    bad.replaces = Some(id(1));
    bad.kind = Passport;
    met.push(refused(&bad));
    bad.sha256 = Some([3; 32]);
    bad.kind = UtilityBill;
    met.push(refused(&bad));
    bad.kind = Passport;
    met.push(refused(&bad));
    bad.replaces = Some(id(2));
    met.push(refused(&bad));
    let fewer = KycFile { documents: file.documents[..3].to_vec(), ..file.clone() };
    let last = decide_upload(&fewer, &bad, &strict, at(TODAY)).unwrap_err();
    met.push(last.code());
    assert_in_order(&met);
    assert_eq!(
        met,
        [
            "document_hash_missing",
            "document_empty",
            "document_too_large",
            "document_id_reused",
            "unknown_document",
            "document_duplicate",
            "document_kind_differs",
            "document_replaced",
            "kyc_file_full",
            "document_expired",
        ]
    );
    bad.expires_on = Some(day(TODAY));
    assert!(decide_upload(&fewer, &bad, &strict, at(TODAY)).unwrap().is_some());
}

fn assert_in_order(met: &[&str]) {
    let place = |code: &&str| Refusal::ALL.iter().position(|one| one == code).unwrap();
    assert!(met.is_sorted_by_key(place), "{met:?}");
}

#[test]
fn refusals_of_a_review_in_their_order() {
    let mut desk = Desk::new();
    desk.upload(&upload(1, Passport).with_expires_on(day("2026-05-02")), TODAY)
        .upload(&upload(2, Passport), TODAY)
        .reject(2, TODAY);
    let decide = |review: &Review| {
        decide_review(&desk.file, review, &desk.policy, at("2026-05-03")).unwrap_err().code()
    };
    let uploader = actor("user:customer");
    let mut bad = Review::new(id(9), Verdict::Revoke, uploader);
    let mut met = vec![decide(&bad)];
    bad.reason = Some(Text::new("forged").unwrap());
    met.push(decide(&bad));
    bad.verdict = Verdict::Approve;
    bad.document = id(2);
    met.push(decide(&bad));
    bad.document = id(1);
    met.push(decide(&bad));
    bad.by = actor("user:officer");
    met.push(decide(&bad));
    assert_in_order(&met);
    assert_eq!(
        met,
        [
            "review_reason_missing",
            "unknown_document",
            "document_not_pending",
            "reviewer_is_uploader",
            "document_expired",
        ]
    );
    let alone = policy().with_four_eyes(false);
    let own = Review::new(id(1), Verdict::Approve, actor("user:customer"));
    assert!(decide_review(&desk.file, &own, &alone, at("2026-05-02")).unwrap().is_some());
    assert_eq!(
        decide_legal_hold(&desk.file, id(9), true),
        Err(Refusal::UnknownDocument { document: id(9) })
    );
}

#[test]
fn refusals_of_screening_and_standing() {
    let clear = answer(ScreeningKind::Aml, ScreeningOutcome::Clear, "a");
    let standing = Standing::new(CUSTOMER).with_account_opened();
    let file = screened(&KycFile::new(CUSTOMER), &standing, 1, &clear).unwrap().file.new;
    let other = answer(ScreeningKind::Aml, ScreeningOutcome::Hit, "a");
    let reused = decide_screening(&file, &standing, screening(1), &other, at(TODAY));
    assert_eq!(reused, Err(Refusal::ScreeningIdReused { screening: screening(1) }));

    let blocked = standing.with_findings(AmlStatus::Blocked, PepStatus::Clear, RiskLevel::Low);
    let lifted = decide_standing_change(&blocked, StandingChange::Aml(AmlStatus::Clear));
    let (customer, dimension) = (CUSTOMER, Dimension::Aml);
    let refused = Refusal::StandingTransition { customer, dimension, from: "blocked", to: "clear" };
    assert_eq!(lifted, Err(refused));
    let half = decide_standing_change(&blocked, StandingChange::Aml(AmlStatus::Flagged));
    let half = half.unwrap().unwrap().new;
    let lifted = decide_standing_change(&half, StandingChange::Aml(AmlStatus::Clear));
    assert_eq!(lifted.unwrap().unwrap().new.aml, AmlStatus::Clear);
}

#[test]
fn codes_are_unique_and_are_no_codes_of_the_ledger() {
    let mut codes = Refusal::ALL.to_vec();
    codes.extend(crate::ledger::Refusal::ALL);
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), Refusal::ALL.len() + crate::ledger::Refusal::ALL.len());
}
