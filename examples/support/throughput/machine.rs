//! What the machine says: the floor, memory, and the processor time of a database server.

use std::time::Duration;

use cpu_time::ThreadTime;

/// xorshift64*: fast, and the same in every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d);
        ((u128::from(drawn) * u128::from(bound)) >> 64) as u64
    }
}

/// The least that a ledger of any kind does: two counters, 128 bytes.
pub(crate) fn floor_us(accounts: usize) -> f64 {
    const TRANSFERS: usize = 2_000_000;
    let mut counters = vec![0_i64; accounts];
    let mut log: Vec<[u8; 128]> = Vec::with_capacity(TRANSFERS);
    let mut random = Random(7);
    let before = ThreadTime::now();
    for number in 0..TRANSFERS {
        let (from, to) = (random.below(accounts as u64), random.below(accounts as u64));
        counters[from as usize] -= 1;
        counters[to as usize] += 1;
        log.push([number as u8; 128]);
    }
    let spent = before.elapsed();
    std::hint::black_box((&counters, &log));
    spent.as_secs_f64() * 1e6 / TRANSFERS as f64
}

/// The resident memory of this process in bytes; zero where it cannot be read.
pub(crate) fn rss_bytes() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or(0) * 4_096
}

/// User and system time of a PostgreSQL server: of its postmaster, the children that ended, and
/// those that run. In steps of 10 ms for each process.
pub(crate) fn server_time(postmaster: u32) -> Option<Duration> {
    let own = Stat::of(postmaster)?;
    let mut ticks = own.ticks + own.ticks_of_ended_children;
    for entry in std::fs::read_dir("/proc").ok()?.flatten() {
        let pid = entry.file_name().to_str().and_then(|name| name.parse().ok());
        // A process may end while we look; then it is among the ended children the next time.
        if let Some(stat) = pid.and_then(Stat::of).filter(|stat| stat.parent == postmaster) {
            ticks += stat.ticks + stat.ticks_of_ended_children;
        }
    }
    Some(Duration::from_millis(ticks * 10))
}

/// The postmaster behind one of its backends, if that runs on this machine.
#[cfg(feature = "postgres")]
pub(crate) fn postmaster(backend: u32) -> Option<u32> {
    Stat::of(backend).filter(|stat| stat.is_postgres).map(|stat| stat.parent)
}

struct Stat {
    parent: u32,
    ticks: u64,
    ticks_of_ended_children: u64,
    #[cfg(feature = "postgres")]
    is_postgres: bool,
}

impl Stat {
    fn of(pid: u32) -> Option<Self> {
        let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The second field is the name in parentheses, which may hold blanks.
        let (_name, fields) = text.rsplit_once(')')?;
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
        Some(Self {
            parent: u32::try_from(number(1)?).ok()?,
            ticks: number(11)? + number(12)?,
            ticks_of_ended_children: number(13)? + number(14)?,
            #[cfg(feature = "postgres")]
            is_postgres: _name.contains("postgres"),
        })
    }
}
