use proptest::prelude::*;

use super::*;
use crate::id::CustomerId;

fn valid(scheme: IdScheme, number: &str) -> bool {
    NationalId::parse(scheme, number).is_ok()
}

/// Social Security Administration: randomisation of 2011, POMS RM 10201.035.
#[test]
fn social_security_numbers_follow_the_rules_of_the_administration() {
    for good in ["123-45-6789", "123 45 6789", "899-01-0001", "001-01-0001"] {
        assert!(valid(IdScheme::Ssn, good), "{good}");
    }
    let areas = ["000-45-6789", "666-45-6789", "900-45-6789", "999-45-6789"];
    let parts = ["123-00-6789", "123-45-0000", "123-45-678", "123-45-67890", "12a-45-6789", ""];
    let void = ["078-05-1120", "219-09-9999"];
    for bad in areas.into_iter().chain(parts).chain(void) {
        assert!(!valid(IdScheme::Ssn, bad), "{bad}");
    }
}

/// Income Tax Department of India: five letters, the fourth the kind of holder, four digits, a
/// letter.
#[test]
fn permanent_account_numbers_have_their_form() {
    for good in ["ABCPE1234F", "abcpe1234f", "AAACB1234C"] {
        assert!(valid(IdScheme::Pan, good), "{good}");
    }
    for bad in ["ABCDE1234F", "ABCP1234FF", "ABCPE12345", "ABCPE1234", "ABCPE1234FG"] {
        assert!(!valid(IdScheme::Pan, bad), "{bad}");
    }
}

/// UIDAI publishes 9999 4105 7058 as a number for tests; Verhoeff's own example is 2363.
#[test]
fn aadhaar_numbers_end_in_the_digit_of_verhoeff() {
    assert!(valid(IdScheme::Aadhaar, "9999 4105 7058"));
    assert!(valid(IdScheme::Aadhaar, "234123412346"));
    for bad in ["999941057059", "999941057085", "99994105705", "034123412346", "134123412346"] {
        assert!(!valid(IdScheme::Aadhaar, bad), "{bad}");
    }
}

proptest! {
    /// J. Verhoeff, Error Detecting Decimal Codes (1969): every wrong digit and every exchange of
    /// neighbours is found.
    #[test]
    fn one_wrong_digit_of_an_aadhaar_number_is_found(at in 0_usize..12, by in 1_u8..10) {
        let mut digits = *b"999941057058";
        digits[at] = b'0' + (digits[at] - b'0' + by) % 10;
        prop_assert!(!valid(IdScheme::Aadhaar, std::str::from_utf8(&digits).unwrap()));
    }

    #[test]
    fn exchanged_neighbours_of_an_aadhaar_number_are_found(at in 0_usize..11) {
        let mut digits = *b"999941057058";
        digits.swap(at, at + 1);
        let same = digits == *b"999941057058";
        let accepted = valid(IdScheme::Aadhaar, std::str::from_utf8(&digits).unwrap());
        prop_assert_eq!(accepted, same);
    }
}

#[test]
fn a_scheme_of_the_hosts_does_not_pass_for_a_known_one() {
    let other = |code| IdScheme::Other(Code::new(code).unwrap());
    assert!(valid(other("tax_de"), "12345678"));
    for known in ["ssn", "pan", "aadhaar"] {
        assert!(!valid(other(known), "999941057058"), "{known}");
    }
}

/// ITU-T E.164: a plus, a country, at most fifteen digits.
#[test]
fn telephone_numbers_are_those_of_e_164() {
    assert_eq!(Phone::new("+1 (415) 555-2671").unwrap().as_str(), "+14155552671");
    for bad in ["4155552671", "+", "+1", "+1415555267112345678", "+1415555267a", ""] {
        assert!(Phone::new(bad).is_err(), "{bad}");
    }
}

#[test]
fn addresses_of_e_mail_are_checked() {
    for good in ["a@example.com", "first.last+tag@sub.example.co.uk"] {
        assert!(Email::new(good).is_ok(), "{good}");
    }
    for bad in ["", "a", "a@", "@example.com", "a b@example.com", "a@example.com\0"] {
        assert!(Email::new(bad).is_err(), "{bad}");
    }
}

/// Every pair of states, against a table written out.
#[test]
fn lives_and_onboarding_go_these_ways_only() {
    use Lifecycle::{Active, Closed, Inactive, Suspended};
    let ways = [
        (Active, Inactive),
        (Active, Suspended),
        (Active, Closed),
        (Inactive, Active),
        (Inactive, Suspended),
        (Inactive, Closed),
        (Suspended, Active),
        (Suspended, Inactive),
        (Suspended, Closed),
    ];
    let all = [Active, Inactive, Suspended, Closed];
    for (from, to) in all.into_iter().flat_map(|from| all.map(|to| (from, to))) {
        assert_eq!(from.may_become(to), ways.contains(&(from, to)), "{from:?} to {to:?}");
    }
    use Onboarding::{Approved, PendingApproval, Rejected};
    let ways =
        [(PendingApproval, Approved), (PendingApproval, Rejected), (Rejected, PendingApproval)];
    let all = [PendingApproval, Approved, Rejected];
    for (from, to) in all.into_iter().flat_map(|from| all.map(|to| (from, to))) {
        assert_eq!(from.may_become(to), ways.contains(&(from, to)), "{from:?} to {to:?}");
    }
}

