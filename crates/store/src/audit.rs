//! Who did what to which tenant, when and from where.

use chrono::{DateTime, Utc};
use ticket::TenantId;
use uuid::Uuid;

/// An entry of the log; never changed, never removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Sorts by time.
    pub id: Uuid,
    /// `None` for what concerns the whole installation.
    pub tenant: Option<TenantId>,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub actor: String,
    /// From where.
    pub origin: String,
    /// What, such as `tenant set`.
    pub action: String,
    /// More of it; no secret.
    pub detail: String,
}
