//! Brings an index up to date with the table.
//!
//! Memory is bounded whatever the helpdesk sent: the store truncates each text, a page of large rows is smaller, and
//! the writer commits before its queue grows too large. Builds of several tenants take turns (see [`super::turns`]).

use anyhow::ensure;
use store::{Change, Store};
use ticket::TenantId;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use super::ticket_index::TicketIndex;
use super::turns::{Turn, Turns};
use super::writer::{Writer, text_bytes};

/// Rows of the first page, and maximum rows per page. The store truncates texts, so that no page exceeds 80 MB.
const FIRST_PAGE: u32 = 25;
const PAGE: u32 = 100;

/// Bytes of text per page: a page with more halves the number of rows of the next one.
const PAGE_BYTES: usize = 8 << 20;

/// Commit after this number of rows, so that an interrupted build resumes.
const ROWS: usize = 50_000;

/// Text that sorts after every id.
const AFTER_ALL: &str = "\u{10ffff}";

/// Place in the list of changes: after this revision and id.
struct Place {
    revision: i64,
    id: String,
    /// Rows of the next page.
    rows: u32,
}

/// Brings the index up to a revision of the table, in one or more turns. The caller holds the tenant's lock file.
///
/// # Errors
/// Those of store and index; or `stop` was cancelled, which is checked before each ticket.
pub(crate) async fn catch_up(
    store: &Store,
    tenant: &TenantId,
    index: &TicketIndex,
    revision: i64,
    turns: &Turns,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    if index.revision() == revision {
        return Ok(());
    }
    // Rows that another program wrote have revision 0, so the first build reads them.
    let mut place = Place {
        revision: index.revision(),
        id: String::from(AFTER_ALL),
        rows: FIRST_PAGE,
    };
    let mut turn = turns.first().await?;
    loop {
        let (writer, is_done) = work(store, tenant, index.writer()?, &mut place, &mut turn, stop).await?;
        // A waiting build buffers nothing: the writer ends with its turn.
        let reached = if is_done { revision } else { place.revision - 1 };
        spawn_blocking(move || writer.commit(reached)).await??;
        if is_done {
            return index.reload(revision);
        }
        drop(turn);
        turn = turns.further().await?;
    }
}

/// Writes changes until there are no more, or the turn is over; returns whether there are no more.
async fn work(
    store: &Store,
    tenant: &TenantId,
    mut writer: Writer,
    place: &mut Place,
    turn: &mut Turn<'_>,
    stop: &CancellationToken,
) -> anyhow::Result<(Writer, bool)> {
    let mut unsaved = 0;
    while !turn.is_over() {
        let changes = store
            .changes(tenant, (place.revision, &place.id), place.rows)
            .await?;
        let Some(last) = changes.last() else {
            return Ok((writer, true));
        };
        (place.revision, place.id) = (last.revision, last.id.to_string());
        let tickets = changes.iter().filter_map(|change| change.ticket.as_ref());
        place.rows = next_page(place.rows, tickets.map(text_bytes).sum());
        turn.count(changes.len());
        unsaved += changes.len();
        let save = unsaved >= ROWS;
        if save {
            unsaved = 0;
        }
        let stop = stop.clone();
        writer = spawn_blocking(move || write(writer, &changes, save, &stop)).await??;
    }
    Ok((writer, false))
}

/// Returns the number of rows of the next page, after a page of `rows` rows with `bytes` bytes of text.
fn next_page(rows: u32, bytes: usize) -> u32 {
    if bytes > PAGE_BYTES {
        (rows / 2).max(1)
    } else {
        (rows * 2).min(PAGE)
    }
}

fn write(
    mut writer: Writer,
    changes: &[Change],
    save: bool,
    stop: &CancellationToken,
) -> anyhow::Result<Writer> {
    for change in changes {
        ensure!(!stop.is_cancelled(), "the service stops");
        match &change.ticket {
            Some(ticket) => writer.put(ticket)?,
            None if change.expired => writer.forget(change.id.as_str()),
            None => writer.remove(change.id.as_str()),
        }
        if writer.is_full() {
            writer = save_before(writer, change)?;
        }
    }
    match changes.last() {
        Some(last) if save => save_before(writer, last),
        _ => Ok(writer),
    }
}

/// Saves with the checkpoint before this change's revision, because more rows of that revision may follow.
fn save_before(writer: Writer, change: &Change) -> anyhow::Result<Writer> {
    writer.save(change.revision - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_rows_make_small_pages() {
        assert_eq!(next_page(FIRST_PAGE, 50_000), 50);
        assert_eq!(next_page(PAGE, 50_000), PAGE);
        assert_eq!(next_page(PAGE, PAGE_BYTES + 1), 50);
        assert_eq!(next_page(1, PAGE_BYTES + 1), 1);
    }
}
