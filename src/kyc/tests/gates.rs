//! Every cell of every gate, from one table for each.

use super::*;
use crate::party::{Lifecycle, Onboarding};

/// Dimension, status, and a cell for each action.
type Row = (&'static str, &'static str, &'static str);

/// Columns: open_account, credit, debit, external_transfer, add_beneficiary. `+` is open.
const STANDARD: &[Row] = &[
    ("lifecycle", "active", "+++++"),
    ("lifecycle", "inactive", "-+---"),
    ("lifecycle", "suspended", "-+---"),
    ("lifecycle", "closed", "-----"),
    ("onboarding", "pending_approval", "-----"),
    ("onboarding", "approved", "+++++"),
    ("onboarding", "rejected", "-----"),
    ("aml", "clear", "+++++"),
    ("aml", "flagged", "-++--"),
    ("aml", "blocked", "-----"),
    ("pep", "clear", "+++++"),
    ("pep", "match", "-++++"),
    ("pep", "rejected", "-----"),
    ("kyc", "pending", "-----"),
    ("kyc", "approved", "+++++"),
    ("kyc", "rejected", "-----"),
    ("kyc", "expired", "-+---"),
    ("risk", "low", "+++++"),
    ("risk", "medium", "+++++"),
    ("risk", "high", "+++++"),
    ("risk", "critical", "-++--"),
];

/// Only the rows that are not all open.
const SEEDS: &[(Gate, &[Row])] = &[
    (Gate::OPEN, &[]),
    (Gate::SEED_000, &[]),
    (
        Gate::SEED_001,
        &[
            ("lifecycle", "inactive", "-+---"),
            ("lifecycle", "suspended", "-+---"),
            ("lifecycle", "closed", "-----"),
            ("aml", "blocked", "++--+"),
            ("kyc", "pending", "++--+"),
            ("kyc", "rejected", "++--+"),
            ("kyc", "expired", "++--+"),
        ],
    ),
    (
        Gate::SEED_002,
        &[
            ("lifecycle", "inactive", "-----"),
            ("lifecycle", "suspended", "-----"),
            ("lifecycle", "closed", "-----"),
            ("kyc", "pending", "-++++"),
            ("kyc", "rejected", "-++++"),
            ("kyc", "expired", "-++++"),
        ],
    ),
    (
        Gate::SEED_003,
        &[
            ("lifecycle", "inactive", "-----"),
            ("lifecycle", "suspended", "-----"),
            ("lifecycle", "closed", "-----"),
        ],
    ),
    (
        Gate::SEED_004,
        &[
            ("lifecycle", "inactive", "-----"),
            ("lifecycle", "suspended", "-----"),
            ("lifecycle", "closed", "-----"),
            ("onboarding", "pending_approval", "-----"),
            ("onboarding", "rejected", "-----"),
        ],
    ),
];

const TODAY: &str = "2026-05-01";

/// A customer whom every gate here lets through.
fn fine() -> Standing {
    Standing::new(CUSTOMER)
        .with_onboarding(Onboarding::Approved)
        .with_kyc(KycStatus::Approved, None)
        .with_findings(AmlStatus::Clear, PepStatus::Clear, RiskLevel::Low)
}

fn with(mut standing: Standing, status: GateStatus) -> Standing {
    match status {
        GateStatus::Lifecycle(to) => standing.lifecycle = to,
        GateStatus::Onboarding(to) => standing.onboarding = to,
        GateStatus::Aml(to) => standing.aml = to,
        GateStatus::Pep(to) => standing.pep = to,
        GateStatus::Kyc(to) => standing.kyc = to,
        GateStatus::Risk(to) => standing.risk = to,
    }
    standing
}

/// Judges every cell by a customer of whom only that status is not fine.
fn assert_cells(gate: Gate, rows: &[Row]) {
    let mut cells = 0;
    for (action, status, open) in gate.cells() {
        let (dimension, code) = (status.dimension(), status.code());
        let row = rows.iter().find(|row| (row.0, row.1) == (dimension.code(), code));
        let column = GateAction::ALL.iter().position(|one| *one == action).unwrap();
        let expected = row.is_none_or(|row| row.2.as_bytes()[column] == b'+');
        assert_eq!(open, expected, "{action} {dimension} {code}");
        let judged = gate.judge(action, &with(fine(), status), day(TODAY));
        let (customer, status) = (CUSTOMER, code);
        let refused = Refusal::GateClosed { customer, action, dimension, status };
        assert_eq!(judged, if expected { Ok(()) } else { Err(refused) });
        cells += 1;
    }
    assert_eq!(cells, 105, "five actions, 21 statuses");
}

#[test]
fn every_cell_of_the_standard_gate() {
    assert_eq!(STANDARD.len(), GateStatus::ALL.len());
    assert_cells(Gate::standard(), STANDARD);
    assert_eq!(Gate::default(), Gate::STANDARD);
}

#[test]
fn every_cell_of_the_gates_of_the_seeds() {
    for (gate, rows) in SEEDS {
        assert_cells(*gate, rows);
    }
}

#[test]
fn every_status_is_a_row() {
    let of = |dimension| GateStatus::ALL.iter().filter(move |one| one.dimension() == dimension);
    let codes = |dimension| of(dimension).map(|one| one.code()).collect::<Vec<_>>();
    let all = |codes: &[&'static str]| codes.to_vec();
    let lifecycle: Vec<_> = Lifecycle::ALL.iter().map(|one| one.code()).collect();
    let onboarding: Vec<_> = Onboarding::ALL.iter().map(|one| one.code()).collect();
    assert_eq!(codes(Dimension::Lifecycle), lifecycle);
    assert_eq!(codes(Dimension::Onboarding), onboarding);
    assert_eq!(codes(Dimension::Aml), all(&["clear", "flagged", "blocked"]));
    assert_eq!(codes(Dimension::Pep), all(&["clear", "match", "rejected"]));
    assert_eq!(codes(Dimension::Kyc), all(&["pending", "approved", "rejected", "expired"]));
    assert_eq!(codes(Dimension::Risk), all(&["low", "medium", "high", "critical"]));
    assert!(GateStatus::ALL.is_sorted_by_key(|one| one.dimension()));
}

#[test]
fn the_first_dimension_is_named_and_it_is_always_the_same() {
    let shut = Gate::OPEN.closing(&GateAction::ALL, GateStatus::ALL);
    let mut gate = shut;
    for dimension in Dimension::ALL {
        for action in GateAction::ALL {
            let refused = gate.judge(action, &fine(), day(TODAY)).unwrap_err();
            let status = GateStatus::ALL
                .iter()
                .find(|one| one.dimension() == dimension && with(fine(), **one) == fine());
            let (customer, status) = (CUSTOMER, status.unwrap().code());
            assert_eq!(refused, Refusal::GateClosed { customer, action, dimension, status });
        }
        // From here on this dimension lets everybody pass, and the next must be named.
        for status in GateStatus::ALL.iter().filter(|one| one.dimension() == dimension) {
            for action in GateAction::ALL {
                gate = gate.with(action, *status, true);
            }
        }
    }
    assert_eq!(gate, Gate::OPEN);
}

#[test]
fn a_deleted_customer_passes_no_gate() {
    let mut standing = fine();
    standing.deleted = true;
    for gate in [Gate::OPEN, Gate::STANDARD] {
        for action in GateAction::ALL {
            let refused = gate.judge(action, &standing, day(TODAY)).unwrap_err();
            assert!(refused.to_string().ends_with("the lifecycle status is deleted"), "{refused}");
        }
    }
}

#[test]
fn proof_lapses_with_the_day_without_any_sweep() {
    let standing = fine().with_kyc(KycStatus::Approved, Some(day("2024-02-29")));
    let judge = |on| Gate::STANDARD.judge(GateAction::Debit, &standing, day(on));
    assert_eq!(judge("2024-02-28"), Ok(()));
    assert_eq!(judge("2024-02-29"), Ok(()), "the last day counts");
    let refused = judge("2024-03-01").unwrap_err();
    assert_eq!(refused.code(), "gate_closed");
    assert_eq!(
        refused.to_string(),
        format!("customer {CUSTOMER} may not debit: the kyc status is expired")
    );
    assert!(refused.is_passing());
    assert_eq!(standing.kyc_on(day("2024-03-01")), KycStatus::Expired);
    // What is not an approval does not lapse.
    let rejected = fine().with_kyc(KycStatus::Rejected, Some(day("2024-02-29")));
    assert_eq!(rejected.kyc_on(day("2024-03-01")), KycStatus::Rejected);
}

#[test]
fn the_matrix_is_rendered_whole() {
    let table = Gate::STANDARD.markdown();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 2 + GateStatus::ALL.len());
    assert_eq!(
        lines[0],
        "| dimension | status | open_account | credit | debit | external_transfer | add_beneficiary |"
    );
    for (line, (dimension, status, cells)) in lines[2..].iter().zip(STANDARD) {
        let words = cells.chars().map(|one| if one == '+' { " yes |" } else { " no |" });
        let row: String = words.collect();
        assert_eq!(*line, format!("| {dimension} | {status} |{row}"));
    }
}

#[test]
fn a_gate_is_small() {
    assert!(size_of::<Gate>() <= 20);
    assert!(size_of::<Refusal>() <= 80, "{}", size_of::<Refusal>());
    assert!(size_of::<Standing>() <= 48, "{}", size_of::<Standing>());
}
