//! National identifiers of customers: sealed, replaced, revealed on record.

use std::marker::PhantomData;

use super::draft::{Draft, row_of};
use super::refs::{customer_ref, person_in};
use super::write::Write;
use crate::bank::corridor::Read;
use crate::bank::{Action, Bank, Context, Error, Rule};
use crate::id::CustomerId;
use crate::ledger::decide::{Setting, Supply};
use crate::ledger::facts::Wanted;
use crate::ledger::{EventCode, Outcome};
use crate::party::{self, Customer, CustomerChange, IdentityNumber, NationalId};
use crate::privacy::{KeyRing, Place, PrivacyError, Sensitive, random_bytes};
use crate::store::{Entities, Entity, EntityWanted};

impl Bank {
    /// Adds a national identifier to a customer, or replaces that of the same scheme. It is
    /// sealed before anything is written.
    ///
    /// # Errors
    /// [`party::Refusal`], [`Rule::Privacy`]; see [`Error`].
    pub async fn set_identifier(
        &self,
        context: &Context,
        customer: CustomerId,
        id: &NationalId,
    ) -> Result<Outcome<()>, Error> {
        let amend = || async {
            let sealed = self.seal_identity(customer, id)?;
            self.amend_customer(context, customer, &[CustomerChange::Identity(sealed)], None).await
        };
        match amend().await {
            // Another process rotated: sealed anew under the key that it made.
            Err(Error::Rule(Rule::Privacy(PrivacyError::KeyRetired { .. }))) => {
                self.reload_keys().await?;
                amend().await
            }
            ended => ended,
        }
    }

    /// A national identifier of a customer in clear. The read itself is a record of the journal
    /// (S4-087): who asked, for whom, not what was seen.
    ///
    /// # Errors
    /// [`party::Refusal::NoIdentifier`], [`party::Refusal::UnknownCustomer`],
    /// [`Rule::Privacy`]; see [`Error`].
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
        let (nonce, plain) = (random_bytes()?, id.number().as_bytes());
        let sealed = ring.seal(plain, nonce, &place(customer, &purpose))?;
        Ok(IdentityNumber::new(id, sealed, index))
    }
}

/// The identifiers of a customer as the ring seals and indexes them now; none if they are so. A
/// number that is not kept stays as it is: nobody could index it anew.
pub(super) fn renewed(
    ring: &KeyRing,
    person: &Customer,
) -> Result<Option<Vec<IdentityNumber>>, PrivacyError> {
    let mut after = person.identities.clone();
    for one in &mut after {
        let Some(sealed) = one.sealed.as_ref() else { continue };
        let purpose = one.scheme.purpose();
        let place = place(person.id, &purpose);
        let clear = ring.open(sealed, &place)?;
        let number = std::str::from_utf8(clear.expose()).map_err(|_| PrivacyError::Malformed)?;
        let index = ring.index(&purpose, number)?;
        let again = ring.reseal(sealed, random_bytes()?, &place)?;
        one.index = index;
        if again.is_some() {
            one.sealed = again;
        }
    }
    Ok((after != person.identities).then_some(after))
}

/// Where an identifier is sealed.
fn place(customer: CustomerId, purpose: &str) -> Place<'_> {
    Place { kind: Customer::KIND_TEXT, id: customer.as_uuid(), field: purpose }
}
