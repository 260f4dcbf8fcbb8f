//! What a server refuses for a while: a standby, a statement that takes too long, no connection.

use std::time::Duration;

use corebank::bank::Bank;
use corebank::store::postgres::PostgresOptions;
use corebank::store::{ErrorKind, Store as _};

use super::books::{Place, clerk, is_sound, pay, postgres_at};
use crate::server::Server;

/// Books in a database of their own.
async fn own_database() -> (String, String) {
    let place = Place::postgres(&Server::shared().fresh_database()).filled().await;
    let Place::Postgres { url, schema } = place else { unreachable!() };
    (url, schema)
}

fn alter(url: &str, what: &str) {
    let name = url.rsplit('/').next().unwrap();
    Server::shared().psql("postgres", &format!("ALTER DATABASE {name} {what}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_answers_reads_and_refuses_the_rest() {
    let (url, schema) = own_database().await;
    let primary = Bank::open(postgres_at(&url, &schema).await.unwrap()).await.unwrap();
    let _ = primary.post(clerk(), pay(0)).await.unwrap();
    alter(&url, "SET default_transaction_read_only = on");
    let options = PostgresOptions::new().schema(&*schema).as_it_is();
    let store = options.open(&url).await.unwrap();
    assert!(!store.health().await.unwrap().writable);
    let bank = Bank::open(store.clone()).await.unwrap();
    let error = bank.post(clerk(), pay(1)).await.unwrap_err();
    assert_eq!(error.code(), "unavailable", "{error:?}");
    assert!(error.to_string().contains("read-only standby"), "{error}");
    assert!(error.is_transient() && !error.may_have_applied());
    let sealed = bank.seal(clerk()).await.unwrap_err();
    assert!(sealed.to_string().contains("read-only standby"), "{sealed}");
    let migrated = postgres_at(&url, &schema).await.unwrap_err();
    assert_eq!(migrated.kind(), ErrorKind::Unavailable, "{migrated:?}");
    // What was read there is whole.
    assert_eq!(is_sound(&bank).await.transactions.len(), 1);
    alter(&url, "RESET default_transaction_read_only");
    let writable = postgres_at(&url, &schema).await.unwrap();
    assert!(writable.health().await.unwrap().writable);
    let bank = Bank::open(writable).await.unwrap();
    assert!(!bank.post(clerk(), pay(1)).await.unwrap().is_replayed());
}

/// A standby cannot settle what a host's transaction left open.
#[tokio::test(flavor = "multi_thread")]
async fn a_standby_reads_what_is_settled() {
    let (url, schema) = own_database().await;
    let store = postgres_at(&url, &schema).await.unwrap();
    let primary = Bank::open(store.clone()).await.unwrap();
    let joined = store.begin_joined().await.unwrap();
    let _ = primary.over(joined.store()).post(clerk(), pay(0)).await.unwrap();
    joined.commit().await.unwrap();
    alter(&url, "SET default_transaction_read_only = on");
    let options = PostgresOptions::new().schema(&*schema).as_it_is();
    let opened = async {
        let standby = options.open(&url).await?;
        let head = standby.head().await?;
        standby.journal(0, 100).await.map(|records| (head, records.len()))
    }
    .await;
    alter(&url, "RESET default_transaction_read_only");
    let (head, records) = opened.expect("a standby answers reads");
    assert_eq!(head.position, records as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_waits_too_long_is_cancelled() {
    let (url, schema) = own_database().await;
    let store = postgres_at(&url, &schema).await.unwrap();
    let bank = Bank::open(store.clone()).await.unwrap();
    let impatient = PostgresOptions::new().schema(&*schema);
    let impatient = impatient.statement_timeout(Duration::from_millis(200)).open(&url).await;
    let impatient = Bank::open(impatient.unwrap()).await.unwrap();
    let joined = store.begin_joined().await.unwrap();
    let _ = bank.over(joined.store()).post(clerk(), pay(0)).await.unwrap();
    let error = impatient.post(clerk(), pay(8)).await.unwrap_err();
    assert_eq!(error.code(), "unavailable", "{error:?}");
    assert!(error.to_string().contains("took too long"), "{error}");
    assert!(!error.may_have_applied());
    joined.commit().await.unwrap();
    assert!(!impatient.post(clerk(), pay(8)).await.unwrap().is_replayed());
    assert_eq!(is_sound(&bank).await.transactions.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_without_a_free_connection_is_unavailable() {
    let (url, schema) = own_database().await;
    let options = PostgresOptions::new().schema(&*schema).connections(2);
    let store = options.acquire_timeout(Duration::from_millis(200)).open(&url).await.unwrap();
    let bank = Bank::open(store.clone()).await.unwrap();
    let (one, two) = (store.pool().begin().await.unwrap(), store.pool().begin().await.unwrap());
    let error = bank.post(clerk(), pay(0)).await.unwrap_err();
    assert_eq!(error.code(), "unavailable", "{error:?}");
    assert!(!error.may_have_applied());
    assert_eq!(bank.head().await.unwrap_err().code(), "unavailable");
    one.rollback().await.unwrap();
    two.rollback().await.unwrap();
    assert!(!bank.post(clerk(), pay(0)).await.unwrap().is_replayed());
    assert_eq!(is_sound(&bank).await.transactions.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_unavailable_and_a_bad_address_is_misuse() {
    let kind = |opened: Result<_, corebank::store::StoreError>| {
        opened.map(|_: corebank::store::postgres::PostgresStore| ()).unwrap_err().kind()
    };
    let nobody = PostgresOptions::new().acquire_timeout(Duration::from_millis(300));
    let opened = nobody.clone().open("postgres://postgres@127.0.0.1:1/postgres").await;
    assert_eq!(kind(opened), ErrorKind::Unavailable);
    assert_eq!(kind(nobody.clone().open("nonsense").await), ErrorKind::Misuse);
    let missing = Server::shared().url("no_such_database");
    assert_eq!(kind(nobody.clone().open(&missing).await), ErrorKind::Misuse);
    let url = Server::shared().url("postgres");
    for schema in ["", "Bank", "1bank", "a\"b", "pg_bank", &"x".repeat(64)] {
        assert_eq!(kind(nobody.clone().schema(schema).open(&url).await), ErrorKind::Misuse);
    }
}
