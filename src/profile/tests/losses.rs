//! What a row does not say is told, and nothing else is.

use super::samples::one;
use super::*;
use crate::id::{AccountId, CustomerId, TransactionId};
use crate::kyc::{KycFile, KycStatus, Standing};
use crate::ledger::{
    Actor, Channel, Entry, Kind, Notes, Origin, Reference, SaltedNotes, Side, Transaction,
};
use crate::money::Money;
use crate::party::{
    Address, City, Code, Consent, Country, Email, Gender, IdScheme, IdentityNumber, Lifecycle,
    Line, Onboarding, PartOfName, PersonName, Phone, PostalCode, Preferences, Region, Segment,
    Short,
};
use crate::privacy::{BlindIndex, Sealed};

/// A customer of whom all is known.
fn whole() -> CustomerParts {
    let id = CustomerId::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0001);
    let part = |text| PartOfName::new(text).unwrap();
    let (first, middle, last) = (part("Ada"), Some(part("King")), part("Lovelace"));
    let name = PersonName::Structured { first, middle, last };
    let mut parts = CustomerParts::read(Profile::S1, id, name, (None, None), now());
    let who = &mut parts.customer;
    who.number = crate::party::CustomerNumber::new("C7").unwrap();
    who.date_of_birth = Some("1985-12-10".parse().unwrap());
    who.gender = Some(Gender::Female);
    who.email = Some(Email::new("ada@example.com").unwrap());
    who.phone = Some(Phone::new("+14155552671").unwrap());
    let line = |text| Line::new(text).unwrap();
    who.address = Some(
        Address::of(line("1 Main Street"))
            .with_line(line("Floor 2"))
            .with_line(line("Back door"))
            .with_city(City::new("Springfield").unwrap())
            .with_region(Region::new("Illinois").unwrap())
            .with_postal_code(PostalCode::new("62701").unwrap())
            .with_country(Country::Code("US".parse().unwrap())),
    );
    who.occupation = Some(Short::new("Analyst").unwrap());
    who.income_range = Some(Short::new("50-100k").unwrap());
    (who.segment, who.language) = (Segment::Corporate, "fr".parse().unwrap());
    let code = |text| Code::new(text).unwrap();
    who.preferences = Preferences::default()
        .with_theme(code("dark"))
        .with_communication(&code("sms"), Short::new("no").unwrap());
    let consent = |purpose| Consent {
        purpose: code(purpose),
        version: code("v1"),
        granted_at: now().now,
        withdrawn_at: None,
        channel: Channel::WEB,
        evidence: None,
    };
    who.consents = vec![consent("marketing"), consent("profiling")];
    let sealed = Sealed::from_bytes([1_u8].into_iter().chain([9; 60]).collect()).unwrap();
    let identity = |scheme: IdScheme| IdentityNumber {
        sealed: scheme.may_be_kept().then(|| sealed.clone()),
        scheme,
        index: BlindIndex::from_bytes([0xab; 32]),
        masked: "****".to_owned(),
    };
    who.identities = [IdScheme::Ssn, IdScheme::Pan, IdScheme::Aadhaar].map(identity).to_vec();
    parts.standing = Standing::new(id)
        .with_onboarding(Onboarding::Approved)
        .with_kyc(KycStatus::Approved, Some("2026-01-31".parse().unwrap()));
    parts.file = KycFile::new(id);
    parts
}

fn lost(profile: Profile, parts: &CustomerParts) -> Vec<&'static str> {
    let exported = profile.export_customer(parts, now().today).unwrap();
    exported.losses.iter().map(|loss| loss.field).collect()
}

