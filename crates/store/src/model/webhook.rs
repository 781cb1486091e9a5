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
    /// Envelope with the encrypted secret that each request must carry.
    pub secret: String,
    /// Time when it was created, or its secret last changed.
    pub created_at: DateTime<Utc>,
}
