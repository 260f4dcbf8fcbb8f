//! Registering customers and changing who they are.

use std::marker::PhantomData;

use uuid::Uuid;

use super::draft::{Draft, repeated, row_of};
use super::index::identifier;
use super::refs::{customer_ref, file_ref, person_in, standing_in, standing_ref};
use super::rotation::{judge_keys, keys_of};
use super::write::Write;
use crate::bank::corridor::Read;
use crate::bank::{Action, Bank, Context, Error, Onboarding as Accepting, Rule};
use crate::id::CustomerId;
use crate::kyc::{KycFile, Standing, follow_documents};
use crate::ledger::decide::{Setting, Supply};
use crate::ledger::facts::Wanted;
use crate::ledger::{EventCode, Outcome};
use crate::party::{
    self, Customer, CustomerChange, CustomerNumber, IdentityNumber, Lifecycle, NewCustomer,
    Onboarding,
};
use crate::privacy::PrivacyError;
use crate::store::{Entities, Entity, EntityWanted, Index, IndexEntry};

/// The most customers, or accounts of customers, of one call.
pub const MAX_PEOPLE: usize = 2_048;

/// Whether so many may be asked for at once.
pub(super) const fn judge_count(count: usize) -> Result<(), crate::ledger::Refusal> {
    match count {
        0 => Err(crate::ledger::Refusal::EmptyBatch),
        count if count > MAX_PEOPLE => {
            Err(crate::ledger::Refusal::BatchTooLarge { count, max: MAX_PEOPLE })
        }
        _ => Ok(()),
    }
}

/// The name of an operation under an idempotency key, told apart by its place in the call.
pub(super) fn operation_at(operation: &str, at: usize) -> String {
    if at == 0 { operation.to_owned() } else { format!("{operation}.{at}") }
}

