//! `precedent jobs`: lists, retries and cancels waiting and dead-lettered jobs.

use chrono::SecondsFormat;
use engine::{audit, source};
use serde_json::json;
use store::{Job, JobKind, JobState, Store};
use ticket::TenantId;

use super::of_tenant::OfTenant;
use super::output::{entry, result};
use crate::exit::{ExitCode, Failure};
use crate::setup::Context;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// List the queued and failed jobs, longest waiting first
    List {
        /// Only this tenant's jobs
        #[arg(long)]
        tenant_id: Option<TenantId>,
        /// Maximum number of jobs
        #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
        limit: u32,
    },
    /// Retry a tenant's failed jobs now
    Retry(OfTenant),
    /// Cancel a queued or running import of a worker; tickets that it has stored stay
    Cancel(OfTenant),
}

pub(crate) async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    let store = context.store().await?;
    match command {
        Command::List { tenant_id, limit } => {
            if let Some(tenant) = &tenant_id {
                source::tenant(&store, tenant).await?;
            }
            // A tenant has at most three jobs, each a few hundred bytes without its arguments.
            let jobs = store.jobs(tenant_id.as_ref()).await?;
            let mut shown = jobs.iter().take(limit as usize);
            shown.try_for_each(|job| show(context, job))
        }
        Command::Retry(of) => {
            let tenant = source::tenant(&store, &of.tenant_id).await?.id;
            let count = retry(&store, &tenant).await?;
            audit::record(&store, Some(&tenant), "jobs retry", format!("{count} jobs")).await?;
            let object = json!({"tenant_id": tenant.as_str(), "retried": count});
            result(
                context,
                &object,
                format_args!("jobs scheduled for retry: {count}"),
            )
        }
        Command::Cancel(of) => {
            let tenant = source::tenant(&store, &of.tenant_id).await?.id;
            if !store.complete_job(&tenant, JobKind::Import, None, None).await? {
                let message = format!("no import of tenant {tenant} waits for a worker");
                return Err(Failure::new(ExitCode::Usage, message)
                    .hint("precedent jobs list")
                    .into());
            }
            audit::record(&store, Some(&tenant), "jobs cancel", "import").await?;
            let object = json!({"tenant_id": tenant.as_str(), "cancelled": "import"});
            let words = "cancelled the import; a running turn ends within 30 s";
            result(context, &object, words)
        }
    }
}

/// Schedules a tenant's failed jobs for retry now and returns their number.
pub(super) async fn retry(store: &Store, tenant: &TenantId) -> store::Result<usize> {
    let mut jobs = store.jobs(Some(tenant)).await?;
    jobs.retain(|job| matches!(job.state(), JobState::Retrying | JobState::DeadLettered));
    for job in &jobs {
        store
            .request_job(&job.clone().requeue(store.now().await?))
            .await?;
    }
    Ok(jobs.len())
}

fn show(context: &Context, job: &Job) -> anyhow::Result<()> {
    let due = job.due_at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let state = job.state().as_str();
    let kind = job.kind.as_str();
    let object = json!({"tenant_id": job.tenant.as_str(), "kind": kind, "state": state, "due_at": due,
        "attempts": job.attempts, "error": job.error});
    let error = job.error.as_deref().unwrap_or_default();
    let words = format_args!(
        "{due}  {state:<13}  {kind:<9}  {} attempts  {}  {error}",
        job.attempts, job.tenant
    );
    entry(context, &object, words)
}
