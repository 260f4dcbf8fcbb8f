//! Money between two books: two banks, each over a store of its own, and no transaction that spans
//! both. A transfer arrives exactly once or comes back, whatever fails in between.
//!
//! # The steps
//!
//! Each book has a clearing account that stands for the other book. A transfer of 10 from Ann in
//! `north` to Ben in `south`:
//!
//! ```text
//!        north                                    south
//!  1  hold     Ann ─▶ clearing   (held)
//!  2                                        post     clearing ─▶ Ben   point of no return
//!  3  capture  Ann ─▶ clearing   (settled)
//!
//!     or, where south refuses for a reason of its own:
//!  2'                                       fence    the id of 2 is used up, nothing moves
//!  3' release                    (turned back)
//! ```
//!
//! The ids of the steps follow from the id of the transfer ([`BridgeId::steps`]), so each step may
//! be made again: the same call under the same id finishes what another began, and never doubles
//! it. The hold carries all that is needed to finish, and so [`Bridge::recover`] needs nothing but
//! the two books.
//!
//! ```text
//!            hold                post                 capture
//!  (nothing) ────▶ Held ─────────────────▶ Arrived ───────────▶ settled
//!                    │                                                  release
//!                    └─ refused, withdrawn: fence ─▶ Fenced ───────────────────▶ turned back
//! ```
//!
//! # Why exactly once
//!
//! - The book that is paid gives the id of step 2 away at most once, to the posting or to the
//!   release of the fence: a ledger holds ids of transactions and of releases in one space, and
//!   what a unit found absent is absent when it commits. This is the verdict, and it never changes.
//! - Step 3 is made only after the verdict "posted" was seen, step 3' only after "fenced".
//! - Each step takes effect at most once under its id.
//!
//! So the payee is credited at most once, the payer is debited if and only if the payee was
//! credited, and it does not matter who walks, how many at a time, or where each of them stops.
//!
//! # What it leaves to the host
//!
//! - Run [`Bridge::recover`] on a timer, and look at [`Bridge::pending`].
//! - The clearing accounts mirror each other ([`Bridge::reconcile`]); to settle the net position
//!   with real money is an ordinary posting in each book.
//! - Nobody else ends the holds of a bridge. Where a payer's account is blocked between steps 2
//!   and 3, the transfer waits as [`Stage::Arrived`] until it is open again.

mod error;
mod id;
mod order;
mod reconcile;
mod recover;
mod steps;

pub use error::{BridgeError, BridgeOutcome, Settled, Stage, TurnedBack};
pub use id::{BookAccount, BookName, BridgeId, StepIds};
pub use order::NewBridgeTransfer;
pub use reconcile::{ClearingPosition, InFlight, Reconciliation};
pub use recover::{PendingTransfer, Recovered, Recovery};

use steps::Walk;

use crate::bank::{Bank, Context, Error};
use crate::id::AccountId;
use crate::ledger::{Correlation, FloorPolicy, Refusal};

/// The reason of a transfer that was turned back by request or by age.
pub const WITHDRAWN: &str = "withdrawn";
/// The reason of a transfer that the policy of the book that is paid denied.
const DENIED: &str = "denied";

/// One end of a bridge: a bank, and what the bridge is there.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BookEnd {
    /// The name of the book. It enters the ids of all steps and never changes.
    pub name: BookName,
    /// The bank.
    pub bank: Bank,
    /// The account that stands for the other book: what this book is owed by it is a debit
    /// balance, what it owes a credit balance. Without floor and ceiling, for this bridge alone.
    /// It does not change while transfers are pending.
    pub clearing: AccountId,
    /// In whose name the bridge acts here. It needs the right to post, hold, capture and release.
    pub context: Context,
}

impl BookEnd {
    /// An end of a bridge.
    #[must_use]
    pub const fn new(name: BookName, bank: Bank, clearing: AccountId, context: Context) -> Self {
        Self { name, bank, clearing, context }
    }

    /// The context of the steps of one transfer, which share a correlation in both books unless
    /// the host has set one.
    fn context(&self, id: BridgeId) -> Context {
        let mut context = self.context.clone();
        if context.correlation.is_none() {
            context.correlation = Correlation::new(&format!("bridge:{id}")).ok();
        }
        context
    }
}

/// A bridge between two books, for one currency. A clone is another handle; any number of bridges
/// between the same two ends may work at the same time, in any number of processes.
#[derive(Debug, Clone)]
pub struct Bridge {
    first: BookEnd,
    second: BookEnd,
}

