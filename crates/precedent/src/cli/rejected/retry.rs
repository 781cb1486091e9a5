//! `precedent rejected retry`: stores what can be read by now.
//!
//! What cannot be read yet keeps its raw form, the first reason and its time: they tell what the helpdesk sent. The
//! newest reason is added to the first one.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::json;
use servicedesk::{Client, Outcome, Row, Window};
use store::{Batch, Incoming, RejectedTicket, Source, Store};
use ticket::TenantId;

use super::find;
use crate::cli::output::result;
use crate::context::Context;
use crate::desk::Patience;
use crate::exit::{ExitCode, Failure};
use crate::hold::hold;
use crate::{advice, audit, clock, desk};

/// Tickets tried again together: in memory at once, stored in one transaction.
const BATCH: u32 = 50;

/// Between the first reason and the newest one.
const AGAIN: &str = "; tried again: ";

/// What became of the tickets.
#[derive(Default)]
struct Retried {
    stored: u64,
    /// Open again, in the trash, or deleted.
    gone: u64,
    rejected: u64,
}

pub(super) async fn retry(
    context: &Context,
    shared_store: &Arc<dyn Store>,
    tenant_id: &TenantId,
    key: Option<&str>,
    patience: Patience,
) -> anyhow::Result<()> {
    let store = &**shared_store;
    let tenant = desk::tenant(store, tenant_id).await?;
    let one = match key {
        Some(key) => Some(find(store, tenant_id, key).await?),
        None => None,
    };
    let stop = context.stop()?;
    let client = desk::client(context, shared_store, &tenant, patience).await?;
    let client = client.stopped_by(stop.clone());
    let lease = hold(store, tenant_id, &stop.soft).await?;
    let mut retried = Retried::default();
    let mut last: Option<RejectedTicket> = None;
    loop {
        let mut page = match (&one, &last) {
            (Some(_), Some(_)) => break,
            (Some(one), None) => vec![one.clone()],
            (None, last) => store.rejected(tenant_id, last.as_ref(), BATCH).await?,
        };
        if stop.soft.is_cancelled() {
            return Err(Failure::new(ExitCode::Interrupted, "the retry was stopped")
                .hint("give the same command again: what was stored is off the list")
                .into());
        }
        retry_page(store, &client, tenant_id, lease.epoch, &page, &mut retried).await?;
        last = page.pop();
        if last.is_none() {
            break;
        }
    }
    let Retried {
        stored,
        gone,
        rejected,
    } = retried;
    let detail = format!("{stored} stored, {rejected} still rejected");
    audit::note(store, Some(tenant_id), "rejected retry", detail).await?;
    store.release(tenant_id, lease).await?;
    let object = json!({"stored": stored, "gone": gone, "rejected": rejected});
    let words = format_args!("{stored} stored, {gone} not final any more, {rejected} still rejected");
    result(context, &object, words)
}

async fn retry_page(
    store: &dyn Store,
    client: &Client,
    tenant: &TenantId,
    epoch: i64,
    page: &[RejectedTicket],
    retried: &mut Retried,
) -> anyhow::Result<()> {
    let now = clock::now();
    let mut batch = Batch {
        // Their raw forms are as old as that.
        read_at: page
            .iter()
            .map(|rejected| rejected.rejected_at)
            .min()
            .unwrap_or(now),
        ..Batch::new(Some(epoch), Source::BulkImport, now)
    };
    // Of tickets that were read, what they were read from.
    let mut read: HashMap<String, &RejectedTicket> = HashMap::new();
    for rejected in page {
        let rows = vec![Row::from_json(&rejected.raw)];
        let finished = client
            .finish(Window::anything(clock::now()), rows, HashMap::new())
            .await;
        if let Some(failure) = finished.failure {
            return Err(advice::explain(failure.into(), tenant));
        }
        match finished.outcomes.into_iter().next() {
            Some(Outcome::Ticket(ticket, original)) => {
                read.insert(ticket.id.to_string(), rejected);
                batch.tickets.push(Incoming {
                    ticket: *ticket,
                    raw: Arc::new(rejected.raw.clone()),
                    source_digest: Some(original.digest),
                });
            }
            Some(Outcome::Rejected(again)) => {
                retried.rejected += 1;
                let reason = reason(&rejected.reason, &again.reason);
                store.set_rejection_reason(tenant, &rejected.key, &reason).await?;
            }
            Some(Outcome::Unchanged) | None => {
                retried.gone += 1;
                store.forget_rejected(tenant, &rejected.key).await?;
            }
        }
    }
    let applied = store.apply(tenant, &batch).await?;
    for refused in &applied.refused {
        // The row of its ticket id says only why the database refuses it.
        let Some(id) = &refused.ticket_id else { continue };
        let Some(rejected) = read.get(id) else { continue };
        let reason = reason(&rejected.reason, &refused.reason);
        store.set_rejection_reason(tenant, id, &reason).await?;
        if rejected.key == *id {
            read.remove(id);
        }
    }
    for rejected in read.values() {
        store.forget_rejected(tenant, &rejected.key).await?;
    }
    retried.stored += applied.counts.imported + applied.counts.updated + applied.counts.skipped;
    retried.rejected += applied.counts.rejected;
    Ok(())
}

/// The first reason, and the newest one if it is another.
fn reason(before: &str, newest: &str) -> String {
    let first = before.split(AGAIN).next().unwrap_or(before);
    if newest == first {
        first.to_owned()
    } else {
        format!("{first}{AGAIN}{newest}")
    }
}

#[cfg(test)]
mod tests {
    use super::reason;

    #[test]
    fn the_first_reason_stays_and_only_the_newest_is_added() {
        assert_eq!(reason("it has no id", "it has no id"), "it has no id");
        let again = reason("its detail cannot be read", "it has no id");
        assert_eq!(again, "its detail cannot be read; tried again: it has no id");
        assert_eq!(
            reason(&again, "it has no resolved time"),
            "its detail cannot be read; tried again: it has no resolved time"
        );
        assert_eq!(
            reason(&again, "its detail cannot be read"),
            "its detail cannot be read"
        );
    }
}
