//! A naive reference model of the ledger, and the harness that walks it beside a real bank.
//!
//! The model keeps its own copy of every request and of every entry, adds up all of them whenever
//! it needs a balance, and takes a whole copy of itself where the kernel keeps an undo list. It
//! shares no code with the decisions of the kernel: requests are made of the plain types below,
//! and only [`Sim`] turns them into public commands.
#![allow(
    dead_code,
    clippy::type_complexity,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap
)]

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::task::{Poll, Waker};

use chrono::{Days, NaiveDate};
use corebank::Bank;
use corebank::bank::{Context, Error};
use corebank::id::{AccountId, HoldId, LimitId, SeededIds, TransactionId};
use corebank::ledger::query::{AsOf, EntryQuery};
use corebank::ledger::{
    AccountChange, AccountClass, Actor, Balance, Batch, Block, Channel, ChartCode, ChartNode,
    DateBounds, FloorPolicy, Instruction, Kind, LimitRule, LimitScope, NewAccount, NewCapture,
    NewHold, NewRelease, NewReversal, NewTransaction, Outcome, Receipt, Refusal, Side, Text,
    Window,
};
use corebank::money::{Currency, Money};
use corebank::store::Store;
use corebank::store::memory::MemoryStore;
use corebank::time::{ManualClock, Timestamp};

// ---- the small universe

/// Accounts 0 to 5 exist, 6 does not.
pub(crate) const ACCOUNTS: u8 = 6;
/// 2026-03-10T12:00:00Z.
pub(crate) const START: i64 = 1_773_144_000_000_000_000;
pub(crate) const MINUTE: i64 = 60_000_000_000;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;
/// Booking dates may lie this many days before and after today.
const BOOKING: (i64, i64) = (20, 2);
/// Value dates may lie this many days before and after the booking date.
const VALUE: (i64, i64) = (10, 10);
pub(crate) const USD: u8 = 0;
pub(crate) const EUR: u8 = 1;
/// A currency that the bank does not know.
pub(crate) const TOKEN: u8 = 2;

/// Class debit or credit, currency, floor (lowest available balance), ceiling, chart code.
type Opened = (bool, u8, Option<i64>, Option<i64>, u8);
const OPENED: [Opened; 6] = [
    (true, USD, None, None, 0),
    (false, USD, Some(0), None, 1),
    (false, USD, Some(-50), Some(1_000), 1),
    (false, USD, Some(0), Some(120), 1),
    (true, EUR, Some(-400), None, 0),
    (false, EUR, Some(-20), None, 1),
];

const KINDS: [Kind; 3] = [Kind::TRANSFER, Kind::PAYMENT, Kind::FEE];
const CHANNELS: [Channel; 2] = [Channel::WEB, Channel::API];
const CODES: [&str; 2] = ["1000", "2000"];

// ---- requests, as the model reads them

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) account: u8,
    pub(crate) debit: bool,
    pub(crate) currency: u8,
    pub(crate) amount: i64,
}

