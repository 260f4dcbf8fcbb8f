//! Reads the files of the Berka data: see its README for what each column means.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::error::Error;
use std::path::Path;

use chrono::NaiveDate;
use corebank::money::{Currency, Money};

/// The files that the import reads; there is no place for cards and loans yet.
const FILES: [&str; 6] =
    ["account.asc", "client.asc", "disp.asc", "district.asc", "order.asc", "trans.csv"];

type Failure = Box<dyn Error + Send + Sync>;

/// The data as far as a bank needs it.
pub(crate) struct Berka {
    pub(crate) clients: BTreeMap<u32, Client>,
    /// Districts by number, with their names: the branches of the bank.
    pub(crate) districts: BTreeMap<u32, String>,
    pub(crate) accounts: BTreeMap<u32, Account>,
    pub(crate) orders: HashSet<Order>,
    /// In the order in which they are to be posted.
    pub(crate) rows: Vec<Row>,
}

/// A client. The data is anonymous: there are no names.
pub(crate) struct Client {
    pub(crate) born: NaiveDate,
    pub(crate) female: bool,
}

/// An account, with the client who owns it and perhaps another who may use it.
pub(crate) struct Account {
    pub(crate) district: u32,
    pub(crate) owner: u32,
    pub(crate) second: Option<u32>,
    pub(crate) statements: Statements,
}

/// How often an account has a statement, which decides what the statement costs.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Statements {
    Monthly,
    Weekly,
    PerTransaction,
}

/// What a standing order moves: account, partner bank, partner account, minor units.
pub(crate) type Order = (u32, String, String, i64);

/// A movement.
pub(crate) struct Row {
    pub(crate) account: u32,
    pub(crate) id: u32,
    pub(crate) date: NaiveDate,
    pub(crate) meaning: Meaning,
    /// Positive for a credit to the customer.
    pub(crate) amount: Money,
    /// What the bank's arithmetic differs by from what it printed.
    pub(crate) adjustment: Money,
    /// The bank's own balance after the movement.
    pub(crate) balance: Money,
    pub(crate) partner: Option<Partner>,
    /// `UVER`, `SIPO` and the like.
    pub(crate) purpose: String,
}

/// The other side of a transfer.
pub(crate) struct Partner {
    pub(crate) bank: String,
    pub(crate) account: String,
}

/// What a movement was.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Meaning {
    CashPaidIn,
    CashPaidOut,
    CashMachine,
    TransferIn,
    TransferOut,
    Interest,
    StatementFee,
    PenaltyInterest,
}

impl Meaning {
    fn new(operation: &str, purpose: &str) -> Option<Self> {
        Some(match (operation, purpose) {
            ("VKLAD", _) => Self::CashPaidIn,
            ("VYBER", "SLUZBY") => Self::StatementFee,
            ("VYBER", "SANKC. UROK") => Self::PenaltyInterest,
            ("VYBER", _) => Self::CashPaidOut,
            ("VYBER KARTOU", _) => Self::CashMachine,
            ("PREVOD Z UCTU", _) => Self::TransferIn,
            ("PREVOD NA UCET", _) => Self::TransferOut,
            ("", "UROK") => Self::Interest,
            _ => return None,
        })
    }
}

impl Berka {
    /// Reads a directory.
    pub(crate) fn read(directory: &Path) -> Result<Self, Failure> {
        if !directory.is_dir() {
            return Err(format!("{} is not a directory", directory.display()).into());
        }
        let missing = FILES.iter().filter(|file| !directory.join(file).is_file());
        let missing: Vec<&str> = missing.copied().collect();
        if !missing.is_empty() {
            let missing = missing.join(", ");
            return Err(format!("missing in {}: {missing}", directory.display()).into());
        }
        let parties = read(directory, "disp.asc", ';', party)?;
        let of = |owner: bool| -> HashMap<u32, u32> {
            let some = parties.iter().filter(|party| party.2 == owner);
            some.map(|(account, client, _)| (*account, *client)).collect()
        };
        let owners = (of(true), of(false));
        let accounts = read(directory, "account.asc", ';', |fields| account(fields, &owners))?;
        Ok(Self {
            clients: read(directory, "client.asc", ';', client)?.into_iter().collect(),
            districts: read(directory, "district.asc", ';', district)?.into_iter().collect(),
            accounts: accounts.into_iter().collect(),
            orders: read(directory, "order.asc", ';', order)?.into_iter().collect(),
            rows: read(directory, "trans.csv", ',', row)?,
        })
    }
}

