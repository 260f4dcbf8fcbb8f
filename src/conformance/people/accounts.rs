//! Accounts of customers: opened, changed, closed.

use chrono::Duration;

use super::hall::{ANNA, BEN, CARLA, FIRST, GIRO, Hall, SECOND, THIRD, joint, no, out};
use crate::account::{
    AccountNumber, AccountStatus, Mandate, NewCustomerAccount, Operation, Ownership, Role,
};
use crate::bank::{Order, Rules};
use crate::conformance::bench::{ALICE, Bench, CASH, Checked, ensure, found, same, usd};
use crate::id::{AccountId, BranchId, ProductId};
use crate::kyc::StandingChange;
use crate::ledger::{Kind, NewHold, NewTransaction, Text};
use crate::money::Currency;
use crate::party::Lifecycle;

pub(super) async fn opening(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    let (bank, me) = (hall.bank(), hall.me());
    hall.welcome(ANNA, "Anna").await?;
    let number = AccountNumber::new("DE12 3456 7890 1234 56")?;
    let new = Hall::new_account(FIRST, Ownership::individual(ANNA)).with_number(number.clone());
    let first = bank.open_customer_account(me, &new).await?;
    ensure(!first.is_replayed(), "opened")?;
    ensure(bank.open_customer_account(me, &new).await?.is_replayed(), "opened once")?;
    let other = new.clone().with_subtype(Text::new("youth")?);
    no(bank.open_customer_account(me, &other).await, "account_id_reused")?;
    let taken = Hall::new_account(SECOND, Ownership::individual(ANNA)).with_number(number.clone());
    no(bank.open_customer_account(me, &taken).await, "account_number_taken")?;
    let short = taken.clone().with_number(AccountNumber::new("123")?);
    no(bank.open_customer_account(me, &short).await, "account_number_invalid")?;
    // The id of an account of the bank's own is no customer's to take.
    let own = Hall::new_account(ALICE, Ownership::individual(ANNA));
    no(bank.open_customer_account(me, &own).await, "id_reused")?;
    let of =
        |product, currency| NewCustomerAccount::individual(product, currency, ANNA).with_id(SECOND);
    let nothing = of(ProductId::from_u128(1), Currency::USD);
    no(bank.open_customer_account(me, &nothing).await, "unknown_product")?;
    no(bank.open_customer_account(me, &of(GIRO, Currency::EUR)).await, "currency_not_offered")?;
    let branch = of(GIRO, Currency::USD).with_branch(BranchId::from_u128(1));
    no(bank.open_customer_account(me, &branch).await, "unknown_branch")?;
    let _ = bank.retire_product(me, GIRO, true).await?;
    no(bank.open_customer_account(me, &of(GIRO, Currency::USD)).await, "product_retired")?;
    let _ = bank.retire_product(me, GIRO, false).await?;
    // Found again.
    let by_number = bank.account_by_number(&number).await?;
    same(by_number.map(|one| one.account.id), Some(FIRST), "by its number")?;
    same(bank.accounts_of(ANNA, 10, None).await?.len(), 1, "accounts of a customer")?;
    same(bank.standing(ANNA).await?.open_accounts, 1, "counted")?;
    let overview = bank.customer(ANNA).await?;
    same(overview.accounts.len(), 1, "with everything around")?;
    no(bank.customer_account(CASH).await, "unknown_customer_account")
}

/// Every status and every operation: as the table says (C01).
pub(super) async fn cells(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    hall.welcome(ANNA, "Anna").await?;
    let later =
        Rules::default().with_account(crate::account::Rules::default().with_activated_later(true));
    for (at, status) in AccountStatus::ALL.iter().enumerate() {
        let id = AccountId::from_u128(0xd000_u128.saturating_add(u128::try_from(at)?));
        if *status == AccountStatus::PendingActivation {
            let pending = hall.bank().with_rules(later.clone());
            let new = Hall::new_account(id, Ownership::individual(ANNA));
            let _ = pending.open_customer_account(hall.me(), &new).await?;
        } else {
            hall.account(id, Ownership::individual(ANNA)).await?;
        }
        if *status != AccountStatus::Closed {
            hall.deposit(id, 1_000).await?;
        }
        let reason = Some(Text::new("a test")?);
        let _ = hall.bank().set_account_status(hall.me(), id, *status, reason).await?;
        for operation in Operation::ALL {
            cell(&hall, id, *status, *operation).await?;
        }
    }
    steps(&hall).await
}