/// What all requests have; dates are days since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Words {
    pub(crate) kind: u8,
    pub(crate) booking: Option<i64>,
    pub(crate) value: Option<i64>,
    pub(crate) relates_to: Option<u16>,
    pub(crate) description: Option<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Portion {
    Rest,
    Amount(u8, i64),
    Lines(Vec<Line>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Request {
    Post { id: u16, lines: Vec<Line>, words: Words },
    Hold { id: u16, lines: Vec<Line>, expires: Option<i64>, words: Words },
    Capture { id: u16, hold: u16, portion: Portion, last: bool, words: Words },
    Release { id: u16, hold: u16 },
    Reverse { id: u16, original: u16, force: bool, words: Words },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// 0 none, 1 debits, 2 credits, 3 all.
    Block(u8),
    /// The kind of policy (0 non-negative, 1 overdraft, 2 credit limit, 3 unbounded), its amount.
    Floor(u8, i64),
    Ceiling(Option<i64>),
    Close,
    Reopen,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    Global,
    Account(u8),
    EachAccount(u8),
    Channel(u8),
    Kind(u8),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Limit {
    pub(crate) id: u8,
    pub(crate) scope: Scope,
    pub(crate) debit: bool,
    pub(crate) currency: u8,
    pub(crate) kinds: Vec<u8>,
    pub(crate) minimum: Option<i64>,
    pub(crate) maximum: Option<i64>,
    pub(crate) amount: Option<i64>,
    pub(crate) count: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    /// One request, or several that stand or fall together.
    pub(crate) requests: Vec<Request>,
    pub(crate) group: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Batch { channel: u8, items: Vec<Item> },
    Advance(i64),
    Change(u8, Change),
    ClosePeriod(i64),
    SetLimit(Limit),
    RemoveLimit(u8),
    Expire(usize),
}

/// How a request ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It took effect now, at this place and instant.
    Applied(u64, i64),
    /// It had taken effect before, at that place and instant.
    Replayed(u64, i64),
    Refused(No),
}

/// A refusal: its code, and the part of it that says which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct No {
    pub(crate) code: &'static str,
    /// The field of `id_reused`, the reason of `group_failed`.
    pub(crate) field: Option<&'static str>,
    /// An account, for refusals about one.
    pub(crate) account: Option<u8>,
}

fn no<T>(code: &'static str) -> Result<T, No> {
    Err(No { code, field: None, account: None })
}

fn no_field<T>(code: &'static str, field: &'static str) -> Result<T, No> {
    Err(No { code, field: Some(field), account: None })
}

fn no_account<T>(code: &'static str, account: u8) -> Result<T, No> {
    Err(No { code, field: None, account: Some(account) })
}

// ---- what the model remembers

type Mark = Option<(u64, usize, usize)>;

#[derive(Debug, Clone)]
struct Posted {
    request: Request,
    /// Normal legs, or those that a capture or reversal moved.
    lines: Vec<Line>,
    booking: i64,
    value: i64,
    position: u64,
    instant: i64,
    group: Mark,
    channel: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Captured,
    Released,
    Expired,
}

#[derive(Debug, Clone)]
struct Held {
    request: Request,
    lines: Vec<Line>,
    captured: Vec<i64>,
    expires: Option<i64>,
    state: State,
    position: u64,
    instant: i64,
    group: Mark,
}

#[derive(Debug, Clone)]
struct Released {
    hold: u16,
    position: u64,
    instant: i64,
    group: Mark,
}

/// What one line counts against one limit.
#[derive(Debug, Clone)]
struct Used {
    limit: u8,
    subject: Option<u8>,
    day: i64,
    amount: i64,
    /// Whether this line stands for the transaction in the count.
    counted: bool,
    /// The hold and its line whose rest is given back when it ends.
    hold: Option<(u16, usize)>,
}

#[derive(Debug, Clone)]
pub(crate) struct Terms {
    floor: Option<i64>,
    floor_policy: (u8, i64),
    ceiling: Option<i64>,
    block: u8,
    closed: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Model {
    now: i64,
    position: u64,
    last_instant: i64,
    /// Instant and place of the first record of the present unit.
    unit: (i64, u64),
    groups: u64,
    terms: Vec<Terms>,
    posted: Vec<(u16, Posted)>,
    holds: BTreeMap<u16, Held>,
    releases: BTreeMap<u16, Released>,
    limits: BTreeMap<u8, Limit>,
    used: Vec<Used>,
    closed_through: Option<i64>,
    group: Mark,
    channel: u8,
}

/// Four counters: debits and credits posted, debits and credits pending.
type Counters = [i128; 4];

impl Model {
    pub(crate) fn new(position: u64, last_instant: i64) -> Self {
        let terms = OPENED.iter().map(|(_, _, floor, ceiling, _)| Terms {
            floor: *floor,
            floor_policy: (0, 0),
            ceiling: *ceiling,
            block: 0,
            closed: false,
        });
        let mut terms: Vec<_> = terms.collect();
        for (terms, policy) in
            terms.iter_mut().zip([(3, 0), (0, 0), (1, 50), (0, 0), (2, 400), (2, 20)])
        {
            terms.floor_policy = policy;
        }
        Self {
            now: START,
            position,
            last_instant,
            unit: (0, 0),
            groups: 0,
            terms,
            posted: Vec::new(),
            holds: BTreeMap::new(),
            releases: BTreeMap::new(),
            limits: BTreeMap::new(),
            used: Vec::new(),
            closed_through: None,
            group: None,
            channel: 0,
        }
    }

    // ---- sums

    fn today(&self) -> i64 {
        self.now.div_euclid(DAY) - START.div_euclid(DAY)
    }

    fn lines(&self) -> impl Iterator<Item = (&Posted, &Line)> {
        self.posted.iter().flat_map(|(_, one)| one.lines.iter().map(move |line| (one, line)))
    }

    fn counters(&self, account: u8) -> Counters {
        let mut sums = [0; 4];
        for (_, line) in self.lines().filter(|(_, line)| line.account == account) {
            sums[usize::from(!line.debit)] += i128::from(line.amount);
        }
        for hold in self.holds.values().filter(|hold| hold.state == State::Open) {
            for (line, captured) in hold.lines.iter().zip(&hold.captured) {
                if line.account == account {
                    sums[2 + usize::from(!line.debit)] += i128::from(line.amount - captured);
                }
            }
        }
        sums
    }

    fn all_counters(&self) -> Vec<Counters> {
        (0..ACCOUNTS).map(|account| self.counters(account)).collect()
    }

    fn ledger(account: u8, sums: Counters) -> i128 {
        let net = sums[0] - sums[1];
        if OPENED[usize::from(account)].0 { net } else { -net }
    }

    fn available(account: u8, sums: Counters) -> i128 {
        let outgoing = if OPENED[usize::from(account)].0 { sums[3] } else { sums[2] };
        Self::ledger(account, sums) - outgoing
    }

    fn expected(account: u8, sums: Counters) -> i128 {
        let incoming = if OPENED[usize::from(account)].0 { sums[2] } else { sums[3] };
        Self::ledger(account, sums) + incoming
    }

    /// The balance of the entries that pass a filter.
    fn balance_where(&self, account: u8, admits: impl Fn(&Posted) -> bool) -> i128 {
        let mut sums = [0; 4];
        for (one, line) in self.lines().filter(|(_, line)| line.account == account) {
            if admits(one) {
                sums[usize::from(!line.debit)] += i128::from(line.amount);
            }
        }
        Self::ledger(account, sums)
    }

    // ---- records

    fn begin(&mut self) {
        self.unit = (self.now.max(self.last_instant + 1), self.position + 1);
    }

    fn record(&mut self) -> (u64, i64) {
        self.position += 1;
        let offset = i64::try_from(self.position - self.unit.1).unwrap();
        self.last_instant = self.unit.0 + offset;
        (self.position, self.last_instant)
    }

    fn find(&self, id: u16) -> Option<&Posted> {
        self.posted.iter().find(|(other, _)| *other == id).map(|(_, posted)| posted)
    }

    // ---- batches

    pub(crate) fn batch(&mut self, channel: u8, items: &[Item]) -> Vec<Verdict> {
        self.channel = channel;
        self.begin();
        let mut verdicts = Vec::new();
        for item in items {
            if item.group {
                self.grouped(&item.requests, &mut verdicts);
            } else {
                for request in &item.requests {
                    let verdict = self.instruct(request).unwrap_or_else(Verdict::Refused);
                    verdicts.push(verdict);
                }
            }
        }
        verdicts
    }

    fn grouped(&mut self, requests: &[Request], verdicts: &mut Vec<Verdict>) {
        if requests.is_empty() {
            return;
        }
        let before = self.clone();
        self.groups += 1;
        let mut ended = Vec::new();
        let mut failed = None;
        for (at, request) in requests.iter().enumerate() {
            self.group = Some((self.groups, at, requests.len()));
            match self.instruct(request) {
                Ok(verdict) => ended.push(verdict),
                Err(no) => {
                    failed = Some((at, no));
                    break;
                }
            }
        }
        self.group = None;
        let failed = failed.or_else(|| {
            let at = self.torn(requests, &ended)?;
            Some((at, No { code: "group_differs", field: None, account: None }))
        });
        match failed {
            None => verdicts.extend(ended),
            Some((at, why)) => {
                *self = before;
                for place in 0..requests.len() {
                    verdicts.push(Verdict::Refused(if place == at {
                        why.clone()
                    } else {
                        No { code: "group_failed", field: Some(why.code), account: None }
                    }));
                }
            }
        }
    }

    /// The first request of a group that does not fit the rest of it.
    fn torn(&self, requests: &[Request], ended: &[Verdict]) -> Option<usize> {
        let old = |verdict: &Verdict| matches!(verdict, Verdict::Replayed(..));
        let first = ended.iter().position(old)?;
        if !ended.iter().all(old) {
            return Some(first);
        }
        let marks: Vec<Mark> = requests.iter().map(|request| self.mark_of(request)).collect();
        let group = marks[0].map(|mark| mark.0);
        marks.iter().enumerate().position(|(at, mark)| {
            *mark != group.map(|group| (group, at, requests.len())) || mark.is_none()
        })
    }

    fn mark_of(&self, request: &Request) -> Mark {
        match request {
            Request::Post { id, .. }
            | Request::Capture { id, .. }
            | Request::Reverse { id, .. } => self.find(*id).unwrap().group,
            Request::Hold { id, .. } => self.holds[id].group,
            Request::Release { id, .. } => self.releases[id].group,
        }
    }

    /// A refused request changes nothing: every change below comes after the last refusal.
    fn instruct(&mut self, request: &Request) -> Result<Verdict, No> {
        structure(request)?;
        if let Some(earlier) = self.identity(request)? {
            return Ok(earlier);
        }
        match request {
            Request::Post { id, lines, words } => self.post(*id, lines, words, request),
            Request::Hold { id, lines, expires, words } => {
                self.hold(*id, lines, *expires, words, request)
            }
            Request::Capture { id, hold, portion, last, words } => {
                self.capture(*id, *hold, portion, *last, words, request)
            }
            Request::Release { id, hold } => self.release(*id, *hold),
            Request::Reverse { id, original, force, words } => {
                self.reverse(*id, *original, *force, words, request)
            }
        }
    }

    // ---- identity

    fn identity(&self, request: &Request) -> Result<Option<Verdict>, No> {
        let replay = |position, instant| Ok(Some(Verdict::Replayed(position, instant)));
        match request {
            Request::Hold { id, .. } => match self.holds.get(id) {
                None => Ok(None),
                Some(hold) => match differs(&hold.request, request, &hold.lines) {
                    Some(field) => no_field("id_reused", field),
                    None => replay(hold.position, hold.instant),
                },
            },
            Request::Release { id, hold } => {
                if self.find(*id).is_some() {
                    return no_field("id_reused", "operation");
                }
                match self.releases.get(id) {
                    None => Ok(None),
                    Some(earlier) if earlier.hold != *hold => no_field("id_reused", "hold"),
                    Some(earlier) => replay(earlier.position, earlier.instant),
                }
            }
            Request::Post { id, .. }
            | Request::Capture { id, .. }
            | Request::Reverse { id, .. } => {
                if self.releases.contains_key(id) {
                    return no_field("id_reused", "operation");
                }
                match self.find(*id) {
                    None => Ok(None),
                    Some(posted) => match differs(&posted.request, request, &posted.lines) {
                        Some(field) => no_field("id_reused", field),
                        None => replay(posted.position, posted.instant),
                    },
                }
            }
        }
    }

    // ---- stages

    fn references(&self, lines: &[Line], words: &Words) -> Result<(), No> {
        if lines.iter().any(|line| line.currency == TOKEN) {
            return no("unknown_currency");
        }
        if let Some(line) = lines.iter().find(|line| line.account >= ACCOUNTS) {
            return no_account("unknown_account", line.account);
        }
        let other = |line: &&Line| OPENED[usize::from(line.account)].1 != line.currency;
        if let Some(line) = lines.iter().find(other) {
            return no_account("currency_mismatch", line.account);
        }
        match words.relates_to {
            Some(id) if self.find(id).is_none() => no("unknown_transaction"),
            _ => Ok(()),
        }
    }

    fn dates(&self, words: &Words, hold: Option<&Words>) -> Result<(i64, i64), No> {
        let today = self.today();
        let booking = words.booking.or(hold.and_then(|hold| hold.booking)).unwrap_or(today);
        let value = words.value.or(hold.and_then(|hold| hold.value)).unwrap_or(booking);
        if self.closed_through.is_some_and(|closed| booking <= closed) {
            return no("period_closed");
        }
        if booking < today - BOOKING.0 || booking > today + BOOKING.1 {
            return no("booking_date_out_of_bounds");
        }
        if value < booking - VALUE.0 || value > booking + VALUE.1 {
            return no("value_date_out_of_bounds");
        }
        Ok((booking, value))
    }

    fn state(&self, lines: &[Line]) -> Result<(), No> {
        for line in lines {
            if self.terms[usize::from(line.account)].closed {
                return no_account("account_closed", line.account);
            }
        }
        for line in lines {
            let block = self.terms[usize::from(line.account)].block;
            if block == 3 || (block == 1 && line.debit) || (block == 2 && !line.debit) {
                return no_account("account_blocked", line.account);
            }
        }
        Ok(())
    }

    /// Overflow, then floors, then ceilings, on the net effect per account.
    fn bounds(&self, lines: &[Line], pending: bool, judged: bool) -> Result<(), No> {
        let before = self.all_counters();
        let mut after = before.clone();
        let mut overflown = None;
        for line in lines {
            let sums = &mut after[usize::from(line.account)];
            let side = usize::from(!line.debit);
            sums[side + if pending { 2 } else { 0 }] += i128::from(line.amount);
            if sums[side] + sums[side + 2] > i128::from(i64::MAX) {
                overflown = overflown.or(Some(line.account));
            }
        }
        if let Some(account) = overflown {
            return no_account("overflow", account);
        }
        if !judged {
            return Ok(());
        }
        // Of several accounts, the one whose leg stands first.
        let mut touched: Vec<u8> = Vec::new();
        for line in lines {
            if !touched.contains(&line.account) {
                touched.push(line.account);
            }
        }
        for account in &touched {
            let at = usize::from(*account);
            let was = Self::available(*account, before[at]);
            let is = Self::available(*account, after[at]);
            let floor = self.terms[at].floor;
            if floor.is_some_and(|floor| is < i128::from(floor)) && is < was {
                return no_account("insufficient_funds", *account);
            }
        }
        for account in &touched {
            let at = usize::from(*account);
            let was = Self::expected(*account, before[at]);
            let is = Self::expected(*account, after[at]);
            let ceiling = self.terms[at].ceiling;
            if ceiling.is_some_and(|ceiling| is > i128::from(ceiling)) && is > was {
                return no_account("ceiling_exceeded", *account);
            }
        }
        Ok(())
    }

    // ---- limits

    fn subject(&self, limit: &Limit, kind: u8, line: &Line) -> Option<Option<u8>> {
        let account = line.account;
        let measured = line.debit == limit.debit
            && line.currency == limit.currency
            && (limit.kinds.is_empty() || limit.kinds.contains(&kind));
        match limit.scope {
            _ if !measured => None,
            Scope::Global => Some(None),
            Scope::Account(only) => (only == account).then_some(Some(account)),
            Scope::EachAccount(code) => {
                (OPENED[usize::from(account)].4 == code).then_some(Some(account))
            }
            Scope::Channel(only) => (only == self.channel).then_some(None),
            Scope::Kind(only) => (only == kind).then_some(None),
        }
    }

    /// What is used of a limit on a day: amount and number.
    fn usage(&self, limit: u8, subject: Option<u8>, day: i64) -> (i128, u64) {
        let (mut amount, mut count) = (0, 0);
        for used in &self.used {
            if (used.limit, used.subject, used.day) != (limit, subject, day) {
                continue;
            }
            let (part, stands) = match used.hold {
                None => (used.amount, true),
                Some((id, line)) => {
                    let hold = &self.holds[&id];
                    if hold.state == State::Open {
                        (used.amount, true)
                    } else {
                        // Freed usage is given back; a hold of which something moved counts.
                        (hold.captured[line], hold.captured.iter().any(|part| *part > 0))
                    }
                }
            };
            amount += i128::from(part);
            count += u64::from(used.counted && stands);
        }
        (amount, count)
    }

    fn limits(&mut self, kind: u8, lines: &[Line], hold: Option<u16>) -> Result<Vec<Used>, No> {
        let day = self.today();
        let mut counted: Vec<Used> = Vec::new();
        let mut codes: Vec<usize> = Vec::new();
        const ORDER: [&str; 4] =
            ["below_minimum", "above_maximum", "limit_amount_exceeded", "limit_count_exceeded"];
        for limit in self.limits.values() {
            let mut sums: BTreeMap<Option<u8>, i128> = BTreeMap::new();
            for (at, line) in lines.iter().enumerate() {
                let Some(subject) = self.subject(limit, kind, line) else { continue };
                let first = !sums.contains_key(&subject);
                *sums.entry(subject).or_default() += i128::from(line.amount);
                counted.push(Used {
                    limit: limit.id,
                    subject,
                    day,
                    amount: line.amount,
                    counted: first,
                    hold: hold.map(|id| (id, at)),
                });
            }
            for (subject, sum) in sums {
                let (amount, count) = self.usage(limit.id, subject, day);
                let broken = [
                    limit.minimum.is_some_and(|least| sum < i128::from(least)),
                    limit.maximum.is_some_and(|most| sum > i128::from(most)),
                    limit.amount.is_some_and(|most| amount + sum > i128::from(most)),
                    limit.count.is_some_and(|most| count + 1 > u64::from(most)),
                ];
                codes.extend(broken.iter().position(|broken| *broken));
            }
        }
        match codes.iter().min() {
            Some(code) => no(ORDER[*code]),
            None => Ok(counted),
        }
    }

    // ---- the five requests

    fn post(
        &mut self,
        id: u16,
        lines: &[Line],
        words: &Words,
        request: &Request,
    ) -> Result<Verdict, No> {
        self.references(lines, words)?;
        let (booking, value) = self.dates(words, None)?;
        self.state(lines)?;
        self.bounds(lines, false, true)?;
        let used = self.limits(words.kind, lines, None)?;
        self.used.extend(used);
        Ok(self.write(id, lines.to_vec(), booking, value, request))
    }

    fn write(
        &mut self,
        id: u16,
        lines: Vec<Line>,
        booking: i64,
        value: i64,
        request: &Request,
    ) -> Verdict {
        let (position, instant) = self.record();
        let (group, channel) = (self.group, self.channel);
        let request = request.clone();
        let posted = Posted { request, lines, booking, value, position, instant, group, channel };
        self.posted.push((id, posted));
        Verdict::Applied(position, instant)
    }

    fn hold(
        &mut self,
        id: u16,
        lines: &[Line],
        expires: Option<i64>,
        words: &Words,
        request: &Request,
    ) -> Result<Verdict, No> {
        self.references(lines, words)?;
        if expires.is_some_and(|at| at <= self.now) {
            return no("expiry_in_past");
        }
        self.state(lines)?;
        self.bounds(lines, true, true)?;
        let used = self.limits(words.kind, lines, Some(id))?;
        self.used.extend(used);
        let (position, instant) = self.record();
        self.holds.insert(
            id,
            Held {
                request: request.clone(),
                lines: lines.to_vec(),
                captured: vec![0; lines.len()],
                expires,
                state: State::Open,
                position,
                instant,
                group: self.group,
            },
        );
        Ok(Verdict::Applied(position, instant))
    }

    fn capture(
        &mut self,
        id: u16,
        hold_id: u16,
        portion: &Portion,
        last: bool,
        words: &Words,
        request: &Request,
    ) -> Result<Verdict, No> {
        let Some(hold) = self.holds.get(&hold_id).cloned() else { return no("unknown_hold") };
        let Request::Hold { words: of_hold, .. } = &hold.request else { unreachable!() };
        let lines: Vec<Line> = match portion {
            Portion::Rest => {
                let open = hold.lines.iter().zip(&hold.captured);
                let open = open.map(|(line, captured)| {
                    let gone = if hold.state == State::Open { *captured } else { line.amount };
                    Line { amount: line.amount - gone, ..*line }
                });
                open.filter(|line| line.amount > 0).collect()
            }
            Portion::Amount(..) if hold.lines.len() != 2 => return no("capture_needs_legs"),
            Portion::Amount(currency, amount) => {
                let (currency, amount) = (*currency, *amount);
                hold.lines.iter().map(|line| Line { currency, amount, ..*line }).collect()
            }
            Portion::Lines(lines) => {
                for line in lines {
                    let same = |of: &Line| of.account == line.account && of.debit == line.debit;
                    if !hold.lines.iter().any(same) {
                        return no_account("not_a_leg_of_hold", line.account);
                    }
                }
                lines.clone()
            }
        };
        self.references(&lines, words)?;
        let (booking, value) = self.dates(words, Some(of_hold))?;
        if hold.state != State::Open {
            let state = match hold.state {
                State::Captured => "captured",
                State::Released => "released",
                _ => "expired",
            };
            return no_field("hold_not_open", state);
        }
        if hold.expires.is_some_and(|at| at <= self.now) {
            return no("hold_expired");
        }
        let mut captured = hold.captured.clone();
        for line in &lines {
            let mut left = line.amount;
            for (of, captured) in hold.lines.iter().zip(&mut captured) {
                if of.account == line.account && of.debit == line.debit {
                    let part = left.min(of.amount - *captured);
                    *captured += part;
                    left -= part;
                }
            }
            if left > 0 {
                return no("capture_exceeds_hold");
            }
        }
        self.state(&lines)?;
        let all = hold.lines.iter().zip(&captured).all(|(line, part)| line.amount == *part);
        let kept = self.holds.get_mut(&hold_id).unwrap();
        kept.captured = captured;
        if last || all {
            kept.state = State::Captured;
        }
        Ok(self.write(id, lines, booking, value, request))
    }

    fn release(&mut self, id: u16, hold: u16) -> Result<Verdict, No> {
        match self.holds.get_mut(&hold) {
            None => return no("unknown_hold"),
            Some(hold) => match hold.state {
                State::Open => hold.state = State::Released,
                State::Captured => return no_field("hold_not_open", "captured"),
                State::Released => return no_field("hold_not_open", "released"),
                State::Expired => return no_field("hold_not_open", "expired"),
            },
        }
        let (position, instant) = self.record();
        self.releases.insert(id, Released { hold, position, instant, group: self.group });
        Ok(Verdict::Applied(position, instant))
    }

    fn reverse(
        &mut self,
        id: u16,
        original: u16,
        force: bool,
        words: &Words,
        request: &Request,
    ) -> Result<Verdict, No> {
        let Some(first) = self.find(original).cloned() else { return no("unknown_transaction") };
        let mirror = first.lines.iter().map(|line| Line { debit: !line.debit, ..*line });
        let lines: Vec<Line> = mirror.collect();
        self.references(&lines, words)?;
        let (booking, value) = self.dates(words, None)?;
        if matches!(first.request, Request::Reverse { .. }) {
            return no("reversal_of_reversal");
        }
        let again = |(_, one): &(u16, Posted)| matches!(one.request, Request::Reverse { original: of, .. } if of == original);
        if self.posted.iter().any(again) {
            return no("already_reversed");
        }
        self.state(&lines)?;
        self.bounds(&lines, false, !force)?;
        Ok(self.write(id, lines, booking, value, request))
    }

    // ---- the other steps

    fn change(&mut self, account: u8, change: Change) -> Result<bool, No> {
        if let Change::Floor(1 | 2, amount) = change
            && amount < 0
        {
            return no("invalid_terms");
        }
        if let Change::Ceiling(Some(amount)) = change
            && amount < 0
        {
            return no("invalid_terms");
        }
        if account >= ACCOUNTS {
            return no_account("unknown_account", account);
        }
        let sums = self.counters(account);
        let terms = &mut self.terms[usize::from(account)];
        if terms.closed && !matches!(change, Change::Close | Change::Reopen) {
            return no_account("account_closed", account);
        }
        let changed = match change {
            Change::Block(block) => std::mem::replace(&mut terms.block, block) != block,
            Change::Floor(policy, amount) => {
                let amount = if matches!(policy, 1 | 2) { amount } else { 0 };
                terms.floor = (policy != 3).then_some(-amount);
                std::mem::replace(&mut terms.floor_policy, (policy, amount)) != (policy, amount)
            }
            Change::Ceiling(most) => std::mem::replace(&mut terms.ceiling, most) != most,
            Change::Reopen => std::mem::replace(&mut terms.closed, false),
            Change::Close => {
                if sums[0] != sums[1] {
                    return no_account("balance_not_zero", account);
                }
                if sums[2] != 0 || sums[3] != 0 {
                    return no_account("holds_open", account);
                }
                !std::mem::replace(&mut terms.closed, true)
            }
        };
        if changed {
            self.begin();
            self.record();
        }
        Ok(changed)
    }

    fn close_period(&mut self, through: i64) -> Result<bool, No> {
        if self.closed_through == Some(through) {
            return Ok(false);
        }
        let before = self.closed_through.is_some_and(|closed| through < closed);
        if before || through >= self.today() {
            return no("period_not_closable");
        }
        self.closed_through = Some(through);
        self.begin();
        self.record();
        Ok(true)
    }

    fn set_limit(&mut self, limit: &Limit) -> Result<bool, No> {
        let bounds = [limit.minimum, limit.maximum, limit.amount];
        let crossed = limit.minimum.zip(limit.maximum).is_some_and(|(least, most)| least > most);
        let empty = limit.count.is_none() && bounds == [None; 3];
        if crossed || empty || bounds.iter().flatten().any(|bound| *bound < 0) {
            return no("invalid_terms");
        }
        if limit.currency == TOKEN {
            return no("unknown_currency");
        }
        if self.limits.get(&limit.id) == Some(limit) {
            return Ok(false);
        }
        self.limits.insert(limit.id, limit.clone());
        self.begin();
        self.record();
        Ok(true)
    }

    fn remove_limit(&mut self, id: u8) -> Result<bool, No> {
        if self.limits.remove(&id).is_none() {
            return no("unknown_limit");
        }
        self.begin();
        self.record();
        Ok(true)
    }

    /// The holds that may be expired now, with their expiry.
    fn due(&self) -> Vec<(i64, u16)> {
        let open = self.holds.iter().filter(|(_, hold)| hold.state == State::Open);
        let due = open.filter_map(|(id, hold)| Some((hold.expires?, *id)));
        due.filter(|(at, _)| *at <= self.now).collect()
    }

    fn expire(&mut self, expired: &[u16]) {
        self.begin();
        for id in expired {
            self.holds.get_mut(id).unwrap().state = State::Expired;
            self.record();
        }
    }
}

// ---- structure and identity, from the requests alone

fn balanced(lines: &[Line]) -> Result<(), No> {
    match lines.len() {
        0 => return no("no_entries"),
        1 => return no("one_legged"),
        _ => {}
    }
    if lines.iter().any(|line| line.amount <= 0) {
        return no("amount_not_positive");
    }
    for currency in [USD, EUR, TOKEN] {
        let of = lines.iter().filter(|line| line.currency == currency);
        let net: i128 =
            of.map(|line| i128::from(line.amount) * if line.debit { 1 } else { -1 }).sum();
        if net != 0 {
            return no("unbalanced");
        }
    }
    Ok(())
}

fn structure(request: &Request) -> Result<(), No> {
    match request {
        Request::Post { lines, .. } | Request::Hold { lines, .. } => balanced(lines),
        Request::Capture { portion: Portion::Lines(lines), .. } => balanced(lines),
        Request::Capture { portion: Portion::Amount(_, amount), .. } if *amount <= 0 => {
            no("amount_not_positive")
        }
        _ => Ok(()),
    }
}

type Field = Option<&'static str>;

fn when(differs: bool, field: &'static str) -> Field {
    differs.then_some(field)
}

/// The first field in which a request differs from an earlier one; `moved` is what that moved.
fn differs(earlier: &Request, new: &Request, moved: &[Line]) -> Field {
    match (earlier, new) {
        (Request::Post { lines: a, words: x, .. }, Request::Post { lines: b, words: y, .. }) => {
            when(x.kind != y.kind, "kind")
                .or_else(|| lines_differ(a, b))
                .or_else(|| when(x.relates_to != y.relates_to, "relates_to"))
                .or_else(|| words_differ(x, y))
        }
        (
            Request::Hold { lines: a, expires: until, words: x, .. },
            Request::Hold { lines: b, expires, words: y, .. },
        ) => when(x.kind != y.kind, "kind")
            .or_else(|| lines_differ(a, b))
            .or_else(|| when(until != expires, "expires_at"))
            .or_else(|| when(x.relates_to != y.relates_to, "relates_to"))
            .or_else(|| words_differ(x, y)),
        (
            Request::Capture { hold: of, portion: a, last: ended, words: x, .. },
            Request::Capture { hold, portion: b, last, words: y, .. },
        ) => when(of != hold, "hold")
            .or_else(|| when(x.kind != y.kind, "kind"))
            .or_else(|| portions_differ(a, b, moved))
            .or_else(|| when(ended != last, "last"))
            .or_else(|| words_differ(x, y)),
        (
            Request::Reverse { original: of, force: forced, words: x, .. },
            Request::Reverse { original, force, words: y, .. },
        ) => when(of != original, "original")
            .or_else(|| when(forced != force, "force"))
            .or_else(|| words_differ(x, y)),
        _ => Some("operation"),
    }
}

fn lines_differ(a: &[Line], b: &[Line]) -> Field {
    if a.len() != b.len() {
        return Some("legs");
    }
    for (a, b) in a.iter().zip(b) {
        let field = when(a.account != b.account, "account")
            .or_else(|| when(a.debit != b.debit, "side"))
            .or_else(|| when(a.currency != b.currency, "currency"))
            .or_else(|| when(a.amount != b.amount, "amount"));
        if field.is_some() {
            return field;
        }
    }
    None
}

/// An amount and the two legs that it means are the same request.
fn portions_differ(a: &Portion, b: &Portion, moved: &[Line]) -> Field {
    match (a, b) {
        (Portion::Rest, Portion::Rest) => None,
        (Portion::Rest, _) | (_, Portion::Rest) => Some("amount"),
        (_, Portion::Amount(currency, amount)) => {
            let same = |line: &Line| (line.currency, line.amount) == (*currency, *amount);
            when(moved.len() != 2 || !moved.iter().all(same), "amount")
        }
        (_, Portion::Lines(lines)) => lines_differ(moved, lines),
    }
}

fn words_differ(a: &Words, b: &Words) -> Field {
    when(a.booking != b.booking, "booking_date")
        .or_else(|| when(a.value != b.value, "value_date"))
        .or_else(|| when(a.description != b.description, "description"))
}

// ---- the harness

/// Stands for an id that was not used before.
pub(crate) const FRESH: u16 = u16::MAX;
/// Plus `k`: the id that was asked for as the `k`-th last.
pub(crate) const RECENT: u16 = 0xf000;
/// A line of this account stands for a part of the hold: see [`Drafts`].
pub(crate) const PART: u8 = u8::MAX;
/// Expiries below are counted from now.
const RELATIVE: i64 = 100_000_000_000_000_000;

/// An item as generated: new, or an earlier one again, perhaps with a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) item: Item,
    /// Repeats the `k`-th last item instead.
    pub(crate) again: Option<u8>,
    /// Changes the repetition in one respect.
    pub(crate) tweak: Option<u8>,
}

/// A step as generated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Move {
    Batch(u8, Vec<Draft>),
    Other(Step),
}

