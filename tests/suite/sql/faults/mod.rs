//! Faults, injected: processes and servers killed, connections cut, disks full, bytes flipped,
//! clocks stepping back, migrations interrupted.
//!
//! After each of them no acknowledged posting is missing, none stands there twice, and `verify`
//! and the seals are clean or name what is damaged.

mod books;
mod clocks;
mod commit_cut;
mod damage;
mod disk_full;
mod host_killed;
mod keys;
mod locks;
mod migrations;
mod offspring;
mod pages_flipped;
mod postgres_limits;
mod script;
mod server_killed;
mod two_processes;

/// Not a test by itself: what a test starts as a process of its own, by running this binary again.
#[test]
fn child() {
    offspring::live();
}
