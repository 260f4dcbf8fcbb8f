//! Money: exact amounts, currencies, rounding, rates and shares.
//!
//! | term | meaning |
//! |---|---|
//! | [`Currency`] | a code and an exponent; of ISO 4217, or defined by the host |
//! | exponent | how many decimal digits the smallest unit has: USD 2, JPY 0, KWD 3, CLF 4 |
//! | [`Currencies`] | the registry: which currencies one bank knows |
//! | minor units | an amount counted in smallest units: 1230 for USD 12.30 |
//! | [`Money`] | minor units and their currency |
//! | [`Rounding`] | what to do between two units; always chosen by the caller |
//! | [`Rate`], [`Percent`] | exact factors; the result is rounded once |
//! | [`Money::allocate`] | shares that add up to the whole |
//!
//! # Invariants
//! - An ISO code has the exponent of ISO 4217; no custom currency has a code that ISO ever used.
//! - Nothing wraps, nothing is cut silently, nothing passes through binary fractions.
//! - Amounts of different currencies never meet, except through a [`Rate`].
//! - What is written is read back as the same: `parse(display(x)) = x`, for every `i64`.
//! - The parts of an allocation add up to the amount, each within one unit of its exact share.
//! - A conversion and its remainder add up to the exact result.
//!
//! # Bounds
//! Amounts are `i64` minor units (USD 92 quadrillion). Codes have 3 to 7 characters, exponents go
//! to 18, rates to 28 decimal digits, percentages to 26, allocations to [`MAX_PARTS`] parts.
//!
//! # On the wire
//! With the feature `serde`, an amount is `{"amount":"12.30","currency":"USD"}` and a currency is
//! its code, a custom one with its exponent: `"POINTS:0"`. A number in place of a text is refused.

mod allocate;
mod amount;
mod currency;
mod error;
mod iso4217;
mod rate;
mod registry;
mod rounding;
mod scaling;
mod text;
mod wire;

pub use allocate::MAX_PARTS;
pub use amount::Money;
pub use currency::{Currency, CurrencyCode};
pub use error::{CurrencyError, MoneyError};
pub use rate::{Conversion, Percent, Rate};
pub use registry::Currencies;
pub use rounding::{Rounding, divide_rounded};
pub use text::{CodePlacement, MoneyFormat};