/// Runs a future to its end: on the runtime that this thread has entered, as stores with a world
/// outside need it, or else by asking again until it is ready.
pub(crate) fn run<F: Future>(future: F) -> F::Output {
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        return runtime.block_on(future);
    }
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

pub(crate) const fn account_id(account: u8) -> AccountId {
    AccountId::from_u128(0xa0 + account as u128)
}

pub(crate) fn transaction_id(id: u16) -> TransactionId {
    TransactionId::from_u128(0x10_0000 + u128::from(id))
}

pub(crate) fn hold_id(id: u16) -> HoldId {
    HoldId::from_u128(0x20_0000 + u128::from(id))
}

pub(crate) fn limit_id(id: u8) -> LimitId {
    LimitId::from_u128(0x30_0000 + u128::from(id))
}

pub(crate) fn currency(currency: u8) -> Currency {
    match currency {
        USD => Currency::iso("USD").unwrap(),
        EUR => Currency::iso("EUR").unwrap(),
        _ => Currency::custom("TOKENS", 0).unwrap(),
    }
}

pub(crate) fn date(day: i64) -> NaiveDate {
    let start = NaiveDate::from_ymd_opt(2026, 3, 10).unwrap();
    if day < 0 { start - Days::new(day.unsigned_abs()) } else { start + Days::new(day as u64) }
}

