//! Labels and what they mean: one table for each enumeration of each document, walked both ways.

use std::borrow::Cow;

use super::Refusal;

/// The labels of an enumeration.
#[derive(Debug)]
#[non_exhaustive]
pub struct Labels<T: 'static> {
    /// What they are labels of.
    pub what: &'static str,
    /// Each label of the document, with what it means: both ways.
    pub pairs: &'static [(&'static str, T)],
    /// What the document has no word for, with the label that is said for it: one way only.
    pub fallbacks: &'static [(T, &'static str)],
    /// How states without a label are written and read where the document leaves the set open.
    open: Option<Open<T>>,
    /// The code of a state, for refusals.
    code: fn(&T) -> String,
}

/// How an open set goes on beyond its labels.
#[derive(Debug)]
pub(super) struct Open<T> {
    pub(super) write: fn(&T) -> String,
    pub(super) read: fn(&str) -> Option<T>,
}

impl<T: Copy + PartialEq + 'static> Labels<T> {
    pub(super) const fn new(
        what: &'static str,
        pairs: &'static [(&'static str, T)],
        fallbacks: &'static [(T, &'static str)],
        code: fn(&T) -> String,
    ) -> Self {
        Self { what, pairs, fallbacks, open: None, code }
    }

    pub(super) const fn open(mut self, open: Open<T>) -> Self {
        self.open = Some(open);
        self
    }

    /// Whether the document leaves the set open.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// The label of a state, and whether it means exactly that.
    ///
    /// # Errors
    /// [`Refusal::StateUnsayable`] without a label and without a documented fallback.
    pub fn say(&self, state: T) -> Result<(Cow<'static, str>, bool), Refusal> {
        if let Some((label, _)) = self.pairs.iter().find(|(_, means)| *means == state) {
            return Ok((Cow::Borrowed(label), true));
        }
        if let Some((_, label)) = self.fallbacks.iter().find(|(means, _)| *means == state) {
            return Ok((Cow::Borrowed(label), false));
        }
        if let Some(open) = &self.open {
            return Ok((Cow::Owned((open.write)(&state)), true));
        }
        let (what, state, possible) = (self.what, (self.code)(&state), self.possible());
        Err(Refusal::StateUnsayable { what, state, possible })
    }

    /// What a label means. Case matters: the documents differ in it.
    ///
    /// # Errors
    /// [`Refusal::LabelUnknown`], with the labels that there are.
    pub fn read(&self, label: &str) -> Result<T, Refusal> {
        if let Some((_, means)) = self.pairs.iter().find(|(known, _)| *known == label) {
            return Ok(*means);
        }
        let more = self.open.as_ref().and_then(|open| (open.read)(label));
        // An open set may not bring in under another name what has a label.
        let more = more.filter(|means| !self.pairs.iter().any(|(_, known)| known == means));
        more.ok_or_else(|| Refusal::LabelUnknown { what: self.what, possible: self.possible() })
    }

    /// The code of each state that can be said, with its label or what is said for it.
    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    pub(super) fn cases(&self) -> Vec<(String, &'static str)> {
        let own = self.pairs.iter().map(|(label, means)| ((self.code)(means), *label));
        let more = self.fallbacks.iter().map(|(means, label)| ((self.code)(means), *label));
        own.chain(more).collect()
    }

    /// The labels of the document, joined.
    #[must_use]
    pub fn possible(&self) -> String {
        let labels: Vec<&str> = self.pairs.iter().map(|(label, _)| *label).collect();
        let more = if self.is_open() { ", and other codes" } else { "" };
        format!("{}{more}", labels.join(", "))
    }
}
