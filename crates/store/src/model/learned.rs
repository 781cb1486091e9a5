//! Facts about a tenant's helpdesk that Precedent found out.

use chrono::{DateTime, Utc};

/// Facts about a helpdesk; they change without any change of the tenant's settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LearnedSettings {
    /// Requests per minute that the helpdesk accepts; `None` while the allowed pace works.
    pub pace: Option<u32>,
    /// Result of the last probe, as JSON; opaque here.
    pub probe: Option<String>,
    /// Time since which the helpdesk refuses the credentials.
    pub reauthorise_since: Option<DateTime<Utc>>,
}

impl LearnedSettings {
    /// Returns the facts that differ from `before`.
    pub fn changes_since(&self, before: &Self) -> LearnedChange {
        LearnedChange {
            pace: (self.pace != before.pace).then_some(self.pace),
            probe: (self.probe != before.probe).then(|| self.probe.clone()),
            reauthorise_since: (self.reauthorise_since != before.reauthorise_since)
                .then_some(self.reauthorise_since),
        }
    }
}

/// A change of [`LearnedSettings`]: `Some` replaces a stored fact, `None` keeps it, since another process may have
/// learned it meanwhile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LearnedChange {
    /// See [`LearnedSettings::pace`].
    pub pace: Option<Option<u32>>,
    /// See [`LearnedSettings::probe`].
    pub probe: Option<Option<String>>,
    /// See [`LearnedSettings::reauthorise_since`].
    pub reauthorise_since: Option<Option<DateTime<Utc>>>,
}

impl LearnedChange {
    /// Returns whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
