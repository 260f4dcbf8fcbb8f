//! Every text that an operation about people takes, against every text that hides, deceives,
//! overflows or would be run by somebody who is careless: refused where it is made, or kept to the
//! character. What is kept is written, read back, searched and verified.

use serde::Serialize;
use serde::de::DeserializeOwned;
use unicode_normalization::UnicodeNormalization;

use super::rounds::rounds;
use crate::account::AccountNumber;
use crate::conformance::bench::{Bench, Checked, ensure, same};
use crate::kyc::{DocumentCode, DocumentKind, DocumentUri, MaskedNumber, MimeType};
use crate::ledger::{
    Actor, Channel, ChartCode, Correlation, IdempotencyKey, Kind, Metadata, Reference, Text,
};
use crate::locale::{CountryCode, LanguageTag};
use crate::party::{
    City, Code, CustomerNumber, Email, IdScheme, Line, NationalId, PartOfName, Phone, PostalCode,
    Region, Short, WholeName,
};
use crate::product::ProductCode;

/// A type of text, the fields that it stands in, and what it keeps of a text: as a host makes it,
/// and as it is read from the wire.
struct Field {
    what: &'static str,
    made: fn(&str) -> Option<String>,
    read: Option<fn(&str) -> Option<String>>,
}

fn wire<T: DeserializeOwned + Serialize>(text: &str) -> Option<String> {
    let value = serde_json::Value::from(text);
    let read: T = serde_json::from_value(value).ok()?;
    serde_json::to_value(read).ok()?.as_str().map(str::to_owned)
}

macro_rules! fields {
    ($($type:ty, $what:literal, $new:expr;)*) => {
        [$(Field {
            what: $what,
            made: |text| {
                let new: fn(&str) -> Option<$type> = $new;
                new(text).map(|one| one.as_str().to_owned())
            },
            read: Some(wire::<$type>),
        }),*]
    };
}

fn known() -> Vec<Field> {
    let mut all = Vec::from(fields! {
        PartOfName, "name: first, middle, last", |text| PartOfName::new(text).ok();
        WholeName, "name of a person, organisation, branch, merchant", |text| WholeName::new(text).ok();
        Line, "lines of an address, picture", |text| Line::new(text).ok();
        City, "city", |text| City::new(text).ok();
        Region, "region", |text| Region::new(text).ok();
        PostalCode, "postal code", |text| PostalCode::new(text).ok();
        Short, "occupation, income, country as written, preference, evidence, time zone, calendar, location", |text| Short::new(text).ok();
        Code, "scheme, theme, preference, purpose, version, branch, clearing, category", |text| Code::new(text).ok();
        Email, "e-mail address", |text| Email::new(text).ok();
        Phone, "telephone number", |text| Phone::new(text).ok();
        CustomerNumber, "customer number", |text| CustomerNumber::new(text).ok();
        LanguageTag, "language", |text| text.parse().ok();
        DocumentUri, "URI of a document", |text| DocumentUri::new(text).ok();
        MimeType, "media type", |text| MimeType::new(text).ok();
        MaskedNumber, "masked number of a document", |text| MaskedNumber::new(text).ok();
        AccountNumber, "account number", |text| AccountNumber::new(text).ok();
        ProductCode, "code of a product", ProductCode::new;
        Text, "reason, subtype, name of a product, description", |text| Text::new(text).ok();
        Reference, "reference of a screening, of an order", |text| Reference::new(text).ok();
        Actor, "who uploads, reviews, screens, acts", |text| Actor::new(text).ok();
        Correlation, "correlation", |text| Correlation::new(text).ok();
        IdempotencyKey, "idempotency key", |text| IdempotencyKey::new(text).ok();
        Channel, "channel", |text| Channel::new(text).ok();
        Kind, "kind of a movement, of a fee, convention of days", |text| Kind::new(text).ok();
        ChartCode, "chart code of terms", |text| ChartCode::new(text).ok();
    });
    let country: fn(&str) -> Option<String> =
        |text| text.parse::<CountryCode>().ok().map(|one| one.to_string());
    let kind: fn(&str) -> Option<String> =
        |text| text.parse::<DocumentKind>().ok().map(|one| one.code().to_owned());
    let pair: fn(&str) -> Option<String> = |text| {
        let mut pairs = Metadata::default();
        pairs.insert(text, text).ok()?;
        pairs.get(text).map(str::to_owned)
    };
    let number: fn(&str) -> Option<String> = |text| {
        let scheme = IdScheme::Other(Code::new("tax_de").ok()?);
        NationalId::parse(scheme, text).ok().map(|one| one.number().to_owned())
    };
    let code: fn(&str) -> Option<String> =
        |text| DocumentCode::new(text).ok().map(|one| one.as_str().to_owned());
    let made = |what, made| Field { what, made, read: None };
    all.extend([
        Field { what: "country", made: country, read: Some(wire::<CountryCode>) },
        made("kind of a document", kind),
        made("code of a kind of document", code),
        made("metadata of an order", pair),
        made("national identifier", number),
    ]);
    all
}

