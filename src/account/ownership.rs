//! Who owns an account, and whose word moves its money (C21).

use smallvec::SmallVec;

use super::Refusal;
use crate::id::CustomerId;

/// What kind of ownership (S1-059).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum OwnershipKind {
    /// One owner; others may be authorised to sign.
    Individual,
    /// Several owners.
    Joint,
    /// Held by trustees.
    Trust,
    /// Of a business, with those who sign for it.
    Business,
}

impl OwnershipKind {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Individual, Self::Joint, Self::Trust, Self::Business];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Individual => "individual",
            Self::Joint => "joint",
            Self::Trust => "trust",
            Self::Business => "business",
        }
    }
}

/// What a party is to an account.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Role {
    /// The first owner: exactly one.
    Primary,
    /// Another owner.
    Secondary,
    /// Holds it for another.
    Trustee,
    /// Signs for the owner.
    Signatory,
    /// For whom it is held; does not sign.
    Beneficiary,
}

impl Role {
    /// All of them.
    pub const ALL: &'static [Self] =
        &[Self::Primary, Self::Secondary, Self::Trustee, Self::Signatory, Self::Beneficiary];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
            Self::Trustee => "trustee",
            Self::Signatory => "signatory",
            Self::Beneficiary => "beneficiary",
        }
    }
}

/// A customer and what it is to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Party {
    /// The customer.
    pub customer: CustomerId,
    /// What it is.
    pub role: Role,
}

/// How many of those who may sign must.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Mandate {
    /// Any one (*either*).
    #[default]
    Either,
    /// All of them (*both*).
    All,
    /// Any so many of them.
    AnyOf(u8),
}

/// Who owns an account.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Ownership {
    /// What kind.
    pub kind: OwnershipKind,
    /// The parties, the primary owner first.
    pub parties: SmallVec<[Party; 2]>,
    /// How many must sign.
    pub mandate: Mandate,
}

impl Ownership {
    /// The most parties.
    pub const MAX_PARTIES: usize = 32;

    /// Of one owner.
    #[must_use]
    pub fn individual(owner: CustomerId) -> Self {
        Self::of(OwnershipKind::Individual, owner)
    }

    /// Of a kind, with its primary owner.
    #[must_use]
    pub fn of(kind: OwnershipKind, primary: CustomerId) -> Self {
        let parties = SmallVec::from_iter([Party { customer: primary, role: Role::Primary }]);
        Self { kind, parties, mandate: Mandate::Either }
    }

    /// Of two owners, of whom either, or both, must sign.
    #[must_use]
    pub fn joint(primary: CustomerId, secondary: CustomerId, mandate: Mandate) -> Self {
        Self::of(OwnershipKind::Joint, primary)
            .with_party(secondary, Role::Secondary)
            .with_mandate(mandate)
    }

    /// With another party.
    #[must_use]
    pub fn with_party(mut self, customer: CustomerId, role: Role) -> Self {
        self.parties.push(Party { customer, role });
        self
    }

    /// With a mandate.
    #[must_use]
    pub const fn with_mandate(mut self, mandate: Mandate) -> Self {
        self.mandate = mandate;
        self
    }

    /// The primary owner; none only in an ownership that [`Ownership::judge`] refuses.
    #[must_use]
    pub fn primary(&self) -> Option<CustomerId> {
        self.parties.iter().find(|one| one.role == Role::Primary).map(|one| one.customer)
    }

    /// Whether a role signs in this kind of ownership. A trust and a business act through their
    /// trustees and signatories; a trust's or business's primary owner signs only where none is
    /// named.
    fn signs(&self, role: Role) -> bool {
        match (self.kind, role) {
            (_, Role::Beneficiary) => false,
            (OwnershipKind::Trust, Role::Primary) => !self.has(Role::Trustee),
            (OwnershipKind::Business, Role::Primary) => !self.has(Role::Signatory),
            _ => true,
        }
    }

    fn has(&self, role: Role) -> bool {
        self.parties.iter().any(|one| one.role == role)
    }

    fn count(&self, role: Role) -> usize {
        self.parties.iter().filter(|one| one.role == role).count()
    }

    /// How many may sign.
    #[must_use]
    pub fn signatories(&self) -> usize {
        self.parties.iter().filter(|one| self.signs(one.role)).count()
    }

    /// How many must sign.
    #[must_use]
    pub fn needed(&self) -> usize {
        match self.mandate {
            Mandate::Either => 1,
            Mandate::All => self.signatories(),
            Mandate::AnyOf(count) => usize::from(count),
        }
    }

    /// Whether it has one party, the primary owner, whose word is enough.
    pub(crate) fn primary_signs_alone(&self) -> bool {
        let [only] = self.parties.as_slice() else { return false };
        only.role == Role::Primary && self.signs(only.role) && self.needed() == 1
    }

    /// Whether it can be at all.
    ///
    /// # Errors
    /// [`Refusal`]: the parties, then the mandate.
    pub fn judge(&self) -> Result<(), Refusal> {
        if self.parties.len() > Self::MAX_PARTIES {
            return Err(Refusal::TooManyParties { max: Self::MAX_PARTIES });
        }
        if self.count(Role::Primary) != 1 {
            return Err(Refusal::PrimaryNotOne);
        }
        for (at, one) in self.parties.iter().enumerate() {
            let later = || self.parties.iter().skip(at.saturating_add(1));
            if later().any(|two| two.customer == one.customer) {
                return Err(Refusal::PartyRepeated { customer: one.customer });
            }
        }
        let (kind, second) = (self.kind, self.count(Role::Secondary));
        let fits = match kind {
            OwnershipKind::Individual => second == 0 && !self.has(Role::Trustee),
            OwnershipKind::Joint => second > 0 && !self.has(Role::Trustee),
            OwnershipKind::Trust => self.has(Role::Trustee),
            OwnershipKind::Business => !self.has(Role::Trustee),
        };
        if !fits {
            return Err(Refusal::PartiesDoNotFit { kind });
        }
        let (needed, possible) = (self.needed(), self.signatories());
        if needed == 0 || needed > possible {
            return Err(Refusal::MandateImpossible { needed, possible });
        }
        Ok(())
    }

    /// Whether these signatures are enough for money to go out. No allocation: it stands on the
    /// way of every movement.
    ///
    /// # Errors
    /// [`Refusal::SignerUnknown`], [`Refusal::SignerRepeated`], [`Refusal::SignaturesMissing`].
    #[inline]
    pub fn signed(&self, signers: &[CustomerId]) -> Result<(), Refusal> {
        for (at, signer) in signers.iter().enumerate() {
            let party = self.parties.iter().find(|one| one.customer == *signer);
            if !party.is_some_and(|one| self.signs(one.role)) {
                return Err(Refusal::SignerUnknown { customer: *signer });
            }
            if signers.iter().take(at).any(|before| before == signer) {
                return Err(Refusal::SignerRepeated { customer: *signer });
            }
        }
        let needed = self.needed();
        if signers.len() < needed {
            let given = signers.len();
            return Err(Refusal::SignaturesMissing { given, needed });
        }
        Ok(())
    }
}
