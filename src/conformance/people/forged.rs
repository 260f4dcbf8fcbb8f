//! Ciphertexts as a thief with access to the database could leave them: moved, cut, changed, under
//! another key. Each is refused with its own code when it is read, and the rest opens as before.

use super::hall::{ANNA, BEN, Hall, no, person};
use crate::conformance::bench::{Bench, Checked, ensure, found, same};
use crate::id::CustomerId;
use crate::party::{Code, CustomerChange, IdScheme, IdentityNumber, NationalId};
use crate::privacy::{BlindIndex, KeyPurpose, Sealed};

async fn kept(hall: &Hall, customer: CustomerId, scheme: &str) -> Checked<IdentityNumber> {
    let person = hall.bank().customer(customer).await?.customer;
    person.identity(scheme).cloned().ok_or_else(|| found("an identifier"))
}

/// Puts a ciphertext into a row and column, and tries to read it there.
async fn planted(
    hall: &Hall,
    customer: CustomerId,
    into: &IdScheme,
    sealed: Sealed,
    number: u8,
    code: &str,
) -> Checked {
    let mut forged = kept(hall, ANNA, "ssn").await?;
    // The index is unique, so that a thief would have to change it too.
    forged.index = BlindIndex::from_bytes([number; 32]);
    (forged.scheme, forged.sealed) = (into.clone(), Some(sealed));
    let change = [CustomerChange::Identity(forged)];
    let _ = hall.bank().amend_customer(hall.me(), customer, &change, None).await?;
    no(hall.bank().reveal_identifier(hall.me(), customer, into.code()).await, code)
}

pub(super) async fn ciphertexts(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    let (bank, me) = (hall.bank(), hall.me());
    let new = person(ANNA, "Anna")?
        .with_identity(NationalId::parse(IdScheme::Ssn, "536-90-4399")?)
        .with_identity(NationalId::parse(IdScheme::Pan, "ABCPE1234F")?);
    let _ = bank.register_customer(me, new).await?;
    hall.register(BEN, "Ben").await?;
    let sealed = kept(&hall, ANNA, "ssn").await?.sealed.ok_or_else(|| found("a ciphertext"))?;
    let bytes = sealed.as_bytes().to_vec();
    let of = |bytes: Vec<u8>| Sealed::from_bytes(bytes);
    // Another row; another column of the same row; another column of another row.
    planted(&hall, BEN, &IdScheme::Ssn, sealed.clone(), 1, "privacy_tampered").await?;
    let tax = IdScheme::Other(Code::new("tax_de")?);
    planted(&hall, ANNA, &tax, sealed.clone(), 2, "privacy_tampered").await?;
    planted(&hall, BEN, &IdScheme::Pan, sealed, 3, "privacy_tampered").await?;
    // Cut: by a byte, to the shortest that has a form, and to less.
    let cut = |keep: usize| bytes.iter().copied().take(keep).collect::<Vec<u8>>();
    let shorter = of(cut(bytes.len().saturating_sub(1)))?;
    planted(&hall, BEN, &IdScheme::Ssn, shorter, 4, "privacy_tampered").await?;
    planted(&hall, BEN, &IdScheme::Ssn, of(cut(45))?, 5, "privacy_tampered").await?;
    let short = of(cut(44)).map_err(|error| error.code());
    same(short.err(), Some("privacy_malformed"), "shorter than any ciphertext")?;
    // Under a key that nobody knows, the index key, and with a bit of the end changed.
    let under = |key: crate::id::DataKeyId| {
        let head = bytes.iter().copied().take(1);
        let rest = bytes.iter().copied().skip(17);
        of(head.chain(*key.as_uuid().as_bytes()).chain(rest).collect())
    };
    // Such a one is not even taken in.
    let index = bank.data_keys().await?.into_iter().find(|one| one.purpose == KeyPurpose::Index);
    let index = index.ok_or_else(|| found("an index key"))?.id;
    for key in [crate::id::DataKeyId::from_u128(0xdead), index] {
        let mut forged = kept(&hall, ANNA, "ssn").await?;
        (forged.index, forged.sealed) = (BlindIndex::from_bytes([6; 32]), Some(under(key)?));
        let change = [CustomerChange::Identity(forged)];
        no(bank.amend_customer(me, BEN, &change, None).await, "privacy_unknown_key")?;
    }
    let mut changed = bytes.clone();
    if let Some(last) = changed.last_mut() {
        *last ^= 1;
    }
    planted(&hall, BEN, &IdScheme::Ssn, of(changed)?, 7, "privacy_tampered").await?;
    // What stands where it was sealed opens as before, and no index was found by a stranger's.
    let clear = bank.reveal_identifier(me, ANNA, "ssn").await?;
    same(clear.expose().as_str(), "536904399", "in its own place")?;
    let clear = bank.reveal_identifier(me, ANNA, "pan").await?;
    ensure(clear.expose().as_str() == "ABCPE1234F", "in its own column")
}
