//! Typed identifiers, and where new ones come from.
//!
//! Every entity has an id type of its own, so that the id of a hold cannot be passed where the id
//! of an account is wanted. All are 16 bytes: a [`Uuid`].
//!
//! # Terms
//!
//! - **Typed id**: a newtype over a UUID. Any UUID version is accepted, since a host may already
//!   have ids; ids made here are version 7, which sort by the time at which they were made.
//! - **Id source**: what makes new ids. It is injected, so that a simulation repeats exactly.
//!
//! # Invariants
//!
//! - The text form is the hyphenated UUID (36 characters). `Display` writes it in lower case,
//!   `FromStr` reads lower or upper case and no other form, and refuses the nil UUID.
//! - One id source never gives the same id twice, and each id is greater than those that it gave
//!   before, even when the clock steps back.
//! - The order of two ids equals the order of their bytes and of their lower-case texts.

use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use uuid::{ContextV7, Uuid};

use crate::time::Timestamp;

/// Why a text is not an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum IdError {
    /// The text is not a hyphenated UUID of 36 characters.
    #[error("an id is a hyphenated UUID of 36 characters")]
    Malformed,
    /// The text is the nil UUID, which names nothing.
    #[error("the nil UUID is not an id")]
    Nil,
}

impl IdError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Malformed => "id_malformed",
            Self::Nil => "id_nil",
        }
    }
}

/// The one strict parser behind every `FromStr` here.
fn parse(text: &str) -> Result<Uuid, IdError> {
    // The UUID crate also reads simple, braced and URN forms; only the hyphenated one has 36 bytes.
    if text.len() != 36 {
        return Err(IdError::Malformed);
    }
    let id = Uuid::try_parse(text).map_err(|_| IdError::Malformed)?;
    if id.is_nil() { Err(IdError::Nil) } else { Ok(id) }
}

