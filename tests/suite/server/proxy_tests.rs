//! The proxy cuts where it says, shown with `psql` and with messages made by hand.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::OnceLock;
use std::time::Duration;

use super::process::within;
use super::{Kind, Mode, Options, Proxy, Server};

const TABLE: &str = "CREATE TABLE notes (words text)";
const COUNT: &str = "SELECT count(*) FROM notes";

/// A table, and a proxy before its server.
fn with_proxy() -> (&'static Server, String, Proxy, String) {
    let server = Server::shared();
    let database = server.fresh_database();
    server.psql(&database, TABLE);
    let proxy = Proxy::start(server.address());
    let by_proxy = proxy.url(&database);
    (server, database, proxy, by_proxy)
}

const WRITE: &[&str] = &["BEGIN", "INSERT INTO notes VALUES ('a')", "COMMIT", COUNT];

#[test]
fn a_proxy_passes() {
    let (server, database, proxy, by_proxy) = with_proxy();
    assert_eq!(server.try_psql(&by_proxy, WRITE).unwrap(), "1");
    let large = "SELECT length(string_agg(md5(i::text), '')) FROM generate_series(1, 50000) i";
    assert_eq!(server.psql(&by_proxy, large), "1600000");
    let rows = server.psql(&by_proxy, "SELECT repeat('x', 1000000) FROM generate_series(1, 3)");
    assert_eq!(rows.len(), 3_000_002);
    let words = "y".repeat(100_000);
    server.psql(&by_proxy, &format!("INSERT INTO notes VALUES ('{words}; COMMIT;')"));
    assert_eq!(server.psql(&database, COUNT), "2");
    assert_eq!((proxy.cuts(), proxy.mode()), (0, Mode::Pass));
}

#[test]
fn a_proxy_cuts_all_until_it_passes() {
    let (server, _database, proxy, by_proxy) = with_proxy();
    std::thread::scope(|scope| {
        let busy = scope.spawn(|| server.try_psql(&by_proxy, &["SELECT pg_sleep(60)"]));
        let active = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'";
        assert!(within(Duration::from_secs(10), || server.psql("postgres", active) == "1"));
        proxy.set(Mode::CutNow);
        assert!(busy.join().unwrap().is_err());
    });
    assert_eq!(proxy.cuts(), 1);
    assert!(server.try_psql(&by_proxy, &[COUNT]).is_err());
    proxy.set(Mode::Pass);
    assert_eq!(server.psql(&by_proxy, COUNT), "0");
}

#[test]
fn a_commit_that_is_cut_before_is_not_carried_out() {
    let (server, database, proxy, by_proxy) = with_proxy();
    proxy.set(Mode::CutBeforeCommit);
    assert_eq!(server.try_psql(&by_proxy, &[COUNT, "BEGIN", "ROLLBACK"]).unwrap(), "0");
    assert_eq!(proxy.cuts(), 0, "no commit came by");
    let said = server.try_psql(&by_proxy, WRITE).unwrap_err();
    assert!(said.contains("server closed the connection"), "{said}");
    assert_eq!((proxy.cuts(), proxy.mode()), (1, Mode::Pass));
    assert_eq!(server.psql(&database, COUNT), "0");
    assert_eq!(server.try_psql(&by_proxy, WRITE).unwrap(), "1", "it cuts once");
    proxy.set(Mode::CutBeforeCommit);
    let text = "INSERT INTO notes VALUES ('b'); COMMIT";
    assert!(server.try_psql(&by_proxy, &["BEGIN", text]).is_err());
    assert_eq!(server.psql(&database, COUNT), "1");
}

#[test]
fn a_commit_that_is_cut_after_is_carried_out() {
    let (server, database, proxy, by_proxy) = with_proxy();
    proxy.set(Mode::CutAfterCommit);
    let failed = ["BEGIN", "DO 'nonsense'", "COMMIT"];
    assert!(!server.try_psql(&by_proxy, &failed).unwrap_err().contains("closed the connection"));
    assert_eq!(proxy.cuts(), 0, "nothing was committed");
    let said = server.try_psql(&by_proxy, WRITE).unwrap_err();
    assert!(said.contains("server closed the connection"), "{said}");
    assert_eq!((proxy.cuts(), proxy.mode()), (1, Mode::Pass));
    assert_eq!(server.psql(&database, COUNT), "1");
    assert_eq!(server.try_psql(&by_proxy, WRITE).unwrap(), "2", "it cuts once");
}

