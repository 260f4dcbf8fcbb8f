//! Every table of labels, both ways; every state of the model says itself, falls back as it is
//! documented, or is refused.

use std::fmt::Debug;

use super::*;
use crate::account::{AccountStatus, OwnershipKind};
use crate::kyc::{AmlStatus, DocumentKind, KycStatus, PepStatus, RiskLevel};
use crate::ledger::{Channel, Kind, Side};
use crate::party::{Gender, Lifecycle, Onboarding, Segment};
use crate::product::AccountType;

type Reads = fn(Profile, &str) -> Option<Result<(), Refusal>>;

/// Walks a table both ways; returns the states that it refuses.
fn walk<T: Copy + PartialEq + Debug>(labels: Option<&'static Labels<T>>, all: &[T]) -> Vec<T> {
    let labels = labels.unwrap();
    for (at, (label, means)) in labels.pairs.iter().enumerate() {
        assert_eq!(labels.read(label).as_ref(), Ok(means), "{}", labels.what);
        assert_eq!(labels.say(*means), Ok(((*label).into(), true)), "{}", labels.what);
        let twice =
            labels.pairs.iter().skip(at + 1).any(|(two, other)| two == label || other == means);
        assert!(!twice, "{}: {label} stands twice", labels.what);
        assert!(all.contains(means), "{}: {means:?} is not walked", labels.what);
    }
    for (state, label) in labels.fallbacks {
        assert_eq!(labels.say(*state), Ok(((*label).into(), false)), "{}", labels.what);
        assert_ne!(labels.read(label), Ok(*state), "a fallback is one way");
        assert!(labels.pairs.iter().all(|(_, means)| means != state), "{state:?} has a label");
    }
    let mut refused = Vec::new();
    for state in all {
        match labels.say(*state) {
            Ok((label, exact)) => assert_eq!(labels.read(&label) == Ok(*state), exact),
            Err(Refusal::StateUnsayable { possible, .. }) => {
                labels.pairs.iter().for_each(|(label, _)| assert!(possible.contains(label)));
                refused.push(*state);
            }
            Err(other) => panic!("{other}"),
        }
    }
    refused
}

#[test]
fn statuses_of_accounts() {
    use AccountStatus::{Dormant, Frozen, Inactive, PendingActivation};
    for (profile, refused) in [
        (Profile::S0, vec![PendingActivation, Inactive, Dormant]),
        (Profile::S1, vec![PendingActivation, Inactive, Frozen]),
        (Profile::S2, vec![PendingActivation, Frozen]),
        (Profile::S3, vec![]),
        (Profile::S4, vec![PendingActivation, Inactive, Dormant]),
    ] {
        assert_eq!(walk(profile.account_status(), AccountStatus::ALL), refused, "{profile}");
    }
    let say = |profile: Profile, state| profile.account_status().unwrap().say(state).unwrap().0;
    assert_eq!(say(Profile::S2, Dormant), "INACTIVE");
    assert_eq!(say(Profile::S0, AccountStatus::Suspended), "frozen");
    assert_eq!(say(Profile::S4, AccountStatus::Suspended), "FROZEN");
    for other in AccountStatus::ALL.iter().filter(|one| **one != AccountStatus::Active) {
        assert_eq!(say(Profile::S3, *other), "false");
    }
}

#[test]
fn types_and_owners_of_accounts() {
    use AccountType::{CreditCard, Investment, Loan, MoneyMarket};
    for (profile, refused) in [
        (Profile::S0, vec![MoneyMarket, CreditCard, Investment]),
        (Profile::S1, vec![]),
        (Profile::S2, vec![MoneyMarket, CreditCard, Investment]),
        (Profile::S3, vec![MoneyMarket, Loan]),
        (Profile::S4, vec![MoneyMarket, CreditCard, Loan, Investment]),
    ] {
        assert_eq!(walk(profile.account_type(), AccountType::ALL), refused, "{profile}");
    }
    let read = |profile: Profile, label| profile.account_type().unwrap().read(label).unwrap();
    assert_eq!(read(Profile::S4, "CURRENT"), AccountType::Checking);
    assert_eq!(read(Profile::S3, "CREDIT"), CreditCard);
    assert!(walk(Profile::S1.ownership(), OwnershipKind::ALL).is_empty());
    assert!(Profile::S0.ownership().is_none());
}

#[test]
fn statuses_of_customers() {
    use Lifecycle::{Closed, Inactive};
    let every: Vec<CustomerState> = Onboarding::ALL
        .iter()
        .flat_map(|one| Lifecycle::ALL.iter().map(move |two| (*one, *two)))
        .collect();
    let all = [
        (Onboarding::PendingApproval, Closed),
        (Onboarding::Approved, Closed),
        (Onboarding::Rejected, Closed),
    ];
    for (profile, refused) in [
        (Profile::S1, vec![]),
        (Profile::S2, all.to_vec()),
        (Profile::S3, vec![]),
        (
            Profile::S4,
            vec![
                (Onboarding::PendingApproval, Closed),
                (Onboarding::Approved, Inactive),
                (Onboarding::Approved, Closed),
            ],
        ),
    ] {
        assert_eq!(walk(profile.customer_status(), &every), refused, "{profile}");
    }
    let suspended = Profile::S4.customer_status().unwrap().read("SUSPENDED");
    assert_eq!(suspended, Ok((Onboarding::Approved, Lifecycle::Suspended)));
    assert!(Profile::S0.customer_status().is_none());
}

