//! No room left: nothing stands half written, and with room again the same request goes through.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use corebank::bank::{Bank, Error};
use corebank::ledger::Batch;
use sqlx::AssertSqlSafe;

use super::books::{Place, clerk, id, is_sound, pay, sqlite_at};
use crate::server::{Options, Server};
use crate::sql::places;

/// A file system in memory, small. It goes with this process.
struct Small {
    folder: PathBuf,
    watchdog: Child,
}

impl Small {
    /// `None`, loudly, where we may not mount.
    fn mount(size: &str, owner: &Path) -> Option<Self> {
        let folder = places::directory().join(format!("small-{}", places::fresh_number()));
        std::fs::create_dir_all(&folder).unwrap();
        let owner = std::fs::metadata(owner).unwrap();
        let with = format!("size={size},mode=700,uid={},gid={}", owner.uid(), owner.gid());
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &with, "tmpfs"]).arg(&folder).stderr(Stdio::null());
        if !mount.status().is_ok_and(|status| status.success()) {
            println!("SKIPPED: no full disk was tried, because only root may mount one");
            return None;
        }
        // Whatever ends us closes its pipe.
        let script = "trap '' HUP INT QUIT TERM; read -r line; umount -l \"$0\"; rmdir \"$0\"";
        let mut shell = Command::new("sh");
        shell.args(["-c", script]).arg(&folder).stdin(Stdio::piped());
        let watchdog = shell.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        Some(Self { folder, watchdog })
    }

    fn grow(&self, size: &str) {
        let with = format!("remount,size={size}");
        let status = Command::new("mount").args(["-o", &with]).arg(&self.folder).status();
        assert!(status.is_ok_and(|status| status.success()));
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        let _ = self.watchdog.wait();
    }
}

/// Batches until one does not fit: its first number, and the error.
async fn fill_up(bank: &Bank) -> (u64, Error) {
    for first in (0..100_000).step_by(400) {
        match bank.post_many(clerk(), &batch(first)).await {
            Ok(outcomes) => assert!(outcomes.iter().all(Result::is_ok)),
            Err(error) => return (first, error),
        }
    }
    panic!("the disk does not fill up");
}

fn batch(first: u64) -> Batch {
    (first..first + 400).map(pay).collect()
}

/// It failed as it should, and left nothing.
async fn is_full(bank: &Bank, first: u64, error: &Error) {
    assert_eq!(error.code(), "unavailable", "{error:?}");
    assert!(error.is_transient() && !error.may_have_applied());
    assert!(error.to_string().contains("disk"), "{error}");
    assert!(first > 0, "not even the first batch had room");
    let told = is_sound(bank).await;
    assert_eq!(told.transactions.len() as u64, first, "half a batch stands there");
    assert!(!told.transactions.contains(&id(first)));
}

async fn goes_through(bank: &Bank, first: u64) {
    let outcomes = bank.post_many(clerk(), &batch(first)).await.unwrap();
    assert!(outcomes.iter().all(|outcome| outcome.as_ref().is_ok_and(|done| !done.is_replayed())));
    assert_eq!(is_sound(bank).await.transactions.len() as u64, first + 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_may_not_grow_takes_nothing_by_halves() {
    let place = Place::sqlite().filled().await;
    let Place::Sqlite(path) = &place else { unreachable!() };
    let store = sqlite_at(path).await.unwrap();
    let bank = Bank::open(store.clone()).await.unwrap();
    let most =
        |pages: u32| sqlx::raw_sql(AssertSqlSafe(format!("PRAGMA max_page_count = {pages}")));
    most(200).execute(store.writer()).await.unwrap();
    let (first, error) = fill_up(&bank).await;
    is_full(&bank, first, &error).await;
    most(1_000_000).execute(store.writer()).await.unwrap();
    goes_through(&bank, first).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_on_a_full_disk_takes_nothing_by_halves() {
    let Some(small) = Small::mount("1m", &places::directory()) else { return };
    let place = Place::Sqlite(small.folder.join("bank.sqlite")).filled().await;
    let books = place.open().await.unwrap();
    let (first, error) = fill_up(&books.bank).await;
    is_full(&books.bank, first, &error).await;
    small.grow("64m");
    goes_through(&books.bank, first).await;
    books.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_on_a_full_disk_takes_nothing_by_halves() {
    let server = Server::start(Options::default());
    let Some(small) = Small::mount("16m", &server.data_dir()) else { return };
    let space = format!("CREATE TABLESPACE small LOCATION '{}'", small.folder.display());
    // Its folder must be reached by the server, whose user is another.
    server.psql("postgres", &space);
    server.psql("postgres", "CREATE DATABASE bank TABLESPACE small");
    let place = Place::postgres(&server.url("bank")).filled().await;
    let books = place.open().await.unwrap();
    let (first, error) = fill_up(&books.bank).await;
    is_full(&books.bank, first, &error).await;
    small.grow("256m");
    goes_through(&books.bank, first).await;
    books.close().await;
    server.stop();
}

/// Also where nobody may mount: the same code from a trigger.
#[tokio::test(flavor = "multi_thread")]
async fn the_code_of_a_full_disk_is_understood() {
    let place = Place::postgres(places::database()).filled().await;
    let full = "CREATE FUNCTION ~full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
        RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$; \
        CREATE TRIGGER full_up BEFORE INSERT ON ~entry EXECUTE FUNCTION ~full()";
    let books = place.open().await.unwrap();
    let _ = books.bank.post(clerk(), pay(400)).await.unwrap();
    place.run(full).await.unwrap();
    let error = books.bank.post_many(clerk(), &batch(0)).await.unwrap_err();
    assert_eq!(error.code(), "unavailable", "{error:?}");
    assert!(error.to_string().contains("disk"), "{error}");
    assert_eq!(is_sound(&books.bank).await.transactions.len(), 1);
    place.run("DROP TRIGGER full_up ON ~entry").await.unwrap();
    let outcomes = books.bank.post_many(clerk(), &batch(0)).await.unwrap();
    assert!(outcomes.iter().all(Result::is_ok));
    books.close().await;
}
