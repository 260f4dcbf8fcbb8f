//! 001 `accounts`: three balances, terms that are told, two owners at most.

use rust_decimal::Decimal;

use crate::account::{AccountNumber, NumberScheme, Ownership, OwnershipKind, Role};
use crate::id::{AccountId, CustomerId};
use crate::ledger::Text;
use crate::ledger::facts::Moment;
use crate::money::{Currency, Money};
use crate::product::{AccountType, Percent3};
use crate::profile::account::AccountParts;
use crate::profile::export::{Exported, Reader, Writer};
use crate::profile::tables::s1::ACCOUNTS;
use crate::profile::{Profile, Refusal, Row, money};

const PROFILE: Profile = Profile::S1;

const SAID: &[&str] = &[
    "number",
    "subtype",
    "created_at",
    "updated_at",
    "opened_on",
    "closed_on",
    "ledger",
    "available",
    "pending",
    "credit_limit",
    "interest_rate",
    "annual_percentage_rate",
    "minimum_balance",
    "cover",
];

const fn broken(rule: &'static str) -> Refusal {
    Refusal::ConstraintBroken { table: "accounts", rule }
}

/// S1-077: only a credit card stands below zero.
const fn judge_balance(kind: AccountType, ledger: Option<Money>) -> Result<(), Refusal> {
    match (kind, ledger) {
        (AccountType::CreditCard, _) | (_, None) => Ok(()),
        (_, Some(money)) if money.is_negative() => Err(broken("S1-077")),
        _ => Ok(()),
    }
}

/// S1-083: sixteen to twenty letters and digits.
fn judge_number(number: Option<&AccountNumber>) -> Result<(), Refusal> {
    match number {
        Some(number) if !NumberScheme::Strict16to20.fits(number) => Err(broken("S1-083")),
        _ => Ok(()),
    }
}

pub(in crate::profile) fn export(parts: &AccountParts) -> Result<Exported, Refusal> {
    money::only_usd(parts.currency)?;
    let ownership = &parts.ownership;
    let kind = ownership.kind.code();
    let of = |role| ownership.parties.iter().filter(move |one| one.role == role);
    let primary = ownership.primary().ok_or(Refusal::OwnershipUnsayable { kind })?;
    let mut seconds = of(Role::Secondary).map(|one| one.customer.as_uuid());
    let second = seconds.next();
    // S1-078: a second owner is there if the account is joint, and there is one at most.
    let joint = ownership.kind == OwnershipKind::Joint;
    if second.is_some() != joint || seconds.next().is_some() {
        return Err(Refusal::OwnershipUnsayable { kind });
    }
    judge_balance(parts.kind, parts.ledger)?;
    judge_number(parts.number.as_ref())?;
    let mut to = Writer::new(&ACCOUNTS);
    to.put("account_id", parts.id.as_uuid());
    to.put("customer_id", primary.as_uuid());
    to.put("account_number", parts.number.as_ref().map(AccountNumber::as_str));
    to.say("account_type", PROFILE.account_type(), parts.kind)?;
    to.put("account_subtype", parts.subtype.as_ref().map(Text::as_str));
    to.put("balance", money::opt_decimal(parts.ledger)?);
    to.put("available_balance", money::opt_decimal(parts.available)?);
    to.put("pending_balance", money::opt_decimal(parts.pending)?);
    to.put("credit_limit", money::opt_decimal(parts.credit_limit)?);
    to.put("interest_rate", parts.interest_rate.map(percent));
    to.put("annual_percentage_rate", parts.annual_percentage_rate.map(percent));
    to.put("minimum_balance", money::opt_decimal(parts.minimum_balance)?);
    to.put("overdraft_protection", parts.overdraft_protection);
    to.put("primary_owner", primary.as_uuid());
    to.put("secondary_owner", second);
    to.say("ownership_type", PROFILE.ownership(), ownership.kind)?;
    to.say("status", PROFILE.account_status(), parts.status)?;
    to.put("opened_date", parts.opened_on);
    to.put("closed_date", parts.closed_on);
    to.put("created_at", parts.created_at);
    to.put("updated_at", parts.updated_at);
    parts.losses(&mut to, SAID);
    to.finish()
}

pub(in crate::profile) fn import(row: &Row, moment: Moment) -> Result<AccountParts, Refusal> {
    let from = Reader::new(&ACCOUNTS, row, moment.now)?;
    let (id, owner) = (from.uuid_of("account_id")?, from.uuid_of("primary_owner")?);
    let kind = from.state_of("account_type", PROFILE.account_type())?;
    let owner_id = CustomerId::from_uuid(owner);
    let opened_on = from.date_of("opened_date")?;
    let mut parts = AccountParts::individual(AccountId::from_uuid(id), kind, owner_id, opened_on);
    // S1-080: the customer of the account is its primary owner.
    if from.uuid_of("customer_id")? != owner {
        return Err(broken("S1-080"));
    }
    parts.ownership = ownership(&from, owner_id)?;
    parts.number = from.parse("account_number", AccountNumber::new)?;
    judge_number(parts.number.as_ref())?;
    parts.subtype = from.parse("account_subtype", Text::new)?;
    let amount =
        |column| from.decimal(column).map(|number| money::money(number, Currency::USD)).transpose();
    parts.ledger = amount("balance")?;
    judge_balance(kind, parts.ledger)?;
    parts.available = amount("available_balance")?;
    parts.pending = amount("pending_balance")?;
    parts.credit_limit = amount("credit_limit")?;
    parts.minimum_balance = amount("minimum_balance")?;
    parts.interest_rate = rate(&from, "interest_rate")?;
    parts.annual_percentage_rate = rate(&from, "annual_percentage_rate")?;
    parts.overdraft_protection = from.flag("overdraft_protection").unwrap_or_default();
    let status = from.state("status", PROFILE.account_status())?;
    parts.status = status.unwrap_or(parts.status);
    parts.closed_on = from.date("closed_date");
    parts.created_at = from.timestamp("created_at");
    parts.updated_at = from.timestamp("updated_at");
    Ok(parts)
}

/// S1-078, without its two holes: a kind of NULL, which the check lets pass, and one person as both
/// owners.
fn ownership(from: &Reader, owner: CustomerId) -> Result<Ownership, Refusal> {
    let kind = from.state("ownership_type", PROFILE.ownership())?.ok_or(broken("S1-078"))?;
    let second = from.uuid("secondary_owner").map(CustomerId::from_uuid);
    let ownership = Ownership::of(kind, owner);
    match (kind, second) {
        (OwnershipKind::Joint, Some(second)) if second != owner => {
            Ok(ownership.with_party(second, Role::Secondary))
        }
        (OwnershipKind::Joint, _) | (_, Some(_)) => Err(broken("S1-078")),
        (_, None) => Ok(ownership),
    }
}

/// A rate in per cent.
fn percent(rate: Percent3) -> Decimal {
    Decimal::new(i64::from(rate.thousandths()), 3)
}

fn rate(from: &Reader, column: &'static str) -> Result<Option<Percent3>, Refusal> {
    let Some(number) = from.decimal(column) else { return Ok(None) };
    let mut thousandths = number;
    thousandths.rescale(3);
    let rate = u32::try_from(thousandths.mantissa()).ok().and_then(Percent3::new);
    rate.map(Some).ok_or_else(|| from.malformed(column, "rate_out_of_range"))
}