#[test]
fn what_each_document_does_not_say_of_a_customer() {
    let parts = whole();
    assert_eq!(
        lost(Profile::S0, &parts),
        [
            "address.country",
            "address.lines",
            "consents",
            "consents.marketing",
            "date_of_birth",
            "gender",
            "identities.aadhaar",
            "identities.pan",
            "identities.ssn",
            "income_range",
            "kyc",
            "language",
            "name.middle",
            "number",
            "occupation",
            "preferences.communication",
            "preferences.theme",
            "segment",
        ]
    );
    assert_eq!(
        lost(Profile::S1, &parts),
        [
            "consents",
            "identities.aadhaar",
            "identities.pan",
            "income_range",
            "number",
            "occupation",
            "preferences.theme",
            "street_address",
        ]
    );
    assert_eq!(
        lost(Profile::S2, &parts),
        [
            "address.postal_code",
            "address.region",
            "consents",
            "consents.marketing",
            "gender",
            "identities.aadhaar",
            "identities.pan",
            "identities.ssn",
            "kyc_status",
            "language",
            "name.middle",
            "preferences.communication",
            "preferences.theme",
            "segment",
        ]
    );
    assert!(lost(Profile::S3, &parts).contains(&"date_of_birth"));
    assert!(lost(Profile::S4, &parts).contains(&"full_name"), "it cannot be taken apart again");
}

/// What was approved lapses on its day, sweep or no sweep; 002 prints that as `PENDING` (C12).
#[test]
fn statuses_are_those_of_the_day() {
    let parts = whole();
    let say = |profile: Profile, day: &str| {
        let row = profile.export_customer(&parts, day.parse().unwrap()).unwrap().row;
        row.get("kyc_status").cloned().unwrap()
    };
    for (profile, day, label) in [
        (Profile::S1, "2026-01-31", "approved"),
        (Profile::S1, "2026-02-01", "expired"),
        (Profile::S2, "2026-01-31", "APPROVED"),
        (Profile::S2, "2026-02-01", "PENDING"),
    ] {
        assert_eq!(say(profile, day), Value::from(label), "{profile} {day}");
    }
}

#[test]
fn secrets_are_ciphertext_index_or_token() {
    let parts = whole();
    let row = Profile::S1.export_customer(&parts, now().today).unwrap().row;
    assert_eq!(row.get("ssn_hash"), Some(&Value::from("ab".repeat(32))));
    let sealed = parts.customer.identity("ssn").unwrap().sealed.clone().unwrap();
    assert_eq!(row.get("ssn_encrypted"), Some(&Value::from(sealed.as_bytes().to_vec())));
    let row = Profile::S4.export_customer(&parts, now().today).unwrap().row;
    assert_eq!(row.get("pan"), Some(&Value::from("ab".repeat(8))));
    assert_eq!(row.get("aadhaar_hash"), Some(&Value::from(vec![0xab_u8; 32])));
    // A PAN in clear is taken in to be registered; it is never written.
    let clear = one(Profile::S4, "CUSTOMER").with("pan", "ABCPE1234F");
    let parts = Profile::S4.import_customer(&clear, now()).unwrap();
    assert_eq!(parts.request().identities.len(), 1);
    let refused = Profile::S4.export_customer(&parts, now().today).unwrap_err();
    assert_eq!(refused, Refusal::ValueMissing { table: "CUSTOMER", column: "pan" });
    assert!(!format!("{parts:?}").contains("ABCPE1234F"));
}

#[test]
fn a_whole_name_is_never_taken_apart() {
    let row = one(Profile::S4, "CUSTOMER");
    let parts = Profile::S4.import_customer(&row, now()).unwrap();
    for profile in [Profile::S0, Profile::S1, Profile::S2, Profile::S3] {
        let refused = profile.export_customer(&parts, now().today).unwrap_err();
        assert_eq!(refused, Refusal::NameUnsayable, "{profile}");
    }
}

#[test]
fn onboarding_reads_as_the_lifecycle_where_there_is_no_word_for_it() {
    let mut parts = whole();
    parts.standing.onboarding = Onboarding::PendingApproval;
    let exported = Profile::S2.export_customer(&parts, now().today).unwrap();
    assert!(exported.losses.contains(&Loss { field: "status", kind: LossKind::FellBack }));
    parts.standing.lifecycle = Lifecycle::Closed;
    let refused = Profile::S2.export_customer(&parts, now().today).unwrap_err();
    assert_eq!(refused.code(), "profile_state_unsayable");
}

