//! What the holder of a lease may do with it: acknowledge, renew, give back.

use std::time::Duration;

use super::{Bank, Claim, Patience, invalid, judge_lease, lease_end};
use crate::bank::{Action, Context, Error};
use crate::ledger::Refusal;
use crate::ledger::outbox::Mark;
use crate::time::Timestamp;

/// What becomes of a mark.
enum Change {
    /// It is as asked for already.
    Stands,
    /// It is not the caller's any more.
    Lost,
    /// It is written like this.
    To(Mark),
}

impl Bank {
    /// Acknowledges every event of a claim at or before `through`, which lies within the claim.
    /// With [`Claim::through`] it also gives the partition back. Repeating it is safe.
    ///
    /// A lease that has run out can still be acknowledged until another worker takes the
    /// partition.
    ///
    /// # Errors
    /// [`Refusal::LeaseLost`] when the partition was given back or taken: whoever has it now gets
    /// the same events again. [`Refusal::InvalidTerms`] when `through` lies outside the claim.
    /// [`Error::Denied`]; [`Error::Store`].
    pub async fn ack(&self, context: &Context, claim: &Claim, through: u64) -> Result<(), Error> {
        self.authorise(context, Action::ConsumeEvents)?;
        if !(claim.after..=claim.through).contains(&through) {
            return Err(invalid("an acknowledgement lies within what was claimed"));
        }
        self.change_mark(claim, |mark| {
            if mark.was_taken_by(claim.token) && mark.acknowledged >= through {
                return Change::Stands;
            }
            if !mark.is_held_by(claim.token) {
                return Change::Lost;
            }
            let until = mark.until.filter(|_| through < claim.through);
            Change::To(Mark { acknowledged: through, until, ..mark })
        })
        .await
    }

    /// Lets the lease of a claim run for `lease` from now on, and tells until when.
    ///
    /// # Errors
    /// [`Refusal::LeaseLost`]; [`Refusal::InvalidTerms`] for a lease of no length;
    /// [`Error::Denied`]; [`Error::Store`].
    pub async fn renew_lease(
        &self,
        context: &Context,
        claim: &Claim,
        lease: Duration,
    ) -> Result<Timestamp, Error> {
        self.authorise(context, Action::ConsumeEvents)?;
        judge_lease(lease)?;
        let until = lease_end(self.moment().now, lease);
        self.change_mark(claim, |mark| {
            if !mark.is_held_by(claim.token) {
                return Change::Lost;
            }
            Change::To(Mark { until: Some(until), ..mark })
        })
        .await?;
        Ok(until)
    }

    /// Gives the partition of a claim back, so that another worker gets what is not acknowledged
    /// at once and not when the lease has run out. Repeating it is safe.
    ///
    /// # Errors
    /// [`Refusal::LeaseLost`] when another worker has it already; [`Error::Denied`];
    /// [`Error::Store`].
    pub async fn release_lease(&self, context: &Context, claim: &Claim) -> Result<(), Error> {
        self.authorise(context, Action::ConsumeEvents)?;
        self.change_mark(claim, |mark| match mark.was_taken_by(claim.token) {
            false => Change::Lost,
            true if mark.until.is_none() => Change::Stands,
            true => Change::To(Mark { until: None, ..mark }),
        })
        .await
    }

    /// Changes the mark of a claim, again whenever somebody else changed it meanwhile.
    async fn change_mark(
        &self,
        claim: &Claim,
        change: impl Fn(Mark) -> Change + Send + Sync,
    ) -> Result<(), Error> {
        let (subscriber, partition) = (claim.subscriber, claim.partition);
        let lost = Refusal::LeaseLost { subscriber, partition };
        let mut patience = Patience::default();
        loop {
            let marks = self.known_marks(subscriber).await?;
            let mark = marks.into_iter().find(|mark| mark.partition == partition);
            let Some(mark) = mark else { return Err(lost.into()) };
            match change(mark) {
                Change::Stands => return Ok(()),
                Change::Lost => return Err(lost.into()),
                Change::To(mark) => {
                    if patience.wrote(self.put_marks(&[mark]).await).await? {
                        return Ok(());
                    }
                }
            }
        }
    }
}
