//! `precedent verify`: compares the stored tickets with the helpdesk.

use engine::import::{Difference, Ending, Purpose, RunContext};
use engine::lease::{IfHeld, acquire_lease, release_lease};
use engine::progress::Progress;
use engine::verify::verify;
use engine::{audit, clock, retention, source};
use serde_json::json;
use ticket::TicketId;

use super::import::RangeArguments;
use super::of_tenant::OfTenant;
use super::output::result;
use super::timeouts;
use crate::exit::{ExitCode, Failure};
use crate::setup::Context;

/// Compare the stored tickets of a range with the helpdesk and list those that are missing, stale or gone
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    tenant: OfTenant,
    #[command(flatten)]
    range: RangeArguments,
    /// Store the tickets that are missing or stale, withdraw those that are gone
    #[arg(long)]
    repair: bool,
    /// Search the notes of tickets without a resolution for one, as an import with this option does
    #[arg(long)]
    resolution_from_notes: bool,
    #[command(flatten)]
    timeouts: timeouts::TimeoutArguments,
}

pub(crate) async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<()> {
    let range = arguments.range.range()?;
    let store = context.store().await?;
    let mut tenant = source::tenant(&store, &arguments.tenant.tenant_id).await?;
    tenant.resolution_from_notes |= arguments.resolution_from_notes;
    let timeouts = arguments.timeouts.timeouts();
    let client = context.connect(&store, &tenant, timeouts).await?;
    let stop = context.stop()?;
    let lease = acquire_lease(&store, &tenant.id, IfHeld::Wait, &stop.soft).await?;
    let on_difference = |difference: Difference, id: &TicketId, why: &str| {
        let object = json!({"fault": difference.name(), "ticket_id": id.as_str(), "why": why});
        // A write failure does not stop the comparison: printing the result at its end fails in the same way.
        let _ = result(context, &object, format!("{:<8} {id}: {why}", difference.name()));
    };
    let purpose = Purpose::Verify {
        repair: arguments.repair,
        on_difference: &on_difference,
    };
    let progress = Progress::quiet();
    let of = (&tenant.id, &client);
    let run_context = RunContext::new(&store, of, lease.epoch, (&progress, purpose), stop);
    // Tickets past the tenant's retention period do not count as missing.
    let range = retention::clip(range, &tenant, clock::now());
    let compared = verify(&run_context, &range).await;
    let (ending, found) = release_lease(&store, (&tenant, &client), lease, compared).await?;
    if ending != Ending::Complete {
        return Err(Failure::new(ExitCode::Interrupted, "the comparison was stopped")
            .hint("run the same command again: it continues where it stopped")
            .into());
    }
    let words = format!(
        "{} the same, {} missing, {} stale, {} gone, {} rejected",
        found.same, found.missing, found.stale, found.gone, found.rejected
    );
    let action = if arguments.repair {
        "verify --repair"
    } else {
        "verify"
    };
    audit::record(&store, Some(&tenant.id), action, words.as_str()).await?;
    let object = json!({"same": found.same, "missing": found.missing, "stale": found.stale, "gone": found.gone,
        "rejected": found.rejected, "repaired": arguments.repair});
    result(context, &object, words)?;
    if found.differences() > 0 && !arguments.repair {
        return Err(Failure::new(
            ExitCode::Incomplete,
            format!("{} tickets differ", found.differences()),
        )
        .hint(
            "run the command again with --repair; if the tickets were imported with --resolution-from-notes, \
                     add that option here too",
        )
        .into());
    }
    Ok(())
}
