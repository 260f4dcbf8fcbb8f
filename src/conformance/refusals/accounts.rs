//! Rows of the chart, of accounts and of what a request refers to.

use crate::conformance::bench::{
    ALICE, BOB, Bench, CASH, Checked, NOBODY, SHOP, deposits, found, refused,
};
use crate::id::LimitId;
use crate::ledger::query::EntryQuery;
use crate::ledger::{
    AccountChange, AccountClass, Block, ChartCode, ChartNode, FloorPolicy, Leg, LimitRule,
    LimitScope, MAX_CHART_NODES, NewAccount, NewRelease, Outcome, Side, Text, Window,
};
use crate::money::{Currency, Money};

use super::structure::unknown_currency;
use super::world::{BLOCKED, CLOSED, POOR, World};
use super::{Row, broken, told};

pub(super) const ROWS: &[Row] = &[
    Row {
        code: "chart_too_large",
        ask: |w| {
            Box::pin(async move {
                match many_nodes() {
                    Ok(nodes) => told(w.bench.bank.define_chart(&w.bench.context, &nodes).await),
                    Err(error) => broken(error),
                }
            })
        },
    },
    Row {
        code: "chart_node_differs",
        ask: |w| Box::pin(async move { node(&w, "2000", AccountClass::Asset, Some("9999")).await }),
    },
    Row {
        code: "chart_parent_unknown",
        ask: |w| Box::pin(async move { node(&w, "7000", AccountClass::Asset, Some("9999")).await }),
    },
    Row {
        code: "chart_class_differs",
        ask: |w| Box::pin(async move { node(&w, "7000", AccountClass::Asset, Some("2000")).await }),
    },
    Row {
        code: "unknown_chart_code",
        ask: |w| {
            Box::pin(async move {
                match unknown_currency() {
                    Ok(currency) => {
                        let request = NewAccount::new(w.missing, currency);
                        told(w.bench.bank.open_account(&w.bench.context, request).await)
                    }
                    Err(error) => broken(error),
                }
            })
        },
    },
    Row {
        code: "unknown_currency",
        ask: |w| {
            Box::pin(async move {
                match unknown_currency() {
                    Ok(currency) => {
                        let money = Money::new(7, currency);
                        let legs = vec![
                            Leg::new(NOBODY, Side::Debit, money),
                            Leg::new(CLOSED, Side::Credit, money),
                        ];
                        told(w.bench.instruct(w.faulty(legs)).await)
                    }
                    Err(error) => broken(error),
                }
            })
        },
    },
    Row {
        code: "unknown_currency",
        ask: |w| {
            Box::pin(async move {
                match unknown_currency() {
                    Ok(currency) => {
                        let (id, scope) = (LimitId::from_u128(0x99), LimitScope::Global);
                        let rule = LimitRule::new(id, scope, Side::Debit, currency, Window::Day);
                        told(w.bench.bank.set_limit(&w.bench.context, rule.with_amount(1)).await)
                    }
                    Err(error) => broken(error),
                }
            })
        },
    },
    Row {
        code: "unknown_account",
        ask: |w| {
            Box::pin(async move {
                let money = Money::new(7, Currency::EUR);
                let legs = vec![
                    Leg::new(CLOSED, Side::Debit, money),
                    Leg::new(NOBODY, Side::Credit, money),
                ];
                told(w.bench.instruct(w.faulty(legs)).await)
            })
        },
    },
    Row {
        code: "unknown_account",
        ask: |w| {
            Box::pin(async move {
                let change =
                    w.bench.bank.change_account(&w.bench.context, NOBODY, AccountChange::Close);
                told(change.await)
            })
        },
    },
    Row {
        code: "unknown_account",
        ask: |w| Box::pin(async move { told(w.bench.bank.balance(NOBODY).await) }),
    },
    Row {
        code: "currency_mismatch",
        ask: |w| {
            Box::pin(async move {
                let money = Money::new(7, Currency::EUR);
                let legs = vec![
                    Leg::new(BLOCKED, Side::Debit, money),
                    Leg::new(CLOSED, Side::Credit, money),
                ];
                told(w.bench.instruct(w.faulty(legs)).await)
            })
        },
    },
    Row {
        code: "unknown_limit",
        ask: |w| {
            Box::pin(async move {
                told(w.bench.bank.remove_limit(&w.bench.context, LimitId::from_u128(0x99)).await)
            })
        },
    },
    Row {
        code: "account_closed",
        ask: |w| {
            Box::pin(async move {
                let change = AccountChange::Block(Block::All);
                told(w.bench.bank.change_account(&w.bench.context, CLOSED, change).await)
            })
        },
    },
    Row {
        code: "balance_not_zero",
        ask: |w| {
            Box::pin(async move {
                let close = AccountChange::Close;
                told(w.bench.bank.change_account(&w.bench.context, BLOCKED, close).await)
            })
        },
    },
    Row {
        code: "holds_open",
        ask: |w| {
            Box::pin(async move {
                let close = AccountChange::Close;
                told(w.bench.bank.change_account(&w.bench.context, SHOP, close).await)
            })
        },
    },
    Row {
        code: "unknown_account",
        ask: |w| {
            Box::pin(async move {
                // The cursor of another query, and an account that is not there.
                let page = w.bench.bank.entries(&EntryQuery::new(POOR), 1, None).await?;
                told(w.bench.bank.entries(&EntryQuery::new(NOBODY), 1, page.next).await)
            })
        },
    },
    Row {
        code: "cursor_mismatch",
        ask: |w| {
            Box::pin(async move {
                let page = w.bench.bank.entries(&EntryQuery::new(POOR), 1, None).await?;
                told(
                    w.bench.bank.entries(&EntryQuery::new(POOR).newest_first(), 1, page.next).await,
                )
            })
        },
    },
];