fn side(debit: bool) -> Side {
    if debit { Side::Debit } else { Side::Credit }
}

fn leg(line: &Line) -> corebank::ledger::Leg {
    let money = Money::new(line.amount, currency(line.currency));
    corebank::ledger::Leg::new(account_id(line.account), side(line.debit), money)
}

pub(crate) fn floor(policy: u8, amount: i64) -> FloorPolicy {
    match policy {
        0 => FloorPolicy::NonNegative,
        1 => FloorPolicy::Overdraft(amount),
        2 => FloorPolicy::CreditLimit(amount),
        _ => FloorPolicy::Unbounded,
    }
}

macro_rules! with_words {
    ($new:expr, $words:expr) => {{
        let (mut new, words) = ($new, $words);
        if let Some(day) = words.booking {
            new = new.with_booking_date(date(day));
        }
        if let Some(day) = words.value {
            new = new.with_value_date(date(day));
        }
        if let Some(text) = words.description {
            new = new.with_description(Text::new(&format!("words {text}")).unwrap());
        }
        new
    }};
}

pub(crate) fn instruction(request: &Request) -> Instruction {
    match request {
        Request::Post { id, lines, words } => {
            let new = NewTransaction::new(KINDS[usize::from(words.kind)]);
            let mut new = lines.iter().fold(new, |new, line| new.leg(leg(line)));
            if let Some(id) = words.relates_to {
                new = new.relating_to(transaction_id(id));
            }
            with_words!(new.with_id(transaction_id(*id)), words).into()
        }
        Request::Hold { id, lines, expires, words } => {
            let new = NewHold::new(KINDS[usize::from(words.kind)]).with_id(hold_id(*id));
            let mut new = lines.iter().fold(new, |new, line| new.leg(leg(line)));
            if let Some(at) = expires {
                new = new.expiring_at(Timestamp::from_nanos(*at));
            }
            if let Some(id) = words.relates_to {
                new = new.relating_to(transaction_id(id));
            }
            with_words!(new, words).into()
        }
        Request::Capture { id, hold, portion, last, words } => {
            let (kind, hold) = (KINDS[usize::from(words.kind)], hold_id(*hold));
            let mut new = match portion {
                Portion::Rest => NewCapture::rest(kind, hold),
                Portion::Amount(of, amount) => {
                    NewCapture::amount(kind, hold, Money::new(*amount, currency(*of)))
                }
                Portion::Lines(lines) => {
                    NewCapture::legs(kind, hold, lines.iter().map(leg).collect())
                }
            };
            if !last {
                new = new.keeping_rest();
            }
            with_words!(new.with_id(transaction_id(*id)), words).into()
        }
        Request::Release { id, hold } => {
            NewRelease::new(hold_id(*hold)).with_id(transaction_id(*id)).into()
        }
        Request::Reverse { id, original, force, words } => {
            let mut new = NewReversal::new(transaction_id(*original));
            if *force {
                new = new.forced();
            }
            with_words!(new.with_id(transaction_id(*id)), words).into()
        }
    }
}