impl Bridge {
    /// Joins two ends. Reads nothing; [`Bridge::check`] looks at the clearing accounts.
    ///
    /// # Errors
    /// [`BridgeError::Setup`] when the names are the same, or a bank is a dry run.
    pub fn new(first: BookEnd, second: BookEnd) -> Result<Self, BridgeError> {
        if first.name == second.name {
            let what = "the two books of a bridge have the same name; give each its own";
            return Err(BridgeError::Setup { what });
        }
        if first.bank.is_dry_run() || second.bank.is_dry_run() {
            let what = "a bridge needs banks that write: half of a transfer would not happen";
            return Err(BridgeError::Setup { what });
        }
        Ok(Self { first, second })
    }

    /// Looks at both clearing accounts: they exist, are open, are kept in the same currency, and
    /// have neither floor nor ceiling. A host calls it once at its start; a bridge that does not
    /// pass loses no money, but its transfers would be refused or wait.
    ///
    /// # Errors
    /// [`BridgeError::Setup`]; [`BridgeError::Refused`] for an account that does not exist;
    /// [`BridgeError::Store`].
    pub async fn check(&self) -> Result<(), BridgeError> {
        let first = self.first.bank.account(self.first.clearing).await?.state;
        let second = self.second.bank.account(self.second.clearing).await?.state;
        let what = if first.currency != second.currency {
            "the clearing accounts of a bridge are kept in the same currency"
        } else if first.closed || second.closed {
            "a clearing account is closed; open it again"
        } else if [&first, &second].iter().any(|one| one.floor != FloorPolicy::Unbounded) {
            "a clearing account has a floor; set FloorPolicy::Unbounded"
        } else if first.ceiling.or(second.ceiling).is_some() {
            "a clearing account has a ceiling; remove it"
        } else {
            return Ok(());
        };
        Err(BridgeError::Setup { what })
    }

    /// Transfers money from one book to the other. The same call under the same id may be made
    /// any number of times, at once or later, whatever the first ended in: it finishes what is
    /// unfinished and gives the same outcome.
    ///
    /// # Errors
    /// [`BridgeError`]; see the table there. After [`BridgeError::Pending`] the money may be held:
    /// never try again under another id.
    pub async fn transfer(
        &self,
        transfer: &NewBridgeTransfer,
    ) -> Result<BridgeOutcome, BridgeError> {
        self.walk(transfer)?.whole().await
    }

    /// Turns a transfer back, unless it has arrived already: then it is settled.
    ///
    /// # Errors
    /// [`BridgeError::UnknownTransfer`] when nothing was ever held for it (or the words of the
    /// hold were erased); otherwise those of [`Bridge::transfer`].
    pub async fn turn_back(
        &self,
        from: &BookName,
        id: BridgeId,
    ) -> Result<BridgeOutcome, BridgeError> {
        let transfer = self.begun(from, id).await?;
        self.walk(&transfer)?.withdraw().await
    }

    /// The two ends, the one called `from` first.
    fn ends(&self, from: &BookName) -> Result<(&BookEnd, &BookEnd), BridgeError> {
        if *from == self.first.name {
            Ok((&self.first, &self.second))
        } else if *from == self.second.name {
            Ok((&self.second, &self.first))
        } else {
            Err(BridgeError::UnknownBook { book: from.clone() })
        }
    }

    fn walk<'a>(&'a self, transfer: &'a NewBridgeTransfer) -> Result<Walk<'a>, BridgeError> {
        let (from, to) = self.ends(&transfer.from.book)?;
        if transfer.to.book != to.name {
            // Within one book it is a posting like any other.
            self.ends(&transfer.to.book)?;
            let what = "a transfer between books goes from one book to the other";
            return Err(Refusal::InvalidTerms { what }.into());
        }
        Ok(Walk { from, to, transfer })
    }

    /// A transfer as its hold keeps it.
    async fn begun(&self, from: &BookName, id: BridgeId) -> Result<NewBridgeTransfer, BridgeError> {
        let (from, to) = self.ends(from)?;
        let hold = match from.bank.hold_by_id(id.steps(&from.name, &to.name).hold).await {
            Err(Error::Refused(Refusal::UnknownHold { .. })) => None,
            found => NewBridgeTransfer::of_hold(&from.name, &found?),
        };
        hold.ok_or(BridgeError::UnknownTransfer { id })
    }
}
