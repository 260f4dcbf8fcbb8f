//! The working set of a decision: what was read, what was decided so far, and how to take back
//! what a refused instruction or group had done.

use hashbrown::HashMap;

use super::seen::{Planned, Seen};
use super::setting::{Setting, Supply};
use crate::id::{AccountId, HoldId, TransactionId, UnitId};
use crate::ledger::facts::{
    Facts, HoldChange, KeyRecord, NO_SLOT, Plan, PlannedEntry, PlannedOperation, PlannedTransaction,
};
use crate::ledger::{
    AccountState, Balance, Entry, GroupMark, Hold, Leg, Notes, Operation, Refusal, SaltedNotes,
    Side, Transaction, Usage, UsageKey, seal,
};
use crate::money::Money;

/// How a step is taken back.
#[derive(Debug)]
enum Undo {
    Account { slot: u32, balance: Balance, entries: u64 },
    Hold(HoldId, Option<Box<HoldChange>>),
    Usage(UsageKey, Usage),
    Reversal(TransactionId),
    Release(TransactionId),
}

/// A point to which the desk can go back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    undo: usize,
    transactions: usize,
    entries: usize,
    operations: usize,
    keys: usize,
}

pub(crate) struct Desk<'a> {
    pub(crate) setting: Setting<'a>,
    pub(crate) supply: &'a mut dyn Supply,
    pub(crate) facts: Facts,
    pub(crate) plan: Plan,
    /// Transactions of this plan.
    seen: Seen,
    /// Holds that this plan places or changes.
    pub(crate) holds: HashMap<HoldId, HoldChange>,
    /// The order in which holds were first changed, so that a plan is the same every time.
    hold_order: Vec<HoldId>,
    /// Counters in the order in which they were changed, as often as they were.
    usage_changed: Vec<UsageKey>,
    touched: Vec<bool>,
    by_id: Option<HashMap<AccountId, u32>>,
    undo: Vec<Undo>,
    /// The group that is being decided.
    pub(crate) group: Option<GroupMark>,
    /// Several requests are decided on this desk, and two of them may have the same key.
    shared: bool,
}

impl<'a> Desk<'a> {
    pub(crate) fn new(
        setting: Setting<'a>,
        supply: &'a mut dyn Supply,
        mut facts: Facts,
        expected: usize,
    ) -> Self {
        let mut plan = Plan { book_version: facts.book.version, ..Plan::default() };
        plan.accounts = std::mem::take(&mut facts.accounts);
        plan.transactions.reserve_exact(expected);
        plan.entries.reserve_exact(expected.saturating_mul(2));
        let touched = vec![false; plan.accounts.len()];
        Self {
            setting,
            supply,
            facts,
            plan,
            seen: Seen::with_capacity(expected),
            holds: HashMap::new(),
            hold_order: Vec::new(),
            usage_changed: Vec::new(),
            touched,
            by_id: None,
            undo: Vec::with_capacity(8),
            group: None,
            shared: false,
        }
    }

    /// Makes later requests see the keys of earlier ones. Within one request a key stands once
    /// per instruction, and nobody need look.
    pub(crate) const fn share(&mut self) {
        self.shared = true;
    }

    // ---- reading

    pub(crate) fn account(&self, slot: u32) -> Option<&AccountState> {
        self.plan.accounts.get(slot as usize)
    }

    /// The slot of an account that is not in leg order: legs of holds and of originals.
    pub(crate) fn slot_of(&mut self, account: AccountId) -> u32 {
        let accounts = &self.plan.accounts;
        let by_id = self.by_id.get_or_insert_with(|| {
            (0_u32..).zip(accounts).map(|(slot, state)| (state.id, slot)).collect()
        });
        by_id.get(&account).copied().unwrap_or(NO_SLOT)
    }

    pub(crate) fn planned(&self, id: TransactionId) -> Option<Planned> {
        self.seen.get(id)
    }

    /// Whether a transaction exists, posted before or by this plan.
    pub(crate) fn knows(&self, id: TransactionId) -> bool {
        self.seen.get(id).is_some() || self.facts.transactions.contains_key(&id)
    }

    /// A hold as it is now, changed by this plan or not.
    pub(crate) fn hold(&self, id: HoldId) -> Option<&Hold> {
        match self.holds.get(&id) {
            Some(change) => Some(&change.hold),
            None => self.facts.holds.get(&id),
        }
    }

