//! Records of the journal and their entries.

use std::sync::Arc;

use chrono::NaiveDate;
use uuid::Uuid;

use super::engine::{Column, Columns, Engine, missing};
use super::load::Seen;
use super::place::first_entry;
use super::values;
use crate::ledger::facts::{Extra, Plan, PlannedEntry, PlannedRecord, PlannedTransaction};
use crate::ledger::{Link, Operation, Side};
use crate::store::StoreError;

/// What the entries left behind: the latest booking and value day of each slot.
pub(super) struct Written {
    pub(super) days: Vec<(i64, i64)>,
}

/// Writes records, their details and their entries.
pub(super) async fn write_records<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    seen: &Seen,
    plan: &Plan,
    first_place: i64,
) -> Result<Written, StoreError> {
    let mut records = Records::with_capacity(plan.records());
    let mut entries = Entries::with_capacity(plan.entries.len(), seen.days.clone());
    let mut details = Details::default();
    let mut left = plan.entries.as_slice();
    for (offset, record) in (0_i64..).zip(plan.records_in_order()) {
        let place = first_place.saturating_add(offset);
        match record {
            PlannedRecord::Transaction(at) => {
                let transaction = plan.transactions.get(at).ok_or_else(missing)?;
                records.transaction(place, transaction);
                if let Some(extra) = &transaction.extra {
                    details.transaction(place, extra)?;
                }
                let count = transaction.entries as usize;
                let (own, rest) = left.split_at_checked(count).ok_or_else(missing)?;
                entries.of(place, transaction.booking_date, transaction.value_date);
                for entry in own {
                    let slot = entry.slot as usize;
                    let account = plan.accounts.get(slot).ok_or_else(missing)?;
                    let days = entries.days.get(slot).copied().ok_or_else(missing)?;
                    let days = entries.add(values::int(account.key), days, entry);
                    if let Some(slot) = entries.days.get_mut(slot) {
                        *slot = days;
                    }
                }
                left = rest;
            }
            PlannedRecord::Operation(at) => {
                let planned = plan.operations.get(at).ok_or_else(missing)?;
                records.operation(place, &planned.operation);
                details.operation(place, &planned.operation)?;
            }
        }
    }
    let days = std::mem::take(&mut entries.days);
    insert_all(engine, link, records, details, entries).await?;
    Ok(Written { days })
}

/// Inserts what was gathered.
pub(super) async fn insert_all<E: Engine>(
    engine: &E,
    link: &mut E::Link,
    records: Records,
    details: Details,
    entries: Entries,
) -> Result<(), StoreError> {
    if !records.places.is_empty() {
        engine.insert(link, "record", records.columns()).await?;
    }
    if !details.places.is_empty() {
        engine.insert(link, "detail", details.columns()).await?;
    }
    if !entries.seqs.is_empty() {
        engine.insert(link, "entry", entries.columns()).await?;
    }
    Ok(())
}

#[derive(Default)]
pub(super) struct Records {
    places: Vec<i64>,
    ids: Vec<Option<Uuid>>,
    booking: Vec<Option<i64>>,
    value: Vec<Option<i64>>,
    defaulted: Vec<i64>,
    detailed: Vec<i64>,
    kinds: Vec<Option<Arc<str>>>,
    last_kind: Option<(crate::ledger::Kind, Arc<str>)>,
}

impl Records {
    pub(super) fn with_capacity(count: usize) -> Self {
        Self {
            places: Vec::with_capacity(count),
            ids: Vec::with_capacity(count),
            booking: Vec::with_capacity(count),
            value: Vec::with_capacity(count),
            defaulted: Vec::with_capacity(count),
            detailed: Vec::with_capacity(count),
            kinds: Vec::with_capacity(count),
            last_kind: None,
        }
    }

