//! Screening against lists: the port that the host implements, and what is kept of its answers.

use std::fmt;
use std::pin::Pin;

use uuid::Uuid;

use super::{AmlStatus, PepStatus, RiskLevel, Standing};
use crate::id::ScreeningId;
use crate::ledger::{Actor, Reference};
use crate::locale::CountryCode;
use crate::privacy::Sensitive;
use crate::time::Timestamp;

/// What a port answers with, later.
pub type PortFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ScreeningKind {
    /// Adverse findings of money laundering.
    Aml,
    /// Politically exposed persons.
    Pep,
    /// Sanctions.
    Sanctions,
}

impl ScreeningKind {
    /// All.
    pub const ALL: &'static [Self] = &[Self::Aml, Self::Pep, Self::Sanctions];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Aml => "aml",
            Self::Pep => "pep",
            Self::Sanctions => "sanctions",
        }
    }
}

/// What the lists say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ScreeningOutcome {
    /// Nothing.
    Clear,
    /// Somebody like this one.
    Possible,
    /// This one.
    Hit,
}

impl ScreeningOutcome {
    /// All.
    pub const ALL: &'static [Self] = &[Self::Clear, Self::Possible, Self::Hit];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Possible => "possible",
            Self::Hit => "hit",
        }
    }
}

/// How sure a provider is, in hundredths from 0 to 10,000 (S1-045: `DECIMAL(5,2)`).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(try_from = "u16", into = "u16")]
pub struct Score(u16);

impl Score {
    /// The greatest: 100.00.
    pub const MAX: u16 = 10_000;

    /// A score in hundredths; `None` above [`Self::MAX`].
    #[must_use]
    pub const fn new(hundredths: u16) -> Option<Self> {
        if hundredths <= Self::MAX { Some(Self(hundredths)) } else { None }
    }

    /// In hundredths.
    #[must_use]
    pub const fn hundredths(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for Score {
    type Error = &'static str;

    fn try_from(hundredths: u16) -> Result<Self, Self::Error> {
        Self::new(hundredths).ok_or("a score is at most 10000 hundredths")
    }
}

impl From<Score> for u16 {
    fn from(score: Score) -> Self {
        score.0
    }
}

/// Who is to be screened: no more than a list needs. Nothing of it is printed but the opaque id.
#[derive(Debug)]
#[non_exhaustive]
pub struct ScreeningSubject {
    /// An opaque id by which the provider may refer to the question.
    pub id: Uuid,
    /// The full name.
    pub name: Sensitive<String>,
    /// The day of birth, as `2000-12-31`.
    pub date_of_birth: Option<Sensitive<String>>,
    /// The country of residence or registration.
    pub country: Option<CountryCode>,
}

impl ScreeningSubject {
    /// A subject of which only the name is known.
    #[must_use]
    pub const fn new(id: Uuid, name: Sensitive<String>) -> Self {
        Self { id, name, date_of_birth: None, country: None }
    }

    /// With a day of birth, as `2000-12-31`.
    #[must_use]
    pub fn with_date_of_birth(mut self, date: Sensitive<String>) -> Self {
        self.date_of_birth = Some(date);
        self
    }

    /// With a country.
    #[must_use]
    pub const fn with_country(mut self, country: CountryCode) -> Self {
        self.country = Some(country);
        self
    }
}

/// What a provider answered.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ScreeningAnswer {
    /// What was asked.
    pub kind: ScreeningKind,
    /// What the lists say.
    pub outcome: ScreeningOutcome,
    /// Who answered, as an opaque name such as `provider:lists`.
    pub provider: Actor,
    /// By which the provider knows the answer again; the same finding has the same reference.
    pub reference: Reference,
    /// When the lists were asked.
    pub at: Timestamp,
    /// How sure the provider is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Score>,
}

/// An answer as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Screening {
    /// The id.
    pub id: ScreeningId,
    /// The kind, outcome, provider, reference, instant and score.
    #[serde(flatten)]
    pub answer: ScreeningAnswer,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

impl std::ops::Deref for Screening {
    type Target = ScreeningAnswer;

    fn deref(&self) -> &ScreeningAnswer {
        &self.answer
    }
}

/// A provider did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScreenerError {
    /// The provider cannot be reached now; ask again later.
    #[error("the screening provider cannot be reached; ask again later")]
    Unavailable,
    /// The provider does not screen for this, or not this subject.
    #[error("the screening provider does not answer this question")]
    Unsupported,
}

impl ScreenerError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unavailable => "screener_unavailable",
            Self::Unsupported => "screener_unsupported",
        }
    }

    /// Whether the same question may be answered later.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        matches!(self, Self::Unavailable)
    }
}

/// The port to a provider of lists, implemented by the host. It is asked outside any unit of work;
/// its answer is recorded by [`decide_screening`](super::decide_screening) inside one.
pub trait Screener: Send + Sync + fmt::Debug {
    /// Asks for one kind of list. The answer must be of the kind that was asked for.
    ///
    /// # Errors
    /// [`ScreenerError`] if there is no answer; nothing changes then.
    fn screen<'a>(
        &'a self,
        kind: ScreeningKind,
        subject: &'a ScreeningSubject,
    ) -> PortFuture<'a, Result<ScreeningAnswer, ScreenerError>>;
}

/// What an answer makes of a standing. It only tightens:
///
/// | asked | possible | hit |
/// |---|---|---|
/// | AML, sanctions | flagged at least | blocked |
/// | PEP | match, unless rejected | match, unless rejected; the risk is high at least |
///
/// A clear answer changes nothing: what was found before is lifted by staff.
pub(super) fn tightened(standing: &Standing, answer: &ScreeningAnswer) -> Standing {
    let mut new = standing.clone();
    match (answer.kind, answer.outcome) {
        (_, ScreeningOutcome::Clear) => {}
        (ScreeningKind::Aml | ScreeningKind::Sanctions, ScreeningOutcome::Possible) => {
            new.aml = new.aml.stricter(AmlStatus::Flagged);
        }
        (ScreeningKind::Aml | ScreeningKind::Sanctions, ScreeningOutcome::Hit) => {
            new.aml = AmlStatus::Blocked;
        }
        (ScreeningKind::Pep, outcome) => {
            if new.pep == PepStatus::Clear {
                new.pep = PepStatus::Match;
            }
            let low = matches!(new.risk, RiskLevel::Low | RiskLevel::Medium);
            if low && outcome == ScreeningOutcome::Hit {
                new.risk = RiskLevel::High;
            }
        }
    }
    new
}
