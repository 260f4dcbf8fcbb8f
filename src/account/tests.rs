use proptest::prelude::*;

use super::*;
use crate::id::CustomerId;

const ALICE: CustomerId = CustomerId::from_u128(1);
const BOB: CustomerId = CustomerId::from_u128(2);
const CAROL: CustomerId = CustomerId::from_u128(3);

fn german() -> NumberScheme {
    NumberScheme::Iban { country: *b"DE", bank: 37_040_044, bank_digits: 8, account_digits: 10 }
}

fn is_iban(text: &str, country: [u8; 2]) -> bool {
    let scheme = NumberScheme::Iban { country, bank: 0, bank_digits: 8, account_digits: 10 };
    AccountNumber::new(text).is_ok_and(|number| scheme.fits(&number))
}

/// SWIFT IBAN Registry (ISO 13616), the examples of the countries.
#[test]
fn examples_of_the_iban_registry_are_taken() {
    for (text, country) in [
        ("DE89370400440532013000", *b"DE"),
        ("GB29NWBK60161331926819", *b"GB"),
        ("FR1420041010050500013M02606", *b"FR"),
        ("NL91ABNA0417164300", *b"NL"),
        ("NO9386011117947", *b"NO"),
        ("CH9300762011623852957", *b"CH"),
        ("CZ6508000000192000145399", *b"CZ"),
        ("BE68539007547034", *b"BE"),
    ] {
        assert!(is_iban(text, country), "{text}");
        assert!(!is_iban(text, *b"SE"), "{text} is not of Sweden");
    }
    assert!(!is_iban("DE88370400440532013000", *b"DE"));
    assert!(!is_iban("DE8937040044053201300", *b"DE"));
}

proptest! {
    /// ISO/IEC 7064, MOD 97-10, finds every wrong digit.
    #[test]
    fn one_wrong_digit_of_an_iban_is_found(at in 2_usize..22, by in 1_u8..10) {
        let mut text = *b"DE89370400440532013000";
        text[at] = b'0' + (text[at] - b'0' + by) % 10;
        prop_assert!(!is_iban(std::str::from_utf8(&text).unwrap(), *b"DE"));
    }

    #[test]
    fn generated_numbers_are_of_their_scheme(random in any::<[u8; 16]>()) {
        for scheme in
            [NumberScheme::Strict16to20, NumberScheme::Max20, NumberScheme::Max30, german()]
        {
            let number = scheme.generate(random);
            prop_assert!(scheme.fits(&number), "{}", number.as_str());
            prop_assert!(AccountNumber::new(number.as_str()).is_ok());
            prop_assert!(!crate::privacy::find_card_number(number.as_str()));
        }
    }

    /// A mandate takes exactly as many as it says, whoever they are.
    #[test]
    fn any_n_of_m_takes_n(m in 1_u8..6, n in 0_u8..8, signing in proptest::collection::vec(any::<bool>(), 6)) {
        let customer = |at: u8| CustomerId::from_u128(u128::from(at) + 1);
        let mut owners = Ownership::of(OwnershipKind::Joint, customer(0))
            .with_mandate(Mandate::AnyOf(n));
        for at in 1..=m {
            owners = owners.with_party(customer(at), Role::Secondary);
        }
        prop_assert_eq!(owners.judge().is_ok(), (1..=m + 1).contains(&n));
        let signers: Vec<CustomerId> =
            (0..=m).filter(|at| signing[usize::from(*at)]).map(customer).collect();
        prop_assert_eq!(owners.signed(&signers).is_ok(), signers.len() >= usize::from(n));
    }

    /// What is missing and no more, and never more than is there.
    #[test]
    fn cover_moves_what_is_missing(have in -1000_i64..1000, needed in 1_i64..2000, other in 0_i64..2000) {
        match cover_amount(have, needed, other) {
            Some(moved) => {
                prop_assert!(moved > 0 && moved <= other);
                prop_assert_eq!(have + moved, needed);
            }
            None => prop_assert!(have >= needed || needed - have > other),
        }
    }
}

