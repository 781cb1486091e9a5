//! Visibility scope of a transaction.

use ticket::TenantId;

/// The rows that a transaction may see.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scope<'a> {
    /// Rows of one tenant.
    Tenant(&'a TenantId),
    /// Rows of one tenant, in a transaction that stores a batch.
    Batch(&'a TenantId),
    /// Lists of all tenants, read only: which tenants there are, and what is due.
    Lists,
    /// The whole audit log and retired keys.
    Operator,
}
