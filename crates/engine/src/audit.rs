//! Records entries in the audit log: actor, origin, action, detail.

use store::{AuditEntry, Store};
use ticket::TenantId;
use uuid::Uuid;

use crate::{Result, clock};

/// Records an action in the audit log. `detail` must not contain a secret.
///
/// # Errors
/// Those of the store.
pub async fn record(
    store: &Store,
    tenant: Option<&TenantId>,
    action: &str,
    detail: impl Into<String>,
) -> Result<()> {
    let entry = AuditEntry {
        id: Uuid::now_v7(),
        tenant: tenant.cloned(),
        at: clock::now(),
        actor: whoami::username().unwrap_or_else(|_| "unknown".to_owned()),
        origin: origin(),
        action: action.to_owned(),
        detail: detail.into(),
    };
    Ok(store.audit(&entry).await?)
}

/// Returns host and process id, by which people find this process.
pub fn origin() -> String {
    let host = whoami::hostname().unwrap_or_else(|_| "unknown host".to_owned());
    format!("{host}, process {}", std::process::id())
}
