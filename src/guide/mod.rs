//! Chapters to read. They say why; the other modules say what.
//!
//! | chapter | for whom |
//! |---|---|
//! | [`embedding`] | who puts a bank into an application |
//! | [`people`] | who opens accounts for customers and moves their money |
//! | [`errors`] | who handles what comes back |
//! | [`invariants`] | who wants to know what holds, where it is enforced and what tests it |
//! | [`scaling`] | who runs a bank on more than one process or machine |
//! | [`architecture`] | who works on this crate |
//! | [`store`] | who writes a store |
//! | [`coverage`] | who asks which requirement is met where |
//! | [`dependencies`] | who reviews what is pulled in |
//! | [`upgrading`] | who moves to a new version |

pub mod architecture {
    #![doc = include_str!("architecture.md")]
}

pub mod coverage {
    #![doc = include_str!("coverage.md")]
}

pub mod dependencies {
    #![doc = include_str!("dependencies.md")]
}

pub mod embedding {
    #![doc = include_str!("embedding.md")]
}

pub mod errors {
    #![doc = include_str!("errors.md")]
}

pub mod invariants {
    #![doc = include_str!("invariants.md")]
}

pub mod people {
    #![doc = include_str!("people.md")]
}

pub mod scaling {
    #![doc = include_str!("scaling.md")]
}

pub mod store {
    #![doc = include_str!("store.md")]
}

pub mod upgrading {
    #![doc = include_str!("upgrading.md")]
}
