//! Products, and what other rows refer to: branches, merchants, organisations.

use std::marker::PhantomData;

use chrono::NaiveDate;

use super::draft::{Draft, repeated, row_of};
use super::refs::{product_in, product_ref};
use super::write::Write;
use crate::bank::corridor::Read;
use crate::bank::{Action, Bank, Context, Error};
use crate::id::ProductId;
use crate::ledger::decide::{Setting, Supply, decide_limit_set};
use crate::ledger::facts::Wanted;
use crate::ledger::{EntityRef, EventCode, FieldChange, FieldName, Outcome};
use crate::party::{self, Branch, Merchant, Organisation};
use crate::product::{self, NewProduct, Product, Terms};
use crate::store::{Entities, Entity, EntityWanted, Index, IndexEntry};

impl Bank {
    /// Defines a product with its first version.
    ///
    /// # Errors
    /// [`product::Refusal`]; see [`Error`].
    pub async fn define_product(
        &self,
        context: &Context,
        new: &NewProduct,
    ) -> Result<Outcome<ProductId>, Error> {
        let id = self.id_for(context, "define_product", new.id.map(|id| id.as_uuid()));
        let id = ProductId::from_uuid(id);
        let code = IndexEntry::new(Index::ProductCode, new.code.as_str());
        let chart = IndexEntry::new(Index::ProductChart, new.terms.chart.as_str());
        let wanted = |_: &Entities, round| {
            let (exclusive, unique) = (vec![product_ref(id)], vec![code.clone(), chart.clone()]);
            (round == 0).then(|| EntityWanted { exclusive, unique, ..Default::default() })
        };
        let decide = |setting: Setting<'_>, supply: &mut dyn Supply, read: Read| {
            if let Some(row) = row_of(&read.entities, product_ref(id)) {
                return match repeated(row, new) {
                    Some(field) => Err(product::Refusal::ProductIdReused { field }.into()),
                    None => Ok(Draft::new(&read.facts).decided(move |_| Outcome::Replayed(id))),
                };
            }
            let product = product::decide_product(id, new, setting.moment)?;
            if read.entities.taken.contains_key(&code) {
                return Err(product::Refusal::ProductCodeTaken.into());
            }
            if read.entities.taken.contains_key(&chart) {
                let chart = new.terms.chart;
                return Err(product::Refusal::ProductChartTaken { chart }.into());
            }
            let mut draft = Draft::new(&read.facts);
            let event = EventCode::known("product.defined");
            draft.create(Entity::Product(product), event, new, supply);
            Ok(draft.decided(move |_| Outcome::Applied(id)))
        };
        self.walk(context, &write(Action::DefineProduct, wanted, decide)).await
    }

    /// Adds a version to a product: other terms from a day on. Accounts keep theirs.
    ///
    /// # Errors
    /// [`product::Refusal`]; see [`Error`].
    pub async fn add_product_version(
        &self,
        context: &Context,
        product: ProductId,
        terms: &Terms,
        effective_from: NaiveDate,
    ) -> Result<Outcome<()>, Error> {
        let event = EventCode::known("product.version_added");
        self.change_product(context, product, event, |known, setting| {
            product::decide_version(known, terms, effective_from, setting.moment)
        })
        .await
    }

    /// Lets no more accounts be opened under a product, or lets them again.
    ///
    /// # Errors
    /// [`product::Refusal::UnknownProduct`]; see [`Error`].
    pub async fn retire_product(
        &self,
        context: &Context,
        product: ProductId,
        retired: bool,
    ) -> Result<Outcome<()>, Error> {
        let event = EventCode::known("product.status_changed");
        self.change_product(context, product, event, |known, _| {
            Ok(product::decide_retirement(known, retired))
        })
        .await
    }

    async fn change_product(
        &self,
        context: &Context,
        product: ProductId,
        event: EventCode,
        change: impl Fn(
            &Product,
            Setting<'_>,
        ) -> Result<Option<(Product, Vec<FieldChange>)>, product::Refusal>
        + Sync,
    ) -> Result<Outcome<()>, Error> {
        let wanted = |_: &Entities, round| {
            let exclusive = vec![product_ref(product)];
            (round == 0).then(|| EntityWanted { exclusive, ..EntityWanted::default() })
        };
        let decide = |setting: Setting<'_>, _: &mut dyn Supply, read: Read| {
            let unknown = product::Refusal::UnknownProduct { product };
            let row = row_of(&read.entities, product_ref(product));
            let (row, known) = row.zip(product_in(&read.entities, product)).ok_or(unknown)?;
            let changed = change(known, setting)?;
            let (mut draft, applied) = (Draft::new(&read.facts), changed.is_some());
            if let Some((after, fields)) = changed {
                draft.update(row, Entity::Product(after), event, fields);
            }
            Ok(draft.decided(move |_| outcome(applied)))
        };
        self.walk(context, &write(Action::DefineProduct, wanted, decide)).await
    }

    /// Sets the limits of the version that is in force today as limits of the ledger. Repeat it
    /// daily, or whenever a version comes into force: it changes nothing that is so already.
    ///
    /// # Errors
    /// [`product::Refusal::UnknownProduct`]; see [`Error`].
    pub async fn apply_product_limits(
        &self,
        context: &Context,
        product: ProductId,
    ) -> Result<usize, Error> {
        let known = self.product(product).await?;
        self.authorise(context, Action::DefineProduct)?;
        let mut set = 0_usize;
        for rule in product::limit_rules(&known, self.moment().today) {
            let wanted = |_: &Entities, _| None;
            let decide = |setting: Setting<'_>, _: &mut dyn Supply, read: Read| {
                let plan = decide_limit_set(&rule, setting, &read.facts)?;
                let applied = plan.is_some();
                let draft = plan.map_or_else(|| Draft::new(&read.facts), Draft::on);
                Ok(draft.decided(move |_| outcome(applied)))
            };
            let ended = self.walk(context, &write(Action::ChangeLimits, wanted, decide)).await?;
            set = set.saturating_add(usize::from(!ended.is_replayed()));
        }
        Ok(set)
    }

    /// A product.
    ///
    /// # Errors
    /// [`product::Refusal::UnknownProduct`]; [`Error::Store`].
    pub async fn product(&self, product: ProductId) -> Result<Product, Error> {
        let rows = self.inner.store.entities(&[product_ref(product)]).await?;
        match rows.into_iter().flatten().next().as_deref().map(|row| row.value.as_ref()) {
            Some(Entity::Product(found)) => Ok(found.clone()),
            _ => Err(product::Refusal::UnknownProduct { product }.into()),
        }
    }

    /// Defines a branch, or changes what is known of it. Its code is unique.
    ///
    /// # Errors
    /// [`party::Refusal::BranchCodeTaken`]; see [`Error`].
    pub async fn define_branch(
        &self,
        context: &Context,
        branch: Branch,
    ) -> Result<Outcome<()>, Error> {
        let code = branch.code.as_ref();
        let key = code.map(|code| IndexEntry::new(Index::BranchCode, code.as_str()));
        let make = |at| Entity::Branch(Branch { created_at: at, ..branch.clone() });
        self.define_referred(context, Branch::KIND, branch.id.as_uuid(), key, make).await
    }

    /// Defines a merchant, or changes what is known of it.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn define_merchant(
        &self,
        context: &Context,
        merchant: Merchant,
    ) -> Result<Outcome<()>, Error> {
        let make = |at| Entity::Merchant(Merchant { created_at: at, ..merchant.clone() });
        self.define_referred(context, Merchant::KIND, merchant.id.as_uuid(), None, make).await
    }

    /// Defines an organisation, or changes what is known of it.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn define_organisation(
        &self,
        context: &Context,
        one: Organisation,
    ) -> Result<Outcome<()>, Error> {
        let make = |at| Entity::Organisation(Organisation { created_at: at, ..one.clone() });
        self.define_referred(context, Organisation::KIND, one.id.as_uuid(), None, make).await
    }

    async fn define_referred(
        &self,
        context: &Context,
        kind: crate::ledger::EntityKind,
        id: uuid::Uuid,
        code: Option<IndexEntry>,
        make: impl Fn(crate::time::Timestamp) -> Entity + Sync,
    ) -> Result<Outcome<()>, Error> {
        let entity = EntityRef::new(kind, id);
        let wanted = |_: &Entities, round| {
            let unique = code.iter().cloned().collect();
            let exclusive = vec![entity];
            (round == 0).then_some(EntityWanted { exclusive, unique, ..Default::default() })
        };
        let decide = |setting: Setting<'_>, supply: &mut dyn Supply, read: Read| {
            let owner = code.as_ref().and_then(|code| read.entities.taken.get(code));
            if owner.is_some_and(|owner| *owner != entity) {
                return Err(party::Refusal::BranchCodeTaken.into());
            }
            let mut draft = Draft::new(&read.facts);
            let applied = match row_of(&read.entities, entity) {
                None => {
                    let event = EventCode::known("party.defined");
                    draft.create(make(setting.moment.now), event, &(), supply);
                    true
                }
                Some(row) => {
                    let value = make(created_at(&row.value));
                    let differs = value != *row.value;
                    if differs {
                        let fields = vec![FieldChange::of(FieldName::known("data"))];
                        draft.update(row, value, EventCode::known("party.changed"), fields);
                    }
                    differs
                }
            };
            Ok(draft.decided(move |_| outcome(applied)))
        };
        self.walk(context, &write(Action::DefineParty, wanted, decide)).await
    }
}

const fn created_at(value: &Entity) -> crate::time::Timestamp {
    match value {
        Entity::Branch(one) => one.created_at,
        Entity::Merchant(one) => one.created_at,
        Entity::Organisation(one) => one.created_at,
        _ => crate::time::Timestamp::from_nanos(0),
    }
}

/// Applied, or so already.
pub(super) const fn outcome(applied: bool) -> Outcome<()> {
    if applied { Outcome::Applied(()) } else { Outcome::Replayed(()) }
}

/// An operation that reads nothing of the ledger but its book.
pub(super) const fn write<T, W, D>(action: Action, wanted: W, decide: D) -> Write<T, W, D>
where
    W: Fn(&Entities, u32) -> Option<EntityWanted>,
    D: Fn(Setting<'_>, &mut dyn Supply, Read) -> Result<crate::bank::corridor::Decision<T>, Error>,
{
    let output = PhantomData;
    Write { action, wanted, ledger: Wanted::EMPTY, repeatable: true, decide, output }
}
