//! What a bank's screens need: a customer with everything around, the accounts of a customer with
//! their balances, search by name, number and identifier.

use std::sync::Arc;

use uuid::Uuid;

use super::index::identifier;
use super::refs::{account_ref, customer_ref, file_ref, standing_ref};
use crate::account::{self, AccountBalance, AccountNumber, AccountStatus, CustomerAccount};
use crate::bank::{Bank, Error};
use crate::id::{AccountId, BranchId, CustomerId};
use crate::kyc::{KycFile, KycStatus, Standing};
use crate::ledger::Refusal;
use crate::ledger::query::MAX_PAGE;
use crate::party::{
    self, Customer, CustomerNumber, Email, Lifecycle, NationalId, Onboarding, Phone, words_of,
};
use crate::store::{Entity, EntityRow, Index, IndexHit, IndexQuery};

/// A customer with everything around.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CustomerOverview {
    /// Who it is.
    pub customer: Customer,
    /// The version of that, for [`Bank::amend_customer`].
    pub version: u64,
    /// Where it stands.
    pub standing: Standing,
    /// Its documents and screenings.
    pub file: KycFile,
    /// Its accounts, in the order of their ids.
    pub accounts: Vec<AccountOverview>,
}

/// An account with its balances.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccountOverview {
    /// The account.
    pub account: CustomerAccount,
    /// Its balances.
    pub balance: AccountBalance,
}

/// By what customers are searched.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum CustomerSearch {
    /// By the beginning of a word of the name; case and accents do not matter. Of several words
    /// the first is searched and the others must begin words of the name too.
    Name(String),
    /// By number.
    Number(CustomerNumber),
    /// By e-mail address.
    Email(Email),
    /// By telephone number.
    Phone(Phone),
    /// By a national identifier, through its blind index.
    Identifier(NationalId),
    /// By lifecycle.
    Lifecycle(Lifecycle),
    /// By onboarding: who waits for an approval.
    Onboarding(Onboarding),
    /// By what their documents make of them, as of the last change or sweep.
    Kyc(KycStatus),
    /// By a document that is in this status: who waits for a review.
    Document(KycStatus),
}

/// By what accounts of customers are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AccountSearch {
    /// By a party.
    Customer(CustomerId),
    /// By branch.
    Branch(BranchId),
    /// By status.
    Status(AccountStatus),
}

impl Bank {
    /// A customer with everything around.
    ///
    /// # Errors
    /// [`party::Refusal::UnknownCustomer`]; [`Error::Store`].
    pub async fn customer(&self, customer: CustomerId) -> Result<CustomerOverview, Error> {
        let unknown = || party::Refusal::UnknownCustomer { customer };
        let refs = [customer_ref(customer), file_ref(customer), standing_ref(customer)];
        let rows = self.inner.store.entities(&refs).await?;
        let (mut person, mut file, mut standing, mut version) = (None, None, None, 0);
        for row in rows.iter().flatten() {
            match row.value.as_ref() {
                Entity::Customer(one) => (person, version) = (Some(one.clone()), row.version),
                Entity::KycFile(one) => file = Some(one.clone()),
                Entity::Standing(one) => standing = Some(one.clone()),
                _ => {}
            }
        }
        Ok(CustomerOverview {
            customer: person.ok_or_else(unknown)?,
            version,
            standing: standing.ok_or_else(unknown)?,
            file: file.ok_or_else(unknown)?,
            accounts: self.accounts_of(customer, MAX_PAGE, None).await?,
        })
    }

    /// Where a customer stands.
    ///
    /// # Errors
    /// [`party::Refusal::UnknownCustomer`]; [`Error::Store`].
    pub async fn standing(&self, customer: CustomerId) -> Result<Standing, Error> {
        let rows = self.inner.store.entities(&[standing_ref(customer)]).await?;
        match rows.into_iter().flatten().next().as_deref().map(|row| row.value.as_ref()) {
            Some(Entity::Standing(found)) => Ok(found.clone()),
            _ => Err(party::Refusal::UnknownCustomer { customer }.into()),
        }
    }

    /// Accounts to which a customer is a party, with balances, in the order of their ids; at most
    /// `limit`, behind `after`.
    ///
    /// # Errors
    /// [`Refusal::InvalidTerms`] for a limit of 0 or above
    /// [`MAX_PAGE`]; [`Error::Store`].
    pub async fn accounts_of(
        &self,
        customer: CustomerId,
        limit: usize,
        after: Option<AccountId>,
    ) -> Result<Vec<AccountOverview>, Error> {
        self.search_accounts(AccountSearch::Customer(customer), limit, after).await
    }

    /// Accounts of customers that are found by what is given, with balances, in the order of their
    /// ids; at most `limit`, behind `after`.
    ///
    /// # Errors
    /// [`Refusal::InvalidTerms`] for a limit of 0 or above
    /// [`MAX_PAGE`]; [`Error::Store`].
    pub async fn search_accounts(
        &self,
        search: AccountSearch,
        limit: usize,
        after: Option<AccountId>,
    ) -> Result<Vec<AccountOverview>, Error> {
        judge_limit(limit)?;
        let (index, key) = match search {
            AccountSearch::Customer(id) => (Index::AccountsOf, id.as_uuid().as_bytes().to_vec()),
            AccountSearch::Branch(id) => {
                (Index::AccountsOfBranch, id.as_uuid().as_bytes().to_vec())
            }
            AccountSearch::Status(status) => {
                (Index::AccountStatus, status.code().as_bytes().to_vec())
            }
        };
        let query = IndexQuery::exact(index, key.clone());
        let kind = CustomerAccount::KIND;
        let after = after.map(|id| IndexHit { key, id: id.as_uuid(), kind });
        let hits = self.inner.store.index_list(&query, after.as_ref(), limit).await?;
        let ids: Vec<AccountId> = hits.iter().map(|hit| AccountId::from_uuid(hit.id)).collect();
        self.account_overviews(&ids).await
    }

