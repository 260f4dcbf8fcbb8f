//! What a bank does at night: documents lapse, accounts fall dormant.

use super::index::day_key;
use super::screens::judge_limit;
use crate::account::{self, AccountStatus, Changed, is_customer_activity, is_dormant};
use crate::bank::{Action, Bank, Context, Error};
use crate::id::{AccountId, CustomerId};
use crate::ledger::query::{EntryKey, EntryQuery};
use crate::ledger::{EventCode, Text};
use crate::store::{Index, IndexQuery};

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// How many were looked at.
    pub seen: usize,
    /// How many were changed.
    pub changed: usize,
}

/// How many entries of an account are read at once, and at most, to find when it was used last.
const ENTRIES: usize = 256;
const MAX_READS: usize = 64;

impl Bank {
    /// Lets documents lapse whose last day is over, of at most `limit` customers; call again until
    /// nothing was seen (S2-057). What a customer's status is does not depend on it: it makes what
    /// has lapsed findable, and tells who listens.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn sweep_documents(&self, context: &Context, limit: usize) -> Result<Swept, Error> {
        judge_limit(limit)?;
        self.authorise(context, Action::Sweep)?;
        let today = self.moment().today;
        let until = Some(day_key(today.succ_opt().unwrap_or(today)).to_vec());
        let query = IndexQuery { index: Index::KycDue, from: Vec::new(), until };
        let mut swept = Swept::default();
        for id in self.listed(&query, limit).await? {
            swept.seen = swept.seen.saturating_add(1);
            let lapsed = self.lapse(context, CustomerId::from_uuid(id)).await?;
            swept.changed = swept.changed.saturating_add(usize::from(!lapsed.is_replayed()));
        }
        Ok(swept)
    }

    /// Lets accounts fall dormant that no customer has used for as long as their terms say, of at
    /// most `limit` candidates; call again until nothing was changed. When an account was used last
    /// is read from its entries: interest, fees and the bank's own jobs are no use of it.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn sweep_dormant(&self, context: &Context, limit: usize) -> Result<Swept, Error> {
        judge_limit(limit)?;
        self.authorise(context, Action::Sweep)?;
        let today = self.moment().today;
        let until = Some(day_key(today).to_vec());
        let query = IndexQuery { index: Index::LastActivity, from: Vec::new(), until };
        let mut swept = Swept::default();
        for id in self.listed(&query, limit).await? {
            let account = AccountId::from_uuid(id);
            let found = self.customer_account(account).await?.account;
            if !is_dormant(&found, found.last_activity, today) {
                // They are in the order of days: none of the others is.
                break;
            }
            swept.seen = swept.seen.saturating_add(1);
            let used = self.last_use(account).await?.unwrap_or(found.opened_on);
            let used = used.max(found.last_activity);
            let reason = Text::new("not used by the customer").ok();
            let change = |found: &account::CustomerAccount,
                          _: &crate::store::Entities,
                          setting: crate::ledger::decide::Setting<'_>| {
                if is_dormant(found, used, today) {
                    let to = AccountStatus::Dormant;
                    return Ok(account::decide_status(found, to, reason.clone(), setting.moment)?);
                }
                if found.last_activity >= used {
                    return Ok(None);
                }
                let mut account = found.clone();
                account.last_activity = used;
                let event = EventCode::known("account.activity_noted");
                Ok(Some(Changed { account, event, changes: Vec::new() }))
            };
            let action = Action::Sweep;
            let ended =
                self.change_customer_account(context, action, account, None, change).await?;
            swept.changed = swept.changed.saturating_add(usize::from(!ended.is_replayed()));
        }
        Ok(swept)
    }

    /// The latest booking date on which a customer used an account.
    async fn last_use(&self, account: AccountId) -> Result<Option<chrono::NaiveDate>, Error> {
        let query = EntryQuery::new(account).newest_first();
        let mut after: Option<EntryKey> = None;
        for _ in 0..MAX_READS {
            let entries = self.inner.store.entry_list(&query, after, ENTRIES).await?;
            let Some(last) = entries.last() else { return Ok(None) };
            after = Some(EntryKey { day: chrono::NaiveDate::MIN, number: last.number });
            let mut ids: Vec<_> = entries.iter().map(|entry| entry.transaction).collect();
            ids.dedup();
            let found = self.inner.store.transactions(&ids).await?;
            let used = found.into_iter().flatten().filter(|transaction| {
                is_customer_activity(transaction.kind, transaction.origin.channel)
            });
            if let Some(day) = used.map(|transaction| transaction.booking_date).max() {
                return Ok(Some(day));
            }
        }
        Ok(None)
    }
}
