//! Sides of the book and the five classes of account.

/// A side of the book. Every [`Entry`](crate::ledger::Entry) stands on one of the two.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Side {
    /// The left side: increases assets and expenses.
    Debit,
    /// The right side: increases liabilities, equity and income.
    Credit,
}

impl Side {
    /// The other side; a reversal mirrors every entry to it.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::Debit => Self::Credit,
            Self::Credit => Self::Debit,
        }
    }

    /// The stable code of the side: `debit` or `credit`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Debit => "debit",
            Self::Credit => "credit",
        }
    }
}

/// The class of an account, which decides its normal side and the report that it stands in.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AccountClass {
    /// What the bank owns or is owed: cash, loans, clearing. Normal side: debit.
    Asset,
    /// What the bank owes: customer deposits. Normal side: credit.
    Liability,
    /// What belongs to the owners: capital, retained earnings. Normal side: credit.
    Equity,
    /// What the bank earned in the year: fees, interest received. Normal side: credit.
    Income,
    /// What the bank spent in the year: interest paid, losses. Normal side: debit.
    Expense,
}

impl AccountClass {
    /// All classes, in the order of a trial balance.
    pub const ALL: [Self; 5] =
        [Self::Asset, Self::Liability, Self::Equity, Self::Income, Self::Expense];

    /// The side on which the balance of the class grows.
    #[must_use]
    pub const fn normal_side(self) -> Side {
        match self {
            Self::Asset | Self::Expense => Side::Debit,
            Self::Liability | Self::Equity | Self::Income => Side::Credit,
        }
    }

    /// Whether accounts of the class are closed into retained earnings at the end of a year.
    #[must_use]
    pub const fn is_temporary(self) -> bool {
        matches!(self, Self::Income | Self::Expense)
    }

    /// The stable code of the class, as it stands in seals and exports.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Asset => "asset",
            Self::Liability => "liability",
            Self::Equity => "equity",
            Self::Income => "income",
            Self::Expense => "expense",
        }
    }
}