pub(crate) fn batch(items: &[Item]) -> Batch {
    let mut batch = Batch::new();
    for item in items {
        if item.group {
            batch.push_group(item.requests.iter().map(instruction));
        } else {
            for request in &item.requests {
                batch.push(instruction(request));
            }
        }
    }
    batch
}

pub(crate) fn rule(limit: &Limit) -> LimitRule {
    let scope = match limit.scope {
        Scope::Global => LimitScope::Global,
        Scope::Account(account) => LimitScope::Account(account_id(account)),
        Scope::EachAccount(code) => {
            LimitScope::EachAccount(ChartCode::new(CODES[usize::from(code)]).unwrap())
        }
        Scope::Channel(channel) => LimitScope::Channel(CHANNELS[usize::from(channel)]),
        Scope::Kind(kind) => LimitScope::Kind(KINDS[usize::from(kind)]),
    };
    let (id, of) = (limit_id(limit.id), currency(limit.currency));
    let mut rule = LimitRule::new(id, scope, side(limit.debit), of, Window::Day);
    rule = rule.for_kinds(limit.kinds.iter().map(|kind| KINDS[usize::from(*kind)]));
    rule.minimum = limit.minimum;
    rule.maximum = limit.maximum;
    rule.amount = limit.amount;
    rule.count = limit.count;
    rule
}

