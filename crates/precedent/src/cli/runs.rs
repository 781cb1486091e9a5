//! `precedent runs`: lists, shows and resumes import runs.

use std::time::Duration;

use engine::source;
use serde_json::{Value, json};
use store::{Run, RunKind, RunState};
use uuid::Uuid;

use super::import::{Extras, Work, import, import_counts};
use super::of_tenant::OfTenant;
use super::output::{entry, long_entry, result};
use super::pages::print_pages;
use super::timeouts;
use crate::exit::{ExitCode, Failure};
use crate::setup::Context;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// List a tenant's newest runs
    List {
        #[command(flatten)]
        tenant: OfTenant,
        /// Maximum number of runs
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
    },
    /// Show a run with its windows
    Show(One),
    /// Resume an interrupted run
    Resume {
        #[command(flatten)]
        run: One,
        #[command(flatten)]
        timeouts: timeouts::TimeoutArguments,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct One {
    #[command(flatten)]
    tenant: OfTenant,
    /// Id of the run, as shown by `precedent runs list`
    #[arg(long)]
    run_id: Uuid,
}

pub(crate) async fn run(context: &Context, command: Command) -> anyhow::Result<()> {
    let store = context.store().await?;
    match command {
        Command::List {
            tenant: OfTenant { tenant_id },
            limit,
        } => {
            source::tenant(&store, &tenant_id).await?;
            print_pages(
                limit,
                async |after, limit| store.runs(&tenant_id, after, limit).await,
                |run| entry(context, &object(run), line(run)),
            )
            .await?;
        }
        Command::Show(one) => {
            let run = find(context, &one).await?;
            long_entry(context, &object_with_windows(&run), in_full(&run))?;
        }
        Command::Resume { run: one, timeouts } => {
            let run = find(context, &one).await?;
            if run.state == RunState::Finished {
                let counts = import_counts(&one.tenant.tenant_id, &run.counts, Duration::ZERO);
                let words = format_args!("run {} has finished: nothing is left of it", run.id);
                return result(context, &counts, words);
            }
            if run.kind != RunKind::Import {
                let kind = run.kind.as_str();
                let message = format!("run {} is not an import", run.id);
                return Err(Failure::new(ExitCode::Usage, message)
                    .hint(format!("`precedent {kind}` continues where it stopped"))
                    .into());
            }
            let work = Work::Resume(run);
            import(
                context,
                &one.tenant.tenant_id,
                work,
                Extras::default(),
                timeouts.timeouts(),
            )
            .await?;
        }
    }
    Ok(())
}

async fn find(context: &Context, one: &One) -> anyhow::Result<Run> {
    let store = context.store().await?;
    let tenant = &one.tenant.tenant_id;
    source::tenant(&store, tenant).await?;
    let missing = || {
        Failure::new(
            ExitCode::Usage,
            format!("tenant {tenant} has no run {}", one.run_id),
        )
        .hint(format!(
            "`precedent runs list --tenant-id={tenant}` shows its runs"
        ))
    };
    Ok(store.run(tenant, one.run_id).await?.ok_or_else(missing)?)
}

fn line(run: &Run) -> String {
    let counts = run.counts;
    format!(
        "{} {:<9} {:<12} {} .. {}  {} imported, {} updated, {} skipped, {} rejected  started {}",
        run.id,
        run.kind.as_str(),
        run.state.as_str(),
        run.from.to_rfc3339(),
        run.to.to_rfc3339(),
        counts.imported,
        counts.updated,
        counts.skipped,
        counts.rejected,
        run.started_at.to_rfc3339()
    )
}

/// Returns the line of the run, the error that stopped it, and its windows.
fn in_full(run: &Run) -> Vec<String> {
    let mut lines = vec![line(run)];
    lines.extend(run.error.as_ref().map(|error| format!("stopped by: {error}")));
    for window in &run.windows {
        let state = if window.done { "done" } else { "open" };
        let place = place(window.cursor.as_deref());
        let cursor = place.as_deref().unwrap_or("not started");
        lines.push(format!("window {}: {state}, {cursor}", window.position));
        lines.push(format!("  {}", window.plan));
    }
    lines
}

fn object_with_windows(run: &Run) -> Value {
    let windows: Vec<_> = run
        .windows
        .iter()
        .map(|window| json!({"position": window.position, "done": window.done, "cursor": place(window.cursor.as_deref()), "plan": window.plan}))
        .collect();
    let mut object = object(run);
    object["windows"] = json!(windows);
    object
}

fn object(run: &Run) -> Value {
    json!({
        "run_id": run.id.to_string(),
        "kind": run.kind.as_str(),
        "state": run.state.as_str(),
        "request": run.request,
        "from": run.from.to_rfc3339(),
        "to": run.to.to_rfc3339(),
        "imported": run.counts.imported,
        "updated": run.counts.updated,
        "skipped": run.counts.skipped,
        "rejected": run.counts.rejected,
        "withdrawn": run.withdrawn,
        "error": run.error,
        "started_at": run.started_at.to_rfc3339(),
        "finished_at": run.finished_at.map(|at| at.to_rfc3339()),
    })
}

/// Returns a checkpoint with the number of its rows in place of the rows, which are texts of tickets.
fn place(cursor: Option<&str>) -> Option<String> {
    let cursor = cursor?;
    let Ok(Value::Object(mut place)) = serde_json::from_str(cursor) else {
        return Some("unreadable".to_owned());
    };
    if let Some(Value::Array(rows)) = place.get("left") {
        place.insert("left".to_owned(), json!(rows.len()));
    }
    Some(Value::Object(place).to_string())
}
