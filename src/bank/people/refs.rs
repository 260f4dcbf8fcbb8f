//! References to rows beside the ledger, and how a value is found among what was read.

use crate::account::CustomerAccount;
use crate::id::{AccountId, BranchId, CustomerId, ProductId};
use crate::kyc::{KycFile, Standing};
use crate::ledger::EntityRef;
use crate::party::{Branch, Customer};
use crate::product::Product;
use crate::store::{Entities, Entity};

macro_rules! rows {
    ($($(#[$doc:meta])* $ref:ident, $find:ident: $id:ident => $type:ident as $variant:ident;)*) => {$(
        $(#[$doc])*
        pub(in crate::bank) const fn $ref(id: $id) -> EntityRef {
            EntityRef::new($type::KIND, id.as_uuid())
        }

        /// The value, if it was read.
        pub(in crate::bank) fn $find(known: &Entities, id: $id) -> Option<&$type> {
            match known.rows.get(&$ref(id))?.value.as_ref() {
                Entity::$variant(found) => Some(found),
                _ => None,
            }
        }
    )*};
}

rows! {
    /// Who a customer is.
    customer_ref, person_in: CustomerId => Customer as Customer;
    /// The documents of a customer.
    file_ref, file_in: CustomerId => KycFile as KycFile;
    /// Where a customer stands.
    standing_ref, standing_in: CustomerId => Standing as Standing;
    /// The account of a customer.
    account_ref, account_in: AccountId => CustomerAccount as Account;
    /// A product.
    product_ref, product_in: ProductId => Product as Product;
    /// A branch.
    branch_ref, branch_in: BranchId => Branch as Branch;
}
