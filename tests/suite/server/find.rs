//! Where the programs of PostgreSQL are, and as whom they run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Set it to a `postgres://` URL to use a server that runs already.
pub const URL_VARIABLE: &str = "COREBANK_TEST_POSTGRES_URL";

/// What a server of our own needs.
pub const SERVER: &[&str] = &["initdb", "postgres", "pg_ctl", "psql"];

/// What a server that runs already needs.
pub const CLIENT: &[&str] = &["psql"];

/// The folder that holds these programs.
///
/// # Panics
///
/// If there is none: a server that is missing is a failure of the test, never a skip.
pub fn folder_of(programs: &[&str]) -> PathBuf {
    first_with(&candidates(), programs).unwrap_or_else(|| panic!("{}", missing(programs)))
}

pub fn first_with(folders: &[PathBuf], programs: &[&str]) -> Option<PathBuf> {
    let holds = |folder: &&PathBuf| programs.iter().all(|program| folder.join(program).is_file());
    folders.iter().find(holds).cloned()
}

pub fn missing(programs: &[&str]) -> String {
    format!(
        "PostgreSQL is missing: no folder holds all of {}. Install its server:\n\
         \x20   Debian, Ubuntu: apt-get install postgresql (or run .ci/postgres)\n\
         \x20   Fedora, RHEL:   dnf install postgresql-server\n\
         \x20   Homebrew:       brew install postgresql\n\
         or set {URL_VARIABLE}=postgres://user:password@host:port/database to a server that runs \
         already; tests that kill a server need an installed one all the same.",
        programs.join(", ")
    )
}

/// PATH, what `pg_config` says, then where packages put it, the highest version first.
fn candidates() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    if let Ok(said) = Command::new("pg_config").arg("--bindir").output() {
        folders.push(PathBuf::from(String::from_utf8_lossy(&said.stdout).trim()));
    }
    folders.extend(versions(Path::new("/usr/lib/postgresql"), ""));
    folders.extend(versions(Path::new("/usr"), "pgsql-"));
    folders.push(PathBuf::from("/usr/local/pgsql/bin"));
    for prefix in ["/opt/homebrew", "/usr/local"] {
        folders.push(Path::new(prefix).join("opt/postgresql/bin"));
        folders.extend(versions(&Path::new(prefix).join("opt"), "postgresql@"));
        folders.push(Path::new(prefix).join("bin"));
    }
    folders
}

/// The `bin` folders of `parent/prefixVERSION`, the highest version first.
pub fn versions(parent: &Path, prefix: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let mut found: Vec<(Vec<u32>, PathBuf)> = entries
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let numbers = name.strip_prefix(prefix)?.split('.').map(str::parse);
            Some((numbers.collect::<Result<_, _>>().ok()?, entry.path().join("bin")))
        })
        .collect();
    found.sort();
    found.into_iter().rev().map(|(_, folder)| folder).collect()
}

/// Whom the server runs as.
#[derive(Debug, Clone, Copy)]
pub struct User {
    pub uid: u32,
    pub gid: u32,
}

/// PostgreSQL refuses to run as root, so root steps down to one of these.
pub fn unprivileged() -> User {
    let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let found = ["postgres", "_postgres", "nobody"].iter().find_map(|name| user(&passwd, name));
    found.expect(
        "PostgreSQL refuses to run as root, and there is no user `postgres` to step down to",
    )
}

pub fn user(passwd: &str, name: &str) -> Option<User> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (found, _password) = (fields.next()?, fields.next()?);
        let (uid, gid) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        (found == name).then_some(User { uid, gid })
    })
}