    /// An account of a customer, with its balances.
    ///
    /// # Errors
    /// [`account::Refusal::UnknownCustomerAccount`]; [`Error::Store`].
    pub async fn customer_account(&self, account: AccountId) -> Result<AccountOverview, Error> {
        let found = self.account_overviews(&[account]).await?;
        let unknown = account::Refusal::UnknownCustomerAccount { account };
        Ok(found.into_iter().next().ok_or(unknown)?)
    }

    /// The account of a number; none if nobody has it.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn account_by_number(
        &self,
        number: &AccountNumber,
    ) -> Result<Option<AccountOverview>, Error> {
        let query = IndexQuery::exact(Index::AccountNumber, number.as_str());
        let hits = self.inner.store.index_list(&query, None, 1).await?;
        let ids: Vec<AccountId> = hits.iter().map(|hit| AccountId::from_uuid(hit.id)).collect();
        Ok(self.account_overviews(&ids).await?.into_iter().next())
    }

    async fn account_overviews(&self, ids: &[AccountId]) -> Result<Vec<AccountOverview>, Error> {
        let refs: Vec<_> = ids.iter().map(|id| account_ref(*id)).collect();
        let rows = self.inner.store.entities(&refs).await?;
        let behind = self.inner.store.accounts(ids).await?;
        let overview = |(row, behind): (Option<Arc<EntityRow>>, Option<_>)| {
            let (row, behind) = row.zip(behind)?;
            let Entity::Account(account) = row.value.as_ref() else { return None };
            let balance = AccountBalance::of(&behind);
            Some(AccountOverview { account: account.clone(), balance })
        };
        Ok(rows.into_iter().zip(behind).filter_map(overview).collect())
    }

    /// Customers that are found by what is given, at most `limit`, with where to go on: pass the
    /// last hit to get the next ones. Deleted customers are found too.
    ///
    /// # Errors
    /// [`Refusal::InvalidTerms`] for a limit of 0 or above
    /// [`MAX_PAGE`], and for a name without a letter or digit;
    /// [`Rule::Privacy`](crate::bank::Rule::Privacy) for an identifier where the bank has no keys;
    /// [`Error::Store`].
    pub async fn search_customers(
        &self,
        search: &CustomerSearch,
        limit: usize,
        after: Option<&IndexHit>,
    ) -> Result<Vec<(IndexHit, Customer)>, Error> {
        judge_limit(limit)?;
        let mut words = Vec::new();
        let query = match search {
            CustomerSearch::Name(name) => {
                words = words_of(name);
                // The longest word leaves the fewest.
                words.sort_by_key(|word| std::cmp::Reverse(word.len()));
                let what = "a search by name needs a letter or digit";
                let first = words.first().ok_or(Refusal::InvalidTerms { what })?;
                IndexQuery::prefix(Index::CustomerName, first.as_str())
            }
            CustomerSearch::Number(number) => {
                IndexQuery::exact(Index::CustomerNumber, number.as_str())
            }
            CustomerSearch::Email(email) => IndexQuery::exact(Index::Email, email.key()),
            CustomerSearch::Phone(phone) => IndexQuery::exact(Index::Phone, phone.as_str()),
            CustomerSearch::Identifier(id) => {
                let index = self.inner.keys.ring()?.index(&id.scheme().purpose(), id.number())?;
                IndexQuery::exact(Index::Identifier, identifier(index).key)
            }
            // Rows of these indexes are a customer's, under the customer's id.
            CustomerSearch::Lifecycle(is) => IndexQuery::exact(Index::Lifecycle, is.code()),
            CustomerSearch::Onboarding(is) => IndexQuery::exact(Index::Onboarding, is.code()),
            CustomerSearch::Kyc(is) => IndexQuery::exact(Index::KycStatus, is.code()),
            CustomerSearch::Document(is) => IndexQuery::exact(Index::DocumentStatus, is.code()),
        };
        let (mut found, mut after): (Vec<(IndexHit, Customer)>, _) = (Vec::new(), after.cloned());
        while found.len() < limit {
            let hits = self.inner.store.index_list(&query, after.as_ref(), limit).await?;
            after = hits.last().cloned();
            let ended = hits.len() < limit;
            let refs: Vec<_> =
                hits.iter().map(|hit| customer_ref(CustomerId::from_uuid(hit.id))).collect();
            let rows = self.inner.store.entities(&refs).await?;
            for (hit, row) in hits.into_iter().zip(rows) {
                let Some(row) = row else { continue };
                let Entity::Customer(customer) = row.value.as_ref() else { continue };
                let has = words_of(&customer.full_name());
                let all = |word: &String| has.iter().any(|one| one.starts_with(word.as_str()));
                if words.iter().all(all) && found.len() < limit {
                    found.push((hit, customer.clone()));
                }
            }
            if ended {
                break;
            }
        }
        Ok(found)
    }

    /// The ids of what an index lists, for sweeps.
    pub(super) async fn listed(
        &self,
        query: &IndexQuery,
        limit: usize,
    ) -> Result<Vec<Uuid>, Error> {
        let hits = self.inner.store.index_list(query, None, limit).await?;
        Ok(hits.into_iter().map(|hit| hit.id).collect())
    }
}

pub(super) const fn judge_limit(limit: usize) -> Result<(), Refusal> {
    if limit == 0 || limit > MAX_PAGE {
        return Err(Refusal::InvalidTerms {
            what: "a page has at least one row and at most 10,000",
        });
    }
    Ok(())
}
