//! Processes of our own: this test binary, run again for one entry.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::books::Place;
use super::script::{CALLERS, Request};

/// What a child is for; without it the entry of a child returns at once.
const VARIABLE: &str = "COREBANK_CHILD";

/// No child outlives this, should its parent forget it.
const LIFE: Duration = Duration::from_secs(60);

/// What a child does.
#[derive(Debug, Clone)]
pub(super) enum Task {
    /// Asks for the requests of a life, so many turns for each caller, and prints each one
    /// that was answered.
    Ask { life: u64, turns: u64, group_commit: bool },
    /// Opens the books, and so migrates them.
    Open,
}

/// A child that runs, and what it said so far.
pub(super) struct Offspring {
    child: Child,
    first: Receiver<()>,
    said: Option<JoinHandle<Vec<String>>>,
}

impl Offspring {
    pub(super) fn start(place: &Place, task: &Task) -> Self {
        let task = match task {
            Task::Ask { life, turns, group_commit } => format!("ask {life} {turns} {group_commit}"),
            Task::Open => "open".to_owned(),
        };
        let mut command = Command::new(std::env::current_exe().expect("this binary has a path"));
        command.args(["sql::faults::child", "--exact", "--nocapture"]);
        command.env(VARIABLE, format!("{task};{}", place.words()));
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("this binary starts again");
        let lines = BufReader::new(child.stdout.take().expect("a pipe"));
        let (tell, first) = channel();
        let said = std::thread::spawn(move || {
            let mut said = Vec::new();
            // A line that was cut off by the end of the process is none.
            for line in lines.split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line).into_owned();
                if let Some(at) = line.find('@') {
                    said.push(line[at + 1..].to_owned());
                    let _ = tell.send(());
                }
            }
            said
        });
        Self { child, first, said: Some(said) }
    }

    /// Waits until it has said something.
    pub(super) fn wait_for_a_word(&self) {
        self.first.recv_timeout(LIFE).expect("the child says nothing");
    }

    /// Ends it with SIGKILL; what it had said.
    pub(super) fn kill(mut self) -> Vec<String> {
        self.child.kill().expect("it is ours");
        self.child.wait().expect("it is ours");
        self.said.take().map(|said| said.join().expect("it reads")).unwrap_or_default()
    }

    /// Waits until it ends by itself, in order; what it said.
    pub(super) fn finish(mut self) -> Vec<String> {
        let said = self.said.take().map(|said| said.join().expect("it reads"));
        let status = self.child.wait().expect("it is ours");
        assert!(status.success(), "the child failed");
        said.unwrap_or_default()
    }
}

impl Drop for Offspring {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What children say of requests: those that were answered.
pub(super) fn answered(said: &[String]) -> Vec<Request> {
    let read = |line: &String| {
        let mut words = line.split(' ').filter(|word| !word.is_empty());
        let word = words.next()?;
        assert!(word != "bad", "the child had an error that the fault does not explain: {line}");
        let mut numbers = words.map(|word| word.parse().expect("a number"));
        let mut next = || numbers.next();
        (word == "did").then_some(())?;
        Some(Request { life: next()?, caller: next()?, turn: next()? })
    };
    said.iter().filter_map(read).collect()
}

/// The entry of a child.
pub(super) fn live() {
    let Ok(words) = std::env::var(VARIABLE) else { return };
    let (task, place) = words.split_once(';').expect("a task and a place");
    let place = Place::from_words(place);
    let words: Vec<&str> = task.split(' ').collect();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    match words.as_slice() {
        ["open"] => {
            say("opening");
            let opened = runtime.block_on(place.open());
            say(&opened.map_or_else(|error| format!("bad {error}"), |_| "opened".to_owned()));
        }
        ["ask", life, turns, group_commit] => {
            let number = |word: &str| word.parse().expect("a number");
            let whole = *group_commit == "true";
            runtime.block_on(ask(&place, number(life), number(turns), whole));
        }
        _ => panic!("no such task"),
    }
}

async fn ask(place: &Place, life: u64, turns: u64, group_commit: bool) {
    let end = Instant::now() + LIFE;
    let books = place.open_as(group_commit).await.expect("the books open");
    say("ready");
    let caller = |caller| {
        let bank = books.bank.clone();
        tokio::spawn(async move {
            let mut request = Request { life, caller, turn: 0 };
            while request.turn < turns && Instant::now() < end {
                match request.ask(&bank).await {
                    Ok(()) => say(&format!("did {life} {caller} {}", request.turn)),
                    Err(error) => {
                        return say(&format!("bad {request:?} {}: {error:?}", error.code()));
                    }
                }
                request = request.next();
            }
        })
    };
    let callers: Vec<_> = (0..CALLERS).map(caller).collect();
    for caller in callers {
        caller.await.expect("a caller ends");
    }
}

/// A line in one write, so that a parent gets all of it or nothing. A parent that is gone ends us.
fn say(words: &str) {
    let mut out = std::io::stdout().lock();
    let said = out.write_all(format!("@{words}\n").as_bytes());
    if said.and_then(|()| out.flush()).is_err() {
        std::process::exit(1);
    }
}
