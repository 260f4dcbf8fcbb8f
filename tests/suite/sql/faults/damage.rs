//! Rows changed behind the library's back: refused by triggers, and named by `verify` and the
//! seals where somebody took the triggers away.

use corebank::bank::{Bank, Error};
use corebank::ledger::{Kind, NewCapture, NewHold, NewTransaction, Text};

use super::books::{Place, account, clerk, id, pay, usd};
use crate::sql::places;

const APPEND_ONLY: [&str; 5] = ["record", "detail", "entry", "block", "origin"];

/// Books with something of everything: words, a hold captured in part, blocks.
pub(super) async fn rich(place: Place) -> Place {
    let place = place.filled().await;
    let bank = place.open().await.unwrap().bank;
    let words = |number| {
        let text = Text::new(&format!("Invoice {number}")).unwrap();
        pay(number).with_description(text)
    };
    for number in 0..30 {
        let _ = bank.post(clerk(), words(number)).await.unwrap();
    }
    let hold = corebank::id::HoldId::from_u128(77);
    let new = NewHold::transfer(Kind::TRANSFER, account(1), account(2), usd(500)).with_id(hold);
    let _ = bank.hold(clerk(), new).await.unwrap();
    let part = NewCapture::amount(Kind::TRANSFER, hold, usd(20)).keeping_rest();
    let _ = bank.capture(clerk(), part.with_id(id(40))).await.unwrap();
    bank.seal(clerk()).await.unwrap();
    for number in 50..60 {
        let _ = bank.post(clerk(), words(number)).await.unwrap();
    }
    bank.seal(clerk()).await.unwrap();
    let _ = bank.post(clerk(), words(60)).await.unwrap();
    place
}

/// What the library says of damage; nothing if it sees none.
pub(super) async fn said_of(bank: &Bank) -> Vec<String> {
    let mut said = Vec::new();
    let mut note = |error: Error| {
        // What stands where the schema did is no schema of ours.
        assert!(["corrupt", "misuse"].contains(&error.code()), "{error:?}");
        said.push(error.to_string());
    };
    match bank.verify().await {
        Ok(report) if report.is_clean() => {}
        Ok(report) => said.push(report.to_string()),
        Err(error) => note(error),
    }
    match bank.verify_seals().await {
        Ok(seals) => said.extend(seals.faults.iter().map(ToString::to_string)),
        Err(error) => said.push(error.to_string()),
    }
    said
}

/// A change by hand, and words of which one must be said then.
struct Change {
    sql: &'static str,
    said: &'static [&'static str],
}

/// `#a` stands for the third account, `#t` for the tenth transaction.
const CHANGES: &[Change] = &[
    Change {
        sql: "UPDATE ~entry SET amount = amount + 1 WHERE account = #a AND number = 2",
        said: &["#a, entry 2: balance"],
    },
    Change {
        sql: "UPDATE ~entry SET balance_after = balance_after - 1 WHERE account = #a AND number = 2",
        said: &["#a, entry 2: balance"],
    },
    Change {
        sql: "UPDATE ~entry SET booked = booked + 1 WHERE account = #a AND number = 2",
        said: &["an entry on account #a differs"],
    },
    Change {
        sql: "DELETE FROM ~entry WHERE account = #a AND number = 2",
        said: &["#a: entry 2 should"],
    },
    Change { sql: "DELETE FROM ~record WHERE id = #t", said: &["journal position"] },
    Change {
        sql: "UPDATE ~record SET value_day = value_day - 1 WHERE id = #t",
        said: &["block 1: a record from position"],
    },
    Change {
        sql: "UPDATE ~record SET kind = 'other' WHERE id = #t",
        said: &["block 1: a record from position"],
    },
    Change {
        sql: "UPDATE ~detail SET words = REPLACE(words, 'Invoice 9', 'Invoice 8')",
        said: &["the words of the record"],
    },
    Change {
        sql: "UPDATE ~unit SET actor = 'mallory' WHERE first_position = 20",
        said: &["block 1: a record from position"],
    },
    Change {
        sql: "UPDATE ~unit SET first_instant = first_instant - 1 WHERE first_position = 20",
        said: &["block 1: a record from position"],
    },
    Change {
        sql: "DELETE FROM ~unit WHERE first_position = 20",
        said: &["journal position 20 should"],
    },
    Change { sql: "DELETE FROM ~block WHERE number = 1", said: &["block 1 should follow"] },
    Change {
        sql: "UPDATE ~block SET records = records - 1 WHERE number = 2",
        said: &["block 2 was"],
    },
    Change {
        sql: "UPDATE ~account SET debits_posted = debits_posted + 1 WHERE key = #a",
        said: &["account #a"],
    },
    Change {
        sql: "UPDATE ~account SET entries = entries + 1 WHERE key = #a",
        said: &["account #a"],
    },
    Change { sql: "UPDATE ~account SET floor = 0 WHERE key = #a", said: &["account #a"] },
    Change { sql: "UPDATE ~account SET block = 1 WHERE key = #a", said: &["account #a"] },
    Change { sql: "UPDATE ~account SET currency = 'EUR' WHERE key = #a", said: &["#a is kept in"] },
    Change { sql: "UPDATE ~hold SET body = REPLACE(body, '480', '481')", said: &["hold"] },
    Change { sql: "DELETE FROM ~hold_account; DELETE FROM ~hold", said: &["hold"] },
];

