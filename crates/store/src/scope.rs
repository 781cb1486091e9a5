//! Visibility scope of a transaction.

use ticket::TenantId;

/// The rows that a transaction may see.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scope<'a> {
    /// Rows of one tenant.
    Tenant(&'a TenantId),
    /// Rows of one tenant, in a transaction that stores a batch.
    Batch(&'a TenantId),
    /// Lists of all tenants, the whole audit log, keys.
    Operator,
}
