//! The status of an account (C01): which may follow which, and what each allows.

use crate::ledger::{Block, Side, StateCode};

/// What is done with an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Money goes out on a customer's word.
    Debit,
    /// Money comes in.
    Credit,
    /// Money is reserved on a customer's word.
    Hold,
    /// The bank takes: fees, interest owed, corrections.
    Charge,
    /// The bank gives: interest, corrections.
    Grant,
    /// Owners, mandate or cover are changed.
    Amend,
}

impl Operation {
    /// All of them.
    pub const ALL: &'static [Self] =
        &[Self::Debit, Self::Credit, Self::Hold, Self::Charge, Self::Grant, Self::Amend];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Debit => "debit",
            Self::Credit => "credit",
            Self::Hold => "hold",
            Self::Charge => "charge",
            Self::Grant => "grant",
            Self::Amend => "amend",
        }
    }

    /// What a leg on the bank's own word is.
    #[must_use]
    pub const fn of_bank(side: Side) -> Self {
        match side {
            Side::Debit => Self::Charge,
            Side::Credit => Self::Grant,
        }
    }

    /// The side of the entry; none moves no money.
    #[must_use]
    pub const fn side(self) -> Option<Side> {
        match self {
            Self::Debit | Self::Hold | Self::Charge => Some(Side::Debit),
            Self::Credit | Self::Grant => Some(Side::Credit),
            Self::Amend => None,
        }
    }
}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.code())
    }
}

macro_rules! statuses {
    ($($(#[$doc:meta])* $state:ident = $code:literal, next [$($to:ident),*], allows [$($may:ident),*];)*) => {
        /// The status of an account (C01).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[derive(serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum AccountStatus { $($(#[$doc])* $state,)* }

        impl AccountStatus {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$state),*];

            /// The stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$state => $code,)* }
            }

            /// The status of a code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$state),)* _ => None }
            }

            /// Those that may come next.
            #[must_use]
            pub const fn next(self) -> &'static [Self] {
                match self { $(Self::$state => &[$(Self::$to),*],)* }
            }

            /// What it allows.
            #[must_use]
            pub const fn permissions(self) -> &'static [Operation] {
                match self { $(Self::$state => &[$(Operation::$may),*],)* }
            }

            const fn bits(self) -> u8 {
                match self { $(Self::$state => 0 $(| 1 << Operation::$may as u8)*,)* }
            }
        }
    };
}

statuses! {
    /// Opened, not yet to be used: money may come in.
    PendingActivation = "pending_activation", next [Active, Closed], allows [Credit, Grant, Amend];
    /// In use.
    Active = "active", next [Inactive, Dormant, Suspended, Frozen, Closed],
        allows [Debit, Credit, Hold, Charge, Grant, Amend];
    /// Put aside: money may come in, the bank may charge.
    Inactive = "inactive", next [Active, Suspended, Frozen, Closed],
        allows [Credit, Charge, Grant, Amend];
    /// Not used by its owner for long: money may come in; money goes out only once the owner has
    /// had it activated again.
    Dormant = "dormant", next [Active, Suspended, Frozen, Closed], allows [Credit, Charge, Grant];
    /// Held up by the bank: money may come in, the bank may charge.
    Suspended = "suspended", next [Active, Inactive, Frozen, Closed],
        allows [Credit, Charge, Grant];
    /// Frozen by order: nothing moves but interest that is due to the owner.
    Frozen = "frozen", next [Active, Suspended], allows [Grant];
    /// Gone for good.
    Closed = "closed", next [], allows [];
}

impl AccountStatus {
    /// Whether another may come next.
    #[must_use]
    pub fn may_become(self, to: Self) -> bool {
        self.next().contains(&to)
    }

    /// Whether it allows an operation.
    #[must_use]
    #[inline]
    pub const fn allows(self, operation: Operation) -> bool {
        self.bits() & (1 << operation as u8) != 0
    }

    /// The code as the journal has it.
    #[must_use]
    pub const fn state(self) -> StateCode {
        StateCode::known(self.code())
    }

    /// The block of the ledger account: a side on which nothing is allowed is blocked there too,
    /// so that no posting at all passes.
    #[must_use]
    pub const fn block(self) -> Block {
        let debits = self.allows(Operation::Debit) || self.allows(Operation::Charge);
        let credits = self.allows(Operation::Credit) || self.allows(Operation::Grant);
        match (debits, credits) {
            (true, true) => Block::None,
            (false, true) => Block::Debits,
            (true, false) => Block::Credits,
            (false, false) => Block::All,
        }
    }

    /// What each allows, as a Markdown table: a row for each status, a column for each operation.
    #[must_use]
    pub fn permissions_markdown() -> String {
        let mut table = String::from("| status |");
        for operation in Operation::ALL {
            table.push_str(&format!(" {operation} |"));
        }
        table.push_str(" may become |\n|---|---|---|---|---|---|---|---|\n");
        for status in Self::ALL {
            table.push_str(&format!("| {} |", status.code()));
            for operation in Operation::ALL {
                table.push_str(if status.allows(*operation) { " yes |" } else { " no |" });
            }
            let next: Vec<&str> = status.next().iter().map(|to| to.code()).collect();
            table.push_str(&format!(" {} |\n", next.join(", ")));
        }
        table
    }
}
