//! Document 000: six plain tables. It knows no statuses of customers, no currency (USD), and no
//! status of transactions (all are posted). Amounts are signed as the customer sees them: what came
//! in is positive (C07). A second line of an address without a first one reads as the first.

use super::account::{AccountParts, owner};
use super::customer::{self, CustomerParts, address, filled, put_name};
use super::export::{Exported, Reader, Writer};
use super::tables::s0::{ACCOUNT, CUSTOMER, TRANSACTION, TRANSFER_METADATA};
use super::transaction::{EntryParts, PostingState, signed, unsigned};
use super::transfer::LinkParts;
use super::{Profile, Refusal, Row, money};
use crate::id::{AccountId, CustomerId};
use crate::ledger::facts::Moment;
use crate::ledger::{Channel, Text};
use crate::money::Currency;
use crate::party::{Address, Email, Line, Phone, PostalCode, Region};
use crate::time::Timestamp;

const PROFILE: Profile = Profile::S0;

pub(super) fn export_customer(parts: &CustomerParts) -> Result<Exported, Refusal> {
    let who = &parts.customer;
    let mut to = Writer::new(&CUSTOMER);
    to.put("customer_id", who.id.as_uuid());
    put_name(&mut to, who, false)?;
    to.put("email", who.email.as_ref().map(Email::as_str));
    to.put("phone", who.phone.as_ref().map(Phone::as_str));
    let none = Address::default();
    let at = who.address.as_ref().unwrap_or(&none);
    let mut lines = at.lines.iter().map(Line::as_str);
    to.put("address_line1", lines.next());
    to.put("address_line2", lines.next());
    to.left_out(lines.next().is_some(), "address.lines");
    to.put("city", at.city.as_ref().map(|one| one.as_str()));
    to.put("state", at.region.as_ref().map(Region::as_str));
    to.put("zip_code", at.postal_code.as_ref().map(PostalCode::as_str));
    to.put("created_at", who.created_at);
    to.put("updated_at", who.updated_at);
    let said = ["phone", "address.lines", "address.city", "address.region", "address.postal_code"];
    customer::losses(&mut to, parts, &said);
    to.finish()
}

pub(super) fn import_customer(row: &Row, moment: Moment) -> Result<CustomerParts, Refusal> {
    let from = Reader::new(&CUSTOMER, row, moment.now)?;
    let id = CustomerId::from_uuid(from.uuid_of("customer_id")?);
    let times = (from.timestamp("created_at"), from.timestamp("updated_at"));
    let name = customer::name(&from)?;
    let mut parts = CustomerParts::read(PROFILE, id, name, times, moment);
    let who = &mut parts.customer;
    who.email = from.parse("email", Email::new)?;
    who.phone = from.parse("phone", Phone::new)?;
    let lines = [from.parse("address_line1", Line::new)?, from.parse("address_line2", Line::new)?];
    let mut at = address(&from, lines)?;
    at.region = from.parse("state", Region::new)?;
    at.postal_code = from.parse("zip_code", PostalCode::new)?;
    who.address = filled(at);
    Ok(parts)
}

pub(super) fn export_account(parts: &AccountParts) -> Result<Exported, Refusal> {
    money::only_usd(parts.currency)?;
    let mut to = Writer::new(&ACCOUNT);
    to.put("account_id", parts.id.as_uuid());
    to.put("customer_id", owner(parts)?.as_uuid());
    to.say("account_type", PROFILE.account_type(), parts.kind)?;
    to.put("balance", money::opt_decimal(parts.ledger)?);
    to.say("status", PROFILE.account_status(), parts.status)?;
    to.put("opened_at", parts.opened_on);
    to.put("closed_at", parts.closed_on);
    parts.losses(&mut to, &["ledger"]);
    to.finish()
}

pub(super) fn import_account(row: &Row, moment: Moment) -> Result<AccountParts, Refusal> {
    let from = Reader::new(&ACCOUNT, row, moment.now)?;
    let (id, owner) = (from.uuid_of("account_id")?, from.uuid_of("customer_id")?);
    let kind = from.state_of("account_type", PROFILE.account_type())?;
    let opened_on = from.date_of("opened_at")?;
    let owner = CustomerId::from_uuid(owner);
    let mut parts = AccountParts::individual(AccountId::from_uuid(id), kind, owner, opened_on);
    parts.status = from.state_of("status", PROFILE.account_status())?;
    parts.closed_on = from.date("closed_at");
    parts.ledger =
        from.decimal("balance").map(|one| money::money(one, Currency::USD)).transpose()?;
    Ok(parts)
}

pub(super) fn export_entry(parts: &EntryParts) -> Result<Exported, Refusal> {
    money::only_usd(parts.money.currency())?;
    // What was reversed stands in the books all the same.
    if !matches!(parts.state, PostingState::Posted | PostingState::Reversed) {
        let (what, state) = ("transaction status", parts.state.code().to_owned());
        return Err(Refusal::StateUnsayable { what, state, possible: "posted".to_owned() });
    }
    let mut to = Writer::new(&TRANSACTION);
    to.put("transaction_id", parts.id);
    to.put("account_id", parts.account.as_uuid());
    to.put("amount", signed(parts)?);
    to.say("transaction_type", PROFILE.transaction_kind(), parts.kind)?;
    to.put("description", parts.description.as_ref().map(Text::as_str));
    to.put("created_at", parts.posted_at);
    to.left_out(parts.state == PostingState::Reversed, "state");
    parts.losses(&mut to, &["description"]);
    to.finish()
}

pub(super) fn import_entry(row: &Row, moment: Moment) -> Result<EntryParts, Refusal> {
    let from = Reader::new(&TRANSACTION, row, moment.now)?;
    let account = AccountId::from_uuid(from.uuid_of("account_id")?);
    let (side, money) = unsigned(from.decimal_of("amount")?, Currency::USD)?;
    let kind = from.state_of("transaction_type", PROFILE.transaction_kind())?;
    let at = from.timestamp_of("created_at")?;
    let mut parts =
        EntryParts::new(from.uuid_of("transaction_id")?, account, (side, money), kind, at);
    parts.description = from.parse("description", Text::new)?;
    parts.channel = Channel::SYSTEM;
    Ok(parts)
}

pub(super) fn export_link(parts: &LinkParts) -> Result<Exported, Refusal> {
    let mut to = Writer::new(&TRANSFER_METADATA);
    to.put("transfer_id", parts.id);
    to.put("from_transaction_id", parts.from);
    to.put("to_transaction_id", parts.to);
    to.put("initiated_at", parts.initiated_at);
    to.put("completed_at", parts.completed_at);
    to.finish()
}

pub(super) fn import_link(row: &Row, now: Timestamp) -> Result<LinkParts, Refusal> {
    let from = Reader::new(&TRANSFER_METADATA, row, now)?;
    let (id, initiated_at) = (from.uuid_of("transfer_id")?, from.timestamp_of("initiated_at")?);
    let (one, two) = (from.uuid_of("from_transaction_id")?, from.uuid_of("to_transaction_id")?);
    if one == two {
        let (table, rule) = (TRANSFER_METADATA.name, "S0-009");
        return Err(Refusal::ConstraintBroken { table, rule });
    }
    let completed_at = from.timestamp("completed_at");
    Ok(LinkParts { id, from: one, to: two, initiated_at, completed_at })
}