    pub(super) fn transaction(&mut self, place: i64, row: &PlannedTransaction) {
        let known = self.last_kind.as_ref().filter(|(kind, _)| *kind == row.kind);
        let kind = known.map(|(_, text)| Arc::clone(text)).unwrap_or_else(|| {
            let text: Arc<str> = Arc::from(row.kind.as_str());
            self.last_kind = Some((row.kind, Arc::clone(&text)));
            text
        });
        self.places.push(place);
        self.ids.push(Some(row.id.as_uuid()));
        self.booking.push(Some(values::day_of(row.booking_date)));
        self.value.push(Some(values::day_of(row.value_date)));
        self.defaulted.push(values::defaulted_code(row.defaulted));
        self.detailed.push(row.extra.is_some().into());
        self.kinds.push(Some(kind));
    }

    pub(super) fn operation(&mut self, place: i64, operation: &Operation) {
        let id = match operation {
            Operation::HoldEnded { by: Some(by), .. } => Some(by.as_uuid()),
            _ => None,
        };
        self.places.push(place);
        self.ids.push(id);
        self.booking.push(None);
        self.value.push(None);
        self.defaulted.push(0);
        self.detailed.push(1);
        self.kinds.push(None);
    }

    fn columns(self) -> Columns {
        vec![
            ("place", Column::Ints(self.places)),
            ("id", Column::OptUuids(self.ids)),
            ("booking_day", Column::OptInts(self.booking)),
            ("value_day", Column::OptInts(self.value)),
            ("defaulted", Column::Ints(self.defaulted)),
            ("detailed", Column::Ints(self.detailed)),
            ("kind", Column::OptTexts(self.kinds)),
        ]
    }
}

/// Entries in columns; late days only if there are any, which is seldom.
pub(super) struct Entries {
    seqs: Vec<i64>,
    accounts: Vec<i64>,
    numbers: Vec<i64>,
    amounts: Vec<i64>,
    balances: Vec<i64>,
    booked: Vec<i64>,
    valued: Vec<i64>,
    late_booked: Vec<Option<i64>>,
    late_valued: Vec<Option<i64>>,
    late: bool,
    days: Vec<(i64, i64)>,
    /// Sequence and days of the next entry.
    next: i64,
    day: (i64, i64),
}

impl Entries {
    pub(super) fn with_capacity(count: usize, days: Vec<(i64, i64)>) -> Self {
        Self {
            seqs: Vec::with_capacity(count),
            accounts: Vec::with_capacity(count),
            numbers: Vec::with_capacity(count),
            amounts: Vec::with_capacity(count),
            balances: Vec::with_capacity(count),
            booked: Vec::with_capacity(count),
            valued: Vec::with_capacity(count),
            late_booked: Vec::with_capacity(count),
            late_valued: Vec::with_capacity(count),
            late: false,
            days,
            next: 0,
            day: (0, 0),
        }
    }

    /// The entries added from here on belong to this record.
    pub(super) fn of(&mut self, place: i64, booking: NaiveDate, value: NaiveDate) {
        self.next = first_entry(place);
        self.day = (values::day_of(booking), values::day_of(value));
    }

    /// Adds the next entry of the record, to an account with these latest days; returns the latest
    /// days after it.
    pub(super) fn add(&mut self, key: i64, days: (i64, i64), entry: &PlannedEntry) -> (i64, i64) {
        let (booking, value) = self.day;
        let days = (days.0.max(booking), days.1.max(value));
        let late_booked = (booking < days.0).then_some(booking);
        let late_valued = (value < days.1).then_some(value);
        self.late |= late_booked.is_some() || late_valued.is_some();
        self.booked.push(days.0);
        self.valued.push(days.1);
        self.late_booked.push(late_booked);
        self.late_valued.push(late_valued);
        self.seqs.push(self.next);
        self.next = self.next.saturating_add(1);
        self.accounts.push(key);
        self.numbers.push(values::int(entry.number));
        let debit = entry.side == Side::Debit;
        self.amounts.push(if debit { entry.amount } else { entry.amount.saturating_neg() });
        self.balances.push(entry.balance_after);
        days
    }

