#![allow(missing_docs, clippy::all, clippy::pedantic, clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::cast_possible_truncation, clippy::cast_possible_wrap,clippy::cast_sign_loss,clippy::float_arithmetic)]
use corebank::bank::{Bank, Context};
use corebank::id::*;
use corebank::ledger::*;
use corebank::money::*;
use corebank::store::sqlite::SqliteStore;
use corebank::store::postgres::PostgresOptions;
use std::time::Instant;
#[tokio::main]
async fn main() {
    let args: Vec<String> = std::env::args().collect();
    let accounts: usize = args[2].parse().unwrap();
    let batch: usize = args[3].parse().unwrap();
    let rounds: usize = args[4].parse().unwrap();
    let bank = if args[1].starts_with("postgres") {
        Bank::open(PostgresOptions::new().schema(format!("p{}", std::process::id())).open(&args[1]).await.unwrap()).await
    } else {
        for s in ["", "-wal", "-shm"] { let _ = std::fs::remove_file(format!("{}{s}", args[1])); }
        Bank::builder(SqliteStore::open(&args[1]).await.unwrap()).open().await
    };
    let bank = match bank { Ok(b) => b, Err(e) => panic!("{e} {:?}", e) };
    let me = Context::system("probe").unwrap();
    let code = ChartCode::new("2000").unwrap();
    match bank.define_chart(&me, &[ChartNode::new(code, AccountClass::Liability, None, Text::new("D").unwrap())]).await { Ok(_) => {}, Err(e) => panic!("{e:?}") }
    let new = NewAccount::new(code, Currency::USD).with_floor(FloorPolicy::Overdraft(i64::MAX / 2));
    let mut ids = vec![];
    while ids.len() < accounts {
        let n = (accounts - ids.len()).min(8190);
        match bank.open_accounts(&me, &vec![new.clone(); n]).await { Ok(o) => ids.extend(o.into_iter().map(|o| o.into_inner())), Err(e) => panic!("{e:?}") }
    }
    println!("{} accounts open", ids.len());
    let src = RandomIds::new();
    let mut x = 88172645463325252u64;
    let mut rnd = move |n: usize| { x ^= x << 13; x ^= x >> 7; x ^= x << 17; (x % n as u64) as usize };
    let mut cpu = cpu_time::ProcessTime::now();
    let mut t = Instant::now();
    for r in 0..rounds + 1 {
        if r == 1 { cpu = cpu_time::ProcessTime::now(); t = Instant::now(); }
        let mut b = Batch::with_capacity(batch);
        for _ in 0..batch {
            let f = rnd(accounts); let g = (f + 1 + rnd(accounts - 1)) % accounts;
            b.push(NewTransaction::transfer(Kind::TRANSFER, ids[f], ids[g], Money::new(1 + rnd(1000) as i64, Currency::USD)).with_id(TransactionId::from_uuid(src.next_id(bank.moment().now))));
        }
        match bank.post_many(&me, &b).await { Ok(o) => for i in o { if let Err(e) = i { panic!("{e:?}") } }, Err(e) => panic!("{e:?}") }
    }
    let n = (rounds * batch) as f64;
    println!("{:.2} us wall, {:.2} us cpu per transfer", t.elapsed().as_secs_f64() * 1e6 / n, cpu.elapsed().as_secs_f64() * 1e6 / n);
}
