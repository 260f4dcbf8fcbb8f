//! A stopwatch for wall and processor time, and a progress line for a terminal.

use std::fmt;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

/// Measures from its start to [`Stopwatch::stop`].
pub(crate) struct Stopwatch {
    wall: Instant,
    cpu: Option<Duration>,
}

/// What a number of things took.
pub(crate) struct Lap {
    count: u64,
    wall: Duration,
    cpu: Option<Duration>,
}

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self { wall: Instant::now(), cpu: cpu_time() }
    }

    pub(crate) fn stop(&self, count: usize) -> Lap {
        let cpu = cpu_time().zip(self.cpu).map(|(now, then)| now.saturating_sub(then));
        Lap { count: u64::try_from(count).unwrap_or(u64::MAX), wall: self.wall.elapsed(), cpu }
    }
}

impl Lap {
    /// Tenths of a microsecond for each.
    fn each(&self, time: Duration) -> u128 {
        time.as_nanos().checked_div(u128::from(self.count).saturating_mul(100)).unwrap_or(0)
    }
}

impl fmt::Display for Lap {
    /// `0.31 s, 151603/s, 6.6 us each (CPU 6.4 us each)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.wall.as_micros().max(1);
        let rate = u128::from(self.count).saturating_mul(1_000_000).checked_div(micros);
        let wall = self.each(self.wall);
        write!(f, "{:.2} s, {}/s, ", self.wall.as_secs_f64(), rate.unwrap_or(0))?;
        write!(f, "{}.{} us each", wall / 10, wall % 10)?;
        match self.cpu.map(|cpu| self.each(cpu)) {
            Some(cpu) => write!(f, " (CPU {}.{} us each)", cpu / 10, cpu % 10),
            None => Ok(()),
        }
    }
}

/// User and system time of this process; `None` where there is no `/proc`. In steps of 10 ms.
fn cpu_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The second field is the name in parentheses, which may hold blanks.
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks = ticks.map(|ticks| ticks.parse::<u64>().ok()).sum::<Option<u64>>()?;
    Some(Duration::from_millis(ticks.checked_mul(10)?))
}

/// A line that shows how far something is; silent unless standard error is a terminal.
pub(crate) struct Progress {
    what: &'static str,
    total: usize,
    shown: bool,
}

impl Progress {
    pub(crate) fn new(what: &'static str, total: usize) -> Self {
        Self { what, total, shown: std::io::stderr().is_terminal() }
    }

    pub(crate) fn at(&self, done: usize) {
        const WIDTH: usize = 40;
        if !self.shown {
            return;
        }
        let filled = done.saturating_mul(WIDTH).checked_div(self.total).unwrap_or(WIDTH);
        let bar = format!("{:#<filled$}{:.<rest$}", "", "", rest = WIDTH.saturating_sub(filled));
        eprint!("\r{} [{bar}] {done}/{}", self.what, self.total);
        if done >= self.total {
            eprintln!();
        }
        // Only a display: a terminal that is gone must not end the import.
        let _ = std::io::stderr().flush();
    }
}