/// A real refusal as the model names it.
fn refused(refusal: &Refusal) -> No {
    let index = |account: &AccountId| u8::try_from(account.as_u128() - 0xa0).unwrap();
    let (mut field, mut about) = (None, None);
    match refusal {
        Refusal::IdReused { field: differs } => field = Some(*differs),
        Refusal::GroupFailed { because, .. } => field = Some(*because),
        Refusal::HoldNotOpen { state, .. } => field = Some(*state),
        Refusal::UnknownAccount { account }
        | Refusal::CurrencyMismatch { account, .. }
        | Refusal::NotALegOfHold { account, .. }
        | Refusal::AccountClosed { account }
        | Refusal::AccountBlocked { account, .. }
        | Refusal::BalanceNotZero { account, .. }
        | Refusal::HoldsOpen { account }
        | Refusal::Overflow { account }
        | Refusal::InsufficientFunds { account, .. }
        | Refusal::CeilingExceeded { account, .. } => about = Some(index(account)),
        _ => {}
    }
    No { code: refusal.code(), field, account: about }
}

pub(crate) fn verdict(outcome: Result<Outcome<Receipt>, Refusal>) -> Verdict {
    match outcome {
        Ok(Outcome::Applied(receipt)) => {
            Verdict::Applied(receipt.position, receipt.posted_at.as_nanos())
        }
        Ok(Outcome::Replayed(receipt)) => {
            Verdict::Replayed(receipt.position, receipt.posted_at.as_nanos())
        }
        Err(refusal) => Verdict::Refused(refused(&refusal)),
    }
}

fn changed(outcome: Result<Outcome<()>, Error>) -> Result<bool, No> {
    match outcome {
        Ok(outcome) => Ok(!outcome.is_replayed()),
        Err(Error::Refused(refusal)) => Err(refused(&refusal)),
        Err(other) => panic!("{other}"),
    }
}

/// A bank over a store, with the bounds of the small universe.
pub(crate) fn bank_over(store: impl Store, clock: &Arc<ManualClock>, seed: u64) -> Bank {
    bank_over_with(store, clock, seed, |builder| builder)
}

fn bank_over_with(
    store: impl Store,
    clock: &Arc<ManualClock>,
    seed: u64,
    set: impl FnOnce(corebank::bank::BankBuilder) -> corebank::bank::BankBuilder,
) -> Bank {
    run(set(builder_over(store, clock, seed)).open()).unwrap()
}

/// How a bank of the small universe is opened.
pub(crate) fn builder_over(
    store: impl Store,
    clock: &Arc<ManualClock>,
    seed: u64,
) -> corebank::bank::BankBuilder {
    let days = |days: i64| days.unsigned_abs();
    let bounds = DateBounds::STANDARD
        .with_booking(days(BOOKING.0), days(BOOKING.1))
        .with_value(days(VALUE.0), days(VALUE.1));
    Bank::builder(store).shared_clock(clock.clone()).ids(SeededIds::new(seed)).date_bounds(bounds)
}

/// A bank of the small universe, and the clock it goes by.
pub(crate) fn open_bank() -> (Bank, Arc<ManualClock>) {
    open_bank_in(MemoryStore::new(), |builder| builder)
}

pub(crate) fn open_bank_with(
    set: impl FnOnce(corebank::bank::BankBuilder) -> corebank::bank::BankBuilder,
) -> (Bank, Arc<ManualClock>) {
    open_bank_in(MemoryStore::new(), set)
}

fn open_bank_in(
    store: impl Store,
    set: impl FnOnce(corebank::bank::BankBuilder) -> corebank::bank::BankBuilder,
) -> (Bank, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(Timestamp::from_nanos(START)));
    let bank = bank_over_with(store, &clock, 7, set);
    let nodes = [(0, AccountClass::Asset), (1, AccountClass::Liability)].map(|(at, class)| {
        let name = Text::new("node").unwrap();
        ChartNode::new(ChartCode::new(CODES[at]).unwrap(), class, None, name)
    });
    let context = context(0);
    assert!(!run(bank.define_chart(&context, &nodes)).unwrap().is_replayed());
    run(bank.open_accounts(&context, &accounts())).unwrap();
    (bank, clock)
}

/// The accounts of the small universe.
pub(crate) fn accounts() -> Vec<NewAccount> {
    let policies = [(3, 0), (0, 0), (1, 50), (0, 0), (2, 400), (2, 20)];
    let accounts = (0..).zip(OPENED).zip(policies).map(|((at, opened), (policy, amount))| {
        let (_, of, _, ceiling, code) = opened;
        let code = ChartCode::new(CODES[usize::from(code)]).unwrap();
        let new = NewAccount::new(code, currency(of)).with_id(account_id(at));
        let new = new.with_floor(floor(policy, amount));
        ceiling.map_or(new.clone(), |most| new.with_ceiling(most))
    });
    accounts.collect()
}

pub(crate) fn context(channel: u8) -> Context {
    Context::new(Actor::new("user:1").unwrap(), CHANNELS[usize::from(channel)])
}

/// The lines of a hold, as far as it is known.
pub(crate) type LinesOf<'a> = &'a dyn Fn(u16) -> Option<Vec<Line>>;

/// From what was generated to what is asked.
#[derive(Debug, Default)]
pub(crate) struct Drafts {
    fresh: u16,
    /// Ids of transactions and holds in the order in which they were asked for.
    recent: (Vec<u16>, Vec<u16>),
    history: Vec<Item>,
}

impl Drafts {
    pub(crate) fn new() -> Self {
        Self { fresh: 1_000, ..Self::default() }
    }

    fn id(&mut self, id: u16, hold: bool) -> u16 {
        let recent = if hold { &mut self.recent.1 } else { &mut self.recent.0 };
        let id = if id == FRESH {
            self.fresh += 1;
            self.fresh
        } else {
            id
        };
        recent.push(id);
        id
    }

