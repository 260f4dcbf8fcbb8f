//! Migrations: interrupted, raced, newer, somebody else's, run by hand.

use std::time::Duration;

use corebank::bank::Bank;
use corebank::store::postgres::PostgresOptions;
use corebank::store::sqlite::SqliteOptions;
use corebank::store::{ErrorKind, StoreError};

use super::books::{Place, Random, clerk, fill, is_sound, pay, postgres_at, sqlite_at};
use super::offspring::{Offspring, Task};
use crate::server::Server;
use crate::sql::places;

fn both() -> [Place; 2] {
    [Place::sqlite(), Place::postgres(places::database())]
}

impl Place {
    /// Opens it without migrating.
    async fn as_it_is(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(path) => SqliteOptions::new(path).as_it_is().open().await.map(drop),
            Self::Postgres { url, schema } => {
                PostgresOptions::new().schema(schema).as_it_is().open(url).await.map(drop)
            }
        }
    }

    /// The statements of all migrations, for this place.
    async fn script(&self) -> String {
        match self {
            Self::Sqlite(_) => places::sqlite().await.unwrap().print_sql(),
            Self::Postgres { schema, .. } => {
                let store = places::postgres().await.unwrap();
                store.print_sql().replace(store.schema(), schema)
            }
        }
    }

    /// The first migration only, as if something had stopped the second.
    async fn half_migrated(&self) {
        let script = self.script().await;
        let (first, _) = script.split_once("\n-- 2 ").expect("there are two");
        self.run(first).await.unwrap();
    }

    async fn works(&self) {
        self.as_it_is().await.unwrap();
        let books = self.open().await.unwrap();
        fill(&books.bank).await;
        let _ = books.bank.post(clerk(), pay(0)).await.unwrap();
        assert_eq!(is_sound(&books.bank).await.transactions.len(), 1);
        books.close().await;
        assert!(self.run("DELETE FROM ~entry").await.is_err(), "a trigger is missing");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_whose_process_is_killed_is_completed_by_the_next() {
    let mut random = Random::new();
    println!("seed {}", random.0);
    for round in 0..6 {
        for place in both() {
            let child = Offspring::start(&place, &Task::Open);
            child.wait_for_a_word();
            tokio::time::sleep(Duration::from_millis(random.below(10 + 10 * round))).await;
            let said = child.kill();
            println!("{said:?}");
            place.open().await.unwrap().close().await;
            place.works().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_between_two_migrations_is_completed() {
    for place in both() {
        let none = place.as_it_is().await.unwrap_err();
        // SQLite has no file to open yet.
        let expected = [ErrorKind::Misuse, ErrorKind::Unavailable];
        assert!(expected.contains(&none.kind()), "{none:?}");
        place.half_migrated().await;
        let half = place.as_it_is().await.unwrap_err();
        assert_eq!(half.kind(), ErrorKind::Misuse);
        assert!(half.to_string().contains("call migrate"), "{half}");
        place.open().await.unwrap().close().await;
        place.works().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_to_come_is_told_and_done_once() {
    let place = Place::postgres(places::database());
    place.half_migrated().await;
    let Place::Postgres { url, schema } = &place else { unreachable!() };
    let done = postgres_at(url, schema).await.unwrap();
    assert_eq!(done.pending_migrations().await.unwrap(), []);
    assert_eq!(done.migrate().await.unwrap(), []);
    let file = places::sqlite().await.unwrap();
    assert_eq!(file.pending_migrations().await.unwrap(), []);
    assert_eq!(file.migrate().await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_place_is_refused_as_it_is() {
    let Place::Postgres { url, schema } = Place::postgres(places::database()) else {
        unreachable!()
    };
    let options = PostgresOptions::new().schema(schema).as_it_is();
    let error = options.open(&url).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Misuse);
    assert!(error.to_string().contains("call migrate"), "{error}");
    let path = places::fresh_path();
    std::fs::write(&path, "").unwrap();
    let error = SqliteOptions::new(&path).as_it_is().open().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Misuse);
    assert!(error.to_string().contains("call migrate"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_schema_and_a_strange_one_are_refused() {
    let changes = [
        "INSERT INTO ~migration VALUES (4, '0004_later', 'abc')",
        "UPDATE ~migration SET checksum = 'abc' WHERE version = 1",
        "DELETE FROM ~migration WHERE version = 1",
        "DROP TABLE ~migration; CREATE TABLE ~migration (id INTEGER PRIMARY KEY, applied TEXT)",
    ];
    for change in changes {
        for place in both() {
            let place = place.filled().await;
            place.run(change).await.unwrap();
            for error in [place.open().await.err(), place.as_it_is().await.err()] {
                let error = error.unwrap_or_else(|| panic!("it opens after {change}"));
                assert_eq!(error.kind(), ErrorKind::Misuse, "{change}: {error:?}");
            }
        }
    }
}

/// A table of another library, in a place where nothing of ours is.
#[tokio::test(flavor = "multi_thread")]
async fn a_migration_table_of_somebody_else_is_left_alone() {
    for place in both() {
        let before = match &place {
            Place::Sqlite(_) => String::new(),
            Place::Postgres { schema, .. } => format!("CREATE SCHEMA \"{schema}\"; "),
        };
        let table = "CREATE TABLE ~migration (id INTEGER PRIMARY KEY, applied TEXT); \
            INSERT INTO ~migration VALUES (1, 'theirs')";
        place.run(&format!("{before}{table}")).await.unwrap();
        let error = place.open().await.err().expect("it is not ours");
        assert_eq!(error.kind(), ErrorKind::Misuse, "{error:?}");
        place.run("INSERT INTO ~migration VALUES (2, 'theirs still')").await.unwrap();
        assert!(place.run("SELECT * FROM ~entry").await.is_err(), "it left a table behind");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_migrate_at_once_all_succeed() {
    for _ in 0..3 {
        for place in both() {
            let children: Vec<_> = (0..3).map(|_| Offspring::start(&place, &Task::Open)).collect();
            let (one, two, three) = tokio::join!(place.open(), place.open(), place.open());
            for books in [one, two, three] {
                books.unwrap().close().await;
            }
            for child in children {
                assert_eq!(child.finish(), ["opening", "opened"]);
            }
            place.works().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn banks_in_one_database_do_not_touch_each_other() {
    let url = Server::shared().fresh_database();
    let (one, two) = (Place::postgres(&url).filled().await, Place::postgres(&url).filled().await);
    let (one, two) = (one.open().await.unwrap(), two.open().await.unwrap());
    let before = two.bank.head().await.unwrap();
    for number in 0..5 {
        let _ = one.bank.post(clerk(), pay(number)).await.unwrap();
    }
    one.bank.seal(clerk()).await.unwrap();
    assert_eq!(two.bank.head().await.unwrap(), before);
    assert_eq!(two.bank.blocks(0, 10).await.unwrap(), []);
    // The same ids are new there.
    assert!(!two.bank.post(clerk(), pay(0)).await.unwrap().is_replayed());
    assert_eq!(is_sound(&two.bank).await.transactions.len(), 1);
    assert_eq!(is_sound(&one.bank).await.transactions.len(), 5);
    one.close().await;
    two.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_printed_statements_make_a_schema_that_opens_as_it_is() {
    let place = Place::postgres(&Server::shared().fresh_database());
    let Place::Postgres { url, .. } = &place else { unreachable!() };
    let path = places::fresh_path().with_extension("sql");
    std::fs::write(&path, place.script().await).unwrap();
    Server::shared().psql(url, &std::fs::read_to_string(&path).unwrap());
    place.works().await;
    // Twice is once too often, and says so.
    assert!(place.run(&place.script().await).await.is_err());

    let place = Place::sqlite();
    place.run(&place.script().await).await.unwrap();
    place.works().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tables_of_a_host_may_stand_in_the_same_file() {
    let place = Place::sqlite();
    place.run("CREATE TABLE entry (a TEXT); CREATE TABLE migration (b TEXT)").await.unwrap();
    place.open().await.unwrap().close().await;
    place.works().await;
    place.run("INSERT INTO entry VALUES ('theirs')").await.unwrap();
    let Place::Sqlite(path) = &place else { unreachable!() };
    let bank = Bank::open(sqlite_at(path).await.unwrap()).await.unwrap();
    assert_eq!(is_sound(&bank).await.transactions.len(), 1);
}