async fn cell(hall: &Hall, id: AccountId, status: AccountStatus, operation: Operation) -> Checked {
    let ended = match operation {
        Operation::Debit => hall.carry(out(id, 1).signed_by(ANNA)).await.map(|_| ()),
        Operation::Credit => hall.carry(Order::deposit(CASH, id, usd(1))).await.map(|_| ()),
        Operation::Hold => {
            let hold = NewHold::transfer(Kind::PAYMENT, id, CASH, usd(1));
            hall.carry(Order::hold(hold).signed_by(ANNA)).await.map(|_| ())
        }
        Operation::Charge => {
            let fee = NewTransaction::transfer(Kind::FEE, id, CASH, usd(1));
            hall.carry(Order::of(fee).by_bank()).await.map(|_| ())
        }
        Operation::Grant => {
            let interest = NewTransaction::transfer(Kind::INTEREST, CASH, id, usd(1));
            hall.carry(Order::of(interest).by_bank()).await.map(|_| ())
        }
        Operation::Amend => {
            let ownership = Ownership::individual(ANNA).with_mandate(Mandate::AnyOf(1));
            hall.bank().set_ownership(hall.me(), id, &ownership).await.map(|_| ())
        }
    };
    match (ended, status.allows(operation)) {
        (Ok(()), true) => Ok(()),
        (Err(error), false) if error.code() == "status_forbids" => Ok(()),
        (ended, allowed) => {
            Err(found(format!("{operation} of {}: {ended:?}, {allowed}", status.code())))
        }
    }
}

/// Steps that are not in the table are refused, and harsh ones need a reason.
async fn steps(hall: &Hall) -> Checked {
    let id = AccountId::from_u128(0xd100);
    hall.account(id, Ownership::individual(ANNA)).await?;
    let set = |to, reason| hall.bank().set_account_status(hall.me(), id, to, reason);
    let why = || Text::new("by order").ok();
    no(set(AccountStatus::Frozen, None).await, "status_reason_missing")?;
    let _ = set(AccountStatus::Frozen, why()).await?;
    ensure(set(AccountStatus::Frozen, why()).await?.is_replayed(), "frozen already")?;
    no(set(AccountStatus::Dormant, why()).await, "status_transition")?;
    no(set(AccountStatus::Closed, why()).await, "status_transition")?;
    no(set(AccountStatus::Active, None).await, "status_reason_missing")?;
    let _ = set(AccountStatus::Active, why()).await?;
    let nobody = hall.bank().set_account_status(hall.me(), CASH, AccountStatus::Frozen, why());
    no(nobody.await, "unknown_customer_account")
}

pub(super) async fn closing(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    let (bank, me) = (hall.bank(), hall.me());
    hall.two(100).await?;
    let close = |id| bank.close_customer_account(me, id, Text::new("wished").ok());
    no(close(FIRST).await, "balance_not_zero")?;
    let _ = hall.carry(out(FIRST, 60).signed_by(ANNA)).await?;
    let hold = NewHold::transfer(Kind::PAYMENT, FIRST, CASH, usd(40)).with_id(hall.bench.hold_id());
    let held = hall.carry(Order::hold(hold).signed_by(ANNA)).await?;
    let id = held.get().hold().ok_or_else(|| found("no hold"))?;
    no(close(FIRST).await, "balance_not_zero")?;
    hall.bench.applied(crate::ledger::NewRelease::new(id)).await?;
    let _ = hall.carry(out(FIRST, 40).signed_by(ANNA)).await?;
    no(
        bank.set_standing(me, ANNA, StandingChange::Lifecycle(Lifecycle::Closed)).await,
        "customer_accounts_open",
    )?;
    ensure(!close(FIRST).await?.is_replayed(), "closed")?;
    ensure(close(FIRST).await?.is_replayed(), "closed already")?;
    no(hall.carry(Order::deposit(CASH, FIRST, usd(1))).await, "status_forbids")?;
    same(bank.standing(ANNA).await?.open_accounts, 0, "counted")?;
    hall.stand(ANNA, StandingChange::Lifecycle(Lifecycle::Closed)).await?;
    let again = Hall::new_account(THIRD, Ownership::individual(ANNA));
    no(bank.open_customer_account(me, &again).await, "gate_closed")
}

