//! The data keys of a bank: read when it is opened, made when there are none, rotated.

use std::marker::PhantomData;
use std::sync::{Arc, PoisonError, RwLock};

use super::draft::{Draft, row_of};
use super::write::Write;
use crate::bank::corridor::Read;
use crate::bank::{Action, Bank, Context, Error};
use crate::id::DataKeyId;
use crate::ledger::decide::{Setting, Supply};
use crate::ledger::facts::Wanted;
use crate::ledger::{EntityKind, EntityRef, EventCode, FieldChange, FieldName, StateCode};
use crate::privacy::{
    KeyPort, KeyPurpose, KeyRing, KeyState, PrivacyError, Sensitive, StoredKey, random_bytes,
};
use crate::store::{Entities, Entity, EntityWanted};

const KIND: EntityKind = EntityKind::known("data_key");

/// The two first keys of a bank have fixed ids, so that two processes that open it at once make
/// one of them, not two.
const FIRST_DATA: DataKeyId = DataKeyId::from_u128(0xc0de_0000_0000_8000_8000_0000_0000_0001);
const FIRST_INDEX: DataKeyId = DataKeyId::from_u128(0xc0de_0000_0000_8000_8000_0000_0000_0002);

/// The keys, and where they are unwrapped.
#[derive(Debug, Clone, Default)]
pub(in crate::bank) struct Keys(Arc<RwLock<Held>>);

#[derive(Debug, Default)]
struct Held {
    ring: Option<KeyRing>,
    port: Option<Arc<dyn KeyPort>>,
}

impl Keys {
    /// The ring.
    pub(super) fn ring(&self) -> Result<KeyRing, PrivacyError> {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        held.ring.clone().ok_or(PrivacyError::NoKeys)
    }

    fn port(&self) -> Result<Arc<dyn KeyPort>, PrivacyError> {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        held.port.clone().ok_or(PrivacyError::NoKeys)
    }

    fn hold(&self, ring: KeyRing, port: Arc<dyn KeyPort>) {
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        (held.ring, held.port) = (Some(ring), Some(port));
    }
}

pub(super) const fn key_ref(id: DataKeyId) -> EntityRef {
    EntityRef::new(KIND, id.as_uuid())
}

impl Bank {
    /// Unwraps the data keys with the master key behind a port; in a store that has none yet, they
    /// are made. Without it a bank takes and shows no national identifiers. All handles to this
    /// bank share the keys.
    ///
    /// # Errors
    /// [`Rule::Privacy`](crate::bank::Rule::Privacy) when the port does not open them; see
    /// [`Error`].
    pub async fn unlock(&self, port: impl KeyPort + 'static) -> Result<(), Error> {
        let port: Arc<dyn KeyPort> = Arc::new(port);
        let mut stored = self.stored_keys().await?;
        if stored.is_empty() {
            let context = Context::system("keys").map_err(|_| PrivacyError::InvalidKeys)?;
            let data = self.new_key(&*port, FIRST_DATA, KeyPurpose::Data).await?;
            let index = self.new_key(&*port, FIRST_INDEX, KeyPurpose::Index).await?;
            self.write_keys(&context, vec![data, index], None).await?;
            // Another process may have been first: what stands is what counts.
            stored = self.stored_keys().await?;
        }
        self.unwrap_keys(port, stored).await
    }

    /// Makes a new data key the one that encrypts; what the old ones encrypted stays readable
    /// (S1-102: every 90 days at the latest). Of several processes that rotate the same key at
    /// once one does. Other processes see the new key when they open the bank, at
    /// [`Bank::reload_keys`], or when they next write an identifier. Says which key encrypts.
    ///
    /// # Errors
    /// [`Rule::Privacy`](crate::bank::Rule::Privacy); see [`Error`].
    pub async fn rotate_keys(&self, context: &Context) -> Result<DataKeyId, Error> {
        let port = self.inner.keys.port()?;
        self.authorise(context, Action::RotateKeys)?;
        let id = DataKeyId::from_uuid(self.inner.ids.next_id(self.moment().now));
        let key = self.new_key(&*port, id, KeyPurpose::Data).await?;
        let active = self.inner.keys.ring()?.active();
        self.write_keys(context, vec![key], Some(active)).await?;
        let stored = self.stored_keys().await?;
        self.unwrap_keys(port, stored).await?;
        Ok(self.inner.keys.ring()?.active())
    }

