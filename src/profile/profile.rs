//! The profiles.

use super::Table;
use super::tables::{s0, s1, s2, s3, s4};

/// A vocabulary profile: the words of one requirement document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Profile {
    /// Document 000: a small diagram of customers, accounts, transactions, transfers, logins.
    S0,
    /// Document 001: "Data Models - Banking LLM System".
    S1,
    /// Document 002: "CoreX Banking System".
    S2,
    /// Document 003: "Database Schema Documentation", PostgreSQL with MongoDB and Redis.
    S3,
    /// Document 004: "iNB Online Banking".
    S4,
}

impl Profile {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::S0, Self::S1, Self::S2, Self::S3, Self::S4];

    /// The stable code: the number of the document.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::S0 => "000",
            Self::S1 => "001",
            Self::S2 => "002",
            Self::S3 => "003",
            Self::S4 => "004",
        }
    }

    /// The tables that the profile says, as the document spells them.
    #[must_use]
    pub const fn tables(self) -> &'static [&'static Table] {
        match self {
            Self::S0 => &[&s0::CUSTOMER, &s0::ACCOUNT, &s0::TRANSACTION, &s0::TRANSFER_METADATA],
            Self::S1 => &[&s1::CUSTOMERS, &s1::ACCOUNTS, &s1::TRANSACTIONS],
            Self::S2 => &[
                &s2::CUSTOMERS,
                &s2::ACCOUNTS,
                &s2::KYC_DOCUMENTS,
                &s2::BALANCES,
                &s2::TRANSACTIONS,
                &s2::ENTRIES,
            ],
            Self::S3 => &[&s3::USERS, &s3::ACCOUNTS, &s3::TRANSACTIONS],
            Self::S4 => &[&s4::CUSTOMER, &s4::ACCOUNT, &s4::TRANSACTION, &s4::KYC_DOCUMENT],
        }
    }

    /// A table by its name.
    #[must_use]
    pub fn table(self, name: &str) -> Option<&'static Table> {
        self.tables().iter().copied().find(|table| table.name == name)
    }
}

impl std::fmt::Display for Profile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.code())
    }
}
