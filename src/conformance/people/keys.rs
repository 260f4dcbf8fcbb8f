//! Keys over the years: rotated, wrapped anew, sealed again page by page, destroyed when nothing
//! needs them; and nothing is lost on the way, whoever else is at work.

use std::sync::Arc;

use super::hall::{ANNA, BEN, CARLA, Hall, no, person};
use super::races::{call, slow};
use crate::bank::{Action, Bank, Context, Denied, Policy};
use crate::conformance::bench::{Bench, Checked, ensure, found, same};
use crate::conformance::races::{Call, together};
use crate::id::{CustomerId, DataKeyId, SeededIds};
use crate::ledger::{Operation, Record};
use crate::party::{CustomerChange, IdScheme, NationalId, NewCustomer};
use crate::privacy::{BlindIndex, KeyPurpose, KeyState, MemoryKeys, StoredKey};
use crate::store::Store;

fn ssn(number: u32) -> Checked<NationalId> {
    Ok(NationalId::parse(IdScheme::Ssn, &format!("{}", 536_904_000_u32.saturating_add(number)))?)
}

fn with_ssn(id: CustomerId, number: u32) -> Checked<NewCustomer> {
    Ok(person(id, "Kim")?.with_identity(ssn(number)?))
}

/// Three with an identifier, one of them with one that is not kept, and one without any.
async fn four(hall: &Hall) -> Checked<[CustomerId; 4]> {
    let (bank, me) = (hall.bank(), hall.me());
    let ids = [ANNA, BEN, CARLA, CustomerId::from_u128(0xa004)];
    let aadhaar = NationalId::parse(IdScheme::Aadhaar, "9999 4105 7058")?;
    let _ = bank.register_customer(me, with_ssn(ANNA, 1)?.with_identity(aadhaar)).await?;
    let pan = NationalId::parse(IdScheme::Pan, "ABCPE1234F")?;
    let _ = bank.register_customer(me, with_ssn(BEN, 2)?.with_identity(pan)).await?;
    let _ = bank.register_customer(me, person(CARLA, "Carla")?).await?;
    let _ = bank.register_customer(me, with_ssn(ids[3], 4)?).await?;
    Ok(ids)
}

async fn reads(bank: &Bank, hall: &Hall, customer: CustomerId, number: u32) -> Checked {
    let clear = bank.reveal_identifier(hall.me(), customer, "ssn").await?;
    same(clear.expose().as_str(), ssn(number)?.number(), "in clear")
}

async fn active(bank: &Bank) -> Checked<DataKeyId> {
    let keys = bank.data_keys().await?;
    let mut active =
        keys.iter().filter(|one| one.purpose == KeyPurpose::Data && one.state == KeyState::Active);
    let first = active.next().ok_or_else(|| found("no key"))?.id;
    ensure(active.next().is_none(), "two keys that encrypt")?;
    Ok(first)
}

async fn key(bank: &Bank, id: DataKeyId) -> Checked<StoredKey> {
    let keys = bank.data_keys().await?;
    keys.into_iter().find(|one| one.id == id).ok_or_else(|| found("no such key"))
}

/// How often something happened.
async fn events(hall: &Hall, event: &str) -> Checked<usize> {
    let records = hall.bench.store.journal(0, 10_000).await?;
    let is = |record: &&Record| match record {
        Record::Operation(done) => match &done.operation {
            Operation::EntityWritten(written) => written.event.as_str() == event,
            _ => false,
        },
        Record::Transaction(_) => false,
    };
    Ok(records.iter().filter(is).count())
}

