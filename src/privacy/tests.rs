use chrono::NaiveDate;
use uuid::Uuid;

use super::hex::{bytes_of, digits_of};
use super::seal::Cipher;
use super::*;
use crate::id::DataKeyId;
use crate::time::Timestamp;

fn hex<const N: usize>(digits: &str) -> [u8; N] {
    bytes_of(digits).unwrap().try_into().unwrap()
}

fn ring() -> KeyRing {
    ring_with(1)
}

fn ring_with(active: u128) -> KeyRing {
    let key = |id: u128, purpose, state| StoredKey { purpose, state, ..stored(id) };
    let state = |id| if id == active { KeyState::Active } else { KeyState::DecryptOnly };
    KeyRing::new([
        (key(1, KeyPurpose::Data, state(1)), Some(Sensitive::new([7; 32]))),
        (key(2, KeyPurpose::Data, state(2)), Some(Sensitive::new([8; 32]))),
        (key(3, KeyPurpose::Data, KeyState::Destroyed), None),
        (key(9, KeyPurpose::Index, KeyState::Active), Some(Sensitive::new([9; 32]))),
    ])
    .unwrap()
}

fn stored(id: u128) -> StoredKey {
    let (now, today) = (Timestamp::from_nanos(0), NaiveDate::from_ymd_opt(2026, 1, 1).unwrap());
    let wrapped = Wrapped { master: "m".to_owned(), bytes: "abcdef".to_owned() };
    StoredKey::new(DataKeyId::from_u128(id), KeyPurpose::Data, wrapped, now, today)
}

fn place(field: &str) -> Place<'_> {
    Place { kind: "customer", id: Uuid::from_u128(5), field }
}

/// Key, nonce, plain text, associated data, and ciphertext with its tag in hex.
type Vector<'a> = ([u8; 32], [u8; 12], &'a [u8], &'a [u8], String);

/// McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B, test cases 13 to 16: the
/// vectors that NIST SP 800-38D refers to.
#[test]
fn aes_256_gcm_agrees_with_the_published_vectors() {
    let key: [u8; 32] = hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
    let nonce: [u8; 12] = hex("cafebabefacedbaddecaf888");
    let plain = bytes_of(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255",
    )
    .unwrap();
    let cipher = "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad";
    let aad = bytes_of("feedfacedeadbeeffeedfacedeadbeefabaddad2").unwrap();
    let cases: [Vector<'_>; 4] = [
        ([0; 32], [0; 12], &[], &[], "530f8afbc74536b9a963b4f1c4cb738b".to_owned()),
        (
            [0; 32],
            [0; 12],
            &[0; 16],
            &[],
            "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919".to_owned(),
        ),
        (key, nonce, &plain, &[], format!("{cipher}b094dac5d93471bdec1a502270e3cc6c")),
        (
            key,
            nonce,
            &plain[..60],
            &aad,
            format!("{}76fc6ece0f4e1768cddf8853bb2d551b", &cipher[..120]),
        ),
    ];
    for (key, nonce, plain, aad, expected) in cases {
        let (cipher, mut sealed) = (Cipher::new(&Sensitive::new(key)), Vec::new());
        cipher.encrypt_onto(&mut sealed, nonce, aad, plain).unwrap();
        assert_eq!(digits_of(&sealed), expected);
        assert_eq!(cipher.decrypt(nonce, aad, &sealed).unwrap().expose(), plain);
    }
}

