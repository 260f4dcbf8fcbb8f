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
    pub fn tables(self) -> &'static [&'static Table] {
        static S0: [&Table; 4] =
            [&s0::CUSTOMER, &s0::ACCOUNT, &s0::TRANSACTION, &s0::TRANSFER_METADATA];
        static S1: [&Table; 3] = [&s1::CUSTOMERS, &s1::ACCOUNTS, &s1::TRANSACTIONS];
        static S2: [&Table; 6] = [
            &s2::CUSTOMERS,
            &s2::ACCOUNTS,
            &s2::KYC_DOCUMENTS,
            &s2::BALANCES,
            &s2::TRANSACTIONS,
            &s2::ENTRIES,
        ];
        static S3: [&Table; 3] = [&s3::USERS, &s3::ACCOUNTS, &s3::TRANSACTIONS];
        static S4: [&Table; 4] = [&s4::CUSTOMER, &s4::ACCOUNT, &s4::TRANSACTION, &s4::KYC_DOCUMENT];
        match self {
            Self::S0 => &S0,
            Self::S1 => &S1,
            Self::S2 => &S2,
            Self::S3 => &S3,
            Self::S4 => &S4,
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
