//! Rows of what is wrong with a request by itself, and of its identity.

use crate::conformance::bench::{
    ALICE, ALICE_EUR, BOB, Bench, CASH, Checked, NOBODY, SHOP, deposits, found, same, usd,
};
use crate::ledger::query::EntryQuery;
use crate::ledger::{
    Batch, FloorPolicy, Instruction, Kind, Leg, MAX_BATCH, MAX_LEGS, Metadata, NewAccount,
    NewCapture, NewHold, NewRelease, NewReversal, NewTransaction, Reference, Refusal, Side, Text,
};
use crate::money::{Currency, Money};

use super::world::{BLOCKED, CLOSED, FULL, NO_TRANSACTION};
use super::{Row, broken, told};

pub(super) const ROWS: &[Row] = &[
    Row {
        code: "empty_batch",
        ask: |w| {
            Box::pin(
                async move { told(w.bench.bank.post_many(&w.bench.context, &Batch::new()).await) },
            )
        },
    },
    Row {
        code: "empty_batch",
        ask: |w| {
            Box::pin(async move { told(w.bench.bank.open_accounts(&w.bench.context, &[]).await) })
        },
    },
    Row {
        code: "batch_too_large",
        ask: |w| {
            Box::pin(async move {
                let mut batch = Batch::with_capacity(MAX_BATCH.saturating_add(1));
                for _ in 0..=MAX_BATCH {
                    batch.push(w.faulty(Vec::new()));
                }
                told(w.bench.bank.post_many(&w.bench.context, &batch).await)
            })
        },
    },
    Row {
        code: "no_entries",
        ask: |w| {
            Box::pin(
                async move { told(w.bench.instruct(w.faulty(Vec::new()).with_id(w.used)).await) },
            )
        },
    },
    Row {
        code: "one_legged",
        ask: |w| {
            Box::pin(async move {
                let leg = Leg::new(NOBODY, Side::Debit, usd(0));
                told(w.bench.instruct(w.faulty(vec![leg]).with_id(w.used)).await)
            })
        },
    },
    Row {
        code: "too_many_legs",
        ask: |w| {
            Box::pin(async move {
                let leg = Leg::new(NOBODY, Side::Debit, usd(0));
                let legs = vec![leg; MAX_LEGS.saturating_add(1)];
                told(w.bench.instruct(w.faulty(legs).with_id(w.used)).await)
            })
        },
    },
    Row {
        code: "amount_not_positive",
        ask: |w| {
            Box::pin(async move {
                let legs = vec![
                    Leg::new(NOBODY, Side::Debit, usd(5)),
                    Leg::new(CLOSED, Side::Credit, usd(0)),
                ];
                told(w.bench.instruct(w.faulty(legs).with_id(w.used)).await)
            })
        },
    },
    Row {
        code: "amount_not_positive",
        ask: |w| {
            Box::pin(async move {
                let legs = vec![
                    Leg::new(NOBODY, Side::Debit, usd(-5)),
                    Leg::new(CLOSED, Side::Credit, usd(-4)),
                ];
                let hold = legs.into_iter().fold(NewHold::new(Kind::PAYMENT), NewHold::leg);
                told(w.bench.instruct(hold.with_id(w.open)).await)
            })
        },
    },
    Row {
        code: "amount_not_positive",
        ask: |w| {
            Box::pin(async move {
                told(w.bench.instruct(w.capture(w.wide, usd(0)).with_id(w.used)).await)
            })
        },
    },
    Row {
        code: "unbalanced",
        ask: |w| {
            Box::pin(async move {
                let legs = vec![
                    Leg::new(NOBODY, Side::Debit, usd(5)),
                    Leg::new(CLOSED, Side::Credit, usd(4)),
                ];
                told(w.bench.instruct(w.faulty(legs).with_id(w.used)).await)
            })
        },
    },
    // The sums are equal, but not in each currency.
    Row {
        code: "unbalanced",
        ask: |w| {
            Box::pin(async move {
                let legs = vec![
                    Leg::new(ALICE, Side::Debit, usd(5)),
                    Leg::new(ALICE_EUR, Side::Credit, Money::new(5, Currency::EUR)),
                ];
                told(w.bench.instruct(w.faulty(legs).with_id(w.used)).await)
            })
        },
    },
    Row {
        code: "unbalanced",
        ask: |w| {
            Box::pin(async move {
                let legs = vec![
                    Leg::new(NOBODY, Side::Debit, usd(5)),
                    Leg::new(SHOP, Side::Credit, usd(4)),
                ];
                let capture = NewCapture::legs(Kind::PAYMENT, w.released, legs);
                told(w.bench.instruct(capture.with_id(w.used)).await)
            })
        },
    },
    Row {
        code: "invalid_terms",
        ask: |w| {
            Box::pin(async move {
                let request = match unknown_currency() {
                    Ok(currency) => NewAccount::new(w.missing, currency),
                    Err(error) => return broken(error),
                };
                let request = request.with_id(ALICE).with_floor(FloorPolicy::Overdraft(-1));
                told(w.bench.bank.open_account(&w.bench.context, request).await)
            })
        },
    },
    Row {
        code: "invalid_terms",
        ask: |w| {
            Box::pin(async move {
                let query = EntryQuery::new(NOBODY);
                told(w.bench.bank.entries(&query, 0, None).await)
            })
        },
    },
    Row {
        code: "invalid_terms",
        ask: |w| {
            Box::pin(async move {
                let query = EntryQuery::new(NOBODY);
                told(w.bench.bank.entries(&query, 10_001, None).await)
            })
        },
    },
    Row {
        code: "invalid_terms",
        ask: |w| {
            Box::pin(async move {
                let query = EntryQuery::new(NOBODY).between(w.far_day, w.closed_day);
                told(w.bench.bank.entries(&query, 10, None).await)
            })
        },
    },
    Row {
        code: "id_reused",
        ask: |w| {
            Box::pin(async move {
                let legs = vec![
                    Leg::new(NOBODY, Side::Debit, usd(5)),
                    Leg::new(CLOSED, Side::Credit, usd(5)),
                ];
                told(w.bench.instruct(w.faulty(legs).with_id(w.used)).await)
            })
        },
    },
    Row {
        code: "id_reused",
        ask: |w| {
            Box::pin(async move {
                told(
                    w.bench
                        .instruct(w.capture(super::world::NO_HOLD, usd(5)).with_id(w.used))
                        .await,
                )
            })
        },
    },
    Row {
        code: "id_reused",
        ask: |w| {
            Box::pin(async move {
                told(w.bench.instruct(NewRelease::new(super::world::NO_HOLD).with_id(w.used)).await)
            })
        },
    },
    Row {
        code: "id_reused",
        ask: |w| {
            Box::pin(async move {
                told(w.bench.instruct(NewReversal::new(NO_TRANSACTION).with_id(w.used)).await)
            })
        },
    },
    Row {
        code: "id_reused",
        ask: |w| {
            Box::pin(async move {
                let hold = NewHold::transfer(Kind::PAYMENT, NOBODY, FULL, usd(1)).with_id(w.open);
                told(w.bench.instruct(hold).await)
            })
        },
    },
    Row {
        code: "id_reused",
        ask: |w| {
            Box::pin(async move {
                let request = match unknown_currency() {
                    Ok(currency) => NewAccount::new(w.missing, currency).with_id(BLOCKED),
                    Err(error) => return broken(error),
                };
                told(w.bench.bank.open_account(&w.bench.context, request).await)
            })
        },
    },
    Row {
        code: "group_differs",
        ask: |w| {
            Box::pin(async move {
                let mut batch = Batch::new();
                let posted = NewTransaction::transfer(Kind::TRANSFER, CASH, BLOCKED, usd(500));
                let group: Vec<Instruction> =
                    vec![posted.with_id(w.used).into(), w.bench.pay(ALICE, BOB, 1).into()];
                batch.push_group(group);
                let outcomes = w.bench.bank.post_many(&w.bench.context, &batch).await?;
                match outcomes.into_iter().next() {
                    Some(outcome) => told(outcome.map_err(Into::into)),
                    None => broken(found("no outcome")),
                }
            })
        },
    },
];

