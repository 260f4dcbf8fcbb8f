//! Faults, injected: processes and servers killed, connections cut, disks full, bytes flipped,
//! clocks stepping back, migrations interrupted.
//!
//! After each of them no acknowledged posting is missing, none stands there twice, and `verify`
//! and the seals are clean or name what is damaged.

mod books;
mod clocks;
mod commit_cut;
mod host_killed;
mod offspring;
mod script;
mod server_killed;

/// Not a test by itself: what a test starts as a process of its own, by running this binary again.
#[test]
fn child() {
    offspring::live();
}
