//! The chapters on people say what the code says, and the checklist of requirements is covered.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use corebank::account::{AccountStatus, OwnershipKind};
use corebank::ledger::Kind;
use corebank::party::{Gender, Segment};
use corebank::privacy::PrivacyError;
use corebank::product::AccountType;

/// How many lines the checklist has of each schema.
const LINES: [usize; 5] = [26, 123, 59, 40, 98];

/// How many conflicts between the schemas it resolves.
const CONFLICTS: usize = 44;

const PLACES: [&str; 14] = [
    "here",
    "later: identity",
    "later: audit",
    "later: payment",
    "later: cheque",
    "later: statement",
    "later: reconciliation",
    "later: compliance",
    "later: config",
    "later: retention",
    "later: notification",
    "later: interest",
    "host",
    "noted",
];

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The rows of the tables of a chapter whose first cell begins so, as trimmed cells.
fn rows<'a>(chapter: &'a str, begin: &str) -> Vec<Vec<&'a str>> {
    let lines = chapter.lines().filter(|line| line.starts_with(begin));
    let cells = lines.filter_map(|line| line.strip_prefix('|')?.strip_suffix('|'));
    cells.map(|cells| cells.split('|').map(str::trim).collect()).collect()
}

fn has_word(text: &str, word: &str) -> bool {
    let inside = |one: char| one.is_alphanumeric() || one == '_';
    !word.is_empty()
        && text.match_indices(word).any(|(at, _)| {
            !text[..at].ends_with(inside) && !text[at + word.len()..].starts_with(inside)
        })
}

/// What is wrong with `path::name`, if anything.
fn lost(cell: &str) -> Option<String> {
    let inner = cell.strip_prefix('`').and_then(|cell| cell.strip_suffix('`'));
    let Some((path, name)) = inner.and_then(|inner| inner.split_once("::")) else {
        return Some(format!("{cell} is no `path::name`"));
    };
    let full = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    match fs::read_to_string(full) {
        Ok(text) if has_word(&text, name) => None,
        Ok(_) => Some(format!("{name} does not stand in {path}")),
        Err(error) => Some(format!("{path}: {error}")),
    }
}

fn complaints(chapter: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (schema, lines) in LINES.iter().enumerate() {
        seen.extend((1..=*lines).map(|line| (format!("S{schema}-{line:03}"), 0)));
    }
    seen.extend((1..=CONFLICTS).map(|conflict| (format!("C{conflict:02}"), 0)));
    for row in rows(chapter, "| S").into_iter().chain(rows(chapter, "| C")) {
        let [id, place, item, shown] = row[..] else {
            wrong.push(format!("{row:?} has not four cells"));
            continue;
        };
        match seen.get_mut(id) {
            Some(count) => *count += 1,
            None => wrong.push(format!("{id} is no line of the checklist")),
        }
        if !PLACES.contains(&place) {
            wrong.push(format!("{id}: {place} is no place"));
        }
        // A part that is met is shown as the whole is.
        if place == "here" || !item.is_empty() || !shown.is_empty() {
            wrong.extend([item, shown].iter().filter_map(|cell| lost(cell)));
        }
    }
    let often = seen.iter().filter(|(_, count)| **count != 1);
    wrong.extend(often.map(|(id, count)| format!("{id} stands {count} times")));
    wrong
}

