//! One PostgreSQL server of our own: a private data directory, its processes, its end.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use super::Options;
use super::find::{self, User};
use super::place;
use super::process::{self, Watchdog, within};

/// What a watchdog does at the end. `$last` says whether the server runs (`up`) or was killed or
/// stopped (`down`): the number of a dead process may belong to somebody else by now. Before the
/// first `up`, an `initdb` may still be at work; right after it, a server that has not yet written
/// its number. A server that was killed leaves a segment of shared memory, named by line 7.
const CLEAN_UP: &str = r#"
file=$DIRECTORY/data/postmaster.pid
if [ -z "$last" ]; then sleep 3; fi
if [ "$last" = up ] && ! [ -f "$file" ]; then sleep 1; fi
if [ "$last" = up ] && [ -f "$file" ]; then
    pid=$(sed -n 1p "$file")
    kill -s CONT "$pid"
    "$BIN/pg_ctl" stop -D "$DIRECTORY/data" -m immediate -w -t 6 || kill -s KILL "$pid"
fi
if [ -f "$file" ]; then
    memory=$(sed -n 7p "$file")
    ipcrm -m "${memory##* }"
fi
tries=0
while rm -rf "${DIRECTORY:?}"; [ -e "$DIRECTORY" ] && [ $tries -lt 50 ]; do
    tries=$((tries + 1))
    sleep 0.1
done
"#;

#[derive(Debug)]
pub struct Cluster {
    bin: PathBuf,
    directory: PathBuf,
    user: Option<User>,
    durable: bool,
    settings: Vec<String>,
    port: u16,
    running: Mutex<Running>,
}

#[derive(Debug)]
struct Running {
    postmaster: Option<Child>,
    watchdog: Watchdog,
}

impl Cluster {
    /// A new data directory with a server on it, on a free port.
    pub fn start(options: &Options) -> Self {
        let bin = find::folder_of(find::SERVER);
        let (directory, user) = place::private_directory(options.durable);
        let mut shell = place::command_of(user, Path::new("sh"));
        shell.env("DIRECTORY", &directory).env("BIN", &bin);
        let watchdog = Watchdog::start(CLEAN_UP, shell);
        let running = Mutex::new(Running { postmaster: None, watchdog });
        let settings = settings(options, &directory);
        let durable = options.durable;
        let mut cluster = Self { bin, directory, user, durable, settings, port: 0, running };
        cluster.initialise();
        let mut said = String::new();
        for _ in 0..10 {
            cluster.port = place::free_port();
            let started = cluster.run(&mut cluster.lock());
            match started {
                Ok(()) => return cluster,
                Err(log) => said = log,
            }
        }
        panic!("PostgreSQL does not start:\n{said}")
    }

    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    pub fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    pub fn is_durable(&self) -> bool {
        self.durable
    }

    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The numbers of the watchdog, of the postmaster if it runs, and of the children of that.
    pub fn processes(&self) -> Vec<u32> {
        let running = self.lock();
        let postmaster = running.postmaster.as_ref().map(Child::id);
        let children = postmaster.map(process::children_of).unwrap_or_default();
        [running.watchdog.id()].into_iter().chain(postmaster).chain(children).collect()
    }

    pub fn cpu_seconds(&self) -> f64 {
        self.lock().postmaster.as_ref().map_or(0.0, |child| process::cpu_seconds(child.id()))
    }

    /// Ends all processes of the server at once, as a crash would.
    pub fn kill(&self) {
        let mut running = self.lock();
        let Some(mut postmaster) = running.postmaster.take() else { return };
        let id = postmaster.id();
        // Stopped first, so that it starts no child while we count them.
        process::signal("STOP", &[id]);
        let stopped = || process::is_stopped(id) || process::alive(&[id]).is_empty();
        assert!(within(Duration::from_secs(10), stopped), "the postmaster ignores SIGSTOP");
        let mut doomed = process::children_of(id);
        doomed.push(id);
        process::signal("KILL", &doomed);
        let _ = postmaster.kill();
        postmaster.wait().expect("the postmaster is our child");
        running.watchdog.say("down");
        let gone = within(Duration::from_secs(10), || process::alive(&doomed).is_empty());
        assert!(gone, "processes of the server outlive SIGKILL");
    }