    fn known(&self, id: u16, hold: bool) -> u16 {
        let recent = if hold { &self.recent.1 } else { &self.recent.0 };
        match id.checked_sub(RECENT) {
            Some(back) if !recent.is_empty() => {
                recent[recent.len() - 1 - usize::from(back).min(recent.len() - 1)]
            }
            _ => id,
        }
    }

    fn words(&self, mut words: Words) -> Words {
        words.relates_to = words.relates_to.map(|id| self.known(id, false));
        words
    }

    /// Fills in ids, instants, and the legs of a part of a hold.
    fn resolve(&mut self, request: Request, now: i64, held: LinesOf<'_>) -> Request {
        match request {
            Request::Post { id, lines, words } => {
                let words = self.words(words);
                Request::Post { id: self.id(id, false), lines, words }
            }
            Request::Hold { id, lines, expires, words } => {
                let words = self.words(words);
                let expires = expires.map(|at| if at < RELATIVE { now + at } else { at });
                Request::Hold { id: self.id(id, true), lines, expires, words }
            }
            Request::Capture { id, hold, portion, last, words } => {
                let (hold, words) = (self.known(hold, true), self.words(words));
                let portion = match portion {
                    Portion::Lines(lines) => Portion::Lines(part(held(hold), lines)),
                    portion => portion,
                };
                Request::Capture { id: self.id(id, false), hold, portion, last, words }
            }
            Request::Release { id, hold } => {
                let hold = self.known(hold, true);
                Request::Release { id: self.id(id, false), hold }
            }
            Request::Reverse { id, original, force, words } => {
                let (original, words) = (self.known(original, false), self.words(words));
                Request::Reverse { id: self.id(id, false), original, force, words }
            }
        }
    }

    pub(crate) fn draft(&mut self, draft: &Draft, now: i64, held: LinesOf<'_>) -> Item {
        let back = draft.again.map(usize::from).filter(|back| *back < self.history.len());
        if let Some(back) = back {
            let mut item = self.history[self.history.len() - 1 - back].clone();
            if let Some(tweak) = draft.tweak {
                change(&mut item, tweak);
            }
            return item;
        }
        let requests = draft.item.requests.iter().cloned();
        let requests = requests.map(|request| self.resolve(request, now, held)).collect();
        let item = Item { requests, group: draft.item.group };
        self.history.push(item.clone());
        item
    }
}

/// A single line on [`PART`] becomes the legs of the hold, with its amount on each of them
/// but the first, which balances.
fn part(held: Option<Vec<Line>>, lines: Vec<Line>) -> Vec<Line> {
    let [Line { account: PART, amount, .. }] = lines[..] else { return lines };
    let Some(held) = held else { return lines };
    let rest = held[1..].iter().map(|line| Line { amount, ..*line });
    let rest: Vec<Line> = rest.collect();
    let first = held[0];
    let net = rest.iter().map(|line| {
        if line.currency != first.currency {
            0
        } else if line.debit == first.debit {
            -i128::from(line.amount)
        } else {
            i128::from(line.amount)
        }
    });
    let amount = i64::try_from(net.sum::<i128>()).unwrap_or(1);
    std::iter::once(Line { amount, ..first }).chain(rest).collect()
}

/// A real bank and the model, side by side.
pub(crate) struct Sim {
    pub(crate) bank: Bank,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) model: Model,
    drafts: Drafts,
    /// How often each outcome was seen.
    pub(crate) seen: BTreeMap<&'static str, u32>,
}

impl Sim {
    pub(crate) fn new() -> Self {
        Self::over(MemoryStore::new())
    }

    /// Over a fresh, empty store.
    pub(crate) fn over(store: impl Store) -> Self {
        let (bank, clock) = open_bank_in(store, |builder| builder);
        let head = run(bank.head()).unwrap();
        let model = Model::new(head.position, head.instant.as_nanos());
        Self { bank, clock, model, drafts: Drafts::new(), seen: BTreeMap::new() }
    }

    // ---- walking

    pub(crate) fn walk(&mut self, next: &Move) {
        match next {
            Move::Batch(channel, drafts) => {
                let (model, now) = (&self.model, self.model.now);
                let held = |hold| model.holds.get(&hold).map(|hold| hold.lines.clone());
                let drafts = drafts.iter().map(|draft| self.drafts.draft(draft, now, &held));
                let items = drafts.collect();
                self.step(&Step::Batch { channel: *channel, items });
            }
            Move::Other(step) => self.step(step),
        }
        self.compare();
    }

    fn step(&mut self, step: &Step) {
        let context = context(0);
        match step {
            Step::Batch { channel, items } => self.batch(*channel, items),
            Step::Advance(nanos) => {
                self.model.now += nanos;
                self.clock.set(Timestamp::from_nanos(self.model.now));
            }
            Step::Change(account, to) => {
                let real = match *to {
                    Change::Block(0) => AccountChange::Block(Block::None),
                    Change::Block(1) => AccountChange::Block(Block::Debits),
                    Change::Block(2) => AccountChange::Block(Block::Credits),
                    Change::Block(_) => AccountChange::Block(Block::All),
                    Change::Floor(policy, amount) => AccountChange::Floor(floor(policy, amount)),
                    Change::Ceiling(most) => AccountChange::Ceiling(most),
                    Change::Close => AccountChange::Close,
                    Change::Reopen => AccountChange::Reopen,
                };
                let id = account_id(*account);
                let real = changed(run(self.bank.change_account(&context, id, real)));
                assert_eq!(real, self.model.change(*account, *to), "{step:?}");
                self.note_step("change", &real);
            }
            Step::ClosePeriod(day) => {
                let real = changed(run(self.bank.close_period(&context, date(*day))));
                assert_eq!(real, self.model.close_period(*day), "{step:?}");
                self.note_step("close_period", &real);
            }
            Step::SetLimit(limit) => {
                let real = changed(run(self.bank.set_limit(&context, rule(limit))));
                assert_eq!(real, self.model.set_limit(limit), "{step:?}");
                self.note_step("set_limit", &real);
            }
            Step::RemoveLimit(id) => {
                let real = run(self.bank.remove_limit(&context, limit_id(*id)));
                let real = changed(real.map(Outcome::Applied));
                assert_eq!(real, self.model.remove_limit(*id), "{step:?}");
            }
            Step::Expire(most) => self.expire(*most),
        }
    }

    fn note_step(&mut self, what: &'static str, real: &Result<bool, No>) {
        let what = real.as_ref().map_or_else(|no| no.code, |_| what);
        *self.seen.entry(what).or_default() += 1;
    }

    fn batch(&mut self, channel: u8, items: &[Item]) {
        let context = context(channel);
        let batch = batch(items);
        let real = run(self.bank.post_many(&context, &batch));
        if batch.is_empty() {
            assert_eq!(real.unwrap_err().code(), "empty_batch");
            return;
        }
        let real = real.unwrap();
        let codes: Vec<_> = real.iter().map(|one| one.as_ref().err().map(Refusal::code)).collect();
        for refusal in real.iter().filter_map(|one| one.as_ref().err()) {
            match refusal {
                Refusal::GroupFailed { index, because } => {
                    assert_eq!(codes[*index], Some(*because), "{refusal:?} points elsewhere");
                }
                Refusal::InsufficientFunds { available, needed, .. } => {
                    assert!(available.minor() <= needed.minor(), "{refusal:?}");
                    assert!(available.minor() >= 0 && needed.minor() > 0, "{refusal:?}");
                }
                _ => {}
            }
        }
        let before = self.model.now;
        let real: Vec<Verdict> = real.into_iter().map(verdict).collect();
        let expected = self.model.batch(channel, items);
        let all = items.iter().flat_map(|item| &item.requests);
        for ((request, real), expected) in all.zip(&real).zip(&expected) {
            let name = match (real, request) {
                (Verdict::Refused(no), _) => no.code,
                (Verdict::Replayed(..), _) => "replayed",
                (_, Request::Post { .. }) => "post",
                (_, Request::Hold { .. }) => "hold",
                (_, Request::Capture { .. }) => "capture",
                (_, Request::Release { .. }) => "release",
                (_, Request::Reverse { .. }) => "reverse",
            };
            *self.seen.entry(name).or_default() += 1;
            assert_eq!(
                real, expected,
                "bank, then model, on {request:?}\nof {items:#?}\nat {before}"
            );
        }
        assert_eq!(real.len(), expected.len());
    }

