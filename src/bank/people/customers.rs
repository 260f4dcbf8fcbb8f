//! Registering customers and changing who they are.

use std::marker::PhantomData;

use uuid::Uuid;

use super::draft::{Draft, repeated, row_of};
use super::index::identifier;
use super::refs::{customer_ref, file_ref, person_in, standing_in, standing_ref};
use super::write::Write;
use crate::bank::corridor::Read;
use crate::bank::{Action, Bank, Context, Error, Onboarding as Rule};
use crate::id::CustomerId;
use crate::kyc::{KycFile, Standing, follow_documents};
use crate::ledger::decide::{Setting, Supply};
use crate::ledger::facts::Wanted;
use crate::ledger::{EventCode, Outcome};
use crate::party::{
    self, Customer, CustomerChange, CustomerNumber, IdentityNumber, Lifecycle, NationalId,
    NewCustomer, Onboarding,
};
use crate::privacy::{Place, Sensitive};
use crate::store::{Entities, Entity, EntityWanted, Index, IndexEntry};

/// What is compared when a registration is repeated: identifiers by their blind indexes.
#[derive(serde::Serialize)]
struct Asked<'a> {
    #[serde(flatten)]
    new: &'a NewCustomer,
    identities: Vec<crate::privacy::BlindIndex>,
}

impl Bank {
    /// Registers a customer: who it is, an empty file of documents, and where it stands.
    ///
    /// The id may be the caller's, or is made of the context's idempotency key; repeated under it
    /// the same request is [`Outcome::Replayed`]. Identifiers are sealed before anything is
    /// written, and need a bank that was [unlocked](Bank::unlock).
    ///
    /// # Errors
    /// [`party::Refusal`]; see [`Error`].
    pub async fn register_customer(
        &self,
        context: &Context,
        new: NewCustomer,
    ) -> Result<Outcome<CustomerId>, Error> {
        let id = self.id_for(context, "register_customer", new.id.map(|id| id.as_uuid()));
        let id = CustomerId::from_uuid(id);
        let identities = self.seal_all(id, &new.identities)?;
        let chosen = new.number.is_some();
        for _ in 0..DRAWS {
            let drawn = || CustomerNumber::generate(self.inner.ids.salt());
            let number = new.number.clone().unwrap_or_else(drawn);
            let registered = self.register(context, id, number, &new, &identities).await;
            match registered {
                Err(error) if !chosen && error.code() == "customer_number_taken" => {}
                ended => return ended,
            }
        }
        Err(party::Refusal::CustomerNumberTaken.into())
    }

