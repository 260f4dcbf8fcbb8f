//! Documents, their lapse, and the gate that they keep.

use chrono::Duration;

use super::hall::{ANNA, BEN, CARLA, FIRST, Hall, clerk, no, out};
use crate::account::Ownership;
use crate::bank::Order;
use crate::conformance::bench::{Bench, CASH, Checked, day, ensure, found, same, usd};
use crate::id::{AccountId, CustomerId, DocumentId, ScreeningId};
use crate::kyc::{
    AmlStatus, DocumentKind, Gate, GateAction, GateStatus, KycStatus, PepStatus, Review, RiskLevel,
    ScreeningAnswer, ScreeningKind, ScreeningOutcome, StandingChange, Verdict,
};
use crate::ledger::{Actor, Reference, Text};
use crate::party::{Lifecycle, Onboarding};

/// Uploaded, reviewed by another, and the status follows in the same unit (S2-049).
pub(super) async fn documents(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    let bank = hall.bank();
    hall.register(ANNA, "Anna").await?;
    let status = || async { Ok::<_, crate::bank::Error>(bank.standing(ANNA).await?.kyc) };
    same(status().await?, KycStatus::Pending, "at first")?;
    let passport = || Hall::upload(1, DocumentKind::Passport, None);
    let (clerk, officer) = (clerk("clerk")?, clerk("officer")?);
    let first = bank.upload_document(&clerk, ANNA, passport()?).await?;
    let again = bank.upload_document(&clerk, ANNA, passport()?).await?;
    ensure(!first.is_replayed() && again.is_replayed(), "the same document again")?;
    let own = Review::new(DocumentId::from_u128(1), Verdict::Approve, Actor::new("user:clerk")?);
    no(bank.review_document(&clerk, ANNA, &own).await, "reviewer_is_uploader")?;
    let by = Actor::new("user:officer")?;
    let reject = Review::new(DocumentId::from_u128(1), Verdict::Reject, by.clone());
    no(bank.review_document(&officer, ANNA, &reject).await, "review_reason_missing")?;
    let reject = reject.with_reason(Text::new("unreadable")?);
    let _ = bank.review_document(&officer, ANNA, &reject).await?;
    same(status().await?, KycStatus::Rejected, "rejected, nothing outstanding")?;
    hall.hand_in(ANNA, Hall::upload(2, DocumentKind::NationalId, None)?).await?;
    hall.hand_in(ANNA, Hall::upload(3, DocumentKind::UtilityBill, None)?).await?;
    same(status().await?, KycStatus::Approved, "identity and address")?;
    let revoke = Review::new(DocumentId::from_u128(3), Verdict::Revoke, by);
    let revoke = revoke.with_reason(Text::new("forged")?);
    let _ = bank.review_document(&officer, ANNA, &revoke).await?;
    ensure(status().await? != KycStatus::Approved, "a proof that was revoked")?;
    no(bank.upload_document(&clerk, BEN, passport()?).await, "unknown_customer")?;
    screened(&hall).await
}

/// An answer tightens the standing in the same unit, and never loosens it.
async fn screened(hall: &Hall) -> Checked {
    let answer = |outcome| -> Checked<ScreeningAnswer> {
        Ok(ScreeningAnswer {
            kind: ScreeningKind::Sanctions,
            outcome,
            provider: Actor::new("provider:lists")?,
            reference: Reference::new(&format!("case-{outcome:?}"))?,
            at: hall.bank().moment().now,
            score: None,
        })
    };
    let record = |id: u128, outcome| async move {
        let answer = answer(outcome)?;
        let id = ScreeningId::from_u128(id);
        let recorded = hall.bank().record_screening(hall.me(), ANNA, id, &answer).await?;
        Ok::<_, crate::conformance::bench::Found>(recorded.is_replayed())
    };
    ensure(!record(1, ScreeningOutcome::Hit).await?, "recorded")?;
    ensure(record(1, ScreeningOutcome::Hit).await?, "recorded once")?;
    same(hall.bank().standing(ANNA).await?.aml, AmlStatus::Blocked, "a hit blocks")?;
    ensure(!record(2, ScreeningOutcome::Clear).await?, "recorded")?;
    same(hall.bank().standing(ANNA).await?.aml, AmlStatus::Blocked, "clear loosens nothing")
}

/// A proof holds through its last day; the day after nothing passes, sweep or not.
pub(super) async fn lapse(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    let bank = hall.bank();
    hall.register(ANNA, "Anna").await?;
    hall.prove(ANNA, Some(day(2026, 3, 2)?)).await?;
    hall.stand(ANNA, StandingChange::Onboarding(Onboarding::Approved)).await?;
    hall.account(FIRST, Ownership::individual(ANNA)).await?;
    hall.deposit(FIRST, 100).await?;
    let _ = hall.carry(out(FIRST, 10).signed_by(ANNA)).await?;
    hall.bench.clock.advance(Duration::days(1));
    no(hall.carry(out(FIRST, 10).signed_by(ANNA)).await, "gate_closed")?;
    hall.deposit(FIRST, 5).await?;
    let swept = bank.sweep_documents(hall.me(), 100).await?;
    same((swept.seen, swept.changed), (1, 1), "one file is due")?;
    same(bank.sweep_documents(hall.me(), 100).await?.seen, 0, "nothing is due any more")?;
    same(bank.standing(ANNA).await?.kyc, KycStatus::Expired, "swept")?;
    no(hall.carry(out(FIRST, 10).signed_by(ANNA)).await, "gate_closed")?;
    let fresh = Hall::upload(77, DocumentKind::Passport, None)?;
    hall.hand_in(ANNA, fresh).await?;
    let _ = hall.carry(out(FIRST, 10).signed_by(ANNA)).await?;
    hall.balance(FIRST, 85, "in and out").await
}

