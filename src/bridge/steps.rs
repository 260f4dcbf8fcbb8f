//! The steps of one transfer, each of which may be made again at any time, by anybody.
//!
//! Whoever walks here relies on nothing but the two books. The ledger of the book that is paid
//! gives the id of the posting away once: to the posting, or to the release of the fence. The hold
//! is captured only after the posting was seen to have that id, and released only after it was
//! seen to have gone to something else; so no two walkers can come to different ends.

use crate::bank::Error;
use crate::ledger::{HoldState, Outcome, Refusal};

use super::error::{BridgeError, BridgeOutcome, Settled, Stage, TurnedBack};
use super::order::{NewBridgeTransfer, reason_of};
use super::{BookEnd, DENIED, WITHDRAWN};

/// One transfer and the two ends that it goes between.
#[derive(Debug, Clone, Copy)]
pub(super) struct Walk<'a> {
    pub(super) from: &'a BookEnd,
    pub(super) to: &'a BookEnd,
    pub(super) transfer: &'a NewBridgeTransfer,
}

/// Why a transfer is turned back.
#[derive(Debug, Clone)]
struct Reason {
    code: &'static str,
    refusal: Option<Refusal>,
}

impl Reason {
    const fn known(code: &'static str) -> Self {
        Self { code, refusal: None }
    }
}

impl From<Refusal> for Reason {
    fn from(refusal: Refusal) -> Self {
        Self { code: refusal.code(), refusal: Some(refusal) }
    }
}

/// Whom the book that is paid gave the id of the posting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nobody so far.
    Open,
    /// The posting.
    Arrived,
    /// Something else, for this reason: the posting can never be made.
    Fenced(&'static str),
}

type Ending = Result<BridgeOutcome, BridgeError>;

