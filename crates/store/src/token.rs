//! Tokens of the HTTP interface.

use chrono::{DateTime, Utc};
use ticket::TenantId;

/// Who may ask for one tenant's tickets. The token itself is kept nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// Whose tickets.
    pub tenant: TenantId,
    /// Names it among the tenant's tokens.
    pub id: String,
    /// Name for people: who uses it.
    pub name: String,
    /// Digest of its secret part.
    pub secret_digest: Vec<u8>,
    /// Names of what it may do, separated by blanks.
    pub scopes: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// From when on it is worth nothing.
    pub expires_at: DateTime<Utc>,
    /// Since when it is withdrawn.
    pub revoked_at: Option<DateTime<Utc>>,
}
