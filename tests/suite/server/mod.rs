//! A PostgreSQL server for tests. A server that is missing is a failure of the test, never a skip.
//!
//! Servers and their data directories vanish with the process that started them, however it ends.

mod cluster;
mod find;
mod place;
mod process;
mod proxy;
#[cfg(test)]
mod proxy_tests;
#[cfg(test)]
mod tests;
mod url;
mod wire;

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::SystemTime;

use cluster::Cluster;
use process::Watchdog;
pub use proxy::{Mode, Proxy};

/// What a server is started for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Whether what was committed outlives a crash; without it the server is faster.
    pub durable: bool,
    /// More settings, as they stand in `postgresql.conf`.
    pub settings: &'static [(&'static str, &'static str)],
}

/// A server that accepts connections.
#[derive(Debug)]
pub struct Server {
    /// Of the database that administers it.
    url: String,
    psql: PathBuf,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Own(Cluster),
    /// The watchdog drops the databases that were made.
    Foreign(Mutex<Watchdog>),
}

/// What a watchdog does with databases on a server that stays.
const DROP_ALL: &str = r#"
for database in $lines; do
    "$PSQL" -X -q -w -d "$URL" -c "DROP DATABASE IF EXISTS $database WITH (FORCE)" ||
        "$PSQL" -X -q -w -d "$URL" -c "DROP DATABASE IF EXISTS $database"
done
"#;

impl Server {
    /// The server that all tests share: fast, and what it committed is lost if it crashes. It is
    /// the one of `COREBANK_TEST_POSTGRES_URL`, if that is set.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Server> = OnceLock::new();
        SHARED.get_or_init(|| match std::env::var(find::URL_VARIABLE) {
            Ok(url) if !url.is_empty() => Self::foreign(url),
            _ => Self::start(Options::default()),
        })
    }

    /// A server of one's own, which a test may kill. It ends when it is dropped.
    pub fn start(options: Options) -> Self {
        let cluster = Cluster::start(&options);
        let psql = find::folder_of(find::SERVER).join("psql");
        Self { url: cluster.url(), psql, kind: Kind::Own(cluster) }
    }

    /// A server that runs already. It stays, the databases made on it do not.
    pub fn foreign(url: String) -> Self {
        let psql = find::folder_of(find::CLIENT).join("psql");
        let mut shell = Command::new("sh");
        shell.env("PSQL", &psql).env("URL", &url);
        let watchdog = Watchdog::start(DROP_ALL, shell);
        Self { url, psql, kind: Kind::Foreign(Mutex::new(watchdog)) }
    }

    /// Makes an empty database, and returns its URL.
    pub fn fresh_database(&self) -> String {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let (process, number) = (std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let name = format!("corebank_{process}_{}_{number}", since.as_micros());
        if let Kind::Foreign(watchdog) = &self.kind {
            watchdog.lock().unwrap().say(&name);
        }
        // Nobody can be connected to this template; whoever was would be in the way.
        let create = format!("CREATE DATABASE {name} TEMPLATE template0 {}", self.strategy());
        self.run(&self.url, &[&create]).unwrap_or_else(|said| panic!("{create}: {said}"));
        self.url(&name)
    }

    /// The URL of one of its databases.
    pub fn url(&self, database: &str) -> String {
        url::with_database(&self.url, database)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        url::address(&self.url)
    }

    /// What `psql` prints for a statement: rows as lines, columns parted by `|`, no headings. The
    /// database is a name or a URL.
    ///
    /// # Panics
    ///
    /// If the statement fails.
    pub fn psql(&self, database: &str, sql: &str) -> String {
        self.try_psql(database, &[sql]).unwrap_or_else(|said| panic!("{sql}: {said}"))
    }

    /// As [`Self::psql`], for statements one after the other on one connection; the error is what
    /// `psql` said about the first that failed.
    pub fn try_psql(&self, database: &str, statements: &[&str]) -> Result<String, String> {
        if database.contains("://") {
            self.run(database, statements)
        } else {
            self.run(&self.url(database), statements)
        }
    }

    /// Kills all processes of the server at once, as a crash of the machine would but for what the
    /// kernel holds.
    pub fn kill_postmaster(&self) {
        self.own().kill();
    }

    /// Stops it in order, as an operator would.
    pub fn stop(&self) {
        self.own().stop();
    }

    /// Starts it again at its old address, and waits until it accepts connections.
    pub fn start_again(&self) {
        self.own().start_again();
    }

    /// Processor time of the server since it was last started, user and system, of all its
    /// processes, ended ones included. 0 where it cannot be read, and for a foreign server.
    pub fn cpu_seconds(&self) -> f64 {
        match &self.kind {
            Kind::Own(cluster) => cluster.cpu_seconds(),
            Kind::Foreign(_) => 0.0,
        }
    }

    /// Its data directory.
    pub fn data_dir(&self) -> PathBuf {
        self.own().data()
    }

    /// How to copy a template. Version 15 brought a way that spares checkpoints and takes twice as
    /// long as the old one on a server that does not wait for its disk.
    fn strategy(&self) -> &'static str {
        let Kind::Own(cluster) = &self.kind else { return "" };
        let version = fs::read_to_string(cluster.data().join("PG_VERSION")).unwrap_or_default();
        let knows = version.trim().parse().is_ok_and(|version: u32| version >= 15);
        if knows && !cluster.is_durable() { "STRATEGY file_copy" } else { "" }
    }

    fn own(&self) -> &Cluster {
        match &self.kind {
            Kind::Own(cluster) => cluster,
            Kind::Foreign(_) => {
                panic!("this server is not ours: use Server::start for such a test")
            }
        }
    }

    fn run(&self, url: &str, statements: &[&str]) -> Result<String, String> {
        let mut psql = Command::new(&self.psql);
        if matches!(self.kind, Kind::Own(_)) {
            quiet(&mut psql);
        }
        psql.args(["-X", "-q", "-t", "-A", "-w", "-v", "ON_ERROR_STOP=1", "-d", url]);
        psql.args(statements.iter().flat_map(|statement| ["-c", statement]));
        let said = psql.stdin(Stdio::null()).output().expect("psql starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end().to_owned();
        if said.status.success() { Ok(text(&said.stdout)) } else { Err(text(&said.stderr)) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Kind::Foreign(watchdog) = &mut self.kind {
            watchdog.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner).finish();
        }
    }
}

/// Takes away what the environment may tell PostgreSQL and its clients.
fn quiet(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("PG")) {
            command.env_remove(&name);
        }
    }
    command.env("LC_ALL", "C");
}