impl Walk<'_> {
    /// All steps from the first.
    pub(super) async fn whole(&self) -> Ending {
        let hold = self.transfer.hold(self.from.clearing)?;
        let own = self.from.context(self.transfer.id);
        let context = self.transfer.asked_by.as_ref().unwrap_or(&own);
        match self.from.bank.hold(context, hold).await {
            Ok(Outcome::Applied(_)) => self.forward(self.transfer.is_dated()).await,
            // The hold may have ended since it was placed.
            Ok(Outcome::Replayed(_)) => self.forward(true).await,
            Err(error @ Error::Store(_)) => Err(self.pending(Stage::Asked, error)),
            Err(error) => Err(error.into()),
        }
    }

    /// The steps behind the hold. With `doubt`, it is tried first whether the hold could be
    /// captured: what would be refused then is better turned back now.
    pub(super) async fn forward(&self, doubt: bool) -> Ending {
        if doubt {
            let trial = self.from.bank.dry_run();
            let context = self.from.context(self.transfer.id);
            match trial.capture(&context, self.transfer.capture(None)?).await {
                Ok(_) => {}
                Err(Error::Refused(refusal)) => return self.back(refusal.into()).await,
                Err(error) => return Err(self.pending(Stage::Held, error)),
            }
        }
        let posting = self.transfer.posting(self.to.clearing)?;
        match self.to.bank.post(&self.to.context(self.transfer.id), posting).await {
            Ok(_) => self.capture().await,
            Err(Error::Refused(refusal @ Refusal::IdReused { .. })) => self.judged(refusal).await,
            Err(Error::Refused(refusal)) => self.back(refusal.into()).await,
            Err(Error::Denied(_)) => self.back(Reason::known(DENIED)).await,
            Err(error) => Err(self.pending(Stage::Held, error)),
        }
    }

    /// Turns the transfer back, unless it has arrived already.
    pub(super) async fn withdraw(&self) -> Ending {
        self.back(Reason::known(WITHDRAWN)).await
    }

    /// First makes the posting impossible, then releases.
    async fn back(&self, reason: Reason) -> Ending {
        let fence = self.transfer.fence(self.to.clearing, reason.code)?;
        let context = self.to.context(self.transfer.id);
        let outcomes = match self.to.bank.post_many(&context, &fence).await {
            Ok(outcomes) => outcomes,
            Err(error) => return Err(self.pending(Stage::Held, error)),
        };
        let mut refusals = outcomes.into_iter().filter_map(Result::err);
        let first = refusals.find(|refusal| !matches!(refusal, Refusal::GroupFailed { .. }));
        match first {
            None => self.release(reason).await,
            Some(refusal) => self.judged(refusal).await,
        }
    }

    /// Follows the verdict that another walker brought about. Without one nothing is concluded
    /// from a refusal alone: money moves on evidence that was seen.
    async fn judged(&self, refusal: Refusal) -> Ending {
        match self.verdict().await? {
            Verdict::Arrived => self.capture().await,
            Verdict::Fenced(code) => self.release(Reason::known(code)).await,
            Verdict::Open => Err(self.pending(Stage::Held, refusal.into())),
        }
    }

    /// Reads whom the id of the posting was given.
    pub(super) async fn verdict(&self) -> Result<Verdict, BridgeError> {
        let steps = self.transfer.steps();
        match self.to.bank.transaction(steps.post).await {
            Ok(posted) if self.transfer.is_posting(&posted) => return Ok(Verdict::Arrived),
            Ok(_) => return Ok(Verdict::Fenced("id_reused")),
            Err(Error::Refused(Refusal::UnknownTransaction { .. })) => {}
            Err(error) => return Err(self.pending(Stage::Held, error)),
        }
        match self.to.bank.hold_by_id(steps.fence).await {
            Ok(fence) => {
                let by = fence.ended.and_then(|ended| ended.by);
                let ours = by == Some(steps.post);
                Ok(if ours { Verdict::Fenced(reason_of(&fence)) } else { Verdict::Open })
            }
            Err(Error::Refused(Refusal::UnknownHold { .. })) => Ok(Verdict::Open),
            Err(error) => Err(self.pending(Stage::Held, error)),
        }
    }

    /// The money has arrived: takes it from the payer.
    async fn capture(&self) -> Ending {
        let mut today = None;
        loop {
            let capture = self.transfer.capture(today)?;
            let context = self.from.context(self.transfer.id);
            let refusal = match self.from.bank.capture(&context, capture).await {
                Ok(_) => return Ok(self.settled()),
                Err(Error::Refused(refusal)) => refusal,
                Err(error) => return Err(self.pending(Stage::Arrived, error)),
            };
            match self.hold_state(Stage::Arrived).await? {
                HoldState::Captured => return Ok(self.settled()),
                HoldState::Open if today.is_none() && is_of_dates(&refusal) => {
                    today = Some(self.from.bank.moment().today);
                }
                HoldState::Open if matches!(refusal, Refusal::CaptureExceedsHold { .. }) => {
                    return Err(self.torn("part of it was captured"));
                }
                HoldState::Open => return Err(self.pending(Stage::Arrived, refusal.into())),
                HoldState::Released | HoldState::Expired => {
                    return Err(self.torn("it was freed although the money has arrived"));
                }
            }
        }
    }

    /// The money can never arrive: gives it free.
    async fn release(&self, reason: Reason) -> Ending {
        let context = self.from.context(self.transfer.id);
        match self.from.bank.release(&context, self.transfer.release()).await {
            Ok(_) => Ok(self.turned_back(reason)),
            Err(error @ Error::Refused(_)) => match self.hold_state(Stage::Fenced).await? {
                HoldState::Released | HoldState::Expired => Ok(self.turned_back(reason)),
                HoldState::Captured => {
                    Err(self.torn("it was captured although the money cannot arrive"))
                }
                HoldState::Open => Err(self.pending(Stage::Fenced, error)),
            },
            Err(error) => Err(self.pending(Stage::Fenced, error)),
        }
    }

    async fn hold_state(&self, stage: Stage) -> Result<HoldState, BridgeError> {
        match self.from.bank.hold_by_id(self.transfer.steps().hold).await {
            Ok(hold) => Ok(hold.state),
            Err(error) => Err(self.pending(stage, error)),
        }
    }

    fn settled(&self) -> BridgeOutcome {
        let steps = self.transfer.steps();
        let (paid, arrived) = (steps.capture, steps.post);
        BridgeOutcome::Settled(Settled { id: self.transfer.id, paid, arrived })
    }

    fn turned_back(&self, reason: Reason) -> BridgeOutcome {
        let Reason { code, refusal } = reason;
        BridgeOutcome::TurnedBack(TurnedBack { id: self.transfer.id, because: code, refusal })
    }

    const fn pending(&self, stage: Stage, source: Error) -> BridgeError {
        BridgeError::Pending { id: self.transfer.id, stage, source }
    }

    const fn torn(&self, what: &'static str) -> BridgeError {
        BridgeError::Torn { id: self.transfer.id, what }
    }
}

const fn is_of_dates(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::PeriodClosed { .. }
            | Refusal::BookingDateOutOfBounds { .. }
            | Refusal::ValueDateOutOfBounds { .. }
    )
}
