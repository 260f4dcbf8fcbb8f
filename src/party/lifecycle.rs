//! Where a customer is in life with the bank: two machines that run side by side (C11).

use crate::ledger::StateCode;

macro_rules! machine {
    ($(#[$doc:meta])* $name:ident { $($(#[$state_doc:meta])* $state:ident = $code:literal => [$($to:ident),*];)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[derive(serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum $name { $($(#[$state_doc])* $state,)* }

        impl $name {
            /// All states.
            pub const ALL: &'static [Self] = &[$(Self::$state),*];

            /// The stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$state => $code,)* }
            }

            /// The state of a code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$state),)* _ => None }
            }

            /// The code as the journal has it.
            #[must_use]
            pub const fn state(self) -> StateCode {
                StateCode::known(self.code())
            }

            /// The states that may come next.
            #[must_use]
            pub const fn next(self) -> &'static [Self] {
                match self { $(Self::$state => &[$(Self::$to),*],)* }
            }

            /// Whether a state may come next.
            #[must_use]
            pub fn may_become(self, to: Self) -> bool {
                self.next().contains(&to)
            }
        }
    };
}

machine! {
    /// Whether the bank accepted the customer (S4-041).
    Onboarding {
        /// Waits for a decision.
        PendingApproval = "pending_approval" => [Approved, Rejected];
        /// Accepted.
        Approved = "approved" => [];
        /// Not accepted; may ask again.
        Rejected = "rejected" => [PendingApproval];
    }
}

machine! {
    /// Where the customer is in life with the bank (S1-056). Closed is for good.
    Lifecycle {
        /// Does business.
        Active = "active" => [Inactive, Suspended, Closed];
        /// Does no business now.
        Inactive = "inactive" => [Active, Suspended, Closed];
        /// Held up by the bank.
        Suspended = "suspended" => [Active, Inactive, Closed];
        /// Gone.
        Closed = "closed" => [];
    }
}