/// A currency that no bank knows.
pub(super) fn unknown_currency() -> Checked<Currency> {
    Ok(Currency::custom("SHELLS", 0)?)
}

/// A reused id names the first field that differs.
pub(super) async fn fields(bench: Bench) -> Checked {
    bench.fund(ALICE, 1_000).await?;
    let earlier = bench.fund(ALICE, 1).await?;
    let (id, hold, fresh) = (bench.transaction_id(), bench.hold_id(), bench.hold_id());
    let base = |debit, credit, money| {
        NewTransaction::transfer(Kind::TRANSFER, debit, credit, money).with_id(id)
    };
    let first = base(ALICE, BOB, usd(10)).with_description(Text::new("rent")?);
    bench.applied(first.clone()).await?;
    bench.replayed(first.clone()).await?;
    let today = bench.bank.moment().today;
    let mut pairs = Metadata::default();
    pairs.insert("k", "v")?;
    let other_kind = NewTransaction::transfer(Kind::FEE, ALICE, BOB, usd(10)).with_id(id);
    let cases: Vec<(&str, Instruction)> = vec![
        ("kind", other_kind.into()),
        ("legs", first.clone().debit(ALICE, usd(1)).credit(BOB, usd(1)).into()),
        ("account", base(ALICE, SHOP, usd(10)).into()),
        ("account", base(SHOP, BOB, usd(10)).into()),
        ("side", base(BOB, ALICE, usd(10)).into()),
        ("currency", base(ALICE, BOB, Money::new(10, Currency::EUR)).into()),
        ("amount", base(ALICE, BOB, usd(11)).into()),
        ("relates_to", first.clone().relating_to(earlier).into()),
        ("booking_date", first.clone().with_booking_date(today).into()),
        ("value_date", first.clone().with_value_date(today).into()),
        ("description", first.clone().with_description(Text::new("food")?).into()),
        ("description", base(ALICE, BOB, usd(10)).into()),
        ("reference", first.clone().with_reference(Reference::new("R1")?).into()),
        ("metadata", first.clone().with_metadata(pairs).into()),
        ("operation", NewReversal::new(earlier).with_id(id).into()),
        ("operation", NewRelease::new(hold).with_id(id).into()),
        ("operation", NewCapture::rest(Kind::PAYMENT, hold).with_id(id).into()),
    ];
    // The sides of both legs differ where the accounts do: the account is named first.
    for (field, again) in cases {
        let field = if field == "side" { "account" } else { field };
        names(&bench, field, again).await?;
    }
    let turned = NewTransaction::new(Kind::TRANSFER).credit(ALICE, usd(10)).debit(BOB, usd(10));
    names(&bench, "side", turned.with_id(id)).await?;
    hold_fields(&bench, hold, fresh).await?;
    account_fields(&bench).await
}

