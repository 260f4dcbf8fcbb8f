//! Registering customers, and finding them again.

use super::hall::{ANNA, BEN, CARLA, Hall, no, person};
use crate::bank::{CustomerSearch, Rules};
use crate::conformance::bench::{Bench, Checked, day, ensure, found, same};
use crate::id::CustomerId;
use crate::party::{
    self, CustomerChange, CustomerNumber, Email, IdScheme, NationalId, NewCustomer, PartOfName,
    PartyTextError, PersonName, Phone, Short, WholeName,
};

/// The same request is answered as before; another under its id is refused, naming the field.
pub(super) async fn once(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    let (bank, me) = (hall.bank(), hall.me());
    let new = person(ANNA, "Anna")?;
    ensure(!bank.register_customer(me, new.clone()).await?.is_replayed(), "registered")?;
    ensure(bank.register_customer(me, new.clone()).await?.is_replayed(), "registered again")?;
    let changed = [CustomerChange::Occupation(Some(Short::new("baker")?))];
    let _ = bank.amend_customer(me, ANNA, &changed, None).await?;
    let again = bank.register_customer(me, new.clone()).await?;
    ensure(again.is_replayed(), "replayed whatever has changed since")?;
    let other = new.with_date_of_birth(day(1991, 5, 17)?);
    match bank.register_customer(me, other).await {
        Err(error) if error.code() == "customer_id_reused" => {
            ensure(error.to_string().contains("date_of_birth"), "the field is named")?;
        }
        ended => return Err(found(format!("another request under the id: {ended:?}"))),
    }
    // Without an id, the idempotency key makes it.
    let keyed = hall.bench.keyed("register-ben")?;
    let mut new = person(BEN, "Ben")?;
    new.id = None;
    let first = bank.register_customer(&keyed, new.clone()).await?;
    let second = bank.register_customer(&keyed, new).await?;
    ensure(!first.is_replayed() && second.is_replayed(), "repeated by its key")?;
    same(first.into_inner(), second.into_inner(), "the id of a key")
}

/// E-mail address, number and identifier stand once.
pub(super) async fn unique(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    let (bank, me) = (hall.bank(), hall.me());
    let mail = Email::new("Anna@Example.com")?;
    let number = CustomerNumber::new("C1")?;
    let first = person(ANNA, "Anna")?.with_email(mail).with_number(number.clone());
    let _ = bank.register_customer(me, first).await?;
    let same_mail = person(BEN, "Ben")?.with_email(Email::new("anna@EXAMPLE.COM")?);
    no(bank.register_customer(me, same_mail).await, "email_taken")?;
    let same_number = person(BEN, "Ben")?.with_number(number);
    no(bank.register_customer(me, same_number).await, "customer_number_taken")?;
    hall.register(BEN, "Ben").await?;
    let change = CustomerChange::Email(Some(Email::new("anna@example.com")?));
    no(bank.amend_customer(me, BEN, &[change], None).await, "email_taken")?;
    // An address that was given up is free again.
    let change = CustomerChange::Email(Some(Email::new("anna2@example.com")?));
    let _ = bank.amend_customer(me, ANNA, &[change], None).await?;
    let change = CustomerChange::Email(Some(Email::new("anna@example.com")?));
    let _ = bank.amend_customer(me, BEN, &[change], None).await?;
    // Where addresses need not be unique, they are found all the same.
    let rules = Rules::default().with_party(party::Rules::default().with_unique_email(false));
    let lax = bank.with_rules(rules);
    let shared = person(CARLA, "Carla")?.with_email(Email::new("anna@example.com")?);
    let _ = lax.register_customer(me, shared).await?;
    let search = CustomerSearch::Email(Email::new("anna@example.com")?);
    same(bank.search_customers(&search, 10, None).await?.len(), 2, "found by one address")
}

