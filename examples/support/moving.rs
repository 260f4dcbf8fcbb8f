//! Moving house: out of one store, into another, and out again.

use corebank::bank::{Bank, Context};

use super::place::Place;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Whether the bank in the new place is the bank that left the old one, byte for byte. A new place
/// that has books already is compared only.
#[cfg(feature = "archive")]
pub(crate) async fn move_to(bank: &Bank, context: &Context, to: &Place) -> Result<bool, Failure> {
    let file = std::env::temp_dir().join(format!("berka-{}.jsonl", std::process::id()));
    let mut out = std::io::BufWriter::new(std::fs::File::create(&file)?);
    let left = bank.export(context, &mut out).await?;
    std::io::Write::flush(&mut out)?;
    drop(out);
    println!("\nexported: {} bytes, SHA-256 {}", left.bytes, hex(&left.sha256));
    let other = to.open(4).await?.builder().open().await?;
    if other.head().await?.position == 0 {
        let mut archive = std::io::BufReader::new(std::fs::File::open(&file)?);
        let came = other.import(context, &mut archive).await?;
        println!("imported into {to}: {} records", came.head.position);
    }
    std::fs::remove_file(&file)?;
    let again = other.export(context, &mut std::io::sink()).await?;
    println!("exported again: {} bytes, SHA-256 {}", again.bytes, hex(&again.sha256));
    let (books, seals) = (other.verify().await?, other.verify_seals().await?);
    let same = left.sha256 == again.sha256 && books.is_clean() && seals.is_clean();
    println!("{}", if same { "the same checksum" } else { "ANOTHER CHECKSUM" });
    Ok(same)
}

/// Without the feature there is nothing to move with.
#[cfg(not(feature = "archive"))]
#[allow(clippy::unused_async, reason = "a build without archives")]
pub(crate) async fn move_to(_: &Bank, _: &Context, to: &Place) -> Result<bool, Failure> {
    Err(format!("this build cannot move to {to}; build with --features archive").into())
}

#[cfg(feature = "archive")]
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
