//! Joining the host's transaction: an order and its payment are written together or not at all.
//!
//! ```text
//! cargo run --release --features sqlite --example orders
//! cargo run --release --features postgres --example orders -- 'postgres://user@host/database'
//! ```
//!
//! A shop keeps its orders in the database in which the bank keeps its books. Three things happen:
//! a payment is refused, and the order that was written before it is gone; a book is sold out, and
//! the money that was moved before that showed has not moved; all goes well, and both are there.
//!
//! On SQLite the database is a file for this run, on PostgreSQL two schemas; they are removed at
//! the end.

#![allow(clippy::inconsistent_digit_grouping, reason = "1_000_00 reads as 1,000.00")]

#[cfg(any(feature = "sqlite", feature = "postgres"))]
#[path = "support/orders/database.rs"]
mod database;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
#[path = "support/orders/shop.rs"]
mod shop;

type Failure = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    match std::env::args().nth(1) {
        #[cfg(feature = "sqlite")]
        None => {
            let database = database::Sqlite::open().await?;
            let shopped = shop::on_sqlite(&database.store).await;
            database.remove().await?;
            shopped
        }
        #[cfg(feature = "postgres")]
        Some(address) => {
            let database = database::Postgres::open(&address).await?;
            let shopped = shop::on_postgres(&database.store).await;
            database.remove().await?;
            shopped
        }
        #[cfg(not(all(feature = "sqlite", feature = "postgres")))]
        _ => Err("this build has no such store; build with --features sqlite,postgres".into()),
    }
}