    /// An orderly end: sessions are ended, all is written.
    pub fn stop(&self) {
        let mut running = self.lock();
        let Some(mut postmaster) = running.postmaster.take() else { return };
        process::signal("INT", &[postmaster.id()]);
        let ended = || postmaster.try_wait().is_ok_and(|status| status.is_some());
        assert!(within(Duration::from_secs(60), ended), "PostgreSQL does not stop");
        running.watchdog.say("down");
    }

    /// Starts it at its old port, if it does not run, and waits until it accepts connections.
    pub fn start_again(&self) {
        let mut running = self.lock();
        let mut said = String::new();
        // Its port or its shared memory may be held for a moment by what ends just now.
        let started = running.postmaster.is_some()
            || within(Duration::from_secs(10), || match self.run(&mut running) {
                Ok(()) => true,
                Err(log) => {
                    said = log;
                    false
                }
            });
        assert!(started, "PostgreSQL does not start again:\n{said}");
    }

    fn lock(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn initialise(&self) {
        let mut initdb = self.command("initdb");
        initdb.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C"]);
        initdb.args(["--no-sync", "-D"]).arg(self.data());
        let said = initdb.stdin(Stdio::null()).output().expect("initdb starts");
        assert!(said.status.success(), "initdb: {}", String::from_utf8_lossy(&said.stderr));
    }

    /// Starts the server and waits until it accepts connections; else what it said.
    fn run(&self, running: &mut Running) -> Result<(), String> {
        let path = self.directory.join("log");
        let log = File::create(&path).expect("a log");
        let mut postgres = self.command("postgres");
        postgres.arg("-D").arg(self.data()).arg("-p").arg(self.port.to_string());
        postgres.args(self.settings.iter().flat_map(|setting| ["-c", setting]));
        postgres.process_group(0).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        running.watchdog.say("up");
        let mut child = postgres.spawn().expect("postgres starts");
        let (id, mut ended) = (child.id().to_string(), false);
        // The server notes its number and its state in this file, as `pg_ctl` also reads it.
        let settled = within(Duration::from_secs(120), || {
            ended = child.try_wait().is_ok_and(|status| status.is_some());
            let text = fs::read_to_string(self.data().join("postmaster.pid")).unwrap_or_default();
            let lines: Vec<&str> = text.lines().map(str::trim).collect();
            ended || lines.first() == Some(&id.as_str()) && lines.get(7) == Some(&"ready")
        });
        if settled && !ended {
            running.postmaster = Some(child);
            return Ok(());
        }
        process::signal("QUIT", &[child.id()]);
        let _ = child.wait();
        running.watchdog.say("down");
        Err(fs::read_to_string(path).unwrap_or_default())
    }

    fn command(&self, program: &str) -> Command {
        let mut command = place::command_of(self.user, &self.bin.join(program));
        command.current_dir(&self.directory);
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let running = self.running.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        running.watchdog.finish();
        if let Some(mut postmaster) = running.postmaster.take() {
            let ended = || postmaster.try_wait().is_ok_and(|status| status.is_some());
            if !within(Duration::from_secs(5), ended) {
                let _ = postmaster.kill();
                let _ = postmaster.wait();
            }
        }
    }
}

fn settings(options: &Options, directory: &Path) -> Vec<String> {
    let durable = if options.durable { "on" } else { "off" };
    let mut settings = vec![
        "listen_addresses=127.0.0.1".to_owned(),
        format!("unix_socket_directories={}", directory.display()),
        "max_connections=200".to_owned(),
        "shared_buffers=256MB".to_owned(),
        // In the data directory, so that a killed server leaves nothing in /dev/shm.
        "dynamic_shared_memory_type=mmap".to_owned(),
        "log_min_messages=fatal".to_owned(),
        format!("fsync={durable}"),
        format!("full_page_writes={durable}"),
        "synchronous_commit=on".to_owned(),
    ];
    settings.extend(options.settings.iter().map(|(name, value)| format!("{name}={value}")));
    settings
}
