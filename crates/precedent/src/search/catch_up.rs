//! An index learns what the table has that it has not.

use anyhow::Context as _;
use store::Store;
use ticket::TenantId;

use super::index::TicketIndex;

/// Rows read at once.
const PAGE: u32 = 1_000;

/// Brings the index up to a revision of the table.
pub(crate) async fn catch_up(
    store: &dyn Store,
    tenant: &TenantId,
    index: &TicketIndex,
    revision: i64,
) -> anyhow::Result<()> {
    let seen = index.revision();
    if seen == revision {
        return Ok(());
    }
    let mut writer = index
        .writer()
        .context("write the search index; is another process at it?")?;
    // Rows that another program wrote have revision 0: they come with the first reading.
    let mut place = (seen, String::from(AFTER_ALL));
    loop {
        let changes = store.changes(tenant, (place.0, &place.1), PAGE).await?;
        let Some(last) = changes.last() else { break };
        place = (last.revision, last.id.to_string());
        for change in changes {
            match &change.ticket {
                Some(ticket) => writer.put(ticket)?,
                None => writer.remove(change.id.as_str()),
            }
        }
    }
    writer.commit(revision)
}

/// Sorts behind every id.
const AFTER_ALL: &str = "\u{10ffff}";
