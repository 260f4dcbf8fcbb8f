//! The parts of `postgres://user:password@host:port/database?parameters`.

use std::net::{SocketAddr, ToSocketAddrs};

struct Parts<'a> {
    /// Scheme, user and password, up to the host.
    before: &'a str,
    /// Host and port.
    host: &'a str,
    database: &'a str,
    /// From the question mark on.
    parameters: &'a str,
}

impl<'a> Parts<'a> {
    fn of(url: &'a str) -> Self {
        let scheme = url.find("://").unwrap_or_else(|| panic!("not a URL of a database")) + 3;
        let (all, parameters) = url.split_at(url.find('?').unwrap_or(url.len()));
        let slash = all[scheme..].find('/').map_or(all.len(), |at| scheme + at);
        let host = all[..slash].rfind('@').map_or(scheme, |at| at + 1);
        let database = all[slash..].trim_start_matches('/');
        Self { before: &all[..host], host: &all[host..slash], database, parameters }
    }
}

/// The same server and user, another database.
pub fn with_database(url: &str, database: &str) -> String {
    let parts = Parts::of(url);
    format!("{}{}/{database}{}", parts.before, parts.host, parts.parameters)
}

/// The same user and database at another address.
pub fn with_address(url: &str, address: SocketAddr) -> String {
    let parts = Parts::of(url);
    format!("{}{address}/{}{}", parts.before, parts.database, parts.parameters)
}

/// Where the server listens.
pub fn address(url: &str) -> SocketAddr {
    let host = Parts::of(url).host;
    let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let host = if has_port { host.to_owned() } else { format!("{host}:5432") };
    let found = host.to_socket_addrs().ok().and_then(|mut all| all.next());
    found.unwrap_or_else(|| panic!("no address for {host}"))
}

#[test]
fn parts_are_exchanged() {
    let proxy = SocketAddr::from(([127, 0, 0, 1], 7));
    for (url, database, moved) in [
        (
            "postgres://u:p@h:1/d?x=y",
            "postgres://u:p@h:1/new?x=y",
            "postgres://u:p@127.0.0.1:7/d?x=y",
        ),
        ("postgres://h", "postgres://h/new", "postgres://127.0.0.1:7/"),
        (
            "postgres://u:a@b@[::1]:9/d",
            "postgres://u:a@b@[::1]:9/new",
            "postgres://u:a@b@127.0.0.1:7/d",
        ),
    ] {
        assert_eq!(with_database(url, "new"), database);
        assert_eq!(with_address(url, proxy), moved);
    }
    assert_eq!(address("postgres://u@127.0.0.1:7/d"), proxy);
    assert_eq!(address("postgres://127.0.0.1/d").port(), 5432);
    assert_eq!(address("postgres://[::1]:9/d").port(), 9);
}
