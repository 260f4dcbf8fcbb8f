//! Documents, reviews, screenings and what they make of a customer's standing: file and standing
//! are written in one unit, so that no movement of money sees one without the other.

use std::marker::PhantomData;

use super::draft::{Draft, row_of};
use super::refs::{customer_ref, file_in, file_ref, person_in, standing_in, standing_ref};
use super::write::Write;
use crate::bank::{Action, Bank, Context, Error};
use crate::id::{CustomerId, DocumentId, ScreeningId};
use crate::kyc::{
    self, Decided, KycFile, KycPolicy, Review, ScreeningAnswer, Standing, StandingChange, Upload,
};
use crate::ledger::Outcome;
use crate::ledger::facts::{Moment, Wanted};
use crate::party;
use crate::store::{Entities, Entity, EntityWanted};

/// What was decided about a customer's file and standing; none where nothing changes.
#[derive(Debug, Default)]
struct Steps {
    file: Option<Decided<KycFile>>,
    standing: Option<Decided<Standing>>,
}

impl Bank {
    /// Takes a document into the file of a customer, to be reviewed (S2-047, S4-069). Its bytes
    /// are stored already, behind a [`DocumentStorage`](kyc::DocumentStorage).
    ///
    /// # Errors
    /// [`kyc::Refusal`], [`party::Refusal::UnknownCustomer`]; see [`Error`].
    pub async fn upload_document(
        &self,
        context: &Context,
        customer: CustomerId,
        upload: Upload,
    ) -> Result<Outcome<DocumentId>, Error> {
        let id = upload.id;
        let decide = |seen: &Seen<'_>| {
            let file = kyc::decide_upload(seen.file, &upload, seen.policy, seen.moment)?;
            Ok(Steps { file, standing: None })
        };
        let ended = self.change_file(context, Action::UploadDocument, customer, decide).await?;
        Ok(ended.map(|()| id))
    }

    /// Approves, rejects or revokes a document; the status of the customer follows in the same
    /// unit (S2-049).
    ///
    /// # Errors
    /// [`kyc::Refusal`], [`party::Refusal::UnknownCustomer`]; see [`Error`].
    pub async fn review_document(
        &self,
        context: &Context,
        customer: CustomerId,
        review: &Review,
    ) -> Result<Outcome<()>, Error> {
        let decide = |seen: &Seen<'_>| {
            let file = kyc::decide_review(seen.file, review, seen.policy, seen.moment)?;
            Ok(Steps { file, standing: None })
        };
        self.change_file(context, Action::ReviewDocument, customer, decide).await
    }

    /// Puts a document under legal hold, or lifts it (S4-092).
    ///
    /// # Errors
    /// [`kyc::Refusal::UnknownDocument`], [`party::Refusal::UnknownCustomer`]; see [`Error`].
    pub async fn hold_document(
        &self,
        context: &Context,
        customer: CustomerId,
        document: DocumentId,
        held: bool,
    ) -> Result<Outcome<()>, Error> {
        let decide = |seen: &Seen<'_>| {
            let file = kyc::decide_legal_hold(seen.file, document, held)?;
            Ok(Steps { file, standing: None })
        };
        self.change_file(context, Action::ReviewDocument, customer, decide).await
    }

    /// Records the answer of a screening; it may tighten the standing, never loosen it.
    ///
    /// # Errors
    /// [`kyc::Refusal::ScreeningIdReused`], [`party::Refusal::UnknownCustomer`]; see [`Error`].
    pub async fn record_screening(
        &self,
        context: &Context,
        customer: CustomerId,
        id: ScreeningId,
        answer: &ScreeningAnswer,
    ) -> Result<Outcome<()>, Error> {
        let decide = |seen: &Seen<'_>| {
            let screened =
                kyc::decide_screening(seen.file, seen.standing, id, answer, seen.moment)?;
            Ok(screened.map_or_else(Steps::default, |screened| Steps {
                file: Some(screened.file),
                standing: screened.standing,
            }))
        };
        self.change_file(context, Action::Screen, customer, decide).await
    }

    /// Sets the AML, PEP or risk status, the lifecycle or the onboarding of a customer, or deletes
    /// the customer softly (S1-026). What is so already is [`Outcome::Replayed`].
    ///
    /// # Errors
    /// [`kyc::Refusal::StandingTransition`], [`kyc::Refusal::CustomerAccountsOpen`],
    /// [`party::Refusal::UnknownCustomer`]; see [`Error`].
    pub async fn set_standing(
        &self,
        context: &Context,
        customer: CustomerId,
        change: StandingChange,
    ) -> Result<Outcome<()>, Error> {
        let action = match change {
            StandingChange::Onboarding(_) => Action::DecideOnboarding,
            StandingChange::Lifecycle(_) | StandingChange::Deleted(_) => Action::ChangeCustomer,
            _ => Action::SetStanding,
        };
        let decide = |seen: &Seen<'_>| {
            let standing = kyc::decide_standing_change(seen.standing, change)?;
            Ok(Steps { file: None, standing })
        };
        self.change_file(context, action, customer, decide).await
    }

    /// Lets the documents of a customer lapse whose time is over.
    pub(super) async fn lapse(
        &self,
        context: &Context,
        customer: CustomerId,
    ) -> Result<Outcome<()>, Error> {
        let decide = |seen: &Seen<'_>| {
            let file = kyc::decide_expiry(seen.file, seen.policy, seen.moment);
            Ok(Steps { file, standing: None })
        };
        self.change_file(context, Action::Sweep, customer, decide).await
    }

    async fn change_file(
        &self,
        context: &Context,
        action: Action,
        customer: CustomerId,
        decide: impl Fn(&Seen<'_>) -> Result<Steps, Error> + Sync,
    ) -> Result<Outcome<()>, Error> {
        let wanted = |_: &Entities, round| {
            (round == 0).then(|| EntityWanted {
                shared: vec![customer_ref(customer)],
                exclusive: vec![file_ref(customer), standing_ref(customer)],
                ..EntityWanted::default()
            })
        };
        let write = Write {
            action,
            wanted,
            ledger: Wanted::default(),
            repeatable: true,
            decide: |setting: crate::ledger::decide::Setting<'_>,
                     _: &mut dyn crate::ledger::decide::Supply,
                     read: crate::bank::corridor::Read| {
                let seen = Seen::of(self, customer, &read.entities, setting.moment)?;
                let steps = decide(&seen)?;
                let draft = seen.draft(steps, Draft::new(&read.facts), &read.entities);
                let applied = !draft.is_empty();
                Ok(draft.decided(move |_| {
                    if applied { Outcome::Applied(()) } else { Outcome::Replayed(()) }
                }))
            },
            output: PhantomData,
        };
        self.walk(context, &write).await
    }
}

