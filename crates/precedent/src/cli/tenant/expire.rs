//! `precedent tenant expire`: deletes tickets that are past their tenant's retention period.

use engine::lease::{IfHeld, acquire_lease};
use engine::{clock, retention, source};
use serde_json::json;
use ticket::TenantId;

use crate::cli::of_tenant::OneOrAll;
use crate::cli::output::result;
use crate::setup::Context;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: OneOrAll,
}

pub(super) async fn run(context: &Context, arguments: Arguments) -> anyhow::Result<()> {
    let store = context.store().await?;
    let stop = context.stop()?.soft;
    let act = async |id: &TenantId, if_held: IfHeld| {
        let tenant = source::tenant(&store, id).await?;
        let lease = acquire_lease(&store, id, if_held, &stop).await?;
        let expired = retention::expire(&store, id, lease.epoch, clock::now(), &stop).await?;
        let words = retention::words(&expired);
        store.release_lease(id, lease).await?;
        let object = json!({"tenant_id": id.as_str(), "keep_days": tenant.keep_days, "tickets": expired.tickets,
            "rejected": expired.rejections, "notes": expired.events});
        let words = match tenant.keep_days {
            Some(days) => format!("tenant {id} keeps tickets for {days} days; forgot {words}"),
            None => format!("tenant {id} keeps tickets for ever"),
        };
        result(context, &object, words)
    };
    arguments.which.each(&store, "tenant expire", act).await
}