/// Identifiers are sealed, indexed, revealed on record, and open nowhere else.
pub(super) async fn sealed(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    let (bank, me) = (hall.bank(), hall.me());
    let ssn = || NationalId::parse(IdScheme::Ssn, "536-90-4399");
    let aadhaar = NationalId::parse(IdScheme::Aadhaar, "9999 4105 7058")?;
    let new = person(ANNA, "Anna")?.with_identity(ssn()?).with_identity(aadhaar);
    let _ = bank.register_customer(me, new).await?;
    let taken = person(BEN, "Ben")?.with_identity(ssn()?);
    no(bank.register_customer(me, taken).await, "identifier_taken")?;
    hall.register(BEN, "Ben").await?;
    no(bank.set_identifier(me, BEN, &ssn()?).await, "identifier_taken")?;
    let search = CustomerSearch::Identifier(ssn()?);
    let hits = bank.search_customers(&search, 10, None).await?;
    same(hits.iter().map(|(_, one)| one.id).collect(), vec![ANNA], "found by its number")?;
    let before = bank.head().await?.position;
    let clear = bank.reveal_identifier(me, ANNA, "ssn").await?;
    same(clear.expose().as_str(), "536904399", "in clear")?;
    same(bank.head().await?.position, before.saturating_add(1), "the read is on record")?;
    no(bank.reveal_identifier(me, ANNA, "aadhaar").await, "no_identifier")?;
    no(bank.reveal_identifier(me, ANNA, "pan").await, "no_identifier")?;
    // Keys are rotated; what was sealed before is read still.
    let _ = bank.rotate_keys(me).await?;
    let clear = bank.reveal_identifier(me, ANNA, "ssn").await?;
    same(clear.expose().as_str(), "536904399", "in clear after rotation")?;
    // The same number sealed anew is no change.
    ensure(bank.set_identifier(me, ANNA, &ssn()?).await?.is_replayed(), "the same number")?;
    let shown = format!("{:?}", bank.customer(ANNA).await?);
    ensure(!shown.contains("4399") && !shown.contains("536"), "a number was printed")
}

pub(super) async fn amended(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    let (bank, me) = (hall.bank(), hall.me());
    hall.register(ANNA, "Anna").await?;
    let version = bank.customer(ANNA).await?.version;
    let job = |text| Short::new(text).map(|job| [CustomerChange::Occupation(Some(job))]);
    ensure(
        !bank.amend_customer(me, ANNA, &job("baker")?, Some(version)).await?.is_replayed(),
        "changed",
    )?;
    let again = bank.amend_customer(me, ANNA, &job("baker")?, None).await?;
    ensure(again.is_replayed(), "so already")?;
    let late = bank.amend_customer(me, ANNA, &job("smith")?, Some(version)).await;
    no(late, "customer_changed")?;
    // What a rule asks for cannot be taken away.
    let nothing = [CustomerChange::Email(None)];
    no(bank.amend_customer(me, ANNA, &nothing, None).await, "customer_field_missing")?;
    let nobody = CustomerId::from_u128(0xdead);
    no(bank.amend_customer(me, nobody, &job("x")?, None).await, "unknown_customer")?;
    hall.stand(ANNA, crate::kyc::StandingChange::Deleted(true)).await?;
    no(bank.amend_customer(me, ANNA, &job("smith")?, None).await, "customer_gone")
}

pub(super) async fn found_again(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    let (bank, me) = (hall.bank(), hall.me());
    for (at, name) in ["José Núñez", "Josephine Baker", "Bob Nunez"].into_iter().enumerate() {
        let id = CustomerId::from_u128(0xa100_u128.saturating_add(u128::try_from(at)?));
        let mut new = person(id, "x")?;
        new.kind = party::PartyKind::Person(PersonName::Full(WholeName::new(name)?));
        let _ = bank.register_customer(me, new.with_phone(Phone::new("+1 202-555-0123")?)).await?;
    }
    let count = |search: CustomerSearch| {
        let bank = bank.clone();
        async move { bank.search_customers(&search, 10, None).await.map(|hits| hits.len()) }
    };
    let by = |text: &str| CustomerSearch::Name(text.to_owned());
    same(count(by("jos")).await?, 2, "by the beginning of a word")?;
    same(count(by("NUNEZ")).await?, 2, "without accents")?;
    same(count(by("nunez jose")).await?, 1, "by two words")?;
    same(count(by("nobody")).await?, 0, "by no word")?;
    same(count(CustomerSearch::Phone(Phone::new("+12025550123")?)).await?, 3, "by number")?;
    no(count(by(" - ")).await, "invalid_terms")?;
    no(bank.search_customers(&by("jos"), 0, None).await, "invalid_terms")?;
    // Page by page.
    let first = bank.search_customers(&by("jos"), 1, None).await?;
    let last = first.last().map(|(hit, _)| hit.clone());
    let second = bank.search_customers(&by("jos"), 1, last.as_ref()).await?;
    ensure(first.len() == 1 && second.len() == 1 && first != second, "two pages of one")
}

