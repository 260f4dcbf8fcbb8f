//! The canonical bytes of a record of the journal: what the seal hashes.
//!
//! Every value has one form and no two records share one: integers are big-endian and of fixed
//! width, texts and lists carry their length, options and variants carry a tag. The first field
//! names form and version; another form gets another name, so that old seals stay readable.
//!
//! Two things are left out because they may be erased one day, and a seal must survive that:
//! words enter by their salted digest only ([`notes_digest`](super::seal::notes_digest)), and of
//! an account's name only whether there is one. A changed name is therefore not found by a seal.

use chrono::{Datelike, NaiveDate};
use uuid::Uuid;

use crate::ledger::{
    AccountChange, AccountProfile, Block, ChartNode, Defaulted, EntityWritten, Entry, FieldChange,
    FloorPolicy, GroupMark, HoldPlaced, HoldUsage, Labels, Leg, LimitRule, LimitScope, Link,
    OpenedAs, Operation, OperationRecord, Origin, Record, SaltedNotes, Side, Transaction, Window,
};
use crate::money::{Currency, Money};
use crate::time::Timestamp;

/// Name and version of the form.
const DOMAIN: &str = "corebank.record.v1";

/// Appends the canonical bytes of a record.
pub(crate) fn encode_record(record: &Record, out: &mut Vec<u8>) {
    let mut writer = Writer(out);
    writer.text(DOMAIN);
    match record {
        Record::Transaction(transaction) => {
            writer.tag(0);
            writer.transaction(transaction);
        }
        Record::Operation(OperationRecord { position, at, origin, operation }) => {
            writer.tag(1);
            writer.u64(*position);
            writer.instant(*at);
            writer.origin(origin);
            writer.operation(operation);
        }
    }
}

/// Writes values; every method writes a form that cannot be the beginning of another.
struct Writer<'a>(&'a mut Vec<u8>);