async fn names(bench: &Bench, field: &str, again: impl Into<Instruction> + Send) -> Checked {
    match bench.refused(again, "id_reused").await? {
        Refusal::IdReused { field: named } => same(named, field, "the field that is named"),
        other => Err(found(format!("{other:?}"))),
    }
}

async fn hold_fields(bench: &Bench, id: crate::id::HoldId, fresh: crate::id::HoldId) -> Checked {
    let hold = |kind, money| NewHold::transfer(kind, ALICE, SHOP, money).with_id(id);
    let first = hold(Kind::PAYMENT, usd(10));
    bench.applied(first.clone()).await?;
    let at = bench.bank.moment().now.saturating_add_nanos(1_000_000_000);
    let today = bench.bank.moment().today;
    names(bench, "kind", hold(Kind::FEE, usd(10))).await?;
    names(bench, "amount", hold(Kind::PAYMENT, usd(9))).await?;
    names(bench, "expires_at", first.clone().expiring_at(at)).await?;
    names(bench, "relates_to", first.clone().relating_to(NO_TRANSACTION)).await?;
    names(bench, "booking_date", first.clone().with_booking_date(today)).await?;
    names(bench, "value_date", first.clone().with_value_date(today)).await?;
    names(bench, "description", first.clone().with_description(Text::new("x")?)).await?;
    bench.applied(NewHold::transfer(Kind::PAYMENT, ALICE, SHOP, usd(10)).with_id(fresh)).await?;
    let (capture, release) = (bench.transaction_id(), bench.transaction_id());
    let part = |hold, minor| {
        NewCapture::amount(Kind::PAYMENT, hold, usd(minor)).keeping_rest().with_id(capture)
    };
    bench.applied(part(id, 3)).await?;
    names(bench, "hold", part(fresh, 3)).await?;
    names(bench, "amount", part(id, 4)).await?;
    names(bench, "amount", NewCapture::rest(Kind::PAYMENT, id).with_id(capture)).await?;
    let last = NewCapture::amount(Kind::PAYMENT, id, usd(3)).with_id(capture);
    names(bench, "last", last).await?;
    bench.applied(NewRelease::new(id).with_id(release)).await?;
    names(bench, "hold", NewRelease::new(fresh).with_id(release)).await?;
    names(bench, "operation", part(id, 3).with_id(release)).await?;
    let deposit = bench.fund(ALICE, 5).await?;
    let other = bench.fund(ALICE, 5).await?;
    let reversal = bench.transaction_id();
    bench.applied(NewReversal::new(deposit).with_id(reversal)).await?;
    names(bench, "original", NewReversal::new(other).with_id(reversal)).await?;
    names(bench, "force", NewReversal::new(deposit).forced().with_id(reversal)).await
}

async fn account_fields(bench: &Bench) -> Checked {
    let id = crate::id::AccountId::from_u128(0x2fff);
    let first = NewAccount::new(deposits()?, Currency::USD).with_id(id);
    let cash = crate::ledger::ChartCode::new("1000")?;
    let labels =
        crate::ledger::Labels { customer: Some(crate::conformance::bench::CUSTOMER), branch: None };
    let _ = bench.bank.open_account(&bench.context, first.clone()).await?;
    let cases = [
        ("chart code", NewAccount::new(cash, Currency::USD).with_id(id)),
        ("currency", NewAccount::new(deposits()?, Currency::EUR).with_id(id)),
        ("floor", first.clone().with_floor(FloorPolicy::Unbounded)),
        ("ceiling", first.clone().with_ceiling(1)),
        ("labels", first.clone().with_labels(labels)),
        ("name", first.clone().with_name(Text::new("n")?)),
    ];
    for (field, again) in cases {
        match bench.bank.open_account(&bench.context, again).await {
            Err(crate::bank::Error::Refused(Refusal::IdReused { field: named })) => {
                same(named, field, "the field that is named")?;
            }
            other => return Err(found(format!("{field}: should be id_reused, is {other:?}"))),
        }
    }
    match bench.bank.open_account(&bench.context, first).await? {
        crate::ledger::Outcome::Replayed(again) => same(again, id, "the account opened before"),
        other => Err(found(format!("should be replayed, is {other:?}"))),
    }
}
