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