/// Rotated, sealed again in pages of one with a stop between, destroyed; all is read at every step.
pub(super) async fn rotated(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    let (bank, me) = (hall.bank(), hall.me());
    let ids = four(&hall).await?;
    let old = active(bank).await?;
    let new = bank.rotate_keys(me).await?;
    same(active(bank).await?, new, "another key encrypts")?;
    same(key(bank, old).await?.state, KeyState::DecryptOnly, "the old one decrypts")?;
    reads(bank, &hall, ANNA, 1).await?;
    no(bank.destroy_key(me, old).await, "privacy_key_in_use")?;
    no(bank.destroy_key(me, new).await, "privacy_key_active")?;
    let index = bank.data_keys().await?.into_iter().find(|one| one.purpose == KeyPurpose::Index);
    let index = index.ok_or_else(|| found("an index key"))?.id;
    no(bank.destroy_key(me, index).await, "privacy_key_active")?;
    no(bank.destroy_key(me, DataKeyId::from_u128(7)).await, "privacy_unknown_key")?;
    // A page, and then the host was gone: it begins again and finds what is left.
    let first = bank.reseal_identifiers(me, None, 1).await?;
    same((first.seen, first.changed, first.next), (1, 1, Some(ANNA)), "a page of one")?;
    no(bank.destroy_key(me, old).await, "privacy_key_in_use")?;
    let (mut after, mut seen, mut changed) = (None, 0_usize, 0_usize);
    loop {
        let page = bank.reseal_identifiers(me, after, 1).await?;
        ensure(page.failed.is_empty(), format!("{:?}", page.failed))?;
        seen = seen.saturating_add(page.seen);
        changed = changed.saturating_add(page.changed);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    same((seen, changed), (4, 2), "all seen, what was left changed")?;
    same(events(&hall, "customer.identifiers_resealed").await?, 3, "each on record, once")?;
    same(bank.reseal_identifiers(me, None, 100).await?.changed, 0, "nothing is left")?;
    ensure(!bank.destroy_key(me, old).await?.is_replayed(), "destroyed")?;
    ensure(bank.destroy_key(me, old).await?.is_replayed(), "destroyed already")?;
    let gone = key(bank, old).await?;
    ensure(gone.state == KeyState::Destroyed && gone.wrapped.bytes.is_empty(), "its bytes")?;
    for (id, number) in [(ANNA, 1), (BEN, 2), (ids[3], 4)] {
        reads(bank, &hall, id, number).await?;
        let search = crate::bank::CustomerSearch::Identifier(ssn(number)?);
        let hits = bank.search_customers(&search, 10, None).await?;
        same(hits.iter().map(|(_, one)| one.id).collect(), vec![id], "found as before")?;
    }
    no(
        bank.register_customer(me, with_ssn(CustomerId::from_u128(5), 2)?).await,
        "identifier_taken",
    )?;
    // Whoever opens the bank now reads all of it.
    let fresh = Bank::builder(hall.bench.store.clone()).ids(SeededIds::new(51)).open().await?;
    fresh.unlock(MemoryKeys::of("conformance", [7; 32])).await?;
    reads(&fresh, &hall, BEN, 2).await
}

/// A row that cannot be opened is named, holds up nobody else, and keeps its key from being
/// destroyed; an index that is not that of its number is made anew.
pub(super) async fn spoiled(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    let (bank, me) = (hall.bank(), hall.me());
    let ids = four(&hall).await?;
    let old = active(bank).await?;
    let of = |id: CustomerId| async move {
        let one = bank.customer(id).await?.customer;
        one.identity("ssn").cloned().ok_or_else(|| found("an identifier"))
    };
    // Anna's ciphertext in Ben's row, and the last one's own under a wrong index.
    let mut moved = of(ANNA).await?;
    moved.index = BlindIndex::from_bytes([1; 32]);
    let _ = bank.amend_customer(me, BEN, &[CustomerChange::Identity(moved)], None).await?;
    let mut astray = of(ids[3]).await?;
    let right = astray.index;
    astray.index = BlindIndex::from_bytes([2; 32]);
    let _ = bank.amend_customer(me, ids[3], &[CustomerChange::Identity(astray)], None).await?;
    let _ = bank.rotate_keys(me).await?;
    let page = bank.reseal_identifiers(me, None, 100).await?;
    same((page.seen, page.changed, page.next), (4, 2, None), "the others")?;
    let failed: Vec<_> = page.failed.iter().map(|(id, error)| (*id, error.code())).collect();
    same(failed, vec![(BEN, "privacy_tampered")], "named")?;
    same(of(ids[3]).await?.index, right, "indexed anew")?;
    no(bank.destroy_key(me, old).await, "privacy_key_in_use")?;
    // Put right by the clerk, who has seen the number.
    let _ = bank.set_identifier(me, BEN, &ssn(2)?).await?;
    let page = bank.reseal_identifiers(me, None, 100).await?;
    same((page.changed, page.failed.len()), (1, 0), "his other number")?;
    let _ = bank.destroy_key(me, old).await?;
    reads(bank, &hall, BEN, 2).await
}

/// Under another master key: the old one opens nothing any more, the new one everything; also what
/// somebody made under the old one meanwhile, by the same call again.
pub(super) async fn rewrapped(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    let (bank, me) = (hall.bank(), hall.me());
    let _ = four(&hall).await?;
    let (old, new) =
        (|| MemoryKeys::of("conformance", [7; 32]), || MemoryKeys::of("next", [8; 32]));
    let stranger = MemoryKeys::of("stranger", [9; 32]);
    no(bank.rewrap_keys(me, &stranger, new()).await, "privacy_port_refused")?;
    same(events(&hall, "key.rewrapped").await?, 0, "nothing was wrapped")?;
    // Another process that has the bank open with the old port.
    let other = Bank::builder(hall.bench.store.clone()).ids(SeededIds::new(52)).open().await?;
    other.unlock(old()).await?;
    same(bank.dry_run().rewrap_keys(me, &old(), new()).await?, 2, "what would be wrapped")?;
    same(events(&hall, "key.rewrapped").await?, 0, "a dry run wraps nothing")?;
    same(bank.rewrap_keys(me, &old(), new()).await?, 2, "both keys")?;
    same(events(&hall, "key.rewrapped").await?, 2, "on record")?;
    reads(bank, &hall, ANNA, 1).await?;
    let opens = |port: MemoryKeys, seed: u64| {
        let store = hall.bench.store.clone();
        async move {
            let bank = Bank::builder(store).ids(SeededIds::new(seed)).open().await?;
            bank.unlock(port).await.map(|()| bank)
        }
    };
    no(opens(old(), 53).await, "privacy_port_refused")?;
    reads(&opens(new(), 54).await?, &hall, BEN, 2).await?;
    // The other process knows no better and makes a key under the old port.
    let _ = other.rotate_keys(hall.me()).await.map_err(|error| error.code());
    for port in [old(), new()] {
        if let Ok(bank) = opens(port, 55).await {
            reads(&bank, &hall, ANNA, 1).await?;
        }
    }
    let all = bank.data_keys().await?.len();
    same(bank.rewrap_keys(me, &old(), new()).await?, all, "once more, whatever wrapped them")?;
    no(opens(old(), 56).await, "privacy_port_refused")?;
    reads(&opens(new(), 57).await?, &hall, ANNA, 1).await?;
    let _ = bank.rotate_keys(me).await?;
    reads(&opens(new(), 58).await?, &hall, BEN, 2).await
}

/// Several processes: of those that rotate at once one does, and who knows the old key only seals
/// under the new one all the same.
pub(super) async fn by_several(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    let me = hall.me();
    let _ = four(&hall).await?;
    let late = slow(&hall, 61).await?;
    let old = active(hall.bank()).await?;
    let new = hall.bank().rotate_keys(me).await?;
    // Its ring is that of yesterday.
    let id = CustomerId::from_u128(0x8_0001);
    let _ = late.register_customer(me, with_ssn(id, 11)?).await?;
    let _ = hall.bank().rotate_keys(me).await?;
    let _ = late.set_identifier(me, CARLA, &ssn(12)?).await?;
    reads(hall.bank(), &hall, id, 11).await?;
    reads(hall.bank(), &hall, CARLA, 12).await?;
    let sealed = hall.bank().customer(id).await?.customer;
    let under = sealed.identity("ssn").and_then(|one| Some(one.sealed.as_ref()?.key()));
    same(under, Some(new), "under the key that was active then")?;
    // What was sealed under a key of yesterday is not taken as new.
    let stolen = hall.bank().customer(ANNA).await?.customer;
    let mut stolen = stolen.identity("ssn").cloned().ok_or_else(|| found("an identifier"))?;
    stolen.index = BlindIndex::from_bytes([3; 32]);
    let change = [CustomerChange::Identity(stolen)];
    no(hall.bank().amend_customer(me, BEN, &change, None).await, "privacy_key_retired")?;
    at_once(&hall).await?;
    let page = hall.bank().reseal_identifiers(me, None, 100).await?;
    same((page.failed.len(), page.next), (0, None), "one page")?;
    let keys = hall.bank().data_keys().await?;
    for key in keys.iter().filter(|one| one.state == KeyState::DecryptOnly) {
        let _ = hall.bank().destroy_key(me, key.id).await?;
    }
    same(key(hall.bank(), old).await?.state, KeyState::Destroyed, "the first one")?;
    // Who sleeps through all of that finds its way when it writes, and reads after a reload.
    let id = CustomerId::from_u128(0x8_0002);
    let _ = late.register_customer(me, with_ssn(id, 13)?).await?;
    reads(&late, &hall, id, 13).await?;
    reads(&late, &hall, ANNA, 1).await
}

/// Five that rotate and five that register, side by side.
async fn at_once(hall: &Hall) -> Checked {
    let mut calls: Vec<Call> = Vec::new();
    for at in 0..5_u32 {
        let (bank, me) =
            (slow(hall, 70_u64.saturating_add(u64::from(at))).await?, hall.me().clone());
        let rotating = bank.clone();
        let context = me.clone();
        calls.push(call(move || {
            let (bank, me) = (rotating.clone(), context.clone());
            async move { bank.rotate_keys(&me).await }
        }));
        let id = CustomerId::from_u128(0x9_0000_u128.saturating_add(u128::from(at)));
        let new = with_ssn(id, 20_u32.saturating_add(at))?;
        calls.push(call(move || {
            let (bank, me, new) = (bank.clone(), me.clone(), new.clone());
            async move { bank.register_customer(&me, new).await }
        }));
    }
    same(together(calls).await?, 10, "all went well")?;
    hall.bank().reload_keys().await?;
    let _ = active(hall.bank()).await?;
    for at in 0..5_u32 {
        let id = CustomerId::from_u128(0x9_0000_u128.saturating_add(u128::from(at)));
        reads(hall.bank(), hall, id, 20_u32.saturating_add(at)).await?;
    }
    Ok(())
}

/// Everything but what is named.
#[derive(Debug)]
struct All(Action);

impl Policy for All {
    fn authorise(&self, _: &Context, action: Action) -> Result<(), Denied> {
        let why = "not today";
        if action == self.0 { Err(Denied { action: action.code(), why }) } else { Ok(()) }
    }
}

/// Each operation has an action of its own, and leaves no trace where that is denied.
pub(super) async fn denied(bench: Bench) -> Checked {
    let hall = Hall::open(bench).await?;
    let (bank, me) = (hall.bank(), hall.me());
    let _ = four(&hall).await?;
    let old = active(bank).await?;
    let _ = bank.rotate_keys(me).await?;
    let port = || MemoryKeys::of("conformance", [7; 32]);
    let but = |action, seed: u64| {
        let clock = Arc::<crate::time::ManualClock>::clone(&hall.bench.clock);
        let builder = Bank::builder(hall.bench.store.clone()).shared_clock(clock);
        async move {
            let bank = builder.ids(SeededIds::new(seed)).policy(All(action)).open().await?;
            bank.unlock(port()).await.map(|()| bank)
        }
    };
    let before = hall.bench.position().await?;
    no(but(Action::RotateKeys, 81).await?.rotate_keys(me).await, "denied")?;
    let next = MemoryKeys::of("next", [8; 32]);
    no(but(Action::RewrapKeys, 82).await?.rewrap_keys(me, &port(), next).await, "denied")?;
    let reseals = but(Action::ResealIdentifiers, 83).await?;
    no(reseals.reseal_identifiers(me, None, 10).await, "denied")?;
    no(bank.reseal_identifiers(me, None, 0).await, "invalid_terms")?;
    no(but(Action::DestroyKeys, 84).await?.destroy_key(me, old).await, "denied")?;
    same(hall.bench.position().await?, before, "nothing was written")
}
