//! Arguments that select one tenant or all of them.

use std::collections::VecDeque;

use engine::lease::IfHeld;
use store::Store;
use ticket::TenantId;
use tracing::{error, info};

use crate::exit::{self, ExitCode, Failure};

#[derive(Debug, clap::Args)]
pub(crate) struct OfTenant {
    /// The tenant, as named by `precedent tenant add`
    #[arg(long)]
    pub(crate) tenant_id: TenantId,
}

/// One tenant or all tenants.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(crate) struct OneOrAll {
    /// The tenant, as named by `precedent tenant add`
    #[arg(long)]
    tenant_id: Option<TenantId>,
    /// All tenants, one after the other
    #[arg(long)]
    all: bool,
}

impl OneOrAll {
    /// Calls `act` for each tenant. A failure of one does not stop the others. Tenants whose lease another process
    /// holds come last, and `act` then waits for the lease.
    ///
    /// # Errors
    /// The error of a single tenant; an error with the number of failed tenants; `Interrupted` immediately.
    pub(crate) async fn each(
        self,
        store: &Store,
        name: &str,
        act: impl AsyncFn(&TenantId, IfHeld) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let mut tenants: VecDeque<_> = match self.tenant_id {
            Some(tenant) => VecDeque::from([(tenant, IfHeld::Wait)]),
            None => {
                let tenants = store.tenants().await?.into_iter();
                tenants.map(|tenant| (tenant.id, IfHeld::Fail)).collect()
            }
        };
        let count = tenants.len();
        let mut failures = Vec::new();
        while let Some((tenant, if_held)) = tenants.pop_front() {
            match act(&tenant, if_held).await {
                Err(failure) if if_held == IfHeld::Fail && is_held(&failure) => {
                    info!(tenant_id = %tenant, "skipping tenant {tenant} for now: {failure:#}");
                    tenants.push_back((tenant, IfHeld::Wait));
                }
                Err(failure) if count > 1 && exit::code(&failure) != ExitCode::Interrupted => {
                    error!(tenant_id = %tenant, "{failure:#}");
                    failures.push(failure);
                }
                done => done?,
            }
        }
        let failed = failures.len();
        match failures.pop() {
            None => Ok(()),
            Some(last) => {
                let message = format!("{name} failed for {failed} of {count} tenants");
                Err(Failure::new(exit::code(&last), message)
                    .hint("the log contains the error of each tenant")
                    .caused_by(last)
                    .into())
            }
        }
    }
}

fn is_held(failure: &anyhow::Error) -> bool {
    let mut causes = failure.chain().filter_map(|cause| cause.downcast_ref());
    causes.any(engine::Error::is_held)
}