    async fn register(
        &self,
        context: &Context,
        id: CustomerId,
        number: CustomerNumber,
        new: &NewCustomer,
        identities: &[IdentityNumber],
    ) -> Result<Outcome<CustomerId>, Error> {
        let rules = &self.inner.rules;
        let asked = Asked { new, identities: identities.iter().map(|one| one.index).collect() };
        let unique = unique_of(&number, new, identities, rules.party.unique_email);
        let wanted = |_: &Entities, round| {
            (round == 0).then(|| EntityWanted {
                shared: Vec::new(),
                exclusive: vec![customer_ref(id), file_ref(id), standing_ref(id)],
                unique: unique.clone(),
            })
        };
        let decide = |setting: Setting<'_>, supply: &mut dyn Supply, read: Read| {
            if let Some(row) = row_of(&read.entities, customer_ref(id)) {
                if let Some(field) = repeated(row, &asked) {
                    return Err(party::Refusal::CustomerIdReused { field }.into());
                }
                return Ok(Draft::new(&read.facts).decided(move |_| Outcome::Replayed(id)));
            }
            let (moment, identities) = (setting.moment, identities.to_vec());
            let number = number.clone();
            let customer =
                party::decide_registration(id, number, new, identities, &rules.party, moment)?;
            free(&customer, &read.entities)?;
            let (file, standing) = (KycFile::new(id), self.first_standing(&customer));
            let policy = rules.documents_of(&customer.kind);
            let standing = follow_documents(&standing, &file, policy, moment.today)
                .map_or(standing, |followed| followed.new);
            let mut draft = Draft::new(&read.facts);
            let event = EventCode::known("customer.registered");
            draft.create(Entity::Customer(customer), event, &asked, supply);
            draft.create(Entity::KycFile(file), EventCode::known("kyc.file_opened"), &(), supply);
            let event = EventCode::known("standing.opened");
            draft.create(Entity::Standing(standing), event, &(), supply);
            Ok(draft.decided(move |_| Outcome::Applied(id)))
        };
        let write = Write {
            action: Action::RegisterCustomer,
            wanted,
            ledger: Wanted::default(),
            repeatable: true,
            decide,
            output: PhantomData,
        };
        self.walk(context, &write).await
    }

    fn first_standing(&self, customer: &Customer) -> Standing {
        let standing = Standing::new(customer.id);
        match self.inner.rules.onboarding {
            Rule::ByApproval => standing,
            Rule::AtOnce => standing.with_onboarding(Onboarding::Approved),
        }
    }

    /// Changes who a customer is, all changes or none. `expected` is the version that the caller
    /// had read, if a change of somebody else in between is to be noticed; see
    /// [`CustomerOverview::version`](crate::bank::CustomerOverview).
    ///
    /// # Errors
    /// [`party::Refusal`]; see [`Error`].
    pub async fn amend_customer(
        &self,
        context: &Context,
        customer: CustomerId,
        changes: &[CustomerChange],
        expected: Option<u64>,
    ) -> Result<Outcome<()>, Error> {
        let rules = &self.inner.rules.party;
        let wanted = |known: &Entities, round| match round {
            0 => Some(EntityWanted {
                shared: vec![standing_ref(customer)],
                exclusive: vec![customer_ref(customer)],
                unique: unique_of_changes(changes, rules.unique_email),
            }),
            // Without a change of the address the rule may have changed all the same.
            1 => person_in(known, customer).and_then(|person| of_kept(person, rules.unique_email)),
            _ => None,
        };
        let decide =
            |setting: Setting<'_>, _: &mut dyn Supply, read: Read| {
                let unknown = party::Refusal::UnknownCustomer { customer };
                let found = row_of(&read.entities, customer_ref(customer));
                let found = found.zip(person_in(&read.entities, customer));
                let (row, person) = found.ok_or(unknown)?;
                if let Some(expected) = expected.filter(|expected| *expected != row.version) {
                    let actual = row.version;
                    return Err(party::Refusal::CustomerChanged { expected, actual }.into());
                }
                let standing = standing_in(&read.entities, customer);
                if standing.is_none_or(|one| one.deleted || one.lifecycle == Lifecycle::Closed) {
                    return Err(party::Refusal::CustomerGone { customer }.into());
                }
                let mut draft = Draft::new(&read.facts);
                let amended = party::decide_amendment(person, changes, rules, setting.moment)?;
                let applied = amended.is_some();
                if let Some((after, fields)) = amended {
                    free(&after, &read.entities)?;
                    let event = EventCode::known("customer.amended");
                    draft.update(row, Entity::Customer(after), event, fields);
                }
                Ok(draft.decided(move |_| {
                    if applied { Outcome::Applied(()) } else { Outcome::Replayed(()) }
                }))
            };
        let write = Write {
            action: Action::AmendCustomer,
            wanted,
            ledger: Wanted::default(),
            repeatable: true,
            decide,
            output: PhantomData,
        };
        self.walk(context, &write).await
    }

    /// Adds a national identifier to a customer, or replaces that of the same scheme. It is
    /// sealed before anything is written.
    ///
    /// # Errors
    /// [`party::Refusal`], [`Rule::Privacy`](crate::bank::Rule::Privacy); see [`Error`].
    pub async fn set_identifier(
        &self,
        context: &Context,
        customer: CustomerId,
        id: &NationalId,
    ) -> Result<Outcome<()>, Error> {
        let sealed = self.seal_identity(customer, id)?;
        self.amend_customer(context, customer, &[CustomerChange::Identity(sealed)], None).await
    }

    /// A national identifier of a customer in clear. The read itself is a record of the journal
    /// (S4-087): who asked, for whom, not what was seen.
    ///
    /// # Errors
    /// [`party::Refusal::NoIdentifier`], [`party::Refusal::UnknownCustomer`],
    /// [`Rule::Privacy`](crate::bank::Rule::Privacy); see [`Error`].
    pub async fn reveal_identifier(
        &self,
        context: &Context,
        customer: CustomerId,
        scheme: &str,
    ) -> Result<Sensitive<String>, Error> {
        let ring = self.inner.keys.ring()?;
        let wanted = |_: &Entities, round| {
            let exclusive = vec![customer_ref(customer)];
            (round == 0).then(|| EntityWanted { exclusive, ..EntityWanted::default() })
        };
        let decide = |_: Setting<'_>, _: &mut dyn Supply, read: Read| {
            let unknown = party::Refusal::UnknownCustomer { customer };
            let found = row_of(&read.entities, customer_ref(customer));
            let (row, person) = found.zip(person_in(&read.entities, customer)).ok_or(unknown)?;
            let none = || party::Refusal::NoIdentifier { scheme: scheme.to_owned() };
            let identity = person.identity(scheme).ok_or_else(none)?;
            let sealed = identity.sealed.as_ref().ok_or_else(none)?;
            let purpose = identity.scheme.purpose();
            let opened = ring.open(sealed, &place(customer, &purpose))?;
            let clear = String::from_utf8_lossy(opened.expose()).into_owned();
            let clear = Sensitive::new(clear);
            let mut draft = Draft::new(&read.facts);
            let event = EventCode::known("customer.identifier_revealed");
            draft.update(row, Entity::Customer(person.clone()), event, Vec::new());
            Ok(draft.decided(move |_| clear))
        };
        let write = Write {
            action: Action::RevealIdentifier,
            wanted,
            ledger: Wanted::default(),
            repeatable: true,
            decide,
            output: PhantomData,
        };
        self.walk(context, &write).await
    }

    fn seal_all(
        &self,
        customer: CustomerId,
        ids: &[NationalId],
    ) -> Result<Vec<IdentityNumber>, Error> {
        ids.iter().map(|id| self.seal_identity(customer, id)).collect()
    }

    fn seal_identity(
        &self,
        customer: CustomerId,
        id: &NationalId,
    ) -> Result<IdentityNumber, Error> {
        let (ring, purpose) = (self.inner.keys.ring()?, id.scheme().purpose());
        let index = ring.index(&purpose, id.number())?;
        let sealed = if id.scheme().may_be_kept() {
            let nonce = crate::privacy::random_bytes()?;
            let plain = id.number().as_bytes();
            Some(ring.seal(plain, nonce, &place(customer, &purpose))?)
        } else {
            None
        };
        Ok(IdentityNumber::new(id, sealed, index))
    }

    /// The id of something new: the caller's, that which belongs to the idempotency key, or fresh.
    pub(super) fn id_for(&self, context: &Context, operation: &str, given: Option<Uuid>) -> Uuid {
        if let Some(id) = given {
            return id;
        }
        match &context.idempotency_key {
            Some(key) => super::draft::id_of_key(operation, key.as_str()),
            None => self.inner.ids.next_id(self.moment().now),
        }
    }
}