    /// A transaction of this plan in the form in which it will be read: for the rare case that a
    /// batch repeats, reverses or refers to one of its own.
    pub(crate) fn planned_as_read(&self, planned: Planned) -> Option<Transaction> {
        let row = self.plan.transactions.get(planned.transaction as usize)?;
        let first = planned.first_entry as usize;
        let last = first.saturating_add(row.entries as usize);
        let posted_at = self.setting.moment.now;
        let entries = self.plan.entries.get(first..last)?.iter().filter_map(|entry| {
            let account = self.account(entry.slot)?;
            Some(Entry {
                transaction: row.id,
                account: account.id,
                side: entry.side,
                money: Money::new(entry.amount, account.currency),
                number: entry.number,
                balance_after: entry.balance_after,
                booking_date: row.booking_date,
                value_date: row.value_date,
                posted_at,
            })
        });
        let extra = row.extra.as_deref();
        Some(Transaction {
            id: row.id,
            position: u64::from(planned.offset),
            posted_at,
            kind: row.kind,
            booking_date: row.booking_date,
            value_date: row.value_date,
            defaulted: row.defaulted,
            link: extra.and_then(|extra| extra.link),
            group: extra.and_then(|extra| extra.group),
            notes: extra.and_then(|extra| extra.notes.clone()),
            // Of whoever is being decided: nobody asks a planned transaction who posted it.
            origin: self.setting.origin.clone(),
            entries: entries.collect(),
        })
    }

    // ---- taking back

    /// Starts an instruction or group: what came before is decided for good.
    pub(crate) fn settle(&mut self) -> Mark {
        self.undo.clear();
        self.mark()
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark {
            undo: self.undo.len(),
            transactions: self.plan.transactions.len(),
            entries: self.plan.entries.len(),
            operations: self.plan.operations.len(),
            keys: self.plan.keys.len(),
        }
    }

    /// Takes back all that was done since a mark.
    pub(crate) fn take_back(&mut self, mark: Mark) {
        while self.undo.len() > mark.undo {
            match self.undo.pop() {
                Some(Undo::Account { slot, balance, entries }) => {
                    if let Some(account) = self.plan.accounts.get_mut(slot as usize) {
                        (account.balance, account.entries) = (balance, entries);
                    }
                }
                Some(Undo::Hold(id, before)) => {
                    match before {
                        Some(change) => self.holds.insert(id, *change),
                        None => self.holds.remove(&id),
                    };
                }
                Some(Undo::Usage(key, before)) => {
                    self.facts.usage.insert(key, before);
                }
                Some(Undo::Reversal(original)) => {
                    self.facts.reversals.remove(&original);
                }
                Some(Undo::Release(id)) => {
                    self.facts.releases.remove(&id);
                }
                None => break,
            }
        }
        self.seen.truncate(mark.transactions);
        self.plan.transactions.truncate(mark.transactions);
        self.plan.entries.truncate(mark.entries);
        self.plan.operations.truncate(mark.operations);
        if self.shared {
            let taken_back = self.plan.keys.get(mark.keys..).unwrap_or_default();
            for (key, _) in taken_back {
                self.facts.keys.remove(key);
            }
        }
        self.plan.keys.truncate(mark.keys);
    }

    // ---- writing

    /// Remembers the state of an account before it changes, and marks it as changed.
    fn touch(&mut self, slot: u32) {
        if let Some(account) = self.plan.accounts.get(slot as usize) {
            let (balance, entries) = (account.balance, account.entries);
            self.undo.push(Undo::Account { slot, balance, entries });
        }
        if let Some(touched) = self.touched.get_mut(slot as usize) {
            *touched = true;
        }
    }

    /// Changes the pending counter of an account.
    pub(crate) fn pend(&mut self, slot: u32, side: Side, change: Pending) -> Result<(), Refusal> {
        self.touch(slot);
        let Some(account) = self.plan.accounts.get_mut(slot as usize) else {
            return Ok(());
        };
        let done = match change {
            Pending::Reserve(amount) => account.balance.reserve(side, amount),
            Pending::Free(amount) => account.balance.free(side, amount),
        };
        done.ok_or(Refusal::Overflow { account: account.id })
    }

    /// Adds an entry to an account.
    pub(crate) fn enter(&mut self, slot: u32, side: Side, amount: i64) -> Result<(), Refusal> {
        self.touch(slot);
        let Some(account) = self.plan.accounts.get_mut(slot as usize) else {
            return Ok(());
        };
        let overflow = Refusal::Overflow { account: account.id };
        account.balance.post(side, amount).ok_or(overflow)?;
        account.entries = account.entries.saturating_add(1);
        let balance_after = account.balance.ledger(account.class.normal_side());
        let number = account.entries;
        self.plan.entries.push(PlannedEntry { slot, side, amount, number, balance_after });
        Ok(())
    }

