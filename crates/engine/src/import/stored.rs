//! Looks up the stored tickets of a page's rows.

use super::context::RunContext;
use crate::Result;
use crate::source::{Page, Row, StoredTickets};

/// Looks up the stored tickets of pages, if that saves conversions or requests.
pub(super) async fn look_up_stored(
    context: &RunContext<'_>,
    pages: &[Page],
    is_empty: bool,
) -> Result<StoredTickets> {
    let rows = || pages.iter().flat_map(|page| &page.rows);
    // In an empty table a lookup pays only for thin rows: a repeated one would cost a request.
    if !context.purpose.trusts_stored() || (is_empty && !rows().any(Row::is_thin)) {
        return Ok(StoredTickets::new());
    }
    let ids: Vec<_> = rows().filter_map(Row::id).collect();
    let stored = context.store.known(context.tenant, &ids).await?;
    let stored = stored
        .into_iter()
        .map(|(id, stored)| (id, context.purpose.stored(stored)));
    Ok(stored.collect())
}
