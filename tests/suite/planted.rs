//! Faults that were planted in the code and that this suite kills.
//!
//! A plain run checks that every fault still fits the code: its text stands there exactly once.
//! To plant each one in a copy of the crate and see the suite fail (about a minute each):
//!
//! ```text
//! COREBANK_PLANT=1 cargo test --all-features --test suite planted -- --nocapture
//! ```
//!
//! Another word than 1 plants only the faults in files whose path holds it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

struct Fault {
    what: &'static str,
    file: &'static str,
    from: &'static str,
    to: &'static str,
}

const fn fault(
    what: &'static str,
    file: &'static str,
    from: &'static str,
    to: &'static str,
) -> Fault {
    Fault { what, file, from, to }
}

const FAULTS: &[Fault] = &[
    fault(
        "an unbalanced transaction passes",
        "src/ledger/entry.rs",
        "sums.into_iter().find(|(_, debits, credits)| debits != credits)",
        "sums.into_iter().find(|(_, debits, credits)| debits < credits)",
    ),
    fault(
        "a negative amount passes",
        "src/ledger/entry.rs",
        "if let Some(at) = legs.iter().position(|leg| leg.money.minor() <= 0) {",
        "if let Some(at) = legs.iter().position(|leg| leg.money.minor() == 0) {",
    ),
    fault(
        "the floor is a cent too low",
        "src/ledger/decide/post.rs",
        "if is < i128::from(minimum) && is < was {",
        "if is < i128::from(minimum) - 1 && is < was {",
    ),
    fault(
        "the ceiling is forgotten",
        "src/ledger/decide/post.rs",
        "if is > i128::from(most) && is > was {",
        "if is > i128::from(most) && is < was {",
    ),
    fault(
        "holds do not count against the available balance",
        "src/ledger/balance.rs",
        "i128::from(self.ledger(normal)).saturating_sub(i128::from(outgoing))",
        "i128::from(self.ledger(normal)).saturating_sub(i128::from(outgoing) * 0)",
    ),
    fault(
        "a hold can be captured at the instant it expires",
        "src/ledger/decide/hold.rs",
        "if let Some(expires_at) = hold.expires_at.filter(|at| *at <= desk.setting.moment.now) {\n        return Err(Refusal::HoldExpired",
        "if let Some(expires_at) = hold.expires_at.filter(|at| *at < desk.setting.moment.now) {\n        return Err(Refusal::HoldExpired",
    ),
    fault(
        "more than the rest of a hold can be captured",
        "src/ledger/decide/hold.rs",
        "if open < left {",
        "if open < left - 1 {",
    ),
    fault(
        "the last capture does not free the rest",
        "src/ledger/decide/hold.rs",
        "        free_rest(desk, &mut hold)?;\n        hold.state = HoldState::Captured;",
        "        hold.state = HoldState::Captured;",
    ),
    fault(
        "closed accounts take money",
        "src/ledger/decide/post.rs",
        "if desk.account(*slot).is_some_and(|account| account.closed) {",
        "if desk.account(*slot).is_some_and(|account| account.closed && leg.money.minor() < 0) {",
    ),
    fault(
        "blocks are looked for before closed accounts",
        "src/ledger/account.rs",
        "(Self::All, _) | (Self::Debits, Side::Debit) | (Self::Credits, Side::Credit)",
        "(Self::All, _) | (Self::Debits, Side::Credit) | (Self::Credits, Side::Debit)",
    ),
    fault(
        "a transaction is reversed twice",
        "src/ledger/decide/reverse.rs",
        "if let Some(reversal) = desk.facts.reversals.get(&original.id) {",
        "if let Some(reversal) = desk.facts.reversals.get(&original.id).filter(|_| new.force) {",
    ),
    fault(
        "another amount under the same id is taken for a repetition",
        "src/ledger/decide/replay.rs",
        ".or_else(|| (earlier.money != new.money).then_some(\"amount\"))",
        "",
    ),
    fault(
        "a date left to the bank must be the same on another day",
        "src/ledger/decide/replay.rs",
        "let booking = (!earlier.defaulted.booking_date).then_some(earlier.booking_date);",
        "let booking = Some(earlier.booking_date);",
    ),
    fault(
        "a failed group leaves its first items",
        "src/ledger/decide/walk.rs",
        "            self.desk.take_back(mark);\n            self.fail(",
        "            self.fail(",
    ),
    fault(
        "a closed period takes its last day",
        "src/ledger/book.rs",
        ".filter(|day| booking_date <= *day)",
        ".filter(|day| booking_date < *day)",
    ),
    fault(
        "limits come before the floor",
        "src/ledger/decide/post.rs",
        "    judge_bounds(desk, mark)?;\n    limits::count(desk, new.terms.kind, &legs)?;",
        "    limits::count(desk, new.terms.kind, &legs)?;\n    judge_bounds(desk, mark)?;",
    ),
    fault(
        "a limit forgets what the item before used",
        "src/ledger/decide/limits.rs",
        "    desk.write_usage(key, usage);\n    for (at, leg)",
        "    for (at, leg)",
    ),
    fault(
        "a released hold keeps what it used of a limit",
        "src/ledger/decide/limits.rs",
        "usage.amount = usage.amount.saturating_sub(open).max(0);",
        "usage.amount = usage.amount.saturating_sub(open * 0).max(0);",
    ),
    fault(
        "commit does not look at versions",
        "src/store/memory/commit.rs",
        "if !unchanged && !read.still_stands(self, &plan.accounts, plan.book_version) {",
        "if false && !read.still_stands(self, &plan.accounts, plan.book_version) {",
    ),
    fault(
        "the year close is part of the income statement",
        "src/store/memory/reading.rs",
        "sum(&self.booked, from, to).saturating_sub(sum(&self.closed, from, to))",
        "sum(&self.booked, from, to)",
    ),
    fault(
        "an as-of answer looks at the wrong day",
        "src/store/memory/reading.rs",
        "AsOf::ValueDate(date) => sum(&self.valued, NaiveDate::MIN, date),",
        "AsOf::ValueDate(date) => sum(&self.booked, NaiveDate::MIN, date),",
    ),
    fault(
        "a dry run writes",
        "src/bank/corridor.rs",
        "if nothing || self.mode == Mode::DryRun {",
        "if nothing {",
    ),
    fault(
        "the corridor does not ask the policy",
        "src/bank/corridor.rs",
        "            self.authorise(context, action)?;\n        }",
        "            let _ = (context, action);\n        }",
    ),
    fault(
        "a cursor of another query is taken",
        "src/store/page.rs",
        "(self.query == fingerprint(query)).then_some(self.key)",
        "(self.query == fingerprint(query) || self.query != 0).then_some(self.key)",
    ),
    fault(
        "an acknowledgement counts although another worker has the partition",
        "src/bank/outbox/lease.rs",
        "if !mark.is_held_by(claim.token) {\n                return Change::Lost;\n            }\n            let until",
        "let until",
    ),
    fault(
        "a claim skips the events behind its limit",
        "src/bank/outbox/chunk.rs",
        "through: next.unwrap_or(self.end)",
        "through: next.map_or(self.end, |_| self.end)",
    ),
    fault(
        "a lease never runs out",
        "src/ledger/outbox.rs",
        "is_none_or(|until| until <= now)",
        "is_none_or(|_| false)",
    ),
    fault(
        "a last capture is not told to the accounts that it frees",
        "src/ledger/outbox.rs",
        "link: Some(Link::Captures { hold, last: true }),",
        "link: Some(Link::Captures { hold, last: false }),",
    ),
    fault(
        "a reader steps over a gap in the journal",
        "src/bank/outbox/chunk.rs",
        "record.position() == *place;",
        "record.position() >= *place;",
    ),
    fault(
        "readers overwrite each other's marks",
        "src/store/memory/marks.rs",
        "version == mark.version",
        "version == version.max(mark.version)",
    ),
    fault(
        "a release is not found after a move",
        "src/store/memory/restore.rs",
        "if let (HoldState::Released, Some(release)) = (hold.state, release) {",
        "if let (HoldState::Expired, Some(release)) = (hold.state, release) {",
    ),
    fault(
        "a move overwrites what others wrote meanwhile",
        "src/store/memory/restore.rs",
        "if !state.is_empty() {\n            return Err(StoreError::conflict());",
        "if !state.is_empty() && self.torn {\n            return Err(StoreError::conflict());",
    ),
    fault(
        "rules of an archive are not held against its journal",
        "src/bank/archive/check.rs",
        "if self.said != self.given {",
        "if false && self.said != self.given {",
    ),
    fault(
        "a line of an archive has many forms",
        "src/bank/archive/line.rs",
        "Ok(()) if scratch.as_slice() == text => Ok(read),",
        "Ok(()) => Ok(read),",
    ),
    fault(
        "a round keeps one origin for all its requests",
        "src/bank/corridor.rs",
        "origins.from_record(records.start, request.origin.clone());",
        "let _ = records;",
    ),
    fault(
        "two requests of a round do not see each other's keys",
        "src/ledger/decide/mod.rs",
        "    desk.share();\n",
        "",
    ),
    fault(
        "ids are not fixed before the first round",
        "src/bank/group/seat.rs",
        "if key.is_none() {",
        "if key.is_none() && key.is_some() {",
    ),
    fault(
        "one request that the store cannot carry out fails its round",
        "src/bank/group/round.rs",
        "if count > 1 && !is_of_the_moment(&error)",
        "if count > 9_999 && !is_of_the_moment(&error)",
    ),
    fault(
        "a caller that was to lead goes away and nobody is woken instead",
        "src/bank/group/queue.rs",
        "        // It may have been woken to lead.\n        state.elect(self.options.rounds_in_flight(), &mut wake);\n",
        "",
    ),
    fault(
        "two that rotate at once leave two keys that encrypt",
        "src/bank/people/keys.rs",
        "if retired.is_some_and(|id| !is_active(&read.entities, id)) {",
        "if retired.is_some_and(|id| !is_active(&read.entities, id) && false) {",
    ),
    fault(
        "an old key seals what is new",
        "src/bank/people/rotation.rs",
        "KeyState::DecryptOnly | KeyState::Destroyed => Err(PrivacyError::KeyRetired { key }),",
        "KeyState::DecryptOnly | KeyState::Destroyed => Ok(()),",
    ),
    fault(
        "a key is destroyed that something is sealed under",
        "src/bank/people/rotation.rs",
        "if self.is_needed(key).await? {",
        "if self.is_needed(key).await? && false {",
    ),
    fault(
        "a list of amendments names what it took back",
        "src/party/amend.rs",
        "fields.retain(|field| differs(*field, customer, &after));",
        "fields.retain(|field| differs(*field, customer, &after) || customer != &after);",
    ),
    fault(
        "an identifier without its ciphertext is read",
        "src/party/identity.rs",
        "(false, true) => {",
        "(false, true) if scheme.purpose().is_empty() => {",
    ),
    fault(
        "the same signature counts twice",
        "src/account/ownership.rs",
        "signers.iter().take(at).any(|before| before == signer)",
        "signers.iter().take(at).any(|before| before == signer && at > 9)",
    ),
    fault(
        "a customer who is blocked passes the gate",
        "src/kyc/gate.rs",
        "            | GateStatus::Aml(standing.aml).bit()\n",
        "",
    ),
    fault(
        "documents lapse a day early",
        "src/kyc/standing.rs",
        "self.kyc_until.is_some_and(|last| last < today)",
        "self.kyc_until.is_some_and(|last| last <= today)",
    ),
    fault(
        "who was born on a leap day is of age on 28 February",
        "src/party/customer.rs",
        "day.years_since(self.date_of_birth?)",
        "{ use chrono::Datelike as _;\n        let born = self.date_of_birth?;\n        let leap = (born.month(), born.day()) == (2, 29);\n        day.succ_opt().filter(|_| leap).unwrap_or(day).years_since(born) }",
    ),
    fault(
        "the owner of a dormant account draws on it",
        "src/account/status.rs",
        "next [Active, Suspended, Frozen, Closed], allows [Credit, Charge, Grant];",
        "next [Active, Suspended, Frozen, Closed], allows [Debit, Credit, Charge, Grant];",
    ),
    fault(
        "the least and the most of a movement change places",
        "src/account/open.rs",
        "        minimum: terms.minimum,\n        maximum: terms.maximum,",
        "        minimum: terms.maximum,\n        maximum: terms.minimum,",
    ),
    fault(
        "two customers have one identifier",
        "src/bank/people/index.rs",
        "entries.extend(one.identities.iter().map(|identity| identifier(identity.index)));",
        "entries.extend(one.identities.iter().take(0).map(|one| identifier(one.index)));",
    ),
    fault(
        "an account is closed with money on it",
        "src/ledger/decide/account.rs",
        "            if balance != 0 {",
        "            if balance != 0 && account.balance.has_holds() {",
    ),
    fault(
        "a document is reviewed by who brought it",
        "src/kyc/decide/review.rs",
        "if policy.four_eyes && review.by == document.uploaded_by {",
        "if policy.four_eyes && review.by != document.uploaded_by && false {",
    ),
    fault(
        "new terms come into force a day late",
        "src/product/terms.rs",
        "find(|version| version.effective_from <= day)",
        "find(|version| version.effective_from < day)",
    ),
    fault(
        "an account is opened for whom the gate does not let in",
        "src/bank/people/opening.rs",
        "self.inner.rules.gate.judge(GateAction::OpenAccount, standing, moment.today)?;",
        "self.inner.rules.gate.judge(GateAction::Credit, standing, moment.today)?;",
    ),
    fault(
        "a damaged index passes for sound",
        "src/bank/key_check.rs",
        "!= sum {",
        "!= sum && sum.keys == 0 {",
    ),
    fault(
        "an absence that ended is not noticed",
        "src/store/sql/relied.rs",
        "if same { Ok(()) }",
        "if same || !self.keys.is_empty() { Ok(()) }",
    ),
    fault(
        "keys that a row had before lead to it for ever",
        "src/store/sql/entities.rs",
        "let replaced = old.iter().filter(|one| one.keys.is_some());",
        "let replaced = old.iter().filter(|one| one.keys.is_none());",
    ),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn every_fault_fits_the_code() {
    for fault in FAULTS {
        let text = std::fs::read_to_string(root().join(fault.file)).unwrap();
        let found = text.matches(fault.from).count();
        assert_eq!(found, 1, "{}: the text of the fault stands there {found} times", fault.what);
    }
}

#[test]
fn planted_faults_are_killed() {
    let Ok(which) = std::env::var("COREBANK_PLANT") else { return };
    let wanted = |fault: &&Fault| which == "1" || fault.file.contains(&which);
    let copy = std::env::temp_dir().join(format!("corebank-planted-{}", std::process::id()));
    for name in ["src", "tests", "examples", "benches", "Cargo.toml", "Cargo.lock", "README.md"] {
        copy_tree(&root().join(name), &copy.join(name));
    }
    assert!(suite_passes(&copy), "the suite must pass before anything is planted");
    let mut survivors = Vec::new();
    for fault in FAULTS.iter().filter(wanted) {
        let path = copy.join(fault.file);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace(fault.from, fault.to)).unwrap();
        let killed = !suite_passes(&copy);
        println!("{} {}", if killed { "killed  " } else { "SURVIVED" }, fault.what);
        if !killed {
            survivors.push(fault.what);
        }
        std::fs::write(&path, text).unwrap();
    }
    std::fs::remove_dir_all(&copy).unwrap();
    assert!(survivors.is_empty(), "not killed: {survivors:#?}");
}

/// Whether everything but this file passes. A fault that does not compile is not a fault.
fn suite_passes(copy: &Path) -> bool {
    let cargo = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO"));
        command.current_dir(copy).args(arguments).env_remove("COREBANK_PLANT");
        command.env("CARGO_TARGET_DIR", copy.join("target")).env("COREBANK_SEEDS", "40");
        command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success()
    };
    let suite = ["test", "--all-features", "--test", "suite"];
    let built = cargo(&[&suite[..], &["--no-run"]].concat());
    assert!(built, "the suite does not build in {}", copy.display());
    let skip = ["--", "--skip", "planted", "--skip", "tidy"];
    cargo(&[&suite[..], &skip].concat()) && cargo(&["test", "--all-features", "--lib"])
}

fn copy_tree(from: &Path, to: &Path) {
    if from.is_dir() {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            copy_tree(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(from, to).unwrap();
    }
}
