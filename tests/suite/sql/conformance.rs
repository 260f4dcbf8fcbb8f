//! The whole suite on both SQL stores.

use corebank::conformance::run_all;

use super::places;

#[tokio::test(flavor = "multi_thread")]
async fn the_sqlite_store_passes() {
    let report = run_all(places::sqlite).await;
    assert!(report.is_pass(), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_postgres_store_passes() {
    let report = run_all(places::postgres).await;
    assert!(report.is_pass(), "{report}");
}
