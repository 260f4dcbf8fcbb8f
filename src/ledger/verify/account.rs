//! Accounts as the journal leaves them.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashMap};

use super::Key;
use super::difference::Difference;
use super::found::Found;
use crate::id::AccountId;
use crate::ledger::{
    Account, AccountChange, AccountClass, AccountProfile, Balance, Block, Entry, FloorPolicy, Leg,
};
use crate::money::{Currency, Money};

/// An account: about 100 bytes.
#[derive(Debug)]
pub(super) struct AccountFold {
    pub(super) balance: Balance,
    entries: u64,
    /// Of the profile only a hash.
    profile: u64,
    floor: FloorPolicy,
    ceiling: Option<i64>,
    currency: Currency,
    class: AccountClass,
    block: Block,
    closed: bool,
    /// Whether the last entry was off; see [`Accounts::drifts`].
    drifting: bool,
    checked: bool,
}

/// All accounts of the journal.
#[derive(Debug, Default)]
pub(super) struct Accounts {
    rows: HashMap<Key, AccountFold>,
    /// By how much number and balance of the last entry were off, where they were.
    drifts: HashMap<Key, (i128, i128)>,
    hasher: DefaultHashBuilder,
    checked: u64,
}

/// The opening of an account, as its record has it.
#[derive(Debug)]
pub(super) struct Opening<'a> {
    pub(super) account: AccountId,
    pub(super) class: AccountClass,
    pub(super) currency: Currency,
    pub(super) floor: FloorPolicy,
    pub(super) ceiling: Option<i64>,
    pub(super) profile: &'a AccountProfile,
    pub(super) guarded: bool,
}

pub(super) fn key(account: AccountId) -> Key {
    account.as_uuid().as_u64_pair()
}

impl Accounts {
    pub(super) const fn checked(&self) -> u64 {
        self.checked
    }

    pub(super) fn get_mut(&mut self, account: AccountId) -> Option<&mut AccountFold> {
        self.rows.get_mut(&key(account))
    }

    /// The name is left out, because it may be erased.
    fn profile_hash(&self, profile: &AccountProfile, guarded: bool) -> u64 {
        let AccountProfile { code, labels, name: _, opened_at, opened_as } = profile;
        self.hasher.hash_one((code, labels, opened_at, opened_as.floor, opened_as.ceiling, guarded))
    }

    pub(super) fn open(&mut self, opening: &Opening<'_>, found: &mut Found) {
        let Opening { account, class, currency, floor, ceiling, profile, guarded } = *opening;
        let fold = AccountFold {
            balance: Balance::default(),
            entries: 0,
            profile: self.profile_hash(profile, guarded),
            floor,
            ceiling,
            currency,
            class,
            block: Block::None,
            closed: false,
            drifting: false,
            checked: false,
        };
        if self.rows.contains_key(&key(account)) {
            found.report(Difference::AccountRepeated { account });
        } else {
            self.rows.insert(key(account), fold);
        }
    }

    pub(super) fn change(&mut self, account: AccountId, change: AccountChange, found: &mut Found) {
        let Some(fold) = self.get_mut(account) else {
            found.report(Difference::UnknownAccount { account });
            return;
        };
        match change {
            AccountChange::Block(block) => fold.block = block,
            AccountChange::Floor(floor) => fold.floor = floor,
            AccountChange::Ceiling(ceiling) => fold.ceiling = ceiling,
            AccountChange::Close => fold.closed = true,
            AccountChange::Reopen => fold.closed = false,
        }
    }

    /// Adds an entry. Says whether the account may have broken its floor or ceiling by it.
    pub(super) fn enter(&mut self, entry: &Entry, position: u64, found: &mut Found) -> bool {
        let Some(fold) = self.rows.get_mut(&key(entry.account)) else {
            found.report(Difference::UnknownAccount { account: entry.account });
            return false;
        };
        let leg = Leg { account: entry.account, side: entry.side, money: entry.money };
        fold.entries = fold.entries.saturating_add(1);
        if fold.admits(leg, position, found)
            && fold.balance.post(leg.side, leg.money.minor()).is_none()
        {
            found.report(Difference::Overflow { account: leg.account, position });
        }
        let balance = fold.balance.ledger(fold.class.normal_side());
        let fits = entry.number == fold.entries && entry.balance_after == balance;
        if !fits || fold.drifting {
            let last = self.drifts.entry(key(entry.account)).or_default();
            fold.drifting = drift(fold.entries, balance, entry, last, found);
        }
        fold.is_out_of_bounds()
    }