    fn expire(&mut self, most: usize) {
        let mut due = self.model.due();
        due.sort_unstable();
        let real = run(self.bank.expire_holds(&context(0), most)).unwrap();
        let real = real.iter().map(|id| u16::try_from(id.as_u128() - 0x20_0000).unwrap());
        let real: Vec<u16> = real.collect();
        assert_eq!(real.len(), most.min(due.len()), "how many of {due:?} expire");
        // The earliest first; those of one instant in any order.
        let times = real.iter().map(|id| self.model.holds[id].expires.unwrap());
        let times: Vec<i64> = times.collect();
        assert_eq!(times, due.iter().map(|due| due.0).take(most).collect::<Vec<_>>());
        assert!(real.iter().all(|id| due.iter().any(|due| due.1 == *id)));
        *self.seen.entry("expired").or_default() += real.len() as u32;
        self.model.expire(&real);
    }

    /// All four counters of every account, and where the journal ends.
    pub(crate) fn compare(&self) {
        for account in 0..ACCOUNTS {
            let real = run(self.bank.account(account_id(account))).unwrap();
            let Balance { debits_posted, credits_posted, debits_pending, credits_pending } =
                real.state.balance;
            let real = [debits_posted, credits_posted, debits_pending, credits_pending];
            assert_eq!(real.map(i128::from), self.model.counters(account), "of {account}");
        }
        let head = run(self.bank.head()).unwrap();
        assert_eq!(
            (head.position, head.instant.as_nanos()),
            (self.model.position, self.model.last_instant),
            "head"
        );
    }

    /// History: entries, balances as of random places, the trial balance, holds.
    pub(crate) fn finish(&self, probes: &[(u8, i64)]) {
        let bank = &self.bank;
        assert!(run(bank.trial_balance(AsOf::Now)).unwrap().is_zero());
        let report = run(bank.verify()).unwrap();
        assert!(report.is_clean(), "{report:#?}");
        run(bank.seal(&context(0))).unwrap();
        let seals = run(bank.verify_seals()).unwrap();
        assert!(seals.is_clean(), "{seals:#?}");
        for account in 0..ACCOUNTS {
            self.entries_of(account);
        }
        for &(which, probe) in probes {
            // Instants and days near those at which something happened.
            let posted = &self.model.posted;
            let at = usize::try_from(probe.unsigned_abs()).unwrap_or(0);
            let near = (!posted.is_empty()).then(|| &posted[at % posted.len()].1);
            let step = probe.rem_euclid(3) - 1;
            let instant = near.map_or(START, |near| near.instant) + step;
            let booking = near.map_or(0, |near| near.booking) + step;
            let value = near.map_or(0, |near| near.value) + step;
            let as_of = match which % 3 {
                0 => AsOf::Instant(Timestamp::from_nanos(instant)),
                1 => AsOf::BookingDate(date(booking)),
                _ => AsOf::ValueDate(date(value)),
            };
            let admits = |one: &Posted| match which % 3 {
                0 => one.instant <= instant,
                1 => one.booking <= booking,
                _ => one.value <= value,
            };
            let ids: Vec<AccountId> = (0..ACCOUNTS).map(account_id).collect();
            let real = run(bank.balances(&ids, as_of)).unwrap();
            for (account, real) in (0..).zip(real) {
                let expected = self.model.balance_where(account, admits);
                assert_eq!(i128::from(real.ledger.minor()), expected, "{account} as of {as_of:?}");
            }
            assert!(run(bank.trial_balance(as_of)).unwrap().is_zero(), "as of {as_of:?}");
        }
        for (id, expected) in &self.model.holds {
            let real = run(bank.hold_by_id(hold_id(*id))).unwrap();
            let state = match expected.state {
                State::Open => "open",
                State::Captured => "captured",
                State::Released => "released",
                State::Expired => "expired",
            };
            assert_eq!(real.state.code(), state, "hold {id}");
            for ((real, line), captured) in
                real.legs.iter().zip(&expected.lines).zip(&expected.captured)
            {
                let open = expected.state == State::Open;
                assert_eq!(real.captured, *captured, "hold {id}");
                assert_eq!(real.open, if open { line.amount - captured } else { 0 }, "hold {id}");
            }
        }
    }

    fn entries_of(&self, account: u8) {
        let query = EntryQuery::new(account_id(account));
        let (mut cursor, mut entries) = (None, Vec::new());
        loop {
            let page = run(self.bank.entries(&query, 7, cursor)).unwrap();
            entries.extend(page.items);
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        let mut sums = [0; 4];
        let mut expected = self.model.lines().filter(|(_, line)| line.account == account);
        for (number, real) in (1_u64..).zip(&entries) {
            let (posted, line) = expected.next().expect("an entry that the model does not have");
            sums[usize::from(!line.debit)] += i128::from(line.amount);
            let balance = Model::ledger(account, sums);
            assert_eq!(real.number, number);
            assert_eq!(real.side, side(line.debit));
            assert_eq!(real.money, Money::new(line.amount, currency(line.currency)));
            assert_eq!(i128::from(real.balance_after), balance, "entry {number} of {account}");
            assert_eq!(real.booking_date, date(posted.booking));
            assert_eq!(real.value_date, date(posted.value));
            assert_eq!(real.posted_at.as_nanos(), posted.instant);
        }
        assert!(expected.next().is_none(), "an entry that the bank does not have");
    }
}

/// Changes a repeated item in one respect.
fn change(item: &mut Item, tweak: u8) {
    let at = usize::from(tweak >> 4) % item.requests.len().max(1);
    let count = item.requests.len();
    let Some(request) = item.requests.get_mut(at) else { return };
    let (words, lines) = match request {
        Request::Post { lines, words, .. } | Request::Hold { lines, words, .. } => {
            (Some(words), Some(lines))
        }
        Request::Capture { words, last, portion, .. } => {
            match (tweak & 15, &mut *portion) {
                (8, _) => *last = !*last,
                (9, portion) => *portion = Portion::Rest,
                (0, Portion::Amount(_, amount)) => *amount = amount.saturating_add(1),
                _ => {}
            }
            match portion {
                Portion::Lines(lines) => (Some(words), Some(lines)),
                _ => (Some(words), None),
            }
        }
        Request::Release { hold, .. } => {
            *hold ^= 1;
            (None, None)
        }
        Request::Reverse { words, force, original, .. } => {
            match tweak & 15 {
                8 => *force = !*force,
                9 => *original ^= 1,
                _ => {}
            }
            (Some(words), None)
        }
    };
    match (tweak & 15, words, lines) {
        (0, _, Some(lines)) => {
            lines.iter_mut().for_each(|line| line.amount = line.amount.saturating_add(1));
        }
        (1, _, Some(lines)) => lines.iter_mut().for_each(|line| line.debit = !line.debit),
        (2, _, Some(lines)) => lines.reverse(),
        (3, Some(words), _) => words.kind = (words.kind + 1) % 3,
        (4, Some(words), _) => words.description = Some(9),
        (5, Some(words), _) => words.booking = Some(words.booking.map_or(0, |day| day - 1)),
        (6, Some(words), _) => words.value = Some(words.value.map_or(0, |day| day - 1)),
        (10, _, _) => item.group = !item.group,
        (11, _, _) if count > 1 => {
            item.requests.pop();
        }
        (12, _, _) => item.requests.rotate_left(1),
        (13, _, _) => item.requests.truncate(1),
        _ => {}
    }
}
