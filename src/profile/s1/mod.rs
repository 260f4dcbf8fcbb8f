//! Document 001. Amounts are positive and their direction is in the type; where the type does not
//! tell (a transfer), or tells otherwise, the pair `corebank_side` of the column `metadata` does (C07).

pub(super) mod account;
pub(super) mod customer;
pub(super) mod transaction;
