//! Onboarding as one call: registered, documents handed in, and, once these are approved, an
//! account (S2-047, S4-069). Each step is an operation of its own that can be repeated; the call
//! goes as far as it can and says how far that was.

use super::opening::OpenedAccount;
use crate::account::{NewCustomerAccount, Ownership};
use crate::bank::{Bank, Context, Error, Rule};
use crate::id::{CustomerId, ProductId};
use crate::kyc::{self, KycStatus, Upload};
use crate::ledger::Outcome;
use crate::money::Currency;
use crate::party::{NewCustomer, Onboarding};

/// A customer to be onboarded. Repeat it, with the same ids, until an account is open.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Onboard {
    /// Who it is; with an id, so that it can be repeated.
    pub customer: NewCustomer,
    /// Documents, each with an id.
    pub documents: Vec<Upload>,
    /// Which account is to be opened in the end: product, currency, and the id that it will have.
    pub account: Option<(ProductId, Currency, crate::id::AccountId)>,
}

impl Onboard {
    /// A customer without documents and account.
    #[must_use]
    pub const fn new(customer: NewCustomer) -> Self {
        Self { customer, documents: Vec::new(), account: None }
    }

    /// With a document.
    #[must_use]
    pub fn with_document(mut self, upload: Upload) -> Self {
        self.documents.push(upload);
        self
    }

    /// With an account to be opened once all is approved.
    #[must_use]
    pub const fn with_account(
        mut self,
        product: ProductId,
        currency: Currency,
        id: crate::id::AccountId,
    ) -> Self {
        self.account = Some((product, currency, id));
        self
    }
}

/// How far an onboarding has come.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Onboarded {
    /// The customer.
    pub customer: CustomerId,
    /// What the documents make of it.
    pub kyc: KycStatus,
    /// Whether the bank accepted it.
    pub onboarding: Onboarding,
    /// The account, once it is open.
    pub account: Option<OpenedAccount>,
}

impl Bank {
    /// Onboards a customer as far as that is possible now. Repeated with the same ids it goes on
    /// where it stopped: after documents were reviewed, after the onboarding was approved.
    ///
    /// # Errors
    /// Of the steps: [`Bank::register_customer`], [`Bank::upload_document`],
    /// [`Bank::open_customer_account`]. That documents or the approval are outstanding is no error.
    pub async fn onboard(&self, context: &Context, onboard: Onboard) -> Result<Onboarded, Error> {
        let Onboard { customer, documents, account } = onboard;
        let registered = self.register_customer(context, customer).await?;
        let customer = Outcome::into_inner(registered);
        for upload in documents {
            let _ = self.upload_document(context, customer, upload).await?;
        }
        let standing = self.standing(customer).await?;
        let kyc = standing.kyc_on(self.moment().today);
        let mut ended = Onboarded { customer, kyc, onboarding: standing.onboarding, account: None };
        if let Some((product, currency, id)) = account {
            let new = NewCustomerAccount::new(product, currency, Ownership::individual(customer));
            match self.open_customer_account(context, &new.with_id(id)).await {
                Ok(opened) => ended.account = Some(opened.into_inner()),
                Err(Error::Rule(Rule::Kyc(kyc::Refusal::GateClosed { .. }))) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(ended)
    }
}
