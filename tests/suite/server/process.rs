//! Processes: who runs, how much they used, signals, and a watchdog that outlives this process.

use std::fs;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

/// The unit of times in `/proc`, the same on every Linux of today.
const TICKS_A_SECOND: f64 = 100.0;

#[derive(Debug)]
pub struct Process {
    pub id: u32,
    pub parent: u32,
    /// `T` is stopped, `Z` is dead and not yet waited for.
    pub state: char,
    /// Processor time of its own, user and system.
    ticks: u64,
    /// Processor time of those it waited for.
    waited: u64,
}

/// All that run. Where there is no `/proc`, times are 0.
pub fn all() -> Vec<Process> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let read: Vec<Process> = names.filter_map(|name| one(name.parse().ok()?)).collect();
    if read.is_empty() { told_by_ps() } else { read }
}

fn one(id: u32) -> Option<Process> {
    let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name of the program stands in brackets and may hold anything.
    let fields: Vec<&str> = text[text.rfind(')')? + 1..].split_whitespace().collect();
    let ticks = |at: usize| fields.get(at)?.parse::<u64>().ok();
    Some(Process {
        id,
        parent: fields.get(1)?.parse().ok()?,
        state: fields.first()?.chars().next()?,
        ticks: ticks(11)? + ticks(12)?,
        waited: ticks(13)? + ticks(14)?,
    })
}

fn told_by_ps() -> Vec<Process> {
    let said = Command::new("ps").args(["-A", "-o", "pid=,ppid=,stat="]).output();
    let text = said.map(|said| String::from_utf8_lossy(&said.stdout).into_owned());
    let lines = text.unwrap_or_default();
    let read = |line: &str| {
        let mut fields = line.split_whitespace();
        let (id, parent) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        let state = fields.next()?.chars().next()?;
        Some(Process { id, parent, state, ticks: 0, waited: 0 })
    };
    lines.lines().filter_map(read).collect()
}

pub fn children_of(parent: u32) -> Vec<u32> {
    all().into_iter().filter(|process| process.parent == parent).map(|child| child.id).collect()
}

/// Those of them that still run.
pub fn alive(ids: &[u32]) -> Vec<u32> {
    let runs = |process: &Process| ids.contains(&process.id) && process.state != 'Z';
    all().into_iter().filter(runs).map(|process| process.id).collect()
}

pub fn is_stopped(id: u32) -> bool {
    all().iter().any(|process| process.id == id && process.state == 'T')
}

/// Processor time of a process and its children, those that ended included; 0 if unreadable.
pub fn cpu_seconds(parent: u32) -> f64 {
    let waited = || one(parent).map_or(0, |process| process.waited);
    let mut sum = 0;
    // A child that ends while we read is counted twice or not at all: then read again.
    for _ in 0..10 {
        let before = waited();
        let all = all();
        let own = |process: &&Process| process.id == parent || process.parent == parent;
        sum = all.iter().filter(own).map(|process| process.ticks + process.waited).sum();
        if waited() == before {
            break;
        }
    }
    sum as f64 / TICKS_A_SECOND
}

pub fn signal(name: &str, ids: &[u32]) {
    let ids = ids.iter().map(u32::to_string);
    let _ = Command::new("sh")
        .args(["-c", "kill -s \"$0\" \"$@\"", name])
        .args(ids)
        .stderr(Stdio::null())
        .status();
}

/// Waits until it holds, and says whether it came to hold in time.
pub fn within(limit: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while !holds() {
        if start.elapsed() > limit {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    true
}

/// A shell that does its work when it hears no more of us: also when we were killed, because the
/// kernel closes our end of the pipe. Its script finds the last line that was said in `$last` and
/// all lines in `$lines`.
#[derive(Debug)]
pub struct Watchdog {
    shell: Child,
    pipe: Option<ChildStdin>,
}

/// It has a process group of its own and ignores signals, so that what ends us, such as Ctrl-C,
/// does not end it first.
const LISTEN: &str = "trap '' HUP INT QUIT TERM
lines= last=
while read -r line; do last=$line lines=\"$lines $line\"; done
";

impl Watchdog {
    /// `command` runs as the wanted user with the wanted variables; this adds the rest.
    pub fn start(script: &str, mut shell: Command) -> Self {
        shell.args(["-c", &format!("{LISTEN}{script}")]).process_group(0).current_dir("/");
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut shell = shell.spawn().expect("sh starts");
        let pipe = shell.stdin.take();
        Self { shell, pipe }
    }

    pub fn id(&self) -> u32 {
        self.shell.id()
    }

    pub fn say(&mut self, line: &str) {
        if let Some(pipe) = &mut self.pipe {
            pipe.write_all(format!("{line}\n").as_bytes()).expect("the watchdog listens");
        }
    }

    /// Lets it do its work, and waits for the end of it.
    pub fn finish(&mut self) {
        drop(self.pipe.take());
        let _ = self.shell.wait();
    }
}
