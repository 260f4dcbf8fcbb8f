//! Where a server of our own lives: whose it is, its folder, its port.

use std::fs::{self, DirBuilder};
use std::net::TcpListener;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use super::find::{self, User};

/// A file system in memory. Making a database takes 20 ms there, and up to 300 ms on a disk.
const MEMORY: &str = "/dev/shm";

/// What must be free, in KiB, in that file system and in memory.
const ROOM: u64 = 4 << 20;

/// A program that runs as this user, without what the environment tells PostgreSQL.
pub fn command_of(user: Option<User>, program: &Path) -> Command {
    let mut command = Command::new(program);
    super::quiet(&mut command);
    if let Some(user) = user {
        command.uid(user.uid).gid(user.gid);
    }
    command
}

/// An empty folder which the user of the server owns and reaches, and that user if it is not us.
/// The folder of the environment may be closed to others.
pub fn private_directory(durable: bool) -> (PathBuf, Option<User>) {
    static MADE: AtomicU64 = AtomicU64::new(0);
    let name =
        format!("corebank-pg-{}-{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
    let memory = (!durable && memory_is_roomy()).then(|| PathBuf::from(MEMORY));
    let disk = [std::env::temp_dir(), PathBuf::from("/tmp"), PathBuf::from("/var/tmp")];
    for parent in memory.into_iter().chain(disk) {
        let directory = parent.join(&name);
        if DirBuilder::new().mode(0o700).create(&directory).is_err() {
            continue;
        }
        // Who made it is who we are.
        let root = fs::metadata(&directory).is_ok_and(|made| made.uid() == 0);
        let user = root.then(find::unprivileged);
        if let Some(user) = user {
            chown(&directory, Some(user.uid), Some(user.gid)).expect("root gives away");
        }
        let mut reach = command_of(user, Path::new("sh"));
        reach.args(["-c", "cd \"$0\" && test -w ."]).arg(&directory).stderr(Stdio::null());
        if reach.status().is_ok_and(|status| status.success()) {
            return (directory, user);
        }
        let _ = fs::remove_dir(&directory);
    }
    panic!("no folder for a PostgreSQL server: neither TMPDIR nor /tmp nor /var/tmp will do")
}

/// Below the ports that systems give to outgoing connections: nobody takes it by chance while a
/// server that shall come back to it is down.
pub fn free_port() -> u16 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let nanos = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().subsec_nanos();
    let mut tries = (0..1_000_u64).map(|_| {
        let place = u64::from(nanos) / 1_000 + u64::from(std::process::id()) * 7_919;
        15_000 + ((place + NEXT.fetch_add(1, Ordering::Relaxed) * 613) % 17_000) as u16
    });
    let free = tries.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    free.expect("a free port between 15,000 and 31,999")
}

/// Whether the file system in memory will do. Who sets TMPDIR has chosen another place.
fn memory_is_roomy() -> bool {
    let said = Command::new("df").args(["-Pk", MEMORY]).stderr(Stdio::null()).output();
    let table = said.map(|said| String::from_utf8_lossy(&said.stdout).into_owned());
    let meminfo = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let (disk, memory) = (room_by_df(&table.unwrap_or_default()), room_by_meminfo(&meminfo));
    std::env::var_os("TMPDIR").is_none() && disk.min(memory).is_some_and(|room| room >= ROOM)
}

fn room_by_df(table: &str) -> Option<u64> {
    table.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()
}

fn room_by_meminfo(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[test]
fn room_in_memory_is_read() {
    let table = "Filesystem 1024-blocks Used Available Capacity Mounted on\n\
                 tmpfs 25165824 5 25165819 1% /dev/shm\n";
    assert_eq!((room_by_df(table), room_by_df("")), (Some(25_165_819), None));
    let text = "MemTotal: 7 kB\nMemAvailable:   19800000 kB\n";
    assert_eq!((room_by_meminfo(text), room_by_meminfo("")), (Some(19_800_000), None));
}
