//! Tokens of the HTTP interface.

use chrono::{DateTime, Utc};
use ticket::TenantId;

/// Permission to read one tenant's tickets. The token itself is not stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// Tenant whose tickets it opens.
    pub tenant: TenantId,
    /// Id of the token, unique within the tenant.
    pub id: String,
    /// Name for people, such as the client that uses it.
    pub name: String,
    /// Digest of its secret part.
    pub secret_digest: Vec<u8>,
    /// Names of its permissions, separated by blanks.
    pub scopes: String,
    /// Time when it was created.
    pub created_at: DateTime<Utc>,
    /// Time from which it is invalid.
    pub expires_at: DateTime<Utc>,
    /// Time when it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}
