//! Keys of rows beside the ledger that are not those that the rows have: `verify` names each, and
//! says no word of what the keys are. Here in the memory store, by a host that writes wrong keys;
//! `sql/faults/keys.rs` changes tables by hand.

use corebank::bank::{Bank, Context};
use corebank::id::BranchId;
use corebank::ledger::facts::{Facts, Plan, PlannedOperation, Wanted};
use corebank::ledger::verify::{Difference, KeyDifference, Report};
use corebank::ledger::{Actor, Channel, EntityRef, EntityWritten, EventCode, Operation, Origin};
use corebank::party::{Branch, Code, WholeName};
use corebank::store::{
    Changes, Entities, EntityChange, EntityRow, EntityWanted, Index, IndexEntry, IndexHit, Store,
};

use crate::hooked::{Hooked, Hooks};
use crate::model::run;

const CODE: &str = "branch_code";

const fn branch(id: u128) -> EntityRef {
    EntityRef::new(Branch::KIND, BranchId::from_u128(id).as_uuid())
}

fn key(code: &str) -> IndexEntry {
    IndexEntry::new(Index::BranchCode, code)
}

/// Three branches, A to C.
fn house() -> (Hooked, Bank) {
    let store = Hooked::new(Hooks::default());
    let bank = run(Bank::open(store.clone())).unwrap();
    let clerk = Context::system("clerk").unwrap();
    for (id, code) in [(1, "A"), (2, "B"), (3, "C")] {
        let branch = Branch::new(BranchId::from_u128(id), WholeName::new("Main").unwrap());
        let branch = branch.with_code(Code::new(code).unwrap());
        let _ = run(bank.define_branch(&clerk, branch)).unwrap();
    }
    (store, bank)
}

/// Writes a row as it is, under other keys.
fn misfile(store: &Hooked, bank: &Bank, entity: EntityRef, keys: Vec<IndexEntry>) {
    let work = async {
        let mut unit = store.begin().await?;
        let (mut found, mut facts) = (Entities::default(), Facts::default());
        let wanted = EntityWanted { exclusive: vec![entity], ..EntityWanted::default() };
        unit.load_entities(&wanted, &mut found).await?;
        unit.load(&Wanted::default(), &mut facts).await?;
        let row = EntityRow::clone(&found.rows[&entity]);
        let written = EntityWritten {
            entity,
            version: row.version + 1,
            event: EventCode::new("party.changed").unwrap(),
            changes: Vec::new(),
            account: None,
            digest: row.digest(),
        };
        let operation = Operation::EntityWritten(Box::new(written));
        let operations = vec![PlannedOperation { after: 0, operation }];
        let plan = Plan { book_version: facts.book.version, operations, ..Plan::default() };
        let origins = Origin {
            actor: Actor::new("service:clerk").unwrap(),
            channel: Channel::SYSTEM,
            correlation: None,
        }
        .into();
        let entities = vec![EntityChange { row, keys: Some(keys) }];
        let not_before = bank.moment().now;
        unit.apply(Changes { plan, origins, not_before, block: None, entities }).await?;
        unit.commit().await
    };
    let _ = run(work).unwrap();
}

fn said(bank: &Bank) -> Vec<KeyDifference> {
    let Report { differences, more, entities, keys, .. } = run(bank.verify()).unwrap();
    assert_eq!((more, entities, keys), (0, 3, 3));
    let of_keys = |difference| match difference {
        Difference::Key(difference) => difference,
        other => panic!("{other}"),
    };
    differences.into_iter().map(of_keys).collect()
}

#[test]
fn rows_that_are_found_by_their_keys_are_clean() {
    assert_eq!(said(&house().1), []);
}

#[test]
fn a_key_that_is_missing_is_named() {
    let (store, bank) = house();
    misfile(&store, &bank, branch(2), Vec::new());
    assert_eq!(said(&bank), [KeyDifference::Missing { entity: branch(2), index: CODE }]);
}

#[test]
fn a_key_too_many_is_named() {
    let (store, bank) = house();
    misfile(&store, &bank, branch(2), vec![key("B"), key("Z")]);
    assert_eq!(said(&bank), [KeyDifference::TooMany { entity: branch(2), index: CODE }]);
}

#[test]
fn a_key_in_the_wrong_index_is_missing_and_too_many() {
    let (store, bank) = house();
    misfile(&store, &bank, branch(2), vec![IndexEntry::new(Index::MerchantName, "B")]);
    let missing = KeyDifference::Missing { entity: branch(2), index: CODE };
    let many = KeyDifference::TooMany { entity: branch(2), index: "merchant_name" };
    assert_eq!(said(&bank), [missing, many]);
}

#[test]
fn a_key_of_another_row_is_named_from_both_sides() {
    let (store, bank) = house();
    misfile(&store, &bank, branch(2), Vec::new());
    misfile(&store, &bank, branch(3), vec![key("B"), key("C")]);
    let taken = KeyDifference::Taken { entity: branch(2), index: CODE, owner: branch(3) };
    let many = KeyDifference::TooMany { entity: branch(3), index: CODE };
    assert_eq!(said(&bank), [taken, many]);
}

#[test]
fn two_rows_that_changed_keys_do_not_cancel_out() {
    let (store, bank) = house();
    misfile(&store, &bank, branch(2), Vec::new());
    misfile(&store, &bank, branch(3), vec![key("B")]);
    misfile(&store, &bank, branch(2), vec![key("C")]);
    let differences = said(&bank);
    assert_eq!(differences.len(), 4, "{differences:?}");
    let taken = |a, b| KeyDifference::Taken { entity: branch(a), index: CODE, owner: branch(b) };
    assert!(differences.contains(&taken(2, 3)) && differences.contains(&taken(3, 2)));
}

#[test]
fn a_key_without_a_row_is_named() {
    let (store, bank) = house();
    let ghost = branch(9);
    let hit = |key: &str| IndexHit { key: key.into(), id: ghost.id, kind: ghost.kind };
    store
        .hooks
        .strays
        .lock()
        .unwrap()
        .extend([(Index::BranchCode, hit("Q")), (Index::Phone, hit("+15550100"))]);
    let lost = |index| KeyDifference::WithoutRow { entity: ghost, index };
    assert_eq!(said(&bank), [lost(CODE), lost("phone")]);
    // Keys may be names and numbers.
    assert!(!run(bank.verify()).unwrap().to_string().contains("5550100"));
}

/// More rows than one page of the check, with one that is off among them.
#[test]
fn one_among_thousands_is_named() {
    let (store, bank) = house();
    let clerk = Context::system("clerk").unwrap();
    for id in 100..5_200_u128 {
        let name = WholeName::new(&format!("Shop {}", id % 7)).unwrap();
        let merchant =
            corebank::party::Merchant::new(corebank::id::MerchantId::from_u128(id), name);
        let _ = run(bank.define_merchant(&clerk, merchant)).unwrap();
    }
    let report = run(bank.verify()).unwrap();
    assert!(report.is_clean(), "{report}");
    assert_eq!((report.entities, report.keys), (5_103, 10_203));
    let odd = EntityRef::new(
        corebank::party::Merchant::KIND,
        corebank::id::MerchantId::from_u128(4_711).as_uuid(),
    );
    misfile(&store, &bank, odd, vec![IndexEntry::new(Index::MerchantName, "shop")]);
    let report = run(bank.verify()).unwrap();
    let missing = KeyDifference::Missing { entity: odd, index: "merchant_name" };
    assert_eq!(report.differences, [missing.into()]);
}
