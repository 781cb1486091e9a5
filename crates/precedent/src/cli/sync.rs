//! `precedent sync` and `precedent reconcile`: keep what was imported true.

use std::sync::Arc;
use std::time::Instant;

use serde_json::json;
use store::Store;
use ticket::TenantId;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, error, info, info_span};

use super::import::stop_on_signal;
use super::patience;
use crate::context::Context;
use crate::exit::{self, ExitCode, Failure};
use crate::hold::hold;
use crate::sync::{Sync, Synced};
use crate::{advice, audit, desk, progress};

/// Take over what changed at the helpdesk since the last sync: resolved, reopened, edited
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    patience: patience::Waits,
}

/// Compare everything that is stored with the helpdesk: withdraw what was deleted, merged or trashed
#[derive(Debug, clap::Args)]
pub(crate) struct ReconcileArguments {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    patience: patience::Waits,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// The tenant, as named by `precedent tenant add`
    #[arg(long)]
    tenant_id: Option<TenantId>,
    /// Every tenant, one after the other
    #[arg(long)]
    all: bool,
}

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Sync,
    Reconcile,
}

pub(crate) async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<()> {
    each(context, Kind::Sync, arguments.which, arguments.patience).await
}

pub(crate) async fn reconcile(context: &Context, arguments: ReconcileArguments) -> anyhow::Result<()> {
    each(context, Kind::Reconcile, arguments.which, arguments.patience).await
}

async fn each(context: &Context, kind: Kind, which: Which, patience: patience::Waits) -> anyhow::Result<()> {
    let store = context.store().await?;
    let stop = stop_on_signal()?;
    let tenants = match which.tenant_id {
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
        let span = info_span!("sync", tenant_id = %tenant, operation = kind.name());
        let done = one(context, &store, kind, tenant, &patience, &stop)
            .instrument(span)
            .await;
        match done {
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
            let message = format!("{} failed for {count} of {} tenants", kind.name(), tenants.len());
            Err(Failure::new(exit::code(&last), message)
                .hint("the log tells what is wrong with each")
                .caused_by(last)
                .into())
        }
    }
}

async fn one(
    context: &Context,
    store: &Arc<dyn Store>,
    kind: Kind,
    tenant: &TenantId,
    patience: &patience::Waits,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let started = Instant::now();
    let store = &**store;
    let tenant = desk::tenant(store, tenant).await?;
    let client = desk::client(context, store, &tenant, patience.patience()).await?;
    let lease = hold(store, &tenant.id, stop).await?;
    let sync = Sync {
        store,
        client: &client,
        tenant: &tenant.id,
        epoch: lease.epoch,
        stop,
    };
    let synced = match kind {
        Kind::Sync => sync.catch_up().await,
        Kind::Reconcile => sync.reconcile().await,
    };
    let remembered = desk::remember(store, &tenant, &client, &synced, None).await;
    let synced = synced.map_err(|error| advice::explain(error, &tenant.id))?;
    remembered?;
    let Synced {
        counts, withdrawn, ..
    } = synced;
    let words = format!(
        "{} new, {} updated, {} unchanged, {} rejected, {withdrawn} withdrawn",
        counts.imported, counts.updated, counts.skipped, counts.rejected
    );
    audit::note(store, Some(&tenant.id), kind.name(), words.as_str()).await?;
    store.release(&tenant.id, lease).await?;
    let elapsed = started.elapsed();
    info!(
        "{} complete: {words}, {}",
        kind.title(),
        progress::elapsed(elapsed)
    );
    if context.json() {
        println!(
            "{}",
            json!({"tenant_id": tenant.id.as_str(), "operation": kind.name(), "imported": counts.imported,
                "updated": counts.updated, "skipped": counts.skipped, "rejected": counts.rejected,
                "withdrawn": withdrawn, "elapsed_ms": elapsed.as_millis() as u64})
        );
    }
    Ok(())
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Reconcile => "reconcile",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Sync => "Sync",
            Self::Reconcile => "Reconciliation",
        }
    }
}