impl Writer<'_> {
    fn tag(&mut self, tag: u8) {
        self.0.push(tag);
    }

    fn flag(&mut self, flag: bool) {
        self.0.push(u8::from(flag));
    }

    fn u32(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_be_bytes());
    }

    fn u64(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_be_bytes());
    }

    fn i64(&mut self, value: i64) {
        self.0.extend_from_slice(&value.to_be_bytes());
    }

    /// The length of a list or a text; both are bounded far below 32 bits.
    fn length(&mut self, length: usize) {
        self.u32(u32::try_from(length).unwrap_or(u32::MAX));
    }

    fn text(&mut self, text: &str) {
        self.length(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }

    fn uuid(&mut self, id: &Uuid) {
        self.0.extend_from_slice(id.as_bytes());
    }

    fn day(&mut self, day: NaiveDate) {
        self.0.extend_from_slice(&day.num_days_from_ce().to_be_bytes());
    }

    fn instant(&mut self, at: Timestamp) {
        self.i64(at.as_nanos());
    }

    fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        self.flag(value.is_some());
        if let Some(value) = value {
            write(self, value);
        }
    }

    fn list<T>(&mut self, values: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.length(values.len());
        for value in values {
            write(self, value);
        }
    }

    fn side(&mut self, side: Side) {
        self.tag(match side {
            Side::Debit => 0,
            Side::Credit => 1,
        });
    }

    fn currency(&mut self, currency: Currency) {
        self.text(currency.code());
        self.tag(currency.exponent());
    }

    fn money(&mut self, money: Money) {
        self.i64(money.minor());
        self.currency(money.currency());
    }

    fn leg(&mut self, Leg { account, side, money }: &Leg) {
        self.uuid(&account.as_uuid());
        self.side(*side);
        self.money(*money);
    }

    fn origin(&mut self, Origin { actor, channel, correlation }: &Origin) {
        self.text(actor.as_str());
        self.text(channel.as_str());
        self.option(correlation.as_ref(), |to, correlation| to.text(correlation.as_str()));
    }

    fn group(&mut self, group: Option<GroupMark>) {
        self.option(group, |to, GroupMark { group, index, size }| {
            to.uuid(&group.as_uuid());
            to.u32(index);
            to.u32(size);
        });
    }

    /// The digest only: words and salt may be erased.
    fn notes(&mut self, notes: Option<&SaltedNotes>) {
        self.option(notes, |to, SaltedNotes { notes: _, salt: _, digest }| {
            to.0.extend_from_slice(digest);
        });
    }

    fn transaction(&mut self, transaction: &Transaction) {
        let Transaction {
            id,
            position,
            posted_at,
            kind,
            booking_date,
            value_date,
            defaulted,
            link,
            group,
            notes,
            origin,
            entries,
        } = transaction;
        self.u64(*position);
        self.instant(*posted_at);
        self.origin(origin);
        self.uuid(&id.as_uuid());
        self.text(kind.as_str());
        self.day(*booking_date);
        self.day(*value_date);
        let Defaulted { booking_date, value_date, amount } = *defaulted;
        self.flag(booking_date);
        self.flag(value_date);
        self.flag(amount);
        self.option(*link, Self::link);
        self.group(*group);
        self.notes(notes.as_ref());
        self.list(entries, |to, entry| to.entry(transaction, entry));
    }

    fn link(&mut self, link: Link) {
        match link {
            Link::Reverses { original, forced } => {
                self.tag(0);
                self.uuid(&original.as_uuid());
                self.flag(forced);
            }
            Link::Captures { hold, last } => {
                self.tag(1);
                self.uuid(&hold.as_uuid());
                self.flag(last);
            }
            Link::RelatesTo(original) => {
                self.tag(2);
                self.uuid(&original.as_uuid());
            }
        }
    }

    /// What an entry repeats of its transaction is written only where it differs from it.
    fn entry(&mut self, head: &Transaction, entry: &Entry) {
        let Entry {
            transaction,
            account,
            side,
            money,
            number,
            balance_after,
            booking_date,
            value_date,
            posted_at,
        } = entry;
        self.uuid(&account.as_uuid());
        self.side(*side);
        self.money(*money);
        self.u64(*number);
        self.i64(*balance_after);
        let own = (*transaction, *booking_date, *value_date, *posted_at);
        let differs = own != (head.id, head.booking_date, head.value_date, head.posted_at);
        self.flag(differs);
        if differs {
            self.uuid(&transaction.as_uuid());
            self.day(*booking_date);
            self.day(*value_date);
            self.instant(*posted_at);
        }
    }

    fn operation(&mut self, operation: &Operation) {
        match operation {
            Operation::ChartDefined(node) => {
                self.tag(0);
                self.chart_node(node);
            }
            Operation::AccountOpened {
                account,
                class,
                currency,
                floor,
                ceiling,
                profile,
                guarded,
            } => {
                self.tag(if *guarded { 9 } else { 1 });
                self.uuid(&account.as_uuid());
                self.text(class.code());
                self.currency(*currency);
                self.floor(*floor);
                self.option(*ceiling, Self::i64);
                self.profile(profile);
            }
            Operation::AccountChanged { account, change } => {
                self.tag(2);
                self.uuid(&account.as_uuid());
                self.change(*change);
            }
            Operation::HoldPlaced(placed) => {
                self.tag(3);
                self.hold_placed(placed);
            }
            Operation::HoldEnded { hold, state, by, group } => {
                self.tag(4);
                self.uuid(&hold.as_uuid());
                self.text(state.code());
                self.option(*by, |to, by| to.uuid(&by.as_uuid()));
                self.group(*group);
            }
            Operation::LimitSet(rule) => {
                self.tag(5);
                self.limit(rule);
            }
            Operation::LimitRemoved(limit) => {
                self.tag(6);
                self.uuid(&limit.as_uuid());
            }
            Operation::PeriodClosed { through } => {
                self.tag(7);
                self.day(*through);
            }
            Operation::EntityWritten(written) => {
                self.tag(8);
                self.entity_written(written);
            }
        }
    }

    fn entity_written(&mut self, written: &EntityWritten) {
        let EntityWritten { entity, version, event, changes, account, digest } = written;
        self.text(entity.kind.as_str());
        self.uuid(&entity.id);
        self.u64(*version);
        self.text(event.as_str());
        self.list(changes, |to, FieldChange { field, from, to: after }| {
            to.text(field.as_str());
            to.option(*from, |to, code| to.text(code.as_str()));
            to.option(*after, |to, code| to.text(code.as_str()));
        });
        self.option(*account, |to, account| to.uuid(&account.as_uuid()));
        self.0.extend_from_slice(digest);
    }

    fn chart_node(&mut self, ChartNode { code, class, parent, name }: &ChartNode) {
        self.text(code.as_str());
        self.text(class.code());
        self.option(*parent, |to, parent| to.text(parent.as_str()));
        // The bank's own heading of a report, not a person's name: sealed in clear.
        self.text(name.as_str());
    }

    fn floor(&mut self, floor: FloorPolicy) {
        match floor {
            FloorPolicy::NonNegative => self.tag(0),
            FloorPolicy::Overdraft(limit) => {
                self.tag(1);
                self.i64(limit);
            }
            FloorPolicy::CreditLimit(limit) => {
                self.tag(2);
                self.i64(limit);
            }
            FloorPolicy::Unbounded => self.tag(3),
        }
    }

    fn profile(&mut self, profile: &AccountProfile) {
        let AccountProfile { code, labels, name, opened_at, opened_as } = profile;
        let Labels { customer, branch } = labels;
        let OpenedAs { floor, ceiling } = opened_as;
        self.text(code.as_str());
        self.option(customer.as_ref(), Self::uuid);
        self.option(branch.as_ref(), Self::uuid);
        self.flag(name.is_some());
        self.instant(*opened_at);
        self.floor(*floor);
        self.option(*ceiling, Self::i64);
    }

    fn change(&mut self, change: AccountChange) {
        match change {
            AccountChange::Block(block) => {
                self.tag(0);
                self.block(block);
            }
            AccountChange::Floor(floor) => {
                self.tag(1);
                self.floor(floor);
            }
            AccountChange::Ceiling(ceiling) => {
                self.tag(2);
                self.option(ceiling, Self::i64);
            }
            AccountChange::Close => self.tag(3),
            AccountChange::Reopen => self.tag(4),
        }
    }

    fn block(&mut self, block: Block) {
        self.text(block.code());
    }

    fn hold_placed(&mut self, placed: &HoldPlaced) {
        let HoldPlaced {
            hold,
            kind,
            legs,
            expires_at,
            booking_date,
            value_date,
            relates_to,
            usage,
            group,
            notes,
        } = placed;
        self.uuid(&hold.as_uuid());
        self.text(kind.as_str());
        self.list(legs, Self::leg);
        self.option(*expires_at, Self::instant);
        self.option(*booking_date, Self::day);
        self.option(*value_date, Self::day);
        self.option(*relates_to, |to, original| to.uuid(&original.as_uuid()));
        self.list(usage, Self::usage);
        self.group(*group);
        self.notes(notes.as_ref());
    }

    fn usage(&mut self, HoldUsage { limit, subject, bucket, leg, counted }: &HoldUsage) {
        self.uuid(&limit.as_uuid());
        self.uuid(subject);
        self.i64(*bucket);
        self.u32(*leg);
        self.flag(*counted);
    }

    fn limit(&mut self, rule: &LimitRule) {
        let LimitRule { id, scope, side, currency, kinds, minimum, maximum, window, amount, count } =
            rule;
        self.uuid(&id.as_uuid());
        self.scope(scope);
        self.side(*side);
        self.currency(*currency);
        self.list(kinds, |to, kind| to.text(kind.as_str()));
        self.option(*minimum, Self::i64);
        self.option(*maximum, Self::i64);
        self.window(*window);
        self.option(*amount, Self::i64);
        self.option(*count, Self::u32);
    }

    fn scope(&mut self, scope: &LimitScope) {
        match scope {
            LimitScope::Global => self.tag(0),
            LimitScope::Branch(branch) => {
                self.tag(1);
                self.uuid(branch);
            }
            LimitScope::EachBranch => self.tag(2),
            LimitScope::Customer(customer) => {
                self.tag(3);
                self.uuid(customer);
            }
            LimitScope::EachCustomer => self.tag(4),
            LimitScope::Account(account) => {
                self.tag(5);
                self.uuid(&account.as_uuid());
            }
            LimitScope::EachAccount(code) => {
                self.tag(6);
                self.text(code.as_str());
            }
            LimitScope::Channel(channel) => {
                self.tag(7);
                self.text(channel.as_str());
            }
            LimitScope::Kind(kind) => {
                self.tag(8);
                self.text(kind.as_str());
            }
        }
    }

    fn window(&mut self, window: Window) {
        match window {
            Window::Day => self.tag(0),
            Window::Month => self.tag(1),
            Window::RollingDays(days) => {
                self.tag(2);
                self.u32(u32::from(days));
            }
            Window::RollingHours(hours) => {
                self.tag(3);
                self.u32(u32::from(hours));
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