/// Reads a file whose first line names the columns. No field holds its separator or a quote.
fn read<T>(
    directory: &Path,
    file: &str,
    separator: char,
    parse: impl Fn(&[&str]) -> Result<T, Failure>,
) -> Result<Vec<T>, Failure> {
    let text = std::fs::read_to_string(directory.join(file))?;
    let lines = text.lines().zip(1_u32..).skip(1).filter(|(line, _)| !line.is_empty());
    let rows = lines.map(|(line, number)| {
        let fields = line.split(separator).map(|field| field.trim_matches('"'));
        parse(&fields.collect::<Vec<_>>()).map_err(|why| format!("{file}:{number}: {why}").into())
    });
    rows.collect()
}

fn columns<'a, const N: usize>(fields: &[&'a str]) -> Result<[&'a str; N], Failure> {
    fields.try_into().map_err(|_| format!("{} columns instead of {N}", fields.len()).into())
}

fn money(text: &str) -> Result<Money, Failure> {
    Ok(Money::parse(text, Currency::CZK)?)
}

/// Account, client, and whether it is the owner. The other role is DISPONENT: somebody who may use
/// the account too.
fn party(fields: &[&str]) -> Result<(u32, u32, bool), Failure> {
    let [_, client, account, role] = columns(fields)?;
    Ok((account.parse()?, client.parse()?, role == "OWNER"))
}

/// The number of birth is `YYMMDD`; the months of women have 50 more.
fn client(fields: &[&str]) -> Result<(u32, Client), Failure> {
    let [id, birth, _] = columns(fields)?;
    let birth: u32 = birth.parse()?;
    let (year, month, day) = (birth / 10_000, birth / 100 % 100, birth % 100);
    let female = month > 50;
    let month = if female { month - 50 } else { month };
    let born = NaiveDate::from_ymd_opt(1900 + i32::try_from(year)?, month, day);
    Ok((id.parse()?, Client { born: born.ok_or("no such day of birth")?, female }))
}

fn district(fields: &[&str]) -> Result<(u32, String), Failure> {
    let [id, name, ..] = fields else { return Err("too few columns".into()) };
    Ok((id.parse()?, (*name).to_owned()))
}

type Parties = (HashMap<u32, u32>, HashMap<u32, u32>);

fn account(fields: &[&str], parties: &Parties) -> Result<(u32, Account), Failure> {
    let (owners, seconds) = parties;
    let [id, district, frequency, _] = columns(fields)?;
    let statements = match frequency {
        "POPLATEK MESICNE" => Statements::Monthly,
        "POPLATEK TYDNE" => Statements::Weekly,
        "POPLATEK PO OBRATU" => Statements::PerTransaction,
        other => return Err(format!("unknown statement frequency {other}").into()),
    };
    let id: u32 = id.parse()?;
    let owner = *owners.get(&id).ok_or_else(|| format!("account {id} has no owner"))?;
    let second = seconds.get(&id).copied();
    Ok((id, Account { district: district.parse()?, owner, second, statements }))
}

fn order(fields: &[&str]) -> Result<Order, Failure> {
    let [_, account, bank, partner, amount, _] = columns(fields)?;
    Ok((account.parse()?, bank.to_owned(), partner.to_owned(), money(amount)?.minor()))
}

fn row(fields: &[&str]) -> Result<Row, Failure> {
    let [
        account,
        _seq,
        id,
        date,
        _type,
        operation,
        purpose,
        _amount,
        signed_amount,
        balance,
        adjustment,
        bank,
        partner,
    ] = columns(fields)?;
    let unknown = || format!("unknown movement {operation}, {purpose}");
    let partner =
        (!bank.is_empty()).then(|| Partner { bank: bank.into(), account: partner.into() });
    Ok(Row {
        account: account.parse()?,
        id: id.parse()?,
        date: date.parse()?,
        meaning: Meaning::new(operation, purpose).ok_or_else(unknown)?,
        amount: money(signed_amount)?,
        adjustment: money(adjustment)?,
        balance: money(balance)?,
        partner,
        purpose: purpose.to_owned(),
    })
}
