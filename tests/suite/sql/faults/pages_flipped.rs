//! A SQLite file whose bytes changed while it was closed: damage to a record, an entry or an
//! account, a row beside the ledger or a key of it is never silent.

use std::path::{Path, PathBuf};

use corebank::bank::Bank;
use corebank::store::sqlite::SqliteOptions;
use corebank::store::{ErrorKind, StoreError};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row};

use super::books::{Place, Random, clerk, pay};
use super::damage::{rich, said_of};
use super::keys::people;
use crate::sql::places;

/// How many damaged files: 60, or what `COREBANK_FLIPS` says.
fn flips() -> u64 {
    std::env::var("COREBANK_FLIPS").ok().and_then(|text| text.parse().ok()).unwrap_or(60)
}

/// By which seed: another one in every run, or what `COREBANK_FLIP_SEED` says.
fn seed() -> Random {
    let given = std::env::var("COREBANK_FLIP_SEED").ok().and_then(|text| text.parse().ok());
    given.map_or_else(Random::new, Random)
}

const PAGE: usize = 4_096;

/// What the proof of the books rests on. Versions, the number of a unit, the order of entries of
/// an account by days, are derived, and other reads see when they are off.
/// So is what a row beside the ledger was first asked for, which no digest covers.
const TABLES: [(&str, &str); 10] = [
    ("unit", "number, first_position, first_instant, records, actor, channel, correlation"),
    ("record", "place, id, booking_day, value_day, defaulted, detailed, kind"),
    (
        "detail",
        "place, link, linked, marked, group_id, group_index, group_size, words, salt, \
        digest, operation",
    ),
    (
        "entry",
        "seq, account, number, amount, balance_after, coalesce(late_booked, booked), \
        coalesce(late_valued, valued)",
    ),
    (
        "account",
        "key, debits_posted, credits_posted, debits_pending, credits_pending, entries, \
        floor, floor_amount, ceiling, class, exponent, block, closed, id, currency",
    ),
    ("hold", "place, id, state, ended_place, body"),
    ("block", "number, first_position, records, root, previous, sealed_at, hash"),
    ("entity", "id, kind, version, salt, body"),
    ("entity_unique", "idx, key, id, kind"),
    ("entity_index", "idx, key, id, kind"),
];

/// The rows of those tables; the error is that of SQLite.
async fn rows_of(path: &Path) -> Result<Vec<String>, sqlx::Error> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    let mut link = options.connect().await?;
    let mut all = Vec::new();
    for (table, columns) in TABLES {
        // Not by an index: it may say something else than the table.
        let quoted: Vec<String> =
            split(columns).into_iter().map(|column| format!("quote({column})")).collect();
        let sql = format!(
            "SELECT {} FROM corebank_{table} NOT INDEXED ORDER BY 1",
            quoted.join(" || ' ' || ")
        );
        for row in sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut link).await? {
            all.push(format!("{table} {}", row.try_get::<String, _>(0)?));
        }
    }
    link.close().await?;
    all.sort();
    Ok(all)
}

/// Columns at the commas that no bracket holds.
fn split(columns: &str) -> Vec<String> {
    let (mut depth, mut all) = (0, vec![String::new()]);
    for letter in columns.chars() {
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        match letter {
            ',' if depth == 0 => all.push(String::new()),
            letter => all.last_mut().unwrap().push(letter),
        }
    }
    all
}

/// Damages a file; what was done to it.
fn damage(bytes: &mut [u8], random: &mut Random) -> String {
    let offset = random.below(bytes.len() as u64) as usize;
    let page = offset / PAGE * PAGE;
    let how = match random.below(8) {
        0 => {
            bytes[page..page + PAGE].fill(0);
            "page zeroed"
        }
        1 => {
            bytes[page..page + PAGE].iter_mut().for_each(|byte| *byte = random.below(256) as u8);
            "page of noise"
        }
        2 => {
            let other = random.below((bytes.len() / PAGE) as u64) as usize * PAGE;
            bytes.copy_within(other..other + PAGE, page);
            "page of elsewhere"
        }
        3 => {
            bytes[offset] = random.below(256) as u8;
            "byte"
        }
        4 => {
            let end = (offset + 16).min(bytes.len());
            bytes[offset..end].reverse();
            "16 bytes turned around"
        }
        _ => {
            bytes[offset] ^= 1 << random.below(8);
            "bit"
        }
    };
    format!("{how} at {offset}")
}

/// What the library says when it opens and checks a file; nothing if it sees no damage.
async fn said_by_library(path: &Path) -> Vec<String> {
    let said = |error: StoreError| {
        let kinds = [ErrorKind::Corrupt, ErrorKind::Misuse, ErrorKind::Unavailable];
        assert!(kinds.contains(&error.kind()), "{error:?}");
        vec![format!("{}: {error}", error.kind().code())]
    };
    let store = match SqliteOptions::new(path).readers(1).open().await {
        Ok(store) => store,
        Err(error) => return said(error),
    };
    let mut all = match Bank::open(store.clone()).await {
        Ok(bank) => said_of(&bank).await,
        Err(error) => said(error),
    };
    if let Err(error) = store.check_file().await {
        all.extend(said(error));
    }
    store.close().await;
    all
}

async fn base() -> PathBuf {
    let Place::Sqlite(path) = rich(Place::sqlite()).await else { unreachable!() };
    let place = Place::Sqlite(path.clone());
    let books = place.open().await.unwrap();
    let batch = (100..220).map(pay).collect();
    let _ = books.bank.post_many(clerk(), &batch).await.unwrap();
    people(&books.bank).await;
    books.bank.seal(clerk()).await.unwrap();
    books.close().await;
    // All of it in the file itself.
    place.run("PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn damage_to_a_file_is_never_silent() {
    let base = base().await;
    let sound = rows_of(&base).await.unwrap();
    assert!(said_by_library(&base).await.is_empty());
    let original = std::fs::read(&base).unwrap();
    let mut random = seed();
    let seed = random.0;
    println!("seed {seed}, {} pages", original.len() / PAGE);
    let (mut named, mut harmless, mut silent) = (0, 0, Vec::new());
    for _ in 0..flips() {
        let mut bytes = original.clone();
        let flip = damage(&mut bytes, &mut random);
        let path = places::fresh_path();
        std::fs::write(&path, &bytes).unwrap();
        let found = rows_of(&path).await;
        let said = said_by_library(&path).await;
        match found {
            _ if !said.is_empty() => named += 1,
            Ok(rows) if rows == sound => harmless += 1,
            Ok(rows) => {
                let lost = sound.iter().find(|row| !rows.contains(row));
                let new = rows.iter().find(|row| !sound.contains(row));
                silent.push(format!("{flip}: {lost:?} became {new:?}"));
            }
            Err(error) => silent.push(format!("{flip}: {error}")),
        }
        let _ = std::fs::remove_file(&path);
    }
    println!("{named} named, {harmless} changed no row");
    assert!(silent.is_empty(), "COREBANK_FLIP_SEED={seed}\n{}", silent.join("\n"));
    assert!(named > 0);
}
