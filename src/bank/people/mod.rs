//! Customers, their documents, products and accounts: one file per kind of operation.

pub(super) mod refs;