async fn node(
    w: &World,
    code: &str,
    class: AccountClass,
    parent: Option<&str>,
) -> Result<String, crate::bank::Error> {
    let node = || -> Checked<ChartNode> {
        let parent = parent.map(ChartCode::new).transpose()?;
        Ok(ChartNode::new(ChartCode::new(code)?, class, parent, Text::new("A node")?))
    };
    match node() {
        Ok(node) => told(w.bench.bank.define_chart(&w.bench.context, &[node]).await),
        Err(error) => broken(error),
    }
}

/// One node more than fits, and the last one has no parent.
fn many_nodes() -> Checked<Vec<ChartNode>> {
    let mut nodes = Vec::new();
    for number in 0..=MAX_CHART_NODES {
        let code = ChartCode::new(&format!("x{number}"))?;
        let parent = if number < MAX_CHART_NODES.saturating_sub(20) {
            None
        } else {
            Some(ChartCode::new("2000")?)
        };
        let class = AccountClass::Liability;
        nodes.push(ChartNode::new(code, class, parent, Text::new("Many")?));
    }
    Ok(nodes)
}

/// An account closes without balance and holds, refuses both sides then, and opens again.
pub(super) async fn closing(bench: Bench) -> Checked {
    let close = |account| bench.bank.change_account(&bench.context, account, AccountChange::Close);
    bench.fund(ALICE, 100).await?;
    refused(close(ALICE).await, "balance_not_zero")?;
    let hold = bench.applied(bench.reserve(ALICE, BOB, 60)).await?;
    let hold = hold.hold().ok_or_else(|| found("no hold"))?;
    refused(close(BOB).await, "holds_open")?;
    bench.applied(NewRelease::new(hold)).await?;
    bench.applied(bench.pay(ALICE, CASH, 100)).await?;
    for account in [ALICE, BOB] {
        match close(account).await? {
            Outcome::Applied(()) => {}
            Outcome::Replayed(()) => return Err(found("the account was not closed before")),
        }
        match close(account).await? {
            Outcome::Replayed(()) => {}
            Outcome::Applied(()) => return Err(found("the account was closed already")),
        }
    }
    bench.refused(bench.pay(CASH, ALICE, 1), "account_closed").await?;
    bench.refused(bench.pay(ALICE, CASH, 1), "account_closed").await?;
    bench.refused(bench.reserve(CASH, ALICE, 1), "account_closed").await?;
    let floor = AccountChange::Floor(FloorPolicy::Overdraft(5));
    refused(bench.bank.change_account(&bench.context, ALICE, floor).await, "account_closed")?;
    bench.change(ALICE, AccountChange::Reopen).await?;
    bench.fund(ALICE, 1).await?;
    let request = NewAccount::new(deposits()?, Currency::USD).with_ceiling(-1);
    refused(bench.bank.open_account(&bench.context, request).await, "invalid_terms")?;
    let floor = AccountChange::Floor(FloorPolicy::CreditLimit(-1));
    refused(bench.bank.change_account(&bench.context, ALICE, floor).await, "invalid_terms")?;
    Ok(())
}
