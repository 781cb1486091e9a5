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
    /// Most requests in any 60 seconds; 0 means no limit.
    pub requests_per_minute: u32,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// When a setting last changed.
    pub updated_at: DateTime<Utc>,
}
