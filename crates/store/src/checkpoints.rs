//! Checkpoints of runs, stored with the batch that they follow.

use ticket::TenantId;

use crate::connection::Connection;
use crate::{Checkpoint, Counts, Error, Result};

/// Moves the window's cursor and adds the batch's counts to the run.
pub(crate) async fn store(
    connection: &mut Connection,
    tenant: &TenantId,
    checkpoint: &Checkpoint,
    counts: &Counts,
    withdrawn: u64,
) -> Result<()> {
    let moved = connection
        .query(
            "update import_windows set cursor = coalesce($4, cursor), done = (done or $5)
             where tenant_id = $1 and run_id = $2 and position = $3
             returning position",
        )
        .bind(tenant.as_str())
        .bind(checkpoint.run.to_string())
        .bind(checkpoint.window)
        .bind(&checkpoint.cursor)
        .bind(checkpoint.window_done)
        .has_row()
        .await?;
    if !moved {
        return Err(Error::UnknownWindow(checkpoint.run));
    }
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    connection
        .query(
            "update import_runs set imported = imported + $3, updated = updated + $4, skipped = skipped + $5,
                    rejected = rejected + $6, withdrawn = withdrawn + $7,
                    latest_change = case when latest_change >= $8 then latest_change
                                         else coalesce($8, latest_change) end
             where tenant_id = $1 and run_id = $2",
        )
        .bind(tenant.as_str())
        .bind(checkpoint.run.to_string())
        .bind(number(counts.imported))
        .bind(number(counts.updated))
        .bind(number(counts.skipped))
        .bind(number(counts.rejected))
        .bind(number(withdrawn))
        .bind(checkpoint.latest_change)
        .execute()
        .await
}

/// Returns whether the checkpoint is stored: after a connection broke during the commit.
pub(crate) async fn is_stored(
    connection: &mut Connection,
    tenant: &TenantId,
    checkpoint: &Checkpoint,
) -> Result<bool> {
    let row: Option<(Option<String>, bool)> = connection
        .query(
            "select cursor, done from import_windows
             where tenant_id = $1 and run_id = $2 and position = $3",
        )
        .bind(tenant.as_str())
        .bind(checkpoint.run.to_string())
        .bind(checkpoint.window)
        .fetch_optional()
        .await?;
    Ok(row.is_some_and(|(cursor, done)| {
        (checkpoint.cursor.is_none() || cursor == checkpoint.cursor) && (done || !checkpoint.window_done)
    }))
}
