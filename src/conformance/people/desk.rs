//! What a clerk does all day: onboarding in one call, and lists of who and what waits.

use super::hall::{ANNA, BEN, CARLA, FIRST, GIRO, Hall, SECOND, clerk, no, person};
use crate::account::{AccountStatus, NewCustomerAccount, Ownership};
use crate::bank::{AccountSearch, CustomerSearch, Onboard};
use crate::conformance::bench::{Bench, Checked, ensure, same};
use crate::id::{BranchId, CustomerId, DocumentId};
use crate::kyc::{DocumentKind, KycStatus, Review, StandingChange, Verdict};
use crate::ledger::{Actor, Text};
use crate::money::Currency;
use crate::party::{Branch, Lifecycle, Onboarding, WholeName};

/// Registered, uploaded, reviewed, accepted, opened: the same call goes on where it stopped, and
/// no account is there before all of it (S2-047, S4-069).
pub(super) async fn onboarded(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    let (bank, app) = (hall.bank(), clerk("clerk")?);
    let onboard = Onboard::new(person(ANNA, "Anna")?)
        .with_document(Hall::upload(1, DocumentKind::Passport, None)?)
        .with_document(Hall::upload(2, DocumentKind::UtilityBill, None)?)
        .with_account(GIRO, Currency::USD, FIRST);
    let goes = || bank.onboard(&app, onboard.clone());
    let first = goes().await?;
    same((first.kyc, first.account), (KycStatus::Pending, None), "registered")?;
    let by = Actor::new("user:officer")?;
    for document in [1, 2] {
        same(goes().await?.account, None, "not reviewed")?;
        let id = DocumentId::from_u128(document);
        let review = Review::new(id, Verdict::Approve, by.clone());
        let _ = bank.review_document(&clerk("officer")?, ANNA, &review).await?;
    }
    let proven = goes().await?;
    same((proven.kyc, proven.account), (KycStatus::Approved, None), "proven, not accepted")?;
    no(bank.customer_account(FIRST).await, "unknown_customer_account")?;
    hall.stand(ANNA, StandingChange::Onboarding(Onboarding::Approved)).await?;
    let opened = goes().await?.account;
    same(opened.as_ref().map(|(id, _)| *id), Some(FIRST), "opened")?;
    let seen = bank.customer_account(FIRST).await?;
    same(seen.balance.available.minor(), 0, "with its balance")?;
    same(goes().await?.account, opened, "the same again")?;
    same(bank.standing(ANNA).await?.open_accounts, 1, "once")?;
    // What is wrong is said, and is not taken for something to wait for.
    let _ = bank.retire_product(hall.me(), GIRO, true).await?;
    let other = Onboard::new(person(ANNA, "Anna")?).with_account(GIRO, Currency::USD, SECOND);
    no(bank.onboard(&app, other).await, "product_retired")
}

/// Who waits for what, and which accounts are in which state, page by page.
pub(super) async fn listed(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    let bank = hall.bank();
    hall.two(0).await?;
    hall.register(CARLA, "Carla").await?;
    let upload = Hall::upload(1, DocumentKind::Passport, None)?;
    let _ = bank.upload_document(&clerk("clerk")?, CARLA, upload).await?;
    hall.stand(BEN, StandingChange::Lifecycle(Lifecycle::Suspended)).await?;
    let all: [(CustomerSearch, &[CustomerId]); 9] = [
        (CustomerSearch::Lifecycle(Lifecycle::Active), &[ANNA, CARLA]),
        (CustomerSearch::Lifecycle(Lifecycle::Suspended), &[BEN]),
        (CustomerSearch::Lifecycle(Lifecycle::Closed), &[]),
        (CustomerSearch::Onboarding(Onboarding::PendingApproval), &[CARLA]),
        (CustomerSearch::Onboarding(Onboarding::Approved), &[ANNA, BEN]),
        (CustomerSearch::Kyc(KycStatus::Approved), &[ANNA, BEN]),
        (CustomerSearch::Kyc(KycStatus::Pending), &[CARLA]),
        (CustomerSearch::Document(KycStatus::Pending), &[CARLA]),
        (CustomerSearch::Document(KycStatus::Rejected), &[]),
    ];
    for (search, ids) in all {
        same(found(&hall, &search).await?, ids.to_vec(), format!("{search:?}"))?;
    }
    accounts(&hall).await?;
    no(bank.search_accounts(AccountSearch::Customer(ANNA), 0, None).await, "invalid_terms")?;
    Ok(())
}

async fn found(hall: &Hall, search: &CustomerSearch) -> Checked<Vec<CustomerId>> {
    let (mut ids, mut after) = (Vec::new(), None);
    loop {
        let hits = hall.bank().search_customers(search, 1, after.as_ref()).await?;
        let Some((hit, one)) = hits.into_iter().next() else { return Ok(ids) };
        ids.push(one.id);
        after = Some(hit);
    }
}

async fn accounts(hall: &Hall) -> Checked {
    let (bank, me) = (hall.bank(), hall.me());
    let office = BranchId::from_u128(1);
    let branch = Branch::new(office, WholeName::new("Head office")?);
    let _ = bank.define_branch(me, branch).await?;
    let third = super::hall::THIRD;
    let new = NewCustomerAccount::new(GIRO, Currency::USD, Ownership::individual(ANNA));
    let _ = bank.open_customer_account(me, &new.with_id(third).with_branch(office)).await?;
    let why = Text::new("by order").ok();
    let _ = bank.set_account_status(me, FIRST, AccountStatus::Frozen, why).await?;
    let all: [(AccountSearch, &[_]); 5] = [
        (AccountSearch::Customer(ANNA), &[FIRST, third]),
        (AccountSearch::Branch(office), &[third]),
        (AccountSearch::Status(AccountStatus::Active), &[SECOND, third]),
        (AccountSearch::Status(AccountStatus::Frozen), &[FIRST]),
        (AccountSearch::Status(AccountStatus::Dormant), &[]),
    ];
    for (search, ids) in all {
        let mut seen = Vec::new();
        while let Some(one) =
            bank.search_accounts(search, 1, seen.last().copied()).await?.into_iter().next()
        {
            ensure(!seen.contains(&one.account.id), "an account came twice")?;
            seen.push(one.account.id);
        }
        same(seen, ids.to_vec(), format!("{search:?}"))?;
    }
    Ok(())
}
