//! The promise of the vault door, on the raw trait: what a unit read holds until it commits, or
//! it fails with a conflict; a dropped unit leaves no trace.

use chrono::NaiveDate;
use uuid::Uuid;

use crate::id::{AccountId, IdSource, LimitId, SeededIds, TransactionId};
use crate::ledger::decide::{
    Setting, Supply, decide_accounts, decide_batch, decide_change, decide_close_period,
    decide_close_year, decide_limit_set, first_wanted, more_wanted,
};
use crate::ledger::facts::{Facts, Plan, Wanted};
use crate::ledger::{
    AccountChange, Batch, Block, DateBounds, IdempotencyKey, Instruction, Kind, LimitRule,
    LimitScope, NewAccount, NewCapture, NewRelease, NewReversal, NewTransaction, Origin, Side,
    Window,
};
use crate::money::{Currencies, Currency};
use crate::store::{Changes, ErrorKind, Store};
use crate::time::Timestamp;

use super::Scenario;
use super::bench::{
    ALICE, BOB, Bench, CASH, Checked, FEES, RETAINED, SHOP, day, deposits, ensure, found, same, usd,
};
use super::overlap::{Half, both, follow, race, soon};

pub(super) const ALL: &[Scenario] = &[
    Scenario { name: "isolation/same_account", play: |bench| Box::pin(account(bench)) },
    Scenario { name: "isolation/same_id", play: |bench| Box::pin(same_id(bench)) },
    Scenario { name: "isolation/same_hold", play: |bench| Box::pin(hold(bench)) },
    Scenario { name: "isolation/same_counter", play: |bench| Box::pin(usage(bench)) },
    Scenario { name: "isolation/same_key", play: |bench| Box::pin(key(bench)) },
    Scenario { name: "isolation/same_original", play: |bench| Box::pin(original(bench)) },
    Scenario { name: "isolation/book", play: |bench| Box::pin(book(bench)) },
    Scenario { name: "isolation/structure", play: |bench| Box::pin(structure(bench)) },
    Scenario { name: "isolation/apart", play: |bench| Box::pin(apart(bench)) },
    Scenario { name: "isolation/dropped_units", play: |bench| Box::pin(dropped(bench)) },
    Scenario { name: "isolation/second_read", play: |bench| Box::pin(second_read(bench)) },
    Scenario { name: "isolation/journal", play: |bench| Box::pin(journal(bench)) },
];

struct Ids<'a>(&'a SeededIds, Timestamp);

impl Supply for Ids<'_> {
    fn id(&mut self) -> Uuid {
        self.0.next_id(self.1)
    }

    fn salt(&mut self) -> [u8; 16] {
        self.0.salt()
    }
}

/// Decides with the facts of a unit and applies what was decided.
async fn half(
    bench: &Bench,
    key: Option<&IdempotencyKey>,
    wanted: impl Fn(&Facts, u32) -> Option<Wanted> + Send,
    decide: impl FnOnce(Setting<'_>, &mut dyn Supply, Facts) -> Checked<Plan> + Send,
) -> Checked<Half> {
    let mut unit = bench.store.begin().await?;
    let mut facts = Facts::default();
    for round in 0..6 {
        let Some(wanted) = wanted(&facts, round) else { break };
        if let Err(error) = unit.load(&wanted, &mut facts).await {
            return Half::came_late(error);
        }
    }
    let moment = bench.bank.moment();
    let origin = Origin {
        actor: bench.context.actor.clone(),
        channel: bench.context.channel,
        correlation: None,
    };
    let changes = {
        let (ids, currencies) = (SeededIds::new(u64::from(bench.fresh_seed())), Currencies::iso());
        let bounds = DateBounds::STANDARD;
        let setting =
            Setting { moment, bounds, currencies: &currencies, origin: &origin, key, passes: &[] };
        match decide(setting, &mut Ids(&ids, moment.now), facts) {
            Ok(plan) => Changes {
                plan,
                origins: origin.clone().into(),
                not_before: moment.now,
                block: None,
                entities: Vec::new(),
            },
            Err(refused) => return Ok(Half::Refused(refused)),
        }
    };
    match unit.apply(changes).await {
        Ok(()) => Ok(Half::Ready(unit)),
        Err(error) => Half::came_late(error),
    }
}

impl Bench {
    /// A seed that no source had before.
    fn fresh_seed(&self) -> u32 {
        u32::try_from(self.transaction_id().as_u128() & 0xffff).unwrap_or(1)
    }
}

async fn half_batch(bench: &Bench, batch: &Batch, key: Option<&IdempotencyKey>) -> Checked<Half> {
    let (moment, channel) = (bench.bank.moment(), bench.context.channel);
    let wanted = |facts: &Facts, round| match round {
        0 => Some(first_wanted(batch, key)),
        _ => more_wanted(batch, facts, moment, channel),
    };
    let decide = |setting: Setting<'_>, supply: &mut dyn Supply, facts| -> Checked<Plan> {
        let decided = decide_batch(batch, setting, supply, facts)?;
        let refused = decided
            .outcomes
            .iter()
            .find(|outcome| matches!(outcome, crate::ledger::decide::Decided::Refused(_)));
        match refused {
            Some(refused) => Err(found(format!("should be decided: {refused:?}"))),
            None => Ok(decided.plan),
        }
    };
    half(bench, key, wanted, decide).await
}

