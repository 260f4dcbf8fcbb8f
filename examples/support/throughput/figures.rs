//! What a run found out, as a line of JSON or of words.

use std::time::Duration;

use super::load::Worked;
use super::options::Options;

/// A stretch of posting.
pub(crate) struct Stretch {
    pub(crate) worked: Worked,
    pub(crate) wall: Duration,
    pub(crate) server: Option<Duration>,
    /// By how much the store grew on disk.
    pub(crate) bytes: u64,
    /// By how much the resident memory of this process grew.
    pub(crate) rss_bytes: u64,
}

impl Stretch {
    fn rate(&self) -> f64 {
        self.worked.transfers as f64 / self.wall.as_secs_f64()
    }

    fn per_transfer(&self, total: f64) -> f64 {
        total / self.worked.transfers.max(1) as f64
    }

    fn us(&self, time: Duration) -> f64 {
        self.per_transfer(time.as_secs_f64() * 1e6)
    }

    fn client_us(&self) -> f64 {
        self.us(self.worked.cpu)
    }

    fn server_us(&self) -> Option<f64> {
        self.server.map(|time| self.us(time))
    }

    fn all_us(&self) -> f64 {
        self.client_us() + self.server_us().unwrap_or(0.0)
    }

    /// Of the latencies, which are sorted.
    fn quantile(&self, part: f64) -> f32 {
        let latencies = &self.worked.latencies_us;
        let at = (latencies.len() as f64 * part) as usize;
        latencies.get(at).copied().unwrap_or_default()
    }
}

/// A run: at the end of its history, and before it if it has one.
pub(crate) struct Figures {
    pub(crate) floor_us: f64,
    pub(crate) durability: String,
    pub(crate) last: Stretch,
    pub(crate) empty: Option<Stretch>,
}

impl Figures {
    pub(crate) fn json(&self, of: &Options) -> String {
        let last = &self.last;
        let cpu = last.client_us();
        let old = format!(
            "\"store\":\"{}\",\"accounts\":{},\"batch\":{},\"threads\":{},\"transfers\":{},\
             \"transfers_per_s\":{:.0},\"cpu_us_per_transfer\":{cpu:.3},\"p50_us\":{:.1},\
             \"p99_us\":{:.1},\"floor_us_per_transfer\":{:.3},\"floor_ratio\":{:.1},\
             \"rss_bytes_per_transfer\":{:.0},\"making_us_per_transfer\":{:.3}",
            of.store(),
            of.accounts,
            of.batch,
            of.threads,
            last.worked.transfers,
            last.rate(),
            last.quantile(0.5),
            last.quantile(0.99),
            self.floor_us,
            cpu / self.floor_us,
            last.per_transfer(last.rss_bytes as f64),
            last.us(last.worked.making),
        );
        let number =
            |value: Option<f64>| value.map_or("null".into(), |value| format!("{value:.3}"));
        let new = format!(
            "\"concurrency\":{},\"group\":{},\"hot\":{},\"calls\":{},\"repeats\":{},\
             \"server_us_per_transfer\":{},\"bytes_per_transfer\":{:.0},\"durability\":\"{}\"",
            of.callers.unwrap_or(of.threads),
            of.group,
            of.hot,
            last.worked.calls,
            last.worked.repeats,
            number(last.server_us()),
            last.per_transfer(last.bytes as f64),
            self.durability,
        );
        let Some(empty) = &self.empty else { return format!("{{{old},{new}}}") };
        format!(
            "{{{old},{new},\"history\":{},\"empty_transfers_per_s\":{:.0},\
             \"empty_cpu_us_per_transfer\":{:.3},\"empty_server_us_per_transfer\":{},\
             \"history_ratio\":{:.3},\"history_cpu_ratio\":{:.3}}}",
            of.history,
            empty.rate(),
            empty.client_us(),
            number(empty.server_us()),
            last.rate() / empty.rate(),
            last.all_us() / empty.all_us(),
        )
    }

    pub(crate) fn words(&self, of: &Options) -> String {
        let last = &self.last;
        let (cpu, floor) = (last.client_us(), self.floor_us);
        let callers = match of.callers {
            Some(callers) => format!("{callers} callers on {} threads", of.threads),
            None => format!("{} threads", of.threads),
        };
        let mut words = format!(
            "{}, {} accounts, batches of {}, {callers}{}{}: {:.0} transfers/s, {cpu:.3} us CPU \
             each ({:.1} x the floor of {floor:.3}), {:.0} bytes each, p50 {:.1} us, p99 {:.1} us \
             per call",
            of.store(),
            of.accounts,
            of.batch,
            if of.group { ", group commit" } else { "" },
            if of.hot { ", one hot account" } else { "" },
            last.rate(),
            cpu / floor,
            last.per_transfer(last.rss_bytes as f64),
            last.quantile(0.5),
            last.quantile(0.99),
        );
        if of.store() != "memory" {
            let server = last.server_us();
            let server = server.map_or("unknown".into(), |each| format!("{each:.1} us CPU each"));
            words += &format!(
                "\n  server {server}, {:.0} bytes on disk each, {} repeats, {}",
                last.per_transfer(last.bytes as f64),
                last.worked.repeats,
                self.durability,
            );
        }
        if let Some(empty) = &self.empty {
            words += &format!(
                "\n  after {} transfers {:.3} of the rate when empty ({:.0}/s), {:.3} x the CPU",
                of.history,
                last.rate() / empty.rate(),
                empty.rate(),
                last.all_us() / empty.all_us(),
            );
        }
        words
    }
}
