//! Document 003: users are customers, a state is a flag, and what does not fit a row stands in
//! documents of JSON.
//!
//! - `is_active` is false for whatever is not active (C01, C11); `false` reads as inactive.
//! - Amounts are signed as the customer sees them (C07), in the currency of their account.
//! - `password_hash` is `!` where no hash was given: no password gives it.

mod context;
mod json;
mod user;

use crate::account::AccountNumber;
use crate::id::{AccountId, CustomerId};
use crate::ledger::facts::Moment;
use crate::ledger::{Metadata, Reference, Text};
use crate::money::Currency;
use crate::party::{Email, Phone};
use crate::privacy::Sensitive;
use crate::profile::account::{AccountParts, owner};
use crate::profile::customer::{self, CustomerParts, put_name};
use crate::profile::export::{Exported, Reader, Writer};
use crate::profile::tables::s3::{ACCOUNTS, TRANSACTIONS, USERS};
use crate::profile::transaction::{EntryParts, PostingState, signed, unsigned};
use crate::profile::{Profile, Refusal, Row, money};

pub use context::{Attachment, Device, Geolocation, TransactionContext};
pub use user::{ExportedJson, UserDocument};

const PROFILE: Profile = Profile::S3;

/// What stands where a hash must and there is none.
const NO_PASSWORD: &str = "!";

pub(super) fn export_customer(parts: &CustomerParts) -> Result<Exported, Refusal> {
    let (who, stands) = (&parts.customer, &parts.standing);
    let mut to = Writer::new(&USERS);
    to.put("id", who.id.as_uuid());
    to.put("email", who.email.as_ref().map(Email::as_str));
    let hash = parts.password_hash.as_ref().map_or(NO_PASSWORD, |hash| hash.expose().as_str());
    to.put("password_hash", hash);
    put_name(&mut to, who, false)?;
    to.put("phone_number", who.phone.as_ref().map(Phone::as_str));
    let state = (stands.onboarding, stands.lifecycle);
    to.say("is_active", PROFILE.customer_status(), state)?;
    to.put("created_at", who.created_at);
    to.put("updated_at", who.updated_at);
    let said = [
        "phone",
        "onboarding",
        "lifecycle",
        // These stand in the user document.
        "language",
        "preferences.avatar",
        "preferences.theme",
        "preferences.notifications",
        "documents",
    ];
    customer::losses(&mut to, parts, &said);
    to.finish()
}

pub(super) fn import_customer(row: &Row, moment: Moment) -> Result<CustomerParts, Refusal> {
    let from = Reader::new(&USERS, row, moment.now)?;
    let id = CustomerId::from_uuid(from.uuid_of("id")?);
    let times = (from.timestamp("created_at"), from.timestamp("updated_at"));
    let name = customer::name(&from)?;
    let mut parts = CustomerParts::read(PROFILE, id, name, times, moment);
    parts.customer.email = from.parse("email", Email::new)?;
    parts.customer.phone = from.parse("phone_number", Phone::new)?;
    let hash = from.text_of("password_hash")?;
    parts.password_hash = (hash != NO_PASSWORD).then(|| Sensitive::new(hash));
    if let Some(state) = from.state("is_active", PROFILE.customer_status())? {
        (parts.standing.onboarding, parts.standing.lifecycle) = state;
    }
    Ok(parts)
}

pub(super) fn export_account(parts: &AccountParts) -> Result<Exported, Refusal> {
    money::sayable(parts.currency)?;
    let mut to = Writer::new(&ACCOUNTS);
    to.put("id", parts.id.as_uuid());
    to.put("user_id", owner(parts)?.as_uuid());
    to.put("account_number", parts.number.as_ref().map(AccountNumber::as_str));
    to.say("account_type", PROFILE.account_type(), parts.kind)?;
    to.put("balance", money::opt_decimal(parts.ledger)?);
    to.put("currency", parts.currency.code());
    to.say("is_active", PROFILE.account_status(), parts.status)?;
    to.put("created_at", parts.created_at);
    to.put("updated_at", parts.updated_at);
    parts.losses(&mut to, &["number", "created_at", "updated_at", "ledger"]);
    to.finish()
}

pub(super) fn import_account(row: &Row, moment: Moment) -> Result<AccountParts, Refusal> {
    let from = Reader::new(&ACCOUNTS, row, moment.now)?;
    let (id, owner) = (from.uuid_of("id")?, from.uuid_of("user_id")?);
    let kind = from.state_of("account_type", PROFILE.account_type())?;
    let (id, owner) = (AccountId::from_uuid(id), CustomerId::from_uuid(owner));
    let opened = from.timestamp("created_at").unwrap_or(moment.now);
    let mut parts = AccountParts::individual(id, kind, owner, opened.date_utc());
    parts.number = from.parse("account_number", AccountNumber::new)?;
    parts.currency = match from.text("currency") {
        Some(code) => money::currency(&code)?,
        None => Currency::USD,
    };
    let amount = from.decimal("balance").map(|one| money::money(one, parts.currency));
    parts.ledger = amount.transpose()?;
    let status = from.state("is_active", PROFILE.account_status())?;
    parts.status = status.unwrap_or(parts.status);
    parts.created_at = Some(opened);
    parts.updated_at = from.timestamp("updated_at");
    Ok(parts)
}

pub(super) fn export_entry(parts: &EntryParts) -> Result<Exported, Refusal> {
    let mut to = Writer::new(&TRANSACTIONS);
    to.put("id", parts.id);
    to.put("account_id", parts.account.as_uuid());
    to.put("amount", signed(parts)?);
    to.say("type", PROFILE.transaction_kind(), parts.kind)?;
    to.put("description", parts.description.as_ref().map(Text::as_str));
    to.put("category", parts.category.as_ref().map(Text::as_str));
    to.say("status", PROFILE.transaction_status(), parts.state)?;
    to.put("reference", parts.reference.as_ref().map(Reference::as_str));
    let pairs: serde_json::Map<String, serde_json::Value> =
        parts.metadata.iter().map(|(key, value)| (key.to_owned(), value.into())).collect();
    to.put("metadata", (!pairs.is_empty()).then_some(serde_json::Value::Object(pairs)));
    to.put("created_at", parts.posted_at);
    // Tags stand in the document of its metadata.
    parts.losses(&mut to, &["description", "reference", "metadata", "category", "tags"]);
    to.finish()
}

pub(super) fn import_entry(
    row: &Row,
    currency: Currency,
    moment: Moment,
) -> Result<EntryParts, Refusal> {
    let from = Reader::new(&TRANSACTIONS, row, moment.now)?;
    let account = AccountId::from_uuid(from.uuid_of("account_id")?);
    money::sayable(currency)?;
    let moved = unsigned(from.decimal_of("amount")?, currency)?;
    let kind = from.state_of("type", PROFILE.transaction_kind())?;
    let at = from.timestamp("created_at").unwrap_or(moment.now);
    let mut parts = EntryParts::new(from.uuid_of("id")?, account, moved, kind, at);
    parts.description = from.parse("description", Text::new)?;
    parts.category = from.parse("category", Text::new)?;
    let state = from.state("status", PROFILE.transaction_status())?;
    parts.state = state.unwrap_or(PostingState::Pending);
    parts.reference = from.parse("reference", Reference::new)?;
    parts.metadata = match from.json("metadata") {
        None => Metadata::default(),
        Some(json) => serde_json::from_value(json)
            .map_err(|_| from.malformed("metadata", "metadata_malformed"))?,
    };
    Ok(parts)
}
