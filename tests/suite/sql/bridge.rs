//! Money between two books in SQL: two schemas of one database, two databases, and a server and a
//! file. `COREBANK_BRIDGE_EVERY` says which part of the broken calls is tried: 1 for all of them.

use corebank::store::postgres::{PostgresOptions, PostgresStore};
use corebank::store::sqlite::SqliteStore;

use crate::bridge::all_but;
use crate::server::Server;

use super::places;

/// One call in so many is broken.
fn every() -> u64 {
    let said = std::env::var("COREBANK_BRIDGE_EVERY").ok();
    said.and_then(|text| text.parse().ok()).unwrap_or(17)
}

async fn schema() -> PostgresStore {
    places::postgres().await.unwrap()
}

async fn file() -> SqliteStore {
    places::sqlite().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_schemas_of_one_database() {
    all_but(schema, schema, every()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_databases() {
    let url = Server::shared().fresh_database();
    let url = url.as_str();
    let elsewhere = || async move {
        let schema = format!("south_{}", places::fresh_number());
        PostgresOptions::new().schema(schema).connections(4).open(url).await.unwrap()
    };
    all_but(schema, elsewhere, every()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_and_a_server() {
    all_but(file, schema, every()).await;
}
