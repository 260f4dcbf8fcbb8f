//! The harness does what tests rely on.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::process::{self, within};
use super::{Options, Server, find};

const TABLE: &str = "CREATE TABLE notes (words text)";
const COUNT: &str = "SELECT count(*) FROM notes";

#[test]
fn databases_are_fresh() {
    let server = Server::shared();
    let (one, two) = (server.fresh_database(), server.fresh_database());
    assert_ne!(one, two);
    server.psql(&one, TABLE);
    assert_eq!(server.psql(&one, COUNT), "0");
    let said = server.try_psql(&two, &[COUNT]).unwrap_err();
    assert!(said.contains("does not exist"), "{said}");
    server.psql(&two, TABLE);
}

fn settings(server: &Server) -> String {
    let names = [
        "fsync",
        "full_page_writes",
        "synchronous_commit",
        "max_connections",
        "shared_buffers",
        "log_min_messages",
        "work_mem",
    ];
    names.map(|name| server.psql("postgres", &format!("SHOW {name}"))).join(" ")
}

#[test]
fn what_was_committed_outlives_a_crash() {
    let server = Server::start(Options { durable: true, settings: &[("work_mem", "1234kB")] });
    assert_eq!(settings(&server), "on on on 200 256MB fatal 1234kB");
    let database = server.fresh_database();
    server.psql(&database, TABLE);
    server.psql(&database, "INSERT INTO notes VALUES ('kept')");
    let before = server.own().processes();
    assert!(before.len() > 4, "a watchdog, a postmaster and children: {before:?}");
    // A session that is at work when the crash comes; it holds what it did not commit.
    let busy = std::thread::scope(|scope| {
        let long = "BEGIN; INSERT INTO notes VALUES ('lost'); SELECT pg_sleep(60)";
        let busy = scope.spawn(|| server.try_psql(&database, &[long]));
        let active = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)' \
                      AND wait_event = 'PgSleep'";
        let begun = || server.psql("postgres", active) == "1";
        assert!(within(Duration::from_secs(10), begun), "the session did not begin");
        server.kill_postmaster();
        busy.join().unwrap()
    });
    assert!(busy.is_err(), "its connection is gone");
    assert_eq!(process::alive(&before).len(), 1, "only the watchdog is left");
    assert!(server.try_psql(&database, &[COUNT]).is_err());
    server.start_again();
    assert_eq!(server.psql(&database, "SELECT words FROM notes"), "kept");
    server.stop();
    assert!(server.try_psql(&database, &[COUNT]).is_err());
    server.start_again();
    server.start_again();
    assert_eq!(server.psql(&database, COUNT), "1");
    let directory = server.own().directory().to_owned();
    assert!(server.data_dir().starts_with(&directory) && server.data_dir().is_dir());
    let all = server.own().processes();
    drop(server);
    assert!(!directory.exists());
    assert_eq!(process::alive(&all), Vec::<u32>::new());
}

#[test]
fn a_killed_server_that_is_dropped_leaves_nothing() {
    let server = Server::start(Options::default());
    assert_eq!(settings(&server), "off off on 200 256MB fatal 4MB");
    let directory = server.own().directory().to_owned();
    let file = std::fs::read_to_string(server.data_dir().join("postmaster.pid")).unwrap();
    let memory = file.lines().nth(6).unwrap().split_whitespace().last().unwrap().to_owned();
    let held = |id: &str| {
        let text = std::fs::read_to_string("/proc/sysvipc/shm").unwrap_or_default();
        text.lines().any(|line| line.split_whitespace().nth(1) == Some(id))
    };
    assert!(held(&memory) || !Path::new("/proc/sysvipc/shm").exists());
    counts_processor_time(&server);
    server.kill_postmaster();
    drop(server);
    assert!(!directory.exists());
    assert!(!held(&memory), "a segment of shared memory stays");
}

/// Of a session that ended as well.
fn counts_processor_time(server: &Server) {
    if !Path::new("/proc/self/stat").exists() {
        assert!(server.cpu_seconds().abs() < f64::EPSILON);
        return;
    }
    let before = server.cpu_seconds();
    server.psql("postgres", "SELECT count(*) FROM generate_series(1, 2000000)");
    let ended = "SELECT count(*) = 1 FROM pg_stat_activity WHERE backend_type = 'client backend'";
    assert!(within(Duration::from_secs(10), || server.psql("postgres", ended) == "t"));
    let used = server.cpu_seconds() - before;
    assert!((0.05..20.0).contains(&used), "{used} s");
}

