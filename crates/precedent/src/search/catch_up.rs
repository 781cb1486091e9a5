//! An index learns what the table has that it has not.

use std::sync::Arc;

use store::{Change, Store};
use ticket::TenantId;

use super::index::TicketIndex;
use super::writer::Writer;

/// Rows read at once.
const PAGE: u32 = 250;

/// Pages after which the work is saved, so that whoever is stopped does not start again.
const PAGES: usize = 200;

/// Sorts behind every id.
const AFTER_ALL: &str = "\u{10ffff}";

/// Brings the index up to a revision of the table. The caller has the right to write it.
pub(super) async fn catch_up(
    store: &Arc<dyn Store>,
    tenant: &TenantId,
    index: &TicketIndex,
    revision: i64,
) -> anyhow::Result<()> {
    if index.revision() == revision {
        return Ok(());
    }
    let mut writer = index.writer()?;
    // Rows that another program wrote have revision 0: they come with the first reading.
    let mut place = (index.revision(), String::from(AFTER_ALL));
    for page in 1.. {
        let changes = store.changes(tenant, (place.0, &place.1), PAGE).await?;
        let Some(last) = changes.last() else { break };
        place = (last.revision, last.id.to_string());
        // Rows of the last revision may be still to come.
        let complete = place.0 - 1;
        writer = tokio::task::spawn_blocking(move || write(writer, &changes, page % PAGES == 0, complete))
            .await??;
    }
    tokio::task::spawn_blocking(move || writer.commit(revision)).await??;
    index.reload(revision)
}

fn write(mut writer: Writer, changes: &[Change], save: bool, complete: i64) -> anyhow::Result<Writer> {
    for change in changes {
        match &change.ticket {
            Some(ticket) => writer.put(ticket)?,
            None if change.expired => writer.forget(change.id.as_str()),
            None => writer.remove(change.id.as_str()),
        }
    }
    if save {
        writer = writer.save(complete)?;
    }
    Ok(writer)
}
