//! What the table holds of the rows of a page.

use super::context::RunContext;
use crate::Result;
use crate::source::{Page, Row, StoredTickets};

/// Looks up the rows of some pages in the table, where that spares a conversion or a request.
pub(super) async fn look_up_stored(
    context: &RunContext<'_>,
    pages: &[Page],
    is_empty: bool,
) -> Result<StoredTickets> {
    let rows = || pages.iter().flat_map(|page| &page.rows);
    // In an empty table only a thin row that comes twice is worth a lookup: it would cost a request.
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