    /// The data keys as they are kept, wrapped, in the order of their ids: which are
    /// [due](StoredKey::is_due), and which only decrypt.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn data_keys(&self) -> Result<Vec<StoredKey>, Error> {
        self.stored_keys().await
    }

    /// Reads the keys again, after another process has rotated them.
    ///
    /// # Errors
    /// [`Rule::Privacy`](crate::bank::Rule::Privacy); see [`Error`].
    pub async fn reload_keys(&self) -> Result<(), Error> {
        let (port, stored) = (self.inner.keys.port()?, self.stored_keys().await?);
        self.unwrap_keys(port, stored).await
    }

    async fn new_key(
        &self,
        port: &dyn KeyPort,
        id: DataKeyId,
        purpose: KeyPurpose,
    ) -> Result<StoredKey, Error> {
        let key = Sensitive::new(random_bytes::<32>()?);
        let wrapped = port.wrap_key(&key, id).await?;
        let moment = self.moment();
        Ok(StoredKey::new(id, purpose, wrapped, moment.now, moment.today))
    }

    pub(super) async fn stored_keys(&self) -> Result<Vec<StoredKey>, Error> {
        let (mut keys, mut after) = (Vec::new(), None);
        loop {
            let page = self.inner.store.entity_list(KIND, after, 256).await?;
            let Some((last, _)) = page.last() else { return Ok(keys) };
            after = Some(last.entity.id);
            keys.extend(page.iter().filter_map(|(row, _)| match row.value.as_ref() {
                Entity::DataKey(key) => Some(key.clone()),
                _ => None,
            }));
        }
    }

    pub(super) async fn unwrap_keys(
        &self,
        port: Arc<dyn KeyPort>,
        stored: Vec<StoredKey>,
    ) -> Result<(), Error> {
        let mut keys = Vec::with_capacity(stored.len());
        for key in stored {
            let unwrapped = match key.state {
                KeyState::Destroyed => None,
                _ => Some(port.unwrap_key(&key.wrapped, key.id).await?),
            };
            keys.push((key, unwrapped));
        }
        self.inner.keys.hold(KeyRing::new(keys)?, port);
        Ok(())
    }

    /// Writes new keys, and lets the one that was active only decrypt from now on.
    async fn write_keys(
        &self,
        context: &Context,
        new: Vec<StoredKey>,
        retired: Option<DataKeyId>,
    ) -> Result<(), Error> {
        let ids: Vec<DataKeyId> = new.iter().map(|key| key.id).chain(retired).collect();
        let wanted = |_: &Entities, round| {
            let exclusive = ids.iter().map(|id| key_ref(*id)).collect();
            (round == 0).then(|| EntityWanted { exclusive, ..EntityWanted::default() })
        };
        let write = Write {
            action: Action::RotateKeys,
            wanted,
            ledger: Wanted::default(),
            repeatable: true,
            decide: |_: Setting<'_>, supply: &mut dyn Supply, read: Read| {
                let mut draft = Draft::new(&read.facts);
                // Two that rotate at once would leave two that encrypt, and no ring.
                if retired.is_some_and(|id| !is_active(&read.entities, id)) {
                    return Ok(draft.decided(|_| ()));
                }
                for key in &new {
                    if row_of(&read.entities, key_ref(key.id)).is_none() {
                        let event = EventCode::known("key.created");
                        let request = (key.id, key.purpose);
                        draft.create(Entity::DataKey(key.clone()), event, &request, supply);
                    }
                }
                retire(&mut draft, &read.entities, retired);
                Ok(draft.decided(|_| ()))
            },
            output: PhantomData,
        };
        self.walk(context, &write).await
    }
}

fn is_active(known: &Entities, id: DataKeyId) -> bool {
    let value = row_of(known, key_ref(id)).map(|row| row.value.as_ref());
    matches!(value, Some(Entity::DataKey(key)) if key.state == KeyState::Active)
}

fn retire(draft: &mut Draft, known: &Entities, retired: Option<DataKeyId>) {
    let Some(row) = retired.and_then(|id| row_of(known, key_ref(id))) else { return };
    let Entity::DataKey(key) = row.value.as_ref() else { return };
    if key.state == KeyState::Active {
        let (from, to) = (KeyState::Active.code(), KeyState::DecryptOnly.code());
        let (from, to) = (StateCode::known(from), StateCode::known(to));
        let change = FieldChange::between(FieldName::known("state"), from, to);
        let mut key = key.clone();
        key.state = KeyState::DecryptOnly;
        draft.update(row, Entity::DataKey(key), EventCode::known("key.retired"), vec![change]);
    }
}
