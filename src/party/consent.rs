//! Consents: given, withdrawn, never rewritten (S1-027, S4-025).

use super::{Code, Short};
use crate::ledger::Channel;
use crate::time::Timestamp;

/// A consent that was given, and perhaps withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Consent {
    /// What for, such as `marketing`.
    pub purpose: Code,
    /// The version of the text that was agreed to.
    pub version: Code,
    /// When it was given.
    pub granted_at: Timestamp,
    /// When it was withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn_at: Option<Timestamp>,
    /// On which way it was given.
    pub channel: Channel,
    /// Where the proof lies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Short>,
}

impl Consent {
    /// The purpose of S1-027's `marketing_consent`.
    pub const MARKETING: &'static str = "marketing";
    /// The most consents that are kept of a customer.
    pub const MAX: usize = 256;

    /// Whether it stands.
    #[must_use]
    pub const fn stands(&self) -> bool {
        self.withdrawn_at.is_none()
    }
}

/// A consent to be given or withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ConsentChange {
    /// Given.
    Grant {
        /// What for.
        purpose: Code,
        /// To which version of the text.
        version: Code,
        /// On which way.
        channel: Channel,
        /// Where the proof lies.
        evidence: Option<Short>,
    },
    /// Withdrawn.
    Withdraw {
        /// What for.
        purpose: Code,
    },
}

impl ConsentChange {
    /// The history after it; none if it is so already.
    #[must_use]
    pub fn apply(&self, history: &[Consent], now: Timestamp) -> Option<Vec<Consent>> {
        let stands = |purpose: &Code| {
            history.iter().rposition(|one| one.purpose == *purpose && one.stands())
        };
        let mut after = history.to_vec();
        match self {
            Self::Grant { purpose, version, channel, evidence } => {
                if let Some(at) = stands(purpose) {
                    if history.get(at).is_some_and(|one| one.version == *version) {
                        return None;
                    }
                    // Another text: the consent to the earlier one ends here.
                    after.get_mut(at)?.withdrawn_at = Some(now);
                }
                after.push(Consent {
                    purpose: purpose.clone(),
                    version: version.clone(),
                    granted_at: now,
                    withdrawn_at: None,
                    channel: *channel,
                    evidence: evidence.clone(),
                });
            }
            Self::Withdraw { purpose } => after.get_mut(stands(purpose)?)?.withdrawn_at = Some(now),
        }
        Some(after)
    }
}
