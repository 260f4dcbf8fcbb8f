//! The second owner: who may become one, and what one of *both* may not do alone.

use super::hall::{ANNA, BEN, CARLA, FIRST, Hall, SECOND, joint, no, out};
use crate::account::{Mandate, Ownership};
use crate::bank::Order;
use crate::conformance::bench::{Bench, CASH, Checked, same, usd};
use crate::id::CustomerId;
use crate::kyc::StandingChange;
use crate::ledger::{Kind, NewHold};
use crate::party::{Lifecycle, Onboarding};

/// A second owner passes the gate as the first one does: when the account is opened, and when
/// owners change.
pub(super) async fn owner(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    hall.welcome(ANNA, "Anna").await?;
    hall.account(FIRST, Ownership::individual(ANNA)).await?;
    let of = |number: u128| CustomerId::from_u128(0x6_0000_u128.saturating_add(number));
    // Registered and no more; proven and not accepted; accepted and not proven.
    hall.register(of(1), "Kim").await?;
    hall.register(of(2), "Kim").await?;
    hall.prove(of(2), None).await?;
    hall.register(of(3), "Kim").await?;
    hall.stand(of(3), StandingChange::Onboarding(Onboarding::Approved)).await?;
    // Was a customer like any other, and is closed, suspended, deleted.
    for (number, change) in [
        (4, StandingChange::Lifecycle(Lifecycle::Closed)),
        (5, StandingChange::Lifecycle(Lifecycle::Suspended)),
        (6, StandingChange::Deleted(true)),
    ] {
        hall.welcome(of(number), "Kim").await?;
        hall.stand(of(number), change).await?;
    }
    for (second, code) in (1..=6)
        .map(|number| (of(number), "gate_closed"))
        .chain([(ANNA, "party_repeated"), (of(99), "unknown_customer")])
    {
        let both = Ownership::joint(ANNA, second, Mandate::Either);
        let new = Hall::new_account(SECOND, both.clone());
        no(hall.bank().open_customer_account(hall.me(), &new).await, code)?;
        no(hall.bank().set_ownership(hall.me(), FIRST, &both).await, code)?;
    }
    no(hall.bank().customer_account(SECOND).await, "unknown_customer_account")?;
    let owned = hall.bank().customer_account(FIRST).await?.account.ownership;
    same(owned, Ownership::individual(ANNA), "nobody came in")?;
    same(hall.bank().standing(of(4)).await?.open_accounts, 0, "nobody was counted")
}

/// One of *both* takes nothing out: not by withdrawal, transfer, hold or cover, not with a
/// stranger, and not when the other one has left the bank.
pub(super) async fn one_of_both(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    for (id, first) in [(ANNA, "Anna"), (BEN, "Ben"), (CARLA, "Carla")] {
        hall.welcome(id, first).await?;
    }
    hall.account(FIRST, joint(Mandate::All)).await?;
    hall.account(SECOND, Ownership::individual(ANNA)).await?;
    hall.deposit(FIRST, 100).await?;
    for one in [ANNA, BEN] {
        no(hall.carry(out(FIRST, 1).signed_by(one)).await, "signatures_missing")?;
        let transfer = Order::transfer(FIRST, SECOND, usd(1)).signed_by(one);
        no(hall.carry(transfer).await, "signatures_missing")?;
        let hold = NewHold::transfer(Kind::PAYMENT, FIRST, CASH, usd(1));
        no(hall.carry(Order::hold(hold).signed_by(one)).await, "signatures_missing")?;
        let twice = out(FIRST, 1).signed_by(one).signed_by(one);
        no(hall.carry(twice).await, "signer_repeated")?;
        let stranger = out(FIRST, 1).signed_by(one).signed_by(CARLA);
        no(hall.carry(stranger).await, "signer_unknown")?;
    }
    let both = || out(FIRST, 1).signed_by(ANNA).signed_by(BEN);
    let _ = hall.carry(both()).await?;
    hall.stand(BEN, StandingChange::Lifecycle(Lifecycle::Suspended)).await?;
    no(hall.carry(both()).await, "gate_closed")?;
    no(hall.carry(out(FIRST, 1).signed_by(ANNA)).await, "signatures_missing")?;
    hall.balance(FIRST, 99, "once, by both").await
}