#[test]
fn what_is_known_of_customers() {
    assert!(walk(Profile::S1.customer_kyc(), KycStatus::ALL).is_empty());
    assert!(walk(Profile::S2.customer_kyc(), KycStatus::ALL).is_empty());
    let expired = Profile::S2.customer_kyc().unwrap().say(KycStatus::Expired);
    assert_eq!(expired, Ok(("PENDING".into(), false)));
    for profile in [Profile::S2, Profile::S3, Profile::S4] {
        assert!(walk(profile.document_status(), KycStatus::ALL).is_empty(), "{profile}");
    }
    assert!(walk(Profile::S1.aml_status(), AmlStatus::ALL).is_empty());
    assert!(walk(Profile::S1.pep_status(), PepStatus::ALL).is_empty());
    assert!(walk(Profile::S1.risk_level(), RiskLevel::ALL).is_empty());
    let genders = [Gender::Male, Gender::Female, Gender::Other, Gender::NotSaid];
    assert!(walk(Profile::S1.gender(), &genders).is_empty());
    let segments = [Segment::Retail, Segment::Sme, Segment::Corporate];
    assert!(walk(Profile::S1.segment(), &segments).is_empty());
}

#[test]
fn kinds_of_documents() {
    let other: DocumentKind = "visa".parse().unwrap();
    let mut all = DocumentKind::NAMED.to_vec();
    all.push(other);
    assert_eq!(walk(Profile::S1.document_kind(), &all).len(), all.len() - 3);
    assert_eq!(walk(Profile::S2.document_kind(), &all).len(), all.len() - 5);
    assert!(walk(Profile::S3.document_kind(), &all).is_empty(), "the set is open");
    assert!(walk(Profile::S4.document_kind(), &all).is_empty(), "the set is open");
    let papers = Profile::S3.document_kind().unwrap();
    assert_eq!(papers.read("id"), Ok(DocumentKind::NationalId));
    for alias in ["national_id", "drivers_license", "Passport"] {
        assert!(papers.read(alias).is_err(), "{alias} has another label here");
    }
}

#[test]
fn kinds_sides_and_ways_of_transactions() {
    let all = [
        Kind::TRANSFER,
        Kind::DEPOSIT,
        Kind::WITHDRAWAL,
        Kind::PAYMENT,
        Kind::BILL_PAYMENT,
        Kind::CHEQUE,
        Kind::DEBIT,
        Kind::CREDIT,
        Kind::FEE,
        Kind::INTEREST,
        Kind::REFUND,
        Kind::ADJUSTMENT,
        Kind::REVERSAL,
        Kind::YEAR_CLOSE,
        Kind::new("salary").unwrap(),
    ];
    for (profile, said) in
        [(Profile::S0, 3), (Profile::S1, 9), (Profile::S2, 5), (Profile::S3, 6), (Profile::S4, 15)]
    {
        let refused = walk(profile.transaction_kind(), &all);
        assert_eq!(all.len() - refused.len(), said, "{profile}");
    }
    assert!(Profile::S4.transaction_kind().unwrap().read("transfer").is_err());
    let channels = [
        Channel::WEB,
        Channel::MOBILE,
        Channel::API,
        Channel::VOICE,
        Channel::ADMIN,
        Channel::BRANCH,
        Channel::SYSTEM,
    ];
    assert_eq!(walk(Profile::S4.channel(), &channels), [Channel::API, Channel::VOICE]);
    assert_eq!(walk(Profile::S1.channel(), &channels).len(), 3);
    assert!(walk(Profile::S2.entry_type(), &[Side::Debit, Side::Credit]).is_empty());
}

#[test]
fn statuses_of_transactions() {
    for (profile, refused) in
        [(Profile::S1, 0), (Profile::S2, 0), (Profile::S3, 0), (Profile::S4, 5)]
    {
        let walked = walk(profile.transaction_status(), PostingState::ALL);
        assert_eq!(walked.len(), refused, "{profile}");
    }
    assert!(Profile::S0.transaction_status().is_none());
}

/// Every label column, with the labels of the other documents that are not labels of this one.
#[test]
fn labels_of_another_document_are_refused() {
    let read: [(&str, Reads); 7] = [
        ("account status", |one, label| Some(one.account_status()?.read(label).map(drop))),
        ("account type", |one, label| Some(one.account_type()?.read(label).map(drop))),
        ("customer status", |one, label| Some(one.customer_status()?.read(label).map(drop))),
        ("KYC status", |one, label| Some(one.customer_kyc()?.read(label).map(drop))),
        ("document status", |one, label| Some(one.document_status()?.read(label).map(drop))),
        ("transaction type", |one, label| Some(one.transaction_kind()?.read(label).map(drop))),
        ("transaction status", |one, label| Some(one.transaction_status()?.read(label).map(drop))),
    ];
    let words = [
        "active",
        "ACTIVE",
        "closed",
        "CLOSED",
        "frozen",
        "FROZEN",
        "suspended",
        "dormant",
        "INACTIVE",
        "true",
        "checking",
        "CHECKING",
        "CURRENT",
        "CREDIT",
        "loan",
        "LOAN",
        "money_market",
        "APPROVED",
        "approved",
        "deposit",
        "DEPOSIT",
        "REFUND",
        "payment",
        "POSTED",
        "completed",
        "COMPLETED",
        "scheduled",
    ];
    let mut refused = 0;
    for profile in Profile::ALL {
        for (what, read) in read {
            for word in words {
                match read(*profile, word) {
                    Some(Err(Refusal::LabelUnknown { what: said, possible })) => {
                        assert_eq!(said, what);
                        assert!(
                            !possible.is_empty() && !possible.split(", ").any(|one| one == word)
                        );
                        refused += 1;
                    }
                    Some(Err(other)) => panic!("{other}"),
                    Some(Ok(())) | None => {}
                }
            }
        }
    }
    assert!(refused > 500, "{refused}");
}