#[test]
fn nothing_personal_is_printed() {
    let part = |text| PartOfName::new(text).unwrap();
    let name = PersonName::Structured { first: part("Zelda"), middle: None, last: part("Quimby") };
    let born = chrono::NaiveDate::from_ymd_opt(1987, 6, 5).unwrap();
    let new = NewCustomer::person(name)
        .with_id(CustomerId::from_u128(1))
        .with_date_of_birth(born)
        .with_email(Email::new("zelda@example.com").unwrap())
        .with_identity(NationalId::parse(IdScheme::Ssn, "123-45-6789").unwrap());
    let change = CustomerChange::DateOfBirth(Some(born));
    for said in [format!("{new:?}"), format!("{change:?}")] {
        for secret in ["Zelda", "Quimby", "zelda", "1987", "6789"] {
            assert!(!said.contains(secret), "{said}");
        }
    }
}

/// S4-081: an Aadhaar number is indexed and never kept, whoever wrote the row.
#[test]
fn a_row_that_keeps_an_aadhaar_number_is_not_read() {
    let row = |scheme: &str, sealed: &str| {
        let index = "00".repeat(32);
        let json =
            format!(r#"{{"scheme":"{scheme}"{sealed},"index":"{index}","masked":"****7058"}}"#);
        serde_json::from_str::<IdentityNumber>(&json)
    };
    let sealed = crate::privacy::Sealed::from_bytes(vec![1; 80])
        .map(|one| format!(r#","sealed":{}"#, serde_json::to_string(&one).unwrap()));
    let sealed = sealed.unwrap();
    assert!(row("AADHAAR", "").is_ok());
    assert!(row("SSN", &sealed).is_ok(), "{:?}", row("SSN", &sealed));
    assert!(row("AADHAAR", &sealed).is_err());
}

/// C18: whatever may be kept is kept, or nobody could read it again; and no row shows the number.
#[test]
fn a_row_without_its_ciphertext_or_unmasked_is_not_read() {
    let sealed = crate::privacy::Sealed::from_bytes(vec![1; 80]).unwrap();
    let sealed = format!(r#""sealed":{},"#, serde_json::to_string(&sealed).unwrap());
    let row = |scheme: &str, sealed: &str, masked: &str| {
        let index = "00".repeat(32);
        let json =
            format!(r#"{{"scheme":{scheme},{sealed}"index":"{index}","masked":"{masked}"}}"#);
        serde_json::from_str::<IdentityNumber>(&json).is_ok()
    };
    for scheme in [r#""SSN""#, r#""PAN""#, r#"{"OTHER":"tax_de"}"#] {
        assert!(row(scheme, &sealed, "*****4399"), "{scheme}");
        assert!(!row(scheme, "", "*****4399"), "{scheme}");
        assert!(!row(scheme, r#""sealed":null,"#, "*****4399"), "{scheme}");
        assert!(!row(scheme, &sealed, "536904399"), "{scheme}");
        assert!(!row(scheme, &sealed, "***-*0-4399"), "{scheme}");
    }
    assert!(row(r#""AADHAAR""#, "", "********7058"));
    assert!(!row(r#""AADHAAR""#, "", "999941057058"));
}

/// The record of an amendment names what is another one in the end, and nothing else.
#[test]
fn what_a_list_of_amendments_takes_back_is_not_in_its_record() {
    let rules = Rules::default();
    let today = chrono::NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
    let moment = |nanos| crate::ledger::facts::Moment {
        now: crate::time::Timestamp::from_nanos(nanos),
        today,
    };
    let name = PersonName::of(PartOfName::new("Ada").unwrap(), PartOfName::new("L").unwrap());
    let born = |year| chrono::NaiveDate::from_ymd_opt(year, 5, 17);
    let mut new = NewCustomer::person(name).with_email(Email::new("a@example.com").unwrap());
    new.date_of_birth = born(1990);
    let (id, number) = (CustomerId::from_u128(1), CustomerNumber::new("C1").unwrap());
    let ada = decide_registration(id, number, &new, Vec::new(), &rules, moment(1)).unwrap();
    let job = |text| CustomerChange::Occupation(Short::new(text).ok());
    let none = CustomerChange::Occupation(None);
    let mail = CustomerChange::Email(Email::new("b@example.com").ok());
    let amended = |changes: &[CustomerChange]| {
        let amended = decide_amendment(&ada, changes, &rules, moment(2)).unwrap();
        amended.map(|(after, fields)| {
            let fields = fields.iter().map(|one| one.field.as_str().to_owned());
            (after, fields.collect::<Vec<_>>())
        })
    };
    // There and back, around a change that stays.
    let (after, fields) = amended(&[job("baker"), mail.clone(), none.clone()]).unwrap();
    assert_eq!(fields, ["email"]);
    assert_eq!((after.occupation, after.email), (None, Email::new("b@example.com").ok()));
    // A field once, in the order in which fields were named.
    let twice = [job("baker"), mail, job("smith"), CustomerChange::Gender(Some(Gender::Other))];
    assert_eq!(amended(&twice).unwrap().1, ["occupation", "email", "gender"]);
    // All taken back: nothing happened, whatever stood in between; a child included.
    let child = CustomerChange::DateOfBirth(born(2020));
    let back = CustomerChange::DateOfBirth(born(1990));
    assert!(amended(&[job("baker"), child, back, none]).is_none());
}
