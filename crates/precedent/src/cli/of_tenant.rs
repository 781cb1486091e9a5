//! Which tenant a command is about.

use ticket::TenantId;

#[derive(Debug, clap::Args)]
pub(crate) struct OfTenant {
    /// The tenant, as named by `precedent tenant add`
    #[arg(long)]
    pub(crate) tenant_id: TenantId,
}
