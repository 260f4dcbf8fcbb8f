//! An embeddable core-banking library: a double-entry ledger that cannot be unbalanced, and
//! cannot be overdrawn below the floor that was agreed, with holds, limits, reports and proofs
//! behind one front door.
//!
//! A host application adds this crate as a dependency, opens a [`Bank`] over a store, and calls
//! typed operations. The host brings its own transport (HTTP, gRPC, a queue) and its own executor;
//! the library brings the rules. Books are kept in memory, in a SQLite file or on PostgreSQL: the
//! rules are the same, and a host changes one line.
//!
//! # Quick start
//!
//! ```
//! use corebank::bank::{Bank, Context};
//! use corebank::ledger::{AccountClass, ChartCode, ChartNode, Kind, NewAccount, NewTransaction, Text};
//! use corebank::money::{Currency, Money};
//! use corebank::store::memory::MemoryStore;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let bank = Bank::open(MemoryStore::new()).await?;
//! let clerk = Context::system("quick_start")?;
//!
//! // A chart says what an account is; the class gives its normal side and its default floor.
//! let (vault, deposits) = (ChartCode::new("1000")?, ChartCode::new("2000")?);
//! let chart = [
//!     ChartNode::new(vault, AccountClass::Asset, None, Text::new("Cash in vault")?),
//!     ChartNode::new(deposits, AccountClass::Liability, None, Text::new("Deposits")?),
//! ];
//! let _ = bank.define_chart(&clerk, &chart).await?;
//! let cash = bank.open_account(&clerk, NewAccount::new(vault, Currency::USD)).await?.into_inner();
//! let alice = bank.open_account(&clerk, NewAccount::new(deposits, Currency::USD)).await?.into_inner();
//!
//! // Alice pays in USD 100.00: the vault is debited, her deposit credited.
//! let paid_in = NewTransaction::transfer(Kind::DEPOSIT, cash, alice, Money::new(100_00, Currency::USD));
//! let receipt = bank.post(&clerk, paid_in).await?.into_inner();
//! assert_eq!(bank.balance(alice).await?.ledger, Money::new(100_00, Currency::USD));
//!
//! // She cannot take out more than she has, and the refusal says why.
//! let too_much = NewTransaction::transfer(Kind::WITHDRAWAL, alice, cash, Money::new(100_01, Currency::USD));
//! let refused = bank.post(&clerk, too_much).await.unwrap_err();
//! assert_eq!(refused.code(), "insufficient_funds");
//! assert!(refused.is_transient(), "the same request may succeed once she has the money");
//! # assert!(receipt.transaction().is_some());
//! # Ok(())
//! # }
//! ```
//!
//! # Rooms
//!
//! A room imports only from rooms that stand below it in this table.
//!
//! | room | what is in it |
//! |---|---|
//! | [`bank`] | the front door: [`Bank`], [`Context`], [`Error`], policies; the one corridor for writes |
//! | [`bridge`] | money between two books, exactly once, without a transaction that spans both |
//! | [`store`] | the vault door: the [`Store`](store::Store) trait, its promise, the stores in memory, on SQLite and on PostgreSQL |
//! | [`profile`] | the words, widths, required fields and defaults of five published schemas over the one model |
//! | [`account`] | accounts of customers: number, ownership and mandate, status, dormancy, cover |
//! | [`kyc`] | documents, review, derived status, screening, and the gate that they keep |
//! | [`party`], [`product`] | customers, branches, merchants, organisations; terms of accounts, versioned |
//! | [`ledger`] | the double-entry kernel: rules as pure functions, reports, seals, verification |
//! | [`id`], [`money`], [`time`], [`locale`], [`privacy`] | typed ids; exact amounts and currencies; instants, clocks, calendars; countries and languages; sensitive data and its encryption |
//! | [`guide`] | chapters to read: embedding, errors, invariants, scaling, architecture, writing a store |
//!
//! # Features
//!
//! A feature only adds. A room is never a feature, because a rule must not vanish.
//!
//! | feature | adds |
//! |---|---|
//! | `default` | nothing: the memory store and every room are always there |
//! | `archive` | moving house: a whole bank exported as JSON lines, checked, and imported into any store |
//! | `conformance` | the suite that any store must pass, with a yielding and a failing wrapper store |
//! | `object-store` | documents of customers kept in any backend of the `object_store` crate |
//! | `postgres` | the store on PostgreSQL, in a schema of its own, for any number of processes |
//! | `sqlite` | the store in a SQLite file; SQLite itself is built in |
//! | `time` | conversions of instants and dates to and from the `time` crate |
//!
//! # What is not there yet
//!
//! Roles (the default policy, [`AllowAll`](bank::AllowAll), is what its name says), authorisation of
//! reads, and erasure of personal data. [`guide::upgrading`] says what may change until then;
//! [`guide::scaling`] says which databases were tested.

#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod account;
pub mod bank;
pub mod bridge;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod guide;
pub mod id;
pub mod kyc;
pub mod ledger;
pub mod locale;
pub mod money;
pub mod party;
pub mod privacy;
pub mod product;
pub mod profile;
pub mod store;
#[cfg(not(feature = "time"))]
mod support;
#[cfg(feature = "time")]
pub mod support;
pub mod time;

pub use bank::{Bank, Context, Error};

/// The examples of the README are compiled like any other.
#[cfg(all(doctest, feature = "sqlite"))]
#[doc = include_str!("../README.md")]
struct Readme;
