//! A tenant's settings, as stored in `tenant_configs`.

use chrono::{DateTime, Utc};
use ticket::TenantId;

use super::{LearnedSettings, Quota, Usage};

/// One tenant and the connection settings of its helpdesk. The caller encrypts secrets before it stores them.
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
    /// Address of the helpdesk, without `/api/v3` and without the portal.
    pub base_url: String,
    /// Cloud: the portal's name in the path; on premises: the number sent as `PORTALID`.
    pub portal: Option<String>,
    /// Cloud: the host that grants access tokens, if it is not the one that belongs to `base_url`.
    pub accounts_url: Option<String>,
    /// Envelope with the encrypted credentials.
    pub credentials: String,
    /// PEM certificates to trust beside the system's own.
    pub ca_certificate: Option<String>,
    /// Accept any TLS certificate.
    pub insecure: bool,
    /// Accept `http://` for hosts other than this machine.
    pub allow_http: bool,
    /// Accept addresses of this machine.
    pub allow_loopback: bool,
    /// Maximum number of requests in any 60 seconds; 0 for no limit.
    pub requests_per_minute: u32,
    /// Look for resolutions among notes.
    pub resolution_from_notes: bool,
    /// Keep the HTML beside the texts.
    pub keep_html: bool,
    /// Days that a ticket is kept after its resolution; `None` for no limit.
    pub keep_days: Option<u32>,
    /// Limits of what is stored for it.
    pub quota: Quota,
    /// Sizes of what is stored for it, as far as they are known; only the store changes them.
    pub usage: Usage,
    /// Language of the tickets, for the search; `simple` for none.
    pub language: String,
    /// Facts that Precedent found out about the helpdesk.
    pub learned: LearnedSettings,
    /// Time when it was added.
    pub created_at: DateTime<Utc>,
    /// Time when a setting last changed.
    pub updated_at: DateTime<Utc>,
}
