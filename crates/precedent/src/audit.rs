//! Entries of the audit log: who did what, from where.

use store::{AuditEntry, Store};
use ticket::TenantId;
use uuid::Uuid;

use crate::clock;

/// Notes what was done; `detail` holds no secret.
pub(crate) async fn note(
    store: &dyn Store,
    tenant: Option<&TenantId>,
    action: &str,
    detail: impl Into<String>,
) -> anyhow::Result<()> {
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

/// This process, for others to find.
pub(crate) fn origin() -> String {
    let host = whoami::hostname().unwrap_or_else(|_| "unknown host".to_owned());
    format!("{host}, process {}", std::process::id())
}