/// A registration with what is fixed before it walks.
struct Registration {
    id: CustomerId,
    number: CustomerNumber,
    new: NewCustomer,
    identities: Vec<IdentityNumber>,
}

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
        let registered = self.register_customers(context, vec![new]).await?;
        let registered = registered.into_iter().next();
        Ok(registered.ok_or(crate::ledger::Refusal::EmptyBatch)?)
    }

    /// Registers customers, all or none, at most [`MAX_PEOPLE`] at a time: for moving in. Each is
    /// as with [`Bank::register_customer`].
    ///
    /// # Errors
    /// [`party::Refusal`], and what a batch is refused for; see [`Error`].
    pub async fn register_customers(
        &self,
        context: &Context,
        new: Vec<NewCustomer>,
    ) -> Result<Vec<Outcome<CustomerId>>, Error> {
        judge_count(new.len())?;
        let mut asked = Vec::with_capacity(new.len());
        for (at, new) in new.into_iter().enumerate() {
            let operation = operation_at("register_customer", at);
            let id = self.id_for(context, &operation, new.id.map(|id| id.as_uuid()));
            let id = CustomerId::from_uuid(id);
            let identities = self.seal_all(id, &new.identities)?;
            let number = new.number.clone();
            let number = number.unwrap_or_else(|| CustomerNumber::generate(self.inner.ids.salt()));
            asked.push(Registration { id, number, new, identities });
        }
        for _ in 0..DRAWS {
            match self.register(context, &asked).await {
                Err(error @ Error::Rule(Rule::Party(party::Refusal::CustomerNumberTaken))) => {
                    let drawn = asked.iter_mut().filter(|one| one.new.number.is_none());
                    let mut any = false;
                    for one in drawn {
                        one.number = CustomerNumber::generate(self.inner.ids.salt());
                        any = true;
                    }
                    if !any {
                        return Err(error);
                    }
                }
                // Another process rotated: sealed anew under the key that it made.
                Err(Error::Rule(Rule::Privacy(PrivacyError::KeyRetired { .. }))) => {
                    self.reload_keys().await?;
                    for one in &mut asked {
                        one.identities = self.seal_all(one.id, &one.new.identities)?;
                    }
                }
                ended => return ended,
            }
        }
        Err(party::Refusal::CustomerNumberTaken.into())
    }

    async fn register(
        &self,
        context: &Context,
        asked: &[Registration],
    ) -> Result<Vec<Outcome<CustomerId>>, Error> {
        let wanted = |_: &Entities, round| (round == 0).then(|| self.want_registrations(asked));
        let decide = |setting: Setting<'_>, supply: &mut dyn Supply, mut read: Read| {
            let mut draft = Draft::new(&read.facts);
            let mut outcomes = Vec::with_capacity(asked.len());
            for one in asked {
                let known = &mut read.entities;
                outcomes.push(self.decide_registration(one, setting, supply, known, &mut draft)?);
            }
            Ok(draft.decided(move |_| outcomes))
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

    fn want_registrations(&self, asked: &[Registration]) -> EntityWanted {
        let unique_email = self.inner.rules.party.unique_email;
        let mut wanted = EntityWanted::default();
        for Registration { id, number, new, identities } in asked {
            wanted.exclusive.extend([customer_ref(*id), file_ref(*id), standing_ref(*id)]);
            wanted.shared.extend(keys_of(identities));
            wanted.unique.extend(unique_of(number, new, identities, unique_email));
        }
        wanted
    }

    fn decide_registration(
        &self,
        asked: &Registration,
        setting: Setting<'_>,
        supply: &mut dyn Supply,
        known: &mut Entities,
        draft: &mut Draft,
    ) -> Result<Outcome<CustomerId>, Error> {
        let Registration { id, number, new, identities } = asked;
        let (id, moment, rules) = (*id, setting.moment, &self.inner.rules);
        let request = Asked { new, identities: identities.iter().map(|one| one.index).collect() };
        if let Some(row) = row_of(known, customer_ref(id)) {
            return match repeated(row, &request) {
                Some(field) => Err(party::Refusal::CustomerIdReused { field }.into()),
                None => Ok(Outcome::Replayed(id)),
            };
        }
        let (number, identities) = (number.clone(), identities.clone());
        let customer =
            party::decide_registration(id, number, new, identities, &rules.party, moment)?;
        free(&customer, known)?;
        judge_keys(known, &customer.identities)?;
        let (file, standing) = (KycFile::new(id), self.first_standing(&customer));
        let policy = rules.documents_of(&customer.kind);
        let standing = follow_documents(&standing, &file, policy, moment.today)
            .map_or(standing, |followed| followed.new);
        let event = EventCode::known("customer.registered");
        let row = draft.create(Entity::Customer(customer), event, &request, supply);
        // Others of the same call must not take what this one has, nor its id.
        for key in super::index::entries_of(&row.value) {
            if key.index.is_unique() {
                known.taken.insert(key, row.entity);
            }
        }
        known.rows.insert(row.entity, std::sync::Arc::new(row));
        draft.create(Entity::KycFile(file), EventCode::known("kyc.file_opened"), &(), supply);
        let event = EventCode::known("standing.opened");
        draft.create(Entity::Standing(standing), event, &(), supply);
        Ok(Outcome::Applied(id))
    }

    fn first_standing(&self, customer: &Customer) -> Standing {
        let standing = Standing::new(customer.id);
        match self.inner.rules.onboarding {
            Accepting::ByApproval => standing,
            Accepting::AtOnce => standing.with_onboarding(Onboarding::Approved),
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
                shared: keys_of(identities_of(changes)).chain([standing_ref(customer)]).collect(),
                exclusive: vec![customer_ref(customer)],
                unique: unique_of_changes(changes, rules.unique_email),
                ..EntityWanted::default()
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
                    judge_keys(&read.entities, identities_of(changes))?;
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

fn identities_of(changes: &[CustomerChange]) -> impl Iterator<Item = &IdentityNumber> {
    changes.iter().filter_map(|change| match change {
        CustomerChange::Identity(one) => Some(one),
        _ => None,
    })
}

fn of_kept(person: &Customer, unique_email: bool) -> Option<EntityWanted> {
    let email = person.email.as_ref().filter(|_| unique_email && !person.unique_email)?;
    let unique = vec![IndexEntry::new(Index::UniqueEmail, email.key())];
    Some(EntityWanted { unique, ..EntityWanted::default() })
}

/// Whether number, address and identifiers are nobody else's.
pub(super) fn free(customer: &Customer, known: &Entities) -> Result<(), party::Refusal> {
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
