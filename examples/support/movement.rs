//! A movement of the Berka data as a transaction, with ids that follow from the data.

use std::collections::BTreeMap;

use corebank::bank::Order;
use corebank::id::AccountId;
use corebank::ledger::{Kind, NewTransaction, Reference, Text};

use super::Failure;
use super::berka::{Berka, Meaning, Row, Statements};

/// Ids that follow from the data, so that a second run repeats the first instead of adding to it.
pub(crate) mod id {
    use corebank::id::{AccountId, BranchId, CustomerId, TransactionId};
    use uuid::Uuid;

    const fn numbered(namespace: u64, number: u32) -> Uuid {
        Uuid::from_u64_pair(namespace, number as u64)
    }

    pub(crate) const fn account(number: u32) -> AccountId {
        AccountId::from_uuid(numbered(1, number))
    }

    pub(crate) const fn own_account(number: u32) -> AccountId {
        AccountId::from_uuid(numbered(2, number))
    }

    pub(crate) const fn transaction(number: u32) -> TransactionId {
        TransactionId::from_uuid(numbered(3, number))
    }

    pub(crate) const fn client(number: u32) -> CustomerId {
        CustomerId::from_uuid(numbered(4, number))
    }

    pub(crate) const fn district(number: u32) -> BranchId {
        BranchId::from_uuid(numbered(5, number))
    }
}

/// A movement as an order: on the word of the owner, or of the bank where it is the bank's doing.
pub(crate) fn order(
    row: &Row,
    data: &Berka,
    own: &BTreeMap<String, AccountId>,
) -> Result<Order, Failure> {
    let order = Order::of(transaction(row, data, own)?);
    let owner = data.accounts.get(&row.account).ok_or("a movement without account")?.owner;
    Ok(match row.meaning {
        Meaning::Interest | Meaning::StatementFee | Meaning::PenaltyInterest => order.by_bank(),
        _ => order.signed_by(id::client(owner)),
    })
}

/// A movement as a transaction: the printed amount against the account that gives it its meaning
/// and, if the bank's arithmetic differs from what it printed, the rest against rounding.
fn transaction(
    row: &Row,
    data: &Berka,
    own: &BTreeMap<String, AccountId>,
) -> Result<NewTransaction, Failure> {
    let account = |code: &str| own.get(code).copied().ok_or_else(|| format!("no account {code}"));
    let customer = id::account(row.account);
    let contra = account(&contra_code(row, data)?)?;
    let mut transaction = NewTransaction::new(kind(row.meaning)?)
        .with_id(id::transaction(row.id))
        .with_booking_date(row.date)
        .with_description(Text::new(&description(row))?);
    if let Some(partner) = &row.partner {
        let reference = format!("{}/{}", partner.bank, partner.account);
        transaction = transaction.with_reference(Reference::new(&reference)?);
    }
    let rounding = account(if row.adjustment.is_negative() { "4900" } else { "5900" })?;
    for (money, against) in [(row.amount, contra), (row.adjustment, rounding)] {
        if money.is_positive() {
            transaction = transaction.debit(against, money).credit(customer, money);
        } else if money.is_negative() {
            let money = money.checked_neg()?;
            transaction = transaction.debit(customer, money).credit(against, money);
        }
    }
    Ok(transaction)
}

fn contra_code(row: &Row, data: &Berka) -> Result<String, Failure> {
    let code = match row.meaning {
        Meaning::CashPaidIn | Meaning::CashPaidOut => "1000",
        Meaning::CashMachine => "1190",
        Meaning::TransferIn | Meaning::TransferOut => {
            let partner = row.partner.as_ref().ok_or("a transfer without partner bank")?;
            return Ok(clearing_code(&partner.bank));
        }
        Meaning::Interest => "5100",
        Meaning::PenaltyInterest => "4200",
        Meaning::StatementFee => {
            let account = data.accounts.get(&row.account).ok_or("a movement without account")?;
            match account.statements {
                Statements::Monthly => "4110",
                Statements::Weekly => "4120",
                Statements::PerTransaction => "4130",
            }
        }
    };
    Ok(code.to_owned())
}

fn kind(meaning: Meaning) -> Result<Kind, Failure> {
    Ok(match meaning {
        Meaning::CashPaidIn => Kind::DEPOSIT,
        Meaning::CashPaidOut => Kind::WITHDRAWAL,
        Meaning::CashMachine => Kind::new("card_withdrawal")?,
        Meaning::TransferIn => Kind::TRANSFER,
        Meaning::TransferOut => Kind::PAYMENT,
        Meaning::Interest => Kind::INTEREST,
        Meaning::StatementFee => Kind::FEE,
        Meaning::PenaltyInterest => Kind::new("penalty_interest")?,
    })
}

fn description(row: &Row) -> String {
    let what = match (row.meaning, row.purpose.as_str()) {
        (Meaning::CashPaidIn, _) => "Cash paid in",
        (Meaning::CashPaidOut, "SIPO") => "Household payment in cash",
        (Meaning::CashPaidOut, _) => "Cash withdrawal",
        (Meaning::CashMachine, _) => "Cash withdrawal by card",
        (Meaning::TransferIn, "DUCHOD") => "Pension",
        (Meaning::TransferIn, _) => "Transfer received",
        (Meaning::TransferOut, "SIPO") => "Household payment",
        (Meaning::TransferOut, "POJISTNE") => "Insurance premium",
        (Meaning::TransferOut, "UVER") => "Loan payment",
        (Meaning::TransferOut, _) => "Transfer",
        (Meaning::Interest, _) => "Interest",
        (Meaning::StatementFee, _) => "Fee for statement",
        (Meaning::PenaltyInterest, _) => "Penalty interest",
    };
    match &row.partner {
        Some(partner) => format!("{what}, {}/{}", partner.bank, partner.account),
        None => what.to_owned(),
    }
}

pub(crate) fn clearing_code(partner: &str) -> String {
    format!("1100.{partner}")
}