async fn one(bench: &Bench, instruction: impl Into<Instruction> + Send) -> Checked<Half> {
    half_batch(bench, &Batch::from_iter([instruction.into()]), None).await
}

fn once(wanted: Wanted) -> impl Fn(&Facts, u32) -> Option<Wanted> {
    move |_, round| (round == 0).then(|| wanted.clone())
}

async fn change(bench: &Bench, account: AccountId, change: AccountChange) -> Checked<Half> {
    let wanted = Wanted { accounts: vec![account], ..Wanted::default() };
    half(bench, None, once(wanted), |setting, _, mut facts| {
        let plan = decide_change(account, change, setting, &mut facts)?;
        plan.ok_or_else(|| found("nothing changes"))
    })
    .await
}

async fn account(bench: Bench) -> Checked {
    bench.fund(ALICE, 100).await?;
    // Each alone is covered, both together are not.
    let halves = (one(&bench, bench.pay(ALICE, BOB, 80)), one(&bench, bench.pay(ALICE, SHOP, 80)));
    race(&bench, halves.0, halves.1, "two payments of one account").await?;
    let halves =
        (one(&bench, bench.reserve(ALICE, BOB, 15)), one(&bench, bench.pay(ALICE, SHOP, 15)));
    race(&bench, halves.0, halves.1, "a hold and a payment").await?;
    let block = AccountChange::Block(Block::All);
    let halves = (change(&bench, BOB, block), one(&bench, bench.pay(CASH, BOB, 1)));
    race(&bench, halves.0, halves.1, "a block and a payment").await?;
    let halves =
        (one(&bench, bench.pay(CASH, SHOP, 1)), change(&bench, SHOP, AccountChange::Close));
    race(&bench, halves.0, halves.1, "a payment and the closing of its account").await?;
    bench.balance(ALICE, 20, 5, "one payment and one hold").await
}

async fn same_id(bench: Bench) -> Checked {
    // No account in common: only the absence of the id is.
    let id = TransactionId::from_u128(0x1d);
    let from =
        |debit, credit| NewTransaction::transfer(Kind::TRANSFER, debit, credit, usd(5)).with_id(id);
    let halves = (one(&bench, from(CASH, ALICE)), one(&bench, from(FEES, BOB)));
    race(&bench, halves.0, halves.1, "two transactions of one id").await?;
    let of = |debit, credit| {
        let hold = crate::ledger::NewHold::transfer(Kind::PAYMENT, debit, credit, usd(5));
        hold.with_id(crate::id::HoldId::from_u128(0x1d))
    };
    let halves = (one(&bench, of(CASH, ALICE)), one(&bench, of(FEES, BOB)));
    race(&bench, halves.0, halves.1, "two holds of one id").await?;
    let open = |id: u128| {
        let new = deposits()
            .map(|code| NewAccount::new(code, Currency::USD).with_id(AccountId::from_u128(id)));
        async { open(&bench, new?).await }
    };
    let halves = (open(0xacc), open(0xacc));
    race(&bench, halves.0, halves.1, "two accounts of one id").await?;
    let [first, second] = [bench.reserve(CASH, SHOP, 1), bench.reserve(FEES, BOB, 1)];
    let (Some(a), Some(b)) = (first.id, second.id) else { return Err(found("no ids")) };
    bench.applied(first).await?;
    bench.applied(second).await?;
    let release = |hold| NewRelease::new(hold).with_id(TransactionId::from_u128(0x2d));
    let halves = (one(&bench, release(a)), one(&bench, release(b)));
    race(&bench, halves.0, halves.1, "two releases of one id").await?;
    let release = NewRelease::new(b).with_id(TransactionId::from_u128(0x3d));
    let halves = (
        one(&bench, release),
        one(&bench, from(CASH, ALICE).with_id(TransactionId::from_u128(0x3d))),
    );
    race(&bench, halves.0, halves.1, "a release and a transaction of one id").await
}