#[track_caller]
fn none(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn every_line_of_the_checklist_has_its_place() {
    none(&complaints(&read("src/guide/coverage.md")));
}

#[test]
fn a_wrong_row_is_found() {
    let chapter = read("src/guide/coverage.md");
    let with = |row: &str| complaints(&format!("{chapter}{row}\n"));
    assert_eq!(with("| S0-001 | noted | | |").len(), 1);
    assert_eq!(with("| S5-001 | noted | | |").len(), 1);
    assert_eq!(with("| C45 | noted | | |").len(), 1);
    assert_eq!(with("| C01 | noted | | |").len(), 1);
    assert_eq!(complaints(&chapter.replace("| C27 | later: retention | | |", "")).len(), 1);
    let half = chapter.replace("| C27 | later: retention | |", "| C27 | later: retention | x |");
    assert_eq!(complaints(&half).len(), 2);
    assert_eq!(complaints(&chapter.replace("| S0-025 | noted |", "| S0-025 | where |")).len(), 1);
    assert_eq!(complaints(&chapter.replace("| S0-025 | noted |", "| S0-025 | here |")).len(), 2);
    assert!(lost("`src/lib.rs::no_such_name`").is_some());
    assert!(lost("`src/no_such_file.rs::x`").is_some());
    assert!(!has_word("let kinds = 1;", "kind"));
    assert!(has_word("let kind= 1;", "kind"));
}

/// The table of bad input names tests that exist; each row names at least one.
#[test]
fn bad_input_about_people_has_its_tests() {
    let chapter = read("src/guide/invariants.md");
    let (_, table) = chapter.split_once("\n# Bad input about people\n").expect("the chapter");
    let rows = rows(table, "| ");
    let rows: Vec<_> = rows.iter().filter(|row| row[0] != "bad input about people").collect();
    assert!(rows.len() > 25, "{} rows", rows.len());
    let mut wrong = Vec::new();
    for row in rows {
        match row[..] {
            [what, answer, shown] if !answer.is_empty() => {
                let lost = shown.split(", ").filter_map(lost);
                wrong.extend(lost.map(|lost| format!("{what}: {lost}")));
            }
            _ => wrong.push(format!("{row:?} has not three cells")),
        }
    }
    none(&wrong);
}

/// The words that the schemas have for accounts, owners, customers and movements have a value here.
#[test]
fn the_words_of_the_seeds_are_known() {
    let types: Vec<&str> = AccountType::ALL.iter().map(|one| one.code()).collect();
    let wanted = ["checking", "savings", "money_market", "credit_card", "loan", "investment"];
    assert_eq!(types, wanted);
    let kinds: Vec<&str> = OwnershipKind::ALL.iter().map(|one| one.code()).collect();
    assert_eq!(kinds, ["individual", "joint", "trust", "business"]);
    for status in ["active", "inactive", "suspended", "frozen", "dormant", "closed"] {
        assert!(AccountStatus::from_code(status).is_some(), "{status}");
    }
    let word = |value: serde_json::Value| value.as_str().unwrap().to_owned();
    let genders = [Gender::Male, Gender::Female, Gender::Other, Gender::NotSaid];
    let genders = genders.map(|one| word(serde_json::to_value(one).unwrap()));
    assert_eq!(genders, ["MALE", "FEMALE", "OTHER", "NOT_SAID"]);
    let segments = [Segment::Retail, Segment::Sme, Segment::Corporate];
    let segments = segments.map(|one| word(serde_json::to_value(one).unwrap()));
    assert_eq!(segments, ["RETAIL", "SME", "CORPORATE"]);
    let moves = [
        (Kind::DEPOSIT, "deposit"),
        (Kind::WITHDRAWAL, "withdrawal"),
        (Kind::TRANSFER, "transfer"),
        (Kind::PAYMENT, "payment"),
        (Kind::BILL_PAYMENT, "bill_payment"),
        (Kind::CHEQUE, "cheque"),
        (Kind::DEBIT, "debit"),
        (Kind::CREDIT, "credit"),
        (Kind::FEE, "fee"),
        (Kind::INTEREST, "interest"),
        (Kind::REFUND, "refund"),
    ];
    for (kind, wanted) in moves {
        assert_eq!(kind.as_str(), wanted);
    }
}

/// The codes of the rooms above the ledger, in the order of the chapter on errors.
fn rooms() -> [(&'static str, &'static [&'static str]); 6] {
    [
        ("party", corebank::party::Refusal::ALL),
        ("kyc", corebank::kyc::Refusal::ALL),
        ("product", corebank::product::Refusal::ALL),
        ("account", corebank::account::Refusal::ALL),
        ("profile", corebank::profile::Refusal::ALL),
        ("privacy", corebank::privacy::PrivacyError::ALL),
    ]
}

#[test]
fn codes_are_unique_in_the_whole_crate() {
    let mut owner = BTreeMap::new();
    let ledger = [("ledger", corebank::ledger::Refusal::ALL)];
    for (room, codes) in rooms().into_iter().chain(ledger) {
        for code in codes {
            if let Some(other) = owner.insert(code, room) {
                panic!("{code} is a code of {other} and of {room}");
            }
        }
    }
}

#[test]
fn rules_about_people_stand_in_the_guide_in_their_order() {
    let guide = read("src/guide/errors.md");
    let (_, chapter) = guide.split_once("\n# Rules about people").expect("the chapter");
    let (chapter, _) = chapter.split_once("\n# Faults of the store\n").expect("a chapter after it");
    let rows = rows(chapter, "| `");
    let codes = rows.iter().map(|row| row[0].trim_matches('`')).filter(|code| *code != "denied");
    let listed: Vec<&str> = codes.collect();
    let wanted: Vec<&str> = rooms().iter().flat_map(|(_, codes)| codes.iter().copied()).collect();
    assert_eq!(listed, wanted);
}

/// `Rule::Privacy` is no table of refusals, so that the guide is compared with values.
#[test]
fn the_guide_says_which_faults_of_keys_pass() {
    let key = corebank::id::DataKeyId::from_u128(1);
    let faults = [
        PrivacyError::NoKeys,
        PrivacyError::UnknownKey { key },
        PrivacyError::KeyDestroyed { key },
        PrivacyError::KeyRetired { key },
        PrivacyError::KeyActive { key },
        PrivacyError::KeyInUse { key },
        PrivacyError::Malformed,
        PrivacyError::Tampered,
        PrivacyError::TooLong,
        PrivacyError::InvalidKeys,
        PrivacyError::PortUnavailable,
        PrivacyError::PortRefused,
        PrivacyError::KeyFile { what: "…" },
        PrivacyError::KeyFileMissing,
        PrivacyError::KeyFileExists,
    ];
    assert_eq!(faults.map(|fault| fault.code()), PrivacyError::ALL);
    let guide = read("src/guide/errors.md");
    for fault in faults {
        let passing = if fault.is_passing() { "yes" } else { "no" };
        let said = fault.to_string().replace(&key.to_string(), "…");
        let row = format!("| `{}` | {passing} | {said} |", fault.code());
        assert!(guide.contains(&row), "{row}");
    }
}
