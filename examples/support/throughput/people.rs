//! Customers with an account each, moved in in bulk.

use std::time::Instant;

use corebank::account::NewCustomerAccount;
use corebank::bank::{Bank, Context, CustomerSearch, MAX_PEOPLE, Onboarding, Rules};
use corebank::id::{AccountId, CustomerId, ProductId};
use corebank::kyc::{KycPolicies, KycPolicy};
use corebank::ledger::{AccountClass, ChartCode, ChartNode, FloorPolicy, Side, Text, Window};
use corebank::money::Currency;
use corebank::party::{
    self, CustomerNumber, Email, IdScheme, NationalId, NewCustomer, PartOfName, PersonName,
    Required,
};
use corebank::privacy::MemoryKeys;
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

    if options.identify {
        bank.unlock(MemoryKeys::new()?).await?;
    }
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
            let mut customer = NewCustomer::person(name).with_id(id).with_email(mail);
            customer = customer.with_number(CustomerNumber::new(&format!("C{number:09}"))?);
            if options.identify {
                customer = customer.with_identity(identity(number)?);
            }
            customers.push(customer);
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
    find(bank, options).await?;
    Ok(accounts)
}

/// A permanent account number of India: five letters, of which the fourth says that it is a
/// person's, four digits, a letter.
fn identity(number: usize) -> Result<NationalId> {
    let letter = |digit: usize| char::from(b'A' + u8::try_from(digit % 26).unwrap_or(0));
    let (high, low) = (number / 10_000, number % 10_000);
    let (a, b, c, d) = (high / 17_576, high / 676, high / 26, high);
    let text = format!("{}{}{}P{}{low:04}A", letter(a), letter(b), letter(c), letter(d));
    Ok(NationalId::parse(IdScheme::Pan, &text)?)
}

type Search = fn(usize) -> Result<CustomerSearch>;

/// How long it takes to find a customer among all.
async fn find(bank: &Bank, options: &Options) -> Result<()> {
    let mail: Search =
        |at| Ok(CustomerSearch::Email(Email::new(&format!("customer{at}@example.com"))?));
    let number: Search =
        |at| Ok(CustomerSearch::Number(CustomerNumber::new(&format!("C{at:09}"))?));
    let identifier: Search = |at| Ok(CustomerSearch::Identifier(identity(at)?));
    let mut searches = vec![("e-mail address", mail), ("number", number)];
    if options.identify {
        searches.push(("national identifier", identifier));
    }
    for (what, search) in searches {
        let (begun, looks) = (Instant::now(), 1_000_usize);
        for at in 0..looks {
            let search = search((at * 7_919) % options.accounts)?;
            if bank.search_customers(&search, 1, None).await?.len() != 1 {
                return Err("a customer was not found".into());
            }
        }
        let each = begun.elapsed().as_secs_f64() * 1e6 / looks as f64;
        eprintln!("found by {what}: {each:.0} us each");
    }
    Ok(())
}