/// No field takes these.
const NEVER: &[(&str, &str)] = &[
    ("nothing", ""),
    ("NUL", "a\0b"),
    ("NUL at the end", "ab\0"),
    ("a new line", "a\nb"),
    ("an escape for a terminal", "\u{1b}[31mred"),
    ("a control of the second set", "a\u{85}b"),
    ("left-to-right mark", "a\u{200e}b"),
    ("right-to-left mark", "a\u{200f}b"),
    ("Arabic letter mark", "a\u{61c}b"),
    ("right-to-left override", "abc\u{202e}fdp.exe"),
    ("right-to-left embedding", "a\u{202b}b"),
    ("right-to-left isolate", "a\u{2067}b"),
    ("first strong isolate", "a\u{2068}b\u{2069}"),
    ("line separator", "a\u{2028}b"),
    ("paragraph separator", "a\u{2029}b"),
];

/// Texts that mean something to somebody else. A field refuses them, or keeps what they are.
pub(super) const ODD: &[&str] = &[
    "Robert'); DROP TABLE customer;--",
    "' OR '1'='1",
    "x\"; TRUNCATE corebank.entity; --",
    "1; SELECT pg_sleep(10)",
    "$1 ?1 :name @name",
    "{0} {} %s %n %08x ${jndi:ldap://x} {{7*7}}",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "=cmd|' /C calc'!A0",
    "%",
    "_",
    "NULL",
    "null",
    "true",
    "0x0",
    "1e309",
    "\\u0000",
    "\\",
    "{\"scheme\":\"SSN\"}",
    // Not normalised, twice: a letter and its accent, and a sign that is another one.
    "Ame\u{301}lie",
    "\u{212b}ngstr\u{f6}m",
    // Hangul in parts, and marks in the wrong order.
    "\u{1112}\u{1161}\u{11ab}",
    "q\u{307}\u{323}",
    "\u{639}\u{628}\u{62f}",
    "O\u{2019}Brien",
    "\u{1f469}\u{200d}\u{1f4bb}",
    "\u{fdfa}",
];

/// A character of one, two, three and four bytes, a letter with its accent apart, and one that
/// grows when it is normalised; each far too often.
fn too_long() -> Vec<String> {
    let of = |one: &str| one.repeat(501);
    let mut all: Vec<String> =
        ["x", "\u{e9}", "\u{4e2d}", "\u{1f600}", "e\u{301}", "\u{1d160}"].map(of).into();
    all.push("x".repeat(200_000));
    all.push("e\u{301}".repeat(100_000));
    all
}

/// Kept to the character: as it was, normalised, or as a code that has nothing but ASCII.
fn faithful(text: &str, kept: &str) -> bool {
    let normal: String = text.nfc().collect();
    let code = |text: &str| {
        let bare = text.trim().chars().filter(|one| !matches!(one, ' ' | '-'));
        bare.collect::<String>().to_ascii_uppercase()
    };
    kept == text || kept == normal || (kept.is_ascii() && code(text) == code(kept))
}

pub(super) async fn every(bench: Bench) -> Checked {
    for Field { what, made, read } in known() {
        let judged = |text: &str| -> Checked<Option<String>> {
            let kept = made(text);
            if let Some(read) = read {
                same(read(text), kept.clone(), format!("{what}, from the wire"))?;
            }
            Ok(kept)
        };
        for (which, text) in NEVER {
            same(judged(text)?, None, format!("{what}: {which}"))?;
        }
        for text in too_long() {
            same(judged(&text)?, None, format!("{what}: {} characters", text.chars().count()))?;
        }
        for text in ODD {
            let kept = judged(text)?;
            let well = kept.as_ref().is_none_or(|kept| faithful(text, kept));
            ensure(well, format!("{what}: {text:?} was kept as {kept:?}"))?;
        }
    }
    rounds(bench).await
}