    fn columns(self) -> Columns {
        let mut columns = vec![
            ("seq", Column::Ints(self.seqs)),
            ("account", Column::Ints(self.accounts)),
            ("number", Column::Ints(self.numbers)),
            ("amount", Column::Ints(self.amounts)),
            ("balance_after", Column::Ints(self.balances)),
            ("booked", Column::Ints(self.booked)),
            ("valued", Column::Ints(self.valued)),
        ];
        if self.late {
            columns.push(("late_booked", Column::OptInts(self.late_booked)));
            columns.push(("late_valued", Column::OptInts(self.late_valued)));
        }
        columns
    }
}

#[derive(Default)]
pub(super) struct Details {
    places: Vec<i64>,
    links: Vec<(Option<i64>, Option<Uuid>, Option<i64>)>,
    groups: Vec<Option<(Uuid, i64, i64)>>,
    references: Vec<Option<Arc<str>>>,
    words: Vec<Option<Arc<str>>>,
    salts: Vec<Option<Vec<u8>>>,
    digests: Vec<Option<Vec<u8>>>,
    operations: Vec<Option<Arc<str>>>,
}

impl Details {
    pub(super) fn transaction(&mut self, place: i64, extra: &Extra) -> Result<(), StoreError> {
        self.places.push(place);
        self.links.push(match extra.link {
            None => (None, None, None),
            Some(Link::Reverses { original, forced }) => {
                (Some(0), Some(original.as_uuid()), Some(forced.into()))
            }
            Some(Link::Captures { hold, last }) => {
                (Some(1), Some(hold.as_uuid()), Some(last.into()))
            }
            Some(Link::RelatesTo(original)) => (Some(2), Some(original.as_uuid()), None),
        });
        let group = |mark: crate::ledger::GroupMark| {
            (mark.group.as_uuid(), i64::from(mark.index), i64::from(mark.size))
        };
        self.groups.push(extra.group.map(group));
        let notes = extra.notes.as_ref();
        let words = notes.and_then(|notes| notes.notes.as_ref());
        let reference = words.and_then(|words| words.reference.as_ref());
        self.references.push(reference.map(|text| Arc::from(text.as_str())));
        self.words.push(words.map(values::json).transpose()?);
        self.salts.push(notes.map(|notes| notes.salt.to_vec()));
        self.digests.push(notes.map(|notes| notes.digest.to_vec()));
        self.operations.push(None);
        Ok(())
    }

    pub(super) fn operation(
        &mut self,
        place: i64,
        operation: &Operation,
    ) -> Result<(), StoreError> {
        self.places.push(place);
        self.links.push((None, None, None));
        self.groups.push(None);
        self.references.push(None);
        self.words.push(None);
        self.salts.push(None);
        self.digests.push(None);
        self.operations.push(Some(values::json(operation)?));
        Ok(())
    }

    fn columns(self) -> Columns {
        let groups = &self.groups;
        vec![
            ("place", Column::Ints(self.places)),
            ("link", Column::OptInts(self.links.iter().map(|link| link.0).collect())),
            ("linked", Column::OptUuids(self.links.iter().map(|link| link.1).collect())),
            ("marked", Column::OptInts(self.links.iter().map(|link| link.2).collect())),
            ("group_id", Column::OptUuids(groups.iter().map(|one| one.map(|g| g.0)).collect())),
            ("group_index", Column::OptInts(groups.iter().map(|one| one.map(|g| g.1)).collect())),
            ("group_size", Column::OptInts(groups.iter().map(|one| one.map(|g| g.2)).collect())),
            ("reference", Column::OptTexts(self.references)),
            ("words", Column::OptTexts(self.words)),
            ("salt", Column::OptBytes(self.salts)),
            ("digest", Column::OptBytes(self.digests)),
            ("operation", Column::OptTexts(self.operations)),
        ]
    }
}