/// How often a number is drawn before the host is told.
pub(super) const DRAWS: u32 = 8;

/// Where an identifier is sealed.
fn place(customer: CustomerId, purpose: &str) -> Place<'_> {
    Place { kind: Customer::KIND_TEXT, id: customer.as_uuid(), field: purpose }
}

fn unique_of(
    number: &CustomerNumber,
    new: &NewCustomer,
    identities: &[IdentityNumber],
    unique_email: bool,
) -> Vec<IndexEntry> {
    let mut unique = vec![IndexEntry::new(Index::CustomerNumber, number.as_str())];
    if let Some(email) = new.email.as_ref().filter(|_| unique_email) {
        unique.push(IndexEntry::new(Index::UniqueEmail, email.key()));
    }
    unique.extend(identities.iter().map(|one| identifier(one.index)));
    unique
}

fn unique_of_changes(changes: &[CustomerChange], unique_email: bool) -> Vec<IndexEntry> {
    let key = |change: &CustomerChange| match change {
        CustomerChange::Email(Some(email)) if unique_email => {
            Some(IndexEntry::new(Index::UniqueEmail, email.key()))
        }
        CustomerChange::Identity(one) => Some(identifier(one.index)),
        _ => None,
    };
    changes.iter().filter_map(key).collect()
}

fn of_kept(person: &Customer, unique_email: bool) -> Option<EntityWanted> {
    let email = person.email.as_ref().filter(|_| unique_email && !person.unique_email)?;
    let unique = vec![IndexEntry::new(Index::UniqueEmail, email.key())];
    Some(EntityWanted { unique, ..EntityWanted::default() })
}

/// Whether number, address and identifiers are nobody else's.
fn free(customer: &Customer, known: &Entities) -> Result<(), party::Refusal> {
    let own = customer_ref(customer.id);
    let taken = |key: &IndexEntry| known.taken.get(key).is_some_and(|owner| *owner != own);
    if taken(&IndexEntry::new(Index::CustomerNumber, customer.number.as_str())) {
        return Err(party::Refusal::CustomerNumberTaken);
    }
    let email = customer.email.as_ref().filter(|_| customer.unique_email);
    if email.is_some_and(|email| taken(&IndexEntry::new(Index::UniqueEmail, email.key()))) {
        return Err(party::Refusal::EmailTaken);
    }
    match customer.identities.iter().find(|one| taken(&identifier(one.index))) {
        Some(one) => Err(party::Refusal::IdentifierTaken { scheme: one.scheme.to_string() }),
        None => Ok(()),
    }
}
