//! What can be asked of the kernel in one unit: single instructions and atomic groups of them.

use crate::id::{HoldId, TransactionId};
use crate::ledger::transaction::{Terms, terms_setters};
use crate::ledger::{Kind, NewCapture, NewHold, NewRelease, NewTransaction};
use crate::time::Timestamp;

/// The most instructions of one batch.
pub const MAX_BATCH: usize = 8_190;

/// A reversal as asked for: the mirror of an earlier transaction.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct NewReversal {
    pub(crate) id: Option<TransactionId>,
    pub(crate) original: TransactionId,
    pub(crate) force: bool,
    #[serde(flatten)]
    pub(crate) terms: Terms,
}

impl NewReversal {
    /// Reverses a transaction, whole.
    #[must_use]
    pub const fn new(original: TransactionId) -> Self {
        Self { id: None, original, force: false, terms: Terms::new(Kind::REVERSAL) }
    }

    /// Lets the reversal break floors and ceilings; needs
    /// [`Action::ForceReversal`](crate::bank::Action) and is audited as forced.
    #[must_use]
    pub const fn forced(mut self) -> Self {
        self.force = true;
        self
    }

    /// Sets the caller's id, by which a repetition is recognised.
    #[must_use]
    pub const fn with_id(mut self, id: TransactionId) -> Self {
        self.id = Some(id);
        self
    }
}
terms_setters!(NewReversal);

/// One instruction to the kernel.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Instruction {
    /// Post a transaction.
    Post(NewTransaction),
    /// Place a hold.
    Hold(NewHold),
    /// Capture a hold.
    Capture(NewCapture),
    /// Release a hold.
    Release(NewRelease),
    /// Reverse a transaction.
    Reverse(NewReversal),
}

impl Instruction {
    /// Whether the caller gave an id, by which a repetition is recognised.
    #[must_use]
    pub const fn has_id(&self) -> bool {
        match self {
            Self::Post(new) => new.id.is_some(),
            Self::Hold(new) => new.id.is_some(),
            Self::Capture(new) => new.id.is_some(),
            Self::Release(new) => new.id.is_some(),
            Self::Reverse(new) => new.id.is_some(),
        }
    }
}

macro_rules! into_instruction {
    ($($from:ident => $variant:ident),*) => {$(
        impl From<$from> for Instruction {
            fn from(value: $from) -> Self {
                Self::$variant(value)
            }
        }
    )*};
}
into_instruction!(
    NewTransaction => Post, NewHold => Hold, NewCapture => Capture, NewRelease => Release,
    NewReversal => Reverse
);

/// Instructions for one unit: independent ones, and atomic groups of them.
///
/// They are decided in order; each sees the ones before it. A refusal of one never disturbs its
/// neighbours, except within its group, which posts all or none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    pub(crate) instructions: Vec<Instruction>,
    /// Start and length of each group, in order, never overlapping.
    pub(crate) groups: Vec<(usize, usize)>,
}

impl Batch {
    /// An empty batch.
    #[must_use]
    pub const fn new() -> Self {
        Self { instructions: Vec::new(), groups: Vec::new() }
    }

    /// An empty batch with room for `capacity` instructions.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self { instructions: Vec::with_capacity(capacity), groups: Vec::new() }
    }

    /// Adds an independent instruction.
    pub fn push(&mut self, instruction: impl Into<Instruction>) -> &mut Self {
        self.instructions.push(instruction.into());
        self
    }

    /// Adds an atomic group: its instructions take effect all or none. An empty group adds
    /// nothing.
    pub fn push_group(&mut self, group: impl IntoIterator<Item = Instruction>) -> &mut Self {
        let start = self.instructions.len();
        self.instructions.extend(group);
        let length = self.instructions.len().saturating_sub(start);
        if length > 0 {
            self.groups.push((start, length));
        }
        self
    }

    /// Empties the batch and keeps its memory for the next one.
    pub fn clear(&mut self) {
        self.instructions.clear();
        self.groups.clear();
    }

    /// The number of instructions.
    #[must_use]
    pub fn len(&self) -> usize {
        self.instructions.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.instructions.is_empty()
    }

    /// The instructions, groups flattened, in order; outcomes come back in the same order.
    #[must_use]
    pub fn instructions(&self) -> &[Instruction] {
        &self.instructions
    }
}

impl<I: Into<Instruction>> FromIterator<I> for Batch {
    fn from_iter<T: IntoIterator<Item = I>>(items: T) -> Self {
        Self { instructions: items.into_iter().map(Into::into).collect(), groups: Vec::new() }
    }
}

/// What an instruction acted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Subject {
    /// It posted this transaction.
    Transaction(TransactionId),
    /// It placed, or ended, this hold.
    Hold(HoldId),
}

/// Where in the journal an instruction took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Receipt {
    /// What it acted on.
    pub subject: Subject,
    /// Its place in the journal. In a dry run, the place it would have had.
    pub position: u64,
    /// The instant at which it was posted.
    pub posted_at: Timestamp,
}

impl Receipt {
    /// The transaction, if one was posted.
    #[must_use]
    pub const fn transaction(&self) -> Option<TransactionId> {
        match self.subject {
            Subject::Transaction(id) => Some(id),
            Subject::Hold(_) => None,
        }
    }

    /// The hold, if one was placed or ended.
    #[must_use]
    pub const fn hold(&self) -> Option<HoldId> {
        match self.subject {
            Subject::Hold(id) => Some(id),
            Subject::Transaction(_) => None,
        }
    }
}

/// How a request ended that was not refused.
#[must_use = "an outcome says whether this call or an earlier one took effect"]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Outcome<T> {
    /// This call took effect.
    Applied(T),
    /// An earlier call with the same id and content took effect; this is what it returned.
    Replayed(T),
}

impl<T> Outcome<T> {
    /// What the call, or the earlier one, returned.
    pub fn into_inner(self) -> T {
        match self {
            Self::Applied(value) | Self::Replayed(value) => value,
        }
    }

    /// What the call, or the earlier one, returned.
    pub const fn get(&self) -> &T {
        match self {
            Self::Applied(value) | Self::Replayed(value) => value,
        }
    }

    /// Whether an earlier call took effect.
    pub const fn is_replayed(&self) -> bool {
        matches!(self, Self::Replayed(_))
    }

    /// The same outcome of something else.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Outcome<U> {
        match self {
            Self::Applied(value) => Outcome::Applied(f(value)),
            Self::Replayed(value) => Outcome::Replayed(f(value)),
        }
    }
}