/// Not used for as many days as the terms say: dormant. What the bank does is no use.
pub(super) async fn dormant(bench: Bench) -> Checked {
    let hall = Hall::with(bench, Rules::default(), |terms| terms.with_dormancy(30)).await?;
    let (bank, me) = (hall.bank(), hall.me());
    hall.two(100).await?;
    let forward = |days| hall.bench.clock.advance(Duration::days(days));
    forward(20);
    let web = crate::bank::Context::new(
        crate::ledger::Actor::new("customer:anna")?,
        crate::ledger::Channel::WEB,
    );
    let order = out(FIRST, 1).signed_by(ANNA);
    let _ = bank.carry_out(&web, order).await?;
    forward(10);
    same(bank.sweep_dormant(me, 100).await?.changed, 0, "the thirtieth day is not over")?;
    forward(1);
    let interest = NewTransaction::transfer(Kind::INTEREST, CASH, SECOND, usd(1));
    let _ = hall.carry(Order::of(interest).by_bank()).await?;
    same(bank.sweep_dormant(me, 100).await?.changed, 2, "one fell dormant, one was used")?;
    let status = |id| async move { bank.customer_account(id).await.map(|one| one.account.status) };
    same(status(FIRST).await?, AccountStatus::Active, "used meanwhile")?;
    same(status(SECOND).await?, AccountStatus::Dormant, "not used")?;
    no(hall.carry(out(SECOND, 1).signed_by(BEN)).await, "status_forbids")?;
    hall.deposit(SECOND, 1).await?;
    let _ = bank.set_account_status(me, SECOND, AccountStatus::Active, None).await?;
    let _ = hall.carry(out(SECOND, 1).signed_by(BEN)).await?;
    same(bank.sweep_dormant(me, 100).await?.changed, 0, "activated again")
}

pub(super) async fn owners(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    let (bank, me) = (hall.bank(), hall.me());
    hall.welcome(ANNA, "Anna").await?;
    hall.welcome(BEN, "Ben").await?;
    let refused = [
        (Ownership::of(crate::account::OwnershipKind::Joint, ANNA), "parties_do_not_fit"),
        (Ownership::joint(ANNA, ANNA, Mandate::Either), "party_repeated"),
        (Ownership::individual(ANNA).with_party(BEN, Role::Primary), "primary_not_one"),
        (Ownership::individual(ANNA).with_party(BEN, Role::Secondary), "parties_do_not_fit"),
        (joint(Mandate::AnyOf(3)), "mandate_impossible"),
        (joint(Mandate::AnyOf(0)), "mandate_impossible"),
    ];
    for (ownership, code) in refused {
        let new = Hall::new_account(FIRST, ownership);
        no(bank.open_customer_account(me, &new).await, code)?;
    }
    hall.account(FIRST, Ownership::individual(ANNA)).await?;
    hall.deposit(FIRST, 100).await?;
    no(hall.carry(out(FIRST, 1).signed_by(BEN)).await, "signer_unknown")?;
    ensure(
        !bank.set_ownership(me, FIRST, &joint(Mandate::All)).await?.is_replayed(),
        "a second owner",
    )?;
    let open = |id| async move { bank.standing(id).await.map(|one| one.open_accounts) };
    same((open(ANNA).await?, open(BEN).await?), (1, 1), "counted")?;
    no(hall.carry(out(FIRST, 1).signed_by(ANNA)).await, "signatures_missing")?;
    let _ = hall.carry(out(FIRST, 1).signed_by(ANNA).signed_by(BEN)).await?;
    let other = Ownership::joint(BEN, ANNA, Mandate::All);
    no(bank.set_ownership(me, FIRST, &other).await, "primary_not_one")?;
    hall.register(CARLA, "Carla").await?;
    let third = joint(Mandate::All).with_party(CARLA, Role::Secondary);
    no(bank.set_ownership(me, FIRST, &third).await, "gate_closed")?;
    let _ = bank.set_ownership(me, FIRST, &Ownership::individual(ANNA)).await?;
    same((open(ANNA).await?, open(BEN).await?), (1, 0), "counted again")?;
    same(bank.accounts_of(BEN, 10, None).await?.len(), 0, "no account of Ben's any more")
}