fn without_triggers(place: &Place) -> String {
    match place {
        Place::Sqlite(_) => APPEND_ONLY
            .iter()
            .map(|table| {
                format!("DROP TRIGGER ~{table}_no_update; DROP TRIGGER ~{table}_no_delete; ")
            })
            .chain(["DROP TRIGGER ~unit_no_delete; DROP TRIGGER ~unit_settled_once; ".to_owned()])
            .collect(),
        Place::Postgres { .. } => APPEND_ONLY
            .iter()
            .chain(&["unit"])
            .map(|table| format!("ALTER TABLE ~{table} DISABLE TRIGGER ALL; "))
            .collect(),
    }
}

async fn each_change_is_named(fresh: impl AsyncFn() -> Place) {
    let mut unseen = Vec::new();
    for change in CHANGES {
        let place = fresh().await;
        let key = format!(
            "(SELECT key FROM ~account WHERE id = {})",
            place.literal(account(2).as_u128())
        );
        let sql = change.sql.replace("#a", &key).replace("#t", &place.literal(id(9).as_u128()));
        let sql = format!("{}{sql}", without_triggers(&place));
        place.run(&sql).await.unwrap_or_else(|code| panic!("{code}: {sql}"));
        let books = place.open().await.unwrap();
        let said = said_of(&books.bank).await.join("\n");
        books.close().await;
        for words in change.said {
            if !said.contains(&words.replace("#a", &account(2).to_string())) {
                unseen.push(format!("{}: no {words:?} in: {said}", change.sql));
            }
        }
        drop_place(&place).await;
    }
    assert!(unseen.is_empty(), "{}", unseen.join("\n"));
}

async fn drop_place(place: &Place) {
    if let Place::Postgres { schema, .. } = place {
        place.run(&format!("DROP SCHEMA \"{schema}\" CASCADE")).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_changed_in_a_file_is_named() {
    let Place::Sqlite(base) = rich(Place::sqlite()).await else { unreachable!() };
    each_change_is_named(async || {
        let path = places::fresh_path();
        std::fs::copy(&base, &path).unwrap();
        let _ = std::fs::copy(base.with_extension("sqlite-wal"), path.with_extension("sqlite-wal"));
        Place::Sqlite(path)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_changed_on_a_server_is_named() {
    each_change_is_named(async || rich(Place::postgres(places::database())).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn history_is_not_changed_by_accident() {
    for place in [Place::sqlite(), Place::postgres(places::database())] {
        let is_server = matches!(place, Place::Postgres { .. });
        let place = rich(place).await;
        // Restrict violation; SQLITE_CONSTRAINT_TRIGGER.
        let refused = Err(if is_server { "23001" } else { "1811" }.to_owned());
        let columns = ["detailed = 0", "words = NULL", "amount = 1", "records = 1", "actor = ''"];
        for (table, set) in APPEND_ONLY.iter().zip(columns) {
            // A rule for each row refuses nothing where there is none.
            if *table == "origin" {
                let row = "INSERT INTO ~origin VALUES (1, 'a', 'system', NULL)";
                place.run(row).await.unwrap();
            }
            assert_eq!(place.run(&format!("UPDATE ~{table} SET {set}")).await, refused, "{table}");
            assert_eq!(place.run(&format!("DELETE FROM ~{table}")).await, refused, "{table}");
        }
        assert_eq!(place.run("DELETE FROM ~unit").await, refused);
        assert_eq!(place.run("UPDATE ~unit SET first_instant = 1").await, refused);
        if is_server {
            for table in ["record", "detail", "entry", "block", "unit"] {
                let emptied = place.run(&format!("TRUNCATE ~{table} CASCADE")).await;
                assert_eq!(emptied, refused, "{table}");
            }
        }
        let books = place.open().await.unwrap();
        let told = super::books::read_journal(&books.bank).await;
        assert_eq!(told.transactions.len(), 42);
        let _ = books.bank.post(clerk(), NewTransaction::clone(&pay(61))).await.unwrap();
    }
}
