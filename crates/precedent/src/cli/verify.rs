//! `precedent verify`: compares the table with the helpdesk.

use serde_json::json;
use ticket::TicketId;

use super::import::{RangeArguments, stop_on_signal};
use super::of_tenant::OfTenant;
use super::output::result;
use super::patience;
use crate::context::Context;
use crate::exit::{ExitCode, Failure};
use crate::hold::hold;
use crate::verify::{Fault, Verify};
use crate::{advice, audit, clock, desk, retention};

/// Compare the stored tickets of a range with the helpdesk: what is missing, stale or gone
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    tenant: OfTenant,
    #[command(flatten)]
    range: RangeArguments,
    /// Store what is missing or stale, withdraw what is gone
    #[arg(long)]
    repair: bool,
    #[command(flatten)]
    patience: patience::Waits,
}

pub(crate) async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<()> {
    let range = arguments.range.range()?;
    let store = context.store().await?;
    let tenant = desk::tenant(&*store, &arguments.tenant.tenant_id).await?;
    let client = desk::client(context, &*store, &tenant, arguments.patience.patience()).await?;
    let stop = stop_on_signal()?;
    let lease = hold(&*store, &tenant.id, &stop).await?;
    let tell = |fault: Fault, id: &TicketId, why: &str| {
        let object = json!({"fault": fault.name(), "ticket_id": id.as_str(), "why": why});
        // The comparison goes on; the result at its end fails in the same way.
        let _ = result(context, &object, format_args!("{:<8} {id}: {why}", fault.name()));
    };
    let verify = Verify {
        store: &*store,
        client: &client,
        tenant: &tenant.id,
        stop: &stop,
        repair: arguments.repair.then_some(lease.epoch),
        tell: &tell,
    };
    // What the tenant does not keep is not missing.
    let range = retention::clip(range, &tenant, clock::now());
    let found = verify.run(&range).await;
    desk::remember(&*store, &tenant, &client, &found, None).await?;
    let found = found.map_err(|error| advice::explain(error, &tenant.id))?;
    let words = format!(
        "{} the same, {} missing, {} stale, {} gone, {} rejected",
        found.same, found.missing, found.stale, found.gone, found.rejected
    );
    let action = if arguments.repair {
        "verify --repair"
    } else {
        "verify"
    };
    audit::note(&*store, Some(&tenant.id), action, words.as_str()).await?;
    store.release(&tenant.id, lease).await?;
    let object = json!({"same": found.same, "missing": found.missing, "stale": found.stale, "gone": found.gone,
        "rejected": found.rejected, "repaired": arguments.repair});
    result(context, &object, words)?;
    if found.faults() > 0 && !arguments.repair {
        return Err(
            Failure::new(ExitCode::Incomplete, format!("{} tickets differ", found.faults()))
                .hint("give the command again with --repair, or import the range again")
                .into(),
        );
    }
    Ok(())
}