/// Every status that a customer with an account can be in, and every action that can be tried: as
/// the matrix says, in the unit that acts (C13).
pub(super) async fn cells(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    let statuses: Vec<(GateStatus, Vec<StandingChange>)> = vec![
        (GateStatus::Aml(AmlStatus::Clear), vec![]),
        (GateStatus::Aml(AmlStatus::Flagged), vec![StandingChange::Aml(AmlStatus::Flagged)]),
        (GateStatus::Aml(AmlStatus::Blocked), vec![StandingChange::Aml(AmlStatus::Blocked)]),
        (GateStatus::Pep(PepStatus::Match), vec![StandingChange::Pep(PepStatus::Match)]),
        (
            GateStatus::Pep(PepStatus::Rejected),
            vec![StandingChange::Pep(PepStatus::Match), StandingChange::Pep(PepStatus::Rejected)],
        ),
        (GateStatus::Risk(RiskLevel::Low), vec![StandingChange::Risk(RiskLevel::Low)]),
        (GateStatus::Risk(RiskLevel::High), vec![StandingChange::Risk(RiskLevel::High)]),
        (GateStatus::Risk(RiskLevel::Critical), vec![StandingChange::Risk(RiskLevel::Critical)]),
        (
            GateStatus::Lifecycle(Lifecycle::Inactive),
            vec![StandingChange::Lifecycle(Lifecycle::Inactive)],
        ),
        (
            GateStatus::Lifecycle(Lifecycle::Suspended),
            vec![StandingChange::Lifecycle(Lifecycle::Suspended)],
        ),
        (GateStatus::Kyc(KycStatus::Expired), vec![]),
    ];
    for (at, (status, changes)) in statuses.into_iter().enumerate() {
        let number = 0xc000_u128.saturating_add(u128::try_from(at)?.saturating_mul(4));
        let (customer, account) = (CustomerId::from_u128(number), AccountId::from_u128(number));
        hall.welcome(customer, "Kim").await?;
        hall.account(account, Ownership::individual(customer)).await?;
        hall.deposit(account, 1_000).await?;
        for change in changes {
            hall.stand(customer, change).await?;
        }
        if status == GateStatus::Kyc(KycStatus::Expired) {
            let first = DocumentId::from_u128(number.saturating_mul(16));
            let by = Actor::new("user:officer")?;
            let revoke = Review::new(first, Verdict::Revoke, by);
            let revoke = revoke.with_reason(Text::new("forged")?);
            let _ = hall.bank().review_document(&clerk("officer")?, customer, &revoke).await?;
            // Another one waits for review, so that what stood before has lapsed.
            let id = number.saturating_mul(16).saturating_add(9);
            let upload = Hall::upload(id, DocumentKind::Passport, None)?;
            let _ = hall.bank().upload_document(&clerk("clerk")?, customer, upload).await?;
        }
        cell(&hall, customer, account, status).await?;
    }
    unproven(&hall).await
}

async fn cell(
    hall: &Hall,
    customer: CustomerId,
    account: AccountId,
    status: GateStatus,
) -> Checked {
    for action in [
        GateAction::Credit,
        GateAction::Debit,
        GateAction::ExternalTransfer,
        GateAction::OpenAccount,
    ] {
        let ended = match action {
            GateAction::Credit => {
                hall.carry(Order::deposit(CASH, account, usd(7))).await.map(|_| ())
            }
            GateAction::Debit => hall.carry(out(account, 5).signed_by(customer)).await.map(|_| ()),
            GateAction::ExternalTransfer => {
                let order = Order::external(account, CASH, usd(5)).signed_by(customer);
                hall.carry(order).await.map(|_| ())
            }
            _ => {
                let id = AccountId::from_u128(customer.as_u128().saturating_add(1));
                let new = Hall::new_account(id, Ownership::individual(customer));
                hall.bank().open_customer_account(hall.me(), &new).await.map(|_| ())
            }
        };
        let open = Gate::STANDARD.is_open(action, status);
        match ended {
            Ok(()) if open => {}
            Err(error) if !open && error.code() == "gate_closed" => {}
            ended => {
                return Err(found(format!("{action} with {status}: {ended:?}, open is {open}")));
            }
        }
    }
    Ok(())
}

/// Who was never proven, or not accepted, gets no account; nor as a second owner.
async fn unproven(hall: &Hall) -> Checked {
    hall.welcome(ANNA, "Anna").await?;
    hall.register(BEN, "Ben").await?;
    let alone = Hall::new_account(FIRST, Ownership::individual(BEN));
    no(hall.bank().open_customer_account(hall.me(), &alone).await, "gate_closed")?;
    let both = Hall::new_account(FIRST, super::hall::joint(crate::account::Mandate::Either));
    no(hall.bank().open_customer_account(hall.me(), &both).await, "gate_closed")?;
    hall.prove(BEN, None).await?;
    no(hall.bank().open_customer_account(hall.me(), &both).await, "gate_closed")?;
    hall.stand(BEN, StandingChange::Onboarding(Onboarding::Approved)).await?;
    let _ = hall.bank().open_customer_account(hall.me(), &both).await?;
    let with_nobody = Ownership::joint(ANNA, CARLA, crate::account::Mandate::Either);
    let new = Hall::new_account(super::hall::SECOND, with_nobody);
    no(hall.bank().open_customer_account(hall.me(), &new).await, "unknown_customer")
}
