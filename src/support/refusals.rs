//! One table per room for why it refuses: the enum, the codes, and the list of all.

/// Declares a closed enum of refusals in order of precedence, from one table, so that no code is
/// forgotten: `Variant { field: Type } = "code", whether it may pass by itself, "what is said";`.
macro_rules! refusals {
    ($(#[$outer:meta])* $name:ident;
     $($(#[$doc:meta])* $variant:ident $({ $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? })?
        = $code:literal, $passing:literal, $display:literal;)*) => {
        $(#[$outer])*
        #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
        #[derive(serde::Serialize)]
        #[serde(tag = "refusal", rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* #[error($display)] $variant $({ $($(#[$field_doc])* $field: $type),* })?,)*
        }

        impl $name {
            /// The codes of all refusals, in order of precedence.
            pub const ALL: &'static [&'static str] = &[$($code),*];

            /// The stable code.
            #[must_use]
            pub const fn code(&self) -> &'static str {
                match self { $(Self::$variant { .. } => $code,)* }
            }

            /// Whether the same request may succeed later without being changed. A refusal never
            /// burns an id: repeat the request under the same one.
            #[must_use]
            pub const fn is_passing(&self) -> bool {
                match self { $(Self::$variant { .. } => $passing,)* }
            }
        }
    };
}

pub(crate) use refusals;
