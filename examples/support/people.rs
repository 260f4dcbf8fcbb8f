//! The people of the Berka data move in: branches, customers, accounts, owners and mandates.

use std::collections::BTreeSet;

use corebank::account::{Mandate, NewCustomerAccount, Ownership};
use corebank::bank::{Bank, Context, MAX_PEOPLE, Onboarding, Rules};
use corebank::id::ProductId;
use corebank::kyc::{KycPolicies, KycPolicy};
use corebank::ledger::{ChartCode, FloorPolicy, Text};
use corebank::money::Currency;
use corebank::party::{self, Branch, Gender, NewCustomer, PersonName, Required, WholeName};
use corebank::product::{AccountType, NewProduct, ProductCode, Terms};

use super::berka::Berka;
use super::measure::Stopwatch;
use super::movement::id;
use super::{DEPOSITS, Failure};

/// The overdraft of the accounts that the bank let go below zero: CZK 6,000.00.
const OVERDRAFT: i64 = 6_000_00;
const GIRO: ProductId = ProductId::from_u128(0x6_0000);

/// The customers of a bank that is taken over were checked by it: no documents, no approval. There
/// are children among them, and neither names nor addresses.
pub(crate) fn rules() -> Rules {
    let party = party::Rules::default().with_min_age(0).with_required(Required::default());
    let known = KycPolicies { person: KycPolicy::none(), organisation: KycPolicy::none() };
    Rules::default().with_party(party).with_kyc(known).with_onboarding(Onboarding::AtOnce)
}

/// Whether all are there that the data has.
pub(crate) async fn move_in(bank: &Bank, context: &Context, data: &Berka) -> Result<bool, Failure> {
    for (number, name) in &data.districts {
        let branch = Branch::new(id::district(*number), WholeName::new(name)?);
        let _ = bank.define_branch(context, branch).await?;
    }
    let terms = Terms::new(ChartCode::new(DEPOSITS)?, Currency::CZK);
    let code = ProductCode::new("giro").ok_or("no code of a product")?;
    let giro = NewProduct::new(code, Text::new("Giro")?, AccountType::Checking, terms);
    let _ = bank.define_product(context, &giro.with_id(GIRO)).await?;
    let customers = register(bank, context, data).await?;
    let (accounts, joint) = open(bank, context, data).await?;
    println!("{customers} customers, {accounts} accounts, {joint} of them joint with a mandate");
    Ok((customers, accounts, joint) == (5_369, 4_500, 869))
}

async fn register(bank: &Bank, context: &Context, data: &Berka) -> Result<usize, Failure> {
    let watch = Stopwatch::start();
    let mut new = Vec::with_capacity(data.clients.len());
    for (number, client) in &data.clients {
        let name = PersonName::Full(WholeName::new(&format!("Client {number}"))?);
        let gender = if client.female { Gender::Female } else { Gender::Male };
        let customer = NewCustomer::person(name).with_id(id::client(*number));
        new.push(customer.with_date_of_birth(client.born).with_gender(gender));
    }
    let (mut there, mut known) = (0_usize, 0_usize);
    for chunk in new.chunks(MAX_PEOPLE) {
        let registered = bank.register_customers(context, chunk.to_vec()).await?;
        there = there.saturating_add(registered.len());
        known = known.saturating_add(registered.iter().filter(|one| one.is_replayed()).count());
    }
    println!("{there} customers registered, {known} were there: {}", watch.stop(there));
    Ok(there)
}

/// Opens every account of `account.asc`. Only those that the bank let go below zero may do so
/// here; that the others never try is part of what the import shows.
async fn open(bank: &Bank, context: &Context, data: &Berka) -> Result<(usize, usize), Failure> {
    let negative = data.rows.iter().filter(|row| row.balance.is_negative());
    let overdrawn: BTreeSet<u32> = negative.map(|row| row.account).collect();
    let mut joint = 0_usize;
    let mut new = Vec::with_capacity(data.accounts.len());
    for (number, account) in &data.accounts {
        let owner = id::client(account.owner);
        let ownership = match account.second {
            Some(second) => {
                joint = joint.saturating_add(1);
                Ownership::joint(owner, id::client(second), Mandate::Either)
            }
            None => Ownership::individual(owner),
        };
        let opened = NewCustomerAccount::new(GIRO, Currency::CZK, ownership)
            .with_id(id::account(*number))
            .with_branch(id::district(account.district));
        new.push(match overdrawn.contains(number) {
            true => opened.with_floor(FloorPolicy::Overdraft(OVERDRAFT)),
            false => opened,
        });
    }
    let watch = Stopwatch::start();
    let (mut there, mut known) = (0_usize, 0_usize);
    for chunk in new.chunks(MAX_PEOPLE) {
        let opened = bank.open_customer_accounts(context, chunk).await?;
        there = there.saturating_add(opened.len());
        known = known.saturating_add(opened.iter().filter(|one| one.is_replayed()).count());
    }
    let (took, overdrawn) = (watch.stop(there), overdrawn.len());
    println!("{there} accounts opened, {known} were there, {overdrawn} with an overdraft: {took}");
    Ok((there, joint))
}
