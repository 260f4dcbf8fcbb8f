//! What kinds of account there are (C02).

/// What kind of account a product gives. What an account may do comes from its terms, not from
/// this label.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum AccountType {
    /// For payments (a current account).
    Checking,
    /// For saving.
    Savings,
    /// Money market.
    MoneyMarket,
    /// Of a credit card or a credit line.
    CreditCard,
    /// A loan.
    Loan,
    /// For investing.
    Investment,
}

impl AccountType {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Checking,
        Self::Savings,
        Self::MoneyMarket,
        Self::CreditCard,
        Self::Loan,
        Self::Investment,
    ];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Checking => "checking",
            Self::Savings => "savings",
            Self::MoneyMarket => "money_market",
            Self::CreditCard => "credit_card",
            Self::Loan => "loan",
            Self::Investment => "investment",
        }
    }
}
