//! The privileges that the chapter on scaling gives are enough to run a bank, and keep history as it
//! is without the help of triggers.

use corebank::conformance::run_all;
use corebank::store::StoreError;
use corebank::store::postgres::{PostgresOptions, PostgresStore};
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, raw_sql};

use super::places::{database, fresh_number};

/// The statements of the chapter, for a schema and a role.
fn privileges(schema: &str, role: &str) -> String {
    let chapter = include_str!("../../../src/guide/scaling.md");
    let (_, found) = chapter.split_once("REVOKE ALL ON").expect("the chapter has the statements");
    let (found, _) = found.split_once("```").expect("they end");
    format!("REVOKE ALL ON{found}").replace("corebank", schema).replace("bank_app", role)
}

async fn run(pool: &PgPool, sql: String) -> Result<(), String> {
    let ended = raw_sql(AssertSqlSafe(sql)).execute(pool).await;
    let code = |error: sqlx::Error| {
        error.as_database_error().and_then(|error| error.code()).unwrap_or_default().into_owned()
    };
    ended.map(|_| ()).map_err(code)
}

/// A bank in a new schema without triggers, opened under a role that may only do what the chapter
/// says.
async fn restricted() -> Result<PostgresStore, StoreError> {
    let number = fresh_number();
    let schema = format!("held_{}_{number}", std::process::id());
    let role = format!("app_{}_{number}", std::process::id());
    let owner = PostgresOptions::new().schema(&schema).connections(2).open(database()).await?;
    let drop = format!("DROP FUNCTION {schema}.refuse_change CASCADE");
    let grants = privileges(&schema, &role);
    for sql in [drop, format!("CREATE ROLE {role}"), grants] {
        run(owner.pool(), sql).await.expect("the owner may");
    }
    owner.close().await;
    let become_it = format!("SET ROLE {role}");
    let pool = PgPoolOptions::new().max_connections(4).after_connect(move |link, _| {
        let sql = AssertSqlSafe(become_it.clone());
        Box::pin(async move { raw_sql(sql).execute(link).await.map(|_| ()) })
    });
    let pool = pool.connect(database()).await.expect("the server is there");
    PostgresOptions::new().schema(schema).as_it_is().open_over(pool).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bank_passes_the_suite_under_the_privileges_of_the_guide() {
    let report = run_all(restricted).await;
    assert!(report.is_pass(), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn history_is_kept_by_privileges_alone() {
    let store = restricted().await.unwrap();
    let (pool, schema) = (store.pool(), store.schema());
    for history in [
        "record",
        "detail",
        "entry",
        "origin",
        "unit_kind",
        "block",
        "idempotency",
        "chart_node",
        "hold_account",
        "unit",
        "migration",
    ] {
        for change in ["DELETE FROM", "TRUNCATE"] {
            let sql = format!("{change} {schema}.{history}");
            assert_eq!(run(pool, sql).await, Err("42501".to_owned()), "{change} {history}");
        }
    }
    for column in [
        "entry SET amount",
        "record SET booking_day",
        "detail SET marked",
        "block SET records",
        "unit SET records",
        "unit SET number",
        "origin SET place",
        "migration SET version",
    ] {
        let sql = format!("UPDATE {schema}.{column} = 1");
        assert_eq!(run(pool, sql).await, Err("42501".to_owned()), "{column}");
    }
}