#[test]
fn numbers_keep_to_the_lengths_of_their_schemes() {
    let fits = |scheme: NumberScheme, length: usize| {
        AccountNumber::new(&"7".repeat(length)).is_ok_and(|number| scheme.fits(&number))
    };
    for (scheme, from, to) in [
        (NumberScheme::Strict16to20, 16, 20),
        (NumberScheme::Max20, 1, 20),
        (NumberScheme::Max30, 1, 30),
    ] {
        for length in 0..=40 {
            assert_eq!(fits(scheme, length), (from..=to).contains(&length), "{scheme:?} {length}");
        }
    }
    for bad in ["", "1234 \0", "'; DROP TABLE--", "١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦"] {
        assert!(AccountNumber::new(bad).is_err(), "{bad}");
    }
}

#[test]
fn both_means_both_and_twice_the_same_is_one() {
    let both = Ownership::joint(ALICE, BOB, Mandate::All);
    assert!(both.judge().is_ok());
    assert!(both.signed(&[ALICE, BOB]).is_ok() && both.signed(&[BOB, ALICE]).is_ok());
    assert!(matches!(
        both.signed(&[ALICE]),
        Err(Refusal::SignaturesMissing { given: 1, needed: 2 })
    ));
    assert!(matches!(both.signed(&[BOB, BOB]), Err(Refusal::SignerRepeated { customer: BOB })));
    assert!(matches!(
        both.signed(&[ALICE, CAROL]),
        Err(Refusal::SignerUnknown { customer: CAROL })
    ));
    assert!(both.signed(&[]).is_err());
    let either = Ownership::joint(ALICE, BOB, Mandate::Either);
    assert!(either.signed(&[BOB]).is_ok() && either.signed(&[]).is_err());
}

/// The check of S1-078 passes where the kind is NULL and where one person is both (C21).
#[test]
fn owners_that_make_no_sense_are_refused() {
    let one = Ownership::individual(ALICE);
    assert!(one.judge().is_ok());
    let twice = Ownership::joint(ALICE, ALICE, Mandate::All);
    assert!(matches!(twice.judge(), Err(Refusal::PartyRepeated { customer: ALICE })));
    let alone = Ownership::of(OwnershipKind::Joint, ALICE);
    assert!(matches!(alone.judge(), Err(Refusal::PartiesDoNotFit { .. })));
    let crowd = one.clone().with_party(BOB, Role::Secondary);
    assert!(matches!(crowd.judge(), Err(Refusal::PartiesDoNotFit { .. })));
    let two = one.with_party(BOB, Role::Primary);
    assert!(matches!(two.judge(), Err(Refusal::PrimaryNotOne)));
    let trust = Ownership::of(OwnershipKind::Trust, ALICE);
    assert!(trust.judge().is_err());
    let trust = trust.with_party(BOB, Role::Trustee).with_party(CAROL, Role::Beneficiary);
    assert!(trust.judge().is_ok() && trust.signed(&[BOB]).is_ok());
    assert!(trust.signed(&[ALICE]).is_err() && trust.signed(&[CAROL]).is_err());
    let business = Ownership::of(OwnershipKind::Business, ALICE).with_party(BOB, Role::Signatory);
    assert!(business.signed(&[BOB]).is_ok() && business.signed(&[ALICE]).is_err());
}

/// Every cell, and every pair of states, against a table written out: debit, credit, hold, charge,
/// grant, amend (C01).
#[test]
fn every_cell_of_every_status() {
    let table = [
        ("pending_activation", "-+--++", "active closed"),
        ("active", "++++++", "inactive dormant suspended frozen closed"),
        ("inactive", "-+-+++", "active suspended frozen closed"),
        ("dormant", "-+-++-", "active suspended frozen closed"),
        ("suspended", "-+-++-", "active inactive frozen closed"),
        ("frozen", "----+-", "active suspended"),
        ("closed", "------", ""),
    ];
    assert_eq!(table.len(), AccountStatus::ALL.len());
    for (status, (code, cells, next)) in AccountStatus::ALL.iter().zip(table) {
        assert_eq!(status.code(), code);
        assert_eq!(cells.len(), Operation::ALL.len());
        for (operation, cell) in Operation::ALL.iter().zip(cells.chars()) {
            assert_eq!(status.allows(*operation), cell == '+', "{code} {operation}");
        }
        let ways: Vec<&str> = status.next().iter().map(|to| to.code()).collect();
        assert_eq!(ways, next.split_whitespace().collect::<Vec<_>>(), "{code}");
    }
}
