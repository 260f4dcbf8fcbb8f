//! People and their accounts: what a store must keep so that no rule about them can be slipped by.

use super::Scenario;

mod accounts;
mod clocks;
mod desk;
mod files;
mod forged;
mod hall;
mod keys;
mod meanwhile;
mod money;
mod races;
mod registration;
mod rounds;
mod rows;
mod second;
mod texts;

pub(super) const ALL: &[Scenario] = &[
    Scenario { name: "people/rows", play: |bench| Box::pin(rows::rows(bench)) },
    Scenario { name: "people/keys_of_rows", play: |bench| Box::pin(rows::keys(bench)) },
    Scenario { name: "people/rows_by_two_units", play: |bench| Box::pin(rows::overlap(bench)) },
    Scenario { name: "people/rows_absent", play: |bench| Box::pin(rows::absent(bench)) },
    Scenario { name: "people/rows_listed", play: |bench| Box::pin(rows::lists(bench)) },
    Scenario { name: "people/registered_once", play: |bench| Box::pin(registration::once(bench)) },
    Scenario { name: "people/unique", play: |bench| Box::pin(registration::unique(bench)) },
    Scenario { name: "people/identifiers", play: |bench| Box::pin(registration::sealed(bench)) },
    Scenario { name: "people/amended", play: |bench| Box::pin(registration::amended(bench)) },
    Scenario { name: "people/found", play: |bench| Box::pin(registration::found_again(bench)) },
    Scenario { name: "people/of_age", play: |bench| Box::pin(registration::of_age(bench)) },
    Scenario { name: "people/hostile_texts", play: |bench| Box::pin(registration::texts(bench)) },
    Scenario { name: "people/documents", play: |bench| Box::pin(files::documents(bench)) },
    Scenario { name: "people/lapse", play: |bench| Box::pin(files::lapse(bench)) },
    Scenario { name: "people/gate_cells", play: |bench| Box::pin(files::cells(bench)) },
    Scenario { name: "people/opening", play: |bench| Box::pin(accounts::opening(bench)) },
    Scenario { name: "people/status_cells", play: |bench| Box::pin(accounts::cells(bench)) },
    Scenario { name: "people/closing", play: |bench| Box::pin(accounts::closing(bench)) },
    Scenario { name: "people/dormant", play: |bench| Box::pin(accounts::dormant(bench)) },
    Scenario { name: "people/owners", play: |bench| Box::pin(accounts::owners(bench)) },
    Scenario { name: "people/mandates", play: |bench| Box::pin(money::mandates(bench)) },
    Scenario { name: "people/guarded", play: |bench| Box::pin(money::guarded(bench)) },
    Scenario { name: "people/bounds", play: |bench| Box::pin(money::bounds(bench)) },
    Scenario { name: "people/limits", play: |bench| Box::pin(money::limits(bench)) },
    Scenario { name: "people/batches", play: |bench| Box::pin(money::batches(bench)) },
    Scenario { name: "people/replayed", play: |bench| Box::pin(money::replayed(bench)) },
    Scenario { name: "people/cover", play: |bench| Box::pin(money::cover(bench)) },
    Scenario { name: "people/blocked_meanwhile", play: |bench| Box::pin(races::blocked(bench)) },
    Scenario { name: "people/frozen_meanwhile", play: |bench| Box::pin(races::frozen(bench)) },
    Scenario { name: "people/one_number", play: |bench| Box::pin(races::one_number(bench)) },
    Scenario { name: "people/opened_meanwhile", play: |bench| Box::pin(races::opened(bench)) },
    Scenario { name: "people/one_of_each", play: |bench| Box::pin(meanwhile::one_of_each(bench)) },
    Scenario {
        name: "people/proof_revoked_meanwhile",
        play: |bench| Box::pin(meanwhile::revoked(bench)),
    },
    Scenario {
        name: "people/proof_lapsed_meanwhile",
        play: |bench| Box::pin(meanwhile::lapsed(bench)),
    },
    Scenario {
        name: "people/blocked_before_opening",
        play: |bench| Box::pin(meanwhile::blocked(bench)),
    },
    Scenario { name: "people/second_owner", play: |bench| Box::pin(second::owner(bench)) },
    Scenario { name: "people/one_of_both", play: |bench| Box::pin(second::one_of_both(bench)) },
    Scenario {
        name: "people/forged_ciphertexts",
        play: |bench| Box::pin(forged::ciphertexts(bench)),
    },
    Scenario { name: "people/days_of_berlin", play: |bench| Box::pin(clocks::berlin(bench)) },
    Scenario { name: "people/days_of_new_york", play: |bench| Box::pin(clocks::new_york(bench)) },
    Scenario { name: "people/of_age_elsewhere", play: |bench| Box::pin(clocks::of_age(bench)) },
    Scenario { name: "people/every_text", play: |bench| Box::pin(texts::every(bench)) },
    Scenario { name: "people/onboarded", play: |bench| Box::pin(desk::onboarded(bench)) },
    Scenario { name: "people/listed", play: |bench| Box::pin(desk::listed(bench)) },
    Scenario { name: "people/keys_rotated", play: |bench| Box::pin(keys::rotated(bench)) },
    Scenario { name: "people/keys_spoiled", play: |bench| Box::pin(keys::spoiled(bench)) },
    Scenario { name: "people/keys_rewrapped", play: |bench| Box::pin(keys::rewrapped(bench)) },
    Scenario { name: "people/keys_by_several", play: |bench| Box::pin(keys::by_several(bench)) },
    Scenario { name: "people/keys_denied", play: |bench| Box::pin(keys::denied(bench)) },
];