/// RFC 4231, test cases 1, 2 and 6.
#[test]
fn hmac_sha_256_agrees_with_the_published_vectors() {
    let cases: [(&[u8], &[u8], &str); 3] = [
        (
            &[0x0b; 20],
            b"Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        ),
        (
            b"Jefe",
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            &[0xaa; 131],
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
    ];
    for (key, data, expected) in cases {
        assert_eq!(digits_of(&index::hmac(key, &[data]).unwrap()), expected);
    }
}

#[test]
fn a_ciphertext_opens_in_its_own_place_only() {
    let ring = ring();
    let sealed = ring.seal(b"123-45-6789", [1; 12], &place("ssn")).unwrap();
    assert_eq!(ring.open(&sealed, &place("ssn")).unwrap().expose(), b"123-45-6789");
    let others = [
        Place { id: Uuid::from_u128(6), ..place("ssn") },
        Place { kind: "account", ..place("ssn") },
        place("pan"),
        // The same bytes in a row, cut elsewhere.
        Place { kind: "custome", id: Uuid::from_u128(5), field: "rssn" },
    ];
    for other in others {
        assert_eq!(ring.open(&sealed, &other).unwrap_err(), PrivacyError::Tampered);
    }
}

#[test]
fn a_ciphertext_that_was_changed_or_cut_opens_nowhere() {
    let ring = ring();
    let sealed = ring.seal(b"secret", [1; 12], &place("ssn")).unwrap();
    let bytes = sealed.as_bytes();
    for length in 0..bytes.len() {
        let opened = Sealed::from_bytes(bytes[..length].to_vec())
            .and_then(|cut| ring.open(&cut, &place("ssn")));
        assert!(opened.is_err(), "cut to {length}");
    }
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut other = bytes.to_vec();
            other[at] ^= 1 << bit;
            let opened =
                Sealed::from_bytes(other).and_then(|other| ring.open(&other, &place("ssn")));
            assert!(opened.is_err(), "bit {bit} of byte {at}");
        }
    }
}

#[test]
fn keys_are_told_apart() {
    let old = ring_with(1);
    let sealed = old.seal(b"secret", [1; 12], &place("ssn")).unwrap();
    let new = ring_with(2);
    assert_eq!(new.open(&sealed, &place("ssn")).unwrap().expose(), b"secret");
    assert!(new.is_stale(&sealed) && !old.is_stale(&sealed));
    let under = |key: u128| {
        let mut bytes = sealed.as_bytes().to_vec();
        bytes[1..17].copy_from_slice(Uuid::from_u128(key).as_bytes());
        new.open(&Sealed::from_bytes(bytes).unwrap(), &place("ssn")).unwrap_err().code()
    };
    assert_eq!(under(3), "privacy_key_destroyed");
    assert_eq!(under(4), "privacy_unknown_key");
    assert_eq!(under(2), "privacy_tampered");
    // The index key is no data key.
    assert_eq!(under(9), "privacy_unknown_key");
}

#[test]
fn a_ring_needs_one_active_key_of_each_purpose() {
    let active = |id, purpose| (StoredKey { purpose, ..stored(id) }, Some(Sensitive::new([7; 32])));
    let (data, index) = (KeyPurpose::Data, KeyPurpose::Index);
    let retired = |id| {
        let key = stored(id).moved_to(KeyState::DecryptOnly).unwrap();
        (key, Some(Sensitive::new([8; 32])))
    };
    assert!(KeyRing::new([active(1, data), active(2, index), retired(3)]).is_ok());
    let wrong = [
        vec![],
        vec![active(1, data)],
        vec![active(1, index)],
        vec![active(1, data), active(2, data), active(3, index)],
        vec![active(1, data), active(2, index), active(3, index)],
        vec![retired(1), active(2, index)],
        // One id, two keys: which of them would open what it sealed?
        vec![active(1, data), retired(1), active(2, index)],
        vec![(stored(1), None), active(2, index)],
    ];
    for keys in wrong {
        assert_eq!(KeyRing::new(keys).unwrap_err(), PrivacyError::InvalidKeys);
    }
}

