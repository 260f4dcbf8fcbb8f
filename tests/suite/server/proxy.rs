//! A proxy before a PostgreSQL server, which cuts connections where it hurts.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use super::url;
use super::wire::{Answer, Client, Host, Malformed, Said};

/// What a proxy does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It hands on everything.
    Pass,
    /// It has closed all connections, and closes each new one, until it passes again.
    CutNow,
    /// The next COMMIT does not reach the server: both sides are closed. Then it passes.
    CutBeforeCommit,
    /// The next COMMIT is carried out, but the client never hears of it: both sides are closed
    /// once the server is done. Then it passes.
    CutAfterCommit,
}

/// A proxy on a free port of this machine. It ends when it is dropped.
///
/// It tells clients that the server does not encrypt, because it must read what they say.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    state: Arc<State>,
    accepts: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct State {
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    mode: Mode,
    cuts: u64,
    ended: bool,
    opened: u64,
    links: BTreeMap<u64, Link>,
}

/// A connection: its two sides, to be closed from anywhere.
#[derive(Debug)]
struct Link {
    client: TcpStream,
    server: TcpStream,
}

impl Link {
    fn close(&self) {
        // A side that is closed already is no fault.
        let _ = self.client.shutdown(Shutdown::Both);
        let _ = self.server.shutdown(Shutdown::Both);
    }
}

impl Proxy {
    /// A proxy that passes everything to `target`.
    pub fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let inner =
            Inner { mode: Mode::Pass, cuts: 0, ended: false, opened: 0, links: BTreeMap::new() };
        let state = Arc::new(State { inner: Mutex::new(inner) });
        let own = Arc::clone(&state);
        let accepts = thread::spawn(move || {
            for client in listener.incoming() {
                if own.lock().ended {
                    return;
                }
                if let Ok(client) = client {
                    own.open(client, target);
                }
            }
        });
        Self { address, state, accepts: Some(accepts) }
    }

    /// The same URL by way of this proxy.
    pub fn url(&self, original: &str) -> String {
        url::with_address(original, self.address)
    }

    /// From now on.
    pub fn set(&self, mode: Mode) {
        let mut inner = self.state.lock();
        inner.mode = mode;
        if mode == Mode::CutNow {
            inner.cuts += inner.links.len() as u64;
            inner.close_all();
        }
    }

    /// What it does now: `Pass` again, once a commit was cut.
    pub fn mode(&self) -> Mode {
        self.state.lock().mode
    }

    /// How many connections it has cut.
    pub fn cuts(&self) -> u64 {
        self.state.lock().cuts
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let mut inner = self.state.lock();
        inner.ended = true;
        inner.close_all();
        drop(inner);
        // It waits for a client; it gets one.
        let woken = TcpStream::connect(self.address).is_ok();
        if let Some(accepts) = self.accepts.take().filter(|_| woken) {
            let _ = accepts.join();
        }
    }
}

impl Inner {
    fn close_all(&mut self) {
        for link in std::mem::take(&mut self.links).into_values() {
            link.close();
        }
    }
}

impl State {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Connects a client to the server. What fails here closes the client.
    fn open(self: &Arc<Self>, client: TcpStream, target: SocketAddr) {
        let Ok(server) = TcpStream::connect(target) else { return };
        let _ = client.set_nodelay(true);
        let _ = server.set_nodelay(true);
        let (Ok(from_client), Ok(to_client)) = (client.try_clone(), client.try_clone()) else {
            return;
        };
        let (Ok(from_server), Ok(to_server)) = (server.try_clone(), server.try_clone()) else {
            return;
        };
        let mut inner = self.lock();
        if inner.ended || inner.mode == Mode::CutNow {
            return;
        }
        inner.opened += 1;
        let id = inner.opened;
        inner.links.insert(id, Link { client, server });
        drop(inner);
        let (one, two) = (Arc::clone(self), Arc::clone(self));
        let answers = to_client.try_clone();
        thread::spawn(move || {
            if let Ok(answers) = answers {
                carry(
                    from_client,
                    to_server,
                    Upward { heard: Client::default(), answers, state: &one },
                );
            }
            one.close(id);
        });
        thread::spawn(move || {
            carry(
                from_server,
                to_client,
                Downward { heard: Host::default(), committed: false, state: &two },
            );
            two.close(id);
        });
    }

    fn close(&self, id: u64) {
        if let Some(link) = self.lock().links.remove(&id) {
            link.close();
        }
    }

    /// Whether this is the commit to cut. Only one is.
    fn fires(&self, mode: Mode) -> bool {
        let mut inner = self.lock();
        let fires = inner.mode == mode;
        if fires {
            inner.mode = Mode::Pass;
            inner.cuts += 1;
        }
        fires
    }
}

/// One direction of a connection.
trait Direction {
    /// Hears a piece, adds what is to be handed on, and says whether to go on.
    fn hand_on(&mut self, piece: &[u8], out: &mut Vec<u8>) -> Result<bool, Malformed>;
}

fn carry(mut from: TcpStream, mut to: TcpStream, mut direction: impl Direction) {
    let mut piece = vec![0; 1 << 16];
    let mut out = Vec::new();
    while let Ok(length @ 1..) = from.read(&mut piece) {
        let goes_on = direction.hand_on(&piece[..length], &mut out);
        if to.write_all(&out).is_err() || !goes_on.unwrap_or(false) {
            return;
        }
        out.clear();
    }
}

struct Upward<'a> {
    heard: Client,
    /// To the client.
    answers: TcpStream,
    state: &'a State,
}

impl Direction for Upward<'_> {
    fn hand_on(&mut self, piece: &[u8], out: &mut Vec<u8>) -> Result<bool, Malformed> {
        self.heard.hear(piece);
        while let Some(said) = self.heard.next()? {
            match said {
                Said::AsksToEncrypt if self.answers.write_all(b"N").is_err() => return Ok(false),
                Said::AsksToEncrypt => {}
                Said::Commit(_) if self.state.fires(Mode::CutBeforeCommit) => return Ok(false),
                Said::Commit(message) | Said::Else(message) => out.extend(message),
            }
        }
        Ok(true)
    }
}

struct Downward<'a> {
    heard: Host,
    /// The commit to keep from the client was carried out.
    committed: bool,
    state: &'a State,
}

impl Direction for Downward<'_> {
    fn hand_on(&mut self, piece: &[u8], out: &mut Vec<u8>) -> Result<bool, Malformed> {
        self.heard.hear(piece);
        while let Some(answer) = self.heard.next()? {
            match answer {
                Answer::Ready(_) if self.committed => return Ok(false),
                Answer::Committed(_) if self.state.fires(Mode::CutAfterCommit) => {
                    self.committed = true;
                }
                _ if self.committed => {}
                Answer::Committed(message) | Answer::Ready(message) | Answer::Else(message) => {
                    out.extend(message);
                }
            }
        }
        Ok(true)
    }
}