/// The server that a killed test leaves behind: this test runs itself once more, as a child that
/// starts a server and waits to be killed together with all of its process group.
#[test]
fn a_killed_test_leaves_nothing() {
    const ROLE: &str = "COREBANK_TEST_IS_TO_BE_KILLED";
    const MARK: &str = "started ";
    if std::env::var_os(ROLE).is_some() {
        let server = Server::start(Options::default());
        let all: Vec<String> = server.own().processes().iter().map(u32::to_string).collect();
        println!("\n{MARK}{} {}", server.own().directory().display(), all.join(" "));
        std::thread::sleep(Duration::from_secs(60));
        return;
    }
    let (_, module) = module_path!().split_once("::").unwrap();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([&format!("{module}::a_killed_test_leaves_nothing"), "--exact", "--nocapture"])
        .env(ROLE, "1")
        .process_group(0)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let line = lines.find_map(|line| line.strip_prefix(MARK).map(str::to_owned)).unwrap();
    let mut words = line.split(' ');
    let directory = PathBuf::from(words.next().unwrap());
    let all: Vec<u32> = words.map(|word| word.parse().unwrap()).collect();
    assert!(directory.is_dir());
    assert_eq!(process::alive(&all).len(), all.len());
    assert!(all.len() > 4, "a watchdog, a postmaster and children: {all:?}");
    let watchdog = all[0];
    for name in ["HUP", "INT", "TERM"] {
        process::signal(name, &[watchdog]);
    }
    let group = format!("kill -s INT -- -{0}; kill -s KILL -- -{0}", child.id());
    assert!(Command::new("sh").args(["-c", &group]).status().unwrap().success());
    child.wait().unwrap();
    let gone = || !directory.exists() && process::alive(&all).is_empty();
    assert!(
        within(Duration::from_secs(10), gone),
        "left: {directory:?}, {:?}",
        process::alive(&all)
    );
}

#[test]
fn a_foreign_server_stays_and_databases_on_it_go() {
    let server = Server::shared();
    let foreign = Server::foreign(server.url("postgres"));
    let (kept, made) = (server.fresh_database(), foreign.fresh_database());
    foreign.psql(&made, TABLE);
    assert!(foreign.cpu_seconds().abs() < f64::EPSILON);
    drop(foreign);
    assert!(server.try_psql(&made, &["SELECT 1"]).unwrap_err().contains("does not exist"));
    assert_eq!(server.psql(&kept, "SELECT 1"), "1");
}

#[test]
fn a_missing_server_is_a_failure_that_says_what_to_install() {
    let text = find::missing(find::SERVER);
    for word in [
        "initdb",
        "apt-get install postgresql",
        "postgresql-server",
        "brew install postgresql",
        "COREBANK_TEST_POSTGRES_URL",
    ] {
        assert!(text.contains(word), "{word}: {text}");
    }
    assert!(std::panic::catch_unwind(|| find::folder_of(&["no-such-program"])).is_err());
}

#[test]
fn the_highest_version_comes_first() {
    let parent = std::env::temp_dir().join(format!("corebank-versions-{}", std::process::id()));
    for (name, program) in [("9.6", "a"), ("15", "a"), ("16", "b"), ("8", "a"), ("other", "a")] {
        std::fs::create_dir_all(parent.join(name).join("bin")).unwrap();
        std::fs::write(parent.join(name).join("bin").join(program), "").unwrap();
    }
    let versions = find::versions(&parent, "");
    let names = ["16", "15", "9.6", "8"].map(|name| parent.join(name).join("bin"));
    assert_eq!(versions, names);
    assert_eq!(find::first_with(&versions, &["a"]), Some(names[1].clone()));
    assert_eq!(find::first_with(&versions, &["a", "b"]), None);
    std::fs::remove_dir_all(parent).unwrap();
}

#[test]
fn users_are_looked_up() {
    let passwd = "root:x:0:0:root:/root:/bin/sh\nbroken\npostgres:x:101:104:,,,:/var:/bin/bash\n";
    let user = find::user(passwd, "postgres").unwrap();
    assert_eq!((user.uid, user.gid), (101, 104));
    assert!(find::user(passwd, "postgre").is_none());
}
