//! 001 `transactions`.
//!
//! - A kind without a label is said as `debit` or `credit`, by its side.
//! - `initiated_at` is when it was asked for or posted, `settlement_date` the value date.

use crate::id::AccountId;
use crate::ledger::facts::Moment;
use crate::ledger::{Kind, Metadata, Reference, Side, Text};
use crate::money::Money;
use crate::profile::export::{Exported, Reader, Writer};
use crate::profile::tables::s1::TRANSACTIONS;
use crate::profile::transaction::EntryParts;
use crate::profile::{Profile, Refusal, Row, money};

const PROFILE: Profile = Profile::S1;

const SAID: &[&str] = &[
    "value_date",
    "description",
    "reference",
    "metadata",
    "tags",
    "counterparty",
    "counterparty_name",
    "counterparty_bank",
    "merchant",
    "fee",
];

/// The pair of `metadata` that says the side where the type does not.
const SIDE: &str = "corebank_side";

/// The side that a type tells by itself. A transfer is that of who pays.
fn side_of(kind: Kind) -> Side {
    match kind {
        Kind::CREDIT | Kind::DEPOSIT | Kind::INTEREST => Side::Credit,
        _ => Side::Debit,
    }
}

pub(in crate::profile) fn export(parts: &EntryParts) -> Result<Exported, Refusal> {
    if !parts.money.is_positive() {
        return Err(Refusal::AmountSign);
    }
    let mut to = Writer::new(&TRANSACTIONS);
    to.put("transaction_id", parts.id);
    to.put("account_id", parts.account.as_uuid());
    let labels = PROFILE.transaction_kind();
    let sayable = labels.is_some_and(|labels| labels.say(parts.kind).is_ok());
    let kind = match parts.side {
        _ if sayable => parts.kind,
        Side::Debit => Kind::DEBIT,
        Side::Credit => Kind::CREDIT,
    };
    to.say("transaction_type", labels, kind)?;
    to.fell_back(!sayable, "transaction_type");
    to.put("amount", money::decimal(parts.money)?);
    to.put("currency_code", parts.money.currency().code());
    to.put("counterparty_account_id", parts.counterparty.map(|one| one.as_uuid()));
    to.put("counterparty_name", parts.counterparty_name.as_ref().map(Text::as_str));
    to.put("counterparty_bank_name", parts.counterparty_bank.as_ref().map(Text::as_str));
    let merchant = &parts.merchant;
    to.put("merchant_id", merchant.id);
    to.put("merchant_name", merchant.name.as_ref().map(Text::as_str));
    to.put("merchant_category_code", merchant.category_code.as_ref().map(Text::as_str));
    to.put("merchant_location", merchant.location.as_ref().map(Text::as_str));
    to.say("status", PROFILE.transaction_status(), parts.state)?;
    to.put("initiated_at", parts.posted_at);
    to.put("processed_at", parts.processed_at);
    to.put("settlement_date", parts.value_date);
    let none = Money::zero(parts.money.currency());
    to.put("transaction_fee", money::decimal(parts.fee.unwrap_or(none))?);
    to.put("reference_number", parts.reference.as_ref().map(Reference::as_str));
    to.put("description", parts.description.as_ref().map(Text::as_str));
    let tags = (!parts.tags.is_empty()).then(|| serde_json::Value::from(parts.tags.clone()));
    to.put("tags", tags);
    to.put("metadata", pairs(parts, kind));
    to.put("created_at", parts.created_at.unwrap_or(parts.posted_at));
    to.put("updated_at", parts.updated_at.or(parts.processed_at).unwrap_or(parts.posted_at));
    parts.losses(&mut to, SAID);
    to.finish()
}

fn pairs(parts: &EntryParts, kind: Kind) -> Option<serde_json::Value> {
    let mut pairs: serde_json::Map<String, serde_json::Value> =
        parts.metadata.iter().map(|(key, value)| (key.to_owned(), value.into())).collect();
    if side_of(kind) != parts.side {
        pairs.insert(SIDE.to_owned(), parts.side.code().into());
    }
    (!pairs.is_empty()).then_some(serde_json::Value::Object(pairs))
}

pub(in crate::profile) fn import(row: &Row, moment: Moment) -> Result<EntryParts, Refusal> {
    let from = Reader::new(&TRANSACTIONS, row, moment.now)?;
    let account = AccountId::from_uuid(from.uuid_of("account_id")?);
    let kind = from.state_of("transaction_type", PROFILE.transaction_kind())?;
    let currency = money::currency(&from.text_of("currency_code")?)?;
    let money = money::money(from.decimal_of("amount")?, currency)?;
    if !money.is_positive() {
        return Err(Refusal::AmountSign);
    }
    let (metadata, side) = metadata(&from)?;
    let moved = (side.unwrap_or(side_of(kind)), money);
    let at = from.timestamp_of("initiated_at")?;
    let mut parts = EntryParts::new(from.uuid_of("transaction_id")?, account, moved, kind, at);
    parts.metadata = metadata;
    let state = from.state("status", PROFILE.transaction_status())?;
    parts.state = state.unwrap_or(crate::profile::PostingState::Pending);
    parts.counterparty = from.uuid("counterparty_account_id").map(AccountId::from_uuid);
    parts.counterparty_name = from.parse("counterparty_name", Text::new)?;
    parts.counterparty_bank = from.parse("counterparty_bank_name", Text::new)?;
    parts.merchant.id = from.uuid("merchant_id");
    parts.merchant.name = from.parse("merchant_name", Text::new)?;
    parts.merchant.category_code = from.parse("merchant_category_code", Text::new)?;
    parts.merchant.location = from.parse("merchant_location", Text::new)?;
    parts.processed_at = from.timestamp("processed_at");
    parts.value_date = from.date("settlement_date");
    parts.created_at = from.timestamp("created_at");
    parts.updated_at = from.timestamp("updated_at");
    parts.fee =
        from.decimal("transaction_fee").map(|one| money::money(one, currency)).transpose()?;
    parts.reference = from.parse("reference_number", Reference::new)?;
    parts.description = from.parse("description", Text::new)?;
    parts.tags = tags(&from)?;
    Ok(parts)
}

fn metadata(from: &Reader) -> Result<(Metadata, Option<Side>), Refusal> {
    let malformed = || from.malformed("metadata", "metadata_malformed");
    let (mut metadata, mut side) = (Metadata::default(), None);
    let Some(json) = from.json("metadata") else { return Ok((metadata, None)) };
    for (key, value) in json.as_object().ok_or_else(malformed)? {
        match (key.as_str(), value.as_str().ok_or_else(malformed)?) {
            (SIDE, "debit") => side = Some(Side::Debit),
            (SIDE, "credit") => side = Some(Side::Credit),
            (SIDE, _) => return Err(malformed()),
            (key, value) => metadata.insert(key, value).map_err(|_| malformed())?,
        }
    }
    Ok((metadata, side))
}

fn tags(from: &Reader) -> Result<Vec<String>, Refusal> {
    let malformed = || from.malformed("tags", "tags_malformed");
    let Some(json) = from.json("tags") else { return Ok(Vec::new()) };
    let all = json.as_array().ok_or_else(malformed)?;
    all.iter().map(|one| one.as_str().map(str::to_owned).ok_or_else(malformed)).collect()
}
