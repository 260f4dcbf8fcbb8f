//! What a run of `throughput` is asked for.

use super::Result;
use super::place::Place;

#[derive(Debug, Clone)]
pub(crate) struct Options {
    pub(crate) place: Place,
    pub(crate) accounts: usize,
    pub(crate) batch: usize,
    pub(crate) threads: usize,
    /// Callers that are tasks of a runtime; threads with accounts of their own if there is none.
    pub(crate) callers: Option<usize>,
    pub(crate) connections: u32,
    pub(crate) group: bool,
    pub(crate) hot: bool,
    /// Accounts are those of customers, and transfers are orders on their word.
    pub(crate) customers: bool,
    /// Each customer has a national identifier, sealed and indexed.
    pub(crate) identify: bool,
    /// A daily limit on each account as well.
    pub(crate) limit: bool,
    pub(crate) history: u64,
    pub(crate) seconds: f64,
    pub(crate) keep: bool,
    pub(crate) json: bool,
}

impl Options {
    pub(crate) fn read() -> Result<Self> {
        let mut options = Self {
            place: Place::Memory,
            accounts: 10_000,
            batch: 8_190,
            threads: 1,
            callers: None,
            connections: 0,
            group: false,
            hot: false,
            customers: false,
            identify: false,
            limit: false,
            history: 0,
            seconds: 5.0,
            keep: false,
            json: false,
        };
        // A schema of its own, so that a run begins with an empty one and may drop it.
        let unnamed = format!("throughput_{}", uuid::Uuid::now_v7().simple());
        let mut arguments = std::env::args().skip(1);
        while let Some(name) = arguments.next() {
            let flag = match name.as_str() {
                "--json" => &mut options.json,
                "--group" => &mut options.group,
                "--hot" => &mut options.hot,
                "--customers" => &mut options.customers,
                "--identify" => &mut options.identify,
                "--limit" => &mut options.limit,
                "--keep" => &mut options.keep,
                _ => {
                    let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
                    options.set(&name, &value, &unnamed)?;
                    continue;
                }
            };
            *flag = true;
        }
        options.settle()
    }

    fn set(&mut self, name: &str, value: &str, unnamed: &str) -> Result<()> {
        match name {
            "--store" => self.place = Place::parse(value, unnamed)?,
            "--accounts" => self.accounts = value.parse()?,
            "--batch" => self.batch = value.parse()?,
            "--threads" => self.threads = value.parse()?,
            "--concurrency" => self.callers = Some(value.parse()?),
            "--connections" => self.connections = value.parse()?,
            "--history" => self.history = value.parse()?,
            "--seconds" => self.seconds = value.parse()?,
            _ => return Err(format!("unknown option {name}").into()),
        }
        Ok(())
    }

    fn settle(mut self) -> Result<Self> {
        let most = corebank::ledger::MAX_BATCH;
        if self.batch == 0 || self.batch > most {
            return Err(format!("--batch is 1 to {most}").into());
        }
        if self.threads == 0 || self.accounts < 2 * self.threads {
            return Err("every thread needs two accounts of its own".into());
        }
        if self.callers == Some(0) {
            return Err("--concurrency is at least 1".into());
        }
        // Only the memory store never waits, and so can do without a runtime.
        if self.place != Place::Memory || self.group {
            self.callers = self.callers.or(Some(1));
        }
        if self.connections == 0 {
            let callers = self.callers.unwrap_or(1).min(38);
            self.connections = u32::try_from(callers + 2)?;
        }
        Ok(self)
    }

    pub(crate) const fn store(&self) -> &'static str {
        match self.place {
            Place::Memory => "memory",
            Place::Sqlite(_) => "sqlite",
            Place::Postgres(..) => "postgres",
        }
    }
}