/// Eighteen years to the day, around leap days, by the business date.
pub(super) async fn of_age(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    let (bank, me) = (hall.bank(), hall.me());
    // The bench stands on 2026-03-02.
    let born = |id: u128, date| -> Checked<NewCustomer> {
        Ok(person(CustomerId::from_u128(id), "Kim")?.with_date_of_birth(date))
    };
    no(bank.register_customer(me, born(1, day(2008, 3, 3)?)?).await, "under_age")?;
    let _ = bank.register_customer(me, born(2, day(2008, 3, 2)?)?).await?;
    // Born on a leap day: of age on 1 March of a common year.
    let _ = bank.register_customer(me, born(3, day(2008, 2, 29)?)?).await?;
    no(bank.register_customer(me, born(4, day(2026, 3, 3)?)?).await, "born_in_future")?;
    // Born on a leap day: not yet a year older on 28 February of a common year.
    let party = crate::party::Rules::default().with_min_age(19);
    let older = bank.with_rules(crate::bank::Rules::default().with_party(party));
    hall.bench.clock.set("2027-02-28T10:00:00Z".parse()?);
    let leap = || born(5, day(2008, 2, 29)?);
    no(older.register_customer(me, leap()?).await, "under_age")?;
    hall.bench.clock.set("2027-03-01T10:00:00Z".parse()?);
    let _ = older.register_customer(me, leap()?).await?;
    Ok(())
}

/// Texts that hide, deceive or are too long are refused where they are made, and what is taken
/// comes back as it is.
pub(super) async fn texts(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    let (bank, me) = (hall.bank(), hall.me());
    let long = "x".repeat(101);
    let bad: [(&str, &str); 9] = [
        ("", "party_text_empty"),
        (" \u{200b} ", "party_text_empty"),
        ("a\0b", "party_text_character"),
        ("a\nb", "party_text_character"),
        ("a\u{202e}b", "party_text_character"),
        ("a\u{2066}b", "party_text_character"),
        ("a\u{200f}b", "party_text_character"),
        (long.as_str(), "party_text_too_long"),
        ("4111 1111 1111 1111", "party_text_card_number"),
    ];
    for (text, code) in bad {
        let refused = PartOfName::new(text).err().as_ref().map(PartyTextError::code);
        same(refused, Some(code), "a text that is refused")?;
    }
    // Odd, but names all the same: kept to the byte, in no danger of being run or formatted.
    let odd = [
        "Robert'); DROP TABLE customer;--",
        "{0} %s %n ${jndi}",
        "<script>alert(1)</script>",
        "O\u{2019}Brien",
        "\u{639}\u{628}\u{62f}",
        "\\u0000",
        "\u{1f469}\u{200d}\u{1f4bb}",
        "e\u{301}",
    ];
    for (at, text) in odd.into_iter().enumerate() {
        let id = CustomerId::from_u128(0xa200_u128.saturating_add(u128::try_from(at)?));
        let mut new = person(id, "x")?.with_occupation(Short::new(text)?);
        let part = PartOfName::new(text)?;
        new.kind = party::PartyKind::Person(PersonName::of(part.clone(), part.clone()));
        let _ = bank.register_customer(me, new).await?;
        let seen = bank.customer(id).await?.customer;
        same(seen.full_name(), format!("{} {}", part.as_str(), part.as_str()), "a name")?;
    }
    // Composed and decomposed are the same name.
    same(PartOfName::new("e\u{301}")?, PartOfName::new("\u{e9}")?, "normalised")
}