macro_rules! typed_id {
    ($($(#[doc = $doc:literal])+ $name:ident, $what:literal;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Takes any UUID as this kind of id.
            #[must_use]
            pub const fn from_uuid(id: Uuid) -> Self {
                Self(id)
            }

            /// The UUID itself.
            #[must_use]
            pub const fn as_uuid(&self) -> Uuid {
                self.0
            }

            /// Takes a 128-bit number, big-endian, as this kind of id.
            #[must_use]
            pub const fn from_u128(id: u128) -> Self {
                Self(Uuid::from_u128(id))
            }

            /// The 128-bit number, big-endian; numbers order as the ids do.
            #[must_use]
            pub const fn as_u128(&self) -> u128 {
                self.0.as_u128()
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0.as_hyphenated())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self.0.as_hyphenated(), f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                parse(text).map(Self)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        crate::support::serde_text::serde_as_text!($name, $what);
    )+};
}

typed_id! {
    /// Names a ledger account.
    AccountId, "the hyphenated UUID of an account";
    /// Names a transaction. Chosen by the caller, it is also the idempotency key of the request.
    TransactionId, "the hyphenated UUID of a transaction";
    /// Names a hold: money that is reserved now and moves later, or not at all.
    HoldId, "the hyphenated UUID of a hold";
    /// Names a limit on amounts or counts.
    LimitId, "the hyphenated UUID of a limit";
    /// Names a customer: a person or an organisation.
    CustomerId, "the hyphenated UUID of a customer";
    /// Names a document that a customer handed in.
    DocumentId, "the hyphenated UUID of a document";
    /// Names an answer of a screening.
    ScreeningId, "the hyphenated UUID of a screening";
    /// Names a product: the terms under which accounts are kept.
    ProductId, "the hyphenated UUID of a product";
    /// Names a branch of the bank.
    BranchId, "the hyphenated UUID of a branch";
    /// Names a merchant.
    MerchantId, "the hyphenated UUID of a merchant";
    /// Names an organisation that uses the bank's interfaces.
    OrganisationId, "the hyphenated UUID of an organisation";
    /// Names a data key.
    DataKeyId, "the hyphenated UUID of a data key";
    /// Names an organisational unit of the bank, such as a branch.
    UnitId, "the hyphenated UUID of a unit";
}

/// Makes new ids and salts.
///
/// Implementations are shared between threads, give every id once, and give each one greater
/// than those given before.
pub trait IdSource: Send + Sync + Debug {
    /// A new id, stamped with `now` (or a later instant, where `now` lies before an earlier call).
    fn next_id(&self, now: Timestamp) -> Uuid;

    /// 16 new bytes that make the hash of a guessable value unguessable.
    fn salt(&self) -> [u8; 16];
}

/// Random version 7 ids: the source for production.
///
/// An id holds 48 bits of Unix milliseconds, a counter of 42 bits that starts at random in each
/// millisecond, and 32 random bits. Ids of one source ascend across all threads; share one source
/// per process, behind an `Arc`, to have them ascend in the process. Instants before 1970 count
/// as 1970.
///
/// Random bits come from the thread's cryptographic generator, which the operating system seeds.
#[derive(Debug, Default)]
pub struct RandomIds {
    // Not a static: a test that moves its clock to 2099 must not stamp its neighbours' ids.
    context: Mutex<ContextV7>,
}

impl RandomIds {
    /// A new source.
    #[must_use]
    pub const fn new() -> Self {
        Self { context: Mutex::new(ContextV7::new()) }
    }
}

impl IdSource for RandomIds {
    fn next_id(&self, now: Timestamp) -> Uuid {
        let nanos = u64::try_from(now.as_nanos()).unwrap_or(0);
        let seconds = nanos.checked_div(NANOS_PER_SECOND).unwrap_or(0);
        let subsec = u32::try_from(nanos.checked_rem(NANOS_PER_SECOND).unwrap_or(0)).unwrap_or(0);
        let stamp = {
            // A poisoned context is still a valid one: it only counts.
            let context = self.context.lock().unwrap_or_else(PoisonError::into_inner);
            uuid::Timestamp::from_unix(&*context, seconds, subsec)
        };
        Uuid::new_v7(stamp)
    }

    fn salt(&self) -> [u8; 16] {
        let [a, b] = [random_eight(), random_eight()];
        let salt = (u128::from(a) << 64) | u128::from(b);
        salt.to_be_bytes()
    }
}

/// Eight bytes that version 7 fills with random bits alone (all but time, version and variant).
fn random_eight() -> u64 {
    let id = Uuid::new_v7(uuid::Timestamp::from_unix_time(0, 0, 0, 0));
    let [_, _, _, _, _, _, _, a, _, b, c, d, e, f, g, h] = id.into_bytes();
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

const NANOS_PER_SECOND: u64 = 1_000_000_000;
const NANOS_PER_MILLI: u64 = 1_000_000;

/// Ids that repeat exactly from a seed: for tests and simulation, never for production.
///
/// Shaped as version 7: 48 bits of Unix milliseconds, a counter of 42 bits that never restarts,
/// and 32 bits mixed from seed and counter. Two sources whose seeds differ and lie below 2^32
/// never give the same id. After 2^42 ids the counter would wrap; order and uniqueness end there.
/// The salts are just as predictable as the ids.
#[derive(Debug)]
pub struct SeededIds {
    seed: u64,
    high_millis: AtomicU64,
    count: AtomicU64,
    salts: AtomicU64,
}

impl SeededIds {
    /// A new source; the same seed and the same calls give the same ids.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self {
            seed,
            high_millis: AtomicU64::new(0),
            count: AtomicU64::new(0),
            salts: AtomicU64::new(0),
        }
    }

    /// The low 32 bits of an id: for one counter value, one-to-one in the folded seed.
    fn tail(&self, count: u64) -> u64 {
        let folded = (self.seed ^ (self.seed >> 32)) & MASK_32;
        let mixed = folded ^ (mix(count) & MASK_32);
        // Odd multipliers and xor-shifts are one-to-one on 32 bits.
        let mixed = (mixed ^ (mixed >> 16)).wrapping_mul(0x85eb_ca6b) & MASK_32;
        let mixed = (mixed ^ (mixed >> 13)).wrapping_mul(0xc2b2_ae35) & MASK_32;
        mixed ^ (mixed >> 16)
    }
}

