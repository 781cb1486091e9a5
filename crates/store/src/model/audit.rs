//! An entry of the audit log.

use chrono::{DateTime, Utc};
use ticket::TenantId;
use uuid::Uuid;

/// One action; the database refuses to change or delete an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Sorts by time.
    pub id: Uuid,
    /// Tenant that the action concerns; `None` for the whole installation.
    pub tenant: Option<TenantId>,
    /// Time of the action.
    pub at: DateTime<Utc>,
    /// User who acted.
    pub actor: String,
    /// Machine or address from which the user acted.
    pub origin: String,
    /// Name of the action, such as `tenant set`.
    pub action: String,
    /// Details; no secret.
    pub detail: String,
}