/// The extended protocol: statements are parsed, bound and executed by messages of their own.
#[test]
fn commits_of_the_extended_protocol_are_cut() {
    let server = trusting();
    let (database, proxy) = (server.fresh_database(), Proxy::start(server.address()));
    server.psql(&database, TABLE);
    let name = database.rsplit('/').next().unwrap();
    let begun = [execute("", "BEGIN"), execute("", "INSERT INTO notes VALUES ('a')")].concat();
    let commit = |name: &str| execute(name, "COMMIT");
    let found = |said: &[u8]| ["BEGIN\0", "INSERT 0 1\0", "COMMIT\0"].map(|tag| holds(said, tag));
    let counts = || (proxy.cuts(), server.psql(&database, COUNT));

    let mut session = Session::open(&proxy.url(&database), name, 1);
    let said = session.ask(&[&begun[..], &commit("one")].concat());
    assert_eq!((found(&said), session.ended), ([true, true, true], false));
    assert_eq!(counts(), (0, "1".to_owned()));
    // This COMMIT was parsed before; only the name of it comes by now.
    proxy.set(Mode::CutBeforeCommit);
    let said = session.ask(&[&begun[..], &bound("one")].concat());
    assert_eq!((found(&said)[2], session.ended), (false, true));
    assert_eq!(counts(), (1, "1".to_owned()));

    proxy.set(Mode::CutBeforeCommit);
    let mut session = Session::open(&proxy.url(&database), name, 1 << 20);
    assert_eq!(found(&session.ask(&begun)), [true, true, false]);
    let said = session.ask(&commit(""));
    assert_eq!((said.len(), session.ended), (0, true));
    assert_eq!(counts(), (2, "1".to_owned()));

    proxy.set(Mode::CutAfterCommit);
    let mut session = Session::open(&proxy.url(&database), name, 3);
    // What follows the commit in one go is carried out and kept from the client as well.
    let more = execute("", "VALUES ('more')");
    let said = session.ask(&[&begun[..], &commit(""), &more].concat());
    assert_eq!((found(&said), session.ended), ([true, true, false], true));
    assert!(!holds(&said, "more"));
    assert_eq!(counts(), (3, "2".to_owned()));
}

/// A server that asks for no password.
fn trusting() -> &'static Server {
    static OWN: OnceLock<Server> = OnceLock::new();
    match &Server::shared().kind {
        Kind::Own(_) => Server::shared(),
        Kind::Foreign(_) => OWN.get_or_init(|| Server::start(Options::default())),
    }
}

/// A client that says what it is told to, in pieces of so many bytes.
struct Session {
    stream: TcpStream,
    size: usize,
    ended: bool,
}

impl Session {
    fn open(url: &str, database: &str, size: usize) -> Self {
        let stream = TcpStream::connect(super::url::address(url)).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut session = Self { stream, size, ended: false };
        session.write(&message(b"", &[0x04, 0xd2, 0x16, 0x2f]));
        let mut answer = [0];
        session.stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"N", "it does not encrypt");
        let who = format!("user\0postgres\0database\0{database}\0\0");
        session.write(&message(b"", &[&[0, 3, 0, 0], who.as_bytes()].concat()));
        session.answers();
        assert!(!session.ended);
        session
    }

    /// Says these and a Sync; what came until the server was ready again, or closed.
    fn ask(&mut self, messages: &[u8]) -> Vec<u8> {
        self.write(&[messages, &message(b"S", b"")].concat());
        self.answers()
    }

    fn write(&mut self, bytes: &[u8]) {
        for piece in bytes.chunks(self.size) {
            // It may be closed before all is said; what comes back tells.
            let _ = self.stream.write_all(piece);
        }
    }

    fn answers(&mut self) -> Vec<u8> {
        let mut all = Vec::new();
        loop {
            let mut head = [0; 5];
            if self.stream.read_exact(&mut head).is_err() {
                self.ended = true;
                return all;
            }
            let length = u32::from_be_bytes(head[1..].try_into().unwrap()) as usize;
            let mut body = vec![0; length - 4];
            self.stream.read_exact(&mut body).unwrap();
            all.extend(body);
            if head[0] == b'Z' {
                return all;
            }
        }
    }
}

fn message(kind: &[u8], body: &[u8]) -> Vec<u8> {
    [kind, &(body.len() as u32 + 4).to_be_bytes(), body].concat()
}

/// Parse, Bind, Execute.
fn execute(name: &str, sql: &str) -> Vec<u8> {
    [message(b"P", format!("{name}\0{sql}\0\0\0").as_bytes()), bound(name)].concat()
}

/// Bind and Execute of what was parsed before.
fn bound(name: &str) -> Vec<u8> {
    let bind = message(b"B", format!("\0{name}\0\0\0\0\0\0\0").as_bytes());
    [bind, message(b"E", b"\0\0\0\0\0")].concat()
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}