/// S1-102: 90 days, counted from the day of the bank.
#[test]
fn a_data_key_is_due_after_ninety_days() {
    let key = stored(1);
    let day = |month, day| NaiveDate::from_ymd_opt(2026, month, day).unwrap();
    assert_eq!(key.rotate_by, day(4, 1));
    assert!(!key.is_due(day(3, 31)) && key.is_due(day(4, 1)) && key.is_due(day(5, 1)));
    let index = StoredKey { purpose: KeyPurpose::Index, ..key.clone() };
    assert!(!index.is_due(day(5, 1)));
    assert!(!key.moved_to(KeyState::DecryptOnly).unwrap().is_due(day(5, 1)));
}

#[test]
fn an_index_depends_on_key_purpose_and_value() {
    let ring = ring();
    let one = ring.index("identity.ssn", "123456789").unwrap();
    assert_eq!(one, ring.index("identity.ssn", "123456789").unwrap());
    assert_ne!(one, ring.index("identity.pan", "123456789").unwrap());
    assert_ne!(one, ring.index("identity.ssn", "123456780").unwrap());
    assert_ne!(one, ring.index("identity.ssn1", "23456789").unwrap());
}

#[tokio::test]
async fn a_port_opens_its_own_keys_only() {
    let (port, other) = (MemoryKeys::new().unwrap(), MemoryKeys::new().unwrap());
    let (key, id) = (Sensitive::new([3; 32]), DataKeyId::from_uuid(Uuid::from_u128(1)));
    let wrapped = port.wrap_key(&key, id).await.unwrap();
    assert_eq!(port.unwrap_key(&wrapped, id).await.unwrap().expose(), key.expose());
    let of_another = DataKeyId::from_uuid(Uuid::from_u128(2));
    assert_eq!(port.unwrap_key(&wrapped, of_another).await.unwrap_err(), PrivacyError::PortRefused);
    assert_eq!(other.unwrap_key(&wrapped, id).await.unwrap_err(), PrivacyError::PortRefused);
}

#[test]
fn nothing_sensitive_is_printed() {
    let ring = ring();
    let sealed = ring.seal(b"123-45-6789", [1; 12], &place("ssn")).unwrap();
    let secret = Sensitive::new("123-45-6789".to_owned());
    let wrapped = Wrapped { master: "kms:1".to_owned(), bytes: "abcdef".to_owned() };
    let port = MemoryKeys::of("m", [7; 32]);
    let texts = [
        format!("{ring:?} {sealed:?} {secret:?} {secret} {wrapped:?} {:?}", stored(1)),
        format!("{ring:#?} {sealed:#?} {secret:#?} {wrapped:#?} {:#?} {port:?}", stored(1)),
    ];
    for text in texts {
        assert!(!text.contains("6789") && !text.contains("abcdef"), "{text}");
        assert!(
            !text.contains("0707") && !text.contains("7, 7") && !text.contains("7,\n"),
            "{text}"
        );
    }
}

/// Numbers that the schemes and their processors publish for tests.
#[test]
fn card_numbers_are_found_however_they_are_written() {
    let found = [
        "4111111111111111",
        "5555555555554444",
        "378282246310005",
        "6011111111111117",
        "3530111333300000",
        "30569309025904",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111.1111.1111.1111",
        "pay 4111\u{a0}1111\u{a0}1111\u{a0}1111 please",
        "card:4111111111111111x",
        // What is written beside a card number.
        "4111 1111 1111 1111 12/27 123",
        "12/27 4111-1111-1111-1111",
        "3782 822463 10005 - 12 - 27",
        "2026-11-28 4111111111111111 paid",
        "1. 4111111111111111 2. 12",
        "+4111111111111111",
        "４１１１１１１１１１１１１１１１",
        "4111  1111  1111  1111",
        "4111 - 1111 - 1111 - 1111",
        "4\u{200b}1\u{ad}11\n1111\t1111\u{202f}\u{2013} 1111",
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "x4111111111111111x",
        "customer4111111111111111",
        "𝟜𝟙𝟙𝟙①①①①¹¹¹¹₁₁₁₁",
        "٤١١١١١١١١١١١١١١١",
        "४१११११११११११११११",
    ];
    for text in found {
        assert!(find_card_number(text), "{text}");
    }
    let other = [
        "",
        "4111111111111112",
        "411111111111111",
        // Account numbers: of no scheme's range, and longer than any card number.
        "1234567890123456",
        "1234567812345670",
        "9999999999999995",
        "41111111111111110000",
        // ITU-T E.164; the second would have a right check digit.
        "+49 30 1234567",
        "+4915112345678",
        "tel. +49 151 1234 5678, +1 (212) 555-0123",
        "2026-11-28 09:10:47.123456789",
        "1.234.567.890.123,45",
        "4111 x 1111 x 1111 x 1111",
        "4111    1111    1111    1111",
    ];
    for text in other {
        assert!(!find_card_number(text), "{text}");
    }
}

