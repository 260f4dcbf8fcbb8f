//! What other rows refer to: branches, merchants, organisations.

use super::{Code, Email, Phone, Short, WholeName};
use crate::id::{BranchId, MerchantId, OrganisationId};
use crate::ledger::EntityKind;
use crate::time::Timestamp;

/// Whether a branch, merchant or organisation does business.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BranchStatus {
    /// It does.
    #[default]
    Active,
    /// It does not.
    Inactive,
}

macro_rules! referred {
    ($($(#[$doc:meta])* $name:ident, $kind:literal, $id:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty = $with:ident,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[non_exhaustive]
        pub struct $name {
            /// The id.
            pub id: $id,
            /// The name.
            pub name: WholeName,
            /// Whether it does business.
            pub status: BranchStatus,
            $($(#[$field_doc])* #[serde(default, skip_serializing_if = "Option::is_none")] pub $field: Option<$type>,)*
            /// Since when the bank knows it.
            pub created_at: Timestamp,
        }

        impl $name {
            /// What the journal calls it.
            pub const KIND: EntityKind = EntityKind::known($kind);

            /// One that does business.
            #[must_use]
            pub const fn new(id: $id, name: WholeName) -> Self {
                Self {
                    id,
                    name,
                    status: BranchStatus::Active,
                    $($field: None,)*
                    created_at: Timestamp::from_nanos(0),
                }
            }

            $(
                /// Sets the field of this name.
                #[must_use]
                pub fn $with(mut self, value: $type) -> Self {
                    self.$field = Some(value);
                    self
                }
            )*
        }
    )*};
}

referred! {
    /// A branch (S4-032): its code is unique.
    Branch, "branch", BranchId {
        /// The code by which accounts refer to it, at most 20 characters.
        code: Code = with_code,
        /// The code of the branch in the country's clearing, such as IFSC.
        clearing_code: Code = with_clearing_code,
        /// The name of its time zone, such as `Asia/Kolkata`.
        time_zone: Short = with_time_zone,
        /// The name of its calendar of holidays.
        calendar: Short = with_calendar,
    }
    /// A merchant (S1-035).
    Merchant, "merchant", MerchantId {
        /// The merchant category code of ISO 18245, at most 10 characters.
        category_code: Code = with_category_code,
        /// Where it is.
        location: Short = with_location,
    }
    /// An organisation that uses the bank's interfaces (S1-018).
    Organisation, "organisation", OrganisationId {
        /// How it is reached.
        email: Email = with_email,
        /// How it is reached.
        phone: Phone = with_phone,
    }
}