/// What was read from a row can be asked for again.
#[test]
fn a_row_gives_a_request() {
    let row = one(Profile::S1, "customers").with("marketing_consent", true);
    let parts = Profile::S1.import_customer(&row, now()).unwrap();
    let request = parts.request();
    assert_eq!(request.id, Some(parts.customer.id));
    assert_eq!((request.email, request.consents.len()), (parts.customer.email, 1));
    let row = one(Profile::S1, "accounts");
    let parts = Profile::S1.import_account(&row, now()).unwrap();
    let request = parts.request(crate::id::ProductId::from_u128(3));
    assert_eq!((request.id, request.number), (Some(parts.id), parts.number));
}

/// A posted transfer of 5.00 from account 1 to account 2, with a fee to account 9 if asked.
fn posted(fee: bool) -> Transaction {
    let at = now();
    let id = TransactionId::from_u128(0xfeed);
    let entry = |account: u128, side, minor| Entry {
        transaction: id,
        account: AccountId::from_u128(account),
        side,
        money: Money::new(minor, Currency::USD),
        number: 1,
        balance_after: 0,
        booking_date: at.today,
        value_date: at.today,
        posted_at: at.now,
    };
    let mut entries = vec![entry(1, Side::Debit, 500), entry(2, Side::Credit, 500)];
    if fee {
        entries[0].money = Money::new(525, Currency::USD);
        entries.push(entry(9, Side::Credit, 25));
    }
    let reference = Some(Reference::new("R-1").unwrap());
    let notes = Some(Notes { reference, ..Notes::default() });
    Transaction {
        id,
        position: 12,
        posted_at: at.now,
        kind: Kind::TRANSFER,
        booking_date: at.today,
        value_date: at.today,
        defaulted: crate::ledger::Defaulted::default(),
        link: None,
        group: None,
        notes: Some(SaltedNotes { notes, salt: [0; 16], digest: [0; 32] }),
        origin: Origin {
            actor: Actor::new("user:1").unwrap(),
            channel: Channel::WEB,
            correlation: None,
        },
        entries,
    }
}

#[test]
fn one_transfer_is_two_rows_a_link_a_header_and_entries() {
    let customers = |account: AccountId| account.as_u128() < 9;
    let transfer = posted(false);
    let (one, two) = (EntryParts::of(&transfer, 0).unwrap(), EntryParts::of(&transfer, 1).unwrap());
    assert!(EntryParts::of(&transfer, 2).is_none());
    assert_eq!((one.id, two.id), (EntryParts::id_of(12, 0), EntryParts::id_of(12, 1)));
    assert_eq!(one.counterparty, Some(AccountId::from_u128(2)));
    let link = LinkParts::of(&transfer, customers).unwrap();
    assert_eq!((link.id, link.from, link.to), (transfer.id.as_uuid(), one.id, two.id));
    for profile in [Profile::S0, Profile::S1, Profile::S4] {
        assert!(profile.export_entry(&one).is_ok(), "{profile}");
    }
    let refused = Profile::S3.export_entry(&one).unwrap_err();
    assert_eq!(refused.code(), "profile_value_missing", "003 needs a description (S3-028)");
    let header = TransferParts::of(&transfer, customers).unwrap();
    assert_eq!(header.from, Some(AccountId::from_u128(1)));
    let row = Profile::S2.export_transfer(&header).unwrap().row;
    assert_eq!(row.get("transaction_id"), Some(&Value::from("R-1")));
    let entries = LedgerEntryParts::of(&transfer);
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0].side, Side::Debit);

    let with_fee = posted(true);
    assert_eq!(TransferParts::of(&with_fee, customers), Err(Refusal::ShapeUnsayable));
    assert_eq!(TransferParts::of(&transfer, |_| false), Err(Refusal::ShapeUnsayable));
    assert!(LinkParts::of(&transfer, |account| account.as_u128() == 1).is_none());
    let inward = TransferParts::of(&transfer, |account| account.as_u128() == 2).unwrap();
    assert_eq!(inward.from, None, "it came from outside");
}
