//! Reads which migrations were applied.

use crate::transaction::Transaction;
use crate::{Error, Result};

/// Returns the versions of the applied migrations. The login of the service has no rights of its own, so it switches to
/// the role of the service if it cannot read the table itself.
pub(super) async fn applied(mut transaction: Transaction<'_>) -> Result<Vec<i64>> {
    let mut readable = is_readable(&mut transaction).await?;
    if readable != Some(true) && become_service(&mut transaction).await? {
        readable = is_readable(&mut transaction).await?;
    }
    let versions = match readable {
        Some(true) => versions(&mut transaction).await?,
        Some(false) => {
            let why =
                "this user can neither read the schema's version nor switch to the role precedent_service";
            return Err(Error::NotIsolated(why.to_owned()));
        }
        None => Vec::new(),
    };
    transaction.rollback().await?;
    Ok(versions)
}

/// Returns whether the table of migrations can be read; `None` if there is none, or its schema may not be used.
async fn is_readable(transaction: &mut Transaction<'_>) -> Result<Option<bool>> {
    let (readable,): (Option<bool>,) = transaction
        .query("select has_table_privilege(to_regclass('_sqlx_migrations'), 'select')")
        .fetch_one()
        .await?;
    Ok(readable)
}

async fn versions(transaction: &mut Transaction<'_>) -> Result<Vec<i64>> {
    let rows: Vec<(i64,)> = transaction
        .query("select version from _sqlx_migrations")
        .fetch_all()
        .await?;
    Ok(rows.into_iter().map(|(version,)| version).collect())
}

/// Switches to the role of the service for the rest of the transaction, if it exists and the login may.
pub(super) async fn become_service(transaction: &mut Transaction<'_>) -> Result<bool> {
    transaction
        .query(
            "select set_config('role', rolname, true) from pg_roles
             where rolname = 'precedent_service' and pg_has_role(oid, 'member')",
        )
        .has_row()
        .await
}