async fn open(bench: &Bench, new: NewAccount) -> Checked<Half> {
    let wanted =
        Wanted { chart: true, profiles: new.id.into_iter().collect(), ..Wanted::default() };
    half(bench, None, once(wanted), |setting, supply, facts| {
        Ok(decide_accounts(&[new], setting, supply, &facts)?.plan)
    })
    .await
}

async fn hold(bench: Bench) -> Checked {
    bench.fund(ALICE, 100).await?;
    let reserved = bench.applied(bench.reserve(ALICE, SHOP, 90)).await?;
    let id = reserved.hold().ok_or_else(|| found("no hold"))?;
    let capture = |minor| NewCapture::amount(Kind::PAYMENT, id, usd(minor)).keeping_rest();
    let halves = (one(&bench, capture(60)), one(&bench, capture(60)));
    race(&bench, halves.0, halves.1, "two captures of one hold").await?;
    let halves = (one(&bench, NewRelease::new(id)), one(&bench, capture(10)));
    race(&bench, halves.0, halves.1, "a release and a capture").await?;
    bench.balance(ALICE, 40, 40, "captured once, then released").await
}

async fn usage(bench: Bench) -> Checked {
    // Two debits of different accounts meet in one counter.
    let rule = LimitRule::new(
        LimitId::from_u128(0x71),
        LimitScope::Global,
        Side::Debit,
        Currency::USD,
        Window::Day,
    );
    let _ = bench.bank.set_limit(&bench.context, rule.with_amount(100)).await?;
    let halves = (one(&bench, bench.pay(CASH, ALICE, 60)), one(&bench, bench.pay(FEES, BOB, 60)));
    race(&bench, halves.0, halves.1, "two amounts of one counter").await?;
    bench.refused(bench.pay(FEES, BOB, 60), "limit_amount_exceeded").await?;
    bench.applied(bench.pay(FEES, BOB, 40)).await?;
    Ok(())
}

async fn key(bench: Bench) -> Checked {
    let key = IdempotencyKey::new("one-key")?;
    let of = |debit, credit| {
        Batch::from_iter([NewTransaction::transfer(Kind::TRANSFER, debit, credit, usd(5))])
    };
    let (a, b) = (of(CASH, ALICE), of(FEES, BOB));
    let halves = (half_batch(&bench, &a, Some(&key)), half_batch(&bench, &b, Some(&key)));
    race(&bench, halves.0, halves.1, "two requests of one key").await
}

async fn original(bench: Bench) -> Checked {
    let original = bench.fund(ALICE, 100).await?;
    let halves = (one(&bench, NewReversal::new(original)), one(&bench, NewReversal::new(original)));
    race(&bench, halves.0, halves.1, "two reversals of one original").await
}

async fn close(bench: &Bench, through: NaiveDate) -> Checked<Half> {
    half(bench, None, once(Wanted::default()), |setting, _, facts| {
        let plan = decide_close_period(through, setting, &facts)?;
        plan.ok_or_else(|| found("closed already"))
    })
    .await
}

async fn book(bench: Bench) -> Checked {
    let january = day(2026, 1, 31)?;
    let late = || bench.pay(CASH, ALICE, 5).with_booking_date(january);
    let halves = (close(&bench, january), one(&bench, late()));
    race(&bench, halves.0, halves.1, "the close of a period and a posting in it").await?;
    let rule = LimitRule::new(
        LimitId::from_u128(0x72),
        LimitScope::Global,
        Side::Debit,
        Currency::USD,
        Window::Day,
    );
    let rule = rule.with_maximum(1);
    let limit = half(&bench, None, once(Wanted::default()), |setting, _, facts| {
        decide_limit_set(&rule, setting, &facts)?.ok_or_else(|| found("the limit stands"))
    });
    let halves = (limit, one(&bench, bench.pay(CASH, ALICE, 5)));
    race(&bench, halves.0, halves.1, "a limit and a posting that it forbids").await?;
    let february = day(2026, 2, 28)?;
    let halves = (close(&bench, february), close(&bench, february));
    race(&bench, halves.0, halves.1, "two closes").await
}

