//! National identifiers of customers: sealed, replaced, revealed on record.

use std::marker::PhantomData;

use super::draft::{Draft, row_of};
use super::refs::{customer_ref, person_in};
use super::write::Write;
use crate::bank::corridor::Read;
use crate::bank::{Action, Bank, Context, Error};
use crate::id::CustomerId;
use crate::ledger::decide::{Setting, Supply};
use crate::ledger::facts::Wanted;
use crate::ledger::{EventCode, Outcome};
use crate::party::{self, Customer, CustomerChange, IdentityNumber, NationalId};
use crate::privacy::{Place, Sensitive};
use crate::store::{Entities, Entity, EntityWanted};

impl Bank {
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

    pub(super) fn seal_all(
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
        if let Some(indexed) = IdentityNumber::index_only(id, index) {
            return Ok(indexed);
        }
        let (nonce, plain) = (crate::privacy::random_bytes()?, id.number().as_bytes());
        let sealed = ring.seal(plain, nonce, &place(customer, &purpose))?;
        Ok(IdentityNumber::new(id, sealed, index))
    }
}

/// Where an identifier is sealed.
fn place(customer: CustomerId, purpose: &str) -> Place<'_> {
    Place { kind: Customer::KIND_TEXT, id: customer.as_uuid(), field: purpose }
}
