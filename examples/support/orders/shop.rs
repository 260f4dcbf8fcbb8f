//! The shop: what it writes for an order, and what is there afterwards.

use corebank::bank::{Bank, Context};
use corebank::id::AccountId;
use corebank::ledger::{
    AccountClass, ChartCode, ChartNode, Kind, NewAccount, NewTransaction, Text,
};
use corebank::money::{Currency, Money};

use super::Failure;

/// The bank of the shop and of its reader.
struct Shop {
    bank: Bank,
    clerk: Context,
    till: AccountId,
    reader: AccountId,
}

impl Shop {
    async fn open(bank: Bank) -> Result<Self, Failure> {
        let clerk = Context::system("shop")?;
        let (cash, deposits) = (ChartCode::new("1000")?, ChartCode::new("2000")?);
        let nodes = [
            ChartNode::new(cash, AccountClass::Asset, None, Text::new("Cash in vault")?),
            ChartNode::new(deposits, AccountClass::Liability, None, Text::new("Deposits")?),
        ];
        let _ = bank.define_chart(&clerk, &nodes).await?;
        let open = async |code| -> Result<AccountId, Failure> {
            let account = NewAccount::new(code, Currency::EUR);
            Ok(bank.open_account(&clerk, account).await?.into_inner())
        };
        let (cash, till, reader) =
            (open(cash).await?, open(deposits).await?, open(deposits).await?);
        let deposit = NewTransaction::transfer(Kind::DEPOSIT, cash, reader, eur(50_00));
        let _ = bank.post(&clerk, deposit).await?;
        Ok(Self { bank, clerk, till, reader })
    }
}

/// An amount in cents.
const fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

/// The shop over one kind of database: the text is the same for all of them, the types are not.
macro_rules! shop {
    ($run:ident, $order:ident, $store:ty, $pool:ident) => {
        pub(crate) async fn $run(store: &$store) -> Result<(), Failure> {
            let shop = Shop::open(Bank::open(store.clone()).await?).await?;
            println!("The reader has 50.00; books in stock: Atlas, Cookbook.\n");
            let (mut number, mut done) = (0_i64, Vec::new());
            for (book, price) in [("Atlas", 80_00), ("Bestseller", 20_00), ("Cookbook", 30_00)] {
                number = number.saturating_add(1);
                match $order(&shop, store, number, book, price).await {
                    Ok(()) => println!("{book}, {}: paid and ordered", eur(price)),
                    Err(why) => println!("{book}, {}: {why}", eur(price)),
                }
                let orders = "SELECT book FROM orders ORDER BY number";
                let orders: Vec<String> =
                    sqlx::query_scalar(orders).fetch_all(store.$pool()).await?;
                let left = shop.bank.balance(shop.reader).await?.ledger;
                println!("  orders: {orders:?}, the reader has {left}");
                done.push((orders.len(), left));
            }
            // Refused: no order. Sold out: no payment. All is well: both.
            if done != [(0, eur(50_00)), (0, eur(50_00)), (1, eur(20_00))] {
                return Err("an order without its payment, or a payment without its order".into());
            }
            let sound = shop.bank.verify().await?.is_clean();
            println!("\nverify {}", if sound { "clean" } else { "NOT CLEAN" });
            if sound { Ok(()) } else { Err("the books are not sound".into()) }
        }

        /// Orders a book. Whatever fails, `joined` is dropped, and nothing of it was written.
        async fn $order(
            shop: &Shop,
            store: &$store,
            number: i64,
            book: &str,
            price: i64,
        ) -> Result<(), Failure> {
            let joined = store.begin_joined().await?;

            // The shop writes on the connection that it is lent ..
            let mut lent = joined.lend().await?;
            sqlx::query("INSERT INTO orders (number, book) VALUES ($1, $2)")
                .bind(number)
                .bind(book)
                .execute(lent.connection()?)
                .await?;
            drop(lent);

            // .. the bank posts in the same transaction ..
            let bank = shop.bank.over(joined.store());
            let payment =
                NewTransaction::transfer(Kind::PAYMENT, shop.reader, shop.till, eur(price));
            let _ = bank.post(&shop.clerk, payment).await?;

            // .. the shop writes once more ..
            let mut lent = joined.lend().await?;
            sqlx::query("UPDATE stock SET copies = copies - 1 WHERE book = $1")
                .bind(book)
                .execute(lent.connection()?)
                .await?;
            drop(lent);

            // .. and all of it is committed.
            Ok(joined.commit().await?)
        }
    };
}

#[cfg(feature = "sqlite")]
shop!(on_sqlite, order_on_sqlite, corebank::store::sqlite::SqliteStore, writer);
#[cfg(feature = "postgres")]
shop!(on_postgres, order_on_postgres, corebank::store::postgres::PostgresStore, pool);