impl IdSource for SeededIds {
    fn next_id(&self, now: Timestamp) -> Uuid {
        let nanos = u64::try_from(now.as_nanos()).unwrap_or(0);
        let millis = nanos.checked_div(NANOS_PER_MILLI).unwrap_or(0);
        // Time first, counter second: a call that begins after another ended gets a time that is
        // not less and a counter that is greater.
        let millis = self.high_millis.fetch_max(millis, Ordering::SeqCst).max(millis);
        let count = self.count.fetch_add(1, Ordering::SeqCst);
        let upper = (millis << 16) | 0x7000 | ((count >> 30) & 0xfff);
        let lower = VARIANT | ((count & 0x3fff_ffff) << 32) | self.tail(count);
        Uuid::from_u64_pair(upper, lower)
    }

    fn salt(&self) -> [u8; 16] {
        let count = self.salts.fetch_add(1, Ordering::SeqCst);
        let first = mix(self.seed ^ mix(count));
        let second = mix(first.wrapping_add(!self.seed));
        ((u128::from(first) << 64) | u128::from(second)).to_be_bytes()
    }
}

const MASK_32: u64 = 0xffff_ffff;
/// The two variant bits `10` of RFC 9562.
const VARIANT: u64 = 0x8000_0000_0000_0000;

