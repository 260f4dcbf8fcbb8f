//! Opening accounts of customers, with the ledger accounts behind them.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use super::customers::{DRAWS, judge_count, operation_at};
use super::draft::{Draft, repeated, row_of};
use super::refs::{
    account_in, account_ref, branch_in, branch_ref, product_in, product_ref, standing_in,
    standing_ref,
};
use super::write::Write;
use crate::account::{self, AccountNumber, CustomerAccount, NewCustomerAccount};
use crate::bank::corridor::{Decision, Read};
use crate::bank::{Action, Bank, Context, Error, Rule};
use crate::id::{AccountId, CustomerId};
use crate::kyc::GateAction;
use crate::ledger::decide::{Setting, Supply, decide_accounts};
use crate::ledger::facts::{Plan, PlannedOperation, Wanted};
use crate::ledger::{AccountChange, Block, EventCode, Operation, Outcome, Refusal};
use crate::party;
use crate::product;
use crate::store::{Entities, Entity, EntityWanted, Index, IndexEntry};

/// The account that was opened, and by which number the world knows it.
pub type OpenedAccount = (AccountId, AccountNumber);

impl Bank {
    /// Opens an account for customers, with the guarded ledger account behind it, in one unit. The
    /// gate is asked of every party, the product must be in force, and the number nobody else's.
    ///
    /// # Errors
    /// [`account::Refusal`], [`product::Refusal`], [`kyc::Refusal`](crate::kyc::Refusal),
    /// [`party::Refusal`]; see [`Error`].
    pub async fn open_customer_account(
        &self,
        context: &Context,
        new: &NewCustomerAccount,
    ) -> Result<Outcome<OpenedAccount>, Error> {
        let opened = self.open_customer_accounts(context, std::slice::from_ref(new)).await?;
        Ok(opened.into_iter().next().ok_or(Refusal::EmptyBatch)?)
    }

    /// Opens accounts for customers, all or none, at most
    /// [`MAX_PEOPLE`](crate::bank::MAX_PEOPLE) at a time: for moving in. Each is as with
    /// [`Bank::open_customer_account`].
    ///
    /// # Errors
    /// As there, and what a batch is refused for.
    pub async fn open_customer_accounts(
        &self,
        context: &Context,
        new: &[NewCustomerAccount],
    ) -> Result<Vec<Outcome<OpenedAccount>>, Error> {
        judge_count(new.len())?;
        let scheme = self.inner.rules.account.scheme;
        let draw = || scheme.generate(self.inner.ids.salt());
        let mut asked = Vec::with_capacity(new.len());
        for (at, new) in new.iter().enumerate() {
            new.ownership.judge()?;
            let operation = operation_at("open_customer_account", at);
            let id = self.id_for(context, &operation, new.id.map(|id| id.as_uuid()));
            let number = new.number.clone().unwrap_or_else(draw);
            asked.push(Opening { id: AccountId::from_uuid(id), number, new });
        }
        for _ in 0..DRAWS {
            match self.open_all(context, &asked).await {
                Err(error @ Error::Rule(Rule::Account(account::Refusal::AccountNumberTaken))) => {
                    let mut drawn = asked.iter_mut().filter(|one| one.new.number.is_none());
                    let Some(first) = drawn.next() else { return Err(error) };
                    first.number = draw();
                    drawn.for_each(|one| one.number = draw());
                }
                ended => return ended,
            }
        }
        Err(account::Refusal::AccountNumberTaken.into())
    }

    async fn open_all(
        &self,
        context: &Context,
        asked: &[Opening<'_>],
    ) -> Result<Vec<Outcome<OpenedAccount>>, Error> {
        let wanted = |_: &Entities, round| (round == 0).then(|| want_openings(asked));
        let profiles = asked.iter().map(|one| one.id).collect();
        let ledger = Wanted { chart: true, profiles, ..Wanted::default() };
        let decide = |setting: Setting<'_>, supply: &mut dyn Supply, read: Read| {
            self.decide_openings(asked, setting, supply, read)
        };
        let (action, output) = (Action::OpenCustomerAccount, PhantomData);
        let write = Write { action, wanted, ledger, repeatable: true, decide, output };
        self.walk(context, &write).await
    }

