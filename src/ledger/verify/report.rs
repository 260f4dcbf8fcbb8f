//! What a check of the books says in the end.

use super::{Difference, Totals};

/// What a check of the books found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// How many records of the journal were folded.
    pub records: u64,
    /// How many of them are transactions.
    pub transactions: u64,
    /// How many entries those have.
    pub entries: u64,
    /// How many accounts were checked.
    pub accounts: u64,
    /// How many holds were checked.
    pub holds: u64,
    /// How many rows beside the ledger were checked.
    pub entities: u64,
    /// How many keys those should be found by, and were held against the indexes; 0 where there are
    /// no indexes to look at, as in an archive.
    pub keys: u64,
    /// What contradicts, in the order in which it was found; the first thousand.
    pub differences: Vec<Difference>,
    /// How many more differences there are than are named.
    pub more: u64,
    /// What was debited and credited, by currency, in the order of the codes.
    pub totals: Vec<Totals>,
}

impl Report {
    /// Whether nothing contradicts.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.differences.is_empty() && self.more == 0
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let named = self.differences.len() as u64;
        write!(
            f,
            "{} records, {} transactions, {} entries, {} accounts, {} holds: {} differences",
            self.records,
            self.transactions,
            self.entries,
            self.accounts,
            self.holds,
            named.saturating_add(self.more),
        )?;
        self.differences.iter().try_for_each(|difference| write!(f, "\n  {difference}"))?;
        if self.more > 0 {
            write!(f, "\n  and {} more", self.more)?;
        }
        Ok(())
    }
}
