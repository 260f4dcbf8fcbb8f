//! What stores hand out of a row beside the ledger without the rest of it.

use uuid::Uuid;

use crate::account::Access;
use crate::kyc::Standing;
use crate::store::Entity;

/// What a store hands out of a row without the rest: what movements of money ask.
pub(crate) trait Copied: Clone + std::fmt::Debug + Send {
    /// Of a value, if it is of the kind.
    fn of(value: &Entity) -> Option<Self>;

    /// The id of the row.
    fn row_id(&self) -> Uuid;
}

impl Copied for Access {
    fn of(value: &Entity) -> Option<Self> {
        match value {
            Entity::Account(account) => Some(Self::of(account)),
            _ => None,
        }
    }

    #[inline]
    fn row_id(&self) -> Uuid {
        self.account().as_uuid()
    }
}

impl Copied for Standing {
    fn of(value: &Entity) -> Option<Self> {
        match value {
            Entity::Standing(standing) => Some(standing.clone()),
            _ => None,
        }
    }

    #[inline]
    fn row_id(&self) -> Uuid {
        self.customer.as_uuid()
    }
}