    /// Decides all: first the accounts, then the ledger accounts behind them, then the rows.
    fn decide_openings(
        &self,
        asked: &[Opening<'_>],
        setting: Setting<'_>,
        supply: &mut dyn Supply,
        mut read: Read,
    ) -> Result<Decision<Vec<Outcome<OpenedAccount>>>, Error> {
        let (mut outcomes, mut opened, mut behind) = (Vec::new(), Vec::new(), Vec::new());
        for one in asked {
            let known = &mut read.entities;
            if let Some((row, found)) =
                row_of(known, account_ref(one.id)).zip(account_in(known, one.id))
            {
                if let Some(field) = repeated(row, one.new) {
                    return Err(account::Refusal::AccountIdReused { field }.into());
                }
                outcomes.push(Outcome::Replayed((one.id, found.number.clone())));
                continue;
            }
            let (account, ledger) = self.decide_opening(one, setting, known)?;
            let key = IndexEntry::new(Index::AccountNumber, one.number.as_str());
            if known.taken.insert(key, account_ref(one.id)).is_some() {
                return Err(account::Refusal::AccountNumberTaken.into());
            }
            if opened.iter().any(|(before, _): &(CustomerAccount, _)| before.id == one.id) {
                return Err(account::Refusal::AccountIdReused { field: "id".to_owned() }.into());
            }
            outcomes.push(Outcome::Applied((one.id, one.number.clone())));
            opened.push((account, one.new));
            behind.push(ledger);
        }
        let setting = Setting { key: None, ..setting };
        let ledger = decide_accounts(&behind, setting, supply, &read.facts)?;
        // A ledger account of this id that is no customer's is another's.
        if ledger.accounts.iter().any(|(_, existed)| *existed) {
            return Err(account::Refusal::AccountIdReused { field: "id".to_owned() }.into());
        }
        let mut plan = ledger.plan;
        for (account, _) in &opened {
            block_at_once(&mut plan, account.id, account.status.block());
        }
        let mut draft = Draft::on(plan);
        let mut counts = BTreeMap::new();
        for (account, new) in opened {
            for party in &account.ownership.parties {
                let count = counts.entry(party.customer).or_insert(0_u32);
                *count = count.saturating_add(1);
            }
            let event = EventCode::known("account.opened");
            draft.create(Entity::Account(account), event, new, supply);
        }
        for (customer, count) in counts {
            count_accounts(&mut draft, &read.entities, customer, count);
        }
        Ok(draft.decided(move |_| outcomes))
    }

    /// Decides one: whether its parties, product, branch and number allow it.
    fn decide_opening(
        &self,
        asked: &Opening<'_>,
        setting: Setting<'_>,
        known: &Entities,
    ) -> Result<account::Opening, Error> {
        let (new, moment) = (asked.new, setting.moment);
        let product = new.product;
        let offered =
            product_in(known, product).ok_or(product::Refusal::UnknownProduct { product })?;
        if let Some(branch) = new.branch.filter(|branch| branch_in(known, *branch).is_none()) {
            return Err(party::Refusal::UnknownBranch { branch }.into());
        }
        for party in &new.ownership.parties {
            let customer = party.customer;
            let unknown = party::Refusal::UnknownCustomer { customer };
            let standing = standing_in(known, customer).ok_or(unknown)?;
            self.inner.rules.gate.judge(GateAction::OpenAccount, standing, moment.today)?;
        }
        if offered.retired {
            return Err(product::Refusal::ProductRetired { product }.into());
        }
        let day = moment.today;
        let version =
            offered.version_on(day).ok_or(product::Refusal::ProductNotInForce { product, day })?;
        if !version.terms.currencies.contains(&new.currency) {
            let currency = new.currency;
            return Err(product::Refusal::CurrencyNotOffered { product, currency }.into());
        }
        let (rules, number) = (&self.inner.rules.account, asked.number.clone());
        let terms = (offered, version);
        Ok(account::decide_opening(asked.id, number, new, terms, rules, moment)?)
    }
}

/// An opening with what is fixed before it walks.
struct Opening<'a> {
    id: AccountId,
    number: AccountNumber,
    new: &'a NewCustomerAccount,
}

fn want_openings(asked: &[Opening<'_>]) -> EntityWanted {
    let mut wanted = EntityWanted::default();
    for Opening { id, number, new } in asked {
        wanted.shared.extend(new.branch.map(branch_ref));
        wanted.shared.push(product_ref(new.product));
        wanted.exclusive.push(account_ref(*id));
        let parties = new.ownership.parties.iter();
        wanted.exclusive.extend(parties.map(|party| standing_ref(party.customer)));
        wanted.unique.push(IndexEntry::new(Index::AccountNumber, number.as_str()));
    }
    wanted
}

/// An account that waits for its activation is blocked from the beginning.
fn block_at_once(plan: &mut Plan, account: AccountId, block: Block) {
    if block == Block::None {
        return;
    }
    for (state, _) in plan.opened.iter_mut().filter(|(state, _)| state.id == account) {
        state.block = block;
    }
    let operation = Operation::AccountChanged { account, change: AccountChange::Block(block) };
    plan.operations.push(PlannedOperation { after: 0, operation });
}

/// So many accounts more, in the standing of a party.
pub(super) fn count_accounts(draft: &mut Draft, known: &Entities, customer: CustomerId, more: u32) {
    let found = row_of(known, standing_ref(customer)).zip(standing_in(known, customer));
    let Some((row, standing)) = found else { return };
    let mut after = standing.clone();
    after.open_accounts = after.open_accounts.saturating_add(more);
    let event = EventCode::known("standing.account_opened");
    draft.update(row, Entity::Standing(after), event, Vec::new());
}