    /// The accounts touched since a mark, each with its balance before.
    pub(crate) fn balances_before(&self, mark: Mark) -> impl Iterator<Item = (u32, &Balance)> {
        let since = self.undo.get(mark.undo..).unwrap_or_default();
        since.iter().enumerate().filter_map(move |(at, undo)| match undo {
            Undo::Account { slot, balance, .. } => {
                // Only the first state is the one before; later ones lie in between. Sequences
                // are short, except for huge transactions, where entries repeat few accounts.
                let earlier = since.get(..at).unwrap_or_default();
                let repeated = earlier
                    .iter()
                    .any(|undo| matches!(undo, Undo::Account { slot: other, .. } if other == slot));
                (!repeated).then_some((*slot, balance))
            }
            _ => None,
        })
    }

    /// Writes the head of a transaction whose entries were just entered.
    pub(crate) fn write_transaction(&mut self, row: PlannedTransaction) -> u32 {
        let offset = self.next_offset();
        let first = self.plan.entries.len().saturating_sub(row.entries as usize);
        let planned = Planned {
            transaction: clamp(self.plan.transactions.len()),
            first_entry: clamp(first),
            offset,
        };
        self.seen.push(row.id, planned);
        self.plan.transactions.push(row);
        offset
    }

    pub(crate) fn write_operation(&mut self, operation: Operation) -> u32 {
        let offset = self.next_offset();
        let after = clamp(self.plan.transactions.len());
        self.plan.operations.push(PlannedOperation { after, operation });
        offset
    }

    fn next_offset(&self) -> u32 {
        clamp(self.plan.records())
    }

    pub(crate) fn write_hold(&mut self, change: HoldChange) {
        let id = change.hold.id;
        let before = self.holds.insert(id, change);
        if before.is_none() && !self.hold_order.contains(&id) {
            self.hold_order.push(id);
        }
        self.undo.push(Undo::Hold(id, before.map(Box::new)));
    }

    pub(crate) fn write_usage(&mut self, key: UsageKey, usage: Usage) {
        let before = self.facts.usage.insert(key, usage).unwrap_or_default();
        self.usage_changed.push(key);
        self.undo.push(Undo::Usage(key, before));
    }

    pub(crate) fn write_reversal(&mut self, original: TransactionId, by: TransactionId) {
        self.facts.reversals.insert(original, by);
        self.undo.push(Undo::Reversal(original));
    }

    pub(crate) fn write_release(&mut self, id: TransactionId, hold: HoldId) {
        self.facts.releases.insert(id, hold);
        self.undo.push(Undo::Release(id));
    }

    pub(crate) fn write_key(&mut self, index: u32, record: KeyRecord) {
        let Some(key) = self.setting.key else { return };
        if self.shared {
            self.facts.keys.insert((key.clone(), index), record);
        }
        self.plan.keys.push(((key.clone(), index), record));
    }

    /// Words with the salt and digest by which they are sealed.
    pub(crate) fn salted(&mut self, notes: Option<&Notes>) -> Option<SaltedNotes> {
        let notes = notes.filter(|notes| !notes.is_empty())?.clone();
        let salt = self.supply.salt();
        let digest = seal::notes_digest(&salt, &notes);
        Some(SaltedNotes { notes: Some(notes), salt, digest })
    }

    pub(crate) fn fresh_group(&mut self, size: usize) -> GroupMark {
        GroupMark { group: UnitId::from_uuid(self.supply.id()), index: 0, size: clamp(size) }
    }

    /// The plan, complete.
    pub(crate) fn finish(mut self) -> Plan {
        let touched = (0_u32..).zip(&self.touched);
        self.plan.touched =
            touched.filter(|(_, touched)| **touched).map(|(slot, _)| slot).collect();
        for id in self.hold_order {
            self.plan.holds.extend(self.holds.remove(&id));
        }
        let mut keys = self.usage_changed;
        keys.sort_unstable();
        keys.dedup();
        self.plan.usage.reserve_exact(keys.len());
        for key in keys {
            if let Some(usage) = self.facts.usage.get(&key) {
                self.plan.usage.push((key, *usage));
            }
        }
        self.plan
    }
}

/// A change of a pending counter.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pending {
    Reserve(i64),
    Free(i64),
}

/// Bounded by [`MAX_BATCH`](crate::ledger::MAX_BATCH) times
/// [`MAX_LEGS`](crate::ledger::MAX_LEGS), which fits.
pub(crate) fn clamp(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// A leg with the slot of its account.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SlottedLeg {
    pub(crate) slot: u32,
    pub(crate) leg: Leg,
}