/// SplitMix64's step and finaliser: one-to-one on 64 bits.
const fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "0190c3f1-7a5e-7bcd-8ef0-0123456789ab";
    /// 2026-01-01 in nanoseconds.
    const NOW: i64 = 1_767_225_600_000_000_000;

    fn version_and_millis(id: Uuid) -> (usize, u128) {
        assert_eq!(id.get_variant(), uuid::Variant::RFC4122);
        (id.get_version_num(), id.as_u128() >> 80)
    }

    #[test]
    fn the_text_form_is_the_hyphenated_uuid() {
        let id: AccountId = TEXT.parse().unwrap();
        assert_eq!(id.to_string(), TEXT);
        assert_eq!(format!("{id:?}"), format!("AccountId({TEXT})"));
        assert_eq!(TEXT.to_uppercase().parse(), Ok(id));
        assert_eq!(AccountId::from_uuid(id.as_uuid()), id);
        assert_eq!(AccountId::from_u128(id.as_u128()), id);
        assert_eq!(Uuid::from(id), id.as_uuid());
        assert_eq!(size_of::<Option<HoldId>>(), 17);
    }

    #[test]
    fn other_forms_are_refused() {
        let simple = TEXT.replace('-', "");
        for text in [
            "",
            simple.as_str(),
            &format!("{{{TEXT}}}"),
            &format!("urn:uuid:{TEXT}"),
            &format!(" {TEXT}"),
            "0190c3f1-7a5e-7bcd-8ef0-0123456789ag",
            "0190c3f17-a5e-7bcd-8ef0-0123456789ab",
            "0190c3f1-7a5e-7bcd-8ef0-0123456789é",
        ] {
            assert_eq!(text.parse::<HoldId>(), Err(IdError::Malformed), "{text}");
        }
        assert_eq!(Uuid::nil().to_string().parse::<UnitId>(), Err(IdError::Nil));
        assert_ne!(IdError::Nil.code(), IdError::Malformed.code());
    }

    #[test]
    fn random_ids_ascend_when_the_clock_stands_or_steps_back() {
        let ids = RandomIds::new();
        let mut last = ids.next_id(Timestamp::from_nanos(NOW));
        assert_eq!(version_and_millis(last), (7, 1_767_225_600_000));
        for step in 0..20_000_i64 {
            let id = ids.next_id(Timestamp::from_nanos(NOW - step * 1_000_000));
            assert!(id > last);
            last = id;
        }
        for instant in [Timestamp::MIN, Timestamp::EPOCH, Timestamp::MAX, Timestamp::MIN] {
            let id = ids.next_id(instant);
            assert!(id > last && id.get_version_num() == 7);
            last = id;
        }
    }

    #[test]
    fn seeded_ids_repeat_and_ascend() {
        let (one, same, other) = (SeededIds::new(7), SeededIds::new(7), SeededIds::new(8));
        let mut last = Uuid::nil();
        for step in 0..20_000_i64 {
            let now = Timestamp::from_nanos(NOW + (step % 7 - 3) * 5_000_000);
            let id = one.next_id(now);
            assert!(id > last && id.get_version_num() == 7);
            assert_eq!(id, same.next_id(now));
            assert_ne!(id, other.next_id(now));
            last = id;
        }
        let first = SeededIds::new(1).next_id(Timestamp::from_nanos(NOW));
        assert_eq!(version_and_millis(first), (7, 1_767_225_600_000));
        assert_eq!(first.to_string(), "019b76da-a800-7000-8000-0000123b195a");
    }

    #[test]
    fn the_order_of_seeded_ids_outlives_each_part_of_the_counter() {
        for bits in [29, 30, 31, 41] {
            let ids = SeededIds::new(3);
            ids.count.store((1 << bits) - 1, Ordering::SeqCst);
            let (a, b) = (ids.next_id(Timestamp::EPOCH), ids.next_id(Timestamp::EPOCH));
            assert!(a < b, "{bits}");
            assert_eq!(version_and_millis(b), (7, 0));
        }
    }

    fn from_four_threads(ids: &impl IdSource) {
        let all: Vec<Vec<Uuid>> = std::thread::scope(|scope| {
            let run = || (0..5_000).map(|_| ids.next_id(Timestamp::from_nanos(NOW))).collect();
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(run)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(all.iter().all(|ids: &Vec<Uuid>| ids.is_sorted()));
        assert_eq!(all.iter().flatten().collect::<BTreeSet<_>>().len(), 20_000);
    }

    #[test]
    fn threads_share_a_source() {
        from_four_threads(&RandomIds::new());
        from_four_threads(&SeededIds::new(1));
    }

    #[test]
    fn salts_differ_and_vary_in_every_bit() {
        let (random, seeded) = (RandomIds::new(), SeededIds::new(1));
        for source in [&random as &dyn IdSource, &seeded] {
            let salts: BTreeSet<_> = (0..1_000).map(|_| source.salt()).collect();
            assert_eq!(salts.len(), 1_000);
            let numbers = || salts.iter().map(|salt| u128::from_be_bytes(*salt));
            assert_eq!(numbers().fold(0, |bits, salt| bits | salt), u128::MAX);
            assert_eq!(numbers().fold(u128::MAX, |bits, salt| bits & salt), 0);
        }
        assert_eq!(SeededIds::new(1).salt(), SeededIds::new(1).salt());
        assert_ne!(SeededIds::new(1).salt(), SeededIds::new(2).salt());
    }

    #[test]
    fn an_id_travels_as_its_text() {
        let id: TransactionId = serde_json::from_str(&format!("\"{TEXT}\"")).unwrap();
        assert_eq!(serde_json::to_string(&id).unwrap(), format!("\"{TEXT}\""));
        assert!(serde_json::from_str::<LimitId>(&format!("\"{}\"", Uuid::nil())).is_err());
        assert!(serde_json::from_str::<LimitId>(&format!("\"{{{TEXT}}}\"")).is_err());
    }

    proptest! {
        #[test]
        fn texts_order_as_ids_do(a in 1_u128.., b in 1_u128..) {
            let (a, b) = (AccountId::from_u128(a), AccountId::from_u128(b));
            prop_assert_eq!(a.to_string().parse(), Ok(a));
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
            prop_assert_eq!(a.cmp(&b), a.as_u128().cmp(&b.as_u128()));
        }

        #[test]
        fn small_seeds_never_meet(a: u32, b: u32, count in 0_u64..1 << 42) {
            let tail = |seed: u32| SeededIds::new(u64::from(seed)).tail(count);
            prop_assert_eq!(a == b, tail(a) == tail(b));
            prop_assert!(tail(a) <= MASK_32);
        }
    }
}