async fn structure(bench: Bench) -> Checked {
    let february = day(2026, 2, 28)?;
    bench.applied(bench.pay(CASH, FEES, 5).with_booking_date(february)).await?;
    let wanted = Wanted {
        accounts: vec![RETAINED],
        temporary_accounts: Some(february),
        ..Wanted::default()
    };
    let year = half(&bench, None, once(wanted), |setting, supply, facts| {
        let closed = decide_close_year(february, &[RETAINED], setting, supply, facts)?;
        Ok(closed.ok_or_else(|| found("closed already"))?.0)
    });
    let code = crate::ledger::ChartCode::new("4000")?;
    let new = NewAccount::new(code, Currency::USD).with_id(AccountId::from_u128(0x4fff));
    // A close that waited for the new account has seen it, and may go on.
    let opened = open(&bench, new);
    follow(&bench, opened, year, "a new income account and the close of a year").await
}

/// Units that have nothing in common do not disturb each other.
async fn apart(bench: Bench) -> Checked {
    let first = one(&bench, bench.pay(CASH, ALICE, 5));
    let second = one(&bench, bench.pay(FEES, BOB, 5));
    both(first, second, "two units apart").await
}

async fn dropped(bench: Bench) -> Checked {
    let head = bench.bank.head().await?;
    let payment = bench.pay(CASH, ALICE, 5);
    drop(one(&bench, payment.clone()).await?);
    drop(one(&bench, bench.reserve(CASH, ALICE, 5)).await?);
    drop(change(&bench, ALICE, AccountChange::Block(Block::All)).await?);
    drop(close(&bench, day(2026, 1, 31)?).await?);
    drop(bench.store.begin().await?);
    same(bench.bank.head().await?, head, "the head after dropped units")?;
    same(bench.bank.book().await?.closed_through, None, "the book after dropped units")?;
    bench.applied(payment).await?;
    bench.balance(ALICE, 5, 5, "only what was committed").await
}

/// What a unit reads later fits what it read first, or it conflicts.
async fn second_read(bench: Bench) -> Checked {
    let mut unit = bench.store.begin().await?;
    let mut facts = Facts::default();
    let wanted = |account| Wanted { accounts: vec![account], ..Wanted::default() };
    unit.load(&wanted(ALICE), &mut facts).await?;
    // A store that locks makes it wait until the unit has ended.
    let mut paid = Box::pin(bench.applied(bench.pay(CASH, ALICE, 5)));
    let early = soon(paid.as_mut()).await;
    match unit.load(&wanted(BOB), &mut facts).await {
        Err(error) => same(error.kind(), ErrorKind::Conflict, "a second read of a moved book")?,
        Ok(()) => {
            // Or it may read on, and find out when it commits.
            let before = facts.accounts.first().map(|account| account.entries);
            same(before, Some(0), "what was read first")?;
        }
    }
    drop(unit);
    match early {
        Some(paid) => paid?,
        None => paid.await?,
    };
    Ok(())
}

/// One record per instruction that took effect, in order, without gap; none for the others.
async fn journal(bench: Bench) -> Checked {
    let start = bench.position().await?;
    let mut batch = Batch::new();
    for _ in 0..10 {
        batch.push(bench.pay(CASH, ALICE, 1)).push(bench.pay(ALICE, BOB, 1_000));
        batch.push(bench.reserve(ALICE, BOB, 1));
    }
    let outcomes = bench.batch(&batch).await?;
    let mut receipts = Vec::new();
    for receipt in outcomes.iter().flatten() {
        receipts.push((receipt.get().position, receipt.get().posted_at));
    }
    same(receipts.len(), 20, "what took effect")?;
    let records = bench.bank.journal(start, 100).await?;
    let told: Vec<_> =
        records.iter().map(|record| (record.position(), record.posted_at())).collect();
    same(told, receipts, "records are the receipts")?;
    let origin = records.iter().all(|record| record.origin().actor == bench.context.actor);
    ensure(origin, "each record says who asked")?;
    for size in [1, 3, 7] {
        let (mut after, mut count) = (start, 0_usize);
        loop {
            let page = bench.bank.journal(after, size).await?;
            let Some(last) = page.last() else { break };
            after = last.position();
            count = count.saturating_add(page.len());
        }
        same(count, 20, format!("records by pages of {size}"))?;
    }
    Ok(())
}
