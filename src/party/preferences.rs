//! Preferences and the profile document of a customer (S1-027, S3-016).

use std::collections::BTreeMap;

use super::{Code, Line, Short};

/// Over what a customer wants to hear from the bank.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Notifications {
    /// By e-mail.
    pub email: bool,
    /// By text message.
    pub sms: bool,
    /// By push.
    pub push: bool,
}

/// Preferences.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[non_exhaustive]
pub struct Preferences {
    /// Where the picture lies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar: Option<Line>,
    /// The theme of the screen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theme: Option<Code>,
    /// Over what to notify.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notifications: Option<Notifications>,
    /// Anything else, at most [`Preferences::MAX`] pairs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub communication: BTreeMap<Code, Short>,
}

impl Preferences {
    /// The most pairs.
    pub const MAX: usize = 32;

    /// With a picture.
    #[must_use]
    pub fn with_avatar(mut self, avatar: Line) -> Self {
        self.avatar = Some(avatar);
        self
    }

    /// With a theme.
    #[must_use]
    pub fn with_theme(mut self, theme: Code) -> Self {
        self.theme = Some(theme);
        self
    }

    /// With notifications.
    #[must_use]
    pub const fn with_notifications(mut self, notifications: Notifications) -> Self {
        self.notifications = Some(notifications);
        self
    }

    /// With a pair.
    #[must_use]
    pub fn with_communication(mut self, key: &Code, value: Short) -> Self {
        self.communication.insert(key.clone(), value);
        self
    }
}
