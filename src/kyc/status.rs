//! The statuses that documents, screenings and staff give to a customer (C12, S1-051 to S1-054).

use crate::ledger::StateCode;

macro_rules! states {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $code:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
        )]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum $name { $($(#[$variant_doc])* $variant,)* }

        impl $name {
            /// All, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable code, in lower case.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The status of a label, in any case; `None` if there is no such status.
            #[must_use]
            pub fn from_code(label: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|status| status.code().eq_ignore_ascii_case(label))
            }

            /// The code as the journal says it.
            #[must_use]
            pub const fn state(self) -> StateCode {
                StateCode::known(self.code())
            }
        }
    )*};
}

states! {
    /// How far it is known who somebody is: of a document and, derived, of a customer (C12).
    KycStatus {
        /// Not decided yet.
        #[default]
        Pending = "pending",
        /// Proven.
        Approved = "approved",
        /// Looked at and not accepted.
        Rejected = "rejected",
        /// Proven once; it has lapsed since.
        Expired = "expired",
    }
    /// What anti-money-laundering checks say (S1-052).
    AmlStatus {
        /// Nothing is known.
        #[default]
        Clear = "clear",
        /// Something is being looked into.
        Flagged = "flagged",
        /// Money must not move.
        Blocked = "blocked",
    }
    /// Whether the customer is a politically exposed person (S1-053).
    ///
    /// The requirement does not say what `rejected` means. Here it is the strict reading: the bank
    /// refuses the customer for it. A match that turns out to be somebody else goes back to clear.
    PepStatus {
        /// No.
        #[default]
        Clear = "clear",
        /// A name on a list, to be looked into.
        Match = "match",
        /// The bank refuses the customer for it.
        Rejected = "rejected",
    }
    /// The risk that the bank sees in a customer (S1-054).
    RiskLevel {
        /// Low.
        Low = "low",
        /// Medium: what a new customer has.
        #[default]
        Medium = "medium",
        /// High.
        High = "high",
        /// Critical.
        Critical = "critical",
    }
}

impl KycStatus {
    /// The status of a document of which only a flag is known (S3-017, C12).
    #[must_use]
    pub const fn from_verified(verified: bool) -> Self {
        if verified { Self::Approved } else { Self::Pending }
    }
}

impl AmlStatus {
    /// Whether staff may set the other status after this one. From blocked it goes by flagged, so
    /// that nobody lifts a block in one step.
    #[must_use]
    pub const fn may_become(self, to: Self) -> bool {
        !matches!((self, to), (Self::Blocked, Self::Clear))
    }

    /// The stricter of two.
    #[must_use]
    pub const fn stricter(self, other: Self) -> Self {
        match (self, other) {
            (Self::Blocked, _) | (_, Self::Blocked) => Self::Blocked,
            (Self::Flagged, _) | (_, Self::Flagged) => Self::Flagged,
            (Self::Clear, Self::Clear) => Self::Clear,
        }
    }
}

impl PepStatus {
    /// Whether staff may set the other status after this one: one step at a time, by match.
    #[must_use]
    pub const fn may_become(self, to: Self) -> bool {
        !matches!((self, to), (Self::Clear, Self::Rejected) | (Self::Rejected, Self::Clear))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transitions_are_these_and_no_others() {
        use AmlStatus::{Blocked, Clear, Flagged};
        for (from, to, allowed) in [
            (Clear, Flagged, true),
            (Clear, Blocked, true),
            (Flagged, Clear, true),
            (Flagged, Blocked, true),
            (Blocked, Flagged, true),
            (Blocked, Clear, false),
        ] {
            assert_eq!(from.may_become(to), allowed, "{from:?} to {to:?}");
        }
        for (from, to, allowed) in [
            (PepStatus::Clear, PepStatus::Match, true),
            (PepStatus::Clear, PepStatus::Rejected, false),
            (PepStatus::Match, PepStatus::Clear, true),
            (PepStatus::Match, PepStatus::Rejected, true),
            (PepStatus::Rejected, PepStatus::Match, true),
            (PepStatus::Rejected, PepStatus::Clear, false),
        ] {
            assert_eq!(from.may_become(to), allowed, "{from:?} to {to:?}");
        }
    }

    #[test]
    fn labels_of_all_seeds_are_read() {
        assert_eq!(KycStatus::from_code("APPROVED"), Some(KycStatus::Approved));
        assert_eq!(KycStatus::from_code("expired"), Some(KycStatus::Expired));
        assert_eq!(KycStatus::from_code("verified"), None);
        assert_eq!(RiskLevel::default(), RiskLevel::Medium);
        assert_eq!(KycStatus::from_verified(true), KycStatus::Approved);
        assert_eq!(KycStatus::Pending.state().as_str(), "pending");
    }
}
