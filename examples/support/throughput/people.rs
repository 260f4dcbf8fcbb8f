//! Customers with an account each, moved in in bulk.

use std::time::Instant;

use corebank::account::NewCustomerAccount;
use corebank::bank::{Bank, Context, CustomerSearch, MAX_PEOPLE, Onboarding, Rules};
use corebank::id::{AccountId, CustomerId, ProductId};
use corebank::kyc::{KycPolicies, KycPolicy};
use corebank::ledger::{AccountClass, ChartCode, ChartNode, FloorPolicy, Side, Text, Window};
use corebank::money::Currency;
use corebank::party::{self, Email, NewCustomer, PartOfName, PersonName, Required};
use corebank::product::{AccountType, NewProduct, ProductCode, Terms, WindowLimit};

use super::options::Options;
use super::vault::Vault;
use super::{Result, machine};

const GIRO: ProductId = ProductId::from_u128(0x6_0000);

/// Customers are taken over from elsewhere: no documents, no approval; the gate is asked all the
/// same.
pub(crate) fn rules() -> Rules {
    let party = party::Rules::default().with_min_age(0).with_required(Required::default());
    let known = KycPolicies { person: KycPolicy::none(), organisation: KycPolicy::none() };
    Rules::default().with_party(party).with_kyc(known).with_onboarding(Onboarding::AtOnce)
}

/// A customer's account has the id of the customer with another first bit.
pub(crate) const fn owner_of(account: AccountId) -> CustomerId {
    CustomerId::from_u128(account.as_u128() ^ (1 << 127))
}

pub(crate) async fn move_in(
    bank: &Bank,
    options: &Options,
    vault: &Vault,
) -> Result<Vec<AccountId>> {
    let me = Context::system("throughput")?;
    let deposits = ChartCode::new("2100")?;
    let node = ChartNode::new(deposits, AccountClass::Liability, None, Text::new("Deposits")?);
    let _ = bank.define_chart(&me, &[node]).await?;
    let far = FloorPolicy::Overdraft(i64::MAX / 2);
    let mut terms = Terms::new(deposits, Currency::USD).with_floor(far).with_bounds(1, i64::MAX);
    if options.limit {
        let amount = Some(i64::MAX / 2);
        let (side, window) = (Side::Debit, Window::Day);
        terms = terms.with_limit(WindowLimit { side, window, amount, count: None });
    }
    let code = ProductCode::new("giro").ok_or("no code of a product")?;
    let giro = NewProduct::new(code, Text::new("Giro")?, AccountType::Checking, terms);
    let _ = bank.define_product(&me, &giro.with_id(GIRO)).await?;
    let _ = bank.apply_product_limits(&me, GIRO).await?;

    let (bytes, rss, begun) = (vault.bytes().await?, machine::rss_bytes(), Instant::now());
    let mut accounts = Vec::with_capacity(options.accounts);
    while accounts.len() < options.accounts {
        let size = (options.accounts - accounts.len()).min(MAX_PEOPLE);
        let ids = accounts.len()..accounts.len() + size;
        let (mut customers, mut opened) = (Vec::with_capacity(size), Vec::with_capacity(size));
        for number in ids {
            let id = CustomerId::from_u128(number as u128 + 1);
            let last = format!("Number{number}");
            let name = PersonName::of(PartOfName::new("Customer")?, PartOfName::new(&last)?);
            let mail = Email::new(&format!("customer{number}@example.com"))?;
            customers.push(NewCustomer::person(name).with_id(id).with_email(mail));
            let account = AccountId::from_u128(id.as_u128() ^ (1 << 127));
            let new = NewCustomerAccount::individual(GIRO, Currency::USD, id);
            opened.push(new.with_id(account));
            accounts.push(account);
        }
        let _ = bank.register_customers(&me, customers).await?;
        let _ = bank.open_customer_accounts(&me, &opened).await?;
    }
    let (took, count) = (begun.elapsed().as_secs_f64(), accounts.len() as f64);
    let grown = machine::rss_bytes().saturating_sub(rss) as f64 / count;
    let disk = vault.bytes().await?.saturating_sub(bytes) as f64 / count;
    eprintln!(
        "{count} customers with an account each: {took:.1} s, {:.0} a second, {grown:.0} bytes of \
         memory and {disk:.0} bytes of disk each",
        count / took
    );
    let begun = Instant::now();
    let looks = 1_000_u64;
    for at in 0..looks {
        let number = (at * 7_919) % accounts.len() as u64;
        let mail = Email::new(&format!("customer{number}@example.com"))?;
        let search = CustomerSearch::Email(mail);
        if bank.search_customers(&search, 1, None).await?.len() != 1 {
            return Err("a customer was not found".into());
        }
    }
    let each = begun.elapsed().as_secs_f64() * 1e6 / looks as f64;
    eprintln!("found by e-mail address: {each:.0} us each");
    Ok(accounts)
}
