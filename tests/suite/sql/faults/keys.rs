//! Keys of rows beside the ledger, changed by hand in the tables: `verify` names each.

use corebank::bank::Bank;
use corebank::id::{BranchId, CustomerId};
use corebank::party::{Branch, Code, Email, NewCustomer, PartOfName, PersonName, WholeName};

use super::books::{Place, clerk};
use crate::sql::places;

const ANNA: u128 = 0xa1;
const BEN: u128 = 0xa2;
const GHOST: u128 = 0xdead;

/// Two customers and a branch.
pub(super) async fn people(bank: &Bank) {
    for (id, first) in [(ANNA, "Anna"), (BEN, "Ben")] {
        let part = |text| PartOfName::new(text).unwrap();
        let mail = Email::new(&format!("{first}@example.com")).unwrap();
        let new = NewCustomer::person(PersonName::of(part(first), part("Example")));
        let born = chrono::NaiveDate::from_ymd_opt(1990, 5, 17).unwrap();
        let new = new.with_id(CustomerId::from_u128(id)).with_email(mail);
        let new = new.with_date_of_birth(born);
        let _ = bank.register_customer(clerk(), new).await.unwrap();
    }
    let branch = Branch::new(BranchId::from_u128(7), WholeName::new("Main").unwrap());
    let branch = branch.with_code(Code::new("M1").unwrap());
    let _ = bank.define_branch(clerk(), branch).await.unwrap();
}

async fn house(place: Place) -> Place {
    let place = place.filled().await;
    let books = place.open().await.unwrap();
    people(&books.bank).await;
    assert_eq!(said_of(&books.bank).await, "");
    books.close().await;
    place
}

async fn said_of(bank: &Bank) -> String {
    let report = bank.verify().await.unwrap();
    let said: Vec<String> = report.differences.iter().map(ToString::to_string).collect();
    said.join("\n")
}

/// A change by hand, and all that is to be said then. `#a`, `#b` and `#g` stand for Anna, Ben and
/// somebody who does not exist; `#k` for a key that nobody has.
struct Change {
    sql: &'static str,
    said: &'static [&'static str],
}

const CHANGES: &[Change] = &[
    // Missing.
    Change {
        sql: "DELETE FROM ~entity_unique WHERE idx = 1 AND id = #a",
        said: &["customer #a is not found by a key that it has in customer_number"],
    },
    Change {
        sql: "DELETE FROM ~entity_index WHERE idx = 17 AND id = #b",
        said: &["customer #b is not found by a key that it has in email"],
    },
    Change {
        sql: "DELETE FROM ~entity_index WHERE idx = 28 AND id = #b",
        said: &["standing #b is not found by a key that it has in lifecycle"],
    },
    // Too many.
    Change {
        sql: "INSERT INTO ~entity_unique (idx, key, id, kind) VALUES (2, #k, #a, 'customer')",
        said: &["customer #a is found by a key that it does not have in unique_email"],
    },
    Change {
        sql: "INSERT INTO ~entity_index (idx, key, id, kind) VALUES (16, #k, #b, 'customer')",
        said: &["customer #b is found by a key that it does not have in customer_name"],
    },
    Change {
        sql: "INSERT INTO ~entity_index (idx, key, id, kind) VALUES (16, #k, #b, 'standing')",
        said: &["standing #b is found by a key that it does not have in customer_name"],
    },
    // Another key.
    Change {
        sql: "UPDATE ~entity_index SET key = #k WHERE idx = 17 AND id = #a",
        said: &[
            "customer #a is not found by a key that it has in email",
            "customer #a is found by a key that it does not have in email",
        ],
    },
    // Another owner.
    Change {
        sql: "UPDATE ~entity_unique SET id = #b WHERE idx = 1 AND id = #a",
        said: &[
            "a key of customer #a in customer_number leads to customer #b",
            "customer #b is found by a key that it does not have in customer_number",
        ],
    },
    Change {
        sql: "UPDATE ~entity_unique SET kind = 'standing' WHERE idx = 1 AND id = #a",
        said: &[
            "a key of customer #a in customer_number leads to standing #a",
            "standing #a is found by a key that it does not have in customer_number",
        ],
    },
    // Without a row.
    Change {
        sql: "UPDATE ~entity_unique SET id = #g WHERE idx = 5",
        said: &[
            "a key of branch 00000000-0000-0000-0000-000000000007 in branch_code leads to branch #g",
            "a key in branch_code leads to branch #g, which does not exist",
        ],
    },
    Change {
        sql: "INSERT INTO ~entity_unique (idx, key, id, kind) VALUES (3, #k, #g, 'customer')",
        said: &["a key in identifier leads to customer #g, which does not exist"],
    },
    Change {
        sql: "INSERT INTO ~entity_index (idx, key, id, kind) VALUES (18, #k, #g, 'customer')",
        said: &["a key in phone leads to customer #g, which does not exist"],
    },
    // The row itself.
    Change {
        sql: "DELETE FROM ~entity WHERE id = #b AND kind = 'customer'",
        said: &[
            "a key in customer_number leads to customer #b, which does not exist",
            "a key in unique_email leads to customer #b, which does not exist",
            "a key in customer_name leads to customer #b, which does not exist",
            "a key in customer_name leads to customer #b, which does not exist",
            "a key in email leads to customer #b, which does not exist",
            "customer #b is missing beside the ledger",
        ],
    },
];

fn named(words: &str) -> String {
    let id = |id| CustomerId::from_u128(id).as_uuid().to_string();
    words.replace("#a", &id(ANNA)).replace("#b", &id(BEN)).replace("#g", &id(GHOST))
}

async fn each_change_is_named(fresh: impl AsyncFn() -> Place) {
    let mut unseen = Vec::new();
    for change in CHANGES {
        let place = fresh().await;
        let key = match &place {
            Place::Sqlite(_) => "x'7f7f'",
            Place::Postgres { .. } => "'\\x7f7f'::bytea",
        };
        let sql = [("#a", ANNA), ("#b", BEN), ("#g", GHOST)]
            .iter()
            .fold(change.sql.replace("#k", key), |sql, (name, id)| {
                sql.replace(name, &place.literal(*id))
            });
        place.run(&sql).await.unwrap_or_else(|code| panic!("{code}: {sql}"));
        let books = place.open().await.unwrap();
        let said = said_of(&books.bank).await;
        books.close().await;
        let mut expected: Vec<String> = change.said.iter().map(|words| named(words)).collect();
        let mut found: Vec<&str> = said.lines().collect();
        expected.sort();
        found.sort_unstable();
        if expected != found {
            unseen.push(format!("{}:\n{said}", change.sql));
        }
        if let Place::Postgres { schema, .. } = &place {
            place.run(&format!("DROP SCHEMA \"{schema}\" CASCADE")).await.unwrap();
        }
    }
    assert!(unseen.is_empty(), "{}", unseen.join("\n\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_changed_in_a_file_is_named() {
    let Place::Sqlite(base) = house(Place::sqlite()).await else { unreachable!() };
    Place::Sqlite(base.clone()).run("PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
    each_change_is_named(async || {
        let path = places::fresh_path();
        std::fs::copy(&base, &path).unwrap();
        Place::Sqlite(path)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_changed_on_a_server_is_named() {
    each_change_is_named(async || house(Place::postgres(places::database())).await).await;
}