    /// Judges floor and ceiling by the net effect of legs, which were folded already.
    #[cold]
    pub(super) fn judge(&self, legs: &[Leg], effect: Effect, position: u64, found: &mut Found) {
        for (at, leg) in legs.iter().enumerate() {
            let account = leg.account;
            let mut earlier = legs.get(..at).unwrap_or_default().iter();
            let Some(fold) = self.rows.get(&key(account)) else { continue };
            if earlier.any(|earlier| earlier.account == account) || !fold.is_out_of_bounds() {
                continue;
            }
            let normal = fold.class.normal_side();
            let (mut available, mut expected) = (0_i128, 0_i128);
            for leg in legs.iter().filter(|leg| leg.account == account) {
                let amount = i128::from(leg.money.minor());
                if leg.side == normal {
                    expected = expected.saturating_add(amount);
                    // What a hold would bring is not available yet.
                    if effect == Effect::Posted {
                        available = available.saturating_add(amount);
                    }
                } else {
                    available = available.saturating_sub(amount);
                    if effect == Effect::Posted {
                        expected = expected.saturating_sub(amount);
                    }
                }
            }
            if let Some((floor, left)) = fold.below_floor().filter(|_| available < 0) {
                let broken = Difference::FloorBroken { account, position, floor, available: left };
                found.report(broken);
            }
            if let Some((ceiling, high)) = fold.above_ceiling().filter(|_| expected > 0) {
                let broken =
                    Difference::CeilingBroken { account, position, ceiling, expected: high };
                found.report(broken);
            }
        }
    }

    pub(super) fn check(&mut self, account: &Account, found: &mut Found) {
        let (id, state) = (account.id(), &account.state);
        self.checked = self.checked.saturating_add(1);
        let profile = self.profile_hash(&account.profile, account.state.guarded);
        let Some(fold) = self.rows.get_mut(&key(id)) else {
            found.report(Difference::UnknownAccount { account: id });
            return;
        };
        if std::mem::replace(&mut fold.checked, true) {
            found.report(Difference::AccountRepeated { account: id });
        }
        if fold.balance != state.balance {
            let (expected, balance) = (fold.balance, state.balance);
            found.report(Difference::AccountBalance { account: id, expected, found: balance });
        }
        if fold.entries != state.entries {
            let (expected, entries) = (fold.entries, state.entries);
            found.report(Difference::AccountEntries { account: id, expected, found: entries });
        }
        let terms = [
            (fold.floor == state.floor, "floor"),
            (fold.ceiling == state.ceiling, "ceiling"),
            (fold.block == state.block, "block"),
            (fold.closed == state.closed, "closing"),
            (fold.currency == state.currency, "currency"),
            (fold.class == state.class, "class"),
            (fold.profile == profile, "profile"),
        ];
        for (_, field) in terms.iter().filter(|(same, _)| !same) {
            found.report(Difference::AccountTerms { account: id, field });
        }
    }

    /// The accounts that were never checked, in order.
    pub(super) fn unchecked(&self) -> Vec<AccountId> {
        let missing = self.rows.iter().filter(|(_, fold)| !fold.checked);
        let mut missing: Vec<AccountId> = missing
            .map(|(&(high, low), _)| AccountId::from_uuid(uuid::Uuid::from_u64_pair(high, low)))
            .collect();
        missing.sort_unstable();
        missing
    }
}

/// How legs take effect on an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// They were posted.
    Posted,
    /// They were reserved by a hold.
    Reserved,
}

impl AccountFold {
    /// Judges a leg on the account. Says whether its amount can be counted.
    pub(super) fn admits(&self, leg: Leg, position: u64, found: &mut Found) -> bool {
        let Leg { account, side, money } = leg;
        if money.currency() != self.currency {
            let (expected, other) = (self.currency, money.currency());
            found.report(Difference::EntryCurrency { account, position, expected, found: other });
        }
        if self.closed || self.block.refuses(side) {
            found.report(Difference::AccountRefuses { account, position, side });
        }
        judge_amount(account, money, position, found)
    }

    fn below_floor(&self) -> Option<(i64, i128)> {
        let floor = self.floor.minimum()?;
        let available = self.balance.available(self.class.normal_side());
        (available < i128::from(floor)).then_some((floor, available))
    }

    fn above_ceiling(&self) -> Option<(i64, i128)> {
        let ceiling = self.ceiling?;
        let expected = self.balance.expected(self.class.normal_side());
        (expected > i128::from(ceiling)).then_some((ceiling, expected))
    }

    pub(super) fn is_out_of_bounds(&self) -> bool {
        self.below_floor().is_some() || self.above_ceiling().is_some()
    }
}

fn judge_amount(account: AccountId, money: Money, position: u64, found: &mut Found) -> bool {
    let minor = money.minor();
    if minor <= 0 {
        found.report(Difference::AmountNotPositive { account, position, found: minor });
    }
    minor > 0
}

/// Reports where an entry is off by another amount than the one before it. Says whether it is off.
#[cold]
fn drift(
    number: u64,
    balance: i64,
    entry: &Entry,
    last: &mut (i128, i128),
    found: &mut Found,
) -> bool {
    let account = entry.account;
    let off = |expected: i128, found: i128| found.saturating_sub(expected);
    let now = (
        off(i128::from(number), i128::from(entry.number)),
        off(i128::from(balance), i128::from(entry.balance_after)),
    );
    if now.0 != 0 && now.0 != last.0 {
        let expected = number;
        found.report(Difference::EntryNumber { account, expected, found: entry.number });
    }
    if now.1 != 0 && now.1 != last.1 {
        let (expected, after) = (balance, entry.balance_after);
        found.report(Difference::RunningBalance { account, number, expected, found: after });
    }
    *last = now;
    now != (0, 0)
}
