//! A tenant's settings, as stored in `tenant_configs`.

use chrono::{DateTime, Utc};
use ticket::TenantId;

/// One tenant and how to reach its helpdesk. Secrets are sealed before they come here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Primary key.
    pub id: TenantId,
    /// Name for people.
    pub name: String,
    /// `cloud`, `on_premises` or `msp`.
    pub edition: String,
    /// Form of the requests: `v3` or `story`.
    pub api: String,
    /// Where the helpdesk answers, without `/api/v3` and without the portal.
    pub base_url: String,
    /// Cloud: the portal's name in the path; on premises: the number sent as `PORTALID`.
    pub portal: Option<String>,
    /// Cloud: where access tokens come from, if not the host that belongs to `base_url`.
    pub accounts_url: Option<String>,
    /// Envelope with the encrypted credentials.
    pub credentials: String,
    /// PEM certificates to trust beside the system's own.
    pub ca_certificate: Option<String>,
    /// Accept any TLS certificate.
    pub insecure: bool,
    /// Most requests in any 60 seconds; 0 means no limit.
    pub requests_per_minute: u32,
    /// Look for resolutions among notes.
    pub resolution_from_notes: bool,
    /// Keep the HTML beside the texts.
    pub keep_html: bool,
    /// Days after its resolution that a ticket is kept; `None` for ever.
    pub keep_days: Option<u32>,
    /// Language of the tickets, for the search; `simple` for none.
    pub language: String,
    /// What was found out about the helpdesk.
    pub learned: Learned,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// When a setting last changed.
    pub updated_at: DateTime<Utc>,
}

/// What was found out about a tenant's helpdesk; changes without anybody changing a setting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Learned {
    /// Requests a minute that it takes; `None` while the allowed pace works.
    pub pace: Option<u32>,
    /// What the last look at it found, as JSON; opaque here.
    pub probe: Option<String>,
    /// Since when it refuses the credentials.
    pub reauthorise_since: Option<DateTime<Utc>>,
}

impl Learned {
    /// What is other than before.
    pub fn news_since(&self, before: &Self) -> News {
        News {
            pace: (self.pace != before.pace).then_some(self.pace),
            probe: (self.probe != before.probe).then(|| self.probe.clone()),
            reauthorise_since: (self.reauthorise_since != before.reauthorise_since)
                .then_some(self.reauthorise_since),
        }
    }
}

/// What is news of a tenant's helpdesk. `None` stays as it is stored, since others may have learned it meanwhile; the
/// values are those of [`Learned`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// See [`Learned::pace`].
    pub pace: Option<Option<u32>>,
    /// See [`Learned::probe`].
    pub probe: Option<Option<String>>,
    /// See [`Learned::reauthorise_since`].
    pub reauthorise_since: Option<Option<DateTime<Utc>>>,
}

impl News {
    /// Whether there is none.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}
