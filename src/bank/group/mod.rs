//! Group commit: requests of many callers share units of work, round by round.
//!
//! ```text
//! callers ──▶ queue ──▶ round: begin ▶ read ▶ decide one after another ▶ apply ▶ commit
//!    ▲       (bounded)                                                              │
//!    └───────────────────────── each its own outcome ◀──────────────────────────────┘
//! ```
//!
//! There is no task behind it, and no executor: a caller that finds nobody leading leads a round
//! itself, for all that are queued, its own request among them; then it has its outcome, and the
//! caller at the front of the queue leads the next one.

mod options;
mod queue;
mod round;
mod seat;

pub use options::{Backlog, GroupCommit, InvalidGroupCommit};
pub(super) use queue::Queue;
pub(super) use seat::Ask;