#[test]
fn what_is_stale_is_sealed_again_in_its_place() {
    let (old, new) = (ring_with(1), ring_with(2));
    let sealed = old.seal(b"secret", [1; 12], &place("ssn")).unwrap();
    assert_eq!(old.reseal(&sealed, [2; 12], &place("ssn")).unwrap(), None);
    let again = new.reseal(&sealed, [2; 12], &place("ssn")).unwrap().unwrap();
    assert_eq!(again.key(), new.active());
    assert_eq!(new.open(&again, &place("ssn")).unwrap().expose(), b"secret");
    assert_eq!(new.reseal(&sealed, [2; 12], &place("pan")).unwrap_err(), PrivacyError::Tampered);
}

#[test]
fn values_of_every_length_go_there_and_back() {
    let ring = ring();
    for length in (0..70).chain([65_535, 65_536]) {
        let plain = vec![0xa5; length];
        let sealed = ring.seal(&plain, [1; 12], &place("ssn")).unwrap();
        let written = serde_json::to_string(&sealed).unwrap();
        let read: Sealed = serde_json::from_str(&written).unwrap();
        assert_eq!(ring.open(&read, &place("ssn")).unwrap().expose(), &plain);
    }
    let long = ring.seal(&[0; 65_537], [1; 12], &place("ssn"));
    assert_eq!(long.unwrap_err(), PrivacyError::TooLong);
    for wrong in ["", "01", "0", "zz", "\u{e9}\u{e9}"] {
        assert!(serde_json::from_str::<Sealed>(&format!("\"{wrong}\"")).is_err(), "{wrong}");
    }
    assert_eq!(Sealed::from_bytes(vec![1; 70_000]).unwrap_err(), PrivacyError::Malformed);
}

#[test]
fn masks_keep_the_end_only() {
    assert_eq!(mask_tail("123-45-6789", 4), "***-**-6789");
    assert_eq!(mask_tail("123", 4), "**3");
    assert_eq!(mask_tail("", 4), "");
    assert_eq!(mask_email("alice@example.com"), "a***@example.com");
    assert_eq!(mask_email("alice"), "***");
    assert_eq!(mask_email("a@example.com"), "***@example.com");
    assert_eq!(mask_card("4111 1111 1111 1111"), "**** **** **** 1111");
    assert_eq!(mask_phone("+4930123456"), "+********56");
}

#[test]
fn a_key_lives_once() {
    let all = [KeyState::Active, KeyState::DecryptOnly, KeyState::Destroyed];
    for from in all {
        for to in all {
            let step = matches!(
                (from, to),
                (KeyState::Active, KeyState::DecryptOnly)
                    | (KeyState::DecryptOnly, KeyState::Destroyed)
            );
            assert_eq!(from.may_become(to), step, "{from:?} to {to:?}");
            let moved = StoredKey { state: from, ..stored(1) }.moved_to(to);
            assert_eq!(moved.as_ref().map(|key| key.state), step.then_some(to));
            let emptied = moved.is_some_and(|key| key.wrapped.bytes.is_empty());
            assert_eq!(emptied, step && to == KeyState::Destroyed);
        }
    }
}
