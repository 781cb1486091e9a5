//! A tenant's webhook.

use chrono::{DateTime, Utc};
use ticket::TenantId;

/// The endpoint to which a tenant's helpdesk sends events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Tenant of the webhook.
    pub tenant: TenantId,
    /// Id of the webhook; part of its address.
    pub id: String,
    /// Envelope with the encrypted secret that each change notification must carry.
    pub secret: String,
    /// Envelope with the encrypted secret that signs resolved tickets; `None` until a webhook of an earlier version is
    /// rotated.
    pub signing_secret: Option<String>,
    /// The secret of a change notification may be part of its URL.
    pub secret_in_url: bool,
    /// Time when it was created, or a secret last changed.
    pub created_at: DateTime<Utc>,
}
