//! What a host does with keys over the years: wraps them under another master key, seals again what
//! is sealed under an old one, and destroys the old one once nothing needs it.
//!
//! What is written is sealed under the active key, and the unit that writes it has read that the
//! key is active still. So what an old key sealed only ever gets less, and once nothing is found,
//! nothing comes after.

use std::marker::PhantomData;
use std::sync::Arc;

use super::customers::free;
use super::draft::{Draft, row_of};
use super::identifiers::renewed;
use super::index::identifier;
use super::keys::key_ref;
use super::refs::{customer_ref, person_in};
use super::screens::judge_limit;
use super::write::Write;
use crate::bank::corridor::Read;
use crate::bank::{Action, Bank, Context, Error, Rule};
use crate::id::{CustomerId, DataKeyId};
use crate::kyc::KycFile;
use crate::ledger::decide::{Setting, Supply};
use crate::ledger::facts::Wanted;
use crate::ledger::{EntityRef, EventCode, FieldChange, FieldName, Outcome, StateCode};
use crate::party::{self, Customer, IdentityNumber};
use crate::privacy::{KeyPort, KeyPurpose, KeyRing, KeyState, PrivacyError, StoredKey, Wrapped};
use crate::store::{Entities, Entity, EntityWanted};

/// How far a re-sealing has come.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Resealed {
    /// How many customers were looked at.
    pub seen: usize,
    /// How many had something that was sealed again.
    pub changed: usize,
    /// Whose identifiers could not be opened, and why. The key that sealed them cannot be
    /// destroyed until that is put right.
    pub failed: Vec<(CustomerId, Error)>,
    /// Where to go on; none at the end.
    pub next: Option<CustomerId>,
}

/// How many rows are read at once to find what a key is needed for.
const PAGE: usize = 1_000;

/// How often keys are looked for that another process made meanwhile.
const LOOKS: u32 = 8;

impl Bank {
    /// Wraps every data key under the master key of a new port, once the host has changed that:
    /// each is opened by whichever port opens it, so that a call which was cut short, or came
    /// while another process rotated, is put right by the same call again. From then on this bank
    /// uses the new port; other processes unlock with it. Says how many were wrapped.
    ///
    /// # Errors
    /// [`PrivacyError::PortRefused`] when neither port opens a key, or the new one does not open
    /// what it wrapped; [`PrivacyError::NoKeys`] in a store without keys; see [`Error`].
    pub async fn rewrap_keys(
        &self,
        context: &Context,
        old: &dyn KeyPort,
        new: impl KeyPort + 'static,
    ) -> Result<usize, Error> {
        self.authorise(context, Action::RewrapKeys)?;
        let port: Arc<dyn KeyPort> = Arc::new(new);
        let mut done = Vec::new();
        for _ in 0..LOOKS {
            let mut stored = self.stored_keys().await?;
            if stored.is_empty() {
                return Err(PrivacyError::NoKeys.into());
            }
            stored.retain(|key| key.state != KeyState::Destroyed && !done.contains(&key.id));
            if stored.is_empty() {
                break;
            }
            let mut wrapped = Vec::with_capacity(stored.len());
            for key in &stored {
                wrapped.push((key.id, wrapped_anew(key, old, &*port).await?));
            }
            self.write_wrapped(context, &wrapped).await?;
            done.extend(stored.iter().map(|key| key.id));
        }
        // A dry run has wrapped nothing that the new port could open.
        if !self.is_dry_run() {
            self.unwrap_keys(port, self.stored_keys().await?).await?;
        }
        Ok(done.len())
    }

