//! The id of a tenant, as an argument.

use ticket::TenantId;

#[derive(Debug, clap::Args)]
pub(crate) struct Tenant {
    /// Letters, digits, '-', '_' and '.', up to 100
    #[arg(long)]
    pub(super) tenant_id: TenantId,
}