/// A customer's file and standing as they were read.
struct Seen<'a> {
    customer: CustomerId,
    file: &'a KycFile,
    standing: &'a Standing,
    policy: &'a KycPolicy,
    moment: Moment,
}

impl<'a> Seen<'a> {
    fn of(
        bank: &'a Bank,
        customer: CustomerId,
        known: &'a Entities,
        moment: Moment,
    ) -> Result<Self, Error> {
        let unknown = party::Refusal::UnknownCustomer { customer };
        let found = || {
            Some((
                person_in(known, customer)?,
                file_in(known, customer)?,
                standing_in(known, customer)?,
            ))
        };
        let (person, file, standing) = found().ok_or(unknown)?;
        let policy = bank.inner.rules.documents_of(&person.kind);
        Ok(Self { customer, file, standing, policy, moment })
    }

    /// Writes the steps, and lets the standing follow the documents.
    fn draft(&self, steps: Steps, mut draft: Draft, known: &Entities) -> Draft {
        let Steps { file, standing } = steps;
        if let (Some(file), Some(row)) = (&file, row_of(known, file_ref(self.customer))) {
            let value = Entity::KycFile(file.new.clone());
            draft.update(row, value, file.event, file.changes.clone());
        }
        let (event, mut changes, now) = match standing {
            Some(Decided { new, event, changes }) => (Some(event), changes, new),
            None => (None, Vec::new(), self.standing.clone()),
        };
        let documents = file.as_ref().map_or(self.file, |file| &file.new);
        let followed = kyc::follow_documents(&now, documents, self.policy, self.moment.today);
        let (event, now) = match followed {
            Some(followed) => {
                changes.extend(followed.changes);
                (Some(event.unwrap_or(followed.event)), followed.new)
            }
            None => (event, now),
        };
        if let (Some(event), Some(row)) = (event, row_of(known, standing_ref(self.customer))) {
            draft.update(row, Entity::Standing(now), event, changes);
        }
        draft
    }
}
