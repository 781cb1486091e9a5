//! Which tenant a command is about, or which of them.

use store::Store;
use ticket::TenantId;
use tracing::error;

use crate::exit::{self, ExitCode, Failure};

#[derive(Debug, clap::Args)]
pub(crate) struct OfTenant {
    /// The tenant, as named by `precedent tenant add`
    #[arg(long)]
    pub(crate) tenant_id: TenantId,
}

/// One tenant or all of them.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(crate) struct OneOrAll {
    /// The tenant, as named by `precedent tenant add`
    #[arg(long)]
    tenant_id: Option<TenantId>,
    /// Every tenant, one after the other
    #[arg(long)]
    all: bool,
}

impl OneOrAll {
    /// Does something to each; the trouble of one does not stop the others.
    ///
    /// # Errors
    /// That of the only tenant, one that tells how many failed, or `Interrupted` at once.
    pub(crate) async fn each(
        self,
        store: &dyn Store,
        name: &str,
        act: impl AsyncFn(&TenantId) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let tenants = match self.tenant_id {
            Some(tenant) => vec![tenant],
            None => store
                .tenants()
                .await?
                .into_iter()
                .map(|tenant| tenant.id)
                .collect(),
        };
        let mut failures = Vec::new();
        for tenant in &tenants {
            match act(tenant).await {
                Err(failure) if tenants.len() > 1 && exit::code(&failure) != ExitCode::Interrupted => {
                    error!(tenant_id = %tenant, "{failure:#}");
                    failures.push(failure);
                }
                done => done?,
            }
        }
        let count = failures.len();
        match failures.pop() {
            None => Ok(()),
            Some(last) => {
                let message = format!("{name} failed for {count} of {} tenants", tenants.len());
                Err(Failure::new(exit::code(&last), message)
                    .hint("the log tells what is wrong with each")
                    .caused_by(last)
                    .into())
            }
        }
    }
}
