//! Views in the words of the documents: on both SQL stores each says, column by column, what the
//! profile exports of the same books.

mod books;
mod place;

use corebank::profile::{
    ColumnType, EntryParts, LedgerEntryParts, LinkParts, Profile, Row, TransferParts, Value,
};

use books::Books;
use place::Place;

/// The rows that a profile exports for a table, as it says them.
fn exported(books: &Books, profile: Profile, table: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut add = |exported: Result<corebank::profile::Exported, corebank::profile::Refusal>| {
        // What a profile refuses has no row here, and is looked at by itself.
        if let Ok(exported) = exported {
            rows.push(exported.row);
        }
    };
    let customers = |account| books.accounts.iter().any(|one| one.id == account);
    for transaction in &books.transactions {
        match (profile, table) {
            (Profile::S2, "transactions") => {
                if let Ok(parts) = TransferParts::of(transaction, customers) {
                    add(profile.export_transfer(&parts));
                }
            }
            (_, "entries") => {
                LedgerEntryParts::of(transaction)
                    .iter()
                    .for_each(|parts| add(profile.export_ledger_entry(parts)));
            }
            (_, "TRANSFER_METADATA") => {
                if let Some(parts) = LinkParts::of(transaction, customers) {
                    add(profile.export_link(&parts));
                }
            }
            (_, "TRANSACTION" | "transactions") => {
                for at in 0.. {
                    let Some(mut parts) = EntryParts::of(transaction, at) else { break };
                    if books.reversed == Some(transaction.id) {
                        parts.state = corebank::profile::PostingState::Reversed;
                    }
                    if customers(parts.account) {
                        add(profile.export_entry(&parts));
                    }
                }
            }
            _ => {}
        }
    }
    match table {
        "CUSTOMER" | "customers" | "users" => {
            books.customers.iter().for_each(|one| add(profile.export_customer(one, books.today)));
        }
        "ACCOUNT" | "accounts" => {
            books.accounts.iter().for_each(|one| add(profile.export_account(one)));
        }
        "balances" => books.accounts.iter().for_each(|one| {
            add(profile.export_balance(one, one.updated_at.unwrap()));
        }),
        "KYC_DOCUMENT" | "kyc_documents" => {
            books.documents().iter().for_each(|one| add(profile.export_document(one)));
        }
        _ => {}
    }
    rows
}

/// A value as a place writes it.
fn text(place: &Place, takes: ColumnType, value: &Value) -> Option<String> {
    let yes = |flag: bool| match (place, flag) {
        (Place::Postgres(_), flag) => flag.to_string(),
        (Place::Sqlite(_), flag) => u8::from(flag).to_string(),
    };
    Some(match (value, takes) {
        (Value::Null, _) => return None,
        (Value::Decimal(number), ColumnType::Decimal(_, 3)) => format!("{number:.3}"),
        (Value::Decimal(number), _) => format!("{number:.2}"),
        (Value::Text(text), _) => text.clone(),
        (Value::Int(number), _) => number.to_string(),
        (Value::Bool(flag), _) => yes(*flag),
        (Value::Date(day), _) => day.to_string(),
        (Value::Timestamp(at), _) => at.to_string().chars().take(19).collect(),
        (Value::Bytes(bytes), _) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        (Value::Uuid(id), _) => id.as_hyphenated().to_string(),
        (Value::Json(_), _) => "json".to_owned(),
    })
}

async fn views_say_what_profiles_export(place: Place, books: Books) {
    for profile in Profile::ALL {
        let names = place.create(*profile).await;
        // Once more: views are made anew.
        assert_eq!(place.create(*profile).await, names);
        for (table, view) in profile.tables().iter().zip(&names) {
            let mut found = place.rows(view, table.columns).await;
            let mut wanted: Vec<Vec<Option<String>>> = exported(&books, *profile, table.name)
                .iter()
                .map(|row| {
                    let columns = table.columns.iter().zip(&row.columns);
                    columns.map(|(column, (_, value))| text(&place, column.takes, value)).collect()
                })
                .collect();
            // What the profile refuses has an empty label in the view.
            let labels =
                ["transaction_type", "type", "account_type", "status", "document_type", "channel"];
            let unsayable = |row: &Vec<Option<String>>| {
                table.columns.iter().zip(row).any(|(column, value)| {
                    value.is_none() && (labels.contains(&column.name) || !column.nullable)
                })
            };
            found.retain(|row| !unsayable(row));
            found.sort();
            wanted.sort();
            assert!(!wanted.is_empty(), "{view}: the books have something to say");
            for (found, wanted) in found.iter().zip(&wanted) {
                for ((column, found), wanted) in table.columns.iter().zip(found).zip(wanted) {
                    assert_eq!(found, wanted, "{view}.{}", column.name);
                }
            }
            assert_eq!(found.len(), wanted.len(), "{view}");
        }
        place.drop(*profile).await;
        for view in &names {
            assert!(!place.exists(view).await, "{view}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite() {
    let (place, store) = Place::sqlite().await;
    views_say_what_profiles_export(place, Books::written(store).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgresql() {
    let (place, store) = Place::postgres().await;
    views_say_what_profiles_export(place, Books::written(store).await).await;
}
