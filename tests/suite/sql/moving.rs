//! Moving house between the stores, and copies of a SQLite file while others post.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use corebank::Bank;
use corebank::bank::archive::Exported;
use corebank::ledger::Record;
use corebank::store::memory::MemoryStore;
use corebank::store::sqlite::{SqliteOptions, SqliteStore};
use corebank::store::{ErrorKind, Store};
use corebank::time::ManualClock;

use crate::archive::{clock, export, go_on, import, is_empty, open, rich};
use crate::model::run;

use super::places;

/// A runtime whose workers drive what the test waits for.
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Moves a bank into a fresh store, and says what it is there.
fn moved(file: &[u8], exported: &Exported, to: &(impl Store + Clone), clock: &Arc<ManualClock>) {
    let imported = import(to, file).unwrap();
    assert_eq!((imported.head, imported.sha256), (exported.head, exported.sha256));
    assert!(imported.books.is_clean() && imported.seals.is_clean());
    let bank = open(to, clock, 1);
    assert!(run(bank.verify()).unwrap().is_clean());
    assert!(run(bank.verify_seals()).unwrap().is_clean());
    let (again, bytes) = export(&bank);
    assert_eq!(again, *exported);
    assert!(bytes == file, "the same checksum over other bytes");
}

#[test]
fn a_bank_moves_through_every_store_and_lives_on() {
    let runtime = runtime();
    let _entered = runtime.enter();
    let (memory, back, clock) = (MemoryStore::new(), MemoryStore::new(), clock());
    let (postgres, sqlite) = (run(places::postgres()).unwrap(), run(places::sqlite()).unwrap());
    let (exported, file) = export(&rich(&memory, &clock));
    moved(&file, &exported, &postgres, &clock);
    let (_, file) = export(&open(&postgres, &clock, 1));
    moved(&file, &exported, &sqlite, &clock);
    let (_, file) = export(&open(&sqlite, &clock, 1));
    moved(&file, &exported, &back, &clock);
    // The same requests have the same answers everywhere, and leave the same books.
    let old = open(&memory, &clock, 9);
    let (story, start) = (go_on(&old, &clock), "2026-03-02T10:01:01Z".parse().unwrap());
    let last = export(&old);
    for which in 0..3 {
        clock.set(start);
        let bank = match which {
            0 => open(&postgres, &clock, 9),
            1 => open(&sqlite, &clock, 9),
            _ => open(&back, &clock, 9),
        };
        assert_eq!(go_on(&bank, &clock), story);
        let (now, bytes) = export(&bank);
        assert_eq!(now, last.0);
        assert!(bytes == last.1);
        assert!(run(bank.verify()).unwrap().is_clean());
        assert!(run(bank.verify_seals()).unwrap().is_clean());
    }
}

/// The other way about: a bank that grew up in a database.
#[test]
fn a_bank_that_grew_up_in_a_database_is_the_same_elsewhere() {
    let runtime = runtime();
    let _entered = runtime.enter();
    let mut files = Vec::new();
    let clocks = [clock(), clock(), clock()];
    let (postgres, sqlite) = (run(places::postgres()).unwrap(), run(places::sqlite()).unwrap());
    files.push(export(&rich(&MemoryStore::new(), &clocks[0])));
    files.push(export(&rich(&postgres, &clocks[1])));
    files.push(export(&rich(&sqlite, &clocks[2])));
    assert!(files.iter().all(|one| *one == files[0]));
    let (exported, file) = &files[1];
    moved(file, exported, &run(places::sqlite()).unwrap(), &clocks[1]);
    moved(file, exported, &run(places::postgres()).unwrap(), &clocks[1]);
}

fn a_damaged_file_leaves_nothing(store: &(impl Store + Clone)) {
    let (exported, file) = export(&rich(&MemoryStore::new(), &clock()));
    let text = String::from_utf8(file.clone()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    // Cut short at many places, and with a digit changed in the last line that has one.
    for part in 1..10 {
        let some = lines[..lines.len() * part / 10].join("\n");
        assert!(import(store, some.as_bytes()).is_err(), "a tenth times {part}");
        assert!(is_empty(store), "a tenth times {part}");
    }
    let at = text.rfind("\"amount\":").unwrap() + "\"amount\":".len();
    let mut other = file.clone();
    other[at] = if other[at] == b'1' { b'2' } else { b'1' };
    assert!(import(store, &other).is_err());
    assert!(is_empty(store));
    moved(&file, &exported, store, &clock());
    // And a store with books takes none.
    assert!(import(store, &file).is_err());
    moved_already(store, &exported);
}

fn moved_already(store: &(impl Store + Clone), exported: &Exported) {
    assert_eq!(export(&open(store, &clock(), 1)).0, *exported);
}

#[test]
fn a_damaged_file_leaves_nothing_in_sqlite() {
    let runtime = runtime();
    let _entered = runtime.enter();
    a_damaged_file_leaves_nothing(&run(places::sqlite()).unwrap());
}

#[test]
fn a_damaged_file_leaves_nothing_in_postgres() {
    let runtime = runtime();
    let _entered = runtime.enter();
    a_damaged_file_leaves_nothing(&run(places::postgres()).unwrap());
}

async fn journal(bank: &Bank) -> Vec<Record> {
    let mut all: Vec<Record> = Vec::new();
    loop {
        let after = all.last().map_or(0, Record::position);
        let more = bank.journal(after, 1_000).await.unwrap();
        if more.is_empty() {
            return all;
        }
        all.extend(more);
    }
}

/// A copy is what the bank was at one moment, whoever posts meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_of_a_file_in_use_is_a_bank() {
    use crate::group_bank::{ALICE, CASH, clerk, fill, pay};

    let store = places::sqlite().await.unwrap();
    let bank = Bank::open(store.clone()).await.unwrap();
    fill(&bank).await;
    let stop = Arc::new(AtomicBool::new(false));
    let posting = tokio::spawn({
        let (bank, stop) = (bank.clone(), stop.clone());
        async move {
            let mut number = 0;
            while !stop.load(Ordering::SeqCst) {
                number += 1;
                let _ = bank.post(&clerk(), pay(number, CASH, ALICE, 1)).await.unwrap();
            }
            number
        }
    });
    let mut copies = Vec::new();
    for _ in 0..4 {
        tokio::time::sleep(std::time::Duration::from_millis(60)).await;
        let path = places::fresh_path();
        store.backup(&path).await.unwrap();
        let taken = store.backup(&path).await.unwrap_err();
        assert_eq!(taken.kind(), ErrorKind::Misuse, "a backup overwrites nothing");
        copies.push(path);
    }
    stop.store(true, Ordering::SeqCst);
    let posted = posting.await.unwrap();
    let all = journal(&bank).await;
    assert!(all.len() as u64 > posted);
    let mut lengths = Vec::new();
    for path in copies {
        let copy: SqliteStore =
            SqliteOptions::new(&path).readers(1).as_it_is().open().await.unwrap();
        copy.check_file().await.unwrap();
        let bank = Bank::open(copy.clone()).await.unwrap();
        assert!(bank.verify().await.unwrap().is_clean());
        let records = journal(&bank).await;
        assert_eq!(records, all[..records.len()], "a part from the beginning");
        // It is a bank of its own.
        let next = pay(900_000, CASH, ALICE, 1);
        let receipt = bank.post(&clerk(), next).await.unwrap().into_inner();
        assert_eq!(receipt.position, records.len() as u64 + 1);
        lengths.push(records.len());
        copy.close().await;
    }
    assert!(lengths.is_sorted() && lengths[0] < lengths[3], "{lengths:?}");
}