    async fn write_wrapped(
        &self,
        context: &Context,
        wrapped: &[(DataKeyId, Wrapped)],
    ) -> Result<(), Error> {
        let wanted = |_: &Entities, round| {
            let exclusive = wrapped.iter().map(|(id, _)| key_ref(*id)).collect();
            (round == 0).then(|| EntityWanted { exclusive, ..EntityWanted::default() })
        };
        let decide = |_: Setting<'_>, _: &mut dyn Supply, read: Read| {
            let mut draft = Draft::new(&read.facts);
            for (id, wrapped) in wrapped {
                let Some(row) = row_of(&read.entities, key_ref(*id)) else { continue };
                let Entity::DataKey(key) = row.value.as_ref() else { continue };
                if key.state == KeyState::Destroyed {
                    continue;
                }
                let mut key = key.clone();
                key.wrapped = wrapped.clone();
                let changes = vec![FieldChange::of(FieldName::known("wrapped"))];
                draft.update(row, Entity::DataKey(key), EventCode::known("key.rewrapped"), changes);
            }
            Ok(draft.decided(|_| ()))
        };
        let (action, ledger, output) = (Action::RewrapKeys, Wanted::default(), PhantomData);
        let write = Write { action, wanted, ledger, repeatable: true, decide, output };
        self.walk(context, &write).await
    }

    /// Seals again, under the active key, what is sealed under an older one: identifiers of at
    /// most `limit` customers behind `after`, in the order of their ids, each in a unit of its own.
    /// Blind indexes that are not those of the index key are made anew. Go on at
    /// [`Resealed::next`]; begun again from the start it looks at all and changes what is left.
    ///
    /// # Errors
    /// [`PrivacyError::KeyRetired`] when another process rotated meanwhile: repeat; see [`Error`].
    pub async fn reseal_identifiers(
        &self,
        context: &Context,
        after: Option<CustomerId>,
        limit: usize,
    ) -> Result<Resealed, Error> {
        judge_limit(limit)?;
        self.authorise(context, Action::ResealIdentifiers)?;
        self.reload_keys().await?;
        let ring = self.inner.keys.ring()?;
        let after = after.map(|id| id.as_uuid());
        let rows = self.inner.store.entity_list(Customer::KIND, after, limit).await?;
        let mut resealed = Resealed::default();
        for (row, _) in &rows {
            let Entity::Customer(person) = row.value.as_ref() else { continue };
            resealed.seen = resealed.seen.saturating_add(1);
            resealed.next = Some(person.id).filter(|_| rows.len() == limit);
            // Most are as they should be, which needs no unit.
            if matches!(renewed(&ring, person), Ok(None)) {
                continue;
            }
            match self.reseal(context, person.id, &ring).await {
                Ok(ended) => {
                    let changed = usize::from(!ended.is_replayed());
                    resealed.changed = resealed.changed.saturating_add(changed);
                }
                Err(error) if is_of_the_row(&error) => resealed.failed.push((person.id, error)),
                Err(error) => return Err(error),
            }
        }
        Ok(resealed)
    }

    async fn reseal(
        &self,
        context: &Context,
        customer: CustomerId,
        ring: &KeyRing,
    ) -> Result<Outcome<()>, Error> {
        let wanted = |known: &Entities, round| match round {
            0 => Some(EntityWanted {
                shared: vec![key_ref(ring.active())],
                exclusive: vec![customer_ref(customer)],
                ..EntityWanted::default()
            }),
            1 => {
                let person = person_in(known, customer)?;
                let renewed = renewed(ring, person).ok()??;
                let unique = renewed.iter().map(|one| identifier(one.index)).collect();
                Some(EntityWanted { unique, ..EntityWanted::default() })
            }
            _ => None,
        };
        let decide = |_: Setting<'_>, _: &mut dyn Supply, read: Read| {
            let unknown = party::Refusal::UnknownCustomer { customer };
            let found = row_of(&read.entities, customer_ref(customer));
            let (row, person) = found.zip(person_in(&read.entities, customer)).ok_or(unknown)?;
            let mut draft = Draft::new(&read.facts);
            let renewed = renewed(ring, person)?;
            let applied = renewed.is_some();
            if let Some(identities) = renewed {
                judge_key(&read.entities, ring.active())?;
                let after = Customer { identities, ..person.clone() };
                free(&after, &read.entities)?;
                let event = EventCode::known("customer.identifiers_resealed");
                let changes = vec![FieldChange::of(FieldName::known("identities"))];
                draft.update(row, Entity::Customer(after), event, changes);
            }
            Ok(draft.decided(
                move |_| {
                    if applied { Outcome::Applied(()) } else { Outcome::Replayed(()) }
                },
            ))
        };
        let (action, ledger, output) = (Action::ResealIdentifiers, Wanted::default(), PhantomData);
        let write = Write { action, wanted, ledger, repeatable: true, decide, output };
        self.walk(context, &write).await
    }

    /// Destroys a data key that was rotated out and that nothing is sealed under any more: its
    /// bytes are gone from the store. It reads every customer and every file of documents first.
    ///
    /// # Errors
    /// [`PrivacyError::KeyActive`], [`PrivacyError::KeyInUse`], [`PrivacyError::UnknownKey`]; see
    /// [`Error`].
    pub async fn destroy_key(
        &self,
        context: &Context,
        key: DataKeyId,
    ) -> Result<Outcome<()>, Error> {
        self.authorise(context, Action::DestroyKeys)?;
        let stored = self.stored_keys().await?.into_iter().find(|one| one.id == key);
        judge_end(stored.as_ref(), key)?;
        // From here on nothing new is sealed under it, so that nothing found means nothing left.
        if self.is_needed(key).await? {
            return Err(PrivacyError::KeyInUse { key }.into());
        }
        let wanted = |_: &Entities, round| {
            let exclusive = vec![key_ref(key)];
            (round == 0).then(|| EntityWanted { exclusive, ..EntityWanted::default() })
        };
        let decide =
            |_: Setting<'_>, _: &mut dyn Supply, read: Read| {
                let row = row_of(&read.entities, key_ref(key));
                let found = row.and_then(|row| match row.value.as_ref() {
                    Entity::DataKey(one) => Some((row, one)),
                    _ => None,
                });
                judge_end(found.map(|(_, one)| one), key)?;
                let mut draft = Draft::new(&read.facts);
                let ended = found.and_then(|(row, one)| {
                    let from = StateCode::known(one.state.code());
                    Some((row, from, one.clone().moved_to(KeyState::Destroyed)?))
                });
                let applied = ended.is_some();
                if let Some((row, from, ended)) = ended {
                    let to = StateCode::known(ended.state.code());
                    let changes = vec![FieldChange::between(FieldName::known("state"), from, to)];
                    let event = EventCode::known("key.destroyed");
                    draft.update(row, Entity::DataKey(ended), event, changes);
                }
                Ok(draft.decided(move |_| {
                    if applied { Outcome::Applied(()) } else { Outcome::Replayed(()) }
                }))
            };
        let (action, ledger, output) = (Action::DestroyKeys, Wanted::default(), PhantomData);
        let write = Write { action, wanted, ledger, repeatable: true, decide, output };
        let ended = self.walk(context, &write).await?;
        if self.inner.keys.ring().is_ok() {
            self.reload_keys().await?;
        }
        Ok(ended)
    }

    /// Whether anything is sealed under a key.
    async fn is_needed(&self, key: DataKeyId) -> Result<bool, Error> {
        for kind in [Customer::KIND, KycFile::KIND] {
            let mut after = None;
            loop {
                let rows = self.inner.store.entity_list(kind, after, PAGE).await?;
                let Some((last, _)) = rows.last() else { break };
                after = Some(last.entity.id);
                if rows.iter().any(|(row, _)| needs(&row.value, key)) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

fn needs(value: &Entity, key: DataKeyId) -> bool {
    match value {
        Entity::Customer(one) => {
            let mut sealed = one.identities.iter().filter_map(|one| one.sealed.as_ref());
            sealed.any(|sealed| sealed.key() == key)
        }
        Entity::KycFile(one) => {
            let numbers = one.documents.iter().filter_map(|one| one.number.as_ref());
            let mut sealed = numbers.filter_map(|number| number.sealed.as_ref());
            sealed.any(|sealed| sealed.key() == key)
        }
        _ => false,
    }
}

/// Whether a key may be destroyed, but for what it is needed for.
fn judge_end(stored: Option<&StoredKey>, key: DataKeyId) -> Result<(), PrivacyError> {
    let stored = stored.ok_or(PrivacyError::UnknownKey { key })?;
    match (stored.purpose, stored.state) {
        (KeyPurpose::Index, _) | (_, KeyState::Active) => Err(PrivacyError::KeyActive { key }),
        _ => Ok(()),
    }
}

/// A key, opened by whichever port opens it, wrapped by the new one, which must open it again.
async fn wrapped_anew(
    key: &StoredKey,
    old: &dyn KeyPort,
    new: &dyn KeyPort,
) -> Result<Wrapped, PrivacyError> {
    let opened = match old.unwrap_key(&key.wrapped, key.id).await {
        Err(PrivacyError::PortRefused) => new.unwrap_key(&key.wrapped, key.id).await?,
        opened => opened?,
    };
    let wrapped = new.wrap_key(&opened, key.id).await?;
    let again = new.unwrap_key(&wrapped, key.id).await?;
    if again == opened { Ok(wrapped) } else { Err(PrivacyError::PortRefused) }
}

/// Whether a fault is of one row, and others can be gone on with.
const fn is_of_the_row(error: &Error) -> bool {
    use PrivacyError::{KeyDestroyed, Malformed, Tampered, UnknownKey};
    matches!(
        error,
        Error::Rule(
            Rule::Privacy(KeyDestroyed { .. } | Malformed | Tampered | UnknownKey { .. })
                | Rule::Party(party::Refusal::IdentifierTaken { .. })
        )
    )
}

/// The rows of the keys that identifiers are sealed under.
pub(super) fn keys_of<'a>(
    identities: impl IntoIterator<Item = &'a IdentityNumber>,
) -> impl Iterator<Item = EntityRef> {
    identities.into_iter().filter_map(|one| Some(key_ref(one.sealed.as_ref()?.key())))
}

/// Whether identifiers that are new are sealed under keys that seal.
pub(super) fn judge_keys<'a>(
    known: &Entities,
    identities: impl IntoIterator<Item = &'a IdentityNumber>,
) -> Result<(), PrivacyError> {
    let mut sealed = identities.into_iter().filter_map(|one| one.sealed.as_ref());
    sealed.try_for_each(|sealed| judge_key(known, sealed.key()))
}

fn judge_key(known: &Entities, key: DataKeyId) -> Result<(), PrivacyError> {
    let row = row_of(known, key_ref(key)).map(|row| row.value.as_ref());
    match row {
        Some(Entity::DataKey(one)) if one.purpose == KeyPurpose::Data => match one.state {
            KeyState::Active => Ok(()),
            // Destroyed meanwhile: what is new can still be sealed under another one.
            KeyState::DecryptOnly | KeyState::Destroyed => Err(PrivacyError::KeyRetired { key }),
        },
        _ => Err(PrivacyError::UnknownKey { key }),
    }
}
