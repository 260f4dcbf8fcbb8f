//! The archives of two banks, without what is random in them.

use corebank::bank::{Bank, Context};

/// What is random although ids and salts are not: data keys and nonces, and with them blind
/// indexes, and digests of the rows that hold any of these.
const RANDOM: [&str; 6] = ["sealed", "index", "wrapped", "digest", "request", "keys"];

/// Without what is random, wherever a row of a customer with an identifier or a key stands.
fn settled(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(fields) => {
            for name in RANDOM {
                if let Some(field) = fields.get_mut(name) {
                    *field = serde_json::Value::Null;
                }
            }
            fields.values_mut().for_each(settled);
        }
        serde_json::Value::Array(all) => all.iter_mut().for_each(settled),
        // A row stands in its line as a text.
        serde_json::Value::String(text) if text.starts_with('{') => {
            if let Ok(mut row) = serde_json::from_str(text) {
                settled(&mut row);
                *text = row.to_string();
            }
        }
        _ => {}
    }
}

/// The archive of a bank, line by line; what holds nothing random is kept to the byte.
pub(super) async fn archive(bank: &Bank, me: &Context) -> Vec<String> {
    let mut bytes = Vec::new();
    let _ = bank.export(me, &mut bytes).await.unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    // The checksum of what is random.
    let _ = lines.pop();
    for line in &mut lines {
        if line.contains("customer") || line.contains("data_key") || line.contains("DATA_KEY") {
            let mut value = serde_json::from_str(line).unwrap();
            settled(&mut value);
            *line = value.to_string();
        }
    }
    lines
}

/// Fails at the first line that differs, and shows both.
#[track_caller]
pub(super) fn same(is: &[String], should: &[String], who: &str) {
    for (at, (one, two)) in is.iter().zip(should).enumerate() {
        assert_eq!(one, two, "{who}, line {at}");
    }
    assert_eq!(is.len(), should.len(), "{who}");
}
